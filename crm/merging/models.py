"""What has been merged, every step of it so that it can be taken back, and pairs looked at."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, choice


class Kind(StrEnum):
    """What is merged. The value is the name of its table."""

    ORGANISATION = "organisation"
    PERSON = "person"


class Reason(StrEnum):
    """Why two became one."""

    DUPLICATE = "duplicate"  # it was one all the time
    TAKEN_OVER = "taken_over"  # it went up in the other on a day


class Merge(Audited, Base):
    """One merge. `kept_id` and `gone_id` are ids in the table that `kind` names."""

    __tablename__ = "merge"
    __table_args__ = (
        sa.Index("ix_merge_kept", "kind", "kept_id"),
        sa.Index("ix_merge_gone", "kind", "gone_id"),
        sa.CheckConstraint("kept_id <> gone_id", name="two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind, "kind"))
    reason: Mapped[Reason] = mapped_column(choice(Reason, "reason"))
    kept_id: Mapped[int]
    gone_id: Mapped[int]
    gone_title: Mapped[str] = mapped_column(sa.String(300))
    on: Mapped[date]
    moved: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)  # by table, how many
    made_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    made_at: Mapped[datetime]
    undone_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    undone_at: Mapped[datetime | None]

    made_by: Mapped[User] = relationship(foreign_keys=[made_by_id], lazy="raise_on_sql")


class Act(StrEnum):
    """What a step did."""

    SET = "set"  # columns of rows got other values
    DROP = "drop"  # a row that would have been there twice was taken away
    ADD = "add"  # a row was made
    TREE = "tree"  # nodes went under the other with all that lies beneath them


class MergeStep(Base):
    """One thing that a merge did, with what it takes to undo it. Kept for 30 days.

    `keys` are the ids of the rows. `before` and `after` map a column to its
    plain value, the same for every row; of a row taken away `before` is all of it.
    """

    __tablename__ = "merge_step"
    __table_args__ = (sa.UniqueConstraint("merge_id", "place"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    merge_id: Mapped[int] = mapped_column(sa.ForeignKey("merge.id", ondelete="CASCADE"))
    place: Mapped[int]  # in which order
    act: Mapped[Act] = mapped_column(choice(Act, "act"))
    table: Mapped[str] = mapped_column(sa.String(60))
    keys: Mapped[list[int]] = mapped_column(sa.JSON)
    before: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class Verdict(StrEnum):
    """What somebody said of a likely pair."""

    OTHERS = "others"  # not the same; it is not asked again
    LATER = "later"


class PairVerdict(Audited, Base):
    """What was said of two that are alike. `first_id` is the lower of the two ids."""

    __tablename__ = "pair_verdict"
    __table_args__ = (
        sa.UniqueConstraint("kind", "first_id", "second_id"),
        sa.CheckConstraint("first_id < second_id", name="order"),
        sa.CheckConstraint("(verdict = 'later') = (until IS NOT NULL)", name="later_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind, "kind"))
    first_id: Mapped[int]
    second_id: Mapped[int]
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict, "verdict"))
    until: Mapped[date | None]  # asked again from this day
    by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]
