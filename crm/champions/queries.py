"""What is read about champions. Nothing here changes anything."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.cases.models import Case, CasePerson
from crm.champions.models import ChampionAct, ChampionFigures
from crm.core import clock
from crm.core.db import db
from crm.core.errors import NotFound
from crm.interest.models import Inquiry, Sorting
from crm.organisations.models import Organisation
from crm.people.models import Person, Post
from crm.requirements.models import Need
from crm.rules.champions import (
    USUAL,
    WORTH,
    Act,
    ActKind,
    Figures,
    Formula,
    Occasion,
    Origin,
    SellingOutcome,
    Strength,
    Threshold,
    Told,
    Verdict,
    Worth,
    came_back,
    strength,
    verdict,
)
from crm.rules.functions import Function
from crm.rules.reminder_facts import OccasionFacts
from crm.rules.requirements import NeedKind
from crm.rules.stages import CaseRole, CaseState

MOST = 300  # acts of one person, or of one case, that a page reads


def get(act_id: int) -> ChampionAct:
    """The act with whom it concerns. One statement. Raises NotFound."""
    found = db.session.scalar(
        sa.select(ChampionAct)
        .where(ChampionAct.id == act_id)
        .options(
            joinedload(ChampionAct.person),
            joinedload(ChampionAct.other),
            joinedload(ChampionAct.case),
        )
    )
    if found is None:
        raise NotFound("act")
    return found


# --- Evidence -----------------------------------------------------------------------------------

People: TypeAlias = Collection[int] | sa.Select[Any]


def signs(people: People) -> list[sa.Select[Any]]:
    """SELECTs of what is known of these people's acts, to be read with others in one statement.

    Of the acts written down, `day` is filled; of inquiries, `moment`. `kind` is "told" where an
    inquiry names who told the caller, "asked" for a person's own inquiries, and "need" for a need
    that was captured in the person's words. A caller whom
    nobody has recognised yet, as in a question on a shared page, proves nothing.
    """
    kept = Inquiry.sorting != Sorting.LET_GO
    return [
        _sign(
            ChampionAct.kind,
            ChampionAct.person_id,
            ChampionAct.body_id,
            other_id=ChampionAct.other_id,
            function=ChampionAct.function,
            day=ChampionAct.done_on,
        ).where(ChampionAct.person_id.in_(people)),
        _sign(
            sa.literal("told"),
            Inquiry.told_by_id,
            Inquiry.body_id,
            other_id=Inquiry.person_id,
            moment=Inquiry.received_at,
        ).where(Inquiry.told_by_id.in_(people), Inquiry.person_id.is_not(None), kept),
        _sign(
            sa.literal("asked"), Inquiry.person_id, Inquiry.body_id, moment=Inquiry.received_at
        ).where(Inquiry.person_id.in_(people), kept),
        _sign(sa.literal("need"), Need.person_id, Need.body_id, day=Need.said_on).where(
            Need.person_id.in_(people), Need.kind == NeedKind.NEED
        ),
    ]


def _sign(kind: Any, person_id: Any, body_id: Any, **columns: Any) -> sa.Select[Any]:
    """One kind of sign in the columns that all share."""
    return sa.select(
        person_id.label("person_id"),
        columns.get("other_id", sa.cast(sa.null(), sa.Integer)).label("other_id"),
        body_id.label("body_id"),
        sa.cast(kind, sa.String).label("kind"),
        sa.cast(columns.get("function", sa.null()), sa.String).label("function"),
        columns.get("day", sa.cast(sa.null(), sa.Date)).label("day"),
        columns.get("moment", sa.cast(sa.null(), _MOMENT)).label("moment"),
    )


_MOMENT = Inquiry.__table__.c.received_at.type


_WITH_A_COLLEAGUE = {"told", ActKind.INTRODUCED, ActKind.BROUGHT_IN}
"""Acts that are nothing without somebody else."""


def read_signs(rows: Iterable[Any]) -> dict[int, list[Act]]:
    """By person, the acts that the rows of `signs` tell of.

    Two who introduced each other and turned out to be one have introduced nobody.
    """
    found: dict[int, list[Act]] = defaultdict(list)
    asked: dict[tuple[int, int | None], list[date]] = defaultdict(list)
    for row in rows:
        if row.other_id == row.person_id and row.kind in _WITH_A_COLLEAGUE:
            continue
        if row.kind == "asked":
            asked[row.person_id, row.body_id].append(_day(row))
        elif row.kind == "told":
            act = Act(ActKind.INTRODUCED, _day(row), row.other_id, row.body_id, Origin.TOLD)
            found[row.person_id].append(act)
        elif row.kind == "need":
            act = Act(ActKind.WROTE_NEED, row.day, None, row.body_id, Origin.NEED)
            found[row.person_id].append(act)
        else:
            function = Function(row.function) if row.function else None
            found[row.person_id].append(
                Act(
                    ActKind(row.kind),
                    row.day,
                    row.other_id,
                    row.body_id,
                    function=function,
                )
            )
    for (person_id, body_id), days in asked.items():
        found[person_id] += [
            Act(ActKind.CAME_BACK, day, None, body_id, Origin.INQUIRY) for day in came_back(days)
        ]
    return found


def _day(row: Any) -> date:
    moment: datetime = row.moment
    return clock.local(moment).date()


def evidence(people: People) -> dict[int, list[Act]]:
    """By person, every act that is known. One statement."""
    return read_signs(db.session.execute(sa.union_all(*signs(people))))


@dataclass(frozen=True, slots=True)
class Carrier:
    """Somebody with what their acts at one body show."""

    strength: Strength
    verdict: Verdict


def carrier(
    acts: Iterable[Act],
    bodies: Collection[int],
    roles: Iterable[CaseRole],
    today: date,
    formula: Formula = USUAL,
) -> Carrier:
    """What the acts at these bodies show. What was done for a former employer proves nothing here;
    what nobody has placed yet counts."""
    here = [act for act in acts if act.body_id is None or act.body_id in bodies]
    return Carrier(strength(here, today, formula), verdict(here, roles, today, formula))


def written(
    *, person_id: int | None = None, case_id: int | None = None, limit: int = MOST
) -> Sequence[ChampionAct]:
    """The acts written down of a person, or in a case, the latest first. One statement."""
    asked = sa.select(ChampionAct).options(
        joinedload(ChampionAct.person),
        joinedload(ChampionAct.other),
        joinedload(ChampionAct.case),
        joinedload(ChampionAct.organisation),
        joinedload(ChampionAct.by),
    )
    if person_id is not None:
        asked = asked.where(ChampionAct.person_id == person_id)
    if case_id is not None:
        asked = asked.where(ChampionAct.case_id == case_id)
    ordered = asked.order_by(ChampionAct.done_on.desc(), ChampionAct.id.desc())
    return db.session.scalars(ordered.limit(limit)).all()


@dataclass(frozen=True, slots=True)
class Heard:
    """A function that heard of it in a case: how many times, when last, and how it was received."""

    function: Function
    times: int
    last_on: date
    outcome: SellingOutcome


def heard(acts: Iterable[ChampionAct]) -> list[Heard]:
    """Of a case's acts, the internal selling by function, in the order of the functions."""
    by_function: dict[Function, list[ChampionAct]] = defaultdict(list)
    for act in acts:
        if act.kind is ActKind.SHOWED and act.function is not None:
            by_function[act.function].append(act)
    found = []
    for function in Function:
        if rows := by_function.get(function):
            last = max(rows, key=lambda act: (act.done_on, act.id))
            outcome = last.outcome or SellingOutcome.NOT_KNOWN
            found.append(Heard(function, len(rows), last.done_on, outcome))
    return found


