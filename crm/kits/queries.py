"""What is read about kits. Nothing here changes anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.anchoring import queries as anchoring
from crm.anchoring.models import Reference
from crm.anchoring.queries import Offered
from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import NotFound
from crm.interest.models import Inquiry
from crm.kits.models import Kit, KitQuestion
from crm.people.models import Person
from crm.requirements import queries as requirements
from crm.requirements.models import Answer
from crm.rules.kits import AREAS, may_be_named
from crm.rules.requirements import AnswerSign, answer_sign
from crm.rules.stages import CaseRole

QUESTIONS: Final = 100
"""So many of a kit's questions are listed."""


def kit(kit_id: int) -> Kit:
    """The kit with its case, champion, sheet and maker. One statement. Raises NotFound."""
    found = db.session.scalar(_kits().where(Kit.id == kit_id))
    if found is None:
        raise NotFound("kit")
    return found


def by_link(kit_id: int) -> Kit | None:
    """The same, for a number out of an address that anybody may have made up."""
    return db.session.scalar(_kits().where(Kit.id == kit_id))


def kits_of(case_id: int) -> Sequence[Kit]:
    """The case's kits, the latest first. One statement."""
    return db.session.scalars(_kits().where(Kit.case_id == case_id).order_by(Kit.id.desc())).all()


def to_index(ids: Collection[int] = (), case_ids: Collection[int] = ()) -> Sequence[Kit]:
    """These kits, and those of these cases, with where they hang. One statement."""
    return db.session.scalars(
        _kits().where(sa.or_(Kit.id.in_(ids), Kit.case_id.in_(case_ids))).order_by(Kit.id)
    ).all()


def next_number(case_id: int) -> int:
    """The number of the case's next kit, as things stand now. One statement."""
    last = db.session.scalar(sa.select(sa.func.max(Kit.number)).where(Kit.case_id == case_id))
    return (last or 0) + 1


def _kits() -> sa.Select[Kit]:
    return sa.select(Kit).options(
        joinedload(Kit.case).joinedload(Case.body),
        joinedload(Kit.case).joinedload(Case.organisation),
        joinedload(Kit.person),
        joinedload(Kit.sheet),
        joinedload(Kit.made_by),
    )


def questions_to(kit_id: int) -> Sequence[Inquiry]:
    """What readers of a kit have asked, the latest first. One statement."""
    return db.session.scalars(
        sa.select(Inquiry)
        .join(KitQuestion, KitQuestion.inquiry_id == Inquiry.id)
        .where(KitQuestion.kit_id == kit_id)
        .options(joinedload(Inquiry.person))
        .order_by(Inquiry.id.desc())
        .limit(QUESTIONS)
    ).all()


def asked_already(kit_id: int, email: str, question: str, since: datetime) -> Inquiry | None:
    """The same question from the same address, since then. One statement."""
    return db.session.scalar(
        sa.select(Inquiry)
        .join(KitQuestion, KitQuestion.inquiry_id == Inquiry.id)
        .where(
            KitQuestion.kit_id == kit_id,
            Inquiry.email == email,
            Inquiry.summary == question,
            Inquiry.received_at >= since,
        )
        .limit(1)
    )


def kit_of_inquiry(inquiry_id: int) -> Kit | None:
    """The kit whose reader asked. One statement."""
    return db.session.scalar(
        sa.select(Kit)
        .join(KitQuestion, KitQuestion.kit_id == Kit.id)
        .where(KitQuestion.inquiry_id == inquiry_id)
        .options(joinedload(Kit.case))
    )


def champions(case: Case) -> list[Person]:
    """Who a kit may be for: the people of the case today, its champions first, and nobody who has
    objected to being contacted (K7)."""
    held = [one for one in case.people if one.ended_on is None and one.person.objected_on is None]
    order = (CaseRole.CHAMPION, CaseRole.COACH)
    held.sort(key=lambda one: order.index(one.role) if one.role in order else len(order))
    return list({one.person_id: one.person for one in held}.values())


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """An answer that a kit could have, and whether it holds today."""

    answer: Answer
    holds: bool


def answers(today: date) -> list[AnswerChoice]:
    """The answers of the areas that a kit answers, in the kit's order. Two statements."""
    months = requirements.check_months()
    found = [
        AnswerChoice(one, _sign(one, today, months) is AnswerSign.HOLDS)
        for one in requirements.answers_in(AREAS)
    ]
    return sorted(found, key=lambda one: AREAS.index(one.answer.area))


def _sign(one: Answer, today: date, months: int) -> AnswerSign:
    return answer_sign(one.state, one.planned_on, one.checked_on, today, months)


def references(case: Case, today: date) -> list[Offered]:
    """The references that may stand in a kit of the case, the best fit first (C10)."""
    systems = anchoring.systems_at(case.body_id, today)
    return [
        one
        for one in anchoring.references(today=today, wanted=case, systems=systems)
        if one.reference.person.objected_on is None
        and may_be_named(one.standing, asked_for(one.reference, case.id), today)
    ]


def asked_for(reference: Reference, case_id: int) -> list[date]:
    """When somebody was asked as a reference for the case."""
    return [ask.asked_on for ask in reference.asks if ask.case_id == case_id]


def withdrawn(reference_ids: Collection[int]) -> set[int]:
    """Which of the consents hold no more, or are of somebody who has objected or has left the
    place of which they agreed to tell. One statement."""
    if not reference_ids:
        return set()
    held = db.session.scalars(
        sa.select(Reference.id)
        .join(Person, Person.id == Reference.person_id)
        .where(
            Reference.id.in_(reference_ids),
            Reference.withdrawn_on.is_(None),
            Person.objected_on.is_(None),
            anchoring.works_there(),
        )
    )
    return set(reference_ids) - set(held)
