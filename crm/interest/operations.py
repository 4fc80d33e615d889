"""Log an inquiry, place it, answer it, let it go, take it back; and keep the lists behind it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.activities import operations as activities
from crm.activities.models import Activity, ActivityKind
from crm.core import clock
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.interest import queries
from crm.interest.models import Inquiry, KeptWords, Sorting, Source, SourceKind
from crm.interest.who import Who
from crm.organisations import operations as organisations
from crm.organisations import queries as organisation_queries
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people import queries as people_queries
from crm.people.models import Person, Post
from crm.rules.contact import Unreadable, normalise_email, normalise_phone
from crm.rules.habits import SPOKEN_CHANNELS
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.words import fold
from crm.search import operations as search

UNDO_WITHIN = timedelta(minutes=10)
AT_A_TIME = 500  # inquiries in memory, where there may be tens of thousands

# Where naming the body alone leaves the question "which unit?" open.
_HAS_UNITS = frozenset({OrganisationKind.MUNICIPALITY, OrganisationKind.REGION})


# --- Logging -------------------------------------------------------------------------------------


def log(
    *,
    summary: str,
    channel: Source | str,
    trigger: Source | str | None = None,
    organisation: Organisation | None = None,
    person: Person | None = None,
    caller: str = "",
    email: str = "",
    phone: str = "",
    told_by: Person | None = None,
    typed: str = "",
    owner: User | None = None,
    answered: bool | None = None,
    received_at: datetime | None = None,
    by: User | None,
    now: datetime,
    **noted: Any,
) -> Inquiry:
    """Keep one inbound contact. A name or an address is enough; what is missing is sorted later.

    `channel` and `trigger` may be given by key. `answered` None: so when it was spoken and one of
    us wrote it down. `owner` None: who logged it, else who owns the account. `noted` goes into the
    line of the story (what was made along with it).
    """
    summary = summary.strip()
    if not summary:
        raise RuleBroken(_("Write one line about what it was."))
    email, phone = _email(email), _phone(phone)
    if not (organisation or person or caller.strip() or typed.strip() or email or phone):
        raise RuleBroken(_("Write who it was: a name, an e-mail address or a municipality."))
    if person is not None and told_by is not None and person.id == told_by.id:
        raise RuleBroken(_("The caller cannot also be the one who told them about us."))
    channel = _source(channel, SourceKind.CHANNEL)
    if answered is None:
        answered = by is not None and channel.key in SPOKEN_CHANNELS
    received_at = received_at or now
    inquiry = Inquiry(
        received_at=received_at,
        summary=summary,
        typed=typed.strip()[:300],
        caller=caller.strip()[:200],
        email=email,
        phone=phone,
        channel_id=channel.id,
        trigger_id=_source(trigger, SourceKind.TRIGGER).id if trigger else None,
        told_by_id=told_by.id if told_by else None,
        owner_id=_owner_id(owner, by, organisation),
        created_by_id=by.id if by else None,
        answered_at=received_at if answered else None,
        answered_by_id=by.id if answered and by else None,
    )
    _place(inquiry, organisation, person)
    inquiry.sorting = _first_sorting(organisation, person, received_at)
    db.session.add(inquiry)
    db.session.flush()
    if organisation is not None:
        _tell(inquiry, organisation, by=by, at=received_at, **noted)
        _learn(inquiry, organisation, person, now)
    _index(inquiry, organisation)
    return inquiry


@dataclass(frozen=True, slots=True)
class Logged:
    """What one quick log made."""

    inquiry: Inquiry
    unit: Organisation | None
    person: Person | None


def log_call(
    who: Who,
    *,
    typed: str,
    summary: str,
    channel: Source,
    trigger: Source | None = None,
    email: str = "",
    phone: str = "",
    told_by: Person | None = None,
    answered: bool | None = None,
    title: str = "",
    by: User,
    now: datetime,
) -> Logged:
    """The quick log in one transaction: the unit and the person if they are new, and the inquiry.

    `typed` is kept as it is. Likely duplicates of a new person are noted, never in the way (A8).
    """
    organisation, person = load(who)
    unit = made = None
    if who.makes_unit:
        unit = organisation = _new_unit(who, organisation, by=by, now=now)
    if who.makes_person and organisation is not None:
        made = person = _new_person(
            who, organisation, title=title, email=email, phone=phone, by=by, now=now
        )
    inquiry = log(
        summary=summary,
        channel=channel,
        trigger=trigger,
        organisation=organisation,
        person=person,
        caller=_caller(who, person, typed),
        email=email,
        phone=phone,
        told_by=told_by,
        typed=typed,
        answered=answered,
        by=by,
        now=now,
        made_unit=[unit.id, unit.version] if unit else None,
        made_person=[made.id, made.version] if made else None,
    )
    return Logged(inquiry, unit, made)


def load(who: Who) -> tuple[Organisation | None, Person | None]:
    """The rows a choice names. Raises RuleBroken when one has gone in the meantime."""
    organisation = (
        db.session.get(Organisation, who.organisation_id) if who.organisation_id else None
    )
    person = db.session.get(Person, who.person_id) if who.person_id else None
    if (who.organisation_id and organisation is None) or (who.person_id and person is None):
        raise RuleBroken(_("What you chose is no longer there. Choose again; your text is kept."))
    if organisation is not None and organisation.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed. Choose another.", name=organisation.title))
    return organisation, person


def _new_unit(
    who: Who, parent: Organisation | None, *, by: User | None, now: datetime
) -> Organisation:
    """Made although there may be look-alikes: they have been shown, and the choice is noted."""
    if parent is None:
        raise RuleBroken(_("Choose which municipality or other body the new unit belongs to."))
    if parent.kind is OrganisationKind.UNIT and parent.parent_id is not None:
        # Somebody picked a school and wrote a new school's name: it stands beside, not within.
        parent = db.session.get_one(Organisation, parent.parent_id)
    return organisations.add_unit(
        parent,
        name=who.unit_name,
        kind=OrganisationKind.UNIT,
        unit_kind=who.unit_kind or UnitKind.OTHER,
        despite=organisation_queries.likely_duplicates(name=who.unit_name, body_id=parent.body_id),
        by=by,
        now=now,
    )


def _new_person(
    who: Who,
    organisation: Organisation,
    *,
    title: str = "",
    email: str,
    phone: str,
    by: User | None,
    now: datetime,
) -> Person:
    """As a new unit: made although there may be look-alikes."""
    email, phone = _email(email), _phone(phone)
    alike = people_queries.likely_duplicates(
        first_name=who.first_name,
        last_name=who.last_name,
        email=email,
        phone=phone,
        organisation=organisation,
    )
    return people.add_person(
        first_name=who.first_name,
        last_name=who.last_name,
        email=email,
        phone=phone,
        organisation=organisation,
        title=title,
        source=_("Got in touch with us"),
        despite=alike,
        by=by,
        today=clock.local(now).date(),
        now=now,
    )


def _caller(who: Who, person: Person | None, typed: str) -> str:
    """The name as we have it; the whole line when nothing of it was recognised."""
    if person is not None:
        return person.name
    named = f"{who.first_name} {who.last_name}".strip()
    return named or ("" if who.organisation_id else typed)


def undo(inquiry: Inquiry, *, by: User, now: datetime) -> KeptWords:
    """Take back what was just logged, and what it made, as far as nobody has used it since.

    Returns the words, to be logged again.
    """
    if inquiry.created_by_id != by.id:
        raise RuleBroken(_("Only the one who logged it can take it back."))
    if now - inquiry.received_at > UNDO_WITHIN:
        raise RuleBroken(_("More than ten minutes have passed. Let it go instead, with a reason."))
    if inquiry.version != 1:
        raise RuleBroken(_("It has been worked on since. Let it go instead, with a reason."))
    lines = list(db.session.scalars(sa.select(Activity).where(Activity.inquiry_id == inquiry.id)))
    told_by = db.session.get(Person, inquiry.told_by_id) if inquiry.told_by_id else None
    words = {
        "who_text": inquiry.typed,
        "summary": inquiry.summary,
        "channel": inquiry.channel_id,
        "trigger": inquiry.trigger_id,
        "told_by": Who(person_id=inquiry.told_by_id).encode(),
        "told_by_text": told_by.name if told_by else "",
        "email": inquiry.email,
        "phone": inquiry.phone,
        "owes_answer": inquiry.answered_at is None,
    }
    made = next((line.data for line in lines if line.data.get("event") == "inquiry_logged"), {})
    if not _removed([*lines, inquiry]):
        raise RuleBroken(_("It has been used in a case since, so it stays."))
    search.drop("inquiry", inquiry.id)
    if made.get("made_person"):
        _remove_person(*made["made_person"])
    if made.get("made_unit"):
        _remove_unit(*made["made_unit"])
    return keep_words(words, by=by, now=now)


def keep_words(words: Mapping[str, Any], *, by: User, now: datetime) -> KeptWords:
    """Keep what stands in a quick log, so that a page of its own can show it again."""
    kept = KeptWords(user_id=by.id, at=now, words=dict(words))
    db.session.add(kept)
    db.session.flush()
    return kept


def forget_kept_words(now: datetime) -> int:
    """Nobody logs yesterday's words again, and they are personal data. Returns how many."""
    result = db.session.execute(sa.delete(KeptWords).where(KeptWords.at < now - timedelta(days=1)))
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result


