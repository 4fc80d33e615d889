"""Pages of notices: files taken in, what became of each, one notice, and buyers not found.

Hung up in `views.py`. Nothing is fetched from anywhere: the program calls nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from itertools import islice
from typing import Any, Final, TypeVar

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as AnyResponse

from crm.adapters.notices.upload import read_upload
from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import NotFound
from crm.organisations import queries as organisations
from crm.organisations.forms import picked
from crm.organisations.operations import add_body
from crm.procurements import notice_queries, notices, operations, queries
from crm.procurements.forms import BuyerForm, NewBuyerForm, NoticesForm
from crm.procurements.models import Notice, NoticeImport, NoticeOutcome
from crm.rules import notices as rules
from crm.rules.access import Permission
from crm.rules.awarded import contracts_of
from crm.rules.notice_facts import web_address
from crm.rules.notice_records import from_plain
from crm.rules.notices import Deadline, FieldChange, Money, NoticeKind, Words
from crm.web import filters
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import clean, page, user
from crm.web.labels import LABELS, choices, label

GIVEN_UP: Final = timedelta(minutes=15)
"""After so long without an end, the reading of an upload was interrupted."""

_LONG: Final = 300  # signs of a text in a list of changes

T = TypeVar("T")


@requires(Permission.READ)
def index() -> Response:
    """Every notice that is here, those whose buyer is not found first."""
    args = request.args
    kind = args.get("kind", "")
    chosen = notice_queries.Filter(
        text=str(clean(args.get("q", "")[:100])),
        kind=NoticeKind(kind) if kind in set(NoticeKind) else None,
        unmatched=args.get("unmatched") == "1",
        left_out=args.get("out") == "1",
    )
    return page(
        "procurements/notices.html",
        notices=notice_queries.rows(chosen, page=page_number(args)),
        chosen=chosen,
        kinds=choices(NoticeKind),
        imports=notice_queries.latest_imports(),
    )


# --- Import ---------------------------------------------------------------------------------------


@requires(Permission.IMPORT)
def take_in() -> AnyResponse:
    """Files or a zip of notices. A number or a link tells where to get one (?number=)."""
    form = NoticesForm()
    uploads = [one for one in form.files.data or () if getattr(one, "filename", "")]
    if form.is_submitted() and not uploads:
        form.refuse(_("Choose one or more files first."))
    begun: dict[str, int] = {}

    def begin() -> str:
        names = ", ".join(str(clean(one.filename)) for one in uploads)
        made = notices.begin(names, by=user(), now=clock.now())
        there = url_for(".notice_import", import_id=made.id)
        begun[there] = made.id
        return there

    if not form.refusals and (there := form.carried_out_once(begin)):
        if there in begun:
            _read(begun[there], uploads)
        return redirect(there, 303)
    asked = str(clean(request.args.get("number", "")[:500]))
    number = rules.publication_number(asked)
    return page(
        "procurements/notices_import.html",
        form=form,
        asked=asked,
        number=number,
        known=notice_queries.by_publication_number(number) if number else None,
        ted_page=rules.ted_page(number) if number else "",
        imports=notice_queries.latest_imports(),
    )


def too_large() -> Response | None:
    """The form again, for an upload that is more than is taken at once. Nothing was kept of it."""
    if not current_user.is_authenticated or not current_user.may(Permission.IMPORT):
        return None
    form = NoticesForm(formdata=None)
    form.refuse(
        _(
            "The files are more than 20 MB together, so nothing was read. Send them in smaller "
            "parts, or in a zip: notices shrink to a tenth."
        )
    )
    return page(
        "procurements/notices_import.html",
        form=form,
        asked="",
        number=None,
        known=None,
        ted_page="",
        imports=notice_queries.latest_imports(),
    )


def _read(import_id: int, uploads: Sequence[FileStorage]) -> None:
    """Read the files and keep what they hold, some notices at a time.

    Each lot is a transaction of its own, so that nobody waits for a large upload and nothing that
    has been read is lost if it is interrupted. Between them no lock is held.
    """
    by = user()
    run: notices.Run | None = None
    for upload in uploads:
        with closing(upload.stream):
            results = read_upload(str(clean(upload.filename)), upload.stream)  # type: ignore[arg-type]  # a file in all but its type
            for some in _batched(notices.items(results), notices.AT_A_TIME):
                with transaction(by=by):
                    run = run or notices.Run(by, clock.today(), clock.now())
                    notices.store(import_id, some, run)
    with transaction(by=by):
        notices.finish(import_id, now=clock.now())


def _batched(things: Iterable[T], most: int) -> Iterator[list[T]]:
    rest = iter(things)
    while some := list(islice(rest, most)):
        yield some


@requires(Permission.READ)
def show_import(import_id: int) -> Response:
    """What became of each file of an upload."""
    done = notice_queries.get_import(import_id)
    told = request.args.get("only", "")
    only = NoticeOutcome(told) if told in set(NoticeOutcome) else None
    return page(
        "procurements/notice_import.html",
        done=done,
        state=_state(done),
        counted=notice_queries.counted(done.id),
        only=only,
        outcomes=list(NoticeOutcome),
        results=notice_queries.results(done.id, only, page=page_number(request.args)),
        unmatched=notice_queries.unmatched(done.id),
        proposals=notice_queries.proposals(done.id),
        register=notice_queries.in_register(done.id),
    )


@requires(Permission.IMPORT)
def take_contracts_away(import_id: int) -> AnyResponse:
    """Take what an upload put into the contract register out of it again."""
    done = notice_queries.get_import(import_id)
    with transaction(by=user()):
        went, stay = notices.take_away(done.id, notices.Run(user(), clock.today(), clock.now()))
    there = url_for(".notice_import", import_id=done.id)
    if went:
        flash(
            ngettext(
                "%(num)s contract was taken out of the register.",
                "%(num)s contracts were taken out of the register.",
                went,
            ),
            "undo:" + url_for(".put_contracts_back", import_id=done.id),
        )
    if stay:
        flash(
            ngettext(
                "%(num)s stays: somebody has worked with it.",
                "%(num)s stay: somebody has worked with them.",
                stay,
            ),
            "warning",
        )
    return redirect(there, 303)


@requires(Permission.IMPORT)
def put_contracts_back(import_id: int) -> AnyResponse:
    """Put them into the register again."""
    done = notice_queries.get_import(import_id)
    with transaction(by=user()):
        back = notices.put_back(done.id, notices.Run(user(), clock.today(), clock.now()))
    flash(
        ngettext("%(num)s contract to the register.", "%(num)s contracts to the register.", back),
        "message",
    )
    return redirect(url_for(".notice_import", import_id=done.id), 303)


def _state(done: NoticeImport) -> str:
    if done.finished_at is not None:
        return "finished"
    return "reading" if clock.now() - done.started_at < GIVEN_UP else "interrupted"


# --- One notice -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a notice says otherwise than the one before it, in words."""

    name: str
    before: str
    after: str


