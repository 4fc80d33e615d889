"""What is done with notices that were read: stored once, matched to a body, and applied to it.

A procurement's facts are worked out from all of its notices each time (`crm.rules.notice_facts`),
so that it does not matter in which order they come. What somebody has put otherwise is never
changed by itself: it stays, and the notice is told beside it.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa
from flask import current_app
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.activities import operations as activities
from crm.activities.models import ActivityKind
from crm.adapters.notices.problems import NoticeProblem
from crm.adapters.notices.upload import FileResult
from crm.contracts import published
from crm.contracts import queries as contract_queries
from crm.core.config import Settings
from crm.core.db import db, dialect_name
from crm.core.pending import needs_planning
from crm.law import queries as law
from crm.organisations.models import Organisation
from crm.procurements import notice_queries, operations, queries
from crm.procurements.history import followed
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
)
from crm.rules import notices as rules
from crm.rules.calendar import STOCKHOLM
from crm.rules.certainty import Certainty
from crm.rules.floors import LegalTerms
from crm.rules.law.terms import Law, ObjectKind
from crm.rules.law.values import LawValues
from crm.rules.lead_times import History
from crm.rules.milestones import check_order, lay_out
from crm.rules.notice_buyers import BuyerMatch, Register
from crm.rules.notice_facts import (
    NOTHING_SAID,
    OF_PROCUREMENTS,
    NoticeFacts,
    Told,
    address_of,
    begins_on,
    days_for,
    facts_of,
    in_line,
    sent_on,
)
from crm.rules.notice_records import from_plain, storable, to_plain
from crm.rules.quiet import OpenDays
from crm.rules.registered import is_ours, published_contracts
from crm.rules.routes import LENGTHS_CERTAINTY, Lengths, Route, StageKey
from crm.rules.words import fold

log = logging.getLogger(__name__)

AT_A_TIME: Final = 50
"""Notices in one transaction: nobody else waits long for a large upload."""


class NoticeFact(StrEnum):
    """What a notice can say of a procurement."""

    TITLE = "title"
    REFERENCE = "reference"
    URL = "url"
    CPV = "cpv"
    VALUE = "value"
    QUESTIONS_DUE = "questions_due"
    REQUESTS_DUE = "requests_due"
    TENDERS_DUE = "tenders_due"
    VALID = "valid_until"
    ROUTE = "route"
    DAYS = "days"
    LAW = "law"
    OBJECT_KIND = "object_kind"
    URGENT = "urgent"
    PRIOR_NOTICE = "prior_notice"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class _Column:
    """A fact in its column. `unsaid` stands there until somebody has put something else."""

    fact: NoticeFact
    name: str
    said: Callable[[NoticeFacts], Any]
    unsaid: Any = None


_COLUMNS: Final = (
    _Column(NoticeFact.TITLE, "title", lambda told: told.title[:200]),
    _Column(NoticeFact.REFERENCE, "reference", lambda told: told.reference[:100]),
    _Column(NoticeFact.URL, "notice_url", lambda told: told.url),
    _Column(NoticeFact.CPV, "cpv", lambda told: told.cpv[:10]),
    _Column(NoticeFact.VALUE, "value_ore", lambda told: told.value_ore),
    _Column(NoticeFact.TENDERS_DUE, "tenders_due_at", lambda told: told.tenders_due_at),
    _Column(NoticeFact.VALID, "tenders_valid_until", lambda told: told.valid_until),
    _Column(NoticeFact.REQUESTS_DUE, "requests_due_at", lambda told: told.requests_due_at),
    _Column(NoticeFact.QUESTIONS_DUE, "questions_due_at", lambda told: told.questions_due_at),
    _Column(NoticeFact.LAW, "law", lambda told: told.law, Law.LOU),
    _Column(
        NoticeFact.OBJECT_KIND,
        "object_kind",
        lambda told: told.object_kind,
        ObjectKind.GOODS_SERVICES,
    ),
    _Column(NoticeFact.URGENT, "urgent", lambda told: told.urgent, False),
    _Column(NoticeFact.PRIOR_NOTICE, "prior_notice_on", lambda told: told.prior_notice),
)


@dataclass(slots=True)
class Applied:
    """Which facts a notice changed, and which it says otherwise than somebody here has put."""

    changed: list[NoticeFact] = field(default_factory=list)
    kept: list[NoticeFact] = field(default_factory=list)


@dataclass
class Run:
    """Who imports and when, and what is looked up once for many notices."""

    by: User | None
    today: date
    now: datetime
    _register: Register | None = None
    _choices: dict[str, notice_queries.Choice | None] = field(default_factory=dict)
    _open_days: dict[int, OpenDays] = field(default_factory=dict)
    _lengths: dict[tuple[int, Route], Lengths] = field(default_factory=dict)
    _histories: dict[Route, History] = field(default_factory=dict)
    _values: LawValues | None = None
    _by_number: dict[str, int] | None = None
    _ours: frozenset[str] | None = None
    _writing: published.Writing | None = None
    _marked: set[int] = field(default_factory=set)
    _records: dict[int, list[tuple[int, rules.Notice]]] = field(default_factory=dict)
    _places: dict[int | None, Organisation] = field(default_factory=dict)
    to_index: set[int] = field(default_factory=set)
    """Procurements that are found by something else from now on."""

    def index(self) -> None:
        """Put the procurements that notices came to, and the contracts that they put into the
        register, into the search index, all in one go."""
        db.session.flush()
        if self._writing is not None:
            self._writing.finish()
        operations.reindex(self.to_index)
        self.to_index.clear()

    def match(self, buyer: rules.Party) -> BuyerMatch:
        """Which body a buyer is, or may be. It looks through every name in the register."""
        self._register = self._register or Register(notice_queries.known_bodies())
        return self._register.match(buyer)

    def body_by_number(self, number: str | None) -> int | None:
        """The body with this organisation number."""
        if self._by_number is None:
            self._by_number = notice_queries.bodies_by_number()
        return self._by_number.get(number) if number else None

    @property
    def ours(self) -> frozenset[str]:
        """Our own organisation numbers: as set up, and as learnt from contracts marked as ours."""
        if self._ours is None:
            settings: Settings = current_app.extensions["settings"]
            self._ours = frozenset(settings.own_numbers) | contract_queries.numbers_of_ours()
        return self._ours

    @property
    def writing(self) -> published.Writing:
        """What the register is written with; kept for one transaction."""
        self._writing = self._writing or published.Writing(self.by, self.today, self.now, self.ours)
        return self._writing

    def records(self, procurement_id: int) -> list[tuple[int, rules.Notice]]:
        """The notices of a procurement, each with its id; kept for one transaction."""
        if procurement_id not in self._records:
            self._records[procurement_id] = notice_queries.kept_records_of(procurement_id)
        return self._records[procurement_id]

    def keep(self, procurement_id: int, records: list[tuple[int, rules.Notice]]) -> None:
        """The notices of a procurement, when one more has come to it."""
        self._records[procurement_id] = records

    def place(self, organisation_id: int | None) -> Organisation:
        """An organisation, kept at hand for one transaction. It has to be there."""
        if organisation_id not in self._places:
            self._places[organisation_id] = db.session.get_one(Organisation, organisation_id)
        return self._places[organisation_id]

    def mark(self, body_id: int) -> None:
        """The body is planned anew; once for a transaction."""
        if body_id not in self._marked:
            self._marked.add(body_id)
            needs_planning(body_id, "procurement_noticed")

    def forget(self) -> None:
        """Others may write between two transactions."""
        self._records.clear()
        self._marked.clear()
        self._places.clear()
        self._writing = None
        self.to_index.clear()

    def choice(self, key: str) -> "notice_queries.Choice | None":
        """What somebody has chosen for this buyer before."""
        if key not in self._choices:
            self._choices[key] = notice_queries.earlier_choice(key)
        return self._choices[key]

    def open_days(self, body: Organisation) -> OpenDays:
        """The days on which the body sends a notice."""
        if body.id not in self._open_days:
            self._open_days[body.id] = queries.open_days_of(body, self.today)
        return self._open_days[body.id]

    def lengths(self, body_id: int, route: Route) -> Lengths:
        """How long the stages of a route take at the body."""
        if (body_id, route) not in self._lengths:
            body = self.place(body_id)
            if route not in self._histories:
                self._histories[route] = History(followed(route))
            self._lengths[body_id, route] = queries.lengths_for(
                body, route, self.today, self._histories[route]
            )
        return self._lengths[body_id, route]

    def terms(self, procurement: Procurement, body: Organisation) -> LegalTerms:
        """What the procurement is under the law."""
        self._values = self._values or law.values()
        return queries.terms_of(procurement, body, self._values)


# --- An import ------------------------------------------------------------------------------------


def begin(file_name: str, *, by: User | None, now: datetime) -> NoticeImport:
    """An upload, before anything of it is read."""
    made = NoticeImport(
        file_name=storable(file_name)[-200:], by_id=by.id if by else None, started_at=now
    )
    db.session.add(made)
    db.session.flush()
    return made


def finish(import_id: int, *, now: datetime) -> None:
    """All of it has been read."""
    db.session.get_one(NoticeImport, import_id).finished_at = now


@dataclass(frozen=True, slots=True)
class Item:
    """One notice of a file, or a file without any. `place` counts the notices of one file."""

    file: FileResult
    notice: rules.Notice | None = None
    place: int = 0


def items(results: Iterable[FileResult]) -> Iterable[Item]:
    """Each notice of each file, and each file that gave none."""
    for file in results:
        if not file.notices:
            yield Item(file)
        for place, notice in enumerate(file.notices):
            yield Item(file, notice, place)


def store(import_id: int, some: Sequence[Item], run: Run) -> None:
    """Keep some notices of an import, in the caller's transaction.

    Together, or where one of them cannot be kept each by itself: it is told as such, and does not
    stop the others.
    """
    _one_at_a_time()
    run.forget()
    try:
        with db.session.begin_nested():
            found = _store_together(some, run)
    except Exception:  # found and told below, where each stands alone
        run.forget()
        found = [_store_alone(item, run) for item in some]
    rows = [
        {"import_id": import_id, "name": storable(item.file.name)[-200:], **asdict(became)}
        for item, became in zip(some, found, strict=True)
    ]
    if rows:
        db.session.execute(sa.insert(NoticeResult), rows)


@dataclass(frozen=True, slots=True)
class _Became:
    """What became of a notice or file: the columns of its result."""

    outcome: NoticeOutcome
    problem: NoticeProblem | None = None
    notice_id: int | None = None
    changed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Taken:
    """A notice that was not here before, its row, and what it changed of what was known."""

    notice: rules.Notice
    row: Notice
    applied: Applied | None = None

    @property
    def is_of_procurement(self) -> bool:
        return self.notice.about in OF_PROCUREMENTS and self.row.body_id is not None


def _store_together(some: Sequence[Item], run: Run) -> list[_Became]:
    identities = {id(one): identity_of(one, one.notice) for one in some if one.notice is not None}
    known = notice_queries.known(set(identities.values()))
    taken: dict[str, _Taken] = {}
    first: set[int] = set()
    for item in some:
        if item.notice is None:
            continue
        identity = identities[id(item)]
        if identity not in known and identity not in taken:
            taken[identity] = _Taken(item.notice, _row(identity, item, item.notice, run))
            first.add(id(item))
    with db.session.no_autoflush:
        for apart in _strangers(list(taken.values())):
            _take_in(apart, run)
    run.index()
    known |= {identity: one.row.id for identity, one in taken.items()}
    return [
        _became(item, known[its], taken[its] if id(item) in first else None)
        if (its := identities.get(id(item)))
        else _Became(NoticeOutcome.UNREADABLE, item.file.problem or NoticeProblem.UNFORESEEN)
        for item in some
    ]


def _became(item: Item, notice_id: int, taken: _Taken | None) -> _Became:
    if taken is None:
        return _Became(NoticeOutcome.KNOWN, notice_id=notice_id)
    applied = taken.applied
    return _Became(
        NoticeOutcome.UPDATED if applied is not None else NoticeOutcome.NEW,
        notice_id=notice_id,
        changed=[one.value for one in applied.changed] if applied else [],
        kept=[one.value for one in applied.kept] if applied else [],
    )


def _strangers(taken: Sequence[_Taken]) -> Iterator[list[_Taken]]:
    """In their order, cut where one may be of the same procurement as another before it.

    It may be by any key, but for two that both have a procedure: there only that one tells.
    """
    loose = {key.key for one in taken for key in one.row.keys if key.procedure is None}
    some: list[_Taken] = []
    met: set[str] = set()
    for one in taken:
        shared = {key.key for key in one.row.keys if key.key == key.procedure or key.key in loose}
        if not met.isdisjoint(shared):
            yield some
            some, met = [], set()
        some.append(one)
        met |= shared
    if some:
        yield some


def _take_in(some: Sequence[_Taken], run: Run) -> None:
    """Put notices that do not tell of each other into the database, many rows at a time. Those
    whose procurement may be known come after the others, each by itself."""
    db.session.add_all(one.row for one in some)
    placed = [one for one in some if one.is_of_procurement]
    met = notice_queries.met_before([(one.notice, one.row.body_id or 0) for one in placed])
    fresh = [
        (one, _open(one.row, one.notice, run))
        for one, may_be_known in zip(placed, met, strict=True)
        if not may_be_known
    ]
    db.session.flush()
    for one, procurement in fresh:
        _opened(procurement, one.row, one.notice, run)
    db.session.flush()
    for one, may_be_known in zip(placed, met, strict=True):
        if may_be_known:
            one.applied = place(one.row, one.notice, run)
            db.session.flush()


def _store_alone(item: Item, run: Run) -> _Became:
    try:
        with db.session.begin_nested():
            (became,) = _store_together([item], run)
    except Exception as error:  # one notice that we did not foresee must not stop the others
        # The error names its parameters, which may be of persons.
        log.error("a notice could not be kept: %s", type(error).__name__)
        run.forget()
        return _Became(NoticeOutcome.UNREADABLE, item.file.problem or NoticeProblem.UNFORESEEN)
    return became


def _one_at_a_time() -> None:
    """Two imports at once would each open the same procurement. SQLite lets one write anyway."""
    if dialect_name() == "postgresql":
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext("notices"))))


def identity_of(item: Item, notice: rules.Notice) -> str:
    """The notice's own, or for one that says nothing of itself that of its file."""
    told = storable(rules.identity(notice) or f"file:{item.file.digest}:{item.place}")
    if len(told) <= 300:
        return told
    return f"sha256:{hashlib.sha256(told.encode()).hexdigest()}"


