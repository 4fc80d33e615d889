"""Price sheets by their link: open to whoever has it, closed to everybody else, and told alike."""

import json
import re
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
import typst
from flask import Flask
from flask_babel import force_locale
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from crm.accounts import vendor
from crm.accounts.vendor import VendorFacts
from crm.core import clock
from crm.core.config import Settings
from crm.pricing import pdf, sheet_pages, shown
from crm.pricing.models import PriceSheet
from crm.rules.access import Role
from crm.rules.stages import ProcurementStage
from crm.web import shared_links as links
from crm.web.throttle import Throttle
from tests.factories import pricing as make
from tests.pricing.conftest import Shop

AsUser = Callable[..., Any]
SPACE = "\N{NO-BREAK SPACE}"


@pytest.fixture
def until() -> date:
    return clock.today() + timedelta(days=30)


@pytest.fixture
def exact(shop: Shop, until: date, session: Session) -> PriceSheet:
    found = make.share(
        shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now()
    )
    session.commit()
    return found


def address(app: Flask, sheet: PriceSheet) -> str:
    configured: Settings = app.extensions["settings"]
    return f"/pricing/shared/{links.token(configured.secret_key, sheet)}"


def test_whoever_has_the_link_reads_the_sheet_in_both_languages(
    app: Flask, client: Any, exact: PriceSheet
) -> None:
    answer = client.get(address(app, exact))
    page = answer.get_data(as_text=True).replace(SPACE, " ")
    assert answer.status_code == 200
    assert '<html lang="sv"' in page
    assert "Prisexempel: Läsverktyget" in page and "9 000 kr" in page
    assert "Varje rad avrundas till hela öre" in page
    english = client.get(address(app, exact) + "?language=en").get_data(as_text=True)
    assert '<html lang="en"' in english and "Price example: Läsverktyget" in english


def test_it_is_from_us_by_name_and_keeps_who_we_were_that_day(
    app: Flask, client: Any, shop: Shop, until: date, session: Session
) -> None:
    us = VendorFacts("Läsverktyg AB", "5560360793", "", "0495-10 00", "hej@lasverktyg.se")
    row = vendor.save(None, us)
    sheet = make.share(
        shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now()
    )
    vendor.save(row, VendorFacts("Annat Namn AB"))
    session.commit()
    page = client.get(address(app, sheet)).get_data(as_text=True)
    assert "Läsverktyg AB, 556036-0793" in page and "0495-10 00 · hej@lasverktyg.se" in page
    assert "Annat Namn" not in page
    with app.test_request_context(), force_locale("sv"):
        said = shown.for_pdf(sheet, "sv")
    assert said["vendor"] == "Läsverktyg AB"
    assert ["Leverantör", "Läsverktyg AB, 556036-0793"] in said["facts"]
    answer = client.get(f"{address(app, sheet)}/pdf")
    assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")


def test_while_a_tender_is_advertised_questions_go_to_its_channel(
    app: Flask, client: Any, shop: Shop, until: date, session: Session
) -> None:
    """C11: nobody is asked to write to us beside it, on the page and in the PDF."""
    vendor.save(None, VendorFacts("Läsverktyg AB", "", "", "", "hej@lasverktyg.se"))
    sheet = make.share(
        shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now()
    )
    session.commit()
    page = client.get(address(app, sheet)).text
    assert "hej@lasverktyg.se" in page and shop.seller.email in page
    shop.case.procurement = ProcurementStage.PUBLISHED
    session.commit()
    page = client.get(address(app, sheet)).text
    assert "egen frågekanal" in page and "Läsverktyg AB" in page
    for words in ("hej@lasverktyg.se", shop.seller.email, "Fråga oss"):
        assert words not in page
    with app.test_request_context(), force_locale("sv"):
        said = json.dumps(shown.for_pdf(sheet, "sv", may_ask=False), ensure_ascii=False)
    assert "egen frågekanal" in said and shop.seller.email not in said
    assert client.get(f"{address(app, sheet)}/pdf").data[:5] == b"%PDF-"


def test_the_page_is_not_listed_and_follows_nobody(
    app: Flask, client: Any, exact: PriceSheet, session: Session
) -> None:
    for there in (address(app, exact), address(app, exact) + "/pdf", "/pricing/shared/1-x"):
        answer = client.get(there)
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
    page = client.get(address(app, exact)).get_data(as_text=True)
    assert '<meta name="robots" content="noindex' in page
    assert not re.search(r'(src|href)="https?://', page)
    version = exact.version
    session.expire_all()
    assert exact.version == version  # reading leaves no trace


