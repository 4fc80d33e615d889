"""Pages of trials: a table looked through and taken, secrets shown once, stages and pilots."""

import re
from datetime import date, datetime
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.cases.models import Case
from crm.core import clock
from crm.interest import operations as interest
from crm.interest.models import Inquiry
from crm.organisations.models import Organisation
from crm.rules.access import Role
from crm.rules.calendar import STOCKHOLM
from crm.rules.stages import AdoptionStage, PubStatus
from crm.trials import operations, views
from crm.trials.models import Pilot, Trial, TrialSecret, TrialSource
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.trials import make_pilot, make_source, make_trial
from tests.support.forms import post_forms

pytestmark = pytest.mark.one_database
ROWS = (
    "E-post;Namn;Aktiva dagar\r\nasa hos hultsfred;Åsa Öberg;3\r\nasa@hultsfred.se;Åsa Öberg;3\r\n"
)


@pytest.fixture
def body(session: Session) -> Organisation:
    interest.seed_sources()
    return make_municipality("Hultsfred", email_domain="hultsfred.se")


@pytest.fixture
def source(body: Organisation) -> TrialSource:
    return make_source(now=clock.now())


@pytest.fixture
def case(body: Organisation) -> Case:
    return make_case(make_unit(body, "Gröna skolan"), "Läsverktyg")


