"""The account plan of a body on one sheet of paper (J6): its year, its contracts, who is in, who
carries it inside, what it would cost, and what comes next.

Nothing is written for it: every line is what the records say today. What we think somebody thinks
is left out, since paper goes round (decision 44). At most twelve statements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Response, redirect, request, url_for
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response as AnyResponse

from crm.anchoring import queries as anchoring
from crm.budgets.panel import Panel, panel
from crm.cases.models import Case, CasePerson, CaseUnit
from crm.champions import queries as champions
from crm.champions.queries import Carrier
from crm.contracts import queries as registered
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import db
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.pricing import queries as pricing
from crm.pricing.queries import SmallestPurchase
from crm.procurements.models import Milestone, Plan, Procurement
from crm.reminders import queries as reminders
from crm.rules.access import Permission
from crm.rules.anchoring import Map
from crm.rules.champions import StrengthBand
from crm.rules.contracts import notice_day
from crm.rules.pricing import Offer, Rung, ladder
from crm.rules.routes import StageKey
from crm.rules.stages import CaseRole, CaseState
from crm.web.access import requires
from crm.web.asked import number_or_none
from crm.web.filters import language
from crm.web.forms import page

MOST = 5  # of each kind, so that all of it fits on the sheet
MOST_CASES = 4


@dataclass(frozen=True, slots=True)
class Ending:
    """A contract that runs: its last day, and the last day of notice where there is one."""

    id: int
    title: str
    supplier: str
    runs_until: date | None
    notice_on: date | None


@dataclass(frozen=True, slots=True)
class Coming:
    """A day of a procurement that has not been reached."""

    procurement_id: int
    title: str
    stage: StageKey
    day: date


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who sells it inside, by what their acts show."""

    person: Person
    cases: tuple[str, ...]
    shown: Carrier


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """Everything on the sheet. The whole map and the ladder are those of the case `of`: the one
    that was asked for, or the first; of the others the count is told."""

    body: Organisation
    budget: Panel
    cases: Sequence[Case]
    cases_total: int
    of: Case | None
    maps: Mapping[int, Map]  # by case
    inside: Sequence[Inside]
    steps: Mapping[Rung, Offer]
    chosen: Rung | None
    smallest: SmallestPurchase | None
    contracts: Sequence[Ending]
    procurement: Sequence[Coming]
    reminders: Sequence[Any]


def gather(body: Organisation, today: date, asked: int | None = None) -> AccountPlan:
    """All of it, with map and ladder of the case that is asked for by its id."""
    cases = _cases(body)
    first = next((case for case in cases if case.id == asked), cases[0] if cases else None)
    told = list(cases[:MOST_CASES])
    if first is not None and first not in told:
        told[-1] = first
    prices = pricing.known(first, today) if first is not None else None
    contracts, procurement = _days(body, today)
    return AccountPlan(
        body=body,
        budget=panel(body, today, []),
        cases=told,
        cases_total=len(cases),
        of=first,
        maps={one.case.id: one.on(today) for one in anchoring.known_of(told, today)},
        inside=_inside(cases, body, today),
        steps={one.rung: one for one in ladder(prices.prices, prices.scenario)} if prices else {},
        chosen=prices.kept.chosen if prices and prices.kept else None,
        smallest=pricing.smallest_purchase(prices) if prices is not None else None,
        contracts=contracts,
        procurement=procurement,
        reminders=reminders.of_organisation(body, today=today, language=language(), limit=MOST),
    )


def _cases(body: Organisation) -> Sequence[Case]:
    """Those under way: open ones first, then those worth most. Two statements."""
    return (
        db.session.scalars(
            sa.select(Case)
            .where(Case.body_id == body.id, Case.state != CaseState.CLOSED)
            .order_by(
                Case.state == CaseState.WAITING,
                sa.func.coalesce(Case.value_ore, 0).desc(),
                Case.id,
            )
            .options(
                joinedload(Case.organisation),
                joinedload(Case.body),
                joinedload(Case.owner),
                joinedload(Case.units).joinedload(CaseUnit.organisation),
                joinedload(Case.products),
                selectinload(Case.people).joinedload(CasePerson.person),
            )
        )
        .unique()
        .all()
    )


def _inside(cases: Sequence[Case], body: Organisation, today: date) -> list[Inside]:
    """Those of the cases who have done something for it, the strongest first. Two statements."""
    held: dict[int, list[tuple[Case, CasePerson]]] = {}
    for case in cases:
        for one in case.people:
            if one.ended_on is None:
                held.setdefault(one.person_id, []).append((case, one))
    acts, formula = champions.evidence(held) if held else {}, champions.figures().formula
    found = []
    for person_id, rows in held.items():
        roles = [one.role for _case, one in rows]
        shown = champions.carrier(acts.get(person_id, []), [body.id], roles, today, formula)
        if shown.strength.band is not StrengthBand.NONE or CaseRole.CHAMPION in roles:
            titles = tuple(dict.fromkeys(case.title for case, _one in rows))
            found.append(Inside(rows[0][1].person, titles, shown))
    found.sort(key=lambda one: (-one.shown.strength.total, one.person.name))
    return found[:MOST]


def _days(body: Organisation, today: date) -> tuple[list[Ending], list[Coming]]:
    """What ends, and what a procurement has ahead of it, the soonest first. One statement."""
    none = sa.null()
    contracts = sa.select(
        sa.literal("contract").label("what"),
        Contract.id,
        Contract.title,
        Contract.supplier.label("more"),
        Contract.runs_until.label("day"),
        Contract.notice_months,
    ).where(Contract.id.in_(sa.select(registered.of_account(body, today=today).subquery().c.id)))
    ahead = (
        sa.select(
            sa.literal("procurement").label("what"),
            Procurement.id,
            Procurement.title,
            sa.cast(Milestone.stage, sa.String).label("more"),
            Milestone.planned_on.label("day"),
            sa.cast(none, sa.Integer).label("notice_months"),
        )
        .join(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .join(Milestone, Milestone.plan_id == Plan.id)
        .where(
            Procurement.body_id == body.id,
            Procurement.cancelled_on.is_(None),
            Milestone.reached_on.is_(None),
            Milestone.planned_on >= today,
        )
    )
    rows: Any = db.session.execute(sa.union_all(contracts, ahead)).all()
    rows = sorted(rows, key=lambda row: (row.day or date.max, row.id))
    endings = [
        Ending(row.id, row.title, row.more, row.day, _notice(row))
        for row in rows
        if row.what == "contract"
    ]
    coming = [
        Coming(row.id, row.title, StageKey(row.more), row.day)
        for row in rows
        if row.what == "procurement"
    ]
    return endings[:MOST], coming[:MOST]


def _notice(row: Any) -> date | None:
    if row.day is None or row.notice_months is None:
        return None
    return notice_day(row.day, row.notice_months)


@requires(Permission.EDIT_CASES)
def account_plan(organisation_id: int) -> AnyResponse:
    """The plan of a body; a unit's address leads to it. `case` is whose map and ladder it shows."""
    organisation = organisations.get(organisation_id)
    if organisation.parent_id is not None:
        return redirect(url_for(".account_plan", organisation_id=organisation.body_id), 303)
    return _page(gather(organisation, clock.today(), number_or_none(request.args.get("case"))))


def _page(plan: AccountPlan) -> Response:
    return page("overview/plan.html", plan=plan, organisation=plan.body, rungs=list(Rung))
