"""Words about a reminder that the rulebook does not have."""

from flask_babel import gettext as _

from crm.reminders.queries import Told
from crm.web import filters


def for_whom(told: Told, reader_id: int | None = None) -> str:
    """Whose it is, to one who stands in: "for Anna, away until 12 July 2027". Empty where the
    owner is there, or reads it herself."""
    if told.away is None or told.row.user_id == reader_id:
        return ""
    until = filters.day(told.away.until)
    return _("for %(name)s, away until %(day)s", name=told.away.name, day=until)
