// Draws the entries as buttons. Text is set with textContent only: data never becomes markup.
const SVG = "http://www.w3.org/2000/svg";

function symbol(entry) {
  if (!entry.path) return document.createElement("span");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-12 -12 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", entry.path);
  shape.setAttribute("fill", entry.colour);
  svg.append(shape);
  return svg;
}

function words(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".results");
  const before = root.querySelector("ol");
  const scrolled = before ? before.scrollTop : 0;
  const focused = root.getRootNode().activeElement?.dataset?.id;
  const list = document.createElement("ol");
  list.setAttribute("aria-label", data.label);
  if (data.height) {
    list.className = "scroll";
    list.style.maxHeight = `${data.height}px`;
  }
  for (const entry of data.entries) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.id = entry.id;
    if (entry.selected) button.setAttribute("aria-current", "true");
    const middle = document.createElement("span");
    middle.style.display = "grid";
    middle.append(words("title", entry.title));
    if (entry.subtitle) middle.append(words("subtitle", entry.subtitle));
    if (entry.note) middle.append(words("note", entry.note));
    button.append(symbol(entry), middle, words("badge", entry.badge));
    button.addEventListener("click", () => setTriggerValue("chosen", { id: entry.id }));
    item.append(button);
    list.append(item);
  }
  root.replaceChildren(list);
  list.scrollTop = scrolled;
  if (focused) root.querySelector(`button[data-id="${CSS.escape(focused)}"]`)?.focus();
}
