"""Pages of records requests: the list, a new one with its letter, and what was answered."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts import vendor
from crm.accounts.queries import colleagues
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.contracts import queries as contracts
from crm.core import clock
from crm.core.db import db
from crm.law import queries as law
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.organisations.models import Organisation
from crm.procurements import queries as procurements
from crm.procurements.models import Procurement
from crm.records import operations, queries
from crm.records.forms import AnswerForm, NewRequestForm, RequestForm
from crm.records.models import RecordsRequest
from crm.rules.access import Permission
from crm.rules.calendar import previous_working_day
from crm.rules.law.records import answer_is_due, bids_are_secret, refusal_appeal_deadline
from crm.rules.records_letter import About, RequestKind, letter, subject
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.forms import clean, page, user
from crm.web.labels import choices
from crm.web.law_steps import shown_steps
from crm.web.overtaken import last_save

bp = Blueprint("records", __name__, url_prefix="/records")

ANSWER_USUALLY: Final = timedelta(days=14)  # until the first follow-up; the law says "promptly"


@bp.app_template_global("records_of")
def records_of(procurement_id: int) -> Sequence[RecordsRequest]:
    """For the page of a procurement, which knows nothing of requests. One statement."""
    return queries.of_procurement(procurement_id)


@bp.get("")
@requires(Permission.READ)
def index() -> Response:
    """The list: those without an answer by the day of follow-up, or the answered ones."""
    args = request.args
    chosen = queries.Filter(
        text=str(clean(args.get("q", "")[:100])),
        owner_id=int(current_user.id)
        if args.get("owner") == "me"
        else number_or_none(args.get("owner")),
        body_id=number_or_none(args.get("body")),
        answered=args.get("answered") == "1",
    )
    return page(
        "records/index.html",
        requests=queries.rows(chosen, page=page_number(args)),
        chosen=chosen,
        owners=colleagues(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def new() -> AnyResponse:
    """A request, from a procurement, a case, an account, or in the words of another (`like`)."""
    form = NewRequestForm()
    procurement, case = _about(request.values.get("procurement"), request.values.get("case"))
    today = clock.today()
    kind = _kind(request.values.get("kind"), case)
    if not form.is_submitted():
        _propose(form, kind, procurement, case, today)

    def make() -> str:
        made = operations.ask(
            picked(form.organisation),
            title=form.title.data,
            kind=kind,
            asked=form.asked.data,
            asked_on=form.asked_on.day or today,
            channel=form.channel.data,
            sent_to=form.sent_to.data or "",
            reference=form.reference.data or "",
            follow_up_on=form.follow_up_on.day,
            procurement=procurement,
            case=case,
            by=user(),
            today=today,
            now=clock.now(),
        )
        return url_for(".show", request_id=made.id)

    if there := form.carried_out_once(make):
        flash(_("Written down. The letter is here to send, copy or print."), "message")
        return redirect(there, 303)
    return page(
        "records/new.html",
        form=form,
        kind=kind,
        kinds=choices(RequestKind),
        procurement=procurement,
        case=case,
        secret=_secret(procurement, kind, today),
    )


def _about(
    procurement_id: str | None, case_id: str | None
) -> tuple[Procurement | None, Case | None]:
    """What the request is about. A case brings its procurement along, and the other way round."""
    number, other = number_or_none(case_id), number_or_none(procurement_id)
    case = cases.get(number) if number is not None else None
    procurement = procurements.get(other) if other is not None else None
    if case is not None and procurement is None:
        procurement = procurements.of_case(case.id)
    elif procurement is not None and case is None:
        case = queries.case_of(procurement)
    return procurement, case


def _kind(asked: str | None, case: Case | None) -> RequestKind:
    if asked in set(RequestKind):
        return RequestKind(asked)
    running = case is not None and case.contract_ends_on is not None
    return RequestKind.CONTRACT if running else RequestKind.AWARD


def _propose(
    form: NewRequestForm,
    kind: RequestKind,
    procurement: Procurement | None,
    case: Case | None,
    today: date,
) -> None:
    """The letter and the days, as a proposal."""
    place = number_or_none(request.args.get("organisation"))
    organisation: Organisation | None = None
    if place is not None:
        organisation = organisations.get(place)
    elif procurement is not None or case is not None:
        body_id = (procurement or case).body_id  # type: ignore[union-attr]  # one of them is there
        organisation = organisations.get(body_id)
    about = procurement or case
    like = number_or_none(request.args.get("like"))
    other = queries.get(like) if like is not None else None
    form.kind.data = kind.value
    form.procurement.data = str(procurement.id) if procurement else ""
    form.case.data = str(case.id) if case else ""
    form.title.data = about.title if about else ""
    form.reference.data = procurement.reference if procurement else ""
    form.asked_on.data = today
    form.follow_up_on.data = previous_working_day(today + ANSWER_USUALLY)
    if organisation is not None:
        form.organisation.show(organisation)
    decided = queries.award_day(procurement.id) if procurement else None
    form.asked.data = (
        other.asked
        if other is not None
        else letter(
            kind,
            About(
                body=organisation.title if organisation else "…",
                title=about.title if about else "…",
                reference=procurement.reference if procurement else "",
                decided=decided.known_on if decided else None,
                ends=case.contract_ends_on if case else None,
                sender=_signed(user().name),
            ),
        )
    )


def _signed(name: str) -> str:
    """The sender's name over the company's own (accounts.vendor)."""
    us = vendor.facts()
    return "\n".join(line for line in (name, us.heading, us.contact) if line)


def _secret(procurement: Procurement | None, kind: RequestKind, today: date) -> bool:
    """Whether what is asked for is still secret, as far as the plan tells (OSL 19 kap. 3 §)."""
    if procurement is None or kind is not RequestKind.AWARD:
        return False
    decided = queries.award_day(procurement.id)
    return bids_are_secret(
        today,
        awarded=decided.reached_on if decided else None,
        closed=procurement.cancelled_on,
    ).value


@bp.get("/<id:request_id>")
@requires(Permission.READ)
def show(request_id: int) -> Response:
    """One request: its letter, what was answered, and what was asked elsewhere."""
    found = queries.get(request_id)
    appeal = refusal_appeal_deadline(law.values(), found.refused_on) if found.refused_on else None
    return page(
        "records/show.html",
        request_=found,
        subject=_subject(found),
        due=shown_steps(answer_is_due()),
        appeal=shown_steps(appeal) if appeal else [],
        elsewhere=queries.elsewhere(found),
    )


def _subject(found: RecordsRequest) -> str:
    return subject(About(found.body.title, found.title, found.reference))


@bp.get("/<id:request_id>/letter")
@requires(Permission.READ)
def paper(request_id: int) -> Response:
    """The letter alone, for paper."""
    found = queries.get(request_id)
    return page("records/letter.html", request_=found, subject=_subject(found))


@bp.route("/<id:request_id>/edit", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def edit(request_id: int) -> AnyResponse:
    """Put right what was asked, or follow up on another day."""
    found = queries.get(request_id)
    form = RequestForm(obj=found)
    if not form.is_submitted():
        form.version.data = str(found.version)

    def save() -> None:
        form.check_version(found)
        operations.edit(
            found,
            title=form.title.data,
            asked=form.asked.data,
            asked_on=form.asked_on.day or found.asked_on,
            channel=form.channel.data,
            sent_to=form.sent_to.data or "",
            reference=form.reference.data or "",
            follow_up_on=form.follow_up_on.day,
            today=clock.today(),
        )

    if form.carried_out(save):
        flash(_("Saved."), "message")
        return redirect(url_for(".show", request_id=found.id), 303)
    return page("records/edit.html", form=form, request_=found)


@bp.route("/<id:request_id>/answer", methods=["GET", "POST"])
@requires(Permission.EDIT_CASES)
def answer(request_id: int) -> AnyResponse:
    """What came of it: the answer, the fee, a refusal, and the facts that were read out of it."""
    found = queries.get(request_id)
    form = AnswerForm(obj=found)
    today = clock.today()
    had_contract = found.contract_id is not None
    if not form.is_submitted():
        form.version.data = str(_answer_version(found))
        form.fee.data = found.fee_ore
        form.answered_on.data = found.answered_on or today
        if found.contract_id is not None:
            contract = contracts.get(found.contract_id)
            form.supplier.data, form.price.data = contract.supplier, contract.value_ore
            form.ends_on.data, form.notice_months.data = contract.ends_on, contract.notice_months
            form.options.show(one.months for one in contract.options)

    def save() -> None:
        form.check_number(_answer_version(found), lambda: last_save(found.contract or found))
        operations.answer(
            found,
            answered_on=form.answered_on.day,
            outcome=form.outcome.data,
            fee_ore=form.fee.ore,
            secrecy_note=form.secrecy_note.data or "",
            refused_on=form.refused_on.day,
            appeal_settled=form.appeal_settled.data,
            facts=form.facts.data or "",
            files=form.files.data or "",
            values=law.values(),
            by=user(),
            today=today,
            now=clock.now(),
        )
        operations.to_register(
            found,
            supplier=(form.supplier.data or "").strip(),
            value_ore=form.price.ore,
            ends_on=form.ends_on.day,
            options=form.options.months,
            notice_months=form.notice_months.data,
            by=user(),
            today=today,
            now=clock.now(),
        )

    if form.carried_out(save):
        db.session.expire(found)
        in_register = not had_contract and found.contract_id is not None
        flash(
            _("Saved. The contract is in the register.") if in_register else _("Saved."), "message"
        )
        return redirect(url_for(".show", request_id=request_id), 303)
    return page("records/answer.html", form=form, request_=found)


def _answer_version(found: RecordsRequest) -> int:
    """The request's, and that of its contract in the register: the form writes to both."""
    return found.version + (found.contract.version if found.contract is not None else 0)
