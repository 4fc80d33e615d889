/* The quick log: the form of /inquiries/log in a dialog, from anywhere.

   <dialog id="quicklog" data-src="…?fragment=1" data-page="…" data-text-failed data-text-expired data-text-sign-in>
   with an element [data-fragment] inside. The fragment is one <form data-draft="quicklog"> and what belongs to it.
   The dialog sends the form with `X-Fragment: 1`. The server answers
     422 or 409 with the fragment   → put in place, what was typed is in it; any other error is shown above the form
     200 or 204 with `X-Location`   → accepted; the browser goes there (a plain 303 works too, but its page is then
                                      asked for twice, and the first time shows its messages to nobody)
     401, or the sign-in page       → nothing is lost: the draft stays in this window
   An opening link may fill the form: data-log-<name>="…" on it is sent as ?<name>=… (data-log-unit-name → unit_name). */

import { Expired, ask, isSignIn, put } from "./fragments.js";
import { clearDraft } from "./drafts.js";

const dialog = document.getElementById("quicklog");

if (dialog?.showModal) {
  const place = dialog.querySelector("[data-fragment]");
  let extra = "";

  const say = (text, link) => {
    dialog.querySelector("[data-said]")?.remove();
    const note = document.createElement("div");
    note.className = "note note-promise mb-3";
    note.setAttribute("role", "alert");
    note.dataset.said = "";
    note.append(text);
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link;
      anchor.textContent = dialog.dataset.textSignIn;
      note.append(" ", anchor);
    }
    place.prepend(note);
    note.scrollIntoView({ block: "nearest" });
  };

  const focusFirst = () => {
    const first = place.querySelector("[data-focus]") ?? place.querySelector("[autofocus]")
      ?? place.querySelector("input:not([type=hidden]), textarea, select");
    first?.focus();
  };

  const load = async () => {
    dialog.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(dialog.dataset.src + extra);
      const html = await answer.text();
      if (!answer.ok) throw new Error(String(answer.status));
      if (isSignIn(html)) throw new Expired();
      put(place, html);
      focusFirst();
    } catch {
      location.assign(dialog.dataset.page + extra.replace("&", "?"));   // the plain page always works
    } finally {
      dialog.removeAttribute("aria-busy");
    }
  };

  const send = async (form, submitter) => {
    const buttons = [...form.querySelectorAll("button[type=submit], button:not([type])")];
    const data = new FormData(form, submitter ?? undefined);
    for (const button of buttons) button.disabled = true;
    try {
      const answer = await ask(form.action, { method: "POST", body: data });
      const goal = answer.headers.get("X-Location");
      if (!answer.ok) {
        const html = await answer.text();
        if (html.includes("<form")) { put(place, html); focusFirst(); }   // refused: what was typed is in it
        else say(new DOMParser().parseFromString(html, "text/html").body.textContent.trim() || dialog.dataset.textFailed);
        return;
      }
      if (goal || answer.redirected) {
        if (!goal && isSignIn(await answer.text())) throw new Expired();
        clearDraft(form.dataset.draft ?? "quicklog");
        location.assign(goal ?? answer.url);
        return;
      }
      const html = await answer.text();          // a further step of the same form, such as "which of these two?"
      if (isSignIn(html)) throw new Expired();
      put(place, html);
      focusFirst();
    } catch (error) {
      if (error instanceof Expired) say(dialog.dataset.textExpired, dialog.dataset.page);
      else say(dialog.dataset.textFailed);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.('[data-dialog="quicklog"]');
    if (!opener) return;
    extra = Object.entries(opener.dataset)
      .filter(([key]) => key.startsWith("log") && key.length > 3)
      .map(([key, value]) => `&${encodeURIComponent(key[3].toLowerCase() + key.slice(4).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))}=${encodeURIComponent(value)}`)
      .join("");
  }, true);

  dialog.addEventListener("dialog:open", () => {
    if (!place.querySelector("form") || extra) load();
    else focusFirst();
  });
  dialog.addEventListener("submit", (event) => {
    if (event.target.method?.toLowerCase() !== "post") return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
}
