"""Pages of the contract register: the list, one contract, the calendar, who can call off."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.queries import colleagues
from crm.audit import removals
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.contracts import operations, published, queries
from crm.contracts.forms import (
    CallerForm,
    ContractForm,
    EndForm,
    NewContractForm,
    OptionForm,
    RemoveForm,
    TieForm,
)
from crm.contracts.models import Contract
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound, RuleBroken
from crm.core.paging import PER_PAGE, Page
from crm.law import queries as law
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.rules import contracts as rules
from crm.rules.access import Permission
from crm.rules.contracts import ContractKind, OptionState
from crm.rules.law.contract_life import framework_last_day
from crm.rules.law.terms import Law
from crm.rules.law.values import NoValue
from crm.rules.stages import CaseState, Outcome
from crm.web.access import requires
from crm.web.asked import number_or_none, order_of, page_number
from crm.web.csv import Cell, csv_file, kronor
from crm.web.forms import clean, page, user
from crm.web.labels import choices, label

bp = Blueprint("contracts", __name__, url_prefix="/contracts")

WITHIN = (6, 12, 18, 24)  # months that the register can be narrowed to


def home(contract: Contract) -> AnyResponse:
    """Back to the page of the contract."""
    return redirect(url_for(".show", contract_id=contract.id), 303)


def chosen_of(args: Any) -> queries.Filter:
    """What an address narrows to."""
    within = number_or_none(args.get("within"))
    return replace(
        queries.filter_of(args, int(current_user.id)),
        text=str(clean(args.get("q", "")[:100])),
        within=within if within in WITHIN else None,
        state=args.get("state", "") if args.get("state") in ("over", "all") else "",
        check=args.get("check") == "1",
    )


def _filters() -> dict[str, Any]:
    """What the filter bar offers."""
    return {
        "owners": [(one.id, one.name) for one in colleagues()],
        "counties": organisations.counties(),
        "products": [(one.id, one.name) for one in cases.products()],
        "kinds": choices(ContractKind),
    }


# --- The register -------------------------------------------------------------------------------


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The register, what ends first on top. Filter, order and page live in the address."""
    chosen = chosen_of(request.args)
    order = order_of(request.args, queries.SORTS, "until")
    return page(
        "contracts/index.html",
        contracts=queries.rows(
            chosen,
            today=clock.today(),
            sort=order.column,
            descending=order.descending,
            page=page_number(request.args),
        ),
        chosen=chosen,
        sort=str(order),
        within=WITHIN,
        **_filters(),
    )


