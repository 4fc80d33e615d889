"""The pages of notices: files taken in, what became of them, one notice, buyers not found."""

import io
import re
import threading
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from crm.adapters.notices.upload import FileResult, read_upload
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import db, transaction
from crm.organisations.models import Organisation
from crm.procurements import notices
from crm.procurements.models import (
    Milestone,
    Notice,
    NoticeImport,
    NoticeOutcome,
    NoticeResult,
    Plan,
    Procurement,
    ProcurementCase,
)
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from crm.rules.notices import (
    Criterion,
    CriterionKind,
    LengthUnit,
    Lot,
    NoticeKind,
    Period,
    WeightUnit,
    Words,
)
from crm.rules.routes import Route, StageKey
from tests.factories.cases import make_case
from tests.factories.notices import BUYER, CALL, RESULT, SAMPLES, make_record, store
from tests.factories.organisations import make_municipality, make_unit

AsUser = Callable[..., Any]
FILES = sorted(path for path in SAMPLES.iterdir() if path.suffix in {".xml", ".json"})
IMPORT = "/procurements/notices/import"


def text(client: Any, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return str(answer.get_data(as_text=True))


def once_on(page: str) -> str:
    found = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def send(client: Any, *files: tuple[str, bytes], once: str = "") -> Any:
    """Upload files, and follow to what became of them."""
    once = once or once_on(text(client, IMPORT))
    said = MultiDict([("once", once)])
    for name, content in files:
        said.add("files", FileStorage(io.BytesIO(content), name))
    boundary, data = encode_multipart(said)
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(IMPORT, data=data, content_type=kind)


def sent(client: Any, *files: tuple[str, bytes]) -> tuple[str, str]:
    """(address, page) of what an upload gave."""
    answer = send(client, *files)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:3000]
    return answer.location, text(client, answer.location)


def files(*names: str) -> list[tuple[str, bytes]]:
    return [(name, (SAMPLES / name).read_bytes()) for name in names]


