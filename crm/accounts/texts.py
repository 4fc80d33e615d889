"""Words for what the database knows by key."""

import re

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from crm.rules.access import Role

ROLES = {
    Role.REP: _l("Sales rep"),
    Role.ACCOUNT_MANAGER: _l("Account manager"),
    Role.FOUNDER: _l("Founder"),
    Role.ADMIN: _l("Administrator"),
    Role.VIEWER: _l("Reader"),
}

ROLE_HINTS = {
    Role.REP: _l("Logs interest, works with accounts, cases and reminders."),
    Role.ACCOUNT_MANAGER: _l(
        "As a sales rep, and may export and import lists and change the reminder rules."
    ),
    Role.FOUNDER: _l(
        "As an account manager, and looks after the lists of choices and may hand over for a"
        " colleague."
    ),
    Role.ADMIN: _l("May do everything, and looks after users."),
    Role.VIEWER: _l("Reads everything and changes nothing."),
}

_BROWSERS = (
    (re.compile(r"Edg(?:e|A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/|Opera"), "Opera"),
    (re.compile(r"Firefox/|FxiOS/"), "Firefox"),
    (re.compile(r"Chrome/|CriOS/|Chromium/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
)
_SYSTEMS = (
    (re.compile(r"iPhone|iPad"), "iOS"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"CrOS"), "ChromeOS"),
    (re.compile(r"Linux|X11"), "Linux"),
)


def browser(agent: str) -> str:
    """A User-Agent header as a person would say it: "Firefox, Linux". A guess: it can be forged."""
    found = [
        next((name for pattern, name in known if pattern.search(agent)), "")
        for known in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or _("Unknown browser")
