"""Which day each contact gets among the others: outside quiet periods, one question at a time
(R14), and at the pace of the person whom it goes to (S21).

Contacts share a room, and keep their distance in it, that go to one person or, where nobody is
known, belong to one case. One on behalf of the account could go to anybody there, and so keeps its
distance to all. Days are given as if nothing had happened yet; what has happened since
is for the planner.

A pause that somebody has recorded changes nothing that falls before it begins. So the days are
given first as if there were none, and then once more for each pause, the earliest first: what
stands before it keeps its day, and only the rest is placed anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Any, Final

from crm.rules.calendar import ONE_DAY
from crm.rules.certainty import Certainty
from crm.rules.pace import PACE, too_near
from crm.rules.quiet import OpenDays, Quiet
from crm.rules.reminder_facts import NO_CASE, CaseFacts
from crm.rules.reminder_rules import Anchor, Offset, Rule

ASK_SPACING_DAYS: Final = 21  # two questions in one case lie at least this far apart (R14)
ONE_ASK: Final = Offset(days=ASK_SPACING_DAYS)
_NO_DISTANCE: Final = Offset()


@dataclass(slots=True)
class Candidate:
    """A reminder on its way: everything but the day it finally falls on."""

    rule: Rule
    occurrence: str
    event_key: str
    wanted: date
    certainty: Certainty
    case: CaseFacts | None = None
    budget_year: int | None = None
    event_start: date | None = None
    event_end: date | None = None
    closes: date | None = None
    source: str = ""
    law: str = ""
    shaped: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    day: date = date.min
    moved: tuple[Quiet, ...] = ()
    pushed: list[str] = field(default_factory=list)  # the rules that moved it behind another
    pulled: bool = False  # before a quiet period, for want of a day after it
    taken_with: "Candidate | None" = None  # both at once, on the day of that one
    let_go: tuple[Quiet, ...] = ()  # a light contact that finds no room of its own, and why
    left_out: bool = False  # of no use any more

    @property
    def key(self) -> str:
        """rule/subject/occurrence of what concerns a case, or an account without one."""
        subject = self.case.subject if self.case is not None else ""
        return f"{self.rule.key}/{subject}/{self.occurrence}"

    @property
    def is_light(self) -> bool:
        """Whether it is a light contact of a case that waits (E10)."""
        return self.rule.anchor is Anchor.WHILE_WAITING

    @property
    def has_a_day(self) -> bool:
        """Whether it stands on a day of its own."""
        return self.taken_with is None and not self.let_go and not self.left_out

    @property
    def keeper(self) -> "Candidate":
        """The one on whose day it is taken up; itself if on its own."""
        found = self
        while found.taken_with is not None:
            found = found.taken_with
        return found

    @property
    def of_case(self) -> CaseFacts:
        """Its case. Raises ValueError: a contact always belongs to one."""
        if self.case is None:
            raise ValueError(f"A contact by {self.rule.key} belongs to no case.")
        return self.case

    def of(self, case: CaseFacts) -> "Candidate":
        """The same occasion as it comes to one case, which shapes it on its own."""
        return Candidate(
            rule=self.rule,
            occurrence=self.occurrence,
            event_key=self.event_key,
            wanted=self.wanted,
            certainty=self.certainty,
            case=case,
            budget_year=self.budget_year,
            event_start=self.event_start,
            event_end=self.event_end,
            closes=self.closes,
            source=self.source,
            law=self.law,
            shaped=[*self.shaped],
            params={**self.params},
        )

    def forget_its_day(self) -> None:
        """As it was before it was placed."""
        self.day, self.moved, self.pushed, self.pulled = date.min, (), [], False
        self.taken_with, self.let_go, self.left_out = None, (), False


Pauses = Callable[[CaseFacts], Iterable[tuple[date, bool]]]
"""From when on each recorded pause changes anything in a case, and whether it may free days too."""

Days = Callable[[Rule, CaseFacts, date | None], OpenDays]
"""The open days of a case by the pauses that begin on a day or before; by all of them for None."""


class Placing:
    """Gives the contacts of one body their days. The candidates that it is given are written to."""

    def __init__(self, pace: Offset | None, days: Days, pauses: Pauses) -> None:
        self._pace = pace
        self._days = days
        self._pauses = pauses

    def place(self, found: Iterable[Candidate]) -> list[list[Candidate]]:
        """Give every contact its day; returns the rooms, each with its contacts by day."""
        ordered = sorted(found, key=_by_closing)
        whole = any(candidate.of_case.is_account for candidate in ordered)
        rooms: dict[tuple[bool, int], list[Candidate]] = {}
        for candidate in ordered:
            which = (True, NO_CASE) if whole else self._room_of(candidate.of_case)
            rooms.setdefault(which, []).append(candidate)
        for room in rooms.values():
            self._place_room(room)
            room.sort(key=lambda one: (one.keeper.day, one.key))
        return list(rooms.values())

    def apart(self, one: Candidate, other: Candidate) -> Offset:
        """How far two contacts in one room must lie from each other, at least."""
        case, another = one.of_case, other.of_case
        accounts = case.is_account or another.is_account
        if not accounts and self._room_of(case) != self._room_of(another):
            return _NO_DISTANCE
        if self._pace is None or (not accounts and case.contact_id is None):
            return ONE_ASK
        if case is not another:
            return self._pace
        return max(self._pace, ONE_ASK, key=lambda offset: offset.from_day(one.day))

    def behind(
        self, candidate: Candidate, last: Candidate, since: date, days: OpenDays
    ) -> tuple[date, tuple[Quiet, ...]]:
        """The first open day as far behind another, which stands on `since`, as it must be; and
        what lay between."""
        free = self.apart(candidate, last).from_day(since)
        if last.case is candidate.case and too_near(since, candidate.day, ONE_ASK):
            key, sv, en = "one_ask", "En fråga i taget", "One question at a time"
        else:
            key, sv, en = "pace", *_pace_words(self._pace or ONE_ASK, candidate.of_case)
        room = Quiet(key, since, free - ONE_DAY, sv, en, Certainty.CONFIRMED, "")
        day, passed = days.first(free)
        return day, (room, *passed)

    def _room_of(self, case: CaseFacts) -> tuple[bool, int]:
        person = case.contact_id if self._pace is not None else None
        return (False, case.case_id) if person is None else (True, person)

    def _place_room(self, room: Sequence[Candidate]) -> None:
        cases = {one.of_case.case_id: one.of_case for one in room}
        pauses = {pause for case in cases.values() for pause in self._pauses(case)}
        self._fill(room, [], date.min)
        for begins, frees in sorted(pauses):
            rest = [one for one in room if one.left_out or one.keeper.day >= begins]
            if frees or any(not self._is_open(one, begins) for one in rest if one.has_a_day):
                before = [one for one in room if one.has_a_day and one.day < begins]
                for one in rest:
                    one.forget_its_day()
                self._fill(rest, before, begins)

    def _is_open(self, one: Candidate, begun_by: date) -> bool:
        return self._days(one.rule, one.of_case, begun_by).first(one.day)[0] == one.day

    def _fill(self, some: Iterable[Candidate], placed: list[Candidate], begun_by: date) -> None:
        """Place some beside those that have their days, which they keep."""
        fixed = {id(one) for one in placed}
        light: dict[int, list[Candidate]] = {}
        for one in some:
            days = self._days(one.rule, one.of_case, begun_by)
            if one.is_light:
                light.setdefault(one.of_case.case_id, []).append(one)
            elif _find_day(one, days):
                self._give_room(one, placed, fixed, days)
            else:
                one.left_out = True
        for of_case in light.values():
            days = self._days(of_case[0].rule, of_case[0].of_case, begun_by)
            self._touch_lightly(of_case, placed, days)

    def _near(self, candidate: Candidate, placed: Iterable[Candidate]) -> list[Candidate]:
        return [
            other
            for other in placed
            if too_near(other.day, candidate.day, self.apart(candidate, other))
        ]

    def _give_room(
        self, candidate: Candidate, placed: list[Candidate], fixed: set[int], days: OpenDays
    ) -> None:
        """R14: the question whose window closes first keeps its day; others come weeks later.

        What finds no room inside its window is taken up with the question that has the day, or
        takes its place if it matters more.
        """
        first, moved = candidate.day, candidate.moved
        pushed: list[str] = []
        while near := self._near(candidate, placed):
            last = max(near, key=lambda other: other.day)
            candidate.day, passed = self._behind(candidate, last, days, pushed)
            moved = (*moved, *(period for period in passed if period not in moved))
            if candidate.closes is not None and candidate.day > candidate.closes:
                candidate.day = first
                self._take_together(candidate, near[0], placed, fixed)
                return
        candidate.moved, candidate.pushed = moved, pushed
        placed.append(candidate)

    def _behind(
        self, candidate: Candidate, last: Candidate, days: OpenDays, pushed: list[str]
    ) -> tuple[date, tuple[Quiet, ...]]:
        day, passed = self.behind(candidate, last, last.day, days)
        pushed.append("R14" if passed[0].key == "one_ask" else PACE)
        return day, passed

    def _take_together(
        self, candidate: Candidate, keeper: Candidate, placed: list[Candidate], fixed: set[int]
    ) -> None:
        """Both at once, on the day of the one that matters more if that is free."""
        if (
            id(keeper) not in fixed
            and self._near(candidate, placed) == [keeper]
            and candidate.rule.importance > keeper.rule.importance
        ):
            placed.remove(keeper)
            placed.append(candidate)
            candidate, keeper = keeper, candidate
        candidate.taken_with = keeper

    # Light contacts (E10)

    def _touch_lightly(
        self, found: Sequence[Candidate], placed: list[Candidate], days: OpenDays
    ) -> None:
        """The light contacts of one wait, in turn. Each comes as soon as it can. It is let go where
        the next one can come as soon, or where it gives way to another contact and would push the
        next one from its ordinary place. None is ever taken up with another of the same wait.

        So between two of them lie no more days than their rhythm, one quiet time and the pace.
        """
        for one, following in zip_longest(found, found[1:]):
            first = days.first(one.wanted)[0]
            one.day, one.moved, one.pushed = self._room_for(one, placed, days)
            after = self.apart(one, one).from_day(one.day)
            coming = self._room_for(following, placed, days)[0] if following is not None else None
            too_late = one.closes is not None and one.day > one.closes
            superseded = coming is not None and coming <= one.day
            in_the_way = coming is not None and coming < after and bool(one.pushed)
            if not (too_late or superseded or in_the_way):
                placed.append(one)
                continue
            others = [
                other
                for other in placed
                if not (other.is_light and other.case is one.case)
                and too_near(other.day, first, self.apart(one, other))
            ]
            if others:
                one.taken_with = min(others, key=lambda other: abs(other.day - first))
            else:
                one.let_go = one.moved or (_no_room(one.wanted),)
            # Once let go it is looked at again when a pause changes what it gave way to.
            one.day = coming if coming is not None and one.let_go else one.day

    def _room_for(
        self, one: Candidate, placed: Iterable[Candidate], days: OpenDays
    ) -> tuple[date, tuple[Quiet, ...], list[str]]:
        """The first day that is open and free, why it is no earlier, and by which rules."""
        was = one.day
        one.day, moved = days.first(one.wanted)
        pushed: list[str] = []
        while near := self._near(one, placed):
            last = max(near, key=lambda other: other.day)
            one.day, passed = self._behind(one, last, days, pushed)
            moved = (*moved, *(period for period in passed if period not in moved))
        found, one.day = one.day, was
        return found, moved, pushed


def _no_room(day: date) -> Quiet:
    return Quiet(
        "wait_ends",
        day,
        day,
        "Väntan tar slut",
        "The wait ends",
        Certainty.CONFIRMED,
        "",
    )


def _find_day(candidate: Candidate, days: OpenDays) -> bool:
    """The first open day, or the last one before the quiet if that would be too late (R6)."""
    case = candidate.of_case
    start = max(candidate.wanted, case.active_from)
    candidate.day, candidate.moved = days.first(start)
    if candidate.closes is not None and candidate.day > candidate.closes:
        candidate.day, candidate.moved = days.last_before(min(start, candidate.closes))
        candidate.pulled = True
        if candidate.day < case.active_from:
            return False
    return True


def _by_closing(candidate: Candidate) -> tuple[bool, date, int, date, str, int]:
    """The order in which contacts choose their days: a light one gives way to every other."""
    closes = candidate.closes if candidate.closes is not None else date.max
    case_id = candidate.of_case.case_id
    rule = candidate.rule
    return (candidate.is_light, closes, -rule.importance, candidate.wanted, rule.key, case_id)


def _pace_words(apart: Offset, case: CaseFacts) -> tuple[str, str]:
    """'Högst en kontakt med Anna på 6 veckor'."""
    sv, en = (apart.text(language).rpartition(" ")[0] for language in ("sv", "en"))
    return (
        f"Högst en kontakt med {whom(case, 'sv')} på {sv}",
        f"At most one contact with {whom(case, 'en')} in {en}",
    )


def whom(case: CaseFacts, language: str) -> str:
    """Who is left in peace: a person by name, or one whom nobody has named, or a whole buyer."""
    sv, en = ("samma köpare", "the same buyer") if case.is_account else _SAME_PERSON
    return case.who or (en if language == "en" else sv)


_SAME_PERSON: Final = ("samma person", "the same person")