def zipped(*some: tuple[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in some:
            archive.writestr(name, content)
    return made.getvalue()


@pytest.fixture
def body(app: Any) -> Organisation:
    return make_municipality("Exempelkommun", org_number=BUYER)


@pytest.fixture
def manager(as_user: AsUser, body: Organisation, session: Session) -> Any:
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    return client


def outcomes(session: Session) -> list[NoticeOutcome]:
    session.expire_all()
    return list(session.scalars(sa.select(NoticeResult.outcome).order_by(NoticeResult.id)))


# --- Taking in ------------------------------------------------------------------------------------


def test_every_sample_comes_in_once_and_is_shown(manager: Any, session: Session) -> None:
    everything = files(*(path.name for path in FILES))
    address, page = sent(manager, *everything)
    found = outcomes(session)
    assert found.count(NoticeOutcome.UNREADABLE) == 0
    kept = session.scalar(sa.select(sa.func.count(Notice.id)))
    assert kept == found.count(NoticeOutcome.NEW) + found.count(NoticeOutcome.UPDATED)
    assert kept == len(found) >= len(FILES)
    assert "Exempelkommun" in page
    session.rollback()
    for notice_id in session.scalars(sa.select(Notice.id)).all():
        session.rollback()
        text(manager, f"/procurements/notices/{notice_id}")
    session.rollback()
    _address, again = sent(manager, ("alla.zip", zipped(*everything)))
    assert set(outcomes(session)[len(found) :]) == {NoticeOutcome.KNOWN}
    assert session.scalar(sa.select(sa.func.count(Notice.id))) == kept
    assert "Fanns redan" in again
    assert address != _address


def test_the_call_and_the_result_of_one_procurement_field_by_field(
    manager: Any, body: Organisation, session: Session
) -> None:
    sent(manager, *files(RESULT, CALL))
    made = session.scalars(sa.select(Procurement)).one()
    assert made.body_id == body.id
    assert made.title == "Lärplattform och närvaroregistrering för grundskola & gymnasium"
    assert made.reference == "BUN 2026/0417"
    assert made.cpv == "48190000"
    assert made.value_ore == 2_000_000_000
    assert made.notice_url == "https://ted.europa.eu/sv/notice/-/detail/999001-2026"
    assert made.tenders_due_at is not None
    assert clock.local(made.tenders_due_at).strftime("%Y-%m-%d %H:%M") == "2027-01-18 23:59"
    plan = session.scalars(sa.select(Plan).where(Plan.replaced_on.is_(None))).one()
    assert plan.route is Route.OPEN
    rows = {
        row.stage: row
        for row in session.scalars(sa.select(Milestone).where(Milestone.plan_id == plan.id))
    }
    assert str(rows[StageKey.MARKET].day) == "2026-11-20"
    assert str(rows[StageKey.EVALUATION].day) == "2027-01-18"
    assert str(rows[StageKey.STANDSTILL].day) == "2027-02-26"
    assert str(rows[StageKey.ROLLOUT].day) == "2027-03-16"
    told = (StageKey.MARKET, StageKey.EVALUATION, StageKey.STANDSTILL, StageKey.ROLLOUT)
    assert {rows[stage].certainty for stage in told} == {Certainty.PUBLISHED}
    assert str(made.tenders_valid_until) == "2027-05-18"
    page = text(manager, f"/procurements/{made.id}")
    assert "Efterannons" in page
    assert "Upphandlingsenheten, upphandling@exempelkommun.example" in page
    result = session.scalars(sa.select(Notice.id).where(Notice.kind == NoticeKind.RESULT)).one()
    session.rollback()
    shown = text(manager, f"/procurements/notices/{result}")
    assert "Påhittade Lärverktyg AB" in shown
    assert "7\N{NO-BREAK SPACE}350\N{NO-BREAK SPACE}000" in shown


@pytest.mark.one_database
def test_what_tenders_are_weighed_by_is_shown_in_both_languages(
    manager: Any, session: Session
) -> None:
    def weighed(unit: WeightUnit | None, weight: str, name: str = "") -> Criterion:
        return Criterion(
            CriterionKind.QUALITY,
            Words((("sv", name),)) if name else Words(),
            weight=weight,
            unit=unit,
        )

    lot = Lot(
        "LOT-1",
        criteria=(
            Criterion(
                CriterionKind.PRICE,
                Words((("sv", "Pris"),)),
                weight="40.50",
                unit=WeightUnit.PERCENT,
            ),
            weighed(WeightUnit.PERCENT_MIDDLE, "30", "Pedagogiskt stöd"),
            weighed(WeightUnit.POINTS, "12"),
            weighed(WeightUnit.ORDER, "2"),
            weighed(WeightUnit.SHARE_MIDDLE, "0.2"),
            weighed(WeightUnit.POINTS, "tolv"),
            weighed(None, "mycket"),
        ),
        validity=Period(length=4, unit=LengthUnit.MONTH),
    )
    other = Lot("LOT-2", criteria_in_documents=True, criteria_words=Words((("sv", "Helheten"),)))
    store([make_record(NoticeKind.COMPETITION, lots=(lot, other))])
    made = session.scalars(sa.select(Procurement.id)).one()
    notice = session.scalars(sa.select(Notice.id)).one()
    session.commit()
    for address in (f"/procurements/{made}", f"/procurements/notices/{notice}"):
        swedish = text(manager, address)
        for words in (
            *("Pris, 40,5 %", "Kvalitet: Pedagogiskt stöd, omkring 30 %", "Kvalitet, 12 poäng"),
            *("Kvalitet, nummer 2 i vikt", "Kvalitet, omkring 0,2", "Kvalitet, tolv"),
            *("Kvalitet, mycket", "I upphandlingsdokumenten", "Helheten"),
        ):
            assert words in swedish, words
    assert "Ett anbud ska gälla: 4 månader" in swedish
    manager.post("/language", data={"language": "en", "next": "/"})
    english = text(manager, f"/procurements/{made}")
    for words in ("Award criteria", "about 30 %", "Quality, 12 points", "In the tender documents"):
        assert words in english, words


def test_one_bad_file_never_stops_the_others(manager: Any, session: Session) -> None:
    some = [
        ("trasig.xml", b"<ContractNotice xmlns='urn:x'><a>"),
        *files(CALL),
        ("bild.png", b"\x89PNG\r\n"),
        ("bomb.xml", b'<!DOCTYPE TED_EXPORT [<!ENTITY b "c">]><TED_EXPORT>&b;</TED_EXPORT>'),
        ("tom.xml", b""),
        *files(RESULT),
    ]
    _address, page = sent(manager, ("blandat.zip", zipped(*some)))
    assert outcomes(session) == [
        NoticeOutcome.UNREADABLE,
        NoticeOutcome.NEW,
        NoticeOutcome.UNREADABLE,
        NoticeOutcome.UNREADABLE,
        NoticeOutcome.UNREADABLE,
        NoticeOutcome.UPDATED,
    ]
    assert "Filen är tom." in page
    assert "DOCTYPE" in page


def test_a_file_of_fifty_megabytes_is_refused_in_a_sentence(manager: Any, session: Session) -> None:
    answer = send(manager, ("stor.xml", b"<a>" + b"x" * 50_000_000), once="x")
    assert answer.status_code == 413
    page = answer.get_data(as_text=True)
    assert "mer än 20 MB tillsammans, så inget lästes" in page
    assert 'name="files"' in page
    assert session.scalar(sa.select(sa.func.count(NoticeImport.id))) == 0


def test_a_file_larger_than_any_notice_is_told_as_such(manager: Any, session: Session) -> None:
    _address, page = sent(manager, ("stor.xml", b"<ContractNotice>" + b" " * 11_000_000))
    assert outcomes(session) == [NoticeOutcome.UNREADABLE]
    assert "större än någon annons" in page


def test_nothing_chosen_is_told_and_nothing_written(manager: Any, session: Session) -> None:
    answer = manager.post(IMPORT, data={"once": once_on(text(manager, IMPORT))})
    assert answer.status_code == 422
    assert "Välj en eller flera filer först." in answer.get_data(as_text=True)
    assert session.scalar(sa.select(sa.func.count(NoticeImport.id))) == 0


def test_two_clicks_are_one_import(manager: Any, session: Session) -> None:
    once = once_on(text(manager, IMPORT))
    first = send(manager, *files(CALL), once=once)
    second = send(manager, *files(CALL), once=once)
    assert first.location == second.location
    assert session.scalar(sa.select(sa.func.count(NoticeImport.id))) == 1
    assert session.scalar(sa.select(sa.func.count(NoticeResult.id))) == 1


def test_who_may_not_import_cannot(as_user: AsUser, body: Organisation, session: Session) -> None:
    client = as_user(Role.REP)
    session.commit()
    assert client.get(IMPORT).status_code == 403
    assert client.get("/procurements/notices").status_code == 200


def test_a_reading_that_was_interrupted_says_so(manager: Any, session: Session) -> None:
    (told,) = store([make_record()])
    done = session.get_one(NoticeImport, told.import_id)
    done.finished_at, done.started_at = None, clock.now()
    session.commit()
    assert "läses fortfarande" in text(manager, f"/procurements/notices/imports/{done.id}")
    done = session.get_one(NoticeImport, told.import_id)
    done.started_at = clock.now().replace(year=2025)
    session.commit()
    assert "avbröts" in text(manager, f"/procurements/notices/imports/{told.import_id}")


# --- A link or a number ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked", ["309890-2023", "https://ted.europa.eu/sv/notice/-/detail/309890-2023"]
)
def test_a_number_leads_to_the_page_to_download_from(manager: Any, asked: str) -> None:
    page = text(manager, f"{IMPORT}?number={asked}")
    assert 'href="https://ted.europa.eu/sv/notice/-/detail/309890-2023"' in page
    assert "hämtar inget själv" in page


def test_a_number_that_is_here_leads_to_the_notice(manager: Any, session: Session) -> None:
    sent(manager, *files(CALL))
    notice = session.scalars(sa.select(Notice.id)).one()
    session.rollback()
    page = text(manager, f"{IMPORT}?number=999001-2026")
    assert f'href="/procurements/notices/{notice}"' in page


def test_what_is_no_number_is_told(manager: Any) -> None:
    assert "inget nummer från TED" in text(manager, f"{IMPORT}?number=hej")


# --- Buyers ---------------------------------------------------------------------------------------


@pytest.fixture
def waiting(as_user: AsUser, app: Any, session: Session) -> tuple[Any, int]:
    """A client, and a notice whose buyer is not found."""
    client = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    sent(client, *files(CALL))
    return client, session.scalars(sa.select(Notice.id)).one()


def test_a_buyer_is_chosen(waiting: tuple[Any, int], session: Session) -> None:
    client, notice_id = waiting
    body = make_municipality("Exempelköping")
    session.commit()
    address = f"/procurements/notices/{notice_id}/buyer"
    once = once_on(text(client, address))
    answer = client.post(address, data={"once": once, "organisation": body.id})
    assert answer.location.endswith(f"/procurements/notices/{notice_id}")
    session.expire_all()
    assert session.get_one(Notice, notice_id).body_id == body.id
    assert session.scalars(sa.select(Procurement.body_id)).one() == body.id
    again = client.post(address, data={"once": once, "organisation": body.id})
    assert again.location == answer.location
    assert session.scalar(sa.select(sa.func.count(Procurement.id))) == 1


def test_a_buyer_with_a_like_name_is_one_click(waiting: tuple[Any, int], session: Session) -> None:
    client, notice_id = waiting
    body = make_municipality("Exempel", name_full="Exempelkommun")
    session.commit()
    page = text(client, f"/procurements/notices/{notice_id}/buyer")
    assert re.search(rf'name="organisation" value="{body.id}"', page)


def test_nothing_chosen_stays_on_the_page(waiting: tuple[Any, int], session: Session) -> None:
    client, notice_id = waiting
    address = f"/procurements/notices/{notice_id}/buyer"
    answer = client.post(address, data={"once": once_on(text(client, address))})
    assert answer.status_code == 422
    assert "Välj en kund." in answer.get_data(as_text=True)


def test_a_buyer_is_made(waiting: tuple[Any, int], session: Session) -> None:
    client, notice_id = waiting
    once = once_on(text(client, f"/procurements/notices/{notice_id}/buyer"))
    data = {"once": once, "name": "Exempelkommun", "kind": "municipality"}
    answer = client.post(f"/procurements/notices/{notice_id}/buyer/new", data=data)
    assert answer.status_code == 303
    session.expire_all()
    made = session.scalars(sa.select(Organisation)).one()
    assert (made.name, made.org_number) == ("Exempelkommun", BUYER)
    assert session.get_one(Notice, notice_id).body_id == made.id


def test_a_buyer_is_left_out_and_taken_up(waiting: tuple[Any, int], session: Session) -> None:
    client, notice_id = waiting
    address = f"/procurements/notices/{notice_id}/leave-out"
    client.post(address)
    session.expire_all()
    assert session.get_one(Notice, notice_id).left_out
    session.rollback()
    assert "Lärplattform" not in text(client, "/procurements/notices")
    assert "Lärplattform" in text(client, "/procurements/notices?out=1")
    client.post(address)
    session.expire_all()
    assert not session.get_one(Notice, notice_id).left_out


# --- At the procurement ---------------------------------------------------------------------------


def test_open_cases_at_the_buyer_take_part_in_one_click(
    manager: Any, body: Organisation, session: Session
) -> None:
    case = make_case(make_unit(body), "Läsverktyg")
    session.commit()
    case_id = case.id
    _address, page = sent(manager, *files(CALL))
    made = session.scalars(sa.select(Procurement.id)).one()
    session.rollback()
    assert f'action="/procurements/{made}/cases/open"' in page
    assert manager.post(f"/procurements/{made}/cases/open").status_code == 303
    assert session.scalars(sa.select(ProcurementCase.case_id)).one() == case_id


def test_both_words_are_shown_and_the_notices_can_be_taken(
    manager: Any, body: Organisation, session: Session
) -> None:
    sent(manager, *files(CALL))
    made = session.scalars(sa.select(Procurement)).one()
    made.title, made.value_ore = "Vårt eget ord", 100
    session.commit()
    page = text(manager, f"/procurements/{made.id}")
    assert "Annonserna säger något annat" in page
    assert "20\xa0000\xa0000" in page
    made_id = session.scalars(sa.select(Procurement.id)).one()
    session.rollback()
    manager.post(f"/procurements/{made_id}/notices/take")
    session.expire_all()
    assert session.get_one(Procurement, made_id).value_ore == 2_000_000_000
    session.rollback()
    assert "Annonserna säger något annat" not in text(manager, f"/procurements/{made_id}")


def test_a_link_in_a_notice_is_a_web_address_or_none(manager: Any, session: Session) -> None:
    (told,) = store(
        [make_record(document_url="javascript:alert(1)", submission_url="https://x.example/a")]
    )
    session.commit()
    page = text(manager, f"/procurements/notices/{told.notice_id}")
    assert "javascript:alert" not in page
    assert 'href="https://x.example/a"' in page


# --- Many at once ---------------------------------------------------------------------------------


def test_the_same_notices_in_two_imports_at_once_are_kept_once(own_app: Flask) -> None:
    with own_app.app_context(), transaction():
        make_municipality("Exempelkommun", org_number=BUYER)
    start = threading.Barrier(2)

    def take(order: int) -> None:
        with own_app.app_context():
            with transaction():
                made = notices.begin("annonser.zip", by=None, now=clock.now()).id
            some = list(notices.items(read(*(CALL, RESULT)[::order])))
            start.wait(10)
            with transaction():
                run = notices.Run(None, clock.today(), clock.now())
                notices.store(made, some, run)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(take, order) for order in (1, -1)]:
            done.result(30)
    with own_app.app_context():
        found = db.session.scalars(sa.select(NoticeResult.outcome)).all()
        assert sorted(found).count(NoticeOutcome.KNOWN) == 2
        assert NoticeOutcome.UNREADABLE not in found
        assert db.session.scalar(sa.select(sa.func.count(Notice.id))) == 2
        assert db.session.scalar(sa.select(sa.func.count(Procurement.id))) == 1