def _removed(things: list[Any]) -> bool:
    """Delete them together, unless a row elsewhere points at one: the database knows them all."""
    try:
        with db.session.begin_nested():
            for thing in things:
                db.session.delete(thing)
                db.session.flush()
    except IntegrityError:
        return False
    return True


def _remove_person(person_id: int, version: int) -> None:
    person = db.session.get(Person, person_id)
    if person is None or person.version != version:
        return
    posts = list(db.session.scalars(sa.select(Post).where(Post.person_id == person_id)))
    lines = list(db.session.scalars(sa.select(Activity).where(Activity.person_id == person_id)))
    untold = all(line.kind is ActivityKind.POST for line in lines)
    if untold and len(posts) <= 1 and _removed([*lines, *posts, person]):
        search.drop("person", person_id)


def _remove_unit(unit_id: int, version: int) -> None:
    unit = db.session.get(Organisation, unit_id)
    if unit is not None and unit.version == version and _removed([unit]):
        search.drop("unit", unit_id)


# --- Sorting -------------------------------------------------------------------------------------


def sort(
    inquiry: Inquiry,
    *,
    organisation: Organisation | None,
    person: Person | None = None,
    by: User | None,
    now: datetime,
) -> Inquiry:
    """Say where it belongs. Who sorts decides: the body alone, or nobody by name, is fine."""
    if organisation is None and person is None:
        raise RuleBroken(_("Choose a municipality, a unit or a person."))
    if organisation is not None and person is not None and _came_along(inquiry, person):
        people.narrow_post(person, organisation)
    _place(inquiry, organisation, person)
    inquiry.sorting = Sorting.SORTED
    inquiry.let_go_reason = ""
    db.session.flush()
    if organisation is not None:
        _tell(inquiry, organisation, by=by, at=inquiry.received_at)
        _learn(inquiry, organisation, person, now)
    _index(inquiry, organisation)
    return inquiry


