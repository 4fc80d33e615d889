"""How long things take (H5), and how often the forecast held. Hung up in `views.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, request
from flask_babel import gettext as _

from crm.core import clock
from crm.procurements import forecasts, history
from crm.rules.access import Permission
from crm.rules.kinds import BODY_KINDS, OrganisationKind
from crm.rules.lead_times import (
    Followed,
    History,
    Leg,
    Moment,
    Share,
    Tried,
    Way,
    back_test,
    by_start,
    leg_curve,
    share_held,
    slips,
)
from crm.rules.quiet import OpenDays
from crm.rules.routes import STAGES, Route, StageKey
from crm.rules.survival import FEWEST, Curve, curve
from crm.trials import queries as trials
from crm.web import filters
from crm.web.access import requires
from crm.web.csv import Cell, csv_file
from crm.web.forms import page
from crm.web.labels import choices, label

_SHOWN = 50  # of those that the forecast is tried on, the latest
_LONGEST_BACK = 30  # years of quiet periods behind us, as far back as a procurement may reach


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the figures are narrowed to."""

    route: Route | None
    kind: OrganisationKind | None

    def of_case(self, way: Way) -> bool:
        """Whether a case is among them."""
        return (self.route is None or way.route is self.route) and (
            self.kind is None or way.kind is self.kind
        )


def _chosen() -> Chosen:
    route, kind = request.args.get("route", ""), request.args.get("kind", "")
    return Chosen(
        Route(route) if route in set(Route) else None,
        OrganisationKind(kind) if kind in BODY_KINDS else None,
    )


@requires(Permission.READ)
def show() -> Response:
    """Per stage, and from the first contact to the signature; by route and kind of body."""
    chosen, today = _chosen(), clock.today()
    ways = [way for way in history.ways() if chosen.of_case(way)]
    return page(
        "procurements/lead_times.html",
        chosen=chosen,
        routes=choices(Route),
        kinds=[(value, words) for value, words in choices(OrganisationKind) if value in BODY_KINDS],
        starts=by_start(ways, today) if ways else [],
        legs=[(leg, leg_curve(ways, leg, today)) for leg in Leg],
        first_use=_first_use(trials.ways_to_use(), chosen.kind, today),
        stages=_stages(History(history.followed(chosen.route)), chosen.kind, today),
        fewest=FEWEST,
    )


def _first_use(found: Sequence[trials.ToUse], kind: OrganisationKind | None, today: date) -> Curve:
    """From interest to first use (S18), whichever way they buy: nothing is bought to try."""
    spans = (one.lasted.as_of(today) for one in found if kind is None or one.kind is kind)
    return curve(one for one in spans if one is not None)


def _stages(
    known: History, kind: OrganisationKind | None, today: date
) -> list[tuple[Route, list[tuple[StageKey, Curve]]]]:
    """By route, the stages of which anything is known."""
    found = []
    for route in known.routes:
        lines = [
            (stage, known.curve(route, stage, today, kind)) for stage, _length in STAGES[route]
        ]
        if some := [line for line in lines if line[1].observed]:
            found.append((route, some))
    return found


@requires(Permission.EXPORT)
def export() -> Response:
    """Every figure that may be shown, by route and kind of body; empty where there are too few."""
    today = clock.today()
    known, ways = History(history.followed()), history.ways()
    kinds: list[OrganisationKind | None] = [None, *(one for one in OrganisationKind)]
    rows: list[tuple[Cell, ...]] = []
    for route in (None, *Route):
        for kind in kinds:
            some = [way for way in ways if Chosen(route, kind).of_case(way)]
            if some:
                rows += [
                    _cells(route, kind, str(label(leg)), leg_curve(some, leg, today)) for leg in Leg
                ]
    used = trials.ways_to_use()
    for kind in kinds:
        if (one := _first_use(used, kind, today)).observed:
            rows.append(_cells(None, kind, _("From interest to first use"), one))
    for kind in kinds:
        for route, lines in _stages(known, kind, today):
            rows += [
                _cells(route, kind, filters.stage_name(stage, route), one) for stage, one in lines
            ]
    heads = (
        _("How they buy"),
        _("Kind of buyer"),
        _("Part"),
        _("Median, days"),
        _("A quarter within, days"),
        _("Three quarters within, days"),
        _("Finished"),
        _("Under way"),
    )
    return csv_file(_("lead-times"), heads, rows)


def _cells(
    route: Route | None, kind: OrganisationKind | None, part: str, found: Curve
) -> tuple[Cell, ...]:
    lower, upper = found.quartiles
    figures = (found.median, lower, upper) if found.is_enough else (None, None, None)
    return (
        str(label(route)) if route else _("Any way"),
        str(label(kind)) if kind else _("Any kind"),
        part,
        *(None if days is None else round(days) for days in figures),
        found.ended,
        found.observed - found.ended,
    )


@requires(Permission.READ)
def held() -> Response:
    """What the forecast would have said of those that are signed, and whether it held."""
    today = clock.today()
    followed = history.followed_from_the_start()

    def everyday(kind: OrganisationKind) -> OpenDays:
        return forecasts.everyday(kind, None, today, since=today.year - _LONGEST_BACK)

    tried = back_test(followed, everyday)
    return page(
        "procurements/held.html",
        shares=_shares(tried),
        by_route=[
            (route, _shares([one for one in tried if one.route is route]))
            for route in Route
            if any(one.route is route for one in tried)
        ],
        slips=_slips(followed),
        tried=tried[:_SHOWN],
        left_out=max(0, len(tried) - _SHOWN),
        fewest=FEWEST,
    )


def _shares(tried: Sequence[Tried]) -> list[tuple[Moment, Share]]:
    return [(moment, share_held(one for one in tried if one.moment is moment)) for moment in Moment]


def _slips(followed: Sequence[Followed]) -> list[tuple[Route, Curve]]:
    found = [(route, slips(one for one in followed if one.route is route)) for route in Route]
    return [(route, curve) for route, curve in found if curve.observed]
