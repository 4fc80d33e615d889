"""What is read about notices and their imports. Nothing here changes anything."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, undefer

from crm.cases.models import Case
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.organisations.models import Alias, Organisation
from crm.procurements.models import (
    Milestone,
    Notice,
    NoticeImport,
    NoticeKey,
    NoticeOutcome,
    NoticeResult,
    Plan,
    Procurement,
    ProcurementCase,
)
from crm.rules import notices as rules
from crm.rules.notice_buyers import KnownBody
from crm.rules.notice_records import from_plain, storable
from crm.rules.notices import NoticeKind
from crm.rules.routes import NOTICE_STAGES, StageKey
from crm.rules.stages import CaseState

_MOST_TOGETHER = 200  # notices with a key in common that are looked through


def known_bodies() -> list[KnownBody]:
    """Every legal body, with all the names it is known by. Two statements."""
    names: dict[int, set[str]] = {}
    rows = db.session.execute(
        sa.select(
            Organisation.id,
            Organisation.name,
            Organisation.name_full,
            Organisation.name_en,
            Organisation.short_name,
            Organisation.org_number,
        ).where(Organisation.parent_id.is_(None), Organisation.closed_on.is_(None))
    ).all()
    aliases = sa.select(Alias.organisation_id, Alias.name)
    for organisation_id, name in db.session.execute(aliases):
        names.setdefault(organisation_id, set()).add(name)
    return [
        KnownBody(
            row.id,
            tuple(
                dict.fromkeys(
                    name
                    for name in (
                        row.name,
                        row.name_full,
                        row.name_en,
                        row.short_name,
                        *sorted(names.get(row.id, ())),
                    )
                    if name
                )
            ),
            row.org_number,
        )
        for row in rows
    ]


def has_number(number: str) -> bool:
    """Whether some organisation has this number."""
    return bool(
        db.session.scalar(sa.select(Organisation.id).where(Organisation.org_number == number))
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """Who a buyer is, or that it is left out, or neither."""

    organisation_id: int | None = None
    body_id: int | None = None
    left_out: bool = False


NOT_FOUND = Choice()


def earlier_choice(key: str) -> Choice | None:
    """The latest that was chosen for this buyer, None where it has never been."""
    row = db.session.execute(
        sa.select(Notice.organisation_id, Notice.body_id, Notice.left_out)
        .where(
            Notice.buyer_key == key,
            Notice.buyer_key != "",
            sa.or_(Notice.body_id.is_not(None), Notice.left_out.is_(True)),
        )
        .order_by(Notice.id.desc())
        .limit(1)
    ).one_or_none()
    return Choice(*row) if row else None


def procurement_for(
    notice: rules.Notice, body_id: int, *, besides: int | None = None
) -> Procurement | None:
    """The procurement that a notice is of: another notice of the same one tells, or the number
    that the buyer has given it, where no notice of it is known yet."""
    keys = [storable(key)[:300] for key in rules.procurement_keys(notice)]
    if keys:
        candidates = db.session.scalars(
            sa.select(Notice)
            .where(
                Notice.id.in_(sa.select(NoticeKey.notice_id).where(NoticeKey.key.in_(keys))),
                Notice.procurement_id.is_not(None),
                Notice.id != besides,
            )
            .order_by(Notice.id)
            .limit(_MOST_TOGETHER)
            .options(undefer(Notice.record))
        )
        looked_at: set[int | None] = set()
        for row in candidates:
            if row.procurement_id in looked_at:
                continue
            if rules.same_procurement(from_plain(row.record), notice):
                looked_at.add(row.procurement_id)
                if _is_of(notice, row.procurement_id):
                    return db.session.get_one(Procurement, row.procurement_id)
    reference = storable(notice.reference or "")[:100].strip()
    if not reference:
        return None
    found = db.session.scalars(
        sa.select(Procurement)
        .where(
            Procurement.body_id == body_id,
            sa.func.lower(Procurement.reference) == reference.lower(),
            ~sa.exists().where(Notice.procurement_id == Procurement.id),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def _is_of(notice: rules.Notice, procurement_id: int | None) -> bool:
    """Whether no notice there is of another procedure: several calls may refer to one planning
    notice, and the first of them has it."""
    if notice.procedure_id is None or procurement_id is None:
        return True
    return all(
        rules.same_procurement(other, notice)
        for other in records_of(procurement_id)
        if other.procedure_id
    )


def records_of(procurement_id: int) -> list[rules.Notice]:
    """The notices of a procurement as they were read, from the first to the last. One statement.

    Of more than two hundred, which no real one has, the latest.
    """
    found = db.session.scalars(
        sa.select(Notice.record)
        .where(Notice.procurement_id == procurement_id)
        .order_by(Notice.sent_on.desc(), Notice.id.desc())
        .limit(_MOST_TOGETHER)
    ).all()
    return rules.in_order(from_plain(record) for record in found)


def of_procurement(procurement_id: int) -> Sequence[Notice]:
    """The notices of a procurement with all they say, the latest first. One statement."""
    return db.session.scalars(
        sa.select(Notice)
        .where(Notice.procurement_id == procurement_id)
        .order_by(Notice.sent_on.desc(), Notice.id.desc())
        .limit(_MOST_TOGETHER)
        .options(undefer(Notice.record))
    ).all()


def without_body(key: str) -> Sequence[Notice]:
    """The notices of a buyer that is not matched, left out or not, the first one first."""
    return db.session.scalars(
        sa.select(Notice)
        .where(Notice.buyer_key == key, Notice.body_id.is_(None))
        .order_by(Notice.id)
        .options(undefer(Notice.record))
    ).all()


def get(notice_id: int) -> Notice:
    """A notice with its buyer, its procurement and who imported it. Raises NotFound."""
    found = db.session.scalar(
        sa.select(Notice)
        .where(Notice.id == notice_id)
        .options(
            undefer(Notice.record),
            joinedload(Notice.organisation),
            joinedload(Notice.procurement),
            joinedload(Notice.by),
        )
    )
    if found is None:
        raise NotFound(f"notice {notice_id}")
    return found


def by_publication_number(number: str) -> int | None:
    """The notice with this number in TED, if it is here."""
    return db.session.scalar(
        sa.select(Notice.id).where(Notice.publication_number == number).order_by(Notice.id).limit(1)
    )


# --- Lists ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list of notices is narrowed to."""

    text: str = ""
    kind: NoticeKind | None = None
    unmatched: bool = False
    left_out: bool = False