def buyer_key(buyer: rules.Party | None) -> str:
    """The same for the same buyer: its number, or else its name."""
    if buyer is None:
        return ""
    return f"number:{buyer.number}" if buyer.number else f"name:{fold(str(buyer.name))}"[:300]


def _row(identity: str, item: Item, notice: rules.Notice, run: Run) -> Notice:
    buyer, choice = _buyer(notice, run)
    deadline = notice.deadline
    procedure = notice_queries.procedure_key(notice)
    return Notice(
        identity=identity,
        source=notice.source,
        kind=notice.kind,
        about=notice.about,
        title=storable(str(notice.title))[:300],
        buyer=storable(str(buyer.name))[:300] if buyer else "",
        buyer_number=buyer.number if buyer else None,
        buyer_key=storable(buyer_key(buyer))[:300],
        organisation_id=choice.organisation_id,
        body_id=choice.body_id,
        keys=[NoticeKey(key=key, procedure=procedure) for key in notice_queries.keys_of(notice)],
        left_out=choice.left_out,
        publication_number=storable(notice.publication_number or "")[:40] or None,
        sent_on=sent_on(notice),
        deadline_at=deadline.earliest if deadline else None,
        url=storable(address_of(notice)),
        record=to_plain(notice),
        file_name=storable(item.file.name)[-200:],
        digest=item.file.digest,
        by_id=run.by.id if run.by else None,
        at=run.now,
    )


