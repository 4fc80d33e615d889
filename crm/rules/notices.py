"""Procurement notices as one plain record, whatever format they came in, and what follows from it.

A notice is what a buyer has published about a procurement: that it is planned, open, changed,
awarded or that its contract was modified. eForms, the older TED_EXPORT and OCDS say the same things
in different words; the readers in `crm.adapters.notices` turn them all into `Notice`.

What a notice does not say is None or empty, never a guess. What its sender has withheld ("-1",
"unpublished", 1970-01-01) is None as well, and named in `withheld`. What could not be understood or
should be looked at by a person is in `doubts`, with the raw text. Terms in capitals such as BT-27
are the business terms of Implementing Regulation (EU) 2019/1780.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby

from crm.rules.calendar import ONE_DAY, STOCKHOLM
from crm.rules.precision import add_months


class NoticeSource(StrEnum):
    """The format that a notice was read from."""

    EFORMS = "eforms"
    TED_EXPORT = "ted_export"  # TED until the autumn of 2023, in the dialects R2.0.7 to R2.0.9
    OCDS = "ocds"


class NoticeKind(StrEnum):
    """What a notice is for (BT-02, BT-03)."""

    PROFILE = "profile"  # a buyer's profile: nothing that is bought
    CONSULTATION = "consultation"  # an invitation to talk before the procurement (E1)
    PLANNING = "planning"
    COMPETITION = "competition"
    QUALIFICATION = "qualification"  # a standing system of qualified suppliers
    DIRECT_AWARD = "direct_award"  # frivillig förhandsinsyn, LOU 20 kap. 6 §
    RESULT = "result"  # efterannons
    MODIFICATION = "modification"  # of a contract during its term
    CHANGE = "change"  # of an earlier notice; `Notice.about` says of which kind
    COMPLETION = "completion"  # of a contract (E5)
    OTHER = "other"


class ProcedureType(StrEnum):
    """The procedure (BT-105), with the older forms' names brought to the same."""

    OPEN = "open"
    RESTRICTED = "restricted"
    NEGOTIATED_WITH_CALL = "negotiated_with_call"
    NEGOTIATED_WITHOUT_CALL = "negotiated_without_call"
    DIALOGUE = "dialogue"
    INNOVATION = "innovation"
    OTHER_SINGLE_STAGE = "other_single_stage"
    OTHER_MULTIPLE_STAGE = "other_multiple_stage"


class DeadlineKind(StrEnum):
    """What must have come in by then."""

    TENDERS = "tenders"  # BT-131
    REQUESTS = "requests"  # requests to participate, BT-1311
    INTEREST = "interest"  # expressions of interest, BT-630
    QUESTIONS = "questions"  # BT-13
    OPENING = "opening"  # when tenders are opened, BT-132: nothing to hand in, but a time to know


class FrameworkKind(StrEnum):
    """Whether a framework agreement is set up, and how calls are made from it (BT-765)."""

    NONE = "none"
    WITHOUT_COMPETITION = "without_competition"
    WITH_COMPETITION = "with_competition"  # förnyad konkurrensutsättning
    MIXED = "mixed"
    UNSPECIFIED = "unspecified"  # a framework agreement; the notice does not say which


class AwardStatus(StrEnum):
    """How a lot ended (BT-142)."""

    AWARDED = "awarded"
    NOT_AWARDED = "not_awarded"  # no winner, and the competition is closed
    OPEN = "open"  # no winner yet
    UNSAID = "unsaid"


