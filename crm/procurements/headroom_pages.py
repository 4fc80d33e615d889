"""How much more a body may buy from us directly, seen from a case (D3). Hung up in `views.py`."""

from dataclasses import dataclass

from flask import Response, request
from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional

from crm.cases import queries as cases
from crm.core import clock
from crm.procurements import queries
from crm.procurements.queries import SaleBeside
from crm.rules.access import Permission
from crm.rules.headroom import CountedSale, Headroom, headroom
from crm.rules.law.values import NoValue
from crm.web.access import requires
from crm.web.forms import Form, MoneyField, page
from crm.web.law_steps import ShownStep, shown_steps


class WhatIfForm(Form):
    """A further purchase: a step of the price ladder, or any amount."""

    amount = MoneyField(_l("If they bought for, kronor excl. VAT"), [Optional()])


@dataclass(frozen=True, slots=True)
class ShownSale:
    """A sale with its contract, or the case it was won in, and how it was counted."""

    beside: SaleBeside
    counted: CountedSale
    steps: list[ShownStep]


@requires(Permission.READ)
def show(case_id: int) -> Response:
    """What was bought from us against the limit of the day, and a further purchase beside it."""
    case, today = cases.get(case_id), clock.today()
    procurement = queries.of_case(case.id)
    terms = queries.terms_of(procurement, case.body)
    form = WhatIfForm(formdata=request.args, meta={"csrf": False})
    if "amount" not in request.args:
        form.amount.data = case.value_ore
    amount = form.amount.ore if form.validate() else None
    found = queries.sales_beside(case)
    room: Headroom | None
    try:
        room = headroom(terms, [one.sale for one in found], today)
    except NoValue:
        room = None
    return page(
        "procurements/headroom.html",
        form=form,
        case=case,
        terms=terms,
        room=room,
        limit_steps=shown_steps(room.limit) if room else [],
        sales=[
            ShownSale(beside, one, shown_steps(one.worth) if one.worth else [])
            for beside, one in zip(found, room.sales, strict=True)
        ]
        if room
        else [],
        what_if=room.what_if(amount) if room and amount is not None else None,
    )
