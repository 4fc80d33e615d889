"""What the neighbours' timetables let us guess about a body whose own nobody has told us.

Practices differ within a county too (budget-cycles.md 2.1 lists five), so this is only ever a
guess, with its grounds: how many neighbours were asked, who they are, and the median week of
theirs. It is stored as guessed when somebody takes it up, and a guess never says "act now" (R1).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median_low

from crm.rules.budget_cycle import DecisionPractice, PhaseRole, Practice, phases
from crm.rules.calendar import week_start

_TO_SUNDAY = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A body of the same kind in the same county, and what we know of its year."""

    name: str
    practice: Practice


@dataclass(frozen=True, slots=True)
class GuessedPhase:
    """When the neighbours have a phase: from the Monday of a median week to the Sunday of another.

    `of` names those who have a date of their own for it.
    """

    key: str
    name_sv: str
    name_en: str
    role: PhaseRole
    start: date
    end: date
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """The practice that most neighbours have. `agree` of the `known` have it."""

    decision: DecisionPractice
    agree: tuple[str, ...]
    known: tuple[str, ...]
    phases: tuple[GuessedPhase, ...]


def guess(neighbours: Sequence[Neighbour], budget_year: int) -> Guess | None:
    """What the neighbours do, or None where none is known or no practice is the most common.

    Only those with that practice are asked about single phases, and only where they have a date of
    their own: what a template says of everybody is nobody's answer.
    """
    known = [one for one in neighbours if one.practice.is_known]
    most = Counter(one.practice.decision for one in known).most_common(2)
    if not most or (len(most) == 2 and most[0][1] == most[1][1]):
        return None
    decision = most[0][0]
    agree = [one for one in known if one.practice.decision is decision]
    return Guess(
        decision,
        tuple(one.name for one in agree),
        tuple(one.name for one in known),
        _guessed_phases(agree, budget_year),
    )


def _guessed_phases(agree: Sequence[Neighbour], budget_year: int) -> tuple[GuessedPhase, ...]:
    found: dict[str, list[tuple[str, date, date]]] = {}
    told = {}
    for one in agree:
        own = {row.phase_key for row in one.practice.overrides if row.budget_year is None}
        for phase in phases(one.practice, budget_year):
            if phase.key in own:
                found.setdefault(phase.key, []).append((one.name, phase.start, phase.end))
                told[phase.key] = phase
    guessed = []
    for key, dates in found.items():
        start = _monday(median_low(start for _name, start, _end in dates))
        end = _monday(median_low(end for _name, _start, end in dates)) + _TO_SUNDAY
        phase = told[key]
        guessed.append(
            GuessedPhase(
                key, phase.name_sv, phase.name_en, phase.role, start, end,
                tuple(name for name, _start, _end in dates),
            )
        )  # fmt: skip
    return tuple(sorted(guessed, key=lambda phase: (phase.start, phase.end, phase.key)))


def _monday(day: date) -> date:
    year, week, _weekday = day.isocalendar()
    return week_start(year, week)
