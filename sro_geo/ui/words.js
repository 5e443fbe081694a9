// Streamlit's own words stay English whatever the language of the page. This puts the page's
// language on the document and says those words in it, for eyes and screen readers alike.
(() => {
  const { language, words, patterns, frames } = SETTINGS;
  document.documentElement.lang = language;
  const said = (text) => {
    const plain = text.trim();
    if (Object.hasOwn(words, plain)) return text.replace(plain, words[plain]);
    for (const [start, end, template] of patterns) {
      if (plain.startsWith(start) && plain.includes(end)) {
        const rest = plain.slice(start.length);
        const at = end ? rest.indexOf(end) : rest.length;
        return template.replace("{}", rest.slice(0, at)) + rest.slice(at + end.length);
      }
    }
    return text;
  };
  const places = [
    "[data-testid=stFileUploader]", "[data-testid=InputInstructions]",
    "[data-baseweb=popover]", "[role=listbox]", "[data-testid=stDateInput]",
  ].join(",");
  const labels = ["aria-label", "title", "placeholder"];

  const translate = (root) => {
    for (const element of root.querySelectorAll("[aria-label],[title],[placeholder]")) {
      for (const name of labels) {
        const value = element.getAttribute(name);
        if (!value) continue;
        const next = said(value);
        if (next !== value) element.setAttribute(name, next);
      }
    }
    for (const [title, label] of frames) {
      for (const frame of root.querySelectorAll(`iframe[title^="${title}"]`)) {
        if (frame.getAttribute("aria-label") !== label) frame.setAttribute("aria-label", label);
      }
    }
    for (const place of document.querySelectorAll(places)) {
      const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node; node = texts.nextNode()) {
        const next = said(node.nodeValue);
        if (next !== node.nodeValue) node.nodeValue = next;
      }
    }
  };

  window.sroWords?.disconnect();
  let waiting = false;
  window.sroWords = new MutationObserver(() => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; translate(document.body); });
  });
  window.sroWords.observe(document.body, {
    childList: true, subtree: true, attributes: true, attributeFilter: labels,
  });
  translate(document.body);
})();
