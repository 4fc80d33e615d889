"""Lists as files (I7): every list exports what is on its screen, in that order, for those who may."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from crm.budgets import queries as budgets
from crm.cases import operations as cases
from crm.core import clock, paging
from crm.core.db import db, transaction
from crm.core.paging import parts_of
from crm.interest import operations as interest
from crm.organisations.models import Organisation
from crm.rules.access import Permission as May
from crm.rules.access import Role, allows
from crm.rules.stages import CaseRole
from tests.factories.accounts import make_user
from tests.factories.budgets import make_practice
from tests.factories.cases import make_case
from tests.factories.interest import hultsfred, inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.reminders import make_reminder

AsUser = Callable[..., Any]
LISTS = (
    "/accounts",
    "/people",
    "/cases",
    "/pipeline",
    "/pipeline/behind/people",
    "/inquiries/all",
    "/budget-year",
    "/reminders",
)


def read(client: Any, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    text = answer.data.decode("utf-8").removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_what_happens_meanwhile_neither_moves_nor_doubles_a_row(
    own_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague writes while the file is being read: it stays as it was when it was asked for."""
    monkeypatch.setattr(paging, "AT_A_TIME", 2)
    towns = sa.select(Organisation.name).order_by(Organisation.name_sort)
    with own_app.app_context(), transaction():
        for name in ("Borås", "Dals-Ed", "Falun", "Gävle", "Habo"):
            make_municipality(name)

    def meanwhile() -> None:
        with own_app.app_context(), transaction():
            make_municipality("Ale")  # a page later, Dals-Ed would be read once more
            gone = sa.select(Organisation).where(Organisation.name == "Gävle")
            db.session.delete(db.session.scalars(gone).one())

    with own_app.app_context(), own_app.test_request_context("/"):  # a GET, which only reads
        parts = parts_of(towns)
        first = [name for (name,) in next(parts)]
        with ThreadPoolExecutor(1) as pool:
            pool.submit(meanwhile).result(20)
        rest = [name for part in parts for (name,) in part]
        db.session.rollback()
        now = db.session.scalars(towns).all()
    assert first + rest == ["Borås", "Dals-Ed", "Falun", "Gävle", "Habo"]
    assert now == ["Ale", "Borås", "Dals-Ed", "Falun", "Habo"]


@pytest.mark.parametrize("sort", ["", "next", "window"])
@pytest.mark.parametrize("address", LISTS)
def test_a_file_has_all_its_rows_however_many_are_held_at_once(
    as_user: AsUser,
    session: Session,
    count_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    sort: str,
) -> None:
    client = as_user(Role.FOUNDER)
    for name in ("Åre", "Borås", "Örebro"):
        body = make_municipality(name)
        school = make_unit(body, f"{name}skolan")
        make_practice(body)
        case = make_case(school)
        anna = make_person("Anna", name, school)
        cases.set_role(case, anna, CaseRole.CHAMPION, by=None, today=clock.today(), now=clock.now())
        make_reminder(school, client.user, clock.today())
    interest.seed_sources()
    for organisation in (body, school):
        inquiry(organisation=organisation)
    session.commit()
    whole = read(client, f"{address}/export.csv?sort={sort}")
    assert len(whole) > 2
    for module in (paging, budgets):
        monkeypatch.setattr(module, "AT_A_TIME", 1)
    with count_queries() as counted:
        assert read(client, f"{address}/export.csv?sort={sort}") == whole
    assert not [said for said in counted.statements if "OFFSET" in said]


@pytest.mark.one_database
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("address", LISTS)
def test_the_button_and_the_file_are_for_those_who_may(
    as_user: AsUser, session: Session, role: Role, address: str
) -> None:
    make_case(make_unit())
    session.commit()
    client = as_user(role)
    may = allows(role, May.EXPORT)
    assert (f"{address}/export.csv" in client.get(address).get_data(as_text=True)) is may
    assert client.get(f"{address}/export.csv").status_code == (200 if may else 403)


