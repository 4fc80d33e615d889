"""What is read of inquiries, their lists and who was lately in touch. Nothing here changes it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.activities.models import Activity, ActivityKind
from crm.activities.queries import Entry
from crm.core.db import Base, alias_of, db, dialect_name
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page, Statement, parts_of
from crm.interest.models import Inquiry, KeptWords, Sorting, Source, SourceKind
from crm.organisations.models import Organisation
from crm.organisations.queries import hangs_at
from crm.people.models import Person
from crm.rules.calendar import working_hours_between
from crm.rules.habits import answer_promised_before
from crm.search.index import Term, index_words, matches
from crm.search.models import SearchDoc

LATELY: Final = timedelta(days=30)  # how long a colleague's contact is worth knowing of (J5)

_CONTACTS = (ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.MEETING, ActivityKind.INQUIRY)


# --- Channels and triggers -----------------------------------------------------------------------


def sources(kind: SourceKind, retired: bool = False) -> list[Source]:
    """A list in its own order; those retired only when asked for, after the others."""
    wanted = sa.select(Source).where(Source.kind == kind)
    if not retired:
        wanted = wanted.where(Source.retired.is_(False))
    return list(db.session.scalars(wanted.order_by(Source.retired, Source.position, Source.id)))


def source_by_key(kind: SourceKind, key: str) -> Source | None:
    """By its unchanging key, retired or not."""
    return db.session.scalar(sa.select(Source).where(Source.kind == kind, Source.key == key))


def kept_words(number: int, user_id: int) -> KeptWords | None:
    """What this colleague has written in a quick log, while it is kept."""
    found = db.session.get(KeptWords, number)
    return found if found is not None and found.user_id == user_id else None


def get_source(source_id: int) -> Source:
    """Raises NotFound."""
    found = db.session.get(Source, source_id)
    if found is None:
        raise NotFound
    return found


def usage() -> dict[int, int]:
    """How many inquiries have each channel or trigger, by its id. One statement."""
    parts = [
        sa.select(column.label("id"), sa.func.count().label("number"))
        .where(column.is_not(None))
        .group_by(column)
        for column in (Inquiry.channel_id, Inquiry.trigger_id)
    ]
    rows = db.session.execute(sa.union_all(*parts)).all()
    return {row.id: row.number for row in rows}


# --- One inquiry ---------------------------------------------------------------------------------


def get(inquiry_id: int) -> Inquiry:
    """With everything its page shows. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Inquiry)
        .where(Inquiry.id == inquiry_id)
        .options(
            joinedload(Inquiry.channel),
            joinedload(Inquiry.trigger),
            joinedload(Inquiry.organisation),
            joinedload(Inquiry.body),
            joinedload(Inquiry.person),
            joinedload(Inquiry.told_by),
            joinedload(Inquiry.owner),
            joinedload(Inquiry.created_by),
        )
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """A case that an inquiry fed. Cases lie above us, so their table is read by name."""

    id: int
    title: str
    state: str
    opened_on: date
    organisation: str


def cases_of(inquiry_id: int) -> list[LinkedCase]:
    """Oldest first. One statement."""
    link, case = Base.metadata.tables["inquiry_case"], Base.metadata.tables["case"]
    rows = db.session.execute(
        sa.select(
            case.c.id,
            case.c.title,
            case.c.state,
            case.c.opened_on,
            Organisation.name_full,
            Organisation.name,
        )
        .join(link, link.c.case_id == case.c.id)
        .join(Organisation, Organisation.id == case.c.organisation_id)
        .where(link.c.inquiry_id == inquiry_id)
        .order_by(case.c.id)
    )
    return [
        LinkedCase(r.id, r.title, getattr(r.state, "value", r.state), r.opened_on, r[4] or r[5])
        for r in rows
    ]


