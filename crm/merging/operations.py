"""Make one of two records, and two of one again: everything in one transaction, or nothing."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from crm.accounts.models import User
from crm.activities.models import Activity, ActivityKind
from crm.cases import operations as cases
from crm.cases.models import Case, CasePerson
from crm.contracts import operations as contracts
from crm.core.db import Base, db
from crm.core.errors import RuleBroken
from crm.interest import operations as interest
from crm.kits import operations as kits
from crm.merging import fields, queries
from crm.merging.labels import things
from crm.merging.links import How, Link, doubles, links, settled
from crm.merging.models import (
    Act,
    Kind,
    Merge,
    MergeStep,
    PairVerdict,
    Reason,
    Verdict,
)
from crm.merging.queries import title
from crm.merging.steps import Writer, take_back, touched
from crm.organisations import operations as organisations
from crm.organisations import register
from crm.organisations.index import put_organisations
from crm.organisations.models import Alias, Organisation
from crm.organisations.register import FIELDS as REGISTER_FIELDS
from crm.people.index import put_people
from crm.people.models import Person, Post
from crm.procurements import operations as procurements
from crm.records import operations as records
from crm.reminders import planning
from crm.reminders.models import BodyPlan
from crm.rules.merging import Node, Refusal, Side, refusal
from crm.search import operations as search
from crm.trials import operations as trials

ASKED_AGAIN = timedelta(days=30)  # after "later"


@dataclass(frozen=True, slots=True)
class Wish:
    """How two are to be merged: whose each field, whose budget year, and why."""

    reason: Reason = Reason.DUPLICATE
    on: date | None = None  # of a takeover
    sides: Mapping[str, Side] = field(default_factory=dict)  # by the field's name
    calendar: Side = Side.KEPT


@dataclass(frozen=True, slots=True)
class Merged:
    """What was done, and which reminders got another day: (id, from, to)."""

    merge: Merge
    moves: list[tuple[int, date, date]]


def refuse(kind: Kind, kept: Any, gone: Any, reason: Reason) -> None:
    """Raise RuleBroken, with a sentence, where the two may not be merged."""
    broken = refusal(_node(kind, kept), _node(kind, gone), is_takeover=reason is Reason.TAKEN_OVER)
    if broken is None:
        return
    names = {"kept": title(kept), "gone": title(gone)}
    sentences = {
        Refusal.ITSELF: _("These are one and the same already."),
        Refusal.MERGED: _("One of the two has been merged already. Look at what it is now."),
        Refusal.CLOSED: _(
            "%(kept)s no longer exists, so nothing can move there. Keep the other one instead.",
            **names,
        ),
        Refusal.ABOVE: _(
            "%(kept)s lies below %(gone)s. What lies above cannot go up in its own unit: keep "
            "%(gone)s instead.",
            **names,
        ),
        Refusal.OFFICIAL: _(
            "%(kept)s and %(gone)s are both in the official register and at work. If one has been "
            "taken over by the other, say so and give the day.",
            **names,
        ),
    }
    raise RuleBroken(sentences[broken])


def _node(kind: Kind, thing: Any) -> Node:
    if kind is Kind.PERSON:
        return Node(thing.id, f"/{thing.id}/", is_merged=thing.merged_into_id is not None)
    return Node(
        thing.id,
        thing.path,
        is_closed=thing.closed_on is not None,
        is_merged=thing.merged_into_id is not None,
        is_official=register.is_official(thing),
    )


def merge(
    kind: Kind, kept: Any, gone: Any, wish: Wish, *, by: User, today: date, now: datetime
) -> Merged:
    """All that hangs on `gone` goes to `kept`; `gone` stays as a sign that leads there.

    Raises RuleBroken. The versions are the caller's to check, after `lock`.
    """
    refuse(kind, kept, gone, wish.reason)
    on = wish.on if wish.reason is Reason.TAKEN_OVER and wish.on is not None else today
    if on > today:
        raise RuleBroken(
            _(
                "That day is still to come. Until then, give %(name)s its last day.",
                name=title(gone),
            )
        )
    made = Merge(
        kind=kind,
        reason=wish.reason,
        kept_id=kept.id,
        gone_id=gone.id,
        gone_title=title(gone)[:300],
        on=on,
        moved=queries.weight(kind, kept, gone).moves,
        made_by_id=by.id,
        made_at=now,
    )
    db.session.add(made)
    db.session.flush()
    bodies = _bodies(kind, kept, gone)
    writer = Writer(made, now)
    _settle_doubles(kind, kept.id, gone.id, writer)
    if kind is Kind.ORGANISATION:
        _choose_calendar(kept, gone, wish.calendar, writer)
        _move_links(kind, kept, gone, writer)
        _move_tree(kept, gone, writer)
        _keep_names(kept, gone, writer)
    else:
        _move_links(kind, kept, gone, writer)
    _take_fields(kind, kept, gone, wish, on, writer)
    _tell(kind, kept, gone, made, by, writer)
    db.session.expire_all()
    _index(made, bodies)
    return Merged(made, _replan(bodies, today, now))


def lock(kind: Kind, *numbers: int) -> None:
    """One merge at a time of these, and of the bodies they lie under. SQLite has one writer."""
    table = Base.metadata.tables[kind.value]
    chosen: sa.ColumnElement[bool] = table.c.id.in_(numbers)
    if kind is Kind.ORGANISATION:
        own = sa.select(table.c.body_id).where(chosen)
        chosen = sa.or_(chosen, table.c.id.in_(own))
    db.session.flush()
    db.session.execute(sa.select(table.c.id).where(chosen).order_by(table.c.id).with_for_update())
    db.session.expire_all()


def _bodies(kind: Kind, kept: Any, gone: Any) -> list[int]:
    """The bodies whose plan the merge may change."""
    if kind is Kind.ORGANISATION:
        return sorted({kept.body_id, gone.body_id})
    posts = (
        sa.select(Organisation.body_id)
        .join(Post, Post.organisation_id == Organisation.id)
        .where(Post.person_id.in_((kept.id, gone.id)))
    )
    parts_played = (
        sa.select(Case.body_id)
        .join(CasePerson, CasePerson.case_id == Case.id)
        .where(CasePerson.person_id.in_((kept.id, gone.id)))
    )
    return sorted({one for one in db.session.scalars(posts.union(parts_played)) if one})


def _replan(bodies: list[int], today: date, now: datetime) -> list[tuple[int, date, date]]:
    """The reminders as they are now, in the same transaction: what moved can be said at once."""
    plans = Base.metadata.tables[BodyPlan.__tablename__]
    db.session.connection().execute(sa.delete(plans).where(plans.c.body_id.in_(bodies)))
    return planning.replan(
        bodies, today=today, now=now, why=dict.fromkeys(bodies, "organisations_merged")
    ).moves


# --- Parts of a merge -------------------------------------------------------------------------


def _settle_doubles(kind: Kind, kept_id: int, gone_id: int, writer: Writer) -> None:
    """What would be there twice is there once; of two that began, the one that began first."""
    for link in settled(kind):
        dropped: set[int] = set()
        for asked in doubles(link, kept_id, gone_id):
            for mine, other in db.session.execute(asked).all():
                if not dropped & {mine, other}:
                    dropped.add(_settle(link, mine, other, writer))


def _settle(link: Link, mine: int, other: int, writer: Writer) -> int:
    """Keep one of two rows, with what only the other knew; returns the one taken away."""
    table = link.table
    rows = {
        row.id: row
        for row in db.session.execute(sa.select(table).where(table.c.id.in_((mine, other))))
    }
    stays, goes = mine, other
    if "started_on" in table.c and _begun(rows[other]) < _begun(rows[mine]):
        stays, goes = other, mine
    after = _added_up(rows[stays], rows[goes])
    before = {name: getattr(rows[stays], name) for name in after}
    writer.drop(table, goes)
    writer.give(table, [stays], before, after)
    return goes


def _begun(row: Any) -> date:
    return row.started_on or date.max


def _added_up(stays: Any, goes: Any) -> dict[str, Any]:
    """Counts and shares of the two together, and what was asked of either."""
    after: dict[str, Any] = {}
    if hasattr(stays, "question") and goes.question not in stays.question:
        after["question"] = " / ".join(filter(None, (stays.question, goes.question)))[:500]
    if hasattr(stays, "confirmed"):
        after["confirmed"] = stays.confirmed + goes.confirmed
    if hasattr(stays, "in_use"):
        shares = [row.value_ore for row in (stays, goes) if row.value_ore is not None]
        after |= {
            "in_use": stays.in_use or goes.in_use,
            "value_ore": sum(shares) if shares else None,
            "joined_on": min(stays.joined_on, goes.joined_on),
        }
    return {name: value for name, value in after.items() if value != getattr(stays, name)}


def _choose_calendar(kept: Any, gone: Any, side: Side, writer: Writer) -> None:
    """One budget year whole: dates of two put together would be nobody's."""
    has = queries.weight(Kind.ORGANISATION, kept, gone)
    if not has.asks_calendar:
        side = has.proposed_calendar
    loser = kept.id if side is Side.GONE else gone.id
    for link in links(Kind.ORGANISATION):
        if link.how is How.CALENDAR:
            for row in queries.ids_at(link, loser):
                writer.drop(link.table, row.id)


