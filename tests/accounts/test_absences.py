"""Entering and ending an absence (J3)."""

import html
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine

from crm.accounts import absences
from crm.accounts.models import Absence, StandIn, User
from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.db import db
from crm.rules.access import Role
from tests.factories.accounts import make_user

TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        yield


def sent(first: str, last: str, deputy: int | str = "") -> dict[str, str]:
    return {"first": first, "last": last, "deputy": str(deputy), "once": "a"}


def rows() -> list[tuple[date, date]]:
    found = db.session.execute(
        sa.select(Absence.first, Absence.last)
        .where(Absence.called_off_at.is_(None))
        .order_by(Absence.first)
    )
    return [(first, last) for first, last in found]


def test_days_are_written_as_people_write_them(as_user: Any) -> None:
    deputy = make_user(name="Bo Ek")
    client = as_user(Role.REP)
    answer = client.post("/profile/absence", data=sent("1/12", "v. 51", deputy.id))
    assert answer.status_code == 303
    text = client.get("/profile/absence").text
    assert "1 dec. 2026 – 20 dec. 2026" in text and "Ersättare: Bo Ek" in text
    assert "1 dec. 2026 – 20 dec. 2026" in as_user(deputy).get("/profile/absence").text


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2026-12-10", "2026-12-01", "Sista dagen ligger före den första"),
        ("2026-11-01", "2026-11-10", "De dagarna har redan varit"),
        ("2026-12-01", "2028-12-01", "högst ett år"),
        ("2026-12-05", "2026-12-20", "Det finns redan en frånvaro"),
        ("2027-02-30", "2027-03-01", "Den månaden har ingen sådan dag"),
        ("", "2027-03-01", "Det här behövs"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    as_user: Any, first: str, last: str, words: str
) -> None:
    client = as_user(Role.REP)
    client.post("/profile/absence", data=sent("2026-12-20", "2026-12-23"))
    refused = client.post("/profile/absence", data=sent(first, last) | {"once": "b"})
    assert refused.status_code == 422
    assert words in refused.text and f'value="{last}"' in refused.text
    assert rows() == [(date(2026, 12, 20), date(2026, 12, 23))]


def test_a_reader_oneself_or_somebody_unknown_is_no_deputy(as_user: Any) -> None:
    reader, client = make_user(Role.VIEWER), as_user(Role.REP)
    for wrong in (reader.id, client.user.id, 99_999, "x"):
        answer = client.post("/profile/absence", data=sent("1/12", "2/12", wrong))
        assert answer.status_code == 422, wrong
    assert rows() == []


def test_sent_twice_is_one(as_user: Any) -> None:
    client = as_user(Role.REP)
    for _ in range(2):
        assert client.post("/profile/absence", data=sent("1/12", "2/12")).status_code == 303
    assert len(rows()) == 1


def test_an_administrator_enters_it_for_who_has_fallen_ill(as_user: Any) -> None:
    ill, deputy, admin = make_user(name="Anna Ek"), make_user(), as_user(Role.ADMIN)
    there = f"/users/{ill.id}/absence"
    assert there in admin.get(f"/users/{ill.id}").text
    answer = admin.post(there, data=sent("idag", "+2v", deputy.id))
    assert answer.location == there
    assert absences.covered(TODAY) == [(ill.id, deputy.id)]
    (entry,) = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.entity == "absence"))
    assert entry.actor_id == admin.user.id
    assert as_user(Role.REP).get(there).status_code == 403


def test_back_early_and_not_going_at_all(as_user: Any) -> None:
    client, deputy = as_user(Role.REP), make_user()
    now, today = clock.now(), TODAY
    begun, later = [
        absences.add(
            client.user,
            first=first,
            last=first + timedelta(days=5),
            deputy_id=deputy.id,
            today=today,
            now=now,
        )
        for first in (today - timedelta(days=2), today + timedelta(days=20))
    ]
    db.session.commit()
    assert absences.covered(today) == [(client.user.id, deputy.id)]
    for one in (begun, later):
        answer = client.post(f"/absences/{one.id}/end")
        assert answer.location == "/profile/absence"
    assert absences.covered(today) == []
    assert begun.last == today - timedelta(days=1) and later.called_off_at == now
    assert db.session.scalar(sa.select(sa.func.count()).select_from(StandIn)) == 0
    assert client.post(f"/absences/{begun.id}/end").status_code == 303, "twice is as good as once"


