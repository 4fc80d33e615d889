"""What is read about notices and their imports. Nothing here changes anything."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, undefer

from crm.cases.models import Case
from crm.contracts import queries as contracts
from crm.contracts.models import Contract, ContractWord
from crm.core.db import db
from crm.core.errors import NotFound
from crm.core.paging import PER_PAGE, Page
from crm.organisations.models import Alias, Organisation
from crm.procurements import queries
from crm.procurements.models import (
    Milestone,
    Notice,
    NoticeContract,
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
from crm.rules.routes import NOTICE_STAGES
from crm.rules.stages import CaseState, Outcome

MOST_TOGETHER: Final = 200  # notices with a key in common that are looked through
_LATEST_FIRST: Final = (Notice.sent_on.is_(None), Notice.sent_on.desc(), Notice.id.desc())
"""Those without a day come last, on both databases."""


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


def known(identities: Collection[str]) -> dict[str, int]:
    """The notices that are here already, by their identity. One statement."""
    found = db.session.execute(
        sa.select(Notice.identity, Notice.id).where(Notice.identity.in_(identities))
    )
    return {row.identity: row.id for row in found}


def bodies_by_number() -> dict[str, int]:
    """Every legal body that has an organisation number, by it. One statement."""
    found = db.session.execute(
        sa.select(Organisation.org_number, Organisation.id).where(
            Organisation.org_number.is_not(None),
            Organisation.parent_id.is_(None),
            Organisation.closed_on.is_(None),
        )
    )
    return {row.org_number: row.id for row in found if row.org_number}


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


def met_before(notices: Sequence[tuple[rules.Notice, int]]) -> list[bool]:
    """For each notice with its body, whether `procurement_for` can find anything: it has a key in
    common with a notice that is kept, or its number stands at a procurement of the body that no
    notice has told of. Two statements for many."""
    keys = [(procedure_key(notice), set(keys_of(notice))) for notice, _body in notices]
    every = {key for _procedure, its in keys for key in its}
    own = {procedure for procedure, _its in keys if procedure}
    loose = {key for procedure, its in keys if procedure is None for key in its}
    known: set[str] = set()
    unclaimed: set[str] = set()
    for key, has_none in db.session.execute(
        sa.select(NoticeKey.key, NoticeKey.procedure.is_(None))
        .where(
            sa.or_(
                NoticeKey.key.in_(own | loose),
                sa.and_(NoticeKey.key.in_(every), NoticeKey.procedure.is_(None)),
            )
        )
        .distinct()
    ):
        known.add(key)
        if has_none:
            unclaimed.add(key)
    there = _numbers_without_notice(
        {body_id for _notice, body_id in notices},
        {number for notice, _body in notices if (number := reference_of(notice))},
    )
    return [
        (body_id, reference_of(notice)) in there
        or not (its & (unclaimed | {procedure} if procedure else its)).isdisjoint(known)
        for (notice, body_id), (procedure, its) in zip(notices, keys, strict=True)
    ]


def _numbers_without_notice(
    body_ids: Collection[int], numbers: Collection[str]
) -> set[tuple[int, str]]:
    """Which of the numbers stand at a procurement of which body, where no notice has told of it."""
    lower = sa.func.lower(Procurement.reference)
    found = db.session.execute(
        sa.select(Procurement.body_id, lower).where(
            Procurement.body_id.in_(body_ids),
            lower.in_(numbers),
            ~sa.exists().where(Notice.procurement_id == Procurement.id),
        )
    )
    return {(row[0], row[1]) for row in found}


def procurement_for(
    notice: rules.Notice, body_id: int, *, besides: int | None = None
) -> Procurement | None:
    """The procurement that a notice is of: another notice of the same one tells, or the number
    that the buyer has given it, where no notice of it is known yet. At most four statements.

    Where both notices have the procedure's id, it decides (`crm.rules.notices.same_procurement`).
    """
    procedure = procedure_key(notice)
    keys = [key for key in keys_of(notice) if key != procedure]
    found = None
    if procedure is not None:
        found = _by_key(NoticeKey.key == procedure, besides)
    if found is None and keys:
        shared = NoticeKey.key.in_(keys)
        if procedure is None:
            found = _by_key(shared, besides)
        else:
            # Several calls may refer to one planning notice, and the first of them has it.
            other, its = aliased(Notice), aliased(NoticeKey)
            has_another = sa.exists().where(
                other.procurement_id == Notice.procurement_id,
                its.notice_id == other.id,
                its.procedure.is_not(None),
            )
            unclaimed = NoticeKey.procedure.is_(None)
            found = _by_key(sa.and_(shared, unclaimed, ~has_another), besides)
    if found is not None:
        return db.session.get_one(Procurement, found)
    reference = reference_of(notice)
    if not reference:
        return None
    same = db.session.scalars(
        sa.select(Procurement)
        .where(
            Procurement.body_id == body_id,
            sa.func.lower(Procurement.reference) == reference,
            ~sa.exists().where(Notice.procurement_id == Procurement.id),
        )
        .limit(2)
    ).all()
    return same[0] if len(same) == 1 else None


def reference_of(notice: rules.Notice) -> str:
    """The number that the buyer has given it, as it is looked for; "" where it has none."""
    return storable(notice.reference or "")[:100].strip().lower()


def keys_of(notice: rules.Notice) -> list[str]:
    """The keys by which the procurement of a notice may be known, as they are kept."""
    return sorted({storable(key)[:300] for key in rules.procurement_keys(notice)})


def procedure_key(notice: rules.Notice) -> str | None:
    """The one of them that is the procedure's own, None where it has none."""
    if not notice.procedure_id:
        return None
    return storable(f"procedure:{notice.procedure_id.lower()}")[:300]


