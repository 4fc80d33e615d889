"""A plan laid out, moved, reached and replaced; the cases follow."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.cases.models import Case, StageChange
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.procurements import operations, queries
from crm.procurements.models import Milestone, Plan, Procurement, StageLength
from crm.rules.after_award import signing_under_review
from crm.rules.certainty import Certainty
from crm.rules.floors import LegalTerms
from crm.rules.law.terms import Court
from crm.rules.milestones import lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Duration, Route, StageKey, signed_stage
from crm.rules.stage_checks import CheckLevel, StageCheck
from crm.rules.stages import CaseState, Outcome, ProcurementStage
from tests.factories.budgets import TODAY
from tests.factories.cases import NOW, make_case
from tests.factories.law import make_lead_time
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def case(unit: Organisation) -> Case:
    return make_case(unit)


@pytest.fixture
def procurement(case: Case, unit: Organisation) -> Procurement:
    return make_procurement(unit, case=case)


def plan_of(procurement: Procurement) -> Plan:
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    return plan


def milestone(procurement: Procurement, stage: StageKey) -> Milestone:
    return queries.milestone_of(plan_of(procurement), stage)


def move(procurement: Procurement, stage: StageKey, to: date, *, along: bool = True) -> int:
    plan = plan_of(procurement)
    moved = operations.move(
        plan,
        queries.milestone_of(plan, stage),
        to,
        reason="Nämnden ställde in",
        along=along,
        certainty=Certainty.CONFIRMED,
        open_days=NO_QUIET,
        by=None,
        now=NOW,
    )
    return len(moved)


def reach(procurement: Procurement, stage: StageKey, on: date) -> None:
    plan = plan_of(procurement)
    operations.reach(plan, queries.milestone_of(plan, stage), on, by=None, today=TODAY, now=NOW)


def test_a_route_lays_out_its_milestones(procurement: Procurement) -> None:
    rows = plan_of(procurement).milestones
    assert [row.stage for row in rows][:3] == [
        StageKey.NEEDS,
        StageKey.DIALOGUE,
        StageKey.SPECIFICATION,
    ]
    assert rows[-1].stage is StageKey.IN_USE
    assert all(row.certainty is Certainty.TYPICAL and row.slip_days == 0 for row in rows)


def test_a_move_says_who_when_and_why_and_takes_along_what_comes_after(
    session: Session, procurement: Procurement
) -> None:
    before = milestone(procurement, StageKey.MARKET).planned_on
    assert move(procurement, StageKey.SPECIFICATION, TODAY + timedelta(days=200)) > 5
    session.expire_all()
    row = milestone(procurement, StageKey.SPECIFICATION)
    assert [(one.after, one.reason) for one in row.moves] == [
        (TODAY + timedelta(days=200), "Nämnden ställde in")
    ]
    assert row.slip_days == 73  # from the day after Easter Monday
    assert milestone(procurement, StageKey.MARKET).planned_on > before + timedelta(days=70)
    assert milestone(procurement, StageKey.NEEDS).planned_on == TODAY


def test_a_move_alone_may_not_pass_its_neighbours(procurement: Procurement) -> None:
    after = milestone(procurement, StageKey.EVALUATION).planned_on
    with pytest.raises(RuleBroken, match="skulle komma före"):
        move(procurement, StageKey.MARKET, after + timedelta(days=1), along=False)
    assert move(procurement, StageKey.MARKET, after - timedelta(days=30), along=False) == 1


def test_what_has_happened_is_not_moved_and_pulls_the_cases_along(
    session: Session, case: Case, procurement: Procurement
) -> None:
    reach(procurement, StageKey.MARKET, TODAY)
    assert case.procurement is ProcurementStage.PUBLISHED
    rows = plan_of(procurement).milestones
    assert [row.reached_on is not None for row in rows] == [True] * 5 + [False] * (len(rows) - 5)
    with pytest.raises(RuleBroken, match="redan hänt"):
        move(procurement, StageKey.MARKET, TODAY + timedelta(days=9))
    operations.take_back(
        plan_of(procurement), milestone(procurement, StageKey.MARKET), by=None, now=NOW
    )
    assert case.procurement is ProcurementStage.PREPARING
    session.flush()
    told = session.scalars(sa.select(StageChange.after).where(StageChange.case_id == case.id))
    assert list(told)[-2:] == ["published", "preparing"]


def test_nothing_happens_tomorrow(procurement: Procurement) -> None:
    with pytest.raises(RuleBroken, match="tidigare dag"):
        reach(procurement, StageKey.NEEDS, TODAY + timedelta(days=1))


def test_a_review_is_a_state_and_no_loss(case: Case, procurement: Procurement) -> None:
    reach(procurement, StageKey.STANDSTILL, TODAY)
    operations.review(procurement, TODAY, by=None, now=NOW)
    assert case.procurement is ProcurementStage.UNDER_REVIEW and case.state is CaseState.OPEN
    operations.review(procurement, None, by=None, now=NOW)
    assert case.procurement is ProcurementStage.STANDSTILL


def test_a_closed_case_stays_where_it_ended(case: Case, procurement: Procurement) -> None:
    case.state, case.outcome, case.closed_on = CaseState.CLOSED, Outcome.LOST, TODAY
    reach(procurement, StageKey.MARKET, TODAY)
    assert case.procurement is ProcurementStage.NONE


def test_another_route_keeps_the_old_plan_and_what_has_happened(
    session: Session, procurement: Procurement
) -> None:
    reach(procurement, StageKey.NEEDS, TODAY - timedelta(days=3))
    laid = lay_out(Route.RENEWED_COMPETITION, TODAY, NO_QUIET)
    operations.lay(procurement, Route.RENEWED_COMPETITION, laid, by=None, today=TODAY, now=NOW)
    session.expire_all()
    plan = plan_of(procurement)
    assert plan.route is Route.RENEWED_COMPETITION
    assert plan.milestones[0].reached_on == TODAY - timedelta(days=3)
    earlier = queries.plans_of(procurement.id)[1]
    assert [(old.route, old.replaced_on) for old in earlier] == [(Route.OPEN, TODAY)]
    assert len(earlier[0].milestones) == 11


def test_one_plan_holds_by_the_database_itself(session: Session, procurement: Procurement) -> None:
    session.flush()
    session.add(Plan(procurement_id=procurement.id, route=Route.OPEN, laid_on=TODAY))
    with pytest.raises(sa.exc.IntegrityError):
        session.flush()


@pytest.mark.parametrize("days", [-1, 0, 16 * 365])
def test_a_day_of_use_that_is_past_or_far_away_is_refused(
    procurement: Procurement, days: int
) -> None:
    day = TODAY + timedelta(days=days)
    with pytest.raises(RuleBroken):
        operations.lay(procurement, Route.OPEN, [], in_use_on=day, by=None, today=TODAY, now=NOW)


def test_a_case_of_another_body_takes_no_part(procurement: Procurement) -> None:
    other = make_case(make_unit(make_municipality("Vetlanda")))
    with pytest.raises(RuleBroken, match="annan organisation"):
        operations.take_part(procurement, other)


def test_own_lengths_of_a_body_win_over_those_corrected_for_all(
    session: Session, procurement: Procurement
) -> None:
    ours, theirs = Duration(10, 20, 30), Duration(1, 2, 3)
    make_lead_time(Route.OPEN, StageKey.NEEDS, ours)
    place = session.get_one(Organisation, procurement.body_id)
    assert queries.lengths_for(place, Route.OPEN, TODAY) == {StageKey.NEEDS: ours}
    operations.set_lengths(place, Route.OPEN, {StageKey.NEEDS: theirs}, note="", today=TODAY)
    session.flush()
    assert queries.lengths_for(place, Route.OPEN, TODAY) == {StageKey.NEEDS: theirs}
    operations.set_lengths(place, Route.OPEN, {}, note="", today=TODAY)
    session.flush()
    assert session.scalar(sa.select(sa.func.count(StageLength.id))) == 0
    assert queries.lengths_for(place, Route.OPEN, TODAY) == {StageKey.NEEDS: ours}


def test_a_plan_that_stands_keeps_the_lengths_it_was_laid_out_by(
    session: Session, procurement: Procurement
) -> None:
    place = session.get_one(Organisation, procurement.body_id)
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    before = [(row.stage, row.planned_on) for row in plan.milestones]
    make_lead_time(plan.route, StageKey.NEEDS, Duration(1, 2, 3))
    session.expire_all()
    again = queries.plan_that_holds(procurement.id)
    assert again is not None
    assert [(row.stage, row.planned_on) for row in again.milestones] == before
    assert queries.lengths_for(place, plan.route, TODAY) == {StageKey.NEEDS: Duration(1, 2, 3)}


@pytest.mark.parametrize(
    ("stage", "length", "why"),
    [
        (StageKey.NEEDS, Duration(30, 20, 40), "korta tiden"),
        (StageKey.MARKET, Duration(20, 40, 60), "Lagen kräver minst 30 dagar"),
    ],
)
def test_lengths_in_the_wrong_order_or_below_the_law_are_refused(
    session: Session, procurement: Procurement, stage: StageKey, length: Duration, why: str
) -> None:
    place = session.get_one(Organisation, procurement.body_id)
    with pytest.raises(RuleBroken, match=why):
        operations.set_lengths(place, Route.OPEN, {stage: length}, note="", today=TODAY)


def test_what_comes_late_pushes_what_is_to_come_past_the_standstill(
    session: Session, unit: Organisation
) -> None:
    made = make_procurement(unit, begins_on=TODAY - timedelta(days=400))
    sent = milestone(made, StageKey.STANDSTILL).planned_on + timedelta(days=20)
    assert sent <= TODAY
    reach(made, StageKey.STANDSTILL, sent)
    session.flush()
    session.expire_all()
    signing = milestone(made, StageKey.SIGNING)
    assert signing.planned_on >= sent + timedelta(days=11)
    assert signing.moves[-1].reason.startswith("Följer av ”Tilldelningsbeslutet skickas”")
    assert milestone(made, StageKey.ROLLOUT).planned_on > signing.planned_on
    with pytest.raises(RuleBroken, match="Enligt lagen tidigast"):
        move(made, StageKey.SIGNING, sent + timedelta(days=5))


def test_a_review_moves_the_signing_to_when_it_is_usually_over(
    session: Session, unit: Organisation
) -> None:
    procurement = make_procurement(unit, begins_on=TODAY - timedelta(days=345))
    reach(procurement, StageKey.STANDSTILL, TODAY)
    operations.review(procurement, TODAY, by=None, now=NOW)
    session.flush()
    session.expire_all()
    signing = milestone(procurement, StageKey.SIGNING)
    assert signing.moves[-1].reason == "Följer av överprövningen."
    usual = signing_under_review(LegalTerms(), TODAY, Court.FORVALTNINGSRATT, TODAY)
    assert usual is not None and signing.planned_on == usual.usual
    operations.review(procurement, TODAY, ruled_on=TODAY + timedelta(days=90), by=None, now=NOW)
    assert signing.planned_on >= TODAY + timedelta(days=101)


def due(procurement: Procurement, **changed: Any) -> None:
    """The facts saved anew, with other deadlines."""
    names = (
        *("title", "reference", "notice_url", "cpv", "value_ore", "questions_due_at"),
        *("requests_due_at", "tenders_due_at", "tenders_valid_until", "law", "object_kind"),
        *("electronic", "urgent", "award_channel", "standstill_until", "note"),
        *("prior_notice_on", "documents_online", "tender_agreed_on", "no_agreement"),
        "informed_on",
    )
    facts = {name: getattr(procurement, name) for name in names}
    operations.edit(procurement, **facts | changed, by=None, now=NOW)


def test_the_real_deadline_puts_its_milestone_on_its_day_and_the_plan_follows(
    session: Session, procurement: Procurement
) -> None:
    late = milestone(procurement, StageKey.STANDSTILL).planned_on
    notice = "https://ted.europa.eu/sv/notice/-/detail/1-2026"
    at = datetime(2026, 12, 23, 11, 0, tzinfo=UTC)
    due(procurement, tenders_due_at=at, notice_url=notice)
    session.flush()
    session.expire_all()
    row = milestone(procurement, StageKey.EVALUATION)
    assert row.planned_on == date(2026, 12, 23)
    assert (row.certainty, row.source_url) == (Certainty.PUBLISHED, notice)
    assert row.moves[-1].reason == "Sista anbudsdag är känd."
    assert milestone(procurement, StageKey.MARKET).planned_on <= date(2026, 11, 23)
    assert date(2026, 12, 23) < milestone(procurement, StageKey.STANDSTILL).planned_on < late
    assert move(procurement, StageKey.EVALUATION, date(2026, 12, 28)) > 1
    due(procurement, title="Samma frist, annat namn")
    assert milestone(procurement, StageKey.EVALUATION).planned_on == date(2026, 12, 28)


def test_a_deadline_before_the_notice_that_was_sent_is_refused(procurement: Procurement) -> None:
    reach(procurement, StageKey.MARKET, TODAY)
    with pytest.raises(RuleBroken, match="Annonsen skickas"):
        due(procurement, tenders_due_at=datetime(2026, 11, 20, 11, 0, tzinfo=UTC))


def test_the_last_day_to_apply_moves_the_invitation(unit: Organisation) -> None:
    made = make_procurement(unit, route=Route.SELECTIVE)
    at = datetime(2027, 3, 10, 11, 0, tzinfo=UTC)
    due(made, requests_due_at=at)
    row = milestone(made, StageKey.TENDER)
    assert (row.planned_on, row.certainty) == (date(2027, 3, 10), Certainty.TYPICAL)
    assert milestone(made, StageKey.APPLICATION).planned_on < date(2027, 3, 10)


def test_next_is_the_last_that_should_have_been_and_not_the_first_of_long_ago(
    session: Session, unit: Organisation, case: Case
) -> None:
    begins = TODAY - timedelta(days=150)
    made = make_procurement(unit, case=case, begins_on=begins)
    session.flush()
    row = queries.next_of(plan_of(made), TODAY)
    assert row is not None and row.stage is StageKey.SPECIFICATION
    standing = queries.standing(case.id, TODAY)
    assert standing is not None and standing.next_stage is row.stage
    (listed,) = queries.rows(queries.Filter(), page=1, today=TODAY).rows
    assert (listed.next_stage, listed.next_on) == (row.stage, row.planned_on)
    first = queries.next_of(plan_of(made), begins - timedelta(days=1))
    assert first is not None and first.stage is StageKey.NEEDS


def test_a_stage_filled_in_keeps_the_order_and_counts_as_no_observation(
    session: Session, procurement: Procurement
) -> None:
    """The dialogue was noted later than the specification had been planned for."""
    plan = plan_of(procurement)
    rows = plan.milestones
    for row in rows[:4]:
        row.certainty = Certainty.CONFIRMED
    today = rows[4].planned_on + timedelta(days=900)
    late = rows[2].planned_on + timedelta(days=60)
    operations.reach(plan, rows[1], late, by=None, today=today, now=NOW)
    on = rows[3].planned_on + timedelta(days=100)
    operations.reach(plan, rows[3], on, by=None, today=today, now=NOW)
    days = [row.reached_on for row in rows[:4] if row.reached_on]
    assert days == sorted(days) and (days[1], days[3]) == (late, on)
    assert [row.certainty for row in rows[:4]] == [
        Certainty.TYPICAL,
        Certainty.CONFIRMED,
        Certainty.TYPICAL,
        Certainty.CONFIRMED,
    ]


def test_a_day_after_what_came_later_is_refused(procurement: Procurement) -> None:
    plan = plan_of(procurement)
    for at, days in ((0, 30), (1, 20)):
        operations.reach(
            plan, plan.milestones[at], TODAY - timedelta(days=days), by=None, today=TODAY, now=NOW
        )
    with pytest.raises(RuleBroken, match="efteråt har en tidigare dag"):
        reach(procurement, StageKey.NEEDS, TODAY)
    assert plan.milestones[0].reached_on == TODAY - timedelta(days=30)


def test_what_is_noted_along_is_checked_as_well(procurement: Procurement) -> None:
    """Straight to the signature: what a notice and a standstill ask for was passed by (D15)."""
    operations.set_checks(dict.fromkeys(StageCheck, CheckLevel.BLOCK))
    plan = plan_of(procurement)
    asked = {one.check for one in queries.lacking(procurement, plan, StageKey.ROLLOUT)}
    assert {StageCheck.TENDER_DEADLINE, StageCheck.STANDSTILL_END} <= asked
    with pytest.raises(RuleBroken, match="Något behöver vara känt"):
        reach(procurement, StageKey.ROLLOUT, TODAY)
    with pytest.raises(RuleBroken, match="Något behöver vara känt"):
        operations.answer_signed(procurement, TODAY, by=None, today=TODAY, now=NOW)
    assert not any(row.reached_on for row in plan.milestones)


def test_a_case_of_what_was_called_off_buys_nothing(
    session: Session, case: Case, procurement: Procurement
) -> None:
    reach(procurement, StageKey.MARKET, TODAY)
    assert len(queries.under_way([procurement.body_id])) == 2
    operations.cancel(procurement, TODAY, by=None, now=NOW)
    session.flush()
    assert queries.under_way([procurement.body_id]) == []
    assert case.procurement is ProcurementStage.PUBLISHED


@pytest.mark.parametrize("route", [Route.OPTION, Route.OPEN, Route.INNOVATION_PARTNERSHIP])
def test_what_is_signed_is_over_on_every_route(
    session: Session, unit: Organisation, route: Route
) -> None:
    found = make_procurement(unit, route=route)
    reach(found, StageKey.SIGNING, TODAY)
    session.flush()
    assert queries.rows(queries.Filter(), page=1, today=TODAY).total == 1
    reach(found, signed_stage(route), TODAY)
    session.flush()
    assert queries.rows(queries.Filter(), page=1, today=TODAY).total == 0
    assert queries.rows(queries.Filter(over=True), page=1, today=TODAY).total == 1
