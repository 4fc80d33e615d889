"""Icons, inlined in the page so that they take the colour of the words beside them."""

from functools import cache, lru_cache
from pathlib import Path
from re import sub

from markupsafe import Markup, escape

from crm.core.resources import STATIC

ICONS = STATIC / "vendor" / "icons"


@lru_cache(maxsize=1000)
def icon(name: str, label: str | None = None) -> Markup:
    """The drawing called `name` in Bootstrap Icons.

    It is decoration, hidden from screen readers, unless `label` says what it stands for. Which
    names there are is listed in `crm/assets/vendor.toml`; any other is a bug and says so.
    """
    if label is None:
        return Markup('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">%s</svg>') % _shape(
            name
        )
    return Markup('<svg class="icon" viewBox="0 0 16 16" role="img" aria-label="%s">%s</svg>') % (
        escape(label),
        _shape(name),
    )


@cache
def _shape(name: str) -> Markup:
    """What is drawn inside the <svg>; read once per process."""
    file = Path(ICONS, f"{name}.svg")
    if not file.is_file():
        raise LookupError(f"No icon called {name!r}: add it to crm/assets/vendor.toml and build.")
    inside = sub(r"^.*?<svg[^>]*>|</svg>.*$", "", file.read_text("utf-8").replace("\n", ""))
    return Markup(inside.strip())  # noqa: S704  a file of our own build, never of a user's