def test_guessed_expired_and_closed_links_get_one_and_the_same_answer(
    app: Flask, client: Any, exact: PriceSheet, shop: Shop, until: date, session: Session
) -> None:
    right = address(app, exact)
    number = right.rsplit("/", 1)[1].partition("-")[0]
    second = make.share(
        shop.case, shop.seller, valid_until=until, today=clock.today(), now=clock.now()
    )
    session.commit()
    swapped = f"/pricing/shared/{second.id}-" + right.partition("-")[2]
    guesses = [
        f"/pricing/shared/{number}-{'0' * 40}",
        f"/pricing/shared/{number}",
        "/pricing/shared/2000000000-" + "0" * 40,
        "/pricing/shared/99999999999999-" + "0" * 40,
        "/pricing/shared/%F0%9F%94%91-å",
        "/pricing/shared/" + "9" * 3_000,
        right[:-1],
        right + "0",
        swapped,
    ]
    wrong = client.get(guesses[0])
    assert wrong.status_code == 404

    def same(answer: Any) -> bool:
        return (answer.status_code, answer.data) == (wrong.status_code, wrong.data)

    for there in guesses:
        assert same(client.get(there)), there
        assert same(client.get(there + "/pdf")), there
    exact.revoked_at = clock.now()
    session.commit()
    assert same(client.get(right)) and same(client.get(right + "/pdf"))


def test_the_link_is_open_on_its_last_day_and_not_the_day_after(
    app: Flask, client: Any, exact: PriceSheet, until: date
) -> None:
    right = address(app, exact)
    with time_machine.travel(f"{until}T21:00:00+00:00", tick=False):
        assert client.get(right).status_code == 200
    with time_machine.travel(f"{until + timedelta(days=1)}T00:30:00+00:00", tick=False):
        assert client.get(right).status_code == 404


def test_a_closed_link_stays_closed(
    app: Flask, client: Any, as_user: AsUser, exact: PriceSheet, session: Session
) -> None:
    right, manager = address(app, exact), as_user(Role.ACCOUNT_MANAGER)
    assert manager.post(f"/pricing/sheets/{exact.id}/revoke").status_code == 303
    session.expire_all()
    closed = exact.revoked_at
    assert closed is not None
    assert manager.post(f"/pricing/sheets/{exact.id}/revoke").status_code == 303
    session.expire_all()
    assert exact.revoked_at == closed
    assert client.get(right).status_code == 404
    seen = manager.get(f"/pricing/sheets/{exact.id}").get_data(as_text=True)
    assert f"9{SPACE}000{SPACE}kr" in seen  # we still know what they saw


def test_nothing_in_the_database_opens_a_sheet(app: Flask, client: Any, exact: PriceSheet) -> None:
    configured: Settings = app.extensions["settings"]
    real = links.token(configured.secret_key, exact)
    assert exact.nonce not in real
    assert real not in repr({name: getattr(exact, name) for name in exact.__table__.columns.keys()})  # noqa: SIM118
    assert client.get(f"/pricing/shared/{exact.id}-{exact.nonce}").status_code == 404
    assert links.token("another key", exact) != real


def test_who_asks_too_often_is_told_to_wait(
    app: Flask, client: Any, exact: PriceSheet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet_pages, "_A_MINUTE", Throttle(3, timedelta(minutes=1)))
    right = address(app, exact)
    with time_machine.travel("2026-11-30T09:00:00+00:00", tick=False) as traveller:
        codes = [client.get(there).status_code for there in (right, "/pricing/shared/1-x", right)]
        assert codes == [200, 404, 200]
        refused = client.get(right)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
        other = client.get(right, environ_overrides={"REMOTE_ADDR": "192.0.2.9"})
        assert other.status_code == 200
        traveller.shift(timedelta(minutes=1))
        assert client.get(right).status_code == 200


def test_a_span_tells_no_exact_figure(
    app: Flask, client: Any, shop: Shop, until: date, session: Session
) -> None:
    sheet = make.share(
        shop.case,
        shop.seller,
        exact=False,
        valid_until=until,
        today=clock.today(),
        now=clock.now(),
    )
    session.commit()
    page = client.get(address(app, sheet)).get_data(as_text=True).replace(SPACE, " ")
    assert "7 600–11 000 kr" in page  # 9 000 kr, less and more 15 %, to two figures
    assert ">9 000 kr" not in page and "Licens" not in page
    with force_locale("sv"):
        said = str(shown.for_pdf(sheet, "sv"))
    assert f"'9{SPACE}000" not in said