def _buyer(notice: rules.Notice, run: Run) -> tuple[rules.Party | None, notice_queries.Choice]:
    """The first of the buyers that is known, the leader before the others; else the first."""
    buyers = sorted(notice.buyers, key=lambda one: not one.leads)
    for buyer in buyers:
        key = buyer_key(buyer)
        if body_id := run.body_by_number(buyer.number):
            return buyer, notice_queries.Choice(body_id, body_id)
        choice = run.choice(storable(key)[:300])
        if choice is not None:
            return buyer, choice
    return (buyers[0] if buyers else None), notice_queries.NOT_FOUND


# --- To a procurement -----------------------------------------------------------------------------


def place(row: Notice, notice: rules.Notice, run: Run) -> Applied | None:
    """Put a notice with its procurement, and apply what it says.

    None where nothing that was known is changed: it opened a procurement, or is about none.
    """
    if notice.about not in OF_PROCUREMENTS or row.body_id is None:
        return None
    procurement = notice_queries.procurement_for(notice, row.body_id, besides=row.id)
    if procurement is not None:
        return _placed(procurement, row, notice, run)
    made = _open(row, notice, run)
    db.session.flush()
    _opened(made, row, notice, run)
    return None


def _open(row: Notice, notice: rules.Notice, run: Run) -> Procurement:
    """The procurement that a notice tells of first; not in the database yet."""
    row.procurement = operations.opened(
        run.place(row.organisation_id),
        title=storable(str(notice.title) or notice.reference or notice.id or "–")[:200],
        now=run.now,
        **_from_the_start(facts_of([notice])),
    )
    return row.procurement


