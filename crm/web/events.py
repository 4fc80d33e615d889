"""What one can wait for, in words that name the year they mean, with the day and how sure it is.

"Until the council has decided" means one budget today and the next one tomorrow, and in an election
year two councils have had the same name. So a choice always says which.
"""

from datetime import date

from flask_babel import gettext as _

from crm.rules.budget_cycle import BodyKind
from crm.rules.certainty import Certainty
from crm.rules.elections import is_election_year
from crm.rules.stages import EventDate, WakeEvent
from crm.web import filters
from crm.web.labels import label

_UNSURE = frozenset({Certainty.REPORTED, Certainty.TYPICAL, Certainty.GUESSED})


def wake_words(event: WakeEvent, when: EventDate, kind: BodyKind) -> str:
    """ "until the newly elected council has decided the budget for 2027". `kind` is the buyer's."""
    year = when.year
    match event:
        case WakeEvent.COUNCIL_DECIDED:
            return _decided(year, kind)
        case WakeEvent.COUNCIL_MET:
            return label(event)
        case WakeEvent.DOOR_OPENS if kind in {BodyKind.MUNICIPALITY, BodyKind.REGION}:
            return _("until the nämnder start on their requests for %(year)s", year=year)
        case WakeEvent.DOOR_OPENS:
            return _("until the needs for %(year)s are gathered", year=year)
        case WakeEvent.INTERNAL_BUDGET:
            return _("until the internal budget for %(year)s is made", year=year)
        case WakeEvent.BUDGET_YEAR_STARTS:
            return _("until the budget year %(year)s starts", year=year)
        case WakeEvent.TERM_STARTS if _is_spring(when.day):
            return _("until the spring term of %(year)s has started", year=year)
        case WakeEvent.TERM_STARTS:
            return _("until the autumn term of %(year)s has started", year=year)
        case WakeEvent.NEW_COUNCIL:
            return _("until the council elected in %(year)s has taken office", year=year)
        case WakeEvent.NEW_COMMITTEES:
            return _("until the nämnder after the election of %(year)s have settled in", year=year)


def wake_day(when: EventDate) -> str:
    """The day, and how sure it is where it is not."""
    day = filters.day(when.day)
    return f"{day}, {label(when.certainty)}" if when.certainty in _UNSURE else day


def _decided(year: int, kind: BodyKind) -> str:
    match kind:
        case BodyKind.STATE:
            return _("until the Riksdag has decided the appropriations for %(year)s", year=year)
        case BodyKind.UNIVERSITY:
            return _("until the board has decided the budget for %(year)s", year=year)
        case BodyKind.OTHER:
            return _("until the budget for %(year)s is decided", year=year)
        case _ if is_election_year(year - 1):  # KL 11 kap. 10 §: whatever its month
            return _(
                "until the newly elected council has decided the budget for %(year)s", year=year
            )
        case _:
            return _("until the council has decided the budget for %(year)s", year=year)


def _is_spring(day: date) -> bool:
    return day.month < 7
