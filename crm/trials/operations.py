"""Take what is told of trials, keep the senders and their secrets, plan and evaluate pilots."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.interest import operations as interest
from crm.interest.models import Inquiry
from crm.interest.proposals import name_in
from crm.interest.who import split_name
from crm.organisations import queries as organisation_queries
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people import queries as people_queries
from crm.people.models import Person
from crm.rules.stages import AdoptionStage
from crm.rules.trials import Told, TrialKind
from crm.trials import queries
from crm.trials.models import Pilot, Trial, TrialMessage, TrialSecret, TrialSource
from crm.trials.texts import rests_on

KEPT: Final = timedelta(days=30)
"""How long an id is remembered. A signature is too old after minutes; what is sent again comes
within days."""

# --- Senders and their secrets --------------------------------------------------------------------


def add_source(name: str, *, now: datetime) -> tuple[TrialSource, TrialSecret]:
    """A sender, with its first secret. Its name is what people read in lists."""
    name = " ".join(name.split())
    if not name:
        raise RuleBroken(_("Write what the sender is called, such as the product's name."))
    source = TrialSource(name=name[:80], key=secrets.token_hex(8))
    with refusing_doubles(_("There is a sender of that name already."), "uq_trial_source_name"):
        db.session.add(source)
    made = TrialSecret(source_id=source.id, nonce=secrets.token_urlsafe(24), made_at=now)
    db.session.add(made)
    db.session.flush()
    return source, made


def rotate(source: TrialSource, *, overlap: timedelta, now: datetime) -> TrialSecret:
    """A new secret. The one until now signs for `overlap` yet, and none older does: at most two.

    Raises RuleBroken when somebody else makes one at the same moment, or the sender is closed.
    """
    if source.closed_at is not None:
        raise RuleBroken(_("Nothing is taken from this sender any more."))
    with refusing_doubles(
        _("Somebody else has just made a new secret. Look at the page again."),
        "uq_trial_secret_current",
    ):
        for old in queries.secrets_of(source.id):
            if old.ends_at is None:
                old.ends_at = now + overlap
            elif old.ends_at > now:
                old.ends_at = now
        db.session.flush()
        made = TrialSecret(source_id=source.id, nonce=secrets.token_urlsafe(24), made_at=now)
        db.session.add(made)
    return made


def close_source(source: TrialSource, *, now: datetime) -> None:
    """Take nothing more from it. What it has told stays, and its secrets sign nothing."""
    if source.closed_at is None:
        source.closed_at = now
        for one in queries.secrets_of(source.id):
            if one.ends_at is None or one.ends_at > now:
                one.ends_at = now
    db.session.flush()


# --- What is told ---------------------------------------------------------------------------------


class Taken(StrEnum):
    """What became of what was told."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    UNKNOWN = "account_is_not_known"  # nothing was written: of whom it is, nobody has said


class SaidOtherwise(Exception):
    """A message with an id that has been used for other words."""


def take_message(
    source: TrialSource, message_id: str, body: bytes, told: Told, *, now: datetime
) -> Taken | None:
    """Take a message once. None: it has been taken before, and nothing is done.

    Raises SaidOtherwise when its id was another message's. What is told of an account that is not
    known leaves no trace, so that the sender can try again when it has told who it is.
    """
    digest = hashlib.sha256(body).hexdigest()
    earlier = db.session.get(TrialMessage, (source.id, message_id))
    if earlier is None:
        try:
            with db.session.begin_nested():
                db.session.add(
                    TrialMessage(source_id=source.id, message_id=message_id, digest=digest, at=now)
                )
        except IntegrityError:  # at the same moment: the other one takes it
            return None
        taken = take(source, told, now=now)
        if taken is Taken.UNKNOWN:
            sent = db.session.get_one(TrialMessage, (source.id, message_id))
            db.session.delete(sent)
            db.session.flush()
        return taken
    if earlier.digest != digest:
        raise SaidOtherwise
    return None


def take(source: TrialSource, told: Told, *, now: datetime) -> Taken:
    """Keep what is told of one trial. The same told again changes nothing, in whichever order."""
    trial = _trial_of(source, told)
    if trial is None:
        if told.email is None and not told.is_private:
            return Taken.UNKNOWN
        return _begin(source, told, now)
    before = queries.facts_of(trial)
    if trial.kind is TrialKind.PRIVATE and told.consent and told.email is not None:
        _make_professional(trial, told, now)
    elif trial.kind is TrialKind.WORK and (private := _private_of(source, told)) is not None:
        db.session.delete(private)
        trial.kind = TrialKind.PRIVATE_TO_WORK
    _note(trial, told)
    db.session.flush()
    return Taken.UNCHANGED if queries.facts_of(trial) == before else Taken.UPDATED


