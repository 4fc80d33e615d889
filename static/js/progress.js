/* What is under way, followed until it is done: <div data-progress="/address">, whose answer (X-Fragment: 1) takes the place
   of what is in it. An answer without a <progress> is the last one. Without scripts the page says how it stood when it came. */

import { announce, ask, enhanceWith, put } from "./fragments.js";

const EVERY = 2000;

function follow(place) {
  const look = async () => {
    if (!place.isConnected) return;
    let words;
    try {
      const answer = await ask(place.dataset.progress);
      if (!answer.ok) return;
      words = await answer.text();
    } catch {
      return;  // signed out, or the server is away: what is there stays
    }
    put(place, words);
    if (place.querySelector("progress")) setTimeout(look, EVERY);
    else announce(place.textContent.trim());
  };
  setTimeout(look, EVERY);
}

enhanceWith((root) => {
  for (const place of root.querySelectorAll?.("[data-progress]") ?? []) follow(place);
});
