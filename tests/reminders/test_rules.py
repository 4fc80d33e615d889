"""E13: from a reminder to its rule, and the rule changed for everybody."""

import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from crm.cases.models import Case
from crm.core import clock, pending
from crm.core.db import db
from crm.reminders import jobs, operations, planning, ruleset
from crm.reminders.models import DoneOutcome, Reminder, ReminderMove, ReminderState, RuleChange
from crm.rules.access import Permission, Role, allows
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.reminder_rules import DEFAULT_RULES, Offset
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ONE_WEEK = Offset(days=-7)


def hultsfred() -> Case:
    """A case in a municipality that decides in June, planned."""
    body = make_body("Hultsfreds kommun")
    make_practice(body, DecisionPractice.JUNE)
    case = make_case(make_unit(body), "Läsverktyg", owner=make_user(name="Sara Säljare"))
    jobs.plan_marked(NOW)
    return case


def by_rule(case: Case, key: str) -> list[Reminder]:
    db.session.expire_all()
    found = sa.select(Reminder).where(Reminder.case_id == case.id, Reminder.rule_key == key)
    return list(db.session.scalars(found.order_by(Reminder.due_on)))


@pytest.fixture
def case(app: Any) -> Case:
    return hultsfred()


@pytest.fixture
def planned_ahead(case: Case) -> Reminder:
    return next(one for one in by_rule(case, "R2") if one.due_on > TODAY)


def test_a_changed_rule_moves_its_reminders_and_says_why(
    case: Case, planned_ahead: Reminder
) -> None:
    maria = make_user(Role.FOUNDER, name="Maria Grundare")
    before = planned_ahead.wanted_on
    assert ruleset.change("R2", active=True, offset=ONE_WEEK, by=maria, now=NOW) == 1
    assert pending.bodies_left() == 1
    jobs.plan_marked(NOW)
    assert pending.bodies_left() == 0
    row = db.session.get_one(Reminder, planned_ahead.id)
    assert (row.wanted_on - before).days == 35
    assert row.rule_version == 2
    move = db.session.scalars(
        sa.select(ReminderMove).where(ReminderMove.reminder_id == row.id)
    ).one()
    assert move.why == "rule_changed"
    change = ruleset.history("R2")[0]
    assert (change.version, change.changed_at) == (2, NOW)
    assert change.changed_by is not None and change.changed_by.name == "Maria Grundare"


def test_a_rule_that_is_switched_off_takes_its_reminders_away_and_leaves_what_is_done(
    case: Case, planned_ahead: Reminder
) -> None:
    done = by_rule(case, "R4-january")[0]
    operations.complete(done, DoneOutcome.DONE, by=None, today=TODAY, now=NOW)
    for key in ("R2", "R4-january"):
        shipped = ruleset.get(key).rule.offset
        ruleset.change(key, active=False, offset=shipped, by=None, now=NOW)
    jobs.plan_marked(NOW)
    assert {one.state for one in by_rule(case, "R2")} == {ReminderState.WITHDRAWN}
    assert db.session.get_one(Reminder, done.id).state is ReminderState.DONE


def test_an_earlier_version_stands_again_as_a_new_one(case: Case, planned_ahead: Reminder) -> None:
    day = planned_ahead.due_on
    ruleset.change("R2", active=False, offset=ONE_WEEK, by=None, now=NOW)
    jobs.plan_marked(NOW)
    ruleset.take_up_again("R2", 1, by=None, now=NOW)
    jobs.plan_marked(NOW)
    row = db.session.get_one(Reminder, planned_ahead.id)
    assert (row.state, row.due_on, row.rule_version) == (ReminderState.PLANNED, day, 3)
    assert [one.version for one in ruleset.history("R2")] == [3, 2]
    assert ruleset.get("R2").is_as_shipped


def test_the_preview_says_what_the_change_then_does_and_writes_nothing(
    case: Case, planned_ahead: Reminder
) -> None:
    second = hultsfred()
    waits = len([one for one in by_rule(case, "R2") if one.state is ReminderState.PLANNED])
    shown = ruleset.preview("R2", active=True, offset=ONE_WEEK, today=TODAY)
    assert (shown.looked_through, shown.bodies, shown.is_whole) == (2, 2, True)
    first = shown.examples[0]
    assert (first.body, first.case, first.case_id) == ("Hultsfreds kommun", case.title, case.id)
    assert len(shown.examples) == min(ruleset.EXAMPLES, shown.moved + shown.removed + shown.added)
    off = ruleset.preview("R2", active=False, offset=ONE_WEEK, today=TODAY)
    assert off.removed >= 2 * waits
    assert db.session.scalar(sa.select(sa.func.count(RuleChange.id))) == 0
    assert pending.bodies_left() == 0
    ids = [case.body_id, second.body_id]
    ruleset.change("R2", active=True, offset=ONE_WEEK, by=None, now=NOW)
    done = planning.replan(ids, today=TODAY, now=NOW)
    assert (len(done.moves), done.withdrawn, done.added) == (
        shown.moved,
        shown.removed,
        shown.added,
    )
    same = ruleset.preview("R2", active=True, offset=ONE_WEEK, today=TODAY)
    assert same.is_nothing


