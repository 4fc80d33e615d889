/* The keyboard.

   data-key="w"       on a link, button, summary or field: that key clicks (or focuses) it; the first one shown wins,
                      and inside a list's current item (data-item) that item's own wins
   data-key="g t"     two keys in a row
   data-key-label     its words in the help, where the element's own would not do
   data-list          a list to step with j and k; its steps are [data-item], or rows and list items
   data-open          the link of an item that gets the focus (else its first link or button)
   Ctrl+Enter         sends the form that has the focus
   <body data-shortcuts="off"> switches single-letter keys off (WCAG 2.1.4); Ctrl+K and Ctrl+Enter remain. */

const TYPING = "input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [contenteditable]";
const SEQUENCE = 1200;

let prefix = "", since = 0;

const letters = () => document.body.dataset.shortcuts !== "off";
const layer = () => [...document.querySelectorAll("dialog[open]")].at(-1) ?? document;
const isShown = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

function find(key) {
  const current = document.activeElement?.closest?.("[data-item], [data-list] > *");
  const within = (root) => [...root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  const own = current ? within(current).find(isShown) : null;
  if (own) return own;
  // A control in a closed menu may be meant by its key; it is not shown, yet it is there.
  const all = within(layer());
  return all.find((element) => isShown(element) && !element.closest("[data-item]"))
    ?? all.find((element) => element.closest("details:not([open])") && !element.closest("[hidden], [data-item]"))
    ?? all.find(isShown);
}

function press(element) {
  if (element.matches("[data-palette-open]")) { element.dispatchEvent(new CustomEvent("palette:open")); return; }
  if (element.matches(TYPING)) { element.focus(); element.select?.(); return; }
  if (element.matches("summary")) { element.parentElement.open = !element.parentElement.open; element.focus(); return; }
  element.click();
}

function steps() {
  const root = layer();
  const list = document.activeElement?.closest?.("[data-list]") ?? [...root.querySelectorAll("[data-list]")].find(isShown);
  if (!list) return [];
  const items = list.querySelectorAll("[data-item]");
  return [...(items.length ? items : list.children)].filter(isShown);
}

function step(by) {
  const items = steps();
  if (!items.length) return false;
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const item = items[Math.max(0, Math.min(items.length - 1, at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by))];
  const target = item.querySelector("[data-open]") ?? item.querySelector("a[href]") ?? item.querySelector("button, summary");
  if (target) target.focus();
  else { item.tabIndex = -1; item.focus(); }
  item.scrollIntoView({ block: "nearest" });
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest?.("form");
    if (form && event.target.matches(TYPING + ", button, input")) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    const search = document.querySelector("[data-palette-open]");
    if (search) { event.preventDefault(); search.dispatchEvent(new CustomEvent("palette:open", { bubbles: true })); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || !letters()) return;
  if (event.key.length !== 1 || event.target.closest?.(TYPING)) { prefix = ""; return; }
  if (event.target.closest?.("details.menu[open] .menu-panel")) return;

  const key = event.key;
  const sequence = prefix && event.timeStamp - since < SEQUENCE ? `${prefix} ${key}` : key;
  prefix = "";
  const element = find(sequence);
  if (element) { event.preventDefault(); press(element); return; }
  if (document.querySelector(`[data-key^="${CSS.escape(key)} "]`)) { prefix = key; since = event.timeStamp; event.preventDefault(); return; }
  if (key === "j" || key === "k") { if (step(key === "j" ? 1 : -1)) event.preventDefault(); }
});

// The help lists what the page itself declares, so that it can never be wrong.
document.getElementById("keys")?.addEventListener("dialog:open", (event) => {
  const place = event.target.querySelector("[data-keys]");
  const seen = new Set();
  place.replaceChildren();
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key;
    if (seen.has(key) || element.closest("[hidden]")) continue;
    seen.add(key);
    const dt = document.createElement("dt");
    for (const part of key.split(" ")) {
      const kbd = document.createElement("kbd");
      kbd.textContent = part;
      dt.append(kbd, " ");
    }
    const dd = document.createElement("dd");
    const copy = element.cloneNode(true);
    for (const extra of copy.querySelectorAll("kbd, .nav-count, .visually-hidden")) extra.remove();
    dd.textContent = element.dataset.keyLabel || element.getAttribute("aria-label") || copy.textContent.trim() || element.title;
    place.append(dt, dd);
  }
});
