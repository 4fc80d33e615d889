"""Journeys 6 and (half of) 17 in a real browser.

6: a remark in a call becomes a requirement with its source: mark words → need → area → save.
17: the published list is pasted and matched.
"""

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.activities.models import ActivityKind
from crm.core import clock
from crm.requirements.models import ComparisonLine, Need, Requirement
from crm.rules.access import Role
from crm.rules.comparison import Verdict
from crm.rules.requirements import Area, NeedSource
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.requirements import THEIR_LIST, make_need, make_requirement
from tests.support.clicks import Clicks
from tests.support.keyboard import Keyboard
from tests.support.sessions import user_with

SAID = "Bra möte 👍. Klasslistorna måste komma in av sig själva. De hörs igen."
WORDS = "Klasslistorna måste komma in av sig själva."

BOX_OF = """([words]) => {
  const text = [...document.querySelectorAll('.timeline-text')].find((p) => p.textContent.includes(words));
  const node = text.firstChild, at = node.data.indexOf(words), range = document.createRange();
  range.setStart(node, at); range.setEnd(node, at + words.length);
  const boxes = [...range.getClientRects()], first = boxes[0], last = boxes.at(-1);
  return [first.left + 0.5, first.top + first.height / 2, last.right - 0.5, last.top + last.height / 2];
}"""


def mark(page: Any, words: str) -> None:
    """Draw the mouse over the words, as a hand does."""
    page.get_by_text(words).first.scroll_into_view_if_needed()
    left, top, right, bottom = page.evaluate(BOX_OF, [words])
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=5)
    page.mouse.up()
    assert page.evaluate("getSelection().toString()") == words


def told(live: Any) -> tuple[int, int, int]:
    """A call with Anna: the school, who is signed in, and Anna."""
    with live.data():
        school = make_unit(make_municipality("Hultsfred"), "Venhagskolan")
        anna = make_person("Anna", "Sjögren", school)
        make_activity(school, ActivityKind.CALL, text=SAID, person_id=anna.id)
        return int(school.id), int(user_with(Role.REP).id), int(anna.id)


def the_need(live: Any) -> Any:
    """The one that was kept, as columns."""
    columns = (Need.words, Need.area, Need.source, Need.organisation_id, Need.person_id)
    with live.data() as session:
        return session.execute(sa.select(*columns)).one()


def test_a_remark_in_a_call_becomes_a_need(new_page: Any, live: Any) -> None:
    """Three clicks after the words are marked."""
    school_id, rep_id, anna_id = told(live)
    page = new_page(rep_id)
    clicks = Clicks(page)
    page.goto(f"/accounts/{school_id}")
    mark(page, WORDS)
    clicks.forget()  # marking is no click
    page.get_by_role("link", name="Behov", exact=True).click()
    expect(page.get_by_label("Med egna ord")).to_have_value(WORDS)
    page.get_by_text("Integration", exact=True).click()
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_text("Sparat som behov.")).to_be_visible()
    assert clicks.count == 3
    assert page.url.endswith(f"/accounts/{school_id}")
    need = the_need(live)
    assert (need.words, need.area, need.source) == (WORDS, Area.INTEGRATION, NeedSource.CALL)
    assert (need.organisation_id, need.person_id) == (school_id, anna_id)


def test_the_same_by_keyboard_alone(new_page: Any, live: Any) -> None:
    """Without a mouse the whole entry comes along, and is cut down where it is written."""
    _school_id, rep_id, _anna_id = told(live)
    page = new_page(rep_id, reduced_motion="reduce")
    clicks = Clicks(page)
    page.goto("/")
    keys = Keyboard(page)
    keys.go("venhagskolan", "Venhagskolan")
    keys.tab_to("Behov")
    keys.press("Enter")
    words = page.get_by_label("Med egna ord")
    expect(words).to_have_value(SAID)
    keys.tab_to("Med egna ord")
    before, _, after = SAID.partition(WORDS)
    keys.press("Control+End", *["Backspace"] * len(after))
    keys.press("Control+Home", *["Delete"] * len(before))
    expect(words).to_have_value(WORDS)
    keys.choose(page.get_by_label("Integration", exact=True))
    keys.tab_to("Spara")
    keys.press("Enter")
    expect(page.get_by_text("Sparat som behov.")).to_be_visible()
    need = the_need(live)
    assert (need.words, need.area, clicks.count) == (WORDS, Area.INTEGRATION, 0)


def test_without_scripts_the_whole_entry_is_there_to_shorten(new_page: Any, live: Any) -> None:
    school_id, rep_id, _anna_id = told(live)
    page = new_page(rep_id, java_script_enabled=False)
    page.goto(f"/accounts/{school_id}/timeline")
    page.get_by_role("link", name="Behov", exact=True).click()
    expect(page.get_by_label("Med egna ord")).to_have_value(SAID)
    page.get_by_label("Med egna ord").fill(WORDS)
    page.get_by_label("Funktion", exact=True).check()
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_text("Sparat som behov.")).to_be_visible()
    assert the_need(live).words == WORDS


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_published_list_is_pasted_and_matched(new_page: Any, live: Any, scripts: bool) -> None:
    """Half of journey 17: from the procurement, three clicks to the comparison and one to confirm."""
    with live.data():
        by = user_with(Role.ACCOUNT_MANAGER)
        school = make_unit(make_municipality("Hultsfred"))
        case = make_case(school)
        buying = make_procurement(school, case=case, today=clock.today(), now=clock.now())
        requirement = make_requirement(
            by, needs=(make_need(school, by, today=clock.today(), now=clock.now()),)
        )
        manager_id, buying_id, requirement_id = int(by.id), int(buying.id), int(requirement.id)
    page = new_page(manager_id, java_script_enabled=scripts)
    page.goto(f"/procurements/{buying_id}")
    page.get_by_role("link", name="Jämför deras lista").click()
    page.get_by_label("Klistra in listan här").fill(THEIR_LIST)
    page.get_by_role("button", name="Jämför", exact=True).click()
    expect(page.get_by_text("Motsvaras", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Bekräfta de 2 som visas").click()
    expect(page.get_by_text("Bekräftade: 2.")).to_be_visible()
    with live.data() as session:
        first, second = session.scalars(
            sa.select(ComparisonLine).order_by(ComparisonLine.position)
        ).all()
        assert (first.verdict, first.requirement_id) == (Verdict.MATCHED, requirement_id)
        assert second.verdict is Verdict.NEW
        assert session.scalars(sa.select(Requirement)).one().id == requirement_id