def _opened(procurement: Procurement, row: Notice, notice: rules.Notice, run: Run) -> None:
    """What else there is to do once it is in the database: its plan and its contracts."""
    operations.tell_opened(procurement, run.by, run.now)
    apply(procurement, NOTHING_SAID, facts_of([notice]), run, is_new=True)
    _into_register(procurement, row, [], notice, run, is_new=True)
    run.to_index.add(procurement.id)


def _placed(procurement: Procurement, row: Notice, notice: rules.Notice, run: Run) -> Applied:
    """Put a notice with a procurement that is known, and apply what it says."""
    kept = [one for one in run.records(procurement.id) if one[0] != row.id]
    earlier = [record for _key, record in kept]
    row.procurement = procurement
    operations.tell(
        procurement,
        "procurement_noticed",
        run.by,
        run.now,
        title=procurement.title,
        notice=notice.kind.value,
    )
    before, after = facts_of(earlier), facts_of([*earlier, notice])
    done = apply(procurement, before, after, run, notice=notice)
    _into_register(procurement, row, kept, notice, run)
    run.to_index.add(procurement.id)
    return done


def _from_the_start(said: NoticeFacts) -> dict[str, Any]:
    """The columns of a procurement that a notice opens. Days that contradict are left out."""
    found = {
        column.name: told
        for column in _COLUMNS
        if column.fact is not NoticeFact.TITLE and (told := column.said(said)) not in ("", None)
    }
    if (
        said.tenders_due_at
        and said.questions_due_at
        and said.questions_due_at > said.tenders_due_at
    ):
        del found["questions_due_at"]
    return found


