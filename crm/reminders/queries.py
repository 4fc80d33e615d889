"""What is read about reminders: the inbox, one reminder with its why, what lies ahead."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.accounts.models import StandIn, User
from crm.budgets import queries as budgets
from crm.budgets.models import BudgetPractice
from crm.cases.models import Case
from crm.core.db import among, db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page, parts_of
from crm.organisations.dates import Dates, dated_by
from crm.organisations.models import Organisation
from crm.organisations.queries import hangs_at, scope
from crm.reminders import by_hand, sources
from crm.reminders.models import (
    WAITING_STATES,
    Reminder,
    ReminderMove,
    ReminderState,
    Repeat,
    SharedFeed,
)
from crm.rules.access import Role
from crm.rules.budget_cycle import Phase
from crm.rules.letters import LetterPace
from crm.rules.own_rules import number_of
from crm.rules.reminder_reasons import asks_again, passed_names
from crm.rules.reminders import ReminderKind, Why, explain, is_overdue, moved_from_json
from crm.rules.rule_settings import may_be_changed, rule_of
from crm.rules.stages import CaseState


@dataclass(frozen=True, slots=True)
class Away:
    """Whose reminder it is, while its owner is away, and the last day of that."""

    name: str
    until: date


@dataclass(frozen=True)
class Told:
    """A reminder as a page, a mail or a calendar shows it, in one language."""

    row: Reminder
    language: str
    today: date
    away: Away | None = None  # on the day it is to be dealt with

    @property
    def id(self) -> int:
        return self.row.id

    @cached_property
    def why_in_full(self) -> Why:
        """Title, instruction, reasons, certainty, source and the rules behind it."""
        return explain(sources.as_planned(self.row), self.language)

    @property
    def title(self) -> str:
        return by_hand.title(self.row, self.language) or self.why_in_full.title

    @property
    def instruction(self) -> str:
        return self.why_in_full.instruction if not self.row.params.get("text") else ""

    @property
    def why(self) -> str:
        """Why now, in the buyer's terms."""
        if self.row.params.get("text"):
            return by_hand.why(self.row, self.language)
        if self.wakes and self.row.snoozed_until is not None and self.row.snoozed_on is not None:
            again = asks_again(self.row.snoozed_on, self.language)
            return f"{self.why_in_full.text} {again}"
        return self.why_in_full.text

    @property
    def why_and_how_sure(self) -> str:
        """The same where no mark can stand beside it: in a mail, or in a calendar."""
        if self.row.params.get("text"):
            return self.why
        return f"{self.why} ({self.why_in_full.certainty_text})"

    @property
    def kind(self) -> str:
        return self.row.kind.value

    @property
    def due(self) -> date:
        return self.row.show_on

    @property
    def certainty(self) -> str:
        return self.row.certainty.value

    @cached_property
    def sources(self) -> list[tuple[str, str]]:
        """Where the date is from: (words, address), the address empty for what has none."""
        parts = [part.strip() for part in self.row.source.split(";") if part.strip()]
        return [
            (urlsplit(part).hostname or part, part)
            if part.startswith(("https://", "http://"))
            else (part, "")
            for part in parts
        ]

    @property
    def source_url(self) -> str | None:
        """The first address among the sources, if there is one."""
        return next((address for _words, address in self.sources if address), None)

    @property
    def source(self) -> str | None:
        return None if self.source_url else (self.row.law or self.row.source or None)

    @property
    def original(self) -> date | None:
        """The day first wanted, when it stands on another and the why does not say so."""
        by_hand = bool(self.row.params.get("text"))
        moved = self.row.wanted_on not in {self.row.due_on, self.due}
        return self.row.wanted_on if by_hand and moved else None

    @property
    def moved_because(self) -> str | None:
        """The names of what it was moved past."""
        passed = moved_from_json(self.row.moved)
        return passed_names([one for one in passed if one.start <= one.end], self.language) or None

    @property
    def rule_may_be_changed(self) -> bool:
        """Whether it comes from a rule that an installation may change."""
        rule = rule_of(self.row.rule_key)
        own = number_of(self.row.rule_key) is not None
        return own or (rule is not None and may_be_changed(rule))

    @property
    def wakes(self) -> bool:
        """Whether doing it takes up a case that has waited."""
        return self.row.rule_key == "WAKE"

    @property
    def waits(self) -> bool:
        """Whether anything is left to do."""
        return self.row.state in WAITING_STATES

    @property
    def overdue(self) -> bool:
        """Only a promise of ours can be overdue, and nothing in a case that waits."""
        rests = self.row.case is not None and self.row.case.state is CaseState.WAITING
        return (
            self.waits and not rests and is_overdue(self.row.kind, self.row.wanted_on, self.today)
        )

    @property
    def where(self) -> str:
        """The unit or body, and the case."""
        place = self.row.organisation.title
        return f"{place} · {self.row.case.title}" if self.row.case else place