def test_the_reading_of_rules_costs_one_statement(app: Any, count_queries: Any) -> None:
    with count_queries() as counted:
        ruleset.in_force()
    assert counted.number == 1


# --- Pages --------------------------------------------------------------------------------------


def sent(**changes: str) -> dict[str, str]:
    return {
        "active": "y",
        "count": "8",
        "unit": "weeks",
        "note": "Två veckor till",
        "version": "1",
    } | changes


def test_from_a_reminder_to_its_rule_and_back(as_user: Any) -> None:
    case = hultsfred()
    reminder = next(one for one in by_rule(case, "R2") if one.due_on > clock.today())
    maria = as_user(Role.FOUNDER)
    page = maria.get(f"/reminders/{reminder.id}").text
    assert "/reminders/rules/R2#change" in page
    assert "Ändra regeln, inte bara den här" in page
    rule = maria.get("/reminders/rules/R2").text
    assert "6 veckor innan underlaget ska vara klart" in rule
    shown = maria.post("/reminders/rules/R2", data=sent(step="preview"))
    assert shown.status_code == 200
    assert "Alla" in shown.text or "Den enda köparen" in shown.text
    assert 'value="8"' in shown.text
    assert f"/cases/{case.id}" in shown.text.split("examples-head")[-1]
    assert ruleset.get("R2").rule.version == 1
    assert maria.post("/reminders/rules/R2", data=sent()).status_code == 303
    after = maria.get("/reminders/rules/R2").text
    assert "8 veckor innan underlaget ska vara klart" in after
    assert "Två veckor till" in after
    assert 'id="v2"' in after
    assert "0 av 1 köpare är omplanerade. En återstår." in " ".join(after.split())
    jobs.plan_marked(clock.now())
    assert "/reminders/rules/R2#v2" in maria.get(f"/reminders/{reminder.id}").text
    assert "Ändrad här" in maria.get("/reminders/rules").text
    assert maria.post("/reminders/rules/R2/versions/1").status_code == 303
    assert ruleset.get("R2").is_as_shipped


@pytest.mark.parametrize("role", list(Role))
def test_everybody_reads_the_rules_and_some_change_them(as_user: Any, role: Role) -> None:
    client, may = as_user(role), allows(role, Permission.EDIT_RULES)
    assert client.get("/reminders/rules").status_code == 200
    assert ("change-head" in client.get("/reminders/rules/R2").text) is may
    assert client.post("/reminders/rules/R2", data=sent()).status_code == (303 if may else 403)
    assert client.post("/reminders/rules/R2/versions/1").status_code == (303 if may else 403)


@pytest.mark.parametrize(
    "bad",
    [
        {"count": ""},
        {"count": "elva"},
        {"count": "-3"},
        {"count": "600"},
        {"count": "99999999999999999999"},
        {"unit": "år"},
        {"note": "x" * 501},
    ],
)
def test_bad_input_is_said_and_kept(as_user: Any, bad: dict[str, str]) -> None:
    client = as_user(Role.FOUNDER)
    for step in ({}, {"step": "preview"}):
        answer = client.post("/reminders/rules/R2", data=sent(**bad, **step))
        assert answer.status_code == 422
        assert "Två veckor till" in answer.text or "note" in bad
    assert ruleset.get("R2").rule.version == 1


@pytest.mark.parametrize(
    ("key", "count", "unit", "sentence"),
    [
        ("R12", "61", "months", "Mellan 3 och 60 månader."),
        ("R12", "2", "months", "Mellan 3 och 60 månader."),
        ("R12-dialogue", "1", "weeks", "Mellan 14 och 265 veckor."),
        ("R12", "9", "days", "Mellan 92 och 1860 dagar."),
        ("R2", "60", "weeks", "Högst 52 veckor."),
    ],
)
def test_a_limit_is_said_in_the_unit_that_was_typed(
    as_user: Any, key: str, count: str, unit: str, sentence: str
) -> None:
    client = as_user(Role.FOUNDER)
    answer = client.post(f"/reminders/rules/{key}", data=sent(count=count, unit=unit))
    assert answer.status_code == 422 and sentence in answer.text
    good = sentence.rpartition(" ")[0].rpartition(" ")[2]
    answer = client.post(f"/reminders/rules/{key}", data=sent(count=good, unit=unit))
    assert answer.status_code == 303, "the limit itself is allowed"


