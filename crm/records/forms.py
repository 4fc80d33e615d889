"""What is typed about records requests."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from crm.contracts.forms import OptionsField
from crm.organisations.forms import NEEDED, OrganisationField, member
from crm.records.models import RequestChannel, RequestOutcome
from crm.web.forms import (
    DayField,
    Form,
    LastDayField,
    MoneyField,
    OnceForm,
    PastDayField,
    VersionedForm,
    in_range,
)
from crm.web.labels import choices


class _Asked(Form):
    """What was asked, and how."""

    title = StringField(_l("What it is about"), [DataRequired(NEEDED), Length(max=200)])
    asked = TextAreaField(_l("The letter"), [DataRequired(NEEDED), Length(max=20_000)])
    asked_on = PastDayField(_l("Sent"), [InputRequired(NEEDED)])
    channel = SelectField(
        _l("How"),
        coerce=RequestChannel,
        choices=lambda: choices(RequestChannel),
        default=RequestChannel.EMAIL,
    )
    sent_to = StringField(_l("To which address"), [Length(max=200)])
    reference = StringField(_l("Their number (diarienummer)"), [Length(max=100)])
    follow_up_on = DayField(_l("Follow up"), [Optional()])


class NewRequestForm(_Asked, OnceForm):
    """A request, of whom and about what."""

    organisation = OrganisationField(_l("Whom to ask"))
    kind = HiddenField()
    procurement = HiddenField()
    case = HiddenField()

    def validate_organisation(self, field: OrganisationField) -> None:
        """A text that means nothing, or several, has said so already."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Choose where."))


class RequestForm(_Asked, VersionedForm):
    """What was asked, put right."""


class AnswerForm(VersionedForm):
    """What came of it."""

    answered_on = PastDayField(_l("Answered"), [Optional()])
    outcome = SelectField(
        _l("What they answered"), coerce=member(RequestOutcome), validators=[Optional()]
    )
    fee = MoneyField(_l("Fee, kronor"))
    secrecy_note = TextAreaField(_l("Secrecy"), [Length(max=5_000)])
    refused_on = PastDayField(_l("Told of the refusal"), [Optional()])
    appeal_settled = BooleanField(_l("We have appealed, or let it be"))
    facts = TextAreaField(_l("What it tells"), [Length(max=20_000)])
    files = StringField(_l("Where the documents are kept"), [Length(max=500)])
    supplier = StringField(_l("Who won"), [Length(max=300)])
    price = MoneyField(_l("The winner's price, kronor excl. VAT"), [Optional()])
    ends_on = LastDayField(_l("The contract's last day"), [Optional()])
    options = OptionsField(_l("Options, months each"), [Optional(), Length(max=60)])
    notice_months = IntegerField(_l("Notice, months"), [Optional(), in_range(0, 60)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome.choices = choices(RequestOutcome, empty=_("No answer yet"))
