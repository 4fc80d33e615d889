"""What is read of the story of an account. Nothing here changes anything."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from crm.accounts.models import User
from crm.activities.models import IN_TOUCH, WRITTEN_BY_HAND, Activity, ActivityKind
from crm.core import clock
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.organisations.models import Organisation, below
from crm.organisations.queries import hangs_at
from crm.people.models import Person, Post
from crm.people.queries import PostRow, posts_of


def get(activity_id: int) -> Activity:
    """The activity, or NotFound."""
    found = db.session.get(Activity, activity_id)
    if found is None:
        raise NotFound(f"activity {activity_id}")
    return found


@dataclass(frozen=True, slots=True)
class Filter:
    """What the timeline is narrowed to. Any of organisation, person and case may be given.

    `including_below` (A2, on by default): the units of the organisation too. `leaving_out` are
    events of one case that the reader knows of already.
    """

    organisation: Organisation | None = None
    including_below: bool = True
    person_id: int | None = None
    case_id: int | None = None
    kinds: Collection[ActivityKind] = ()
    first: datetime | None = None  # nothing older than this
    leaving_out: tuple[int, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `post` is the title the person held at the time (A6)."""

    id: int
    at: datetime
    kind: ActivityKind
    text: str
    data: dict[str, Any]
    organisation_id: int
    organisation: str
    person_id: int | None
    person: str
    post: str
    case_id: int | None
    inquiry_id: int | None
    user_id: int | None
    user: str

    @property
    def by_hand(self) -> bool:
        """Somebody wrote it, and may put it right."""
        return self.kind in WRITTEN_BY_HAND


def timeline(wanted: Filter, *, page: int = 1, per_page: int = PER_PAGE) -> Page[Entry]:
    """One page of the story, newest first. Three statements, whatever the number of lines."""
    total = db.session.scalar(
        sa.select(sa.func.count()).select_from(Activity).where(*_conditions(wanted))
    )
    story, _beside = _entries(_newest(wanted, per_page, (page - 1) * per_page))
    return Page(story, page, total or 0, per_page)


def latest(wanted: Filter, limit: int) -> tuple[list[Entry], bool]:
    """The newest lines, and whether there are older ones. Two statements."""
    found, _beside = _entries(_newest(wanted, limit + 1))
    return found[:limit], len(found) > limit


def latest_and(
    beside: sa.Select[Any], wanted: Filter, limit: int
) -> tuple[list[Entry], bool, list[Entry]]:
    """The same, and the lines whose ids `beside` selects, read together. Two statements."""
    found, others = _entries(_newest(wanted, limit + 1), beside)
    return found[:limit], len(found) > limit, others


def _newest(wanted: Filter, limit: int, offset: int = 0) -> sa.Select[Any]:
    """Found by an index alone: body, unit, person or case with time."""
    return (
        sa.select(Activity.id)
        .where(*_conditions(wanted))
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(limit)
        .offset(offset)
    )


def _entries(
    newest: sa.Select[Any], beside: sa.Select[Any] | None = None
) -> tuple[list[Entry], list[Entry]]:
    """Only the lines that are shown are joined with their names: of the story, and those beside."""
    parts = [sa.select(newest.subquery().c.id, sa.literal(0).label("beside"))]
    if beside is not None:
        parts.append(sa.select(beside.subquery().c.id, sa.literal(1)))
    chosen = sa.union_all(*parts).subquery() if beside is not None else parts[0].subquery()
    rows = db.session.execute(
        sa.select(
            Activity.id,
            Activity.at,
            Activity.kind,
            Activity.text,
            Activity.data,
            Activity.organisation_id,
            sa.func.coalesce(sa.func.nullif(Organisation.name_full, ""), Organisation.name),
            Activity.person_id,
            Person.first_name,
            Person.last_name,
            Activity.case_id,
            Activity.inquiry_id,
            Activity.user_id,
            User.name,
            chosen.c.beside,
        )
        .join(chosen, chosen.c.id == Activity.id)
        .join(Organisation, Organisation.id == Activity.organisation_id)
        .outerjoin(Person, Person.id == Activity.person_id)
        .outerjoin(User, User.id == Activity.user_id)
        .order_by(Activity.at.desc(), Activity.id.desc())
    ).all()
    posts = posts_of({row.person_id for row in rows} - {None})
    found: tuple[list[Entry], list[Entry]] = ([], [])
    for row in rows:
        entry = Entry(
            id=row[0],
            at=row[1],
            kind=row[2],
            text=row[3],
            data=row[4] or {},
            organisation_id=row[5],
            organisation=row[6],
            person_id=row[7],
            person=f"{row[8] or ''} {row[9] or ''}".strip(),
            post=_title_on(posts.get(row[7], ()), clock.local(row[1]).date()),
            case_id=row[10],
            inquiry_id=row[11],
            user_id=row[12],
            user=row[13] or "",
        )
        found[row[14]].append(entry)
    return found


def _title_on(posts: Sequence[PostRow], day: date) -> str:
    """The title that the person held that day; open ends count as far as they go."""
    held = [
        post
        for post in posts
        if post.title
        and (post.started_on is None or post.started_on <= day)
        and (post.ended_on is None or post.ended_on >= day)
    ]
    return max(held, key=lambda post: post.id).title if held else ""


def _conditions(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    node = wanted.organisation
    if node is not None:
        conditions.append(hangs_at(Activity, node, wanted.including_below))
    if wanted.person_id is not None:
        conditions.append(Activity.person_id == wanted.person_id)
    if wanted.case_id is not None:
        conditions.append(Activity.case_id == wanted.case_id)
    if wanted.kinds:
        conditions.append(Activity.kind.in_(list(wanted.kinds)))
    if wanted.first is not None:
        conditions.append(Activity.at >= wanted.first)
    if wanted.leaving_out is not None:
        case_id, events = wanted.leaving_out
        told = Activity.data["event"].as_string()
        named = sa.and_(Activity.case_id == case_id, told.in_(sorted(events)))
        conditions.append(sa.not_(sa.func.coalesce(named, sa.false())))
    return conditions


MOST_CHOICES = 120  # a longer list is of no help in a filter


def last_in_touch(person_id: int, *, since: datetime) -> Entry | None:
    """The latest contact with a person, whoever of us it was. Two statements."""
    newest = (
        sa.select(Activity.id)
        .where(
            Activity.person_id == person_id,
            Activity.kind.in_((*IN_TOUCH, ActivityKind.REMINDER)),
            Activity.at >= since,
        )
        .order_by(Activity.at.desc(), Activity.id.desc())
        .limit(1)
    )
    found, _beside = _entries(newest)
    return found[0] if found else None


def people_in(organisation: Organisation) -> list[tuple[int, str]]:
    """(id, name) of those who work, or have worked, here or below, for the filter."""
    worked = (
        sa.select(Post.person_id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(below(organisation.path))
    )
    rows = db.session.execute(
        sa.select(Person.id, Person.first_name, Person.last_name)
        .where(Person.id.in_(worked))
        .order_by(Person.name_sort, Person.id)
        .limit(MOST_CHOICES)
    )
    return [(row.id, f"{row.first_name} {row.last_name}".strip()) for row in rows]


def units_in(organisation: Organisation) -> list[tuple[int, str]]:
    """(id, name) of the units below that have a story of their own, for the filter."""
    told = sa.exists().where(Activity.organisation_id == Organisation.id)
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(below(organisation.path), Organisation.id != organisation.id, told)
        .order_by(Organisation.depth, Organisation.name_sort, Organisation.id)
        .limit(MOST_CHOICES)
    )
    return [(row.id, row.name) for row in rows]
