"""How long things took in procurements of one's own (H5), and how good the forecast was.

A stage counts where the days on which it began and ended are known: a day that was filled in when a
later one was ticked off is an estimate, and no observation. One that goes on counts for as long as
it has gone on; one of a procurement that was called off, until that day.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Final

from crm.rules.certainty import Certainty
from crm.rules.forecast import Floors, Forecast, Likely, Standing, Tables, forecast, learned
from crm.rules.kinds import OrganisationKind
from crm.rules.quiet import OpenDays
from crm.rules.routes import NOTICE_STAGES, STAGES, Duration, Lengths, Route, StageKey
from crm.rules.starts import Start
from crm.rules.survival import FEWEST, Curve, Lasted, Span, curve


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone: when it was first planned, when it happened, and how sure that day is."""

    stage: StageKey
    first_planned_on: date
    reached_on: date | None
    certainty: Certainty

    @property
    def known_on(self) -> date | None:
        """The day, where somebody knew it."""
        return self.reached_on if self.certainty.is_at_least(Certainty.REPORTED) else None


@dataclass(frozen=True)
class Followed:
    """A procurement with its milestones in order.

    `laid` is its first plan: by which route, on which day, and the day that it was to begin.
    """

    id: int
    title: str
    route: Route
    kind: OrganisationKind
    marks: tuple[Mark, ...]
    dropped: date | None = None
    laid: tuple[Route, date, date] | None = None

    @property
    def stages(self) -> list[tuple[StageKey, Lasted]]:
        """How long each stage lasted, or has gone on, where that is known."""
        found = []
        for one, after in pairwise(self.marks):
            if one.known_on is None:
                continue
            if after.known_on is not None:
                found.append((one.stage, Lasted(one.known_on, after.known_on)))
            elif after.reached_on is None:
                found.append((one.stage, Lasted(one.known_on, dropped=self.dropped)))
        return found

    @cached_property
    def signing(self) -> Mark | None:
        """The milestone of the signing: what comes after the stage of that name."""
        return next(
            (after for one, after in pairwise(self.marks) if one.stage is StageKey.SIGNING), None
        )

    @property
    def signed_on(self) -> date | None:
        """The day of signing, where it is known."""
        return self.signing.known_on if self.signing is not None else None

    @property
    def slip_days(self) -> int | None:
        """How much later than first planned it was signed, in days; None where it is not known."""
        if self.signing is None or self.signed_on is None:
            return None
        return (self.signed_on - self.signing.first_planned_on).days

    @property
    def notice(self) -> Mark | None:
        """The notice, or the request where there is none, if the day is known."""
        return next(
            (one for one in self.marks if one.stage in NOTICE_STAGES and one.known_on), None
        )


class Basis(StrEnum):
    """Where a length comes from, the first that there is."""

    BODY = "body"  # typed by hand for the body
    KIND = "kind"  # own history of bodies of the kind
    HISTORY = "history"  # own history
    CORRECTED = "corrected"  # the rulebook's, corrected by an administrator
    USUAL = "usual"  # the rulebook's


@dataclass(frozen=True, slots=True)
class Length:
    """How long a stage takes, and how that is known. `ended`: of how many, where it is history."""

    duration: Duration
    basis: Basis
    ended: int = 0

    @property
    def is_history(self) -> bool:
        """Whether it is what was seen here, and not what is said or usual."""
        return self.basis in (Basis.KIND, Basis.HISTORY)

    def explains(self, days: int, rulebook: Duration) -> bool:
        """Whether a stage laid out as so many days has its length from here, and not the rulebook.

        A plan that stands keeps the lengths it was laid out by, and a quiet period or a floor adds
        days to either; so it is the nearer of the two that lies within what was laid out.
        """
        if days < self.duration.usual:
            return False
        return days < rulebook.usual or self.duration.usual >= rulebook.usual


