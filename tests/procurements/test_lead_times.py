"""Lead times, the likely signing and the forecast tried: from the database to the page (H5)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from flask import g
from sqlalchemy.orm import Session

from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.clock import STOCKHOLM
from crm.organisations.models import Organisation
from crm.procurements import forecasts, history, operations, queries
from crm.procurements.models import Procurement
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind
from crm.rules.lead_times import Basis, Leg, leg_curve
from crm.rules.milestones import lay_out
from crm.rules.quiet import NO_QUIET
from crm.rules.routes import Duration, Route, StageKey
from crm.rules.stages import AdoptionStage, Outcome, ProcurementStage
from tests.factories.cases import make_case
from tests.factories.law import make_lead_time
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.procurements import make_procurement

AsUser = Callable[..., Any]
TODAY = clock.today()
STATEMENTS = 12


def at(day: date) -> datetime:
    return datetime.combine(day, time(10), STOCKHOLM)


@pytest.fixture
def body(app: Any) -> Organisation:
    return make_municipality("Hultsfred")


def go_by_plan(
    procurement: Procurement, *, until: StageKey = StageKey.IN_USE, slip: int = 0
) -> None:
    """Each milestone ticked off, one after the other, so many days after it was first planned."""
    plan = queries.plan_that_holds(procurement.id)
    assert plan is not None
    for row in plan.milestones:
        day = row.first_planned_on + timedelta(days=slip)
        operations.reach(plan, row, day, by=None, today=day, now=at(day))
        if row.stage is until:
            return


def signed(body: Organisation, number: int, *, slip: int = 0, route: Route = Route.OPEN) -> None:
    """One of three years ago, a month apart, that is in use since long."""
    begins = TODAY - timedelta(days=1000 - 10 * number)
    made = make_procurement(
        body, f"Nr {number}", route=route, begins_on=begins, today=begins, now=at(begins)
    )
    go_by_plan(made, slip=slip)


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return str(answer.get_data(as_text=True))


def test_five_that_are_over_say_how_long_it_takes(body: Organisation) -> None:
    """By hand over history, history over the usual; the law's floor under all of them."""
    for number in range(4):
        signed(body, number)
    held = history.lengths_held(body, Route.OPEN, TODAY)
    assert held[StageKey.NEEDS].basis is Basis.USUAL
    signed(body, 4)
    held = history.lengths_held(body, Route.OPEN, TODAY)
    assert (held[StageKey.NEEDS].basis, held[StageKey.NEEDS].ended) == (Basis.KIND, 5)
    assert 84 <= held[StageKey.NEEDS].duration.usual <= 90  # twelve weeks, and a holiday
    assert queries.lengths_for(body, Route.OPEN, TODAY).keys() == held.keys()
    typed = {StageKey.NEEDS: Duration(1, 2, 3)}
    make_lead_time(Route.OPEN, StageKey.NEEDS, Duration(1, 2, 3))
    assert history.lengths_held(body, Route.OPEN, TODAY)[StageKey.NEEDS].basis is Basis.KIND
    make_lead_time(Route.OPEN, StageKey.ROLLOUT, Duration(1, 2, 3))
    held = history.lengths_held(body, Route.OPEN, TODAY)[StageKey.ROLLOUT]
    assert held.basis is (Basis.KIND if held.ended else Basis.CORRECTED)
    operations.set_lengths(body, Route.OPEN, typed, note="", today=TODAY)
    held = history.lengths_held(body, Route.OPEN, TODAY)
    assert (held[StageKey.NEEDS].basis, held[StageKey.NEEDS].duration.usual) == (Basis.BODY, 2)
    assert held[StageKey.DIALOGUE].basis is Basis.KIND
    assert queries.lengths_for(body, Route.SELECTIVE, TODAY) == {}


