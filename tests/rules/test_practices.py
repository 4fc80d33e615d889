"""The 25 published timetables, held against a table copied by hand from their sources.

The table follows budget-cycles.md, 2.1, not our data files: for each body the months in which the
committees' door opens and closes and the council decides, for the budget of an ordinary year (2028)
and of the years after an election (2027 and 2031). Where a body publishes no hand-in date the door
is that of its calendar (2.2): March-April, June-September, for regions February-April and
April-September.
"""

from datetime import date
from urllib.parse import urlsplit

import pytest

from crm.rules.budget_cycle import BodyKind, DecisionPractice, PhaseRole, decision, door, phases
from crm.rules.certainty import Certainty
from crm.rules.practices import load_practices, published_practices

Months = tuple[int, int]

M, R = BodyKind.MUNICIPALITY, BodyKind.REGION

SPRING: Months = (3, 4)
AUTUMN: Months = (6, 9)
JUNE: Months = (6, 6)
NOVEMBER: Months = (11, 11)
DECEMBER: Months = (12, 12)
NEW_COUNCIL: Months = (10, 12)
"""Any time from 15 October until the end of December, as the law has it."""

TABLE: list[tuple[BodyKind, str, str, Months, Months, Months]] = [
    # kind, code, body, door, decision in an ordinary year, decision in an election year
    (M, "0860", "Hultsfred", SPRING, JUNE, NEW_COUNCIL),
    (M, "1280", "Malmö", (3, 3), JUNE, NEW_COUNCIL),
    (M, "1480", "Göteborg", AUTUMN, NOVEMBER, NOVEMBER),
    (M, "0180", "Stockholm", AUTUMN, NOVEMBER, NOVEMBER),
    (M, "0380", "Uppsala", AUTUMN, NOVEMBER, DECEMBER),
    (M, "2480", "Umeå", (3, 3), JUNE, NEW_COUNCIL),
    (M, "1780", "Karlstad", (4, 4), JUNE, NEW_COUNCIL),
    (M, "2380", "Östersund", (5, 6), (9, 9), NEW_COUNCIL),
    (M, "1286", "Ystad", SPRING, JUNE, NEW_COUNCIL),
    (M, "2280", "Härnösand", (4, 4), JUNE, NEW_COUNCIL),
    (M, "2061", "Smedjebacken", AUTUMN, NOVEMBER, NOVEMBER),
    (M, "0186", "Lidingö", AUTUMN, NOVEMBER, NOVEMBER),
    (M, "0483", "Katrineholm", AUTUMN, NOVEMBER, NOVEMBER),
    (M, "0181", "Södertälje", AUTUMN, DECEMBER, DECEMBER),
    (M, "1290", "Kristianstad", (6, 8), (10, 10), (10, 10)),
    (M, "0160", "Täby", AUTUMN, NOVEMBER, NOVEMBER),
    (M, "2514", "Kalix", SPRING, JUNE, NEW_COUNCIL),
    (M, "2460", "Vännäs", SPRING, JUNE, NEW_COUNCIL),
    (M, "2161", "Ljusdal", SPRING, JUNE, NOVEMBER),
    (R, "01", "Region Stockholm", (4, 9), NOVEMBER, DECEMBER),
    (R, "12", "Region Skåne", (2, 4), JUNE, DECEMBER),
    (R, "14", "Västra Götalandsregionen", (2, 4), JUNE, NEW_COUNCIL),
    (R, "24", "Region Västerbotten", (2, 4), JUNE, NEW_COUNCIL),
    (M, "0980", "Gotland", SPRING, JUNE, NEW_COUNCIL),
    (R, "08", "Region Kalmar län", (4, 9), NOVEMBER, NOVEMBER),
]


@pytest.mark.parametrize(("kind", "code", "body", "hand_in", "ordinary", "election"), TABLE)
@pytest.mark.parametrize("budget_year", [2027, 2028, 2031])
def test_door_and_decision_fall_in_the_months_the_body_has_published(
    kind: BodyKind,
    code: str,
    body: str,
    hand_in: Months,
    ordinary: Months,
    election: Months,
    budget_year: int,
) -> None:
    practice = load_practices()[kind, code]
    opens, decides = door(practice, budget_year), decision(practice, budget_year)
    assert opens is not None, body
    assert decides is not None, body
    year_before = budget_year - 1
    assert (opens.start.year, opens.end.year) == (year_before, year_before)
    assert (decides.start.year, decides.end.year) == (year_before, year_before)
    assert (opens.start.month, opens.end.month) == hand_in
    expected = ordinary if budget_year == 2028 else election
    assert (decides.start.month, decides.end.month) == expected


