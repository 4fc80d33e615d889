"""What falls due in a procurement reminds in time, also once it is published (D10)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.accounts.models import User
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.procurements import operations as procurements
from crm.procurements.models import Procurement
from crm.reminders import planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules.budget_cycle import BodyKind, DecisionPractice, Practice
from crm.rules.calendar import STOCKHOLM, is_working_day
from crm.rules.certainty import Certainty
from crm.rules.reminders import BodyFacts, CaseFacts, Planned, ReminderKind, explain, plan
from crm.rules.stages import CaseState, Outcome, ProcurementStage, WaitReason
from crm.rules.tendering import Decision, QuestionDay, TenderDays
from crm.tenders import operations, queries
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_unit
from tests.factories.cases import make_case
from tests.factories.procurements import make_procurement
from tests.factories.tenders import make_tender

TODAY = date(2027, 3, 1)
BODY = BodyFacts(
    1,
    "Hultsfreds kommun",
    BodyKind.MUNICIPALITY,
    Practice(BodyKind.MUNICIPALITY, DecisionPractice.UNKNOWN),
)


def at(day: date, clock: str = "12:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=STOCKHOLM)


def asked(tender: TenderDays, today: date = TODAY, **facts: Any) -> dict[str, Planned]:
    case = CaseFacts(7, 1, TODAY - timedelta(days=90), owner_id=3, tender=tender, **facts)
    found = plan(BODY, [case], today=today)
    return {one.rule_key: one for one in found if one.rule_key.startswith("D10")}


TENDER = TenderDays(
    title="Läsverktyg",
    reference="KS 2027/12",
    source="https://example.se/annons",
    questions=QuestionDay(date(2027, 3, 16), at(date(2027, 3, 16))),
    due_at=at(date(2027, 4, 5)),
    valid_until=date(2027, 8, 31),
)


def test_each_deadline_is_brought_up_in_working_days() -> None:
    found = asked(TENDER)
    assert {key: (one.due_on, one.wanted_on) for key, one in found.items()} == {
        "D10-questions": (date(2027, 3, 11), date(2027, 3, 16)),
        # Easter: from Good Friday to Easter Monday nobody works.
        "D10-tender": (date(2027, 3, 25), date(2027, 4, 5)),
        "D10-tender-last": (date(2027, 4, 2), date(2027, 4, 5)),
        "D10-validity": (date(2027, 8, 17), date(2027, 8, 31)),
    }
    assert {one.kind for one in found.values()} == {ReminderKind.DEADLINE}
    assert {one.owner_id for one in found.values()} == {3}


APPLICATION = TenderDays("Läsverktyg", "KS 2027/12", apply_by=at(date(2027, 4, 5), "23:59"))


def test_the_last_day_to_apply_is_brought_up_twice() -> None:
    found = asked(APPLICATION)
    assert {key: (one.due_on, one.wanted_on) for key, one in found.items()} == {
        "D10-application": (date(2027, 3, 25), date(2027, 4, 5)),
        "D10-application-last": (date(2027, 4, 2), date(2027, 4, 5)),
    }
    told = explain(found["D10-application-last"], "sv")
    assert told.title == "Lämna in anbudsansökan: Läsverktyg"
    assert told.parts[0] == "Sista dag att ansöka (KS 2027/12): 5 april 2027 kl. 23:59."
    english = explain(found["D10-application"], "en")
    assert english.parts[0] == "The last day to apply (KS 2027/12): 5 April 2027 at 23:59."


def test_the_first_reminder_to_apply_gives_way_to_the_last_and_both_end_with_the_day() -> None:
    assert asked(APPLICATION, today=date(2027, 4, 2)).keys() == {"D10-application-last"}
    assert not asked(APPLICATION, today=date(2027, 4, 6))
    assert not asked(replace(APPLICATION, has_gone_in=True))
    assert asked(replace(TENDER, apply_by=at(date(2027, 3, 10)))).keys() == {
        *asked(TENDER),
        *asked(APPLICATION),
    }


def test_its_reason_names_the_day_the_hour_and_the_source() -> None:
    one = asked(TENDER)["D10-questions"]
    why = explain(one, "sv")
    assert why.title == "Ställ frågorna i upphandlingen: Läsverktyg"
    assert why.parts[0] == "Sista dag för frågor (KS 2027/12): 16 mars 2027 kl. 12:00."
    assert why.parts[1] == "Tas upp 3 arbetsdagar före."
    assert (one.source, one.certainty) == (TENDER.source, Certainty.CONFIRMED)
    english = explain(asked(TENDER)["D10-tender-last"], "en")
    assert english.parts[0] == "The last day for tenders (KS 2027/12): 5 April 2027 at 12:00."
    assert english.parts[1] == "Brought up 1 working day before."


def test_a_last_day_that_nobody_states_says_what_the_law_gives() -> None:
    worked_out = QuestionDay(date(2027, 3, 26), None, date(2027, 3, 31), "LOU 12 kap. 11 §")
    one = asked(TenderDays("Läsverktyg", questions=worked_out))["D10-questions"]
    assert (one.certainty, one.law) == (Certainty.TYPICAL, "LOU 12 kap. 11 §")
    assert "svaren ska komma senast 31 mars 2027" in explain(one, "sv").parts[0]
    assert "the answers are due by 31 March 2027" in explain(one, "en").parts[0]


@pytest.mark.parametrize("stage", list(ProcurementStage))
def test_publication_stops_contacts_and_never_a_deadline(stage: ProcurementStage) -> None:
    assert asked(TENDER, procurement_stage=stage).keys() == asked(TENDER).keys()
    assert asked(APPLICATION, procurement_stage=stage).keys() == asked(APPLICATION).keys()


def test_in_a_case_that_waits_it_is_a_task_and_in_a_closed_one_nothing() -> None:
    waiting = asked(TENDER, state=CaseState.WAITING, waiting_since=TODAY)
    assert {one.kind for one in waiting.values()} == {ReminderKind.TASK}
    assert len(waiting) == 4
    assert not asked(TENDER, state=CaseState.CLOSED)


def test_what_has_gone_in_reminds_only_of_how_long_it_stands() -> None:
    gone = TenderDays("x", questions=TENDER.questions, due_at=TENDER.due_at, has_gone_in=True)
    assert not asked(gone)
    standing = TenderDays("x", valid_until=TENDER.valid_until, has_gone_in=True)
    assert asked(standing).keys() == {"D10-validity"}


def test_once_its_day_has_passed_nothing_is_asked() -> None:
    assert "D10-questions" in asked(TENDER, today=date(2027, 3, 16))
    assert "D10-questions" not in asked(TENDER, today=date(2027, 3, 17))
    last = asked(TENDER, today=date(2027, 4, 2))
    assert "D10-tender" not in last and "D10-tender-last" in last


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.datetimes(datetime(2027, 3, 1), datetime(2028, 12, 31), timezones=st.just(STOCKHOLM)),
    st.sampled_from(ProcurementStage),
)
def test_no_deadline_is_ever_brought_up_on_a_day_off_or_too_late(
    due: datetime, stage: ProcurementStage
) -> None:
    tender = TenderDays("x", questions=QuestionDay(due.date(), due), due_at=due)
    for one in asked(tender, procurement_stage=stage).values():
        assert is_working_day(one.due_on)
        assert one.due_on < due.date()
        assert one.wanted_on == due.date()


# --- As it is stored ----------------------------------------------------------------------------


@pytest.fixture
def body(app: Any) -> Organisation:
    return make_body("Hultsfreds kommun")


@pytest.fixture
def owner(app: Any) -> User:
    return make_user(name="Sara")


@pytest.fixture
def case(body: Organisation, owner: User) -> Case:
    return make_case(make_unit(body), "Läsverktyg", owner=owner)


@pytest.fixture
def procurement(body: Organisation, case: Case) -> Procurement:
    return make_procurement(body, "Läsverktyg", case=case, tenders_due_at=at(date(2027, 4, 6)))


def replan(body: Organisation, today: date = TODAY) -> None:
    now = datetime(today.year, today.month, today.day, 9, tzinfo=UTC)
    planning.replan([body.id], today=today, now=now)


def waiting(case: Case) -> dict[str, Reminder]:
    db.session.expire_all()
    rows = db.session.scalars(
        sa.select(Reminder).where(
            Reminder.case_id == case.id,
            Reminder.rule_key.startswith("D10"),
            Reminder.state.in_((ReminderState.PLANNED, ReminderState.DUE)),
        )
    )
    return {row.rule_key: row for row in rows}


def test_the_question_deadline_is_always_a_task(
    body: Organisation, case: Case, procurement: Procurement, owner: User
) -> None:
    replan(body)
    found = waiting(case)
    assert found.keys() == {"D10-questions", "D10-tender", "D10-tender-last"}
    assert {row.user_id for row in found.values()} == {owner.id}
    # Ten days before is a Saturday, and the day before that is Good Friday.
    assert found["D10-questions"].event_start == date(2027, 3, 25)


def test_a_deadline_that_moves_takes_its_reminders_along(
    body: Organisation, case: Case, procurement: Procurement
) -> None:
    replan(body)
    first = waiting(case)["D10-tender"].id
    procurement.tenders_due_at = at(date(2027, 4, 20))
    db.session.flush()
    replan(body)
    moved = waiting(case)["D10-tender"]
    assert (moved.id, moved.event_start) == (first, date(2027, 4, 20))


def test_whoever_is_responsible_is_told_and_a_no_go_is_the_end_of_it(
    body: Organisation, case: Case, procurement: Procurement
) -> None:
    bo = make_user(name="Bo")
    now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    tender = make_tender(procurement, by=bo, now=now)
    replan(body)
    assert {row.user_id for row in waiting(case).values()} == {bo.id}
    operations.decide(tender, Decision.NO_GO, "Ingen tid", by=bo, now=now)
    db.session.flush()
    replan(body)
    assert not waiting(case)


def test_an_application_alone_is_told_and_a_no_go_ends_it(
    body: Organisation, case: Case, owner: User
) -> None:
    chosen = make_procurement(
        body, "Läsverktyg", case=case, requests_due_at=at(date(2027, 4, 6), "23:59")
    )
    replan(body)
    found = waiting(case)
    assert found.keys() == {"D10-application", "D10-application-last"}
    assert {row.event_start for row in found.values()} == {date(2027, 4, 6)}
    now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    tender = make_tender(chosen, by=owner, now=now)
    operations.decide(tender, Decision.NO_GO, "Ingen tid", by=owner, now=now)
    db.session.flush()
    replan(body)
    assert not waiting(case)


def test_of_several_cases_one_is_told(
    body: Organisation, case: Case, procurement: Procurement, owner: User
) -> None:
    other = make_case(body, "Skrivstöd", owner=owner)
    procurements.take_part(procurement, other)
    now = datetime(2027, 3, 1, 9, tzinfo=UTC)
    cases.put_to_wait(
        case,
        WaitReason.PROCUREMENT_RUNNING,
        until=date(2027, 9, 1),
        by=owner,
        today=TODAY,
        now=now,
    )
    db.session.flush()
    assert queries.for_planning([body.id])[1].keys() == {other.id}
    cases.close(other, Outcome.NO_DECISION, reason="other", by=owner, today=TODAY, now=now)
    db.session.flush()
    assert queries.for_planning([body.id])[1].keys() == {case.id}