@requires(Permission.READ)
def show(notice_id: int) -> Response:
    """All that a notice says, what it changed, and the others of the same procurement."""
    row = notice_queries.get(notice_id)
    record = from_plain(row.record)
    together = (
        notice_queries.of_procurement(row.procurement_id) if row.procurement_id is not None else ()
    )
    before = _before(row, record, together)
    return page(
        "procurements/notice.html",
        row=row,
        record=record,
        law=record.law,
        tenders=_tenders(record),
        contracts=contracts_of(record),
        register=notice_queries.contracts_told_by(row.id),
        others=[one for one in together if one.id != row.id],
        before=before,
        changes=_changes(from_plain(before.record), record) if before else [],
        document_url=web_address(record.document_url),
        submission_url=web_address(record.submission_url),
        said=said,
    )


def _tenders(record: rules.Notice) -> str:
    """How many tenders came in: for all lots the same, or from the fewest to the most."""
    told = sorted({one.tenders for one in record.awards if one.tenders is not None})
    return "–".join(str(one) for one in dict.fromkeys((told[0], told[-1]))) if told else ""


def _before(row: Notice, record: rules.Notice, together: Sequence[Notice]) -> Notice | None:
    """The notice about the same that came before this one, in the order in which they were sent."""
    by_id = {one.id: from_plain(one.record) for one in together}
    ids = {id(told): key for key, told in by_id.items()}
    earlier = None
    for told in rules.in_order(by_id.values()):
        if ids[id(told)] == row.id:
            break
        if told.about is record.about:
            earlier = ids[id(told)]
    return next((one for one in together if one.id == earlier), None)


