"""Changes to what we know of a buyer's year. Each marks the body for a new plan."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.budgets import queries
from crm.budgets.copying import SURE, copied
from crm.budgets.drafts import (
    DECISION,
    MEETING,
    Calendar,
    DateRow,
    Ground,
    ImportedRow,
    dated,
    doubles,
)
from crm.budgets.importing import Imported, Replaced, old_council, said, understood
from crm.budgets.models import (
    BudgetConfirmation,
    BudgetEvent,
    BudgetPractice,
    CouncilMeeting,
    Pause,
    PauseKind,
)
from crm.budgets.yearless import Stretch
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.rules.budget_cycle import (
    ELECTION_DECISION_MONTHS,
    BodyKind,
    DecisionPractice,
    PhaseOverride,
    practices_for,
)
from crm.rules.certainty import Certainty
from crm.rules.elections import is_election_year, new_council_from
from crm.rules.kinds import OrganisationKind
from crm.rules.practices import published_practices
from crm.rules.reminders import freeze_is_forgotten
from crm.rules.timetable_rows import clashes

LEAP_YEAR = 2024  # for checking a month and day that may be 29 February
LONGEST_ADDRESS = 1000  # characters, as the column has it
_ONE_DAY = timedelta(days=1)


# --- The calendar ------------------------------------------------------------------------------


def set_calendar(
    organisation: Organisation, calendar: Calendar, *, by: User | None, now: datetime
) -> BudgetPractice:
    """Store how the organisation decides its budget together with its own dates, in one go.

    Raises RuleBroken when something is called published without a link, or checked on no day.
    """
    row, told = _set_practice(organisation, calendar, by)
    changed = _set_dates(organisation, calendar)
    # Two people who each change only dates would otherwise not notice one another.
    flag_modified(row, "note")
    db.session.flush()
    if told or changed:
        _changed(
            organisation,
            by,
            now,
            decision=calendar.decision.value,
            certainty=calendar.certainty.value,
            dates=str(changed),
        )
    return row


def _set_practice(
    organisation: Organisation, calendar: Calendar, by: User | None
) -> tuple[BudgetPractice, bool]:
    """The row, and whether anything about it is new."""
    _refuse_baseless(organisation, calendar)
    stored = queries.practice_row(organisation)
    row = stored or BudgetPractice(organisation_id=organisation.id)
    row.decision, row.certainty = calendar.decision, calendar.certainty
    row.source_url, row.checked_on = _address(calendar.source_url), calendar.checked_on
    row.checked_by_id = by.id if by else None
    row.election_month = calendar.election_month
    row.note, row.deficit_until = calendar.note, calendar.deficit_until
    if calendar.certainty in SURE:
        row.copied_from_id, row.copied_on = None, None
    told = stored is None or db.session.is_modified(row)
    with refusing_doubles(
        _("Somebody else has just described this budget year. Open it anew and compare."),
        "uq_budget_practice_organisation_id",
    ):
        db.session.add(row)
    return row, told


def _refuse_baseless(organisation: Organisation, calendar: Calendar) -> None:
    body = organisation
    if not organisation.is_body and organisation.body_id is not None:
        body = db.session.get_one(Organisation, organisation.body_id)
    if calendar.decision not in practices_for(queries.body_kind(body.kind)):
        raise RuleBroken(_("That calendar is for another kind of body."))
    if calendar.election_month not in (None, *ELECTION_DECISION_MONTHS):
        raise RuleBroken(
            _("After an election the budget is adopted in October, November or December.")
        )
    if calendar.certainty is Certainty.LAW:
        raise RuleBroken(_("The law sets limits, not the body's own dates. Choose another mark."))
    if calendar.decision is DecisionPractice.UNKNOWN and not calendar.rows:
        return
    if calendar.certainty is Certainty.PUBLISHED and not calendar.source_url:
        raise RuleBroken(_("Paste the link to where the body has published it."))
    if calendar.certainty in SURE and calendar.checked_on is None:
        raise RuleBroken(_("Say on which day it was checked."))


def _address(text: str) -> str:
    """A link that is safe to show: http or https, and a host. "" stays ""."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable or any(sign.isspace() for sign in text):
        raise RuleBroken(_("The link must begin with https:// or http://."))
    if len(text) > LONGEST_ADDRESS:
        raise RuleBroken(_("The link is too long. Leave out what follows the question mark."))
    return text


