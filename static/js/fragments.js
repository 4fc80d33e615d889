/* Asking the server for a piece of a page, and putting it in. */

export class Expired extends Error {}

/* Sends `X-Fragment: 1`, so that the server answers with the piece alone. A sign-in page in the
   place of the answer (401, or a redirect to a page marked data-page="auth") throws Expired. */
export async function ask(url, options = {}) {
  const answer = await fetch(url, {
    credentials: "same-origin",
    ...options,
    headers: { Accept: "text/html", "X-Fragment": "1", ...options.headers },
  });
  if (answer.status === 401) throw new Expired();
  return answer;
}

/* The same by POST: what is typed about people stands in no address, and so in no log on the way. */
export const tell = (url, values, options = {}) => ask(url, {
  ...options,
  method: "POST",
  body: new URLSearchParams(values),
  headers: { "X-CSRFToken": document.querySelector("input[name='csrf_token']")?.value ?? "" },
});

export const isSignIn = (html) => html.includes('data-page="auth"');

const enhancers = [];

/* `enhance(root)` is called for the page once and for every fragment put into it. */
export function enhanceWith(enhance) {
  enhancers.push(enhance);
  enhance(document);
}

export function put(container, html) {
  container.innerHTML = html;
  for (const enhance of enhancers) enhance(container);
}

export function announce(text) {
  const place = document.getElementById("announcer");
  if (place) place.textContent = text;
}