def rows(chosen: Filter, *, page: int) -> Page[Notice]:
    """Notices whose buyer is not found first, then by the day they were sent. Two statements."""
    conditions: list[sa.ColumnElement[bool]] = [Notice.left_out.is_(chosen.left_out)]
    if chosen.text:
        like = f"%{chosen.text.lower()}%"
        conditions.append(
            sa.or_(
                sa.func.lower(Notice.title).like(like),
                sa.func.lower(Notice.buyer).like(like),
                Notice.publication_number == chosen.text,
            )
        )
    if chosen.kind is not None:
        conditions.append(Notice.kind == chosen.kind)
    if chosen.unmatched:
        conditions.append(Notice.body_id.is_(None))
    total = db.session.scalar(sa.select(sa.func.count(Notice.id)).where(*conditions)) or 0
    found = db.session.scalars(
        sa.select(Notice)
        .where(*conditions)
        .order_by(
            Notice.body_id.is_not(None),
            Notice.sent_on.is_(None),
            Notice.sent_on.desc(),
            Notice.id.desc(),
        )
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(joinedload(Notice.organisation), joinedload(Notice.procurement))
    ).all()
    return Page(found, page, total)


def latest_imports(limit: int = 5) -> Sequence[NoticeImport]:
    """The latest uploads. One statement."""
    return db.session.scalars(
        sa.select(NoticeImport)
        .order_by(NoticeImport.id.desc())
        .limit(limit)
        .options(joinedload(NoticeImport.by))
    ).all()


def get_import(import_id: int) -> NoticeImport:
    """An upload, with who sent it. Raises NotFound."""
    found = db.session.scalar(
        sa.select(NoticeImport)
        .where(NoticeImport.id == import_id)
        .options(joinedload(NoticeImport.by))
    )
    if found is None:
        raise NotFound(f"notice import {import_id}")
    return found


