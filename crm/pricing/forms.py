"""What is typed about prices."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from crm.cases import queries as cases
from crm.cases.models import Product
from crm.core import clock
from crm.organisations.forms import NEEDED, chosen_id
from crm.pricing.models import CasePricing, PriceLine
from crm.pricing.operations import LineFacts
from crm.rules.money import ORE, UnreadableAmount, plain, read_kronor
from crm.rules.precision import add_months
from crm.rules.pricing import (
    VAT_RATES,
    PriceKind,
    Rung,
    Scenario,
    Tier,
    TierProblem,
    tier_problem,
)
from crm.web.forms import (
    DayField,
    LastDayField,
    MoneyField,
    OnceForm,
    VersionedForm,
    amount_problem,
    in_range,
)
from crm.web.labels import choices

MOST_KRONOR = 100_000_000
"""No single price is larger; what is, is a slip of the finger."""

MOST_TIERS = 20

_TIER = re.compile(r"(\d[\d\s]{0,12})\s*[:=]\s*(\S.*)")


class PriceField(MoneyField):
    """An amount in kronor excluding VAT, within what a price can be."""

    def pre_validate(self, form: object) -> None:
        super().pre_validate(form)
        if self.ore is not None and self.ore > MOST_KRONOR * ORE:
            raise ValidationError(_("That is more than 100 million kronor. Is it right?"))


def tiers_in(text: str) -> list[Tier]:
    """The tiers out of lines such as "10: 95". Raises ValidationError with what is wrong."""
    found = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), start=1):
        match = _TIER.fullmatch(line)
        if match is None:
            raise ValidationError(
                _(
                    "Row %(number)s: write from which number, a colon and kronor, such as 10: 95.",
                    number=number,
                )
            )
        least = int(re.sub(r"\s", "", match[1]))
        try:
            ore = read_kronor(match[2])
        except UnreadableAmount as error:
            said = amount_problem(error.problem)
            raise ValidationError(
                _("Row %(number)s: %(problem)s", number=number, problem=said)
            ) from error
        if ore > MOST_KRONOR * ORE or least > MOST_KRONOR:
            raise ValidationError(_("Row %(number)s: the number is too large.", number=number))
        found.append(Tier(least, ore))
    if len(found) > MOST_TIERS:
        raise ValidationError(_("At most %(number)s rows.", number=MOST_TIERS))
    return found


def tiers_as_text(tiers: Sequence[Sequence[int]]) -> str:
    """The same back: what stands in the field."""
    return "\n".join(f"{least}: {plain(ore)}" for least, ore in tiers)


class _LineFields:
    product = SelectField(_l("Product"), coerce=chosen_id)
    name = StringField(_l("What it is called"), [DataRequired(NEEDED), Length(max=120)])
    kind = SelectField(_l("Priced"), coerce=PriceKind, choices=lambda: choices(PriceKind))
    amount = PriceField(_l("Kronor excl. VAT"), [InputRequired(NEEDED)])
    tiers = TextAreaField(_l("Other prices from larger numbers on"), [Length(max=1_000)])
    vat = SelectField(
        _l("VAT"),
        coerce=int,
        default=25,
        choices=[SelectChoice(rate, f"{rate}\N{NO-BREAK SPACE}%") for rate in VAT_RATES],
    )

    def offer(self, products: Sequence[Product], line: PriceLine | None = None) -> None:
        """The products to choose from, and what the line says before anybody typed."""
        form: Any = self
        form.product.choices = [SelectChoice(one.id, one.name) for one in products]
        if line is not None and not form.is_submitted():
            form.product.data, form.kind.data = line.product_id, line.kind
            form.name.data, form.amount.data = line.name, line.amount_ore
            form.tiers.data, form.vat.data = tiers_as_text(line.tiers), line.vat_percent

    def validate_tiers(self, field: TextAreaField) -> None:
        """They rise, and belong to what has them."""
        read, form = tiers_in(str(field.data or "")), self
        kind = form.kind.data
        if not read or not isinstance(kind, PriceKind):
            return
        if not kind.has_tiers:
            raise ValidationError(_("Such a price has one amount and no others."))
        least = 0 if kind is PriceKind.INHABITANTS else 1
        problem = tier_problem(kind, [Tier(least, form.amount.ore or 0), *read])
        if form.amount.ore is not None and problem is not None:
            raise ValidationError(_tier_words(problem))

    @property
    def facts(self) -> LineFacts:
        form: Any = self
        return LineFacts(
            product_id=form.product.data,
            name=form.name.data,
            kind=form.kind.data,
            amount_ore=form.amount.ore or 0,
            tiers=tiers_in(str(form.tiers.data or "")),
            vat_percent=form.vat.data,
        )


def _tier_words(problem: TierProblem) -> str:
    match problem:
        case TierProblem.NOT_RISING:
            return _("The numbers must rise from row to row.")
        case TierProblem.DEARER:
            return _("A larger number cannot cost more each.")
        case TierProblem.CHEAPER:
            return _("More inhabitants cannot cost less.")


class NewLineForm(_LineFields, OnceForm):
    """A price in a draft."""


class LineForm(_LineFields, VersionedForm):
    """A price of a draft, otherwise."""


class PublishForm(VersionedForm):
    """From when the list holds."""

    valid_from = DayField(_l("Holds from"), [InputRequired(NEEDED)])
    note = StringField(_l("Note"), [Length(max=300)])


class ScenarioForm(VersionedForm):
    """The size to price, for how long, and which step was chosen."""

    product = SelectField(_l("Product"), coerce=chosen_id)
    users = IntegerField(_l("Users in a unit"), [InputRequired(NEEDED), in_range(1, 100_000)])
    units = IntegerField(_l("Several units"), [InputRequired(NEEDED), in_range(1, 10_000)])
    units_all = IntegerField(_l("Units in all"), [InputRequired(NEEDED), in_range(1, 10_000)])
    inhabitants = IntegerField(_l("Inhabitants"), [Optional(), in_range(0, 20_000_000)])
    term_years = IntegerField(_l("Years"), [InputRequired(NEEDED), in_range(1, 20)])
    option_years = IntegerField(_l("Years of extension"), [InputRequired(NEEDED), in_range(0, 20)])
    with_services = BooleanField(_l("With what is done at the roll-out"))
    starts_on = DayField(_l("An agreement for all begins"), [Optional()])
    chosen = SelectField(_l("Chosen step"), coerce=lambda value: Rung(value) if value else None)

    def validate_units_all(self, field: IntegerField) -> None:
        """Several are some of all."""
        if field.data is not None and self.units.data is not None and field.data < self.units.data:
            raise ValidationError(_("There are fewer units in all than several units."))

    @property
    def scenario(self) -> Scenario:
        return Scenario(
            users=self.users.data,
            units=self.units.data,
            units_all=self.units_all.data,
            inhabitants=self.inhabitants.data,
            term_years=self.term_years.data,
            option_years=self.option_years.data,
            with_services=self.with_services.data,
        )

    def offer(self, products: Iterable[Product]) -> None:
        """The products that have a price, and the steps."""
        self.product.choices = [SelectChoice(one.id, one.name) for one in products]
        self.chosen.choices = [SelectChoice("", _("None yet")), *choices(Rung)]

    def show(self, scenario: Scenario, product: Product | None, kept: CasePricing | None) -> None:
        """Fill the fields before anybody typed."""
        self.version.data = str(kept.version) if kept is not None else "0"
        self.product.data = product.id if product is not None else None
        if kept is not None:
            self.starts_on.data, self.chosen.data = kept.starts_on, kept.chosen
        self.users.data, self.units.data = scenario.users, scenario.units
        self.units_all.data, self.inhabitants.data = scenario.units_all, scenario.inhabitants
        self.term_years.data, self.option_years.data = scenario.term_years, scenario.option_years
        self.with_services.data = scenario.with_services


class SheetForm(OnceForm):
    """How a sheet is shared."""

    detail = SelectField(
        _l("Prices"),
        choices=[SelectChoice("span", _l("As spans")), SelectChoice("exact", _l("Exact"))],
        default="span",
    )
    valid_until = LastDayField(_l("Valid until"), [InputRequired(NEEDED)])
    language = SelectField(
        _l("Language"),
        choices=[SelectChoice("sv", "Svenska"), SelectChoice("en", "English")],
        default="sv",
    )

    def validate_valid_until(self, field: DayField) -> None:
        """A link that is open for ever is forgotten."""
        if field.day is None:
            return
        if field.day < clock.today():
            raise ValidationError(_("The day has passed."))
        if field.day > add_months(clock.today(), 24):
            raise ValidationError(_("A price example is valid for two years at most."))


def products() -> Sequence[Product]:
    """What a price may be for."""
    return cases.products()
