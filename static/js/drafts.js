/* Drafts: what is typed into <form data-draft="key"> outlives expiry and a crash of the page (M8).

   Kept in this tab's sessionStorage only, so that it goes with the window. Put back when the form is
   empty, cleared when the form has been sent and accepted. Passwords and files are never kept, and of what
   is hidden only data-chosen="<id of a field>": the choice made for that field's words, which comes back
   with them alone. So no token is ever kept. What was typed over one version of a row is not put over another,
   nor what was typed for one record over another: a draft knows its form's address and what the server had chosen.
   What was put back says so above the form, with a button that throws it away; Cancel forgets it too. */

import { enhanceWith } from "./fragments.js";

const name = (key) => `forankra.draft.${key}`;
const SENT = "forankra.draft-sent";
const read = (key) => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };
const write = (key, value) => { try { sessionStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ } };
const remove = (key) => { try { sessionStorage.removeItem(key); } catch { /* forbidden */ } };

const NEVER = ["password", "file", "submit", "button", "image", "reset"];
const kept = (control) => control.name && !NEVER.includes(control.type) && (control.type !== "hidden" || control.dataset.chosen);
const refused = (form) => form.querySelector(".error-summary, [aria-invalid='true'], [data-refused]") !== null;

/* What the draft was typed over: the address, the row's version, and whom the server had chosen. */
const grounds = new WeakMap(), firsts = new Map();
function ground(form) {
  if (!grounds.has(form)) {
    const chosen = [...form.elements].filter((control) => control.type === "hidden" && (control.dataset.chosen || ["version", "case"].includes(control.name)));
    grounds.set(form, JSON.stringify([form.getAttribute("action"), ...chosen.map((control) => [control.name, control.value])]));
  }
  const key = name(form.dataset.draft ?? "");
  if (!firsts.has(key)) firsts.set(key, grounds.get(form));   // of the form that came back into a dialog: the first one's
  return grounds.get(form);
}

export function save(form) {
  if (!form.dataset.draft) return;
  const key = name(form.dataset.draft);
  const values = [...form.elements].filter(kept).map((control) => [control.name, control.type, control.value, control.checked ?? null]);
  // A refused form has the typed choice where the server's own stood: the ground is that of the first try.
  const over = (refused(form) && read(key)?.over) || firsts.get(key) || ground(form);
  write(key, { over, at: Date.now(), values });
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
  const { over, at: since, values } = read(name(form.dataset.draft)) ?? {};
  if (!Array.isArray(values) || over !== ground(form) || refused(form)) return false;
  const texts = [...form.elements].filter((control) => kept(control) && control.matches("textarea, input:not([type=hidden]):not([type=checkbox]):not([type=radio])"));
  if (texts.some((control) => control.value && control.value !== control.defaultValue)) return false;
  if (texts.some((control) => control.matches("textarea") && control.defaultValue)) return false;
  const left = [...values];
  const before = [...form.elements].filter(kept).map((control) => [control, control.value, control.checked]);
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
  if (!before.some(([control, value, checked]) => control.value !== value || control.checked !== checked)) return false;
  tell(form, since, before);
  return true;
}

function tell(form, since, before) {
  const { draftRestored: words, draftDiscard: discard } = document.body.dataset;
  const then = new Date(since), time = { hour: "2-digit", minute: "2-digit" };
  const day = then.toDateString() === new Date().toDateString() ? {} : { day: "numeric", month: "long" };
  const told = document.createElement("div"), button = document.createElement("button");
  told.className = "draft-told row-wrap";
  told.setAttribute("role", "status");
  told.append(words.replace("{when}", then.toLocaleString(document.documentElement.lang, { ...day, ...time })), " ", button);
  button.type = "button";
  button.className = "btn btn-quiet";
  button.textContent = discard;
  button.addEventListener("click", () => {
    for (const [control, value, checked] of before) {
      control.value = value;
      if (["checkbox", "radio"].includes(control.type)) control.checked = checked;
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));  // whatever is counted from the fields beside them
    clearDraft(form.dataset.draft);
    told.remove();
    (form.querySelector("[autofocus], input:not([type=hidden]), select, textarea") ?? form).focus();
  });
  form.prepend(told);
}

// A form that was sent and did not come back with errors has been accepted; a sign-in page says nothing of it.
if (document.body.dataset.page === "auth") remove(SENT);
else {
  const sent = read(SENT);
  const another = document.querySelector("form[data-draft] .error-summary")?.closest("form");
  if (sent && another && another.dataset.draft !== sent) clearDraft(sent);   // its words stand in this one
  else if (sent && !document.querySelector(`form[data-draft="${CSS.escape(sent)}"] [aria-invalid="true"], .error-summary, [data-refused]`) && document.body.dataset.page !== "error") clearDraft(sent);
  else remove(SENT);
}

enhanceWith((root) => {
  for (const form of root.querySelectorAll("form[data-draft]")) {
    ground(form);
    restore(form);
    for (const cancel of form.querySelectorAll(".buttons a")) cancel.addEventListener("click", () => settle(form));
    form.addEventListener("input", () => save(form));
    form.addEventListener("change", () => save(form));
    form.addEventListener("submit", () => {
      save(form);
      if (!form.closest("dialog[data-src]")) write(SENT, form.dataset.draft); // a dialog hears the answer itself
    });
  }
});
