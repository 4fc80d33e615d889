"""What is read about reminders: the inbox, one reminder with its why, what lies ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.organisations.models import Organisation
from crm.organisations.queries import hangs_at
from crm.reminders import sources
from crm.reminders.models import (
    WAITING_STATES,
    Reminder,
    ReminderMove,
    ReminderState,
    Repeat,
)
from crm.rules.reminders import ReminderKind, Why, explain, is_overdue
from crm.rules.rule_settings import may_be_changed, rule_of


@dataclass(frozen=True)
class Told:
    """A reminder as a page, a mail or a calendar shows it, in one language."""

    row: Reminder
    language: str
    today: date

    @property
    def id(self) -> int:
        return self.row.id

    @cached_property
    def why_in_full(self) -> Why:
        """Title, instruction, reasons, certainty, source and the rules behind it."""
        return explain(sources.as_planned(self.row), self.language)

    @property
    def title(self) -> str:
        return str(self.row.params.get("text") or self.why_in_full.title)

    @property
    def instruction(self) -> str:
        return self.why_in_full.instruction if not self.row.params.get("text") else ""

    @property
    def why(self) -> str:
        """Why now, in the buyer's terms."""
        return "" if self.row.params.get("text") else self.why_in_full.text

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
        return self.row.wanted_on if by_hand and self.row.wanted_on != self.row.due_on else None

    @property
    def moved_because(self) -> str | None:
        """The names of what it was moved past."""
        names = [one[f"name_{self.language}"] for one in self.row.moved]
        return ", ".join(dict.fromkeys(names)) or None

    @property
    def rule_may_be_changed(self) -> bool:
        """Whether it comes from a rule that an installation may change."""
        rule = rule_of(self.row.rule_key)
        return rule is not None and may_be_changed(rule)

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
        """Only a promise of ours can be overdue."""
        return self.waits and is_overdue(self.row.kind, self.row.wanted_on, self.today)

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


def _loaded() -> sa.Select[Reminder]:
    return sa.select(Reminder).options(
        joinedload(Reminder.organisation),
        joinedload(Reminder.body),
        joinedload(Reminder.case),
        joinedload(Reminder.user),
    )


def _listed() -> sa.Select[Reminder]:
    """For a list: of the organisation and the case, only what they are called."""
    return sa.select(Reminder).options(
        joinedload(Reminder.organisation).load_only(
            Organisation.name, Organisation.name_full, raiseload=True
        ),
        joinedload(Reminder.case).load_only(Case.title, raiseload=True),
    )


def repeat_of(reminder: Reminder) -> Repeat | None:
    """How it comes again, if it does."""
    return db.session.get(Repeat, reminder.repeat_id) if reminder.repeat_id is not None else None


def some(reminder_ids: Sequence[int]) -> list[Reminder]:
    """These reminders, in the order given; what no longer exists is left out. One statement."""
    found = {
        row.id: row for row in db.session.scalars(_loaded().where(Reminder.id.in_(reminder_ids)))
    }
    return [found[number] for number in reminder_ids if number in found]