def test_a_stale_form_and_a_second_click_change_nothing_more(as_user: Any) -> None:
    client = as_user(Role.FOUNDER)
    assert client.post("/reminders/rules/R2", data=sent()).status_code == 303
    late = client.post("/reminders/rules/R2", data=sent(count="9"))
    assert late.status_code == 409 and "Du ändrade det här i ett annat fönster" in late.text
    assert client.post("/reminders/rules/R2", data=sent(version="2")).status_code == 303
    assert [one.version for one in ruleset.history("R2")] == [2]


def test_rules_that_hold_always_have_no_form(as_user: Any) -> None:
    client = as_user(Role.ADMIN)
    for key in ("R14", "NEXT", "WAKE", "R9"):
        page = client.get(f"/reminders/rules/{key}")
        assert page.status_code == 200
        assert "change-head" not in page.text
        assert client.post(f"/reminders/rules/{key}", data=sent()).status_code == 422
    for path in ("R99", "R2/versions/7", "own"):
        assert client.post(f"/reminders/rules/{path}", data=sent()).status_code == 404


def test_a_rule_without_a_distance_is_only_on_or_off(as_user: Any) -> None:
    client = as_user(Role.ADMIN)
    assert 'name="count"' not in client.get("/reminders/rules/R7").text
    off = {"version": "1", "note": ""}
    assert client.post("/reminders/rules/R7", data=off).status_code == 303
    assert not ruleset.get("R7").active


def words(answer: Any) -> str:
    return " ".join(answer.text.split())


def test_how_far_the_planning_has_come_is_told_while_it_goes_on(
    as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing before, done of all meanwhile, and at the end that it is over."""
    for _ in range(5):
        make_case(make_unit(make_body()), opened_on=TODAY)
    client = as_user(Role.FOUNDER)
    piece = {"headers": {"X-Fragment": "1"}, "inspect": False}
    assert "data-poll" not in client.get("/reminders/rules").text
    assert client.post("/reminders/rules/R2", data=sent()).status_code == 303
    for address in ("/reminders/rules", "/reminders/rules/R2"):
        told = client.get(address)
        assert 'data-poll="/reminders/planning"' in told.text
        assert "0 av 5 köpare är omplanerade. 5 återstår." in words(told)
    marks = pending.waiting_for_planning(3)
    planning.replan_marked(marks, today=clock.today(), now=clock.now())
    told = client.get("/reminders/planning", **piece)
    assert "3 av 5 köpare är omplanerade. 2 återstår." in words(told)
    assert 'max="5" value="3"' in told.text
    jobs.plan_marked(clock.now())
    told = client.get("/reminders/planning", **piece)
    assert "data-polled-out" in told.text
    assert "Alla köpare är planerade" in told.text
    assert "data-poll" not in client.get("/reminders/rules").text


def test_a_second_change_begins_the_count_anew(app: Any) -> None:
    for _ in range(3):
        make_case(make_unit(make_body()), opened_on=TODAY)
    ruleset.change("R2", active=True, offset=Offset(days=-56), by=None, now=clock.now())
    marks = pending.waiting_for_planning(2)
    planning.replan_marked(marks, today=clock.today(), now=clock.now())
    assert pending.progress() == pending.Progress(total=3, left=1)
    ruleset.change("R4", active=False, offset=Offset(days=35), by=None, now=clock.now())
    assert pending.progress() == pending.Progress(total=3, left=3)


def test_a_single_buyer_to_plan_is_no_round(app: Any) -> None:
    case = hultsfred()
    ruleset.change("R2", active=True, offset=ONE_WEEK, by=None, now=NOW)
    jobs.plan_marked(NOW)
    pending.needs_planning(case.body_id, "case_edited")
    assert pending.progress() is None


def test_without_scripts_the_address_of_the_piece_leads_to_its_page(as_user: Any) -> None:
    answer = as_user(Role.REP).get("/reminders/planning")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/reminders/rules"


def test_the_pages_take_few_statements(as_user: Any, count_queries: Any) -> None:
    hultsfred()
    client = as_user(Role.FOUNDER)
    for address in ("/reminders/rules", "/reminders/rules/R2"):
        with count_queries() as counted:
            assert client.get(address).status_code == 200
        assert counted.number <= 12


def test_no_page_of_a_rule_shows_a_name_that_was_not_filled_in(as_user: Any) -> None:
    client = as_user(Role.FOUNDER)
    for rule in DEFAULT_RULES:
        shown = client.get(f"/reminders/rules/{rule.key}").text
        main = shown.split("<main")[1].split("</main>")[0]
        assert re.findall(r"\{\w+\}", main) == [], rule.key
