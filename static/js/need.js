/* Marked words become a need: the link of an entry takes along where in its text they stand.
   Only the places, never the words, so that nobody's words stand in an address. */

const LINK = 'a[href*="/requirements/from/"]';

function places(link) {
  const text = link.closest("[data-item]")?.querySelector(".timeline-text");
  const marked = window.getSelection();
  if (!text || !marked || marked.isCollapsed || marked.rangeCount === 0) return null;
  const range = marked.getRangeAt(0);
  if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return null;
  const before = document.createRange();
  before.selectNodeContents(text);
  before.setEnd(range.startContainer, range.startOffset);
  const from = [...before.toString()].length;  // signs as the server counts them
  return [from, from + [...range.toString()].length];
}

function aim(link) {
  const found = places(link), url = new URL(link.href);
  for (const name of ["from", "to"]) url.searchParams.delete(name);
  if (found) {
    url.searchParams.set("from", found[0]);
    url.searchParams.set("to", found[1]);
  }
  link.href = url.href;
}

// Before the click itself, which takes the mark away.
document.addEventListener("pointerdown", (event) => {
  const link = event.target.closest?.(LINK);
  if (link) aim(link);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.(LINK);
  if (link && event.detail === 0) aim(link);  // by the keyboard
});