def _changes(old: rules.Notice, new: rules.Notice) -> list[Change]:
    return [
        Change(_name(one), said(one.old), said(one.new)) for one in rules.what_changed(old, new)
    ]


def _name(change: FieldChange) -> str:
    parts = [label(change.field)]
    if change.deadline:
        parts.append(label(change.deadline))
    if change.lot:
        parts.append(change.lot)
    return ", ".join(parts)


def said(value: Any) -> str:
    """A value of a notice in words, as it was published; "" for nothing said."""
    match value:
        case None | "" | ():
            return ""
        case bool():
            return _("yes") if value else _("no")
        case Enum() if type(value).__name__ in LABELS:
            return label(value)
        case Words():
            text = str(value)
            return text if len(text) <= _LONG else text[:_LONG].rstrip() + " …"
        case Money():
            return filters.in_currency(value)
        case Deadline():
            return wall(value)
        case datetime():
            return filters.instant(value)
        case date():
            return filters.day(value)
        case rules.Period():
            return period(value)
        case rules.Renewals():
            return " ".join(filter(None, (str(value.most or ""), said(value.text))))
        case rules.Criterion():
            return criterion(value)
        case rules.Framework():
            return ", ".join(filter(None, (label(value.kind), said(value.maximum))))
        case (rules.Criterion(), *_more):
            return "; ".join(map(said, value))
        case tuple():
            texts = [one if isinstance(one, str) else "" for one in value]
            if all(texts):
                return ", ".join(texts)
            return ngettext("%(num)s award", "%(num)s awards", len(value))
        case _:
            return str(value)


def criterion(value: rules.Criterion) -> str:
    """What tenders are weighed by, with its weight: "Quality: methodology, 15 %"."""
    kind = label(value.kind) if value.kind else ""
    name = said(value.name)
    if name.casefold() == kind.casefold():
        name = ""
    return ", ".join(filter(None, (": ".join(filter(None, (kind, name))), weight(value))))


def weight(value: rules.Criterion) -> str:
    """A weight as it was published; "" where none is."""
    if value.weight is None or value.unit is None:
        return value.weight or ""
    try:
        number = filters.count(Decimal(value.weight.replace(",", ".")))
    except InvalidOperation:
        return value.weight
    match value.unit:
        case rules.WeightUnit.PERCENT:
            return f"{number} %"
        case rules.WeightUnit.PERCENT_MIDDLE:
            return _("about %(weight)s", weight=f"{number} %")
        case rules.WeightUnit.POINTS:
            return _("%(number)s points", number=number)
        case rules.WeightUnit.POINTS_MIDDLE:
            return _("about %(weight)s", weight=_("%(number)s points", number=number))
        case rules.WeightUnit.SHARE:
            return number
        case rules.WeightUnit.SHARE_MIDDLE:
            return _("about %(weight)s", weight=number)
        case rules.WeightUnit.ORDER:
            return _("number %(number)s in weight", number=number)


def wall(value: Deadline) -> str:
    """A deadline as it is written in the notice."""
    if value.wall is None:
        return filters.day(value.day)
    return f"{filters.day(value.day)} {value.wall:%H:%M}"


def period(value: rules.Period) -> str:
    """How long a contract runs: its days, or its length."""
    length = f"{value.length} {label(value.unit)}" if value.length and value.unit else ""
    days = " – ".join(filters.day(one) for one in (value.start, value.last_day) if one)
    if value.unlimited:
        return _("without an end")
    return ", ".join(filter(None, (length, days)))


# --- A buyer that was not found -------------------------------------------------------------------


@requires(Permission.EDIT_CASES)
def buyer(notice_id: int) -> AnyResponse:
    """Which account a buyer is: for all of its notices at once."""
    row = notice_queries.get(notice_id)
    if row.organisation is not None:
        return _chosen_already(row, row.organisation)
    form = BuyerForm()
    if form.is_submitted() and form.organisation.data is None and not form.organisation.shown:
        form.refuse(_("Choose an account."))

    def choose() -> str:
        return _chosen(row, picked(form.organisation))

    if not form.refusals and (there := form.carried_out_once(choose)):
        return redirect(there, 303)
    return _buyer_page(row, form, NewBuyerForm(formdata=None, name=row.buyer))