def _set_dates(organisation: Organisation, calendar: Calendar) -> int:
    """Make the stored dates those of the calendar; says how many are new, moved or gone.

    A date that stays keeps its own certainty and source. If it rests on the very source that has
    now been looked at again, it counts as checked on the new day.
    """
    for row in calendar.rows:
        _check(row)
    if twice := doubles(calendar.rows):
        raise RuleBroken(
            _("“%(name)s” stands there twice.", name=twice[0].name)
            if twice[0].name
            else _("The same phase has two dates for the same year.")
        )
    stored = {
        (event.phase_key, event.name, event.budget_year): event
        for event in queries.events_of(organisation)
    }
    wanted = {row.identity: row for row in calendar.rows}
    changed = 0
    for identity, gone in stored.items():
        if identity not in wanted:
            db.session.delete(gone)
            changed += 1
    for identity, row in wanted.items():
        event = stored.get(identity)
        if event is not None and queries.stands(event, row):
            if calendar.checked_on and event.source_url == calendar.source_url:
                event.checked_on = calendar.checked_on
            continue
        changed += 1
        _put(organisation, event, row, row.ground or calendar.ground_of_changes)
    return changed


def _put(
    organisation: Organisation, stored: BudgetEvent | None, row: DateRow, ground: Ground
) -> None:
    """Write one date, over the one that is stored or as a new one."""
    event = stored or BudgetEvent(
        organisation_id=organisation.id,
        phase_key=row.phase_key,
        name=row.name,
        budget_year=row.budget_year,
    )
    (event.start_month, event.start_day), (event.end_month, event.end_day) = row.start, row.end
    event.year_offset, event.note = row.year_offset, row.note
    event.certainty, event.source_url = ground.certainty, ground.source_url
    event.checked_on = ground.checked_on
    db.session.add(event)


def _check(row: DateRow) -> None:
    for month, day in (row.start, row.end):
        try:
            date(LEAP_YEAR, month, day)
        except ValueError as error:
            raise RuleBroken(
                _("There is no day %(day)s in month %(month)s.", day=day, month=month)
            ) from error
    if Stretch(row.start, row.end).is_backwards:
        raise RuleBroken(_("The end comes before the start."))
    if not row.phase_key and not row.name:
        raise RuleBroken(_("Give the event a name."))


def inherit(organisation: Organisation, *, by: User | None, now: datetime) -> None:
    """Put a unit's own dates away, so that it follows the node above it again."""
    if organisation.parent_id is None:
        raise RuleBroken(_("There is nothing above a body to follow."))
    row = queries.practice_row(organisation)
    events = queries.events_of(organisation)
    if row is None and not events:
        return
    for thing in (*events, *([row] if row else [])):
        db.session.delete(thing)
    _changed(organisation, by, now, inherits="yes")


def copy_calendar(
    organisation: Organisation, other: Organisation, *, by: User | None, now: datetime, today: date
) -> BudgetPractice:
    """Let a body follow what another one does until its own timetable is known.

    What the body itself has published or told us stays; the rest is typical at best. Raises
    RuleBroken when the two cannot have the same calendar.
    """
    if not organisation.is_body or not other.is_body or organisation.id == other.id:
        raise RuleBroken(_("Copy from another body."))
    calendar = copied(
        queries.practice_row(organisation),
        queries.events_of(organisation),
        queries.practice_row(other),
        queries.events_of(other),
    )
    row = set_calendar(organisation, calendar, by=by, now=now)
    row.copied_from_id, row.copied_on = other.id, today
    db.session.flush()
    return row


