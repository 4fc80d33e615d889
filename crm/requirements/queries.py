"""What is read about needs, requirements, answers and comparisons. Nothing here changes a thing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from crm.accounts import vendor
from crm.cases.models import Case, Product
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page, Statement, parts_of
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.requirements.models import (
    Answer,
    Comparison,
    ComparisonLine,
    Need,
    Requirement,
    RequirementSetting,
    Wording,
)
from crm.rules.comparison import Clash, Ours, Verdict, apart
from crm.rules.kinds import OrganisationKind
from crm.rules.likeness import LIKE, Shelf, beginnings, like_key, likest, same_words
from crm.rules.requirements import (
    CHECK_MONTHS,
    AnswerState,
    Area,
    Grounds,
    Held,
    InUse,
    NeedKind,
    NeedSource,
    RequirementKind,
    RequirementStatus,
    RestsOn,
    Threshold,
    checked_before,
    weeks_of_use,
)
from crm.rules.wording import without_form
from crm.rules.words import swedish_sort_key
from crm.trials import queries as trials

# --- One of each --------------------------------------------------------------------------------


def get(requirement_id: int) -> Requirement:
    """The requirement with its answer and the answer's owner. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Requirement)
        .where(Requirement.id == requirement_id)
        .options(joinedload(Requirement.answer).joinedload(Answer.owner))
    )
    if found is None:
        raise NotFound("requirement")
    return found


def get_need(need_id: int) -> Need:
    """The need with whom, where, and its requirement. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Need)
        .where(Need.id == need_id)
        .options(
            joinedload(Need.organisation),
            joinedload(Need.body),
            joinedload(Need.person),
            joinedload(Need.created_by),
            joinedload(Need.requirement),
        )
    )
    if found is None:
        raise NotFound("need")
    return found


def get_answer(answer_id: int) -> Answer:
    """The answer with its owner. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Answer).where(Answer.id == answer_id).options(joinedload(Answer.owner))
    )
    if found is None:
        raise NotFound("answer")
    return found


@dataclass(frozen=True, slots=True)
class Setting:
    """How this installation works with requirements, as it stands or as shipped."""

    check_months: int
    own_names: tuple[str, ...]
    brands: tuple[str, ...]


def setting_row() -> RequirementSetting | None:
    """What has been set, if anything."""
    return db.session.get(RequirementSetting, 1)


def setting() -> Setting:
    """What holds here. `own_names` hold our own and the products' names too. Three statements."""
    row = setting_row()
    products = db.session.scalars(sa.select(Product.name))
    our_name = vendor.facts().name
    own = [
        *products,
        our_name,
        without_form(our_name),
        *(row.own_names.splitlines() if row else ()),
    ]
    return Setting(
        check_months=row.check_months if row else CHECK_MONTHS,
        own_names=tuple(dict.fromkeys(name.strip() for name in own if name.strip())),
        brands=tuple(one.strip() for one in row.brands.splitlines() if one.strip()) if row else (),
    )


def check_months() -> int:
    """How many months an answer holds. One statement, the first time."""
    row = setting_row()
    return row.check_months if row is not None else CHECK_MONTHS


# --- Who stands behind a requirement ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Who stands behind a requirement (F2). `others` are bodies that are no municipalities.

    `weeks` is the longest that one of those who have used it has, `users` how many they told of.
    """

    needs: int = 0
    people: int = 0
    units: int = 0
    municipalities: int = 0
    others: int = 0
    from_use: int = 0
    weeks: int = 0
    users: int = 0

    @property
    def rests_on(self) -> RestsOn:
        return RestsOn.USE if self.from_use else RestsOn.EXPECTED

    @property
    def bodies(self) -> int:
        return self.municipalities + self.others


def _is_municipality(body: type[Organisation]) -> sa.ColumnElement[bool]:
    return body.kind == OrganisationKind.MUNICIPALITY


def _standings(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Per requirement, who stands behind it; `where` narrows the needs that are counted."""
    body = aliased(Organisation)
    municipality = sa.case((_is_municipality(body), Need.body_id))
    other = sa.case((_is_municipality(body), None), else_=Need.body_id)
    from_use = Need.rests_on == RestsOn.USE
    return (
        sa.select(
            Need.requirement_id.label("requirement_id"),
            sa.func.count().label("needs"),
            sa.func.count(Need.person_id.distinct()).label("people"),
            sa.func.count(Need.organisation_id.distinct()).label("units"),
            sa.func.count(municipality.distinct()).label("municipalities"),
            sa.func.count(other.distinct()).label("others"),
            sa.func.count(sa.case((from_use, 1))).label("from_use"),
            sa.func.coalesce(sa.func.max(sa.case((from_use, Need.used_weeks))), 0).label("weeks"),
            sa.func.coalesce(sa.func.sum(sa.case((from_use, Need.users))), 0).label("users"),
        )
        .join(body, body.id == Need.body_id)
        .where(Need.requirement_id.is_not(None), *where)
        .group_by(Need.requirement_id)
    )


