"""Pages of kits: made, looked at, closed; and read by whoever has the link, who may ask."""

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Final

from flask import Blueprint, Response, current_app, flash, redirect, request, send_file, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from crm.accounts.queries import network
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import transaction
from crm.integrity.queries import treatment_at
from crm.kits import operations, pdf, queries, shown
from crm.kits.forms import NO_PRICES, KitForm, QuestionForm
from crm.kits.frozen import thaw
from crm.kits.models import Kit
from crm.kits.shown import Now
from crm.people import queries as people
from crm.pricing import queries as prices
from crm.pricing import shown as price_words
from crm.pricing.models import PriceSheet
from crm.procurements import queries as procurements
from crm.requirements import queries as requirements
from crm.requirements.models import Answer
from crm.rules.access import Permission
from crm.rules.kits import VALID_DAYS
from crm.rules.pricing import Rung, ladder
from crm.web import shared_links as links
from crm.web.access import public, requires
from crm.web.forms import page, user
from crm.web.throttle import Throttle

bp = Blueprint("kits", __name__, url_prefix="/kits")

_A_MINUTE = Throttle(120, timedelta(minutes=1))
_QUESTIONS = Throttle(20, timedelta(hours=1))
_MOST_SENT: Final = 64 * 1024
"""Bytes of a question with all that is around it: ten times the longest, however it is written."""

_ASKED: Final = "asked"
"""Where a question leads, as is kept with it. The page's own address is kept nowhere."""


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def address(kit: Kit) -> str:
    """The whole address to hand out."""
    settings = _settings()
    return settings.base_url + url_for("kits.shared", token=links.token(settings.secret_key, kit))


@bp.app_template_global("kit_asked_from")
def kit_asked_from(inquiry_id: int) -> Kit | None:
    """The kit that an inquiry was a question about. One statement."""
    return queries.kit_of_inquiry(inquiry_id)


# --- For us -------------------------------------------------------------------------------------


@bp.get("/cases/<id:case_id>")
@requires(Permission.READ)
def of_case(case_id: int) -> Response:
    """The kits of a case with their links, and the form that makes the next version."""
    return _of_case(cases.get(case_id), KitForm(formdata=None))


@bp.post("/cases/<id:case_id>")
@requires(Permission.EDIT_CASES)
def share(case_id: int) -> AnyResponse:
    """The chosen parts, frozen under a link of their own."""
    case, form, today = cases.get(case_id), KitForm(), clock.today()
    there = list(queries.kits_of(case.id))
    _offer(form, case)

    def make() -> str:
        kit = operations.share(
            case,
            people.get(form.person_id.data),
            form.parts,
            language=form.language.data,
            valid_until=form.valid_until.day or today,
            closes=[one.id for one in there] if form.closes.data else (),
            kept_at=_settings().base_url + url_for(".of_case", case_id=case.id) + "#kit-",
            by=user(),
            today=today,
            now=clock.now(),
        )
        return url_for(".show", kit_id=kit.id)

    if to := form.carried_out_once(make):
        flash(_("The kit is made. Copy its link, and send it to whoever is to have it."), "message")
        return redirect(to, 303)
    return _of_case(case, form)


@dataclass(frozen=True, slots=True)
class Offered:
    """What the page says beside its choices: answers that are to be checked before they can be
    shared, and the price sheets whose links are open."""

    to_check: list[Answer]
    sheets: list[PriceSheet]


def _offer(form: KitForm, case: Case) -> Offered:
    """What there is to choose among."""
    today = clock.today()
    known = prices.known(case, today)
    offers = ladder(known.prices, known.scenario)
    sheets = [one for one in prices.sheets_of(case.id) if one.is_open_on(today)]
    answers, references = queries.answers(today), queries.references(case, today)
    form.person_id.choices = [SelectChoice(one.id, one.name) for one in queries.champions(case)]
    form.prices.choices = [
        *(
            SelectChoice(
                f"sheet-{one.id}",
                _("Price sheet %(number)s, exact", number=one.number)
                if one.is_exact
                else _("Price sheet %(number)s, as spans", number=one.number),
            )
            for one in sheets
        ),
        *(
            [
                SelectChoice("span", _("As they stand today, as spans")),
                SelectChoice("exact", _("As they stand today, exact")),
            ]
            if offers
            else []
        ),
        SelectChoice(NO_PRICES, _("No prices")),
    ]
    form.rungs.choices = [
        SelectChoice(one, f"{price_words.rung(one)}: {price_words.covers(one, known.scenario)}")
        for one in Rung
        if one in {offer.rung for offer in offers} or sheets
    ]
    form.answers.choices = [
        SelectChoice(one.answer.id, one.answer.title) for one in answers if one.holds
    ]
    form.references.choices = [
        SelectChoice(one.reference.id, f"{one.reference.person.name}, {one.body}")
        for one in references
    ]
    return Offered([one.answer for one in answers if not one.holds], sheets)


def _of_case(case: Case, form: KitForm) -> Response:
    offered = _offer(form, case)
    found = queries.kits_of(case.id)
    today = clock.today()
    if not form.is_submitted():
        _begin(form, case, offered, found[0] if found else None)
    return page(
        "kits/of_case.html",
        form=form,
        case=case,
        kits=[(one, address(one)) for one in found],
        any_open=any(one.is_open_on(today) for one in found),
        to_check=offered.to_check,
        treatment=treatment_at([case.body_id]),
    )


