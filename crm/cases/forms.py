"""What is typed about cases."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from crm.cases.models import Case
from crm.organisations.forms import NEEDED, OrganisationField, chosen_id, member
from crm.people.forms import PersonField
from crm.rules.budget_cycle import BodyKind
from crm.rules.cadence import EVERY_WORDS
from crm.rules.precision import ExpectedDate
from crm.rules.stages import (
    OUTCOME_REASONS,
    AdoptionStage,
    CaseRole,
    EventDate,
    LightPurpose,
    Outcome,
    PubStatus,
    WaitReason,
    WakeEvent,
)
from crm.web.events import wake_day, wake_words
from crm.web.filters import language
from crm.web.forms import (
    DayField,
    ExpectedField,
    Form,
    LastDayField,
    MoneyField,
    OnceForm,
    VersionedForm,
)
from crm.web.labels import choices, label, label_of
from crm.web.until import UntilForm


def ticks(label: Any, **facts: Any) -> SelectMultipleField:
    """Several of a few, as tick boxes."""
    widgets = {"widget": ListWidget(prefix_label=False), "option_widget": CheckboxInput()}
    return SelectMultipleField(label, validators=[Optional()], **widgets, **facts)


class NewCaseForm(OnceForm):
    """Two facts are enough; the rest can come later."""

    title = StringField(_l("What it is about"), [DataRequired(NEEDED), Length(max=200)])
    organisation = OrganisationField(_l("Where"))
    inquiry = HiddenField()
    person = HiddenField()
    products = ticks(_l("Products"), coerce=int)
    owner_id = SelectField(_l("Owner"), coerce=chosen_id)

    def validate_organisation(self, field: OrganisationField) -> None:
        """A case is somewhere. A text that means nothing, or several, has said so already."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Choose where."))


def _yes_and_no() -> list[SelectChoice]:
    return [SelectChoice("yes", _("Yes")), SelectChoice("no", _("No"))]


def _yes_or_no(value: Any) -> bool | None:
    """A coerce for a question that may be unanswered. Any other word is no answer: ValueError."""
    answers = {"yes": True, "no": False, "True": True, "False": False, "": None, "None": None}
    if str(value) not in answers:
        raise ValueError(value)
    return answers[str(value)]


class CaseForm(VersionedForm):
    """The facts of a case."""

    title = StringField(_l("What it is about"), [DataRequired(NEEDED), Length(max=200)])
    owner_id = SelectField(_l("Owner"), coerce=chosen_id)
    products = ticks(_l("Products"), coerce=int)
    value = MoneyField(_l("Value, kronor excl. VAT"))
    expected = ExpectedField(_l("Expected decision"))
    handles_personal_data = SelectField(
        _l("Does the pilot handle personal data?"),
        coerce=_yes_or_no,
        choices=lambda: [SelectChoice("", _("Not known yet")), *_yes_and_no()],
    )
    pub_status = SelectField(_l("PUB-avtal"), coerce=PubStatus, choices=lambda: choices(PubStatus))
    has_framework = BooleanField(_l("A ramavtal covers the product"))
    price_shared_on = DayField(_l("Price shared on"))
    contract_ends_on = LastDayField(_l("Contract ends on"))
    contract_source = StringField(_l("Where that is known from"))

    def show(self, case: Case) -> None:
        """Start with the case as it stands."""
        self.version.data = str(case.version)
        self.value.data = case.value_ore
        self.expected.data = expected_text(case.expected)
        self.products.data = [product.id for product in case.products]


def expected_text(when: ExpectedDate | None) -> str:
    """An expected decision as its field reads it, no sharper than it is."""
    if when is None:
        return ""
    first = when.first_day
    year, week, _weekday = first.isocalendar()
    return {
        "day": first.isoformat(),
        "week": f"v. {week} {year}",
        "month": f"{first:%Y-%m}",
        "quarter": f"Q{(first.month + 2) // 3} {first.year}",
        "half_year": f"H{1 if first.month < 7 else 2} {first.year}",
        "budget_year": str(first.year),
    }[when.precision.value]


class PersonalDataForm(Form):
    """The answer to the pilot gate's question."""

    handles = RadioField(
        _l("Does the pilot handle personal data?"),
        [InputRequired(_l("Answer yes or no."))],
        choices=_yes_and_no,
    )


