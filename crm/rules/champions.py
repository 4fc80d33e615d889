"""Champions by what they do: dated acts that others can see, a strength that fades, three tests.

Nobody sets a strength by hand (feature C2). An act gives points; they are halved for each whole
`halves_after` since it was done; all acts of one kind give at most the kind's cap. So whoever stops
gives less and less, and no single habit makes a champion. The points, caps and days are Förankra's
own defaults of 2026-11-29, shown with each strength and open to change; the reference texts name
none.

A champion is told from a coach, who helps us but does not carry the product, by three tests that
sellers know from MEDDICC: has influence, sells when we are not in the room, has an own reason.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final

from crm.rules.functions import Function
from crm.rules.stages import CaseRole


class ActKind(StrEnum):
    """What somebody at the buyer did, as anybody could have seen it."""

    SHOWED = "showed"  # sold it internally: showed it, spoke for it, at a meeting or to somebody
    INTRODUCED = "introduced"  # told a colleague, who turned to us or was put in touch with us
    BROUGHT_IN = "brought_in"  # brought in a support function
    USES_WEEKLY = "uses_weekly"
    WROTE_NEED = "wrote_need"  # put a need into own words
    GOT_RESOURCES = "got_resources"  # got time or money for it
    NAMED_PATH = "named_path"  # told us who decides, and in which order
    ASKED_PRICE = "asked_price"
    CAME_BACK = "came_back"  # turned to us again of their own accord


class SellingOutcome(StrEnum):
    """How it was received by those who heard."""

    LIKED = "liked"
    QUESTIONS = "questions"
    DOUBTFUL = "doubtful"
    NOT_NOW = "not_now"
    NOT_KNOWN = "not_known"


class Occasion(StrEnum):
    """Where inside the body it can be brought up next."""

    STAFF_MEETING = "staff_meeting"  # arbetsplatsträff
    MANAGEMENT_GROUP = "management_group"  # ledningsgrupp
    COMMITTEE = "committee"  # nämnd
    COOPERATION = "cooperation"  # samverkan with the unions
    OTHER = "other"


OCCASION_WORDS: Final[dict[Occasion, tuple[str, str]]] = {
    Occasion.STAFF_MEETING: ("arbetsplatsträffen", "the staff meeting"),
    Occasion.MANAGEMENT_GROUP: ("ledningsgruppen", "the management group"),
    Occasion.COMMITTEE: ("nämndens möte", "the nämnd's meeting"),
    Occasion.COOPERATION: ("samverkan med facken", "samverkan with the unions"),
    Occasion.OTHER: ("nästa tillfälle", "the next occasion"),
}
"""In a sentence, in Swedish and English."""


class Origin(StrEnum):
    """How we know of an act."""

    WRITTEN = "written"  # somebody wrote it down
    TOLD = "told"  # an inquiry names who told the caller
    INQUIRY = "inquiry"  # the person's own inquiry, not the first one
    NEED = "need"  # a need captured in the person's own words


@dataclass(frozen=True, slots=True)
class Worth:
    """Points of one act, and at most for all of its kind."""

    points: int
    cap: int


WORTH: Final[dict[ActKind, Worth]] = {
    ActKind.SHOWED: Worth(3, 9),
    ActKind.INTRODUCED: Worth(3, 9),
    ActKind.BROUGHT_IN: Worth(4, 8),
    ActKind.USES_WEEKLY: Worth(2, 4),
    ActKind.WROTE_NEED: Worth(2, 6),
    ActKind.GOT_RESOURCES: Worth(4, 8),
    ActKind.NAMED_PATH: Worth(2, 4),
    ActKind.ASKED_PRICE: Worth(2, 4),
    ActKind.CAME_BACK: Worth(1, 3),
}
"""What costs somebody standing among colleagues weighs most; what only we see weighs least."""

FORGOTTEN_AFTER: Final = 6
"""Halvings after which an act gives nothing."""


@dataclass(frozen=True, slots=True)
class Formula:
    """How a strength is worked out, in whole points and days.

    `halves_after` is as long as a case may go without contact before it is mentioned (feature C7):
    a public body has half a year of budget work and holidays in which nothing needs to happen.
    `recent` is within how long an act answers one of the three tests: a budget year. From
    `clear_from` a strength is clear: two kinds of act this half-year, or one that cost something;
    from `strong_from` strong: at least three kinds, as no cap reaches so far.
    """

    worth: Mapping[ActKind, Worth]
    halves_after: int = 180
    recent: int = 365
    clear_from: int = 4
    strong_from: int = 10

    @property
    def is_whole(self) -> bool:
        """Whether every kind has its worth, no cap is below one act's points, and the words lie in
        order."""
        return (
            set(self.worth) == set(ActKind)
            and all(0 <= one.points <= one.cap for one in self.worth.values())
            and 0 < self.clear_from < self.strong_from
            and self.halves_after > 0
            and self.recent > 0
        )


USUAL: Final = Formula(WORTH)
"""As Förankra ships it. An administrator may set other figures (claim S31)."""

SAME_ACT: Final = timedelta(days=14)
"""What somebody wrote down and what an inquiry shows are one act if they lie so near."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act. `other_id` is whom it concerned; `body_id` where it was done."""

    kind: ActKind
    on: date
    other_id: int | None = None
    body_id: int | None = None
    origin: Origin = Origin.WRITTEN
    function: Function | None = None


