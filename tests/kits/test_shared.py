"""A kit by its link: open to whoever has it, closed alike to everybody else, and asked from."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from crm.accounts import vendor
from crm.accounts.vendor import VendorFacts
from crm.anchoring import operations as anchoring
from crm.cases import operations as cases
from crm.cases import queries as case_queries
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import db
from crm.core.once import Submission
from crm.interest.models import Inquiry
from crm.kits import pdf, queries, shown, views
from crm.kits.models import Kit
from crm.kits.shown import Now
from crm.pricing import operations as pricing
from crm.pricing.models import PriceSheet
from crm.rules.access import Role
from crm.rules.pricing import Rung
from crm.rules.stages import CaseRole, ProcurementStage
from crm.web import shared_links as links
from crm.web.throttle import Throttle
from tests.factories.kits import make_kit
from tests.factories.people import make_person
from tests.kits.conftest import Setting
from tests.support.forms import post_forms

AsUser = Callable[..., Any]
SPACE = "\N{NO-BREAK SPACE}"
US = VendorFacts("Läsverktyg AB", "5560360793", "", "0495-10 00", "hej@lasverktyg.se")


@pytest.fixture
def kit(there: Setting, session: Session) -> Kit:
    vendor.save(None, US)
    made = whole(there)
    session.commit()
    return queries.kit(made.id)


def whole(there: Setting, **facts: Any) -> Kit:
    """Every part, with a long text."""
    parts: dict[str, Any] = {
        "summary": "Läsverktyget prövas på Venhagskolan.\n\n" + "Å i åa ä e ö. " * 120,
        "exact": True,
        "rungs": (Rung.ONE_UNIT, Rung.WHOLE_BODY),
        "answer_ids": (there.secure.id, there.private.id),
        "reference_ids": (there.reference.id,),
    }
    return make_kit(
        there.case, there.anna, there.seller, today=clock.today(), now=clock.now(), **parts | facts
    )


def address(app: Flask, kit: Kit) -> str:
    configured: Settings = app.extensions["settings"]
    return f"/kits/shared/{links.token(configured.secret_key, kit)}"


def asked() -> list[Inquiry]:
    return list(db.session.scalars(sa.select(Inquiry).order_by(Inquiry.id)))


def question(client: Any, there: str, **typed: str) -> dict[str, str]:
    """The form as the page gives it, filled in."""
    form = next(one for one in post_forms(client.get(there).text) if "question" in one.names)
    return form.sent() | {
        "question": "Kan vi logga in med e-legitimation?",
        "email": "ake@hultsfred.se",
        "name": "Åke Öst",
        **typed,
    }


@pytest.mark.one_database
def test_whoever_has_the_link_reads_exactly_what_was_chosen(
    app: Flask, client: Any, kit: Kit, there: Setting, session: Session
) -> None:
    answer = client.get(address(app, kit))
    page = answer.get_data(as_text=True).replace(SPACE, " ")
    assert answer.status_code == 200 and '<html lang="sv"' in page
    for words in (
        "Läsverktyget: underlag att dela", "Läsverktyg AB, 556036-0793", "Venhagskolan",
        "9 000 kr", "Kryptering", "Personuppgiftsbiträde", "Örjan Åström",
        "Astridskolan, Vimmerby", "En enhet", "Hela organisationen",
    ):  # fmt: skip
        assert words in page, words
    for words in ("Tillgänglighetsredogörelse", "En användare", "Flera enheter", "Anna Björk"):
        assert words not in page, words  # not chosen; and whom it was given to is not told
    english = client.get(address(app, kit) + "?language=en").get_data(as_text=True)
    assert '<html lang="en"' in english and "Security, personal data" in english
    assert "is in Swedish." in english and "is in Swedish." not in page
    small = whole(
        there, summary="Bara detta.", exact=None, rungs=(), answer_ids=(), reference_ids=()
    )
    session.commit()
    page = client.get(address(app, small)).get_data(as_text=True)
    assert "Bara detta." in page
    assert not re.search("Kryptering|Referenser|Priser|kr<", page)


@pytest.mark.one_database
def test_it_is_not_listed_sets_no_cookie_and_notes_nobody(
    app: Flask, client: Any, kit: Kit, session: Session
) -> None:
    right = address(app, kit)
    for there in (right, f"{right}/pdf", f"{right}?asked=1", "/kits/shared/1-x"):
        answer = client.get(there)
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
    answer = client.post(right, data=question(client, right), csrf=False)
    assert answer.status_code == 303 and "Set-Cookie" not in answer.headers
    page = client.get(right).get_data(as_text=True)
    assert '<meta name="robots" content="noindex' in page
    assert not re.search(r'(src|href)="https?://', page)
    assert "csrf" not in page
    version = kit.version
    session.expire_all()
    assert kit.version == version  # reading leaves no trace
    secret = right.rpartition("-")[2]
    kept = [str(one.location) for one in db.session.scalars(sa.select(Submission))]
    assert kept and secret not in "".join(kept)  # nothing that is stored opens it


def test_guessed_expired_and_closed_links_get_one_and_the_same_answer(
    app: Flask, client: Any, kit: Kit, there: Setting, session: Session
) -> None:
    right = address(app, kit)
    number = right.rsplit("/", 1)[1].partition("-")[0]
    second = whole(there)
    session.commit()
    sheet = db.session.get_one(PriceSheet, kit.sheet_id)
    of_a_sheet = links.token(app.extensions["settings"].secret_key, sheet)
    guesses = [
        f"/kits/shared/{number}-{'0' * 40}",
        f"/kits/shared/{number}",
        "/kits/shared/2000000000-" + "0" * 40,
        "/kits/shared/99999999999999-" + "0" * 40,
        "/kits/shared/%F0%9F%94%91-å",
        "/kits/shared/" + "9" * 3_000,
        right[:-1],
        right + "0",
        f"/kits/shared/{second.id}-" + right.partition("-")[2],
        f"/kits/shared/{of_a_sheet}",
    ]
    assert client.get(guesses[0]).status_code == 404

    def said(answer: Any) -> tuple[int, bytes, list[tuple[str, str]]]:
        return answer.status_code, answer.data, [one for one in answer.headers if one[0] != "Date"]

    sent = question(client, right)

    def all_closed(at: str) -> bool:
        wrong = client.get(guesses[0])  # of the same day, which stands on it
        answers = (client.get(at), client.get(f"{at}/pdf"), client.get(f"{at}?asked=1"))
        answers = (*answers, client.post(at, data=sent, csrf=False))
        return all(said(one) == said(wrong) for one in answers)

    for guess in guesses:
        assert all_closed(guess), guess
    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert all_closed(right)
    assert client.get(right).status_code == 200
    kit.revoked_at = clock.now()
    session.commit()
    assert all_closed(right)
    assert asked() == []
    assert client.get(address(app, second)).status_code == 200


@pytest.mark.one_database
def test_a_sender_is_slowed_down(
    app: Flask, client: Any, kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = address(app, kit)
    monkeypatch.setattr(views, "_QUESTIONS", Throttle(1, timedelta(hours=1)))
    sent = question(client, right)
    assert client.post(right, data=sent, csrf=False).status_code == 303
    more = question(client, right, question="Och en till?")
    answer = client.post(right, data=more, csrf=False)
    assert answer.status_code == 429
    assert "Många frågor" in answer.text and "Och en till?" in answer.text  # nothing is lost
    assert len(asked()) == 1
    monkeypatch.setattr(views, "_A_MINUTE", Throttle(1, timedelta(minutes=1)))
    assert client.get(right).status_code == 200
    answer = client.get(right)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "60"
    assert client.get("/kits/shared/1-x").data == answer.data


# --- The question -------------------------------------------------------------------------------


def test_a_colleague_asks_and_it_arrives_once_with_the_champion_as_source(
    app: Flask, client: Any, kit: Kit, there: Setting
) -> None:
    right = address(app, kit)
    sent = question(client, right)
    first = client.post(right, data=sent, csrf=False)
    again = client.post(right, data=sent, csrf=False)  # a second click
    assert (first.status_code, again.status_code) == (303, 303)
    thanks = client.get(first.headers["Location"]).text
    assert "Tack för din fråga" in thanks and "hej@lasverktyg.se" in thanks
    (inquiry,) = asked()
    assert (inquiry.told_by_id, inquiry.caller) == (there.anna.id, "Åke Öst")
    assert inquiry.body_id == there.body.id


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": ""}, "Skriv din e-postadress"),
        ({"email": "ake at hultsfred"}, "Skriv hela e-postadressen"),
        ({"question": " "}, "Skriv din fråga"),
        ({"question": "å" * 2_001}, "Högst 2000 tecken"),
        ({"name": "å" * 121}, "120"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app: Flask, client: Any, kit: Kit, typed: dict[str, str], words: str
) -> None:
    right = address(app, kit)
    sent = question(client, right, **typed)
    answer = client.post(right, data=sent, csrf=False)
    assert answer.status_code == 422
    assert words in answer.text
    kept = {one for name, one in sent.items() if name in {"question", "email", "name"}}
    assert all(one.strip() in answer.text for one in kept)
    assert asked() == []


@pytest.mark.one_database
def test_a_machine_is_thanked_and_heard_no_more_of(app: Flask, client: Any, kit: Kit) -> None:
    right = address(app, kit)
    answer = client.post(
        right, data=question(client, right, website="https://spam.example"), csrf=False
    )
    assert answer.status_code == 303 and asked() == []
    flood = question(client, right, question="x" * 200_000)
    assert client.post(right, data=flood, csrf=False).status_code == 413
    assert asked() == []


@pytest.mark.one_database
def test_a_reference_who_takes_the_consent_back_is_named_no_more(
    app: Flask, client: Any, kit: Kit, there: Setting, session: Session
) -> None:
    right = address(app, kit)
    assert "Örjan Åström" in client.get(right).text
    anchoring.withdraw(there.reference, clock.today())
    session.commit()
    page = client.get(right).text
    assert "Örjan" not in page and "En referens finns inte längre att tillgå" in page
    with app.test_request_context(), force_locale("sv"):
        said = shown.for_pdf(queries.kit(kit.id), "sv", Now({there.reference.id}))
    assert "Örjan" not in json.dumps(said, ensure_ascii=False)


@pytest.mark.one_database
def test_while_a_tender_is_advertised_the_page_and_the_pdf_send_questions_to_its_channel(
    app: Flask, client: Any, kit: Kit, there: Setting, session: Session
) -> None:
    right = address(app, kit)
    sent = question(client, right)  # the page was open when the notice came
    spans = whole(there, exact=False, rungs=(Rung.ONE_UNIT,))
    assert "Fråga oss" in client.get(address(app, spans)).text
    there.case.procurement = ProcurementStage.PUBLISHED
    session.commit()
    assert "Fråga oss" not in client.get(address(app, spans)).text
    page = client.get(right).text
    assert "frågekanal" in page and "LOU 4 kap. 1" in page
    for words in ("Ställ en fråga", "Fråga oss", "hej@lasverktyg.se", "<form"):
        assert words not in page, words
    answer = client.post(right, data=sent, csrf=False)
    assert answer.status_code == 409 and asked() == []
    assert "skickades inte" in answer.text and sent["question"] in answer.text
    with app.test_request_context(), force_locale("sv"):
        found = queries.kit(kit.id)
        said = json.dumps(shown.for_pdf(found, "sv", views._now(found)), ensure_ascii=False)
    assert "frågekanal" in said
    assert "hej@lasverktyg.se" not in said and "Fråga oss" not in said
    there.case.procurement = ProcurementStage.SIGNED
    session.commit()
    assert client.post(right, data=sent, csrf=False).status_code == 303
    assert len(asked()) == 1


@pytest.mark.one_database
def test_a_closed_price_sheet_is_read_no_more_in_an_open_kit(
    app: Flask, client: Any, kit: Kit, session: Session
) -> None:
    right = address(app, kit)
    assert "9 000 kr" in client.get(right).text.replace(SPACE, " ")
    pricing.revoke(db.session.get_one(PriceSheet, kit.sheet_id), now=clock.now())
    session.commit()
    page = client.get(right).text.replace(SPACE, " ")
    assert "Prisbladet är stängt" in page and "Kryptering" in page
    assert not re.search(r"\d kr\b", page)
    with app.test_request_context(), force_locale("sv"):
        said = shown.for_pdf(queries.kit(kit.id), "sv", Now())
    assert said["offers"] == [] and "stängt" in str(said["price_facts"])


# --- As a PDF -----------------------------------------------------------------------------------


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_pdf_says_the_same_and_passes_pdf_ua(
    app: Flask, client: Any, kit: Kit, language: str
) -> None:
    answer = client.get(f"{address(app, kit)}/pdf?language={language}")
    assert (answer.status_code, answer.data[:5]) == (200, b"%PDF-")
    # typst refuses to write what its checks of PDF/UA-1 do not pass
    assert b"pdfuaid" in answer.data or b"pdfuaid:part" in answer.data
    with app.test_request_context(), force_locale(language):
        kit = queries.kit(kit.id)
        said = shown.for_pdf(kit, language, Now())
        page = shown.kit(kit, Now())
        again = pdf.kit(kit, language, Now())
    assert again == answer.data
    words = json.dumps(said, ensure_ascii=False)
    for area, found in page.answers:
        assert area in words
        assert all(one.title in words and one.state in words for one in found)
    for offer in page.offers:
        assert offer.yearly in words and offer.value in words
    assert "Örjan Åström" in words and "Å i åa ä e ö." in words


# --- For us -------------------------------------------------------------------------------------


@pytest.mark.one_database
def test_no_kit_is_made_while_a_procurement_is_advertised(
    as_user: AsUser, kit: Kit, there: Setting, session: Session
) -> None:
    rep = as_user(Role.REP)
    calm = rep.get(f"/kits/cases/{there.case.id}").text
    assert "LOU 4 kap. 8" not in calm
    there.case.procurement = ProcurementStage.PUBLISHED
    session.commit()
    warned = rep.get(f"/kits/cases/{there.case.id}").text
    assert "frågekanal" in warned and "LOU 4 kap. 8" in warned
    assert "Skapa länken" in calm and "Skapa länken" not in warned
    form = next(one for one in post_forms(calm) if "summary" in one.names)
    refused = rep.post(f"/kits/cases/{there.case.id}", data=form.sent())
    assert refused.status_code == 422 and "annonserad" in refused.text
    assert db.session.scalar(sa.select(sa.func.count(Kit.id))) == 1


@pytest.mark.one_database
def test_s23_the_record_shows_which_version_each_champion_has(
    as_user: AsUser, kit: Kit, there: Setting, session: Session
) -> None:
    bo = make_person("Bo", "Ek", organisation=there.school)
    cases.set_role(there.case, bo, CaseRole.COACH, by=None, today=clock.today(), now=clock.now())
    session.commit()
    make_kit(
        case_queries.get(there.case.id), bo, there.seller, today=clock.today(), now=clock.now(),
        exact=False, rungs=(Rung.ONE_UNIT,),
    )  # fmt: skip
    session.commit()
    rep = as_user(Role.REP)
    page = rep.get(f"/kits/cases/{there.case.id}").text
    rows = [row for row in re.findall(r"<tr>.*?</tr>", page, re.DOTALL) if "Version" in row]
    told = [
        re.search(rf"Version {number}<.*{name}.*prisblad {sheet}\b", row, re.DOTALL)
        for row, (number, name, sheet) in zip(
            rows[-2:], ((2, "Bo Ek", 2), (1, "Anna Björk", 1)), strict=True
        )
    ]
    assert all(told), rows
    story = rep.get(f"/people/{there.anna.id}").text
    assert "Ambassadörsunderlag 1 delat med Anna Björk" in story


@pytest.mark.one_database
def test_the_next_version_begins_with_the_last_and_only_who_may_makes_it(
    as_user: AsUser, kit: Kit, there: Setting, session: Session
) -> None:
    here = f"/kits/cases/{there.case.id}"
    rep = as_user(Role.REP)
    page = rep.get(here).text
    form = next(one for one in post_forms(page) if "summary" in one.names)
    ticked = [one.value for one in form.entries if one.name == "rungs" and one.value]
    assert ticked == ["one_unit", "whole_body"]
    sent = form.sent() | {"rungs": ticked}
    assert "Å i åa ä e ö." in sent["summary"]
    viewer = as_user(Role.VIEWER)
    assert viewer.get(here).status_code == 200
    assert viewer.post(here, data={"summary": "x"}).status_code == 403
    answer = rep.post(here, data=sent)
    assert answer.status_code == 303
    again = rep.post(here, data=sent)
    assert again.headers["Location"] == answer.headers["Location"]
    session.expire_all()
    kits = list(db.session.scalars(sa.select(Kit).order_by(Kit.number)))
    assert [one.number for one in kits] == [1, 2]
    assert kits[0].revoked_at is not None  # ticked: earlier links are closed
    assert rep.get(answer.headers["Location"]).status_code == 200
    assert rep.get(f"/kits/{kits[0].id}").status_code == 200