def _into_register(
    procurement: Procurement,
    row: Notice,
    kept: list[tuple[int, rules.Notice]],
    notice: rules.Notice,
    run: Run,
    *,
    is_new: bool = False,
) -> None:
    """What the notices of a procurement say of contracts, carried into the register (A12)."""
    records = [*kept, (row.id, notice)]
    run.keep(procurement.id, records)
    if not any(record.awards for _key, record in records):
        return
    told = published_contracts(records)
    if not is_new:
        db.session.flush()
    known = [] if is_new else notice_queries.words_of(procurement.id)
    if not told and not known:
        return
    ours = not is_new and any(is_ours(one, run.ours) for one in told)
    case = notice_queries.won_case(procurement.id) if ours else None
    written = published.carry(
        run.place(row.organisation_id),
        told,
        known,
        run.writing,
        case=case,
        all_read=len(records) < notice_queries.MOST_TOGETHER,
    )
    keys = [key for one in told for key in one.told_by]
    tells = set() if is_new else notice_queries.told_by(keys)
    for one, done in zip(told, written, strict=True):
        for key in one.told_by:
            if (key, done.word.id) not in tells:
                made = done.made and key == one.told_by[-1]
                db.session.add(NoticeContract(notice_id=key, word=done.word, made=made))


def apply(
    procurement: Procurement,
    before: NoticeFacts,
    after: NoticeFacts,
    run: Run,
    *,
    notice: rules.Notice | None = None,
    is_new: bool = False,
    force: bool = False,
) -> Applied:
    """Carry over what the notices say now, and did not say before.

    What somebody has put otherwise than the notices said stays, unless `force`: it is named in
    `kept` when the notices have something new to say of it.
    """
    done = Applied()
    for column in _COLUMNS:
        said, was = column.said(after), column.said(before)
        ours = getattr(procurement, column.name)
        if said in ("", None) or said == ours:
            continue
        open_to_it = ours in ("", None) or ours == was or (ours == column.unsaid and said != was)
        if not (force or is_new or open_to_it):
            if said != was:
                done.kept.append(column.fact)
        elif not _fits(
            procurement, column.fact, said, after, before=None if force or is_new else before
        ):
            done.kept.append(column.fact)
        else:
            setattr(procurement, column.name, said)
            done.changed.append(column.fact)
    called_off = force or after.cancelled_on != before.cancelled_on
    if after.cancelled_on and called_off and procurement.cancelled_on is None:
        operations.cancel(procurement, after.cancelled_on, by=run.by, now=run.now)
        done.changed.append(NoticeFact.CANCELLED)
    _apply_plan(procurement, before, after, done, run, notice, is_new=is_new, force=force)
    run.mark(procurement.body_id)
    return done


