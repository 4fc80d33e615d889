"""The pages of prices: edited, worked out, kept, refused in a clear sentence."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.core import clock
from crm.pricing import queries
from crm.pricing.models import CasePricing, PriceLine, PriceList
from crm.rules.access import Role
from crm.rules.pricing import Rung
from tests.factories import pricing as make
from tests.pricing.conftest import Shop

AsUser = Callable[..., Any]
SPACE = "\N{NO-BREAK SPACE}"


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def size(shop: Shop, version: str, **changes: Any) -> dict[str, Any]:
    return {
        "product": shop.product.id,
        "users": 8,
        "units": 3,
        "units_all": 14,
        "inhabitants": 13_700,
        "term_years": 2,
        "option_years": 2,
        "with_services": "y",
        "starts_on": "2027-01-01",
        "chosen": "one_unit",
        "version": version,
        **changes,
    }


# --- The lists ----------------------------------------------------------------------------------


def test_a_list_is_begun_filled_and_published(
    as_user: AsUser, shop: Shop, session: Session
) -> None:
    founder = as_user(Role.FOUNDER)
    session.commit()
    there = founder.post("/pricing/lists").location
    page = text(founder, f"{there}/lines/new")
    line = {
        "product": shop.product.id,
        "name": "Support",
        "kind": "per_unit",
        "amount": "1 250,50",
        "vat": 25,
        "tiers": "10: 1 000\n50 : 900,25 kr",
        "once": hidden(page, "once"),
    }
    assert founder.post(f"{there}/lines/new", data=line).status_code == 303
    assert founder.post(f"{there}/lines/new", data=line).status_code == 303  # once only
    made = session.query(PriceLine).filter_by(name="Support").one()
    assert (made.amount_ore, made.tiers) == (125_050, [[10, 100_000], [50, 90_025]])
    assert "10: 1000\n50: 900,25" in text(founder, f"/pricing/lines/{made.id}/edit")
    page = text(founder, f"{there}/publish")
    answer = founder.post(
        f"{there}/publish",
        data={"valid_from": "2031-01-01", "note": "Höjt", "version": hidden(page, "version")},
    )
    assert answer.status_code == 303
    draft = session.query(PriceList).filter_by(number=2).one()
    assert draft.valid_from == date(2031, 1, 1) and draft.published_at is not None
    page = text(founder, there)
    assert "Gäller från 1 jan. 2031" in page and "/edit" not in page


@pytest.mark.parametrize(
    "field,typed,sentence",
    [
        ("amount", "-5", "Ett belopp kan inte vara negativt."),
        ("amount", "12 EUR", "Belopp skrivs i svenska kronor."),
        ("amount", "999999999", "Det är mer än 100 miljoner kronor. Stämmer det?"),
        ("amount", "1000000000000000", "Det är mer än hundra miljarder kronor."),
        ("tiers", "tio: 95", "Rad 1: skriv från vilket antal"),
        ("tiers", "10: 95\n5: 90", "Antalen måste stiga från rad till rad."),
        ("tiers", "10: 9999", "Ett större antal kan inte kosta mer styck."),
        ("tiers", "10: 9999999999", "Rad 1: talet är för stort."),
        ("vat", "17", "Not a valid choice"),
        ("name", "", "Detta behövs"),
    ],
)
def test_bad_prices_are_refused_in_a_sentence_and_kept(
    as_user: AsUser, shop: Shop, session: Session, field: str, typed: str, sentence: str
) -> None:
    founder = as_user(Role.FOUNDER)
    draft = make.draft_list(shop.product, now=clock.now())
    session.commit()
    address = f"/pricing/lists/{draft.id}/lines/new"
    before = session.query(PriceLine).count()
    line = {
        "product": shop.product.id,
        "name": "Support",
        "kind": "per_unit",
        "amount": "1250",
        "vat": 25,
        "tiers": "",
        "once": hidden(text(founder, address), "once"),
    }
    answer = founder.post(address, data={**line, field: typed})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page or field in {"vat", "name"}
    assert "Support" in page or field == "name"
    assert typed.split("\n")[0] in page
    assert session.query(PriceLine).count() == before


def test_a_rep_reads_the_list_and_alters_nothing(
    as_user: AsUser, shop: Shop, session: Session
) -> None:
    draft = make.draft_list(shop.product, now=clock.now())
    session.commit()
    rep = as_user(Role.REP)
    assert "Licens" in text(rep, f"/pricing/lists/{draft.id}")
    assert rep.get(f"/pricing/lists/{draft.id}/lines/new").status_code == 403
    assert rep.post("/pricing/lists").status_code == 403


# --- The ladder ---------------------------------------------------------------------------------


def test_the_ladder_is_worked_out_from_one_form_and_the_choice_kept(
    as_user: AsUser, shop: Shop, session: Session
) -> None:
    manager = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    address = f"/pricing/cases/{shop.case.id}"
    page = text(manager, address)
    assert 'id="scenario"' in page
    # Figures that were not saved never stand beside a ladder counted from others.
    assert "data-draft=" not in page.partition('id="scenario"')[2].partition(">")[0]
    version = hidden(page, "version")
    assert version == "0"
    assert manager.post(address, data=size(shop, version)).status_code == 303
    page = text(manager, address).replace(SPACE, " ")
    for figure in ("1 200 kr", "43 500 kr", "120 500 kr", "280 000 kr", "75 000 kr"):
        assert figure in page
    assert "Från 8 användare kostar en hel enhet mindre per år." in page
    assert "Från 8 enheter kostar hela organisationen mindre per år." in page
    assert "LOU 5 kap. 3 §" in page and "Varje rad avrundas till hela öre" in page
    kept = session.get_one(CasePricing, shop.case.id)
    assert kept.chosen is Rung.ONE_UNIT
    assert manager.post(address, data=size(shop, "0", users=9)).status_code == 409  # stale


@pytest.mark.parametrize(
    "changes,sentence",
    [
        ({"users": "0"}, "1"),
        ({"users": "-4"}, "1"),
        ({"users": "99999999999999999999"}, "99999999999999999999"),
        ({"units": "20"}, "Enheterna är färre totalt än i steget Flera enheter."),
        ({"term_years": "400"}, "400"),
        ({"starts_on": "i övermorgon kanske"}, "i övermorgon kanske"),
    ],
)
def test_an_absurd_size_is_refused_and_nothing_lost(
    as_user: AsUser, shop: Shop, session: Session, changes: dict[str, str], sentence: str
) -> None:
    manager = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    answer = manager.post(f"/pricing/cases/{shop.case.id}", data=size(shop, "0", **changes))
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert sentence in page and "error-summary" in page and 'value="13700"' in page
    assert session.get(CasePricing, shop.case.id) is None


def test_a_case_in_trial_says_what_the_smallest_purchase_is(
    as_user: AsUser, shop: Shop, session: Session
) -> None:
    rep = as_user(Role.REP)
    session.commit()
    said = text(rep, f"/cases/{shop.case.id}").replace(SPACE, " ")
    assert "Minsta möjliga köp: 9 000 kr per år" in said
    assert "kvar under gränsen" in said
    page = text(rep, f"/pricing/cases/{shop.case.id}/smallest").replace(SPACE, " ")
    assert "Direktupphandling" in page and "700 000 kr" in page
    assert "Ni kan börja i liten skala med Läsverktyget" in page
    assert "Det är kommunen som avgör hur köpet görs" in page
    rep.user.language = "en"
    session.commit()
    page = text(rep, f"/pricing/cases/{shop.case.id}/smallest")
    assert "Left under the limit" in page
    assert "Ni kan börja i liten skala med Läsverktyget" in page  # Swedish for the champion


@pytest.mark.one_database
def test_what_can_be_called_off_is_not_told_as_a_direct_award(
    as_user: AsUser, shop: Shop, session: Session
) -> None:
    shop.case.has_framework = True
    session.commit()
    page = text(as_user(Role.REP), f"/pricing/cases/{shop.case.id}/smallest")
    assert "Avrop på fasta villkor" in page and "Ni har ett ramavtal" in page
    assert "kan normalt köpas utan annonsering" not in page


def test_without_a_price_list_the_pages_say_what_to_do(
    as_user: AsUser, shop: Shop, session: Session
) -> None:
    shop.price_list.valid_from = clock.today() + timedelta(days=1)
    session.commit()
    rep = as_user(Role.REP)
    for page in ("", "/smallest", "/upgrade", "/sheets"):
        assert "En prislista som gäller i dag" in text(rep, f"/pricing/cases/{shop.case.id}{page}")
    assert "Minsta möjliga köp" not in text(rep, f"/cases/{shop.case.id}")


# --- From units to all --------------------------------------------------------------------------


@pytest.mark.one_database
def test_what_a_unit_pays_by_its_contract_is_taken_off(
    as_user: AsUser, shop: Shop, session: Session
) -> None:
    manager = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    address = f"/pricing/cases/{shop.case.id}"
    manager.post(address, data=size(shop, "0"))
    assert "har inget av våra med någon enhet" in text(manager, f"{address}/upgrade")
    contract = make.pays(
        shop.school, 7_300, date(2026, 7, 1), date(2027, 6, 30), today=date(2026, 7, 1)
    )
    session.commit()
    page = text(manager, f"{address}/upgrade").replace(SPACE, " ")
    assert "3 620 kr" in page and "56 380 kr" in page and ">181<" in page
    assert f"/contracts/{contract.id}" in page
    contract.ends_on, contract.open_ended, contract.runs_until = None, True, None
    make.pays(shop.school, 100, date(2026, 9, 1), None, today=date(2026, 9, 1))
    session.commit()
    page = text(manager, f"{address}/upgrade").replace(SPACE, " ")
    assert "tills vidare" in page and "sägs upp när det nya avtalet börjar" in page
    assert "båda räknas" in page


def test_a_page_costs_no_more_than_it_may(
    as_user: AsUser, shop: Shop, session: Session, count_queries: Any
) -> None:
    manager = as_user(Role.ACCOUNT_MANAGER)
    for number in range(3):
        first = date(2027 + number, 1, 1)
        make.pays(shop.school, 100, first, first + timedelta(days=364))
        until = clock.today() + timedelta(days=9)
        make.share(shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now())
    session.commit()
    ident = shop.case.id
    for address in (
        "/pricing",
        f"/pricing/lists/{shop.price_list.id}",
        f"/pricing/cases/{ident}",
        f"/pricing/cases/{ident}/smallest",
        f"/pricing/cases/{ident}/upgrade",
        f"/pricing/cases/{ident}/sheets",
    ):
        session.expire_all()
        with count_queries() as counted:
            text(manager, address)
        assert counted.number <= 12, address
    assert queries.sheets(1).total == 3
