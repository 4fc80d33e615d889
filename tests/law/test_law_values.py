"""The law's values in an installation: as shipped, corrected with a note, looked through (K12)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.db import db
from crm.core.errors import NotFound
from crm.law import operations, queries
from crm.law.models import LawCheck, LawValueChange
from crm.law.operations import Reading
from crm.law.queries import ValueGroup
from crm.rules.access import Permission, Role, allows
from crm.rules.law.explained import Confidence
from crm.rules.law.terms import AuthorityKind, Law
from crm.rules.law.values import CHECKED_ON, ValueKey, shipped_values
from tests.factories.accounts import make_user
from tests.support.forms import post_forms

THRESHOLD = "eu_threshold.LOU.other.goods_services"
LIMIT = "direct_award.LOU.all.goods_services_works"
TODAY = date(2026, 11, 24)


def reading(**changes: Any) -> Reading:
    said: dict[str, Any] = {
        "valid_from": date(2026, 1, 1),
        "value": 2_451_750,
        "euro": 216_000,
        "source": "EUT C/2025/5732",
        "confidence": Confidence.CONFIRMED,
        "note": "Läst i EUT",
    }
    return Reading(**(said | changes))


def correct(code: str, what: Reading, by: Any = None) -> LawValueChange | None:
    return operations.correct(queries.get(code, TODAY), what, by=by, now=clock.now())


def other_threshold(on: date) -> int:
    found = queries.values().find(ValueKey.EU_THRESHOLD, Law.LOU, on, AuthorityKind.OTHER)
    return found.value


def test_without_corrections_the_shipped_values_hold(session: Any) -> None:
    assert queries.values().rows == shipped_values().rows
    assert not queries.get(THRESHOLD, TODAY).is_changed


def test_a_correction_holds_for_its_period_and_no_other(session: Any) -> None:
    saved = correct(THRESHOLD, reading())
    assert saved is not None and saved.version == 2  # 1 is as shipped
    assert other_threshold(date(2026, 11, 24)) == 2_451_750
    assert other_threshold(date(2025, 12, 31)) == 2_389_585
    stands = queries.get(THRESHOLD, TODAY)
    assert stands.now is not None and stands.now.note == "Läst i EUT"
    assert stands.now.confidence_on(TODAY) is Confidence.CONFIRMED


def test_a_new_period_begins_where_it_is_said_to(session: Any) -> None:
    """The figures of 2028, and a limit that is raised one day."""
    first = correct(THRESHOLD, reading(valid_from=date(2028, 1, 1), value=2_500_000))
    assert first is not None and first.version == 1
    assert other_threshold(date(2027, 12, 31)) == 2_451_751
    assert other_threshold(date(2029, 6, 1)) == 2_500_000
    correct(LIMIT, reading(valid_from=date(2027, 7, 1), value=800_000, euro=None))
    periods = queries.get(LIMIT, TODAY).periods
    assert [(row.value, row.valid_from, row.valid_to) for row in periods[:2]] == [
        (800_000, date(2027, 7, 1), None),
        (700_000, date(2022, 2, 1), date(2027, 6, 30)),
    ]


def test_every_version_is_kept_and_the_last_one_holds(session: Any) -> None:
    correct(THRESHOLD, reading())
    again = correct(THRESHOLD, reading(value=2_451_752))
    assert again is not None and again.version == 3
    assert other_threshold(TODAY) == 2_451_752
    assert correct(THRESHOLD, reading(value=2_451_752)) is None
    assert [one.version for one in queries.get(THRESHOLD, TODAY).changes] == [3, 2]


def test_a_correction_is_taken_back(session: Any) -> None:
    saved = correct(THRESHOLD, reading())
    assert saved is not None
    stands = queries.get(THRESHOLD, TODAY)
    back = operations.withdraw(stands, saved, by=None, now=clock.now())
    assert back is not None and back.withdrawn and back.version == 3
    assert other_threshold(TODAY) == 2_451_751
    stands = queries.get(THRESHOLD, TODAY)
    assert not stands.is_changed
    assert operations.withdraw(stands, saved, by=None, now=clock.now()) is None
    fourth = correct(THRESHOLD, reading())
    assert fourth is not None and fourth.version == 4


def test_two_versions_with_one_number_are_refused_by_the_database(session: Any) -> None:
    saved = correct(THRESHOLD, reading())
    assert saved is not None
    twin = {
        column.key: getattr(saved, column.key)
        for column in sa.inspect(LawValueChange).column_attrs
        if column.key != "id"
    }
    db.session.add(LawValueChange(**twin))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_correction_stands_in_the_history(session: Any) -> None:
    saved = correct(THRESHOLD, reading())
    assert saved is not None
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.entity == "law_value")).one()
    assert entry.entity_id == str(saved.id)
    assert entry.changes["value"] == [None, 2_451_750]


def test_every_value_stands_in_one_group(session: Any) -> None:
    slots = [one.slot for group in ValueGroup for one in queries.standing(group, TODAY)]
    assert len(slots) == len(set(slots))
    assert set(slots) == {row.slot for row in shipped_values().rows}


def test_they_are_looked_through_once_a_year(session: Any) -> None:
    through = queries.looked_through()
    assert (through.on, through.again) == (CHECKED_ON, date(2027, 11, 23))
    assert not through.is_due(date(2027, 11, 22)) and through.is_due(date(2027, 11, 23))
    who = make_user(Role.ADMIN)
    for _time in range(2):
        operations.look_through(date(2027, 2, 28), by=who)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LawCheck)) == 1
    through = queries.looked_through()
    assert (through.on, through.by, through.again) == (
        date(2027, 2, 28),
        who.name,
        date(2028, 2, 28),
    )


def test_an_unknown_value_is_not_found(session: Any) -> None:
    with pytest.raises(NotFound):
        queries.get("eu_threshold.LOU.nobody.nothing", TODAY)
    with pytest.raises(NotFound):
        queries.change(999_999)


# --- Pages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["money", "time", "standstill", "afterwards", "nonsense", ""])
def test_the_values_are_shown_by_group(as_user: Callable[..., Any], group: str) -> None:
    page = as_user(Role.VIEWER).get(f"/law-values?group={group}")
    assert page.status_code == 200
    assert len(page.data) < 60_000
    assert "Lagens värden" in page.text


def sent(client: Any, **changes: str) -> dict[str, Any]:
    page = client.get(f"/law-values/{THRESHOLD}").text
    form = next(one for one in post_forms(page) if f"/law-values/{THRESHOLD}" in one.action)
    return form.sent(source="EUT C/2025/5732", note="Läst i EUT", **changes)


def test_an_administrator_corrects_a_value_as_people_write_it(as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    answer = admin.post(
        f"/law-values/{THRESHOLD}", data=sent(admin, value="2 451 750 kr", euro="216 000")
    )
    assert answer.status_code == 303
    page = admin.get(answer.location).text
    assert "Läst i EUT" in page and "Ändrad här" in page and "Ta tillbaka" in page
    assert "2\N{NO-BREAK SPACE}451\N{NO-BREAK SPACE}750" in page
    change = db.session.scalars(sa.select(LawValueChange)).one()
    back = admin.post(f"/law-values/changes/{change.id}/withdraw")
    assert back.status_code == 303
    assert "Återtaget" in admin.get(back.location).text


@pytest.mark.parametrize(
    "changes, sentence",
    [
        ({"value": "mycket"}, "value"),
        ({"value": "0"}, "mellan 1 och 999999999"),
        ({"value": "-5"}, "mellan 1 och 999999999"),
        ({"value": "99999999999999"}, "value"),
        ({"valid_from": "1999-01-01"}, "Mellan 2016-01-01"),
        ({"valid_from": "31 februari"}, "valid_from"),
        ({"confidence": "säker"}, "confidence"),
    ],
)
def test_what_cannot_be_is_said_and_kept(
    as_user: Callable[..., Any], changes: dict[str, str], sentence: str
) -> None:
    admin = as_user(Role.ADMIN)
    answer = admin.post(f"/law-values/{THRESHOLD}", data=sent(admin, **changes))
    assert answer.status_code == 422
    assert (sentence if " " in sentence else f'{sentence}-err"') in answer.text
    assert "Läst i EUT" in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LawValueChange)) == 0


def test_without_a_note_or_a_source_nothing_is_saved(as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    for missing in ("note", "source", "value", "valid_from"):
        answer = admin.post(f"/law-values/{THRESHOLD}", data=sent(admin) | {missing: " "})
        assert answer.status_code == 422
        assert f'{missing}-err"' in answer.text


def test_one_that_was_changed_meanwhile_is_not_overwritten(as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    first, second = sent(admin, value="2451750"), sent(admin, value="2451749")
    assert admin.post(f"/law-values/{THRESHOLD}", data=first).status_code == 303
    refused = admin.post(f"/law-values/{THRESHOLD}", data=second)
    assert refused.status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LawValueChange)) == 1


@pytest.mark.parametrize("role", list(Role))
def test_only_administrators_correct_and_look_through(
    as_user: Callable[..., Any], role: Role
) -> None:
    client, may = as_user(role), allows(role, Permission.EDIT_LAW)
    assert may is (role is Role.ADMIN)
    page = client.get(f"/law-values/{THRESHOLD}").text
    assert ("Rätta värdet" in page) is may
    assert ("Administratörer kan rätta det" in page) is not may
    assert client.post(f"/law-values/{THRESHOLD}", data={}).status_code == (422 if may else 403)
    assert client.post("/law-values/looked-through").status_code == (303 if may else 403)


def test_the_status_page_says_when_to_look_again(as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    page = admin.get("/status").text
    assert "Gå igenom dem igen senast" in page or "Det är dags att gå igenom dem igen" in page
    admin.post("/law-values/looked-through")
    assert "Gå igenom dem igen senast" in admin.get("/status").text
    shown = admin.get("/law-values").text
    assert "Jag har gått igenom alla" not in shown


def test_an_unknown_address_is_not_found(as_user: Callable[..., Any]) -> None:
    admin = as_user(Role.ADMIN)
    assert admin.get("/law-values/nothing").status_code == 404
    assert admin.post("/law-values/nothing", data={}).status_code == 404
    assert admin.post("/law-values/changes/999999/withdraw").status_code == 404