_COUNTS: Final = (
    "needs",
    "people",
    "units",
    "municipalities",
    "others",
    "from_use",
    "weeks",
    "users",
)


def _standing(row: Any) -> Standing:
    return Standing(**{name: int(getattr(row, name) or 0) for name in _COUNTS})


def standing(requirement_id: int) -> Standing:
    """Who stands behind one requirement. One statement."""
    row = db.session.execute(_standings(Need.requirement_id == requirement_id)).first()
    return _standing(row) if row is not None else Standing()


# --- The list of requirements -------------------------------------------------------------------


class NoAnswer(StrEnum):
    """A choice beside the states of an answer."""

    NONE = "none"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list of requirements is narrowed to (F3)."""

    text: str = ""
    kind: RequirementKind | None = None
    area: Area | None = None
    status: RequirementStatus | None = None
    answer: AnswerState | NoAnswer | None = None
    rests_on: RestsOn | None = None
    ids: Collection[int] | None = None

    @property
    def is_narrow(self) -> bool:
        return self != Filter()


@dataclass(frozen=True, slots=True)
class Row:
    """One requirement of a list."""

    id: int
    text: str
    kind: RequirementKind
    area: Area
    status: RequirementStatus
    answer: AnswerState | None
    planned_on: date | None
    checked_on: date | None
    answer_text: str
    standing: Standing


def rows(chosen: Filter, *, page: int) -> Page[Row]:
    """Requirements, those that most municipalities ask for first. Two statements."""
    total = db.session.scalar(_counted(chosen)) or 0
    found = db.session.execute(_listed(chosen).limit(PER_PAGE).offset((page - 1) * PER_PAGE))
    return Page([_row(row) for row in found], page, total)


def _counted(chosen: Filter) -> sa.Select[int]:
    """How many there are; the needs are gone through only where the filter is about them."""
    counted = _standings().subquery()
    asked = (
        sa.select(sa.func.count())
        .select_from(Requirement)
        .outerjoin(Answer, Answer.id == Requirement.answer_id)
    )
    if chosen.rests_on is not None:
        asked = asked.outerjoin(counted, counted.c.requirement_id == Requirement.id)
    return asked.where(*_conditions(chosen, counted))


def every_row(chosen: Filter) -> Iterator[Row]:
    """The whole list, for a file. One statement."""
    for part in parts_of(_listed(chosen)):
        yield from (_row(row) for row in part)


def of_case(case: Case) -> list[Row]:
    """The requirements that somebody at the case's body stands behind, with who there does.

    By area, in each of them musts first. At most 500. One statement.
    """
    return _told(case, Filter())


def chosen_of_case(case: Case, ids: Collection[int]) -> list[Row]:
    """Some of them, in the same order. One statement."""
    return _told(case, Filter(ids=ids))


def _told(case: Case, chosen: Filter) -> list[Row]:
    asked = _listed(chosen, sa.or_(Need.body_id == case.body_id, Need.case_id == case.id))
    found = db.session.execute(asked.where(sa.column("needs") > 0).limit(500)).all()
    kinds, areas = list(RequirementKind), list(Area)
    return sorted(
        (_row(row) for row in found),
        key=lambda row: (areas.index(row.area), kinds.index(row.kind), row.id),
    )


def _listed(chosen: Filter, *needs: sa.ColumnElement[bool]) -> Statement:
    counted = _standings(*needs).subquery()
    asked = (
        sa.select(
            Requirement.id,
            Requirement.text,
            Requirement.kind,
            Requirement.area,
            Requirement.status,
            Answer.state.label("answer"),
            Answer.planned_on,
            Answer.checked_on,
            Answer.text.label("answer_text"),
            *(counted.c[name].label(name) for name in _COUNTS),
        )
        .outerjoin(counted, counted.c.requirement_id == Requirement.id)
        .outerjoin(Answer, Answer.id == Requirement.answer_id)
        .where(*_conditions(chosen, counted))
    )
    if needs:
        asked = asked.where(counted.c.needs > 0)
    ask_for = sa.func.coalesce(counted.c.municipalities, 0)
    voices = sa.func.coalesce(counted.c.needs, 0)
    return asked.order_by(ask_for.desc(), voices.desc(), Requirement.id)


def _conditions(chosen: Filter, counted: sa.Subquery) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.text:
        found.append(_says(Requirement.text, Requirement.like_key, chosen.text))
    if chosen.kind is not None:
        found.append(Requirement.kind == chosen.kind)
    if chosen.area is not None:
        found.append(Requirement.area == chosen.area)
    if chosen.status is not None:
        found.append(Requirement.status == chosen.status)
    if isinstance(chosen.answer, NoAnswer):
        found.append(Requirement.answer_id.is_(None))
    elif chosen.answer is not None:
        found.append(Answer.state == chosen.answer)
    if chosen.rests_on is not None:
        from_use = sa.func.coalesce(counted.c.from_use, 0)
        found.append(from_use > 0 if chosen.rests_on is RestsOn.USE else from_use == 0)
    if chosen.ids is not None:
        found.append(Requirement.id.in_(chosen.ids))
    return found


def _says(words: Any, key: Any, text: str) -> sa.ColumnElement[bool]:
    """Whether the words hold the text as it stands, or each of its words in some form."""
    each = [key.contains(one, autoescape=True) for one in beginnings(like_key(text))]
    as_it_stands: sa.ColumnElement[bool] = words.icontains(text, autoescape=True)
    return sa.or_(as_it_stands, sa.and_(*each)) if each else as_it_stands


def _row(row: Any) -> Row:
    return Row(
        id=row.id,
        text=row.text,
        kind=row.kind,
        area=row.area,
        status=row.status,
        answer=row.answer,
        planned_on=row.planned_on,
        checked_on=row.checked_on,
        answer_text=row.answer_text or "",
        standing=_standing(row),
    )


def grounds(found: Sequence[Row]) -> Grounds:
    """How many of the rows rest on use (F5)."""
    return Grounds(sum(row.standing.rests_on is RestsOn.USE for row in found), len(found))


def wordings(requirement_id: int) -> Sequence[Wording]:
    """Every wording, the latest first, with who wrote it. One statement."""
    return db.session.scalars(
        sa.select(Wording)
        .where(Wording.requirement_id == requirement_id)
        .order_by(Wording.id.desc())
        .options(joinedload(Wording.by))
    ).all()


@dataclass(frozen=True, slots=True)
class HeldBy:
    """What refers to a requirement."""

    wordings: Sequence[Wording]
    needs: Sequence[Need]
    lines: Sequence[ComparisonLine]


def held_by(requirement_id: int) -> HeldBy:
    """Everything that refers to a requirement, to take it along or elsewhere. Three statements."""

    def of(model: Any) -> Sequence[Any]:
        return db.session.scalars(
            sa.select(model).where(model.requirement_id == requirement_id).order_by(model.id)
        ).all()

    return HeldBy(of(Wording), of(Need), of(ComparisonLine))


# --- Needs --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NeedFilter:
    """What the list of needs is narrowed to. `loose`: those that no requirement has yet."""

    text: str = ""
    kind: NeedKind | None = None
    area: Area | None = None
    threshold: Threshold | None = None
    in_use: InUse | None = None
    source: NeedSource | None = None
    tool: str = ""
    requirement_id: int | None = None
    person_id: int | None = None
    organisation_id: int | None = None
    body_id: int | None = None
    loose: bool = False

    @property
    def is_narrow(self) -> bool:
        return self != NeedFilter()


@dataclass(frozen=True, slots=True)
class NeedRow:
    """One need of a list."""

    id: int
    words: str
    kind: NeedKind
    area: Area
    in_use: InUse | None
    tool: str
    threshold: Threshold | None
    held: Held | None
    source: NeedSource
    function: str
    rests_on: RestsOn
    used_weeks: int | None
    users: int | None
    said_on: date
    organisation_id: int
    organisation: str
    body_id: int
    body: str
    person_id: int | None
    person: str
    requirement_id: int | None
    activity_id: int | None


def needs(chosen: NeedFilter, *, page: int, per_page: int = PER_PAGE) -> Page[NeedRow]:
    """Needs, the latest first. Two statements."""
    total = (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(Need).where(*_need_conditions(chosen))
        )
        or 0
    )
    found = db.session.execute(_listed_needs(chosen).limit(per_page).offset((page - 1) * per_page))
    return Page([_need_row(row) for row in found], page, total, per_page)


def every_need(chosen: NeedFilter) -> Iterator[NeedRow]:
    """The whole list, for a file. One statement."""
    for part in parts_of(_listed_needs(chosen)):
        yield from (_need_row(row) for row in part)


def _listed_needs(chosen: NeedFilter) -> Statement:
    body = aliased(Organisation)
    return (
        sa.select(
            Need.id,
            Need.words,
            Need.kind,
            Need.area,
            Need.in_use,
            Need.tool,
            Need.threshold,
            Need.held,
            Need.source,
            Need.function,
            Need.rests_on,
            Need.used_weeks,
            Need.users,
            Need.said_on,
            Need.organisation_id,
            Organisation.name.label("organisation"),
            Need.body_id,
            body.name.label("body"),
            Need.person_id,
            Person.first_name,
            Person.last_name,
            Need.requirement_id,
            Need.activity_id,
        )
        .join(Organisation, Organisation.id == Need.organisation_id)
        .join(body, body.id == Need.body_id)
        .outerjoin(Person, Person.id == Need.person_id)
        .where(*_need_conditions(chosen))
        .order_by(Need.said_on.desc(), Need.id.desc())
    )


def _need_conditions(chosen: NeedFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if chosen.text:
        found.append(_says(Need.words, Need.like_key, chosen.text))
    if chosen.tool:
        found.append(sa.func.lower(Need.tool) == chosen.tool.lower())
    if chosen.loose:
        found.append(Need.requirement_id.is_(None))
    for column, value in (
        (Need.kind, chosen.kind),
        (Need.area, chosen.area),
        (Need.threshold, chosen.threshold),
        (Need.in_use, chosen.in_use),
        (Need.source, chosen.source),
        (Need.requirement_id, chosen.requirement_id),
        (Need.person_id, chosen.person_id),
        (Need.organisation_id, chosen.organisation_id),
        (Need.body_id, chosen.body_id),
    ):
        if value is not None:
            found.append(column == value)
    return found


def _need_row(row: Any) -> NeedRow:
    facts = {name: getattr(row, name) for name in NeedRow.__slots__ if name != "person"}
    return NeedRow(**facts, person=f"{row.first_name or ''} {row.last_name or ''}".strip())


@dataclass(frozen=True, slots=True)
class Use:
    """For how long somebody has used it, and how many at the same unit have."""

    weeks: int
    users: int


def use_of(person: Person, organisation: Organisation) -> Use | None:
    """What is known of a person's use at work by trial facts; None where it is not known that there
    was any (F5). Private use is nobody's and tells nothing. One statement."""
    at_work = [one for one in trials.use_at([organisation.id]) if not one.to_sort]
    weeks = [
        weeks_of_use(one.first_used_on, one.last_used_on)
        for one in at_work
        if one.person_id == person.id and one.first_used_on is not None
    ]
    if not weeks:
        return None
    users = {one.person_id or -one.inquiry_id for one in at_work}
    return Use(max(weeks), len(users))