def open_cases_of(person_id: int) -> list[tuple[int, str]]:
    """(id, title) of the cases that are not closed and in which the person has a role now."""
    rows = db.session.execute(
        sa.select(Case.id, Case.title)
        .join(CasePerson, CasePerson.case_id == Case.id)
        .where(
            CasePerson.person_id == person_id,
            CasePerson.ended_on.is_(None),
            Case.state != CaseState.CLOSED,
        )
        .group_by(Case.id, Case.title)
        .order_by(Case.id.desc())
    )
    return [(row.id, row.title) for row in rows]


def roles_now(person_id: int) -> set[CaseRole]:
    """The roles that the person has now in cases that are not closed. One statement."""
    return set(
        db.session.scalars(
            sa.select(CasePerson.role)
            .join(Case, Case.id == CasePerson.case_id)
            .where(
                CasePerson.person_id == person_id,
                CasePerson.ended_on.is_(None),
                Case.state != CaseState.CLOSED,
            )
            .distinct()
        )
    )


# --- The places of those who left ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Roles in a case that stand open after somebody: "successor of Anna Berg, not known yet"."""

    case_id: int
    title: str
    body_id: int
    body: str
    roles: tuple[CaseRole, ...]
    rows: tuple[CasePerson, ...]
    left_on: date