# --- Lists ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One inquiry in a list. Names are empty when the thing is not known yet."""

    id: int
    received_at: datetime
    summary: str
    typed: str
    caller: str
    email: str
    phone: str
    channel_id: int
    channel_sv: str
    channel_en: str
    trigger_id: int | None
    organisation_id: int | None
    organisation: str
    body_id: int | None
    body: str
    person_id: int | None
    person: str
    owner_id: int | None
    owner: str
    sorting: Sorting
    answered_at: datetime | None
    version: int

    @property
    def who(self) -> str:
        """The best name we have for the caller."""
        return self.person or self.caller or self.email or self.phone or self.typed

    @property
    def where(self) -> str:
        """The unit and its body, as far as known."""
        if self.body and self.organisation_id != self.body_id:
            return f"{self.organisation}, {self.body}"
        return self.organisation


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; None and "" narrow nothing.

    `organisation` counts its units too, unless `including_below` is off (A2).
    """

    channel_id: int | None = None
    trigger_id: int | None = None
    organisation: Organisation | None = None
    including_below: bool = True
    person_id: int | None = None
    owner_id: int | None = None
    sorting: Sorting | None = None
    unanswered: bool = False
    text: str = ""

    @property
    def is_narrow(self) -> bool:
        return self != Filter()


_Body = alias_of(Organisation)


def _conditions(chosen: Filter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.channel_id:
        found.append(Inquiry.channel_id == chosen.channel_id)
    if chosen.trigger_id:
        found.append(Inquiry.trigger_id == chosen.trigger_id)
    if chosen.organisation is not None:
        found.append(hangs_at(Inquiry, chosen.organisation, chosen.including_below))
    if chosen.person_id:
        found.append(Inquiry.person_id == chosen.person_id)
    if chosen.owner_id:
        found.append(Inquiry.owner_id == chosen.owner_id)
    if chosen.sorting:
        found.append(Inquiry.sorting == chosen.sorting)
    if chosen.unanswered:
        found.append(_open_question())
    if chosen.text:
        found.append(_says(chosen.text))
    return found


def _says(text: str) -> sa.ColumnElement[bool]:
    """Every word begins some word of the inquiry or of where it hangs; å, ä, ö as in the search."""
    asked = [[Term(word)] for word in index_words(text)[:8]]
    if not asked:
        return sa.true()
    return Inquiry.id.in_(
        sa.select(SearchDoc.ref_id).where(
            SearchDoc.kind == "inquiry", matches(dialect_name(), asked)
        )
    )


def _open_question() -> sa.ColumnElement[bool]:
    # Written like the partial index, so that both engines use it.
    return sa.and_(Inquiry.answered_at.is_(None), Inquiry.sorting != Sorting.LET_GO)


def _rows(conditions: Sequence[Any], order: Sequence[Any], limit: int, offset: int) -> list[Row]:
    found = db.session.execute(_select(conditions, order).limit(limit).offset(offset))
    return [_row(row) for row in found]


def _select(conditions: Sequence[Any], order: Sequence[Any]) -> Statement:
    """What `_row` takes."""
    names = (
        Organisation.name,
        Organisation.name_full,
        _Body.name.label("body_name"),
        _Body.name_full.label("body_full"),
        Person.first_name,
        Person.last_name,
        User.name.label("owner_name"),
        Source.name_sv.label("channel_sv"),
        Source.name_en.label("channel_en"),
    )
    statement: Statement = (
        sa.select(Inquiry, *names)
        .join(Source, Source.id == Inquiry.channel_id)
        .outerjoin(Organisation, Organisation.id == Inquiry.organisation_id)
        .outerjoin(_Body, _Body.id == Inquiry.body_id)
        .outerjoin(Person, Person.id == Inquiry.person_id)
        .outerjoin(User, User.id == Inquiry.owner_id)
        .where(*conditions)
        .order_by(*order)
    )
    return statement


def _row(row: Any) -> Row:
    i: Inquiry = row[0]
    return Row(
        id=i.id,
        received_at=i.received_at,
        summary=i.summary,
        typed=i.typed,
        caller=i.caller,
        email=i.email,
        phone=i.phone,
        channel_id=i.channel_id,
        channel_sv=row.channel_sv,
        channel_en=row.channel_en,
        trigger_id=i.trigger_id,
        organisation_id=i.organisation_id,
        organisation=row.name_full or row.name or "",
        body_id=i.body_id,
        body=row.body_full or row.body_name or "",
        person_id=i.person_id,
        person=f"{row.first_name or ''} {row.last_name or ''}".strip(),
        owner_id=i.owner_id,
        owner=row.owner_name or "",
        sorting=i.sorting,
        answered_at=i.answered_at,
        version=i.version,
    )


ORDERS: Final[dict[str, tuple[Any, ...]]] = {
    "-received": (Inquiry.received_at.desc(), Inquiry.id.desc()),
    "received": (Inquiry.received_at, Inquiry.id),
    "organisation": (Organisation.name_sort, Inquiry.received_at.desc(), Inquiry.id.desc()),
    "-organisation": (Organisation.name_sort.desc(), Inquiry.received_at.desc(), Inquiry.id.desc()),
}


def listed(
    chosen: Filter, page: int = 1, sort: str = "-received", per_page: int = PER_PAGE
) -> Page[Row]:
    """All inquiries that fit, newest first unless asked otherwise. Two statements."""
    conditions = _conditions(chosen)
    total = (
        db.session.scalar(sa.select(sa.func.count()).select_from(Inquiry).where(*conditions)) or 0
    )
    rows = _rows(conditions, ORDERS[sort], per_page, (page - 1) * per_page)
    return Page(rows, page, total, per_page)


def _number_of(conditions: Iterable[sa.ColumnElement[bool]]) -> sa.Select[int]:
    """Of rows and not of ids: SQLite knows how many rows a table has without reading them."""
    return sa.select(sa.func.count()).select_from(Inquiry).where(*conditions)


def every_row(chosen: Filter, sort: str = "-received") -> Iterator[Row]:
    """The whole list in its order, for a file. One statement."""
    for part in parts_of(_select(_conditions(chosen), ORDERS[sort])):
        yield from map(_row, part)


def latest(chosen: Filter, limit: int) -> list[Row]:
    """The newest of those that fit, without counting them all. One statement."""
    return _rows(_conditions(chosen), ORDERS["-received"], limit, 0)


def counted(chosen: Filter) -> dict[int | None, int]:
    """How many of those that fit have each channel and trigger, by source id; None: no trigger.

    The figures of a list's report are the list's own rows. One statement.
    """
    conditions = _conditions(chosen)
    by_channel = (
        sa.select(Inquiry.channel_id.label("id"), sa.func.count().label("number"))
        .where(*conditions)
        .group_by(Inquiry.channel_id)
    )
    by_trigger = (
        sa.select(Inquiry.trigger_id.label("id"), sa.func.count().label("number"))
        .where(*conditions)
        .group_by(Inquiry.trigger_id)
    )
    found: Any = db.session.execute(sa.union_all(by_channel, by_trigger))
    return {row.id: row.number for row in found}


# --- The queues ----------------------------------------------------------------------------------


def _mine(user_id: int | None) -> list[sa.ColumnElement[bool]]:
    """Those of one user, and those that are nobody's; None: everybody's."""
    if user_id is None:
        return []
    return [sa.or_(Inquiry.owner_id == user_id, Inquiry.owner_id.is_(None))]


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many wait to be sorted, and how many longer than we promise for an answer."""

    to_sort: int
    unanswered: int