def counted_once(acts: Iterable[Act]) -> list[Act]:
    """The acts without those that are known in two ways, oldest first.

    What somebody wrote down wins over what follows from an inquiry. Introducing the same colleague
    is one act however long ago; of other kinds what lies within `SAME_ACT` is.
    """
    found: list[Act] = []
    ordered = sorted(acts, key=lambda act: (act.origin is not Origin.WRITTEN, act.on))
    for act in ordered:
        if act.origin is Origin.WRITTEN or not any(_is_same(act, other) for other in found):
            found.append(act)
    return sorted(found, key=lambda act: act.on)


def _is_same(one: Act, other: Act) -> bool:
    if one.kind is not other.kind:
        return False
    if one.other_id is not None and other.other_id is not None:
        return one.other_id == other.other_id
    return abs(one.on - other.on) <= SAME_ACT


def came_back(inquired: Iterable[date]) -> list[date]:
    """Of somebody's own inquiries, those that were a return: later than `SAME_ACT` after the one
    before."""
    days = sorted(set(inquired))
    return [day for before, day in pairwise(days) if day - before > SAME_ACT]


@dataclass(frozen=True, slots=True)
class Step:
    """One act in the sum: its points, how many times they were halved, and what is left."""

    act: Act
    points: int
    halved: int
    left: float


@dataclass(frozen=True, slots=True)
class Part:
    """All acts of one kind, the latest first. `given` is the sum, or the cap where that is less."""

    kind: ActKind
    steps: tuple[Step, ...]
    cap: int  # what acts of the kind give at most

    @property
    def sum(self) -> float:
        """Before the cap."""
        return sum(step.left for step in self.steps)

    @property
    def given(self) -> float:
        """What the kind gives."""
        return min(self.sum, float(self.cap))

    @property
    def is_capped(self) -> bool:
        """Whether the acts would have given more."""
        return self.sum > self.cap


class StrengthBand(StrEnum):
    """A strength in a word."""

    NONE = "none"
    FAINT = "faint"
    CLEAR = "clear"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Strength:
    """A strength with every step that led to it."""

    parts: tuple[Part, ...]
    formula: Formula = USUAL

    @property
    def total(self) -> float:
        """The sum of what the kinds give. Halves of whole numbers, so that it is exact."""
        return sum(part.given for part in self.parts)

    @property
    def band(self) -> StrengthBand:
        """It in a word."""
        if self.total <= 0:
            return StrengthBand.NONE
        if self.total < self.formula.clear_from:
            return StrengthBand.FAINT
        return StrengthBand.CLEAR if self.total < self.formula.strong_from else StrengthBand.STRONG

    @property
    def last_on(self) -> date | None:
        """The day of the latest act."""
        return max((step.act.on for part in self.parts for step in part.steps), default=None)