def read(*names: str) -> Iterator[FileResult]:
    for name in names:
        with (SAMPLES / name).open("rb") as stream:
            yield from read_upload(name, stream)


def test_the_list_shows_unmatched_first_and_filters(manager: Any, session: Session) -> None:
    sent(manager, *files(CALL, "436372-2021_F05_cn.xml"))
    page = text(manager, "/procurements/notices")
    assert page.index("Datacenter dricksvattenverken") < page.index("Lärplattform")
    assert "Lärplattform" not in text(manager, "/procurements/notices?unmatched=1")
    assert "Datacenter" not in text(manager, "/procurements/notices?q=lärplattform")


# --- The contract register ------------------------------------------------------------------------


@pytest.mark.one_database
def test_contracts_come_to_the_register_and_go_again(
    manager: Any, as_user: AsUser, body: Organisation, session: Session
) -> None:
    address, page = sent(manager, *files(RESULT))
    assert "3 avtal till avtalsregistret" in page
    first = session.scalars(sa.select(Contract).order_by(Contract.id)).first()
    assert first is not None
    there = f"/contracts/{first.id}"
    session.rollback()
    assert f'href="{there}"' in page
    assert "Påhittade Lärverktyg AB" in text(manager, there)
    assert as_user(Role.REP).post(f"{address}/contracts/remove").status_code == 403
    assert "Ta bort dem ur registret" not in text(as_user(Role.REP), address)
    assert manager.post(f"{address}/contracts/remove").status_code == 303
    page = text(manager, address)
    assert "3 avtal togs bort ur registret." in page
    assert manager.get(there).status_code == 404
    assert manager.post(f"{address}/contracts/put-back").status_code == 303
    assert "3 avtal till avtalsregistret" in text(manager, address)


@pytest.mark.one_database
def test_a_contract_shows_what_the_notice_says_instead(
    manager: Any, body: Organisation, session: Session
) -> None:
    sent(manager, *files(RESULT))
    first = session.scalars(sa.select(Contract).order_by(Contract.id)).first()
    assert first is not None
    with transaction():
        first.value_ore = 1_00
    page = text(manager, f"/contracts/{first.id}")
    assert "Annonserna säger något annat" in page
    assert "7\N{NO-BREAK SPACE}350\N{NO-BREAK SPACE}000" in page
    assert manager.post(f"/contracts/{first.id}/notices/take").status_code == 303
    session.expire_all()
    assert session.get_one(Contract, first.id).value_ore == 735_000_000
    assert "Annonserna säger" not in text(manager, f"/contracts/{first.id}")
