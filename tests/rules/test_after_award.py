"""A review moves the signing as a range, by its usual lengths and the ten days after a ruling."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.after_award import review_length, signing_under_review
from crm.rules.calendar import is_working_day
from crm.rules.floors import LegalTerms
from crm.rules.law.terms import Court, Law

FIRST, SECOND = Court.FORVALTNINGSRATT, Court.KAMMARRATT
SINCE = date(2027, 1, 11)
DAYS = st.dates(date(2026, 1, 1), date(2036, 12, 31))


def test_the_usual_lengths_and_ten_days_after_the_ruling() -> None:
    """30 days to 10 February, ten to Saturday the 20th and so Monday the 22nd: sign on Tuesday.

    60 days to Friday 12 March, ten to Monday the 22nd. 130 days to Friday 21 May, ten to the 31st.
    """
    found = signing_under_review(LegalTerms(), SINCE, FIRST, SINCE)
    assert found is not None
    assert found.fast == date(2027, 2, 23)
    assert found.usual == date(2027, 3, 23)
    assert found.slow == date(2027, 6, 1)


def test_a_second_court_takes_longer_and_of_the_last_nothing_is_promised() -> None:
    first, second = review_length(FIRST), review_length(SECOND)
    assert first is not None and second is not None
    assert (second.short, second.usual, second.long) == (190, 220, 290)
    assert review_length(Court.HFD) is None
    assert signing_under_review(LegalTerms(), SINCE, Court.HFD, SINCE) is None
    assert signing_under_review(LegalTerms(law=Law.LUFS), SINCE, FIRST, SINCE) is None


@given(DAYS, st.sampled_from([FIRST, SECOND]), st.integers(0, 500))
def test_a_signing_under_review_is_to_come_and_on_a_working_day(
    since: date, court: Court, later: int
) -> None:
    today = since + timedelta(days=later)
    found = signing_under_review(LegalTerms(), since, court, today)
    assert found is not None
    assert today + timedelta(days=10) < found.fast <= found.usual <= found.slow
    assert all(is_working_day(day) for day in (found.fast, found.usual, found.slow))
