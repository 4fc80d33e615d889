"""A request asked, answered, refused; the days are counted and the body is planned anew."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.cases.models import Case, CaseProduct, Product
from crm.core.errors import RuleBroken
from crm.law import queries as law
from crm.organisations.models import Organisation
from crm.records import operations, queries
from crm.records.models import RecordsRequest, RequestOutcome
from crm.reminders.models import Reminder, ReminderState
from crm.reminders.planning import replan
from crm.rules.reminders import ReminderKind
from tests.factories.accounts import make_user
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.factories.records import make_request


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def case(unit: Organisation) -> Case:
    return make_case(unit)


@pytest.fixture
def user(app: Any) -> User:
    return make_user()


@pytest.fixture
def request_(unit: Organisation, case: Case, user: User) -> RecordsRequest:
    return make_request(unit, user, case=case, follow_up_on=TODAY + timedelta(days=14))


def answer(request: RecordsRequest, user: User, **changes: Any) -> None:
    given: dict[str, Any] = {
        "answered_on": TODAY,
        "outcome": RequestOutcome.GIVEN,
        "fee_ore": None,
        "secrecy_note": "",
        "refused_on": None,
        "appeal_settled": False,
        "facts": "",
        "files": "",
        "values": law.values(),
        "by": user,
        "today": TODAY,
        "now": NOW,
    }
    operations.answer(request, **(given | changes))


def waiting(body_id: int, session: Session) -> dict[str, Reminder]:
    """The body's reminders about requests that stand, by rule, planned anew."""
    replan([body_id], today=TODAY, now=NOW)
    rows = session.scalars(
        sa.select(Reminder).where(
            Reminder.rule_key.startswith("RECORDS"),
            Reminder.state.in_((ReminderState.PLANNED, ReminderState.DUE)),
        )
    )
    return {row.rule_key: row for row in rows}


def test_a_request_is_followed_up_until_its_answer(
    request_: RecordsRequest, user: User, case: Case, session: Session
) -> None:
    found = waiting(request_.body_id, session)
    assert set(found) == {"RECORDS"}
    assert (found["RECORDS"].case_id, found["RECORDS"].user_id) == (case.id, user.id)
    answer(request_, user, facts="Vinnare: Exempel AB", files="G:/Avtal/12", fee_ore=12_500)
    assert waiting(request_.body_id, session) == {}
    told = session.scalars(sa.select(Activity.data).where(Activity.case_id == case.id)).all()
    assert [one["event"] for one in told if "request_id" in one] == [
        "records_asked",
        "records_answered",
    ]


def test_a_refusal_in_part_gives_a_last_day_to_appeal_until_it_is_settled(
    request_: RecordsRequest, user: User, session: Session
) -> None:
    changes = {"outcome": RequestOutcome.PARTLY, "refused_on": TODAY}
    answer(request_, user, **changes)
    assert request_.appeal_by == TODAY + timedelta(weeks=3)
    found = waiting(request_.body_id, session)
    assert found["RECORDS-appeal"].kind is ReminderKind.DEADLINE
    answer(request_, user, **changes, appeal_settled=True)
    assert waiting(request_.body_id, session) == {}
    answer(request_, user)
    assert (request_.refused_on, request_.appeal_by, request_.appeal_settled) == (None, None, False)


@pytest.mark.parametrize(
    "changes",
    [
        {"outcome": None},
        {"answered_on": None},
        {"answered_on": TODAY + timedelta(days=1)},
        {"answered_on": TODAY - timedelta(days=1)},
        {"refused_on": TODAY},
        {"outcome": RequestOutcome.REFUSED, "refused_on": TODAY - timedelta(days=40)},
    ],
)
def test_an_impossible_answer_is_refused(
    request_: RecordsRequest, user: User, changes: dict[str, Any]
) -> None:
    with pytest.raises(RuleBroken):
        answer(request_, user, **changes)
    assert request_.outcome is None and request_.facts == ""


def test_it_cannot_be_about_another_body(user: User, unit: Organisation, case: Case) -> None:
    elsewhere = make_municipality("Vimmerby")
    with pytest.raises(RuleBroken):
        make_request(elsewhere, user, case=case)
    with pytest.raises(RuleBroken):
        make_request(elsewhere, user, procurement=make_procurement(unit, case=case))
    with pytest.raises(RuleBroken):
        make_request(elsewhere, user, follow_up_on=TODAY - timedelta(days=1))


def test_what_was_asked_elsewhere_about_the_same_product_is_found(
    request_: RecordsRequest, user: User, case: Case, session: Session
) -> None:
    vimmerby, kalmar = make_municipality("Vimmerby"), make_municipality("Kalmar")
    other, third = make_case(vimmerby, "Samma sak"), make_case(kalmar, "Något annat")
    product = Product(name="Läsverktyget")
    session.add(product)
    session.flush()
    session.add_all(CaseProduct(case_id=one.id, product_id=product.id) for one in (case, other))
    procurement = make_procurement(vimmerby, case=other)
    there = make_request(vimmerby, user, procurement=procurement)
    make_request(kalmar, user, case=third)
    assert [one.id for one in queries.elsewhere(request_)] == [there.id]
    assert [one.id for one in queries.elsewhere(there)] == [request_.id]
    assert [one.id for one in queries.of_procurement(procurement.id)] == [there.id]


def test_the_list_is_by_the_day_of_follow_up(
    request_: RecordsRequest, user: User, unit: Organisation
) -> None:
    first = make_request(unit, user, "Tidigare", follow_up_on=date(2026, 12, 1))
    last = make_request(unit, user, "Utan dag")
    assert [one.id for one in queries.rows(queries.Filter(), page=1).rows] == [
        first.id,
        request_.id,
        last.id,
    ]
    answer(first, user, facts="Vinnare: 100 % AB")
    found = queries.rows(queries.Filter(text="100 %", answered=True), page=1)
    assert [one.id for one in found.rows] == [first.id]
    assert not queries.rows(queries.Filter(text="_", answered=True), page=1).rows


def test_nobody_who_has_left_is_reminded_of_a_request(
    request_: RecordsRequest, user: User, unit: Organisation, session: Session
) -> None:
    """It falls to the body's owner, as what else was theirs."""
    answer(request_, user, outcome=RequestOutcome.REFUSED, refused_on=TODAY)
    before = waiting(request_.body_id, session)
    assert before and {one.user_id for one in before.values()} == {user.id}
    stays = make_user()
    session.get_one(Organisation, request_.body_id).owner_id = stays.id
    user.active = False
    session.commit()
    after = waiting(request_.body_id, session)
    assert after.keys() == before.keys()
    assert {one.user_id for one in after.values()} == {stays.id}