def test_history_comes_without_what_was_filled_in(body: Organisation) -> None:
    """The award decision is ticked off, and nothing before it: only that stage is known to go on."""
    begins = TODAY - timedelta(days=600)
    made = make_procurement(body, begins_on=begins, today=begins, now=at(begins))
    plan = queries.plan_that_holds(made.id)
    assert plan is not None
    day = TODAY - timedelta(days=5)
    operations.reach(
        plan,
        queries.milestone_of(plan, StageKey.STANDSTILL),
        day,
        by=None,
        today=TODAY,
        now=clock.now(),
    )
    (found,) = history.followed(Route.OPEN)
    assert [stage for stage, _lasted in found.stages] == [StageKey.STANDSTILL]
    assert history.followed(Route.SELECTIVE) == []


def test_what_happened_stays_known_on_another_route(body: Organisation) -> None:
    made = make_procurement(
        body, begins_on=TODAY - timedelta(days=90), today=TODAY, now=clock.now()
    )
    go_by_plan(made, until=StageKey.NEEDS)

    laid = lay_out(Route.SELECTIVE, TODAY, NO_QUIET)
    operations.lay(made, Route.SELECTIVE, laid, by=None, today=TODAY, now=clock.now())
    plan = queries.plan_that_holds(made.id)
    assert plan is not None
    row = queries.milestone_of(plan, StageKey.NEEDS)
    assert (row.reached_on is not None, row.certainty) == (True, Certainty.CONFIRMED)


def test_one_is_forecast_as_all_are(body: Organisation) -> None:
    """The page of one and the list of many say the same, typed lengths and told days included."""
    for number in range(6):
        signed(body, number, slip=number)
    typed = {StageKey.EVALUATION: Duration(100, 110, 120)}
    operations.set_lengths(body, Route.OPEN, typed, note="", today=TODAY)
    made = make_procurement(body, begins_on=TODAY, today=TODAY, now=clock.now())
    elsewhere = make_municipality("Vetlanda")
    other = make_procurement(elsewhere, begins_on=TODAY, today=TODAY, now=clock.now())
    every = forecasts.of_all(today=TODAY)
    assert every.keys() == {made.id, other.id}
    for one, where in ((made, body), (other, elsewhere)):
        alone = forecasts.of(one.id, where, Route.OPEN, today=TODAY)
        assert alone.forecast == every[one.id]
    sooner = make_procurement(
        body, route=Route.OPTION, begins_on=TODAY, today=TODAY, now=clock.now()
    )
    assert forecasts.next_signings(today=TODAY) == {
        body.id: forecasts.of_all(today=TODAY)[sooner.id].signed,
        elsewhere.id: every[other.id].signed,
    }
    outlook = forecasts.of(made.id, body, Route.OPEN, today=TODAY)
    assert outlook.lengths[StageKey.EVALUATION].basis is Basis.BODY


def test_nothing_is_forecast_of_what_was_called_off_or_is_in_use(body: Organisation) -> None:
    signed(body, 1)
    gone = make_procurement(body, cancelled_on=TODAY, today=TODAY, now=clock.now())
    assert forecasts.of_all(today=TODAY) == {}
    assert forecasts.of(gone.id, body, Route.OPEN, today=TODAY).forecast is None


def test_a_review_shows_in_the_forecast(body: Organisation) -> None:
    begins = TODAY - timedelta(days=420)
    made = make_procurement(body, begins_on=begins, today=begins, now=at(begins))
    plan = queries.plan_that_holds(made.id)
    assert plan is not None
    row = queries.milestone_of(plan, StageKey.STANDSTILL)
    operations.reach(plan, row, TODAY - timedelta(days=5), by=None, today=TODAY, now=clock.now())
    before = forecasts.of(made.id, body, Route.OPEN, today=TODAY).forecast
    operations.review(made, TODAY, by=None, now=clock.now())
    after = forecasts.of(made.id, body, Route.OPEN, today=TODAY).forecast
    assert before is not None and before.signed is not None
    assert after is not None and after.signed is not None
    assert after.signed.early > before.signed.early + timedelta(days=14)
    sent = TODAY + timedelta(days=7)
    operations.review(made, TODAY, ruled_on=TODAY, ruling_sent_on=sent, by=None, now=clock.now())
    ruled = forecasts.of(made.id, body, Route.OPEN, today=TODAY).forecast
    assert ruled is not None and ruled.signed is not None
    assert sent + timedelta(days=10) < ruled.signed.early and ruled.signed.late < after.signed.late
    assert forecasts.of_all(today=TODAY)[made.id] == ruled


