"""Organisations of every level in one table, and their other names."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.core.db import Base, PathText, SortText, choice
from crm.rules.kinds import BODY_KINDS, SCHOOL_KINDS, OrganisationKind, UnitKind


class Organisation(Audited, Base):
    """A node: a body (no parent, perhaps an organisation number) or something below one.

    `path` is '/1/17/203/': the ids from the body down to the node itself, so that a whole subtree
    is one range of the index. `body_id` is the first of them.
    """

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[OrganisationKind] = mapped_column(choice(OrganisationKind, "kind"))
    unit_kind: Mapped[UnitKind | None] = mapped_column(choice(UnitKind, "unit_kind"))
    name: Mapped[str] = mapped_column(sa.String(200))
    name_full: Mapped[str] = mapped_column(sa.String(200), default="")  # "Hultsfreds kommun"
    name_en: Mapped[str] = mapped_column(sa.String(200), default="")
    short_name: Mapped[str] = mapped_column(sa.String(60), default="")  # "IMY"
    name_sort: Mapped[str] = mapped_column(SortText, index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    path: Mapped[str] = mapped_column(PathText, default="", index=True)
    depth: Mapped[int] = mapped_column(default=0)  # 0 = the body
    org_number: Mapped[str | None] = mapped_column(sa.String(10), unique=True)  # ten digits
    code: Mapped[str | None] = mapped_column(sa.String(20))  # kommun, county or school unit code
    county_code: Mapped[str | None] = mapped_column(sa.String(2))
    county_name: Mapped[str] = mapped_column(sa.String(60), default="")
    population: Mapped[int | None]
    population_year: Mapped[int | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    skr_group: Mapped[str] = mapped_column(sa.String(4), default="")
    web_domain: Mapped[str] = mapped_column(sa.String(120), default="")
    email_domain: Mapped[str] = mapped_column(sa.String(120), default="")  # a hint, never a key
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    email: Mapped[str] = mapped_column(sa.String(254), default="")
    note: Mapped[str] = mapped_column(sa.Text, default="")
    is_region_too: Mapped[bool] = mapped_column(default=False)  # Gotland: one body, both tasks
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)  # territory
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    source_date: Mapped[date | None]
    local_fields: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # edited here: kept
    closed_on: Mapped[date | None]  # is closed: never a day that is still to come
    closing_on: Mapped[date | None]  # the last day, while it is still open
    successor_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("organisation.id")
    )  # of a closed
    merged_into_id: Mapped[int | None] = mapped_column(  # all that was here is there
        sa.ForeignKey("organisation.id"), index=True
    )
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        sa.UniqueConstraint("kind", "code", name="uq_organisation_kind_code"),
        sa.Index("ix_organisation_open", "closed_on", "parent_id"),  # counts a level of the tree
        sa.Index(
            "ix_organisation_closing",
            "closing_on",
            sqlite_where=sa.text("closing_on IS NOT NULL"),
            postgresql_where=sa.text("closing_on IS NOT NULL"),
        ),
        sa.Index("ix_organisation_county", "kind", "county_code"),
        sa.Index("ix_organisation_email_domain", "email_domain"),
        sa.Index("ix_organisation_web_domain", "web_domain"),
        sa.CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_own_parent"),
        sa.CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        sa.CheckConstraint("successor_id <> id", name="not_own_successor"),
        sa.CheckConstraint(
            "(kind = 'unit') = (unit_kind IS NOT NULL)", name="unit_kind_for_units_only"
        ),
    )

    parent: Mapped["Organisation | None"] = relationship(
        remote_side=[id], foreign_keys=[parent_id], lazy="raise_on_sql"
    )
    body: Mapped["Organisation"] = relationship(
        remote_side=[id], foreign_keys=[body_id], lazy="raise_on_sql", post_update=True
    )
    owner: Mapped[User | None] = relationship(lazy="raise_on_sql")
    successor: Mapped["Organisation | None"] = relationship(
        remote_side=[id], foreign_keys=[successor_id], lazy="raise_on_sql"
    )
    aliases: Mapped[list["Alias"]] = relationship(
        back_populates="organisation", lazy="raise_on_sql", cascade="all, delete-orphan"
    )

    @property
    def is_body(self) -> bool:
        return self.kind in BODY_KINDS

    @property
    def is_school(self) -> bool:
        return self.unit_kind in SCHOOL_KINDS

    @property
    def title(self) -> str:
        """The name to show alone: "Hultsfreds kommun", "Venhagskolan"."""
        return self.name_full or self.name


class Alias(Audited, Base):
    """Another name people use for an organisation; search finds it."""

    __tablename__ = "organisation_alias"
    __table_args__ = (sa.UniqueConstraint("organisation_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    name: Mapped[str] = mapped_column(sa.String(200))

    organisation: Mapped[Organisation] = relationship(back_populates="aliases", lazy="raise_on_sql")


class DomainPattern(Base):
    """What confirmed matches have taught: people at this mail domain sat here this many times.

    `domain` is the part after @ (also a sub-domain, "edu.hultsfred.se"). Shown and editable; it
    proposes, it never decides (A3, A4).
    """

    __tablename__ = "domain_pattern"
    __table_args__ = (sa.UniqueConstraint("domain", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    domain: Mapped[str] = mapped_column(sa.String(120), index=True)
    organisation_id: Mapped[int] = mapped_column(
        sa.ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    confirmed: Mapped[int] = mapped_column(default=1)  # times a person has confirmed it

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")


class SchoolFile(Base):
    """A school register file that somebody uploaded and has yet to look through and apply.

    Kept in the database, because the next request may be answered by another machine. Emptied when
    it is applied, and thrown away after a day. `dry_run` is what would become of its rows.
    """

    __tablename__ = "school_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    dry_run: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict, deferred=True)


def below(path: str) -> Any:
    """SQL condition: the node itself and everything beneath it. One range of the path's index."""
    return sa.and_(Organisation.path >= path, Organisation.path < path + "~")
