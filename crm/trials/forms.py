"""What is typed about senders, tables of trials and pilots."""

from dataclasses import asdict
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from crm.cases import queries as cases
from crm.organisations.forms import NEEDED, OrganisationField
from crm.rules.trials import MOST_BYTES
from crm.trials import queries
from crm.trials.operations import Counted
from crm.web.forms import DayField, Form, LastDayField, OnceForm, VersionedForm


class SourceForm(OnceForm):
    """A new sender."""

    name = StringField(_l("What the sender is called"), [DataRequired(NEEDED), Length(max=80)])
    product = SelectField(_l("What is tried"), coerce=int, default=0)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.product.choices = [
            (0, _("All our products")),
            *((one.id, one.name) for one in cases.products()),
        ]


class RotateForm(OnceForm):
    """A new secret for a sender."""

    overlap = SelectField(
        _l("The secret until now"),
        coerce=int,
        default=7,
        choices=lambda: [
            (7, _("holds for a week beside the new one")),
            (1, _("holds for a day beside the new one")),
            (0, _("stops at once: somebody else may have it")),
        ],
    )


class TableForm(Form):
    """A file of trials, or its rows pasted, and who they are from."""

    source = SelectField(_l("Which product they try"), coerce=int)
    file = FileField(_l("File"))
    text = TextAreaField(
        _l("Or paste the rows here"),
        [Length(max=MOST_BYTES, message=_l("That is more than 500 kB. Divide it."))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source.choices = [(one.id, one.name) for one in queries.open_sources()]


class TakeTableForm(Form):
    """The looked-through rows, which travel beside it. Taken twice they are taken once."""

    source = HiddenField()
    taken = IntegerField(default=0)  # rows before these, which an earlier press took
    new = IntegerField(default=0)  # and what became of them, for the sentence at the end
    updated = IntegerField(default=0)
    unchanged = IntegerField(default=0)
    unknown = IntegerField(default=0)

    def so_far(self, counted: Counted) -> Counted:
        """The rows of this press with those of the presses before it."""
        return Counted(
            **{
                name: max(getattr(self, name).data or 0, 0) + number
                for name, number in asdict(counted).items()
            }
        )


class _Pilot(Form):
    """What was agreed of a pilot."""

    starts_on = DayField(_l("First day"), [InputRequired(NEEDED)])
    ends_on = LastDayField(_l("Last day"), [InputRequired(NEEDED)])
    evaluates = StringField(_l("What is to be found out"), [DataRequired(NEEDED), Length(max=300)])
    questions = TextAreaField(_l("Questions to those who take part"), [Length(max=5_000)])

    def validate_ends_on(self, field: LastDayField) -> None:
        """A pilot ends after it has started."""
        start = self.starts_on.day
        if start is not None and field.day is not None and field.day < start:
            raise ValidationError(_("The pilot cannot end before it starts."))


class NewPilotForm(_Pilot, OnceForm):
    """A pilot, and in which unit."""

    organisation = OrganisationField(_l("In which unit"))
    case = HiddenField()

    def validate_organisation(self, field: OrganisationField) -> None:
        """A text that means nothing, or several, has said so already."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Choose where."))


class PilotForm(_Pilot, VersionedForm):
    """What was agreed, put right."""


class CallOffForm(VersionedForm):
    """Why a pilot does not come to be."""

    why = StringField(_l("Why"), [Length(max=300)])


class EvaluationForm(VersionedForm):
    """What the unit found out."""

    result = TextAreaField(_l("What the unit found out"), [DataRequired(NEEDED), Length(max=5_000)])
