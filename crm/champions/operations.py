"""Write down what somebody did, put it right, fill the place of somebody who left.

An act stands in the timeline as a line of its own, which follows it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import aliased

from crm.accounts.models import User
from crm.activities.models import Activity, ActivityKind
from crm.activities.operations import record
from crm.budgets import queries as budgets
from crm.cases import operations as cases
from crm.cases.models import Case, CasePerson
from crm.champions import queries
from crm.champions.models import ChampionAct, ChampionFigures
from crm.core import clock
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.people.models import AccountRole, Person, Post
from crm.people.operations import Arrived, when_arrived
from crm.rules.champions import ActKind, Figures, Occasion, SellingOutcome
from crm.rules.functions import Function
from crm.rules.habits import CHAMPION_SETTLES
from crm.rules.stages import CaseRole, CaseState


@dataclass(frozen=True, slots=True)
class Done:
    """What was done. `next_on` and `next_kind` go together; they need a case to be prepared in."""

    kind: ActKind
    on: date
    other: Person | None = None
    function: Function | None = None
    outcome: SellingOutcome | None = None
    material: str = ""
    note: str = ""
    next_kind: Occasion | None = None
    next_on: date | None = None


def write(
    person: Person,
    done: Done,
    *,
    case: Case | None = None,
    by: User | None,
    today: date,
    now: datetime,
) -> ChampionAct:
    """Write down an act, at the person's present post, or where the case is.

    Raises RuleBroken for a day to come, internal selling to nobody or without an outcome, somebody
    who works nowhere, the very same act once more, or a next occasion without a case or before
    what was done.
    """
    _require_whole(person, done, case, today)
    _require_new(person, done, case)
    place = _place(person, case)
    activity = record(
        ActivityKind.CHAMPION,
        place,
        now=_at(done.on, now),
        by=by,
        text=done.note.strip(),
        person_id=person.id,
        case_id=case.id if case is not None else None,
        **_told(done),
    )
    db.session.flush()
    act = ChampionAct(
        person_id=person.id,
        organisation_id=place.id,
        body_id=place.body_id,
        case_id=case.id if case is not None else None,
        activity_id=activity.id,
        by_id=by.id if by is not None else None,
        created_at=now,
        **_columns(done),
    )
    db.session.add(act)
    db.session.flush()
    if act.next_on is not None:
        needs_planning(act.body_id, "occasion")
    return act


def put_right(
    act: ChampionAct, person: Person, done: Done, *, case: Case | None, today: date, now: datetime
) -> None:
    """Change what was written. The former words stay in the field history."""
    _require_whole(person, done, case, today)
    moved = (act.next_on, act.next_kind, act.case_id) != (
        done.next_on,
        done.next_kind,
        case.id if case is not None else None,
    )
    for name, value in _columns(done).items():
        setattr(act, name, value)
    act.case_id = case.id if case is not None else None
    line = db.session.get_one(Activity, act.activity_id)
    if clock.local(line.at).date() != done.on:
        line.at = _at(done.on, now)
    line.text, line.case_id, line.data = done.note.strip(), act.case_id, _told(done)
    db.session.flush()
    if moved:
        needs_planning(act.body_id, "occasion")


def remove(act: ChampionAct) -> None:
    """It was a mistake: the act and its line go. What it said stays in the field history."""
    line = db.session.get_one(Activity, act.activity_id)
    body_id, planned = act.body_id, act.next_on is not None
    db.session.delete(act)
    db.session.flush()
    db.session.delete(line)
    db.session.flush()
    if planned:
        needs_planning(body_id, "occasion")


def _require_whole(person: Person, done: Done, case: Case | None, today: date) -> None:
    if done.on > today:
        raise RuleBroken(_("That day is still to come. Write down what has been done."))
    if done.kind is ActKind.SHOWED and (done.function is None or done.outcome is None):
        raise RuleBroken(_("Choose to whom it was sold internally, and how it was received."))
    if done.other is not None and done.other.id == person.id:
        raise RuleBroken(_("Choose a colleague, not the person."))
    if (done.next_on is None) is not (done.next_kind is None):
        raise RuleBroken(_("Say both which occasion comes next and on which day."))
    if done.next_on is None:
        return
    if case is None:
        raise RuleBroken(_("Choose the case that the next occasion is about."))
    if done.next_on < done.on:
        raise RuleBroken(_("The next occasion cannot lie before what was done."))


def _require_new(person: Person, done: Done, case: Case | None) -> None:
    """The very same act of the same day, in the same words, is a form that was sent again."""
    same: dict[str, Any] = _columns(done) | {
        "person_id": person.id,
        "case_id": case.id if case is not None else None,
    }
    there = sa.select(ChampionAct.id).filter_by(**same).exists()
    if db.session.scalar(sa.select(there)):
        raise RuleBroken(_("That is written down already."))


def _place(person: Person, case: Case | None) -> Organisation:
    """Where the person works now; of several posts, one at the case's body; else the case's own."""
    found = db.session.scalars(
        sa.select(Organisation)
        .join(Post, Post.organisation_id == Organisation.id)
        .where(Post.person_id == person.id, Post.ended_on.is_(None))
        .order_by(Post.id)
    ).all()
    if case is not None:
        there = [one for one in found if one.body_id == case.body_id]
        return there[0] if there else db.session.get_one(Organisation, case.organisation_id)
    if not found:
        raise RuleBroken(
            _(
                "%(person)s has no post now. Give the post first, or choose a case.",
                person=person.name,
            )
        )
    return found[0]


def _at(on: date, now: datetime) -> datetime:
    """Now for today, noon for another day."""
    if on == clock.local(now).date():
        return now
    return datetime.combine(on, time(12), tzinfo=clock.STOCKHOLM)


def _columns(done: Done) -> dict[str, Any]:
    return {
        "kind": done.kind,
        "done_on": done.on,
        "other_id": done.other.id if done.other is not None else None,
        "function": done.function,
        "outcome": done.outcome if done.kind is ActKind.SHOWED else None,
        "material": done.material.strip()[:200],
        "note": done.note.strip()[:500],
        "next_kind": done.next_kind,
        "next_on": done.next_on,
    }


def _told(done: Done) -> dict[str, Any]:
    """What the timeline tells of it."""
    return {
        "event": "champion_act",
        "act": done.kind.value,
        "function": done.function.value if done.function is not None else "",
        "outcome": done.outcome.value if done.outcome is not None else "",
        "other": done.other.name if done.other is not None else "",
        "material": done.material.strip()[:200],
        "next": done.next_kind.value if done.next_kind is not None else "",
        "next_on": done.next_on.isoformat() if done.next_on is not None else "",
    }


# --- Whoever left -------------------------------------------------------------------------------


def fill(
    places: Sequence[CasePerson],
    successor: Person,
    *,
    by: User | None,
    today: date,
    now: datetime,
) -> int:
    """The successor takes every role that stands open after somebody; returns in how many cases.

    Cases that were closed in the meantime are left as they are.
    """
    filled = set()
    for place in places:
        case = db.session.get_one(Case, place.case_id)
        if case.state is CaseState.CLOSED:
            continue
        cases.set_role(case, successor, place.role, by=by, today=today, now=now)
        filled.add(case.id)
    return len(filled)


@when_arrived
def _known_again(arrived: Arrived) -> None:
    """Told by people: a champion is in a new place, moved in one action or found there some time
    after leaving (C8). The line says a day to get in touch: once settled, and when it is not quiet
    there."""
    if arrived.is_known_champion:
        came_from = arrived.old_organisation
    elif arrived.roles or arrived.by is None or arrived.old_organisation is not None:
        return
    else:
        came_from = _left_as_champion(arrived.person, arrived.organisation.body_id)
        if came_from is None:
            return
    begun = arrived.on or clock.local(arrived.now).date()
    record(
        ActivityKind.POST,
        arrived.organisation,
        now=arrived.now,
        by=arrived.by,
        person_id=arrived.person.id,
        event="champion_arrived",
        title=arrived.title,
        on=arrived.on.isoformat() if arrived.on else "",
        came_from=came_from.title if came_from is not None else "",
        came_from_id=came_from.id if came_from is not None else None,
        follow_up_on=_good_day(arrived.organisation, begun + CHAMPION_SETTLES).isoformat(),
    )


def _good_day(organisation: Organisation, wanted: date) -> date:
    """The same or the first later day on which somebody there can be contacted."""
    practices = {organisation.id: budgets.practice_of(organisation)}
    years = range(wanted.year - 1, wanted.year + 3)
    day, _passed = budgets.contact_days_of([organisation], practices, years)[organisation.id].first(
        wanted
    )
    return day


def _left_as_champion(person: Person, body_id: int | None) -> Organisation | None:
    """The latest place, at another body, that the person has left after being a champion there."""
    account = aliased(Organisation)
    in_case = (
        sa.select(CasePerson.id)
        .join(Case, Case.id == CasePerson.case_id)
        .where(
            CasePerson.person_id == person.id,
            CasePerson.role == CaseRole.CHAMPION,
            Case.body_id == Organisation.body_id,
        )
        .correlate(Organisation)
        .exists()
    )
    at_account = (
        sa.select(AccountRole.id)
        .join(account, account.id == AccountRole.organisation_id)
        .where(
            AccountRole.person_id == person.id,
            AccountRole.role == CaseRole.CHAMPION,
            account.body_id == Organisation.body_id,
        )
        .correlate(Organisation)
        .exists()
    )
    return db.session.scalar(
        sa.select(Organisation)
        .join(Post, Post.organisation_id == Organisation.id)
        .where(
            Post.person_id == person.id,
            Post.ended_on.is_not(None),
            Organisation.body_id != body_id,
            sa.or_(in_case, at_account),
        )
        .order_by(Post.ended_on.desc(), Post.id.desc())
        .limit(1)
    )


# --- The figures behind it ----------------------------------------------------------------------


def set_figures(
    stands: queries.Standing, chosen: Figures, *, note: str, by: User | None, now: datetime
) -> ChampionFigures | None:
    """Let strengths be worked out and maps be proposed so from now on, as a new version (S31).

    None, and nothing written, where they stand so already. Raises RuleBroken for a cap below the
    points of one act, or words in the wrong order.
    """
    formula, threshold = chosen.formula, chosen.threshold
    if not formula.is_whole:
        raise RuleBroken(
            _(
                "A cap is at least the points of one act, and a strong strength begins above a "
                "clear one."
            )
        )
    if chosen == stands.figures:
        return None
    row = ChampionFigures(
        version=stands.version + 1,
        worth={kind.value: [one.points, one.cap] for kind, one in formula.worth.items()},
        halves_after=formula.halves_after,
        recent=formula.recent,
        clear_from=formula.clear_from,
        strong_from=formula.strong_from,
        units=threshold.units,
        people=threshold.people,
        note=note.strip(),
        changed_by_id=by.id if by is not None else None,
        changed_at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row