def _came_along(inquiry: Inquiry, person: Person) -> bool:
    """Whether the person was added by the program along with the inquiry, at the body alone."""
    return (
        inquiry.created_by_id is None
        and inquiry.person_id == person.id
        and person.created_at == inquiry.received_at
    )


def sort_as(inquiry: Inquiry, who: Who, *, by: User, now: datetime) -> Inquiry:
    """Sort by a choice of the picker, making the unit and the person it speaks of."""
    organisation, person = load(who)
    if who.makes_unit:
        organisation = _new_unit(who, organisation, by=by, now=now)
    if who.makes_person:
        if organisation is None:
            raise RuleBroken(_("Choose where the new person works."))
        person = _new_person(
            who, organisation, email=inquiry.email, phone=inquiry.phone, by=by, now=now
        )
    return sort(inquiry, organisation=organisation, person=person, by=by, now=now)


def edit(
    inquiry: Inquiry,
    *,
    summary: str,
    channel: Source,
    trigger: Source | None,
    caller: str,
    email: str,
    phone: str,
    told_by: Person | None,
    by: User | None,
) -> Inquiry:
    """Put right what was written. What was typed in the one line stays as it was."""
    if not summary.strip():
        raise RuleBroken(_("Write one line about what it was."))
    inquiry.summary = summary.strip()
    inquiry.channel_id = _source(channel, SourceKind.CHANNEL).id
    inquiry.trigger_id = _source(trigger, SourceKind.TRIGGER).id if trigger else None
    inquiry.caller, inquiry.email, inquiry.phone = caller.strip(), _email(email), _phone(phone)
    inquiry.told_by_id = told_by.id if told_by else None
    db.session.flush()
    _index(inquiry, _organisation_of(inquiry))
    return inquiry


