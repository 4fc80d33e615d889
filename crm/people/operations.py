"""What can be done to people and their posts. One verb each.

People lie below cases and activities and have never heard of them. Whoever wants to know that
somebody came or left says so with `when_arrived` and `when_left`, and is told in the same
transaction.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.audit.operations import note_distinct
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import DomainPattern, Organisation
from crm.organisations.operations import learn_domain, normalised
from crm.people.index import put_people
from crm.people.models import AccountRole, Person, Post
from crm.people.queries import Likely
from crm.rules.contact import normalise_email, normalise_phone
from crm.rules.functions import Function
from crm.rules.names import display_name
from crm.rules.stages import CaseRole
from crm.rules.words import swedish_sort_key

# --- Who wants to know ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody has left an organisation. `new_organisation` is where to, when it is known.

    `left_body` is true when no other post goes on at the same body and the new one is at another:
    only then are roles there without anybody.
    """

    person: Person
    organisation: Organisation
    title: str
    on: date
    new_organisation: Organisation | None
    left_body: bool
    by: User | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """Somebody has begun at an organisation. `old_organisation` is where from.

    `roles` are those the person held before and left with the old place.
    """

    person: Person
    organisation: Organisation
    title: str
    on: date | None
    old_organisation: Organisation | None
    roles: frozenset[CaseRole]
    by: User | None
    now: datetime

    @property
    def is_known_champion(self) -> bool:
        """A champion who has moved here in one action."""
        return CaseRole.CHAMPION in self.roles


TellLeft = Callable[[Left], Iterable[CaseRole]]
TellArrived = Callable[[Arrived], None]
_left: list[TellLeft] = []
_arrived: list[TellArrived] = []


def when_left(listener: TellLeft) -> TellLeft:
    """Be told of everybody who leaves. The listener returns the roles that ended with it."""
    _left.append(listener)
    return listener


def when_arrived(listener: TellArrived) -> TellArrived:
    """Be told of everybody who begins somewhere."""
    _arrived.append(listener)
    return listener


# --- People -----------------------------------------------------------------------------------


def add_person(
    *,
    first_name: str,
    last_name: str,
    organisation: Organisation | None,
    title: str = "",
    email: str = "",
    phone: str = "",
    note: str = "",
    source: str,
    started_on: date | None = None,
    fictional: bool = False,
    despite: Sequence[Likely] = (),
    by: User | None,
    today: date,
    now: datetime,
) -> Person:
    """Add a person, with a post at `organisation` if there is one.

    `despite` are the likely duplicates that somebody looked at and found to be others: the choice
    is written into the history (A8). An address typed by a person teaches its domain (A3).
    """
    first, last = _named(first_name, last_name)
    person = Person(
        first_name=first,
        last_name=last,
        name_sort=_sort_key(first, last),
        email=_email(email),
        phone=_phone(phone),
        note=note,
        source=source[:200],
        legal_basis="legitimate_interest",
        fictional=fictional,
        created_at=now,
    )
    db.session.add(person)
    db.session.flush()
    note_distinct(
        "person",
        person.id,
        [
            {"person": one.id, "reasons": [reason.value for reason in one.reasons]}
            for one in despite
        ],
        by_id=by.id if by else None,
        now=now,
    )
    if organisation is not None:
        _start(person, organisation, title, started_on, by=by, now=now)
    put_people([person.id])
    return person


def edit_person(
    person: Person,
    *,
    by: User | None,
    now: datetime,
    first_name: str | None = None,
    last_name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    note: str | None = None,
    source: str | None = None,
    legal_basis: str | None = None,
    noticed_on: date | None = None,
    objected_on: date | None = None,
    keep_rights: bool = True,
) -> None:
    """Change facts; what is None is left alone.

    The notice and objection dates (K7) may also be emptied: they are taken as given unless
    `keep_rights`.
    """
    if first_name is not None or last_name is not None:
        first, last = _named(
            person.first_name if first_name is None else first_name,
            person.last_name if last_name is None else last_name,
        )
        person.first_name, person.last_name = first, last
        person.name_sort = _sort_key(first, last)
    if email is not None:
        person.email = _email(email)
    if phone is not None:
        person.phone = _phone(phone)
    if note is not None:
        person.note = note
    if source is not None:
        person.source = source[:200]
    if legal_basis is not None:
        person.legal_basis = legal_basis[:60]
    if not keep_rights:
        objected_before = person.objected_on
        person.noticed_on, person.objected_on = noticed_on, objected_on
        if objected_before != objected_on:
            _replan(person, "objection")
    db.session.flush()
    put_people([person.id])


def _replan(person: Person, why: str) -> None:
    """Whoever may no longer be contacted, or may again, changes the plan of the body."""
    bodies = db.session.scalars(
        sa.select(Organisation.body_id)
        .join(Post, Post.organisation_id == Organisation.id)
        .where(Post.person_id == person.id, Post.ended_on.is_(None))
        .distinct()
    )
    for body_id in bodies:
        if body_id is not None:
            needs_planning(body_id, why)