def places_after(person_id: int) -> list[Place]:
    """The roles in open cases that the person held last and nobody holds now. One statement.

    Users come and go, and nobody misses a sceptic: as `Case.vacant`.
    """
    other = aliased(CasePerson)
    body = aliased(Organisation)
    later = (
        sa.select(other.id)
        .where(
            other.case_id == CasePerson.case_id,
            other.role == CasePerson.role,
            other.id != CasePerson.id,
            sa.or_(other.ended_on.is_(None), other.ended_on > CasePerson.ended_on),
        )
        .correlate(CasePerson)
        .exists()
    )
    found = db.session.execute(
        sa.select(CasePerson, Case.title, body)
        .join(Case, Case.id == CasePerson.case_id)
        .join(body, body.id == Case.body_id)
        .where(
            CasePerson.person_id == person_id,
            CasePerson.ended_on.is_not(None),
            CasePerson.role.not_in([CaseRole.USER, CaseRole.SCEPTIC]),
            Case.state != CaseState.CLOSED,
            ~later,
        )
        .order_by(CasePerson.case_id, CasePerson.id)
    )
    grouped: dict[int, list[Any]] = defaultdict(list)
    for row in found:
        grouped[row[0].case_id].append(row)
    places = []
    for case_id, rows in grouped.items():
        last = {row[0].role: row[0] for row in rows}
        places.append(
            Place(
                case_id,
                rows[0].title,
                rows[0][2].id,
                rows[0][2].title,
                tuple(role for role in CaseRole if role in last),
                tuple(last.values()),
                max(row.ended_on for row in last.values() if row.ended_on is not None),
            )
        )
    return places


# --- Next occasions -----------------------------------------------------------------------------