def test_a_case_from_the_first_contact_to_the_signature(
    session: Session, body: Organisation
) -> None:
    opened = TODAY - timedelta(days=400)
    case = make_case(make_unit(body), opened_on=opened, now=at(opened))
    steps: list[tuple[int, Callable[..., None], Any]] = [
        (300, cases.move_adoption, AdoptionStage.UNIT_PILOT),
        (250, cases.move_adoption, AdoptionStage.COLLEAGUES),  # back, and there again
        (240, cases.move_adoption, AdoptionStage.UNIT_PILOT),
        (200, cases.move_adoption, AdoptionStage.BUDGETED_NEED),
        (50, cases.move_procurement, ProcurementStage.SIGNED),
    ]
    for days_ago, move, stage in steps:
        move(case, stage, by=None, now=at(TODAY - timedelta(days=days_ago)))
    session.flush()
    (way,) = history.ways()
    assert [(way.lasted(leg).ended - way.lasted(leg).begun).days for leg in Leg] == [  # type: ignore[union-attr, operator]
        100,
        100,
        150,
        350,
    ]
    assert (way.kind, way.route) == (OrganisationKind.MUNICIPALITY, None)
    make_procurement(body, case=case, route=Route.OPTION, today=TODAY, now=clock.now())
    assert [way.route for way in history.ways()] == [Route.OPTION]


def test_a_case_that_was_won_is_signed_and_one_that_was_lost_is_not(
    session: Session, body: Organisation
) -> None:
    opened = TODAY - timedelta(days=100)
    for outcome in (Outcome.WON, Outcome.LOST):
        case = make_case(make_unit(body), outcome.value, opened_on=opened, now=at(opened))
        cases.close(case, outcome, reason="price", note="", by=None, today=TODAY, now=clock.now())
    session.flush()
    found = leg_curve(history.ways(), Leg.WHOLE, TODAY)
    assert (found.observed, found.ended) == (2, 1)


# --- Pages --------------------------------------------------------------------------------------


def test_before_anything_is_finished_the_usual_lengths_hold(
    as_user: AsUser, body: Organisation, session: Session
) -> None:
    session.commit()
    client = as_user(Role.FOUNDER)
    assert "De vanliga längderna gäller" in text(client, "/procurements/lead-times")
    assert "Inget avtal är tecknat än" in text(client, "/procurements/lead-times/held")


def test_four_are_not_told_and_five_are(
    as_user: AsUser, body: Organisation, session: Session
) -> None:
    for number in range(4):
        signed(body, number)
    session.commit()
    client = as_user(Role.REP)
    assert "färre än 5" in text(client, "/procurements/lead-times")
    signed(body, 4)
    session.commit()
    page = text(client, "/procurements/lead-times?route=open&kind=municipality")
    stages = page[page.index("Upphandlingarnas skeden") :]
    assert ">färre än 5<" not in stages and "Behovsanalys" in stages
    assert "De vanliga längderna" in text(client, "/procurements/lead-times?kind=region")
    assert "De vanliga längderna" in text(client, "/procurements/lead-times?route=option")
    assert "egen historik" in text(
        as_user(Role.FOUNDER), f"/procurements/lengths/open?organisation={body.id}"
    )


