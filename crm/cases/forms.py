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
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from crm.rules.stages import (
    OUTCOME_REASONS,
    AdoptionStage,
    CaseRole,
    Outcome,
    ProcurementStage,
    PubStatus,
    WaitReason,
    WakeEvent,
)
from crm.web.filters import day
from crm.web.forms import DayField, ExpectedField, Form, MoneyField, OnceForm, VersionedForm
from crm.web.labels import choices, label, label_of

NEEDED = _l("This is needed.")


def one_of(kind: Any) -> Any:
    """A coerce that gives the enum member, and None for nothing chosen."""

    def coerce(value: Any) -> Any:
        return None if value in ("", None, "None") else kind(value)

    return coerce


def number_or_none(value: Any) -> int | None:
    """A chosen id; nothing for the empty line or for what is no number."""
    return int(value) if str(value).isdecimal() and len(str(value)) < 10 else None


class NewCaseForm(OnceForm):
    """Two facts are enough; the rest can come later."""

    title = StringField(_l("What it is about"), [InputRequired(NEEDED), Length(max=200)])
    organisation_id = HiddenField(_l("Where"))
    inquiry_id = HiddenField()
    person_id = HiddenField()
    products = SelectMultipleField(_l("Products"), coerce=int, validators=[Optional()])
    owner_id = SelectField(_l("Owner"), coerce=number_or_none)


class CaseForm(VersionedForm):
    """The facts of a case."""

    title = StringField(_l("What it is about"), [InputRequired(NEEDED), Length(max=200)])
    owner_id = SelectField(_l("Owner"), coerce=number_or_none)
    products = SelectMultipleField(_l("Products"), coerce=int, validators=[Optional()])
    value = MoneyField(_l("Value, kronor excl. VAT"))
    expected = ExpectedField(_l("Expected decision"))
    handles_personal_data = BooleanField(_l("The pilot handles personal data"))
    pub_status = SelectField(_l("PUB-avtal"), coerce=PubStatus, choices=lambda: choices(PubStatus))
    has_framework = BooleanField(_l("A ramavtal covers the product"))
    price_shared_on = DayField(_l("Price shared on"))
    contract_ends_on = DayField(_l("Contract ends on"))
    contract_source = StringField(_l("Where that is known from"))


class MoveForm(VersionedForm):
    """A move on one track."""

    track = HiddenField(validators=[InputRequired()])
    adoption = SelectField(
        _l("Adoption"),
        coerce=one_of(AdoptionStage),
        choices=lambda: choices(AdoptionStage),
        validate_choice=False,
    )
    procurement = SelectField(
        _l("Procurement"),
        coerce=one_of(ProcurementStage),
        choices=lambda: choices(ProcurementStage),
        validate_choice=False,
    )
    note = StringField(_l("Note"))


class WaitForm(VersionedForm):
    """Why we wait, and until when: an event of the buyer's year, or a day."""

    reason = RadioField(
        _l("Why"),
        [InputRequired(_l("Choose a reason."))],
        coerce=one_of(WaitReason),
        choices=lambda: choices(WaitReason),
    )
    event = RadioField(_l("Until when"), coerce=one_of(WakeEvent), validate_choice=False)
    until = DayField(_l("Or until a day"))
    note = TextAreaField(_l("Note"), [Length(max=2_000)])

    def offer(self, events: Sequence[tuple[WakeEvent, Any]]) -> None:
        """Give the events that can be told at this buyer, each with its day as known now."""
        self.event.choices = [
            (event.value, f"{label(event)} ({day(when)})") for event, when in events
        ]

    def validate_until(self, field: DayField) -> None:
        """One of the two must be chosen."""
        if field.day is None and self.event.data is None:
            raise ValidationError(_("Choose an event, or write a day to wait until."))


class CloseForm(VersionedForm):
    """How it ended. The reasons belong to the outcome, and both are sent as one choice."""

    ending = RadioField(_l("How did it end?"), [InputRequired(_l("Choose how it ended."))])
    note = TextAreaField(_l("What should be remembered?"), [Length(max=5_000)])
    contract_ends_on = DayField(_l("The contract's last day, if known"))
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

    next_step = StringField(_l("Next step"), [InputRequired(NEEDED), Length(max=200)])
    next_step_on = DayField(_l("When"), [InputRequired(NEEDED)])


class UnitForm(Form):
    """A unit that joins the case."""

    organisation_id = SelectField(
        _l("Unit"), coerce=number_or_none, validators=[InputRequired(NEEDED)]
    )
    in_use = BooleanField(_l("Uses the product"))
    value = MoneyField(_l("Its share, kronor"))


class RoleForm(Form):
    """A person's role in the case."""

    person_id = SelectField(_l("Person"), coerce=number_or_none, validators=[InputRequired(NEEDED)])
    role = SelectField(_l("Role"), coerce=one_of(CaseRole), choices=lambda: choices(CaseRole))
