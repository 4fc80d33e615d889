"""Needs, requirements, answers, and comparisons with published tenders."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.cases.models import Case
from crm.core.db import Base, choice
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.procurements.models import Procurement
from crm.rules.comparison import Clash, Verdict
from crm.rules.functions import Function
from crm.rules.likeness import KEY_LENGTH
from crm.rules.requirements import (
    CHECK_MONTHS,
    AnswerState,
    Area,
    Held,
    InUse,
    NeedKind,
    NeedSource,
    RequirementKind,
    RequirementStatus,
    RestsOn,
    Threshold,
)
from crm.rules.words import SORT_LENGTH


class Answer(Audited, Base):
    """What we can say to requirements of a kind, kept once and used for many (F4).

    `planned_on` is by when, where it is planned. `checked_on` is the day on which somebody last saw
    to it that it holds; `evidence` what shows it, in words or as an address.
    """

    __tablename__ = "answer"
    __audit_skip__ = frozenset({"title_sort"})  # computed
    __table_args__ = (
        sa.CheckConstraint("(state = 'planned') = (planned_on IS NOT NULL)", name="planned_when"),
        sa.Index("ix_answer_checked", "checked_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(200), unique=True)
    title_sort: Mapped[str] = mapped_column(sa.String(SORT_LENGTH))
    text: Mapped[str] = mapped_column(sa.Text)
    area: Mapped[Area] = mapped_column(choice(Area, "area"))
    state: Mapped[AnswerState] = mapped_column(choice(AnswerState, "state"))
    planned_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(sa.String(1_000), default="")
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    checked_on: Mapped[date]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    owner: Mapped[User | None] = relationship(lazy="raise_on_sql")


class Requirement(Audited, Base):
    """Our wording of what several needs have in common, across accounts (F2).

    `text` is the wording of today; all of them, with where they come from, are its `Wording` rows.
    `like_key` is what it is compared by.
    """

    __tablename__ = "requirement"
    __audit_skip__ = frozenset({"like_key"})  # computed

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.Text)
    like_key: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    kind: Mapped[RequirementKind] = mapped_column(choice(RequirementKind, "kind"))
    area: Mapped[Area] = mapped_column(choice(Area, "area"))
    status: Mapped[RequirementStatus] = mapped_column(choice(RequirementStatus, "status"))
    answer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("answer.id"), index=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    answer: Mapped[Answer | None] = relationship(lazy="raise_on_sql")


class Need(Audited, Base):
    """What one person said, in that person's own words (F1).

    `organisation` is the unit it was said at. The kind says which of the facts below it there are:
    what they use today (`tool`, `in_use`), or what stood in the way (`threshold`, `held`). Whoever
    has used it says for how long (`used_weeks`) and with how many (`users`), where it is known.
    `function` names the support function whose remark it is (F8).
    """

    __tablename__ = "need"
    __audit_skip__ = frozenset({"like_key"})  # computed
    __table_args__ = (
        sa.CheckConstraint("(kind = 'in_use') = (in_use IS NOT NULL)", name="in_use_how"),
        sa.CheckConstraint(
            "(kind = 'threshold') = (threshold IS NOT NULL)"
            " AND (threshold IS NULL) = (held IS NULL)",
            name="threshold_which",
        ),
        sa.CheckConstraint("used_weeks >= 0 AND users >= 0", name="use_not_negative"),
        sa.Index("ix_need_said", sa.text("said_on DESC"), sa.text("id DESC")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(sa.Text)
    like_key: Mapped[str] = mapped_column(sa.String(KEY_LENGTH))
    kind: Mapped[NeedKind] = mapped_column(choice(NeedKind, "kind"))
    area: Mapped[Area] = mapped_column(choice(Area, "area"))
    in_use: Mapped[InUse | None] = mapped_column(choice(InUse, "in_use"))
    tool: Mapped[str] = mapped_column(sa.String(120), default="")
    threshold: Mapped[Threshold | None] = mapped_column(choice(Threshold, "threshold"))
    held: Mapped[Held | None] = mapped_column(choice(Held, "held"))
    source: Mapped[NeedSource] = mapped_column(choice(NeedSource, "source"))
    function: Mapped[Function | None] = mapped_column(choice(Function, "function"))
    rests_on: Mapped[RestsOn] = mapped_column(choice(RestsOn, "rests_on"))
    used_weeks: Mapped[int | None]
    users: Mapped[int | None]
    said_on: Mapped[date]
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    activity_id: Mapped[int | None] = mapped_column(sa.ForeignKey("activity.id"), index=True)
    inquiry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("inquiry.id"), index=True)
    requirement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("requirement.id"), index=True)
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    body: Mapped[Organisation] = relationship(foreign_keys=[body_id], lazy="raise_on_sql")
    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    created_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
    requirement: Mapped[Requirement | None] = relationship(lazy="raise_on_sql")


class Wording(Base):
    """One wording of a requirement: who wrote it, when, why, and from which need. Never altered."""

    __tablename__ = "requirement_wording"

    id: Mapped[int] = mapped_column(primary_key=True)
    requirement_id: Mapped[int] = mapped_column(sa.ForeignKey("requirement.id"), index=True)
    text: Mapped[str] = mapped_column(sa.Text)
    why: Mapped[str] = mapped_column(sa.String(300), default="")
    need_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("need.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class RequirementSetting(Audited, Base):
    """How this installation works with requirements; at most one row, and none is as shipped.

    `own_names` are our own names beside those of the products, `brands` more trade marks to point
    out; one to a line.
    """

    __tablename__ = "requirement_setting"
    __table_args__ = (
        sa.CheckConstraint("id = 1", name="only_one"),
        sa.CheckConstraint("check_months BETWEEN 1 AND 60", name="check_months"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    check_months: Mapped[int] = mapped_column(default=CHECK_MONTHS)
    own_names: Mapped[str] = mapped_column(sa.Text, default="")
    brands: Mapped[str] = mapped_column(sa.Text, default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Comparison(Audited, Base):
    """A published tender's list, compared with our requirements, for one case (F7)."""

    __tablename__ = "comparison"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    procurement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procurement.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    case: Mapped[Case] = relationship(lazy="raise_on_sql")
    procurement: Mapped[Procurement | None] = relationship(lazy="raise_on_sql")
    made_by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class ComparisonLine(Audited, Base):
    """One line of their list, and what it was found to be.

    A proposal until `confirmed_at`. What is not new without a requirement was found beside one that
    has been taken away since. `score` is how like it is, 0 to 100. `question` is what we ask
    the authority about it, empty for nothing.
    """

    __tablename__ = "comparison_line"
    __table_args__ = (
        sa.UniqueConstraint("comparison_id", "position"),
        sa.CheckConstraint("verdict != 'new' OR requirement_id IS NULL", name="new_without"),
        sa.CheckConstraint("0 <= score AND score <= 100", name="score"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    comparison_id: Mapped[int] = mapped_column(sa.ForeignKey("comparison.id"))
    position: Mapped[int]
    reference: Mapped[str] = mapped_column(sa.String(40), default="")
    text: Mapped[str] = mapped_column(sa.Text)
    kind: Mapped[RequirementKind] = mapped_column(choice(RequirementKind, "kind"))
    requirement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("requirement.id"), index=True)
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict, "verdict"))
    clash: Mapped[Clash | None] = mapped_column(choice(Clash, "clash"))
    clash_words: Mapped[str] = mapped_column(sa.String(100), default="")
    score: Mapped[int]
    question: Mapped[str] = mapped_column(sa.String(1_000), default="")
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    requirement: Mapped[Requirement | None] = relationship(lazy="raise_on_sql")
