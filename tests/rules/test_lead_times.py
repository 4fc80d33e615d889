"""What counts as history, which length holds where, and how a forecast is tried afterwards."""

from datetime import date, timedelta

import pytest

from crm.rules.certainty import Certainty
from crm.rules.forecast import Likely
from crm.rules.kinds import OrganisationKind
from crm.rules.lead_times import (
    Basis,
    Followed,
    History,
    Leg,
    Length,
    Mark,
    Moment,
    Tried,
    Way,
    back_test,
    leg_curve,
    lengths,
    share_held,
    slips,
)
from crm.rules.milestones import lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Duration, Lengths, Route, StageKey
from crm.rules.survival import Lasted

TODAY = date(2026, 11, 30)
KOMMUN, REGION = OrganisationKind.MUNICIPALITY, OrganisationKind.REGION


def followed(
    number: int = 1,
    *,
    begins: date = date(2024, 1, 8),
    own: Lengths | None = None,
    kind: OrganisationKind = KOMMUN,
    route: Route = Route.OPEN,
    until: StageKey = StageKey.IN_USE,
    slip: int = 0,
    **values: object,
) -> Followed:
    """One that went by its plan, `slip` days later throughout, as far as a stage."""
    marks, over = [], False
    for one in lay_out(route, begins, NO_QUIET, own=own):
        day = one.day + timedelta(days=slip)
        marks.append(Mark(one.stage, one.day, None if over else day, Certainty.CONFIRMED))
        over = over or one.stage is until
    return Followed(number, f"Nr {number}", route, kind, tuple(marks), **values)  # type: ignore[arg-type]


def days_of(one: Followed) -> dict[StageKey, int | None]:
    return {
        stage: (lasted.ended - lasted.begun).days if lasted.ended else None
        for stage, lasted in one.stages
    }


def test_each_stage_lasts_until_the_next_begins() -> None:
    found = days_of(followed())
    assert found[StageKey.NEEDS] == 85  # twelve weeks end on Easter Monday
    assert StageKey.IN_USE not in found
    assert None not in found.values()


def test_what_goes_on_has_no_end_and_what_is_to_come_no_beginning() -> None:
    found = days_of(followed(until=StageKey.MARKET))
    assert found[StageKey.MARKET] is None
    assert StageKey.EVALUATION not in found


def test_a_day_that_was_filled_in_is_no_observation() -> None:
    """The dialogue's day is an estimate: neither its own length nor the one before is known."""
    one = followed()
    marks = [
        Mark(mark.stage, mark.first_planned_on, mark.reached_on, Certainty.TYPICAL)
        if mark.stage is StageKey.DIALOGUE
        else mark
        for mark in one.marks
    ]
    found = days_of(Followed(1, "", one.route, one.kind, tuple(marks)))
    assert StageKey.NEEDS not in found and StageKey.DIALOGUE not in found
    assert StageKey.SPECIFICATION in found


def test_what_was_called_off_counts_until_then() -> None:
    one = followed(until=StageKey.NEEDS, dropped=date(2024, 2, 7))
    (only,) = History([one]).spans(Route.OPEN, StageKey.NEEDS, TODAY)
    assert (only.days, only.ended) == (30, False)


def test_the_kind_of_body_first_where_there_are_five() -> None:
    fast, slow = ({StageKey.NEEDS: Duration(days, days, days)} for days in (28, 280))
    history = History(
        [
            *(followed(n, own=fast, kind=REGION) for n in range(5)),
            *(followed(n, own=slow) for n in range(4)),
        ]
    )
    region = history.length(Route.OPEN, StageKey.NEEDS, TODAY, REGION)
    kommun = history.length(Route.OPEN, StageKey.NEEDS, TODAY, KOMMUN)
    assert region is not None and kommun is not None
    assert (region.basis, region.ended, region.duration.usual) == (Basis.KIND, 5, 28)
    assert (kommun.basis, kommun.ended) == (Basis.HISTORY, 9)
    assert (kommun.duration.short, kommun.duration.usual, kommun.duration.long) == (28, 28, 280)


def test_four_are_too_few() -> None:
    history = History([followed(n) for n in range(4)])
    assert history.length(Route.OPEN, StageKey.NEEDS, TODAY, KOMMUN) is None
    assert history.routes == [Route.OPEN]


def test_by_hand_then_history_then_what_is_corrected_then_the_usual() -> None:
    ours, body = ({StageKey.NEEDS: Duration(d, d, d)} for d in (10, 20))
    history = History([followed(n) for n in range(5)])
    args = (history, TODAY, KOMMUN)
    assert lengths(Route.OPEN, body, ours, *args)[StageKey.NEEDS].basis is Basis.BODY
    assert lengths(Route.OPEN, {}, ours, *args)[StageKey.NEEDS].basis is Basis.KIND
    few = (History([followed(n) for n in range(4)]), TODAY, KOMMUN)
    known = lengths(Route.OPEN, {}, ours, *few)[StageKey.NEEDS]
    assert (known.basis, known.duration) == (Basis.CORRECTED, Duration(10, 10, 10))
    assert lengths(Route.OPEN, {}, {}, *args)[StageKey.NEEDS].basis is Basis.KIND
    assert lengths(Route.SELECTIVE, {}, {}, *args)[StageKey.NEEDS].basis is Basis.USUAL


