"""What people at the buyers did for the product, and from which spread a map is proposed."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.activities.models import Activity
from crm.audit.models import Audited
from crm.cases.models import Case
from crm.core.db import Base, choice
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.champions import ActKind, Occasion, SellingOutcome
from crm.rules.functions import Function


class ChampionAct(Audited, Base):
    """Something a person did that others could see, on a day (C2).

    One of kind SHOWED is a line of the internal selling log (C3): towards which function, and how
    it was received. `next_on` is the next occasion inside the body, for which we prepare.
    """

    __tablename__ = "champion_act"
    __table_args__ = (
        sa.CheckConstraint(
            "kind <> 'showed' OR (function IS NOT NULL AND outcome IS NOT NULL)",
            name="selling_has_an_audience",
        ),
        sa.CheckConstraint("(next_kind IS NULL) = (next_on IS NULL)", name="next_whole"),
        sa.CheckConstraint("next_on IS NULL OR case_id IS NOT NULL", name="next_in_a_case"),
        sa.Index("ix_champion_act_person", "person_id", "done_on"),
        sa.Index("ix_champion_act_body", "body_id", "done_on"),
        sa.Index(
            "ix_champion_act_next",
            "body_id",
            "next_on",
            sqlite_where=sa.text("next_on IS NOT NULL"),
            postgresql_where=sa.text("next_on IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    kind: Mapped[ActKind] = mapped_column(choice(ActKind, "kind"))
    done_on: Mapped[date]
    other_id: Mapped[int | None] = mapped_column(  # the colleague, or who was brought in
        sa.ForeignKey("person.id"), index=True
    )
    function: Mapped[Function | None] = mapped_column(choice(Function, "function"))
    outcome: Mapped[SellingOutcome | None] = mapped_column(choice(SellingOutcome, "outcome"))
    material: Mapped[str] = mapped_column(sa.String(200), default="")
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    next_kind: Mapped[Occasion | None] = mapped_column(choice(Occasion, "next_kind"))
    next_on: Mapped[date | None]
    activity_id: Mapped[int] = mapped_column(  # its line in the timeline
        sa.ForeignKey("activity.id"), unique=True
    )
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    other: Mapped[Person | None] = relationship(foreign_keys=[other_id], lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(
        foreign_keys=[organisation_id], lazy="raise_on_sql"
    )
    case: Mapped[Case | None] = relationship(lazy="raise_on_sql")
    activity: Mapped[Activity] = relationship(lazy="raise_on_sql")
    by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class ChampionFigures(Audited, Base):
    """The figures behind strength and proposals, as an administrator set them (S31).

    Never altered, only followed by a later version; without any they stand as they are shipped.
    `worth` is, by kind of act, the points of one and the cap of all.
    """

    __tablename__ = "champion_figures"
    __table_args__ = (
        sa.CheckConstraint(
            "halves_after > 0 AND recent > 0 AND 0 < clear_from AND clear_from < strong_from",
            name="order",
        ),
        sa.CheckConstraint("units >= 1 AND people >= 1", name="at_least_one"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    worth: Mapped[dict[str, list[int]]] = mapped_column(sa.JSON)
    halves_after: Mapped[int]  # days
    recent: Mapped[int]  # days
    clear_from: Mapped[int]
    strong_from: Mapped[int]
    units: Mapped[int]
    people: Mapped[int]
    note: Mapped[str] = mapped_column(sa.String(500))
    changed_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"), index=True)
    changed_at: Mapped[datetime]

    changed_by: Mapped[User | None] = relationship(lazy="raise_on_sql")
