"""Trials: what a message or a row of a table says of one, and how far a body has come by its use.

A trial is of work, private, or was private and became professional (features.md, S19). Of private
use nothing is kept but that it is there, not even a day; the link to a workplace needs the person's
consent.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from crm.rules import delimited
from crm.rules.budget_cycle import Phase
from crm.rules.calendar import STOCKHOLM
from crm.rules.contact import Email, Unreadable, normalise_email
from crm.rules.stages import AdoptionStage
from crm.rules.words import fold

MOST_ROWS: Final = 5_000
MOST_BYTES: Final = 500_000
AT_A_TIME: Final = 200
"""Rows of a table that are taken in one go: about two seconds, during which others wait to save."""

STILL_USED: Final = timedelta(days=180)
"""What was last used longer ago speaks for no stage: a summer is shorter, a year without is not."""

_LONGEST: Final = 200  # characters of a name or a workplace
MOST_DAYS: Final = 20_000
_FIRST_DAY: Final = date(2000, 1, 1)


class TrialKind(StrEnum):
    """For whose use somebody tries."""

    WORK = "work"
    PRIVATE = "private"
    PRIVATE_TO_WORK = "private_to_work"  # private use → professional test


class EventKind(StrEnum):
    """What a message tells."""

    SIGNED_UP = "trial.signed_up"
    USED = "trial.used"
    ENDED = "trial.ended"


class Fault(StrEnum):
    """Why a message or a row cannot be used. The sender reads the value."""

    NOT_JSON = "body_is_not_json"
    UNKNOWN_TYPE = "unknown_type"
    NO_DATA = "data_is_missing"
    NO_ACCOUNT = "account_or_email_is_missing"
    BAD_EMAIL = "email_cannot_be_read"
    BAD_KIND = "kind_is_not_work_or_private"
    BAD_DATE = "date_cannot_be_read"
    FUTURE = "date_is_in_the_future"
    BAD_NUMBER = "days_active_is_not_a_number_of_days"
    BAD_TEXT = "text_cannot_be_read"
    BAD_CONSENT = "consent_is_not_true_or_false"
    NO_DAY = "last_used_or_days_active_is_missing"
    NO_COLUMNS = "no_column_with_email_or_account"
    TOO_LARGE = "file_is_too_large"
    NOT_TEXT = "file_is_no_table"
    EMPTY = "file_is_empty"


class Refused(ValueError):
    """It cannot be used, and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one trial, by a message or a row. None and "" where nothing is said.

    `account` is the sender's own name for the trial; without one the address stands for it, and of
    a mailbox that many share (info@) the address with the name: they are many people.
    `private_account` names the private trial that this one came of; it is used with consent only.
    """

    account: str
    email: Email | None = None
    name: str = ""
    workplace: str = ""
    kind: TrialKind = TrialKind.WORK
    consent: bool = False
    private_account: str = ""
    signed_up_on: date | None = None
    first_used_on: date | None = None
    last_used_on: date | None = None
    days_active: int | None = None
    ended_on: date | None = None

    @property
    def is_private(self) -> bool:
        """Kept without person and unit: said to be private, or from an address that tells of no
        workplace, unless the person has agreed to more (S19)."""
        if self.consent:
            return False
        return self.kind is TrialKind.PRIVATE or (self.email is not None and self.email.public)


# --- A message ------------------------------------------------------------------------------------


def read_event(body: bytes, today: date) -> Told:
    """What a message says. Raises Refused with the one reason why it cannot be used."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(Fault.NOT_JSON) from None
    if not isinstance(message, dict):
        raise Refused(Fault.NOT_JSON)
    if message.get("type") not in tuple(EventKind):
        raise Refused(Fault.UNKNOWN_TYPE)
    data = message.get("data")
    if not isinstance(data, dict):
        raise Refused(Fault.NO_DATA)
    event = EventKind(message["type"])
    day = _day(message.get("timestamp"), today) or today
    told = _told({key: data.get(key) for key in _FIELDS}, today)
    match event:
        case EventKind.SIGNED_UP:
            return replace(told, signed_up_on=told.signed_up_on or day)
        case EventKind.USED:
            if told.last_used_on is None and not told.days_active:
                raise Refused(Fault.NO_DAY)
            last = told.last_used_on or day
            return replace(told, last_used_on=last, first_used_on=told.first_used_on or last)
        case EventKind.ENDED:
            return replace(told, ended_on=told.ended_on or day)


_FIELDS: Final = (
    "account",
    "email",
    "name",
    "workplace",
    "kind",
    "consent",
    "private_account",
    "signed_up",
    "first_used",
    "last_used",
    "days_active",
    "ended",
)


