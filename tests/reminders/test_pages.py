"""The inbox, a reminder with its why, one's own, and what is said about odd input."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.cases.models import Case
from crm.core import pending
from crm.organisations.models import Organisation
from crm.reminders import jobs, planning, views
from crm.reminders.models import DoneOutcome, Reminder, ReminderMove, ReminderState
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from crm.rules.reminders import ReminderKind
from tests.factories.accounts import make_user
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.reminders import TODAY, make_reminder

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def me(as_user: Any) -> Any:
    return as_user(Role.REP)


@pytest.fixture
def body(app: Any) -> Organisation:
    found = make_body("Hultsfreds kommun")
    make_practice(found)
    return found


@pytest.fixture
def case(body: Organisation) -> Case:
    return make_case(make_unit(body), "Läsverktyg", opened_on=TODAY - 90 * DAY)


# --- The inbox -----------------------------------------------------------------------------------


def test_mine_with_what_is_nobodys_and_everybodys(me: Any, body: Organisation) -> None:
    make_reminder(body, me.user, text="Min sak")
    make_reminder(body, None, text="Ingens sak")
    make_reminder(body, make_user(), text="Annans sak")
    make_reminder(body, me.user, TODAY + DAY, text="Imorgon")
    make_reminder(body, me.user, TODAY + 60 * DAY, text="Långt fram")
    make_reminder(body, me.user, state=ReminderState.DONE, text="Gjord")
    mine = me.get("/reminders").text
    assert "Min sak" in mine and "Ingens sak" in mine and "Imorgon" in mine
    assert "Annans sak" not in mine and "Långt fram" not in mine and "Gjord" not in mine
    assert "Annans sak" in me.get("/reminders?whose=all").text


def test_narrowed_to_a_kind_and_a_place(me: Any, body: Organisation) -> None:
    school = make_unit(body)
    make_reminder(school, me.user, text="Ring skolan", kind=ReminderKind.CONTACT)
    make_reminder(make_body(), me.user, text="Läs beslutet", kind=ReminderKind.READ)
    assert "Läs beslutet" not in me.get("/reminders?kind=contact").text
    assert "Ring skolan" not in me.get("/reminders?kind=read").text
    within = me.get(f"/reminders?within={body.id}").text
    assert "Ring skolan" in within and "Läs beslutet" not in within
    for odd in ("kind=nothing", "within=x", "within=99999999", "page=-1", "page=x", "whose=%00"):
        assert "Ring skolan" in me.get(f"/reminders?{odd}").text, odd


def test_what_got_another_day_is_narrowed_as_well(
    me: Any, body: Organisation, session: Session
) -> None:
    for place, text in ((make_unit(body), "Ring skolan"), (make_body(), "Läs beslutet")):
        row = make_reminder(place, me.user, TODAY + 90 * DAY, text=text)
        session.add(ReminderMove(reminder_id=row.id, at=NOW, before=TODAY, after=TODAY + 90 * DAY))
    session.commit()
    assert "Läs beslutet" in me.get("/reminders").text
    within = me.get(f"/reminders?within={body.id}").text
    assert "Ring skolan" in within and "Läs beslutet" not in within


def test_an_empty_inbox_is_good_news(me: Any, app: Any) -> None:
    assert "Ingenting behöver dig nu" in me.get("/reminders").text


def test_the_inbox_costs_the_same_for_one_and_for_fifty(
    me: Any, body: Organisation, count_queries: Any
) -> None:
    numbers = []
    for more in (1, 49):
        for _ in range(more):
            make_reminder(make_unit(make_body()), me.user, case=make_case(body))
        me.get("/reminders")
        with count_queries() as counted:
            me.get("/reminders")
        numbers.append(counted.number)
    assert numbers[0] == numbers[1] <= 12


def test_what_got_another_day_is_said_with_its_reason(
    me: Any, body: Organisation, session: Session
) -> None:
    row = make_reminder(body, me.user, TODAY + 9 * DAY, text="Fråga om internbudgeten")
    session.add(
        ReminderMove(
            reminder_id=row.id,
            at=NOW - DAY,
            before=TODAY + 2 * DAY,
            after=TODAY + 9 * DAY,
            why="calendar_changed",
        )
    )
    for path in ("/reminders", f"/reminders/{row.id}"):
        page = me.get(path).text
        assert "25 nov. 2026" in page and "2 dec. 2026" in page
        assert "köparens år ändrades" in page


def test_a_contact_is_asked_or_answered_at_once(me: Any, body: Organisation, case: Case) -> None:
    make_reminder(body, me.user, case=case, kind=ReminderKind.CONTACT)
    page = me.get("/reminders").text
    assert 'name="outcome" value="asked"' in page and 'name="outcome" value="answered"' in page


# --- One reminder --------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_planned_one_says_why_where_from_how_sure_and_by_which_rule(
    me: Any, body: Organisation, case: Case, session: Session, language: str
) -> None:
    me.user.language = language
    planning.replan([body.id], today=TODAY, now=NOW)
    row = session.scalars(sa.select(Reminder).where(Reminder.rule_key == "R2")).first()
    assert row is not None
    page = me.get(f"/reminders/{row.id}").text
    for words in (
        "Nämnderna i Hultsfreds kommun lämnar" if language == "sv" else "hand in for the budget",
        'href="https://karlstad.se/',
        f"/budget-year/{row.organisation_id}",
        "/reminders/rules/R2#v1",
        "Brukligt" if language == "sv" else "Typical",
    ):
        assert words in page, words


def test_done_later_not_needed_and_undone(me: Any, body: Organisation, session: Session) -> None:
    row = make_reminder(body, me.user)
    answer = me.post(f"/reminders/{row.id}/done", data={"note": "Hon återkommer"})
    assert answer.status_code == 303 and answer.location.endswith("/reminders")
    assert (row.state, row.note) == (ReminderState.DONE, "Hon återkommer")
    page = me.get("/reminders").text
    assert f'action="/reminders/{row.id}/back"' in page, "the undo is offered"
    me.post(f"/reminders/{row.id}/back")
    assert row.state is ReminderState.DUE
    me.post(f"/reminders/{row.id}/snooze", data={"until": "event:council_decided"})
    assert row.state is ReminderState.PLANNED and row.snoozed_event is not None
    me.post(f"/reminders/{row.id}/back")
    me.post(f"/reminders/{row.id}/snooze", data={"until": "v. 50"})
    assert row.show_on == date(2026, 12, 7)
    me.post(f"/reminders/{row.id}/back")
    me.post(f"/reminders/{row.id}/dismiss")
    assert row.state is ReminderState.DISMISSED


def test_later_says_which_year_it_means(me: Any, body: Organisation) -> None:
    row = make_reminder(body, me.user)
    menu = me.get(f"/reminders/{row.id}").text
    assert "Tills nyvalda fullmäktige har beslutat om budgeten för 2027" in menu
    assert "Tills nämnderna börjar med sina underlag för 2028" in menu
    assert "har tillträtt" not in menu  # the next new council is four years off


def test_later_than_is_of_use_is_said(me: Any, body: Organisation) -> None:
    row = make_reminder(body, me.user, closes_on=TODAY + 10 * DAY)
    me.post(f"/reminders/{row.id}/snooze", data={"until": "+4v"})
    assert "sista dagen då den är till nytta" in me.get("/reminders").text


def test_asking_says_until_when_the_case_is_left_in_peace(
    me: Any, body: Organisation, case: Case
) -> None:
    row = make_reminder(body, me.user, case=case, kind=ReminderKind.CONTACT)
    me.post(f"/reminders/{row.id}/done", data={"outcome": "asked"})
    assert (row.outcome, case.ask_open_on) == (DoneOutcome.ASKED, TODAY)
    assert "får ärendet vila" in me.get("/reminders").text


def test_pressed_twice_is_done_once(me: Any, body: Organisation, session: Session) -> None:
    row = make_reminder(body, me.user)
    for _ in range(2):
        assert me.post(f"/reminders/{row.id}/done").status_code == 303
        assert me.post(f"/reminders/{row.id}/dismiss", inspect=False).status_code in {303, 422}
    assert row.state is ReminderState.DONE


def test_a_change_plans_at_once_and_says_what_moved(
    me: Any, body: Organisation, case: Case, session: Session
) -> None:
    case.next_step, case.next_step_on = "Ring", TODAY + 7 * DAY
    planning.replan([body.id], today=TODAY, now=NOW)
    version = me.get(f"/cases/{case.id}/next-step").text
    assert "Ring" in version
    row = promised(me, case, session)
    assert row.show_on == date(2026, 12, 14)
    html = me.get("/reminders").text
    assert "1 påminnelse fick en ny dag." in html
    said = html.partition("fick en ny dag.")[2].partition("</ul>")[0]
    assert f'<a href="/reminders/{row.id}">Ring</a>: 30 nov. 2026 → 14 dec. 2026' in said


def promised(me: Any, case: Case, session: Session) -> Reminder:
    """Set a next step by the page, and return its reminder."""
    me.post(
        f"/cases/{case.id}/next-step",
        data={"next_step": "Ring", "next_step_on": "2026-12-14", "version": case.version},
    )
    return session.scalars(sa.select(Reminder).where(Reminder.rule_key == "NEXT")).one()


def test_what_others_marked_is_left_to_the_clock(
    me: Any, body: Organisation, case: Case, session: Session
) -> None:
    elsewhere = make_body()
    make_case(make_unit(elsewhere))
    theirs = pending.set_here()
    promised(me, case, session)
    assert pending.waiting_for_planning().ids == theirs
    assert set(session.scalars(sa.select(Reminder.body_id))) == {body.id}


def test_a_change_to_many_bodies_is_left_to_the_clock(
    me: Any, case: Case, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending.set_here()
    monkeypatch.setattr(views, "AT_ONCE", 0)
    before = pending.waiting_for_planning().ids
    me.post(
        f"/cases/{case.id}/next-step",
        data={"next_step": "Ring", "next_step_on": "2026-12-14", "version": case.version},
    )
    assert len(pending.waiting_for_planning().ids) == len(before) + 1


def test_a_planning_that_fails_is_left_to_the_clock(
    me: Any,
    case: Case,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def failing(*_facts: Any, **_more: Any) -> Any:
        raise ValueError("odd facts")

    with monkeypatch.context() as patched:
        patched.setattr(planning.rulebook, "plan_and_term", failing)
        answer = me.post(
            f"/cases/{case.id}/next-step",
            data={"next_step": "Ring", "next_step_on": "2026-12-14", "version": case.version},
        )
    assert answer.status_code == 303
    assert views.LEFT_TO_THE_CLOCK in caplog.text
    caplog.clear()
    session.expire_all()
    assert case.next_step == "Ring"
    assert jobs.plan_marked(NOW)
    assert session.scalars(sa.select(Reminder).where(Reminder.rule_key == "NEXT")).one()


@pytest.mark.parametrize(
    "action,values,sentence",
    [
        ("snooze", {}, "Välj till när."),
        ("snooze", {"until": ""}, "Välj till när."),
        ("snooze", {"until": "igår"}, "Välj en dag efter i dag."),
        ("snooze", {"until": "2026-11-23"}, "Välj en dag efter i dag."),
        ("snooze", {"until": "31/4"}, "Den månaden har ingen sådan dag."),
        ("snooze", {"until": "när det passar"}, "när det passar"),
        ("snooze", {"until": "event:explode"}, "går inte att förutse"),
        ("snooze", {"until": "event:"}, "går inte att förutse"),
        ("snooze", {"until": "x" * 300}, "200"),
        ("snooze", {"until": "\x00"}, "Välj till när."),
        ("snooze", {"until": "9999-12-31"}, "Året måste vara mellan 1990 och 2100."),
        ("snooze", {"until": "1/13"}, "Det finns ingen sådan månad."),
        ("done", {"outcome": "explode"}, "error-summary"),
        ("done", {"note": "y" * 2_001}, "2000"),
    ],
)
def test_odd_input_is_answered_in_a_sentence_and_kept(
    me: Any, body: Organisation, action: str, values: dict[str, str], sentence: str
) -> None:
    row = make_reminder(body, me.user, kind=ReminderKind.CONTACT)
    answer = me.post(f"/reminders/{row.id}/{action}", data=values)
    assert answer.status_code == 422
    assert sentence in answer.text
    kept = next(iter(values.values()), "")
    if kept.isprintable() and values.keys() & {"until", "note"}:
        assert kept in answer.text
    assert row.state is ReminderState.PLANNED and row.version == 1


def test_unknown_and_forbidden(me: Any, as_user: Any, client: Any, body: Organisation) -> None:
    row = make_reminder(body, me.user)
    for number in ("999999", "0", "-1", "x", "99999999999999999999"):
        assert me.get(f"/reminders/{number}").status_code == 404
        assert me.post(f"/reminders/{number}/done").status_code == 404
    reader = as_user(Role.VIEWER)
    assert reader.get(f"/reminders/{row.id}").status_code == 200
    assert "/done" not in reader.get("/reminders?whose=all").text
    for action in ("done", "snooze", "dismiss", "back"):
        assert reader.post(f"/reminders/{row.id}/{action}").status_code == 403
    assert client.get("/reminders").status_code == 302
    assert me.post(f"/reminders/{row.id}/done", csrf=False).status_code == 400
    assert row.state is ReminderState.PLANNED


@pytest.mark.parametrize("next_", ["https://evil.example/x", "//evil.example", "/\\evil.example"])
def test_nobody_is_sent_away_from_here(me: Any, body: Organisation, next_: str) -> None:
    row = make_reminder(body, me.user)
    answer = me.post(f"/reminders/{row.id}/dismiss", data={"next": next_})
    assert answer.location in {"/reminders", "http://localhost/reminders"}


def test_a_withdrawn_one_says_so(me: Any, body: Organisation) -> None:
    row = make_reminder(body, me.user, state=ReminderState.WITHDRAWN)
    page = me.get(f"/reminders/{row.id}").text
    assert "har ändrats" in page and "/back" not in page
    assert me.post(f"/reminders/{row.id}/back").status_code == 422


def test_a_guess_says_that_it_is_one(me: Any, body: Organisation) -> None:
    row = make_reminder(body, me.user, certainty=Certainty.GUESSED)
    assert "Gissning" in me.get(f"/reminders/{row.id}").text


# --- One's own -----------------------------------------------------------------------------------


def test_the_case_and_the_account_lead_to_a_new_reminder(me: Any, case: Case) -> None:
    assert f'href="/reminders/new?case={case.id}"' in me.get(f"/cases/{case.id}").text
    place = case.organisation_id
    assert f'href="/reminders/new?organisation={place}"' in me.get(f"/accounts/{place}").text


def test_one_of_ones_own_is_made_once(me: Any, case: Case, session: Session) -> None:
    path = f"/reminders/new?case={case.id}"
    page = me.get(path).text
    token = page.partition('name="once" type="hidden" value="')[2].partition('"')[0]
    assert token
    data = {"text": "Skicka prislistan", "on": "v. 50", "once": token}
    first, second = me.post(path, data=data), me.post(path, data=data)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    row = session.scalars(sa.select(Reminder).where(Reminder.rule_key == "own")).one()
    assert (row.show_on, row.case_id, row.user_id) == (date(2026, 12, 7), case.id, me.user.id)
    assert "Skicka prislistan" in me.get(f"/reminders/{row.id}").text


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"text": "Ring"},
        {"on": "2026-12-01"},
        {"text": "Ring", "on": "snart"},
        {"text": "Ring", "on": "2026-11-22"},
        {"text": "x" * 201, "on": "2026-12-01"},
        {"text": "\x00", "on": "2026-12-01"},
    ],
)
def test_odd_ones_of_ones_own(me: Any, case: Case, session: Session, data: dict[str, str]) -> None:
    answer = me.post(f"/reminders/new?case={case.id}", data=data)
    assert answer.status_code == 422 and "error-summary" in answer.text
    for kept in data.values():
        assert not kept.isprintable() or kept in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Reminder)) == 0
    assert me.get("/reminders/new").status_code == 404
    assert me.get("/reminders/new?case=99999").status_code == 404