def _fits(
    procurement: Procurement,
    fact: NoticeFact,
    said: Any,
    told: NoticeFacts,
    *,
    before: NoticeFacts | None,
) -> bool:
    """Whether the last day for questions stays before the one for tenders, and that before the day
    on which a tender ceases to be valid. Without `before` nothing that stands there is somebody's
    own word."""
    due = procurement.tenders_due_at
    if fact is NoticeFact.VALID:
        return due is None or bool(said >= due.astimezone(STOCKHOLM).date())
    if fact is NoticeFact.QUESTIONS_DUE:
        return due is None or said <= due
    return fact is not NoticeFact.TENDERS_DUE or _questions_fit(procurement, said, told, before)


def _questions_fit(
    procurement: Procurement, at: datetime, told: NoticeFacts, before: NoticeFacts | None
) -> bool:
    """Whether questions are due before this; the last day for them makes room where the notices
    tell it as well, which comes next. One that somebody has put there stays."""
    asked = procurement.questions_due_at
    if asked is None or asked <= at:
        return True
    if told.questions_due_at is None or told.questions_due_at > at:
        return False
    if before is not None and asked != before.questions_due_at:
        return False
    procurement.questions_due_at = None
    return True


def _apply_plan(
    procurement: Procurement,
    before: NoticeFacts,
    after: NoticeFacts,
    done: Applied,
    run: Run,
    notice: rules.Notice | None,
    *,
    is_new: bool,
    force: bool,
) -> None:
    plan = None if is_new else queries.plan_that_holds(procurement.id)
    if plan is None:
        told = days_for(after.route or Route.UNDECIDED, after, run.today)
        if told:
            _lay(procurement, after.route or Route.UNDECIDED, told, (), run, is_new=is_new)
            done.changed.append(NoticeFact.DAYS)
        return
    is_news = force or plan.route is Route.UNDECIDED or after.route is not before.route
    if after.route and after.route is not plan.route and is_news:
        told = days_for(after.route, after, run.today)
        _lay(procurement, after.route, told, plan.milestones, run)
        done.changed.append(NoticeFact.ROUTE)
        return
    told, was = (days_for(plan.route, one, run.today) for one in (after, before))
    news: dict[StageKey, Told] = {}
    for row in plan.milestones:
        one = told.get(row.stage)
        if one is None or (one == was.get(row.stage) and not force):
            continue
        if _is_open_to(row, one, was.get(row.stage)) or force:
            news[row.stage] = one
        elif not _stands_so(row, one):
            _note(done.kept, NoticeFact.DAYS)
    if news:
        _settle(procurement, plan, news, _reason(notice), done, run)


def _note(facts: list[NoticeFact], fact: NoticeFact) -> None:
    if fact not in facts:
        facts.append(fact)


def _stands_so(row: Milestone, told: Told) -> bool:
    """Whether the milestone says the same already, or has happened while this only planned it."""
    if not told.has_been:
        return row.reached_on is not None or row.planned_on == told.day
    return row.reached_on == told.day


def _is_open_to(row: Milestone, told: Told, was: Told | None) -> bool:
    """Whether a milestone takes a day from a notice: nobody has put it otherwise.

    What only was to come gives way to what has been.
    """
    if row.reached_on is not None and not told.has_been:
        return False
    by_somebody = row.certainty in {Certainty.CONFIRMED, Certainty.PUBLISHED}
    stands = row.reached_on or row.planned_on
    own_word = by_somebody and stands != told.day and (was is None or was.day != stands)
    return not own_word or (told.has_been and row.reached_on is None)


