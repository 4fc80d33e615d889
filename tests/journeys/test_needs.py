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
from tests.support.sessions import user_with

SAID = "Bra möte 👍. Klasslistorna måste komma in av sig själva. De hörs igen."
WORDS = "Klasslistorna måste komma in av sig själva."

MARK = """([words]) => {
  const text = [...document.querySelectorAll('.timeline-text')].find((p) => p.textContent.includes(words));
  const node = text.firstChild, at = node.data.indexOf(words), range = document.createRange();
  range.setStart(node, at); range.setEnd(node, at + words.length);
  const marked = window.getSelection(); marked.removeAllRanges(); marked.addRange(range);
}"""


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
    page.goto(f"/accounts/{school_id}")
    page.evaluate(MARK, [WORDS])
    page.get_by_role("link", name="Behov", exact=True).click()
    expect(page.get_by_label("Med egna ord")).to_have_value(WORDS)
    page.get_by_text("Integration", exact=True).click()
    page.get_by_role("button", name="Spara", exact=True).click()
    expect(page.get_by_text("Sparat som behov.")).to_be_visible()
    assert page.url.endswith(f"/accounts/{school_id}")
    need = the_need(live)
    assert (need.words, need.area, need.source) == (WORDS, Area.INTEGRATION, NeedSource.CALL)
    assert (need.organisation_id, need.person_id) == (school_id, anna_id)


def test_the_same_by_keyboard_alone(new_page: Any, live: Any) -> None:
    """Marked or not, the entry's link, the area and the save are reached by the keys."""
    school_id, rep_id, _anna_id = told(live)
    page = new_page(rep_id)
    page.goto(f"/accounts/{school_id}")
    page.evaluate(MARK, [WORDS])
    page.get_by_role("link", name="Behov", exact=True).focus()
    page.keyboard.press("Enter")
    words = page.get_by_label("Med egna ord")
    expect(words).to_have_value(WORDS)
    words.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    for _stop in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#new-need button[type=submit]')"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("Sparat som behov.")).to_be_visible()
    assert the_need(live).area is Area.INTEGRATION


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