def _told(data: Mapping[str, Any], today: date) -> Told:
    account, written = _text(data["account"]), _text(data["email"])
    if not account and not written:
        raise Refused(Fault.NO_ACCOUNT)
    try:
        email = normalise_email(written) if written else None
    except Unreadable:
        raise Refused(Fault.BAD_EMAIL) from None
    kind, name = _text(data["kind"]).lower() or "work", _text(data["name"])
    if kind not in ("work", "private"):
        raise Refused(Fault.BAD_KIND)
    return Told(
        account=account or _account(email, name),
        email=email,
        name=name,
        workplace=_text(data["workplace"]),
        kind=TrialKind(kind),
        consent=_yes(data["consent"]),
        private_account=_text(data["private_account"]),
        signed_up_on=_day(data["signed_up"], today),
        first_used_on=_day(data["first_used"], today),
        last_used_on=_day(data["last_used"], today),
        days_active=_days(data["days_active"]),
        ended_on=_day(data["ended"], today),
    )


def _account(email: Email | None, name: str) -> str:
    if email is None:
        return ""
    return f"{email.address} {fold(name)}".strip() if email.role else email.address


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Refused(Fault.BAD_TEXT)
    text = " ".join(str(value).split())
    if not text.isprintable() or any("\ud800" <= one <= "\udfff" for one in text):
        raise Refused(Fault.BAD_TEXT)
    if len(text) > _LONGEST:
        raise Refused(Fault.BAD_TEXT)
    return text


_YES: Final = frozenset({"true", "yes", "ja", "1", "y", "j", "sant"})
_NO: Final = frozenset({"", "false", "no", "nej", "0", "n", "falskt"})