# --- A new round -------------------------------------------------------------------------------


def roll_forward(organisation_id: int, budget_year: int, *, now: datetime) -> bool:
    """From now the recurring dates are assumed for this budget year, until somebody has looked.

    Told once in the account's story. False when that was done already.
    """
    organisation = db.session.get_one(Organisation, organisation_id)
    _one_at_a_time(organisation)
    if queries.confirmations([organisation_id], budget_year):
        return False
    for unanswered in db.session.scalars(
        sa.select(BudgetConfirmation).where(
            BudgetConfirmation.organisation_id == organisation_id,
            BudgetConfirmation.budget_year < budget_year,
            BudgetConfirmation.confirmed_on.is_(None),
        )
    ):
        db.session.delete(unanswered)
    db.session.add(BudgetConfirmation(organisation_id=organisation_id, budget_year=budget_year))
    _changed(organisation, None, now, assumed_for=budget_year)
    return True


def confirm_same(
    ids: Collection[int], budget_year: int, *, by: User | None, today: date, now: datetime
) -> list[int]:
    """Somebody has looked: the dates hold for this budget year too. Returns whose were new."""
    fresh = [row for row in queries.confirmations(ids, budget_year) if row.confirmed_on is None]
    for row in fresh:
        row.confirmed_on, row.confirmed_by_id = today, by.id if by else None
        _changed(row.organisation, by, now, confirmed_for=budget_year)
    return [row.organisation_id for row in fresh]


def take_back_same(
    ids: Collection[int], budget_year: int, *, by: User | None, now: datetime
) -> int:
    """It was said by mistake: the dates are assumed again. Returns how many."""
    said = [row for row in queries.confirmations(ids, budget_year) if row.confirmed_on is not None]
    for row in said:
        row.confirmed_on, row.confirmed_by_id = None, None
        _changed(row.organisation, by, now, assumed_for=budget_year)
    return len(said)


# --- The council's meetings --------------------------------------------------------------------


def add_meetings(
    organisation: Organisation,
    days: Iterable[date],
    ground: Ground,
    *,
    by: User | None,
    now: datetime,
) -> int:
    """Note the days on which the council is to meet. A day that is there stays. Returns how many
    are new."""
    _refuse_without_council(organisation)
    if ground.certainty is Certainty.PUBLISHED and not ground.source_url:
        raise RuleBroken(_("Paste the link to where the body has published it."))
    source_url = _address(ground.source_url)
    _one_at_a_time(organisation)
    there = {meeting.held_on for meeting in queries.council_meetings(organisation)}
    fresh = sorted(set(days) - there)
    if len(there) + len(fresh) > MOST_MEETINGS:
        raise RuleBroken(_("That is more meetings than a council has. Take some away first."))
    for day in fresh:
        db.session.add(
            CouncilMeeting(
                organisation_id=organisation.id,
                held_on=day,
                certainty=ground.certainty,
                source_url=source_url,
                checked_on=ground.checked_on,
            )
        )
    if fresh:
        db.session.flush()
        _changed(organisation, by, now, meetings=len(fresh))
    return len(fresh)


MOST_MEETINGS = 300  # ten years and more


def _refuse_without_council(organisation: Organisation) -> None:
    if not organisation.is_body or queries.body_kind(organisation.kind) in _WITHOUT_COUNCIL:
        raise RuleBroken(_("Only a municipality, a region or an association has a council."))


_WITHOUT_COUNCIL = frozenset({BodyKind.STATE, BodyKind.UNIVERSITY})


def take_meeting_away(
    meeting: CouncilMeeting, organisation: Organisation, *, by: User | None, now: datetime
) -> None:
    """The meeting is called off, or was noted by mistake. Whoever waited for it waits for the next;
    a budget that was to be decided there is decided when the body usually does."""
    db.session.delete(meeting)
    _changed(organisation, by, now, meetings=-1)