def strength(acts: Iterable[Act], today: date, formula: Formula = USUAL) -> Strength:
    """The strength that the acts give on a day. What lies ahead of the day gives nothing."""
    by_kind: dict[ActKind, list[Step]] = {}
    for act in counted_once(act for act in acts if act.on <= today):
        halved = (today - act.on).days // formula.halves_after
        if halved >= FORGOTTEN_AFTER:
            continue
        points = formula.worth[act.kind].points
        by_kind.setdefault(act.kind, []).append(Step(act, points, halved, points / 2**halved))
    return Strength(
        tuple(
            Part(
                kind,
                tuple(sorted(by_kind[kind], key=lambda step: step.act.on, reverse=True)),
                formula.worth[kind].cap,
            )
            for kind in ActKind
            if kind in by_kind
        ),
        formula,
    )


class ChampionTest(StrEnum):
    """The three tests."""

    INFLUENCE = "influence"
    SELLS = "sells"
    OWN_REASON = "own_reason"


ANSWERS: Final[dict[ChampionTest, tuple[ActKind, ...]]] = {
    ChampionTest.INFLUENCE: (ActKind.GOT_RESOURCES, ActKind.BROUGHT_IN),
    ChampionTest.SELLS: (ActKind.SHOWED, ActKind.INTRODUCED),
    ChampionTest.OWN_REASON: (ActKind.USES_WEEKLY, ActKind.WROTE_NEED),
}
"""Acts that answer each test. A role with money or the decision is influence in itself."""

_INFLUENTIAL: Final = (CaseRole.BUDGET_OWNER, CaseRole.DECISION_MAKER)


@dataclass(frozen=True, slots=True)
class Tested:
    """A test: met by an act, by a role, or not. `earlier` is the latest act that would meet it, had
    it not been too long ago."""

    test: ChampionTest
    by_act: Act | None = None
    by_role: CaseRole | None = None
    earlier: Act | None = None

    @property
    def is_met(self) -> bool:
        """Whether anything answers it."""
        return self.by_act is not None or self.by_role is not None


