"""What is typed about contracts."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    URL,
    DataRequired,
    InputRequired,
    Length,
    Optional,
    ValidationError,
)

from crm.cases.queries import products
from crm.contracts.models import Contract
from crm.contracts.operations import Facts
from crm.contracts.queries import GROUPS
from crm.organisations.forms import NEEDED, OrganisationField, chosen_id, readable
from crm.organisations.queries import counties
from crm.rules.certainty import Certainty
from crm.rules.contact import normalise_org_number
from crm.rules.contracts import LONGEST_OPTION, ContractKind, FrameworkPosition, read_options
from crm.web.forms import (
    Form,
    LastDayField,
    MoneyField,
    OnceForm,
    PastDayField,
    VersionedForm,
    in_range,
)
from crm.web.labels import choices, label_of

_ADDRESS = URL(message=_l("Write the whole address, beginning with https://."))


class OptionsField(StringField):
    """The months of each option, as people write them: "12 + 12"."""

    @property
    def months(self) -> tuple[int, ...]:
        """In order; none where nothing is typed."""
        return read_options(str(self.data)) if self.data else ()

    def show(self, months: Iterable[int]) -> None:
        """As it would be typed."""
        self.data = " + ".join(str(one) for one in months)

    def pre_validate(self, form: Any) -> None:
        """Months with a plus between them."""
        try:
            read_options(str(self.data or "12"))
        except ValueError as error:
            raise ValidationError(
                _("Write the months of each option, for example 12 + 12.")
            ) from error


class FactsForm(Form):
    """What is written down about a contract, whether it is new or known."""

    kind = SelectField(
        _l("Whose contract"),
        coerce=ContractKind,
        choices=lambda: choices(ContractKind),
        default=ContractKind.OTHER,
    )
    title = StringField(_l("What it is about"), [DataRequired(NEEDED), Length(max=200)])
    supplier = StringField(_l("Supplier"), [Length(max=300)])
    supplier_number = StringField(
        _l("Supplier's organisation number"),
        [Optional(), Length(max=30), readable(normalise_org_number)],
    )
    position = SelectField(
        _l("Where we stand in it"),
        coerce=FrameworkPosition,
        choices=lambda: choices(FrameworkPosition),
        default=FrameworkPosition.OUTSIDE,
    )
    product_id = SelectField(_l("Product of ours in the same area"), coerce=chosen_id)
    reference = StringField(_l("Their number (diarienummer)"), [Length(max=100)])
    signed_on = PastDayField(_l("Signed"), [Optional()])
    starts_on = PastDayField(_l("First day"), [Optional()])
    ends_on = LastDayField(_l("Last day, without options"), [Optional()])
    open_ended = BooleanField(_l("Runs until notice (tills vidare)"))
    notice_months = IntegerField(_l("Notice, months"), [Optional(), in_range(0, 60)])
    value = MoneyField(_l("Value of the whole time, kronor"))
    yearly = MoneyField(_l("A year, kronor"))
    cap = MoneyField(_l("Volume cap (takvolym), kronor"))
    used = MoneyField(_l("Used of it, kronor"))
    used_on = PastDayField(_l("Counted on"), [Optional()])
    source = StringField(_l("Where it is known from"), [DataRequired(NEEDED), Length(max=300)])
    source_url = StringField(_l("Address of the source"), [Optional(), _ADDRESS, Length(max=1000)])
    certainty = SelectField(
        _l("How sure"),
        coerce=Certainty,
        choices=lambda: choices(Certainty),
        default=Certainty.CONFIRMED,
    )
    note = TextAreaField(_l("Note"), [Length(max=2_000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        there = [(one.id, one.name) for one in products()]
        self.product_id.choices = [("", "–"), *there]

    def also_offer(self, contract: Contract) -> None:
        """Its product may be one that we no longer sell."""
        product = contract.product
        if product is not None and product.retired:
            self.product_id.choices = [*self.product_id.choices, (product.id, product.name)]

    def show(self, contract: Contract) -> None:
        """Start with what is known of a contract."""
        for name in (
            "kind",
            "title",
            "supplier",
            "supplier_number",
            "product_id",
            "reference",
            "signed_on",
            "starts_on",
            "ends_on",
            "open_ended",
            "notice_months",
            "used_on",
            "source",
            "source_url",
            "certainty",
            "note",
        ):
            self[name].data = getattr(contract, name)
        self.position.data = contract.position or FrameworkPosition.OUTSIDE
        for name in ("value", "yearly", "cap", "used"):
            self[name].data = getattr(contract, f"{name}_ore")

    @property
    def facts(self) -> Facts:
        """What was typed, read."""
        number = self.supplier_number.data
        return Facts(
            kind=self.kind.data,
            title=self.title.data or "",
            source=self.source.data or "",
            supplier=self.supplier.data or "",
            supplier_number=normalise_org_number(number) if number else "",
            product_id=self.product_id.data,
            reference=self.reference.data or "",
            position=self.position.data,
            signed_on=self.signed_on.day,
            starts_on=self.starts_on.day,
            ends_on=self.ends_on.day,
            open_ended=self.open_ended.data,
            notice_months=self.notice_months.data,
            value_ore=self.value.ore,
            yearly_ore=self.yearly.ore,
            cap_ore=self.cap.ore,
            used_ore=self.used.ore,
            used_on=self.used_on.day,
            source_url=self.source_url.data or "",
            certainty=self.certainty.data,
            note=self.note.data or "",
        )


class NewContractForm(FactsForm, OnceForm):
    """A contract of an account, with its options at once: "12 + 12"."""

    organisation = OrganisationField(_l("The buyer"))
    options = OptionsField(_l("Options, months each"), [Optional(), Length(max=60)])
    case = HiddenField()

    def validate_organisation(self, field: OrganisationField) -> None:
        """A text that means nothing, or several, has said so already."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Choose where."))


class ContractForm(FactsForm, VersionedForm):
    """The facts of a contract that is in the register."""


class EndForm(VersionedForm):
    """It ends before its time, on a day."""

    ended_on = LastDayField(_l("Its last day"), [Optional()])
    ended_why = StringField(_l("Why"), [Length(max=300)])


class RemoveForm(VersionedForm):
    """It was entered by mistake."""


class OptionForm(VersionedForm):
    """One more option."""

    months = IntegerField(
        _l("How many months"), [InputRequired(NEEDED), in_range(1, LONGEST_OPTION)], default=12
    )
    notice_on = LastDayField(_l("Last day for notice, if the contract says so"), [Optional()])


class TieForm(VersionedForm):
    """A case that is about what comes after the contract."""

    case_id = SelectField(_l("Case"), coerce=chosen_id)


class CallerForm(Form):
    """Who may call off: one account, or all of a kind."""

    organisation = OrganisationField(_l("Account"))
    group = SelectField(_l("Or all of a kind"))
    county = SelectField(_l("In"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one, label_of(one, "OrganisationKind")) for one in GROUPS]
        self.group.choices = [("", "–"), *kinds]
        self.county.choices = [("", _("The whole country")), *counties()]

    def validate_organisation(self, field: OrganisationField) -> None:
        """One of the two."""
        if field.data is None and not field.errors and not self.group.data:
            raise ValidationError(_("Choose an account, or a kind."))
