"""What the pages of a procurement say of the law: its terms, limits, standstill, review, routes."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.cases import queries as cases
from crm.cases.models import Case, CaseProduct, Product
from crm.core import clock
from crm.law.models import LawValueChange
from crm.organisations.models import Organisation
from crm.procurements import operations, queries
from crm.procurements.models import Procurement
from crm.rules.access import Role
from crm.rules.calendar import next_working_day
from crm.rules.contracts import ContractKind
from crm.rules.floors import floor
from crm.rules.kinds import OrganisationKind
from crm.rules.law.explained import Confidence
from crm.rules.law.terms import AuthorityKind, Channel, Court, Law, ObjectKind
from crm.rules.law.values import ValueKey
from crm.rules.routes import Route, StageKey
from crm.rules.stages import CaseState, Outcome
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.pricing import publish_list
from tests.factories.procurements import make_procurement
from tests.support.sessions import user_with

AsUser = Callable[..., Any]
KRONA = 100


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"))


@pytest.fixture
def case(unit: Organisation) -> Case:
    return make_case(unit, "Läsverktyg")


@pytest.fixture
def procurement(unit: Organisation, case: Case) -> Procurement:
    return make_procurement(unit, case=case, today=clock.today(), now=clock.now())


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def version_on(page: str) -> str:
    found = re.search(r'name="version"[^>]*value="(\d+)"', page)
    assert found is not None
    return found[1]


def awarded(unit: Organisation, sent: date, **values: Any) -> Procurement:
    """One whose award decision was sent on the day."""
    today = clock.today()
    begins = today - timedelta(days=350)
    found = make_procurement(unit, "Ordbok", begins_on=begins, today=today, now=clock.now())
    plan = queries.plan_that_holds(found.id)
    assert plan is not None
    milestone = queries.milestone_of(plan, StageKey.STANDSTILL)
    operations.reach(plan, milestone, sent, by=None, today=today, now=clock.now())
    for name, value in values.items():
        setattr(found, name, value)
    return found


def test_what_it_is_under_the_law_is_saved_and_kept_when_refused(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{procurement.id}/edit"
    page = text(client, address)
    assert 'value="FL"' not in page  # nothing is bought under förvaltningslagen
    sent = {
        "title": "Läsverktyg",
        "value": "900 000",
        "law": "LUF",
        "object_kind": "works",
        "urgent": "y",
        "award_channel": "other",
        "standstill_until": "2031-03-14",
        "prior_notice_on": "2026-03-02",
        "no_agreement": "y",
        "informed_on": "2026-05-04",
        "version": version_on(page),
    }
    refused = client.post(address, data=sent | {"standstill_until": "i höst, kanske"})
    assert refused.status_code == 422
    assert 'value="i höst, kanske"' in refused.get_data(as_text=True)
    assert client.post(address, data=sent | {"law": "FL"}).status_code == 422
    both = client.post(address, data=sent | {"tender_agreed_on": "2027-03-01"})
    assert both.status_code == 422 and "inte båda" in both.get_data(as_text=True)
    assert client.post(address, data=sent).status_code == 303
    session.expire_all()
    found = queries.get(procurement.id)
    assert (found.law, found.object_kind) == (Law.LUF, ObjectKind.WORKS)
    assert (found.electronic, found.urgent) == (False, True)
    assert found.award_channel is Channel.OTHER
    assert found.standstill_until == date(2031, 3, 14)
    assert (found.prior_notice_on, found.informed_on) == (date(2026, 3, 2), date(2026, 5, 4))
    assert (found.documents_online, found.no_agreement) == (False, True)
    asked = queries.terms_of(found, found.body)
    assert asked.prior_notice_sent == date(2026, 3, 2) and asked.no_agreement


def test_the_kind_of_authority_follows_from_the_body(
    procurement: Procurement, session: Session
) -> None:
    body = session.get_one(Organisation, procurement.body_id)
    assert queries.terms_of(procurement, body).authority is AuthorityKind.OTHER
    body.kind = OrganisationKind.UNIVERSITY
    assert queries.terms_of(procurement, body).authority is AuthorityKind.STATE
    session.rollback()


def test_the_value_stands_beside_the_limits_with_the_steps(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    procurement.value_ore = 900_000 * KRONA
    session.commit()
    page = text(as_user(Role.VIEWER), f"/procurements/{procurement.id}")
    words = re.sub(r"\s+", " ", page.replace("\xa0", " "))
    assert "Vad lagen säger" in words and "Så räknades det" in words
    assert "Värdet ligger 200 000 kr över." in words
    assert "LOU 19 a kap. 2 §" in words and "LOU 5 kap. 5 §" in words


def test_an_administrator_s_correction_counts_and_a_past_call_keeps_its_figure(
    as_user: AsUser, unit: Organisation, procurement: Procurement, session: Session
) -> None:
    today = clock.today()
    past = make_procurement(
        unit, "Förra", begins_on=today - timedelta(days=900), today=today, now=clock.now()
    )
    plan = queries.plan_that_holds(past.id)
    assert plan is not None
    sent = queries.milestone_of(plan, StageKey.MARKET)
    operations.reach(plan, sent, sent.planned_on, by=None, today=today, now=clock.now())
    session.add(
        LawValueChange(
            key=ValueKey.DIRECT_AWARD,
            law=Law.LOU,
            authority="",
            objects="goods_services_works",
            valid_from=today - timedelta(days=30),
            value=800_000,
            source="SFS 2026:1",
            confidence=Confidence.CONFIRMED,
            note="Ny gräns",
            version=1,
            withdrawn=False,
            changed_at=clock.now(),
        )
    )
    session.commit()
    client = as_user(Role.REP)
    assert "800\xa0000\xa0kr" in text(client, f"/procurements/{procurement.id}")
    before = text(client, f"/procurements/{past.id}")
    assert "700\xa0000\xa0kr" in before and "800\xa0000\xa0kr" not in before


def test_after_the_award_the_first_day_of_signing_is_counted_down(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    sent = clock.today() - timedelta(days=2)
    found = awarded(unit, sent)
    session.commit()
    page = text(as_user(Role.REP), f"/procurements/{found.id}")
    earliest = floor(Route.OPEN, StageKey.STANDSTILL, sent).day
    assert earliest is not None
    signing = str(next_working_day(earliest).day)
    assert "Efter beslutet" in page
    assert re.search(rf"Avtalet kan tecknas tidigast \w+ {signing} ", page)
    stated = awarded(unit, sent, standstill_until=clock.today() + timedelta(days=40))
    session.commit()
    page = text(as_user(Role.REP), f"/procurements/{stated.id}")
    assert "Myndigheten har angett en längre" in page


def test_before_the_award_nothing_is_counted_down(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    assert "Efter beslutet" not in text(as_user(Role.REP), f"/procurements/{procurement.id}")


def test_a_review_moves_the_signing_as_a_range_and_a_ruling_ends_it(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    today = clock.today()
    found = awarded(unit, today - timedelta(days=8))
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{found.id}/review"
    since = str(today - timedelta(days=1))
    sent = {
        "since": since,
        "court": "forvaltningsratt",
        "version": version_on(text(client, address)),
    }
    assert client.post(address, data=sent).status_code == 303
    page = text(client, f"/procurements/{found.id}")
    assert "Under överprövning i Förvaltningsrätten" in page
    assert "En överprövning tar vanligen 60 dagar, från 30 till 130." in page
    assert "milestones/rollout/move?to=" not in page  # it has moved along by itself
    session.expire_all()
    plan = queries.plan_that_holds(found.id)
    assert plan is not None
    for row in plan.milestones[-3:]:
        row.planned_on = today  # as it stood before a review moved what is to come
    session.commit()
    page = text(client, f"/procurements/{found.id}")
    move = re.search(r'href="([^"]*milestones/rollout/move\?to=[^"]+)"', page)
    assert move is not None
    to = re.search(r"to=(\d{4}-\d\d-\d\d)", move[1])
    assert to is not None and f'value="{to[1]}"' in text(client, move[1])

    sent["version"] = version_on(text(client, address))
    ruling = {"ruled_on": since, "ruling_sent_on": str(today)}
    assert client.post(address, data=sent | ruling).status_code == 303
    page = text(client, f"/procurements/{found.id}")
    assert "En överprövning tar vanligen" not in page and "Efter avgörandet" in page
    decided = {"waived": "y", "lifted": "y", "version": version_on(text(client, address))}
    assert client.post(address, data=sent | ruling | decided).status_code == 303
    session.expire_all()
    kept = queries.get(found.id)
    assert (kept.ruling_waived, kept.review_lifted, kept.review_interim) == (True, True, False)


@pytest.mark.one_database
def test_when_a_review_is_gone_what_it_moved_can_go_back(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    today = clock.today()
    found = awarded(unit, today - timedelta(days=8))
    plan = queries.plan_that_holds(found.id)
    assert plan is not None
    stood = {row.stage: row.planned_on for row in plan.milestones}
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{found.id}/review"

    def send(**typed: str) -> Any:
        version = version_on(text(client, address))
        return client.post(address, data={"court": "kammarratt", "version": version, **typed})

    assert send(since=str(today)).location.endswith(f"/procurements/{found.id}")
    assert client.get(f"{address}/back").status_code == 303  # not while there is one

    def signing() -> Any:
        session.expire_all()
        plan = queries.plan_that_holds(found.id)
        assert plan is not None
        return queries.milestone_of(plan, StageKey.SIGNING)

    later = signing().planned_on
    assert later > stood[StageKey.SIGNING]

    choice = send(since="").location
    assert choice.endswith(f"{address}/back")
    assert signing().planned_on == later  # a choice, and nothing by itself
    assert f'href="{address}/back"' in text(client, address)
    page = text(client, choice)
    data = {"version": version_on(page), "reason": "Ansökan återkallades"}
    assert client.post(choice, data=data | {"reason": " "}).status_code == 422
    assert client.post(choice, data=data).status_code == 303
    session.expire_all()
    again = queries.plan_that_holds(found.id)
    assert again is not None
    assert {row.stage: row.planned_on for row in again.milestones} == stood
    assert "Ansökan återkallades" in text(client, f"/procurements/{found.id}")
    moved = len(signing().moves)
    assert client.post(choice, data=data).status_code == 303  # the second of two clicks
    assert len(signing().moves) == moved


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ruled_on": "2020-01-07"}, "Avgörandet kommer före överprövningen."),
        ({"ruling_sent_on": "2026-01-07"}, "Ett avgörande skickas inte ut innan"),
        ({"court": "tingsratten"}, ""),
        ({"waived": "y"}, "Bara ett avgörande kan säga"),
    ],
)
def test_an_impossible_review_is_refused(
    as_user: AsUser, unit: Organisation, session: Session, typed: dict[str, str], sentence: str
) -> None:
    found = awarded(unit, clock.today() - timedelta(days=8))
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{found.id}/review"
    sent = {"since": str(clock.today()), "court": "kammarratt"}
    version = version_on(text(client, address))
    answer = client.post(address, data=sent | typed | {"version": version})
    assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
    session.expire_all()
    kept = queries.get(found.id)
    assert kept.under_review_since is None and kept.review_court is Court.FORVALTNINGSRATT


def test_routes_are_compared_for_a_case(
    as_user: AsUser, case: Case, procurement: Procurement, session: Session
) -> None:
    procurement.value_ore = 900_000 * KRONA
    session.commit()
    page = text(as_user(Role.VIEWER), f"/procurements/compare/{case.id}")
    for words in ("Direktupphandling", "Öppet förfarande", "värdet är för stort", "planen"):
        assert words in page
    assert f"/procurements/compare/{case.id}" in text(as_user(Role.VIEWER), f"/cases/{case.id}")


def test_routes_are_compared_for_a_case_without_a_procurement(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    alone = make_case(unit, "Ordbok")
    session.commit()
    page = text(as_user(Role.VIEWER), f"/procurements/compare/{alone.id}")
    assert "Selektivt förfarande" in page and "värdet är för stort" not in page
    assert as_user(Role.VIEWER).get("/procurements/compare/99999").status_code == 404


def test_the_plan_page_tells_the_first_signing_and_use_as_ranges(
    as_user: AsUser, case: Case, session: Session
) -> None:
    session.commit()
    day = clock.today() + timedelta(days=900)
    page = text(as_user(Role.VIEWER), f"/procurements/plan/{case.id}?in_use_on={day}")
    for words in (
        "Om det börjar i dag",
        "Första signering",
        "Öppet för dialog (RFI)",
        "Tecknat senast",
    ):
        assert words in page


def test_an_urgent_procurement_is_laid_out_by_the_urgent_floor(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{procurement.id}/route?route=open"
    assert "LOU 11 kap. 10 §" not in text(client, address)
    procurement.urgent = True
    session.commit()
    assert "LOU 11 kap. 10 §" in text(client, address)


def won(unit: Organisation, title: str, kronor: int | None, **values: Any) -> Case:
    """A case that we won, closed a while ago."""
    case = make_case(unit, title, value_ore=None if kronor is None else kronor * KRONA)
    case.state, case.outcome = CaseState.CLOSED, Outcome.WON
    case.closed_on = clock.today() - timedelta(days=60)
    for name, value in values.items():
        setattr(case, name, value)
    return case


def test_a_contract_takes_the_place_of_the_win_it_came_of(
    as_user: AsUser, case: Case, unit: Organisation, session: Session
) -> None:
    today = clock.today()
    mine = {"kind": ContractKind.OWN, "today": today, "now": clock.now(), "signed_on": today}
    ends = today + timedelta(days=300)
    make_contract(unit, "Ett avtal", value_ore=200_000 * KRONA, ends_on=ends, **mine)
    of_a_win = won(unit, "Vunnet med avtal", 900_000)
    make_contract(
        unit, "Avtalet av det", case=of_a_win, value_ore=100_000 * KRONA, ends_on=ends, **mine
    )
    make_contract(unit, "Andras", today=today, now=clock.now(), value_ore=400_000 * KRONA)
    session.commit()
    found = {one.sale.title: one for one in queries.sales_beside(cases.get(case.id))}
    assert set(found) == {"Ett avtal", "Avtalet av det"}
    assert all(one.contract_id and not one.case_id for one in found.values())
    page = text(as_user(Role.VIEWER), f"/procurements/headroom/{case.id}").replace("\xa0", " ")
    assert f"/contracts/{found['Ett avtal'].contract_id}" in page
    assert "300 000 kr" in page


def test_the_room_is_told_alone_and_beside_what_was_bought(
    as_user: AsUser, case: Case, unit: Organisation, session: Session
) -> None:
    won(unit, "Skolbibliotek", 250_000)
    won(unit, "Talsyntes", None)
    won(make_unit(make_municipality("Kalmar")), "Annan kommun", 400_000)
    make_procurement(
        unit, case=won(unit, "Upphandlat", 900_000), today=clock.today(), now=clock.now()
    )
    session.commit()
    client = as_user(Role.VIEWER)
    address = f"/procurements/headroom/{case.id}"
    page = text(client, f"{address}?amount=450+000").replace("\xa0", " ")
    assert "<strong>449 999 kr</strong>" in page and "699 999 kr" in page
    assert "Ett till, vars värde inte är känt, är inte med." in page
    assert "inte direktupphandlat" in page and "Annan kommun" not in page
    assert "700 000 kr" in page  # together they reach the limit, and the limit itself is too much
    assert page.index("Får direktupphandlas") < page.index("Ska annonseras (19 kap.)")
    assert address in text(client, f"/cases/{case.id}")
    refused = client.get(f"{address}?amount=mycket")
    assert refused.status_code == 422 and 'value="mycket"' in refused.get_data(as_text=True)


def test_other_products_are_another_area(
    as_user: AsUser, case: Case, unit: Organisation, session: Session
) -> None:
    ours, other = Product(name="Läsverktyg", retired=False), Product(name="Ordbok", retired=False)
    session.add_all([ours, other])
    session.flush()
    session.add(CaseProduct(case_id=case.id, product_id=ours.id))
    same, apart = won(unit, "Samma produkt", 100_000), won(unit, "En annan produkt", 100_000)
    won(unit, "Ingen produkt angiven", 100_000)
    session.add(CaseProduct(case_id=same.id, product_id=ours.id))
    session.add(CaseProduct(case_id=apart.id, product_id=other.id))
    session.commit()
    page = text(as_user(Role.VIEWER), f"/procurements/headroom/{case.id}")
    assert "Samma produkt" in page and "Ingen produkt angiven" in page
    assert "En annan produkt" not in page


def test_where_no_figure_is_known_none_is_shown(
    as_user: AsUser, case: Case, procurement: Procurement, session: Session
) -> None:
    procurement.law = Law.LUFS
    procurement.object_kind = ObjectKind.CONCESSION
    session.commit()
    page = text(as_user(Role.VIEWER), f"/procurements/headroom/{case.id}")
    assert "Inget belopp är känt för den här lagen och dagen." in page


@pytest.mark.one_database
def test_each_step_of_the_ladder_is_held_against_the_limit(
    as_user: AsUser, unit: Organisation, case: Case, session: Session
) -> None:
    """D3: the smallest steps fit beside what was bought; the whole body does not."""
    product = Product(name="Läsverktyg för alla", retired=False)
    session.add(product)
    session.flush()
    publish_list(product, user_with(Role.FOUNDER), valid_from=clock.today(), now=clock.now())
    session.add(CaseProduct(case_id=case.id, product_id=product.id))
    make_contract(
        unit,
        "Förra årets licenser",
        kind=ContractKind.OWN,
        product_id=product.id,
        signed_on=clock.today() - timedelta(days=90),
        ends_on=clock.today() + timedelta(days=200),
        value_ore=690_000 * KRONA,
    )
    session.commit()
    address = f"/procurements/headroom/{case.id}"
    page = text(as_user(Role.VIEWER), address)
    table = page[page.index("Pristrappan mot gränsen") :]
    table = table[: table.index("</table>")]
    assert "En användare" in table and "Hela organisationen" in table
    assert table.count("inte känt") >= 4
    rows = table.split("<tr")[2:]
    assert rows[0].count("pill-good") == 2 and rows[-1].count("pill-good") == 1  # alone
    step = re.search(r'amount=(\d+)"', table)
    assert step is not None
    assert f'value="{step[1]}"' in text(as_user(Role.VIEWER), f"{address}?amount={step[1]}")


@pytest.mark.one_database
def test_a_value_too_large_for_the_route_is_said_on_the_page_and_before_the_change(
    as_user: AsUser, procurement: Procurement, session: Session
) -> None:
    procurement.value_ore = 3_000_000 * KRONA
    session.commit()
    client, here = as_user(Role.ACCOUNT_MANAGER), f"/procurements/{procurement.id}"
    day = (clock.today() + timedelta(days=30)).isoformat()
    looked = f"{here}/route?begins_on={day}&route="
    assert "för stort för den här vägen" in text(client, looked + "below_threshold")
    assert "för stort" not in text(client, looked + "open")
    page = text(client, looked + "below_threshold")
    sent = {"route": "below_threshold", "begins_on": day, "version": version_on(page)}
    assert client.post(f"{here}/route", data=sent).status_code == 303
    assert "för stort för den här vägen" in text(client, here)


def test_a_review_after_its_last_day_is_said_to_be_late(
    as_user: AsUser, unit: Organisation, session: Session
) -> None:
    today = clock.today()
    found = awarded(unit, today - timedelta(days=40))
    session.commit()
    client = as_user(Role.REP)
    address = f"/procurements/{found.id}"
    sent = {"since": str(today), "court": "forvaltningsratt"}
    sent["version"] = version_on(text(client, f"{address}/review"))
    assert client.post(f"{address}/review", data=sent).status_code == 303
    assert "Ansökan om överprövning är sen: sista dagen var" in text(client, address)
    sent["version"] = version_on(text(client, f"{address}/review"))
    sent["since"] = str(today - timedelta(days=35))
    assert client.post(f"{address}/review", data=sent).status_code == 303
    assert "Ansökan om överprövning är sen" not in text(client, address)