class History:
    """How long each stage of each route took, by kind of body, as was known on a day."""

    def __init__(self, followed: Iterable[Followed]) -> None:
        self._lasted: dict[tuple[Route, StageKey], list[tuple[OrganisationKind, Lasted]]] = (
            defaultdict(list)
        )
        for one in followed:
            for stage, lasted in one.stages:
                self._lasted[one.route, stage].append((one.kind, lasted))

    @property
    def routes(self) -> list[Route]:
        """Those of which anything is known."""
        known = {route for route, _stage in self._lasted}
        return [route for route in Route if route in known]

    def spans(
        self, route: Route, stage: StageKey, today: date, kind: OrganisationKind | None = None
    ) -> list[Span]:
        """What was known on the day, of bodies of the kind or of all."""
        found = (
            lasted.as_of(today)
            for whose, lasted in self._lasted.get((route, stage), ())
            if kind is None or whose is kind
        )
        return [one for one in found if one is not None]

    def curve(
        self, route: Route, stage: StageKey, today: date, kind: OrganisationKind | None = None
    ) -> Curve:
        """The Kaplan–Meier estimate of it."""
        return curve(self.spans(route, stage, today, kind))

    def nearest(
        self, route: Route, stage: StageKey, today: date, kind: OrganisationKind | None
    ) -> tuple[Basis, list[Span]]:
        """Of bodies of the kind where five or more are over; else of all."""
        if kind is not None:
            spans = learned(stage, self.spans(route, stage, today, kind))
            if sum(one.ended for one in spans) >= FEWEST:
                return Basis.KIND, spans
        return Basis.HISTORY, learned(stage, self.spans(route, stage, today))

    def length(
        self, route: Route, stage: StageKey, today: date, kind: OrganisationKind | None
    ) -> Length | None:
        """The quartiles of history as short, usual and long; None where there is too little."""
        basis, spans = self.nearest(route, stage, today, kind)
        found = curve(spans)
        (short, long), usual = found.quartiles, found.median
        if not found.is_enough or short is None or usual is None or long is None:
            return None
        return Length(Duration(round(short), round(usual), round(long)), basis, found.ended)

    def tables(
        self, today: date, kind: OrganisationKind, own: Mapping[Route, Lengths] | None = None
    ) -> Tables:
        """What a forecast for a body of the kind is drawn from, by what was known on the day."""
        return Tables(lambda route, stage: self.nearest(route, stage, today, kind)[1], own)


def lengths(
    route: Route,
    typed_for_body: Lengths,
    corrected: Lengths,
    history: History,
    today: date,
    kind: OrganisationKind | None,
) -> dict[StageKey, Length]:
    """The length of each stage that holds at a body: by hand, then by history, then the usual.

    The usual is an administrator's correction where there is one, else the rulebook's.
    Without a `kind` of body those that hold where nothing is known of the body itself.
    """
    found = {}
    for stage, usual in STAGES[route]:
        if stage in typed_for_body:
            found[stage] = Length(typed_for_body[stage], Basis.BODY)
            continue
        known = history.length(route, stage, today, kind)
        if known is None and stage in corrected:
            known = Length(corrected[stage], Basis.CORRECTED)
        found[stage] = known or Length(usual, Basis.USUAL)
    return found


# --- Cases: from the first contact to the signature ----------------------------------------------


class Leg(StrEnum):
    """Parts of the way of a case, and the whole of it."""

    TRIAL = "trial"  # from the first contact until a unit tries it
    DECISION = "decision"  # ... until the need has money in a budget
    SIGNATURE = "signature"  # ... until it is signed
    WHOLE = "whole"  # from the first contact until it is signed


@dataclass(frozen=True, slots=True)
class Way:
    """The days on which a case came so far. `closed` is when it was over without a signature."""

    route: Route | None
    kind: OrganisationKind
    contact: date
    trial: date | None = None
    decision: date | None = None
    signature: date | None = None
    closed: date | None = None
    start: Start = Start.UNKNOWN
    is_over: bool = False  # signed, or closed however it ended

    def lasted(self, leg: Leg) -> Lasted | None:
        """The leg; None where it has not begun, or something later came first."""
        before, after, later = {
            Leg.TRIAL: (self.contact, self.trial, (self.decision, self.signature)),
            Leg.DECISION: (self.trial, self.decision, (self.signature,)),
            Leg.SIGNATURE: (self.decision, self.signature, ()),
            Leg.WHOLE: (self.contact, self.signature, ()),
        }[leg]
        if before is None or (after is not None and after < before):
            return None
        if any(day is not None and (after is None or day < after) for day in later):
            return None
        return Lasted(before, after, self.closed)


