"""Journeys 1, 2, 3, 7, 8, 9, 11, 14, 16, 20 and a procurement by the keyboard alone (M2).

No mouse, and no step by the address line either: one goes by the palette, the go-to keys and Tab.
At every stop of the Tab key the focus must be seen.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from crm.budgets import queries as budgets
from crm.cases.models import Case
from crm.core import clock
from crm.interest import operations as interest
from crm.interest.models import Inquiry, Sorting
from crm.organisations.queries import get
from crm.people.models import Person
from crm.people.queries import current_posts
from crm.reminders import links as reminder_links
from crm.reminders.models import DoneOutcome, Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.reminders import ReminderKind
from crm.rules.stages import CaseState, ProcurementStage, WaitReason, WakeEvent
from tests.factories import interest as make
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.reminders import make_reminder
from tests.support.keyboard import Keyboard
from tests.support.sessions import user_with

pytestmark = pytest.mark.one_database  # what a key reaches, no database can change


@dataclass
class World:
    """Hultsfred with its schools, Anna, a case of the manager's, and what waits for her."""

    live: Any
    manager: int
    body: int
    case: int
    anna: int
    vimmerby: int
    letter: str
    """The address behind the link of the manager's morning mail."""


@pytest.fixture
def world(live: Any) -> World:
    with live.data() as session:
        interest.seed_sources()
        today, now = clock.today(), clock.now()
        place = make.hultsfred(now=now - timedelta(days=100))
        new = make.municipality("Vimmerby", "Vimmerby kommun", now=now)
        manager = user_with(Role.ACCOUNT_MANAGER)
        colleague = user_with(Role.REP)
        colleague.name = "Erik Lund"
        case = make_case(place.school, "Läsverktyg för alla", owner=manager, now=now)
        reminders = [
            make_reminder(place.body, manager, today, text="Läs protokollet"),
            make_reminder(
                place.school, manager, today, text="Fråga om året", kind=ReminderKind.CONTACT
            ),
        ]
        interest.log(
            summary="Ringde om budgeten",
            channel="phone",
            organisation=place.other_school,
            caller="Bo",
            by=colleague,
            now=now - timedelta(days=6),
        )
        session.flush()
        key = live.app.extensions["settings"].secret_key
        letter = reminder_links.sign(key, manager.id, [one.id for one in reminders])
        return World(
            live, manager.id, place.body.id, case.id, place.anna.id, new.id, f"/digest/{letter}"
        )


@pytest.fixture
def keys(world: World, new_page: Callable[..., Any]) -> Keyboard:
    """The manager at her desk, in the morning."""
    page = new_page(world.manager, reduced_motion="reduce")
    page.goto("/")
    return Keyboard(page)


def open_the_log(keys: Keyboard, words: str, answer: str) -> None:
    keys.press("n")
    keys.page.locator("#quicklog[open] #log-who:focus").wait_for()
    keys.write(words)
    first = keys.page.locator("#quicklog .options [aria-selected=true]")
    expect(first).to_contain_text(answer)
    keys.press("Enter")
    keys.page.locator("#log-summary:focus").wait_for()


def test_journeys_1_and_8_a_call_that_a_colleague_had_too(keys: Keyboard, world: World) -> None:
    open_the_log(keys, "hults ven anna", "Anna Berg")
    expect(keys.page.locator("#quicklog [data-lately]")).to_contain_text("Erik Lund var i kontakt")
    keys.write("Vill prova i klassen")
    keys.press("Control+Enter")
    expect(keys.page.locator("[data-toast]")).to_contain_text("Anna Berg, Venhagskolan")


def test_journey_2_a_new_school_and_a_new_person(keys: Keyboard, world: World) -> None:
    open_the_log(keys, "hultsfred nyskolan lisa ek", "Nyskolan")
    keys.write("Såg oss på en mässa")
    keys.tab_to("Enhetens namn", within="#quicklog")
    keys.press("Control+Enter")
    expect(keys.page.locator("[data-toast]")).to_contain_text("Nyskolan")