def results(import_id: int, outcome: NoticeOutcome | None, *, page: int) -> Page[NoticeResult]:
    """What the files of an upload gave, in their order. Two statements."""
    conditions = [NoticeResult.import_id == import_id]
    if outcome is not None:
        conditions.append(NoticeResult.outcome == outcome)
    total = db.session.scalar(sa.select(sa.func.count(NoticeResult.id)).where(*conditions)) or 0
    found = db.session.scalars(
        sa.select(NoticeResult)
        .where(*conditions)
        .order_by(NoticeResult.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
        .options(
            joinedload(NoticeResult.notice).joinedload(Notice.organisation),
            joinedload(NoticeResult.notice).joinedload(Notice.procurement),
        )
    ).all()
    return Page(found, page, total)


def counted(import_id: int) -> Counter[NoticeOutcome]:
    """How many notices and files of an upload came to what. One statement."""
    found = db.session.execute(
        sa.select(NoticeResult.outcome, sa.func.count())
        .where(NoticeResult.import_id == import_id)
        .group_by(NoticeResult.outcome)
    )
    return Counter({outcome: number for outcome, number in found})


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A buyer that was not found: its name and number, how many of its notices wait, and one of
    them."""

    notice_id: int
    name: str
    number: str | None
    notices: int


def unmatched(import_id: int | None = None, limit: int = 20) -> list[Unmatched]:
    """The buyers whose notices wait, the most first; of one upload, or of all. One statement."""
    asked = (
        sa.select(
            sa.func.min(Notice.id).label("notice_id"),
            sa.func.max(Notice.buyer).label("name"),
            sa.func.max(Notice.buyer_number).label("number"),
            sa.func.count(sa.distinct(Notice.id)).label("notices"),
        )
        .where(Notice.body_id.is_(None), Notice.left_out.is_(False))
        .group_by(Notice.buyer_key)
        .order_by(sa.func.count(sa.distinct(Notice.id)).desc(), Notice.buyer_key)
        .limit(limit)
    )
    if import_id is not None:
        asked = asked.join(NoticeResult, NoticeResult.notice_id == Notice.id).where(
            NoticeResult.import_id == import_id
        )
    return [
        Unmatched(row.notice_id, row.name, row.number, row.notices)
        for row in db.session.execute(asked)
    ]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A live procurement of a body with open cases of ours that take part in none."""

    procurement_id: int
    title: str
    body: str
    cases: tuple[tuple[int, str], ...]


def proposals(import_id: int, limit: int = 10) -> list[Proposal]:
    """The procurements of an upload that are out and not signed, and our cases there that take
    part in none (C11, R11). One statement."""
    sent, signed = (
        sa.exists().where(
            Plan.procurement_id == Procurement.id,
            Plan.replaced_on.is_(None),
            Milestone.plan_id == Plan.id,
            Milestone.stage.in_(stages),
            Milestone.reached_on.is_not(None),
        )
        for stages in (NOTICE_STAGES, (StageKey.ROLLOUT,))
    )
    here = (
        sa.select(Notice.procurement_id)
        .join(NoticeResult, NoticeResult.notice_id == Notice.id)
        .where(NoticeResult.import_id == import_id, Notice.procurement_id.is_not(None))
    )
    found: dict[int, tuple[str, str, list[tuple[int, str]]]] = {}
    asked = (
        sa.select(
            Procurement.id,
            Procurement.title,
            Organisation.name,
            Case.id.label("case_id"),
            Case.title.label("case"),
        )
        .join(Organisation, Organisation.id == Procurement.body_id)
        .join(Case, Case.body_id == Procurement.body_id)
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Case.id)
        .where(
            Procurement.id.in_(here),
            Procurement.cancelled_on.is_(None),
            Case.state != CaseState.CLOSED,
            ProcurementCase.case_id.is_(None),
            sent,
            ~signed,
        )
        .order_by(Procurement.id, Case.id)
        .limit(200)
    )
    for row in db.session.execute(asked):
        found.setdefault(row.id, (row.title, row.name, []))[2].append((row.case_id, row.case))
    return [
        Proposal(key, title, body, tuple(cases))
        for key, (title, body, cases) in list(found.items())[:limit]
    ]


def cases_without(body_id: int) -> Sequence[Case]:
    """The body's open and waiting cases that take part in no procurement."""
    return db.session.scalars(
        sa.select(Case)
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Case.id)
        .where(
            Case.body_id == body_id,
            Case.state != CaseState.CLOSED,
            ProcurementCase.case_id.is_(None),
        )
        .order_by(Case.id)
        .limit(50)
    ).all()
