/* Drafts: what is typed into <form data-draft="key"> outlives expiry and a crash of the page (M8).

   Kept in this tab's sessionStorage only, so that it goes with the window. Put back when the form is
   empty, cleared when the form has been sent and accepted. Passwords, files and tokens are never kept. */

import { enhanceWith } from "./fragments.js";

const name = (key) => `forankra.draft.${key}`;
const SENT = "forankra.draft-sent";
const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };
const write = (key, value) => { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } };
const remove = (key) => { try { sessionStorage.removeItem(key); } catch { /* forbidden */ } };

const kept = (control) => control.name && control.name !== "csrf_token" && !["password", "file", "submit", "button", "image", "reset"].includes(control.type);

export function save(form) {
  const values = [...form.elements].filter(kept).map((control) => [control.name, control.type, control.value, control.checked ?? null]);
  write(name(form.dataset.draft), values);
}

export function clearDraft(key) { remove(name(key)); remove(SENT); }

export function restore(form) {
  const values = read(name(form.dataset.draft));
  if (!Array.isArray(values) || form.querySelector("[aria-invalid='true']")) return false;
  const texts = [...form.elements].filter((control) => kept(control) && control.matches("textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio])"));
  if (texts.some((control) => control.value && control.value !== control.defaultValue)) return false;
  if (texts.some((control) => control.matches("textarea") && control.defaultValue)) return false;
  const left = [...values];
  for (const control of [...form.elements].filter(kept)) {
    const at = left.findIndex(([field, type, value]) => field === control.name && type === control.type
      && (!["checkbox", "radio"].includes(type) || value === control.value));
    if (at < 0) continue;
    const [, type, value, checked] = left.splice(at, 1)[0];
    if (type === "checkbox" || type === "radio") control.checked = checked;
    else control.value = value;
  }
  return true;
}

// A form that was sent and did not come back with errors has been accepted; a sign-in page says nothing of it.
if (document.body.dataset.page === "auth") remove(SENT);
else {
  const sent = read(SENT);
  if (sent && !document.querySelector(`form[data-draft="${CSS.escape(sent)}"] [aria-invalid="true"], .error-summary`) && document.body.dataset.page !== "error") clearDraft(sent);
  else remove(SENT);
}

enhanceWith((root) => {
  for (const form of root.querySelectorAll("form[data-draft]")) {
    restore(form);
    form.addEventListener("input", () => save(form));
    form.addEventListener("change", () => save(form));
    form.addEventListener("submit", () => {
      save(form);
      if (!form.closest("dialog[data-src]")) write(SENT, form.dataset.draft); // a dialog hears the answer itself
    });
  }
});
