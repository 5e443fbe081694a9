// A slide of the deck in small. The deck's own markup, in a shadow of its own; what it holds is
// escaped where it is made, and here once more nothing is left that could run or load.
const UNWANTED = "script,style,iframe,object,embed,link,meta,base,form,foreignObject,template,"
  + ".mapped details,.mapped .tables";
const NARROW = 480;

function cleaned(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const node of parsed.querySelectorAll(UNWANTED)) node.remove();
  for (const node of parsed.querySelectorAll("*")) {
    for (const { name, value } of [...node.attributes]) {
      if (/^on/i.test(name) || (/^(xlink:)?(href|src)$/i.test(name) && !value.startsWith("#"))) {
        node.removeAttribute(name);
      }
    }
    node.removeAttribute("hidden");
    node.removeAttribute("tabindex");
  }
  return parsed.querySelectorAll("section");
}

export default function ({ data, parentElement }) {
  const stage = parentElement.querySelector(".slide");
  const holder = stage.parentElement;
  const watch = new ResizeObserver(() => {
    const narrow = holder.clientWidth < NARROW;
    stage.classList.toggle("stage", !narrow);
    stage.classList.toggle("narrow", narrow);
  });
  watch.observe(holder);
  const stop = () => watch.disconnect();
  stage.setAttribute("aria-label", data.label);
  if (stage.dataset.stamp === data.stamp) return stop;
  stage.dataset.stamp = data.stamp;
  stage.replaceChildren(...cleaned(data.html));
  return stop;
}
