"""How long the stages usually take, corrected by an administrator beside the law's values (K12)."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.db import db
from crm.core.errors import NotFound, RuleBroken
from crm.law import operations, queries
from crm.law.models import LeadTime
from crm.rules.access import Permission, Role, allows
from crm.rules.routes import STAGES, Duration, Route, StageKey
from tests.factories.law import make_lead_time
from tests.support.forms import post_forms

NEEDS = "/law-values/lead-times/open/needs"


def test_as_shipped_until_somebody_corrects_and_again_when_it_is_taken_back(session: Any) -> None:
    assert queries.usual_lengths(Route.OPEN) == dict(STAGES[Route.OPEN])
    first = make_lead_time(Route.OPEN, StageKey.NEEDS, Duration(10, 20, 30))
    second = make_lead_time(Route.OPEN, StageKey.NEEDS, Duration(11, 21, 31))
    assert (first.version, second.version) == (2, 3)  # 1 is as shipped
    assert queries.usual_lengths(Route.OPEN)[StageKey.NEEDS] == Duration(11, 21, 31)
    assert queries.usual_lengths(Route.SELECTIVE) == dict(STAGES[Route.SELECTIVE])
    stands = queries.lead_time(Route.OPEN, StageKey.NEEDS)
    assert operations.withdraw_lead_time(stands, by=None, now=clock.now()) is not None
    assert queries.usual_lengths(Route.OPEN) == dict(STAGES[Route.OPEN])
    stands = queries.lead_time(Route.OPEN, StageKey.NEEDS)
    assert operations.withdraw_lead_time(stands, by=None, now=clock.now()) is None
    assert len(stands.changes) == 3


def test_the_same_again_is_no_new_version(session: Any) -> None:
    make_lead_time(Route.OPEN, StageKey.NEEDS, Duration(10, 20, 30))
    with pytest.raises(AssertionError):
        make_lead_time(Route.OPEN, StageKey.NEEDS, Duration(10, 20, 30))


@pytest.mark.parametrize(
    ("stage", "length", "why"),
    [
        (StageKey.NEEDS, Duration(30, 20, 40), "korta tiden"),
        (StageKey.MARKET, Duration(20, 40, 60), "Lagen kräver minst 30 dagar"),
    ],
)
def test_the_wrong_order_and_less_than_the_law_are_refused(
    app: Any, stage: StageKey, length: Duration, why: str
) -> None:
    with pytest.raises(RuleBroken, match=why):
        make_lead_time(Route.OPEN, stage, length)


def test_a_stage_that_the_route_has_not_is_not_found(session: Any) -> None:
    with pytest.raises(NotFound):
        queries.lead_time(Route.DIRECT_AWARD, StageKey.STANDSTILL)


def test_one_number_stands_for_one_version(session: Any) -> None:
    change = make_lead_time(Route.OPEN, StageKey.NEEDS, Duration(10, 20, 30))
    again = {
        name: getattr(change, name)
        for name in ("route", "stage", "version", "short", "usual", "long", "source", "note")
    }
    session.add(LeadTime(**again, changed_at=clock.now()))
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.one_database
def test_an_administrator_corrects_and_takes_back(as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    page = admin.get(NEEDS).text
    form = next(one for one in post_forms(page) if NEEDS in one.action)
    first = form.sent(short="30", usual="60", long="90", source="Tre upphandlingar", note="Egna")
    answer = admin.post(NEEDS, data=first)
    assert answer.status_code == 303
    page = admin.get(answer.location).text
    assert "30, 60 eller 90 dagar" in page and "28, 84 eller 280 dagar" in page
    assert "Tre upphandlingar" in page and "version 2" in page
    assert "Ändrad här" in admin.get("/law-values/lead-times/open").text
    assert db.session.scalar(
        sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.entity == "lead_time")
    )
    assert admin.post(NEEDS, data=first | {"usual": "61"}).status_code == 409
    assert admin.post(f"{NEEDS}/withdraw").status_code == 303
    assert "Återtaget" in admin.get(NEEDS).text


@pytest.mark.one_database
@pytest.mark.parametrize(
    "changes", [{"short": "-1"}, {"usual": "snart"}, {"long": "10000"}, {"note": " "}, {"long": ""}]
)
def test_what_cannot_be_is_said_and_nothing_is_saved(
    as_user: Callable[..., Any], changes: dict[str, str]
) -> None:
    admin = as_user(Role.ADMIN)
    form = next(one for one in post_forms(admin.get(NEEDS).text) if NEEDS in one.action)
    answer = admin.post(NEEDS, data=form.sent(source="Vi", note="Egna") | changes)
    assert answer.status_code == 422
    assert f'{next(iter(changes))}-err"' in answer.text
    assert db.session.scalar(sa.select(sa.func.count(LeadTime.id))) == 0


@pytest.mark.one_database
@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_correct(as_user: Callable[..., Any], role: Role) -> None:
    client, may = as_user(role), allows(role, Permission.EDIT_LAW)
    assert ("Rätta tiderna" in client.get(NEEDS).text) is may
    assert client.post(NEEDS, data={}).status_code == (422 if may else 403)
    assert client.get("/law-values/lead-times/direct_award/standstill").status_code == 404