def inbox(
    user_id: int | None,
    *,
    today: date,
    language: str,
    until: date | None = None,
    kind: str = "",
    within: Organisation | None = None,
    including_below: bool = True,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> Page[Told]:
    """What stands in the inbox now, earliest first; with `until`, what comes by then as well.

    `user_id` None: everybody's. Two statements. What should have come up while nothing ran is
    shown too, since the day decides and not the scheduler.
    """
    where = [
        Reminder.state.in_(WAITING_STATES),
        Reminder.show_on <= (until or today),
        *_narrowed(user_id, kind, within, including_below),
    ]
    total = db.session.scalar(sa.select(sa.func.count()).select_from(Reminder).where(*where))
    rows = db.session.scalars(
        _listed()
        .where(*where)
        .order_by(Reminder.show_on, Reminder.id)
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return Page([Told(row, language, today) for row in rows], page, int(total or 0), per_page)


def counted_due(user_id: int, *, today: date) -> sa.Select[int]:
    """How many stand in this user's inbox today, with those that are nobody's yet: for the menu."""
    return _counted(_of(user_id), today=today)


def count_due(user_id: int, *, today: date, with_nobodys: bool = True) -> int:
    """How many a user is shown today; see `due_for`."""
    return int(db.session.scalar(_counted(_of(user_id, with_nobodys), today=today)) or 0)


def _counted(where: sa.ColumnElement[bool], *, today: date) -> sa.Select[int]:
    standing = (Reminder.state.in_(WAITING_STATES), Reminder.show_on <= today)
    return sa.select(sa.func.count()).select_from(Reminder).where(where, *standing)


def _of(user_id: int, with_nobodys: bool = True) -> sa.ColumnElement[bool]:
    own = Reminder.user_id == user_id
    return sa.or_(own, Reminder.user_id.is_(None)) if with_nobodys else own


def due_for(
    user_id: int, *, today: date, language: str, limit: int = 100, with_nobodys: bool = True
) -> list[Told]:
    """What stands in a user's inbox, for the digest and Today. One statement.

    What is nobody's stands in everybody's inbox, so that it cannot be overlooked; in the mails it
    is the founders', or all would be asked for the same thing.
    """
    rows = db.session.scalars(
        _listed()
        .where(
            _of(user_id, with_nobodys),
            Reminder.state.in_(WAITING_STATES),
            Reminder.show_on <= today,
        )
        .order_by(Reminder.show_on, Reminder.id)
        .limit(limit)
    )
    return [Told(row, language, today) for row in rows]


def standing_since(user_ids: Sequence[int], *, today: date) -> dict[int | None, datetime]:
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
        *_narrowed(user_id, kind, within, including_below),
    ]
    rows = db.session.scalars(
        _listed().where(*where).order_by(Reminder.show_on, Reminder.id).limit(limit)
    )
    return [Told(row, language, today) for row in rows]


def _narrowed(
    user_id: int | None, kind: str, within: Organisation | None, including_below: bool = True
) -> list[sa.ColumnElement[bool]]:
    """Whose (with what is nobody's), of which kind, and at which node, with all below it (A2)."""
    where: list[sa.ColumnElement[bool]] = []
    if user_id is not None:
        where.append(_of(user_id))
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


NEXT_FEW = 4  # what a page shows of a case or an account; the inbox has the rest


def of_case(case: Case, *, today: date, language: str) -> list[Told]:
    """The next few pending reminders of one case, soonest first."""
    rows = db.session.scalars(
        _listed()
        .where(Reminder.case_id == case.id, Reminder.state.in_(WAITING_STATES))
        .order_by(Reminder.show_on, Reminder.id)
        .limit(NEXT_FEW)
    )
    return [Told(row, language, today) for row in rows]


def of_organisation(
    organisation: Organisation, *, today: date, language: str, limit: int = NEXT_FEW
) -> list[Told]:
    """The next few pending reminders at the node and beneath it, soonest first."""
    rows = db.session.scalars(
        _listed()
        .where(hangs_at(Reminder, organisation), Reminder.state.in_(WAITING_STATES))
        .order_by(Reminder.show_on, Reminder.id)
        .limit(limit)
    )
    return [Told(row, language, today) for row in rows]


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
    user_id: int | None, *, since: datetime, today: date, language: str, limit: int = 30
) -> list[Moved]:
    """What was moved lately, latest first: said, not done behind anybody's back."""
    where = [ReminderMove.at >= since]
    if user_id is not None:
        where.append(sa.or_(Reminder.user_id == user_id, Reminder.user_id.is_(None)))
    found = db.session.execute(
        _listed()
        .join(ReminderMove, Reminder.id == ReminderMove.reminder_id)
        .add_columns(ReminderMove)
        .where(*where)
        .order_by(ReminderMove.id.desc())
        .limit(limit)
    )
    return [
        Moved(row.id, Told(row, language, today), move.at, move.before, move.after, move.why)
        for row, move in found
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
    user_id: int, *, first: date, last: date, withdrawn_since: datetime
) -> Sequence[Reminder]:
    """A user's reminders for the calendar: pending ones, and those withdrawn lately."""
    return db.session.scalars(
        _loaded()
        .where(
            Reminder.user_id == user_id,
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
