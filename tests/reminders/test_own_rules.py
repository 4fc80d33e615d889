"""E3: rules of one's own, tried out before they are saved, kept in versions, and planned by."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.activities import operations as activities
from crm.activities.models import ActivityKind
from crm.budgets import operations as budgets
from crm.budgets.operations import Ground
from crm.cases.models import Case
from crm.core import pending
from crm.core.db import db
from crm.core.errors import NotFound, RuleBroken
from crm.organisations.models import Organisation
from crm.reminders import jobs, own, trial
from crm.reminders.models import OwnRuleRow, OwnRuleState, OwnRuleVersion, Reminder, ReminderState
from crm.rules.access import Permission, Role, allows
from crm.rules.budget_cycle import DecisionPractice
from crm.rules.certainty import Certainty
from crm.rules.own_events import Assignee, OwnEvent, RuleScope
from crm.rules.own_rules import OwnRule
from crm.rules.reminders import ReminderKind
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PRICE = OwnRule(name="Dela ett prisexempel", count=10, price_shared=False)


def hultsfred(name: str = "Hultsfreds kommun", **more: Any) -> Case:
    body = make_body(name)
    make_practice(body, DecisionPractice.JUNE)
    return make_case(make_unit(body), "Läsverktyg", owner=make_user(), **more)


@pytest.fixture
def case(app: Any) -> Case:
    case = hultsfred()
    jobs.plan_marked(NOW)
    return case


def waiting(code: str) -> list[Reminder]:
    db.session.expire_all()
    found = sa.select(Reminder).where(
        Reminder.rule_key == code, Reminder.state == ReminderState.PLANNED
    )
    return list(db.session.scalars(found.order_by(Reminder.due_on)))


def tried_out(rule: OwnRule, stands: own.Standing | None) -> trial.Trial:
    return trial.try_out(rule, stands, away=frozenset(), today=TODAY)


def sent(**changes: Any) -> dict[str, Any]:
    """A form as it is filled in by somebody who makes no mistake."""
    return {
        "name": "Dela ett prisexempel",
        "kind": "contact",
        "count": "10",
        "unit": "weeks",
        "side": "before",
        "event": "hand_in",
        "price": "no",
        "champion": "",
        "waiting": "no",
        "assignee": "case_owner",
    } | changes


# --- Stored, and planned by ---------------------------------------------------------------------


def test_a_rule_is_saved_for_everybody_and_its_reminders_name_its_version(case: Case) -> None:
    maria = make_user(Role.FOUNDER)
    made = own.add(PRICE, note="Vi är sena med priset.", by=maria, now=NOW)
    assert pending.bodies_left() == 1
    jobs.plan_marked(NOW)
    rows = waiting(made.code)
    assert len(rows) == 2
    assert {row.rule_version for row in rows} == {1}
    assert rows[0].case_id == case.id
    own.change(made.id, replace(PRICE, count=12), by=maria, now=NOW)
    jobs.plan_marked(NOW)
    later = waiting(made.code)
    assert {row.rule_version for row in later} == {2}
    assert [row.id for row in later] == [row.id for row in rows]
    versions = own.history(made.id)
    assert [(one.version, one.note) for one in versions] == [(2, ""), (1, "Vi är sena med priset.")]
    assert versions[0].changed_by is not None
    assert versions[0].changed_by.id == maria.id
    assert own.change(made.id, replace(PRICE, count=12), by=maria, now=NOW) is None


def test_switched_off_it_takes_its_reminders_away_and_on_again_they_come_back(case: Case) -> None:
    made = own.add(PRICE, by=None, now=NOW)
    jobs.plan_marked(NOW)
    before = [row.id for row in waiting(made.code)]
    own.set_state(made.id, OwnRuleState.OFF, by=None, now=NOW)
    jobs.plan_marked(NOW)
    assert waiting(made.code) == []
    own.set_state(made.id, OwnRuleState.ON, by=None, now=NOW)
    jobs.plan_marked(NOW)
    assert [row.id for row in waiting(made.code)] == before
    assert own.set_state(made.id, OwnRuleState.ON, by=None, now=NOW) is None


def test_what_has_ended_stays_ended(case: Case) -> None:
    made = own.add(PRICE, by=None, now=NOW)
    own.set_state(made.id, OwnRuleState.ENDED, by=None, now=NOW)
    jobs.plan_marked(NOW)
    assert waiting(made.code) == []
    with pytest.raises(RuleBroken):
        own.change(made.id, replace(PRICE, count=3), by=None, now=NOW)
    with pytest.raises(RuleBroken):
        own.set_state(made.id, OwnRuleState.ON, by=None, now=NOW)
    assert own.add(PRICE, by=None, now=NOW).id > made.id
    with pytest.raises(NotFound):
        own.get(made.id + 1000)
    with pytest.raises(ValueError, match="too_far"):
        own.add(replace(PRICE, count=500), by=None, now=NOW)


def test_a_colleague_who_has_left_is_no_longer_told(case: Case) -> None:
    sara = make_user(Role.REP)
    rule = replace(PRICE, assignee=Assignee.COLLEAGUE, user_id=sara.id)
    made = own.add(rule, by=None, now=NOW)
    jobs.plan_marked(NOW)
    assert {row.user_id for row in waiting(made.code)} == {sara.id}
    sara.active = False
    db.session.flush()
    pending.needs_planning(case.body_id)
    jobs.plan_marked(NOW)
    assert {row.user_id for row in waiting(made.code)} == {case.owner_id}


# --- For buyers without a case ------------------------------------------------------------------

IDLE = OwnRule(name="Hör hur det går", count=10, scope=RuleScope.ACCOUNTS)


def without_a_case(name: str = "Vimmerby kommun", **more: Any) -> Organisation:
    body = make_body(name, **more)
    make_practice(body, DecisionPractice.JUNE)
    return body


def test_a_buyer_without_a_case_is_reminded_of_and_its_owner_told(case: Case) -> None:
    karin = make_user(Role.ACCOUNT_MANAGER)
    body = without_a_case(owner=karin)
    without_a_case("Oskarshamns kommun")  # that nobody looks after
    tried = tried_out(IDLE, None)
    assert (tried.total, tried.bodies, tried.looked_through) == (2, 1, 1)
    assert {(one.body, one.case_id, one.case) for one in tried.hits} == {
        ("Vimmerby kommun", None, "")
    }
    made = own.add(IDLE, by=None, now=NOW)
    jobs.plan_marked(NOW)
    rows = waiting(made.code)
    assert [row.due_on for row in rows] == [one.day for one in tried.hits]
    assert {(row.organisation_id, row.case_id, row.user_id) for row in rows} == {
        (body.id, None, karin.id)
    }
    assert {one.difference for one in tried_out(IDLE, own.get(made.id)).hits} == {
        trial.Difference.SAME
    }


def test_a_new_buyer_is_found_by_the_nightly_planning_and_a_case_takes_over(case: Case) -> None:
    made = own.add(replace(IDLE, scope=RuleScope.BOTH), by=None, now=NOW)
    jobs.plan_marked(NOW)
    body = without_a_case(owner=make_user())
    jobs.plan_all(NOW)
    of_case = [row for row in waiting(made.code) if row.case_id == case.id]
    of_body = [row for row in waiting(made.code) if row.body_id == body.id]
    assert len(of_case) == len(of_body) == 2
    opened = make_case(make_unit(body), "Skrivverktyg", owner=make_user())
    pending.needs_planning(body.id)
    jobs.plan_marked(NOW)
    later = [row for row in waiting(made.code) if row.body_id == body.id]
    assert {row.case_id for row in later} == {opened.id}


def test_switched_off_it_takes_away_what_it_had_planned_for_buyers_without_a_case(
    app: Any,
) -> None:
    without_a_case(owner=make_user())
    made = own.add(IDLE, by=None, now=NOW)
    jobs.plan_marked(NOW)
    assert waiting(made.code)
    own.set_state(made.id, OwnRuleState.OFF, by=None, now=NOW)
    jobs.plan_marked(NOW)
    assert waiting(made.code) == []


def test_somebody_who_called_the_buyer_is_counted_with_whomever_it_was(app: Any) -> None:
    eva = make_user()
    body = without_a_case(owner=eva)
    ground = Ground(Certainty.CONFIRMED, "", TODAY)
    budgets.add_meetings(body, [date(2027, 1, 25)], ground, by=None, now=NOW)
    rule = replace(IDLE, event=OwnEvent.COUNCIL_MEETING, count=8)
    made = own.add(rule, by=None, now=NOW)
    jobs.plan_marked(NOW)
    before = waiting(made.code)[0].due_on
    assert before < date(2026, 12, 10)
    activities.write(ActivityKind.CALL, body, text="Hej", at=NOW, by=eva, now=NOW)
    jobs.plan_marked(NOW)
    held = waiting(made.code)[0]
    assert held.due_on >= TODAY + timedelta(days=42)
    assert "PACE" in held.shaped_by


# --- Tried out ----------------------------------------------------------------------------------


def test_the_trial_names_what_the_clock_then_plans(case: Case) -> None:
    hultsfred("Vimmerby kommun")
    jobs.plan_marked(NOW)
    tried = tried_out(PRICE, None)
    assert waiting("OWN-1") == []
    assert (tried.total, tried.new, tried.moved, tried.gone) == (4, 4, 0, 0)
    assert tried.bodies == tried.looked_through == 2
    assert sum(number for _month, number in tried.months) == 4
    assert len(tried.months) == trial.MONTHS
    made = own.add(PRICE, by=None, now=NOW)
    jobs.plan_marked(NOW)
    planned = waiting(made.code)
    assert [one.day for one in tried.hits] == [row.due_on for row in planned]
    assert {one.case for one in tried.hits} == {"Läsverktyg"}
    again = tried_out(PRICE, own.get(made.id))
    assert {one.difference for one in again.hits} == {trial.Difference.SAME}


def test_the_difference_to_todays_plan_is_new_moved_or_gone(case: Case) -> None:
    hultsfred("Vimmerby kommun", price_shared_on=TODAY)
    work = replace(PRICE, kind=ReminderKind.PREPARE)
    made = own.add(replace(work, price_shared=None), by=None, now=NOW)
    jobs.plan_marked(NOW)
    closer = replace(work, count=12)
    tried = tried_out(closer, own.get(made.id))
    assert (tried.new, tried.moved, tried.gone) == (0, 2, 2)
    assert tried.total == 2
    moved = [one for one in tried.hits if one.difference is trial.Difference.MOVED]
    assert all(one.before is not None and one.day < one.before for one in moved)


def test_other_rules_that_give_way_are_counted(case: Case) -> None:
    close = replace(PRICE, count=13, kind=ReminderKind.CONTACT, price_shared=None)
    tried = tried_out(close, None)
    own.add(close, by=None, now=NOW)
    before = {row.key: row.due_on for row in db.session.scalars(sa.select(Reminder))}
    jobs.plan_marked(NOW)
    db.session.expire_all()
    after = {
        row.key: row.due_on
        for row in db.session.scalars(sa.select(Reminder))
        if row.state is ReminderState.PLANNED
    }
    others = [key for key in before if before[key] != after.get(key)]
    assert tried.others == len(others)


def test_a_rule_for_nobody_and_a_flood_are_told(case: Case, monkeypatch: Any) -> None:
    nobody = replace(PRICE, event=OwnEvent.IN_USE)
    assert tried_out(nobody, None).is_nothing
    monkeypatch.setattr(trial, "MOST_REMINDERS", 1)
    assert tried_out(PRICE, None).is_too_much


@pytest.mark.parametrize("number", [2, 9])
@pytest.mark.parametrize("scope", RuleScope)
def test_the_trial_takes_as_many_statements_however_many_cases(
    app: Any, count_queries: Any, number: int, scope: RuleScope
) -> None:
    for n in range(number):
        hultsfred(f"Kommun {n}")
        without_a_case(f"Stad {n}", owner=make_user())
    jobs.plan_marked(NOW)
    db.session.expunge_all()
    with count_queries() as counted:
        assert tried_out(replace(IDLE, scope=scope), None).total >= 2 * number
    assert counted.number <= 12


# --- The pages ----------------------------------------------------------------------------------


def test_from_the_form_by_the_trial_to_the_reminder_and_back(as_user: Any, case: Case) -> None:
    maria = as_user(Role.FOUNDER)
    assert "/reminders/rules/new" in maria.get("/reminders/rules").text
    assert maria.get("/reminders/rules/new").status_code == 200
    shown = maria.post("/reminders/rules/new", data=sent(step="preview"))
    assert shown.status_code == 200
    assert "10 veckor före nämndernas sista inlämningsdag: ta kontakt." in shown.text
    assert "Läsverktyg" in shown.text
    assert db.session.query(OwnRuleRow).count() == 0
    saved = maria.post("/reminders/rules/new", data=sent())
    assert saved.status_code == 303
    code = f"OWN-{saved.location.rsplit('/', 1)[1]}"
    jobs.plan_marked(NOW)
    reminder = waiting(code)[0]
    page = maria.get(f"/reminders/{reminder.id}").text
    assert f"{code}: Dela ett prisexempel" in page
    assert f"/reminders/rules/{code}#v1" in page
    assert f"/reminders/rules/{code}#change" in page
    assert maria.get(f"/reminders/rules/{code}").location.endswith(saved.location)
    assert "Dela ett prisexempel" in maria.get(saved.location).text
    assert code in maria.get("/reminders/rules").text


def test_a_rule_is_changed_switched_off_and_ended_by_its_page(as_user: Any, case: Case) -> None:
    made = own.add(PRICE, by=None, now=NOW)
    maria, there = as_user(Role.FOUNDER), f"/reminders/rules/own/{made.id}"
    shown = maria.post(there, data=sent(count="12", version="1", step="preview"))
    assert shown.status_code == 200
    assert "12 veckor före" in shown.text
    assert own.get(made.id).version == 1
    assert maria.post(there, data=sent(count="12", version="1", note="Mer tid")).status_code == 303
    page = maria.get(there).text
    assert 'id="v2"' in page
    assert "Mer tid" in page
    stale = maria.post(there, data=sent(count="13", version="1"))
    assert stale.status_code == 409
    assert 'value="13"' in stale.text
    for state in ("off", "on", "ended"):
        version = own.get(made.id).version
        answer = maria.post(f"{there}/state", data={"state": state, "version": version})
        assert answer.status_code == 303
        assert own.get(made.id).state.value == state
    assert maria.post(f"{there}/state", data={"state": "on", "version": "2"}).status_code == 409
    version = str(own.get(made.id).version)
    back = maria.post(f"{there}/state", data={"state": "on", "version": version})
    assert back.status_code == 422
    assert maria.post(there, data=sent(count="3", version=version)).status_code == 422
    assert "change-head" not in maria.get(there).text
    assert "har avslutats" in maria.get("/reminders/rules").text


@pytest.mark.one_database
@pytest.mark.parametrize(
    "bad",
    [
        {"name": ""},
        {"name": " \u200b "[:1]},
        {"name": "x" * 121},
        {"instruction": "x" * 1001},
        {"kind": "task"},
        {"kind": "shout"},
        {"count": ""},
        {"count": "tio"},
        {"count": "-1"},
        {"count": "1.5"},
        {"count": "54"},
        {"count": "99999999999999999999"},
        {"unit": "years"},
        {"side": "during"},
        {"event": "easter"},
        {"event": "case_opened"},
        {"price": "perhaps"},
        {"waiting": "yes"},
        {"kinds": "club"},
        {"counties": "99"},
        {"manager": "999999"},
        {"assignee": "nobody"},
        {"assignee": "colleague"},
        {"assignee": "999999"},
        {"adoption_from": "wide_use", "adoption_to": "curious"},
        {"adoption_from": "asleep"},
        {"procurement_from": "signed", "procurement_to": "none"},
        {"procurement_from": "published", "procurement_to": "evaluation"},
    ],
)
@pytest.mark.parametrize("step", ["preview", ""])
def test_what_cannot_be_a_rule_is_refused_with_its_words(
    as_user: Any, case: Case, bad: dict[str, str], step: str
) -> None:
    maria = as_user(Role.FOUNDER)
    answer = maria.post(
        "/reminders/rules/new",
        data=sent(instruction="Så här", **({"step": step} | bad))
        if "instruction" not in bad
        else sent(**({"step": step} | bad)),
    )
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    if "instruction" not in bad:
        assert "Så här" in answer.text
    assert db.session.query(OwnRuleVersion).count() == 0


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("unit", "limit"),
    [("days", "Högst 372 dagar"), ("weeks", "Högst 53 veckor"), ("months", "Högst 12 månader")],
)
def test_a_distance_too_far_is_refused_in_its_own_unit(
    as_user: Any, case: Case, unit: str, limit: str
) -> None:
    maria, most = as_user(Role.FOUNDER), int(limit.split()[1])
    refused = maria.post("/reminders/rules/new", data=sent(count=str(most + 1), unit=unit))
    assert refused.status_code == 422 and f"{limit} härifrån." in refused.text
    assert maria.post("/reminders/rules/new", data=sent(count=str(most), unit=unit)).location


def test_a_flood_is_refused_and_silence_asks_first(
    as_user: Any, case: Case, monkeypatch: Any
) -> None:
    maria = as_user(Role.FOUNDER)
    silent = sent(event="in_use")
    shown = maria.post("/reminders/rules/new", data=silent | {"step": "preview"})
    assert "träffar ingen" in shown.text
    assert 'name="anyway"' in shown.text
    refused = maria.post("/reminders/rules/new", data=silent)
    assert refused.status_code == 422
    assert 'name="anyway"' in refused.text
    assert db.session.query(OwnRuleRow).count() == 0
    assert maria.post("/reminders/rules/new", data=silent | {"anyway": "y"}).status_code == 303
    monkeypatch.setattr(trial, "MOST_REMINDERS", 1)
    for more in ({}, {"anyway": "y"}):
        flood = maria.post("/reminders/rules/new", data=sent(**more))
        assert flood.status_code == 422
        assert "Begränsa den" in flood.text
    assert db.session.query(OwnRuleRow).count() == 1
    assert "Begränsa den" in maria.post("/reminders/rules/new", data=sent(step="preview")).text


def test_a_rule_for_buyers_without_a_case_goes_all_the_way_by_the_pages(
    as_user: Any, case: Case
) -> None:
    maria = as_user(Role.FOUNDER)
    karin = make_user(Role.ACCOUNT_MANAGER)
    without_a_case(owner=karin)
    fields = sent(scope="accounts", price="", name="Hör hur det går")
    shown = maria.post("/reminders/rules/new", data=fields | {"step": "preview"}).text
    assert "För alla köpare utan pågående ärende, så länge någon har hand om köparen." in shown
    assert "Vimmerby kommun" in shown
    saved = maria.post("/reminders/rules/new", data=fields)
    code = f"OWN-{saved.location.rsplit('/', 1)[1]}"
    jobs.plan_marked(NOW)
    reminder = waiting(code)[0]
    page = maria.get(f"/reminders/{reminder.id}").text
    assert f"/reminders/rules/{code}#change" in page
    assert "Vimmerby kommun" in page
    changed = maria.get(saved.location).text
    assert 'value="accounts" selected' in changed or 'selected value="accounts"' in changed
    for wrong, said in (
        (sent(scope="accounts"), "Utan ärende finns varken pris"),
        (fields | {"event": "contract_end"}, "En köpare utan ärende har ingen sådan dag"),
    ):
        refused = maria.post("/reminders/rules/new", data=wrong)
        assert refused.status_code == 422
        assert said in refused.text


def test_sent_twice_it_is_one_rule(as_user: Any, case: Case) -> None:
    maria = as_user(Role.FOUNDER)
    first, second = (
        maria.post("/reminders/rules/new", data=sent(once="double")) for _time in range(2)
    )
    assert first.location == second.location
    assert db.session.query(OwnRuleRow).count() == 1


def test_a_ready_rule_is_taken_over_by_the_same_trial(as_user: Any, case: Case) -> None:
    maria = as_user(Role.ACCOUNT_MANAGER)
    page = maria.get("/reminders/rules/ready").text
    assert "ready=price-in-time" in page
    form = maria.get("/reminders/rules/new?ready=price-in-time").text
    assert "Dela ett prisexempel i god tid" in form
    assert "Läsverktyg" in form
    assert maria.get("/reminders/rules/new?ready=no-such").status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize("role", list(Role))
def test_only_some_may_make_rules_and_all_may_read_them(
    as_user: Any, case: Case, role: Role
) -> None:
    made = own.add(PRICE, by=None, now=NOW)
    client, may = as_user(role), allows(role, Permission.EDIT_RULES)
    there = f"/reminders/rules/own/{made.id}"
    assert client.get(there).status_code == 200
    assert ("change-head" in client.get(there).text) is may
    assert client.get("/reminders/rules/ready").status_code == 200
    assert client.get("/reminders/rules/new").status_code == (200 if may else 403)
    state = {"state": "off", "version": "1"}
    assert client.post(there, data=sent(step="preview")).status_code == (200 if may else 403)
    assert client.post(f"{there}/state", data=state).status_code == (303 if may else 403)
    assert client.get("/reminders/rules/own/999999").status_code == 404
    assert client.get("/reminders/rules/OWN-999999").status_code == 302
    assert client.get("/reminders/rules/OWN-99999999999").status_code == 404


def test_the_pages_take_few_statements(as_user: Any, case: Case, count_queries: Any) -> None:
    made = own.add(PRICE, by=None, now=NOW)
    client = as_user(Role.FOUNDER)
    for address in ("/reminders/rules", "/reminders/rules/new", f"/reminders/rules/own/{made.id}"):
        client.get(address)
        with count_queries() as counted:
            client.get(address)
        assert counted.number <= 12
