"""An organisation's page: its facts, what lies below, its people, cases and inquiries, its story,
and its budget year. Put together here, because no single domain may know of all the others.

At most thirteen statements, whatever there is to show.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask import Response

from crm.accounts.models import User
from crm.activities import queries as activities
from crm.activities.models import WRITTEN_BY_HAND
from crm.activities.queries import Entry
from crm.budgets import queries as budgets
from crm.budgets.panel import Panel, panel
from crm.cases import queries as cases
from crm.core import clock
from crm.core.db import db
from crm.interest import queries as interest
from crm.interest.queries import Touch
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation, below
from crm.organisations.queries import Family, Tree
from crm.overview import beside
from crm.overview.beside import Beside
from crm.people.models import AccountRole, Person, Post
from crm.reminders import queries as reminders
from crm.rules.access import Permission
from crm.rules.stages import CaseRole, CaseState
from crm.web.access import requires
from crm.web.filters import language
from crm.web.forms import page, user

MOST_PEOPLE = 12
MOST_LINES = 15
MOST_INQUIRIES = 6
MOST_CASES = 15
MOST_REMINDERS = 6


@dataclass(frozen=True, slots=True)
class Someone:
    """A person here or below, with the post and the roles held at the account."""

    id: int
    name: str
    title: str
    organisation_id: int
    organisation: str
    email: str
    phone: str
    objected: bool
    roles: tuple[CaseRole, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """Everything on the page. `people_total` counts those not shown, too."""

    organisation: Organisation
    above: list[Organisation]
    tree: Tree
    people: list[Someone]
    people_total: int
    cases: list[Any]
    inquiries: list[Any]
    entries: list[Entry]
    has_older: bool
    reminders: list[Any]
    budget: Panel
    beside: Beside
    touches: list[Touch]  # what colleagues did lately anywhere at the body (J5)

    @property
    def cases_under_way(self) -> list[Any]:
        """Open and waiting: what is alive."""
        return [case for case in self.cases if case.state is not CaseState.CLOSED][:MOST_CASES]

    @property
    def cases_closed(self) -> list[Any]:
        return [case for case in self.cases if case.state is CaseState.CLOSED][:MOST_CASES]


def gather(family: Family, reader: User, today: date, now: datetime) -> Account:
    """All of it, the tree included: everything is of the node and of what lies below it (A2)."""
    organisation = family.organisation
    people, people_total = _people(organisation)
    entries, has_older, touches = activities.latest_and(
        interest.contacts_by_others(organisation.body_id or organisation.id, reader, now),
        activities.Filter(organisation),
        MOST_LINES,
    )
    told = reminders.of_organisation(
        organisation, today=today, language=language(), limit=MOST_REMINDERS
    )
    years = budgets.known_of_many([*family.above, organisation])
    return Account(
        organisation=organisation,
        above=family.above,
        tree=family.tree,
        people=people,
        people_total=people_total,
        cases=cases.of(organisation),
        inquiries=interest.latest(interest.Filter(organisation=organisation), MOST_INQUIRIES),
        entries=entries,
        has_older=has_older,
        reminders=told,
        budget=panel(organisation, today, family.above, years[organisation.id]),
        beside=beside.of_account(organisation, today),
        touches=[interest.touch_of(entry) for entry in touches],
    )


def _people(organisation: Organisation) -> tuple[list[Someone], int]:
    """Those with a post here or below, nearest the top first. One statement."""
    roles = (
        sa.select(sa.func.aggregate_strings(AccountRole.role.cast(sa.String), ","))
        .join(Organisation, Organisation.id == AccountRole.organisation_id)
        .where(
            AccountRole.person_id == Person.id,
            AccountRole.ended_on.is_(None),
            Organisation.body_id == organisation.body_id,
        )
        .correlate(Person)
        .scalar_subquery()
    )
    # Which posts first, by their ids alone: hundreds are put in order and counted, twelve are read.
    order = (Organisation.depth, Person.name_sort, Person.id, Post.id)
    here = (
        sa.select(Post.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(below(organisation.path), Post.ended_on.is_(None))
    )
    total = sa.select(sa.func.count()).select_from(here.subquery()).scalar_subquery()
    first = here.join(Person, Person.id == Post.person_id).order_by(*order).limit(MOST_PEOPLE)
    rows = db.session.execute(
        sa.select(
            Person.id,
            Person.first_name,
            Person.last_name,
            Post.title,
            Organisation.id.label("organisation_id"),
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name).label(
                "organisation"
            ),
            Person.email,
            Person.phone,
            Person.objected_on,
            roles.label("roles"),
            total.label("total"),
        )
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Post.id.in_(first.scalar_subquery()))
        .order_by(*order)
    ).all()
    return [
        Someone(
            id=row.id,
            name=f"{row.first_name} {row.last_name}".strip(),
            title=row.title,
            organisation_id=row.organisation_id,
            organisation=row.organisation,
            email=row.email,
            phone=row.phone,
            objected=row.objected_on is not None,
            roles=tuple(
                CaseRole(role) for role in dict.fromkeys((row.roles or "").split(",")) if role
            ),
        )
        for row in rows
    ], (rows[0].total if rows else 0)


@requires(Permission.READ)
def organisation(organisation_id: int) -> Response:
    """An organisation's page."""
    account = gather(organisations.family(organisation_id), user(), clock.today(), clock.now())
    return page(
        "overview/organisation.html",
        account=account,
        organisation=account.organisation,
        budget=account.budget,
        reminders=account.reminders,
        hand_kinds=WRITTEN_BY_HAND,
    )


@requires(Permission.READ)
def sheet(organisation_id: int) -> Response:
    """The account on paper, for a colleague who takes it over (J3)."""
    account = gather(organisations.family(organisation_id), user(), clock.today(), clock.now())
    return page("overview/sheet.html", account=account, organisation=account.organisation)