def planning_rows(body_ids: Sequence[int]) -> sa.Select[*tuple[Any, ...]]:
    """The occasions that were noted, for `read_planned`.

    Whoever has objected to being contacted is left in peace, and whoever has left takes up nothing.
    Its columns are those of `records.queries.planning_rows`, to be asked in the same statement.
    """
    works_there = (
        sa.select(Post.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(
            Post.person_id == ChampionAct.person_id,
            Post.ended_on.is_(None),
            Organisation.body_id == ChampionAct.body_id,
        )
        .correlate(ChampionAct)
        .exists()
    )
    return (
        sa.select(
            sa.literal("occasion").label("of"),
            ChampionAct.id.label("number"),
            ChampionAct.body_id,
            ChampionAct.case_id,
            sa.cast(sa.null(), sa.Integer).label("owner_id"),
            (Person.first_name + " " + Person.last_name).label("said"),
            sa.cast(ChampionAct.next_kind, sa.String).label("kind"),
            ChampionAct.next_on.label("first_on"),
            sa.cast(sa.null(), sa.Date).label("last_on"),
        )
        .join(Person, Person.id == ChampionAct.person_id)
        .where(
            ChampionAct.body_id.in_(body_ids),
            ChampionAct.next_on.is_not(None),
            Person.objected_on.is_(None),
            works_there,
        )
    )


def read_planned(rows: Iterable[Any]) -> dict[int, tuple[OccasionFacts, ...]]:
    """The rows of occasions among these, by case, the nearest first."""
    noted = [one for one in rows if one.of == "occasion"]
    found: dict[int, list[OccasionFacts]] = defaultdict(list)
    for row in sorted(noted, key=lambda one: (one.first_on, one.number)):
        found[row.case_id].append(
            OccasionFacts(row.number, Occasion(row.kind), row.first_on, row.said.strip())
        )
    return {case_id: tuple(some) for case_id, some in found.items()}


# --- Who told whom ------------------------------------------------------------------------------


def told_in(body_id: int) -> list[Told]:
    """Who told whom inside a body: named by a caller, or written down as an act. One statement."""
    rows = db.session.execute(
        sa.union_all(
            sa.select(
                Inquiry.told_by_id.label("teller"),
                Inquiry.person_id.label("heard"),
                sa.cast(sa.null(), sa.Date).label("day"),
                Inquiry.received_at.label("moment"),
            ).where(
                Inquiry.body_id == body_id,
                Inquiry.told_by_id.is_not(None),
                Inquiry.person_id.is_not(None),
                Inquiry.sorting != Sorting.LET_GO,
            ),
            sa.select(
                ChampionAct.person_id,
                ChampionAct.other_id,
                ChampionAct.done_on,
                sa.cast(sa.null(), _MOMENT),
            ).where(
                ChampionAct.body_id == body_id,
                ChampionAct.other_id.is_not(None),
                ChampionAct.kind.in_([ActKind.INTRODUCED, ActKind.BROUGHT_IN, ActKind.SHOWED]),
            ),
        )
    )
    return [
        Told(row.teller, row.heard, row.day if row.day is not None else _day(row)) for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody by name, with the title and the unit of the latest post at a body."""

    name: str
    title: str
    unit: str


def named_at(body_id: int, ids: Collection[int]) -> dict[int, Named]:
    """These people as they are known at a body, now or once. One statement."""
    here = (
        sa.select(Post.person_id, Post.title, Post.ended_on, Post.id, Organisation.name)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Organisation.body_id == body_id)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name, here.c.title, here.c.name)
        .outerjoin(here, here.c.person_id == Person.id)
        .where(Person.id.in_(ids))
        .order_by(Person.id, here.c.ended_on.is_not(None).desc(), here.c.ended_on, here.c.id)
    )
    return {
        ident: Named(f"{first} {last}".strip(), title or "", unit or "")
        for ident, first, last, title, unit in rows
    }


# --- The figures behind it ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures that hold, and every version of them, latest first."""

    figures: Figures
    changes: tuple[ChampionFigures, ...]

    @property
    def version(self) -> int:
        """How many times they were changed: what a form was opened with."""
        return len(self.changes)


def standing() -> Standing:
    """The figures with their history. One statement."""
    changes = tuple(
        db.session.scalars(
            sa.select(ChampionFigures)
            .options(joinedload(ChampionFigures.changed_by))
            .order_by(ChampionFigures.version.desc())
        )
    )
    return Standing(as_set(changes[0]) if changes else Figures(), changes)


def as_set(row: ChampionFigures) -> Figures:
    """A version as the rulebook takes it."""
    return Figures(
        Formula(_worth(row.worth), row.halves_after, row.recent, row.clear_from, row.strong_from),
        Threshold(row.units, row.people),
    )


def figures() -> Figures:
    """The figures that hold. One statement."""
    row = db.session.scalar(
        sa.select(ChampionFigures).order_by(ChampionFigures.version.desc()).limit(1)
    )
    return Figures() if row is None else as_set(row)


def figures_asked() -> sa.Select[*tuple[Any, ...]]:
    """SELECT of (worth, halves_after, recent, clear_from, strong_from) as they were set, no row
    where they are as shipped: to be asked with others in one statement, for `read_formula`."""
    row = ChampionFigures
    return (
        sa.select(
            sa.cast(row.worth, sa.String).label("worth"),
            row.halves_after,
            row.recent,
            row.clear_from,
            row.strong_from,
        )
        .order_by(row.version.desc())
        .limit(1)
    )


def read_formula(
    worth: str, halves_after: int, recent: int, clear_from: int, strong_from: int
) -> Formula:
    """The columns of `figures_asked` as the rulebook takes them."""
    return Formula(_worth(json.loads(worth)), halves_after, recent, clear_from, strong_from)


def _worth(stored: Mapping[str, Sequence[int]]) -> dict[ActKind, Worth]:
    """A kind that came later is worth what is usual."""
    return dict(WORTH) | {ActKind(kind): Worth(*pair) for kind, pair in stored.items()}
