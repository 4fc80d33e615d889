"""What result notices write into the contract register, and what they leave alone."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from crm.activities.models import Activity, ActivityKind
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.contracts import operations, published, queries
from crm.contracts.models import Contract, ContractWord
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.organisations.models import Organisation
from crm.procurements import notice_queries, notices
from crm.procurements import operations as procurements
from crm.procurements.models import NoticeContract, NoticeOutcome, Procurement
from crm.procurements.notices import Run
from crm.procurements.queries import sales_beside, terms_of
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from crm.rules.contracts import ContractKind, FrameworkPosition
from crm.rules.headroom import SaleStanding, headroom
from crm.rules.law.terms import Law, ObjectKind
from crm.rules.notices import (
    Award,
    AwardStatus,
    Framework,
    FrameworkKind,
    LengthUnit,
    Lot,
    Money,
    NoticeKind,
    Party,
    Period,
    ProcedureType,
    Words,
)
from crm.rules.notices import Contract as Told
from crm.rules.routes import Route
from crm.rules.stages import CaseState, Outcome
from tests.factories.accounts import make_user
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.contracts import make_contract
from tests.factories.notices import BUYER, RESULT, changed, make_record, sample, store
from tests.factories.organisations import make_municipality
from tests.factories.records import make_request

WINNER = "5560250051"
SIGNED = date(2026, 11, 19)
VALUE = Money(735_000_000, "SEK")


@pytest.fixture
def body(app: Any) -> Organisation:
    return make_municipality("Exempelkommun", org_number=BUYER)


def result(*names: str, value: Money | None = VALUE, **values: Any) -> Any:
    awards = tuple(
        Award(
            id=f"TEN-{n}",
            lots=(f"LOT-{n}",),
            status=AwardStatus.AWARDED,
            winners=(Party(Words((("sv", name),)), number=WINNER if n == 1 else None),),
            value=value,
            contracts=(Told(f"CON-{n}", reference=f"A-{n}", signed=SIGNED),),
        )
        for n, name in enumerate(names or ("Vinnaren AB",), 1)
    )
    period = Period(start=date(2027, 1, 1), length=24, unit=LengthUnit.MONTH)
    lots = tuple(Lot(f"LOT-{n}", period=period) for n in range(1, len(awards) + 1))
    told = {"dispatched": date(2026, 11, 22), "awards": awards, "lots": lots}
    return make_record(NoticeKind.RESULT, **(told | values))


def the_contracts() -> list[Contract]:
    asked = sa.select(Contract).order_by(Contract.id).options(selectinload(Contract.options))
    return list(db.session.scalars(asked))


def won_case(body: Organisation) -> Case:
    """A case of ours that was won in the one procurement."""
    case = make_case(body)
    store([make_record(NoticeKind.COMPETITION, dispatched=date(2026, 6, 1))])
    procurements.take_part(the_procurement(), case)
    case.outcome, case.closed_on, case.state = Outcome.WON, TODAY, CaseState.CLOSED
    db.session.flush()
    return case


def run() -> Run:
    return Run(None, TODAY, NOW)


def test_a_result_puts_its_contract_into_the_register(body: Organisation) -> None:
    store([notice := result()])
    (one,) = the_contracts()
    assert (one.kind, one.body_id, one.supplier) == (ContractKind.OTHER, body.id, "Vinnaren AB")
    assert (one.supplier_number, one.value_ore) == (WINNER, 735_000_000)
    assert (one.signed_on, one.starts_on, one.ends_on) == (
        SIGNED,
        date(2027, 1, 1),
        date(2028, 12, 31),
    )
    assert one.runs_until == one.ends_on
    assert one.certainty is Certainty.PUBLISHED
    assert one.source_url.endswith(notice.publication_number)
    assert one.reference == "A-1"


def test_the_same_notice_and_its_correction_are_one_contract(body: Organisation) -> None:
    first = result()
    assert [one.outcome for one in store([first, first])][1] is NoticeOutcome.KNOWN
    store([changed(first, awards=(replace(first.awards[0], value=Money(800_00, "SEK")),))])
    (one,) = the_contracts()
    assert one.value_ore == 800_00


def test_what_somebody_has_put_otherwise_stays_and_both_are_told(body: Organisation) -> None:
    store([first := result()])
    (one,) = the_contracts()
    facts = published._as_it_stands(one)
    operations.edit(one, replace(facts, value_ore=100, title="Vårt namn på det"), today=TODAY)
    store([changed(first, awards=(replace(first.awards[0], value=Money(800_00, "SEK")),))])
    one = queries.get(one.id)
    assert (one.value_ore, one.title) == (100, "Vårt namn på det")
    word = queries.word_of(one.id)
    assert word is not None
    told = {(row.fact.value, row.theirs) for row in published.differences(one, word)}
    assert told == {("value_ore", 800_00), ("title", "Läsplattform")}
    published.take_theirs(one, word, today=TODAY)
    assert (one.value_ore, one.title) == (800_00, "Läsplattform")
    assert published.differences(one, word) == []


def test_a_field_that_somebody_emptied_stays_empty(body: Organisation) -> None:
    store([first := result()])
    (one,) = the_contracts()
    operations.edit(one, replace(published._as_it_stands(one), value_ore=None), today=TODAY)
    store([changed(first, title=Words((("sv", "Nytt namn"),)))])
    assert (one.value_ore, one.title) == (None, "Nytt namn")


def test_a_corrected_winner_takes_the_place_of_the_first(body: Organisation) -> None:
    store([first := result()])
    other = replace(first.awards[0], winners=(Party(Words((("sv", "Andra AB"),))),))
    store([changed(first, awards=(other,))])
    assert [one.supplier for one in the_contracts()] == ["Andra AB"]


def test_a_corrected_winner_that_somebody_has_worked_with_stays(body: Organisation) -> None:
    store([first := result()])
    (one,) = the_contracts()
    operations.edit(one, replace(published._as_it_stands(one), note="Ringt dem"), today=TODAY)
    other = replace(first.awards[0], winners=(Party(Words((("sv", "Andra AB"),))),))
    store([changed(first, awards=(other,))])
    assert {each.supplier for each in the_contracts()} == {"Vinnaren AB", "Andra AB"}
    word = queries.word_of(one.id)
    assert word is not None
    assert not word.told


def test_one_that_was_typed_before_is_the_same(body: Organisation) -> None:
    typed = make_contract(
        body, "Lärplattformen", supplier="VINNAREN AB", reference="A-1", value_ore=500
    )
    store([result()])
    (one,) = the_contracts()
    assert one.id == typed.id
    assert (one.value_ore, one.title) == (500, "Lärplattformen")
    assert one.ends_on == date(2028, 12, 31)  # was not known
    assert notices.take_away(1, run()) == (0, 0)  # it was never the notice's


def test_what_is_withheld_or_in_another_currency_is_left_open(body: Organisation) -> None:
    store([result(value=None)])
    store([result(value=Money(1_234_50, "EUR"), procedure_id="p-2")])
    first, second = the_contracts()
    assert (first.value_ore, second.value_ore) == (None, None)
    assert "EUR" not in first.note
    assert "1\N{NO-BREAK SPACE}234,50\N{NO-BREAK SPACE}EUR" in second.note


def test_a_framework_has_its_ceiling_and_its_kind(body: Organisation) -> None:
    lot = Lot("LOT-1", framework=Framework(FrameworkKind.WITH_COMPETITION))
    store([result(lots=(lot,), framework_maximum=Money(900_00, "SEK"))])
    (one,) = the_contracts()
    assert (one.kind, one.position) == (ContractKind.FRAMEWORK, FrameworkPosition.OUTSIDE)
    assert one.cap_ore == 900_00


def test_our_own_win_is_known_by_a_number_that_was_marked_as_ours(body: Organisation) -> None:
    store([result()])
    (one,) = the_contracts()
    facts = published._as_it_stands(one)
    operations.edit(one, replace(facts, kind=ContractKind.OWN), today=TODAY)
    db.session.flush()
    store([result(procedure_id="p-2")])
    assert [each.kind for each in the_contracts()] == [ContractKind.OWN, ContractKind.OWN]
    word = queries.word_of(one.id)
    assert word is not None
    assert published.differences(one, word) == []  # the supplier is ourselves


def test_undo_takes_them_away_and_back_again(body: Organisation, session: Session) -> None:
    told = store([result("Ett AB", "Två AB", "Tre AB")])[0]
    assert notice_queries.in_register(told.import_id).number == 3
    kept = the_contracts()[0]
    operations.edit(kept, replace(published._as_it_stands(kept), note="Vår"), today=TODAY)
    assert notices.take_away(told.import_id, run()) == (2, 1)
    assert [one.id for one in the_contracts()] == [kept.id]
    shown = notice_queries.in_register(told.import_id)
    assert (shown.number, shown.taken_out) == (1, 2)
    assert notices.put_back(told.import_id, run()) == 2
    assert len(the_contracts()) == 3
    assert notice_queries.in_register(told.import_id).taken_out == 0


def test_taken_away_it_does_not_come_back_by_a_correction(body: Organisation) -> None:
    (told,) = store([first := result()])
    notices.take_away(told.import_id, run())
    store([changed(first, title=Words((("sv", "Nytt namn"),)))])
    assert the_contracts() == []


def test_an_announced_direct_award_is_no_contract(body: Organisation, session: Session) -> None:
    store([replace(result(), kind=NoticeKind.DIRECT_AWARD, about=NoticeKind.DIRECT_AWARD)])
    assert the_contracts() == []
    assert session.scalar(sa.select(sa.func.count(NoticeContract.notice_id))) == 0


def test_a_buyer_chosen_later_gets_its_contracts_then(app: Any) -> None:
    (told,) = store([result()])
    assert the_contracts() == []
    body = make_municipality("Exempelkommun")
    notices.choose_buyer(f"number:{BUYER}", body, run())
    assert [one.body_id for one in the_contracts()] == [body.id]
    assert notice_queries.in_register(told.import_id).number == 1


def test_a_won_case_in_the_procurement_has_its_contract(
    body: Organisation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "ours", frozenset({WINNER}))
    case = won_case(body)
    store([result()])
    (one,) = the_contracts()
    assert (one.kind, one.case_id) == (ContractKind.OWN, case.id)


def test_of_two_lots_that_we_won_the_first_has_the_case(
    body: Organisation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "ours", frozenset({WINNER}))
    case = won_case(body)
    first = result("Ett AB", "Ett AB")
    ours = (Party(Words((("sv", "Ett AB"),)), number=WINNER),)
    (told,) = store([replace(first, awards=tuple(replace(a, winners=ours) for a in first.awards))])
    assert told.outcome is NoticeOutcome.UPDATED
    assert [one.case_id for one in the_contracts()] == [case.id, None]


def test_a_case_that_cannot_have_two_contracts_leaves_the_rest_standing(
    body: Organisation, session: Session
) -> None:
    case = make_case(body)
    make_contract(body, "Det första", case=case)
    with pytest.raises(RuleBroken):
        make_contract(body, "Det andra", case=case)
    assert [one.title for one in the_contracts()] == ["Det första"]


@pytest.mark.parametrize("work", ["option", "caller"])
def test_options_and_callers_are_work_that_no_correction_takes_away(
    body: Organisation, session: Session, work: str
) -> None:
    lot = Lot("LOT-1", framework=Framework(FrameworkKind.WITH_COMPETITION))
    (told,) = store([first := result(lots=(lot,), framework_maximum=Money(900_00, "SEK"))])
    (one,) = the_contracts()
    before = one.version
    if work == "option":
        operations.add_option(one, 12, None)
    else:
        operations.add_callers(one, [other := make_municipality("Annan kommun")])
    session.flush()
    assert one.version > before
    andra = replace(first.awards[0], winners=(Party(Words((("sv", "Andra AB"),))),))
    store([changed(first, awards=(andra,))])
    assert [row.supplier for row in the_contracts()] == ["Vinnaren AB", "Andra AB"]
    assert notices.take_away(told.import_id, run()) == (0, 1)
    before = one.version
    if work == "option":
        operations.remove_option(one, one.options[0])
    else:
        operations.remove_caller(one, other.id)
    session.flush()
    assert one.version > before


def test_a_contract_of_ours_that_was_advertised_is_not_held_against_the_limit(
    body: Organisation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "ours", frozenset({WINNER}))
    won = make_case(body, value_ore=735_000_000)
    called = {"dispatched": date(2026, 6, 1), "procedure": ProcedureType.OPEN}
    store([make_record(NoticeKind.COMPETITION, **called), result()])
    procurements.take_part(the_procurement(), won)
    won.outcome, won.closed_on, won.state = Outcome.WON, TODAY, CaseState.CLOSED
    session.flush()
    asked = cases.get(make_case(body).id)
    (one,) = sales_beside(asked)
    assert (one.case_id, one.sale.route) == (None, Route.OPEN)
    room = headroom(terms_of(None, body), [one.sale], TODAY)
    assert [row.standing for row in room.sales] == [SaleStanding.NOT_DIRECT]


def test_a_win_that_is_a_framework_is_in_the_register(body: Organisation, session: Session) -> None:
    won = make_case(body, value_ore=735_000_000)
    won.outcome, won.closed_on, won.state = Outcome.WON, TODAY, CaseState.CLOSED
    asked = cases.get(make_case(body).id)
    assert [one.case_id for one in sales_beside(asked)] == [won.id]
    holder = {"kind": ContractKind.FRAMEWORK, "position": FrameworkPosition.HOLDER}
    make_contract(body, "Ramavtalet", case=won, **holder)
    assert sales_beside(asked) == []


def test_a_contract_put_back_has_what_spoke_of_it(body: Organisation, session: Session) -> None:
    (told,) = store([result()])
    (one,) = the_contracts()
    word, user = queries.word_of(one.id), make_user()
    assert word is not None
    request = make_request(body, user)
    request.contract_id = one.id
    session.commit()
    removal = operations.remove(queries.get(one.id), by=user, now=NOW)
    session.commit()
    assert (word.contract_id, request.contract_id) == (None, None)
    back = operations.put_back(removal, by=user, now=NOW)
    session.commit()
    assert word.contract_id == request.contract_id == back.id
    assert notices.put_back(told.import_id, run()) == 0
    assert notices.take_away(told.import_id, run()) == (1, 0)  # nobody had worked with it


def test_one_that_was_worked_with_is_so_when_it_is_put_back(
    body: Organisation, session: Session
) -> None:
    (told,) = store([result()])
    (one,) = the_contracts()
    user = make_user()
    operations.add_option(queries.get(one.id), 12, None)
    session.commit()
    removal = operations.remove(queries.get(one.id), by=user, now=NOW)
    session.commit()
    operations.put_back(removal, by=user, now=NOW)
    session.commit()
    assert notices.take_away(told.import_id, run()) == (0, 1)


def test_undo_gives_a_won_case_its_contract_back(
    body: Organisation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Run, "ours", frozenset({WINNER}))
    case = won_case(body)
    (told,) = store([result()])
    notices.take_away(told.import_id, run())
    assert not case.contract_kept
    assert notices.put_back(told.import_id, run()) == 1
    (one,) = the_contracts()
    assert (one.case_id, case.contract_kept) == (case.id, True)


def test_what_older_notices_tell_of_stays_where_there_are_too_many_to_read(
    body: Organisation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notice_queries, "MOST_TOGETHER", 3)
    award = result().awards[0]
    for n in range(6):
        contract = Told(f"C{n}", reference=f"REF-{n}", signed=date(2026, 1, 1 + n))
        one = replace(award, id=f"T{n}", contracts=(contract,))
        sent = None if n == 0 else date(2026, 1, 1 + n)
        store([result(id=f"{n:08}-1111-4000-8000-000000000000", dispatched=sent, awards=(one,))])
    assert [one.reference for one in the_contracts()] == [f"REF-{n}" for n in range(6)]
    latest = notice_queries.of_procurement(the_procurement().id)
    assert [row.sent_on for row in latest] == [date(2026, 1, day) for day in (6, 5, 4)]


def test_an_import_reads_the_history_of_a_route_once(
    body: Organisation, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Route | None] = []
    monkeypatch.setattr(notices, "followed", lambda route: asked.append(route) or [])
    some = run()
    for place in (body, make_municipality("Annan kommun")):
        some.lengths(place.id, Route.OPEN)
    some.lengths(body.id, Route.DIRECT_AWARD)
    assert asked == [Route.OPEN, Route.DIRECT_AWARD]


def test_what_the_register_cannot_hold_is_told_with_the_reason_until_it_is_put_right(
    body: Organisation, session: Session
) -> None:
    first = result()
    nameless = (Party(Words(()), number=WINNER),)
    bad = replace(first, awards=(replace(first.awards[0], winners=nameless),))
    (told,) = store([bad])
    assert the_contracts() == []
    (word,) = notice_queries.in_register(told.import_id).refused
    assert word.refused and word.said["supplier_number"] == WINNER
    (again,) = store([changed(bad, awards=first.awards)])
    (one,) = the_contracts()
    assert (one.supplier, word.contract_id, word.refused) == ("Vinnaren AB", one.id, "")
    assert notice_queries.in_register(told.import_id).refused == ()
    assert notice_queries.in_register(again.import_id).number == 1


def test_taking_them_out_is_told_at_who_has_them(body: Organisation, session: Session) -> None:
    (told,) = store([result("Ett AB", "Två AB")])
    notices.take_away(told.import_id, run())
    notices.put_back(told.import_id, run())
    lines = session.scalars(sa.select(Activity).where(Activity.kind == ActivityKind.CONTRACT))
    assert [(one.organisation_id, one.data["event"], one.data["number"]) for one in lines] == [
        (body.id, "contracts_taken_out", 2),
        (body.id, "contracts_put_back", 2),
    ]


def test_every_contract_of_the_sample_is_there(body: Organisation) -> None:
    store([sample(RESULT)])
    found = the_contracts()
    assert len(found) == 3
    assert {one.signed_on for one in found} == {
        date(2027, 3, 12),
        date(2027, 3, 15),
        date(2027, 3, 16),
    }


def test_words_without_a_contract_are_counted_as_taken_out_only_if_told(
    body: Organisation, session: Session
) -> None:
    (told,) = store([result()])
    word = session.scalars(sa.select(ContractWord)).one()
    word.told = False
    notices.take_away(told.import_id, run())
    assert notice_queries.in_register(told.import_id).taken_out == 0


# --- What the law's floors go by ------------------------------------------------------------------


def the_procurement() -> Procurement:
    return db.session.scalars(sa.select(Procurement)).one()


def test_the_act_and_the_kind_of_object_follow_the_notice(body: Organisation) -> None:
    call = make_record(
        NoticeKind.COMPETITION,
        legal_basis="32014L0025",
        nature="works",
        accelerated=True,
        dispatched=TODAY - timedelta(days=5),
    )
    store([call])
    made = the_procurement()
    assert (made.law, made.object_kind, made.urgent) == (Law.LUF, ObjectKind.WORKS, True)
    made.law = Law.LUK  # somebody knows better
    store([changed(call, dispatched=TODAY - timedelta(days=1), legal_basis="32009L0081")])
    assert made.law is Law.LUK


def test_social_services_are_known_by_their_form(body: Organisation) -> None:
    store([make_record(NoticeKind.COMPETITION, form="20", nature="services")])
    assert the_procurement().object_kind is ObjectKind.SOCIAL_SPECIAL


def test_without_a_legal_basis_it_stays_as_it_was(body: Organisation) -> None:
    store([make_record(NoticeKind.COMPETITION)])
    assert the_procurement().law is Law.LOU


@pytest.mark.one_database
def test_a_stated_length_proposes_the_end_that_is_not_known(
    body: Organisation, as_user: Any
) -> None:
    period = Period(length=24, unit=LengthUnit.MONTH)
    store([result(lots=(Lot("LOT-1", period=period, framework=Framework(FrameworkKind.MIXED)),))])
    (one,) = the_contracts()
    assert (one.kind, one.ends_on) == (ContractKind.FRAMEWORK, None)
    db.session.commit()
    client, address = as_user(Role.ACCOUNT_MANAGER), f"/contracts/{one.id}"
    before = client.get(address).get_data(as_text=True)
    assert "Sista dagen är inte känd" in before and "18 nov. 2028" in before
    assert "sista dag inte känd" in before
    for _click in range(2):
        assert client.post(f"{address}/notices/end").status_code == 303
    db.session.expire_all()
    (one,) = the_contracts()
    assert (one.ends_on, one.runs_until) == (date(2028, 11, 18), date(2028, 11, 18))
    after = client.get(address).get_data(as_text=True)
    assert "inte känd" not in after
