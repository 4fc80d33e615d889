"""What is typed about kits, by us and by whoever reads one."""

from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from crm.cases.forms import ticks
from crm.core import clock
from crm.kits.operations import Parts
from crm.organisations.forms import NEEDED
from crm.rules.contact import Unreadable, normalise_email
from crm.rules.kits import latest_day
from crm.rules.pricing import Rung
from crm.web.forms import DayField, Form, LastDayField, OnceForm

QUESTION_LENGTH: Final = 2_000
NO_PRICES: Final = "none"


class KitForm(OnceForm):
    """Which parts, for whom, and for how long."""

    person_id = SelectField(_l("For"), [InputRequired(NEEDED)], coerce=int)
    language = SelectField(
        _l("Language"),
        choices=[SelectChoice("sv", "Svenska"), SelectChoice("en", "English")],
        default="sv",
    )
    valid_until = LastDayField(_l("Valid until"), [InputRequired(NEEDED)])
    summary = TextAreaField(_l("Summary"), [Length(max=4_000)], render_kw={"rows": 8})
    prices = SelectField(_l("Prices"), default=NO_PRICES)
    rungs = ticks(_l("Steps of the price"), coerce=Rung)
    answers = ticks(_l("Security, personal data and accessibility"), coerce=int)
    references = ticks(_l("References"), coerce=int)
    closes = BooleanField(_l("Close the links to earlier versions"))

    def validate_valid_until(self, field: DayField) -> None:
        """A link that is open for ever is forgotten."""
        if field.day is not None and not clock.today() <= field.day <= latest_day(clock.today()):
            raise ValidationError(_("Choose today or a later day, at most a year on."))

    def validate_rungs(self, field: Any) -> None:
        """A price is of a step."""
        if self.prices.data != NO_PRICES and not field.data:
            raise ValidationError(_("Choose at least one step of the price, or no prices."))

    @property
    def parts(self) -> Parts:
        """What was chosen."""
        prices = str(self.prices.data)
        sheet = prices.removeprefix("sheet-")
        return Parts(
            summary=self.summary.data or "",
            sheet_id=int(sheet) if sheet != prices else None,
            exact={"exact": True, "span": False}.get(prices),
            rungs=tuple(self.rungs.data or ()),
            answer_ids=tuple(self.answers.data or ()),
            reference_ids=tuple(self.references.data or ()),
        )


class QuestionForm(OnceForm):
    """A reader's question. Without a token against forgery: that would take a cookie, and there is
    no one signed in whose rights could be borrowed. The secret address is what it is sent to."""

    class Meta(Form.Meta):
        csrf = False

    question = TextAreaField(
        _l("Your question"),
        [
            DataRequired(_l("Write your question.")),
            Length(
                max=QUESTION_LENGTH,
                message=_l("At most %(max)d characters. Write the main thing, and we get back."),
            ),
        ],
        render_kw={"rows": 6},
    )
    email = EmailField(
        _l("Your address at work"),
        [DataRequired(_l("Write your e-mail address, so that we can answer.")), Length(max=254)],
        render_kw={"autocomplete": "email"},
    )
    name = StringField(_l("Your name"), [Length(max=120)], render_kw={"autocomplete": "name"})
    website = StringField(_l("Leave this field empty"), [Length(max=200)])  # only machines fill it

    def validate_email(self, field: StringField) -> None:
        """An address that can be answered."""
        try:
            normalise_email(field.data or "")
        except Unreadable:
            raise ValidationError(
                _("Write the whole e-mail address, such as namn@kommunen.se.")
            ) from None

    @property
    def is_by_machine(self) -> bool:
        """Whether the field that nobody sees was filled in."""
        return bool(self.website.data)