def _by_key(condition: sa.ColumnElement[bool], besides: int | None) -> int | None:
    return db.session.scalar(
        sa.select(Notice.procurement_id)
        .join(NoticeKey, NoticeKey.notice_id == Notice.id)
        .where(condition, Notice.procurement_id.is_not(None), Notice.id != besides)
        .order_by(Notice.id)
        .limit(1)
    )


def records_of(procurement_id: int) -> list[rules.Notice]:
    """The notices of a procurement as they were read, from the first to the last. One statement.

    Of more than two hundred, as a dynamic purchasing system may have, the latest.
    """
    return rules.in_order(record for _key, record in kept_records_of(procurement_id))


def kept_records_of(procurement_id: int) -> list[tuple[int, rules.Notice]]:
    """The same, each with its id, in no order."""
    found = db.session.execute(
        sa.select(Notice.id, Notice.record)
        .where(Notice.procurement_id == procurement_id)
        .order_by(*_LATEST_FIRST)
        .limit(MOST_TOGETHER)
    ).all()
    return [(row.id, from_plain(row.record)) for row in found]


def of_procurement(procurement_id: int) -> Sequence[Notice]:
    """The notices of a procurement with all they say, the latest first. One statement."""
    return db.session.scalars(
        sa.select(Notice)
        .where(Notice.procurement_id == procurement_id)
        .order_by(*_LATEST_FIRST)
        .limit(MOST_TOGETHER)
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
        conditions.append(
            sa.or_(
                Notice.title.icontains(chosen.text, autoescape=True),
                Notice.buyer.icontains(chosen.text, autoescape=True),
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
        .order_by(Notice.body_id.is_not(None), *_LATEST_FIRST)
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
    sent = sa.exists().where(
        Milestone.plan_id == Plan.id,
        Milestone.stage.in_(NOTICE_STAGES),
        Milestone.reached_on.is_not(None),
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
        .join(Plan, sa.and_(Plan.procurement_id == Procurement.id, Plan.replaced_on.is_(None)))
        .join(Case, Case.body_id == Procurement.body_id)
        .outerjoin(ProcurementCase, ProcurementCase.case_id == Case.id)
        .where(
            Procurement.id.in_(here),
            Procurement.cancelled_on.is_(None),
            Case.state != CaseState.CLOSED,
            ProcurementCase.case_id.is_(None),
            sent,
            sa.not_(queries.is_signed()),
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


# --- Contracts ------------------------------------------------------------------------------------


def words_of(procurement_id: int) -> list[ContractWord]:
    """What the notices of a procurement have told of contracts, with these and their options, the
    first one first. Two statements."""
    return list(
        db.session.scalars(
            sa.select(ContractWord)
            .where(
                ContractWord.id.in_(
                    sa.select(NoticeContract.word_id)
                    .join(Notice, Notice.id == NoticeContract.notice_id)
                    .where(Notice.procurement_id == procurement_id)
                )
            )
            .order_by(ContractWord.id)
            .options(joinedload(ContractWord.contract).selectinload(Contract.options))
        )
    )


def told_by(notice_ids: Collection[int]) -> set[tuple[int, int]]:
    """Which of these notices tell of which contract: the ids of notice and word. One statement."""
    found = db.session.execute(
        sa.select(NoticeContract.notice_id, NoticeContract.word_id).where(
            NoticeContract.notice_id.in_(notice_ids)
        )
    )
    return {(row.notice_id, row.word_id) for row in found}


def won_case(procurement_id: int) -> Case | None:
    """The one case of ours in the procurement that was won and has no contract yet; None where
    there is none, or several."""
    found = db.session.scalars(
        sa.select(Case)
        .join(ProcurementCase, ProcurementCase.case_id == Case.id)
        .where(
            ProcurementCase.procurement_id == procurement_id,
            Case.outcome == Outcome.WON,
            ~sa.exists().where(Contract.case_id == Case.id),
        )
        .limit(2)
    ).all()
    return found[0] if len(found) == 1 else None


def words_of_import(import_id: int) -> list[ContractWord]:
    """The contracts that an upload put into the register, or would have, had nobody taken them out
    again; with them and their options, the first one first. Two statements."""
    return list(
        db.session.scalars(
            sa.select(ContractWord)
            .where(ContractWord.id.in_(_made_by(import_id)))
            .order_by(ContractWord.id)
            .options(joinedload(ContractWord.contract).selectinload(Contract.options))
        )
    )


def procurements_of(word_ids: Collection[int]) -> Sequence[Procurement]:
    """The procurements whose notices tell of these contracts, with who buys. One statement."""
    return db.session.scalars(
        sa.select(Procurement)
        .where(
            Procurement.id.in_(
                sa.select(Notice.procurement_id)
                .join(NoticeContract, NoticeContract.notice_id == Notice.id)
                .where(NoticeContract.word_id.in_(word_ids))
            )
        )
        .order_by(Procurement.id)
        .options(joinedload(Procurement.organisation))
    ).all()


def contracts_told_by(notice_id: int) -> list[contracts.Brief]:
    """The contracts of the register that a notice tells of. One statement."""
    words = sa.select(NoticeContract.word_id).where(NoticeContract.notice_id == notice_id)
    chosen = sa.and_(Contract.id == ContractWord.contract_id, ContractWord.id.in_(words))
    return contracts.published(chosen, most=100)


def _told_by_import(import_id: int) -> sa.Select[int]:
    return (
        sa.select(NoticeContract.word_id)
        .join(NoticeResult, NoticeResult.notice_id == NoticeContract.notice_id)
        .where(NoticeResult.import_id == import_id, NoticeResult.outcome != NoticeOutcome.KNOWN)
    )


def _made_by(import_id: int) -> sa.Select[int]:
    return _told_by_import(import_id).where(NoticeContract.made)


@dataclass(frozen=True, slots=True)
class InRegister:
    """How many contracts an upload has in the register, how many were taken out again, and the
    first of those that are there; and what the register could not hold."""

    number: int
    taken_out: int
    first: tuple[contracts.Brief, ...]
    refused: tuple[ContractWord, ...] = ()


def in_register(import_id: int, most: int = 20) -> InRegister:
    """The contracts that an upload put into the register and that are there. Three statements."""
    of_it = ContractWord.id.in_(_made_by(import_id))
    there, gone = db.session.execute(
        sa.select(
            sa.func.count(ContractWord.contract_id),
            sa.func.count().filter(ContractWord.contract_id.is_(None), ContractWord.told),
        ).where(of_it)
    ).one()
    refused = tuple(
        db.session.scalars(
            sa.select(ContractWord)
            .where(
                ContractWord.id.in_(_told_by_import(import_id)),
                ContractWord.refused != "",
                ContractWord.told,
            )
            .order_by(ContractWord.id)
            .limit(most)
        )
    )
    if not there:
        return InRegister(0, gone, (), refused)
    chosen = sa.and_(Contract.id == ContractWord.contract_id, of_it)
    return InRegister(there, gone, tuple(contracts.published(chosen, most=most)), refused)
