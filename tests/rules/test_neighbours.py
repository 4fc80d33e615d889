"""A guess from the neighbours says how many they are and who, and never more than they do."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from crm.rules.budget_cycle import BodyKind, DecisionPractice, PhaseOverride, Practice
from crm.rules.neighbours import Neighbour, guess

DOOR = "namndens_budgetunderlag"
MUNICIPAL = [
    DecisionPractice.JUNE,
    DecisionPractice.OCTOBER,
    DecisionPractice.NOVEMBER,
    DecisionPractice.UNKNOWN,
]


def body(name, decision=DecisionPractice.JUNE, door=None):
    own = ()
    if door is not None:
        (month, day), (to_month, to_day) = door
        own = (PhaseOverride(DOOR, month, day, to_month, to_day),)
    return Neighbour(name, Practice(BodyKind.MUNICIPALITY, decision, overrides=own))


def test_the_most_common_practice_with_those_who_have_it():
    found = guess(
        [
            body("Borgholm"),
            body("Emmaboda"),
            body("Kalmar", DecisionPractice.NOVEMBER),
            body("Nybro", DecisionPractice.UNKNOWN),
        ],
        2028,
    )
    assert found.decision is DecisionPractice.JUNE
    assert found.agree == ("Borgholm", "Emmaboda")
    assert found.known == ("Borgholm", "Emmaboda", "Kalmar")
    assert found.phases == ()


def test_the_median_week_is_that_of_those_with_dates_of_their_own():
    found = guess(
        [
            body("A", door=((2, 1), (2, 28))),
            body("B", door=((2, 15), (3, 15))),
            body("C", door=((3, 1), (4, 15))),
            body("D"),
        ],
        2028,
    )
    (door,) = found.phases
    assert (door.start, door.end) == (date(2027, 2, 15), date(2027, 3, 21))
    assert door.of == ("A", "B", "C")


def test_a_tie_or_nobody_known_gives_no_guess():
    assert guess([], 2028) is None
    assert guess([body("A", DecisionPractice.UNKNOWN)], 2028) is None
    assert guess([body("A"), body("B", DecisionPractice.NOVEMBER)], 2028) is None


days = st.dates(date(2027, 1, 1), date(2027, 5, 31)).map(lambda day: (day.month, day.day))
bodies = st.lists(
    st.builds(
        lambda number, decision, door: body(f"Body {number}", decision, door),
        st.integers(0, 99),
        st.sampled_from(MUNICIPAL),
        st.none() | st.tuples(days, days).map(lambda pair: (min(pair), max(pair))),
    ),
    max_size=12,
)


@given(bodies, st.integers(2027, 2033))
def test_a_guess_lies_within_what_the_neighbours_have(neighbours, year):
    found = guess(neighbours, year)
    if found is None:
        return
    assert set(found.agree) <= set(found.known) <= {one.name for one in neighbours}
    for phase in found.phases:
        assert phase.of and phase.start <= phase.end
        assert phase.start.weekday() == 0 and phase.end.weekday() == 6
