/* Search and go: one field for the pages of the program and everything in it.

   <input data-palette-open> opens it (click, the first letter typed, / or Ctrl+K); its own form searches without scripts. Pages are the links marked data-palette;
   the rest comes from the dialog's data-src, which is told `q` by POST, as <li role="option" data-href="…"> lines.
   The last line sends the opener's own form: what is sought stands in no address. */

import { announce, put, tell } from "./fragments.js";
import { openDialog } from "./dialogs.js";
import { Listbox } from "./listbox.js";

const dialog = document.getElementById("palette");
const opener = document.querySelector("[data-palette-open]");

if (dialog?.showModal && opener) {
  const input = dialog.querySelector(".palette-input");
  const list = dialog.querySelector("[role=listbox]");
  let timer, controller, asked = "", answering;
  const fold = (text) => text.normalize("NFC").toLocaleLowerCase("sv");

  const pages = () => {
    const seen = new Set();
    return [...document.querySelectorAll("[data-palette]")].flatMap((link) => {
      const href = link.getAttribute("href");
      if (!href || seen.has(href)) return [];
      seen.add(href);
      const label = (link.querySelector(".nav-label") ?? link).textContent.trim();
      return [{ href, label, icon: link.querySelector(".icon"), key: link.dataset.key }];
    });
  };

  const line = ({ href, label, icon, key }) => {
    const option = document.createElement("li");
    option.setAttribute("role", "option");
    if (href) option.dataset.href = href;
    if (icon) option.append(icon.cloneNode(true));
    const text = document.createElement("span");
    text.className = "option-text";
    text.textContent = label;
    option.append(text);
    if (key && document.body.dataset.shortcuts !== "off") {
      const kbd = document.createElement("kbd");
      kbd.setAttribute("aria-hidden", "true");
      kbd.textContent = key;
      option.append(kbd);
    }
    return option;
  };

  const go = (option, event) => {
    if (option?.dataset.everything) { opener.value = option.dataset.everything; opener.form.requestSubmit(); return; }
    if (!option?.dataset.href) return;
    if (event?.ctrlKey || event?.metaKey) window.open(option.dataset.href, "_blank", "noopener");
    else location.assign(option.dataset.href);
    dialog.close();
  };
  const listbox = new Listbox(input, list, { onChoose: go });

  const everything = (words) => {
    const option = line({ label: dialog.dataset.textAll.replace("{q}", words), icon: opener.parentElement.querySelector(".icon") });
    option.dataset.everything = words;
    return option;
  };

  const look = async () => {
    const words = input.value.trim();
    asked = words;
    controller?.abort();
    const own = pages().filter((page) => fold(page.label).includes(fold(words))).map(line);
    if (words.length < 2) { list.replaceChildren(...own); listbox.refresh({ first: true }); return; }
    controller = new AbortController();
    try {
      const answer = await tell(dialog.dataset.src, { q: words }, { signal: controller.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const html = await answer.text();
      if (asked !== words) return;
      const found = document.createElement("ul");
      put(found, html);
      const options = [...found.querySelectorAll('[role="option"]')];
      list.replaceChildren(...own, ...options, everything(words));
      listbox.refresh({ first: true });
      announce(options.length + own.length ? dialog.dataset.textCount.replace("{n}", options.length + own.length) : dialog.dataset.textNone);
    } catch (error) {
      if (error.name === "AbortError") return;
      list.replaceChildren(...own, everything(words));
      listbox.refresh({ first: true });
      announce(dialog.dataset.textFailed);
    }
  };

  const search = () => { clearTimeout(timer); answering = look(); return answering; };

  const open = (words = "") => {
    openDialog(dialog);
    input.value = words;
    input.focus();
    search();
  };

  // Not on focus: tabbing past a field must not open anything (WCAG 3.2.1). A click, a key or the first letter does.
  opener.addEventListener("mousedown", (event) => { event.preventDefault(); open(opener.value); });
  opener.addEventListener("click", () => open(opener.value));
  opener.addEventListener("palette:open", () => open(opener.value));
  opener.addEventListener("input", () => {
    const words = opener.value;
    opener.value = "";
    open(words);
  });
  dialog.addEventListener("close", () => controller?.abort());
  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 80); });
  input.addEventListener("keydown", async (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); listbox.step(event.key === "ArrowDown" ? 1 : -1); }
    else if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      // A fast hand presses Enter before the answer is there: then the answer's first line is meant.
      const words = input.value.trim();
      await (asked === words ? answering : search());
      if (dialog.open && input.value.trim() === words) go(listbox.active, event);
    }
  });
}