def waiting(user_id: int | None, now: datetime) -> Waiting:
    """Both figures of the queues, in one statement."""
    counts = (to_sort_counted(user_id), unanswered_counted(user_id, now))
    found = db.session.execute(sa.select(*(count.scalar_subquery() for count in counts)))
    return Waiting(*found.one())


def to_sort(user_id: int | None, total: int, page: int = 1) -> Page[Row]:
    """What still lacks its place, oldest first. One statement; `total` is known by `waiting`."""
    conditions = [Inquiry.sorting == Sorting.TO_SORT, *_mine(user_id)]
    rows = _rows(conditions, ORDERS["received"], PER_PAGE, (page - 1) * PER_PAGE)
    return Page(rows, page, total)


def to_sort_counted(user_id: int | None) -> sa.Select[int]:
    """How many wait to be sorted, as a statement over the partial index: for the menu."""
    conditions = [Inquiry.sorting == Sorting.TO_SORT, *_mine(user_id)]
    return _number_of(conditions)


def unanswered(user_id: int | None, now: datetime, page: int = 1) -> Page[Row]:
    """What has waited longer than we promise for a first answer, longest first. Two statements."""
    conditions = [
        _open_question(),
        Inquiry.received_at <= answer_promised_before(now),
        *_mine(user_id),
    ]
    total = (
        db.session.scalar(sa.select(sa.func.count()).select_from(Inquiry).where(*conditions)) or 0
    )
    rows = _rows(conditions, ORDERS["received"], PER_PAGE, (page - 1) * PER_PAGE)
    return Page(rows, page, total)