def assign(inquiry: Inquiry, owner: User | None, *, by: User | None) -> Inquiry:
    """Make it somebody's to look after."""
    if owner is not None and not owner.active:
        raise RuleBroken(_("%(name)s no longer works here. Choose somebody else.", name=owner.name))
    inquiry.owner_id = owner.id if owner else None
    db.session.flush()
    return inquiry


def let_go(inquiry: Inquiry, reason: str, *, by: User | None, now: datetime) -> Inquiry:
    """Not for us: it leaves every queue and stays findable, with the reason."""
    if not reason.strip():
        raise RuleBroken(_("Write why, in a word or two."))
    inquiry.sorting = Sorting.LET_GO
    inquiry.let_go_reason = reason.strip()[:200]
    db.session.flush()
    return inquiry


def take_up(inquiry: Inquiry, *, by: User | None, now: datetime) -> Inquiry:
    """Back among those to sort, with what is known of it: undoes letting go and sorting."""
    inquiry.let_go_reason = ""
    inquiry.sorting = Sorting.TO_SORT
    db.session.flush()
    return inquiry


def answer(
    inquiry: Inquiry,
    *,
    kind: ActivityKind = ActivityKind.MAIL,
    text: str = "",
    by: User | None,
    now: datetime,
) -> Inquiry:
    """They have had an answer. The first one stops the clock; later ones are lines in the story."""
    if kind not in (ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.MEETING):
        raise RuleBroken(_("Choose how you answered."))
    if inquiry.answered_at is None:
        inquiry.answered_at = now
        inquiry.answered_by_id = by.id if by else None
    db.session.flush()
    if inquiry.organisation_id is not None:
        activities.record(
            kind,
            db.session.get_one(Organisation, inquiry.organisation_id),
            now=now,
            by=by,
            text=text.strip() or inquiry.summary,
            person_id=inquiry.person_id,
            inquiry_id=inquiry.id,
            event="inquiry_answered",
        )
        db.session.flush()
    return inquiry


def _place(inquiry: Inquiry, organisation: Organisation | None, person: Person | None) -> None:
    inquiry.organisation_id = organisation.id if organisation else None
    inquiry.body_id = organisation.body_id if organisation else None
    inquiry.person_id = person.id if person else None
    if person is not None and not inquiry.caller:
        inquiry.caller = person.name


def _first_sorting(
    organisation: Organisation | None, person: Person | None, received_at: datetime
) -> Sorting:
    """A known person is placed where they work; else the body alone leaves the unit open."""
    if organisation is None or person is None:
        return Sorting.TO_SORT
    known = person.created_at < received_at
    if organisation.kind in _HAS_UNITS and not known:
        return Sorting.TO_SORT
    return Sorting.SORTED


def _tell(
    inquiry: Inquiry, organisation: Organisation, *, by: User | None, at: datetime, **noted: Any
) -> None:
    """One line in the account's story, which moves along when the inquiry is placed elsewhere."""
    line = db.session.scalar(
        sa.select(Activity).where(
            Activity.inquiry_id == inquiry.id, Activity.kind == ActivityKind.INQUIRY
        )
    )
    if line is None:
        activities.record(
            ActivityKind.INQUIRY,
            organisation,
            now=at,
            by=by,
            text=inquiry.summary,
            person_id=inquiry.person_id,
            inquiry_id=inquiry.id,
            event="inquiry_logged",
            channel=inquiry.channel_id,
            **{key: value for key, value in noted.items() if value},
        )
    else:
        line.organisation_id, line.body_id = (
            organisation.id,
            organisation.body_id or organisation.id,
        )
        line.person_id = inquiry.person_id
    db.session.flush()