# --- Posts ------------------------------------------------------------------------------------


def add_post(
    person: Person,
    organisation: Organisation,
    *,
    title: str = "",
    started_on: date | None = None,
    by: User | None,
    today: date,
    now: datetime,
) -> Post:
    """One more post beside those the person has (A6)."""
    post = _start(person, organisation, title, started_on, by=by, now=now)
    put_people([person.id])
    return post


def _start(
    person: Person,
    organisation: Organisation,
    title: str,
    started_on: date | None,
    *,
    by: User | None,
    now: datetime,
    old_organisation: Organisation | None = None,
    roles: frozenset[CaseRole] = frozenset(),
) -> Post:
    if organisation.closed_on is not None:
        raise RuleBroken(
            _("%(name)s is closed. Choose what took its place.", name=organisation.title)
        )
    post = Post(
        person_id=person.id,
        organisation_id=organisation.id,
        title=title[:120],
        started_on=started_on,
    )
    with refusing_doubles(
        _(
            "%(person)s already has that post at %(organisation)s.",
            person=person.name,
            organisation=organisation.title,
        ),
        "uq_post_open",
    ):
        db.session.add(post)
    if by is not None and person.email:
        learn_domain(person.email, organisation)
    for tell in _arrived:
        tell(
            Arrived(
                person,
                organisation,
                title,
                started_on,
                old_organisation,
                roles,
                by,
                now,
            )
        )
    if organisation.body_id is not None:
        needs_planning(organisation.body_id, "post_started")
    return post


def end_post(
    post: Post, *, on: date, by: User | None, today: date, now: datetime
) -> frozenset[CaseRole]:
    """The person has left this post. It stays in the history; returns the roles that ended.

    A last day that is still to come is kept, and the post goes on until it has passed.
    """
    if on > today:
        _require_going_on(post, on)
        post.leaving_on = on
        db.session.flush()
        return frozenset()
    person = db.session.get_one(Person, post.person_id)
    roles = _end(post, person, on, None, by=by, now=now)
    put_people([person.id])
    return roles


def _end(
    post: Post,
    person: Person,
    on: date,
    new_organisation: Organisation | None,
    *,
    by: User | None,
    now: datetime,
) -> frozenset[CaseRole]:
    _require_going_on(post, on)
    organisation = db.session.get_one(Organisation, post.organisation_id)
    post.ended_on, post.leaving_on = on, None
    db.session.flush()
    stays = new_organisation is not None and new_organisation.body_id == organisation.body_id
    left_body = not stays and not _still_at(person, organisation)
    roles = set(_end_account_roles(person, organisation, on, left_body))
    told = Left(person, organisation, post.title, on, new_organisation, left_body, by, now)
    for tell in _left:
        roles.update(tell(told))
    if organisation.body_id is not None:
        needs_planning(organisation.body_id, "post_ended")
    return frozenset(roles)


def _require_going_on(post: Post, on: date) -> None:
    if post.ended_on is not None:
        raise RuleBroken(_("That post has ended already."))
    if post.started_on is not None and on < post.started_on:
        raise RuleBroken(_("A post cannot end before it began."))