def get(reminder_id: int) -> Reminder:
    """One reminder with its organisation, body, case and owner. Raises NotFound."""
    row = db.session.scalar(_loaded().where(Reminder.id == reminder_id))
    if row is None:
        raise NotFound("reminder")
    return row


def tell(rows: Sequence[Reminder], *, today: date, language: str) -> list[Told]:
    """Rows that are at hand, as a page shows them. One statement."""
    found = db.session.execute(
        sa.select(StandIn.user_id, StandIn.first, StandIn.last, StandIn.away_until, User.name)
        .join(User, User.id == StandIn.user_id)
        .where(StandIn.user_id.in_({row.user_id for row in rows if row.user_id is not None}))
    ).all()

    def away(row: Reminder) -> Away | None:
        day = max(row.show_on, today)
        return next(
            (
                Away(one.name, one.away_until)
                for one in found
                if one.user_id == row.user_id and one.first <= day <= one.last
            ),
            None,
        )

    return [Told(row, language, today, away(row)) for row in rows]


def _loaded() -> sa.Select[Reminder]:
    return sa.select(Reminder).options(
        joinedload(Reminder.organisation),
        joinedload(Reminder.body),
        joinedload(Reminder.case),
        joinedload(Reminder.user),
        joinedload(Reminder.repeat),
    )


def _listed(today: date) -> sa.Select[Reminder, str, date]:
    """For a list: of the organisation and the case, only what they are called; who is away."""
    day = _day(today)
    return (
        sa.select(Reminder, User.name, StandIn.away_until)
        .options(
            joinedload(Reminder.organisation).load_only(
                Organisation.name, Organisation.name_full, raiseload=True
            ),
            joinedload(Reminder.case).load_only(Case.title, Case.state, raiseload=True),
            joinedload(Reminder.repeat),
        )
        .outerjoin(
            StandIn,
            sa.and_(StandIn.user_id == Reminder.user_id, StandIn.first <= day, StandIn.last >= day),
        )
        .outerjoin(User, User.id == StandIn.user_id)
    )


def _day(today: date) -> sa.ColumnElement[date]:
    """The day a reminder is to be dealt with: its own, or today where that has passed."""
    return sa.case(
        (Reminder.show_on > today, Reminder.show_on),
        else_=sa.bindparam(None, today, sa.Date()),
    )


def _told(found: Iterable[Any], today: date, language: str) -> list[Told]:
    """What `_listed` found."""
    return [
        Told(row, language, today, Away(name, until) if name else None)
        for row, name, until, *_more in found
    ]


def repeat_of(reminder: Reminder) -> Repeat | None:
    """How it comes again, if it does."""
    return db.session.get(Repeat, reminder.repeat_id) if reminder.repeat_id is not None else None


def some(reminder_ids: Sequence[int]) -> list[Reminder]:
    """These reminders, in the order given; what no longer exists is left out. One statement."""
    found = {
        row.id: row for row in db.session.scalars(_loaded().where(Reminder.id.in_(reminder_ids)))
    }
    return [found[number] for number in reminder_ids if number in found]


def by_id_or_key(wanted: Collection[int | str]) -> dict[int | str, Reminder]:
    """These reminders by what they were asked for by. One statement."""
    ids = [one for one in wanted if isinstance(one, int)]
    keys = [one for one in wanted if isinstance(one, str)]
    of_these = sa.or_(Reminder.id.in_(ids), Reminder.key.in_(keys))
    found: dict[int | str, Reminder] = {}
    for row in db.session.scalars(_loaded().where(of_these)):
        found |= {row.id: row, row.key: row}
    return found


