"""What buyers are doing week by week: accounts counted by the phase of the budget year (E12).

Weeks are ISO weeks, Monday to Sunday. A buyer is in a phase in every week that a day of the phase
falls in, and may be in several phases at once; in one phase it stands once a week however many of
its dated things belong there. Who is in none of them stands between two phases, and who has no
known timetable stands apart and nowhere else: nothing is planned from a guess (R1).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, reduce
from itertools import accumulate
from operator import or_
from typing import Final

from crm.rules.budget_cycle import (
    Phase,
    PhaseRole,
    Practice,
    budget_years,
    calendar,
    own_days,
    usual,
)

DAYS: Final = 7
WEEKS_AHEAD: Final = 7
"""This week and the six that follow."""


class BuyerPhase(StrEnum):
    """A row of the week: what a buyer is in the middle of, in the order of the way to the money."""

    PREPARATION = "preparation"
    DIRECTIVE = "directive"
    DOOR = "door"
    INVESTMENT = "investment"
    POLITICS = "politics"
    DECISION = "decision"
    RECONCILIATION = "reconciliation"
    INTERNAL_BUDGET = "internal_budget"
    APPROPRIATION = "appropriation"
    YEAR_END = "year_end"
    YEAR_START = "year_start"
    FOLLOW_UP = "follow_up"
    BETWEEN = "between"
    UNKNOWN = "unknown"


_WITHOUT_A_ROLE: Final = frozenset({BuyerPhase.BETWEEN, BuyerPhase.UNKNOWN})
_BY_ROLE: Final[dict[PhaseRole, BuyerPhase]] = {
    PhaseRole(phase.value): phase for phase in BuyerPhase if phase not in _WITHOUT_A_ROLE
}
"""Left out: what goes on all year, what happens to everybody at once, and mere risks."""

TO_THE_MONEY: Final = (
    BuyerPhase.DOOR,
    BuyerPhase.INVESTMENT,
    BuyerPhase.POLITICS,
    BuyerPhase.DECISION,
    BuyerPhase.INTERNAL_BUDGET,
)
"""What a year is planned by: where a need is handed in, and where it is settled."""


def phase_of(phase: Phase) -> BuyerPhase | None:
    """The row that a dated phase belongs to, or None if it is no row of its own."""
    return _BY_ROLE.get(phase.role)


# --- Weeks -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week. The last days of December may belong to week 1 of the next year."""

    year: int
    number: int

    def __post_init__(self) -> None:
        """Raise ValueError on a week that the year does not have."""
        date.fromisocalendar(self.year, self.number, 1)

    @classmethod
    def of(cls, day: date) -> "Week":
        """The week that the day falls in."""
        year, number, _weekday = day.isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, text: str) -> "Week | None":
        """ "2027-W05" as a week; None if it is none."""
        year, _mark, number = text.partition("-W")
        if not (year.isdecimal() and number.isdecimal() and len(year) == 4 and len(number) <= 2):
            return None
        try:
            return cls(int(year), int(number)) if 2000 <= int(year) <= 2100 else None
        except ValueError:
            return None

    @property
    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    @property
    def sunday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 7)

    def __str__(self) -> str:
        return f"{self.year}-W{self.number:02d}"


def weeks_from(day: date, count: int = WEEKS_AHEAD) -> tuple[Week, ...]:
    """So many weeks in a row, the first the one that the day falls in."""
    return tuple(Week.of(day + timedelta(days=DAYS * ahead)) for ahead in range(count))


def weeks_of_year(year: int) -> tuple[Week, ...]:
    """Every ISO week of a year: 52, or 53."""
    first, last = Week(year, 1), Week.of(date(year, 12, 28))
    return weeks_from(first.monday, last.number)


# --- Counting ----------------------------------------------------------------------------------


Marks = tuple[tuple[BuyerPhase, int], ...]
"""The rows that a buyer stands in, each with its weeks as bits: the lowest is the first week."""


