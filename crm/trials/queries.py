"""What is read about trials and pilots. Nothing here changes anything."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import Page
from crm.interest.models import Inquiry, Sorting
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.kinds import OrganisationKind
from crm.rules.reminder_facts import PilotFacts
from crm.rules.stages import CaseState
from crm.rules.survival import Lasted
from crm.rules.trials import STILL_USED, StageProposal, TrialKind, User, proposed_stage, use_of
from crm.rules.words import swedish_sort_key
from crm.trials.models import Pilot, Trial, TrialAccount, TrialSecret, TrialSource

PER_PAGE: Final = 50
LATELY: Final = timedelta(days=30)

# --- Senders --------------------------------------------------------------------------------------


def sources() -> list[TrialSource]:
    """All senders with their secrets, those that are closed last. Two statements."""
    found = list(
        db.session.scalars(
            sa.select(TrialSource)
            .options(selectinload(TrialSource.secrets), joinedload(TrialSource.product))
            .order_by(TrialSource.id)
        )
    )
    return sorted(found, key=lambda one: (one.closed_at is not None, swedish_sort_key(one.name)))


def open_sources() -> list[TrialSource]:
    """Those that trials are taken from."""
    found = db.session.scalars(sa.select(TrialSource).where(TrialSource.closed_at.is_(None)))
    return sorted(found, key=lambda one: swedish_sort_key(one.name))


def source(source_id: int) -> TrialSource:
    """One sender. Raises NotFound."""
    found = db.session.get(TrialSource, source_id)
    if found is None:
        raise NotFound(f"trial source {source_id}")
    return found


def source_by_key(key: str) -> TrialSource | None:
    """Who has this address to send to; None also when nothing is taken from them any more.

    One statement, of one kind, whether there is one or not; and none for what is no address.
    """
    if re.fullmatch("[0-9a-f]{16}", key) is None:
        return None
    found: TrialSource | None = (
        db.session.scalars(
            sa.select(TrialSource)
            .where(TrialSource.key == key, TrialSource.closed_at.is_(None))
            .options(joinedload(TrialSource.secrets))
        )
        .unique()
        .one_or_none()
    )
    return found


def secrets_of(source_id: int) -> list[TrialSecret]:
    """A sender's secrets, oldest first."""
    return list(
        db.session.scalars(
            sa.select(TrialSecret)
            .where(TrialSecret.source_id == source_id)
            .order_by(TrialSecret.id)
        )
    )


# --- One trial ------------------------------------------------------------------------------------


def by_ref(source_id: int, ref: str) -> Trial | None:
    """The trial that the sender has a name for."""
    return db.session.scalar(
        sa.select(Trial)
        .join(TrialAccount, TrialAccount.trial_id == Trial.id)
        .where(TrialAccount.source_id == source_id, TrialAccount.ref == ref)
    )


def by_address(source_id: int, address: str) -> Sequence[Trial]:
    """The trials of whoever writes from this address, the first two of them."""
    return db.session.scalars(
        sa.select(Trial)
        .join(Inquiry, Inquiry.id == Trial.inquiry_id)
        .where(Trial.source_id == source_id, Inquiry.email == address)
        .order_by(Trial.id)
        .limit(2)
    ).all()


def facts_of(trial: Trial) -> tuple[Any, ...]:
    """What can be told of it, to see whether anything is new."""
    return (
        trial.kind,
        trial.signed_up_on,
        trial.first_used_on,
        trial.last_used_on,
        trial.days_active,
        trial.ended_on,
    )


# --- Use ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InUse:
    """Somebody's use of one product: who, where, for how long. Requirements rest on it (F5)."""

    trial_id: int
    source: str
    inquiry_id: int
    person_id: int | None
    person: str
    organisation_id: int | None
    organisation: str
    body_id: int | None
    kind: TrialKind
    to_sort: bool
    signed_up_on: date
    first_used_on: date | None
    last_used_on: date | None
    days_active: int
    ended_on: date | None


def use_at(organisation_ids: Collection[int]) -> list[InUse]:
    """Trials at these organisations themselves that have been used, the longest use first. One
    statement. For a whole body give the ids of all that is below it, or see `at_body`."""
    if not organisation_ids:
        return []
    return _in_use(Inquiry.organisation_id.in_(organisation_ids), Trial.first_used_on.is_not(None))


