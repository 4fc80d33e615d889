"""Count with the law: one question at a time, with the figures of somebody's own (G4, K12).

A page without a record: nothing is kept, and the address holds what was asked, so that an answer
can be passed on. The steps of each answer are the rulebook's. Hung up in `views.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from crm.core import clock
from crm.law import queries
from crm.rules.access import Permission
from crm.rules.law import afterwards, contract_life, review, worth
from crm.rules.law.explained import Explained, Ore
from crm.rules.law.limits import Purchase
from crm.rules.law.terms import AuthorityKind, Law, ObjectKind, Regime
from crm.rules.law.values import LawValues, NoValue
from crm.rules.money import UnreadableAmount, read_kronor
from crm.web.access import requires
from crm.web.filters import day as day_in_words
from crm.web.filters import money
from crm.web.forms import DayField, Form, MoneyField, amount_problem, in_range, page
from crm.web.labels import choices
from crm.web.law_steps import shown_steps

MOST_AMOUNTS: Final = 50
MOST_MONTHS: Final = 600
_NEEDED: Final = _l("This is needed.")


class LawQuestion(StrEnum):
    """What can be asked, in the order of the page."""

    SERVICE = "service"
    LEASE = "lease"
    RECURRING_PAST = "recurring_past"
    RECURRING_COMING = "recurring_coming"
    FRAMEWORK = "framework"
    LOTS = "lots"
    CONCESSION = "concession"
    SMALL_CHANGE = "small_change"
    ADDED_ORDER = "added_order"
    UNFORESEEN = "unforeseen"
    FRAMEWORK_LEFT = "framework_left"
    REASONS = "reasons"
    KEPT = "kept"
    DAMAGES = "damages"
    FEE = "fee"


class AmountsField(TextAreaField):  # type: ignore[misc]  # WTForms is not typed
    """Amounts in kronor, one on each line. `.ores` are whole öre."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.ores: tuple[int, ...] = ()

    def pre_validate(self, form: object) -> None:
        """Read every line; the first that is no amount is named."""
        lines = [line.strip() for line in (self.data or "").splitlines() if line.strip()]
        if len(lines) > MOST_AMOUNTS:
            raise ValidationError(_("At most %(most)s amounts.", most=MOST_AMOUNTS))
        found = []
        for number, line in enumerate(lines, 1):
            try:
                found.append(read_kronor(line))
            except UnreadableAmount as error:
                said = amount_problem(error.problem)
                told = _("Line %(number)s: %(said)s", number=number, said=said)
                raise ValidationError(told) from error
        self.ores = tuple(found)