def _learn(
    inquiry: Inquiry, organisation: Organisation, person: Person | None, now: datetime
) -> None:
    """A confirmed match teaches which domain people there write from (A3, A4).

    Whoever was added along with it has taught it already.
    """
    if not inquiry.email or (person is not None and person.created_at == now):
        return
    email = normalise_email(inquiry.email)
    if not email.public:
        organisations.learn_domain(email.domain, organisation)


def _organisation_of(inquiry: Inquiry) -> Organisation | None:
    if inquiry.organisation_id is None:
        return None
    return db.session.get_one(Organisation, inquiry.organisation_id)


def _index(inquiry: Inquiry, organisation: Organisation | None) -> None:
    """Found by what was said, who it was and how it was typed."""
    search.put(_doc(inquiry, organisation))


def reindex(ids: Collection[int]) -> None:
    """Put these into the search index anew: where they are has another name or place."""
    rows = sa.select(Inquiry).where(Inquiry.id.in_(ids)).options(joinedload(Inquiry.organisation))
    search.put_many([_doc(one, one.organisation) for one in db.session.scalars(rows)])


def _doc(inquiry: Inquiry, organisation: Organisation | None) -> search.Doc:
    where = organisation.title if organisation else ""
    return search.Doc(
        kind="inquiry",
        ref_id=inquiry.id,
        title=inquiry.summary[:300],
        subtitle=" · ".join(part for part in (inquiry.caller, where) if part),
        path=organisation.path if organisation else "",
        organisation_id=organisation.id if organisation else None,
        body_id=organisation.body_id if organisation else None,
        own=f"{inquiry.caller} {inquiry.typed} {inquiry.email} {inquiry.phone}",
    )


def _owner_id(owner: User | None, by: User | None, organisation: Organisation | None) -> int | None:
    chosen = owner or by
    if chosen is not None:
        return chosen.id
    if organisation is None:
        return None
    above = [organisation, *reversed(organisation_queries.ancestors(organisation))]
    return next((node.owner_id for node in above if node.owner_id), None)