@requires(Permission.EDIT_CASES)
def new_buyer(notice_id: int) -> AnyResponse:
    """A body that the register lacks, with the number that the notice gives."""
    row = notice_queries.get(notice_id)
    if row.organisation is not None:
        return _chosen_already(row, row.organisation)
    form = NewBuyerForm()

    def make() -> str:
        made = add_body(
            name=form.name.data,
            kind=form.kind.data,
            org_number=row.buyer_number or "",
            source=_("A notice"),
            by=user(),
            now=clock.now(),
        )
        return _chosen(row, made)

    if there := form.carried_out_once(make):
        return redirect(there, 303)
    return _buyer_page(row, form, form)


def _chosen_already(row: Notice, organisation: Any) -> AnyResponse:
    """Another click or a colleague was faster: nothing is changed."""
    flash(_("The buyer is %(name)s.", name=organisation.title), "message")
    return redirect(url_for(".notice", notice_id=row.id), 303)


def _chosen(row: Notice, organisation: Any) -> str:
    run = notices.Run(user(), clock.today(), clock.now())
    number = notices.choose_buyer(row.buyer_key, organisation, run)
    flash(
        ngettext(
            "%(num)s notice belongs to %(name)s now.",
            "%(num)s notices belong to %(name)s now.",
            number,
            name=organisation.title,
        ),
        "message",
    )
    return url_for(".notice", notice_id=row.id)


def _buyer_page(row: Notice, form: Any, new: NewBuyerForm) -> Response:
    record = from_plain(row.record)
    told = next((one for one in record.buyers if notices.buyer_key(one) == row.buyer_key), None)
    run = notices.Run(user(), clock.today(), clock.now())
    proposals = run.match(told).proposals if told else ()
    chooses = form if isinstance(form, BuyerForm) else BuyerForm(formdata=None)
    return page(
        "procurements/notice_buyer.html",
        form=form,
        chooses=chooses,
        new=new,
        row=row,
        town=told.town if told else None,
        proposals=[organisations.get(one) for one in proposals],
    )


@requires(Permission.EDIT_CASES)
def leave_out(notice_id: int) -> AnyResponse:
    """A buyer that is none of ours: its notices wait for nobody."""
    row = _unmatched(notice_id)
    out = not row.left_out
    with transaction(by=user()):
        notices.leave_out(row.buyer_key, out=out)
    flash(_("Left out.") if out else _("Taken up again."), "message")
    return redirect(url_for(".notice", notice_id=row.id), 303)


def _unmatched(notice_id: int) -> Notice:
    row = notice_queries.get(notice_id)
    if row.body_id is not None:
        raise NotFound(f"notice {notice_id} without a buyer")
    return row


# --- At a procurement -----------------------------------------------------------------------------


@requires(Permission.EDIT_CASES)
def join_open(procurement_id: int) -> AnyResponse:
    """Every open case of the body that takes part in nothing takes part in this."""
    procurement = queries.get(procurement_id)
    joining = notice_queries.cases_without(procurement.body_id)
    with transaction(by=user()):
        operations.join(procurement, joining, by=user(), now=clock.now())
    flash(
        ngettext("One case takes part.", "%(num)s cases take part.", len(joining)),
        "message",
    )
    return redirect(url_for(".show", procurement_id=procurement.id), 303)


@requires(Permission.EDIT_CASES)
def take_theirs(procurement_id: int) -> AnyResponse:
    """Let everything stand as the notices say."""
    procurement = queries.get(procurement_id)
    with transaction(by=user()):
        run = notices.Run(user(), clock.today(), clock.now())
        done = notices.take_theirs(procurement, run)
    if done.kept:
        flash(
            _("Some of it contradicts what has happened already, and stays as it was."), "warning"
        )
    else:
        flash(_("It stands as the notices say now."), "message")
    return redirect(url_for(".show", procurement_id=procurement.id), 303)
