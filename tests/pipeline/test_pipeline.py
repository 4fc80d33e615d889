"""The pipeline by municipality: its figures, its order, its links and its file."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.cases import operations
from crm.cases.bodies import NO_COUNTY, Bodies
from crm.cases.models import Case
from crm.core import clock
from crm.organisations.models import Organisation
from crm.pipeline import queries
from crm.pipeline.queries import Figure, Sums, Table
from crm.rules.access import Role
from crm.rules.kinds import OrganisationKind, SizeClass
from crm.rules.precision import parse_expected
from crm.rules.stages import (
    AdoptionStage,
    CaseRole,
    CaseState,
    Outcome,
    ProcurementStage,
    WaitReason,
    WakeEvent,
)
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.interest import inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

TODAY = date(2026, 11, 23)
AsUser = Callable[..., Any]


def table(chosen: Bodies | None = None, **options: Any) -> Table:
    return queries.table(chosen or Bodies(), today=TODAY, **options)


def names(found: Table) -> list[str]:
    return [row.name for row in found.page.rows]


def wait(case: Case, until: date = date(2027, 3, 1)) -> None:
    operations.put_to_wait(
        case, WaitReason.NO_BUDGET, until=until, by=None, today=TODAY, now=clock.now()
    )


def close(case: Case, outcome: Outcome) -> None:
    reason = {"won": "quality", "lost": "price"}[outcome.value]
    operations.close(case, outcome, reason=reason, by=None, today=TODAY, now=clock.now())


@pytest.fixture
def hultsfred(session: Session) -> Organisation:
    """Two schools: one uses the product, one waits; a won case; two people, one of them twice."""
    body = make_municipality(
        "Hultsfred", county_code="08", county_name="Kalmar län", population=13_800
    )
    first, second = make_unit(body, "Venhagskolan"), make_unit(body, "Albäcksskolan")
    make_unit(body, "Lindblomskolan")
    anna, bo = make_person("Anna", "Berg", first), make_person("Bo", "Ek", second)
    running = make_case(
        first,
        "Läslyftet",
        value_ore=10_000_050,
        adoption=AdoptionStage.UNIT_PILOT,
        expected_first=date(2027, 1, 1),
        expected_last=date(2027, 12, 31),
        expected_precision=parse_expected("2027").precision,
        next_step="Ring",
        next_step_on=date(2026, 12, 4),
    )
    waiting = make_case(
        second,
        "Räknelyftet",
        value_ore=5_000_000,
        expected_first=date(2027, 3, 1),
        expected_last=date(2027, 3, 31),
        expected_precision=parse_expected("mars 2027").precision,
        procurement=ProcurementStage.UNDECIDED,
    )
    wait(waiting)
    won = make_case(first, "Förra året", value_ore=99, adoption=AdoptionStage.SEVERAL_UNITS)
    close(won, Outcome.WON)
    lost = make_case(first, "Förlorat", adoption=AdoptionStage.WIDE_USE)
    close(lost, Outcome.LOST)
    for case in (running, won):
        operations.join_unit(case, first, in_use=True, by=None, today=TODAY, now=clock.now())
        operations.set_role(case, anna, CaseRole.CHAMPION, by=None, today=TODAY, now=clock.now())
    operations.set_role(waiting, bo, CaseRole.USER, by=None, today=TODAY, now=clock.now())
    inquiry(organisation=first, person=anna)
    session.commit()
    return body


# --- Figures ------------------------------------------------------------------------------------


def test_one_row_says_how_a_body_stands(hultsfred: Organisation) -> None:
    row = table().page.rows[0]
    assert (row.name, row.units) == ("Hultsfred", 3)
    assert row.sums == Sums(
        units_in_use=1,
        people=2,
        champions=1,
        inquiries=1,
        open=1,
        waiting=1,
        value_ore=10_000_050,
        waiting_ore=5_000_000,
    )
    assert row.adoption is AdoptionStage.SEVERAL_UNITS  # won counts, lost does not
    assert row.procurement is ProcurementStage.UNDECIDED
    assert row.next_on == date(2026, 12, 4)
    assert row.expected == parse_expected("mars 2027")  # sharper, and done before 2027 is


def test_what_waits_is_apart(hultsfred: Organisation, session: Session) -> None:
    before = table().total
    case = session.query(Case).filter_by(title="Läslyftet").one()
    wait(case)
    session.commit()
    after = table().total
    assert after == replace(
        before,
        open=0,
        waiting=2,
        value_ore=0,
        waiting_ore=before.value_ore + before.waiting_ore,
    )


def test_a_window_is_the_buyers_own(session: Session, hultsfred: Organisation) -> None:
    from crm.budgets import queries as budgets

    assert table().page.rows[0].window == budgets.known_of(hultsfred).window(TODAY)


def test_only_bodies_with_something_unless_every_is_asked(hultsfred: Organisation) -> None:
    make_municipality("Tomelilla")
    make_municipality("Region Intet", kind=OrganisationKind.REGION)
    assert names(table()) == ["Hultsfred"]
    assert names(table(every=True)) == ["Hultsfred", "Tomelilla"]


def test_an_inquiry_is_something(session: Session) -> None:
    inquiry(organisation=make_unit(make_municipality("Ydre")))
    assert names(table()) == ["Ydre"]


# --- Filters and order ---------------------------------------------------------------------------


@pytest.fixture
def three(session: Session) -> tuple[Organisation, Organisation, Organisation]:
    owner = make_user()
    å = make_municipality("Åre", county_code="23", county_name="Jämtlands län", population=12_000)
    ö = make_municipality("Örebro", county_code="18", county_name="Örebro län", population=160_000)
    a = make_municipality("Arboga", county_code="19", county_name="Västmanlands län")
    ö.owner_id = owner.id
    make_case(make_unit(å), adoption=AdoptionStage.BUDGETED_NEED, value_ore=100, owner=owner)
    make_case(make_unit(ö), value_ore=300, reminder_on=date(2027, 1, 7))
    wait(make_case(make_unit(a), value_ore=200, procurement=ProcurementStage.CALL_OFF))
    session.commit()
    return å, ö, a


def test_swedish_order_of_names(three: Any) -> None:
    assert names(table()) == ["Arboga", "Åre", "Örebro"]
    assert names(table(sort="name", descending=True)) == ["Örebro", "Åre", "Arboga"]


@pytest.mark.parametrize("sort", queries.SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_column_can_be_sorted_by(three: Any, sort: str, descending: bool) -> None:
    assert len(names(table(sort=sort, descending=descending))) == 3


def test_what_is_not_known_comes_last_either_way(three: Any) -> None:
    assert names(table(sort="next"))[-1] == "Åre"
    assert names(table(sort="next", descending=True))[-1] == "Åre"
    assert names(table(sort="value", descending=True)) == ["Örebro", "Åre", "Arboga"]


def test_filters(three: tuple[Organisation, Organisation, Organisation]) -> None:
    _å, ö, a = three
    assert names(table(Bodies(county="23"))) == ["Åre"]
    assert names(table(Bodies(county=NO_COUNTY))) == []
    assert names(table(Bodies(size=SizeClass.OVER_100))) == ["Örebro"]
    assert names(table(Bodies(owner_id=ö.owner_id))) == ["Örebro"]
    assert names(table(Bodies(adoption=AdoptionStage.BUDGETED_NEED))) == ["Åre"]
    assert names(table(Bodies(procurement=ProcurementStage.CALL_OFF))) == ["Arboga"]
    assert names(table(Bodies(text="åre"))) == ["Åre"]
    assert names(table(Bodies(text="%"))) == []
    assert names(table(Bodies(kind=OrganisationKind.REGION))) == []
    assert names(table(Bodies(body_id=a.id))) == ["Arboga"]


def test_the_address_reads_back_what_it_says(session: Session) -> None:
    chosen = Bodies(
        text="å & ö",
        county="08",
        kind=OrganisationKind.MUNICIPALITY,
        size=SizeClass.UNDER_25,
        owner_id=7,
        adoption=AdoptionStage.CURIOUS,
        procurement=ProcurementStage.NONE,
        body_id=3,
    )
    assert Bodies.read(chosen.as_args(), 7) == chosen
    odd = {"county": "Kalmar", "kind": "x", "size": "-1", "stage": "?", "body": "1e9", "mine": "2"}
    assert Bodies.read(odd, 7) == Bodies()


def test_pages_hold_together(session: Session) -> None:
    for number in range(7):
        make_case(make_unit(make_municipality(f"Kommun {number}")), value_ore=100)
    first, second = (table(number=n, per_page=5) for n in (1, 2))
    assert len(first.page.rows) == 5 and len(second.page.rows) == 2
    assert first.total == second.total and first.total.value_ore == 700
    assert table(number=99, per_page=5).page.number == 2
    assert len(table(per_page=None).page.rows) == 7


def test_counties_add_up_to_the_total(three: Any, hultsfred: Organisation) -> None:
    make_case(make_municipality("Skolverket", kind=OrganisationKind.AUTHORITY), value_ore=1)
    found = table()
    assert Sums.of(county.sums for county in found.counties) == found.total
    assert [county.code for county in found.counties] == ["08", "18", "19", "23", ""]
    for county in found.counties:
        narrowed = table(Bodies(county=county.code or NO_COUNTY))
        assert (narrowed.page.total, narrowed.total) == (county.bodies, county.sums)


# --- Pages ---------------------------------------------------------------------------------------


@pytest.fixture
def founder(as_user: AsUser) -> Any:
    return as_user(Role.FOUNDER)


def links(html: str, cell: str) -> list[tuple[str, int]]:
    """(address, figure) of every link in the cells with that label."""
    found = []
    for body in re.findall(rf'<td[^>]*data-label="{cell}"[^>]*>(.*?)</td>', html, re.DOTALL):
        for href, text in re.findall(r'<a href="([^"]+)">([\d\s\u00a0,]+)', body):
            found.append((unescape(href), int(re.sub(r"\D", "", text))))
    return found


def rows_at(client: Any, address: str) -> int:
    """How many rows the page says there are in all, at an address."""
    html = client.get(address).get_data(as_text=True)
    assert 'class="pager"' in html, address
    told = re.search(r'class="pager".*?<span>\d+–\d+ av ([\d\s\u00a0]+)</span>', html, re.DOTALL)
    assert told, address
    return int(re.sub(r"\D", "", told[1]))


@pytest.mark.parametrize(
    "cell",
    ["Enheter i bruk", "Personer", "Ambassadörer", "Förfrågningar", "Öppet", "Avvaktar"],
)
@pytest.mark.parametrize("query", ["", "&every=1", "&county=08", "&sort=-value&rows=all"])
def test_every_figure_opens_exactly_its_rows(
    founder: Any, hultsfred: Organisation, three: Any, cell: str, query: str
) -> None:
    html = founder.get(f"/pipeline?columns=all{query}").get_data(as_text=True)
    found = links(html, cell)
    assert found, "no figure to open"
    for address, number in found:
        assert rows_at(founder, address) == number, address


def test_the_rarer_columns_are_asked_for(founder: Any, hultsfred: Organisation) -> None:
    rare = ("Väntat beslut", "Ansvarig", "Förfrågningar", "Län")

    def shown(query: str) -> list[str]:
        html = founder.get(f"/pipeline{query}").get_data(as_text=True)
        heads = html[html.index("<thead>") : html.index("</thead>")]
        return [words for words in rare if f">{words}<" in heads]

    assert shown("") == []
    assert shown("?columns=all") == shown("?sort=county") == list(rare)


def test_the_sum_stands_on_the_list_it_opens(founder: Any, hultsfred: Organisation) -> None:
    html = founder.get("/cases?state=open").get_data(as_text=True)
    assert "100\u00a0000,50\u00a0kr" in html
    assert "50\u00a0000\u00a0kr" in founder.get("/cases?state=waiting").get_data(as_text=True)


@pytest.mark.parametrize("figure", list(Figure))
def test_the_list_behind_a_figure(founder: Any, hultsfred: Organisation, figure: Figure) -> None:
    address = f"/pipeline/behind/{figure.value}?body={hultsfred.id}"
    assert founder.get(address).status_code == 200
    name = {"people": "Anna Berg", "champions": "Anna Berg", "units_in_use": "Venhagskolan"}
    assert name.get(figure.value, "Vill prova") in founder.get(address).get_data(as_text=True)


@pytest.mark.parametrize(
    "address",
    [
        "/pipeline?page=99999&sort=nonsense&county=zzzz&kind=x&size=x&stage=x&route=x&body=x",
        "/pipeline?sort=-",
        "/pipeline?place=%25%27%22%3Cscript%3E%00",
        "/pipeline?page=-1&rows=none",
        "/cases?page=999999999999&year=99999&expected=snart&owner=x&within=x&sort=--",
        "/cases?year=2027&expected=Q2+2027&state=standing&adoption=x&outcome=won&in_use=1",
    ],
)
def test_odd_addresses_are_read_kindly(founder: Any, hultsfred: Any, address: str) -> None:
    assert founder.get(address).status_code == 200


@pytest.mark.parametrize(
    "address", ["/pipeline/behind/secrets", "/pipeline/behind/people?body=999999"]
)
def test_what_is_not_there(founder: Any, address: str) -> None:
    assert founder.get(address).status_code == 404


def test_nothing_yet(founder: Any) -> None:
    assert "Inget pågår än" in founder.get("/pipeline").get_data(as_text=True)
    assert "Inget passar in" in founder.get("/pipeline?county=08").get_data(as_text=True)


def test_nobody_without_the_right_exports(as_user: AsUser, hultsfred: Organisation) -> None:
    for role in (Role.REP, Role.VIEWER):
        reader = as_user(role)
        assert "export.csv" not in reader.get("/pipeline").get_data(as_text=True)
        for path in ("/pipeline", "/pipeline/behind/people", "/cases"):
            assert reader.get(f"{path}/export.csv").status_code == 403


def test_statements_do_not_grow_with_rows(
    founder: Any, hultsfred: Organisation, count_queries: Callable[[], Any]
) -> None:
    addresses = ("/pipeline", "/pipeline?every=1&sort=-window", "/cases", "/cases?sort=expected")

    def measure() -> list[int]:
        numbers = []
        for address in addresses:
            with count_queries() as counted:
                founder.get(address)
            numbers.append(counted.number)
        return numbers

    few = measure()
    for number in range(12):
        body = make_municipality(f"Kommun {number}", county_code="08", county_name="Kalmar län")
        case = make_case(make_unit(body), value_ore=100)
        person = make_person(organisation=make_unit(body))
        operations.set_role(case, person, CaseRole.CHAMPION, by=None, today=TODAY, now=clock.now())
    assert measure() == few
    assert max(few) <= 12


# --- The file -----------------------------------------------------------------------------------


def read(client: Any, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    text = answer.data.decode("utf-8")
    assert text.startswith("\ufeff") and "\r\n" in text
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))


def test_the_file_is_what_is_on_the_screen(founder: Any, hultsfred: Any, three: Any) -> None:
    heads, *rows = read(founder, "/pipeline/export.csv?sort=-value")
    assert [row[0] for row in rows] == names(table(sort="value", descending=True))
    line = dict(zip(heads, next(row for row in rows if row[0] == "Hultsfred"), strict=True))
    assert line["Värde öppet, kronor"] == "100000,50"
    assert line["Nästa datum"] == "2026-12-04"
    assert line["Väntat beslut, första dag"] == "2027-03-01"
    assert line["Väntat beslut, sista dag"] == "2027-03-31"  # a month, never a day in it
    assert line["Hur exakt"] == "på månaden"
    assert line["Län"] == "Kalmar län"


def test_the_file_of_cases(founder: Any, hultsfred: Organisation) -> None:
    _heads, *rows = read(founder, "/cases/export.csv?state=all&sort=title")
    assert [row[0] for row in rows] == ["Förlorat", "Förra året", "Läslyftet", "Räknelyftet"] or (
        sorted(row[0] for row in rows) == ["Förlorat", "Förra året", "Läslyftet", "Räknelyftet"]
    )


def test_a_name_is_never_a_formula(founder: Any, session: Session) -> None:
    make_case(make_unit(), '=HYPERLINK("http://x";"y")')
    session.commit()
    _heads, *rows = read(founder, "/cases/export.csv")
    assert rows[0][0].startswith("'=")


@pytest.mark.parametrize("state", [*CaseState])
def test_total_of_a_list_is_the_total_of_its_file(
    founder: Any, hultsfred: Any, three: Any, state: CaseState
) -> None:
    rows = read(founder, f"/cases/export.csv?state={state.value}")[1:]
    assert len(rows) == rows_at(founder, f"/cases?state={state.value}")


def test_wake_event_without_a_day_does_not_break_the_table(session: Session) -> None:
    case = make_case(make_unit())
    operations.put_to_wait(
        case,
        WaitReason.ELECTION,
        event=WakeEvent.NEW_COUNCIL,
        by=None,
        today=TODAY,
        now=clock.now(),
    )
    session.commit()
    row = table().page.rows[0]
    assert (row.sums.waiting, row.next_on) == (1, None)


def test_dates_far_ahead(session: Session) -> None:
    make_case(make_unit(), next_step="Ring", next_step_on=TODAY + timedelta(days=20_000))
    assert table().page.rows[0].next_on == TODAY + timedelta(days=20_000)


def test_a_body_counts_with_all_below_it_until_that_is_switched_off(as_user) -> None:
    body = make_municipality("Lillköping")
    make_case(make_unit(body), value_ore=100_000)
    own = make_case(body, value_ore=500_000)
    row = queries.table(Bodies(), today=TODAY).page.rows[0]
    assert (row.sums.open, row.sums.value_ore) == (2, 600_000)
    row = queries.table(Bodies(below=False), today=TODAY).page.rows[0]
    assert (row.sums.open, row.sums.value_ore) == (1, 500_000)
    client = as_user(Role.FOUNDER)
    page = client.get("/pipeline?below=0").text
    assert f"/cases?below=0&amp;state=open&amp;body={body.id}" in page
    listed = client.get(f"/cases?below=0&state=open&body={body.id}").text
    assert listed.count("data-open") == 1
    assert f"/cases/{own.id}" in listed