class LengthUnit(StrEnum):
    """In what a contract's length is counted (BT-36)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class CriterionKind(StrEnum):
    """What a tender is weighed by (BT-539)."""

    PRICE = "price"
    COST = "cost"
    QUALITY = "quality"


class WeightUnit(StrEnum):
    """What the weight of a criterion is (BT-541): exactly so, or the middle of a range."""

    PERCENT = "percent"
    PERCENT_MIDDLE = "percent_middle"
    POINTS = "points"
    POINTS_MIDDLE = "points_middle"
    SHARE = "share"  # 0.4 of 1
    SHARE_MIDDLE = "share_middle"
    ORDER = "order"  # 1 is weighed most


class DoubtKind(StrEnum):
    """Why a person should look at a value."""

    DATE = "date"  # not a date
    AMOUNT = "amount"  # not an amount, or one that can be read in two ways
    CURRENCY = "currency"  # an amount without a currency is left out
    NUMBER = "number"
    OFFSET = "offset"  # the published offset is not that of Stockholm on that day
    MIDNIGHT = "midnight"  # 00:00 may mean the evening before
    NO_TIME = "no_time"  # a last day without an hour
    REFERENCE = "reference"  # points at something that is not in the notice
    CURRENCIES = "currencies"  # several currencies in one notice
    NO_BUYER = "no_buyer"
    NO_TITLE = "no_title"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in the languages that the notice has it in.

    `texts` are pairs of a two-letter language ("sv") and the text, in the notice's order. A label
    of the language may be wrong in the source: it is kept as published.
    """

    texts: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.texts)

    def __str__(self) -> str:
        return self.best("sv", "en")

    def best(self, *languages: str) -> str:
        """The text in the first of these languages that there is one in, or else the first text."""
        have = dict(reversed(self.texts))
        for language in languages:
            if language in have:
                return have[language]
        return self.texts[0][1] if self.texts else ""


