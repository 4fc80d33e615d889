"""Needs, requirements, answers and comparisons."""

from datetime import date, datetime
from typing import Any

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.requirements import operations
from crm.requirements.models import Answer, Comparison, Need, Requirement
from crm.requirements.operations import Told
from crm.rules.comparison import read_list
from crm.rules.requirements import AnswerState, Area, RequirementKind, RestsOn
from tests.factories.cases import NOW, TODAY

WORDS = "Vi vill logga in med samma konto som i allt annat"
THEIR_LIST = """3.1 Tjänsten ska stödja inloggning med kommunens vanliga konto
3.2 Driften ska ske i en molntjänst"""


def make_need(
    organisation: Organisation,
    by: User,
    words: str = WORDS,
    *,
    person: Person | None = None,
    area: Area = Area.INTEGRATION,
    requirement: Requirement | None = None,
    today: date = TODAY,
    now: datetime = NOW,
    from_use: bool = False,
    **more: Any,
) -> Need:
    """One that was said today."""
    told = more.pop("told", Told(rests_on=RestsOn.USE) if from_use else operations.PLAIN)
    need = operations.capture_need(
        words,
        person,
        organisation,
        today,
        area=area,
        told=told,
        by=by,
        today=today,
        now=now,
        **more,
    )
    operations.group(need, requirement)
    db.session.flush()
    return need


def make_requirement(
    by: User,
    text: str = "Inloggning med kommunens vanliga konto",
    *,
    kind: RequirementKind = RequirementKind.SHOULD,
    area: Area = Area.INTEGRATION,
    needs: tuple[Need, ...] = (),
    answer: Answer | None = None,
    now: datetime = NOW,
) -> Requirement:
    """A wish, from the needs."""
    requirement = operations.begin_requirement(
        text, kind=kind, area=area, needs=needs, by=by, now=now
    )
    requirement.answer_id = answer.id if answer is not None else None
    db.session.flush()
    return requirement


def make_answer(
    owner: User | None = None,
    title: str = "Inloggning",
    *,
    state: AnswerState = AnswerState.MET,
    planned_on: date | None = None,
    area: Area = Area.INTEGRATION,
    today: date = TODAY,
) -> Answer:
    """One that was checked today."""
    return operations.write_answer(
        None,
        title=title,
        text="Ja, genom kommunens egen identitetstjänst.",
        area=area,
        state=state,
        planned_on=planned_on,
        evidence="Provat i drift",
        owner=owner,
        today=today,
    )


def make_comparison(
    case: Case, by: User, text: str = THEIR_LIST, *, procurement: Any = None, now: datetime = NOW
) -> Comparison:
    """A pasted list, compared with what there is."""
    made = operations.compare_list(
        case, procurement, "Deras lista", read_list(text), by=by, now=now
    )
    db.session.flush()
    return made