def _settle(
    procurement: Procurement,
    plan: Plan,
    news: dict[StageKey, Told],
    reason: str,
    done: Applied,
    run: Run,
) -> None:
    """Put milestones on the days told, and lay out anew what comes after the first of them.

    What has happened, and what somebody or an earlier notice has put on a day, stays there. Where
    the days would contradict each other nothing is moved: a person has to look.
    """
    rows = plan.milestones
    first = min(row.position for row in rows if row.stage in news)
    fixed = {
        row.stage: Told(row.day, row.reached_on is not None, row.source_url)
        for row in rows
        if row.stage not in news and (_is_pinned(row) or row.position < first)
    }
    body = run.place(procurement.body_id)
    laid = lay_out(
        plan.route,
        rows[0].day,
        run.open_days(body),
        own=run.lengths(procurement.body_id, plan.route),
        known={stage: one.day for stage, one in (fixed | news).items()},
        terms=run.terms(procurement, body),
    )
    pinned = {row.stage: fixed[row.stage] for row in rows if row.stage in fixed and _is_pinned(row)}
    lines = []
    for row, (_laid, day, reached) in zip(rows, in_line(laid, pinned | news), strict=True):
        one = news.get(row.stage)
        been = row.reached_on if row.stage in pinned and row.reached_on else reached
        lines.append(
            operations.Line(
                row.stage,
                day,
                been,
                Certainty.PUBLISHED if one else row.certainty,
                one.url if one else row.source_url,
            )
        )
    if check_order([(line.stage, line.reached_on or line.planned_on) for line in lines]):
        _note(done.kept, NoticeFact.DAYS)
        return
    if operations.settle(plan, lines, reason=reason, by=run.by, now=run.now):
        _note(done.changed, NoticeFact.DAYS)


def _is_pinned(row: Milestone) -> bool:
    """Whether its day is more than an estimate."""
    return row.certainty is not LENGTHS_CERTAINTY


def _reason(notice: rules.Notice | None) -> str:
    number = (notice.publication_number or notice.id or "")[:100] if notice else ""
    if notice and notice.kind is rules.NoticeKind.CHANGE:
        return _("Change notice %(number)s", number=storable(number)).strip()
    return _("Notice %(number)s", number=storable(number)).strip()


def lay_out_by_hand(
    procurement: Procurement, route: Route, told: NoticeFacts, begins: date | None, run: Run
) -> None:
    """The plan of a procurement that somebody types: with the days that its notice has, as if it
    had been imported; without any, from the day it begins."""
    known = days_for(route, told, run.today)
    if known:
        _lay(procurement, route, known, (), run)
        return
    body = run.place(procurement.body_id)
    laid = lay_out(
        route,
        begins or run.today,
        run.open_days(body),
        own=run.lengths(procurement.body_id, route),
        terms=run.terms(procurement, body),
    )
    operations.lay(procurement, route, laid, by=run.by, today=run.today, now=run.now)


def _lay(
    procurement: Procurement,
    route: Route,
    told: Mapping[StageKey, Told],
    old: Sequence[Milestone],
    run: Run,
    *,
    is_new: bool = False,
) -> None:
    """The route around the days told, and around what has happened by the plan before it."""
    kept = {row.stage: row for row in old if row.reached_on and row.stage not in told}
    known = {stage: row.reached_on for stage, row in kept.items() if row.reached_on}
    known |= {stage: one.day for stage, one in told.items()}
    body = run.place(procurement.body_id)
    begins = begins_on(route, told) or min(known.values(), default=run.today)
    laid = lay_out(
        route,
        begins,
        run.open_days(body),
        own=run.lengths(procurement.body_id, route),
        known=known,
        terms=run.terms(procurement, body),
    )
    lines = []
    for one, day, reached in in_line(laid, told):
        row, said = kept.get(one.stage), told.get(one.stage)
        if said:
            line = operations.Line(one.stage, day, reached, Certainty.PUBLISHED, said.url)
        elif row and row.reached_on:
            been = min(row.reached_on, reached) if reached else row.reached_on
            line = operations.Line(one.stage, day, been, row.certainty, row.source_url)
        else:
            line = operations.Line(one.stage, day, reached, LENGTHS_CERTAINTY)
        lines.append(line)
    operations.lay_as_told(
        procurement, route, lines, by=run.by, today=run.today, now=run.now, is_new=is_new
    )


# --- What stands beside each other ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Difference:
    """A fact that stands otherwise here than in the notices; `stage` of a milestone's day."""

    fact: NoticeFact
    ours: Any
    theirs: Any
    stage: StageKey | None = None