def hidden(page: str) -> dict[str, str]:
    """The fields of the form that takes the looked-through rows."""
    form = page[page.index('action="/trials/import/take"') :]
    names = "source|table|taken|new|updated|unchanged|unknown"
    found = re.findall(rf'name="({names})"[^>]*value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_table_is_looked_through_and_taken_once(
    as_user: Any, session: Session, source: TrialSource, encoding: str
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    sent = {"source": str(source.id), "file": (BytesIO(ROWS.encode(encoding)), "prov.csv")}
    shown = client.post("/trials/import", data=sent).get_data(as_text=True)
    assert "Rad 2: E-postadressen går inte att läsa." in shown
    assert "Åsa Öberg" in shown
    assert session.scalars(sa.select(Trial)).all() == []
    form = hidden(shown)
    for _twice in range(2):
        assert client.post("/trials/import/take", data=form).status_code == 303
    (inquiry,) = session.scalars(sa.select(Inquiry)).all()
    assert (inquiry.email, inquiry.caller) == ("asa@hultsfred.se", "Åsa Öberg")
    assert session.scalars(sa.select(Trial)).one().days_active == 3


def test_long_table_is_taken_some_rows_at_a_time(
    as_user: Any, session: Session, source: TrialSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "AT_A_TIME", 2)
    client = as_user(Role.ACCOUNT_MANAGER)
    rows = "E-post\n" + "".join(f"n{number}@hultsfred.se\n" for number in range(5))
    shown = client.post("/trials/import", data={"source": str(source.id), "text": rows}).text
    form = hidden(shown)
    for taken in (2, 4):
        answer = client.post("/trials/import/take", data=form)
        assert answer.status_code == 200
        assert f"{taken} av 5 rader är inlästa" in answer.text and "data-goes-on" in answer.text
        assert len(session.scalars(sa.select(Trial)).all()) == taken
        form = hidden(answer.text)
    assert client.post("/trials/import/take", data=form).status_code == 303
    assert "5 nya" in client.get("/trials").text
    assert len(session.scalars(sa.select(Trial)).all()) == 5
    assert "0 av 5" not in client.post("/trials/import/take", data=form | {"taken": "-9"}).text


def test_as_much_can_be_pasted_as_sent_in_a_file(as_user: Any, source: TrialSource) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    rows = "E-post;Namn\n" + "".join(f"n{one}@hultsfred.se;{'å' * 90}\n" for one in range(400))
    answer = client.post("/trials/import", data={"source": str(source.id), "text": rows})
    assert answer.status_code == 200 and "400 prov" in answer.text
    answer = client.post("/trials/import", data={"source": str(source.id), "text": "x" * 500_001})
    assert answer.status_code == 422 and "Dela upp det" in answer.text


def test_columns_that_are_not_read_are_named(as_user: Any, source: TrialSource) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    rows = "E-post;Favoritfärg;;Namn\nasa@hultsfred.se;<b>blå</b>;x;Åsa Öberg\n"
    page = client.post("/trials/import", data={"source": str(source.id), "text": rows}).text
    assert "En kolumn läses inte, för rubriken är inte känd här: Favoritfärg." in page
    known = client.post(
        "/trials/import", data={"source": str(source.id), "text": "E-post\nasa@hultsfred.se"}
    )
    assert "läses inte" not in known.text


def test_file_that_is_no_table_says_so_and_keeps_the_choice(
    as_user: Any, source: TrialSource
) -> None:
    client = as_user(Role.ACCOUNT_MANAGER)
    sent = {"source": str(source.id), "file": (BytesIO(b"Namn\nAnna"), "prov.csv")}
    answer = client.post("/trials/import", data=sent)
    assert answer.status_code == 422
    assert "Ingen kolumn heter E-post eller Konto." in answer.get_data(as_text=True)


def test_secret_is_shown_once_to_an_administrator(as_user: Any, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    once = re.search(r'name="once"[^>]*value="([^"]*)"', admin.get("/trials/senders").text)
    assert once is not None
    form = {"once": once[1], "name": "Läslyftet"}
    answer = admin.post("/trials/senders", data=form)
    assert "whsec_" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert admin.post("/trials/senders", data=form).status_code == 303
    assert "whsec_" not in admin.get("/trials/senders").text
    assert len(session.scalars(sa.select(TrialSecret)).all()) == 1
    assert as_user(Role.FOUNDER).get("/trials/senders").status_code == 403


def test_stage_is_moved_in_one_press_with_its_reason(
    as_user: Any, session: Session, source: TrialSource, case: Case
) -> None:
    today = clock.today()
    for name in ("eva.ek", "bo.bok"):
        make_trial(
            source,
            f"{name}@hultsfred.se",
            now=clock.now(),
            signed_up_on=today,
            first_used_on=today,
            last_used_on=today,
        )
    client = as_user(Role.REP)
    assert "Flytta till kollegor" in client.get(f"/trials/at/{case.organisation_id}").text
    client.post(f"/trials/cases/{case.id}/stage", data={"stage": "colleagues"})
    session.refresh(case)
    assert case.adoption is AdoptionStage.COLLEAGUES
    assert "2 personer använder det." in client.get(f"/cases/{case.id}").text


def test_pilot_warns_of_what_is_missing_and_keeps_what_was_found(
    as_user: Any, session: Session, case: Case
) -> None:
    pilot = make_pilot(case, session.get_one(Organisation, case.organisation_id))
    case.handles_personal_data, case.pub_status = True, PubStatus.NONE
    session.flush()
    client = as_user(Role.REP)
    for address in (f"/trials/pilots/new?case={case.id}", f"/trials/pilots/{pilot.id}"):
        assert "inget PUB-avtal finns" in client.get(address).text
    sent = {"version": str(pilot.version), "result": "De läste mer."}
    assert client.post(f"/trials/pilots/{pilot.id}/evaluation", data=sent).status_code == 303
    page = client.get(f"/trials/pilots/{pilot.id}").text
    assert "De läste mer." in page
    assert "inget PUB-avtal finns" not in page
    assert client.post(f"/trials/pilots/{pilot.id}/evaluation", data=sent).status_code in (409, 422)


def test_pilot_is_called_off_with_a_reason_and_taken_up_again(
    as_user: Any, session: Session, case: Case
) -> None:
    pilot = make_pilot(case, session.get_one(Organisation, case.organisation_id))
    session.commit()
    client, here = as_user(Role.REP), f"/trials/pilots/{pilot.id}"
    form = next(
        one for one in post_forms(client.get(f"{here}/call-off").text) if "why" in one.names
    )
    sent = form.sent() | {"why": "Rektorn slutade"}
    assert client.post(f"{here}/call-off", data=sent).status_code == 303
    page = client.get(here).text
    assert "Inställd" in page and "Rektorn slutade" in page and "Utvärdera" not in page
    assert client.post(f"{here}/call-off", data=sent).status_code in (409, 422)
    assert as_user(Role.VIEWER).post(f"{here}/take-up").status_code == 403
    assert client.post(f"{here}/take-up").status_code == 303
    assert "Inställd" not in client.get(here).text


def test_pilot_is_proposed_when_a_school_has_time(as_user: Any, case: Case) -> None:
    with time_machine.travel(datetime(2026, 11, 29, 9, tzinfo=STOCKHOLM), tick=False):
        page = as_user(Role.REP).get(f"/trials/pilots/new?case={case.id}").text
    days = re.findall(r'name="(?:starts|ends)_on"[^>]*value="([^"]*)"', page)
    first, last = map(date.fromisoformat, days)
    assert (first.weekday(), last.weekday()) == (0, 4)
    assert date(2027, 1, 12) < first and last < date(2027, 5, 16)


def test_pilot_page_names_who_is_missing_at_the_gate(
    as_user: Any, session: Session, case: Case
) -> None:
    pilot = make_pilot(case, session.get_one(Organisation, case.organisation_id))
    case.adoption, case.handles_personal_data = AdoptionStage.UNIT_PILOT, True
    case.pub_status = PubStatus.SIGNED
    session.commit()
    client = as_user(Role.REP)
    for address in (f"/trials/pilots/{pilot.id}", f"/trials/pilots/new?case={case.id}"):
        page = client.get(address).text
        assert "Inte med än:" in page and f"/cases/{case.id}/gate" in page
    operations.call_off_pilot(pilot, "", on=clock.today(), by=None, now=clock.now())
    session.commit()
    assert "Inte med än:" not in client.get(f"/trials/pilots/{pilot.id}").text


def test_pilot_that_ends_before_it_starts_is_refused_with_what_was_typed(
    as_user: Any, session: Session, case: Case
) -> None:
    client = as_user(Role.REP)
    page = client.get(f"/trials/pilots/new?case={case.id}").text
    once = re.search(r'name="once"[^>]*value="([^"]*)"', page)
    assert once is not None
    sent = {
        "once": once[1],
        "case": str(case.id),
        "organisation": str(case.organisation_id),
        "starts_on": "2027-03-01",
        "ends_on": "2027-02-01",
        "evaluates": "Läser de mer?",
    }
    answer = client.post("/trials/pilots/new", data=sent)
    assert answer.status_code == 422
    assert "Läser de mer?" in answer.text
    assert session.scalars(sa.select(Pilot)).all() == []
    again = client.post("/trials/pilots/new", data=sent | {"ends_on": "2027-04-01"})
    assert again.status_code == 303
    assert session.scalars(sa.select(Pilot)).one().case_id == case.id


def test_pages_of_trials_take_few_statements(
    as_user: Any, count_queries: Any, source: TrialSource, case: Case
) -> None:
    for number in range(30):
        make_trial(source, f"n{number}@hultsfred.se", now=clock.now(), signed_up_on=clock.today())
    client = as_user(Role.ADMIN)
    for address in ("/trials", f"/trials/at/{case.body_id}", "/trials/senders"):
        with count_queries() as counted:
            assert client.get(address).status_code == 200
        assert counted.number <= 12, address
