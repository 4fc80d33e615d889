"""Take what is told of trials, keep the senders and their secrets, plan and evaluate pilots."""

import hashlib
import secrets
from collections.abc import Collection, Iterable
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
from crm.people.queries import Namesakes
from crm.rules.stages import AdoptionStage, is_without_agreement
from crm.rules.trials import Told, TrialKind
from crm.search import operations as search
from crm.trials import queries
from crm.trials.models import Pilot, Trial, TrialAccount, TrialMessage, TrialSecret, TrialSource
from crm.trials.texts import rests_on
from crm.web import filters

KEPT: Final = timedelta(days=30)
"""How long an id is remembered. A signature is too old after minutes; what is sent again comes
within days."""

# --- Senders and their secrets --------------------------------------------------------------------


def add_source(
    name: str, product_id: int | None = None, *, now: datetime
) -> tuple[TrialSource, TrialSecret]:
    """A sender, with its first secret. Its name is what people read in lists; without a product
    its trials speak for every case."""
    name = " ".join(name.split())
    if not name:
        raise RuleBroken(_("Write what the sender is called, such as the product's name."))
    source = TrialSource(name=name[:80], key=secrets.token_hex(8), product_id=product_id)
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


def take(source: TrialSource, told: Told, *, now: datetime, read: "Read | None" = None) -> Taken:
    """Keep what is told of one trial. The same told again changes nothing, in whichever order.

    `read` is who is known at the bodies, where many are taken after one another.
    """
    trial = _trial_of(source, told)
    read = read or Read()
    if trial is None:
        if told.email is None and not told.is_private:
            return Taken.UNKNOWN
        return _begin(source, told, now, read)
    if trial.kind is TrialKind.PRIVATE:
        if not (told.consent and told.email is not None):
            return Taken.UNCHANGED  # of private use nothing is kept but that it is there
        _forget(trial)
        _begin(source, told, now, read, was_private=True)
        return Taken.UPDATED
    _remember(source, told, trial)
    before = queries.facts_of(trial)
    if trial.kind is TrialKind.WORK and (private := _private_of(source, told)) is not None:
        _forget(private)
        trial.kind = TrialKind.PRIVATE_TO_WORK
    _note(trial, told)
    db.session.flush()
    return Taken.UNCHANGED if queries.facts_of(trial) == before else Taken.UPDATED


def _ref(source: TrialSource, account: str) -> str:
    """The sender's name for a trial, unreadable: it is often an address."""
    return hashlib.sha256(f"{source.key}:{account.strip().lower()}".encode()).hexdigest()


def _trial_of(source: TrialSource, told: Told) -> Trial | None:
    """The trial it is about: by the sender's name for it, by the private trial that it came of, or
    by the address. One person is one trial, whatever her accounts are called.

    A mailbox of many (info@) is not one person: it joins nothing but itself without a name.
    """
    found = queries.by_ref(source.id, _ref(source, told.account))
    if found is not None:
        return found
    if told.email is not None and (private := _private_of(source, told)) is not None:
        return private
    if told.email is None or told.is_private:
        return None
    same = queries.by_address(source.id, told.email.address)
    if told.email.role and (told.account != told.email.address or len(same) > 1):
        return None
    return next(iter(same), None)


def _private_of(source: TrialSource, told: Told) -> Trial | None:
    """The private trial that this one came of, if the person agreed to the link."""
    if not (told.private_account and told.consent):
        return None
    found = queries.by_ref(source.id, _ref(source, told.private_account))
    return found if found is not None and found.kind is TrialKind.PRIVATE else None


def _remember(source: TrialSource, told: Told, trial: Trial) -> None:
    """The account is this trial's from now on, also where its next message has no address."""
    ref = _ref(source, told.account)
    if db.session.get(TrialAccount, (source.id, ref)) is None:
        db.session.add(TrialAccount(source_id=source.id, ref=ref, trial_id=trial.id))
        db.session.flush()


def _forget(private: Trial) -> None:
    """Private use became work: the row goes, and with it that it had been there."""
    db.session.execute(sa.delete(TrialAccount).where(TrialAccount.trial_id == private.id))
    db.session.delete(private)
    db.session.flush()


