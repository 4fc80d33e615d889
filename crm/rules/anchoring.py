"""The anchoring map (feature C4): who at the buyer is in on it, since when, and what they think.

One row for every function that usually has a say at a body of the kind; under it the people, or a
place kept open for somebody not known yet. A function is *in* from the first day on which anybody
of it was involved (claim S8). What the case's roles tell already is never typed again.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from crm.rules.functions import Function, function_of
from crm.rules.kinds import SCHOOL_KINDS, OrganisationKind, UnitKind
from crm.rules.stages import CaseRole


class Stance(StrEnum):
    """What somebody thinks of it, as far as we know."""

    FOR = "for"
    NEUTRAL = "neutral"
    DOUBTFUL = "doubtful"
    AGAINST = "against"
    UNKNOWN = "unknown"


class Setting(StrEnum):
    """What kind of activity a case is about: it decides who has a say."""

    SCHOOL = "school"
    CARE = "care"
    MUNICIPALITY = "municipality"  # the rest of what a kommun does
    REGION = "region"
    STATE = "state"
    COMPANY = "company"


_SCHOOLS: Final = SCHOOL_KINDS | {UnitKind.ADULT_EDUCATION}
_CARE: Final = frozenset(
    {UnitKind.HEALTH_CENTRE, UnitKind.HOSPITAL, UnitKind.CARE_HOME, UnitKind.SOCIAL_SERVICES}
)
_BY_BODY: Final[dict[OrganisationKind, Setting]] = {
    OrganisationKind.REGION: Setting.REGION,
    OrganisationKind.AUTHORITY: Setting.STATE,
    OrganisationKind.UNIVERSITY: Setting.STATE,
    OrganisationKind.COMPANY: Setting.COMPANY,
    OrganisationKind.PRINCIPAL: Setting.SCHOOL,
}


def setting_of(body: OrganisationKind, units: Iterable[UnitKind | None]) -> Setting:
    """What the case is about, from the kind of the body and of the units that take part."""
    if body in _BY_BODY:
        return _BY_BODY[body]
    there = set(units)
    if there & _SCHOOLS:
        return Setting.SCHOOL
    return Setting.CARE if there & _CARE else Setting.MUNICIPALITY


TEMPLATES: Final[dict[Setting, frozenset[Function]]] = {
    setting: frozenset(Function) for setting in Setting
} | {
    setting: frozenset(Function) - {Function.POLITICS}
    for setting in (Setting.STATE, Setting.COMPANY)
}
"""Who usually has a say (`budget-cycles.md` 5.1): everybody the gate asks for, and everybody who
has a step there. A state agency and a company have no nämnd."""


def template(setting: Setting) -> tuple[Function, ...]:
    """The functions of the setting, in the order of the map."""
    return tuple(function for function in Function if function in TEMPLATES[setting])


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody of a function, or a place kept open: `person_id` None, `who` a hint or ''.

    `entry_id` is None while the line comes from the case's roles and nobody has written it down.
    """

    function: Function
    person_id: int | None
    who: str
    stance: Stance = Stance.UNKNOWN
    since: date | None = None
    question: str = ""
    entry_id: int | None = None

    @property
    def is_known(self) -> bool:
        return self.person_id is not None


@dataclass(frozen=True, slots=True)
class TitleHeld:
    """A title that somebody has had: from and to a day, where they are known.

    `here` is whether the post is at the body that the case is about, `by_hand` the function that
    somebody has said it has, whatever the title.
    """

    title: str
    started_on: date | None
    ended_on: date | None
    here: bool = True
    by_hand: Function | None = None

    def away(self, day: date) -> int:
        """How many days the post lies from the day; 0 while it was held."""
        if self.started_on is not None and day < self.started_on:
            return (self.started_on - day).days
        if self.ended_on is not None and day > self.ended_on:
            return (day - self.ended_on).days
        return 0


