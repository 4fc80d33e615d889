"""Price sheets: made, looked at, closed, and read by whoever has the link.

Hung up in `views.py`.
"""

from datetime import timedelta
from io import BytesIO

from flask import Response, current_app, flash, redirect, request, send_file, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts.queries import network
from crm.cases import queries as cases
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import db, transaction
from crm.pricing import operations, pdf, queries, shown
from crm.pricing.forms import SheetForm
from crm.pricing.models import PriceSheet
from crm.procurements import queries as procurements
from crm.rules.access import Permission
from crm.web import shared_links as links
from crm.web.access import public, requires
from crm.web.forms import page, user
from crm.web.throttle import Throttle

VALID_DAYS = 90
_A_MINUTE = Throttle(120, timedelta(minutes=1))


def _secret_key() -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.secret_key


def address(sheet: PriceSheet) -> str:
    """The whole address to hand out."""
    settings: Settings = current_app.extensions["settings"]
    return settings.base_url + url_for(
        "pricing.shared", token=links.token(settings.secret_key, sheet)
    )


@requires(Permission.READ)
def sheets(case_id: int) -> Response:
    """The sheets of a case with their links, and the form that makes another."""
    return _sheets(case_id, SheetForm(formdata=None))


@requires(Permission.EDIT_CASES)
def share(case_id: int) -> AnyResponse:
    """The ladder as it stands, frozen under a link of its own."""
    case, form = cases.get(case_id), SheetForm()
    here = url_for(".sheets", case_id=case.id)

    def make() -> str:
        operations.share_sheet(
            queries.known(case, clock.today()),
            is_exact=form.detail.data == "exact",
            language=form.language.data,
            valid_until=form.valid_until.day or clock.today(),
            by=user(),
            now=clock.now(),
        )
        return here

    if there := form.carried_out_once(make):
        flash(_("The sheet is made. Copy its link, and send it to whoever asked."), "message")
        return redirect(there, 303)
    return _sheets(case_id, form)


def _sheets(case_id: int, form: SheetForm) -> Response:
    case, today = cases.get(case_id), clock.today()
    if not form.is_submitted():
        form.valid_until.data = today + timedelta(days=VALID_DAYS)
    return page(
        "pricing/sheets.html",
        form=form,
        case=case,
        can_make=queries.known(case, today).product is not None,
        sheets=[(one, address(one)) for one in queries.sheets_of(case.id)],
    )


@requires(Permission.READ)
def sheet(sheet_id: int) -> Response:
    """What stands on a sheet, also when its link is closed."""
    found = queries.sheet(sheet_id)
    return page(
        "pricing/sheet.html",
        sheet=found,
        said=shown.sheet(found),
        address=address(found) if found.is_open_on(clock.today()) else "",
    )


@requires(Permission.EDIT_CASES)
def revoke(sheet_id: int) -> AnyResponse:
    """Close the link."""
    found = queries.sheet(sheet_id)
    with transaction(by=user()):
        operations.revoke(found, now=clock.now())
    flash(_("The link is closed. Whoever follows it is told to ask for a new one."), "message")
    return redirect(url_for(".sheets", case_id=found.case_id), 303)


# --- For whoever has the link, without signing in -------------------------------------------------


@public
def shared(token: str) -> Response:
    """The sheet. A wrong, an expired and a closed link get one and the same answer."""
    found = _asked(token)
    if not isinstance(found, PriceSheet):
        return found
    language = links.language_asked(found.language)
    with force_locale(language):
        return links.unlisted(
            page(
                "pricing/shared.html",
                sheet=found,
                said=shown.sheet(found, may_ask=_may_ask(found)),
                token=token,
                language=language,
            )
        )


@public
def shared_pdf(token: str) -> Response:
    """The same as a PDF."""
    found = _asked(token)
    if not isinstance(found, PriceSheet):
        return found
    language = links.language_asked(found.language)
    return links.unlisted(
        send_file(
            BytesIO(pdf.price_sheet(found, language, may_ask=_may_ask(found))),
            mimetype="application/pdf",
            as_attachment=True,
            download_name=f"pris-{found.case_id}-{found.number}.pdf",
        )
    )


def _may_ask(sheet: PriceSheet) -> bool:
    """Not while the body advertises: then questions have a channel of their own (C11)."""
    return procurements.question_channel(cases.get(sheet.case_id).body_id) is None


def _asked(token: str) -> PriceSheet | Response:
    if not _A_MINUTE.allows(network(request.remote_addr or ""), clock.now()):
        return links.busy()
    number = links.id_in(token)
    found = db.session.get(PriceSheet, number) if number is not None else None
    if (
        found is None
        or not links.is_token(_secret_key(), token, found)
        or not found.is_open_on(clock.today())
    ):
        return links.closed()
    return found