def _yes(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    said = _text(value).lower()
    if said in _YES or said in _NO:
        return said in _YES
    raise Refused(Fault.BAD_CONSENT)


def _day(value: Any, today: date) -> date | None:
    """A date, or the Swedish day of an instant. One day ahead is a clock; more is a mistake."""
    said = _text(value)
    if not said:
        return None
    try:
        if len(said) <= 10:
            found = date.fromisoformat(said)
        else:
            instant = datetime.fromisoformat(said)
            found = (instant.astimezone(STOCKHOLM) if instant.tzinfo else instant).date()
    except (ValueError, OverflowError):
        raise Refused(Fault.BAD_DATE) from None
    if found < _FIRST_DAY:
        raise Refused(Fault.BAD_DATE)
    if (found - today).days > 1:
        raise Refused(Fault.FUTURE)
    return min(found, today)


def _days(value: Any) -> int | None:
    said = _text(value)
    if not said:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", said) or int(said) > MOST_DAYS:
        raise Refused(Fault.BAD_NUMBER)
    return int(said)


# --- A table --------------------------------------------------------------------------------------

_HEADS: Final[dict[str, str]] = {
    fold(word): key
    for key, words in {
        "account": "account, account id, id, konto, konto-id, kontonummer",
        "email": "email, e-mail, mail, e-post, epost, e-postadress, epostadress",
        "name": "name, full name, namn",
        "workplace": "workplace, unit, organisation, organization, arbetsplats, enhet, skola",
        "kind": "kind, type, use, typ, slag, användning",
        "consent": "consent, samtycke",
        "private_account": "private account, privat konto",
        "signed_up": "signed up, signed_up, created, registered, registrerad, skapad, startade",
        "first_used": "first used, first_used, först använd, första användning",
        "last_used": "last used, last_used, last seen, senast använd, senaste användning",
        "days_active": "days active, days_active, active days, days, aktiva dagar, dagar",
        "ended": "ended, end, slutade, avslutad, slut",
    }.items()
    for word in words.split(", ")
}
_KINDS: Final = {"arbete": "work", "jobb": "work", "tjänst": "work", "privat": "private"}


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not taken, by its number in the file."""

    line: int
    fault: Fault


@dataclass(slots=True)
class Table:
    """What a file says: one of each trial, in the order of the file."""

    rows: list[Told] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    twice: int = 0  # rows that said again what another row of the file had said
    left_out: int = 0  # rows beyond the most that are read at a time
    not_read: tuple[str, ...] = ()  # headings that mean nothing here, as they are written


def read_table(content: bytes, today: date) -> Table:
    """Read a file with a heading row; semicolons, commas and tabs are alike.

    Raises Refused when nothing in it can be used.
    """
    if len(content) > MOST_BYTES:
        raise Refused(Fault.TOO_LARGE)
    rows = delimited.rows(delimited.decoded(content))
    try:
        heading = next(rows, None)
        if heading is None:
            raise Refused(Fault.EMPTY)
        columns = [_HEADS.get(fold(cell.strip()), "") for cell in heading]
        if not {"email", "account"} & set(columns):
            raise Refused(Fault.NO_COLUMNS)
        table = _rows(columns, rows, today)
        table.not_read = tuple(
            cell.strip()[:_LONGEST]
            for cell, known in zip(heading, columns, strict=True)
            if cell.strip() and not known
        )
        return table
    except delimited.NotText:
        raise Refused(Fault.NOT_TEXT) from None


def _rows(columns: Sequence[str], rows: Iterable[Sequence[str]], today: date) -> Table:
    table, seen = Table(), dict[str, int]()
    for number, row in enumerate(rows, start=2):
        cells = dict.fromkeys(_FIELDS, "") | {
            key: _cell(value) for key, value in zip(columns, row, strict=False) if key
        }
        if not any(cells.values()):
            continue
        if number > MOST_ROWS + 1:
            table.left_out += 1
            continue
        cells["kind"] = _KINDS.get(cells["kind"].lower(), cells["kind"])
        try:
            told = _told(cells, today)
        except Refused as refused:
            table.bad.append(BadRow(number, refused.fault))
            continue
        told = replace(
            told,
            first_used_on=told.first_used_on or told.last_used_on,
        )
        key = told.account.lower()
        if key in seen:
            table.twice += 1
            table.rows[seen[key]] = told  # the later row is the newer
            continue
        seen[key] = len(table.rows)
        table.rows.append(told)
    return table


def _cell(value: str) -> str:
    """A cell as it was meant: spreadsheets hide a formula behind an apostrophe, and so do we."""
    return re.sub(r"^'(?=[=+\-@])", "", value.strip())


# --- What the use says of the stage --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Use:
    """What is used at a body today of what a case is about: by so many `people`, in so many `units`
    that are known by name."""

    people: int
    units: int
    has_pilot: bool = False  # a pilot of the case runs, or has


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who uses a product at a body: `who` tells people apart, `unit_id` is None while the
    unit is not known. `product_id` None: of all our products."""

    product_id: int | None
    who: int
    unit_id: int | None


def use_of(users: Iterable[User], products: Collection[int], *, has_pilot: bool) -> Use:
    """The use that speaks for a case about these products. A case that names none is spoken for by
    what is told of all of them."""
    ours = [one for one in users if one.product_id is None or one.product_id in products]
    units = {one.unit_id for one in ours if one.unit_id is not None}
    return Use(len({one.who for one in ours}), len(units), has_pilot)


def everybodys_use(users: Iterable[User]) -> Use:
    """The use of all our products at a body."""
    found = list(users)
    units = {one.unit_id for one in found if one.unit_id is not None}
    return Use(len({one.who for one in found}), len(units))


# --- When a pilot may be ------------------------------------------------------------------------


PILOT_WEEKS: Final = 8


def proposed_days(today: date, calm: Iterable[Phase] = ()) -> tuple[date, date]:
    """The first and the last day to propose for a pilot: whole weeks, from a Monday to a Friday.

    `calm` are the parts of the year in which there is time for one, in order; where there are such
    it lies within the first that it fits in (R16: from mid-September to November, or from late
    January to mid-May in a school). Else it begins on the next Monday.
    """
    monday = today + timedelta(days=-today.weekday() % 7)
    whole = timedelta(weeks=PILOT_WEEKS) - timedelta(days=3)
    for phase in calm:
        first = max(monday, phase.start + timedelta(days=-phase.start.weekday() % 7))
        if first + whole <= phase.end:
            return first, first + whole
    return monday, monday + whole


@dataclass(frozen=True, slots=True)
class StageProposal:
    """A stage that the use speaks for, and what it rests on."""

    stage: AdoptionStage
    use: Use


def proposed_stage(current: AdoptionStage, use: Use) -> StageProposal | None:
    """The stage that the facts speak for, where it is further than the case stands; else None.

    One who tries is a curious person, two in one place are colleagues, a pilot is a unit pilot, and
    use in two units is several units (budget-cycles.md, 5.3). What comes after is decided in
    budgets and procurements, which use says nothing of. A proposal only: a person accepts it.
    """
    if use.people < 1:
        return None
    if use.units >= 2:
        stage = AdoptionStage.SEVERAL_UNITS
    elif use.has_pilot:
        stage = AdoptionStage.UNIT_PILOT
    elif use.people >= 2:
        stage = AdoptionStage.COLLEAGUES
    else:
        stage = AdoptionStage.CURIOUS
    if current.is_at_least(stage):
        return None
    return StageProposal(stage, use)
