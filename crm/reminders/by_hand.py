"""What no rule made, in words for its reader: what becomes of a case, and what comes again."""

from datetime import date

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from crm.reminders.models import Reminder, Repeat
from crm.rules.functions import Function
from crm.rules.recurrence import Every
from crm.rules.reminder_reasons import format_day
from crm.web.labels import label

LONGEST = 200  # characters of the words


def ended(name: str, on: date, language: str) -> str:
    """What is asked of a case whose account has had its last day."""
    with force_locale(language):
        return _(
            "%(name)s ended on %(day)s – move the case to its successor or close it",
            name=name,
            day=format_day(on, language),
        )[:LONGEST]


def brings_in(function: Function, language: str) -> str:
    """What is to be done about a function that is missing."""
    with force_locale(language):
        return _("Bring in %(function)s: who there ought to know?", function=label(function))


def title(row: Reminder, language: str) -> str:
    """Its words: as somebody wrote them, or in the reader's language where nobody did."""
    text = str(row.params.get("text", ""))
    if (asked := row.params.get("function")) is not None:
        function = Function(str(asked))
        if text in {brings_in(function, written_in) for written_in in ("sv", "en")}:
            return brings_in(function, language)
        return text
    if (about := row.params.get("ended")) is None:
        return text
    name, on = str(about["name"]), date.fromisoformat(about["on"])
    if text in {ended(name, on, written_in) for written_in in ("sv", "en")}:
        return ended(name, on, language)
    return text


def why(row: Reminder, language: str) -> str:
    """Why it stands there; empty for what somebody set once, in words of her own."""
    with force_locale(language):
        if row.params.get("function") is not None:
            return _(
                "The function was not in on the case when it moved on. Afterwards it is too late "
                "to think of effects on its work."
            )
        if row.params.get("ended") is not None:
            return _(
                "The account has had its last day, and the case in it is still open. It stays as "
                "it is until you say what becomes of it."
            )
        return _comes_again(row.repeat, language) if row.repeat is not None else ""


def _comes_again(repeat: Repeat, language: str) -> str:
    number, day = repeat.apart, format_day(repeat.starts_on, language)
    match repeat.every:
        case Every.DAY:
            return ngettext(
                "Set by hand to come again every day from %(day)s.",
                "Set by hand to come again every %(num)s days from %(day)s.",
                number,
                day=day,
            )
        case Every.WEEK:
            return ngettext(
                "Set by hand to come again every week from %(day)s.",
                "Set by hand to come again every %(num)s weeks from %(day)s.",
                number,
                day=day,
            )
        case Every.MONTH:
            return ngettext(
                "Set by hand to come again every month from %(day)s.",
                "Set by hand to come again every %(num)s months from %(day)s.",
                number,
                day=day,
            )
        case Every.YEAR:
            return ngettext(
                "Set by hand to come again every year from %(day)s.",
                "Set by hand to come again every %(num)s years from %(day)s.",
                number,
                day=day,
            )
        case _:
            return _("Set by hand to come again in each budget year.")
