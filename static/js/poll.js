/* A piece of a page that changes by itself for a while.

   <div data-poll="/address">…</div>   is asked for again every few seconds, while the page is looked at, until
                                       the answer holds [data-polled-out]
   Without scripts there is a link in it that shows the same. */

import { announce, ask, enhanceWith, isSignIn, put } from "./fragments.js";

const EVERY = 3000;

function watch(place) {
  const look = async () => {
    if (!place.isConnected) return;
    if (document.hidden) { setTimeout(look, EVERY); return; }
    try {
      const answer = await ask(place.dataset.poll);
      const html = await answer.text();
      if (!answer.ok || isSignIn(html)) return;
      put(place, html);
      const out = place.querySelector("[data-polled-out]");
      if (out) announce(out.textContent);  // the steps on the way are not read aloud
      else setTimeout(look, EVERY);
    } catch { /* it stays as it was; the link shows it */ }
  };
  setTimeout(look, EVERY);
}

enhanceWith((root) => {
  for (const place of root.querySelectorAll("[data-poll]")) watch(place);
});