@lru_cache(maxsize=1 << 13)
def marks(practice: Practice, first: Week, count: int = 1) -> Marks:
    """In which of `count` weeks from the first the buyer stands in which row.

    What it shares with all of its custom is reckoned once for all of them, and only the phases
    that it has days of its own for are looked at for itself: a thousand bodies of which no two
    have the same dates cost little more than one.
    """
    every_week = (1 << count) - 1
    if not practice.is_known:
        return ((BuyerPhase.UNKNOWN, every_week),)
    start = first.monday
    found: dict[BuyerPhase, int] = {}
    moved = set()
    for budget_year in budget_years(start, _last_day(first, count)):
        for key, (role, begins, ends) in own_days(practice, budget_year).items():
            moved.add((key, budget_year))
            if role in _BY_ROLE:
                row = _BY_ROLE[role]
                found[row] = found.get(row, 0) | _weeks_between(begins, ends, start, count)
    for key, budget_year, row, weeks in _usual_marks(usual(practice), first, count):
        if (key, budget_year) not in moved:
            found[row] = found.get(row, 0) | weeks
    busy = reduce(or_, found.values(), 0)
    if busy != every_week:
        found[BuyerPhase.BETWEEN] = every_week & ~busy
    return tuple((row, weeks) for row, weeks in found.items() if weeks)


@lru_cache(maxsize=1 << 10)
def _usual_marks(
    practice: Practice, first: Week, count: int
) -> tuple[tuple[str, int, BuyerPhase, int], ...]:
    """(phase, budget year, row, weeks) of everything in a calendar that makes a row."""
    return tuple(
        (phase.key, phase.budget_year, row, weeks)
        for phase in calendar(practice, first.monday, _last_day(first, count))
        if (row := phase_of(phase)) is not None
        and (weeks := _weeks_between(phase.start, phase.end, first.monday, count))
    )


def _last_day(first: Week, count: int) -> date:
    return first.monday + timedelta(days=DAYS * count - 1)