def _still_at(person: Person, organisation: Organisation) -> bool:
    """Another post of the person goes on at the same body."""
    other = db.session.scalar(
        sa.select(Post.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(
            Post.person_id == person.id,
            Post.ended_on.is_(None),
            Organisation.body_id == organisation.body_id,
        )
        .limit(1)
    )
    return other is not None


def _end_account_roles(
    person: Person, organisation: Organisation, on: date, left_body: bool
) -> list[CaseRole]:
    """Roles held at the place that was left; at the whole body when nothing there goes on."""
    place = (
        Organisation.body_id == organisation.body_id
        if left_body
        else Organisation.id == organisation.id
    )
    held = db.session.scalars(
        sa.select(AccountRole)
        .join(Organisation, Organisation.id == AccountRole.organisation_id)
        .where(AccountRole.person_id == person.id, AccountRole.ended_on.is_(None), place)
    ).all()
    for role in held:
        role.ended_on = max(on, role.started_on)
    return [role.role for role in held]


def edit_post(
    post: Post,
    *,
    title: str,
    function: Function | None,
    started_on: date | None,
    ended_on: date | None,
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """Put right what was written about a post. To say that somebody left, use `end_post`.

    `function` is what they stand for at the buyer where the title misleads; None: by the title.
    """
    if started_on and ended_on and ended_on < started_on:
        raise RuleBroken(_("A post cannot end before it began."))
    with refusing_doubles(_("There is such a post there already."), "uq_post_open"):
        post.title, post.function, post.started_on = title[:120], function, started_on
        still = ended_on is not None and ended_on > today
        post.ended_on, post.leaving_on = (None, ended_on) if still else (ended_on, None)
    put_people([post.person_id])


def narrow_post(person: Person, organisation: Organisation) -> None:
    """The post was known by its body alone, and this is the unit. Nothing happens where more is
    known of it: a title, a first day, or a second post."""
    posts = list(
        db.session.scalars(
            sa.select(Post).where(Post.person_id == person.id, Post.ended_on.is_(None)).limit(2)
        )
    )
    if len(posts) != 1 or organisation.id == organisation.body_id:
        return
    post = posts[0]
    if post.organisation_id == organisation.body_id and not post.title and post.started_on is None:
        post.organisation_id = organisation.id
        db.session.flush()
        put_people([person.id])


def move_person(
    person: Person,
    new_organisation: Organisation,
    title: str,
    on: date,
    *,
    leaving: Sequence[Post] | None = None,
    email: str | None = None,
    phone: str | None = None,
    by: User | None,
    today: date,
    now: datetime,
) -> Post:
    """The person has a new employer: one action (A7).

    Ends the posts in `leaving` (default: all that go on) and starts one at `new_organisation`.
    What happened before stays with the old account. Within one body the roles go along: those in
    cases stay, and those at a unit that is left are held at the new one. An address or number that
    is not given again is dropped when it was the old employer's.
    """
    if on > today:
        raise RuleBroken(
            _(
                "That day is still to come. Until then, give the present post its last day, and "
                "add the new one with its first."
            )
        )
    if leaving is None:
        leaving = db.session.scalars(
            sa.select(Post).where(Post.person_id == person.id, Post.ended_on.is_(None))
        ).all()
    if any(post.organisation_id == new_organisation.id for post in leaving):
        raise RuleBroken(
            _(
                "%(person)s is there already. Edit the post to give it another title.",
                person=person.name,
            )
        )
    roles: set[CaseRole] = set()
    along: set[CaseRole] = set()
    old: Organisation | None = None
    for post in leaving:
        left = db.session.get_one(Organisation, post.organisation_id)
        ended = _end(post, person, on, new_organisation, by=by, now=now)
        (along if left.body_id == new_organisation.body_id else roles).update(ended)
        old = old or left
    if email:
        person.email = _email(email)
    elif _goes_with_the_post(person, old, new_organisation):
        person.email = ""
    if phone is not None:
        person.phone = _phone(phone)
    db.session.flush()
    post = _start(
        person,
        new_organisation,
        title,
        on,
        by=by,
        now=now,
        old_organisation=old,
        roles=frozenset(roles),
    )
    for role in sorted(along):
        give_role(person, new_organisation, role, by=by, today=on, now=now)
    put_people([person.id])
    return post


def _goes_with_the_post(person: Person, old: Organisation | None, new: Organisation) -> bool:
    """The address belongs to an employer that is left behind."""
    if not person.email or old is None or old.body_id == new.body_id:
        return False
    return _is_address_of(person.email, old)


def _is_address_of(email: str, organisation: Organisation) -> bool:
    """The address is at a domain of the organisation's body."""
    domain = email.rpartition("@")[2]
    body = db.session.get_one(Organisation, organisation.body_id)
    own = {body.email_domain, body.web_domain} - {""}
    if any(domain == one or domain.endswith(f".{one}") for one in own):
        return True
    learnt = db.session.scalar(
        sa.select(DomainPattern.id)
        .join(Organisation, Organisation.id == DomainPattern.organisation_id)
        .where(DomainPattern.domain == domain, Organisation.body_id == organisation.body_id)
        .limit(1)
    )
    return learnt is not None


# --- Roles at an account ----------------------------------------------------------------------


def give_role(
    person: Person,
    organisation: Organisation,
    role: CaseRole,
    *,
    by: User | None,
    today: date,
    now: datetime,
) -> AccountRole:
    """A role at the account whatever the case: champion, IT, budget owner… (C1)."""
    held = db.session.scalar(
        sa.select(AccountRole).where(
            AccountRole.person_id == person.id,
            AccountRole.organisation_id == organisation.id,
            AccountRole.role == role,
            AccountRole.ended_on.is_(None),
        )
    )
    if held is not None:
        return held
    given = AccountRole(
        person_id=person.id, organisation_id=organisation.id, role=role, started_on=today
    )
    db.session.add(given)
    db.session.flush()
    return given


def end_role(held: AccountRole, *, by: User | None, today: date, now: datetime) -> None:
    """The person no longer holds the role; the row stays with its last day."""
    if held.ended_on is None:
        held.ended_on = max(today, held.started_on)
        db.session.flush()


# --- Parts ------------------------------------------------------------------------------------


def _named(first_name: str, last_name: str) -> tuple[str, str]:
    """Tidy names; one of the two is enough (B3)."""
    first, last = display_name(first_name)[:100], display_name(last_name)[:100]
    if not first and not last:
        raise RuleBroken(_("Write at least a first name or a surname."))
    return first, last


def _sort_key(first: str, last: str) -> str:
    """Surname first, as lists of people are read."""
    return swedish_sort_key(f"{last} {first}".strip())


def _email(text: str) -> str:
    return normalised(text, lambda value: normalise_email(value).address)


def _phone(text: str) -> str:
    return normalised(text, normalise_phone)[:20]
