"""When buyers are left in peace, and where a day moves that falls there."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import BodyKind, DecisionPractice, Practice
from crm.rules.calendar import is_office_day, is_working_day
from crm.rules.certainty import Certainty
from crm.rules.quiet import (
    NO_QUIET,
    Audience,
    OpenDays,
    Quiet,
    SchoolBreak,
    deadline_day,
    own_break,
    own_quiet,
    quiet_at,
    quiet_periods,
)

MUNICIPALITY = BodyKind.MUNICIPALITY
DAYS = st.dates(date(2024, 1, 1), date(2040, 12, 31))
COUNTIES = st.sampled_from([None, "01", "08", "14", "25", "99"])


def year_of(
    year: int,
    kind: BodyKind = MUNICIPALITY,
    audience: Audience = Audience.GENERAL,
    county: str | None = "08",
) -> dict[str, Quiet]:
    """The periods that start in the year, by key."""
    found = quiet_periods(kind, audience, county, date(year, 1, 1), date(year, 12, 31))
    return {period.key: period for period in found if period.start.year == year}


@pytest.mark.parametrize(
    ("county", "first_week", "last_week"),
    [
        pytest.param("06", 7, 7, id="Jönköping"),
        pytest.param("05", 7, 8, id="Östergötland"),
        pytest.param("13", 7, 8, id="Halland"),
        pytest.param("14", 7, 10, id="Västra Götaland"),
        pytest.param("04", 8, 8, id="Södermanland"),
        pytest.param("07", 8, 8, id="Kronoberg"),
        pytest.param("08", 8, 8, id="Kalmar"),
        pytest.param("10", 8, 8, id="Blekinge"),
        pytest.param("12", 8, 8, id="Skåne"),
        pytest.param("18", 8, 8, id="Örebro"),
        pytest.param("03", 8, 9, id="Uppsala"),
        pytest.param("01", 9, 9, id="Stockholm"),
        pytest.param("09", 9, 9, id="Gotland"),
        pytest.param("17", 9, 9, id="Värmland"),
        pytest.param("19", 9, 9, id="Västmanland"),
        pytest.param("20", 9, 9, id="Dalarna"),
        pytest.param("21", 9, 10, id="Gävleborg"),
        pytest.param("22", 10, 10, id="Västernorrland"),
        pytest.param("23", 10, 10, id="Jämtland"),
        pytest.param("24", 10, 10, id="Västerbotten"),
        pytest.param("25", 10, 10, id="Norrbotten"),
    ],
)
def test_a_school_is_left_alone_in_its_county_s_winter_break(
    county: str, first_week: int, last_week: int
) -> None:
    mondays = {
        7: date(2027, 2, 15),
        8: date(2027, 2, 22),
        9: date(2027, 3, 1),
        10: date(2027, 3, 8),
    }
    found = year_of(2027, audience=Audience.SCHOOL, county=county)["quiet_sportlov"]
    assert found.start == mondays[first_week]
    assert found.end == mondays[last_week] + timedelta(days=6)
    assert found.certainty is Certainty.TYPICAL


def test_an_unknown_county_may_have_its_winter_break_in_any_of_the_weeks() -> None:
    found = year_of(2028, audience=Audience.SCHOOL, county=None)["quiet_sportlov"]
    assert (found.start, found.end) == (date(2028, 2, 14), date(2028, 3, 12))
    assert found.certainty is Certainty.GUESSED


@pytest.mark.parametrize(
    ("year", "first", "last"),
    [
        (2027, date(2027, 3, 22), date(2027, 4, 4)),  # Easter Sunday 28 March
        (2028, date(2028, 4, 10), date(2028, 4, 23)),  # Easter Sunday 16 April
    ],
)
def test_the_easter_break_is_the_week_before_or_after(year: int, first: date, last: date) -> None:
    found = year_of(year, audience=Audience.SCHOOL)["quiet_pasklov"]
    assert (found.start, found.end) == (first, last)


@pytest.mark.parametrize(
    ("year", "monday"), [(2027, date(2027, 11, 1)), (2028, date(2028, 10, 30))]
)
def test_the_autumn_break_is_week_44(year: int, monday: date) -> None:
    found = year_of(year, audience=Audience.SCHOOL)["quiet_hostlov"]
    assert (found.start, found.end) == (monday, monday + timedelta(days=6))


def test_schools_have_their_own_year_and_others_do_not() -> None:
    school, general = year_of(2027, audience=Audience.SCHOOL), year_of(2027)
    assert (school["quiet_lasarsstart"].start, school["quiet_lasarsstart"].end) == (
        date(2027, 8, 10),
        date(2027, 9, 7),
    )
    assert (school["quiet_sommarlov"].start, school["quiet_sommarlov"].end) == (
        date(2027, 6, 8),
        date(2027, 8, 15),
    )
    assert (school["quiet_jullov"].start, school["quiet_jullov"].end) == (
        date(2027, 12, 17),
        date(2028, 1, 12),
    )
    assert set(general) == {"quiet_sommar", "quiet_jul", "quiet_industrisemester"}


def test_weeks_28_to_31_are_quiet_everywhere() -> None:
    for kind in BodyKind:
        for audience in Audience:
            found = year_of(2027, kind, audience)["quiet_industrisemester"]
            assert (found.start, found.end) == (date(2027, 7, 12), date(2027, 8, 8))


def test_care_units_have_a_longer_summer() -> None:
    found = year_of(2027, BodyKind.REGION, Audience.HEALTH)["quiet_sommar"]
    assert (found.start, found.end) == (date(2027, 6, 15), date(2027, 8, 25))


def test_universities_are_quiet_when_terms_start() -> None:
    found = year_of(2027, BodyKind.UNIVERSITY, Audience.UNIVERSITY)
    assert found["quiet_terminsstart_host"].start == date(2027, 8, 20)
    assert found["quiet_terminsstart_var"].end == date(2027, 1, 31)


def test_the_election_campaign_is_quiet_in_election_years_only() -> None:
    for kind in (BodyKind.MUNICIPALITY, BodyKind.REGION):
        with_campaign = [
            year for year in range(2025, 2035) if "ey_quiet_valrorelse" in year_of(year, kind)
        ]
        assert with_campaign == [2026, 2030, 2034]
    assert "ey_quiet_valrorelse" not in year_of(2026, BodyKind.STATE)
    campaign = year_of(2026)["ey_quiet_valrorelse"]
    assert (campaign.start, campaign.end) == (date(2026, 8, 10), date(2026, 9, 20))


def test_christmas_that_began_last_year_is_still_quiet_in_january() -> None:
    found = quiet_periods(MUNICIPALITY, Audience.GENERAL, "08", date(2027, 1, 5), date(2027, 1, 31))
    assert [period.key for period in found] == ["quiet_jul"]


# Whose books are closed, and when councils decide


@pytest.mark.parametrize(
    ("kind", "last"),
    [
        (BodyKind.MUNICIPALITY, date(2027, 2, 28)),
        (BodyKind.REGION, date(2027, 2, 28)),
        (BodyKind.STATE, date(2027, 2, 22)),
        (BodyKind.UNIVERSITY, date(2027, 2, 22)),
    ],
)
def test_who_keeps_the_books_is_left_alone_while_they_are_closed(
    kind: BodyKind, last: date
) -> None:
    found = year_of(2027, kind, Audience.FINANCE)["quiet_bokslut"]
    assert (found.start, found.end) == (date(2027, 1, 7), last)
    assert "quiet_bokslut" not in year_of(2027, kind)


def test_new_politicians_are_left_alone_until_march_after_an_election() -> None:
    years = [
        year
        for year in range(2026, 2034)
        if "quiet_nya_namnder" in year_of(year, audience=Audience.POLITICAL)
    ]
    assert years == [2027, 2031]
    assert "quiet_nya_namnder" not in year_of(2027)


def test_politicians_are_left_alone_in_the_week_before_the_council_decides() -> None:
    june = Practice(MUNICIPALITY, DecisionPractice.JUNE)
    usual = quiet_periods(
        MUNICIPALITY, Audience.POLITICAL, "08", date(2027, 1, 1), date(2028, 12, 31)
    )
    (weeks,) = (
        period
        for period in quiet_at(usual, (), Audience.POLITICAL, june, [2028])
        if period.key == "quiet_decision"
    )
    assert (weeks.start, weeks.end) == (date(2027, 5, 25), date(2027, 6, 30))
    assert weeks.certainty is Certainty.TYPICAL
    assert quiet_at(usual, (), Audience.GENERAL, june, [2028]) == usual


def test_a_break_of_its_own_replaces_the_county_s_for_schools_alone() -> None:
    own = own_break(SchoolBreak.WINTER, date(2027, 2, 15), date(2027, 2, 21), "https://alvik.se")
    june = Practice(MUNICIPALITY, DecisionPractice.JUNE)

    def breaks(audience: Audience) -> list[tuple[date, date]]:
        usual = quiet_periods(MUNICIPALITY, audience, "14", date(2027, 1, 1), date(2028, 12, 31))
        return [
            (period.start, period.end)
            for period in quiet_at(usual, [own], audience, june, [])
            if period.key == "quiet_sportlov"
        ]

    assert breaks(Audience.SCHOOL) == [
        (date(2027, 2, 15), date(2027, 2, 21)),  # the week that it has itself
        (date(2028, 2, 14), date(2028, 3, 12)),  # the next year the county's weeks again
    ]
    assert breaks(Audience.GENERAL) == []
    with pytest.raises(ValueError, match="before it starts"):
        own_break(SchoolBreak.AUTUMN, date(2027, 11, 2), date(2027, 11, 1), "")


# Moving days


def test_a_contact_in_the_summer_waits_until_after_it() -> None:
    quiet = quiet_periods(
        MUNICIPALITY, Audience.GENERAL, "08", date(2027, 6, 1), date(2027, 12, 31)
    )
    day, passed = OpenDays(quiet).first(date(2027, 7, 1))
    assert day == date(2027, 8, 16)
    assert [reason.key for reason in passed] == ["quiet_sommar"]


def test_overlapping_periods_are_passed_one_after_the_other() -> None:
    quiet = quiet_periods(MUNICIPALITY, Audience.SCHOOL, "08", date(2027, 5, 1), date(2027, 12, 31))
    day, passed = OpenDays(quiet).first(date(2027, 5, 20))
    assert day == date(2027, 9, 8)
    assert [reason.key for reason in passed] == [
        "quiet_betyg",
        "quiet_sommarlov",
        "quiet_lasarsstart",
    ]


def test_a_contact_that_cannot_wait_goes_before_the_quiet() -> None:
    quiet = quiet_periods(
        MUNICIPALITY, Audience.GENERAL, "08", date(2027, 1, 1), date(2027, 12, 31)
    )
    day, passed = OpenDays(quiet).last_before(date(2027, 7, 1))
    assert day == date(2027, 6, 18)
    assert [reason.key for reason in passed] == ["quiet_sommar", "weekend"]


def test_weekends_holidays_and_squeeze_days_are_reasons_too() -> None:
    day, passed = NO_QUIET.first(date(2027, 5, 6))
    assert day == date(2027, 5, 10)
    assert [reason.name_en for reason in passed] == ["Ascension Day", "Squeeze day", "Weekend"]
    assert [reason.name_sv for reason in passed] == ["Kristi himmelsfärdsdag", "Klämdag", "Helg"]


@pytest.mark.parametrize(
    ("eve", "moved_to", "reason"),
    [
        (date(2027, 1, 5), date(2027, 1, 7), "Dagen före trettondedag jul"),
        (date(2027, 3, 25), date(2027, 3, 30), "Dagen före långfredagen"),
        (date(2027, 4, 30), date(2027, 5, 3), "Dagen före första maj"),
        (date(2027, 5, 5), date(2027, 5, 10), "Dagen före Kristi himmelsfärdsdag"),
        (date(2027, 11, 5), date(2027, 11, 8), "Dagen före alla helgons dag"),
        (date(2029, 6, 5), date(2029, 6, 7), "Dagen före nationaldagen"),
    ],
)
def test_nobody_is_contacted_on_an_eve_yet_promises_are_kept_then(
    eve: date, moved_to: date, reason: str
) -> None:
    day, passed = NO_QUIET.first(eve)
    assert day == moved_to
    assert passed[0].name_sv == reason
    assert deadline_day(eve) == (eve, None)


def test_a_day_that_is_open_stands() -> None:
    assert NO_QUIET.first(date(2026, 11, 23)) == (date(2026, 11, 23), ())
    assert NO_QUIET.last_before(date(2026, 11, 23)) == (date(2026, 11, 23), ())
    assert deadline_day(date(2026, 11, 23)) == (date(2026, 11, 23), None)


@pytest.mark.parametrize(
    ("wanted", "moved_to", "reason"),
    [
        pytest.param(date(2026, 11, 22), date(2026, 11, 20), "Weekend", id="Sunday"),
        pytest.param(date(2026, 12, 24), date(2026, 12, 23), "Christmas Eve", id="an eve"),
        pytest.param(date(2027, 5, 7), date(2027, 5, 5), "Squeeze day", id="a squeeze day"),
        pytest.param(date(2027, 1, 1), date(2026, 12, 30), "New Year's Day", id="over New Year"),
    ],
)
def test_a_deadline_of_ours_moves_back(wanted: date, moved_to: date, reason: str) -> None:
    day, why = deadline_day(wanted)
    assert day == moved_to
    assert why is not None
    assert why.name_en == reason


def test_a_quiet_period_of_our_own_counts_and_cannot_end_before_it_starts() -> None:
    conference = own_quiet(date(2026, 11, 23), date(2026, 11, 25), "Konferens")
    found = OpenDays([conference]).first(date(2026, 11, 23))
    assert found == (date(2026, 11, 26), (conference,))
    with pytest.raises(ValueError, match="before it starts"):
        own_quiet(date(2026, 11, 25), date(2026, 11, 23), "Konferens")


@given(DAYS, st.sampled_from(list(BodyKind)), st.sampled_from(list(Audience)), COUNTIES)
def test_a_contact_never_moves_earlier_and_always_ends_on_an_open_day(
    wanted: date, kind: BodyKind, audience: Audience, county: str | None
) -> None:
    reach = timedelta(days=400)
    quiet = quiet_periods(kind, audience, county, wanted - reach, wanted + reach)
    forward, passed = OpenDays(quiet).first(wanted)
    back, _ = OpenDays(quiet).last_before(wanted)
    assert back <= wanted <= forward
    for day in (back, forward):
        assert is_office_day(day)
        assert not any(period.covers(day) for period in quiet)
    assert bool(passed) == (forward != wanted)
    assert len(set(passed)) == len(passed)


@given(DAYS)
def test_a_deadline_never_moves_later_and_always_ends_on_a_working_day(wanted: date) -> None:
    day, reason = deadline_day(wanted)
    assert day <= wanted
    assert is_working_day(day)
    assert (reason is None) == (day == wanted)


@given(DAYS, st.lists(st.tuples(DAYS, st.integers(0, 4000)), max_size=6))
def test_periods_are_found_by_day_however_long_they_are(
    day: date, made: list[tuple[date, int]]
) -> None:
    periods = [own_quiet(start, start + timedelta(days=length), "Eget") for start, length in made]
    days = OpenDays(periods)
    assert set(days.covering(day)) == {period for period in periods if period.covers(day)}
    change = days.next_change(day)
    here = set(days.covering(day))
    if change is None:
        assert not here
        return
    assert change > day
    assert set(days.covering(change - timedelta(days=1))) == here
    assert set(days.covering(change)) != here
