"""What was shared before a notice, conflicts of interest that we know of, and hospitality."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base
from crm.organisations.models import Organisation
from crm.people.models import Person


class SharedMaterial(Audited, Base):
    """Something handed to a body before its procurement was advertised (LOU 4 kap. 8 §).

    `occasion` says with whom or at which meeting; `kept_at` where it is kept, for no file is stored
    here. `with_others`: also other suppliers got it, or it is public; None where nobody knows.
    """

    __tablename__ = "shared_material"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    procurement_id: Mapped[int | None] = mapped_column(sa.ForeignKey("procurement.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(300))
    occasion: Mapped[str] = mapped_column(sa.String(300))
    shared_on: Mapped[date]
    kept_at: Mapped[str] = mapped_column(sa.String(500), default="")
    with_others: Mapped[bool | None]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class ConflictNote(Audited, Base):
    """A conflict of interest (jäv) that we know of, of a person or in a case: what, since when, who
    wrote it. Written once; settled when it is none any more."""

    __tablename__ = "conflict_note"
    __table_args__ = (
        sa.CheckConstraint("(person_id IS NULL) <> (case_id IS NULL)", name="one_subject"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    note: Mapped[str] = mapped_column(sa.Text)
    noted_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    settled_on: Mapped[date | None]

    by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class Hospitality(Audited, Base):
    """Something plain that was offered to a person, such as coffee at a meeting, and why it may be.

    Money is whole öre. `policy_note` says by which policy it was allowed, theirs and ours.
    """

    __tablename__ = "hospitality"
    __table_args__ = (sa.CheckConstraint("value_ore >= 0", name="value_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(300))
    value_ore: Mapped[int] = mapped_column(sa.BigInteger)
    offered_on: Mapped[date]
    policy_note: Mapped[str] = mapped_column(sa.String(500))
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    by: Mapped[User | None] = relationship(lazy="raise_on_sql")