def loose() -> int:
    """How many needs no requirement has yet. One statement."""
    asked = sa.select(sa.func.count()).select_from(Need).where(Need.requirement_id.is_(None))
    return db.session.scalar(asked) or 0


class By(StrEnum):
    """What the voices behind a requirement are counted by."""

    PEOPLE = "people"
    UNITS = "units"
    BODIES = "bodies"


@dataclass(frozen=True, slots=True)
class Voice:
    """One person, unit or body behind a requirement, and in how many needs."""

    id: int
    name: str
    where: str
    needs: int


def voices(requirement_id: int, by: By, *, page: int) -> Page[Voice]:
    """Who stands behind a requirement, most needs first. Two statements."""
    unit, body = aliased(Organisation), aliased(Organisation)
    column: Any = {By.PEOPLE: Need.person_id, By.UNITS: Need.organisation_id}.get(by, Need.body_id)
    grouped = (
        sa.select(column.label("id"), sa.func.count().label("needs"), _any_place().label("place"))
        .where(Need.requirement_id == requirement_id, column.is_not(None))
        .group_by(column)
        .subquery()
    )
    total = db.session.scalar(sa.select(sa.func.count()).select_from(grouped)) or 0
    asked = (
        sa.select(grouped.c.id, grouped.c.needs, unit.name, body.name)
        .join(unit, unit.id == grouped.c.place)
        .join(body, body.id == unit.body_id)
    )
    if by is By.PEOPLE:
        asked = asked.add_columns(Person.first_name, Person.last_name).join(
            Person, Person.id == grouped.c.id
        )
    found = db.session.execute(
        asked.order_by(grouped.c.needs.desc(), body.name_sort, unit.name_sort, grouped.c.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return Page([_voice(row, by) for row in found], page, total)


def _any_place() -> sa.ColumnElement[int]:
    return sa.func.max(Need.organisation_id)


def _voice(row: Any, by: By) -> Voice:
    ident, count, unit, body = row[0], row[1], row[2], row[3]
    if by is By.PEOPLE:
        there = unit if unit == body else f"{unit}, {body}"
        return Voice(ident, f"{row[4]} {row[5]}".strip(), there, count)
    if by is By.UNITS:
        return Voice(ident, unit, "" if unit == body else body, count)
    return Voice(ident, body, "", count)


# --- Counted across municipalities (S2, S17) ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """How often a threshold was met with. `municipalities` are those where it was."""

    threshold: Threshold
    municipalities: int
    bodies: int
    units: int
    stopped: int
    slowed: int


def thresholds() -> list[ThresholdRow]:
    """What stopped or slowed a start, most municipalities first. One statement."""
    body = aliased(Organisation)
    found = db.session.execute(
        sa.select(
            Need.threshold,
            sa.func.count(sa.case((_is_municipality(body), Need.body_id)).distinct()),
            sa.func.count(Need.body_id.distinct()),
            sa.func.count(Need.organisation_id.distinct()),
            sa.func.count(sa.case((Need.held == "stopped", 1))),
            sa.func.count(sa.case((Need.held == "slowed", 1))),
        )
        .join(body, body.id == Need.body_id)
        .where(Need.threshold.is_not(None))
        .group_by(Need.threshold)
    )
    counted = [ThresholdRow(key, *counts) for key, *counts in found if key is not None]
    return sorted(counted, key=lambda row: (-row.municipalities, -row.bodies, row.threshold.value))


@dataclass(frozen=True, slots=True)
class ToolRow:
    """What is used today, at how many municipalities, and at how many units in which way."""

    tool: str
    municipalities: int
    bodies: int
    official: int
    unofficial: int
    private: int


def tools(limit: int = 100) -> list[ToolRow]:
    """What is used today by its name, most municipalities first. One statement."""
    body = aliased(Organisation)
    municipalities = sa.func.count(sa.case((_is_municipality(body), Need.body_id)).distinct())
    bodies = sa.func.count(Need.body_id.distinct())

    def units(how: InUse) -> sa.ColumnElement[int]:
        return sa.func.count(sa.case((Need.in_use == how, Need.organisation_id)).distinct())

    found = db.session.execute(
        sa.select(
            sa.func.max(Need.tool),
            municipalities,
            bodies,
            *(units(how) for how in (InUse.OFFICIAL, InUse.UNOFFICIAL, InUse.PRIVATE)),
        )
        .join(body, body.id == Need.body_id)
        .where(Need.in_use.is_not(None))
        .group_by(sa.func.lower(Need.tool))
        .order_by(municipalities.desc(), bodies.desc(), sa.func.lower(Need.tool))
        .limit(limit)
    )
    rows = [ToolRow(tool, *counts) for tool, *counts in found]
    return sorted(
        rows, key=lambda row: (-row.municipalities, -row.bodies, swedish_sort_key(row.tool))
    )


# --- What is like -------------------------------------------------------------------------------

_READ: Final = 400  # candidates that are looked at closely
_FROM_AFAR: Final = 30.0


@dataclass(frozen=True, slots=True)
class LikeRow:
    """Something there is that is like what was said. A need without a requirement, or a
    requirement, by its wording or by a need in it. `score` is 0 to 100. `apart` is what its text
    says differently all the same."""

    requirement_id: int | None
    need_id: int | None
    text: str
    score: float
    apart: Clash | None = None
    needs: int = 0
    """How many needs a requirement has."""


def like(words: str, *, limit: int = 4, besides: int | None = None) -> list[LikeRow]:
    """Requirements and loose needs that are like the words, best first (F1). `besides` is a need
    that is not to be found. Three statements."""
    key = like_key(words)
    starts = beginnings(key)
    if not starts:
        return []
    found: dict[tuple[str, int], float] = {}
    for kind, best in (
        ("r", _likest(key, starts, Requirement, Requirement.id, ())),
        ("n", _likest(key, starts, Need, Need.requirement_id, _but(besides))),
    ):
        for ident, requirement_id, score in best:
            of = ("r", requirement_id) if requirement_id is not None else (kind, ident)
            found[of] = max(found.get(of, 0.0), score)
    best_first = sorted(found, key=lambda of: (-found[of], of))[:limit]
    texts = _texts(best_first)
    return [
        LikeRow(
            requirement_id=ident if kind == "r" else None,
            need_id=ident if kind == "n" else None,
            text=texts[kind, ident][0],
            score=found[kind, ident],
            apart=apart(words, texts[kind, ident][0])[0],
            needs=texts[kind, ident][1],
        )
        for kind, ident in best_first
    ]


def same(words: str) -> Requirement | None:
    """The latest requirement with the same words, for nothing else is joined unless a person says
    so: what is about the same thing may say the opposite of it. One statement."""
    found = db.session.scalars(
        sa.select(Requirement)
        .where(Requirement.like_key == like_key(words))
        .order_by(Requirement.id.desc())
    )
    return next((one for one in found if same_words(one.text, words)), None)


@dataclass(frozen=True, slots=True)
class LikeRequirement:
    """A requirement that is like some words."""

    id: int
    text: str


def like_requirements(
    words: str, *, limit: int, besides: int | None = None
) -> list[LikeRequirement]:
    """The requirements that are most like, also from afar: a person chooses. `besides` is one that
    is not to be found. Two statements."""
    key = like_key(words)
    starts = beginnings(key)
    if not starts:
        return []
    where = (Requirement.id != besides,) if besides is not None else ()
    best = _likest(key, starts, Requirement, Requirement.id, where, least=_FROM_AFAR)[:limit]
    texts = _texts([("r", ident) for ident, _of, _score in best])
    return [LikeRequirement(ident, texts["r", ident][0]) for ident, _of, _score in best]


def _but(need_id: int | None) -> tuple[sa.ColumnElement[bool], ...]:
    return (Need.id != need_id,) if need_id is not None else ()


def _likest(
    key: str,
    starts: Sequence[str],
    model: Any,
    requirement: Any,
    where: Sequence[sa.ColumnElement[bool]],
    least: float = LIKE,
) -> list[tuple[int, int | None, float]]:
    """The database finds those with most beginnings in common; they are then compared closely."""
    hits = [model.like_key.contains(one, autoescape=True) for one in starts]
    common = sum((sa.case((hit, 1), else_=0) for hit in hits[1:]), sa.case((hits[0], 1), else_=0))
    found = db.session.execute(
        sa.select(model.id, requirement, model.like_key)
        .where(sa.or_(*hits), *where)
        .order_by(common.desc(), model.id.desc())
        .limit(_READ)
    ).all()
    best = likest(key, [row[2] for row in found], limit=12, least=least)
    return [(found[one.place][0], found[one.place][1], one.score) for one in best]


def _texts(wanted: Sequence[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, int]]:
    """The words of each, and how many needs a requirement has."""
    counted = (
        sa.select(sa.func.count())
        .where(Need.requirement_id == Requirement.id)
        .correlate(Requirement)
        .scalar_subquery()
    )
    parts = [
        sa.select(sa.literal("r"), Requirement.id, Requirement.text, counted).where(
            Requirement.id.in_([ident for kind, ident in wanted if kind == "r"])
        ),
        sa.select(sa.literal("n"), Need.id, Need.words, sa.literal(0)).where(
            Need.id.in_([ident for kind, ident in wanted if kind == "n"])
        ),
    ]
    return {(row[0], row[1]): (row[2], row[3]) for row in db.session.execute(sa.union_all(*parts))}


# --- Answers ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """What the library is narrowed to. `due`: those to be looked at again."""

    text: str = ""
    area: Area | None = None
    state: AnswerState | None = None
    due: bool = False

    @property
    def is_narrow(self) -> bool:
        return self != AnswerFilter()


def answers(
    chosen: AnswerFilter, *, today: date, months: int, page: int
) -> Page[tuple[Answer, int]]:
    """Answers with how many requirements have them, by area. Two statements."""
    used = (
        sa.select(sa.func.count())
        .where(Requirement.answer_id == Answer.id)
        .correlate(Answer)
        .scalar_subquery()
    )
    asked = sa.select(Answer, used).options(joinedload(Answer.owner))
    if chosen.text:
        asked = asked.where(
            sa.or_(
                Answer.title.icontains(chosen.text, autoescape=True),
                Answer.text.icontains(chosen.text, autoescape=True),
            )
        )
    if chosen.area is not None:
        asked = asked.where(Answer.area == chosen.area)
    if chosen.state is not None:
        asked = asked.where(Answer.state == chosen.state)
    if chosen.due:
        asked = asked.where(_due(today, months))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0
    found = db.session.execute(
        asked.order_by(Answer.area, Answer.title_sort, Answer.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return Page([(answer, count) for answer, count in found], page, total)


def _due(today: date, months: int) -> sa.ColumnElement[bool]:
    return sa.or_(Answer.checked_on <= checked_before(today, months), Answer.planned_on < today)


def due_answers(today: date, months: int) -> int:
    """How many answers should be looked at again. One statement."""
    asked = sa.select(sa.func.count()).select_from(Answer).where(_due(today, months))
    return db.session.scalar(asked) or 0


def answers_in(areas: Collection[Area]) -> Sequence[Answer]:
    """The answers of some areas, for whoever puts them together for a reader. One statement."""
    return db.session.scalars(
        sa.select(Answer)
        .where(Answer.area.in_(areas))
        .order_by(Answer.area, Answer.title_sort, Answer.id)
    ).all()


def answered_by(answer_id: int, limit: int = 200) -> list[tuple[int, str]]:
    """(id, wording) of the requirements that have this answer. One statement."""
    found = db.session.execute(
        sa.select(Requirement.id, Requirement.text)
        .where(Requirement.answer_id == answer_id)
        .order_by(Requirement.id)
        .limit(limit)
    )
    return [(ident, text) for ident, text in found]


def answered(answer_id: int) -> Sequence[Requirement]:
    """Every requirement that has this answer, to let go of it. One statement."""
    return db.session.scalars(
        sa.select(Requirement).where(Requirement.answer_id == answer_id).order_by(Requirement.id)
    ).all()


def answer_choices() -> list[tuple[int, str]]:
    """(id, title) of every answer, for a choice. One statement."""
    found = db.session.execute(
        sa.select(Answer.id, Answer.title).order_by(Answer.title_sort, Answer.id).limit(500)
    )
    return [(ident, title) for ident, title in found]


LINES_SHOWN: Final = 40
"""Lines of a comparison on a page: each holds two long texts."""


# --- Comparisons --------------------------------------------------------------------------------


def get_comparison(comparison_id: int) -> Comparison:
    """The comparison with its case, procurement and who made it. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Comparison)
        .where(Comparison.id == comparison_id)
        .options(
            joinedload(Comparison.case).joinedload(Case.body),
            joinedload(Comparison.procurement),
            joinedload(Comparison.made_by),
        )
    )
    if found is None:
        raise NotFound("comparison")
    return found


def get_line(comparison: Comparison, line_id: int) -> ComparisonLine:
    """One line of this comparison, with the requirement it is matched with. Raises NotFound."""
    found = db.session.scalar(
        sa.select(ComparisonLine)
        .where(ComparisonLine.id == line_id, ComparisonLine.comparison_id == comparison.id)
        .options(joinedload(ComparisonLine.requirement))
    )
    if found is None:
        raise NotFound("line of a comparison")
    return found


@dataclass(frozen=True, slots=True)
class Tally:
    """How the lines of a comparison stand."""

    matched: int = 0
    new: int = 0
    contradicting: int = 0
    open: int = 0  # not confirmed yet
    questions: int = 0

    @property
    def total(self) -> int:
        return self.matched + self.new + self.contradicting


def tallies(comparison_ids: Collection[int]) -> Mapping[int, Tally]:
    """By comparison. One statement."""
    found = db.session.execute(
        sa.select(
            ComparisonLine.comparison_id,
            *(
                sa.func.count(sa.case((ComparisonLine.verdict == verdict, 1)))
                for verdict in (Verdict.MATCHED, Verdict.NEW, Verdict.CONTRADICTING)
            ),
            sa.func.count(sa.case((ComparisonLine.confirmed_at.is_(None), 1))),
            sa.func.count(sa.case((ComparisonLine.question != "", 1))),
        )
        .where(ComparisonLine.comparison_id.in_(comparison_ids))
        .group_by(ComparisonLine.comparison_id)
    )
    return {ident: Tally(*counts) for ident, *counts in found}


def lines(
    comparison_id: int,
    *,
    verdict: Verdict | None = None,
    unconfirmed: bool = False,
    page: int,
) -> Page[ComparisonLine]:
    """The lines in their order, with the requirement each is matched with. Two statements."""
    asked = sa.select(ComparisonLine).where(ComparisonLine.comparison_id == comparison_id)
    if verdict is not None:
        asked = asked.where(ComparisonLine.verdict == verdict)
    if unconfirmed:
        asked = asked.where(ComparisonLine.confirmed_at.is_(None))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(asked.subquery())) or 0
    found = db.session.scalars(
        asked.order_by(ComparisonLine.position)
        .limit(LINES_SHOWN)
        .offset((page - 1) * LINES_SHOWN)
        .options(joinedload(ComparisonLine.requirement))
    )
    return Page(list(found), page, total, LINES_SHOWN)


def every_line(comparison_id: int) -> Sequence[ComparisonLine]:
    """All of them, for a file. One statement."""
    return db.session.scalars(
        sa.select(ComparisonLine)
        .where(ComparisonLine.comparison_id == comparison_id)
        .order_by(ComparisonLine.position)
        .options(joinedload(ComparisonLine.requirement))
    ).all()


def questions(comparison_id: int) -> Sequence[ComparisonLine]:
    """The lines that we ask the authority about. One statement."""
    return db.session.scalars(
        sa.select(ComparisonLine)
        .where(ComparisonLine.comparison_id == comparison_id, ComparisonLine.question != "")
        .order_by(ComparisonLine.position)
    ).all()


def of_the_case(case_id: int) -> Sequence[Comparison]:
    """The comparisons of a case, the latest first. One statement."""
    return db.session.scalars(
        sa.select(Comparison)
        .where(Comparison.case_id == case_id)
        .order_by(Comparison.id.desc())
        .options(joinedload(Comparison.made_by))
    ).all()


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a comparison tells whoever weighs a tender (F7)."""

    comparison: Comparison
    tally: Tally
    clashes: Sequence[ComparisonLine]
    questions: Sequence[ComparisonLine]


def weighed(procurement_id: int) -> Weighed | None:
    """The latest comparison with a procurement's list, its clashes and questions. At most three
    statements."""
    latest = db.session.scalar(
        sa.select(Comparison)
        .where(Comparison.procurement_id == procurement_id)
        .order_by(Comparison.id.desc())
        .limit(1)
    )
    if latest is None:
        return None
    tally = tallies([latest.id]).get(latest.id, Tally())
    told = db.session.scalars(
        sa.select(ComparisonLine)
        .where(
            ComparisonLine.comparison_id == latest.id,
            sa.or_(ComparisonLine.verdict == Verdict.CONTRADICTING, ComparisonLine.question != ""),
        )
        .order_by(ComparisonLine.position)
        .limit(100)
        .options(joinedload(ComparisonLine.requirement))
    ).all()
    return Weighed(
        latest,
        tally,
        [line for line in told if line.verdict is Verdict.CONTRADICTING],
        [line for line in told if line.question],
    )


def left_out(comparison: Comparison) -> list[Row]:
    """What people at the case's body stand behind, and their list does not ask for: not in a line
    that is matched with it, nor in other words. Two statements, where the case is loaded."""
    lines = db.session.execute(
        sa.select(ComparisonLine.requirement_id, ComparisonLine.text).where(
            ComparisonLine.comparison_id == comparison.id
        )
    ).all()
    matched = {requirement_id for requirement_id, _text in lines}
    shelf = Shelf([like_key(text) for _requirement_id, text in lines])

    def is_asked_for(row: Row) -> bool:
        best = shelf.likest(like_key(row.text))
        return best is not None and apart(row.text, lines[best.place][1])[0] is None

    return [
        row for row in of_case(comparison.case) if row.id not in matched and not is_asked_for(row)
    ]


@dataclass(frozen=True, slots=True)
class Named:
    """The names behind some requirements, which are of no use to whoever reads them."""

    people: tuple[str, ...]
    places: tuple[str, ...]


def named(ids: Collection[int], body_id: int) -> Named:
    """Who has said what these requirements are made of, and at which units. Their body is not among
    them: it is the one that reads. One statement."""
    found = db.session.execute(
        sa.select(
            Person.first_name,
            Person.last_name,
            Organisation.id,
            Organisation.name,
            Organisation.name_full,
        )
        .select_from(Need)
        .join(Organisation, Organisation.id == Need.organisation_id)
        .outerjoin(Person, Person.id == Need.person_id)
        .where(Need.requirement_id.in_(ids))
        .distinct()
    ).all()
    people = {f"{row[0]} {row[1]}" for row in found if row[0] and row[1]}
    places = {name for row in found if row[2] != body_id for name in row[3:] if name}
    return Named(tuple(sorted(people)), tuple(sorted(places)))


def all_of_ours() -> list[Ours]:
    """Every requirement as it is compared, with our answer. One statement."""
    found = db.session.execute(
        sa.select(
            Requirement.id,
            Requirement.text,
            Requirement.like_key,
            Requirement.kind,
            Answer.state,
        )
        .outerjoin(Answer, Answer.id == Requirement.answer_id)
        .order_by(Requirement.id.desc())
    )
    return [Ours(*row) for row in found]