def title_on(posts: Iterable[TitleHeld], day: date) -> TitleHeld | None:
    """The title that somebody had on a day: of the post that was held then, here before elsewhere,
    the latest begun first. Where no post tells of the day, that of the post nearest to it."""
    titled = [post for post in posts if post.title or post.by_hand]
    return min(
        reversed(titled),
        key=lambda post: (
            post.away(day),
            not post.here,
            -(post.started_on or date.min).toordinal(),
        ),
        default=None,
    )


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role of the case on the day of the map, with the title of who holds it."""

    person_id: int
    name: str
    title: str
    role: CaseRole
    since: date
    by_hand: Function | None = None

    @property
    def function(self) -> Function:
        return function_of(self.role, self.title, self.by_hand)


def held_on(
    day: date, person_id: int, name: str, role: CaseRole, since: date, posts: Sequence[TitleHeld]
) -> HeldRole:
    """The role with the title of that day.

    Whoever got the title later, and another function with it, stands for that function from then.
    """
    now, first = title_on(posts, day), title_on(posts, since)
    if now is None:
        return HeldRole(person_id, name, "", role, since)
    held = HeldRole(person_id, name, now.title, role, since, now.by_hand)
    was = function_of(role, first.title, first.by_hand) if first else None
    if now.started_on is not None and held.function is not was:
        return replace(held, since=max(since, now.started_on))
    return held


@dataclass(frozen=True, slots=True)
class Row:
    """A function with its lines, which may be none.

    `working` is the day from which it is at work on a step of the gate, whoever does it there.
    """

    function: Function
    lines: tuple[Line, ...]
    expected: bool = True  # the template has it
    working: date | None = None

    @property
    def since(self) -> date | None:
        """The day from which the function is in."""
        days = (self.working, *(line.since for line in self.lines))
        return min((day for day in days if day is not None), default=None)

    @property
    def nobody(self) -> bool:
        """A gap: nobody there is known by name."""
        return not any(line.is_known for line in self.lines)


@dataclass(frozen=True, slots=True)
class Map:
    """The map as it stood at the end of a day."""

    rows: tuple[Row, ...]
    on: date
    agreed: frozenset[Function] = frozenset()  # in by what is signed, with no day written

    @property
    def expected(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.expected)

    @property
    def involved(self) -> frozenset[Function]:
        """The functions that were in that day."""
        return self.agreed | {
            row.function for row in self.rows if row.since is not None and row.since <= self.on
        }

    @property
    def count_in(self) -> int:
        """How many of the expected functions were in."""
        return sum(row.function in self.involved for row in self.expected)

    @property
    def unknown(self) -> tuple[Function, ...]:
        """The expected functions where nobody is known."""
        return tuple(row.function for row in self.expected if row.nobody)

    @property
    def waiting(self) -> tuple[Function, ...]:
        """The expected functions where somebody is known, and nobody has been involved."""
        return tuple(
            row.function
            for row in self.expected
            if not row.nobody and row.function not in self.involved
        )

    @property
    def questions(self) -> tuple[Line, ...]:
        return tuple(line for row in self.rows for line in row.lines if line.question)


_STANCE_OF: Final = {CaseRole.CHAMPION: Stance.FOR, CaseRole.SCEPTIC: Stance.DOUBTFUL}


def from_roles(roles: Sequence[HeldRole]) -> list[Line]:
    """What the case's roles say: for each function a person stands for, one line.

    A person may stand for several (claim S32). A champion is for it, a sceptic doubtful, in every
    line of theirs; of others we know no stance.
    """
    stances = {held.person_id: _STANCE_OF[held.role] for held in roles if held.role in _STANCE_OF}
    since: dict[tuple[Function, int], date] = {}
    names = {held.person_id: held.name for held in roles}
    for held in roles:
        key = held.function, held.person_id
        since[key] = min(since.get(key, held.since), held.since)
    return [
        Line(function, person, names[person], stances.get(person, Stance.UNKNOWN), first)
        for (function, person), first in since.items()
    ]


def lay_out(
    functions: Collection[Function],
    written: Iterable[Line],
    roles: Sequence[HeldRole],
    on: date,
    *,
    working: Mapping[Function, date] | None = None,
    agreed: Collection[Function] = (),
) -> Map:
    """The map of a day: what was written down, and what the roles of that day tell besides.

    A written line without a day takes that of the role, so that the map and the gate say the same.
    `working` are the functions at work on a step of the gate, and since when; `agreed` those that
    are in by what has been signed.
    """
    lines: dict[Function, list[Line]] = {}
    told = {(line.function, line.person_id): line for line in from_roles(roles)}
    for line in written:
        role = told.pop((line.function, line.person_id), None)
        if role is not None and line.since is None:
            line = replace(line, since=role.since)
        lines.setdefault(line.function, []).append(line)
    for line in told.values():
        lines.setdefault(line.function, []).append(line)
    begun = {one: day for one, day in (working or {}).items() if day <= on}
    shown = {*functions, *lines, *begun}
    return Map(
        tuple(
            Row(
                function, tuple(lines.get(function, ())), function in functions, begun.get(function)
            )
            for function in Function
            if function in shown
        ),
        on,
        frozenset(agreed),
    )


@dataclass(frozen=True, slots=True)
class Compared:
    """A line as it stood on two days; None where it was not there."""

    function: Function
    before: Line | None
    after: Line | None

    @property
    def changed(self) -> bool:
        if self.before is None or self.after is None:
            return True
        was, now = self.before, self.after
        return (was.stance, was.since, was.question, was.who) != (
            now.stance,
            now.since,
            now.question,
            now.who,
        )


def compare(before: Map, after: Map) -> tuple[Compared, ...]:
    """Two days side by side, function by function, person by person, open place by its hint."""

    def keyed(one: Map) -> Mapping[tuple[Function, object], Line]:
        return {
            (line.function, line.person_id if line.is_known else f"?{line.who}"): line
            for row in one.rows
            for line in row.lines
        }

    was, now = keyed(before), keyed(after)
    keys = sorted(
        {*was, *now}, key=lambda key: (list(Function).index(key[0]), key not in was, str(key[1]))
    )
    return tuple(Compared(key[0], was.get(key), now.get(key)) for key in keys)