def inbox(
    user_id: int | None,
    *,
    today: date,
    language: str,
    kind: str = "",
    within: Organisation | None = None,
    including_below: bool = True,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[Told]:
    """What stands in the inbox now, earliest first.

    `user_id` None: everybody's. Two statements. What should have come up while nothing ran is
    shown too, since the day decides and not the scheduler.
    """
    where = [
        *_shown_by(today),
        *_narrowed(user_id, kind, within, including_below, today=today),
    ]
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Reminder).where(*where))
    rows = db.session.execute(
        _listed(today)
        .where(*where)
        .order_by(Reminder.show_on, Reminder.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return Page(_told(rows, today, language), page, int(total or 0), per_page)


def every_row(
    user_id: int | None,
    *,
    today: date,
    until: date,
    language: str,
    kind: str = "",
    within: Organisation | None = None,
    including_below: bool = True,
) -> Iterator[Told]:
    """What stands in the inbox and what comes by `until`, for a file. One statement."""
    where = [
        *_shown_by(until),
        *_narrowed(user_id, kind, within, including_below, today=today, ahead=True),
    ]
    listed = _listed(today).where(*where).order_by(Reminder.show_on, Reminder.id)
    for part in parts_of(listed):
        yield from _told(part, today, language)


def _shown_by(day: date) -> tuple[sa.ColumnElement[bool], ...]:
    return Reminder.state.in_(WAITING_STATES), Reminder.show_on <= day


def counted_due(user_id: int, *, today: date) -> sa.Select[int]:
    """How many stand in this user's inbox today, with those that are nobody's yet: for the menu."""
    return _counted(_of(user_id, today=today), today=today)


def count_due(user_id: int, *, today: date, with_nobodys: bool = True) -> int:
    """How many a user is shown today; see `due_for`."""
    whose = _of(user_id, with_nobodys, today=today)
    return int(db.session.scalar(_counted(whose, today=today)) or 0)


def _counted(where: sa.ColumnElement[bool], *, today: date) -> sa.Select[int]:
    standing = (Reminder.state.in_(WAITING_STATES), Reminder.show_on <= today)
    return sa.select(sa.func.count()).select_from(Reminder).where(where, *standing)


def _of(
    user_id: int, with_nobodys: bool = True, *, today: date, ahead: bool = False
) -> sa.ColumnElement[bool]:
    """One's own, and those of the colleagues for whom one stands in; with what is nobody's, also
    those for whom nobody in particular does. `ahead`: it depends on each reminder's own day."""
    whose = StandIn.stand_in_id == user_id
    if with_nobodys:
        whose = sa.or_(whose, StandIn.stand_in_id.is_(None))
    away = sa.select(StandIn.user_id).where(whose, StandIn.last >= today)
    if not ahead:
        covered: sa.ColumnElement[bool] = among(
            Reminder.user_id, away.where(StandIn.first <= today)
        )
    else:
        day = _day(today)
        then = away.where(
            StandIn.user_id == Reminder.user_id, StandIn.first <= day, StandIn.last >= day
        )
        covered = sa.and_(among(Reminder.user_id, away), then.correlate(Reminder).exists())
    nobodys = [Reminder.user_id.is_(None)] if with_nobodys else []
    return sa.or_(Reminder.user_id == user_id, *nobodys, covered)


def due_for(
    user_id: int, *, today: date, language: str, limit: int = 100, with_nobodys: bool = True
) -> list[Told]:
    """What stands in a user's inbox, for the digest and Today. One statement.

    What is nobody's stands in everybody's inbox, so that it cannot be overlooked; in the mails it
    is the founders', or all would be asked for the same thing. So it is with what a colleague has
    left who is away without a deputy.
    """
    rows = db.session.execute(
        _listed(today)
        .where(
            _of(user_id, with_nobodys, today=today),
            Reminder.state.in_(WAITING_STATES),
            Reminder.show_on <= today,
        )
        .order_by(Reminder.show_on, Reminder.id)
        .limit(limit)
    )
    return _told(rows, today, language)


@dataclass(frozen=True, slots=True)
class Reader:
    """A colleague as the morning's mail sees her."""

    id: int
    role: Role
    digest: LetterPace
    digest_hour: int
    digest_weekday: int
    week_told_on: date | None
    away: bool
    stand_in_id: int | None  # who stands in while she is away; None: everybody


def readers(today: date) -> list[Reader]:
    """All active users. One statement."""
    found = db.session.execute(
        sa.select(
            User.id,
            User.role,
            User.digest,
            User.digest_hour,
            User.digest_weekday,
            User.week_told_on,
            StandIn.user_id.is_not(None),
            StandIn.stand_in_id,
        )
        .outerjoin(
            StandIn,
            sa.and_(StandIn.user_id == User.id, StandIn.first <= today, StandIn.last >= today),
        )
        .where(User.active.is_(True))
        .order_by(User.id)
    )
    return [Reader(*row) for row in found]


def standing_since(user_ids: Collection[int], *, today: date) -> dict[int | None, datetime]:
    """Of these users, and of nobody (None), those with something in the inbox, and since when the
    oldest of it stands as it does. One statement."""
    found = db.session.execute(
        sa.select(Reminder.user_id, sa.func.min(Reminder.changed_at))
        .where(
            sa.or_(Reminder.user_id.in_(user_ids), Reminder.user_id.is_(None)),
            Reminder.state.in_(WAITING_STATES),
            Reminder.show_on <= today,
        )
        .group_by(Reminder.user_id)
    )
    return {user_id: changed_at for user_id, changed_at in found}


def coming(
    user_id: int | None,
    *,
    today: date,
    until: date,
    language: str,
    kind: str = "",
    within: Organisation | None = None,
    including_below: bool = True,
    limit: int = 20,
) -> list[Told]:
    """What comes after today, soonest first."""
    where = [
        Reminder.state == ReminderState.PLANNED,
        Reminder.show_on > today,
        Reminder.show_on <= until,
        *_narrowed(user_id, kind, within, including_below, today=today, ahead=True),
    ]
    rows = db.session.execute(
        _listed(today).where(*where).order_by(Reminder.show_on, Reminder.id).limit(limit)
    )
    return _told(rows, today, language)


def _narrowed(
    user_id: int | None,
    kind: str,
    within: Organisation | None,
    including_below: bool = True,
    *,
    today: date,
    ahead: bool = False,
) -> list[sa.ColumnElement[bool]]:
    """Whose (with what is nobody's), of which kind, and at which node, with all below it (A2)."""
    where: list[sa.ColumnElement[bool]] = []
    if user_id is not None:
        where.append(_of(user_id, today=today, ahead=ahead))
    if kind in set(ReminderKind):
        where.append(Reminder.kind == ReminderKind(kind))
    if within is not None:
        where.append(hangs_at(Reminder, within, including_below))
    return where


AT_ONCE = 100  # reminders that are put off together


def waiting_at(organisation: Organisation) -> list[Reminder]:
    """All that waits at the node and beneath it, whoever's it is, soonest first: the first of them.
    One statement."""
    return list(
        db.session.scalars(
            _loaded()
            .where(hangs_at(Reminder, organisation), Reminder.state.in_(WAITING_STATES))
            .order_by(Reminder.show_on, Reminder.id)
            .limit(AT_ONCE)
        )
    )


NEXT_FEW = 4  # what a page shows at once of a case or an account; the inbox has the rest
MOST_OF_A_CASE = 40


def of_case(case: Case, *, today: date, language: str) -> list[Told]:
    """The pending reminders of one case, soonest first: the page shows a few, and the rest when
    asked to."""
    rows = db.session.execute(
        _listed(today)
        .where(Reminder.case_id == case.id, Reminder.state.in_(WAITING_STATES))
        .order_by(Reminder.show_on, Reminder.id)
        .limit(MOST_OF_A_CASE)
    )
    return _told(rows, today, language)


def of_organisation(
    organisation: Organisation, *, today: date, language: str, limit: int = NEXT_FEW
) -> list[Told]:
    """The next few pending reminders at the node and beneath it, soonest first."""
    rows = db.session.execute(
        _listed(today)
        .where(hangs_at(Reminder, organisation), Reminder.state.in_(WAITING_STATES))
        .order_by(Reminder.show_on, Reminder.id)
        .limit(limit)
    )
    return _told(rows, today, language)


@dataclass(frozen=True, slots=True)
class Moved:
    """A pending reminder that got another day because a fact changed."""

    reminder_id: int
    told: Told
    at: datetime
    before: date
    after: date
    why: str


def moves(
    user_id: int | None,
    *,
    since: datetime,
    today: date,
    language: str,
    kind: str = "",
    within: Organisation | None = None,
    including_below: bool = True,
    limit: int = 30,
) -> list[Moved]:
    """What was moved lately, latest first: said, not done behind anybody's back."""
    where = [
        ReminderMove.at >= since,
        *_narrowed(user_id, kind, within, including_below, today=today),
    ]
    found = db.session.execute(
        _listed(today)
        .join(ReminderMove, Reminder.id == ReminderMove.reminder_id)
        .add_columns(ReminderMove)
        .where(*where)
        .order_by(ReminderMove.id.desc())
        .limit(limit)
    )
    return [
        Moved(row.id, Told(row, language, today), move.at, move.before, move.after, move.why)
        for row, _name, _until, move in found
    ]


def moves_of(reminder: Reminder) -> list[ReminderMove]:
    """Every move of one reminder, latest first."""
    return list(
        db.session.scalars(
            sa.select(ReminderMove)
            .where(ReminderMove.reminder_id == reminder.id)
            .order_by(ReminderMove.id.desc())
        )
    )


def for_feed(
    user_id: int | None,
    *,
    today: date,
    first: date,
    last: date,
    withdrawn_since: datetime,
    within: Organisation | None = None,
) -> Sequence[Reminder]:
    """Reminders for a calendar: pending ones, and those withdrawn lately. A user's, with those of
    colleagues on the days when she stands in for them; or (None) everybody's. `within`: those of
    one account and all below it."""
    where = [_of(user_id, with_nobodys=False, today=today, ahead=True)] if user_id else []
    if within is not None:
        where.append(hangs_at(Reminder, within))
    return db.session.scalars(
        _loaded()
        .where(
            *where,
            Reminder.show_on >= first,
            Reminder.show_on <= last,
            sa.or_(
                Reminder.state.in_(WAITING_STATES),
                sa.and_(
                    Reminder.state == ReminderState.WITHDRAWN,
                    Reminder.changed_at >= withdrawn_since,
                ),
            ),
        )
        .order_by(Reminder.show_on, Reminder.id)
        .limit(2_000)
    ).all()


# --- For the list of accounts (E9) ---------------------------------------------------------------


def _days_at_nodes(bodies: sa.Select[Any] | None) -> list[sa.Select[Any]]:
    """Of those without a case: a case keeps the day of its next reminder itself (decision 3)."""
    found: Any = sa.select(
        Reminder.organisation_id.label("id"), Reminder.show_on.label("day")
    ).where(Reminder.case_id.is_(None), Reminder.state.in_(WAITING_STATES))
    return [found if bodies is None else found.where(Reminder.body_id.in_(bodies))]


def _days_at_bodies(ids: Sequence[int]) -> list[sa.Select[Any]]:
    day = sa.func.min(Reminder.show_on).label("day")
    found: Any = (
        sa.select(Reminder.body_id.label("id"), day)
        .where(
            Reminder.body_id.in_(ids),
            Reminder.case_id.is_(None),
            Reminder.state.in_(WAITING_STATES),
        )
        .group_by(Reminder.body_id)
    )
    return [found]


dated_by(Dates(_days_at_nodes, _days_at_bodies))


def shared_feeds(user_id: int) -> Sequence[SharedFeed]:
    """The shared addresses a user has made, the team's first."""
    return db.session.scalars(
        sa.select(SharedFeed)
        .options(joinedload(SharedFeed.organisation))
        .where(SharedFeed.user_id == user_id, SharedFeed.revoked_at.is_(None))
        .order_by(SharedFeed.organisation_id.is_not(None), SharedFeed.kind, SharedFeed.id)
        .limit(100)
    ).all()


def shared_feed(feed_id: int) -> SharedFeed | None:
    """One that has not been taken away, with its maker and its account."""
    return db.session.scalar(
        sa.select(SharedFeed)
        .options(joinedload(SharedFeed.user), joinedload(SharedFeed.organisation))
        .where(SharedFeed.id == feed_id, SharedFeed.revoked_at.is_(None))
    )


@dataclass(frozen=True, slots=True)
class BuyersDate:
    """A phase of a buyer's budget year, of the account or of a unit with dates of its own."""

    organisation: Organisation
    phase: Phase
    version: int  # of what is stored about the calendar; 0 for the state's


MOST_CALENDARS = 50  # of units with dates of their own, in one feed


def buyers_dates(organisation: Organisation, *, first: date, last: date) -> list[BuyersDate]:
    """The account's budget year and those of units with their own, as far as the days reach."""
    own = db.session.scalars(
        sa.select(Organisation)
        .join(BudgetPractice, BudgetPractice.organisation_id == Organisation.id)
        .where(Organisation.id.in_(scope(organisation)), Organisation.id != organisation.id)
        .order_by(Organisation.id)
        .limit(MOST_CALENDARS)
    ).all()
    places = [organisation, *own]
    known = budgets.known_of_many(places)
    return [
        BuyersDate(place, phase, row.version if (row := known[place.id].row) else 0)
        for place in places
        for year in range(first.year, last.year + 3)
        for phase in known[place.id].phases(year)
        if phase.end >= first and phase.start <= last
    ]
