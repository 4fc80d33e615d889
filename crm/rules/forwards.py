"""From today forward to the first signing and the first day of use, as a range (E7).

Everything is decided from the arguments: each route is laid out fast, as usual and slowly, and
never faster than the law.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from crm.rules.floors import USUAL_TERMS, LegalTerms, needs_notice
from crm.rules.milestones import Milestone, lay_out
from crm.rules.quiet import NO_QUIET, OpenDays
from crm.rules.routes import STAGES, Duration, Lengths, Pace, Route, StageKey, signed_stage


@dataclass(frozen=True, slots=True)
class DayRange:
    """The same day if everything goes fast, as usual, and if everything takes its time."""

    fast: date
    usual: date
    slow: date


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a route leads from a day.

    `floor_days` is the least that the law lets it take from the notice, or the request, to the
    first day on which the contract may be signed; 0 where it gives no number of days.
    """

    route: Route
    signing: DayRange
    in_use: DayRange
    needs_notice: bool
    floor_days: int


def forward(
    route: Route,
    today: date,
    open_days: OpenDays,
    *,
    own: Lengths | None = None,
    known: Mapping[StageKey, date] | None = None,
    terms: LegalTerms = USUAL_TERMS,
) -> Forward:
    """One route from today, or on from what has happened already (`known`)."""
    begins = min((known or {}).values(), default=today)
    laid = {
        pace: lay_out(route, begins, open_days, pace=pace, own=own, known=known, terms=terms)
        for pace in Pace
    }

    def days(stage: StageKey) -> DayRange:
        fast, usual, slow = (_day(laid[pace], stage) for pace in Pace)
        return DayRange(fast, usual, slow)

    return Forward(
        route=route,
        signing=days(signed_stage(route)),
        in_use=days(StageKey.IN_USE),
        needs_notice=needs_notice(route),
        floor_days=_floor_days(route, today, terms),
    )


def compared(
    routes: Iterable[Route],
    today: date,
    open_days: OpenDays,
    *,
    own: Mapping[Route, Lengths] | None = None,
    terms: LegalTerms = USUAL_TERMS,
) -> tuple[Forward, ...]:
    """The routes from today side by side, the one with the first usual signing first."""
    found = [
        forward(route, today, open_days, own=(own or {}).get(route), terms=terms)
        for route in routes
    ]
    return tuple(sorted(found, key=lambda one: one.signing.usual))


_AT_ONCE: Final = Duration(0, 0, 0)
_BEFORE_NOTICE: Final = frozenset(
    {StageKey.NEEDS, StageKey.DIALOGUE, StageKey.SPECIFICATION, StageKey.DECISION}
)


def _floor_days(route: Route, sent: date, terms: LegalTerms) -> int:
    """From a notice sent on the day, with nothing taking longer than the law asks."""
    own = {stage: _AT_ONCE for stage, _usual in STAGES[route]}
    known = {stage: sent for stage, _usual in STAGES[route] if stage in _BEFORE_NOTICE}
    market = next((stage for stage, _usual in STAGES[route] if stage not in _BEFORE_NOTICE), None)
    if market is not None:
        known[market] = sent
    laid = lay_out(route, sent, NO_QUIET, own=own, known=known, terms=terms)
    if not any(one.floor for one in laid):
        return 0
    return (_day(laid, StageKey.SIGNING) - sent).days


def _day(laid: tuple[Milestone, ...], stage: StageKey) -> date:
    return next(one.day for one in laid if one.stage is stage)
