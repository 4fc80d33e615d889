/* What every page loads. All of it only makes faster what works without it. */

import { enhanceWith } from "./fragments.js";
import "./dialogs.js";
import "./keys.js";
import "./drafts.js";
import "./combobox.js";
import "./palette.js";
import "./quicklog.js";
import "./live.js";
import "./poll.js";
import "./need.js";

for (const element of document.querySelectorAll("[data-needs-js]")) element.hidden = false;

enhanceWith((root) => {
  // The summary of an invalid form, and whatever else a page wants read first.
  const first = root.querySelector?.("[data-focus]");
  const at = document.activeElement;  // who has begun to write already is not moved
  if (first && root === document && (!at || at === document.body || at.autofocus)) first.focus();
  // How a day was read stands beside it only while it is the day that stands in the field.
  for (const said of root.querySelectorAll("[data-read-as]")) {
    const control = document.getElementById(said.dataset.readAs), words = said.textContent;
    const show = () => { said.textContent = control.value === control.defaultValue ? words : ""; };
    control.addEventListener("input", show);
    window.addEventListener("pageshow", show);  // what was typed is back after the back button
    show();
  }
  // On a narrow screen the tab that one stands on is rolled into sight.
  for (const row of root.querySelectorAll(".tabs")) {
    const now = row.querySelector("[aria-current]");
    if (now) row.scrollLeft = now.offsetLeft - row.offsetLeft - (row.clientWidth - now.offsetWidth) / 2;
  }
  // What is taken in parts goes on by itself, while nobody has pressed anything.
  root.querySelector("form[data-goes-on]")?.requestSubmit();
  // A list that is chosen sends its form at once: <select data-autosubmit>.
  for (const control of root.querySelectorAll("[data-autosubmit]")) {
    control.addEventListener("change", () => control.form?.requestSubmit());
  }
});

// A form is sent once, however fast the fingers; coming back by the browser's back button frees it again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method?.toLowerCase() !== "post" || form.closest("#quicklog")) return;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  if (form.dataset.waits) tellOfWaiting(form.dataset.waits, event.submitter);
});
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const told of document.querySelectorAll(".waits")) told.remove();
});

// What takes a few seconds says so, beside the button: <form data-waits="…">.
function tellOfWaiting(words, button) {
  const told = document.createElement("p");
  told.className = "waits muted";
  told.setAttribute("role", "status");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-hidden", "true");
  told.append(bar, ` ${words}`);
  button?.closest(".buttons")?.after(told);
}