def test_journey_3_the_queue(keys: Keyboard, world: World) -> None:
    with world.live.data() as session:
        for number in range(3):
            make.inquiry(
                by=session.get_one(make.User, world.manager),
                caller="",
                typed="hults ven anna",
                channel="trial",
                summary=f"Provkonto {number}",
                now=clock.now() - timedelta(hours=6 - number),
            )
    keys.press("g", "i")
    article = keys.page.locator("article")
    expect(article).to_contain_text("1 av 3")
    keys.press("j")
    expect(article).to_contain_text("2 av 3")
    keys.press("k")
    for left in (3, 2, 1):
        expect(article).to_contain_text(f"1 av {left}")
        keys.press("a")
    expect(keys.page.locator("main")).to_contain_text("Inget väntar på att sorteras")
    with world.live.data() as session:
        assert session.query(Inquiry).filter_by(typed="hults ven anna").count() == 3
        left = session.query(Inquiry).filter_by(typed="hults ven anna", sorting=Sorting.TO_SORT)
        assert left.count() == 0


def test_journey_7_the_champion_moves(keys: Keyboard, world: World) -> None:
    keys.go("anna berg", "Anna Berg")
    keys.tab_to("Ny arbetsgivare")
    keys.press("Enter")
    picker = keys.page.get_by_role("combobox", name="Ny arbetsgivare")
    expect(picker).to_be_visible()
    keys.tab_to("Ny arbetsgivare")
    keys.write("vimm")
    expect(keys.page.get_by_role("option", name="Vimmerby").first).to_be_visible()
    keys.press("Enter")
    expect(picker).to_have_value(re.compile("Vimmerby"))
    keys.tab_to("Flytta")
    keys.press("Enter")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Anna Berg")
    with world.live.data() as session:
        (post,) = current_posts(session.get_one(Person, world.anna))
        assert post.organisation_id == world.vimmerby


def test_journey_9_the_morning_mail(keys: Keyboard, world: World) -> None:
    with world.live.data():
        make_practice(get(world.body))
    keys.page.goto(world.letter)  # the mail program opens it
    keys.tab_to("Klart")
    keys.press("Enter")
    expect(keys.page.locator("[role=status]").first).to_be_visible()
    keys.tab_to("fullmäktige har beslutat om budgeten")
    keys.press("Enter")
    expect(keys.page.get_by_text("Den kommer tillbaka")).to_be_visible()
    with world.live.data() as session:
        rows = {row.params["text"]: row for row in session.query(Reminder) if row.rule_key == "own"}
        assert rows["Läs protokollet"].state is ReminderState.DONE
        assert rows["Fråga om året"].snoozed_event is WakeEvent.COUNCIL_DECIDED


def test_the_inbox_by_its_own_keys(keys: Keyboard, world: World) -> None:
    keys.press("g", "r")
    expect(keys.page.get_by_role("article")).to_have_count(2)
    keys.press("j", "j", "d")
    expect(keys.page.locator(".flash")).to_be_visible()
    keys.press("j", "s")
    keys.page.locator("details.menu[open]").wait_for()
    keys.press("Escape")
    expect(keys.page.locator("details.menu[open]")).to_have_count(0)
    with world.live.data() as session:
        done = session.query(Reminder).filter_by(state=ReminderState.DONE).all()
        assert [row.outcome for row in done] in ([DoneOutcome.ASKED], [None])


def test_journey_11_the_budget_calendar(keys: Keyboard, world: World) -> None:
    keys.go("hultsfreds kommun", "Hultsfreds kommun")
    keys.tab_to("Lägg upp budgetåret")
    keys.press("Enter")
    june = keys.page.get_by_label("Beslutar i juni")
    expect(june).to_be_visible()
    keys.choose(june)
    keys.tab_to_field("start_namndens_budgetunderlag")
    keys.write("april")
    keys.tab_to_field("source_url")
    keys.write("https://www.hultsfred.se/budget")
    keys.tab_to("Spara")
    keys.press("Enter")
    expect(keys.page.get_by_text("Budgetåret är sparat.")).to_be_visible()
    with world.live.data():
        known = budgets.known_of(get(world.body))
        assert known.practice.source_url == "https://www.hultsfred.se/budget"


