"""At most one open ask in a case; after a second unanswered one it rests (R14)."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.budget_cycle import Practice
from crm.rules.calendar import add_working_days
from crm.rules.quiet import (
    Audience,
)
from crm.rules.stages import (
    EventDate,
    WakeEvent,
    budget_year_starts,
    resolve_event,
)

ANSWER_WITHIN_WORKING_DAYS: Final[tuple[tuple[date, int], ...]] = ((date(2020, 1, 1), 15),)
"""(valid from, working days) after which an ask counts as unanswered. Our own choice, no law:
three weeks, the time many a nämnd takes between two meetings of its working committee."""


class AskState(StrEnum):
    STILL_OPEN = "still_open"
    UNANSWERED_ONCE = "unanswered_once"  # settled; the next question comes in its own time
    MAKE_CASE_WAIT = "make_case_wait"  # the second one: let the case rest


@dataclass(frozen=True, slots=True)
class AskOutcome:
    """What has become of an ask. `wake` and `wake_event` are set when the case is to wait.

    Where the event is None the case waits for the day alone.
    """

    state: AskState
    answer_by: date
    wake: EventDate | None = None
    wake_event: WakeEvent | None = None


_SHORTEST_REST: Final = timedelta(weeks=6)  # a case that rests is not woken at once


def ask_answer_by(asked_on: date) -> date:
    """The last day on which an answer still counts as an answer."""
    days = [count for valid_from, count in ANSWER_WITHIN_WORKING_DAYS if valid_from <= asked_on]
    return add_working_days(asked_on, days[-1] if days else ANSWER_WITHIN_WORKING_DAYS[0][1])


def ask_outcome(
    asked_on: date,
    today: date,
    unanswered_so_far: int,
    practice: Practice,
    audience: Audience = Audience.GENERAL,
) -> AskOutcome:
    """Settle one ask. `unanswered_so_far` counts the earlier ones in the case without an answer.

    After the second the case waits for the buyer's next window, never for our quarter (R14).
    """
    answer_by = ask_answer_by(asked_on)
    if today <= answer_by:
        return AskOutcome(AskState.STILL_OPEN, answer_by)
    if unanswered_so_far < 1:
        return AskOutcome(AskState.UNANSWERED_ONCE, answer_by)
    wake, event = next_rest(practice, audience, today)
    return AskOutcome(AskState.MAKE_CASE_WAIT, answer_by, wake, event)


def next_rest(
    practice: Practice, audience: Audience, today: date
) -> tuple[EventDate, WakeEvent | None]:
    """Until when a case rests that begins to wait today: the next window a fair while away."""
    candidates: list[tuple[EventDate, WakeEvent | None]] = []
    for event in (WakeEvent.DOOR_OPENS, WakeEvent.INTERNAL_BUDGET):
        found = resolve_event(event, practice, audience, today)
        named: WakeEvent | None = event
        while found is not None and found.day < today + _SHORTEST_REST:
            found, named = resolve_event(event, practice, audience, found.day), None
        if found is not None:
            candidates.append((found, named))
    if candidates:
        return min(candidates, key=lambda pair: pair[0].day)
    year = (
        today.year + 1 if today + _SHORTEST_REST <= date(today.year + 1, 1, 1) else today.year + 2
    )
    new_year = budget_year_starts(practice.kind, year)
    return new_year, WakeEvent.BUDGET_YEAR_STARTS if year == today.year + 1 else None