def differences(
    procurement: Procurement, plan: Plan | None, facts: NoticeFacts, today: date
) -> list[Difference]:
    """Where somebody's word and the notices' differ. What the notices do not say differs not."""
    found = [
        Difference(column.fact, getattr(procurement, column.name), said)
        for column in _COLUMNS
        if (said := column.said(facts)) not in ("", None)
        and said != getattr(procurement, column.name)
    ]
    if plan is None:
        return found
    if facts.route and facts.route is not plan.route:
        found.append(Difference(NoticeFact.ROUTE, plan.route, facts.route))
    for stage, told in days_for(plan.route, facts, today).items():
        row = queries.milestone_of(plan, stage)
        ours = row.reached_on if told.has_been else row.day
        if ours != told.day and not (row.reached_on and not told.has_been):
            found.append(Difference(NoticeFact.DAYS, ours, told.day, stage))
    return found


def take_theirs(procurement: Procurement, run: Run) -> Applied:
    """Let everything stand as the notices say."""
    run.forget()
    facts = facts_of(notice_queries.records_of(procurement.id))
    done = apply(procurement, NOTHING_SAID, facts, run, force=True)
    run.to_index.add(procurement.id)
    run.index()
    return done


# --- The register ---------------------------------------------------------------------------------


def take_away(import_id: int, run: Run) -> tuple[int, int]:
    """Take the contracts of an upload out of the register again, with a line for each who has them.
    Returns how many went, and how many stay since somebody has worked with them."""
    there = [
        (word, word.contract.organisation_id)
        for word in notice_queries.words_of_import(import_id)
        if word.contract is not None
    ]
    stay = published.take_away([word for word, _place in there])
    _tell_of(
        "contracts_taken_out",
        Counter(place for word, place in there if word.contract_id is None),
        run,
    )
    return len(there) - stay, stay


def _tell_of(event: str, numbers: Mapping[int, int], run: Run) -> None:
    """A line in the timeline of each organisation: how many of its contracts it is about."""
    for place_id, number in numbers.items():
        place = run.place(place_id)
        activities.record(
            ActivityKind.CONTRACT, place, now=run.now, by=run.by, event=event, number=number
        )


def put_back(import_id: int, run: Run) -> int:
    """Put them there again. Returns how many came back."""
    missing = {
        one.id: one
        for one in notice_queries.words_of_import(import_id)
        if one.contract_id is None and one.told
    }
    run.forget()
    back: Counter[int] = Counter()
    for procurement in notice_queries.procurements_of(missing):
        told = published_contracts(run.records(procurement.id))
        known = notice_queries.words_of(procurement.id)
        for one, word in published.told_again(told, known):
            if word.id in missing:
                case = notice_queries.won_case(procurement.id) if is_ours(one, run.ours) else None
                published.put_back(procurement.organisation, word, one, run.writing, case=case)
                back[procurement.organisation_id] += word.contract is not None
    run.writing.finish()
    _tell_of("contracts_put_back", +back, run)
    return back.total()


# --- Buyers that were not found -------------------------------------------------------------------


def choose_buyer(key: str, organisation: Organisation, run: Run) -> int:
    """This buyer is this organisation: for all of its notices, and those to come. Returns how many.

    Of a body whose organisation number was not known it is learnt.
    """
    _one_at_a_time()
    body = db.session.get_one(Organisation, organisation.body_id)
    waiting = notice_queries.without_body(key)
    number = next((row.buyer_number for row in waiting if row.buyer_number), None)
    if (
        number
        and organisation is body
        and body.org_number is None
        and not notice_queries.has_number(number)
    ):
        body.org_number = number
    run.forget()
    records = [(row, from_plain(row.record)) for row in waiting]
    order = {id(one): n for n, one in enumerate(rules.in_order(one for _row, one in records))}
    for row, record in sorted(records, key=lambda pair: order[id(pair[1])]):
        row.organisation_id, row.body_id, row.left_out = organisation.id, body.id, False
        db.session.flush()
        place(row, record, run)
        db.session.flush()
    run.index()
    return len(waiting)


def leave_out(key: str, *, out: bool) -> int:
    """This buyer is none of ours, or may be after all. Returns how many notices it is about."""
    waiting = notice_queries.without_body(key)
    for row in waiting:
        row.left_out = out
    return len(waiting)
