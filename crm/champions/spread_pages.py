"""How far it has spread: at one body, over all of them, and whom each number counts (B9, H6).

Hung up in `views.py`.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, current_app, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.champions import operations, queries
from crm.champions import spread as reach
from crm.champions.forms import ThresholdForm
from crm.core import clock
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.rules.access import Permission
from crm.rules.champions import SPREAD_MONTHS, Seen, Spread, quarters
from crm.rules.champions import spread as spread_of
from crm.rules.functions import Function
from crm.rules.precision import add_months
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import page


def twelve_months(today: date) -> tuple[date, date]:
    """The twelve months that end today: first and last day."""
    return add_months(today, -SPREAD_MONTHS) + timedelta(days=1), today


def quarter_name(first: date) -> str:
    """'2026-Q3', in addresses and beside the bars."""
    return f"{first.year}-Q{(first.month + 2) // 3}"


@dataclass(frozen=True, slots=True)
class Quarter:
    """One bar: who turned to us in it, and how many units had a user or champion at its end."""

    name: str
    first: date
    last: date
    people: int
    units: int
    functions: int
    units_in_use: int


def _body(organisation_id: int) -> Organisation:
    organisation = organisations.get(organisation_id)
    return organisations.get(organisation.body_id or organisation.id)


@requires(Permission.READ)
def spread(organisation_id: int) -> Response:
    """People, units and functions at one body: twelve months, and a curve over twelve quarters."""
    body, today = _body(organisation_id), clock.today()
    names, known = reach.known_units(body.id)
    bars = quarters(today)
    first, last = twelve_months(today)
    signs = reach.contacts(body.id, min(bars[0][0], first), today)
    whos = reach.whos(body.id, {one[0] for one in signs})
    seen = reach.seen(signs, whos)
    year = spread_of(seen, first, last)
    before = spread_of(seen, add_months(first, -SPREAD_MONTHS), first - timedelta(days=1))
    uses = reach.uses(body.id)
    chosen = queries.threshold()
    units = year.units & known.units
    return page(
        "champions/spread.html",
        body=body,
        year=year,
        units=units,
        before=before,
        units_before=before.units & known.units,
        known=known,
        in_use={use.unit_id for use in uses if use.on(today)} & known.units,
        names=names,
        by_function=_by_function(year, seen),
        not_reached=[names[ident] for ident in names if ident in known.units - units][:12],
        not_reached_total=len(known.units - units),
        quarters=[_quarter(one, spread_of(seen, *one), known, uses, today) for one in bars],
        threshold=chosen,
        proposal=_proposal(body.id) if chosen.is_reached(len(units), len(year.people)) else None,
    )


def _quarter(
    days: tuple[date, date],
    found: Spread,
    known: reach.Known,
    uses: list[reach.Use],
    today: date,
) -> Quarter:
    first, last = days
    at_end = min(last, today)
    return Quarter(
        quarter_name(first),
        first,
        last,
        len(found.people),
        len(found.units & known.units),
        len(found.functions),
        len({use.unit_id for use in uses if use.on(at_end)} & known.units),
    )


def _by_function(year: Spread, seen: list[Seen]) -> list[tuple[Function, int]]:
    people: dict[Function, set[int]] = {}
    for one in seen:
        if one.function is not None and year.first <= one.on <= year.last:
            people.setdefault(one.function, set()).add(one.person_id)
    return [(function, len(people[function])) for function in Function if function in people]


def _proposal(body_id: int) -> tuple[str, bool]:
    """Where an anchoring map can be drawn: (address, whether it is the map itself)."""
    case_id = reach.open_case_at(body_id)
    if case_id is None:
        return url_for("cases.new", organisation=body_id), False
    if "anchoring.page" in current_app.view_functions:
        return url_for("anchoring.page", case_id=case_id), True
    return url_for("overview.case", case_id=case_id), False


@requires(Permission.READ)
def spread_people(organisation_id: int) -> Response:
    """The people whom a number counts: of a quarter, a function, or the units that use it."""
    body, today = _body(organisation_id), clock.today()
    names, known = reach.known_units(body.id)
    title, span, pairs = _counted(body.id, known, today)
    whos = reach.whos(body.id, {person for person, _unit in pairs if person is not None})
    wanted = request.args.get("function", "")
    if wanted in set(Function):
        chosen = Function(wanted)
        pairs = {pair for pair in pairs if pair[0] in whos and whos[pair[0]].function is chosen}
    places: dict[int, list[str]] = {}
    for person_id, unit_id in pairs:
        if person_id is not None and person_id in whos:
            places.setdefault(person_id, []).append(names.get(unit_id, ""))
    return page(
        "champions/spread_people.html",
        body=body,
        title=title,
        span=span,
        function=Function(wanted) if wanted in set(Function) else None,
        rows=[
            (ident, whos[ident], sorted(set(places[ident]))) for ident in whos if ident in places
        ],
        units=sorted(
            {names[unit] for _person, unit in pairs if unit in known.units and unit in names}
        ),
        nobody=sorted(
            names[unit]
            for unit in {unit for person, unit in pairs if person is None}
            if unit in names and unit not in {unit for person, unit in pairs if person is not None}
        ),
    )


def _counted(
    body_id: int, known: reach.Known, today: date
) -> tuple[str, str, set[tuple[int | None, int]]]:
    """What is asked for, of which quarter if of one, and its (person, organisation) pairs.

    One statement.
    """
    quarter = next(
        (one for one in quarters(today) if quarter_name(one[0]) == request.args.get("quarter")),
        None,
    )
    span = quarter_name(quarter[0]) if quarter is not None else ""
    if request.args.get("what") == "use":
        day = min(quarter[1], today) if quarter is not None else today
        in_use = {
            (use.person_id, use.unit_id)
            for use in reach.uses(body_id)
            if use.on(day) and use.unit_id in known.units
        }
        return _("Units with a user or champion"), span, in_use
    first, last = quarter if quarter is not None else twelve_months(today)
    if request.args.get("when") == "before":
        first, last = add_months(first, -SPREAD_MONTHS), first - timedelta(days=1)
        span = _("the twelve months before")
    pairs: set[tuple[int | None, int]] = {
        (person, unit) for person, unit, _on in reach.contacts(body_id, first, last)
    }
    return _("Turned to us"), span, pairs


@requires(Permission.READ)
def everywhere() -> Response:
    """Every body from which somebody turned to us within twelve months, the widest spread first."""
    today = clock.today()
    first, last = twelve_months(today)
    return page(
        "champions/everywhere.html",
        rows=reach.everywhere(
            first, last, add_months(first, -SPREAD_MONTHS), page=page_number(request.args)
        ),
        threshold=queries.threshold(),
    )


@requires(Permission.EDIT_LISTS)
def threshold() -> AnyResponse:
    """From which spread an anchoring map is proposed."""
    form = ThresholdForm()
    if not form.is_submitted():
        found = queries.threshold()
        form.units.data, form.people.data = found.units, found.people
    if form.carried_out(lambda: operations.set_threshold(form.threshold)):
        flash(_("Saved."), "message")
        return redirect(url_for("champions.everywhere"), 303)
    return page("champions/threshold.html", form=form)