NO_WORDS = Words()


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as published: öre, or hundredths of another currency, and the currency's code.

    Never converted, and never summed over currencies.
    """

    ore: int
    currency: str


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation in a notice.

    `number` is a Swedish organisation number, ten digits with a right check digit; the legal
    person's, which a unit shares with its sisters. `identifiers` is whatever stands in the source
    (BT-501), and is free text in practice; a sole trader's, which is a personal identity number, is
    left out. `units` are the contact points within it, which in
    Sweden often name the förvaltning. `country` is two letters, or as published.
    """

    name: Words
    number: str | None = None
    identifiers: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    country: str | None = None
    town: str | None = None
    email: str | None = None
    phone: str | None = None
    url: str | None = None
    leads: bool = False  # the group of suppliers, or the group of buyers


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time that the buyer has set, as published and as it can be read.

    Published offsets are wrong about one time in seven (summer time taken for winter time), so
    `wall`, the time as written, is what a person should see; `at` is the moment that the source
    states, on Stockholm's clock. Where a source gives no offset, Stockholm's is meant. `at` and
    `wall` are None when only a day is given. `lots` is empty for the whole procurement.
    """

    kind: DeadlineKind
    day: date
    wall: datetime | None
    at: datetime | None
    raw: str
    lots: tuple[str, ...] = ()

    @property
    def earliest(self) -> datetime:
        """The earliest moment that it can mean: what an alarm has to go by.

        The time as written on Stockholm's clock, if that is before the stated moment; of a day
        without an hour, its beginning.
        """
        if self.wall is None or self.at is None:
            return datetime.combine(self.day, time(), STOCKHOLM)
        written = self.wall.replace(tzinfo=STOCKHOLM)
        return min(written, self.at, key=lambda moment: moment.astimezone(UTC))


@dataclass(frozen=True, slots=True)
class Period:
    """How long a contract runs: any two of start, length and end at most (BT-36, BT-536, BT-537).

    `unlimited` is True or False only where the source says so (BT-538). `longest_end` is the end
    with every extension, where the source gives it as a date (OCDS alone).
    """

    start: date | None = None
    end: date | None = None
    length: int | None = None
    unit: LengthUnit | None = None
    unlimited: bool | None = None
    longest_end: date | None = None

    @property
    def last_day(self) -> date | None:
        """The end as published, or worked out from start and length; None where neither is said.

        36 months from 1 September end on 31 August. Extensions are not in it, unless the buyer has
        counted them in the length.
        """
        if self.end or not self.start or self.length is None or self.unit is None:
            return self.end
        try:
            match self.unit:
                case LengthUnit.YEAR:
                    after = add_months(self.start, 12 * self.length)
                case LengthUnit.MONTH:
                    after = add_months(self.start, self.length)
                case LengthUnit.WEEK:
                    after = self.start + timedelta(weeks=self.length)
                case LengthUnit.DAY:
                    after = self.start + timedelta(days=self.length)
            whole_months = self.unit in {LengthUnit.YEAR, LengthUnit.MONTH}
            if whole_months and after.day != self.start.day:
                return after  # a month without that day ends with its last one
            return after - ONE_DAY
        except (ValueError, OverflowError):  # beyond the calendar
            return None


@dataclass(frozen=True, slots=True)
class Renewals:
    """Extensions: how many at most (BT-58), and the buyer's own words (BT-57).

    The words are free text in Sweden ("24 + 12 månader") and may already be counted in the period.
    """

    most: int | None = None
    text: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Framework:
    """A framework agreement: its kind, its ceiling (BT-271, BT-709) and its most suppliers
    (BT-113)."""

    kind: FrameworkKind
    maximum: Money | None = None
    participants: int | None = None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One of what tenders are weighed by: its kind, name and description (BT-539, BT-734, BT-540),
    and its weight as published, a number or the buyer's words (BT-541)."""

    kind: CriterionKind | None = None
    name: Words = NO_WORDS
    description: Words = NO_WORDS
    weight: str | None = None
    unit: WeightUnit | None = None


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """Where the buyer wants to be asked (BT-502, BT-506, BT-503): often a person, who is not kept
    (`crm.rules.notice_records`)."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """A part that can be won by itself. What is not divided has one lot; so has a planned part.

    `validity` is how long a tender must stand (BT-98): a last day, or a length from the last day
    for tenders. `criteria_words` is what is said of the criteria besides, or instead of them.
    """

    id: str
    title: Words = NO_WORDS
    description: Words = NO_WORDS
    reference: str | None = None  # the buyer's own
    cpv: str | None = None  # eight digits, without the check digit
    cpv_more: tuple[str, ...] = ()
    estimated: Money | None = None  # BT-27
    period: Period | None = None
    renewals: Renewals | None = None
    options: Words = NO_WORDS  # BT-54
    framework: Framework | None = None  # None: unsaid; kind NONE: there is none
    dynamic: bool | None = None  # dynamiskt inköpssystem (BT-766)
    places: tuple[str, ...] = ()  # NUTS codes, or a country
    document_url: str | None = None  # BT-15
    submission_url: str | None = None  # BT-18
    criteria: tuple[Criterion, ...] = ()
    criteria_in_documents: bool | None = None  # True: only the tender documents have them
    criteria_words: Words = NO_WORDS
    validity: Period | None = None


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that came out of an award. One may cover several lots, and several buyers.

    `decided` is when the winner was chosen (BT-1451) and `signed` when the contract was concluded
    (BT-145).
    """

    id: str | None
    reference: str | None = None  # BT-150
    title: Words = NO_WORDS
    decided: date | None = None
    signed: date | None = None
    framework: bool | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True)
class Award:
    """A winning tender, or the word that a lot has none.

    Joint winners share the one `value`; it is not theirs each. A tender for several lots is one
    award over all of them. `value_range` is lowest and highest, where no more was told.
    """

    id: str | None  # the tender's, in the notice
    lots: tuple[str, ...]
    status: AwardStatus
    reason: str | None = None  # the code of why there is no winner (BT-144)
    winners: tuple[Party, ...] = ()
    subcontractors: tuple[Party, ...] = ()
    value: Money | None = None  # BT-720
    value_range: tuple[Money, Money] | None = None
    rank: int | None = None  # BT-171
    tenders: int | None = None  # how many came in for the lot (BT-759)
    contracts: tuple[Contract, ...] = ()
    framework_maximum: Money | None = None  # BT-709
    framework_estimate: Money | None = None  # BT-660

    @property
    def signed(self) -> date | None:
        """The first of its contracts' days of signing."""
        return min((one.signed for one in self.contracts if one.signed), default=None)

    @property
    def decided(self) -> date | None:
        """The day on which its winner was chosen."""
        return min((one.decided for one in self.contracts if one.decided), default=None)