@bp.get("/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The list as it is on the screen, all its pages."""
    order = order_of(request.args, queries.SORTS, "until")
    rows = queries.every_row(
        chosen_of(request.args),
        today=clock.today(),
        sort=order.column,
        descending=order.descending,
    )
    heads = (
        _("Contract"),
        _("Whose contract"),
        _("Supplier"),
        _("Account"),
        _("Body"),
        _("County"),
        _("Product"),
        _("Their number"),
        _("First day"),
        _("Last day, without options"),
        _("Runs until"),
        _("Until notice"),
        _("Notice, months"),
        _("Value, kronor"),
        _("A year, kronor"),
        _("Volume cap, kronor"),
        _("Used, kronor"),
        _("Known from"),
        _("How sure"),
        _("Checked"),
    )
    return csv_file(_("contracts"), heads, (_cells(row) for row in rows))


def _cells(row: queries.Row) -> tuple[Cell, ...]:
    return (
        row.title,
        label(row.kind),
        row.supplier,
        row.organisation,
        row.body,
        row.county or "",
        row.product or "",
        row.reference,
        row.starts_on,
        row.ends_on,
        row.runs_until,
        _("yes") if row.open_ended else "",
        row.notice_months,
        kronor(row.value_ore),
        kronor(row.yearly_ore),
        kronor(row.cap_ore),
        kronor(row.used_ore),
        row.source,
        label(row.certainty),
        row.checked_on,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def new() -> AnyResponse:
    """A contract, from an account or (D13) from a case that fills it in: one that we won has it as
    its win, and one that is not closed is about what comes after it."""
    form = NewContractForm()
    asked = number_or_none(request.values.get("case"))
    case = cases.get(asked) if asked is not None else None
    if not form.is_submitted():
        place = number_or_none(request.args.get("organisation"))
        organisation = case.organisation if case else organisations.get(place) if place else None
        if organisation is not None:
            form.organisation.show(organisation)
        kind = request.args.get("kind", "")
        if kind in set(ContractKind):
            form.kind.data = ContractKind(kind)
        if case is not None:
            _fill(form, case)

    def make() -> str:
        contract = operations.add(
            picked(form.organisation),
            form.facts,
            options=form.options.months,
            case=case if case is not None and _is_won(case) else None,
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
        if case is not None and case.state is not CaseState.CLOSED:
            operations.tie(contract, case)
        return url_for(".show", contract_id=contract.id)

    if there := form.carried_out_once(make):
        flash(_("The contract is in the register."), "message")
        return redirect(there, 303)
    return page("contracts/new.html", form=form, case=case)


def _is_won(case: Case) -> bool:
    return case.state is CaseState.CLOSED and case.outcome is Outcome.WON


def _fill(form: NewContractForm, case: Case) -> None:
    """What the case knows already."""
    won = _is_won(case)
    form.kind.data = ContractKind.OWN if won else ContractKind.OTHER
    form.title.data, form.case.data = case.title, str(case.id)
    form.value.data = case.value_ore
    if case.products:
        form.product_id.data = case.products[0].id
    if not case.contract_kept:
        form.ends_on.data = case.contract_ends_on
    form.signed_on.data = case.closed_on if won else None
    form.source.data = case.contract_source or (_("Our own contract") if won else "")


@bp.get("/<id:contract_id>")
@requires(Permission.READ)
def show(contract_id: int) -> Response:
    """One contract: its terms, notice days, money, source, cases; a framework's callers."""
    contract = queries.get(contract_id)
    today = clock.today()
    terms = contract.terms
    word = queries.word_of(contract_id)
    return page(
        "contracts/show.html",
        contract=contract,
        word=word,
        proposed_end=published.proposed_end(contract, word),
        differences=published.differences(contract, word) if word is not None else [],
        terms=terms,
        now_term=queries.term_now(terms, today),
        notice=rules.next_notice(terms, contract.extensions, today),
        next_option=rules.first_open(contract.extensions)
        if contract.ends_on and not contract.ended_on
        else None,
        window=rules.window_opens(contract.runs_until) if contract.runs_until else None,
        if_noticed=rules.end_after_notice(today, contract.notice_months)
        if contract.open_ended and contract.notice_months is not None
        else None,
        overlaps=queries.overlapping(contract),
        callers=queries.callers_of(contract.id, page=page_number(request.args))
        if contract.kind is ContractKind.FRAMEWORK
        else None,
        can_call_off=rules.may_be_called_off(
            today, contract.starts_on, contract.runs_until, contract.used_ore, contract.cap_ore
        ),
        nearly_full=rules.NEARLY_FULL,
        lawful=_lawful_days(contract),
    )


def _lawful_days(contract: Contract) -> dict[str, date]:
    """By act, the last day a framework may be called off from by law; empty for what is none."""
    found: dict[str, date] = {}
    if contract.kind is not ContractKind.FRAMEWORK or contract.starts_on is None:
        return found
    values = law.values()
    for act in (Law.LOU, Law.LUF):
        with suppress(NoValue):
            found[act.value] = framework_last_day(values, act, contract.starts_on).value
    return found


@bp.route("/<id:contract_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit(contract_id: int) -> AnyResponse:
    """What is known of it."""
    contract = queries.get(contract_id)
    form = ContractForm()
    form.also_offer(contract)
    if not form.is_submitted():
        form.version.data = str(contract.version)
        form.show(contract)

    def save() -> None:
        form.check_version(contract)
        operations.edit(contract, form.facts, today=clock.today())

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(contract)
    return page("contracts/edit.html", form=form, contract=contract)


@bp.post("/<id:contract_id>/notices/take")
@requires(Permission.EDIT_CASES)
def take_theirs(contract_id: int) -> AnyResponse:
    """Let it stand as the notices say."""
    contract = queries.get(contract_id)
    word = queries.word_of(contract_id)
    if word is None:
        raise NotFound("notice of the contract")
    try:
        with transaction(by=user()):
            published.take_theirs(contract, word, today=clock.today())
    except RuleBroken as broken:
        flash(str(broken), "warning")
    else:
        flash(_("It stands as the notices say now."), "message")
    return home(contract)


@bp.post("/<id:contract_id>/notices/end")
@requires(Permission.EDIT_CASES)
def take_proposed_end(contract_id: int) -> AnyResponse:
    """It ends as the length in the notices says; where an end is known, nothing changes."""
    contract = queries.get(contract_id)
    ends_on = published.proposed_end(contract, queries.word_of(contract_id))
    if ends_on is not None:
        try:
            with transaction(by=user()):
                published.take_proposed_end(contract, ends_on, today=clock.today())
        except RuleBroken as broken:
            flash(str(broken), "warning")
        else:
            flash(_("The last day is written down."), "message")
    return home(contract)


@bp.post("/<id:contract_id>/confirm")
@requires(Permission.EDIT_CASES)
def confirm(contract_id: int) -> AnyResponse:
    """Looked at again, and still right."""
    contract = queries.get(contract_id)
    with transaction(by=user()):
        operations.confirm(contract, today=clock.today())
    flash(_("Noted: checked today."), "message")
    return home(contract)


@bp.route("/<id:contract_id>/end", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def end(contract_id: int) -> AnyResponse:
    """It ends before its time; without a day, it does not."""
    contract = queries.get(contract_id)
    form = EndForm()
    if not form.is_submitted():
        form.version.data = str(contract.version)
        form.ended_on.data, form.ended_why.data = contract.ended_on, contract.ended_why

    def save() -> None:
        form.check_version(contract)
        operations.end(
            contract,
            form.ended_on.day,
            why=form.ended_why.data or "",
            by=user(),
            now=clock.now(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return home(contract)
    return page("contracts/end.html", form=form, contract=contract)


@bp.route("/<id:contract_id>/remove", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def remove(contract_id: int) -> AnyResponse:
    """It was entered by mistake: what goes along and what stays is said before."""
    contract, form = queries.get(contract_id), RemoveForm()
    if not form.is_submitted():
        form.version.data = str(contract.version)
    made: list[int] = []

    def take_away() -> None:
        form.check_version(contract)
        made.append(operations.remove(contract, by=user(), now=clock.now()).id)

    if form.carried_out(take_away):
        flash(_("The contract is taken away."), f"undo:{url_for('.put_back', removal_id=made[0])}")
        return redirect(url_for(".index"), 303)
    return page(
        "contracts/remove.html",
        form=form,
        contract=contract,
        callers=len(queries.caller_ids(contract.id)),
    )


@bp.post("/removed/<id:removal_id>/put-back")
@requires(Permission.EDIT_CASES)
def put_back(removal_id: int) -> AnyResponse:
    """It was no mistake: as it was, also for its cases."""
    removal = removals.get(removal_id, Contract.__tablename__)
    with transaction(by=user()):
        contract = operations.put_back(removal, by=user(), now=clock.now())
    flash(_("The contract is back."), "message")
    return home(contract)


# --- Options ------------------------------------------------------------------------------------


@bp.route("/<id:contract_id>/option", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_option(contract_id: int) -> AnyResponse:
    """One more option."""
    contract = queries.get(contract_id)
    form = OptionForm()
    if not form.is_submitted():
        form.version.data = str(contract.version)

    def save() -> None:
        form.check_version(contract)
        operations.add_option(contract, form.months.data, form.notice_on.day)

    if form.carried_out(save):
        flash(_("The option is written down."), "message")
        return home(contract)
    return page("contracts/option.html", form=form, contract=contract)


@bp.post("/<id:contract_id>/option/<id:option_id>/use")
@requires(Permission.EDIT_CASES)
def use_option(contract_id: int, option_id: int) -> AnyResponse:
    """The option is used: the contract runs on."""
    return _decide(contract_id, option_id, OptionState.USED)


@bp.post("/<id:contract_id>/option/<id:option_id>/decline")
@requires(Permission.EDIT_CASES)
def decline_option(contract_id: int, option_id: int) -> AnyResponse:
    """The option is not used, nor any after it."""
    return _decide(contract_id, option_id, OptionState.DECLINED)


@bp.post("/<id:contract_id>/option/<id:option_id>/take-back")
@requires(Permission.EDIT_CASES)
def reopen_option(contract_id: int, option_id: int) -> AnyResponse:
    """It has not been decided after all."""
    return _decide(contract_id, option_id, OptionState.OPEN)


def _decide(contract_id: int, option_id: int, state: OptionState) -> AnyResponse:
    contract = queries.get(contract_id)
    option = queries.option_of(contract, option_id)
    if option.state is not state:  # a second click changes nothing
        with transaction(by=user()):
            operations.decide(
                contract, option, state, by=user(), today=clock.today(), now=clock.now()
            )
    back = url_for(".reopen_option", contract_id=contract.id, option_id=option.id)
    flash(
        {
            OptionState.USED: _("The option is used."),
            OptionState.DECLINED: _("The option is not used."),
            OptionState.OPEN: _("Taken back: it is not decided."),
        }[state],
        "message" if state is OptionState.OPEN else f"undo:{back}",
    )
    return home(contract)


@bp.post("/<id:contract_id>/option/<id:option_id>/remove")
@requires(Permission.EDIT_CASES)
def remove_option(contract_id: int, option_id: int) -> AnyResponse:
    """It was never in the contract."""
    contract = queries.get(contract_id)
    option = queries.option_of(contract, option_id)
    with transaction(by=user()):
        operations.remove_option(contract, option)
    flash(_("The option is taken away."), "message")
    return home(contract)


# --- Cases --------------------------------------------------------------------------------------


@bp.post("/<id:contract_id>/renew")
@requires(Permission.EDIT_CASES)
def renew(contract_id: int) -> AnyResponse:
    """A case about what comes after it, in one click; twice is the same case."""
    contract = queries.get(contract_id)
    with transaction(by=user()):
        case = operations.renew(
            contract,
            title=operations.renewal_title(contract),
            by=user(),
            today=clock.today(),
            now=clock.now(),
        )
    flash(
        _("The case has the contract's last day, and reminds 18 and 12 months before."), "message"
    )
    return redirect(url_for("overview.case", case_id=case.id), 303)


@bp.route("/<id:contract_id>/case", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def tie(contract_id: int) -> AnyResponse:
    """A case that there is already is about what comes after the contract."""
    contract = queries.get(contract_id)
    form = TieForm()
    form.case_id.choices = [(one.id, one.title) for one in queries.cases_to_tie(contract)]
    if not form.is_submitted():
        form.version.data = str(contract.version)

    def save() -> None:
        form.check_version(contract)
        operations.tie(contract, cases.get(form.case_id.data))

    if form.carried_out(save):
        flash(_("The case has the contract's last day."), "message")
        return home(contract)
    return page("contracts/tie.html", form=form, contract=contract)


@bp.post("/<id:contract_id>/case/untie")
@requires(Permission.EDIT_CASES)
def untie(contract_id: int) -> AnyResponse:
    """The case is about something else."""
    contract = queries.get(contract_id)
    with transaction(by=user()):
        operations.untie(contract)
    flash(_("The case and the contract are apart."), "message")
    return home(contract)


# --- Who may call off ---------------------------------------------------------------------------


@bp.route("/<id:contract_id>/callers", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def add_callers(contract_id: int) -> AnyResponse:
    """Who may call off as well: one account, or every body of a kind."""
    contract = queries.get(contract_id)
    if contract.kind is not ContractKind.FRAMEWORK:
        raise NotFound("framework")
    form = CallerForm()
    added: list[int] = []

    def save() -> None:
        one = picked(form.organisation)
        many: Sequence[Any] = (
            queries.bodies_of(form.group.data, form.county.data) if form.group.data else ()
        )
        added.append(operations.add_callers(contract, [*([one] if one else []), *many]))

    if form.carried_out(save):
        flash(ngettext("One account more.", "%(num)s accounts more.", added[0]), "message")
        return home(contract)
    return page("contracts/callers.html", form=form, contract=contract)


@bp.post("/<id:contract_id>/callers/<id:organisation_id>/remove")
@requires(Permission.EDIT_CASES)
def remove_caller(contract_id: int, organisation_id: int) -> AnyResponse:
    """It may not call off, after all."""
    contract = queries.get(contract_id)
    with transaction(by=user()):
        operations.remove_caller(contract, organisation_id)
    flash(_("Taken away."), "message")
    return home(contract)


@bp.get("/call-off")
@requires(Permission.READ)
def call_off() -> Response:
    """Which accounts can call off today, and from what (D4)."""
    chosen = chosen_of(request.args)
    return page(
        "contracts/call_off.html",
        callers=queries.who_can_call_off(
            chosen,
            today=clock.today(),
            page=page_number(request.args),
            framework_id=number_or_none(request.args.get("framework")),
        ),
        chosen=chosen,
        framework=number_or_none(request.args.get("framework")),
        **_filters(),
    )


# --- The calendar -------------------------------------------------------------------------------


@bp.get("/calendar")
@requires(Permission.READ)
def calendar() -> Response:
    """Twenty-four months of last days, notice days and windows that open (H9)."""
    chosen = chosen_of(request.args)
    first, last = queries.span_of_calendar(clock.today())
    days = queries.calendar(chosen, first=first, last=last)
    number = page_number(request.args)
    shown = days[(number - 1) * PER_PAGE : number * PER_PAGE]
    return page(
        "contracts/calendar.html",
        chosen=chosen,
        months=queries.months_of(days, first),
        days=Page(shown, number, len(days)),
        starts={
            (day.event.day.year, day.event.day.month): place // PER_PAGE + 1
            for place, day in reversed(list(enumerate(days)))
        },
        endless=queries.until_notice(chosen),
        **_filters(),
    )
