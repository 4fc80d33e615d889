"""One body's calendar as another body's, until that one's own is known.

What the body itself has published or told us is kept. Everything else is what the other one does,
and so is typical of bodies of the kind, never published: nobody has said it of this body.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from crm.budgets.drafts import Calendar, DateRow, Ground
from crm.budgets.models import BudgetEvent, BudgetPractice
from crm.core.errors import RuleBroken
from crm.rules.budget_cycle import DecisionPractice, Phase
from crm.rules.certainty import Certainty, weakest

SURE: Final = frozenset({Certainty.PUBLISHED, Certainty.CONFIRMED, Certainty.REPORTED})
"""The marks that say somebody has said so of this very body: on its page, to us, or in print."""


def copied(
    own: BudgetPractice | None,
    own_events: Sequence[BudgetEvent],
    other: BudgetPractice | None,
    other_events: Sequence[BudgetEvent],
) -> Calendar:
    """The calendar that the first body would have. Raises RuleBroken when they cannot share one."""
    if other is None or other.decision is DecisionPractice.UNKNOWN:
        raise RuleBroken(_("Nobody has told us that body's timetable either. Choose another."))
    if not can_share(own, other.decision):
        raise RuleBroken(
            _("They decide in different months, and this body's is known. Choose one that decides"
              " in the same month.")
        )  # fmt: skip
    keeps_own = own is not None and own.certainty in SURE and own.decision is other.decision
    kept = [row_of(event) for event in own_events if _stays(event)]
    taken = {row.phase_key for row in kept if row.budget_year is None}
    return Calendar(
        decision=other.decision,
        certainty=own.certainty
        if own is not None and keeps_own
        else weakest(Certainty.TYPICAL, other.certainty),
        source_url=own.source_url if own is not None and keeps_own else "",
        checked_on=own.checked_on if own is not None and keeps_own else None,
        rows=(
            *kept,
            *(
                row_of(event, Ground(weakest(Certainty.TYPICAL, event.certainty), "", None))
                for event in other_events
                if event.phase_key and event.budget_year is None and event.phase_key not in taken
            ),
        ),
        election_month=own.election_month
        if own is not None and own.election_month
        else other.election_month,
        deficit_until=own.deficit_until if own is not None else None,
        note=own.note if own is not None else "",
    )


def can_share(own: BudgetPractice | None, decision: DecisionPractice) -> bool:
    """Whether a body may be given a calendar with this decision: not if it has told another one."""
    told = own is not None and own.certainty in SURE
    return own is None or not told or own.decision in (decision, DecisionPractice.UNKNOWN)


def _stays(event: BudgetEvent) -> bool:
    """Named events and dates for one year are the body's own, as is what it has told."""
    return not event.phase_key or event.budget_year is not None or event.certainty in SURE


def row_of(event: BudgetEvent, ground: Ground | None = None) -> DateRow:
    """A stored date as it would be typed; without a ground it keeps its own."""
    return DateRow(
        phase_key=event.phase_key,
        name=event.name,
        start=(event.start_month, event.start_day),
        end=(event.end_month, event.end_day),
        year_offset=event.year_offset,
        budget_year=event.budget_year,
        note=event.note,
        ground=ground or Ground(event.certainty, event.source_url, event.checked_on),
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """One phase as it is and as it would be; None where there is none."""

    name: Phase
    old: Phase | None
    new: Phase | None

    @property
    def differs(self) -> bool:
        """Whether the days would be others."""
        if self.old is None or self.new is None:
            return True
        return (self.old.start, self.old.end) != (self.new.start, self.new.end)


def beside(old: Sequence[Phase], new: Sequence[Phase]) -> list[Beside]:
    """Old and new of one budget year side by side, in the order of the new one."""
    before, after = ({phase.key: phase for phase in phases} for phases in (old, new))
    rows = [
        Beside(after.get(key) or before[key], before.get(key), after.get(key))
        for key in {**after, **before}
    ]
    return sorted(rows, key=lambda row: (row.name.start, row.name.end, row.name.key))


def crossing(old: Sequence[Phase], new: Sequence[Phase]) -> list[Phase]:
    """What has moved over a turn of the year, as it is now: easily a slip, so it is said."""
    return [
        row.new
        for row in beside(old, new)
        if row.old is not None and row.new is not None and row.old.start.year != row.new.start.year
    ]
