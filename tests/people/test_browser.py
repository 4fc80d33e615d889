"""In a real browser: the warning while typing, and the picker of accounts."""

import sqlalchemy as sa
from playwright.sync_api import expect

from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.people.queries import current_posts
from crm.rules.access import Role
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person


def _school(live, new_page):
    with live.data():
        town = make_municipality("Trädköping")
        school = make_unit(town, "Venhagskolan")
        make_person("Anna", "Berg", school, email="anna@tradkoping.se")
        make_municipality("Nydalen")
        school_id = school.id
    return school_id, new_page(user=Role.REP)


def test_a_likely_duplicate_shows_while_typing_and_does_not_block(live, new_page) -> None:
    school_id, page = _school(live, new_page)
    page.goto(f"{live.url}/people/new?organisation={school_id}")
    page.get_by_label("Förnamn").fill("Anna")
    page.get_by_label("Efternamn").fill("Berg")
    expect(page.locator("#duplicates")).to_contain_text("Anna Berg")
    page.get_by_role("button", name="Spara").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Berg")
    with live.data():
        assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 2


def test_the_picker_finds_the_new_employer_while_typing(live, new_page) -> None:
    _school_id, page = _school(live, new_page)
    with live.data():
        anna = db.session.scalars(sa.select(Person)).one().id
    page.goto(f"{live.url}/people/{anna}/move")
    picker = page.get_by_role("combobox", name="Ny arbetsgivare")
    picker.fill("nyda")
    expect(page.get_by_role("option", name="Nydalen")).to_be_visible()
    picker.press("Enter")
    page.get_by_role("button", name="Flytta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Berg")
    with live.data():
        (post,) = current_posts(db.session.get_one(Person, anna))
        assert post.organisation == "Nydalen"
        assert post.started_on == clock.today()


def test_the_same_without_scripts_is_a_choice_among_a_few(live, new_page) -> None:
    school_id, _page = _school(live, new_page)
    with live.data():
        make_municipality("Nydala")
    page = new_page(user=Role.REP, java_script_enabled=False)
    page.goto(f"{live.url}/accounts/{school_id}/move")
    page.get_by_label("Flytta till").fill("nyda")
    page.get_by_role("button", name="Flytta").click()
    page.get_by_role("radio", name="Nydalen").check()
    page.get_by_role("button", name="Flytta").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Venhagskolan")
    with live.data():
        school = db.session.get_one(Organisation, school_id)
        assert db.session.get_one(Organisation, school.parent_id).name == "Nydalen"
