"""What can be done to the tree of organisations. One verb each."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.dialects import postgresql, sqlite

from crm.accounts.models import User
from crm.audit.operations import note_distinct
from crm.core.db import Base, db, dialect_name
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.history import tell
from crm.organisations.index import put_organisations
from crm.organisations.models import Alias, DomainPattern, Organisation, below
from crm.organisations.queries import Likely, domain_of, path_ids
from crm.organisations.register import FIELDS as REGISTER_FIELDS
from crm.organisations.register import Loaded, load_register
from crm.rules.contact import (
    PUBLIC_MAIL_DOMAINS,
    Unreadable,
    normalise_email,
    normalise_org_number,
    normalise_phone,
)
from crm.rules.kinds import BODY_KINDS, OrganisationKind, UnitKind
from crm.rules.names import display_name
from crm.rules.words import guess_unit_kind, swedish_sort_key
from crm.search import operations as search

__all__ = ["Loaded", "load_register"]  # kept in a file of its own, called from here

LONGEST_PATH = 255  # characters, as wide as the column

# --- Who wants to know ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Closed:
    """An organisation has had its last day, with everything below it: `ids` are all of them."""

    organisation: Organisation
    ids: tuple[int, ...]
    on: date
    today: date
    now: datetime


TellClosed = Callable[[Closed], None]
TellOpened = Callable[[Organisation, datetime], None]
SayBeforehand = Callable[[Organisation], list[str]]
_closed: list[TellClosed] = []
_opened: list[TellOpened] = []
_beforehand: list[SayBeforehand] = []


def when_closed(tell: TellClosed) -> TellClosed:
    """Be told of everything that is closed, in the same transaction."""
    _closed.append(tell)
    return tell


def when_opened(tell: TellOpened) -> TellOpened:
    """Be told that it was closed by mistake."""
    _opened.append(tell)
    return tell


def before_closing(say: SayBeforehand) -> SayBeforehand:
    """Say, in sentences, what closing an organisation would mean for what hangs on it."""
    _beforehand.append(say)
    return say


def what_closing_means(organisation: Organisation) -> list[str]:
    """What becomes of everything that hangs on it, said before it is closed."""
    return [sentence for say in _beforehand for sentence in say(organisation)]


# --- Building the tree ------------------------------------------------------------------------


def add_body(
    *,
    name: str,
    kind: OrganisationKind,
    org_number: str = "",
    county_code: str | None = None,
    county_name: str = "",
    source: str = "",
    despite: Sequence[Likely] = (),
    by: User | None,
    now: datetime,
) -> Organisation:
    """Add a legal body that the register lacks: a company, an independent school's principal…

    `despite` are the likely duplicates that somebody looked at and found to be others: the choice
    is written into the history (A8).
    """
    if kind not in BODY_KINDS:
        raise RuleBroken(_("A förvaltning, nämnd or unit is added below the body it belongs to."))
    number = _org_number(org_number)
    taken = number and db.session.scalar(
        sa.select(Organisation).where(Organisation.org_number == number)
    )
    if taken:
        raise RuleBroken(
            _(
                "The organisation number belongs to %(name)s, which is here already.",
                name=taken.title,
            )
        )
    body = Organisation(
        kind=kind,
        name=_name(name),
        name_sort=swedish_sort_key(name),
        org_number=number or None,
        county_code=county_code,
        county_name=county_name,
        source=source,
        depth=0,
        path="",
        local_fields=[],
        created_at=now,
    )
    db.session.add(body)
    db.session.flush()
    _place(body, None)
    _note_choice(body, despite, by, now)
    put_organisations([body.id])
    return body


def _note_choice(
    made: Organisation, despite: Sequence[Likely], by: User | None, now: datetime
) -> None:
    note_distinct(
        "organisation",
        made.id,
        [
            {
                "organisation": one.id,
                "name": one.name,
                "reasons": [reason.value for reason in one.reasons],
            }
            for one in despite
        ],
        by_id=by.id if by else None,
        now=now,
    )


def add_unit(
    parent: Organisation,
    *,
    name: str,
    kind: OrganisationKind,
    unit_kind: UnitKind | None = None,
    by: User | None,
    now: datetime,
    code: str | None = None,
    source: str = "",
    source_date: date | None = None,
    despite: Sequence[Likely] = (),
) -> Organisation:
    """Add a förvaltning, nämnd or unit directly below `parent`.

    A unit's kind is guessed from its name when it is not given ("Nyskolan" → school). `despite`
    are the likely duplicates that somebody found to be others, as in `add_body`.
    """
    if kind in BODY_KINDS:
        raise RuleBroken(_("A legal body stands on its own: it cannot lie below another."))
    if parent.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed. Nothing new can lie below it.", name=parent.title))
    clean = _name(name)
    if kind is OrganisationKind.UNIT:
        unit_kind = unit_kind or guess_unit_kind(clean) or UnitKind.OTHER
    else:
        unit_kind = None
    unit = Organisation(
        kind=kind,
        unit_kind=unit_kind,
        name=clean,
        name_sort=swedish_sort_key(clean),
        parent_id=parent.id,
        county_code=parent.county_code,
        county_name=parent.county_name,
        code=code or None,
        source=source,
        source_date=source_date,
        depth=parent.depth + 1,
        path="",
        local_fields=[],
        created_at=now,
    )
    db.session.add(unit)
    db.session.flush()
    _place(unit, parent)
    _note_choice(unit, despite, by, now)
    put_organisations([unit.id])
    return unit


@dataclass(frozen=True, slots=True)
class NewUnit:
    """One of many units to add at once, directly below `parent_id`."""

    parent_id: int
    body_id: int
    depth: int  # of the unit itself
    name: str
    unit_kind: UnitKind
    code: str | None
    county_code: str | None
    county_name: str


def add_units(
    units: Sequence[NewUnit], *, source: str, source_date: date | None, now: datetime
) -> list[int]:
    """Many units for an import, in a few statements; returns their ids. Call `reindex` after."""
    if not units:
        return []
    table = Organisation.metadata.tables["organisation"]
    db.session.flush()
    connection = db.session.connection()
    empty = dict.fromkeys(
        ("name_full", "name_en", "short_name", "path", "skr_group", "web_domain", "email_domain"),
        "",
    )
    connection.execute(
        sa.insert(table),
        [
            empty
            | {
                "kind": OrganisationKind.UNIT,
                "unit_kind": unit.unit_kind,
                "name": unit.name[:200],
                "name_sort": swedish_sort_key(unit.name),
                "parent_id": unit.parent_id,
                "body_id": unit.body_id,
                "depth": unit.depth,
                "code": unit.code,
                "county_code": unit.county_code,
                "county_name": unit.county_name,
                "phone": "",
                "email": "",
                "note": "",
                "is_region_too": False,
                "source": source,
                "source_date": source_date,
                "local_fields": [],
                "created_at": now,
                "version": 1,
            }
            for unit in units
        ],
    )
    made = connection.execute(
        sa.select(table.c.id, table.c.name, table.c.code, table.c.parent_id)
        .where(table.c.path == "")
        .order_by(table.c.id)
    ).all()
    above = table.alias()
    path_above = sa.select(above.c.path).where(above.c.id == table.c.parent_id)
    connection.execute(
        sa.update(table)
        .where(table.c.path == "")
        .values(
            path=path_above.correlate(table).scalar_subquery()
            + sa.cast(table.c.id, sa.String)
            + sa.literal("/")
        )
    )
    tell(
        (
            (
                row.id,
                "create",
                {
                    "name": [None, row.name],
                    "code": [None, row.code],
                    "parent_id": [None, row.parent_id],
                    "source": [None, source],
                },
            )
            for row in made
        ),
        now,
        "import",
    )
    return [row.id for row in made]


def reindex(ids: Iterable[int]) -> None:
    """Put these into the search index, after an import of many."""
    put_organisations(sorted(set(ids)))


def _place(node: Organisation, parent: Organisation | None) -> None:
    """Give a new node its path and body. Its own id is known only now."""
    path = f"{parent.path if parent else '/'}{node.id}/"
    if len(path) > LONGEST_PATH:
        raise RuleBroken(_("That is deeper than the tree can hold."))
    node.path = path
    node.body_id = parent.body_id if parent else node.id
    db.session.flush()


def move(
    organisation: Organisation, new_parent: Organisation, *, by: User | None, now: datetime
) -> None:
    """Put a node, with everything below it, under another node. Set-based, whatever its size.

    Everything that happened stays where it happened: activities, cases and inquiries belong to
    the same units as before and follow them to the new body.
    """
    _lock_trees(organisation, new_parent)
    if organisation.is_body:
        raise RuleBroken(_("A legal body stands on its own: it cannot lie below another."))
    if new_parent.path.startswith(organisation.path):
        raise RuleBroken(
            _(
                "%(parent)s lies below %(name)s, or is the same: it cannot be moved into itself.",
                parent=new_parent.title,
                name=organisation.title,
            )
        )
    if new_parent.closed_on is not None:
        raise RuleBroken(
            _("%(name)s is closed. Nothing new can lie below it.", name=new_parent.title)
        )
    if organisation.parent_id == new_parent.id:
        return
    old_path, old_body = organisation.path, organisation.body_id
    new_path = f"{new_parent.path}{organisation.id}/"
    deeper = new_parent.depth + 1 - organisation.depth
    body = path_ids(new_parent.path)[0]
    _check_length(old_path, new_path)

    table = Organisation.metadata.tables["organisation"]
    organisation.parent_id = new_parent.id
    db.session.flush()
    changes: dict[Any, Any] = {
        table.c.path: sa.literal(new_path) + sa.func.substr(table.c.path, len(old_path) + 1),
        table.c.depth: table.c.depth + deeper,
        table.c.body_id: body,
    }
    if body != old_body and new_parent.county_code:
        changes[table.c.county_code] = new_parent.county_code
        changes[table.c.county_name] = new_parent.county_name
    connection = db.session.connection()
    connection.execute(
        sa.update(table)
        .where(table.c.path >= old_path, table.c.path < old_path + "~")
        .values(changes)
    )
    if body != old_body:
        follow(new_path, body)
    db.session.expire_all()
    search.move(old_path, new_path)
    put_organisations([organisation.id])
    for planned in {old_body, body} - {None}:
        needs_planning(int(planned or 0), "organisation_moved")


def _lock_trees(*nodes: Organisation) -> None:
    """One move at a time in these trees, and the paths as they are now: two crossing moves could
    otherwise make a ring. SQLite has one writer anyway."""
    db.session.flush()
    bodies = {node.body_id for node in nodes}
    db.session.execute(
        sa.select(Organisation.id)
        .where(Organisation.id.in_(bodies))
        .order_by(Organisation.id)
        .with_for_update()
    )
    for node in nodes:
        db.session.refresh(node)


def _check_length(old_path: str, new_path: str) -> None:
    longest = db.session.scalar(
        sa.select(sa.func.max(sa.func.length(Organisation.path))).where(below(old_path))
    )
    if int(longest or 0) + len(new_path) - len(old_path) > LONGEST_PATH:
        raise RuleBroken(_("That is deeper than the tree can hold."))


def follow(path: str, body_id: int) -> None:
    """Whatever says both where it belongs and under which body keeps the two in step.

    The tables are found by their columns, because they lie in packages above this one: activities,
    inquiries, cases, reminders.
    """
    node = Organisation.metadata.tables["organisation"]
    beneath = sa.select(node.c.id).where(node.c.path >= path, node.c.path < path + "~")
    for table in Base.metadata.sorted_tables:
        if table is not node and {"organisation_id", "body_id"} <= set(table.c.keys()):
            if not table.c.body_id.foreign_keys:
                continue  # the search index keeps its own
            db.session.connection().execute(
                sa.update(table).where(table.c.organisation_id.in_(beneath)).values(body_id=body_id)
            )


# --- Changing one node ------------------------------------------------------------------------


def rename(organisation: Organisation, name: str, *, by: User | None, now: datetime) -> None:
    """Give it another name; the old one stays as an alias, so that search still finds it."""
    edit(organisation, name=name, by=by, now=now)


def edit(
    organisation: Organisation,
    *,
    by: User | None,
    now: datetime,
    name: str | None = None,
    kind: OrganisationKind | None = None,
    unit_kind: UnitKind | None = None,
    short_name: str | None = None,
    org_number: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    web_domain: str | None = None,
    email_domain: str | None = None,
    note: str | None = None,
) -> None:
    """Change facts; what is None is left alone.

    A changed fact that the register supplies is marked as ours, and no later load overwrites it.
    """
    new: dict[str, Any] = {}
    if name is not None and name != organisation.title:
        new["name"] = _name(name)
        new["name_full"] = ""
        new["name_sort"] = swedish_sort_key(name)
    if kind is not None and kind != organisation.kind:
        if (kind in BODY_KINDS) != organisation.is_body:
            raise RuleBroken(_("A legal body stands on its own: it cannot lie below another."))
        new["kind"] = kind
    resulting = kind or organisation.kind
    if resulting is OrganisationKind.UNIT:
        chosen = unit_kind or organisation.unit_kind or guess_unit_kind(name or organisation.name)
        new["unit_kind"] = chosen or UnitKind.OTHER
    else:
        new["unit_kind"] = None
    if org_number is not None:
        new["org_number"] = _org_number(org_number) or None
        _refuse_taken_number(organisation, new["org_number"])
    if email is not None:
        new["email"] = _email(email)
    if phone is not None:
        new["phone"] = _phone(phone)
    if web_domain is not None:
        new["web_domain"] = _domain(web_domain)
    if email_domain is not None:
        new["email_domain"] = _domain(email_domain)
    if short_name is not None:
        new["short_name"] = short_name
    if note is not None:
        new["note"] = note
    changed = {key for key, value in new.items() if getattr(organisation, key) != value}
    if not changed:
        return
    former = organisation.title if "name" in changed else ""
    for key in changed:
        setattr(organisation, key, new[key])
    ours = changed & REGISTER_FIELDS
    if ours:
        organisation.local_fields = sorted({*organisation.local_fields, *ours})
    db.session.flush()
    if former:
        add_alias(organisation, former)
    _reindex(organisation, renamed=bool(former))


def _refuse_taken_number(organisation: Organisation, number: str | None) -> None:
    if not number:
        return
    taken = db.session.scalar(
        sa.select(Organisation).where(
            Organisation.org_number == number, Organisation.id != organisation.id
        )
    )
    if taken is not None:
        raise RuleBroken(
            _(
                "The organisation number belongs to %(name)s, which is here already.",
                name=taken.title,
            )
        )


def add_alias(organisation: Organisation, name: str) -> None:
    """Another name that search finds it by. Adding one twice does nothing."""
    clean = _name(name)
    known = db.session.scalar(
        sa.select(Alias.id).where(Alias.organisation_id == organisation.id, Alias.name == clean)
    )
    if known is None and clean not in {organisation.name, organisation.name_full}:
        db.session.add(Alias(organisation_id=organisation.id, name=clean))
        db.session.flush()
        _reindex(organisation, renamed=True)


def remove_alias(organisation: Organisation, alias: Alias) -> None:
    """Search no longer finds it by this name, and no later load of the register brings it back."""
    db.session.delete(alias)
    organisation.local_fields = sorted({*organisation.local_fields, "aliases"})
    db.session.flush()
    _reindex(organisation, renamed=True)


def close(
    organisation: Organisation,
    *,
    on: date,
    successor: Organisation | None = None,
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """It no longer exists, nor does anything below it. All history stays, and what is under way
    goes on. `successor` is what took its place, where something did.

    A last day that is still to come is kept, and it stays open until that has passed.
    """
    if successor is not None:
        _name_successor(organisation, successor)
    if on > today:
        if organisation.closed_on is not None:
            raise RuleBroken(_("%(name)s is closed already.", name=organisation.title))
        organisation.closing_on = on
        db.session.flush()
        return
    open_nodes = db.session.scalars(
        sa.select(Organisation).where(below(organisation.path), Organisation.closed_on.is_(None))
    ).all()
    for node in open_nodes:
        node.closed_on, node.closing_on = min(on, node.closing_on or on), None
    db.session.flush()
    for kind in ("body", "unit"):
        is_body = kind == "body"
        search.drop_many(kind, [n.id for n in open_nodes if (n.parent_id is None) is is_body])
    told = Closed(organisation, tuple(node.id for node in open_nodes), on, today, now)
    for inform in _closed:
        inform(told)
    if organisation.body_id is not None:
        needs_planning(organisation.body_id, "organisation_closed")


def _name_successor(organisation: Organisation, successor: Organisation) -> None:
    if successor.path.startswith(organisation.path):
        raise RuleBroken(
            _(
                "%(name)s is closed along with it, so it cannot take its place.",
                name=successor.title,
            )
        )
    if successor.closed_on is not None:
        raise RuleBroken(_("%(name)s is closed. Choose what took its place.", name=successor.title))
    organisation.successor_id = successor.id


def reopen(organisation: Organisation, *, by: User | None, now: datetime) -> None:
    """It was closed, or was to be, by mistake. What lay below is opened one by one."""
    if organisation.parent_id is not None:
        parent = db.session.get_one(Organisation, organisation.parent_id)
        if parent.closed_on is not None:
            raise RuleBroken(_("%(name)s is closed. Open that first.", name=parent.title))
    organisation.closed_on = organisation.closing_on = organisation.successor_id = None
    db.session.flush()
    put_organisations([organisation.id])
    for inform in _opened:
        inform(organisation, now)
    if organisation.body_id is not None:
        needs_planning(organisation.body_id, "organisation_opened")


def set_owner(
    organisation: Organisation, owner: User | None, *, by: User | None, now: datetime
) -> None:
    """Whose territory it is. What lies below without an owner of its own goes along."""
    organisation.owner_id = owner.id if owner else None
    db.session.flush()
    if organisation.body_id is not None:
        needs_planning(organisation.body_id, "owner_changed")


def _reindex(organisation: Organisation, *, renamed: bool) -> None:
    put_organisations([organisation.id])
    if renamed:
        search.recontext(organisation.path)


# --- Mail domains -----------------------------------------------------------------------------


def learn_domain(domain: str, organisation: Organisation) -> None:
    """A person has confirmed that somebody at this mail domain sits at this organisation.

    Public domains (gmail.com) teach nothing. Counted in one statement, so that two confirmations
    in the same moment are two.
    """
    domain = domain_of(domain)
    if not domain or domain in PUBLIC_MAIL_DOMAINS:
        return
    insert: Any = (sqlite if dialect_name() == "sqlite" else postgresql).insert(DomainPattern)
    statement = insert.values(domain=domain, organisation_id=organisation.id, confirmed=1)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["domain", "organisation_id"],
            set_={"confirmed": DomainPattern.confirmed + 1},
        )
    )


def forget_domain(pattern: DomainPattern) -> None:
    """The proposal was wrong: it is not made again until somebody confirms it anew."""
    db.session.delete(pattern)
    db.session.flush()


# --- Values in normal form --------------------------------------------------------------------


def unreadable_sentence(error: Unreadable) -> str:
    """Why a value could not be read, for the one who typed it."""
    sentences = {
        "email.unreadable": _("That is not an e-mail address. Write it as anna@hultsfred.se."),
        "phone.unreadable": _("That is not a phone number. Write it as 0495-24 00 00."),
        "phone.length": _("The phone number has too few or too many digits."),
        "org_number.rounded": _(
            "A spreadsheet has rounded the organisation number. Write all ten digits."
        ),
        "org_number.signs": _("An organisation number has only digits: 212000-0712."),
        "org_number.length": _("An organisation number has ten digits: 212000-0712."),
        "org_number.check_digit": _(
            "The check digit of the organisation number is wrong. Look for a mistyped digit."
        ),
        "org_number.personal": _("That is a personal identity number. It must not be stored here."),
    }
    return sentences.get(error.key, _("That value could not be read."))


def _name(text: str) -> str:
    clean = display_name(text)
    if not clean:
        raise RuleBroken(_("Write a name."))
    return clean[:200]


def _email(text: str) -> str:
    return normalised(text, lambda value: normalise_email(value).address)


def _phone(text: str) -> str:
    return normalised(text, normalise_phone)


def _org_number(text: str) -> str:
    return normalised(text, normalise_org_number)


def normalised(text: str, read: Any) -> str:
    """A value in normal form; '' stays ''. What cannot be read is refused with a sentence."""
    if not text.strip():
        return ""
    try:
        return str(read(text))
    except Unreadable as error:
        raise RuleBroken(unreadable_sentence(error)) from error


def _domain(text: str) -> str:
    bare = text.strip().lower().removeprefix("https://").removeprefix("http://")
    bare = bare.removeprefix("www.").removeprefix("@").split("/")[0]
    if not bare:
        return ""
    if not domain_of(bare):
        raise RuleBroken(_("That is not a domain. Write it as hultsfred.se."))
    return bare
