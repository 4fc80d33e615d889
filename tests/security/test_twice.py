"""Sent twice, written at the same moment, edited by two: one row, one place to land, nothing lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.accounts import operations as accounts
from crm.accounts.models import Invitation
from crm.activities.models import Activity
from crm.audit.models import AuditEntry
from crm.budgets import operations as budgets
from crm.budgets.models import BudgetEvent, PauseKind
from crm.core import clock
from crm.core.config import stored_secret
from crm.core.db import db, refusing_doubles, transaction
from crm.core.errors import RuleBroken
from crm.interest import operations as interest
from crm.interest.models import Inquiry, SourceKind
from crm.organisations.models import Alias, Organisation
from crm.people import operations as people
from crm.people.models import Person, Post
from crm.rules.access import Role
from crm.rules.certainty import Certainty
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.support.world import MISSING

# --- Sent twice ---------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", ".", "made.up", "a." * 150, "å.ä"])
def test_a_form_without_its_mark_is_refused_with_the_words_kept(as_user, world, token):
    rep = as_user(Role.REP)
    sent = {
        "first_name": "Gunilla",
        "last_name": "Ek",
        "organisation": str(world.parts["organisation_id"]),
        "once": token,
    }
    refused = rep.post("/people/new", data=sent)
    assert refused.status_code == 422
    assert "skicka det en gång till" in refused.text
    assert 'value="Gunilla"' in refused.text
    assert db.session.scalar(sa.select(Person.id).where(Person.first_name == "Gunilla")) is None

    fresh = refused.text.partition('name="once" type="hidden" value="')[2].partition('"')[0]
    assert rep.post("/people/new", data=sent | {"once": fresh}).status_code == 303


def test_other_words_with_a_spent_mark_are_kept_and_told_of(as_user, world):
    rep = as_user(Role.REP)
    place = str(world.parts["organisation_id"])
    sent = {"first_name": "Gunilla", "last_name": "Ek", "organisation": place, "once": "a"}
    there = rep.post("/people/new", data=sent).location
    assert rep.post("/people/new", data=sent).location == there

    other = sent | {"first_name": "Torsten", "last_name": "Quist"}
    refused = rep.post("/people/new", data=other)
    assert refused.status_code == 422
    assert f'<a href="{there}">Det här är redan sparat.</a>' in refused.text
    assert 'value="Torsten"' in refused.text
    assert db.session.scalar(sa.select(Person.id).where(Person.last_name == "Quist")) is None

    fresh = refused.text.partition('name="once" type="hidden" value="')[2].partition('"')[0]
    assert rep.post("/people/new", data=other | {"once": fresh}).location not in {None, there}
    assert db.session.scalar(sa.select(Person.id).where(Person.last_name == "Quist"))


def test_a_mark_of_somebody_else_is_refused(as_user, world):
    rep, other = as_user(Role.REP), as_user(Role.REP)
    sent = {"first_name": "Gunilla", "organisation": str(world.parts["organisation_id"])}
    token = other.get("/people/new").text
    token = token.partition('name="once" type="hidden" value="')[2].partition('"')[0]
    assert rep.post("/people/new", data=sent | {"once": token}).status_code == 422
    assert other.post("/people/new", data=sent | {"once": token}).status_code == 303


def test_a_mark_counts_for_one_kind_of_form(as_user, world):
    """Else a product and a note, sent with the same mark, would be taken for one another."""
    admin = as_user(Role.ADMIN)
    first = admin.post("/cases/products", data={"name": "Läslust", "once": "a"})
    note = admin.post(
        f"/accounts/{world.parts['organisation_id']}/activities/new",
        data={"kind": "note", "text": "Ringde", "once": "a"},
    )
    assert (first.status_code, note.status_code) == (303, 303)
    assert first.headers["Location"] != note.headers["Location"]


def test_an_answer_is_noted_once(as_user, world):
    rep = as_user(Role.REP)
    address = f"/inquiries/{world.parts['inquiry_id']}/answer"
    answers = [
        rep.post(address, data={"kind": "mail", "text": "Skickade priset", "once": token})
        for token in ("a", "a", "b")
    ]
    assert [answer.status_code for answer in answers] == [303, 303, 303]
    told = db.session.scalars(sa.select(Activity).where(Activity.text == "Skickade priset")).all()
    assert len(told) == 2, "a second answer is a line of its own, a second click is not"


# --- At the same moment ---------------------------------------------------------------------------


def test_a_post_goes_on_once(session):
    school = make_unit()
    anna = make_person("Anna", "Berg", school, title="Rektor")
    now, today = clock.now(), clock.today()
    with pytest.raises(RuleBroken, match="har redan den tjänsten"), session.begin_nested():
        people.add_post(anna, school, title="Rektor", by=None, today=today, now=now)
    other = people.add_post(anna, school, title="Lärare", by=None, today=today, now=now)
    with pytest.raises(RuleBroken, match="redan en sådan tjänst"), session.begin_nested():
        people.edit_post(
            other,
            title="Rektor",
            function=None,
            started_on=None,
            ended_on=None,
            by=None,
            today=today,
            now=now,
        )
    people.end_post(other, on=today, by=None, today=today, now=now)
    people.add_post(anna, school, title="Lärare", by=None, today=today, now=now)
    assert len(session.scalars(sa.select(Post).where(Post.person_id == anna.id)).all()) == 3


def test_an_address_is_invited_once_at_a_time(session):
    now = clock.now()
    first = accounts.invite(email="ny@example.se", role=Role.REP, by=None, now=now)
    with pytest.raises(RuleBroken, match="redan inbjuden"), session.begin_nested():
        accounts.invite(email="NY@example.se", role=Role.REP, by=None, now=now)
    accounts.revoke_invitation(first, now=now)
    session.flush()
    accounts.invite(email="ny@example.se", role=Role.REP, by=None, now=now)
    assert len(session.scalars(sa.select(Invitation)).all()) == 2


@pytest.mark.parametrize("year", [None, 2028])
def test_a_phase_has_one_date_a_year(session, year):
    body = make_municipality()
    facts = {
        "organisation_id": body.id,
        "phase_key": "kf_budgetbeslut",
        "start_month": 6,
        "start_day": 14,
        "end_month": 6,
        "end_day": 14,
        "budget_year": year,
        "certainty": Certainty.CONFIRMED,
    }
    session.add(BudgetEvent(**facts))
    session.flush()
    session.add(BudgetEvent(**facts | {"budget_year": 2029}))
    session.flush()
    session.add(BudgetEvent(**facts))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_a_channel_has_a_name_of_its_own(session):
    interest.seed_sources()
    with pytest.raises(RuleBroken, match="Telefon"), session.begin_nested():
        interest.add_source(SourceKind.CHANNEL, name_sv="TELEFON", name_en="Wire")
    chat = interest.add_source(SourceKind.CHANNEL, name_sv="Chatt", name_en="Chat")
    session.add(type(chat)(kind=chat.kind, key="other", name_sv="Chatt", name_en="Talk"))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_what_is_called_a_double_is_that_double(session):
    """Another fault in the same writing is no double, and must not be told as one."""
    school, anna = make_unit(), make_person("Anna", "Berg")
    session.add(Post(person_id=anna.id, organisation_id=school.id, title="Lärare"))
    session.flush()

    def writing(*rows: object) -> None:
        with session.begin_nested(), refusing_doubles("En till.", "uq_post_open"):
            session.add_all(rows)

    with pytest.raises(RuleBroken, match=r"En till\."):
        writing(Post(person_id=anna.id, organisation_id=school.id, title="Lärare"))
    other_faults = (
        [Alias(organisation_id=school.id, name="Skolan") for _n in range(2)],
        [Post(person_id=anna.id, organisation_id=MISSING, title="Lärare")],
        [Post(person_id=None, organisation_id=school.id, title="Lärare")],
    )
    for rows in other_faults:
        with pytest.raises(IntegrityError):
            writing(*rows)
    with pytest.raises(LookupError, match="uq_post_opne"), refusing_doubles("", "uq_post_opne"):
        pass


def test_two_who_add_a_pause_at_once_add_one(own_app):
    """The second waits for the first, and then sees it."""

    def add(hold: threading.Event | None = None) -> None:
        with own_app.app_context(), transaction():
            body = db.session.scalars(sa.select(Organisation)).one()
            day, now = date(2026, 12, 1), clock.now()
            budgets.add_pause(
                body, PauseKind.FREEZE, day, None, note="", by=None, today=day, now=now
            )
            if hold is not None:
                started.set()
                hold.wait(5)

    with own_app.app_context(), transaction():
        make_municipality()
    started, go_on = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(add, go_on)
        assert started.wait(5)
        second = pool.submit(add)
        assert not second.done()
        go_on.set()
        first.result(10)
        with pytest.raises(RuleBroken, match="redan"):
            second.result(10)


def test_two_first_starts_agree_on_the_secret(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        keys = set(pool.map(lambda _n: stored_secret(tmp_path / "new"), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 64
    kept = list((tmp_path / "new").iterdir())
    assert [file.name for file in kept] == ["secret-key"]
    assert kept[0].stat().st_mode & 0o777 == 0o600


def test_a_merge_of_sources_takes_as_much_as_there_is(session, world, monkeypatch):
    """More than is held in memory at a time; each change stands in the history."""
    monkeypatch.setattr(interest, "AT_A_TIME", 2)
    old = interest.add_source(SourceKind.CHANNEL, name_sv="Chatt", name_en="Chat")
    new = interest.add_source(SourceKind.CHANNEL, name_sv="Sms", name_en="Text")
    for number in range(5):
        interest.log(summary="x", channel=old, caller=f"Nr {number}", by=None, now=clock.now())
    session.commit()
    assert interest.merge_source(old, new) == 5
    session.commit()
    at_new = sa.select(sa.func.count()).where(Inquiry.channel_id == new.id)
    assert session.scalar(at_new) == 5
    changed = sa.select(sa.func.count()).where(
        AuditEntry.entity == "inquiry", AuditEntry.action == "update"
    )
    assert session.scalar(changed) == 5
