"""Journey 7 in a real browser: the champion changes to a neighbouring municipality.

New employer, choose it, save: three clicks of the four allowed. The history stays with the old
account, its case keeps the place open until one action fills it, and the new account shows a known
champion.
"""

from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from crm.cases import operations as cases
from crm.cases.models import CasePerson
from crm.core import clock
from crm.organisations.models import Organisation
from crm.people.models import Person, Post
from crm.rules.access import Role
from crm.rules.stages import CaseRole
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.support.clicks import Clicks
from tests.support.sessions import user_with


@pytest.fixture
def world(live: Any) -> dict[str, int]:
    with live.data() as session:
        old = make_unit(make_municipality("Hultsfred"), "Venhagskolan")
        new = make_municipality("Vimmerby")
        anna = make_person("Anna", "Sjögren", organisation=old, title="lärare")
        make_person("Bo", "Lind", organisation=old, title="lärare")
        case = make_case(old, "Läsverktyg på Venhagskolan")
        cases.set_role(case, anna, CaseRole.CHAMPION, by=None, today=clock.today(), now=clock.now())
        rep = user_with(Role.REP)
        session.flush()
        return {
            "rep": int(rep.id),
            "anna": int(anna.id),
            "case": int(case.id),
            "old": int(old.id),
            "new": int(new.id),
        }


def moved(live: Any, world: dict[str, int]) -> bool:
    with live.data() as session:
        posts = session.scalars(sa.select(Post).where(Post.person_id == world["anna"])).all()
        now = [post.organisation_id for post in posts if post.ended_on is None]
        before = [post.organisation_id for post in posts if post.ended_on is not None]
        held = session.scalars(
            sa.select(CasePerson).where(
                CasePerson.person_id == world["anna"], CasePerson.role == CaseRole.CHAMPION
            )
        ).one()
        assert session.get_one(Organisation, world["new"]).name == "Vimmerby"
        assert session.get_one(Person, world["anna"]).name == "Anna Sjögren"
        return bool(
            now == [world["new"]] and before == [world["old"]] and held.ended_on is not None
        )


def test_in_three_clicks(new_page: Any, live: Any, world: dict[str, int]) -> None:
    page = new_page(world["rep"])
    clicks = Clicks(page)
    page.goto(f"/people/{world['anna']}")
    page.get_by_role("link", name="Ny arbetsgivare").click()
    page.get_by_role("combobox").fill("vimm")
    page.get_by_role("option", name="Vimmerby").first.click()
    page.locator("main form").get_by_role("button", name="Flytta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Sjögren")
    assert clicks.count == 3
    assert moved(live, world)
    page.goto(f"/cases/{world['case']}")
    expect(page.locator("main")).to_contain_text("Efterträdare till Anna Sjögren, inte känd än")
    page.get_by_role("link", name="Välj en efterträdare").click()
    page.get_by_role("combobox").fill("bo li")
    page.get_by_role("option", name="Bo Lind").first.click()
    page.get_by_role("button", name="Tar över").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Sjögren")
    page.goto(f"/cases/{world['case']}")
    expect(page.locator("main")).to_contain_text("Bo Lind")
    expect(page.locator("main")).not_to_contain_text("Efterträdare till Anna Sjögren")
    page.goto(f"/accounts/{world['new']}")
    expect(page.locator("main")).to_contain_text("Anna Sjögren")


def test_without_scripts(new_page: Any, live: Any, world: dict[str, int]) -> None:
    page = new_page(world["rep"], java_script_enabled=False)
    page.goto(f"/people/{world['anna']}/move")
    page.locator("input[name=organisation_text]").fill("Vimmerby")
    page.locator("main form").get_by_role("button", name="Flytta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Sjögren")
    assert moved(live, world)