def decide_at(
    meeting: CouncilMeeting, organisation: Organisation, *, by: User | None, now: datetime
) -> int:
    """The council adopts the budget of the following year at this meeting. Returns that year.

    Another meeting that was to do so does no longer.
    """
    year = meeting.held_on.year + 1
    practice = queries.practice_of(organisation)
    if not practice.is_known:
        raise RuleBroken(_("Say first which calendar the body follows."))
    if is_election_year(year - 1) and meeting.held_on < new_council_from(year - 1):
        raise RuleBroken(old_council())
    _one_at_a_time(organisation)
    for other in queries.council_meetings(organisation):
        if other.decides == year and other.id != meeting.id:
            other.decides = None
    db.session.flush()
    if meeting.decides != year:
        meeting.decides = year
        _changed(organisation, by, now, decided_on=meeting.held_on.isoformat(), budget_year=year)
    db.session.flush()
    return year


def decide_elsewhere(
    meeting: CouncilMeeting, organisation: Organisation, *, by: User | None, now: datetime
) -> None:
    """No budget is known to be decided at this meeting."""
    if meeting.decides is not None:
        meeting.decides = None
        _changed(organisation, by, now)


# --- A published timetable ---------------------------------------------------------------------

MOST_OWN_DATES = 40  # of events and of dates for single years: what the form can show


def import_dates(
    organisation: Organisation,
    rows: Sequence[ImportedRow],
    ground: Ground,
    *,
    by: User | None,
    now: datetime,
) -> Imported:
    """Take over the ticked rows of a timetable. Returns what became of them.

    Dates hold for their own year only; those that the body has for every year stay. What was noted
    without a link and is published now says so. Sent twice it changes nothing. Raises RuleBroken
    where a row cannot be, or two cannot stand together.
    """
    if not organisation.is_body:
        raise RuleBroken(_("A timetable is imported for a body. Its units follow it."))
    source_url = _address(ground.source_url)
    ground = Ground(ground.certainty, source_url, ground.checked_on)
    for row in rows:
        if row.end < row.start or row.end - row.start > _LONGEST_STRETCH:
            raise RuleBroken(
                _("“%(name)s” ends before it starts, or lasts too long.", name=row.name)
            )
    practice = queries.practice_of(organisation)
    by_place = dict(enumerate(rows))
    for place, doubted in clashes(
        {place: understood(row, practice) for place, row in by_place.items()}
    ).items():
        raise RuleBroken(said(doubted, rows[place], by_place))
    new, changed, unchanged, replaced = _keep_meetings(organisation, rows, ground, by=by, now=now)
    put = _put_all(organisation, dated(rows, practice.kind, practice.decision, ground), ground)
    if put.new or put.changed:
        _changed(organisation, by, now, dates=str(put.new + put.changed))
    return Imported(
        new + put.new, changed + put.changed, unchanged + put.unchanged, tuple(replaced)
    )


def _keep_meetings(
    organisation: Organisation,
    rows: Sequence[ImportedRow],
    ground: Ground,
    *,
    by: User | None,
    now: datetime,
) -> tuple[int, int, int, list[Replaced]]:
    """Note the council's meetings among the rows, and which of them decide. Returns how many rows
    are new, changed and unchanged, and the budgets that were to be decided on another day."""
    meetings = [row for row in rows if row.what in (MEETING, DECISION)]
    if not meetings:
        return 0, 0, 0, []
    before = {one.held_on: one.decides for one in queries.council_meetings(organisation)}
    deciding = {year: day for day, year in before.items() if year is not None}
    add_meetings(organisation, [row.end for row in meetings], ground, by=by, now=now)
    by_day = {one.held_on: one for one in queries.council_meetings(organisation)}
    firmer = _made_firmer([by_day[row.end] for row in meetings], ground)
    if firmer:
        _changed(organisation, by, now)
    new = changed = unchanged = 0
    replaced = []
    for row in sorted(meetings, key=lambda row: row.what != DECISION):
        decides = row.end.year + 1 if row.what == DECISION else None
        if decides is not None:
            old = deciding.get(decides)
            if old is not None and old != row.end:
                replaced.append(Replaced(decides, old, row.end))
            decide_at(by_day[row.end], organisation, by=by, now=now)
            deciding[decides] = row.end
        if row.end not in before:
            new += 1
        elif row.end in firmer or (decides is not None and before[row.end] != decides):
            changed += 1
            firmer.discard(row.end)
        else:
            unchanged += 1
        before[row.end] = decides or before.get(row.end)
    return new, changed, unchanged, replaced