def _begin(form: KitForm, case: Case, offered: Offered, earlier: Kit | None) -> None:
    """From the version before, else from what is known. Only what may be chosen is ticked."""
    last_day = clock.today() + timedelta(days=VALID_DAYS)
    enough = clock.today() + timedelta(days=VALID_DAYS // 2)
    lasting = [one for one in offered.sheets if one.valid_until >= enough]
    lasting.sort(key=lambda one: earlier is None or one.id != earlier.sheet_id)  # as before, first
    sheet = lasting[0] if lasting else None
    if sheet is not None:
        form.prices.data, last_day = f"sheet-{sheet.id}", min(last_day, sheet.valid_until)
    else:
        form.prices.data = form.prices.choices[len(offered.sheets)].value
    form.valid_until.data = last_day
    form.rungs.data = [one.value for one in form.rungs.choices]
    if earlier is None:
        language = request.args.get("language", "sv")
        form.language.data = language if language in {"sv", "en"} else "sv"
        form.summary.data = shown.start(case, requirements.of_case(case), form.language.data)
        form.answers.data = [one.value for one in form.answers.choices]
        form.references.data = []
        return
    said = thaw(earlier.data)
    form.person_id.data, form.language.data = earlier.person_id, earlier.language
    form.summary.data, form.closes.data = said.summary, True
    answered, named = {one.id for one in said.answers}, {one.id for one in said.references}
    form.answers.data = [one.value for one in form.answers.choices if one.value in answered]
    form.references.data = [one.value for one in form.references.choices if one.value in named]
    if earlier.sheet_id is None:
        form.prices.data = NO_PRICES
    else:
        form.rungs.data = [one.value for one in form.rungs.choices if one.value in earlier.rungs]


@bp.get("/<id:kit_id>")
@requires(Permission.READ)
def show(kit_id: int) -> Response:
    """What stands in a kit, also when its link is closed."""
    found = queries.kit(kit_id)
    return page(
        "kits/show.html",
        kit=found,
        said=shown.kit(found, _now(found)),
        questions=queries.questions_to(found.id),
        taken_back=shown.taken_back,
        address=address(found) if found.is_open_on(clock.today()) else "",
    )


@bp.post("/<id:kit_id>/revoke")
@requires(Permission.EDIT_CASES)
def revoke(kit_id: int) -> AnyResponse:
    """Close the link."""
    found = queries.kit(kit_id)
    with transaction(by=user()):
        operations.revoke(found, now=clock.now())
    flash(_("The link is closed. Whoever follows it is told to ask for a new one."), "message")
    return redirect(url_for(".of_case", case_id=found.case_id), 303)


# --- For whoever has the link, without signing in -------------------------------------------------


@bp.get("/shared/<string:token>")
@public
def shared(token: str) -> Response:
    """The kit. A wrong, an expired and a closed link get one and the same answer."""
    found = _asked(token)
    if not isinstance(found, Kit):
        return found
    with force_locale(links.language_asked(found.language)):
        if request.args.get("asked"):
            return _read("kits/asked.html", found, token, _now(found), None)
        return _read("kits/shared.html", found, token, _now(found), QuestionForm(formdata=None))


@bp.post("/shared/<string:token>")
@public
def ask(token: str) -> AnyResponse:
    """A reader's question, into the queue. Sent twice it is one; a machine's is thanked for.

    While the body advertises a procurement none is taken: what was written is shown again, to be
    asked in the procurement's own channel.
    """
    found = _asked(token)
    if not isinstance(found, Kit):
        return found
    request.max_content_length = _MOST_SENT
    language = links.language_asked(found.language)
    with force_locale(language):
        form = QuestionForm()
        thanks = url_for(".shared", token=token, language=language, asked=1)
        if form.is_by_machine:
            return links.unlisted(_redirect(thanks))
        now = _now(found)
        if now.advertised is not None:
            return _read("kits/shared.html", found, token, now, form, status=409)
        if not _QUESTIONS.allows(network(request.remote_addr or ""), clock.now()):
            form.refuse(
                _("Many questions have come from the same place. Wait an hour, or write to us.")
            )
            return _read("kits/shared.html", found, token, now, form, status=429)

        def make() -> str:
            operations.ask(
                found,
                question=form.question.data or "",
                name=form.name.data or "",
                email=form.email.data or "",
                now=clock.now(),
            )
            return _ASKED

        if form.carried_out_once(make):
            return links.unlisted(_redirect(thanks))
        return _read("kits/shared.html", found, token, now, form)


@bp.get("/shared/<string:token>/pdf")
@public
def shared_pdf(token: str) -> Response:
    """The same as a PDF."""
    found = _asked(token)
    if not isinstance(found, Kit):
        return found
    return links.unlisted(
        send_file(
            BytesIO(pdf.kit(found, links.language_asked(found.language), _now(found))),
            mimetype="application/pdf",
            as_attachment=True,
            download_name=f"underlag-{found.case_id}-{found.number}.pdf",
        )
    )


def _asked(token: str) -> Kit | Response:
    if not _A_MINUTE.allows(network(request.remote_addr or ""), clock.now()):
        return links.busy()
    number = links.id_in(token)
    found = queries.by_link(number) if number is not None else None
    if (
        found is None
        or not links.is_token(_settings().secret_key, token, found)
        or not found.is_open_on(clock.today())
    ):
        return links.closed()
    return found


def _now(kit: Kit) -> Now:
    return Now(
        queries.withdrawn([one.id for one in thaw(kit.data).references]),
        procurements.question_channel(kit.case.body_id),
    )


def _redirect(there: str) -> Response:
    return current_app.make_response(redirect(there, 303))


def _read(
    template: str, kit: Kit, token: str, now: Now, form: QuestionForm | None, status: int = 200
) -> Response:
    answer = page(
        template,
        form=form,
        kit=kit,
        said=shown.kit(kit, now),
        taken_back=shown.taken_back,
        token=token,
        language=links.language_asked(kit.language),
    )
    if status != 200:
        answer.status_code = status
    return links.unlisted(answer)
