/* Drafts: what is typed into <form data-draft="key"> outlives expiry and a crash of the page (M8).

   Kept in this tab's sessionStorage only, so that it goes with the window. Put back when the form is
   empty, cleared when the form has been sent and accepted. Passwords and files are never kept, and of what
   is hidden only data-chosen="<id of a field>": the choice made for that field's words, which comes back
   with them alone. So no token is ever kept. What was typed over one version of a row is not put over another. */

import { enhanceWith } from "./fragments.js";

const name = (key) => `forankra.draft.${key}`;
const SENT = "forankra.draft-sent";
const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };
const write = (key, value) => { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } };
const remove = (key) => { try { sessionStorage.removeItem(key); } catch { /* forbidden */ } };

const NEVER = ["password", "file", "submit", "button", "image", "reset"];
const kept = (control) => control.name && !NEVER.includes(control.type) && (control.type !== "hidden" || control.dataset.chosen);
const version = (form) => form.querySelector("input[type=hidden][name=version]")?.value ?? null;

export function save(form) {
  if (!form.dataset.draft) return;
  const values = [...form.elements].filter(kept).map((control) => [control.name, control.type, control.value, control.checked ?? null]);
  write(name(form.dataset.draft), { over: version(form), values });
}

function clearDraft(key) { remove(name(key)); remove(SENT); }

/* The form has been accepted, or its words stand in another: nothing that happens to it now is kept
   (a field that is taken away while it has the focus says `change` once more). */
export function settle(form) {
  const key = form.dataset.draft;
  delete form.dataset.draft;
  if (key) clearDraft(key);
}

export function restore(form) {
  const { over, values } = read(name(form.dataset.draft)) ?? {};
  if (!Array.isArray(values) || over !== version(form) || form.querySelector("[aria-invalid='true']")) return false;
  const texts = [...form.elements].filter((control) => kept(control) && control.matches("textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio])"));
  if (texts.some((control) => control.value && control.value !== control.defaultValue)) return false;
  if (texts.some((control) => control.matches("textarea") && control.defaultValue)) return false;
  const left = [...values];
  for (const control of [...form.elements].filter(kept)) {
    const words = control.type === "hidden" ? document.getElementById(control.dataset.chosen)?.name : null;
    if (control.type === "hidden" && !values.some(([field]) => field === words)) continue;
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
  const refused = document.querySelector("form[data-draft] .error-summary")?.closest("form");
  if (sent && refused && refused.dataset.draft !== sent) clearDraft(sent);   // its words stand in this one
  else if (sent && !document.querySelector(`form[data-draft="${CSS.escape(sent)}"] [aria-invalid="true"], .error-summary`) && document.body.dataset.page !== "error") clearDraft(sent);
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
