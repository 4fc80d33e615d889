"""What can be done to a contract. One verb each; what is worked out from it is kept along."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm.attributes import flag_modified

from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.audit import removals
from crm.audit.models import Removal
from crm.cases import operations as cases
from crm.cases.models import Case, Product
from crm.contracts import queries
from crm.contracts.models import Contract, ContractOption, FrameworkCaller
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.core.pending import needs_planning
from crm.organisations.models import Organisation
from crm.rules import contracts as rules
from crm.rules.certainty import Certainty
from crm.rules.contracts import ContractKind, FrameworkPosition, OptionState
from crm.rules.money import MOST_ORE
from crm.search import operations as search


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is written down about a contract. Money is whole öre, excluding VAT."""

    kind: ContractKind
    title: str
    source: str
    supplier: str = ""
    supplier_number: str = ""
    product_id: int | None = None
    reference: str = ""
    position: FrameworkPosition | None = None
    signed_on: date | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    open_ended: bool = False
    notice_months: int | None = None
    value_ore: int | None = None
    yearly_ore: int | None = None
    cap_ore: int | None = None
    used_ore: int | None = None
    used_on: date | None = None
    source_url: str = ""
    certainty: Certainty = Certainty.CONFIRMED
    note: str = ""


def add(
    organisation: Organisation,
    facts: Facts,
    *,
    options: Sequence[int] = (),
    case: Case | None = None,
    by: User | None,
    today: date,
    now: datetime,
    published: bool = False,
) -> Contract:
    """Put a contract into the register. `options`: the months of each, in order.

    One that a notice tells of is `published`: the timeline has the notice, and no line for each of
    what may be fifty suppliers. Whoever writes such ones puts them all into the database and the
    search index, and marks the body as one to plan anew.

    `case`: the won case it came from (D13). A framework can be called off by its own body, to begin
    with. Raises RuleBroken for facts that cannot be.
    """
    _require_possible(facts, today)
    if len(options) > rules.MOST_OPTIONS:
        raise RuleBroken(_("A contract has at most %(most)s options.", most=rules.MOST_OPTIONS))
    if case is not None and case.body_id != organisation.body_id:
        raise RuleBroken(_("%(title)s belongs to another body.", title=case.title))
    contract = Contract(
        organisation_id=organisation.id,
        body_id=organisation.body_id,
        case_id=case.id if case is not None else None,
        checked_on=today,
        created_at=now,
    )
    _write(contract, facts, today)
    contract.options = [
        ContractOption(position=position, months=months, state=OptionState.OPEN)
        for position, months in enumerate(options)
    ]
    contract.runs_until = rules.last_day(contract.ends_on, contract.extensions, None)
    if case is None:
        db.session.add(contract)
    else:
        with refusing_doubles(_("That case has a contract already."), "uq_contract_case_id"):
            db.session.add(contract)
    if facts.kind is ContractKind.FRAMEWORK:
        db.session.add(FrameworkCaller(contract=contract, organisation_id=organisation.id))
    if not published or case is not None:
        db.session.flush()
        _keep(contract)
    if not published:
        reindex([contract.id])
        _tell(contract, "contract_added", by, now)
    return contract


def reindex(ids: Collection[int]) -> None:
    """Put these into the search index anew: by title, supplier and their number (diarienummer)."""
    search.put_many(
        search.Doc(
            kind="contract",
            ref_id=one.id,
            title=one.title,
            subtitle=one.organisation.title,
            path=one.organisation.path,
            organisation_id=one.organisation_id,
            body_id=one.body_id,
            own=one.reference,
            extra=one.supplier,
        )
        for one in queries.to_index(ids)
    )


def edit(contract: Contract, facts: Facts, *, today: date) -> None:
    """Save the facts; who saves them has looked at them. Raises RuleBroken as `add` does."""
    _require_possible(facts, today)
    if contract.ended_on is not None and facts.starts_on and contract.ended_on < facts.starts_on:
        raise RuleBroken(_("It ended before it would begin."))
    _write(contract, facts, today)
    contract.checked_on = today
    _keep(contract)
    reindex([contract.id])