_LONGEST_STRETCH = timedelta(days=214)


def _made_firmer(meetings: Iterable[CouncilMeeting], ground: Ground) -> set[date]:
    """Let what is surer now stand for the meetings that were less sure. Returns their days."""
    found = set()
    for meeting in meetings:
        if ground.certainty.rank < meeting.certainty.rank:
            meeting.certainty = ground.certainty
            meeting.source_url, meeting.checked_on = ground.source_url, ground.checked_on
            found.add(meeting.held_on)
    return found


def _put_all(
    organisation: Organisation, rows: Sequence[tuple[DateRow, int]], ground: Ground
) -> Imported:
    """Add or move dates and leave the others alone; each comes with how many rows say so."""
    stored = {
        (event.phase_key, event.name, event.budget_year): event
        for event in queries.events_of(organisation)
    }
    new = changed = unchanged = 0
    for row, said_by in rows:
        _check(row)
        event = stored.get(row.identity)
        told = row.ground or ground
        is_firm = event is not None and event.certainty.is_at_least(told.certainty)
        if event is not None and is_firm and queries.stands(event, row):
            unchanged += said_by
            continue
        if event is None:
            new += said_by
        else:
            changed += said_by
        _put(organisation, event, row, told)
    db.session.flush()
    single = [one for one in queries.events_of(organisation) if not one.phase_key]
    others = [one for one in queries.events_of(organisation) if one.phase_key and one.budget_year]
    has_changed = bool(new or changed)
    if has_changed and max(len(single), len(others)) > MOST_OWN_DATES:
        raise RuleBroken(
            _("At most %(number)s dates of its own fit. Leave some out.", number=MOST_OWN_DATES)
        )
    if has_changed and (row_of_body := queries.practice_row(organisation)):
        flag_modified(row_of_body, "note")  # whoever has the form open must see that it is old
        db.session.flush()
    return Imported(new, changed, unchanged)


_LONGEST_BREAK = timedelta(days=27)  # first and last day included
_LONGEST_QUIET = timedelta(days=366)


# --- Pauses ------------------------------------------------------------------------------------


def add_pause(
    organisation: Organisation,
    kind: PauseKind,
    starts_on: date,
    ends_on: date | None,
    *,
    note: str,
    source_url: str = "",
    by: User | None,
    today: date,
    now: datetime,
) -> Pause:
    """Leave the organisation and all beneath it alone for a time: a freeze, or its own quiet.

    What is over and would change nothing is refused. A freeze that is over is still followed by its
    question in late January (R7), and is taken until that has passed as well.
    """
    if ends_on is not None and ends_on < starts_on:
        raise RuleBroken(_("The last day comes before the first."))
    if kind in queries.QUIET and ends_on is None:
        raise RuleBroken(_("A quiet period needs a last day."))
    if kind in queries.BREAKS and ends_on is not None and ends_on - starts_on > _LONGEST_BREAK:
        raise RuleBroken(_("A school break is at most four weeks long."))
    if kind in queries.QUIET and ends_on is not None and ends_on - starts_on > _LONGEST_QUIET:
        raise RuleBroken(_("A quiet period is at most a year long. Check its last day."))
    if ends_on is not None and _would_change_nothing(kind, starts_on, ends_on, today):
        raise RuleBroken(
            _("That is over, so no reminder would move for it. Check the days, or make it a note.")
        )
    _one_at_a_time(organisation)
    for other in queries.pauses_of([organisation.id]).get(organisation.id, ()):
        if other.kind is kind and _meet(other, starts_on, ends_on):
            raise RuleBroken(
                _("There is already such a pause in those days. End it first, or choose others.")
            )
    pause = Pause(
        organisation_id=organisation.id,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        note=note,
        source_url=_address(source_url),
    )
    db.session.add(pause)
    db.session.flush()
    _changed(organisation, by, now, "pause_changed", pause=kind.value, start=starts_on.isoformat())
    return pause


