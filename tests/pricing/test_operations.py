"""Price lists that stand once published, sheets that are frozen, and nobody who pays twice."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from crm.activities.models import Activity
from crm.cases import operations as case_operations
from crm.cases import queries as cases
from crm.cases.models import CaseProduct
from crm.core import clock
from crm.core.errors import RuleBroken
from crm.pricing import frozen, operations, queries
from crm.pricing.models import PriceList
from crm.procurements import queries as procurements
from crm.rules.contracts import OptionState
from crm.rules.headroom import headroom
from crm.rules.precision import add_months
from crm.rules.pricing import PriceKind, Rung, Scenario
from crm.rules.routes import Route
from crm.rules.stages import CaseState, Outcome
from tests.factories import pricing as make
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_unit
from tests.pricing.conftest import Shop

KR = 100


def known(shop: Shop) -> queries.Known:
    return queries.known(cases.get(shop.case.id), clock.today())


def test_a_published_list_is_never_altered(shop: Shop) -> None:
    line = shop.price_list.lines[0]
    facts = operations.LineFacts(shop.product.id, "Annat", PriceKind.PER_USER, 1, [], 25)
    for change in (
        lambda: operations.add_line(shop.price_list, facts),
        lambda: operations.change_line(line, facts),
        lambda: operations.remove_line(line),
        lambda: operations.publish(
            shop.price_list, clock.today(), "", by=shop.seller, now=clock.now()
        ),
    ):
        with pytest.raises(RuleBroken):
            change()
    assert line.name == "Licens"


@pytest.mark.parametrize("what", ["add", "change", "remove", "publish"])
def test_what_another_published_meanwhile_is_never_altered(
    shop: Shop, session: Session, what: str
) -> None:
    """The row in the database decides, and not what was read of it before."""
    draft = make.draft_list(shop.product)
    session.commit()
    draft = queries.price_list(draft.id)
    line = draft.lines[0]
    facts = operations.LineFacts(shop.product.id, "Annat", PriceKind.PER_USER, 1, [], 25)
    session.execute(  # as another connection does it: unseen by what has been read
        sa.update(PriceList)
        .where(PriceList.id == draft.id)
        .values(valid_from=clock.today(), published_at=clock.now(), version=PriceList.version + 1)
        .execution_options(synchronize_session=False, unaudited=True)
    )
    changes = {
        "add": lambda: operations.add_line(draft, facts),
        "change": lambda: operations.change_line(queries.line(line.id), facts),
        "remove": lambda: operations.remove_line(queries.line(line.id)),
        "publish": lambda: operations.publish(
            draft, clock.today(), "", by=shop.seller, now=clock.now()
        ),
    }
    with pytest.raises(RuleBroken, match=r"aldrig|never"):
        changes[what]()


def test_whoever_is_about_to_publish_is_told_that_a_price_is_another(
    shop: Shop, session: Session
) -> None:
    draft = make.draft_list(shop.product)
    session.commit()
    draft = queries.price_list(draft.id)
    seen, first, second = draft.version, draft.lines[0].id, draft.lines[1].id
    facts = operations.LineFacts(shop.product.id, "Annat", PriceKind.PER_USER, 1, [], 25)
    operations.change_line(queries.line(first), facts)
    session.commit()
    assert draft.version == seen + 1
    operations.remove_line(queries.line(second))
    session.commit()
    assert draft.version == seen + 2
    draft = queries.price_list(draft.id)
    session.execute(
        sa.update(PriceList)
        .where(PriceList.id == draft.id)
        .values(version=PriceList.version + 1)
        .execution_options(synchronize_session=False, unaudited=True)
    )
    with pytest.raises(StaleDataError):
        operations.publish(draft, clock.today(), "", by=shop.seller, now=clock.now())


def test_a_list_that_would_never_hold_is_not_published(shop: Shop) -> None:
    draft = make.draft_list(shop.product)
    before = clock.today() - timedelta(days=1)
    with pytest.raises(RuleBroken, match=r"Prislista 1|Price list 1"):
        operations.publish(draft, before, "", by=shop.seller, now=clock.now())
    assert draft.published_at is None
    operations.publish(draft, clock.today(), "", by=shop.seller, now=clock.now())
    assert known(shop).price_list is draft


def test_the_next_version_begins_as_the_last_and_there_is_one_draft(
    shop: Shop, session: Session
) -> None:
    draft = operations.begin_list(now=clock.now())
    session.refresh(draft, ["lines"])
    assert draft.number == 2
    assert [(one.name, one.kind, one.amount_ore, one.tiers) for one in draft.lines] == [
        (one.name, one.kind, one.amount_ore, one.tiers) for one in shop.price_list.lines
    ]
    assert operations.begin_list(now=clock.now()) is draft
    session.add(PriceList(number=2, created_at=clock.now()))
    with pytest.raises(IntegrityError):
        session.flush()


def test_an_empty_list_is_not_published(shop: Shop, session: Session) -> None:
    draft = operations.begin_list(now=clock.now())
    session.refresh(draft, ["lines"])
    for line in list(draft.lines):
        operations.remove_line(line)
    session.flush()
    session.refresh(draft, ["lines"])
    with pytest.raises(RuleBroken):
        operations.publish(draft, clock.today(), "", by=shop.seller, now=clock.now())


def test_the_list_of_the_day_is_the_latest_that_has_begun(shop: Shop, session: Session) -> None:
    later = clock.today() + timedelta(days=30)
    make.publish_list(shop.product, shop.seller, valid_from=later, now=clock.now())
    session.flush()
    assert known(shop).price_list is shop.price_list
    then = queries.known(cases.get(shop.case.id), later)
    assert then.price_list is not None and then.price_list.number == 2
    before = queries.known(cases.get(shop.case.id), clock.today() - timedelta(days=1))
    assert (before.price_list, before.product, before.prices) == (None, None, [])
    assert queries.smallest_purchase(before) is None


def test_all_that_a_case_is_priced_by_is_read_at_once(shop: Shop, count_queries: object) -> None:
    case = cases.get(shop.case.id)
    with count_queries() as counted:  # type: ignore[operator]
        found = queries.smallest_purchase(queries.known(case, clock.today()))
    assert counted.number == 3, "the prices, and what was bought from us: by contract and by case"
    assert found is not None and found.offer.yearly == 9_000 * KR


def test_the_size_begins_from_what_is_known_and_is_kept(shop: Shop, session: Session) -> None:
    began = known(shop).scenario
    assert (began.inhabitants, began.units) == (13_700, 2)
    chosen = Scenario(users=5, units=4, units_all=14, inhabitants=None, term_years=3)
    operations.keep_scenario(
        shop.case, shop.product.id, chosen, starts_on=date(2027, 1, 1), chosen=Rung.ONE_UNIT
    )
    session.expire_all()
    again = known(shop)
    assert again.scenario == chosen
    assert again.kept is not None and again.kept.chosen is Rung.ONE_UNIT


def test_the_smallest_purchase_counts_what_the_body_bought_as_the_headroom_does(
    shop: Shop, session: Session
) -> None:
    today = clock.today()
    session.add(CaseProduct(case_id=shop.case.id, product_id=shop.product.id))
    session.commit()
    before = queries.smallest_purchase(known(shop))
    assert before is not None and before.way is not None
    assert before.way.counted == before.offer.value.value
    make.pays(shop.school, 100_000, today, add_months(today, 36) - timedelta(days=1), options=(12,))
    over = today - timedelta(days=1)
    make.pays(shop.school, 999_999, today - timedelta(days=400), over)
    make.pays(shop.body, 20_000, today, add_months(today, 12) - timedelta(days=1))
    make_case(  # won without a contract in the register
        shop.body,
        state=CaseState.CLOSED,
        outcome=Outcome.WON,
        closed_on=today,
        value_ore=7_000 * KR,
    )
    other = case_operations.add_product("Skrivverktyget")
    session.flush()
    make.pays(shop.school, 777_777, today, product_id=other.id)
    session.flush()
    after = queries.smallest_purchase(known(shop))
    assert after is not None and after.way is not None
    more = after.way.counted - before.way.counted
    assert more == 427_000 * KR  # the option as if used; what is over counts nothing
    case = cases.get(shop.case.id)
    room = headroom(
        procurements.terms_of(None, case.body),
        [one.sale for one in procurements.sales_beside(case)],
        today,
    )
    assert room.used == more and room.limit.value.left(room.used + before.way.counted) == (
        after.way.left
    )
    assert after.way.left == after.way.limit.left(after.way.counted)
    shop.case.has_framework = True
    framework = queries.smallest_purchase(known(shop))
    assert framework is not None and framework.way is not None
    assert framework.way.route is Route.CALL_OFF


def test_no_option_counts_after_one_that_was_declined(shop: Shop, session: Session) -> None:
    today = clock.today()
    before = queries.smallest_purchase(known(shop))
    last = add_months(today, 12) - timedelta(days=1)
    sold = make.pays(shop.school, 100_000, today, last, options=(12, 12))
    session.flush()
    session.refresh(sold, ["options"])
    sold.options[0].state, sold.options[0].decided_on = OptionState.DECLINED, today
    session.commit()
    after = queries.smallest_purchase(known(shop))
    assert before is not None and before.way is not None
    assert after is not None and after.way is not None
    assert after.way.counted - before.way.counted == 100_000 * KR


def test_what_units_pay_is_what_the_register_of_contracts_says(
    shop: Shop, session: Session
) -> None:
    """By the year as stated, else the total spread; others' contracts and the body's are not it."""
    today = date(2026, 7, 1)
    make.pays(shop.school, 7_300, today, date(2027, 6, 30), today=today)
    total = make.pays(shop.school, 0, date(2027, 6, 30), date(2028, 6, 29), today=today)
    total.yearly_ore, total.value_ore = None, 9_000 * KR
    unknown = make.pays(make_unit(shop.body, "Albäcksskolan"), 0, today, None, today=today)
    unknown.yearly_ore = None
    make.pays(shop.body, 888, today, None, today=today)
    make_contract(shop.school, supplier="Bokstaven AB", yearly_ore=1, today=today)
    session.flush()
    found = queries.what_units_pay(cases.get(shop.case.id), shop.product, today)
    assert [row.pays and row.pays.yearly // KR for row in found] == [None, 7_300, 9_000]
    assert [row.is_overlapped for row in found] == [False, True, True]
    later = queries.what_units_pay(cases.get(shop.case.id), shop.product, date(2028, 1, 1))
    assert [row.contract.id for row in later] == [unknown.id, total.id]


def test_a_sheet_keeps_its_figures_whatever_becomes_of_the_prices(
    shop: Shop, session: Session
) -> None:
    until = clock.today() + timedelta(days=90)
    sheet = make.share(
        shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now()
    )
    first = frozen.thaw(sheet.data)
    assert [one.yearly // KR for one in first.offers] == [1_200, 9_000, 18_000, 60_000]
    draft = make.draft_list(shop.product, now=clock.now())
    draft.lines[1].amount_ore = 20_000 * KR
    operations.publish(draft, clock.today(), "", by=shop.seller, now=clock.now())
    session.flush()
    second = make.share(
        shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now()
    )
    session.expire_all()
    assert frozen.thaw(queries.sheet(sheet.id).data) == first
    assert frozen.thaw(second.data) != first
    assert (sheet.number, second.number) == (1, 2)
    assert (sheet.price_list_id, second.price_list_id) == (shop.price_list.id, draft.id)


def test_a_sheet_says_that_the_price_is_shared_once_and_on_the_timeline(
    shop: Shop, session: Session
) -> None:
    until = clock.today() + timedelta(days=90)
    make.share(shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now())
    assert shop.case.price_shared_on == clock.today()
    shop.case.price_shared_on = date(2026, 1, 1)
    make.share(shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now())
    assert shop.case.price_shared_on == date(2026, 1, 1)
    told = [
        row.data.get("event") for row in session.query(Activity).filter_by(case_id=shop.case.id)
    ]
    assert told.count("price_sheet_shared") == 2