def _write(contract: Contract, facts: Facts, today: date) -> None:
    for name, value in asdict(facts).items():
        setattr(contract, name, value)
    if facts.kind is ContractKind.OWN:
        contract.supplier = contract.supplier_number = ""
    if facts.kind is not ContractKind.FRAMEWORK:
        contract.position = None
    elif facts.position is None:
        contract.position = FrameworkPosition.OUTSIDE
    if facts.used_ore is None:
        contract.used_on = None
    elif facts.used_on is None:
        contract.used_on = today


def _require_possible(facts: Facts, today: date) -> None:
    """Raises RuleBroken with the sentence of the first thing that cannot be."""
    start, end = facts.starts_on, facts.ends_on
    if facts.kind is ContractKind.OTHER and not facts.supplier:
        raise RuleBroken(_("Say who the supplier is."))
    if end is not None and facts.open_ended:
        raise RuleBroken(_("A contract either has a last day or runs until notice."))
    if facts.open_ended and facts.notice_months is None:
        raise RuleBroken(_("Say how many months’ notice there is, as it runs until notice."))
    if start is not None and end is not None:
        if start > end:
            raise RuleBroken(_("It would end before it begins."))
        if end - start > rules.LONGEST:
            raise RuleBroken(_("That is more than sixty years. Check the days."))
    if facts.signed_on is not None and end is not None and facts.signed_on > end:
        raise RuleBroken(_("It would be signed after its last day."))
    if facts.used_on is not None and facts.used_on > today:
        raise RuleBroken(_("What has been used is counted today or on an earlier day."))
    if facts.used_on is not None and facts.used_ore is None:
        raise RuleBroken(_("Say how much had been used that day."))
    for ore in (facts.value_ore, facts.yearly_ore, facts.cap_ore, facts.used_ore):
        if ore is not None and ore > MOST_ORE:
            raise RuleBroken(_("That is more than a hundred billion kronor. Check the amount."))


def retract(contract: Contract) -> None:
    """What the notices told no more: it goes, with its options and who could call off.

    The field history keeps it. Needs the options loaded.
    """
    cases = [one for one in (contract.case_id, contract.renewal_case_id) if one is not None]
    number = contract.id
    for caller in queries.caller_rows(number):
        db.session.delete(caller)
    for option in list(contract.options):
        db.session.delete(option)
    db.session.flush()
    db.session.delete(contract)
    db.session.flush()
    search.drop("contract", number)
    for case_id in cases:
        _keep_case(case_id)
    needs_planning(contract.body_id, "contract_changed")


def confirm(contract: Contract, *, today: date) -> None:
    """Looked at again, and still right (A12)."""
    contract.checked_on = today


def end(
    contract: Contract,
    on: date | None,
    *,
    why: str,
    by: User | None,
    now: datetime,
) -> None:
    """It ended, or ends, before its time: its last day. None: it does not, after all.

    Raises RuleBroken for a day before it begins, or after the days it could run to.
    """
    if on is not None:
        if contract.starts_on is not None and on < contract.starts_on:
            raise RuleBroken(_("It would end before it begins."))
        furthest = rules.furthest_day(contract.ends_on, contract.extensions)
        if furthest is not None and on > furthest:
            raise RuleBroken(_("It ends before that in any case."))
    contract.ended_on, contract.ended_why = on, why if on is not None else ""
    _keep(contract)
    if on is not None:
        _tell(contract, "contract_ended", by, now, on=on.isoformat())


# --- Options ------------------------------------------------------------------------------------


def decide(
    contract: Contract,
    option: ContractOption,
    state: OptionState,
    *,
    by: User | None,
    today: date,
    now: datetime,
) -> None:
    """The option is used or declined today; or, with OPEN, that is taken back.

    Options are dealt with in order. Raises RuleBroken where another one comes first, or where there
    is no end to prolong.
    """
    if contract.ends_on is None or contract.ended_on is not None:
        raise RuleBroken(_("There is no last day to prolong."))
    if state is OptionState.OPEN:
        decided = [row for row in contract.options if row.state is not OptionState.OPEN]
        if not decided or decided[-1] is not option:
            raise RuleBroken(_("Take back what was decided last first."))
    elif rules.first_open(contract.extensions) != contract.options.index(option):
        raise RuleBroken(_("Options are decided in order, each once."))
    option.state = state
    option.decided_on = None if state is OptionState.OPEN else today
    _touch(contract)
    _keep(contract)
    if state is not OptionState.OPEN:
        event = "option_used" if state is OptionState.USED else "option_declined"
        until = contract.runs_until.isoformat() if contract.runs_until else ""
        _tell(contract, event, by, now, until=until)


