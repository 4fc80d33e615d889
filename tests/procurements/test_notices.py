"""Notices that are stored, matched and applied to the procurement that they are of."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.organisations.models import Organisation
from crm.procurements import notice_queries, notices, operations, queries
from crm.procurements.models import (
    Milestone,
    Notice,
    NoticeOutcome,
    NoticeResult,
    Plan,
    Procurement,
)
from crm.procurements.notices import NoticeFact, Run
from crm.rules.calendar import STOCKHOLM
from crm.rules.certainty import Certainty
from crm.rules.notice_facts import facts_of
from crm.rules.notice_records import from_plain
from crm.rules.notices import (
    Award,
    AwardStatus,
    Contract,
    DeadlineKind,
    LengthUnit,
    Lot,
    Money,
    NoticeKind,
    Party,
    Period,
    ProcedureType,
    Words,
)
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Route, StageKey
from crm.rules.stages import ProcurementStage
from crm.search.models import SearchDoc
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.notices import (
    BUYER,
    CALL,
    RESULT,
    changed,
    due,
    make_record,
    sample,
    store,
)
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement

SENT = date(2026, 11, 20)
DUE = datetime(2027, 1, 18, 23, 59)
LATER = datetime(2027, 2, 1, 12, 0)


@pytest.fixture
def body(app: Any) -> Organisation:
    return make_municipality("Exempelkommun", org_number=BUYER)


def call(**values: Any) -> Any:
    told = {
        "dispatched": SENT,
        "procedure": ProcedureType.OPEN,
        "deadlines": (due(DUE),),
        "reference": "BUN 2026/0417",
        "cpv": "48190000",
        "estimated": Money(2_000_000_000, "SEK"),
    }
    return make_record(NoticeKind.COMPETITION, **(told | values))


def result(signed: date | None = date(2026, 11, 19), **values: Any) -> Any:
    award = Award(
        id="TEN-1",
        lots=(),
        status=AwardStatus.AWARDED,
        winners=(Party(Words((("sv", "Vinnaren AB"),)), number="5560250051"),),
        value=Money(735_000_000, "SEK"),
        contracts=(Contract("CON-1", decided=date(2026, 11, 2), signed=signed),),
    )
    told = {"dispatched": date(2026, 11, 22), "awards": (award,), "procedure": ProcedureType.OPEN}
    return make_record(NoticeKind.RESULT, **(told | values))


def the_procurement() -> Procurement:
    session = notices.db.session
    return session.scalars(sa.select(Procurement)).one()


def plan_of(procurement: Procurement) -> Plan:
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    return plan


def days(procurement: Procurement) -> dict[StageKey, Milestone]:
    return {row.stage: row for row in plan_of(procurement).milestones}


def run() -> Run:
    return Run(None, TODAY, NOW)


# --- One notice -----------------------------------------------------------------------------------


def test_a_call_opens_a_procurement_with_all_that_it_says(body: Organisation) -> None:
    (told,) = store([call()])
    assert told.outcome is NoticeOutcome.NEW
    made = the_procurement()
    assert made.body_id == made.organisation_id == body.id
    assert (made.title, made.reference, made.cpv) == ("Läsplattform", "BUN 2026/0417", "48190000")
    assert made.value_ore == 2_000_000_000
    assert made.tenders_due_at == datetime(2027, 1, 18, 22, 59, tzinfo=UTC)
    assert made.notice_url.startswith("https://ted.europa.eu/sv/notice/-/detail/")
    assert plan_of(made).route is Route.OPEN
    rows = days(made)
    sent, last = rows[StageKey.MARKET], rows[StageKey.EVALUATION]
    assert (sent.reached_on, sent.certainty) == (SENT, Certainty.PUBLISHED)
    assert (last.planned_on, last.reached_on) == (DUE.date(), None)
    assert last.certainty is Certainty.PUBLISHED
    assert last.source_url == made.notice_url
    planned = [row.day for row in plan_of(made).milestones]
    assert planned == sorted(planned)
    assert rows[StageKey.AWARD].certainty is Certainty.TYPICAL


def test_the_same_notice_twice_is_one_row(body: Organisation, session: Session) -> None:
    first, again = store([notice := call(), notice])
    assert (first.outcome, again.outcome) == (NoticeOutcome.NEW, NoticeOutcome.KNOWN)
    assert again.notice_id == first.notice_id
    assert [one.outcome for one in store([notice])] == [NoticeOutcome.KNOWN]
    assert session.scalar(sa.select(sa.func.count(Notice.id))) == 1
    assert session.scalar(sa.select(sa.func.count(Procurement.id))) == 1


def test_mail_and_telephone_are_not_kept(body: Organisation, session: Session) -> None:
    buyer = Party(
        Words((("sv", "Exempelkommun"),)), number=BUYER, email="anna@x.example", phone="08-1"
    )
    store([call(buyers=(buyer,))])
    record = session.scalars(sa.select(Notice.record)).one()
    assert "anna@x.example" not in str(record)
    assert "08-1" not in str(record)
    assert from_plain(record).buyers[0].number == BUYER


def test_a_national_form_is_below_the_thresholds(body: Organisation) -> None:
    store([call(form="E3")])
    assert plan_of(the_procurement()).route is Route.BELOW_THRESHOLD


def test_applications_have_a_deadline_of_their_own(body: Organisation) -> None:
    asked = due(datetime(2026, 12, 15, 12, 0), DeadlineKind.REQUESTS)
    store([call(procedure=ProcedureType.RESTRICTED, deadlines=(asked,))])
    made = the_procurement()
    assert plan_of(made).route is Route.SELECTIVE
    assert made.requests_due_at == datetime(2026, 12, 15, 11, 0, tzinfo=UTC)
    assert made.tenders_due_at is None
    assert days(made)[StageKey.APPLICATION].reached_on == SENT


def stands(*periods: Period) -> tuple[Lot, ...]:
    return tuple(Lot(str(n), validity=one) for n, one in enumerate(periods, 1))


def test_how_long_a_tender_must_stand_follows_the_notices_until_somebody_says_otherwise(
    body: Organisation,
) -> None:
    days = Period(length=120, unit=LengthUnit.DAY)
    first = call(lots=stands(days))
    store([first])
    made = the_procurement()
    assert made.tenders_valid_until == date(2027, 5, 18)
    (told,) = store([changed(first, deadlines=(due(LATER),), lots=stands(days))])
    assert NoticeFact.VALID in told.changed
    assert made.tenders_valid_until == date(2027, 6, 1)
    made.tenders_valid_until = date(2027, 8, 31)
    (again,) = store([changed(first, version=9, deadlines=(due(DUE),), lots=stands(days))])
    assert NoticeFact.VALID in again.kept
    assert made.tenders_valid_until == date(2027, 8, 31)


def test_a_validity_before_the_day_that_somebody_typed_for_tenders_is_not_taken(
    body: Organisation,
) -> None:
    typed = make_procurement(
        body, reference="BUN 2026/0417", tenders_due_at=LATER.replace(tzinfo=STOCKHOLM)
    )
    (told,) = store([call(deadlines=(), lots=stands(Period(end=date(2027, 1, 20))))])
    assert NoticeFact.VALID in told.kept
    assert typed.tenders_valid_until is None


def test_a_profile_is_kept_but_opens_nothing(body: Organisation, session: Session) -> None:
    store([make_record(NoticeKind.PROFILE), make_record(NoticeKind.QUALIFICATION)])
    assert session.scalar(sa.select(sa.func.count(Notice.id))) == 2
    assert session.scalar(sa.select(sa.func.count(Procurement.id))) == 0


def test_a_planned_call_is_planned_and_not_sent(body: Organisation) -> None:
    store([make_record(NoticeKind.PLANNING, planned=date(2027, 3, 1), dispatched=SENT)])
    row = days(the_procurement())[StageKey.MARKET]
    assert (row.planned_on, row.reached_on) == (date(2027, 3, 1), None)
    assert row.certainty is Certainty.PUBLISHED


def test_a_planning_notice_is_the_prior_notice_until_somebody_says_otherwise(
    body: Organisation,
) -> None:
    store([make_record(NoticeKind.PLANNING, planned=date(2027, 3, 1), dispatched=SENT)])
    procurement = the_procurement()
    assert procurement.prior_notice_on == SENT
    terms = queries.terms_of(queries.get(procurement.id), body)
    assert terms.prior_notice_sent == SENT


def test_an_absurd_amount_and_another_currency_are_left_out(body: Organisation) -> None:
    store([call(estimated=Money(10**20, "SEK"))])
    assert the_procurement().value_ore is None
    store([call(procedure_id="p-1", estimated=Money(500, "EUR"))])
    assert the_procurement().value_ore is None


# --- Later notices --------------------------------------------------------------------------------


def test_a_change_moves_the_deadline_and_says_why(body: Organisation, session: Session) -> None:
    notice = call()
    store([notice])
    (told,) = store([changed(notice, deadlines=(due(LATER),), dispatched=TODAY)])
    assert told.outcome is NoticeOutcome.UPDATED
    assert set(told.changed) >= {NoticeFact.TENDERS_DUE, NoticeFact.DAYS}
    session.expire_all()
    made = the_procurement()
    assert made.tenders_due_at == datetime(2027, 2, 1, 11, 0, tzinfo=UTC)
    row = days(made)[StageKey.EVALUATION]
    assert row.planned_on == LATER.date()
    assert row.first_planned_on == DUE.date()
    (move,) = row.moves
    assert (move.before, move.after) == (DUE.date(), LATER.date())
    assert move.reason.startswith(("Ändringsannons", "Change notice"))
    after = days(made)[StageKey.STANDSTILL]
    assert after.planned_on > LATER.date()


def test_what_a_change_leaves_out_stays(body: Organisation) -> None:
    notice = call()
    store([notice])
    bare = changed(
        notice,
        deadlines=(due(LATER),),
        dispatched=TODAY,
        reference=None,
        cpv=None,
        estimated=None,
    )
    store([replace(bare, partial=True)])
    made = the_procurement()
    assert (made.reference, made.cpv, made.value_ore) == (
        "BUN 2026/0417",
        "48190000",
        2_000_000_000,
    )
    assert made.tenders_due_at == datetime(2027, 2, 1, 11, 0, tzinfo=UTC)


def test_what_somebody_typed_stays_and_both_are_told(body: Organisation) -> None:
    notice = call()
    store([notice])
    made = the_procurement()
    own = datetime(2027, 1, 25, 11, 0, tzinfo=UTC)
    made.tenders_due_at, made.title = own, "Läs- och skrivstöd"
    (told,) = store([changed(notice, deadlines=(due(LATER),), dispatched=TODAY)])
    assert NoticeFact.TENDERS_DUE in told.kept
    assert NoticeFact.TITLE not in told.kept  # the change says nothing new of it
    assert made.tenders_due_at == own
    told_apart = {
        one.fact: (one.ours, one.theirs)
        for one in notices.differences(
            made, plan_of(made), facts_of(notice_queries.records_of(made.id)), TODAY
        )
    }
    assert told_apart[NoticeFact.TENDERS_DUE] == (own, datetime(2027, 2, 1, 11, tzinfo=UTC))
    assert told_apart[NoticeFact.TITLE] == ("Läs- och skrivstöd", "Läsplattform")
    notices.take_theirs(made, run())
    facts = facts_of(notice_queries.records_of(made.id))
    assert notices.differences(made, plan_of(made), facts, TODAY) == []
    assert made.title == "Läsplattform"


def test_a_milestone_that_somebody_moved_stays(body: Organisation) -> None:
    notice = call()
    store([notice])
    made = the_procurement()
    plan = plan_of(made)
    row = days(made)[StageKey.EVALUATION]
    own = date(2027, 1, 25)
    operations.move(
        plan,
        row,
        own,
        reason="De ringde",
        along=True,
        certainty=Certainty.CONFIRMED,
        open_days=NO_QUIET,
        by=None,
        now=NOW,
    )
    (told,) = store([changed(notice, deadlines=(due(LATER),), dispatched=TODAY)])
    assert NoticeFact.DAYS in told.kept
    assert row.planned_on == own


def test_a_result_decides_and_signs(body: Organisation) -> None:
    store([call(dispatched=date(2026, 8, 3), deadlines=(due(datetime(2026, 9, 15, 12)),))])
    (told,) = store([result()])
    assert told.outcome is NoticeOutcome.UPDATED
    rows = days(the_procurement())
    assert rows[StageKey.STANDSTILL].reached_on == date(2026, 11, 2)
    assert rows[StageKey.ROLLOUT].reached_on == date(2026, 11, 19)
    assert rows[StageKey.EVALUATION].reached_on is not None
    assert rows[StageKey.IN_USE].reached_on is None
    assert the_procurement().cancelled_on is None


def test_while_a_lot_waits_for_its_winner_nothing_is_signed(body: Organisation) -> None:
    open_lot = Award(id=None, lots=("LOT-2",), status=AwardStatus.OPEN)
    notice = result()
    store([replace(notice, awards=(*notice.awards, open_lot))])
    rows = days(the_procurement())
    assert rows[StageKey.STANDSTILL].reached_on == date(2026, 11, 2)
    assert rows[StageKey.ROLLOUT].reached_on is None


def test_no_winner_at_all_is_called_off(body: Organisation) -> None:
    none = Award(id=None, lots=(), status=AwardStatus.NOT_AWARDED, reason="no-rece")
    store([call(dispatched=date(2026, 8, 3)), result(awards=(none,))])
    assert the_procurement().cancelled_on == date(2026, 11, 22)


def test_a_cancellation_calls_it_off_on_the_day_it_was_sent(body: Organisation) -> None:
    notice = call()
    (_new, told) = store([notice, changed(notice, cancelled=True, dispatched=date(2026, 11, 21))])
    assert NoticeFact.CANCELLED in told.changed
    assert the_procurement().cancelled_on == date(2026, 11, 21)


def test_the_order_in_which_they_come_does_not_matter(app: Any, session: Session) -> None:
    found = set()
    first = call(dispatched=date(2026, 8, 3), deadlines=(due(datetime(2026, 9, 1, 12)),))
    second = changed(
        first, deadlines=(due(datetime(2026, 9, 15, 12)),), dispatched=date(2026, 8, 20)
    )
    last = result()
    for number, some in enumerate(permutations([first, second, last])):
        buyer = Party(Words((("sv", f"Kommun {number}"),)))
        body = make_municipality(f"Kommun {number}")
        own = [
            replace(
                one,
                procedure_id=f"q-{number}",
                buyers=(buyer,),
                id=f"{number}{(one.id or '')[1:]}",
                publication_number=None,
            )
            for one in some
        ]
        store(own)
        notices.choose_buyer(notices.buyer_key(buyer), body, run())
        made = session.scalars(sa.select(Procurement).where(Procurement.body_id == body.id)).one()
        rows = days(made)
        told = (StageKey.MARKET, StageKey.STANDSTILL, StageKey.ROLLOUT)
        found.add(
            (
                made.title,
                made.tenders_due_at,
                plan_of(made).route,
                tuple(rows[stage].reached_on for stage in told),
            )
        )
    assert len(found) == 1
    assert found.pop()[1] == datetime(2026, 9, 15, 10, 0, tzinfo=UTC)


# --- To which procurement -------------------------------------------------------------------------


def test_one_that_was_typed_with_its_number_is_the_same(body: Organisation) -> None:
    typed = make_procurement(
        body, "Läs- och skrivstöd", route=Route.UNDECIDED, reference="bun 2026/0417"
    )
    (told,) = store([call()])
    assert told.outcome is NoticeOutcome.UPDATED
    made = the_procurement()
    assert made.id == typed.id
    assert made.title == "Läs- och skrivstöd"
    assert NoticeFact.TITLE in told.kept
    assert made.cpv == "48190000"
    assert plan_of(made).route is Route.OPEN
    assert len(queries.plans_of(made.id)[1]) == 1


def test_two_procedures_with_one_planning_notice_are_two(
    body: Organisation, session: Session
) -> None:
    planned = make_record(NoticeKind.PLANNING, procedure_id=None, planned=date(2027, 3, 1))
    number = planned.publication_number
    store([planned])
    store([call(procedure_id="a", previous=(number,), reference="1")])
    store([call(procedure_id="b", previous=(number,), reference="2")])
    found = session.scalars(sa.select(Procurement.reference).order_by(Procurement.id)).all()
    assert list(found) == ["1", "2"]


def test_older_notices_hang_together_by_the_one_they_refer_to(
    body: Organisation, session: Session
) -> None:
    first = call(procedure_id=None)
    store([first, result(procedure_id=None, previous=(first.publication_number,))])
    assert session.scalar(sa.select(sa.func.count(Procurement.id))) == 1


def test_in_one_file_the_first_call_has_the_planning_notice_they_refer_to(
    body: Organisation, session: Session
) -> None:
    planned = make_record(NoticeKind.PLANNING, procedure_id=None, planned=date(2027, 3, 1))
    number = planned.publication_number
    first, second = (
        call(procedure_id=one, previous=(number,), reference=one) for one in ("a", "b")
    )
    told = store([first, planned, second, changed(first, deadlines=(due(LATER),))])
    assert [one.outcome for one in told] == [
        NoticeOutcome.NEW,
        NoticeOutcome.UPDATED,
        NoticeOutcome.NEW,
        NoticeOutcome.UPDATED,
    ]
    found = session.execute(
        sa.select(Procurement.reference, sa.func.count(Notice.id))
        .join(Notice, Notice.procurement_id == Procurement.id)
        .group_by(Procurement.reference)
        .order_by(Procurement.reference)
    ).all()
    assert [tuple(row) for row in found] == [("a", 3), ("b", 1)]


def test_in_one_file_one_typed_procurement_is_only_the_first_call_s(
    body: Organisation, session: Session
) -> None:
    typed = make_procurement(body, reference="BUN 2026/0417")
    store([call(procedure_id="a"), call(procedure_id="b")])
    of_it = sa.select(Notice.identity).where(Notice.procurement_id == typed.id)
    assert len(session.scalars(of_it).all()) == 1
    assert session.scalar(sa.select(sa.func.count(Procurement.id))) == 2


@pytest.mark.one_database
def test_many_notices_ask_no_more_than_few(body: Organisation, count_queries: Any) -> None:
    numbers = []
    for part, many in (("first", 2), ("few", 2), ("many", 12)):
        records = [
            one(procedure_id=f"{part} {one.__name__} {n}", reference="")
            for n in range(many)
            for one in (call, result)
        ]
        with count_queries() as counted:
            store(records)
        numbers.append(sum(asked.startswith("SELECT") for asked in counted.statements))
    assert numbers[1] == numbers[2]


def test_our_case_follows_from_the_notice_to_the_signature(body: Organisation) -> None:
    case = make_case(make_unit(body))
    store([call(dispatched=date(2026, 8, 3), deadlines=(due(datetime(2026, 9, 15, 12)),))])
    made = the_procurement()
    operations.join(made, [case], by=None, now=NOW)
    assert case.procurement is ProcurementStage.PUBLISHED
    store([result()])
    assert case.procurement is ProcurementStage.SIGNED


def test_open_cases_at_the_buyer_are_proposed(body: Organisation) -> None:
    case = make_case(make_unit(body), "Läsverktyg")
    (told,) = store([call()])
    (proposal,) = notice_queries.proposals(told.import_id)
    assert proposal.cases == ((case.id, "Läsverktyg"),)
    operations.join(the_procurement(), [case], by=None, now=NOW)
    assert notice_queries.proposals(told.import_id) == []


# --- Buyers ---------------------------------------------------------------------------------------


def test_a_buyer_that_is_not_found_waits_for_a_choice(app: Any, session: Session) -> None:
    body = make_municipality("Exempelkommun")
    (told,) = store([notice := call()])
    assert the_notice(told).body_id is None
    assert session.scalar(sa.select(sa.func.count(Procurement.id))) == 0
    (waiting,) = notice_queries.unmatched(told.import_id)
    assert (waiting.name, waiting.number, waiting.notices) == ("Exempelkommun", BUYER, 1)
    assert waiting.notice_id == told.notice_id
    assert notices.choose_buyer(the_notice(told).buyer_key, body, run()) == 1
    assert the_notice(told).body_id == body.id
    assert body.org_number == BUYER  # learnt, so that the next is matched by itself
    assert the_procurement().title == "Läsplattform"
    (change,) = store([changed(notice, deadlines=(due(LATER),), dispatched=TODAY)])
    assert change.outcome is NoticeOutcome.UPDATED


def test_a_choice_for_a_name_holds_for_the_next_notice(app: Any, session: Session) -> None:
    body = make_municipality("Exempelkommun", org_number=BUYER)
    nameless = Party(Words((("sv", "Barn- och utbildning, Exempel"),)))
    store([call(buyers=(nameless,))])
    notices.choose_buyer(notices.buyer_key(nameless), body, run())
    (told,) = store([call(buyers=(nameless,), procedure_id="p-2", reference="annan")])
    assert the_notice(told).body_id == body.id


def test_a_buyer_left_out_stays_out(app: Any, session: Session) -> None:
    (told,) = store([call()])
    key = the_notice(told).buyer_key
    assert notices.leave_out(key, out=True) == 1
    assert notice_queries.unmatched() == []
    (again,) = store([call(procedure_id="p-2")])
    assert the_notice(again).left_out
    assert notices.leave_out(key, out=False) == 2
    assert [one.notices for one in notice_queries.unmatched()] == [2]


def test_like_names_are_proposed_and_never_taken(app: Any) -> None:
    body = make_municipality("Hultsfred", name_full="Hultsfreds kommun")
    buyer = Party(Words((("sv", "Hultsfreds kommun"),)))
    (told,) = store([call(buyers=(buyer,))])
    assert the_notice(told).body_id is None
    assert run().match(buyer).proposals == (body.id,)


def the_notice(told: NoticeResult) -> Notice:
    return notices.db.session.get_one(Notice, told.notice_id)


# --- What goes wrong ------------------------------------------------------------------------------


def test_one_that_cannot_be_kept_does_not_stop_the_others(
    body: Organisation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = call(procedure_id="bad", title=Words((("sv", "Trasig"),)))
    ours = notices.facts_of

    def fails(records: Any) -> Any:
        if any(str(one.title) == "Trasig" for one in records):
            raise ZeroDivisionError
        return ours(records)

    monkeypatch.setattr(notices, "facts_of", fails)
    told = store(
        [call(procedure_id="a", reference="1"), bad, call(procedure_id="b", reference="2")]
    )
    assert [one.outcome for one in told] == [
        NoticeOutcome.NEW,
        NoticeOutcome.UNREADABLE,
        NoticeOutcome.NEW,
    ]
    assert session.scalar(sa.select(sa.func.count(Notice.id))) == 2
    assert session.scalar(sa.select(sa.func.count(Procurement.id))) == 2


def test_days_that_contradict_each_other_are_left_to_a_person(body: Organisation) -> None:
    store([call(dispatched=date(2026, 11, 20)), result(signed=date(2026, 10, 1))])
    rows = days(the_procurement())
    planned = [row.day for row in plan_of(the_procurement()).milestones]
    assert planned == sorted(planned)
    assert rows[StageKey.MARKET].reached_on == date(2026, 11, 20)


def test_questions_due_after_tenders_are_not_taken(body: Organisation) -> None:
    late = due(DUE + timedelta(days=3), DeadlineKind.QUESTIONS)
    store([call(deadlines=(due(DUE), late))])
    made = the_procurement()
    assert made.questions_due_at is None
    assert made.tenders_due_at is not None


def test_a_day_for_questions_that_somebody_has_put_is_not_emptied(body: Organisation) -> None:
    store([first := call()])
    made = the_procurement()
    mine = made.tenders_due_at
    made.questions_due_at = mine
    notices.db.session.flush()
    earlier, asked = DUE - timedelta(days=7), DUE - timedelta(days=10)
    questions = due(asked, DeadlineKind.QUESTIONS)
    (told,) = store([changed(first, deadlines=(due(earlier), questions))])
    assert (made.questions_due_at, made.tenders_due_at) == (mine, mine)
    assert set(told.kept) == {"tenders_due", "questions_due"}


def test_one_put_on_again_is_not_called_off_by_a_notice_of_something_else(
    body: Organisation, session: Session
) -> None:
    none = Award("TEN-1", (), AwardStatus.NOT_AWARDED)
    store([first := call(), result(awards=(none,))])
    made = the_procurement()
    assert made.cancelled_on is not None
    operations.cancel(made, None, by=None, now=NOW)
    session.flush()
    (told,) = store([changed(first, title=Words((("sv", "Nytt namn"),)))])
    assert made.cancelled_on is None and "cancelled" not in told.changed
    assert notices.take_theirs(made, run()).changed.count(NoticeFact.CANCELLED) == 1
    assert made.cancelled_on is not None


def test_it_is_found_by_the_name_that_was_taken_from_the_notices(
    body: Organisation, session: Session
) -> None:
    store([call()])
    made = the_procurement()
    theirs, made.title = made.title, "Eget namn"
    operations.reindex([made.id])
    notices.take_theirs(made, run())
    found = sa.select(SearchDoc.title).where(SearchDoc.kind == "procurement")
    assert session.scalars(found).all() == [theirs]


@pytest.mark.parametrize("name", [CALL, RESULT])
def test_the_samples_of_a_swedish_buyer_are_matched(body: Organisation, name: str) -> None:
    (told,) = store([sample(name)])
    assert told.outcome is NoticeOutcome.NEW
    assert the_procurement().reference == "BUN 2026/0417"