def test_every_body_of_the_table_is_shipped_and_no_other() -> None:
    assert set(load_practices()) == {(kind, code) for kind, code, *_ in TABLE}
    assert {(row.key, row.body) for row in published_practices()} == {
        ((kind, code), body) for kind, code, body, *_ in TABLE
    }


@pytest.mark.parametrize(
    ("code", "last_day"),
    [
        pytest.param("2480", date(2027, 3, 24), id="Umeå"),
        pytest.param("2061", date(2027, 9, 30), id="Smedjebacken"),
        pytest.param("0186", date(2027, 9, 30), id="Lidingö"),
        pytest.param("1280", date(2027, 3, 31), id="Malmö"),
        pytest.param("2380", date(2027, 6, 30), id="Östersund"),
    ],
)
def test_a_published_last_day_is_the_last_day(code: str, last_day: date) -> None:
    found = door(load_practices()[M, code], 2028)
    assert found is not None
    assert found.end == last_day
    assert found.certainty is Certainty.PUBLISHED
    assert found.source.startswith("https://")
    assert found.checked_on == date(2026, 11, 23)


def test_a_hand_in_date_nobody_published_is_not_called_published() -> None:
    for code in ("0860", "1286", "1480", "0181", "1290", "0980"):
        found = door(load_practices()[M, code], 2028)
        assert found is not None
        assert not found.certainty.is_at_least(Certainty.CONFIRMED)


def test_malmo_shifts_in_election_years_so_its_spring_date_is_then_a_guess() -> None:
    malmo = load_practices()[M, "1280"]
    marks = {}
    for budget_year in (2027, 2028, 2031):
        found = door(malmo, budget_year)
        assert found is not None
        marks[budget_year] = found.certainty
    assert marks == {
        2027: Certainty.GUESSED,
        2028: Certainty.PUBLISHED,
        2031: Certainty.GUESSED,
    }


def test_a_meeting_date_of_one_year_says_nothing_of_the_next() -> None:
    vannas = load_practices()[M, "2460"]
    known, unknown = decision(vannas, 2026), decision(vannas, 2028)
    assert known is not None and unknown is not None
    assert (known.start, known.end) == (date(2025, 6, 10), date(2025, 6, 10))
    assert (unknown.start, unknown.end) == (date(2027, 6, 1), date(2027, 6, 30))


def test_every_own_date_belongs_to_a_phase_of_the_body_s_calendar() -> None:
    for published in published_practices():
        keys = {
            phase.key
            for budget_year in (2023, 2026, 2027, 2028, 2031)
            for phase in phases(published.practice, budget_year)
        }
        assert {own.phase_key for own in published.practice.overrides} <= keys, published.body


def test_gotland_is_one_body_under_its_municipality_code() -> None:
    gotland = load_practices()[M, "0980"]
    assert gotland.decision is DecisionPractice.JUNE
    assert (R, "09") not in load_practices()
    assert any(phase.role is PhaseRole.RECONCILIATION for phase in phases(gotland, 2028))


OWN_PAGES_UNDER_ANOTHER_NAME = {
    "http://www.vgregion.se/": "Västra Götalandsregionen",
    "http://www.mynewsdesk.com/se/stockholms_stad/": "Stockholm",  # the city's own press room
    # A library run by Umeå kommun, where the kommun's news of its own budget stands.
    "https://www.sverigesdepabibliotekochlanecentral.se/": "Umeå",
}


def is_of(body: str, address: str) -> bool:
    """Whether a page is the body's own: its name is in the name of the site."""
    name = body.removeprefix("Region ").lower().translate(str.maketrans("åäö", "aao"))
    site = urlsplit(address).hostname or ""
    own = (one for one, whose in OWN_PAGES_UNDER_ANOTHER_NAME.items() if whose == body)
    return name.split()[0] in site.replace("dagenshultsfred", "") or address.startswith(tuple(own))


def test_only_what_stands_on_a_body_s_own_page_is_called_published_by_it() -> None:
    """A newspaper, a party and a collection of documents are others (decision 19)."""
    for found in published_practices():
        for source in (found.practice, *found.practice.overrides):
            if source.certainty in {Certainty.PUBLISHED, Certainty.REPORTED}:
                own = is_of(found.body, source.source_url)
                assert (source.certainty is Certainty.PUBLISHED) is own, source.source_url
    told = [
        row.body for row in published_practices() if row.practice.certainty is Certainty.REPORTED
    ]
    assert told == ["Göteborg"]


def test_every_published_practice_names_its_source_and_the_day_it_was_read() -> None:
    for published in published_practices():
        assert published.practice.certainty in {Certainty.PUBLISHED, Certainty.REPORTED}
        assert published.practice.source_url.startswith("http")
        assert published.practice.checked_on == date(2026, 11, 23)
        assert all(own.source_url.startswith("http") for own in published.practice.overrides)