def _weeks_between(begins: date, ends: date, start: date, count: int) -> int:
    """The weeks from `start` that a day of begins–ends falls in, as bits."""
    low = max(0, (begins - start).days // DAYS)
    high = min(count - 1, (ends - start).days // DAYS)
    return (1 << high + 1) - (1 << low) if low <= high else 0


def doing(practice: Practice, first: Week, count: int = 1) -> tuple[frozenset[BuyerPhase], ...]:
    """What a buyer with the timetable is doing in each of `count` weeks from the first."""
    found = marks(practice, first, count)
    return tuple(
        frozenset(row for row, weeks in found if weeks >> number & 1) for number in range(count)
    )


def dated_in(practice: Practice, row: BuyerPhase, week: Week) -> tuple[Phase, ...]:
    """The dated phases that put a buyer into the row in a week, the earliest first."""
    if not practice.is_known:
        return ()
    return tuple(
        phase for phase in calendar(practice, week.monday, week.sunday) if phase_of(phase) is row
    )


def counted(
    accounts: Mapping[Practice, int], first: Week, count: int = WEEKS_AHEAD
) -> dict[BuyerPhase, tuple[int, ...]]:
    """Accounts by phase and week; every phase is there, in its order, also with nothing in it."""
    alike: dict[BuyerPhase, Counter[int]] = {phase: Counter() for phase in BuyerPhase}
    for practice, number in accounts.items():
        for row, weeks in marks(practice, first, count):
            alike[row][weeks] += number
    return {phase: _summed(alike[phase], count) for phase in BuyerPhase}


def _summed(alike: Mapping[int, int], count: int) -> tuple[int, ...]:
    """How many there are in each week, of so many that have each set of weeks."""
    steps = [0] * (count + 1)
    for weeks, number in alike.items():
        edges, step = weeks ^ weeks << 1, number  # where stretches begin, and just after they end
        while edges:
            lowest = edges & -edges
            steps[lowest.bit_length() - 1] += step
            edges, step = edges ^ lowest, -step
    return tuple(accumulate(steps[:count]))


def known(accounts: Mapping[Practice, int]) -> int:
    """How many accounts have a timetable that is known."""
    return sum(number for practice, number in accounts.items() if practice.is_known)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Weeks in a row in which something goes on: the same as a picture of them says, in words."""

    first: Week
    last: Week
    most: int
    most_in: Week


def stretches(numbers: Iterable[int], weeks: Iterable[Week]) -> tuple[Stretch, ...]:
    """The stretches of weeks with anybody in them, and where each is fullest."""
    found: list[Stretch] = []
    open_now = False
    for number, week in zip(numbers, weeks, strict=True):
        if not number:
            open_now = False
        elif not open_now:
            found.append(Stretch(week, week, number, week))
            open_now = True
        else:
            so_far = found[-1]
            fuller = number > so_far.most
            found[-1] = replace(
                so_far,
                last=week,
                most=number if fuller else so_far.most,
                most_in=week if fuller else so_far.most_in,
            )
    return tuple(found)


STEPS: Final = 4


def heat(number: int, most: int) -> int:
    """How strongly a cell is coloured: 0 for nobody, else 1–4 by the share of the fullest cell."""
    if number <= 0 or most <= 0:
        return 0
    return min(STEPS, 1 + (number * STEPS - 1) // most)


# --- What fits to do ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Advice:
    """One line on what fits to do now, in both languages."""

    text_sv: str
    text_en: str


SHIPPED_ADVICE: Final[dict[BuyerPhase, Advice]] = {
    BuyerPhase.PREPARATION: Advice(
        "Lyssna efter vad enheterna behöver, och lämna underlag som går att läsa utan dig.",
        "Listen for what the units need, and leave papers that can be read without you.",
    ),
    BuyerPhase.DIRECTIVE: Advice(
        "Läs ramarna när de kommer. Ta reda på vem som skriver nämndens underlag, och när.",
        "Read the frames when they come. Find out who writes the nämnd's request, and when.",
    ),
    BuyerPhase.DOOR: Advice(
        "Hjälp den som skriver: en sida om behovet och tre sätt att köpa. "
        "Sedan får de arbeta i fred.",
        "Help whoever writes: one page on the need and three ways to buy. Then leave them to it.",
    ),
    BuyerPhase.INVESTMENT: Advice(
        "Fråga ekonomen om det räknas som investering hos dem. Abonnemang hör oftast till driften.",
        "Ask their finance officer whether it counts as investment. "
        "Subscriptions are mostly running costs.",
    ),
    BuyerPhase.POLITICS: Advice(
        "Uppvakta ingen. Svara snabbt och kort när tjänstemännen frågar.",
        "Call on nobody. Answer quickly and briefly when the officials ask.",
    ),
    BuyerPhase.DECISION: Advice(
        "Läs beslutet och anteckna vad det säger. Kontakta ingen om det.",
        "Read the decision and note what it says. Contact nobody about it.",
    ),
    BuyerPhase.RECONCILIATION: Advice(
        "Läs om ramarna ändras. Pekar det mot underskott: vänta.",
        "Read whether the frames change. If it points to a deficit: wait.",
    ),
    BuyerPhase.INTERNAL_BUDGET: Advice(
        "Nu fördelas pengarna på enheterna. Fråga en gång om behovet kom med.",
        "The money is being shared out among the units. Ask once whether the need is in.",
    ),
    BuyerPhase.APPROPRIATION: Advice(
        "Läs regleringsbrevet när det kommer. Frågan om vad det ändrar kan vänta till efter nyår.",
        "Read the regleringsbrev when it comes. Asking what it changes can wait until January.",
    ),
    BuyerPhase.YEAR_END: Advice(
        "Tryck inte på för årets sista pengar. Svara snabbt om de själva frågar om leverans i år.",
        "Do not press for the year's last money. Answer quickly if they ask to have it delivered.",
    ),
    BuyerPhase.YEAR_START: Advice(
        "Hör av dig vänligt från andra hela veckan. Nyvalda nämnder får vara i fred till mars.",
        "Be in touch kindly from the second full week. Leave newly elected nämnder until March.",
    ),
    BuyerPhase.FOLLOW_UP: Advice(
        "Låt ekonomerna arbeta i fred. Läs prognosen eller bokslutet när det är publicerat.",
        "Leave the finance staff in peace. Read the forecast or the accounts once published.",
    ),
    BuyerPhase.BETWEEN: Advice(
        "Ett bra läge för utbildning, och för att visa vad de som redan använder det har sett.",
        "A good time for training, and for showing what those who use it already have seen.",
    ),
    BuyerPhase.UNKNOWN: Advice(
        "Ta reda på tidplanen. Till dess är lagens gränser de enda datum som håller.",
        "Find out the timetable. Until then the limits of the law are the only dates that hold.",
    ),
}
"""As it comes with the program: budget-cycles.md, parts 2–4 and rules R1–R8, in one line each."""