def at_body(body_id: int) -> list[InUse]:
    """All trials at a body and below it, used or not. One statement."""
    return _in_use(Inquiry.body_id == body_id)


def _in_use(*conditions: sa.ColumnElement[bool]) -> list[InUse]:
    rows = db.session.execute(
        sa.select(
            Trial.id,
            TrialSource.name,
            Inquiry.id,
            Inquiry.person_id,
            Person.first_name,
            Person.last_name,
            Inquiry.caller,
            Inquiry.organisation_id,
            Organisation.name,
            Organisation.name_full,
            Inquiry.body_id,
            Trial.kind,
            Inquiry.sorting,
            Trial.signed_up_on,
            Trial.first_used_on,
            Trial.last_used_on,
            Trial.days_active,
            Trial.ended_on,
        )
        .join(TrialSource, TrialSource.id == Trial.source_id)
        .join(Inquiry, Inquiry.id == Trial.inquiry_id)
        .outerjoin(Person, Person.id == Inquiry.person_id)
        .outerjoin(Organisation, Organisation.id == Inquiry.organisation_id)
        .where(Inquiry.sorting != Sorting.LET_GO, *conditions)
        .order_by(Trial.days_active.desc(), Trial.id)
        .limit(500)
    )
    return [
        InUse(
            row[0],
            row[1],
            row[2],
            row[3],
            f"{row[4] or ''} {row[5] or ''}".strip() or row[6],
            row[7],
            row[9] or row[8] or "",
            row[10],
            row[11],
            row[12] is Sorting.TO_SORT,
            row[13],
            row[14],
            row[15],
            row[16],
            row[17],
        )
        for row in rows
    ]


# Whoever has used it: the person where there is one, else the inquiry stands for somebody unknown.
_WHO = sa.case(
    (Inquiry.person_id.is_not(None), Inquiry.person_id),
    else_=-Inquiry.id,
)


@dataclass(frozen=True, slots=True)
class BodyUse:
    """A body's trials in figures: how many try, and how many have used it. `lately` is how many
    units first used it in the last month."""

    body_id: int
    body: str
    tries: int
    people: int
    units: int
    lately: int
    to_sort: int
    last_used_on: date | None