def test_the_way_of_a_case() -> None:
    contact, trial, decision, signed = (date(2025, month, 1) for month in (1, 3, 6, 12))
    way = Way(Route.OPEN, KOMMUN, contact, trial, decision, signed)
    assert way.lasted(Leg.TRIAL) == Lasted(contact, trial)
    assert way.lasted(Leg.DECISION) == Lasted(trial, decision)
    assert way.lasted(Leg.SIGNATURE) == Lasted(decision, signed)
    assert way.lasted(Leg.WHOLE) == Lasted(contact, signed)
    assert leg_curve([way] * 5, Leg.TRIAL, TODAY).median == 59


def test_a_case_that_left_a_step_out() -> None:
    """Signed without a trial: how long a trial takes to come, it does not say."""
    way = Way(None, KOMMUN, date(2025, 1, 1), signature=date(2025, 5, 1))
    assert [leg for leg in Leg if way.lasted(leg)] == [Leg.WHOLE]


def test_an_open_case_goes_on_and_a_lost_one_until_it_was_over() -> None:
    way = Way(None, KOMMUN, TODAY - timedelta(days=90))
    assert way.lasted(Leg.TRIAL) == Lasted(way.contact)
    found = leg_curve([way] * 5, Leg.TRIAL, TODAY)
    assert (found.observed, found.ended, found.median) == (5, 0, None)
    lost = Way(None, KOMMUN, date(2025, 1, 1), closed=date(2025, 3, 1))
    assert lost.lasted(Leg.WHOLE) == Lasted(date(2025, 1, 1), dropped=date(2025, 3, 1))
    assert lost.lasted(Leg.DECISION) is None


def test_the_slip_is_the_signings() -> None:
    found = slips([followed(n, slip=days) for n, days in enumerate((0, 10, 20, 30, 40))])
    assert (found.median, found.quartiles, found.observed) == (20, (10, 30), 5)
    assert slips([followed(until=StageKey.SIGNING)]).observed == 0


def test_an_option_is_signed_as_it_comes_into_use() -> None:
    one = followed(route=Route.OPTION)
    assert one.signed_on == one.marks[-1].reached_on


def test_a_usual_way_is_within_what_would_have_been_said() -> None:
    begins = date(2024, 1, 8)
    one = followed(laid=(Route.OPEN, begins, begins))
    at_notice, at_plan = sorted(
        back_test([one], lambda _kind: NO_QUIET), key=lambda tried: tried.moment
    )
    assert at_notice.moment is Moment.NOTICE and at_plan.moment is Moment.PLAN
    assert at_notice.held and at_plan.held
    assert at_notice.on == one.notice.known_on  # type: ignore[union-attr]
    width = [one.said.late - one.said.early for one in (at_notice, at_plan)]
    assert width[0] < width[1]


def test_a_way_of_four_years_is_not() -> None:
    long = {StageKey.EVALUATION: Duration(900, 900, 900)}
    assert [one.held for one in back_test([followed(own=long)], lambda _kind: NO_QUIET)] == [False]


def test_nothing_is_tried_before_it_is_signed() -> None:
    assert back_test([followed(until=StageKey.SIGNING)], lambda _kind: NO_QUIET) == []


def test_what_came_later_is_not_known_before() -> None:
    """The others evaluated in 900 days, but after this one's notice: its forecast is the same."""
    alone = followed(1)
    long = {StageKey.EVALUATION: Duration(900, 900, 900)}
    later = [followed(n, begins=date(2025, 6, 2), own=long) for n in range(2, 30)]
    earlier = [followed(n, begins=date(2019, 6, 3), own=long) for n in range(2, 30)]

    def of_the_first(others: list[Followed]) -> list[Tried]:
        return [one for one in back_test([alone, *others], lambda _kind: NO_QUIET) if one.id == 1]

    assert of_the_first(later) == of_the_first([])
    assert of_the_first(earlier) != of_the_first([])


@pytest.mark.parametrize(("held", "of", "percent"), [(4, 4, None), (4, 5, 80), (0, 6, 0)])
def test_a_share_of_fewer_than_five_is_not_told(held: int, of: int, percent: int | None) -> None:
    likely = Likely(date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1))
    results = [
        Tried(n, "", Route.OPEN, Moment.NOTICE, date(2025, 1, 1), likely, day)
        for n, day in enumerate([likely.late] * held + [date(2027, 1, 1)] * (of - held))
    ]
    found = share_held(results)
    assert (found.held, found.of, found.percent) == (held, of, percent)


@pytest.mark.parametrize(
    ("history", "rulebook", "days", "explained"),
    [
        (30, 60, 32, True),  # shorter than usual, and a quiet day or two
        (30, 60, 61, False),  # a plan from before there was a history keeps the rulebook's
        (90, 60, 91, True),
        (90, 60, 61, False),
        (60, 60, 60, True),
    ],
)
def test_a_stage_has_its_length_from_history_if_that_is_what_was_laid_out(
    history: int, rulebook: int, days: int, explained: bool
) -> None:
    length = Length(Duration(1, history, 400), Basis.HISTORY, 8)
    assert length.explains(days, Duration(1, rulebook, 400)) is explained