def _move_links(kind: Kind, kept: Any, gone: Any, writer: Writer) -> None:
    """Every row that points at the one that goes, with the body beside it."""
    for link in links(kind):
        if link.how not in {How.MOVES, How.CALENDAR}:
            continue
        groups: dict[int | None, list[int]] = defaultdict(list)
        for row in queries.ids_at(link, gone.id):
            groups[row.body_id if link.body is not None else None].append(row.id)
        for body_id, ids in groups.items():
            before, after = {link.column.name: gone.id}, {link.column.name: kept.id}
            if link.body is not None:
                before["body_id"], after["body_id"] = body_id, kept.body_id
            writer.give(link.table, ids, before, after)
    if kind is Kind.ORGANISATION:
        _not_copied_from_itself(kept, writer)
    else:
        _no_line_to_oneself(kept, writer)


def _not_copied_from_itself(kept: Any, writer: Writer) -> None:
    """A budget year that one of the two had from the other is its own now."""
    table = Base.metadata.tables["budget_practice"]
    row = db.session.execute(
        sa.select(table.c.id, table.c.copied_from_id, table.c.copied_on).where(
            table.c.organisation_id == kept.id, table.c.copied_from_id == kept.id
        )
    ).one_or_none()
    if row is not None:
        before = {"copied_from_id": row.copied_from_id, "copied_on": row.copied_on}
        writer.give(table, [row.id], before, {"copied_from_id": None, "copied_on": None})