def bodies(today: date, page: int = 1) -> Page[BodyUse]:
    """Bodies with trials, most units first, then most people. Two statements."""
    unit = sa.case((Organisation.kind == OrganisationKind.UNIT, Organisation.id))
    used = Trial.first_used_on.is_not(None)
    body = sa.orm.aliased(Organisation)
    firsts = (
        sa.select(
            Inquiry.organisation_id.label("unit_id"), sa.func.min(Trial.first_used_on).label("day")
        )
        .join(Trial, Trial.inquiry_id == Inquiry.id)
        .where(used)
        .group_by(Inquiry.organisation_id)
        .subquery()
    )
    people = sa.func.count(sa.case((used, _WHO)).distinct())
    units = sa.func.count(sa.case((used, unit)).distinct())
    new = sa.func.count(sa.case((firsts.c.day >= today - LATELY, unit)).distinct())
    found = (
        sa.select(
            body.id,
            sa.func.coalesce(sa.func.nullif(body.name_full, ""), body.name),
            sa.func.count(_WHO.distinct()),
            people,
            units,
            new,
            sa.func.count(sa.case((Inquiry.sorting == Sorting.TO_SORT, Inquiry.id)).distinct()),
            sa.func.max(Trial.last_used_on),
        )
        .select_from(Trial)
        .join(Inquiry, Inquiry.id == Trial.inquiry_id)
        .join(Organisation, Organisation.id == Inquiry.organisation_id)
        .join(body, body.id == Inquiry.body_id)
        .outerjoin(firsts, firsts.c.unit_id == Inquiry.organisation_id)
        .where(Inquiry.sorting != Sorting.LET_GO)
        .group_by(body.id, body.name, body.name_full, body.name_sort)
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    rows = db.session.execute(
        found.order_by(units.desc(), people.desc(), body.name_sort, body.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return Page([BodyUse(*row) for row in rows], page, total, PER_PAGE)


@dataclass(frozen=True, slots=True)
class Figures:
    """All trials in figures: people at work, and trials that nobody's name is kept of (S19)."""

    work: int  # people who try at work, whatever it began as
    nowhere: int  # those of them whose body nobody knows yet
    private: int
    converted: int  # private use that became a professional test
    units: int  # those that the converted are at, as far as they are known

    @property
    def began_private(self) -> int:
        """What the converted are a part of."""
        return self.private + self.converted


def figures() -> Figures:
    """How many of each kind, but for those let go. One statement."""
    there = Inquiry.sorting != Sorting.LET_GO
    converted = Trial.kind == TrialKind.PRIVATE_TO_WORK
    unit = sa.and_(there, converted, Organisation.kind == OrganisationKind.UNIT)
    row = db.session.execute(
        sa.select(
            sa.func.count(sa.case((there, _WHO)).distinct()),
            sa.func.count(sa.case((sa.and_(there, Inquiry.body_id.is_(None)), _WHO)).distinct()),
            sa.func.count(sa.case((Trial.kind == TrialKind.PRIVATE, 1))),
            sa.func.count(sa.case((sa.and_(there, converted), 1))),
            sa.func.count(sa.case((unit, Organisation.id)).distinct()),
        )
        .select_from(Trial)
        .outerjoin(Inquiry, Inquiry.id == Trial.inquiry_id)
        .outerjoin(Organisation, Organisation.id == Inquiry.organisation_id)
    ).one()
    return Figures(*row)


# --- What the use says of a case's stage ----------------------------------------------------------


def users_at(body_id: int, today: date) -> list[User]:
    """Who uses what at a body today: of trials that have not ended, and not been left lying. One
    statement."""
    rows = db.session.execute(
        sa.select(
            TrialSource.product_id,
            _WHO,
            sa.case((Organisation.kind == OrganisationKind.UNIT, Organisation.id)),
        )
        .select_from(Trial)
        .join(TrialSource, TrialSource.id == Trial.source_id)
        .join(Inquiry, Inquiry.id == Trial.inquiry_id)
        .outerjoin(Organisation, Organisation.id == Inquiry.organisation_id)
        .where(
            Inquiry.body_id == body_id,
            Inquiry.sorting != Sorting.LET_GO,
            Trial.ended_on.is_(None),
            Trial.last_used_on >= today - STILL_USED,
        )
        .distinct()
    )
    return [User(*row) for row in rows]


def piloted(case_ids: Collection[int], today: date) -> set[int]:
    """Which of these cases have a pilot that has begun and was not called off. One statement."""
    return set(
        db.session.scalars(
            sa.select(Pilot.case_id).where(
                Pilot.case_id.in_(case_ids),
                Pilot.starts_on <= today,
                Pilot.called_off_on.is_(None),
            )
        )
    )


def proposal_for(case: Case, today: date) -> StageProposal | None:
    """The stage that the use of the case's products at its body speaks for, if it is further than
    the case stands. Two statements."""
    return proposal(case, users_at(case.body_id, today), piloted([case.id], today))


def proposal(case: Case, users: Collection[User], begun: Collection[int]) -> StageProposal | None:
    """The same, where the use at the body and the pilots are known."""
    if case.state is CaseState.CLOSED:
        return None
    products = [one.id for one in case.products]
    return proposed_stage(case.adoption, use_of(users, products, has_pilot=case.id in begun))


def open_cases(body_id: int) -> list[Case]:
    """Cases at a body whose stage may be moved, with their products. Two statements."""
    return list(
        db.session.scalars(
            sa.select(Case)
            .where(Case.body_id == body_id, Case.state != CaseState.CLOSED)
            .options(joinedload(Case.organisation), selectinload(Case.products))
            .order_by(Case.id)
            .limit(PER_PAGE)
        )
    )


# --- How long it takes ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ToUse:
    """From somebody's interest to their first use, which is None while there is none."""

    kind: OrganisationKind
    began_on: date
    first_used_on: date | None
    ended_on: date | None

    @property
    def lasted(self) -> Lasted:
        """As what takes time is counted: a trial that ended unused is followed until then."""
        return Lasted(self.began_on, self.first_used_on, self.ended_on)


def ways_to_use() -> list[ToUse]:
    """Every trial of work at a known body, from the interest to the first use (S18). The interest
    is the earliest of the sign-up and what the same person turned to us with. One statement."""
    body, other = sa.orm.aliased(Organisation), sa.orm.aliased(Inquiry)
    earliest = (
        sa.select(other.person_id, sa.func.min(other.received_at).label("at"))
        .where(other.person_id.is_not(None), other.sorting != Sorting.LET_GO)
        .group_by(other.person_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(body.kind, Trial.signed_up_on, earliest.c.at, Trial.first_used_on, Trial.ended_on)
        .join(Inquiry, Inquiry.id == Trial.inquiry_id)
        .join(body, body.id == Inquiry.body_id)
        .outerjoin(earliest, earliest.c.person_id == Inquiry.person_id)
        .where(Inquiry.sorting != Sorting.LET_GO)
        .order_by(Trial.id)
    )
    return [
        ToUse(kind, min(signed_up, clock.local(at).date()) if at else signed_up, first, ended)
        for kind, signed_up, at, first, ended in rows
        if signed_up is not None  # as of all at work
    ]


# --- Pilots ---------------------------------------------------------------------------------------


def pilot(pilot_id: int) -> Pilot:
    """One pilot with its case and unit. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Pilot)
        .where(Pilot.id == pilot_id)
        .options(joinedload(Pilot.case), joinedload(Pilot.organisation))
    )
    if found is None:
        raise NotFound(f"pilot {pilot_id}")
    return found


def to_index(ids: Collection[int]) -> Sequence[Pilot]:
    """These pilots with their units. One statement."""
    return db.session.scalars(
        sa.select(Pilot)
        .where(Pilot.id.in_(ids))
        .options(joinedload(Pilot.organisation))
        .order_by(Pilot.id)
    ).all()


def pilots_at(body_id: int) -> list[Pilot]:
    """A body's pilots, the latest first. One statement."""
    return _pilots(Case.body_id == body_id)


def planning_rows(body_ids: Collection[int]) -> sa.Select[*tuple[Any, ...]]:
    """Pilots that are to be carried out or evaluated, of open cases, for `read_planned`.

    Its columns are those of `records.queries.planning_rows`, to be asked in the same statement.
    """
    return (
        sa.select(
            sa.literal("pilot").label("of"),
            Pilot.id.label("number"),
            Case.body_id,
            Pilot.case_id,
            Case.owner_id,
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name).label(
                "said"
            ),
            sa.cast(Pilot.evaluates, sa.String).label("kind"),
            Pilot.ends_on.label("first_on"),
            sa.cast(sa.null(), sa.Date).label("last_on"),
        )
        .join(Case, Case.id == Pilot.case_id)
        .join(Organisation, Organisation.id == Pilot.organisation_id)
        .where(
            Case.body_id.in_(body_ids),
            Pilot.evaluated_on.is_(None),
            Pilot.called_off_on.is_(None),
            Case.state != CaseState.CLOSED,
        )
    )


def read_planned(rows: Iterable[Any]) -> dict[int, tuple[PilotFacts, ...]]:
    """The rows of pilots among these, by body, the oldest first."""
    found: dict[int, tuple[PilotFacts, ...]] = {}
    for row in sorted((one for one in rows if one.of == "pilot"), key=lambda one: one.number):
        one = PilotFacts(row.number, row.said, row.kind, row.first_on, row.case_id, row.owner_id)
        found[row.body_id] = (*found.get(row.body_id, ()), one)
    return found


def _pilots(*conditions: sa.ColumnElement[bool]) -> list[Pilot]:
    return list(
        db.session.scalars(
            sa.select(Pilot)
            .join(Case, Case.id == Pilot.case_id)
            .where(*conditions)
            .options(joinedload(Pilot.case), joinedload(Pilot.organisation))
            .order_by(Pilot.starts_on.desc(), Pilot.id.desc())
            .limit(500)
        )
    )
