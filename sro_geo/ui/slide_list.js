// The slides of a story in their order: choose, move, duplicate, remove; by mouse, by keyboard.
// Text is set with textContent only: data never becomes markup.
const STEPS = { ArrowUp: -1, ArrowDown: 1 };
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  duplicate: "M9 9h11v11H9zM15 9V4H4v11h5",
  remove: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
};

function words(className, text) {
  const span = document.createElement("span");
  span.className = className;
  span.dir = "auto";
  span.textContent = text;
  return span;
}

function drawing(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".slides");
  const said = parentElement.querySelector("[role=status]");
  const memory = root.sroMemory ??= { moved: null, dragged: null };
  const before = root.querySelector("ol");
  const scrolled = before ? before.scrollTop : 0;
  const focused = root.getRootNode().activeElement?.dataset;
  const held = focused?.slide ? { slide: focused.slide, act: focused.act } : null;
  const { slides, editable } = data;
  const place = (id) => slides.findIndex((slide) => slide.id === id);
  const choose = (id) => setTriggerValue("chosen", { id });
  const act = (what, id, to) => setTriggerValue("acted", { what, id, to, nonce: Date.now() });

  function move(id, to) {
    const from = place(id);
    if (to < 0 || to >= slides.length || to === from) return;
    memory.moved = { id, to };
    act("move", id, to);
  }

  const list = document.createElement("ol");
  list.setAttribute("aria-label", data.words.label);
  if (data.height) list.style.maxHeight = `${data.height}px`;

  function tool(slide, name, run, off = false) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tool";
    button.dataset.slide = slide.id;
    button.dataset.act = name;
    button.title = data.words[name];
    button.setAttribute("aria-label", `${data.words[name]}: ${slide.title}`);
    // Not disabled: at the end of the way the focus stays where it is.
    if (off) button.setAttribute("aria-disabled", "true");
    button.append(drawing(name));
    button.addEventListener("click", () => { if (!off) run(); });
    return button;
  }

  slides.forEach((slide, index) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "choose";
    button.dataset.slide = slide.id;
    button.dataset.act = "choose";
    if (slide.selected) {
      item.className = "selected";
      button.setAttribute("aria-current", "true");
    }
    if (editable) button.setAttribute("aria-keyshortcuts", "Alt+ArrowUp Alt+ArrowDown Delete");
    const middle = document.createElement("span");
    middle.className = "middle";
    middle.append(words("title", slide.title));
    if (slide.note) middle.append(words("note", slide.note));
    if (slide.warning) middle.append(words("warning", slide.warning));
    button.append(words("number", String(index + 1)), middle);
    button.addEventListener("click", () => choose(slide.id));
    button.addEventListener("keydown", (event) => {
      const step = STEPS[event.key];
      if (step && event.altKey && editable) move(slide.id, index + step);
      else if (step && !event.altKey) list.children[index + step]?.querySelector(".choose").focus();
      else if (event.key === "Delete" && editable) act("remove", slide.id, index);
      else return;
      event.preventDefault();
    });
    item.append(button);
    if (editable && slide.selected) {
      const tools = document.createElement("span");
      tools.className = "tools";
      tools.append(
        tool(slide, "up", () => move(slide.id, index - 1), index === 0),
        tool(slide, "down", () => move(slide.id, index + 1), index === slides.length - 1),
        tool(slide, "duplicate", () => act("duplicate", slide.id, index + 1)),
        tool(slide, "remove", () => act("remove", slide.id, index)),
      );
      item.append(tools);
    }
    if (editable) {
      item.draggable = true;
      item.addEventListener("dragstart", (event) => {
        memory.dragged = slide.id;
        event.dataTransfer.effectAllowed = "move";
        event.dataTransfer.setData("text/plain", slide.title);
      });
      item.addEventListener("dragover", (event) => {
        if (!memory.dragged || memory.dragged === slide.id) return;
        event.preventDefault();
        item.classList.toggle("drop-before", place(memory.dragged) > index);
        item.classList.toggle("drop-after", place(memory.dragged) < index);
      });
      const clear = () => item.classList.remove("drop-before", "drop-after");
      item.addEventListener("dragleave", clear);
      item.addEventListener("drop", (event) => {
        event.preventDefault();
        clear();
        if (memory.dragged) move(memory.dragged, index);
        memory.dragged = null;
      });
      item.addEventListener("dragend", () => { memory.dragged = null; });
    }
    list.append(item);
  });
  root.replaceChildren(list);
  list.scrollTop = scrolled;

  const current = list.querySelector(".selected");
  if (held) {
    const own = `[data-slide="${CSS.escape(held.slide)}"]`;
    const next = list.querySelector(`${own}[data-act="${held.act}"]`)
      ?? list.querySelector(`${own}[data-act="choose"]`) ?? current?.querySelector(".choose");
    next?.focus({ preventScroll: true });
  }
  const chosen = slides.find((slide) => slide.selected)?.id;
  if (current && chosen !== memory.chosen) {
    const low = current.offsetTop + current.offsetHeight - list.clientHeight;
    if (list.scrollTop > current.offsetTop) list.scrollTop = current.offsetTop;
    else if (list.scrollTop < low) list.scrollTop = low;
  }
  memory.chosen = chosen;
  if (memory.moved && place(memory.moved.id) === memory.moved.to) {
    const { id, to } = memory.moved;
    said.textContent = fill(data.words.moved, {
      title: slides[to].title, n: to + 1, of: slides.length, id,
    });
    memory.moved = null;
  }
}