def add_option(contract: Contract, months: int, notice_on: date | None) -> None:
    """One more option, after those there are. `notice_on`: a day that the contract states."""
    if len(contract.options) >= rules.MOST_OPTIONS:
        raise RuleBroken(_("A contract has at most %(most)s options.", most=rules.MOST_OPTIONS))
    if any(row.state is OptionState.DECLINED for row in contract.options):
        raise RuleBroken(_("An option was declined: nothing follows it."))
    before = contract.furthest
    if notice_on is not None and before is not None and notice_on > before:
        raise RuleBroken(_("Notice would be given after the term has ended."))
    position = contract.options[-1].position + 1 if contract.options else 0
    contract.options.append(
        ContractOption(
            position=position, months=months, state=OptionState.OPEN, notice_on=notice_on
        )
    )
    _touch(contract)
    _keep(contract)


def set_options(contract: Contract, months: Sequence[int]) -> None:
    """The contract's options are these, in order. What stands so already is left as it is.

    Raises RuleBroken where that would change one that has been decided. Needs the options loaded.
    """
    rows = list(contract.options)
    same = next(
        (n for n, (row, new) in enumerate(zip(rows, months, strict=False)) if row.months != new),
        min(len(rows), len(months)),
    )
    if any(row.state is not OptionState.OPEN for row in rows[same:]):
        raise RuleBroken(
            _("An option that has been decided stays. Take that back on the contract’s page first.")
        )
    for row in reversed(rows[same:]):
        remove_option(contract, row)
    for one in months[same:]:
        add_option(contract, one, None)


def remove_option(contract: Contract, option: ContractOption) -> None:
    """It was never in the contract. Raises RuleBroken for one that has been decided."""
    if option.state is not OptionState.OPEN:
        raise RuleBroken(_("It has been decided. Take that back first."))
    contract.options.remove(option)
    db.session.delete(option)
    _touch(contract)
    _keep(contract)


# --- Cases --------------------------------------------------------------------------------------


def renewal_title(contract: Contract) -> str:
    """What a case about what comes after the contract is called, unless somebody renames it."""
    if contract.kind is ContractKind.OWN:
        return _("Renewal: %(title)s", title=contract.title)
    return _("When %(title)s ends", title=contract.title)


def renewal_owner(contract: Contract, by: User | None) -> User | None:
    """Who owns a case about what comes after it: the account's owner, or else `by`."""
    body = db.session.get_one(Organisation, contract.body_id)
    owner = db.session.get(User, body.owner_id) if body.owner_id is not None else None
    return owner if owner is not None and owner.active else by


def renew(contract: Contract, *, title: str, by: User | None, today: date, now: datetime) -> Case:
    """A case about what comes after the contract: the one there is, or else a new one."""
    if contract.renewal_case_id is not None:
        return db.session.get_one(Case, contract.renewal_case_id)
    product = db.session.get(Product, contract.product_id) if contract.product_id else None
    case = cases.open_case(
        db.session.get_one(Organisation, contract.organisation_id),
        title=title[:200],
        products=[product] if product is not None else (),
        owner=renewal_owner(contract, by),
        by=by,
        today=today,
        now=now,
    )
    tie(contract, case)
    return case


def tie(contract: Contract, case: Case) -> None:
    """The case is about what comes after the contract, and has its last day from here.

    Raises RuleBroken for a case of another body, or one that another contract has.
    """
    if case.body_id != contract.body_id:
        raise RuleBroken(_("%(title)s belongs to another body.", title=case.title))
    if case.id == contract.case_id:
        raise RuleBroken(_("The contract came from that case. Choose another one."))
    before = contract.renewal_case_id
    with refusing_doubles(
        _("That case is about another contract already."), "uq_contract_renewal_case_id"
    ):
        contract.renewal_case_id = case.id
    _keep(contract)
    if before is not None and before != case.id:
        _keep_case(before)


def untie(contract: Contract) -> None:
    """The case is about something else. It keeps the day as it was told last."""
    before = contract.renewal_case_id
    contract.renewal_case_id = None
    _keep(contract)
    if before is not None:
        _keep_case(before)