def test_the_file_has_the_figures_and_hides_what_is_too_little(
    as_user: AsUser, body: Organisation, session: Session
) -> None:
    for number in range(5):
        signed(body, number)
    signed(body, 5, route=Route.DIRECT_AWARD)
    session.commit()
    rows = text(as_user(Role.ACCOUNT_MANAGER), "/procurements/lead-times/export.csv").splitlines()
    needs = [row for row in rows if ";Behovsanalys;" in row]
    assert len(needs) == 4  # two routes, each for all kinds and for municipalities
    assert any(row.startswith("Direktupphandling;") and row.endswith(";;;;1;0") for row in needs)
    assert any(row.startswith("Öppet förfarande;Kommun;") and ";5;0" in row for row in needs)
    assert as_user(Role.VIEWER).get("/procurements/lead-times/export.csv").status_code == 403


def test_the_forecast_is_tried_on_what_is_signed(
    as_user: AsUser, body: Organisation, session: Session
) -> None:
    for number in range(5):
        signed(body, number, slip=10)
    session.commit()
    page = text(as_user(Role.REP), "/procurements/lead-times/held")
    assert page.count("5 av 5 inom spannet") == 4  # at plan and notice, of all and by route
    assert "100 %" in page
    assert "10 dagar senare" in page  # against the first plan


def test_what_is_too_few_to_tell_is_not_told_beside_it(
    as_user: AsUser, body: Organisation, session: Session
) -> None:
    for number in range(3):
        signed(body, number, slip=10)
    session.commit()
    page = text(as_user(Role.REP), "/procurements/lead-times/held")
    assert "färre än 5" in page and "inom spannet" not in page


def test_a_forecast_stands_on_both_pages(
    as_user: AsUser, body: Organisation, session: Session
) -> None:
    case: Case = make_case(make_unit(body))
    made = make_procurement(body, case=case, today=TODAY, now=clock.now())
    session.commit()
    client = as_user(Role.ACCOUNT_MANAGER)
    page = text(client, f"/procurements/{made.id}")
    sentence = page[page.index("Avtalet tecknas troligen mellan") :].split("<")[0]
    assert "i 8 fall av 10" in sentence
    assert sentence in text(client, f"/cases/{case.id}")
    operations.cancel(made, TODAY, by=None, now=clock.now())
    session.commit()
    assert "troligen" not in text(client, f"/procurements/{made.id}")


@pytest.mark.one_database
def test_a_length_that_own_history_gave_says_so_with_its_number(
    as_user: AsUser, body: Organisation, session: Session
) -> None:
    case: Case = make_case(make_unit(body))
    session.commit()
    client = as_user(Role.ACCOUNT_MANAGER)
    asked = f"/procurements/plan/{case.id}?in_use_on=2031-01-01"
    assert "Egen historik" not in text(client, asked)
    for number in range(8):
        signed(body, number)
    late = make_procurement(body, case=case, today=TODAY, now=clock.now())
    session.commit()
    assert "Egen historik" in text(client, asked) and "(n = 8)" in text(client, asked)
    assert "(n = 8)" in text(client, f"/procurements/{late.id}")


def test_no_page_asks_more_for_more(
    as_user: AsUser, body: Organisation, session: Session, count_queries: Any
) -> None:
    case = make_case(make_unit(body))
    made = make_procurement(body, case=case, today=TODAY, now=clock.now())
    client = as_user(Role.ACCOUNT_MANAGER)
    pages = (
        "/procurements",
        "/procurements/lead-times",
        "/procurements/lead-times/held",
        f"/procurements/{made.id}",
        f"/procurements/plan/{case.id}",
        f"/cases/{case.id}",
    )

    def counted() -> dict[str, int]:
        found = {}
        session.commit()
        for address in pages:
            client.get(address)
            g.pop("_login_user", None)
            with count_queries() as asked:
                answer = client.get(address)
            assert answer.status_code == 200 and len(answer.data) < 60_000
            g.pop("_login_user", None)
            found[address] = asked.number
        return found

    few = counted()
    for number in range(6):
        signed(make_municipality(f"Exempelby {number}"), number)
    many = counted()
    assert {page: (few[page], many[page]) for page in pages if many[page] > STATEMENTS} == {}
    assert {page: (few[page], many[page]) for page in pages if many[page] > few[page]} == {}