def _no_line_to_oneself(kept: Any, writer: Writer) -> None:
    """A line between the two is a line from somebody to themselves now, and says nothing."""
    table = Base.metadata.tables["person_relation"]
    ids = db.session.scalars(
        sa.select(table.c.id).where(
            table.c.from_id == kept.id, table.c.to_id == kept.id, table.c.ended_on.is_(None)
        )
    ).all()
    writer.give(table, ids, {"ended_on": None}, {"ended_on": writer.merge.on})


def _move_tree(kept: Any, gone: Any, writer: Writer) -> None:
    """What lies below the one that goes lies below the other, with everything beneath."""
    table = Organisation.metadata.tables["organisation"]
    children = list(
        db.session.scalars(
            sa.select(table.c.id).where(table.c.parent_id == gone.id).order_by(table.c.id)
        )
    )
    if kept.body_id != gone.body_id and kept.county_code:
        _move_county(kept, gone, writer)
    writer.give(table, children, {"parent_id": gone.id}, {"parent_id": kept.id})
    for number in children:
        _hang(f"{gone.path}{number}/", f"{kept.path}{number}/", kept.depth - gone.depth)
    writer.tree(table, children)
    for link in links(Kind.ORGANISATION):  # what names a body and nothing below it
        if link.how is How.BODY:
            ids = [row.id for row in queries.ids_at(link, gone.id)]
            writer.give(link.table, ids, {"body_id": gone.id}, {"body_id": kept.body_id})


def _move_county(kept: Any, gone: Any, writer: Writer) -> None:
    table = Organisation.metadata.tables["organisation"]
    groups: dict[tuple[Any, Any], list[int]] = defaultdict(list)
    for row in db.session.execute(
        sa.select(table.c.id, table.c.county_code, table.c.county_name)
        .where(table.c.path > gone.path, table.c.path < gone.path + "~")
        .order_by(table.c.id)
    ):
        groups[row.county_code, row.county_name].append(row.id)
    after = {"county_code": kept.county_code, "county_name": kept.county_name}
    for (code, name), ids in groups.items():
        writer.give(table, ids, {"county_code": code, "county_name": name}, after)


