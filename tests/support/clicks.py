"""How many clicks a journey takes, counted by the browser itself."""

from typing import Any

COUNTING = """() => {
  const one = () => sessionStorage.setItem('clicks', Number(sessionStorage.getItem('clicks')) + 1);
  addEventListener('pointerdown', (event) => { if (event.isTrusted) one(); }, true);
  addEventListener('change', (event) => { if (event.target.tagName === 'SELECT') one(); }, true);
}"""
"""Typing is not counted, nor what a script does. A choice in a list counts as one (its list is the
browser's own and opens without an event)."""


class Clicks:
    """Counts from the next page on that the tab opens."""

    def __init__(self, page: Any) -> None:
        self.page = page
        page.add_init_script(f"({COUNTING})()")

    @property
    def count(self) -> int:
        """So many since the start, or since `forget`."""
        return int(self.page.evaluate("Number(sessionStorage.getItem('clicks'))"))

    def forget(self) -> None:
        """What was clicked so far is no part of the journey."""
        self.page.evaluate("sessionStorage.removeItem('clicks')")
