"""Whose budget is where in its year, and how sure that is."""

import csv
import re
from datetime import date, timedelta
from importlib.resources import files
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    Phase,
    PhaseOverride,
    PhaseRole,
    Practice,
    calendar,
    current_phases,
    decision,
    default_practice,
    door,
    internal_budget,
    legal_limits,
    next_window,
    phase_keys,
    phases,
    practices_for,
    school_year,
    template,
)
from crm.rules.certainty import Certainty, weakest
from crm.rules.elections import is_election_year
from crm.rules.practices import load_practices

HULTSFRED = load_practices()[BodyKind.MUNICIPALITY, "0860"]
REGION_KALMAR = load_practices()[BodyKind.REGION, "08"]
TODAY = date(2026, 11, 23)

KNOWN = [(kind, month) for kind in BodyKind for month in practices_for(kind)[:-1]]
PRACTICES = st.one_of(
    st.sampled_from([Practice(kind, month) for kind in BodyKind for month in DecisionPractice]),
    st.sampled_from(list(load_practices().values())),
)
YEARS = st.integers(2020, 2060)
DAYS = st.dates(date(2020, 1, 1), date(2060, 12, 31))


def practice(month: DecisionPractice, kind: BodyKind = BodyKind.MUNICIPALITY) -> Practice:
    return Practice(kind, month)


def phase(found: Phase | None) -> Phase:
    assert found is not None
    return found


def keyed(of: Practice, budget_year: int) -> dict[str, Phase]:
    return {found.key: found for found in phases(of, budget_year)}


def dates(found: Phase | None) -> tuple[date, date]:
    return phase(found).start, phase(found).end


# The worked example of budget-cycles.md, part 7: Hultsfred on 23 November 2026.


def test_hultsfreds_budget_for_2027_is_being_adopted_by_the_new_council() -> None:
    now = {found.key: found for found in current_phases(HULTSFRED, TODAY)}
    adopting = now["ey_budget_nya_fullmaktige"]
    assert adopting.budget_year == 2027
    assert adopting.election_variant
    assert adopting.certainty is Certainty.LAW
    assert phase(decision(HULTSFRED, 2027)) == adopting
    limits = {found.key: found.end for found in legal_limits(BodyKind.MUNICIPALITY, 2027)}
    assert limits["kf_budget_lagfrist"] == date(2026, 11, 30)
    assert limits["kf_budget_undantag_december"] == date(2026, 12, 31)


def test_hultsfreds_unit_may_be_asked_about_2027_in_late_january() -> None:
    assert phase(internal_budget(HULTSFRED, 2027)).covers(date(2027, 1, 28))


def test_hultsfreds_next_door_is_the_spring_of_2027_for_the_budget_of_2028() -> None:
    window = next_window(HULTSFRED, TODAY)
    assert window is not None
    assert window.budget_year == 2028
    assert not window.is_open
    assert (window.opens, window.closes) == (date(2027, 3, 1), date(2027, 4, 30))
    assert date(2027, 1, 15) <= window.opens - timedelta(weeks=6) <= date(2027, 2, 28)


def test_hultsfreds_year_leads_to_money_on_new_years_day_2028() -> None:
    year = keyed(HULTSFRED, 2028)
    assert (year["omvarldsanalys"].start, year["omvarldsanalys"].end) == (
        date(2027, 1, 1),
        date(2027, 2, 28),
    )
    assert dates(decision(HULTSFRED, 2028)) == (date(2027, 6, 1), date(2027, 6, 30))
    assert phase(internal_budget(HULTSFRED, 2028)).start == date(2027, 8, 15)
    assert year["budgetar_start"].start == date(2028, 1, 1)


def test_the_same_need_in_region_kalmar_is_described_from_spring_to_september() -> None:
    window = next_window(REGION_KALMAR, TODAY)
    assert window is not None
    assert window.budget_year == 2028
    assert window.opens <= date(2027, 5, 1) < date(2027, 9, 1) <= window.closes


# The calendars


@pytest.mark.parametrize(
    ("month", "hand_in", "decides"),
    [
        (DecisionPractice.JUNE, (date(2027, 3, 1), date(2027, 4, 30)), 6),
        (DecisionPractice.SEPTEMBER, (date(2027, 5, 1), date(2027, 6, 30)), 9),
        (DecisionPractice.OCTOBER, (date(2027, 6, 1), date(2027, 8, 31)), 10),
        (DecisionPractice.NOVEMBER, (date(2027, 6, 1), date(2027, 9, 30)), 11),
        (DecisionPractice.DECEMBER, (date(2027, 6, 1), date(2027, 9, 30)), 12),
    ],
)
def test_each_municipal_calendar_has_its_door_and_its_decision(
    month: DecisionPractice, hand_in: tuple[date, date], decides: int
) -> None:
    assert dates(door(practice(month), 2028)) == hand_in
    assert phase(decision(practice(month), 2028)).start == date(2027, decides, 1)


