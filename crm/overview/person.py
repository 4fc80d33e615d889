"""A person's page: posts, roles, inquiries and the story, wherever each of them happened.

Its address belongs to the people (`people.show`); its content comes from domains above them, so
the view lives here and is hung on that address when the blueprint is registered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import Response, request
from flask.blueprints import BlueprintSetupState

from crm.activities import queries as activities
from crm.activities.models import WRITTEN_BY_HAND
from crm.cases import queries as cases
from crm.cases.models import Case, CasePerson
from crm.champions import queries as champions
from crm.core import clock
from crm.core.db import db
from crm.interest import queries as interest
from crm.organisations import queries as organisations
from crm.organisations.models import Organisation
from crm.overview import beside
from crm.people import queries as people
from crm.people.forms import BASES
from crm.people.models import Person
from crm.rules.access import Permission
from crm.rules.stages import CaseRole, CaseState
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import page


@dataclass(frozen=True, slots=True)
class Part:
    """A role the person plays, or has played, in a case."""

    case_id: int
    title: str
    state: CaseState
    body_id: int
    body: str
    role: CaseRole
    started_on: date
    ended_on: date | None
    next_step: str
    next_on: date | None  # None of a closed case


def parts_of(person: Person) -> list[Part]:
    """The person's roles in cases, those that go on first. One statement."""
    rows: Any = db.session.execute(
        sa.select(
            Case.id,
            Case.title,
            Case.state,
            Organisation.id,
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name),
            CasePerson.role,
            CasePerson.started_on,
            CasePerson.ended_on,
            Case.next_step,
            sa.case((Case.state != CaseState.CLOSED, cases.next_on())),
        )
        .join(Case, Case.id == CasePerson.case_id)
        .join(Organisation, Organisation.id == Case.body_id)
        .where(CasePerson.person_id == person.id)
        .order_by(CasePerson.ended_on.is_not(None), CasePerson.started_on.desc(), CasePerson.id)
        .limit(100)
    )
    return [Part(*row) for row in rows]


def _leaves_places(parts: Iterable[Part]) -> bool:
    """Whether a role may stand open after the person in a case that is not closed (C8)."""
    return any(
        part.ended_on is not None
        and part.state is not CaseState.CLOSED
        and part.role not in (CaseRole.USER, CaseRole.SCEPTIC)
        for part in parts
    )


@requires(Permission.READ)
def show(person_id: int) -> Response:
    """A person's page."""
    person = people.get(person_id)
    posts = people.all_posts(person)
    bodies = {post.body_id for post in posts if post.is_current and post.body_id}
    roles = people.account_roles([person.id], ended=True)[person.id]
    parts = parts_of(person)
    around = beside.of_person(person.id, bodies)
    return page(
        "overview/person.html",
        person=person,
        posts=posts,
        trails=organisations.trails(post.path for post in posts),
        roles=roles,
        parts=parts,
        shown=champions.carrier(
            around.acts.get(person.id, ()),
            bodies,
            {one.role for one in roles if one.ended_on is None}
            | {one.role for one in parts if one.ended_on is None},
            clock.today(),
            around.formula,
        ),
        left_places=_leaves_places(parts),
        inquiries=interest.latest(interest.Filter(person_id=person.id), 10),
        entries=activities.timeline(
            activities.Filter(person_id=person.id), page=page_number(request.args)
        ),
        beside=around,
        bases=BASES,
        hand_kinds=WRITTEN_BY_HAND,
    )


def hang(state: BlueprintSetupState) -> None:
    """Put the page at the people's own address."""
    state.app.add_url_rule(
        "/people/<id:person_id>", endpoint="people.show", view_func=show, methods=["GET"]
    )
