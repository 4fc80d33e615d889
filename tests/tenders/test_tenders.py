"""Our tender: begun once, two persons for each line, weighed, decided, handed in and confirmed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.procurements import operations as procurements
from crm.procurements.models import Procurement
from crm.rules.law.values import shipped_values
from crm.rules.stages import Outcome
from crm.rules.tendering import Band, Decision, ItemState
from crm.tenders import operations, queries
from crm.tenders.models import GoSheet, Tender, TenderItem
from tests.factories.accounts import make_user
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement
from tests.factories.tenders import make_tender

VALUES = shipped_values()


@pytest.fixture
def anna(app: object) -> User:
    return make_user(name="Anna")


@pytest.fixture
def bo(app: object) -> User:
    return make_user(name="Bo")


@pytest.fixture
def unit(app: object) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def procurement(unit: Organisation) -> Procurement:
    return make_procurement(unit, tenders_due_at=NOW + timedelta(days=30))


@pytest.fixture
def tender(procurement: Procurement, anna: User) -> Tender:
    return make_tender(procurement, by=anna)


def lines(tender: Tender) -> list[TenderItem]:
    return list(queries.items_of(tender.id))


def complete(tender: Tender, first: User, second: User) -> None:
    for item in lines(tender):
        operations.do_item(tender, item, by=first, now=NOW)
        operations.check_item(tender, item, by=second, now=NOW)


def test_a_tender_begins_once_with_the_usual_list(
    procurement: Procurement, anna: User, bo: User
) -> None:
    tender = operations.begin(procurement, by=anna, now=NOW)
    assert operations.begin(procurement, by=bo, now=NOW) is tender
    assert tender.responsible_id == anna.id
    assert [item.text for item in lines(tender)] == [one.text for one in queries.shipped_items()]
    assert sum(item.required for item in lines(tender)) == 5


def test_what_the_installation_has_written_is_what_a_list_begins_with(
    procurement: Procurement, anna: User
) -> None:
    operations.set_usual_items(["Anbudsbrev"], ["CV"])
    found = lines(operations.begin(procurement, by=anna, now=NOW))
    assert [(item.text, item.required) for item in found] == [("Anbudsbrev", True), ("CV", False)]
    operations.set_usual_items([], [])
    assert queries.usual_items() == queries.shipped_items()


def test_no_tender_is_begun_in_what_has_been_called_off(
    procurement: Procurement, anna: User
) -> None:
    procurements.cancel(procurement, TODAY, by=anna, now=NOW)
    with pytest.raises(RuleBroken, match="avbruten"):
        operations.begin(procurement, by=anna, now=NOW)


def test_a_line_is_done_by_one_and_checked_by_another(tender: Tender, anna: User, bo: User) -> None:
    item = lines(tender)[0]
    with pytest.raises(RuleBroken):
        operations.check_item(tender, item, by=bo, now=NOW)
    operations.do_item(tender, item, by=anna, now=NOW)
    with pytest.raises(RuleBroken):
        operations.check_item(tender, item, by=anna, now=NOW)
    operations.check_item(tender, item, by=bo, now=NOW)
    assert (item.line.state, item.checked_by_id) == (ItemState.CHECKED, bo.id)
    operations.undo_item(tender, item)
    assert (item.line.state, item.done_by_id) == (ItemState.DONE, anna.id)
    operations.undo_item(tender, item)
    assert item.line.state is ItemState.MISSING


def test_doing_it_twice_changes_nothing(tender: Tender, anna: User, bo: User) -> None:
    item = lines(tender)[0]
    operations.do_item(tender, item, by=anna, now=NOW)
    operations.do_item(tender, item, by=bo, now=NOW + timedelta(hours=1))
    assert (item.done_by_id, item.done_at) == (anna.id, NOW)


def test_the_database_refuses_one_person_twice(
    tender: Tender, anna: User, session: Session
) -> None:
    item = lines(tender)[0]
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            sa.update(TenderItem)
            .where(TenderItem.id == item.id)
            .values(done_by_id=anna.id, done_at=NOW, checked_by_id=anna.id, checked_at=NOW)
            .execution_options(unaudited=True)
        )
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(
            sa.update(Tender)
            .where(Tender.id == tender.id)
            .values(
                submitted_at=NOW,
                submitted_by_id=anna.id,
                confirmed_at=NOW,
                confirmed_by_id=anna.id,
            )
            .execution_options(unaudited=True)
        )


def test_a_line_that_says_something_else_is_to_be_done_anew(
    tender: Tender, anna: User, bo: User
) -> None:
    item = lines(tender)[0]
    operations.do_item(tender, item, by=anna, now=NOW)
    same = {"required": True, "due_on": TODAY, "responsible_id": bo.id}
    operations.edit_item(tender, item, text=item.text, **same)  # type: ignore[arg-type]
    assert item.line.state is ItemState.DONE
    operations.edit_item(tender, item, text="Något annat", **same)  # type: ignore[arg-type]
    assert item.line.state is ItemState.MISSING


def test_a_tender_that_lacks_something_goes_in_with_a_reason_or_not_at_all(
    tender: Tender, anna: User, bo: User
) -> None:
    with pytest.raises(RuleBroken):
        operations.submit(tender, NOW, receipt="", reason="", by=anna, now=NOW)
    later = NOW + timedelta(minutes=1)
    with pytest.raises(RuleBroken):
        operations.submit(tender, later, receipt="", reason="Intyget kommer", by=anna, now=NOW)
    assert tender.submitted_at is None
    complete(tender, anna, bo)
    operations.submit(tender, NOW, receipt="A-17", reason="", by=anna, now=NOW)
    assert (tender.submitted_at, tender.receipt) == (NOW, "A-17")
    assert tender.incomplete_reason == ""


def test_another_confirms_what_went_in(tender: Tender, anna: User, bo: User) -> None:
    with pytest.raises(RuleBroken):
        operations.confirm(tender, by=bo, now=NOW)
    operations.submit(tender, NOW, receipt="", reason="Intyget kommer", by=anna, now=NOW)
    assert tender.incomplete_reason == "Intyget kommer"
    with pytest.raises(RuleBroken):
        operations.confirm(tender, by=anna, now=NOW)
    operations.confirm(tender, by=bo, now=NOW)
    assert tender.confirmed_by_id == bo.id
    with pytest.raises(RuleBroken):
        operations.do_item(tender, lines(tender)[0], by=anna, now=NOW)
    operations.take_back(tender)
    assert tender.submitted_at is None and tender.confirmed_at is None
    operations.do_item(tender, lines(tender)[0], by=anna, now=NOW)


def test_a_decision_keeps_who_when_and_why(tender: Tender, anna: User, session: Session) -> None:
    with pytest.raises(RuleBroken):
        operations.decide(tender, Decision.NO_GO, "", by=anna, now=NOW)
    operations.decide(tender, Decision.NO_GO, "Ingen tid", by=anna, now=NOW)
    assert (tender.decided_by_id, tender.decided_at) == (anna.id, NOW)
    events = session.scalars(sa.select(Activity.data)).all()
    assert any("tender_no_go" in str(one) for one in events)
    operations.decide(tender, Decision.UNDECIDED, "", by=anna, now=NOW)
    assert (tender.decided_by_id, tender.decided_at) == (None, None)


def test_new_criteria_are_a_new_version_and_a_tender_keeps_its_own(
    tender: Tender, unit: Organisation, anna: User, session: Session
) -> None:
    before = queries.criteria_of(tender.sheet_id)
    with pytest.raises(RuleBroken):
        operations.set_criteria([("Lönsamt", 0)], by=anna, now=NOW)
    operations.set_criteria([("Lönsamt", 4)], by=anna, now=NOW)
    other = make_tender(make_procurement(unit), by=anna)
    assert [one.text for one in queries.criteria_of(other.sheet_id)] == ["Lönsamt"]
    assert queries.criteria_of(tender.sheet_id) == before
    assert session.scalar(sa.select(sa.func.count()).select_from(GoSheet)) == 2
    strange = queries.criteria_of(other.sheet_id)[0].id
    with pytest.raises(RuleBroken):
        operations.weigh(tender, {strange: (3, "")})


def test_the_hit_rate_counts_decided_tenders_by_their_score(
    unit: Organisation, anna: User, session: Session
) -> None:
    for number in range(6):
        case = make_case(unit)
        twin = make_case(unit)
        tender = make_tender(make_procurement(unit, case=case), by=anna)
        procurements.take_part(tender_procurement(session, tender), twin)
        operations.weigh(tender, {one.id: (4, "") for one in queries.criteria_of(tender.sheet_id)})
        if number < 5:
            close(case, Outcome.WON if number < 2 else Outcome.LOST)
    unfinished = make_tender(make_procurement(unit, case=make_case(unit)), by=anna)
    assert unfinished.decision is Decision.UNDECIDED
    session.flush()
    strong = queries.rates()[0]
    assert (strong.band, strong.won, strong.decided) == (Band.STRONG, 2, 5)
    assert strong.percent == 40


def tender_procurement(session: Session, tender: Tender) -> Procurement:
    return session.get_one(Procurement, tender.procurement_id)


def close(case: Case, outcome: Outcome) -> None:
    cases.close(case, outcome, reason="price", by=None, today=TODAY, now=NOW)


def test_the_desk_shows_what_is_next_first(unit: Organisation, anna: User) -> None:
    late = make_procurement(unit, "Sist", tenders_due_at=NOW + timedelta(days=40))
    asked = make_procurement(
        unit,
        "Frågor",
        tenders_due_at=NOW + timedelta(days=50),
        questions_due_at=NOW + timedelta(days=2),
    )
    passed = make_procurement(unit, "Passerad", tenders_due_at=NOW - timedelta(days=1))
    declined = make_tender(
        make_procurement(unit, "Avstådd", tenders_due_at=NOW + timedelta(days=9)), by=anna
    )
    operations.decide(declined, Decision.NO_GO, "Ingen tid", by=anna, now=NOW)
    make_procurement(unit, "Utan tid")
    make_procurement(unit, "Ansök", requests_due_at=NOW + timedelta(days=3))
    make_procurement(unit, "Ansökt", requests_due_at=NOW - timedelta(days=3))
    make_procurement(
        unit,
        "Fråga efter ansökan",
        requests_due_at=NOW + timedelta(days=4),
        questions_due_at=NOW + timedelta(days=30),
        tenders_due_at=NOW + timedelta(days=60),
    )
    make_tender(late, by=anna)
    live = queries.desk(NOW, over=False, page=1, values=VALUES)
    titles = ["Frågor", "Ansök", "Fråga efter ansökan", "Sist"]
    assert [row.title for row in live.rows] == titles
    assert (live.rows[0].procurement_id, live.rows[0].tender_id) == (asked.id, None)
    assert live.rows[0].applications is None and live.rows[1].tenders is None
    assert live.rows[1].applications is not None
    assert live.rows[1].applications.at == NOW + timedelta(days=3)
    assert (live.rows[3].items, live.rows[3].done) == (8, 0)
    assert live.rows[3].questions is not None and not live.rows[3].questions.is_stated
    over = queries.desk(NOW, over=True, page=1, values=VALUES)
    assert [row.title for row in over.rows] == ["Avstådd", "Passerad"]
    assert over.rows[1].procurement_id == passed.id


def test_the_desk_asks_as_many_questions_of_one_as_of_many(
    unit: Organisation, anna: User, count_queries: object
) -> None:
    make_tender(make_procurement(unit, tenders_due_at=NOW + timedelta(days=5)), by=anna)
    with count_queries() as few:  # type: ignore[operator]
        queries.desk(NOW, over=False, page=1, values=VALUES)
    for days in range(10):
        made = make_procurement(unit, tenders_due_at=NOW + timedelta(days=6 + days))
        make_tender(made, by=anna)
    with count_queries() as many:  # type: ignore[operator]
        assert len(queries.desk(NOW, over=False, page=1, values=VALUES).rows) == 11
    assert few.number == many.number == 3