@pytest.mark.parametrize(("kind", "month"), KNOWN)
@pytest.mark.parametrize("budget_year", [2027, 2028, 2031, 2032])
def test_the_door_closes_before_the_decision_and_the_money_comes_after(
    kind: BodyKind, month: DecisionPractice, budget_year: int
) -> None:
    of = practice(month, kind)
    opens, decides = phase(door(of, budget_year)), phase(decision(of, budget_year))
    assert opens.end < decides.end
    assert phase(internal_budget(of, budget_year)).end >= opens.end
    assert decides.end < date(budget_year, 1, 1)


@pytest.mark.parametrize("kind", list(BodyKind))
def test_an_unknown_practice_has_no_window_only_the_law(kind: BodyKind) -> None:
    of = practice(DecisionPractice.UNKNOWN, kind)
    for budget_year in (2027, 2028):
        assert door(of, budget_year) is None
        assert decision(of, budget_year) is None
        assert internal_budget(of, budget_year) is None
    assert next_window(of, TODAY) is None
    assert not of.is_known


def test_legal_limits_are_shown_only_where_nothing_better_is_known() -> None:
    known = {found.role for found in phases(practice(DecisionPractice.JUNE), 2028)}
    unknown = keyed(practice(DecisionPractice.UNKNOWN), 2028)
    assert PhaseRole.LEGAL_LIMIT not in known
    assert unknown["kf_budget_lagfrist"].end == date(2027, 11, 30)
    assert unknown["kf_budget_lagfrist"].certainty is Certainty.LAW
    assert unknown["kf_budget_lagfrist"].law == "KL 11 kap. 10 § 1 st"
    assert legal_limits(BodyKind.OTHER, 2028) == ()


def test_a_calendar_of_another_kind_of_body_counts_as_unknown() -> None:
    assert door(practice(DecisionPractice.STATE), 2028) is None
    assert door(practice(DecisionPractice.JUNE, BodyKind.STATE), 2028) is None


def test_only_authorities_and_universities_have_a_calendar_without_being_asked() -> None:
    assumed = {kind: default_practice(kind).decision for kind in BodyKind}
    assert assumed == {
        BodyKind.MUNICIPALITY: DecisionPractice.UNKNOWN,
        BodyKind.REGION: DecisionPractice.UNKNOWN,
        BodyKind.STATE: DecisionPractice.STATE,
        BodyKind.UNIVERSITY: DecisionPractice.UNIVERSITY,
        BodyKind.OTHER: DecisionPractice.UNKNOWN,
    }


# Election years


@pytest.mark.parametrize("budget_year", [2027, 2031])
@pytest.mark.parametrize(
    "month", [DecisionPractice.JUNE, DecisionPractice.SEPTEMBER, DecisionPractice.OCTOBER]
)
@pytest.mark.parametrize("kind", [BodyKind.MUNICIPALITY, BodyKind.REGION])
def test_after_an_election_the_new_council_decides(
    kind: BodyKind, month: DecisionPractice, budget_year: int
) -> None:
    found = phase(decision(practice(month, kind), budget_year))
    assert found.key == "ey_budget_nya_fullmaktige"
    assert found.election_variant
    assert (found.start, found.end) == (
        date(budget_year - 1, 10, 15),
        date(budget_year - 1, 12, 31),
    )
    keys = keyed(practice(month, kind), budget_year)
    assert not {"kf_budgetbeslut", "rf_budgetbeslut", "hostavstamning"} & keys.keys()


@pytest.mark.parametrize("budget_year", [2027, 2031])
def test_june_becomes_a_direction_before_an_election(budget_year: int) -> None:
    june = keyed(practice(DecisionPractice.JUNE), budget_year)["ey_inriktningsbeslut"]
    assert (june.start, june.end) == (date(budget_year - 1, 6, 1), date(budget_year - 1, 6, 30))
    assert june.role is PhaseRole.ELECTION
    for other in (DecisionPractice.SEPTEMBER, DecisionPractice.NOVEMBER):
        assert "ey_inriktningsbeslut" not in keyed(practice(other), budget_year)


@pytest.mark.parametrize("month", [DecisionPractice.NOVEMBER, DecisionPractice.DECEMBER])
def test_late_bodies_keep_their_month_after_an_election(month: DecisionPractice) -> None:
    after, ordinary = (phase(decision(practice(month), year)) for year in (2027, 2028))
    assert after.start.replace(year=2027) == ordinary.start
    assert not after.election_variant