def _ref(source: TrialSource, account: str) -> str:
    """The sender's name for a trial, unreadable: it is often an address."""
    return hashlib.sha256(f"{source.key}:{account.strip().lower()}".encode()).hexdigest()


def _trial_of(source: TrialSource, told: Told) -> Trial | None:
    """The trial it is about: by the sender's name for it, by the private trial that it came of, or
    by the address. One person is one trial, whatever the account is called."""
    found = queries.by_ref(source.id, _ref(source, told.account))
    if found is not None:
        return found
    private = _private_of(source, told) if told.email is not None else None
    if private is not None:
        private.ref = _ref(source, told.account)
        return private
    if told.email is None or told.is_private:
        return None
    return queries.by_address(source.id, told.email.address)


def _private_of(source: TrialSource, told: Told) -> Trial | None:
    """The private trial that this one came of, if the person agreed to the link."""
    if not (told.private_account and told.consent):
        return None
    found = queries.by_ref(source.id, _ref(source, told.private_account))
    return found if found is not None and found.kind is TrialKind.PRIVATE else None


def _begin(source: TrialSource, told: Told, now: datetime) -> Taken:
    today = clock.local(now).date()
    began = told.signed_up_on or told.first_used_on or told.ended_on or today
    kind = TrialKind.PRIVATE if told.is_private else TrialKind.WORK
    if kind is TrialKind.WORK and told.kind is TrialKind.PRIVATE:
        kind = TrialKind.PRIVATE_TO_WORK
    trial = Trial(
        source_id=source.id,
        ref=_ref(source, told.account),
        kind=kind,
        signed_up_on=began,
        created_at=now,
    )
    if kind is not TrialKind.PRIVATE:
        trial.inquiry_id = _interest(source.name, told, now).id
    _note(trial, told)
    db.session.add(trial)
    db.session.flush()
    return Taken.NEW


def _make_professional(trial: Trial, told: Told, now: datetime) -> None:
    """Private use became a professional test, and the person agreed to the link. What the private
    use was like is nobody's business, and goes."""
    source = db.session.get_one(TrialSource, trial.source_id)
    trial.first_used_on = trial.last_used_on = trial.ended_on = None
    trial.days_active = 0
    trial.signed_up_on = told.signed_up_on or clock.local(now).date()
    inquiry = _interest(source.name, told, now)
    trial.kind, trial.inquiry_id = TrialKind.PRIVATE_TO_WORK, inquiry.id


def _note(trial: Trial, told: Told) -> None:
    """The earliest beginning, the latest use, the most days: the order of messages is nothing."""
    if told.signed_up_on is not None:
        trial.signed_up_on = min(trial.signed_up_on, told.signed_up_on)
    used = [told.first_used_on, told.last_used_on, trial.first_used_on, trial.last_used_on]
    days = [day for day in used if day is not None]
    if days:
        trial.first_used_on, trial.last_used_on = min(days), max(days)
        trial.signed_up_on = min(trial.signed_up_on, *days)
    least = 1 if days else 0
    trial.days_active = max(trial.days_active or 0, told.days_active or 0, least)
    if told.ended_on is not None:
        trial.ended_on = max(told.ended_on, trial.ended_on or told.ended_on)
    elif trial.ended_on is not None and told.last_used_on and told.last_used_on > trial.ended_on:
        trial.ended_on = None  # taken up again


def _interest(name: str, told: Told, now: datetime) -> Inquiry:
    """The trial as inbound interest, in the queue there is: placed as far as the address says."""
    assert told.email is not None  # noqa: S101  # a trial of work has one: see `take`
    address = told.email.address
    person, organisation = _known(address)
    if person is None:
        organisation = _body(address)
        person = _made(told, organisation, now) if organisation is not None else None
    line = ", ".join(filter(None, (told.name, told.workplace))) if told.workplace else ""
    return interest.log(
        summary=_("Trial sign-up: %(name)s", name=name),
        channel="trial",
        organisation=organisation,
        person=person,
        caller=told.name or address,
        email=address,
        typed=line,
        answered=True,  # nothing was asked, and who tries is left in peace until they do
        by=None,
        now=now,
    )


def _known(address: str) -> tuple[Person | None, Organisation | None]:
    """Who has this very address, and where they work, if it is one place."""
    found = list(
        db.session.scalars(
            sa.select(Person)
            .where(Person.email == address, Person.merged_into_id.is_(None))
            .order_by(Person.id)
            .limit(2)
        )
    )
    if len(found) != 1:  # nobody, or an address that several share: the queue asks
        return None, None
    posts = people_queries.current_posts(found[0])
    if len({post.organisation_id for post in posts}) != 1:
        return found[0], None
    return found[0], db.session.get_one(Organisation, posts[0].organisation_id)


