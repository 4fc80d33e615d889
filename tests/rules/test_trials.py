"""What messages and tables say of trials, and what use says of the stage."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from crm.rules.budget_cycle import PhaseRole, school_year
from crm.rules.stages import AdoptionStage
from crm.rules.trials import (
    MOST_BYTES,
    PILOT_WEEKS,
    BadRow,
    Fault,
    Refused,
    TrialKind,
    Use,
    User,
    everybodys_use,
    proposed_days,
    proposed_stage,
    read_event,
    read_table,
    use_of,
)

TODAY = date(2026, 11, 23)


def event(name: str = "trial.signed_up", /, **data: Any) -> bytes:
    return json.dumps({"type": name, "timestamp": "2026-11-22T23:30:00Z", "data": data}).encode()


def test_sign_up_needs_an_address_alone():
    told = read_event(event(email="Anna.Berg@Hultsfred.SE"), TODAY)
    assert told.email is not None
    assert told.email.address == told.account == "anna.berg@hultsfred.se"
    assert told.signed_up_on == TODAY  # half past eleven in the evening UTC is the next day here
    assert told.kind is TrialKind.WORK
    assert not told.is_private


def test_use_tells_when_and_for_how_many_days():
    told = read_event(
        event("trial.used", account="a-1", days_active=3, last_used="2026-11-20"), TODAY
    )
    assert (told.days_active, told.last_used_on) == (3, date(2026, 11, 20))
    ended = read_event(event("trial.ended", account="a-1", ended="2026-11-21"), TODAY)
    assert ended.ended_on == date(2026, 11, 21)


@pytest.mark.parametrize(
    ("said", "private"),
    [
        pytest.param({"email": "anna@hultsfred.se", "kind": "private"}, True, id="says so"),
        pytest.param({"email": "anna@gmail.com"}, True, id="an address of nobody's work"),
        pytest.param({"email": "anna@gmail.com", "consent": True}, False, id="has agreed"),
        pytest.param({"account": "7", "kind": "private"}, True, id="without an address"),
        pytest.param({"email": "anna@hultsfred.se"}, False, id="at work"),
    ],
)
def test_private_use_is_nobodys_unless_they_agree(said, private):
    assert read_event(event(**said), TODAY).is_private is private


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        pytest.param(b"\xff", Fault.NOT_JSON, id="no text"),
        pytest.param(b"[" * 100_000, Fault.NOT_JSON, id="too deep"),
        pytest.param(b"[]", Fault.NOT_JSON, id="a list"),
        pytest.param(event("trial.bought", account="a"), Fault.UNKNOWN_TYPE, id="other type"),
        pytest.param(b'{"type": ["trial.used"]}', Fault.UNKNOWN_TYPE, id="a list for a type"),
        pytest.param(b'{"type": "trial.used", "data": 1}', Fault.NO_DATA, id="no data"),
        pytest.param(event(), Fault.NO_ACCOUNT, id="nobody"),
        pytest.param(event(email="anna"), Fault.BAD_EMAIL, id="no address"),
        pytest.param(event(account="a", kind="both"), Fault.BAD_KIND, id="kind"),
        pytest.param(event(account="a", signed_up="23/11"), Fault.BAD_DATE, id="day"),
        pytest.param(event(account="a", signed_up="2027-01-01"), Fault.FUTURE, id="to come"),
        pytest.param(event(account="a", signed_up="1970-01-01"), Fault.BAD_DATE, id="zero"),
        pytest.param(event(account="a", days_active=-1), Fault.BAD_NUMBER, id="days"),
        pytest.param(event(account="a", consent="maybe"), Fault.BAD_CONSENT, id="consent"),
        pytest.param(event(account={"a": 1}), Fault.BAD_TEXT, id="no text for a text"),
        pytest.param(event(account="a" * 201), Fault.BAD_TEXT, id="too long"),
        pytest.param(event(account="a\0b"), Fault.BAD_TEXT, id="no character of a name"),
        pytest.param(event(account="\ud800"), Fault.BAD_TEXT, id="half a character"),
        pytest.param(event("trial.used", account="a"), Fault.NO_DAY, id="used, but when"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(body, fault):
    with pytest.raises(Refused) as refused:
        read_event(body, TODAY)
    assert refused.value.fault is fault


# --- Tables ---------------------------------------------------------------------------------------

HEADS = ("E-post", "Namn", "Enhet", "Typ", "Aktiva dagar", "Senast använd")


def table(*rows: tuple[str, ...], delimiter: str = ";") -> str:
    return "\r\n".join(delimiter.join(row) for row in (HEADS, *rows))


ÅSA = ("asa@hultsfred.se", "Åsa Öberg", "Gröna skolan", "arbete", "4", "2026-11-20")


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_table_is_read_whatever_it_was_saved_as(delimiter, encoding):
    found = read_table(table(ÅSA, delimiter=delimiter).encode(encoding), TODAY)
    (row,) = found.rows
    assert (row.name, row.workplace, row.days_active) == ("Åsa Öberg", "Gröna skolan", 4)
    assert row.first_used_on == row.last_used_on == date(2026, 11, 20)
    assert not found.bad


def test_bad_rows_are_told_with_number_and_reason_and_the_rest_is_kept():
    found = read_table(
        table(ÅSA, ("åsa", *ÅSA[1:]), ("", "", "", "", "", ""), (*ÅSA[:4], "många", "")).encode(),
        TODAY,
    )
    assert found.bad == [BadRow(3, Fault.BAD_EMAIL), BadRow(5, Fault.BAD_NUMBER)]
    assert len(found.rows) == 1


def test_same_row_twice_is_one_and_the_later_holds():
    found = read_table(table(ÅSA, ("ASA@hultsfred.se", *ÅSA[1:4], "9", ÅSA[5])).encode(), TODAY)
    assert [row.days_active for row in found.rows] == [9]
    assert found.twice == 1


def test_formula_that_was_made_harmless_is_read_as_it_was_meant():
    (row,) = read_table(table((ÅSA[0], "'=Anna", *ÅSA[2:])).encode(), TODAY).rows
    assert row.name == "=Anna"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"", Fault.EMPTY, id="empty"),
        pytest.param(b"PK\x03\x04\0\0", Fault.NOT_TEXT, id="a workbook"),
        pytest.param(b"Namn;Skola\nAnna;X", Fault.NO_COLUMNS, id="no column of whom"),
        pytest.param(b"a" * (MOST_BYTES + 1), Fault.TOO_LARGE, id="too large"),
    ],
)
def test_file_that_is_no_table_of_trials_is_refused(content, fault):
    with pytest.raises(Refused) as refused:
        read_table(content, TODAY)
    assert refused.value.fault is fault


# --- The stage ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "stage"),
    [
        pytest.param(Use(0, 0), None, id="nobody has used it"),
        pytest.param(Use(1, 1), None, id="one curious person, as the case stands"),
        pytest.param(Use(2, 1), AdoptionStage.COLLEAGUES, id="two in one unit"),
        pytest.param(Use(2, 1, has_pilot=True), AdoptionStage.UNIT_PILOT, id="with a pilot"),
        pytest.param(Use(2, 2), AdoptionStage.SEVERAL_UNITS, id="in two units"),
        pytest.param(Use(0, 0, has_pilot=True), None, id="a pilot that nobody uses"),
    ],
)
def test_stage_follows_people_and_units(use, stage):
    found = proposed_stage(AdoptionStage.CURIOUS, use)
    assert (found.stage if found else None) is stage


def test_use_of_a_case_is_of_its_products_and_counts_each_person_and_unit_once():
    users = [User(1, 7, 70), User(1, 7, 71), User(2, 8, 72), User(None, 9, None), User(1, 7, 70)]
    assert use_of(users, [1], has_pilot=False) == Use(2, 2)
    assert use_of(users, [1, 2], has_pilot=True) == Use(3, 3, has_pilot=True)
    assert use_of(users, [], has_pilot=False) == Use(1, 0)  # what is told of all products
    assert everybodys_use(users) == Use(3, 3)


@pytest.mark.parametrize(
    ("today", "first"),
    [
        ("2026-11-29", "2027-01-25"),  # a Sunday in Advent: when the term has begun
        ("2026-08-20", "2026-09-21"),  # not in the first weeks of term
        ("2026-09-23", "2026-09-28"),
        ("2026-10-20", "2027-01-25"),  # what would not be over in November waits
        ("2027-02-03", "2027-02-08"),
    ],
)
def test_pilot_in_a_school_is_proposed_when_there_is_time_for_it(today, first):
    day = date.fromisoformat(today)
    year = school_year(day, day + timedelta(days=365))
    calm = [one for one in year if one.role is PhaseRole.SCHOOL_PILOT]
    begins, ends = proposed_days(day, calm)
    assert begins == date.fromisoformat(first)
    assert (begins.weekday(), ends.weekday(), (ends - begins).days) == (0, 4, 7 * PILOT_WEEKS - 3)


def test_pilot_elsewhere_begins_on_the_next_monday():
    assert proposed_days(date(2026, 11, 29))[0] == date(2026, 11, 30)
    assert proposed_days(date(2026, 11, 30))[0] == date(2026, 11, 30)


def test_shared_mailbox_is_an_account_for_each_name():
    def account(**data):
        said = {"type": "trial.signed_up", "data": {"email": "info@hultsfred.se", **data}}
        return read_event(json.dumps(said).encode(), TODAY).account

    assert account() == "info@hultsfred.se"
    assert account(name="Anna Berg") == account(name=" anna  BERG ") != account(name="Bo Bok")
    assert account(account="a-1", name="Anna Berg") == "a-1"


def test_use_never_speaks_for_a_step_back_nor_for_what_councils_decide():
    for current in AdoptionStage:
        if current.is_at_least(AdoptionStage.SEVERAL_UNITS):
            assert proposed_stage(current, Use(90, 40, has_pilot=True)) is None
