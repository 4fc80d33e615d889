"""Contacts put off together keep the distance that the planner keeps (R14, S21)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.pace import too_near
from crm.rules.placing import ONE_ASK
from crm.rules.reminder_rules import Offset
from crm.rules.spreading import Contact, distances, first_free

SIX_WEEKS = Offset(days=42)
DAY = date(2027, 6, 21)


def same(day: date) -> date:
    return day


@pytest.mark.parametrize(
    ("other", "pace", "free"),
    [
        (Contact(1, case_id=5, person_id=7), SIX_WEEKS, DAY + timedelta(days=42)),
        (Contact(1, case_id=5, person_id=7), None, DAY + timedelta(days=21)),
        (Contact(1, case_id=5, person_id=8), SIX_WEEKS, DAY + timedelta(days=21)),
        (Contact(2, case_id=6, person_id=7), SIX_WEEKS, DAY + timedelta(days=42)),
        (Contact(1, case_id=6, person_id=8), SIX_WEEKS, DAY),
        (Contact(1), SIX_WEEKS, DAY),
    ],
)
def test_by_person_and_by_case(other: Contact, pace: Offset | None, free: date) -> None:
    assert first_free(Contact(1, 5, 7), DAY, [(other, DAY)], pace, same) == free


def test_those_of_a_place_alone_wait_for_each_other() -> None:
    taken = [(Contact(1), DAY)]
    assert first_free(Contact(1), DAY, taken, SIX_WEEKS, same) == ONE_ASK.from_day(DAY)
    assert first_free(Contact(2), DAY, taken, SIX_WEEKS, same) == DAY


@given(
    st.lists(
        st.tuples(
            st.builds(
                Contact,
                st.integers(1, 2),
                st.none() | st.integers(1, 2),
                st.none() | st.integers(1, 2),
            ),
            st.integers(0, 400),
        ),
        max_size=12,
    )
)
def test_however_many_none_is_too_near_and_none_comes_earlier(
    found: list[tuple[Contact, int]],
) -> None:
    taken: list[tuple[Contact, date]] = []
    for contact, ahead in found:
        wanted = DAY + timedelta(days=ahead)
        day = first_free(contact, wanted, taken, SIX_WEEKS, same)
        assert day >= wanted
        for other, on in taken:
            for apart in distances(contact, other, SIX_WEEKS):
                assert not too_near(on, day, apart)
        taken.append((contact, day))
