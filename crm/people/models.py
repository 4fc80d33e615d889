"""Persons, posts, and roles held at an account."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.audit.models import Audited
from crm.core.db import Base, SortText, choice, unique_where
from crm.organisations.models import Organisation
from crm.rules.functions import Function
from crm.rules.stages import CaseRole


class Person(Audited, Base):
    """A named public employee, with what the data protection rules ask to be known (K7)."""

    __tablename__ = "person"
    __table_args__ = (
        sa.Index("ix_person_email", "email"),
        sa.Index("ix_person_phone", "phone"),
        sa.Index("ix_person_name_sort", "name_sort"),
        sa.CheckConstraint("first_name <> '' OR last_name <> ''", name="has_a_name"),
        sa.CheckConstraint("merged_into_id <> id", name="not_into_itself"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_name: Mapped[str] = mapped_column(sa.String(100), default="")
    last_name: Mapped[str] = mapped_column(sa.String(100), default="")
    name_sort: Mapped[str] = mapped_column(SortText)
    email: Mapped[str] = mapped_column(sa.String(254), default="")  # lower case; not unique
    phone: Mapped[str] = mapped_column(sa.String(20), default="")  # E.164
    note: Mapped[str] = mapped_column(sa.Text, default="")
    source: Mapped[str] = mapped_column(sa.String(200), default="")  # where we have it from
    legal_basis: Mapped[str] = mapped_column(sa.String(60), default="legitimate_interest")
    noticed_on: Mapped[date | None]  # told that we keep the data
    objected_on: Mapped[date | None]  # objected to being contacted
    fictional: Mapped[bool] = mapped_column(default=False)  # of the demonstration
    created_at: Mapped[datetime]
    merged_into_id: Mapped[int | None] = mapped_column(  # was the same person twice
        sa.ForeignKey("person.id"), index=True
    )
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    posts: Mapped[list["Post"]] = relationship(
        back_populates="person", lazy="raise_on_sql", order_by="Post.id"
    )

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Post(Audited, Base):
    """What a person does where, from when to when. Open ends are allowed: often nobody knows."""

    __tablename__ = "post"
    __table_args__ = (
        sa.CheckConstraint(
            "started_on IS NULL OR ended_on IS NULL OR started_on <= ended_on", name="order"
        ),
        sa.CheckConstraint("ended_on IS NULL OR leaving_on IS NULL", name="left_or_leaving"),
        unique_where(
            "uq_post_open", "person_id", "organisation_id", "title", where="ended_on IS NULL"
        ),
        sa.Index(
            "ix_post_leaving",
            "leaving_on",
            sqlite_where=sa.text("leaving_on IS NOT NULL"),
            postgresql_where=sa.text("leaving_on IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(120), default="")
    function: Mapped[Function | None] = mapped_column(choice(Function, "function"))  # by hand
    started_on: Mapped[date | None]
    ended_on: Mapped[date | None]  # has ended: never a day that is still to come
    leaving_on: Mapped[date | None]  # the last day, while the post still goes on
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person] = relationship(back_populates="posts", lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class AccountRole(Audited, Base):
    """A role a person holds at an account whatever the case (C1): champion, IT, budget owner…"""

    __tablename__ = "account_role"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "person_id", "role", "started_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role: Mapped[CaseRole] = mapped_column(choice(CaseRole, "role"))
    started_on: Mapped[date]
    ended_on: Mapped[date | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