def test_journey_14_those_who_are_missing_get_their_tasks(keys: Keyboard, world: World) -> None:
    keys.go("läsverktyg för alla", "Läsverktyg för alla")
    keys.tab_to_field("move-procurement")
    keys.write("Kraven")
    keys.tab_to("Flytta")
    keys.press("Enter")
    expect(keys.page.get_by_text("Inte med än: IT, Dataskydd, Administration")).to_be_visible()
    keys.tab_to("Skapa de 4 uppgifterna")
    keys.press("Enter")
    expect(keys.page.get_by_text("Få med IT: vilka där bör känna till det?")).to_be_visible()
    expect(keys.page.get_by_text("Inte med än:")).to_have_count(0)
    with world.live.data() as session:
        tasks = session.query(Reminder).filter(Reminder.key.contains("bringin")).all()
        assert {task.user_id for task in tasks} == {world.manager}
        assert len(tasks) == 4


def test_journey_16_the_case_waits(keys: Keyboard, world: World) -> None:
    keys.go("läsverktyg för alla", "Läsverktyg för alla")
    keys.press("w")
    dialog = keys.page.get_by_role("dialog", name="Avvakta")
    expect(dialog).to_be_visible()
    keys.choose(dialog.get_by_label("Oenighet"))
    keys.choose(dialog.get_by_label(re.compile(r"budgetåret \d+ börjar")))
    keys.press("Control+Enter")
    expect(keys.page.locator(".page-head .pill-wait")).to_have_count(1)
    with world.live.data() as session:
        case = session.get_one(Case, world.case)
        assert case.state is CaseState.WAITING
        assert case.wait_reason is WaitReason.DISAGREEMENT
        assert case.wait_event is WakeEvent.BUDGET_YEAR_STARTS
    keys.press("z")  # and back
    expect(keys.page.locator(".page-head .pill-accent")).to_have_count(1)


def test_a_procurement_from_the_first_thought_to_the_signature(
    keys: Keyboard, world: World
) -> None:
    title = "Läsverktyg för alla"
    keys.go(title.lower(), title)
    keys.tab_to("Följ upphandlingen")
    keys.press("Enter")
    heading = keys.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Ny upphandling")
    keys.tab_to_field("route")
    keys.write("Direktupphandling")
    keys.tab_to("Lägg ut")
    keys.press("Enter")
    expect(heading).to_have_text(title)
    for milestone in (
        "Behovsanalysen börjar",
        "Förfrågan skickas",
        "Avtal får tecknas",
        "Avtalet tecknas",
    ):
        keys.tab_to(f"Nästa: {milestone}")
        keys.press("Enter")
        expect(heading).to_have_text(f"Det har hänt: {milestone}")
        keys.tab_to("Det har hänt")
        keys.press("Enter")
        expect(heading).to_have_text(title)
    with world.live.data() as session:
        assert session.get_one(Case, world.case).procurement is ProcurementStage.SIGNED
    keys.go(
        "begärda handl", "Begärda handlingar"
    )  # and a page that is no item of the menu, by name


def test_journey_20_where_we_stand(keys: Keyboard, world: World) -> None:
    keys.press("g", "p")
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Översikt per kommun")
    keys.press("j")
    expect(keys.page.locator("tbody a:focus")).to_have_text("Hultsfreds kommun")
    keys.tab_to("Personer", key="Shift+Tab")  # to a column's head, which sorts
    keys.press("Enter")
    expect(keys.page.locator("th[aria-sort=descending]")).to_contain_text("Personer")
    keys.press("j")
    figure = keys.page.locator("tbody td[data-label='Öppet'] a")
    for _ in range(20):
        if figure.evaluate("(e) => e === document.activeElement"):
            break
        keys.press("Tab")
    keys.press("Enter")
    expect(keys.page.locator("tbody tr")).to_have_count(1)
    expect(keys.page.locator("tbody")).to_contain_text("Läsverktyg för alla")
