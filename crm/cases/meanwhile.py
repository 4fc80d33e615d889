"""What changed at the buyer while a case waited (D7): read when it wakes, or is about to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crm.activities import queries as activities
from crm.activities.models import ActivityKind
from crm.activities.queries import Entry
from crm.cases.models import Case, Wait
from crm.core import clock
from crm.organisations.models import Organisation
from crm.rules import budget_cycle
from crm.rules.budget_cycle import Phase, Practice
from crm.rules.stages import CaseState

AT_MOST = 8  # lines; the whole story has the rest
FRESHLY_WOKEN = timedelta(days=14)  # so long after waking there is still something to catch up on
TELLING = tuple(kind for kind in ActivityKind if kind is not ActivityKind.REMINDER)
_OWN_WAIT = frozenset({"case_waiting", "case_woken"})


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """The body's story from the day the wait began, newest first, and what was decided there."""

    since: date
    lines: tuple[Entry, ...]
    more: bool  # there are older ones, since then
    decisions: tuple[Phase, ...]

    @property
    def is_nothing(self) -> bool:
        return not self.lines and not self.decisions


def of(
    case: Case, waits: Sequence[Wait], practice: Practice, body: Organisation, today: date
) -> Meanwhile | None:
    """None where the case neither waits nor has woken lately. Two statements, else none.

    `waits` are the case's, newest first.
    """
    wait = waits[0] if waits else None
    if wait is None or case.state is CaseState.CLOSED:
        return None
    if wait.ended_on is not None and wait.ended_on + FRESHLY_WOKEN < today:
        return None
    until = wait.ended_on or today
    wanted = activities.Filter(
        body, kinds=TELLING, first=clock.at(wait.began_on, 0), leaving_out=(case.id, _OWN_WAIT)
    )
    lines, more = activities.latest(wanted, AT_MOST)
    return Meanwhile(wait.began_on, tuple(lines), more, decided(practice, wait.began_on, until))


def decided(practice: Practice, after: date, until: date) -> tuple[Phase, ...]:
    """The budgets that were decided between two days, as far as is known; latest first."""
    found = (
        budget_cycle.decision(practice, year) for year in range(until.year + 2, after.year - 1, -1)
    )
    return tuple(phase for phase in found if phase is not None and after < phase.end <= until)
