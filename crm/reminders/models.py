"""Reminders as stored, and the record of those that were moved."""

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.cases.models import Case
from crm.core.db import Base, choice, unique_where
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.certainty import Certainty
from crm.rules.own_rules import OwnRule, from_json
from crm.rules.recurrence import Every, Recurrence, StopWhen
from crm.rules.reminder_rules import Offset
from crm.rules.reminders import ReminderKind
from crm.rules.stages import WakeEvent


class ReminderState(StrEnum):
    PLANNED = "planned"  # its day has not come, or is snoozed
    DUE = "due"  # it has been put in the inbox
    DONE = "done"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"  # the plan no longer has it; kept to explain itself


class DoneOutcome(StrEnum):
    DONE = "done"
    ASKED = "asked"  # we asked; the answer is theirs (opens an ask, R14)
    ANSWERED = "answered"


OWN = "own"  # the rule key of what a user set by hand; the plan leaves it alone
LIGHT = "LIGHT"  # ... of the light contacts of a case that waits
WAITING_STATES = (ReminderState.PLANNED, ReminderState.DUE)


class Repeat(Base):
    """A reminder set by hand that comes again (E6). One occasion waits at a time.

    `number` and `last_on` are of the latest occasion that was made: the next follows from there,
    whatever was done to that one.
    """

    __tablename__ = "repeat"
    __table_args__ = (
        sa.CheckConstraint("apart > 0", name="apart"),
        sa.CheckConstraint("times > 0", name="times"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.CheckConstraint("(every = 'cycle') = (event IS NOT NULL)", name="cycle_has_an_event"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.String(200))
    every: Mapped[Every] = mapped_column(choice(Every, "every"))
    apart: Mapped[int] = mapped_column(default=1)
    event: Mapped[WakeEvent | None] = mapped_column(choice(WakeEvent, "event"))
    starts_on: Mapped[date]
    until: Mapped[date | None]
    times: Mapped[int | None]
    stop_when: Mapped[StopWhen] = mapped_column(
        choice(StopWhen, "stop_when"), default=StopWhen.NEVER
    )
    number: Mapped[int]
    last_on: Mapped[date]
    ended_on: Mapped[date | None]  # by a change of state, or by hand

    @property
    def recurrence(self) -> Recurrence:
        """How it comes again, as the rulebook takes it."""
        return Recurrence(
            self.every, self.starts_on, self.apart, self.until, self.times, self.event
        )


class Reminder(Base):
    """One reminder. `key` (rule, subject, occurrence) is unique, so that nothing is doubled.

    `wanted_on` is the day the rule asked for, `due_on` the day after quiet periods; `show_on` is
    the day it stands in the inbox: `due_on`, or the day it was snoozed to.
    """

    __tablename__ = "reminder"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(160), unique=True)
    rule_key: Mapped[str] = mapped_column(sa.String(20))
    rule_version: Mapped[int] = mapped_column(default=1)
    kind: Mapped[ReminderKind] = mapped_column(choice(ReminderKind, "kind"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))  # whose inbox
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))  # whom to contact
    repeat_id: Mapped[int | None] = mapped_column(sa.ForeignKey("repeat.id"), index=True)
    repeat_number: Mapped[int | None]  # the how manieth occasion
    budget_year: Mapped[int | None]
    event_key: Mapped[str] = mapped_column(sa.String(60), default="")
    event_start: Mapped[date | None]
    event_end: Mapped[date | None]
    wanted_on: Mapped[date]
    due_on: Mapped[date]
    show_on: Mapped[date]
    closes_on: Mapped[date | None]  # the last day on which it is of use
    late: Mapped[bool] = mapped_column(default=False)  # its own day had passed when planned
    moved: Mapped[list[Any]] = mapped_column(sa.JSON, default=list)  # why due_on is not wanted_on
    certainty: Mapped[Certainty] = mapped_column(choice(Certainty, "certainty"))
    source: Mapped[str] = mapped_column(sa.Text, default="")
    law: Mapped[str] = mapped_column(sa.String(200), default="")
    shaped_by: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # every rule that had a say
    params: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    state: Mapped[ReminderState] = mapped_column(
        choice(ReminderState, "state"), default=ReminderState.PLANNED
    )
    snoozed_event: Mapped[WakeEvent | None] = mapped_column(choice(WakeEvent, "snoozed_event"))
    snoozed_until: Mapped[date | None]
    snoozed_on: Mapped[date | None]  # the day somebody snoozed it: the event counts from there
    surfaced_at: Mapped[datetime | None]  # when it was put in the inbox, exactly once
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    outcome: Mapped[DoneOutcome | None] = mapped_column(choice(DoneOutcome, "outcome"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    changed_at: Mapped[datetime]  # for the feed: LAST-MODIFIED
    sequence: Mapped[int] = mapped_column(default=0)  # for the feed: SEQUENCE
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.Index(
            "ix_reminder_tick",
            "show_on",
            sqlite_where=sa.text("state = 'planned'"),
            postgresql_where=sa.text("state = 'planned'"),
        ),
        sa.Index("ix_reminder_inbox", "user_id", "state", "show_on"),
        sa.Index("ix_reminder_body_state", "body_id", "state", "show_on"),
        sa.Index("ix_reminder_case_state", "case_id", "state", "show_on"),
        sa.Index("ix_reminder_person_done", "person_id", "done_at"),
    )

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    body: Mapped[Organisation] = relationship(foreign_keys=[body_id], lazy="raise_on_sql")
    case: Mapped[Case | None] = relationship(lazy="raise_on_sql")
    user: Mapped[User | None] = relationship(foreign_keys=[user_id], lazy="raise_on_sql")
    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    repeat: Mapped[Repeat | None] = relationship(lazy="raise_on_sql")


class RuleChange(Base):
    """What somebody decided about a rule, for the whole installation. Never altered, only followed
    by a later version; without any the rule stands as it is shipped."""

    __tablename__ = "rule_setting"
    __table_args__ = (sa.UniqueConstraint("rule_key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_key: Mapped[str] = mapped_column(sa.String(20))
    version: Mapped[int]  # 1 is the rule as shipped, so the first change is 2
    active: Mapped[bool]
    offset_months: Mapped[int]  # before the anchor is negative, as in crm.rules.reminder_rules
    offset_days: Mapped[int]
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    changed_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(sa.Text, default="")

    changed_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    @property
    def offset(self) -> Offset:
        """The distance from the rule's anchor."""
        return Offset(self.offset_months, self.offset_days)


class OwnRuleState(StrEnum):
    ON = "on"
    OFF = "off"  # plans nothing for the time being
    ENDED = "ended"  # for good; kept because reminders name it


class OwnRuleRow(Base):
    """A rule of one's own. Its id is in its code, OWN-1, by which its reminders name it for ever;
    what it says is in its versions."""

    __tablename__ = "own_rule"
    # SQLite gives an id out again once its row is gone; a code must mean one rule for ever.
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class OwnRuleVersion(Base):
    """What a rule of one's own says from a moment on. Never altered, only followed by a later."""

    __tablename__ = "own_rule_version"
    __table_args__ = (sa.UniqueConstraint("rule_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    rule_id: Mapped[int] = mapped_column(sa.ForeignKey("own_rule.id"))
    version: Mapped[int]
    state: Mapped[OwnRuleState] = mapped_column(choice(OwnRuleState, "state"))
    chosen: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # see crm.rules.own_rules.to_json
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    changed_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(sa.Text, default="")

    changed_by: Mapped[User | None] = relationship(lazy="raise_on_sql")

    @property
    def rule(self) -> OwnRule:
        """What was chosen."""
        return from_json(self.chosen)


class ReminderMove(Base):
    """A pending reminder got another day because a fact changed; said to its owner."""

    __tablename__ = "reminder_move"

    id: Mapped[int] = mapped_column(primary_key=True)
    reminder_id: Mapped[int] = mapped_column(
        sa.ForeignKey("reminder.id", ondelete="CASCADE"), index=True
    )
    at: Mapped[datetime] = mapped_column(index=True)
    before: Mapped[date]
    after: Mapped[date]
    why: Mapped[str] = mapped_column(sa.String(200), default="")


class BodyPlan(Base):
    """What the stored reminders of a body were planned from, so that it is not planned in vain.

    `made_of` is a digest of all the facts, of the rules, and of what waited when the plan had been
    written. With the same digest a plan is the same before `stands_until`.
    """

    __tablename__ = "body_plan"

    body_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    made_of: Mapped[str] = mapped_column(sa.String(64))
    planned_on: Mapped[date]
    stands_until: Mapped[date]


def _nonce() -> str:
    return secrets.token_urlsafe(16)


class FeedKind(StrEnum):
    """What a shared calendar holds."""

    REMINDERS = "reminders"  # the team's, or an account's with the buyer's dates
    CONTRACTS = "contracts"  # 24 months of the contract register (H9)


class SharedFeed(Audited, Base):
    """A secret calendar address of the whole team's reminders, one account's dates, or contracts.

    It is its maker's: it ends when she may no longer read, and can be made anew or taken away. The
    feed of one's own reminders is the user's and has no row here.
    """

    __tablename__ = "shared_feed"
    __audit_skip__ = frozenset({"nonce"})
    __table_args__ = (
        unique_where(
            "uq_shared_feed_team",
            "user_id",
            "kind",
            where="organisation_id IS NULL AND revoked_at IS NULL",
        ),
        unique_where(
            "uq_shared_feed_account",
            "user_id",
            "organisation_id",
            where="organisation_id IS NOT NULL AND revoked_at IS NULL",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    kind: Mapped[FeedKind] = mapped_column(choice(FeedKind, "kind"), default=FeedKind.REMINDERS)
    organisation_id: Mapped[int | None] = mapped_column(  # None: the team's
        sa.ForeignKey("organisation.id"), index=True
    )
    nonce: Mapped[str] = mapped_column(sa.String(40), default=_nonce)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise_on_sql")