def _would_change_nothing(kind: PauseKind, starts_on: date, ends_on: date, today: date) -> bool:
    if kind in queries.QUIET:
        return ends_on < today
    return freeze_is_forgotten(starts_on, ends_on, today)


def _one_at_a_time(organisation: Organisation) -> None:
    """Overlapping days are no matter for an index: whoever adds a pause here waits for the other.
    SQLite has one writer anyway."""
    db.session.execute(
        sa.select(Organisation.id).where(Organisation.id == organisation.id).with_for_update()
    )


def _meet(pause: Pause, starts_on: date, ends_on: date | None) -> bool:
    begins_before_its_end = pause.ends_on is None or starts_on <= pause.ends_on
    ends_after_its_start = ends_on is None or ends_on >= pause.starts_on
    return begins_before_its_end and ends_after_its_start


def end_pause(
    pause: Pause, organisation: Organisation, *, today: date, by: User | None, now: datetime
) -> None:
    """From today the pause no longer holds. One that never came into force is taken away."""
    if pause.ends_on is not None and pause.ends_on < today:
        raise RuleBroken(_("That pause is already over."))
    _changed(organisation, by, now, "pause_changed", pause_ended=pause.kind.value)
    if pause.starts_on >= today:
        db.session.delete(pause)
    else:
        pause.ends_on = today - _ONE_DAY


# --- What ships with the product ---------------------------------------------------------------


def load_confirmed_practices(*, now: datetime) -> int:
    """Store the practices we ship with their sources, where nothing is stored yet. Idempotent."""
    kinds = {
        "municipality": OrganisationKind.MUNICIPALITY,
        "region": OrganisationKind.REGION,
    }
    bodies = {
        (body.kind, body.code): body
        for body in db.session.scalars(
            sa.select(Organisation).where(
                Organisation.parent_id.is_(None), Organisation.kind.in_(tuple(kinds.values()))
            )
        )
    }
    taken = set(db.session.scalars(sa.select(BudgetPractice.organisation_id)))
    added = 0
    for published in published_practices():
        (kind, code), practice = published.key, published.practice
        body = bodies.get((kinds[kind.value], code))
        if body is None or body.id in taken:
            continue
        db.session.add(
            BudgetPractice(
                organisation_id=body.id,
                decision=practice.decision,
                election_month=practice.election_decision_month,
                certainty=practice.certainty,
                source_url=practice.source_url,
                checked_on=practice.checked_on,
                note=published.note,
            )
        )
        for override in practice.overrides:
            db.session.add(_event(body.id, override))
        _changed(
            body,
            None,
            now,
            decision=practice.decision.value,
            certainty=practice.certainty.value,
            dates=str(len(practice.overrides)),
        )
        added += 1
    return added


def _event(organisation_id: int, override: PhaseOverride) -> BudgetEvent:
    return BudgetEvent(
        organisation_id=organisation_id,
        phase_key=override.phase_key,
        start_month=override.start_month,
        start_day=override.start_day,
        end_month=override.end_month,
        end_day=override.end_day,
        year_offset=override.year_offset,
        budget_year=override.budget_year,
        certainty=override.certainty,
        source_url=override.source_url,
        checked_on=override.checked_on,
    )


def _changed(
    organisation: Organisation,
    by: User | None,
    now: datetime,
    why: str = "calendar_changed",
    **data: Any,
) -> None:
    record(ActivityKind.CALENDAR, organisation, now=now, by=by, event="calendar_changed", **data)
    needs_planning(organisation.body_id or organisation.id, why)