def _hang(old_path: str, new_path: str, deeper: int) -> None:
    """Give a node, and all beneath it, its new place in the tree; what lies there follows."""
    table = Organisation.metadata.tables["organisation"]
    body_id = int(new_path.split("/")[1])
    longest = db.session.scalar(
        sa.select(sa.func.max(sa.func.length(table.c.path))).where(
            table.c.path >= old_path, table.c.path < old_path + "~"
        )
    )
    if int(longest or 0) + len(new_path) - len(old_path) > organisations.LONGEST_PATH:
        raise RuleBroken(_("That is deeper than the tree can hold."))
    db.session.connection().execute(
        sa.update(table)
        .where(table.c.path >= old_path, table.c.path < old_path + "~")
        .values(
            path=sa.literal(new_path) + sa.func.substr(table.c.path, len(old_path) + 1),
            depth=table.c.depth + deeper,
            body_id=body_id,
        )
    )
    organisations.follow(new_path, body_id)
    search.move(old_path, new_path)


def _keep_names(kept: Any, gone: Any, writer: Writer) -> None:
    """What the one that goes was called, the other is found by."""
    known = set(db.session.scalars(sa.select(Alias.name).where(Alias.organisation_id == kept.id)))
    known |= {kept.name, kept.name_full, ""}
    for name in dict.fromkeys((gone.title, gone.name, gone.short_name)):
        if name not in known:
            writer.add(Alias(organisation_id=kept.id, name=name))
            known.add(name)


def _take_fields(kind: Kind, kept: Any, gone: Any, wish: Wish, on: date, writer: Writer) -> None:
    table = Base.metadata.tables[kind.value]
    changes = fields.taken(kind, kept, gone, wish.sides)
    left: dict[str, Any] = {"merged_into_id": kept.id}
    if kind is Kind.ORGANISATION:
        left |= {"closed_on": gone.closed_on or on, "closing_on": None}
        left |= {name: None for name in fields.UNIQUE if name in changes}
        ours = set(changes) & REGISTER_FIELDS
        if ours:
            changes["local_fields"] = sorted({*kept.local_fields, *ours})
        if "name" in changes or "name_full" in changes:
            _keep_own_name(kept, gone, writer)
    else:
        left |= {"email": "", "phone": ""}  # whoever writes from there is the one that stays
    before = {name: getattr(gone, name) for name in left}
    writer.give(table, [gone.id], before, left)
    writer.give(table, [kept.id], {name: getattr(kept, name) for name in changes}, changes)


def _keep_own_name(kept: Any, gone: Any, writer: Writer) -> None:
    """The other's name was chosen: the own one becomes a former one."""
    found = sa.select(Alias.id).where(Alias.organisation_id == kept.id, Alias.name == kept.title)
    if kept.title not in {gone.name, gone.name_full} and db.session.scalar(found) is None:
        writer.add(Alias(organisation_id=kept.id, name=kept.title))


def _tell(kind: Kind, kept: Any, gone: Any, made: Merge, by: User, writer: Writer) -> None:
    """A line in the story of the account."""
    place = kept if kind is Kind.ORGANISATION else _place_of(kept)
    if place is not None:
        writer.add(
            Activity(
                at=made.made_at,
                kind=ActivityKind.ACCOUNT,
                organisation_id=place.id,
                body_id=place.body_id,
                person_id=kept.id if kind is Kind.PERSON else None,
                user_id=by.id,
                text="",
                data={
                    "event": "merged" if made.reason is Reason.DUPLICATE else "taken_over",
                    "gone": made.gone_title,
                    "on": made.on.isoformat(),
                    "merge": made.id,
                },
            )
        )


def _place_of(person: Person) -> Organisation | None:
    return db.session.scalar(
        sa.select(Organisation)
        .join(Post, Post.organisation_id == Organisation.id)
        .where(Post.person_id == person.id)
        .order_by(Post.ended_on.is_not(None), Post.id)
        .limit(1)
    )


