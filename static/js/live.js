/* A form whose outcome is shown while it is being written.

   <form data-live="/address" data-live-into="id">   every change is sent there (X-Fragment: 1, nothing is stored), and the
                                                     answer put into the element with that id
   In the answer, <span hidden data-placeholder-for="id" data-text="…"> sets a field's placeholder.
   Without scripts the form has a button that shows the same. */

import { ask, enhanceWith, put } from "./fragments.js";

const WAIT = 250;

function watch(form) {
  const place = document.getElementById(form.dataset.liveInto);
  if (!place) return;
  let timer, controller;

  const show = async () => {
    controller?.abort();
    controller = new AbortController();
    try {
      const answer = await ask(form.dataset.live, { method: "POST", body: new FormData(form), signal: controller.signal });
      if (!answer.ok) return;
      put(place, await answer.text());
      for (const told of place.querySelectorAll("[data-placeholder-for]")) {
        const field = document.getElementById(told.dataset.placeholderFor);
        if (field) field.placeholder = told.dataset.text;
      }
    } catch { /* the picture stays as it was; saving tells what is wrong */ }
  };

  // A draft put back (drafts.js), or fields the browser kept: the picture must be of these.
  const isChanged = (control) => (control.type === "radio" ? control.checked !== control.defaultChecked
    : control.defaultValue !== undefined && control.value !== control.defaultValue);
  if ([...form.elements].some(isChanged)) show();

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(show, WAIT);
  });
}

enhanceWith((root) => {
  for (const form of root.querySelectorAll("form[data-live]")) watch(form);
});