class CountForm(Form):
    """Every figure that a question may need; a question shows its own."""

    amount = MoneyField("", [InputRequired(_NEEDED)])
    more = MoneyField("", [Optional()])
    amounts = AmountsField("", [InputRequired(_NEEDED), Length(max=2_000)])
    months = IntegerField(
        _l("Months in all, with options; empty if there is no end"),
        [Optional(), in_range(1, MOST_MONTHS)],
    )
    kind = SelectField(_l("What is bought"), coerce=ObjectKind)
    on = DayField(_l("Day that counts"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices(ObjectKind)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, read."""

    on: date
    amount: int
    more: int
    amounts: tuple[int, ...]
    months: int | None
    kind: ObjectKind


_Answer = Callable[[LawValues, Asked], Explained[Any]]


def _small_change(values: LawValues, asked: Asked) -> Explained[Any]:
    purchase = Purchase(Law.LOU, AuthorityKind.OTHER, asked.kind, asked.on)
    change = contract_life.Change(purchase, asked.amount, asked.more)
    return contract_life.may_change_by_small_value(values, change)


_PRICE, _VALUE = _l("Price a month, kronor excl. VAT"), _l("The contract's value, kronor")
_EACH = _l("Amounts in kronor excl. VAT, one on each line")

QUESTIONS: Final[dict[LawQuestion, tuple[dict[str, Any], _Answer]]] = {
    LawQuestion.SERVICE: (
        {"amount": _PRICE, "months": None, "on": None},
        lambda values, asked: worth.service_value(
            values, Law.LOU, asked.on, asked.amount, asked.months
        ),
    ),
    LawQuestion.LEASE: (
        {"amount": _PRICE, "months": None, "more": _l("Residual value, kronor"), "on": None},
        lambda values, asked: worth.lease_value(
            values, Law.LOU, asked.on, asked.amount, asked.months, asked.more
        ),
    ),
    LawQuestion.RECURRING_PAST: (
        {"amounts": _EACH, "more": _l("Foreseen to be added, kronor")},
        lambda _values, asked: worth.recurring_from_past(Law.LOU, asked.amounts, asked.more),
    ),
    LawQuestion.RECURRING_COMING: (
        {"amounts": _EACH},
        lambda _values, asked: worth.recurring_to_come(Law.LOU, asked.amounts),
    ),
    LawQuestion.FRAMEWORK: (
        {"amounts": _EACH},
        lambda _values, asked: worth.framework_value(Law.LOU, asked.amounts),
    ),
    LawQuestion.LOTS: (
        {"amounts": _EACH, "kind": None, "on": None},
        lambda values, asked: worth.lots_value(values, asked.on, asked.amounts, asked.kind),
    ),
    LawQuestion.CONCESSION: (
        {"amount": _l("The holder's whole turnover, kronor excl. VAT")},
        lambda _values, asked: worth.concession_value(asked.amount),
    ),
    LawQuestion.SMALL_CHANGE: (
        {"amount": _VALUE, "more": _l("Net of all changes, kronor"), "kind": None, "on": None},
        _small_change,
    ),
    LawQuestion.ADDED_ORDER: (
        {"amount": _VALUE, "more": _l("Additional order, kronor"), "on": None},
        lambda values, asked: contract_life.may_order_more(
            values, asked.amount, asked.more, asked.on
        ),
    ),
    LawQuestion.UNFORESEEN: (
        {"amount": _VALUE, "more": _l("Increase, kronor"), "on": None},
        lambda values, asked: contract_life.may_change_unforeseen(
            values, asked.amount, asked.more, asked.on
        ),
    ),
    LawQuestion.FRAMEWORK_LEFT: (
        {"amount": _l("The framework's highest value, kronor"), "more": _l("Called off, kronor")},
        lambda _values, asked: contract_life.framework_left(asked.amount, asked.more),
    ),
    LawQuestion.REASONS: (
        {"on": _l("Day the request arrived")},
        lambda values, asked: afterwards.reasons_deadline(values, Law.LOU, Regime.EU, asked.on),
    ),
    LawQuestion.KEPT: (
        {"on": _l("Day of the award")},
        lambda values, asked: afterwards.kept_until(values, asked.on),
    ),
    LawQuestion.DAMAGES: (
        {"on": _l("Day the supplier knew of the contract")},
        lambda values, asked: review.damages_deadline(values, Law.LOU, asked.on),
    ),
    LawQuestion.FEE: (
        {"amount": _VALUE, "on": _l("Day of signing")},
        lambda values, asked: review.fee_range(values, asked.on, asked.amount),
    ),
}
"""The fields of each question with their labels (None: as the form has it), and who answers."""


@requires(Permission.READ)
def count() -> Response:
    """One question, its figures, and the answer with every step."""
    told = request.args.get("what", "")
    what = LawQuestion(told) if told in set(LawQuestion) else LawQuestion.SERVICE
    fields, answers = QUESTIONS[what]
    form = CountForm(formdata=request.args, meta={"csrf": False})
    for field in list(form):
        if field.name not in fields:
            del form[field.name]
        elif fields[field.name] is not None:
            field.label.text = str(fields[field.name])
    is_asked = any(name in request.args for name in fields)
    found = None
    if is_asked and form.validate():
        found = _answered(answers, _read(form))
    return page(
        "law/count.html",
        form=form,
        what=what,
        questions=list(LawQuestion),
        fields=[form[name] for name in fields],
        answer=_said(found.value) if found else None,
        steps=shown_steps(found) if found else [],
        is_unknown=is_asked and not form.errors and found is None,
        is_asked=is_asked,
    )


def _answered(answers: _Answer, asked: Asked) -> Explained[Any] | None:
    """None where the sources hold no figure for that day."""
    try:
        return answers(queries.values(), asked)
    except NoValue:
        return None


def _read(form: CountForm) -> Asked:
    def of(name: str, attribute: str, otherwise: Any) -> Any:
        return getattr(form[name], attribute) if name in form else otherwise

    return Asked(
        on=of("on", "day", None) or clock.today(),
        amount=of("amount", "ore", None) or 0,
        more=of("more", "ore", None) or 0,
        amounts=of("amounts", "ores", ()),
        months=of("months", "data", None),
        kind=of("kind", "data", ObjectKind.GOODS_SERVICES),
    )


def _said(value: Any) -> str:
    """An answer in words; its kind tells how it is shown."""
    if isinstance(value, bool):
        return _("Yes, it keeps within the limit") if value else _("No, it goes beyond the limit")
    if isinstance(value, date):
        return day_in_words(value)
    if isinstance(value, worth.Lots):
        return _together(value.total, value.apart)
    if isinstance(value, review.FeeRange):
        return f"{money(value.least)} – {money(value.most)}"
    return money(Ore(value))


def _together(total: int, apart: Sequence[int]) -> str:
    if not apart:
        return money(Ore(total))
    lots = ", ".join(str(place + 1) for place in apart)
    return _("%(total)s; may be bought apart: lot %(lots)s", total=money(Ore(total)), lots=lots)
