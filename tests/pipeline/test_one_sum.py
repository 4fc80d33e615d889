"""Board, report and export say the same money, to the öre (G5)."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from babel.core import Locale
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from crm.cases import queries as cases
from crm.rules.access import Role
from crm.rules.money import MOST_ORE, read_kronor
from crm.web import filters
from crm.web.csv import cell_text, kronor
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality

ORE = st.integers(0, MOST_ORE)


@pytest.mark.one_database
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(ore=ORE, language=st.sampled_from(["sv", "en"]))
def test_a_page_and_a_file_show_every_ore(app: Flask, ore: int, language: str) -> None:
    with app.test_request_context(), force_locale(Locale.parse(language)):
        assert read_kronor(filters.money(ore)) == ore
    assert read_kronor(cell_text(kronor(ore))) == ore


@pytest.mark.one_database
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=st.lists(st.integers(0, 10**9), max_size=30))
def test_the_figures_of_a_list_add_up_to_its_sum(app: Flask, rows: list[int]) -> None:
    with app.test_request_context():
        shown = [read_kronor(filters.money(one)) for one in rows]
        assert read_kronor(filters.money(sum(rows))) == sum(shown)
    assert sum(read_kronor(cell_text(kronor(one))) for one in rows) == sum(rows)


VALUES = (123_456_789, 1, 99_999_999_950, 0, 333_333)


def _column(client: Any, address: str, head: str) -> int:
    text = client.get(address).get_data(as_text=True).lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    return sum(read_kronor(row[head]) for row in rows if row[head])


def test_board_report_and_export_have_one_sum(
    as_user: Callable[..., Any], session: Session
) -> None:
    bodies = [make_municipality("Hultsfred"), make_municipality("Vetlanda")]
    for number, ore in enumerate(VALUES):
        make_case(bodies[number % 2], f"Ärende {number}", value_ore=ore)
    session.commit()
    client = as_user(Role.ADMIN)
    with client.application.test_request_context():
        board = cases.totals(cases.Filter()).open_ore
        shown = filters.money(board)
    assert board == sum(VALUES)
    assert shown in client.get("/cases").get_data(as_text=True)
    assert _column(client, "/cases/export.csv", "Värde, kronor") == board
    report = "/pipeline"
    assert _column(client, f"{report}/export.csv", "Värde öppet, kronor") == board
    page = client.get(report).get_data(as_text=True)
    for body in range(2):
        with client.application.test_request_context():
            assert filters.money(sum(VALUES[body::2])) in page
