"""Icons, out of one file that the browser keeps, in the colour of the words beside them."""

from functools import lru_cache

from flask import current_app, has_request_context
from markupsafe import Markup

from crm.core.resources import STATIC
from crm.web.urls import script_root


def icon(name: str, label: str | None = None) -> Markup:
    """The drawing called `name` in Bootstrap Icons.

    It is decoration, hidden from screen readers, unless `label` says what it stands for. Which
    names there are is listed in `crm/assets/vendor.toml`; any other is a bug and says so.
    """
    root = script_root() if has_request_context() else ""
    return _drawn(name, label, root, current_app.static_url_path or "")


@lru_cache(maxsize=1000)
def _drawn(name: str, label: str | None, root: str, static: str) -> Markup:
    """A pointer into the file, not the drawing: a page shows up to a hundred and fifty of them."""
    sprite = f"{root}{static}/vendor/icons.svg"
    if not (STATIC / "vendor" / "icons" / f"{name}.svg").is_file():
        raise LookupError(f"No icon called {name!r}: add it to crm/assets/vendor.toml and build.")
    if label is None:
        return Markup('<svg class="icon" aria-hidden="true"><use href="%s#%s"/></svg>') % (
            sprite,
            name,
        )
    return Markup('<svg class="icon" role="img" aria-label="%s"><use href="%s#%s"/></svg>') % (
        label,
        sprite,
        name,
    )