def test_people_in_the_order_and_choice_of_the_screen(as_user: AsUser, session: Session) -> None:
    body = make_municipality("Åre")
    school = make_unit(body, "Åreskolan")
    for first, last in (("Örjan", "Öst"), ("Åsa", "Ål"), ("Bo", "=Ek")):
        make_person(first, last, school, title="lärare", phone="+46701740605")
    make_person("Någon", "Annanstans")
    session.commit()
    heads, *rows = read(as_user(Role.FOUNDER), f"/people/export.csv?under={body.id}&sort=-name")
    assert [row[0] for row in rows] == ["Örjan Öst", "Åsa Ål", "Bo =Ek"]
    line = dict(zip(heads, rows[0], strict=True))
    assert line["Telefon"] == "070-174 06 05"  # as people write it, and no formula


def test_accounts_in_the_order_and_choice_of_the_screen(as_user: AsUser, session: Session) -> None:
    for name, people in (("Åre", 12_000), ("Borås", 114_000), ("Örebro", 160_000)):
        make_unit(make_municipality(name, population=people, county_code="14"), f"{name}skolan")
    make_municipality("Ydre", county_code="05")
    session.commit()
    client = as_user(Role.FOUNDER)
    _heads, *rows = read(client, "/accounts/export.csv?county=14&sort=-population")
    assert [(row[0], row[4], row[6]) for row in rows] == [
        ("Örebro", "160000", "1"),
        ("Borås", "114000", "1"),
        ("Åre", "12000", "1"),
    ]


def test_inquiries_in_the_order_and_choice_of_the_screen(as_user: AsUser, session: Session) -> None:
    place = hultsfred()
    inquiry(organisation=place.school, person=place.anna, summary="=Vill prova; snart")
    inquiry(organisation=place.body, summary="Ringer från kommunen")
    inquiry(organisation=make_municipality("Åre"), summary="Något annat")
    session.commit()
    client, at = as_user(Role.FOUNDER), f"organisation={place.body.id}"
    heads, *rows = read(client, f"/inquiries/all/export.csv?{at}&sort=received")
    assert [row[4] for row in rows] == ["'=Vill prova; snart", "Ringer från kommunen"]
    line = dict(zip(heads, rows[0], strict=True))
    assert (line["Enhet"], line["Vem"]) == (place.school.title, place.anna.name)
    assert line["Kanal"]
    only = read(client, f"/inquiries/all/export.csv?{at}&below=0")[1:]
    assert [row[4] for row in only] == ["Ringer från kommunen"]


def test_budget_years_in_the_order_and_choice_of_the_screen(
    as_user: AsUser, session: Session
) -> None:
    for name, people in (("Åre", 12_000), ("Borås", 114_000), ("Örebro", 160_000)):
        make_practice(make_municipality(name, population=people))
    session.commit()
    client = as_user(Role.FOUNDER)
    heads, *rows = read(client, "/budget-year/export.csv?size=over_100&sort=-name")
    assert [row[0] for row in rows] == ["Örebro", "Borås"]
    line = dict(zip(heads, rows[0], strict=True))
    date.fromisoformat(line["Nästa fönster, stänger"])


def test_reminders_now_and_in_six_weeks_as_on_the_screen(as_user: AsUser, session: Session) -> None:
    client, today = as_user(Role.FOUNDER), clock.today()
    school = make_unit(make_municipality("Åre"))
    for days, text in ((10, "Om tio dagar"), (0, "=Idag"), (90, "Senare")):
        make_reminder(school, client.user, today + timedelta(days=days), text=text)
    make_reminder(school, make_user(name="Kollega"), today, text="En kollegas")
    session.commit()
    heads, *rows = read(client, "/reminders/export.csv")
    assert [row[1] for row in rows] == ["'=Idag", "Om tio dagar"]
    assert dict(zip(heads, rows[1], strict=True))["Var"] == school.title
    everybodys = read(client, "/reminders/export.csv?whose=all&kind=task")[1:]
    assert {row[1] for row in everybodys} == {"'=Idag", "Om tio dagar", "En kollegas"}
    assert read(client, "/reminders/export.csv?kind=read")[1:] == []
