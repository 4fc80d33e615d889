/* A field that searches as you type and picks one answer.

   <input data-combobox data-src="/…?limit=8" data-target="id of a hidden input" [data-panel="id"]
          [data-submit] data-text-none data-text-count="{n} …" data-text-failed>   inside .combobox
   The server is told `q` by POST at data-src and answers with options, nothing else:
     <li role="option" data-value="…" data-label="Hultsfreds kommun">…</li>
   and on an option, when wanted:
     data-fill-<name>="…"   sets the control called <name> in the same form (each is emptied when the words change)
     data-panel-src="…"     a fragment to show in the panel: what we know already, who called before;
     data-panel-tell="…"    is what it is told, as a form would send it
     data-href="…"          goes there instead
     data-create            an offer to make something new; looks and sorts apart, is chosen alike
   Fires `combobox:choose` (detail: the option's dataset) on the input, `combobox:clear` when the choice is undone,
   `combobox:keep` when Enter is pressed and there is nothing to choose: the words stay as they are.
   Without scripts the form sends the words (<name>_text) and the server answers with choices. */

import { announce, enhanceWith, put, tell } from "./fragments.js";
import { Listbox } from "./listbox.js";

const WAIT = 80;
let counter = 0;

function fills(option) {
  return [...option.attributes]
    .filter((attribute) => attribute.name.startsWith("data-fill-"))
    .map((attribute) => [attribute.name.slice("data-fill-".length), attribute.value]);
}

function set(control, value) {
  if (!control || control.value === value) return;
  control.value = value;
  control.dispatchEvent(new Event("change", { bubbles: true }));
}

function start(input) {
  const box = input.closest(".combobox") ?? input.parentElement;
  const list = document.createElement("ul");
  list.className = "options";
  list.id = `combobox-${++counter}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.labels?.[0]?.textContent.trim() ?? "");
  list.hidden = true;
  box.append(list);
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list", autocomplete: "off",
  })) input.setAttribute(name, value);

  let timer, controller, filled = [], asked = null, shown = null, chosen = input.value;   // shown: the words the list answers
  const target = () => document.getElementById(input.dataset.target);
  const panel = () => document.getElementById(input.dataset.panel);
  const control = (name) => input.form?.elements.namedItem(name);
  const open = (yes) => {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (!yes) listbox.mark(null);
  };

  const choose = async (option) => {
    clearTimeout(timer);
    controller?.abort();
    if (option.dataset.href) { location.assign(option.dataset.href); return; }
    chosen = input.value = option.dataset.label ?? option.textContent.trim();
    open(false);
    set(target(), option.dataset.value ?? "");
    for (const name of filled) set(control(name), "");
    filled = fills(option).map(([name]) => name);
    for (const [name, value] of fills(option)) set(control(name), value);
    input.dispatchEvent(new CustomEvent("combobox:choose", { bubbles: true, detail: { ...option.dataset } }));
    const place = panel();
    if (place && option.dataset.panelSrc) {
      try {
        const answer = await tell(option.dataset.panelSrc, option.dataset.panelTell ?? "");
        if (answer.ok && input.value === chosen) put(place, await answer.text());
      } catch { /* what is known is a help, never a condition */ }
    }
    if (input.hasAttribute("data-submit")) input.form?.requestSubmit();
  };

  const listbox = new Listbox(input, list, { onChoose: choose });

  const clear = () => {
    if (chosen === null) return;
    chosen = null;
    set(target(), "");
    for (const name of filled) set(control(name), "");
    filled = [];
    const place = panel();
    if (place) place.replaceChildren();
    input.dispatchEvent(new CustomEvent("combobox:clear", { bubbles: true }));
  };

  const search = async () => {
    const words = input.value.trim();
    if (words === shown && !list.hidden) return;
    asked = words;
    controller?.abort();
    if (!words) { list.replaceChildren(); open(false); return; }
    controller = new AbortController();
    const told = new URLSearchParams({ q: words });
    for (const name of (input.dataset.with ?? "").split(" ").filter(Boolean)) told.set(name, control(name)?.value ?? "");
    box.setAttribute("aria-busy", "true");
    try {
      const answer = await tell(input.dataset.src, told, { signal: controller.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (asked !== words) return;
      put(list, html);
      shown = words;
      const found = listbox.options.length;
      if (!found) saying(input.dataset.textNone);
      listbox.refresh({ first: found > 0 });
      open(document.activeElement === input);
      announce(found ? input.dataset.textCount?.replace("{n}", found) ?? "" : input.dataset.textNone ?? "");
    } catch (error) {
      if (error.name === "AbortError") return;
      saying(input.dataset.textFailed);
      open(true);
    } finally {
      box.removeAttribute("aria-busy");
    }
  };

  function saying(text) {
    const line = document.createElement("li");
    line.setAttribute("role", "option");
    line.setAttribute("aria-disabled", "true");
    line.textContent = text ?? "";
    list.replaceChildren(line);
  }

  input.addEventListener("input", () => {
    clear();
    clearTimeout(timer);
    timer = setTimeout(search, WAIT);
  });
  input.addEventListener("focus", () => { if (chosen === null && list.childElementCount) open(true); });
  input.addEventListener("blur", () => open(false));
  input.addEventListener("keydown", async (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { if (list.childElementCount) open(true); else search(); }
      listbox.step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      // A fast hand types and presses Enter before the answer is there: then the answer's first line is meant.
      if (chosen === null && input.value.trim()) {
        event.preventDefault();
        const words = input.value.trim();
        if (shown !== words) { clearTimeout(timer); await search(); }
        if (input.value.trim() !== words) return;
        if (listbox.active && shown === words) choose(listbox.active);
        else if (!listbox.active) { open(false); input.dispatchEvent(new CustomEvent("combobox:keep", { bubbles: true })); }
      }
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();   // closes the list, not the dialog around it
      event.stopPropagation();
      open(false);
    } else if (event.key === "Tab" && !list.hidden && listbox.active && chosen === null && shown === input.value.trim()) {
      choose(listbox.active);
      if (document.activeElement !== input) event.preventDefault();   // the form has moved the focus on already
    }
  });
  if (!target()?.value) chosen = input.value ? null : chosen;
}

enhanceWith((root) => {
  for (const input of root.querySelectorAll("input[data-combobox]:not([role='combobox'])")) start(input);
});