class MoveForm(VersionedForm):
    """A move on the adoption track."""

    adoption = SelectField(
        _l("Adoption"), coerce=member(AdoptionStage), choices=lambda: choices(AdoptionStage)
    )
    note = StringField(_l("Note"))


def rhythm(months: int) -> str:
    """How often, in words: "Every other month"."""
    words = EVERY_WORDS[months][language() == "en"]
    return words[:1].upper() + words[1:]


class WaitForm(VersionedForm, UntilForm):
    """Why we wait, and until when: an event of the buyer's year, or a day."""

    reason = RadioField(
        _l("Why"),
        [InputRequired(_l("Choose a reason."))],
        coerce=member(WaitReason),
        choices=lambda: choices(WaitReason),
    )
    note = TextAreaField(_l("Note"), [Length(max=2_000)])
    light_every = SelectField(
        _l("Light contact meanwhile"),
        coerce=chosen_id,
        choices=lambda: [
            ("", _("None: leave them in peace")),
            *((months, rhythm(months)) for months in EVERY_WORDS),
        ],
    )
    light_purpose = SelectField(
        _l("What for"),
        coerce=LightPurpose,
        choices=lambda: choices(LightPurpose),
        default=LightPurpose.SEASON,
    )

    def offer(self, events: Sequence[tuple[WakeEvent, EventDate]], kind: BodyKind) -> None:
        """Give the events that can be told at this kind of buyer, with year and day as of now."""
        self.offer_until(
            (event.value, f"{wake_words(event, when, kind)} ({wake_day(when)})")
            for event, when in events
        )

    @property
    def wake_event(self) -> WakeEvent | None:
        """The event that ends the wait; None when it is a day. Once it is validated."""
        return WakeEvent(self.chosen_event) if self.chosen_event else None


class CloseForm(VersionedForm):
    """How it ended. The reasons belong to the outcome, and both are sent as one choice."""

    ending = RadioField(_l("How did it end?"), [InputRequired(_l("Choose how it ended."))])
    note = TextAreaField(_l("What should be remembered?"), [Length(max=5_000)])
    contract_ends_on = LastDayField(_l("The contract's last day, if known"))
    contract_source = StringField(_l("Where that is known from"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ending.choices = [
            (f"{outcome.value}:{reason}", label_of(reason, "OutcomeReason"))
            for outcome, reasons in OUTCOME_REASONS.items()
            for reason in reasons
        ]

    def groups(self) -> list[tuple[str, list[Any]]]:
        """The radio buttons by outcome, each outcome with its words."""
        buttons = {button.data: button for button in self.ending}
        return [
            (label(outcome), [buttons[f"{outcome.value}:{reason}"] for reason in reasons])
            for outcome, reasons in OUTCOME_REASONS.items()
        ]

    @property
    def outcome(self) -> Outcome:
        return Outcome(str(self.ending.data).partition(":")[0])

    @property
    def reason(self) -> str:
        return str(self.ending.data).partition(":")[2]


class NextStepForm(VersionedForm):
    """A promise of ours: what and when."""

    next_step = StringField(_l("Next step"), [DataRequired(NEEDED), Length(max=200)])
    next_step_on = DayField(_l("When"), [InputRequired(NEEDED)])


class UnitForm(VersionedForm):
    """A unit that joins the case, or one that takes part already, whose version it carries."""

    organisation_id = OrganisationField(_l("Unit"), [DataRequired(_l("Choose where."))])
    in_use = BooleanField(_l("Uses the product"))
    value = MoneyField(_l("Its share, kronor"))


class RoleForm(Form):
    """A person's roles in the case. None ticked: those that the title suggests (C1)."""

    person_id = PersonField(_l("Person"), [DataRequired(_l("Choose who."))])
    roles = ticks(_l("Roles"), coerce=CaseRole, choices=lambda: choices(CaseRole))


class ProductName(Form):
    """What something we sell is called."""

    name = StringField(_l("Name"), [DataRequired(NEEDED), Length(max=120)])


class ProductForm(ProductName, VersionedForm):
    """Rename something we sell."""


class NewProductForm(ProductName, OnceForm):
    """Something more that we sell."""
