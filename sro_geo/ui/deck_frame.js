// Shows a deck over the whole window: everything behind it rests, the keys are the deck's.
// The deck is our own page: it tells when Escape has nothing left to close, and that leads back.
const FOCUS_TRIES = 30;

function leaver(document, words, end) {
  const button = document.createElement("button");
  button.type = "button";
  button.id = "sro-end";
  button.textContent = words.end;
  button.title = `${words.end} (Escape)`;
  button.setAttribute("aria-keyshortcuts", "Escape");
  button.addEventListener("click", end);
  return button;
}

function focusAfter(key) {
  let tries = 0;
  const timer = setInterval(() => {
    const button = document.querySelector(`.st-key-${key} button`);
    if (button && !button.closest("[data-stale=true]")) button.focus();
    if (button || ++tries > FOCUS_TRIES) clearInterval(timer);
  }, 100);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const dialog = parentElement.querySelector("dialog");
  if (dialog.dataset.shown === data.stamp) return undefined;
  dialog.dataset.shown = data.stamp;
  const page = URL.createObjectURL(new Blob([data.html], { type: "text/html" }));
  const frame = document.createElement("iframe");
  frame.title = data.words.title;
  frame.allow = "fullscreen";
  let over = false;
  const told = (event) => {
    if (event.source === frame.contentWindow && event.data?.sroDeck === "leave") end();
  };
  const end = () => {
    if (over) return;
    over = true;
    if (document.fullscreenElement) document.exitFullscreen();
    dialog.close();
    focusAfter(data.back);
    setTriggerValue("ended", { stamp: data.stamp });
  };
  addEventListener("message", told);
  frame.addEventListener("load", () => {
    const inner = frame.contentWindow;
    const bar = inner.document.querySelector("nav");
    if (bar) bar.append(leaver(inner.document, data.words, end));
    else dialog.append(leaver(document, data.words, end));
    inner.focus();
    dialog.dataset.ready = "true";
  });
  frame.src = `${page}#${encodeURIComponent(data.first)}`;
  dialog.replaceChildren(frame);
  dialog.setAttribute("aria-label", data.words.title);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); end(); });
  if (!dialog.open) dialog.showModal();
  return () => {
    removeEventListener("message", told);
    if (dialog.open) dialog.close();
    URL.revokeObjectURL(page);
  };
}
