"""Journeys 1, 2, 3 and 8 in a real browser: the clicks counted, and 1 and 2 without scripts too.

A click of the mouse or a key pressed for what it does is one; typing words is none.
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.interest import operations
from crm.interest.models import Inquiry, Sorting
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.access import Role
from crm.rules.kinds import UnitKind
from tests.factories import interest as make
from tests.support.sessions import user_with


@dataclass
class Hand:
    """Acts on a page and counts what it does."""

    page: Any
    clicks: int = 0

    def press(self, keys: str) -> None:
        self.clicks += 1
        self.page.keyboard.press(keys)

    def click(self, what: Any) -> None:
        self.clicks += 1
        what.click()

    def write(self, words: str) -> None:
        self.page.keyboard.type(words)


@dataclass
class World:
    live: Any
    sara_id: int
    erik_id: int
    body_id: int
    school_id: int
    other_school_id: int
    anna_id: int

    def latest(self) -> dict[str, Any]:
        """The newest inquiry, as plain values."""
        with self.live.data() as session:
            found = session.scalar(sa.select(Inquiry).order_by(Inquiry.id.desc()).limit(1))
            unit = session.get(Organisation, found.organisation_id or 0)
            person = session.get(Person, found.person_id or 0)
            return {
                "number": session.scalar(sa.select(sa.func.count(Inquiry.id))),
                "typed": found.typed,
                "summary": found.summary,
                "sorting": found.sorting,
                "organisation_id": found.organisation_id,
                "person_id": found.person_id,
                "unit": (unit.name, unit.unit_kind, unit.parent_id) if unit else None,
                "person": person.name if person else None,
            }


@pytest.fixture
def world(live: Any) -> World:
    with live.data():
        operations.seed_sources()
        place = make.hultsfred(now=clock.now() - timedelta(days=100))
        sara, erik = user_with(Role.REP), user_with(Role.ACCOUNT_MANAGER)
        erik.name = "Erik Lund"
        return World(
            live,
            sara.id,
            erik.id,
            place.body.id,
            place.school.id,
            place.other_school.id,
            place.anna.id,
        )


@pytest.fixture
def hand(world: World, new_page: Any) -> Hand:
    """Sara, at her desk."""
    page = new_page(user=world.sara_id)
    page.goto("/inquiries")
    return Hand(page)


@pytest.fixture
def plain(world: World, new_page: Any) -> Hand:
    """Sara, in a browser without scripts."""
    return Hand(new_page(user=world.sara_id, java_script_enabled=False))


def options(page: Any) -> Any:
    return page.locator("#quicklog .options [role=option]")


# --- Journey 1: a known teacher ------------------------------------------------------------------


def test_journey_1_a_call_from_a_known_teacher(hand, world):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("hults ven anna")
    options(hand.page).first.get_by_text("Anna Berg").wait_for()
    hand.press("Enter")
    hand.write("Vill prova i klassen")
    hand.press("Control+Enter")
    hand.page.wait_for_selector("[data-toast]")
    assert hand.clicks <= 4
    expect(hand.page.locator("[data-toast]")).to_contain_text("Anna Berg, Venhagskolan")
    found = world.latest()
    assert found["typed"] == "hults ven anna"
    assert found["summary"] == "Vill prova i klassen"
    assert (found["organisation_id"], found["person_id"]) == (world.school_id, world.anna_id)
    assert found["sorting"] is Sorting.SORTED


def test_journey_1_by_a_hand_faster_than_the_server(hand, world):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("hults ven anna")
    hand.press("Enter")  # before any answer is there: the first one is meant
    hand.page.locator("#log-summary:focus").wait_for()
    hand.write("Vill prova")
    hand.press("Control+Enter")
    hand.page.wait_for_selector("[data-toast]")
    assert world.latest()["person_id"] == world.anna_id


def test_journey_1_without_scripts(plain, world):
    page = plain.page
    page.goto("/inquiries/log")
    page.get_by_label("Vem är det?").fill("hults ven anna")
    page.get_by_label("Vad gäller det?").fill("Vill prova i klassen")
    plain.click(page.get_by_role("button", name="Spara", exact=True))
    expect(page.get_by_label("Vad gäller det?")).to_have_value("Vill prova i klassen")
    plain.click(page.get_by_role("radio", name=re.compile("Anna Berg")))
    plain.click(page.get_by_role("button", name="Spara", exact=True))
    expect(page.locator(".flash")).to_contain_text("Loggat")
    found = world.latest()
    assert found["number"] == 1
    assert (found["organisation_id"], found["person_id"]) == (world.school_id, world.anna_id)


def test_back_after_saving_never_asks_to_send_the_form_again(plain, world):
    page = plain.page
    page.goto("/inquiries/log")
    page.get_by_label("Vem är det?").fill("hults ven anna")
    page.get_by_role("button", name="Sök", exact=True).click()
    page.get_by_label("Vad gäller det?").fill("Vill prova i klassen")
    page.get_by_role("radio", name=re.compile("Anna Berg")).click()
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.locator(".flash")).to_contain_text("Loggat")
    for _ in range(
        2
    ):  # a page that was sent and may not be kept would be an error of the browser's
        assert page.go_back().status == 200
        expect(page.get_by_label("Vem är det?")).to_be_visible()
    assert world.latest()["number"] == 1


# --- Journey 2: a new school, a new person -------------------------------------------------------


def test_journey_2_new_school_and_new_person(hand, world):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("hultsfred nyskolan lisa ek")
    options(hand.page).first.get_by_text("Nyskolan").wait_for()
    hand.press("Enter")
    hand.write("Såg oss på en mässa")
    expect(hand.page.get_by_label("Enhetens namn")).to_have_value("Nyskolan")
    expect(hand.page.get_by_label("Personens namn")).to_have_value("Lisa Ek")
    hand.press("Control+Enter")
    hand.page.wait_for_selector("[data-toast]")
    assert hand.clicks <= 6
    found = world.latest()
    assert found["unit"] == ("Nyskolan", UnitKind.SCHOOL, world.body_id)
    assert found["person"] == "Lisa Ek"
    assert found["typed"] == "hultsfred nyskolan lisa ek"


def test_journey_2_what_was_guessed_can_be_put_right(hand, world):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("hultsfred nyskolan lisa ek")
    options(hand.page).first.get_by_text("Nyskolan").wait_for()
    hand.press("Enter")
    hand.page.get_by_label("Enhetens namn").fill("Nya skolan")
    hand.page.get_by_label("Personens namn").fill("")
    hand.page.get_by_label("Vad gäller det?").fill("Fråga om pris")
    hand.press("Control+Enter")
    hand.page.wait_for_selector("[data-toast]")
    found = world.latest()
    assert found["unit"][0] == "Nya skolan"
    assert found["person"] is None
    assert found["sorting"] is Sorting.TO_SORT


def test_journey_2_without_scripts(plain, world):
    page = plain.page
    page.goto("/inquiries/log")
    page.get_by_label("Vem är det?").fill("hultsfred nyskolan lisa ek")
    page.get_by_label("Vad gäller det?").fill("Såg oss på en mässa")
    plain.click(page.get_by_role("button", name="Spara", exact=True))
    plain.click(
        page.get_by_role("radio", name=re.compile("Ny enhet Nyskolan och ny person Lisa Ek"))
    )
    plain.click(page.get_by_role("button", name="Spara", exact=True))
    expect(page.locator(".flash")).to_contain_text("Loggat")
    found = world.latest()
    assert found["unit"] == ("Nyskolan", UnitKind.SCHOOL, world.body_id)
    assert found["person"] == "Lisa Ek"


# --- Journey 3: the morning's queue --------------------------------------------------------------


def test_journey_3_six_sign_ups_are_sorted_from_the_keyboard(hand, world):
    with world.live.data():
        for number in range(6):
            make.inquiry(
                caller="",
                typed="hults ven anna",
                channel="trial",
                summary=f"Provkonto {number}",
                now=clock.now() - timedelta(hours=6 - number),
            )
    page = hand.page
    page.goto("/inquiries")
    expect(page.locator("article")).to_contain_text("1 av 6")
    hand.press("j")
    page.wait_for_url("**item=*")
    hand.press("k")
    page.wait_for_selector("text=1 av 6")
    hand.clicks = 0
    for left in range(6, 0, -1):
        page.wait_for_selector(f"text=/av {left}\\b/")
        page.wait_for_load_state()
        hand.press("a")
    page.wait_for_selector("text=Inget väntar på att sorteras")
    assert hand.clicks <= 12
    with world.live.data() as session:
        rows = session.execute(sa.select(Inquiry.sorting, Inquiry.person_id)).all()
        assert rows == [(Sorting.SORTED, world.anna_id)] * 6


# --- Journey 8: a colleague was in touch ---------------------------------------------------------


def test_journey_8_a_colleagues_call_is_seen_without_a_click(hand, world):
    with world.live.data() as session:
        make.operations.log(
            summary="Ringde om budgeten",
            channel="phone",
            organisation=session.get(Organisation, world.other_school_id),
            caller="Bo",
            by=session.get(make.User, world.erik_id),
            now=clock.now() - timedelta(days=6),
        )
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("hults ven anna")
    options(hand.page).first.get_by_text("Anna Berg").wait_for()
    hand.press("Enter")
    banner = hand.page.locator("#quicklog [data-lately]")
    expect(banner).to_contain_text("Erik Lund var i kontakt för 6 dagar sedan")
    expect(banner).to_contain_text("Albäcksskolan")
    assert hand.clicks == 2  # those of journey 1 so far


def test_journey_8_without_scripts(plain, world):
    with world.live.data() as session:
        make.operations.log(
            summary="Ringde om budgeten",
            channel="phone",
            organisation=session.get(Organisation, world.other_school_id),
            caller="Bo",
            by=session.get(make.User, world.erik_id),
            now=clock.now() - timedelta(days=6),
        )
    page = plain.page
    page.goto("/inquiries/log")
    page.get_by_label("Vem är det?").fill("hults ven anna")
    page.get_by_label("Vad gäller det?").fill("Vill prova")
    plain.click(page.get_by_role("button", name="Spara", exact=True))
    expect(page.locator("[data-lately]")).to_contain_text("Erik Lund var i kontakt")


# --- What may go wrong ---------------------------------------------------------------------------


def test_undo_is_one_key_away(hand, world):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("hultsfred nyskolan lisa ek")
    options(hand.page).first.get_by_text("Nyskolan").wait_for()
    hand.press("Enter")
    hand.write("Fel kommun")
    hand.press("Control+Enter")
    hand.page.wait_for_selector("[data-toast]")
    hand.page.locator("main").focus()
    hand.press("z")
    hand.page.wait_for_url("**/inquiries/log?*")
    expect(hand.page.get_by_label("Vad gäller det?")).to_have_value("Fel kommun")
    with world.live.data() as session:
        assert session.scalar(sa.select(sa.func.count(Inquiry.id))) == 0
        assert session.scalar(sa.select(Person.id).where(Person.first_name == "Lisa")) is None
        assert (
            session.scalar(sa.select(Organisation.id).where(Organisation.name == "Nyskolan"))
            is None
        )


def test_a_fault_comes_back_into_the_dialog_with_the_words(hand, world):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("hults ven anna")
    options(hand.page).first.wait_for()
    hand.press("Enter")
    hand.press("Control+Enter")
    hand.page.wait_for_selector("#quicklog .error-summary")
    expect(hand.page.locator("#log-who")).to_have_value(re.compile("^Anna Berg"))
    hand.page.get_by_label("Vad gäller det?").fill("Nu står det här")
    hand.page.get_by_label("Vad gäller det?").press("Control+Enter")
    hand.page.wait_for_selector("[data-toast]")
    found = world.latest()
    assert (found["typed"], found["person_id"]) == ("hults ven anna", world.anna_id)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_log_is_accessible_and_fits(new_page, world, violations, width, scheme):
    page = new_page(
        user=world.sara_id, color_scheme=scheme, viewport={"width": width, "height": 740}
    )
    with world.live.data():
        waiting = make.inquiry(
            typed="hults ven anna", channel="mail", now=clock.now() - timedelta(days=9)
        ).id
    one = f"/inquiries/{waiting}"
    lists = ("/inquiries/log", "/inquiries", "/inquiries/all", "/inquiries/unanswered")
    for path in (*lists, one, f"{one}/edit"):
        page.goto(path)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/inquiries")
    page.click("[data-dialog=quicklog]")
    page.wait_for_selector("#quicklog #log-who")
    page.keyboard.type("hultsfred nyskolan lisa ek")
    options(page).first.wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_words_that_nothing_answers_to_are_kept_as_typed(hand, world):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who")
    hand.write("qwxz")
    hand.press("Enter")
    hand.page.locator("#log-summary:focus").wait_for()
    hand.write("Ringer igen")
    hand.press("Control+Enter")
    hand.page.wait_for_selector("[data-toast]")
    expect(hand.page.locator("[data-toast]")).to_contain_text(
        "Det väntar bland det som ska sorteras"
    )
    found = world.latest()
    assert (found["typed"], found["sorting"]) == ("qwxz", Sorting.TO_SORT)


# --- What was typed is kept until it is saved, and no longer --------------------------------------


def open_log(hand):
    hand.press("n")
    hand.page.wait_for_selector("#quicklog #log-who:focus")


def log_anna(hand, summary):
    """As far as to the cursor after what it is about."""
    hand.write("hults ven anna")
    options(hand.page).first.get_by_text("Anna Berg").wait_for()
    hand.press("Enter")
    hand.page.locator("#log-summary:focus").wait_for()
    hand.write(summary)


def drafts(page):
    return page.evaluate("JSON.stringify(sessionStorage)")


@pytest.mark.parametrize("how", ["Control+Enter", "Enter", "mouse"])
def test_the_next_call_begins_empty_and_is_saved_too(hand, world, how):
    page = hand.page
    open_log(hand)
    log_anna(hand, "Samtal A")
    if how == "mouse":
        page.get_by_role("button", name="Spara", exact=True).click()
    else:
        hand.press(how)
    page.wait_for_selector("[data-toast]")
    assert "Samtal A" not in drafts(page)

    page.goto("/inquiries/all")
    open_log(hand)
    for name in ("who_text", "who", "typed", "summary"):
        expect(page.locator(f"#quicklog [name={name}]")).to_have_value("")
    hand.write("qwxz")
    hand.press("Enter")
    page.locator("#log-summary:focus").wait_for()
    hand.write("Samtal B")
    hand.press("Control+Enter")
    page.wait_for_selector("[data-toast]")
    found = world.latest()
    assert (found["number"], found["summary"], found["person_id"]) == (2, "Samtal B", None)


def test_a_draft_comes_back_with_its_choice_and_without_tokens(hand, world):
    page = hand.page
    open_log(hand)
    log_anna(hand, "Ett halvt samtal")
    token = page.locator("#quicklog [name=once]").input_value()
    csrf = page.locator("#quicklog [name=csrf_token]").input_value()
    assert token not in drafts(page)
    assert csrf not in drafts(page)

    page.goto("/inquiries/all")
    open_log(hand)
    expect(page.locator("#log-summary")).to_have_value("Ett halvt samtal")
    expect(page.locator("#log-who")).to_have_value(re.compile("^Anna Berg"))
    expect(page.locator("#quicklog [name=once]")).not_to_have_value(token)
    page.locator("#log-summary").press("Control+Enter")
    page.wait_for_selector("[data-toast]")
    assert world.latest()["person_id"] == world.anna_id


def test_a_refused_form_leaves_no_draft_once_it_is_saved(hand, world):
    page = hand.page
    open_log(hand)
    log_anna(hand, "")
    hand.press("Control+Enter")
    page.wait_for_selector("#quicklog .error-summary")
    page.locator("#log-summary").fill("Samtal C")
    page.locator("#log-summary").press("Control+Enter")
    page.wait_for_selector("[data-toast]")
    assert "draft" not in drafts(page)


def test_escape_closes_the_list_then_the_dialog_and_deletes_nothing(hand, world):
    page = hand.page
    open_log(hand)
    hand.write("hults ven")
    options(page).first.wait_for()
    hand.press("Escape")
    expect(options(page).first).to_be_hidden()
    expect(page.locator("#log-who")).to_have_value("hults ven")
    hand.press("Escape")
    expect(page.locator("#quicklog")).to_be_hidden()
    page.goto("/inquiries/all")
    open_log(hand)
    expect(page.locator("#log-who")).to_have_value("hults ven")