def test_a_sheet_is_made_once_on_the_case_and_shows_its_link(
    app: Flask, as_user: AsUser, shop: Shop, session: Session
) -> None:
    manager = as_user(Role.ACCOUNT_MANAGER)
    session.commit()
    there = f"/pricing/cases/{shop.case.id}/sheets"
    page = manager.get(there).get_data(as_text=True)
    once = re.search(r'name="once"[^>]*value="([^"]+)"', page)
    assert once is not None
    form = {
        "detail": "exact",
        "language": "en",
        "valid_until": (clock.today() + timedelta(days=10)).isoformat(),
        "once": once[1],
    }
    for day, sentence in (("2020-01-01", "Dagen har passerat."), ("2099-01-01", "två år")):
        answer = manager.post(there, data={**form, "valid_until": day})
        assert answer.status_code == 422 and sentence in answer.get_data(as_text=True)
        assert day in answer.get_data(as_text=True)
    assert manager.post(there, data=form).status_code == 303
    assert manager.post(there, data=form).status_code == 303
    sheet = session.query(PriceSheet).one()
    assert (sheet.is_exact, sheet.language, sheet.number) == (True, "en", 1)
    assert address(app, sheet) in manager.get(there).get_data(as_text=True)
    session.expire_all()
    assert shop.case.price_shared_on == clock.today()
    viewer = as_user(Role.VIEWER)
    assert viewer.post(there, data=form).status_code == 403


# --- The PDF ------------------------------------------------------------------------------------


def streams(made: bytes) -> bytes:
    """Everything in the file, unpacked."""
    parts = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    found = [made]
    for part in parts:
        try:
            found.append(zlib.decompress(part))
        except zlib.error:
            continue
    return b"\n".join(found)


def test_the_pdf_keeps_to_pdf_ua_and_is_tagged(app: Flask, client: Any, exact: PriceSheet) -> None:
    """The library refuses to make a file that breaks PDF/UA-1; the file itself says what it is."""
    answer = client.get(address(app, exact) + "/pdf")
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    inside = streams(answer.data)
    assert answer.data.startswith(b"%PDF-1.7")
    assert b"pdfuaid:part" in inside
    for wanted in (b"/MarkInfo", b"/StructTreeRoot", b"/Lang", b"/Table", b"/TH", b"/H1"):
        assert wanted in inside, wanted
    assert b"/Lang (sv" in inside or b"/Lang(sv" in inside


def test_the_same_sheet_is_the_same_file(exact: PriceSheet) -> None:
    assert pdf.price_sheet(exact, "sv") == pdf.price_sheet(exact, "sv")
    assert pdf.price_sheet(exact, "sv") != pdf.price_sheet(exact, "en")


@pytest.mark.parametrize("naughty", ["#emph[x] $x^2$ #{1+1} \\ *b* @ref <a> `c`", "\u202e😀 // x"])
def test_what_a_sheet_says_is_never_read_as_markup(
    exact: PriceSheet, session: Session, naughty: str
) -> None:
    exact.data = {**exact.data, "product": naughty, "body": naughty}
    with force_locale("sv"):
        said = pdf.printable(shown.for_pdf(exact, "sv"))
    assert pdf.price_sheet(exact, "sv").startswith(b"%PDF")
    heading = typst.query(
        pdf.source(),
        "heading.where(level: 1)",
        field="body",
        one=True,
        sys_inputs={"data": json.dumps(said)},
        ignore_system_fonts=True,
    )
    assert json.loads(heading)["text"] == said["title"]


@given(st.text(max_size=40))
@settings(max_examples=40, deadline=None)
def test_whatever_somebody_is_called_it_can_be_printed(name: str) -> None:
    layout = b'#set document(title: "x")\n#set text(font: "Libertinus Serif")\n#sys.inputs.name'
    made = typst.compile(
        layout,
        sys_inputs={"name": pdf.printable(name)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
    )
    assert made.startswith(b"%PDF")


def test_ordinary_names_are_printed_as_they_are() -> None:
    for name in ("Åsa Öberg", "Łukasz Žižek", "Δ-skolan", "Школа", "§ 5 – 10 × 2 €"):
        assert pdf.printable(name) == name
    for words in ("≥ 99,9 %", "≤ 4 h", "−5 °C", "a → b", "™ ® ½ ≈ ✓ ☐ • … “x”"):
        assert pdf.printable(words) == words  # what is promised is not turned into a question
    assert pdf.printable("a\u202e😀\ufe0f\u0301b漢") == "ab?"


def test_the_fonts_have_every_sign_that_is_let_through() -> None:
    """PDF/UA refuses a character without one, so that the file would not be made at all."""
    every = "".join(chr(one) for one in range(32, 0x3000))
    kept = pdf.printable(every).replace("?", "")
    layout = (
        b'#set document(title: "x")\n#set text(font: "Libertinus Serif")\n'
        b"#for one in sys.inputs.said.clusters() [a#one #strong(one) ]"
    )
    made = typst.compile(
        layout, sys_inputs={"said": kept}, pdf_standards=["ua-1"], ignore_system_fonts=True
    )
    assert made.startswith(b"%PDF") and len(kept) > 2_000
