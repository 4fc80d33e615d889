/* Native dialogs, menus and explained words.

   data-dialog="<id>"    on a link or button: opens that <dialog>; a link keeps its address for new tabs and for no scripts
   data-close            inside a dialog: closes it
   data-put              on a link inside a menu: what it leads to takes its place when the menu opens
   A click on the backdrop closes too. `dialog:open` is fired on a dialog after it opened. */

import { ask, isSignIn, put } from "./fragments.js";

export function openDialog(dialog) {
  if (!dialog || dialog.open) return;
  for (const other of document.querySelectorAll("dialog[open]")) other.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  dialog.showModal();
  dialog.dispatchEvent(new CustomEvent("dialog:open"));
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog]");
  if (opener && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog?.showModal) {
      event.preventDefault();
      openDialog(dialog);
      return;
    }
  }
  if (event.target.closest?.("[data-close]")) event.target.closest("dialog")?.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// On the backdrop: the press must begin there too, or selecting text would close the dialog.
let pressed = null;
document.addEventListener("mousedown", (event) => { pressed = event.target; });
document.addEventListener("mouseup", (event) => {
  if (event.target instanceof HTMLDialogElement && pressed === event.target) {
    const box = event.target.getBoundingClientRect();
    const outside = event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
    if (outside) event.target.close();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest?.("details.menu[open]") ?? document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
    event.preventDefault();
    return;
  }
  for (const term of document.querySelectorAll(".term:hover, .term:focus-within")) term.classList.add("is-dismissed");
});

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLDetailsElement) || !menu.classList.contains("menu") || !menu.open) return;
  for (const other of document.querySelectorAll("details.menu[open]")) if (other !== menu) other.open = false;
  keepOnScreen(menu);
  const link = menu.querySelector("a[data-put]");
  if (link) fill(link).then(() => keepOnScreen(menu));
}, true);

// Below its button where there is room, else above it; never taller than the room. On a phone the
// style sheet has put it at the foot of the screen, whatever stands here.
function keepOnScreen(menu) {
  const panel = menu.querySelector(".menu-panel");
  const button = menu.querySelector("summary").getBoundingClientRect();
  if (!panel) return;
  panel.style.removeProperty("--room");
  const top = menu.closest(".topbar") ? 0 : document.querySelector(".topbar")?.getBoundingClientRect().bottom ?? 0;
  const gap = 12;
  const below = document.documentElement.clientHeight - button.bottom - gap;
  const above = button.top - top - gap;
  const isAbove = panel.offsetHeight > below && above > below;
  panel.classList.toggle("is-above", isAbove);
  // Over the row it belongs to, where its row has the room, and not over the menu beside it.
  panel.classList.toggle("is-start", Boolean(menu.closest(".reminder")) && button.left + panel.offsetWidth + gap < document.documentElement.clientWidth);
  panel.style.setProperty("--room", `${Math.max(isAbove ? above : below, 120)}px`);
}

// Should it fail, the link stands there still and leads to a page that has the same.
async function fill(link) {
  const answer = await ask(link.href).catch(() => null);
  const html = answer?.ok ? await answer.text() : "";
  if (html && !isSignIn(html) && link.isConnected) put(link.parentElement, html);
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu || event.target.matches("input, select, textarea")) return;
  const items = [...menu.querySelectorAll(".menu-item, [data-put], .menu-panel input, .menu-panel .btn")].filter((item) => item.offsetParent);
  const at = items.indexOf(document.activeElement);
  items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
  event.preventDefault();
});

// An explained word near the right edge opens towards the left; one that was dismissed opens again next time.
const settle = (event) => {
  const term = event.target.closest?.(".term");
  if (!term) return;
  term.classList.remove("is-end");
  const tip = term.querySelector(".term-tip");
  if (tip && tip.getBoundingClientRect().right > document.documentElement.clientWidth - 8) term.classList.add("is-end");
};
document.addEventListener("focusin", settle);
document.addEventListener("mouseover", settle);
for (const name of ["focusout", "mouseout"]) {
  document.addEventListener(name, (event) => {
    const term = event.target.closest?.(".term");
    if (term && !term.contains(event.relatedTarget)) term.classList.remove("is-dismissed");
  });
}