def _body(address: str) -> Organisation | None:
    """The one body that the domain speaks of. A domain that several share says nothing sure."""
    found = organisation_queries.by_domain(address)
    bodies = {organisation_queries.path_ids(one.path)[0] for one in found}
    return db.session.get_one(Organisation, bodies.pop()) if len(bodies) == 1 else None


def _made(told: Told, body: Organisation, now: datetime) -> Person | None:
    """A new person at the body, from the address alone if need be (S20). None when there is
    somebody there who may be the same: the queue proposes them."""
    assert told.email is not None  # noqa: S101  # see `_interest`
    if told.email.role:
        return None
    first, last = split_name(told.name)
    if not first:
        read = name_in(told.email.address)
        first, last = (read.first_name, read.last_name) if read else ("", "")
    if first and people_queries.likely_duplicates(
        first_name=first, last_name=last, organisation=body
    ):
        return None
    return people.add_person(
        first_name=first or told.email.address.partition("@")[0],
        last_name=last,
        email=told.email.address,
        organisation=body,
        source=_("Signed up for a trial"),
        by=None,
        today=clock.local(now).date(),
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a table's rows."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    unknown: int = 0


def take_table(source: TrialSource, rows: Iterable[Told], *, now: datetime) -> Counted:
    """The rows of a table, all or none."""
    taken = [take(source, told, now=now) for told in rows]
    return Counted(
        taken.count(Taken.NEW),
        taken.count(Taken.UPDATED),
        taken.count(Taken.UNCHANGED),
        taken.count(Taken.UNKNOWN),
    )


def forget_messages(now: datetime) -> int:
    """Ids of messages that nobody sends again. Returns how many."""
    result = db.session.execute(sa.delete(TrialMessage).where(TrialMessage.at < now - KEPT))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


# --- The stage ------------------------------------------------------------------------------------


def accept_stage(case: Case, stage: AdoptionStage, *, by: User, now: datetime) -> None:
    """Move the case to the stage that its use speaks for, with that as the reason.

    Raises RuleBroken when the facts no longer speak for it.
    """
    proposal = queries.proposal_for(case)
    if proposal is None or proposal.stage is not stage:
        raise RuleBroken(_("The use no longer speaks for that stage. Look at the page again."))
    cases.move_adoption(
        case,
        stage,
        note=rests_on(proposal.use),
        by=by,
        now=now,
    )


# --- Pilots ---------------------------------------------------------------------------------------


def plan_pilot(
    case: Case,
    organisation: Organisation,
    *,
    starts_on: date,
    ends_on: date,
    evaluates: str,
    questions: str = "",
    by: User | None,
    now: datetime,
) -> Pilot:
    """A pilot in one unit of the case's body."""
    if organisation.body_id != case.body_id:
        raise RuleBroken(_("Choose a unit of the body that the case is about."))
    pilot = Pilot(case_id=case.id, organisation_id=organisation.id, created_at=now)
    _set_pilot(pilot, starts_on, ends_on, evaluates, questions)
    db.session.add(pilot)
    db.session.flush()
    record(
        ActivityKind.CASE,
        organisation,
        now=now,
        by=by,
        text=pilot.evaluates,
        case_id=case.id,
        event="pilot_planned",
    )
    needs_planning(case.body_id, "pilot")
    return pilot


def edit_pilot(
    pilot: Pilot, *, starts_on: date, ends_on: date, evaluates: str, questions: str
) -> None:
    """Put right what was agreed."""
    _set_pilot(pilot, starts_on, ends_on, evaluates, questions)
    db.session.flush()
    _plan_anew(pilot)


def evaluate_pilot(pilot: Pilot, result: str, *, on: date, by: User | None, now: datetime) -> None:
    """What the unit found out. The reminder to ask for it is answered with that (R9)."""
    result = result.strip()
    if not result:
        raise RuleBroken(_("Write what the unit found out."))
    is_first = pilot.evaluated_on is None
    pilot.result, pilot.evaluated_on = result, pilot.evaluated_on or on
    db.session.flush()
    if is_first:
        record(
            ActivityKind.CASE,
            db.session.get_one(Organisation, pilot.organisation_id),
            now=now,
            by=by,
            text=result,
            case_id=pilot.case_id,
            event="pilot_evaluated",
        )
    _plan_anew(pilot)


def _plan_anew(pilot: Pilot) -> None:
    needs_planning(db.session.get_one(Case, pilot.case_id).body_id, "pilot")


def _set_pilot(
    pilot: Pilot, starts_on: date, ends_on: date, evaluates: str, questions: str
) -> None:
    if ends_on < starts_on:
        raise RuleBroken(_("The pilot cannot end before it starts."))
    evaluates = " ".join(evaluates.split())
    if not evaluates:
        raise RuleBroken(_("Write what is to be evaluated: a pilot needs a question."))
    pilot.starts_on, pilot.ends_on = starts_on, ends_on
    pilot.evaluates, pilot.questions = evaluates, questions.strip()