def _index(made: Merge, bodies: list[int]) -> None:
    """Search finds what is there now. The same after a merge and after it has been undone."""
    numbers = [made.kept_id, made.gone_id]
    moved = _moved(made)
    if made.kind is Kind.PERSON:
        for number in numbers:
            if db.session.get_one(Person, number).merged_into_id is not None:
                search.drop("person", number)
            else:
                put_people([number])
        return
    for number in numbers:
        node = db.session.get_one(Organisation, number)
        if node.closed_on is not None:
            search.drop("body" if node.parent_id is None else "unit", number)
        else:
            put_organisations([number])
            search.recontext(node.path)
    children = db.session.scalars(
        sa.select(Organisation.id).where(
            Organisation.id.in_(moved["organisation"]), Organisation.closed_on.is_(None)
        )
    ).all()
    put_organisations(children)
    put_people(
        sorted(set(db.session.scalars(sa.select(Post.person_id).where(Post.id.in_(moved["post"])))))
    )
    cases.reindex(moved["case"])
    interest.reindex(moved["inquiry"])
    procurements.reindex(moved["procurement"])
    contracts.reindex(moved["contract"])
    records.reindex(moved["records_request"])
    trials.reindex(moved["pilot"])
    kits.reindex(case_ids=moved["case"])


def _moved(made: Merge) -> dict[str, list[int]]:
    """By table, the rows that a merge has set."""
    found: dict[str, list[int]] = defaultdict(list)
    for step in queries.steps(made):
        if step.act is Act.SET:
            found[step.table] += step.keys
    return found


# --- The way back -----------------------------------------------------------------------------


def undo(made: Merge, *, by: User, today: date, now: datetime) -> None:
    """Both records and every link as they were, or nothing: what somebody has changed since is not
    overwritten. What has come to the one that stayed since then stays there. Raises RuleBroken."""
    lock(made.kind, made.kept_id, made.gone_id)
    db.session.refresh(made, with_for_update={"of": Merge})
    if made.undone_at is not None:
        return
    if not queries.may_undo(made, now):
        raise RuleBroken(_("It was merged more than 30 days ago, and stays so."))
    steps = queries.steps(made)
    if changed := touched(steps):
        raise RuleBroken(
            _(
                "Some of it has been changed since, so it cannot be taken apart again: %(what)s.",
                what=things(changed),
            )
        )
    kept, gone = (queries.one(made.kind, number) for number in (made.kept_id, made.gone_id))
    bodies = set(_bodies(made.kind, kept, gone))
    try:
        with db.session.begin_nested():
            for step in reversed(steps):
                take_back(step, now)
                for number in step.keys if step.act is Act.TREE else ():
                    here, there = f"{kept.path}{number}/", f"{gone.path}{number}/"
                    _hang(here, there, gone.depth - kept.depth)
    except IntegrityError as error:
        raise RuleBroken(
            _(
                "Something new has taken the place of what was there before, so it cannot be taken "
                "apart again."
            )
        ) from error
    made.undone_at, made.undone_by_id = now, by.id
    db.session.flush()
    db.session.expire_all()
    kept, gone = (queries.one(made.kind, number) for number in (made.kept_id, made.gone_id))
    bodies |= set(_bodies(made.kind, kept, gone))
    _index(made, sorted(bodies))
    _replan(sorted(bodies), today, now)


def forget_steps(made: Merge) -> None:
    """It can no longer be undone. Of a person who was there twice only the sign is left."""
    db.session.execute(sa.delete(MergeStep).where(MergeStep.merge_id == made.id))
    if made.kind is Kind.PERSON and made.undone_at is None:
        gone, kept = (db.session.get_one(Person, one) for one in (made.gone_id, made.kept_id))
        gone.first_name, gone.last_name, gone.name_sort = (
            kept.first_name,
            kept.last_name,
            kept.name_sort,
        )
        gone.email = gone.phone = gone.note = ""
        made.gone_title = ""
    db.session.flush()


# --- Pairs that are alike ---------------------------------------------------------------------


def say(
    kind: Kind, one: int, other: int, verdict: Verdict, *, by: User, today: date, now: datetime
) -> PairVerdict:
    """Remember what somebody said of a pair; the latest word counts."""
    first, second = sorted((one, other))
    if first == second:
        raise RuleBroken(_("These are one and the same already."))
    found = db.session.scalar(
        sa.select(PairVerdict).where(
            PairVerdict.kind == kind,
            PairVerdict.first_id == first,
            PairVerdict.second_id == second,
        )
    )
    if found is None:
        found = PairVerdict(kind=kind, first_id=first, second_id=second)
        db.session.add(found)
    found.verdict, found.by_id, found.at = verdict, by.id, now
    found.until = today + ASKED_AGAIN if verdict is Verdict.LATER else None
    db.session.flush()
    return found