def _begin(
    source: TrialSource,
    told: Told,
    now: datetime,
    read: "Read",
    *,
    was_private: bool = False,
) -> Taken:
    today = clock.local(now).date()
    trial = Trial(source_id=source.id, kind=TrialKind.PRIVATE, days_active=0)
    if was_private or not told.is_private:
        private = was_private or told.kind is TrialKind.PRIVATE
        trial.kind = TrialKind.PRIVATE_TO_WORK if private else TrialKind.WORK
        trial.inquiry_id = _interest(source.name, told, now, read).id
        trial.signed_up_on = told.signed_up_on or told.first_used_on or told.ended_on or today
        _note(trial, told)
    db.session.add(trial)
    db.session.flush()
    _remember(source, told, trial)
    return Taken.NEW


def _note(trial: Trial, told: Told) -> None:
    """The earliest beginning, the latest use, the most days: the order of messages is nothing."""
    used = [told.first_used_on, told.last_used_on, trial.first_used_on, trial.last_used_on]
    days = [day for day in used if day is not None]
    if days:
        trial.first_used_on, trial.last_used_on = min(days), max(days)
    began = [trial.signed_up_on, told.signed_up_on, *days]
    trial.signed_up_on = min(day for day in began if day is not None)
    least = 1 if days else 0
    trial.days_active = max(trial.days_active, told.days_active or 0, least)
    if told.ended_on is not None:
        trial.ended_on = max(told.ended_on, trial.ended_on or told.ended_on)
    elif trial.ended_on is not None and told.last_used_on and told.last_used_on > trial.ended_on:
        trial.ended_on = None  # taken up again


def _interest(name: str, told: Told, now: datetime, read: "Read") -> Inquiry:
    """The trial as inbound interest, in the queue there is: placed as far as the address says."""
    assert told.email is not None  # noqa: S101  # a trial of work has one: see `take`
    address = told.email.address
    person, organisation = _known(address)
    if person is None:
        organisation = read.body(address)
        person = _made(told, organisation, now, read) if organisation is not None else None
    # The line asks where it belongs: who it is need not be read out of it when we know.
    known = told.workplace if person is not None else f"{told.name}, {told.workplace}".strip(", ")
    line = known if told.workplace else ""
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


class Read:
    """What is known of bodies, read once while a table is taken."""

    def __init__(self) -> None:
        self.names = Namesakes()
        self._bodies: dict[str, int | None] = {}

    def body(self, address: str) -> Organisation | None:
        """The one body that the domain speaks of. A domain that several share says nothing sure."""
        domain = address.rpartition("@")[2]
        if domain not in self._bodies:
            found = organisation_queries.by_domain(address)
            bodies = {organisation_queries.path_ids(one.path)[0] for one in found}
            self._bodies[domain] = bodies.pop() if len(bodies) == 1 else None
        known = self._bodies[domain]
        return db.session.get_one(Organisation, known) if known is not None else None


def _made(told: Told, body: Organisation, now: datetime, read: "Read") -> Person | None:
    """A new person at the body, from the address alone if need be (S20). None when there is
    somebody there who may be the same: the queue proposes them."""
    assert told.email is not None  # noqa: S101  # see `_interest`
    if told.email.role:
        return None
    first, last = split_name(told.name)
    if not first:
        spelt = name_in(told.email.address)
        first, last = (spelt.first_name, spelt.last_name) if spelt else ("", "")
    if first and read.names.is_there(f"{first} {last}", body.id):
        return None
    read.names.add(f"{first} {last}", body.id)
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
    """The rows of a table, all or none. What is known at a body is read once for all of them."""
    read = Read()
    taken = [take(source, told, now=now, read=read) for told in rows]
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
    proposal = queries.proposal_for(case, clock.local(now).date())
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
    """A pilot in one unit of the case's body.

    Raises RuleBroken also when it would run already, with personal data and nothing done about the
    PUB-avtal (R9).
    """
    _may_run(case, starts_on, clock.local(now).date())
    if organisation.body_id != case.body_id:
        raise RuleBroken(_("Choose a unit of the body that the case is about."))
    pilot = Pilot(case_id=case.id, organisation_id=organisation.id, created_at=now)
    _set_pilot(pilot, starts_on, ends_on, evaluates, questions)
    db.session.add(pilot)
    db.session.flush()
    reindex([pilot.id])
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
    pilot: Pilot,
    *,
    starts_on: date,
    ends_on: date,
    evaluates: str,
    questions: str,
    today: date,
) -> None:
    """Put right what was agreed. Raises RuleBroken as `plan_pilot` does, where the day is moved."""
    if starts_on != pilot.starts_on:
        _may_run(db.session.get_one(Case, pilot.case_id), starts_on, today)
    _set_pilot(pilot, starts_on, ends_on, evaluates, questions)
    db.session.flush()
    reindex([pilot.id])
    _plan_anew(pilot)


