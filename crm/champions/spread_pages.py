"""How far it has spread: at one body, over all of them, and whom each number counts (B9, H6).

Hung up in `views.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, request, url_for
from flask_babel import gettext as _

from crm.champions import queries
from crm.champions import spread as reach
from crm.core import clock
from crm.core.db import db
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.rules.access import Permission
from crm.rules.champions import quarters
from crm.rules.functions import Function
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import page

MOST_NAMED = 12  # units not reached that the page names

_STEP, _BAR, _LEFT, _TALL, _FLOOR = 41, 26, 8, 90, 100
"""The curve is drawn in units of its own; the page scales it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A quarter in the picture: where its bar stands, and where the line passes."""

    quarter: reach.Quarter
    x: int
    y: float
    height: float
    line_x: int
    line_y: float


def bars(found: Sequence[reach.Quarter]) -> list[Bar]:
    """The quarters as bars of people, and the line of units in use, on one scale."""
    most = max(1, *(max(one.people, one.units_in_use) for one in found))
    return [
        Bar(
            one,
            x := number * _STEP + _LEFT,
            round(_FLOOR - _TALL * one.people / most, 1),
            round(_TALL * one.people / most, 1),
            x + _BAR // 2,
            round(_FLOOR - _TALL * one.units_in_use / most, 1),
        )
        for number, one in enumerate(found)
    ]


def _body(organisation_id: int) -> Organisation:
    organisation = organisations.get(organisation_id)
    return organisations.get(organisation.body_id or organisation.id)


@requires(Permission.READ)
def spread(organisation_id: int) -> Response:
    """People, units and functions at one body: twelve months, and a curve over twelve quarters."""
    body, today = _body(organisation_id), clock.today()
    at = reach.at_body(body.id, today)
    proposal = db.session.execute(reach.proposal_asked(body.id, today)).first()
    return page(
        "champions/spread.html",
        body=body,
        at=at,
        bars=bars(at.quarters),
        not_reached=at.not_reached[:MOST_NAMED],
        proposal=_proposal(body.id, proposal.case_id) if proposal is not None else None,
    )


def _proposal(body_id: int, case_id: int | None) -> tuple[str, bool]:
    """Where an anchoring map can be drawn: (address, whether it is the map itself)."""
    if case_id is None:
        return url_for("cases.new", organisation=body_id), False
    return url_for("anchoring.page", case_id=case_id), True


@requires(Permission.READ)
def spread_people(organisation_id: int) -> Response:
    """The people whom a number counts: of a quarter, a function, or the units that use it."""
    body, today = _body(organisation_id), clock.today()
    names, known = reach.known_units(body.id)
    asked = _asked(today)
    pairs = _pairs(body.id, asked, known)
    whos = reach.whos(body.id, {person for person, _unit in pairs if person is not None})
    if asked.function is not None:
        pairs = {one for one in pairs if one[0] in whos and whos[one[0]].function is asked.function}
    if asked.what == "functions":
        pairs = {one for one in pairs if one[0] in whos and whos[one[0]].function is not None}
    places: dict[int, list[str]] = {}
    for person_id, unit_id in pairs:
        if person_id is not None and person_id in whos:
            places.setdefault(person_id, []).append(names.get(unit_id, ""))
    counted = {unit for _person, unit in pairs}
    with_somebody = {unit for person, unit in pairs if person is not None}
    return page(
        "champions/spread_people.html",
        body=body,
        title=_("Units with a user or champion") if asked.what == "use" else _("Turned to us"),
        span=asked.span,
        function=asked.function,
        rows=[(one, whos[one], sorted(set(places[one]))) for one in whos if one in places],
        units=[names[unit] for unit in names if unit in known.units & counted],
        functions={whos[ident].function for ident in places} - {None},
        nobody=[names[unit] for unit in names if unit in counted - with_somebody],
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """Which number is opened: `what` is people, units, functions or use; over which days."""

    what: str
    first: date
    last: date
    span: str
    function: Function | None


def _asked(today: date) -> Asked:
    """What the address asks for; anything odd is the people of the twelve months."""
    args = request.args
    function = args.get("function", "")
    what = args.get("what", "")
    quarter = next(
        (one for one in quarters(today) if reach.quarter_name(one[0]) == args.get("quarter")), None
    )
    first, last = quarter or reach.twelve_months(today)
    span = reach.quarter_name(first) if quarter is not None else ""
    if quarter is None and args.get("when") == "before":
        first, last = reach.twelve_before(today)
        span = _("the twelve months before")
    return Asked(
        what if what in {"units", "functions", "use"} else "people",
        first,
        min(last, today),
        span,
        Function(function) if function in set(Function) else None,
    )


def _pairs(body_id: int, asked: Asked, known: reach.Known) -> set[tuple[int | None, int]]:
    """The (person, organisation) pairs of what is asked for. One statement."""
    if asked.what == "use":
        return {
            (use.person_id, use.unit_id)
            for use in reach.uses(body_id)
            if use.on(asked.last) and use.unit_id in known.units
        }
    found = reach.contacts(body_id, asked.first, asked.last)
    return {
        (person, unit)
        for person, unit, _on in found
        if asked.what != "units" or unit in known.units
    }


@requires(Permission.READ)
def everywhere() -> Response:
    """Every body from which somebody turned to us within twelve months, the widest spread first."""
    today = clock.today()
    return page(
        "champions/everywhere.html",
        rows=reach.everywhere(
            *reach.twelve_months(today),
            reach.twelve_before(today)[0],
            page=page_number(request.args),
        ),
        threshold=queries.figures().threshold,
    )