def unanswered_counted(user_id: int | None, now: datetime) -> sa.Select[int]:
    """How many have waited longer than we promise, as a statement."""
    conditions = [
        _open_question(),
        Inquiry.received_at <= answer_promised_before(now),
        *_mine(user_id),
    ]
    return _number_of(conditions)


def waited(row: Row | Inquiry, now: datetime) -> int:
    """Whole Swedish working hours since it came in."""
    return int(working_hours_between(row.received_at, now))


# --- Who was lately in touch (J5) ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Touch:
    """A colleague's latest contact with anybody at the body."""

    at: datetime
    by: str
    kind: ActivityKind
    organisation_id: int
    organisation: str
    person: str
    text: str


def contacts_by_others(
    body_id: int, but: User | None, now: datetime, limit: int = 3
) -> sa.Select[Any]:
    """The ids of what colleagues did at any unit of the body in the last 30 days, newest first."""
    wanted = (
        sa.select(Activity.id)
        .where(
            Activity.body_id == body_id,
            Activity.at >= now - LATELY,
            Activity.at <= now,
            Activity.kind.in_(_CONTACTS),
            Activity.user_id.is_not(None),
        )
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit)
    )
    return wanted if but is None else wanted.where(Activity.user_id != but.id)


def touch_of(entry: Entry) -> Touch:
    """A line of the story as a colleague's contact."""
    return Touch(
        at=entry.at,
        by=entry.user,
        kind=entry.kind,
        organisation_id=entry.organisation_id,
        organisation=entry.organisation,
        person=entry.person,
        text=entry.text,
    )


def lately_in_touch(body_id: int, but: User | None, now: datetime, limit: int = 3) -> list[Touch]:
    """What colleagues did at any unit of the body in the last 30 days, newest first."""
    chosen = contacts_by_others(body_id, but, now, limit).subquery()
    wanted = (
        sa.select(Activity, User.name, Organisation, Person.first_name, Person.last_name)
        .join(chosen, chosen.c.id == Activity.id)
        .join(User, User.id == Activity.user_id)
        .join(Organisation, Organisation.id == Activity.organisation_id)
        .outerjoin(Person, Person.id == Activity.person_id)
        .order_by(Activity.at.desc(), Activity.id.desc())
    )
    return [
        Touch(
            at=line.at,
            by=by,
            kind=line.kind,
            organisation_id=place.id,
            organisation=place.title,
            person=f"{first or ''} {last or ''}".strip(),
            text=line.text,
        )
        for line, by, place, first, last in db.session.execute(wanted)
    ]


def persons(ids: Collection[int]) -> dict[int, Person]:
    """By id. One statement."""
    found = db.session.scalars(sa.select(Person).where(Person.id.in_(ids)))
    return {person.id: person for person in found}