# --- Who may call off ---------------------------------------------------------------------------


def add_callers(contract: Contract, organisations: Sequence[Organisation]) -> int:
    """These may call off as well; how many of them were new. Raises RuleBroken if no framework."""
    if contract.kind is not ContractKind.FRAMEWORK:
        raise RuleBroken(_("Only frameworks are called off from."))
    there = queries.caller_ids(contract.id)
    fresh = [one for one in organisations if one.id not in there]
    for one in fresh:
        db.session.add(FrameworkCaller(contract_id=contract.id, organisation_id=one.id))
    if fresh:
        _touch(contract)
    db.session.flush()
    return len(fresh)


def remove_caller(contract: Contract, organisation_id: int) -> None:
    """It may not call off, after all. Raises NotFound for one that never could."""
    db.session.delete(queries.caller(contract.id, organisation_id))
    _touch(contract)


# --- By mistake ---------------------------------------------------------------------------------


def remove(contract: Contract, *, by: User, now: datetime) -> Removal:
    """Take away a contract that was entered by mistake, with its options and callers.

    The cases that had their last day from it keep the day as it was told last.
    """
    case_ids = (contract.case_id, contract.renewal_case_id)
    body_id = contract.body_id
    word = queries.word_of(contract.id)
    if word is not None and word.contract_version != contract.version:
        word.contract_version = None  # somebody has had to do with it, also once it is put back
    callers = queries.caller_rows(contract.id)
    things = [contract, *contract.options, *callers]
    _tell(contract, "contract_removed", by, now)
    number = contract.id
    removal = removals.remove(
        contract.title,
        things,
        by_id=by.id,
        now=now,
        # the notices may speak of it again: it stays away
        letting_go=[(word, "contract_id")] if word is not None else (),
    )
    search.drop("contract", number)
    for case_id in case_ids:
        if case_id is not None:
            _keep_case(case_id)
    needs_planning(body_id, "contract_changed")
    return removal


def put_back(removal: Removal, *, by: User, now: datetime) -> Contract:
    """It was no mistake. Raises RuleBroken where its case has got another contract meanwhile."""
    with refusing_doubles(
        _("Its case has another contract now."),
        "uq_contract_case_id",
        "uq_contract_renewal_case_id",
    ):
        contract = queries.get(removals.put_back(removal))
    _keep(contract)
    word = queries.word_of(contract.id)
    if word is not None and word.contract_version is not None:
        word.contract_version = contract.version  # the row is new, and as the notices left it
    reindex([contract.id])
    _tell(contract, "contract_added", by, now)
    return contract


# --- What is kept along -------------------------------------------------------------------------


def _touch(contract: Contract) -> None:
    """Its options or who may call off are other than they were: it has a new version with them, so
    that a form from before is stale, and no notice takes it for one that nobody has worked with.
    """
    flag_modified(contract, "runs_until")


def _keep(contract: Contract) -> None:
    """The last day as things stand, on the contract and on the cases that have it from there."""
    contract.runs_until = rules.last_day(contract.ends_on, contract.extensions, contract.ended_on)
    db.session.flush()
    for case_id in (contract.case_id, contract.renewal_case_id):
        if case_id is not None:
            _keep_case(case_id)
    needs_planning(contract.body_id, "contract_changed")


def _keep_case(case_id: int) -> None:
    """One of a contract's cases has its last day, so that nobody is reminded twice: the renewal if
    there is one, or else the case that won it. A case that won one has done with what it renewed.
    """
    won, renews = queries.won_by(case_id), queries.renewed_by(case_id)
    found = won or renews
    speaks = found is not None and (found is not won or won.renewal_case_id is None)
    case = db.session.get_one(Case, case_id)
    if found is None:
        cases.let_go_of_contract(case)
    elif speaks:
        cases.keep_contract(case, found.runs_until, found.source)
    else:
        cases.keep_contract(case, None, "")


def _tell(contract: Contract, event: str, by: User | None, now: datetime, **data: Any) -> None:
    record(
        ActivityKind.CONTRACT,
        db.session.get_one(Organisation, contract.organisation_id),
        now=now,
        by=by,
        event=event,
        contract_id=contract.id,
        title=contract.title,
        **data,
    )