def leg_curve(ways: Iterable[Way], leg: Leg, today: date) -> Curve:
    """How long the leg takes. What goes on counts for as long as it has gone on."""
    found = (way.lasted(leg) for way in ways)
    spans = (one.as_of(today) for one in found if one is not None)
    return curve(one for one in spans if one is not None)


@dataclass(frozen=True, slots=True)
class Begun:
    """Cases that began in one part of the body (S5): how many, how many are over and signed."""

    start: Start
    cases: int
    of: int
    over: int
    signed: int
    whole: Curve

    @property
    def share(self) -> int | None:
        """Percent of all cases; None where there are none."""
        return round(100 * self.cases / self.of) if self.of else None

    @property
    def won(self) -> int | None:
        """Percent of those that are over; None where there are too few to say."""
        return round(100 * self.signed / self.over) if self.over >= FEWEST else None


def by_start(ways: Sequence[Way], today: date) -> list[Begun]:
    """Begun from below against from above: share, win rate, and the time until the signature."""
    found = []
    for start in Start:
        some = [way for way in ways if way.start is start]
        over = [way for way in some if way.is_over]
        signed = sum(way.signature is not None for way in over)
        whole = leg_curve(some, Leg.WHOLE, today)
        found.append(Begun(start, len(some), len(ways), len(over), signed, whole))
    return found


# --- How good the forecast was -------------------------------------------------------------------


class Moment(StrEnum):
    """When the forecast would have been made."""

    PLAN = "plan"  # as the procurement was first laid out
    NOTICE = "notice"  # as its notice went out


@dataclass(frozen=True, slots=True)
class Tried:
    """What would have been said on a day of the signing, and when it came."""

    id: int
    title: str
    route: Route
    moment: Moment
    on: date
    said: Likely
    signed_on: date

    @property
    def held(self) -> bool:
        """Whether the day lay in the 80 % range."""
        return self.said.holds(self.signed_on)


MOST_TRIED: Final = 200
"""The latest signed ones that are tried: those before say little of how it goes now."""


def back_test(
    followed: Sequence[Followed], open_days: Callable[[OrganisationKind], OpenDays]
) -> list[Tried]:
    """For those that are signed, the latest first: what the forecast would have said before.

    Only what was known at the beginning of that month is drawn from, so that nothing is forecast
    from itself.
    """
    history, floors = History(followed), Floors()
    tables: dict[tuple[OrganisationKind, date], Tables] = {}
    signed = sorted(
        ((one.signed_on, one) for one in followed if one.signed_on is not None),
        key=lambda pair: (pair[0], pair[1].id),
        reverse=True,
    )
    found = []
    for day, one in signed[:MOST_TRIED]:
        for moment, on, standing in _moments(one):
            month = on.replace(day=1)
            drawn = tables.get((one.kind, month))
            if drawn is None:
                drawn = tables[one.kind, month] = history.tables(month, one.kind)
            said: Forecast | None = (
                forecast(standing, drawn, open_days(one.kind), today=on, seed=one.id, floors=floors)
                if on < day
                else None
            )
            if said is not None and said.signed is not None:
                found.append(Tried(one.id, one.title, one.route, moment, on, said.signed, day))
    return found


def _moments(one: Followed) -> list[tuple[Moment, date, Standing]]:
    found = []
    notice = one.notice
    if notice is not None and notice.known_on is not None:
        found.append(
            (
                Moment.NOTICE,
                notice.known_on,
                Standing(one.route, notice.stage, notice.known_on, {}),
            )
        )
    if one.laid is not None:
        route, on, begins = one.laid
        if notice is None or notice.known_on is None or on < notice.known_on:
            first = STAGES[route][0][0]
            found.append((Moment.PLAN, on, Standing(route, first, max(on, begins), {})))
    return found


@dataclass(frozen=True, slots=True)
class Share:
    """How many of how many."""

    held: int
    of: int

    @property
    def percent(self) -> int | None:
        """Whole per cent; None where there are too few to say."""
        return round(100 * self.held / self.of) if self.of >= FEWEST else None


def share_held(tried: Iterable[Tried]) -> Share:
    """How often the signing came within the range."""
    results = [one.held for one in tried]
    return Share(sum(results), len(results))


def slips(followed: Iterable[Followed]) -> Curve:
    """How much later than first planned the signing came, in days; earlier is below nothing."""
    found = (one.slip_days for one in followed)
    return curve(Span(days) for days in found if days is not None)