def test_new_committees_take_office_in_january_after_an_election() -> None:
    for kind in (BodyKind.MUNICIPALITY, BodyKind.REGION):
        for month in (DecisionPractice.JUNE, DecisionPractice.NOVEMBER, DecisionPractice.UNKNOWN):
            years = {
                budget_year: keyed(practice(month, kind), budget_year)
                for budget_year in range(2026, 2033)
            }
            with_new = {year for year, found in years.items() if "ey_nya_namnder" in found}
            assert with_new == {2027, 2031}
            assert years[2027]["ey_nya_namnder"].start == date(2027, 1, 1)
            assert years[2027]["ey_nytt_fullmaktige"].start == date(2026, 10, 15)


def test_a_body_may_have_its_own_custom_in_election_years() -> None:
    skane = load_practices()[BodyKind.REGION, "12"]
    assert dates(decision(skane, 2027)) == (date(2026, 12, 1), date(2026, 12, 31))
    assert phase(decision(skane, 2027)).certainty is Certainty.PUBLISHED
    assert phase(decision(skane, 2028)).start.month == 6
    own = Practice(BodyKind.MUNICIPALITY, DecisionPractice.OCTOBER, election_decision_month=10)
    assert dates(decision(own, 2027)) == (date(2026, 10, 15), date(2026, 10, 31))


def test_a_new_council_cannot_adopt_before_it_exists() -> None:
    with pytest.raises(ValueError, match="October to December"):
        Practice(BodyKind.REGION, DecisionPractice.JUNE, election_decision_month=6)


def test_the_internal_budget_waits_for_the_new_council() -> None:
    after = phase(internal_budget(practice(DecisionPractice.JUNE), 2027))
    assert (after.start, after.end) == (date(2026, 11, 15), date(2027, 1, 31))
    assert after.election_variant
    assert phase(internal_budget(practice(DecisionPractice.JUNE), 2028)).start.month == 8


@pytest.mark.parametrize(
    ("budget_year", "key", "last_day"),
    [
        (2027, "ey_budgetproposition", date(2026, 11, 15)),
        (2028, "budgetproposition", date(2027, 9, 20)),
        (2031, "ey_budgetproposition", date(2030, 11, 15)),
    ],
)
def test_the_budget_bill_is_late_after_an_election(
    budget_year: int, key: str, last_day: date
) -> None:
    state = keyed(practice(DecisionPractice.STATE, BodyKind.STATE), budget_year)
    assert state[key].end == last_day
    assert len({"budgetproposition", "ey_budgetproposition"} & state.keys()) == 1
    assert len({"rambeslut", "ey_rambeslut"} & state.keys()) == 1


@given(PRACTICES, YEARS)
def test_election_rows_appear_only_after_elections(of: Practice, budget_year: int) -> None:
    if not is_election_year(budget_year - 1):
        assert not any(found.election_variant for found in phases(of, budget_year))


# Own dates


def test_a_body_s_own_dates_replace_the_typical_ones() -> None:
    own = PhaseOverride("namndens_budgetunderlag", 2, 10, 3, 5, source_url="https://example.se/t")
    of = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, overrides=(own,))
    found = phase(door(of, 2028))
    assert (found.start, found.end) == (date(2027, 2, 10), date(2027, 3, 5))
    assert found.certainty is Certainty.CONFIRMED
    assert found.source == "https://example.se/t"


def test_dates_of_one_year_win_over_dates_of_every_year() -> None:
    every = PhaseOverride("kf_budgetbeslut", 6, 1, 6, 20)
    once = PhaseOverride("kf_budgetbeslut", 6, 14, 6, 14, budget_year=2028)
    for order in ((every, once), (once, every)):
        of = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, overrides=order)
        assert dates(decision(of, 2028)) == (date(2027, 6, 14), date(2027, 6, 14))
        assert dates(decision(of, 2029)) == (date(2028, 6, 1), date(2028, 6, 20))


def test_own_dates_may_cross_the_new_year_or_another_year() -> None:
    own = PhaseOverride("namndens_budgetunderlag", 12, 1, 1, 31, year_offset=-2)
    of = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, overrides=(own,))
    assert dates(door(of, 2028)) == (date(2026, 12, 1), date(2027, 1, 31))


def test_a_leap_day_is_the_28th_in_other_years() -> None:
    own = PhaseOverride("namndens_budgetunderlag", 2, 29, 2, 29)
    of = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, overrides=(own,))
    assert dates(door(of, 2029)) == (date(2028, 2, 29), date(2028, 2, 29))
    assert dates(door(of, 2030)) == (date(2029, 2, 28), date(2029, 2, 28))


def test_a_day_no_year_has_is_refused() -> None:
    with pytest.raises(ValueError, match="day"):
        PhaseOverride("namndens_budgetunderlag", 2, 30, 3, 1)


