/* The quick log: the form of /inquiries/log in a dialog, from anywhere.

   <dialog id="quicklog" data-src="…?fragment=1" data-page="…" data-text-failed data-text-expired data-text-sign-in>
   with an element [data-fragment] inside. The fragment is one <form data-draft="quicklog"> and what belongs to it.
   The dialog sends the form with `X-Fragment: 1`. The server answers
     201 with a confirmation        → saved; it is shown on the page that stays open behind, with "undo" in it
     422 or 409 with the fragment   → put in place, what was typed is in it; any other error is shown above the form
     200 or 204 with `X-Location`   → accepted; the browser goes there (a plain 303 works too, but its page is then
                                      asked for twice, and the first time shows its messages to nobody)
     401, or the sign-in page       → nothing is lost: the draft stays in this window
   An opening link may fill the form: data-log-<name>="…" on it is sent as ?<name>=… (data-log-unit-name → unit_name).

   Any <form data-quicklog data-known="/…"> (also on a page of its own) gets the rest of the hand's help:
     a choice in the line moves on to what it is about; a choice that makes something new opens its fields;
     what is typed about a new person is held against those we know (data-known, put into the line's panel);
     [data-without-js] is taken away, [data-new] is the <details> of what is new. */

import { Expired, announce, ask, enhanceWith, isSignIn, put, tell } from "./fragments.js";
import { save, settle } from "./drafts.js";

const TELLING = ["unit_name", "person_name", "email", "phone"];
const PAUSE = 250;

function help(form) {
  const line = form.querySelector("[data-combobox][data-panel]");
  const control = (name) => form.elements.namedItem(name);
  const next = () => { const what = control("summary"); what?.focus(); };
  for (const element of form.querySelectorAll("[data-without-js]")) element.remove();
  if (!line) return;

  line.addEventListener("combobox:choose", () => {
    const fresh = form.querySelector("[data-new]");
    if (fresh) fresh.open = Boolean(control("unit_name")?.value || control("person_name")?.value);
    if (document.activeElement === line) next();
  });
  line.addEventListener("combobox:keep", next);
  line.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.defaultPrevented) {
      event.preventDefault();   // the line is done; what it is about comes next
      next();
    }
  });

  let timer, controller;
  const look = async () => {
    const place = document.getElementById(line.dataset.panel);
    if (!place) return;
    controller?.abort();
    controller = new AbortController();
    const told = { who: document.getElementById(line.dataset.target)?.value ?? "" };
    for (const name of TELLING) told[name] = control(name)?.value.trim() ?? "";
    try {
      const answer = await tell(form.dataset.known, told, { signal: controller.signal });
      if (answer.ok) put(place, await answer.text());
    } catch { /* what is known is a help, never a condition */ }
  };
  form.addEventListener("input", (event) => {
    if (!TELLING.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
}

enhanceWith((root) => {
  for (const form of root.querySelectorAll("form[data-quicklog]")) help(form);
});

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

  // The same form once more, with what was typed in it.
  const again = (form, html) => {
    settle(form);
    put(place, html);
    for (const next of place.querySelectorAll("form[data-draft]")) save(next);
    focusFirst();
  };

  const send = async (form, submitter) => {
    const buttons = [...form.querySelectorAll("button[type=submit], button:not([type])")];
    const data = new FormData(form, submitter ?? undefined);
    for (const button of buttons) button.disabled = true;
    try {
      const answer = await ask(form.action, { method: "POST", body: data });
      const goal = answer.headers.get("X-Location");
      if (answer.status === 201) {
        settle(form);
        place.replaceChildren();
        dialog.close();
        confirm(await answer.text());
        return;
      }
      if (!answer.ok) {
        const html = await answer.text();
        if (html.includes("<form")) again(form, html);   // refused
        else say(new DOMParser().parseFromString(html, "text/html").body.textContent.trim() || dialog.dataset.textFailed);
        return;
      }
      if (goal || answer.redirected) {
        if (!goal && isSignIn(await answer.text())) throw new Expired();
        settle(form);
        location.assign(goal ?? answer.url);
        return;
      }
      const html = await answer.text();          // a further step of the same form, such as "which of these two?"
      if (isSignIn(html)) throw new Expired();
      again(form, html);
    } catch (error) {
      if (error instanceof Expired) say(dialog.dataset.textExpired, dialog.dataset.page);
      else say(dialog.dataset.textFailed);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  };

  const confirm = (html) => {
    const page = document.querySelector(".page-inner") ?? document.body;
    page.querySelector("[data-toast]")?.remove();
    const holder = document.createElement("div");
    put(holder, html);
    const toast = holder.firstElementChild;
    if (!toast) return;
    page.prepend(toast);
    announce(toast.querySelector(".flash-text")?.textContent.trim() ?? "");
    toast.querySelector("[data-toast-close]")?.addEventListener("click", () => toast.remove());
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.('[data-dialog="quicklog"]');
    if (!opener) return;
    const own = [...document.querySelectorAll("form[data-quicklog]")].find((form) => !dialog.contains(form) && form.dataset.draft);
    if (own) {   // the page is the log itself: a second one over it would only confuse
      event.preventDefault();
      event.stopPropagation();
      own.querySelector("[data-combobox]")?.focus();
      return;
    }
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