@dataclass(frozen=True, slots=True)
class StatedChange:
    """A change as the notice itself tells it. Only older forms give the old and the new value."""

    section: str | None  # "LOT-0001", "IV.2.2"
    text: Words = NO_WORDS
    old: str | None = None
    new: str | None = None


@dataclass(frozen=True, slots=True)
class Modification:
    """What became of a contract during its term (BT-200, BT-202), and its value before and
    after."""

    contract: str | None = None
    description: Words = NO_WORDS
    reason_code: str | None = None
    reason: Words = NO_WORDS
    before: Money | None = None
    after: Money | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """A value that the sender keeps back, and until when (BT-195 to BT-198).

    `code` is the source's name of the field ("win-ten-val"), where it has one; `where` the tender,
    lot or result it belongs to.
    """

    field: str
    where: str | None = None
    code: str | None = None
    until: date | None = None
    reason: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that a person should look at, with what the source says."""

    kind: DoubtKind
    field: str
    raw: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One published notice."""

    source: NoticeSource
    kind: NoticeKind
    about: NoticeKind  # of a change: what it changes; else the kind itself
    id: str | None = None  # BT-701; in TED_EXPORT the publication number, in OCDS the release's id
    version: int | None = None  # BT-757
    form: str | None = None  # the subtype "16", the form "F05", the OCDS tag
    schema: str | None = None
    publication_number: str | None = None  # in TED: "309890-2023", without leading zeros
    gazette: str | None = None
    published: date | None = None
    dispatched: date | None = None  # BT-05, the day by the buyer's clock
    dispatched_at: datetime | None = None  # with its time, where one is given
    planned: date | None = None  # when the call is expected (BT-127)
    procedure_id: str | None = None  # BT-04, or the ocid
    previous: tuple[str, ...] = ()  # notices that it refers to: TED numbers or ids with version
    languages: tuple[str, ...] = ()
    country: str | None = None
    buyers: tuple[Party, ...] = ()
    contact: ContactPoint | None = None
    title: Words = NO_WORDS
    description: Words = NO_WORDS
    reference: str | None = None  # BT-22, often the diarienummer
    nature: str | None = None  # "services", "supplies", "works"
    cpv: str | None = None
    cpv_more: tuple[str, ...] = ()
    legal_basis: str | None = None  # BT-01: "32014L0024"
    procedure: ProcedureType | None = None
    procedure_code: str | None = None
    accelerated: bool | None = None
    estimated: Money | None = None
    estimated_least: Money | None = None  # where a range is published
    framework_maximum: Money | None = None  # BT-271 or BT-118, of the whole
    total: Money | None = None  # awarded in all (BT-161)
    deadlines: tuple[Deadline, ...] = ()
    lots: tuple[Lot, ...] = ()
    awards: tuple[Award, ...] = ()
    modification: Modification | None = None
    changes: tuple[StatedChange, ...] = ()
    change_reason_code: str | None = None
    change_reason: Words = NO_WORDS
    partial: bool = False  # says only what has changed, and leaves out the rest
    cancelled: bool = False
    review_body: Party | None = None
    document_url: str | None = None
    submission_url: str | None = None
    withheld: tuple[Withheld, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def law(self) -> str | None:
        """The Swedish act that its legal basis is carried out by, or None for another."""
        return law_by(self.legal_basis or "")

    @property
    def deadline(self) -> Deadline | None:
        """The first by which something must be handed in."""
        handed_in = (DeadlineKind.TENDERS, DeadlineKind.REQUESTS, DeadlineKind.INTEREST)
        of_these = [one for one in self.deadlines if one.kind in handed_in]
        return min(of_these, key=lambda one: one.earliest.astimezone(UTC), default=None)


LAWS = {
    "32014L0024": "LOU",
    "32014L0025": "LUF",
    "32014L0023": "LUK",
    "32009L0081": "LUFS",
    "32004L0018": "LOU",  # before 2017: lagen (2007:1091)
    "32004L0017": "LUF",  # before 2017: lagen (2007:1092)
}
"""The act by the directive's CELEX number."""


_ACTS = {"2016:1145": "LOU", "2016:1146": "LUF", "2016:1147": "LUK", "2011:1029": "LUFS"}


def law_by(text: str) -> str | None:
    """The act that a legal basis names: a directive, or the act's own number (SFS) among other
    words. None where it names another, or several."""
    if found := LAWS.get(text.strip().upper()):
        return found
    acts = {act for number, act in _ACTS.items() if number in text}
    return acts.pop() if len(acts) == 1 else None


def period_of(notice: Notice, award: Award) -> Period | None:
    """How long what was awarded runs: its contract's period, or that of its lots if they agree.

    An award without lots is of the whole. Where lots run differently, nothing is said of them all.
    """
    told = [one.period for one in award.contracts if one.period]
    if not told:
        lots = [lot for lot in notice.lots if lot.id in award.lots or not award.lots]
        told = [lot.period for lot in lots if lot.period]
        if len(told) != len(lots):
            return None
    return told[0] if len(set(told)) == 1 else None


# --- Which notice, which procurement, in which order ----------------------------------------------


def publication_number(text: str) -> str | None:
    """A notice's number in TED in its normal form, "309890-2023", from any way of writing it.

    00309890-2023, 2021/S 166-436372, a link to the notice's page or a reference with other words
    around it. None if there is no such number in the text.
    """
    if found := re.search(r"(?<!\d)(\d{4})/S\s*\d{1,3}-(\d{1,8})(?!\d)", text):
        year, number = found.groups()
    elif found := re.search(r"(?<![\w-])(\d{1,8})-((?:19|20)\d\d)(?![\w-])", text):
        number, year = found.groups()
    else:
        return None
    return f"{int(number)}-{year}" if int(number) else None


def ted_page(number: str, language: str = "sv") -> str:
    """The page of a notice in TED, from its number in normal form."""
    return f"https://ted.europa.eu/{language}/notice/-/detail/{number}"


def identity(notice: Notice) -> str | None:
    """The same for the same notice, whichever file it comes in; for de-duplication.

    A version of a notice is another notice. None when the notice says nothing to know it by.
    """
    if notice.source is NoticeSource.EFORMS and notice.id:
        return f"eforms:{notice.id.lower()}-{notice.version or 1:02}"
    if notice.source is NoticeSource.OCDS and notice.id:
        return f"ocds:{notice.procedure_id}:{notice.id}"
    return f"ted:{notice.publication_number}" if notice.publication_number else None


def procurement_keys(notice: Notice) -> tuple[str, ...]:
    """The keys by which its procurement may be known already, surest first.

    To look up candidates by; `same_procurement` says whether they are. The procedure's id is the
    surest (BT-04, ocid); older notices and planning have none and hang together by the notices they
    refer to.
    """
    keys = []
    if notice.procedure_id:
        keys.append(f"procedure:{notice.procedure_id.lower()}")
    if notice.source is not NoticeSource.OCDS:  # whose release ids may be as short as "1"
        for number in (notice.publication_number, notice.id, *notice.previous):
            if number:
                keys.append(f"notice:{_without_version(number).lower()}")
    return tuple(dict.fromkeys(keys))


def same_procurement(one: Notice, other: Notice) -> bool:
    """Whether two notices are of one procurement.

    Where both have the procedure's id, it decides: several procurements may refer to one planning
    notice, and call-offs to the notice of their framework agreement.
    """
    if one.procedure_id and other.procedure_id:
        return one.procedure_id.lower() == other.procedure_id.lower()
    return bool(set(procurement_keys(one)) & set(procurement_keys(other)))


def _without_version(reference: str) -> str:
    """The notice's id in a reference to a version of it, "c4c415ee-…-57568cf69462-01"."""
    found = re.fullmatch(r"([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})-\d+", reference)
    return found.group(1) if found else reference


def in_order(notices: Iterable[Notice]) -> list[Notice]:
    """Notices from the first to the last said; a version after the one it replaces.

    By the moment they were sent, or else the day they were published; what has neither comes first.
    """
    return sorted(notices, key=_order)


def _order(notice: Notice) -> tuple[datetime, int, str]:
    day = notice.dispatched or notice.published or date.min
    sent = notice.dispatched_at or (
        datetime.combine(day, time(), STOCKHOLM) if day > date.min else None
    )
    moment = sent.astimezone(UTC) if sent else datetime.min.replace(tzinfo=UTC)
    return moment, notice.version or 0, notice.id or ""


def standing(notices: Iterable[Notice]) -> list[Notice]:
    """Of notices of one procurement the last said of each kind, a change standing for what it
    changes.

    A partial change does not stand by itself: it is laid over the notice that it changes.
    """
    ordered = in_order(notices)
    found = []
    for _kind, same in groupby(sorted(ordered, key=lambda one: one.about), lambda one: one.about):
        now: Notice | None = None
        for notice in same:
            now = applied(now, notice) if notice.partial and now else notice
        if now:
            found.append(now)
    return in_order(found)


def applied(notice: Notice, change: Notice) -> Notice:
    """A notice with a partial change laid over it: what the change says replaces what stood."""
    moves = _fitted(notice, change)
    moved = {(one.kind, one.lots) for one in moves}
    kept = tuple(one for one in notice.deadlines if (one.kind, one.lots) not in moved)
    return replace(
        notice,
        deadlines=tuple(sorted((*kept, *moves), key=_deadline_order)),
        changes=(*notice.changes, *change.changes),
        cancelled=notice.cancelled or change.cancelled,
        withheld=(*notice.withheld, *change.withheld),
        doubts=(*notice.doubts, *change.doubts),
    )


_DUE = {
    DeadlineKind.TENDERS: DeadlineKind.REQUESTS,
    DeadlineKind.REQUESTS: DeadlineKind.TENDERS,
}


def _fitted(notice: Notice, change: Notice) -> tuple[Deadline, ...]:
    """A partial change's deadlines as the notice calls them: in the older forms the time limit for
    tenders and that for requests is one field, and a change does not say which it was."""
    kinds = {one.kind for one in notice.deadlines}
    return tuple(
        replace(one, kind=other)
        if one.kind not in kinds and (other := _DUE.get(one.kind)) in kinds and other
        else one
        for one in change.deadlines
    )


def _deadline_order(deadline: Deadline) -> tuple[datetime, str]:
    return deadline.earliest.astimezone(UTC), deadline.kind


# --- What a later notice changes ------------------------------------------------------------------


class NoticeField(StrEnum):
    """What can differ between two notices of one procurement."""

    TITLE = "title"
    DESCRIPTION = "description"
    BUYERS = "buyers"
    CPV = "cpv"
    PROCEDURE = "procedure"
    ESTIMATED = "estimated"
    FRAMEWORK_MAXIMUM = "framework_maximum"
    DEADLINE = "deadline"
    LOTS = "lots"
    PERIOD = "period"
    RENEWALS = "renewals"
    OPTIONS = "options"
    FRAMEWORK = "framework"
    CRITERIA = "criteria"
    VALIDITY = "validity"
    DOCUMENT_URL = "document_url"
    SUBMISSION_URL = "submission_url"
    CANCELLED = "cancelled"
    AWARDS = "awards"
    TOTAL = "total"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field, its value before and after. `lot` is None for the whole; None is "nothing said".

    Of DEADLINE, `deadline` says which one, and the values are deadlines.
    """

    field: NoticeField
    old: object
    new: object
    lot: str | None = None
    deadline: DeadlineKind | None = None


def what_changed(old: Notice, new: Notice) -> list[FieldChange]:
    """What the newer notice says otherwise than the older one, in the order of the record.

    Of a partial change only what it says itself counts. Two ways of writing the same moment are no
    change.
    """
    found = list(_deadline_changes(old, new))
    if new.partial:
        return found
    pairs: list[tuple[NoticeField, object, object]] = [
        (NoticeField.TITLE, old.title, new.title),
        (NoticeField.DESCRIPTION, old.description, new.description),
        (NoticeField.BUYERS, _names(old.buyers), _names(new.buyers)),
        (NoticeField.CPV, _cpv(old), _cpv(new)),
        (NoticeField.PROCEDURE, old.procedure, new.procedure),
        (NoticeField.ESTIMATED, old.estimated, new.estimated),
        (NoticeField.FRAMEWORK_MAXIMUM, old.framework_maximum, new.framework_maximum),
        (NoticeField.CANCELLED, old.cancelled, new.cancelled),
        (NoticeField.AWARDS, old.awards, new.awards),
        (NoticeField.TOTAL, old.total, new.total),
        (NoticeField.DOCUMENT_URL, old.document_url, new.document_url),
        (NoticeField.SUBMISSION_URL, old.submission_url, new.submission_url),
    ]
    for field, before, after in pairs:
        if before != after:
            found.append(FieldChange(field, before or None, after or None))
    found.extend(_lot_changes(old, new))
    return found


def _names(parties: tuple[Party, ...]) -> tuple[str, ...]:
    return tuple(party.number or str(party.name) for party in parties)


def _cpv(thing: Notice | Lot) -> tuple[str, ...]:
    return tuple(code for code in (thing.cpv, *sorted(thing.cpv_more)) if code)


def _deadline_changes(old: Notice, new: Notice) -> Iterator[FieldChange]:
    before = _by_kind_and_lot(old.deadlines)
    after = _by_kind_and_lot(_fitted(old, new) if new.partial else new.deadlines)
    for kind, lot in dict.fromkeys([*before, *after]):
        was, now = before.get((kind, lot)), after.get((kind, lot))
        if now is None and new.partial:
            continue
        if was is None or now is None or (was.day, was.at) != (now.day, now.at):
            yield FieldChange(NoticeField.DEADLINE, was, now, lot or None, kind)


def _by_kind_and_lot(
    deadlines: tuple[Deadline, ...],
) -> dict[tuple[DeadlineKind, str], Deadline]:
    return {(one.kind, lot): one for one in deadlines for lot in one.lots or ("",)}


def _lot_changes(old: Notice, new: Notice) -> Iterator[FieldChange]:
    before, after = ({lot.id: lot for lot in one.lots} for one in (old, new))
    if set(before) != set(after):
        yield FieldChange(NoticeField.LOTS, tuple(before) or None, tuple(after) or None)
    for key in before:
        if key not in after:
            continue
        was, now = before[key], after[key]
        pairs: list[tuple[NoticeField, object, object]] = [
            (NoticeField.TITLE, was.title, now.title),
            (NoticeField.DESCRIPTION, was.description, now.description),
            (NoticeField.CPV, _cpv(was), _cpv(now)),
            (NoticeField.ESTIMATED, was.estimated, now.estimated),
            (NoticeField.PERIOD, was.period, now.period),
            (NoticeField.RENEWALS, was.renewals, now.renewals),
            (NoticeField.OPTIONS, was.options, now.options),
            (NoticeField.FRAMEWORK, was.framework, now.framework),
            (NoticeField.CRITERIA, was.criteria, now.criteria),
            (NoticeField.VALIDITY, was.validity, now.validity),
        ]
        for field, earlier, later in pairs:
            if earlier != later:
                yield FieldChange(field, earlier or None, later or None, lot=key)