def test_the_phases_a_body_may_date_itself_are_listed_in_both_languages() -> None:
    keys = {key: (sv, en) for key, sv, en in phase_keys(HULTSFRED)}
    assert keys["kf_budgetbeslut"][1] == "Council decides the budget"
    assert "ey_budget_nya_fullmaktige" in keys
    assert "kf_budget_lagfrist" not in keys


# Certainty


def test_a_guessed_practice_makes_no_phase_surer_than_a_guess() -> None:
    guessed = Practice(BodyKind.MUNICIPALITY, DecisionPractice.NOVEMBER, Certainty.GUESSED)
    assert phase(door(guessed, 2028)).certainty is Certainty.GUESSED
    assert phase(decision(guessed, 2028)).certainty is Certainty.GUESSED
    assert keyed(guessed, 2028)["budgetar_start"].certainty is Certainty.LAW


def test_certainty_runs_from_the_law_to_a_guess() -> None:
    assert weakest(Certainty.LAW, Certainty.TYPICAL, Certainty.PUBLISHED) is Certainty.TYPICAL
    assert Certainty.PUBLISHED.is_at_least(Certainty.CONFIRMED)
    assert Certainty.CONFIRMED.is_at_least(Certainty.REPORTED)  # hearsay of them is less sure
    assert Certainty.REPORTED.is_at_least(Certainty.TYPICAL)  # and tells of them, not of others
    assert not Certainty.GUESSED.is_at_least(Certainty.TYPICAL)


# Properties


@given(PRACTICES, YEARS)
def test_every_phase_ends_on_or_after_its_first_day_and_they_stand_in_order(
    of: Practice, budget_year: int
) -> None:
    found = phases(of, budget_year)
    assert all(one.start <= one.end for one in found)
    assert all(one.start <= two.start for one, two in pairwise(found))
    assert len({one.key for one in found}) == len(found)
    assert not any("quiet_" in one.key for one in found)


@given(PRACTICES, DAYS, st.integers(0, 500))
def test_the_next_window_only_moves_forward_as_the_days_pass(
    of: Practice, today: date, later: int
) -> None:
    now, then = next_window(of, today), next_window(of, today + timedelta(days=later))
    if now is None or then is None:
        assert now is then
        return
    assert now.opens <= then.opens
    assert now.closes >= today
    assert now.is_open == (now.opens <= today)
    assert now.closes - today < timedelta(days=3 * 366)


@given(PRACTICES, DAYS, st.integers(0, 800))
def test_the_calendar_holds_each_phase_that_touches_the_days(
    of: Practice, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    found = set(calendar(of, first, last))
    everything = (one for year in range(first.year - 4, last.year + 5) for one in phases(of, year))
    assert found == {one for one in everything if one.start <= last and one.end >= first}


# The template


def test_every_row_speaks_both_languages_and_names_its_source() -> None:
    for row in template():
        assert all((row.name_sv, row.name_en, row.advice_sv, row.advice_en)), row.key
        assert all((row.avoid_sv, row.avoid_en, row.source)), row.key
        assert row.advice_sv != row.advice_en, row.key
        assert not row.statutory or row.law, row.key


def test_a_row_supported_by_no_page_is_called_a_guess() -> None:
    for row in template():
        if row.source.startswith("unconfirmed"):
            assert row.certainty is Certainty.GUESSED, row.key


def test_the_school_s_own_year_lies_over_its_municipality_s() -> None:
    found = school_year(date(2026, 11, 23), date(2027, 11, 22))
    starts = {one.key: one.start for one in found}
    assert starts["pilot_var"] == date(2027, 1, 20)
    assert starts["inkop_infor_lasar"] == date(2027, 4, 15)
    assert starts["rektors_enhetsbudget"] == date(2026, 12, 15)
    assert not any(one.key.startswith("quiet_") for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)


FIXED_BY_THE_CALENDAR = re.compile(
    "quiet_|ey_|budgetar_start|arsslut|arsredovisning|bokslut|regleringsbrev|kopstopp"
)
TIMES_OF_THE_YEAR = re.compile(
    r"\b(januari|februari|mars|april|maj|juni|juli|augusti|september|oktober|november|december"
    r"|midsommar|våren|hösten|January|February|March|April|May|June|July|August|September|October"
    r"|November|December|midsummer|spring|autumn)\b"
)


def test_advice_names_no_time_of_the_year_that_a_body_may_have_moved():
    text = files("crm.rules").joinpath("data/budget_phases.csv").read_text(encoding="utf-8")
    columns = ("advice_sv", "what_a_vendor_should_do", "avoid_sv", "what_not_to_do")
    named = [
        (row["body_kind"], row["phase_key"], row[column])
        for row in csv.DictReader(text.splitlines())
        if row["body_kind"] != "skola" and not FIXED_BY_THE_CALENDAR.match(row["phase_key"])
        for column in columns
        if TIMES_OF_THE_YEAR.search(row[column])
    ]
    assert named == []
