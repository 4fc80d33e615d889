"""The lines of the map, the steps of the gate, remarks, lines between people, and references."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.audit.models import Audited
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import Base, choice, unique_where
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.requirements.models import Need
from crm.rules.anchoring import Stance
from crm.rules.functions import Function
from crm.rules.gate import GateOccasion, GateState, GateStep
from crm.rules.relations import RelationKind


def _person() -> sa.ForeignKey:
    """What is said of somebody goes when the person goes."""
    return sa.ForeignKey("person.id", ondelete="CASCADE")


class MapLine(Audited, Base):
    """A line of a case's map, as it stood from `from_on` until `until_on` (None: it stands).

    A change on a later day ends the row and begins another, so that the map of any day can be
    read; one on the same day is put right in place. Without a person it is a place kept open, and
    `who` a hint. What we think that somebody thinks is not copied into the field history.
    """

    __tablename__ = "map_line"
    __audit_skip__ = frozenset({"stance", "question"})
    __table_args__ = (
        unique_where(
            "uq_map_line_stands", "case_id", "function", "person_id", where="until_on IS NULL"
        ),
        unique_where(
            "uq_map_line_open",
            "case_id",
            "function",
            "who",
            where="until_on IS NULL AND person_id IS NULL",
        ),
        sa.CheckConstraint("until_on IS NULL OR from_on <= until_on", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    function: Mapped[Function] = mapped_column(choice(Function, "function"))
    person_id: Mapped[int | None] = mapped_column(_person(), index=True)
    who: Mapped[str] = mapped_column(sa.String(120), default="")
    stance: Mapped[Stance] = mapped_column(choice(Stance, "stance"), default=Stance.UNKNOWN)
    since: Mapped[date | None]  # involved since
    question: Mapped[str] = mapped_column(sa.String(500), default="")
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")


class GateRow(Audited, Base):
    """How a step of the gate stands in a case. A step without a row has not begun."""

    __tablename__ = "gate_step"
    __table_args__ = (sa.UniqueConstraint("case_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    step: Mapped[GateStep] = mapped_column(choice(GateStep, "step"))
    owner: Mapped[Function] = mapped_column(choice(Function, "owner"))  # whose it is at the buyer
    state: Mapped[GateState] = mapped_column(choice(GateState, "state"))
    begun_on: Mapped[date | None]  # asked, or begun
    done_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(sa.String(500), default="")  # or where it lies
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class GateTime(Audited, Base):
    """How long a step usually takes in our own experience, in whole weeks: at a body, or, without
    one, at all those that have no time of their own."""

    __tablename__ = "gate_time"
    __table_args__ = (
        sa.CheckConstraint("0 < weeks_from AND weeks_from <= weeks_to", name="span"),
        unique_where("uq_gate_time_all", "step", where="body_id IS NULL"),
        unique_where("uq_gate_time_body", "body_id", "step", where="body_id IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    step: Mapped[GateStep] = mapped_column(choice(GateStep, "step"))
    weeks_from: Mapped[int]
    weeks_to: Mapped[int]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Answer(StrEnum):
    """What becomes of a function that is missing."""

    TASK = "task"
    SKIPPED = "skipped"


class GateAnswer(Audited, Base):
    """What somebody said about a missing function when the case moved on; a skip has a reason."""

    __tablename__ = "gate_answer"
    __table_args__ = (
        sa.UniqueConstraint("case_id", "occasion", "function"),
        sa.CheckConstraint("answer <> 'skipped' OR reason <> ''", name="skip_has_a_reason"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"))
    occasion: Mapped[GateOccasion] = mapped_column(choice(GateOccasion, "occasion"))
    function: Mapped[Function] = mapped_column(choice(Function, "function"))
    answer: Mapped[Answer] = mapped_column(choice(Answer, "answer"))
    reason: Mapped[str] = mapped_column(sa.String(300), default="")
    answered_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    by: Mapped[User | None] = relationship(lazy="raise_on_sql")


class Remark(Audited, Base):
    """What a function says about effects on its own work, in its own words (F8, claim S11).

    Open until it is answered: by what we do about it, or by having become the need it is the
    source of. A need that is taken away opens it again.
    """

    __tablename__ = "remark"
    __table_args__ = (
        sa.CheckConstraint("(answered_on IS NULL) = (answer = '')", name="answer_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(sa.ForeignKey("case.id"), index=True)
    function: Mapped[Function] = mapped_column(choice(Function, "function"))
    step: Mapped[GateStep | None] = mapped_column(choice(GateStep, "step"))
    person_id: Mapped[int | None] = mapped_column(_person(), index=True)
    words: Mapped[str] = mapped_column(sa.Text)
    said_on: Mapped[date]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    answered_on: Mapped[date | None]
    need_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("need.id", ondelete="SET NULL"), unique=True
    )
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    case: Mapped[Case] = relationship(lazy="raise_on_sql")
    person: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    need: Mapped[Need | None] = relationship(lazy="raise_on_sql")

    def is_open(self, day: date) -> bool:
        """Said by that day, and neither answered nor a need by then. `need` is loaded."""
        if self.said_on > day or (self.answered_on is not None and self.answered_on <= day):
            return False
        return self.need is None or clock.local(self.need.created_at).date() > day


class Relation(Audited, Base):
    """A line between two people at a body (C9). A conflict is stored from the lower id."""

    __tablename__ = "person_relation"
    __audit_skip__ = frozenset({"kind", "note"})
    __table_args__ = (
        unique_where(
            "uq_person_relation_stands", "from_id", "to_id", "kind", where="ended_on IS NULL"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    body_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    kind: Mapped[RelationKind] = mapped_column(choice(RelationKind, "kind"))
    from_id: Mapped[int] = mapped_column(_person(), index=True)
    to_id: Mapped[int] = mapped_column(_person(), index=True)
    note: Mapped[str] = mapped_column(sa.String(300), default="")
    noted_on: Mapped[date]
    ended_on: Mapped[date | None]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    from_person: Mapped[Person] = relationship(foreign_keys=[from_id], lazy="raise_on_sql")
    to_person: Mapped[Person] = relationship(foreign_keys=[to_id], lazy="raise_on_sql")


class Reference(Audited, Base):
    """Somebody who has agreed to be asked about the product: since when, how often, about what.

    It is of a unit, since what one knows is what one uses there. One consent at a time, so that
    the limit of the year is one as well.
    """

    __tablename__ = "reference"
    __table_args__ = (
        unique_where("uq_reference_stands", "person_id", where="withdrawn_on IS NULL"),
        sa.CheckConstraint("a_year > 0", name="a_year"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(_person(), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    consented_on: Mapped[date]
    a_year: Mapped[int]  # how many times in a calendar year they may be asked
    uses: Mapped[str] = mapped_column(sa.String(300), default="")
    systems: Mapped[str] = mapped_column(sa.String(300), default="")  # what it works with, by comma
    withdrawn_on: Mapped[date | None]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    asks: Mapped[list["ReferenceAsk"]] = relationship(
        primaryjoin="foreign(ReferenceAsk.person_id) == Reference.person_id",
        lazy="raise_on_sql",
        order_by="ReferenceAsk.asked_on",
        viewonly=True,
    )


class ReferenceAsk(Audited, Base):
    """Somebody was asked as a reference, perhaps for a case. It counts against the limit of its
    year, whichever consent stands by then."""

    __tablename__ = "reference_ask"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(_person(), index=True)
    case_id: Mapped[int | None] = mapped_column(sa.ForeignKey("case.id"), index=True)
    asked_on: Mapped[date]
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))

    case: Mapped[Case | None] = relationship(lazy="raise_on_sql")
    by: Mapped[User | None] = relationship(lazy="raise_on_sql")