def reindex(ids: Collection[int]) -> None:
    """Put these pilots into the search index anew: by what they are to find out."""
    search.put_many(
        search.Doc(
            kind="pilot",
            ref_id=one.id,
            title=one.evaluates,
            subtitle=one.organisation.title,
            path=one.organisation.path,
            organisation_id=one.organisation_id,
            body_id=one.organisation.body_id,
            extra="pilot",
        )
        for one in queries.to_index(ids)
    )


def _may_run(case: Case, starts_on: date, today: date) -> None:
    if starts_on <= today and is_without_agreement(case.handles_personal_data, case.pub_status):
        raise RuleBroken(
            _(
                "A pilot with personal data does not run before something is done about the "
                "PUB-avtal. Choose a later first day, or note in the case where the agreement "
                "stands."
            )
        )


def evaluate_pilot(pilot: Pilot, result: str, *, on: date, by: User | None, now: datetime) -> None:
    """What the unit found out. The reminder to ask for it is answered with that (R9)."""
    result = result.strip()
    if not result:
        raise RuleBroken(_("Write what the unit found out."))
    if pilot.called_off_on is not None:
        raise RuleBroken(_("The pilot was called off. Take it up again first."))
    is_first = pilot.evaluated_on is None
    if is_first and on < pilot.starts_on:
        raise RuleBroken(
            _(
                "The pilot begins on %(day)s: it is evaluated after that.",
                day=filters.day(pilot.starts_on),
            )
        )
    pilot.result, pilot.evaluated_on = result, pilot.evaluated_on or on
    db.session.flush()
    if is_first:
        _tell_pilot(pilot, "pilot_evaluated", result, by=by, now=now)
    _plan_anew(pilot)


def call_off_pilot(pilot: Pilot, why: str, *, on: date, by: User | None, now: datetime) -> None:
    """It does not come to be, or was broken off with nothing found out. It reminds of nothing more
    and speaks for no stage; `take_up_pilot` undoes it."""
    if pilot.evaluated_on is not None:
        raise RuleBroken(_("The pilot has been evaluated: it is not called off after that."))
    if pilot.called_off_on is not None:
        return
    pilot.called_off_on, pilot.called_off_why = on, " ".join(why.split())
    db.session.flush()
    _tell_pilot(pilot, "pilot_called_off", pilot.called_off_why, by=by, now=now)
    _plan_anew(pilot)


def take_up_pilot(pilot: Pilot, *, by: User | None, now: datetime) -> None:
    """It is on after all, with the days it had."""
    if pilot.called_off_on is None:
        return
    pilot.called_off_on, pilot.called_off_why = None, ""
    db.session.flush()
    _tell_pilot(pilot, "pilot_taken_up", pilot.evaluates, by=by, now=now)
    _plan_anew(pilot)


def _tell_pilot(pilot: Pilot, event: str, text: str, *, by: User | None, now: datetime) -> None:
    record(
        ActivityKind.CASE,
        db.session.get_one(Organisation, pilot.organisation_id),
        now=now,
        by=by,
        text=text,
        case_id=pilot.case_id,
        event=event,
    )


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