class Carries(StrEnum):
    """What the acts show somebody to be."""

    CHAMPION = "champion"
    COACH = "coach"
    NOT_KNOWN = "not_known"  # nothing within a year


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the acts show, and by which tests."""

    tests: tuple[Tested, ...]
    carries: Carries

    @property
    def missing(self) -> tuple[ChampionTest, ...]:
        """The tests that nothing answers."""
        return tuple(one.test for one in self.tests if not one.is_met)


def verdict(
    acts: Iterable[Act], roles: Iterable[CaseRole], today: date, formula: Formula = USUAL
) -> Verdict:
    """A champion meets all three tests within a year; whoever helps and does not is a coach."""
    known = [act for act in counted_once(acts) if act.on <= today]
    recent = [act for act in known if (today - act.on).days <= formula.recent]
    held = set(roles)
    tests = tuple(_tested(test, recent, known, held) for test in ChampionTest)
    if not recent:
        return Verdict(tests, Carries.NOT_KNOWN)
    champion = all(one.is_met for one in tests)
    return Verdict(tests, Carries.CHAMPION if champion else Carries.COACH)


def _tested(
    test: ChampionTest, recent: Sequence[Act], known: Sequence[Act], held: set[CaseRole]
) -> Tested:
    act = _latest(test, recent)
    if act is None and test is ChampionTest.INFLUENCE:
        role = next((role for role in _INFLUENTIAL if role in held), None)
        return Tested(test, by_role=role)
    return Tested(test, act, earlier=None if act is not None else _latest(test, known))


def _latest(test: ChampionTest, acts: Sequence[Act]) -> Act | None:
    return next((act for act in reversed(acts) if act.kind in ANSWERS[test]), None)


# --- Who told whom ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody told somebody, on a day."""

    teller_id: int
    heard_id: int
    on: date


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the picture: who, from whom and when, how deep and on which line."""

    person_id: int
    on: date | None
    depth: int
    line: int
    parent_line: int | None


def tidy_tree(told: Iterable[Told]) -> list[Node]:
    """A tree by date, one line for each person: first whoever told first.

    Somebody who heard it several times hangs under the first who told them; whoever told in a ring
    stands once. The order never depends on anything but days and numbers.
    """
    first: dict[int, Told] = {}
    for one in sorted(told, key=lambda one: (one.on, one.teller_id, one.heard_id)):
        if one.teller_id != one.heard_id and not _is_above(one.heard_id, one.teller_id, first):
            first.setdefault(one.heard_id, one)
    under: dict[int, list[Told]] = {}
    for one in first.values():
        under.setdefault(one.teller_id, []).append(one)
    roots = sorted(
        (teller for teller in under if teller not in first),
        key=lambda teller: (min(one.on for one in under[teller]), teller),
    )
    nodes: list[Node] = []
    waiting: list[tuple[int, date | None, int, int | None]] = [
        (root, None, 0, None) for root in reversed(roots)
    ]
    while waiting:
        person_id, on, depth, parent_line = waiting.pop()
        line = len(nodes)
        nodes.append(Node(person_id, on, depth, line, parent_line))
        below = sorted(under.get(person_id, ()), key=lambda one: (one.on, one.heard_id))
        waiting += [(one.heard_id, one.on, depth + 1, line) for one in reversed(below)]
    return nodes


def _is_above(person_id: int, of: int, first: dict[int, Told]) -> bool:
    """Whether the person stands somewhere above another already."""
    while of in first:
        of = first[of].teller_id
        if of == person_id:
            return True
    return False


# --- Spread -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """A sign of somebody: that they turned to us, did an act, or took a role. On one day."""

    person_id: int
    unit_id: int
    on: date
    function: Function | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """How far it has come over some months: distinct people, units and functions."""

    first: date
    last: date
    people: frozenset[int]
    units: frozenset[int]
    functions: frozenset[Function]


SPREAD_MONTHS: Final = 12
QUARTERS: Final = 12
"""Three years of quarters (claim S30)."""


def spread(seen: Iterable[Seen], first: date, last: date) -> Spread:
    """Who was seen from one day to another, both included."""
    within = [one for one in seen if first <= one.on <= last]
    return Spread(
        first,
        last,
        frozenset(one.person_id for one in within),
        frozenset(one.unit_id for one in within),
        frozenset(one.function for one in within if one.function is not None),
    )


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def quarters(today: date, count: int = QUARTERS) -> list[tuple[date, date]]:
    """The first and last day of the latest quarters, oldest first; the present one among them."""
    firsts = [quarter_of(today)]
    while len(firsts) < count:
        firsts.append(quarter_of(firsts[-1] - timedelta(days=1)))
    firsts.reverse()
    ends = [day - timedelta(days=1) for day in firsts[1:]] + [_end_of_quarter(firsts[-1])]
    return list(zip(firsts, ends, strict=True))


def _end_of_quarter(first: date) -> date:
    return quarter_of(first + timedelta(days=100)) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which spread an anchoring map is worth drawing: so many units, or so many people."""

    units: int = 3
    people: int = 5

    def is_reached(self, units: int, people: int) -> bool:
        """Whether either is there."""
        return units >= self.units or people >= self.people


@dataclass(frozen=True, slots=True)
class Figures:
    """What an installation may set: the formula, and from which spread a map is proposed."""

    formula: Formula = USUAL
    threshold: Threshold = Threshold()