def test_a_colleagues_absence_is_not_mine_to_end(as_user: Any) -> None:
    theirs = absences.add(
        make_user(), first=TODAY, last=TODAY, deputy_id=None, today=TODAY, now=clock.now()
    )
    db.session.commit()
    assert as_user(Role.REP).post(f"/absences/{theirs.id}/end").status_code == 404
    assert as_user(Role.ADMIN).post(f"/absences/{theirs.id}/end").status_code == 303
    assert theirs.called_off_at is not None


def away(who: User, first: str, last: str, deputy: User | None) -> Absence:
    made = absences.add(
        who,
        first=date.fromisoformat(first),
        last=date.fromisoformat(last),
        deputy_id=deputy.id if deputy else None,
        today=TODAY,
        now=clock.now(),
    )
    db.session.commit()
    return made


def said_at_saving(client: Any, deputy: User | None) -> str:
    """The page after an absence 1 to 14 December is saved."""
    data = sent("2026-12-01", "2026-12-14", deputy.id if deputy else "")
    return html.unescape(client.post("/profile/absence", data=data, follow_redirects=True).text)


def test_a_deputy_who_is_away_too_is_told_with_who_gets_the_reminders(as_user: Any) -> None:
    bo, cilla = make_user(name="Bo Ek"), make_user(name="Cilla Al")
    away(bo, "2026-12-07", "2026-12-09", cilla)
    client = as_user(Role.REP)
    assert "Bo Ek (borta 7 dec. 2026 – 9 dec. 2026)" in client.get("/profile/absence").text
    words = "7 dec. 2026 – 9 dec. 2026: Bo Ek är också borta, och Cilla Al får påminnelserna."
    text = said_at_saving(client, bo)
    assert text.count(words) == 2, "in the message and at the absence"
    assert words in html.unescape(client.get("/profile/absence").text)
    assert "Inte för" in as_user(bo).get("/profile/absence").text
    assert "Inte för" not in as_user(cilla).get("/profile/absence").text


def test_a_circle_of_deputies_is_told_and_everybody_is_shown(as_user: Any) -> None:
    client, bo = as_user(Role.REP), make_user(name="Bo Ek")
    away(bo, "2026-12-14", "2026-12-20", client.user)
    text = said_at_saving(client, bo)
    assert (
        "14 dec. 2026: Bo Ek är också borta, och ersättarna hänvisar runt till varandra:"
        " påminnelserna visas för alla."
    ) in text
    assert absences.covered(date(2026, 12, 14)) == sorted([(bo.id, None), (client.user.id, None)])


def test_a_chain_that_ends_with_nobody_is_told(as_user: Any) -> None:
    bo, cilla = make_user(name="Bo Ek"), make_user(name="Cilla Al")
    away(bo, "2026-12-01", "2026-12-20", cilla)
    away(cilla, "2026-12-01", "2026-12-20", None)
    text = said_at_saving(as_user(Role.REP), bo)
    assert "Bo Ek och Cilla Al är också borta, den sista utan ersättare" in text


def test_who_stands_in_for_somebody_is_told_it_when_going_away(as_user: Any) -> None:
    client, anna, cilla = as_user(Role.REP), make_user(name="Anna Ek"), make_user(name="Cilla Al")
    away(anna, "2026-12-10", "2026-12-20", client.user)
    text = said_at_saving(client, cilla)
    assert "För Anna Ek, 10 dec. 2026 – 14 dec. 2026:" in text
    assert f"{client.user.name} är också borta, och Cilla Al får påminnelserna." in text
    away(cilla, "2027-03-01", "2027-03-05", None)
    assert "Cilla Al får" in html.unescape(client.get("/profile/absence").text)


def test_without_a_deputy_or_detour_the_message_is_short(as_user: Any) -> None:
    text = said_at_saving(as_user(Role.REP), None)
    assert "Sparat. De dagarna visas det som ska göras för alla." in text
    assert "är också borta" not in text