def _email(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return normalise_email(text).address
    except Unreadable as error:
        raise RuleBroken(organisations.unreadable_sentence(error)) from None


def _phone(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return normalise_phone(text)
    except Unreadable as error:
        raise RuleBroken(organisations.unreadable_sentence(error)) from None


# --- The lists of channels and triggers ----------------------------------------------------------

_SEED: dict[SourceKind, tuple[tuple[str, str, str], ...]] = {
    SourceKind.CHANNEL: (
        ("phone", "Telefon", "Phone"),
        ("mail", "E-post", "E-mail"),
        ("web_form", "Webbformulär", "Web form"),
        ("trial", "Provkonto", "Trial sign-up"),
        ("event", "Mässa eller träff", "Event"),
        ("visit", "Besök", "Visit"),
        ("kit", "Ambassadörsunderlag", "Champion kit"),
    ),
    SourceKind.TRIGGER: (
        ("own_need", "Eget behov", "Own need"),
        ("colleague", "Tips från kollega", "Tip from a colleague"),
        ("champion", "Tips från ambassadör", "Champion referral"),
        ("saw_at_event", "Såg oss på en mässa", "Saw us at an event"),
        ("read_about_us", "Läste om oss", "Read about us"),
        ("trial_user", "Har provat själv", "Has tried it"),
    ),
}


def seed_sources() -> int:
    """The lists a new installation begins with. Adds what is missing; returns how many."""
    there = {tuple(row) for row in db.session.execute(sa.select(Source.kind, Source.key))}
    added = [
        Source(kind=kind, key=key, name_sv=name_sv, name_en=name_en, position=place)
        for kind, rows in _SEED.items()
        for place, (key, name_sv, name_en) in enumerate(rows)
        if (kind, key) not in there
    ]
    db.session.add_all(added)
    db.session.flush()
    return len(added)


# The key is made of the name: when two add the same at once, it may be the key that collides first.
_NAMES_OF_SOURCES = ("uq_source_kind_name_sv", "uq_source_kind_name_en", "uq_source_kind_key")


def add_source(kind: SourceKind, *, name_sv: str, name_en: str) -> Source:
    """A new channel or trigger, last in its list."""
    name_sv, name_en = _names(kind, name_sv, name_en)
    last = db.session.scalar(sa.select(sa.func.max(Source.position)).where(Source.kind == kind))
    source = Source(
        kind=kind,
        key=_free_key(kind, name_en),
        name_sv=name_sv,
        name_en=name_en,
        position=0 if last is None else last + 1,
    )
    with refusing_doubles(_already_called(name_sv), *_NAMES_OF_SOURCES):
        db.session.add(source)
    return source


def rename_source(source: Source, *, name_sv: str, name_en: str) -> Source:
    """Another name; everything already counted under it stays counted under it."""
    name_sv, name_en = _names(source.kind, name_sv, name_en, but=source.id)
    with refusing_doubles(_already_called(name_sv), *_NAMES_OF_SOURCES):
        source.name_sv, source.name_en = name_sv, name_en
    return source


def move_source(source: Source, *, up: bool) -> None:
    """One step up or down among those of its kind. At the end of the list nothing happens."""
    row = queries.sources(source.kind, retired=True)
    place = row.index(source)
    other = place - 1 if up else place + 1
    if 0 <= other < len(row):
        row[place], row[other] = row[other], row[place]
    for position, each in enumerate(row):
        each.position = position
    db.session.flush()


def retire_source(source: Source) -> None:
    """No longer offered; what has it keeps it."""
    left = [s for s in queries.sources(source.kind) if s.id != source.id]
    if not left:
        raise RuleBroken(_("The list needs at least one that is in use."))
    source.retired = True
    db.session.flush()


def restore_source(source: Source) -> None:
    """Offer it again."""
    source.retired = False
    db.session.flush()


def merge_source(source: Source, into: Source) -> int:
    """Give all its inquiries to another of the same kind and retire it; returns how many moved."""
    if source.id == into.id or source.kind is not into.kind:
        raise RuleBroken(_("Choose another one of the same list."))
    if into.retired:
        raise RuleBroken(_("Choose one that is in use."))
    column = Inquiry.channel_id if source.kind is SourceKind.CHANNEL else Inquiry.trigger_id
    some, moved = sa.select(Inquiry).where(column == source.id).limit(AT_A_TIME), 0
    while inquiries := db.session.scalars(some).all():
        for inquiry in inquiries:  # one by one, so that each change stands in the history
            setattr(inquiry, column.key, into.id)
        db.session.flush()
        for inquiry in inquiries:
            db.session.expunge(inquiry)
        moved += len(inquiries)
    retire_source(source)
    return moved


def _names(kind: SourceKind, name_sv: str, name_en: str, but: int = 0) -> tuple[str, str]:
    name_sv = name_sv.strip()
    name_en = name_en.strip() or name_sv
    if not name_sv:
        raise RuleBroken(_("Write a name."))
    for other in queries.sources(kind, retired=True):
        if other.id != but and {fold(other.name_sv), fold(other.name_en)} & {
            fold(name_sv),
            fold(name_en),
        }:
            raise RuleBroken(_already_called(other.name_sv))
    return name_sv, name_en


def _already_called(name: str) -> str:
    return _("There is already one called %(name)s.", name=name)


def _free_key(kind: SourceKind, name: str) -> str:
    stem = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")[:30] or "source"
    taken = {source.key for source in queries.sources(kind, retired=True)}
    numbered = (stem if n == 1 else f"{stem}_{n}" for n in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


def _source(source: Source | str, kind: SourceKind) -> Source:
    if isinstance(source, Source):
        if source.kind is not kind:
            raise RuleBroken(_("Choose one from the list."))
        return source
    found = queries.source_by_key(kind, source)
    if found is None:
        raise RuleBroken(_("There is no such choice in the list: %(key)s", key=source))
    return found
