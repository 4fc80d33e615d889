"""A hand that never touches the mouse, and sees where it is."""

from typing import Any

FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  // The arc of a drawing is framed by its stroke; a dialog's words are announced, not framed.
  const drawn = e.closest('svg') && e.querySelector('path');
  const style = getComputedStyle(drawn || e);
  const framed = e.tabIndex < 0 || e.closest('.table-scroll') === e
    || (drawn ? parseFloat(style.strokeWidth) >= 3
              : style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
  // A link may go over two lines: the middle of the first one is where the eye looks for it.
  const box = e.getClientRects()[0] ?? e.getBoundingClientRect();
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const top = inside
    && document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height / 2, 12));
  const bare = drawn || box.height > innerHeight || (top && (
    e.contains(top) || top.contains(e) || e.closest('label, .menu, .form-check')?.contains(top)));
  return {
    name: (e.getAttribute('aria-label') || e.labels?.[0]?.innerText || e.innerText || e.value
      || e.name || '').trim(),
    html: e.outerHTML.slice(0, 120),
    seen: Boolean(framed && inside && bare),
  };
}"""
"""What has the focus, what it is called, and whether it has a frame and lies under nothing."""


def focused(page: Any) -> dict[str, Any] | None:
    """None: nothing on the page, as before the first Tab or after the last."""
    found: dict[str, Any] | None = page.evaluate(FOCUSED)
    return found


class Keyboard:
    """Drives a page by keys alone. Every stop on the way must be seen."""

    def __init__(self, page: Any) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        self.page.wait_for_load_state("domcontentloaded")  # before that no key has a meaning
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def go(self, words: str, title: str) -> None:
        """By the palette to what answers to the words, until its page is there."""
        self.press("Control+k")
        self.page.locator("#palette[open] .palette-input:focus").wait_for()
        self.write(words)
        self.page.locator("#palette [aria-selected=true]", has_text=title).wait_for()
        self.press("Enter")
        self.page.get_by_role("heading", level=1, name=title).wait_for()

    def choose(self, radio: Any) -> None:
        """Tab into a group of choices, and arrow to the one."""
        name = radio.get_attribute("name")
        for _ in range(60):
            if self.page.evaluate("document.activeElement.name") == name:
                break
            self.press("Tab")
        for _ in range(20):
            if radio.is_checked():
                return
            self.press("ArrowDown")
        raise AssertionError(f"no arrow comes to the choice in {name}")

    def tab_to_field(self, field_id: str, most: int = 120) -> None:
        """Tab on to the field of that id."""
        for _ in range(most):
            self.press("Tab")
            if self.page.evaluate("document.activeElement.id") == field_id:
                return
        raise AssertionError(f"Tab never comes to #{field_id}")

    def tab_to(self, name: str, within: str = "main", key: str = "Tab", most: int = 120) -> None:
        """Tab on until something of that name has the focus."""
        for _ in range(most):
            self.press(key)
            stop = focused(self.page)
            if stop is None:
                continue
            assert stop["seen"], f"the focus cannot be seen on {stop['html']}"
            inside = self.page.evaluate(
                "(where) => Boolean(document.activeElement.closest(where))", within
            )
            if inside and name in " ".join(stop["name"].split()):
                return
        raise AssertionError(f"{key} never comes to {name}")
