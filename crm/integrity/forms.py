"""What is typed about integrity."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.organisations.forms import NEEDED
from crm.web.forms import Form, MoneyField, OnceForm, PastDayField, VersionedForm


def _yes_no(value: Any) -> bool | None:
    return {"yes": True, "no": False, True: True, False: False}.get(value)


class _Material(Form):
    """What was shared, with whom, when, and where it is kept."""

    what = StringField(_l("What was shared"), [DataRequired(NEEDED), Length(max=300)])
    occasion = StringField(
        _l("With whom, or at which meeting"), [DataRequired(NEEDED), Length(max=300)]
    )
    shared_on = PastDayField(_l("When"), [InputRequired(NEEDED)])
    kept_at = StringField(_l("Where it is kept"), [Length(max=500)])
    others = SelectField(_l("Have other suppliers got it as well?"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others.choices = [("", _("Not known")), ("yes", _("Yes")), ("no", _("No"))]

    @property
    def with_others(self) -> bool | None:
        return _yes_no(self.others.data)


class NewMaterialForm(_Material, OnceForm):
    """One more line of the log."""

    procurement = HiddenField()
    case = HiddenField()


class MaterialForm(_Material, VersionedForm):
    """A line put right."""


class ConflictForm(OnceForm):
    """A conflict of interest, in plain words."""

    note = TextAreaField(_l("What it is about"), [DataRequired(NEEDED), Length(max=2_000)])


class HospitalityForm(OnceForm):
    """Something plain that a person was offered."""

    what = StringField(_l("What was offered"), [DataRequired(NEEDED), Length(max=300)])
    value = MoneyField(_l("What it was worth, kronor"), [InputRequired(NEEDED)])
    offered_on = PastDayField(_l("When"), [InputRequired(NEEDED)])
    policy_note = StringField(
        _l("Allowed by which policy"), [DataRequired(NEEDED), Length(max=500)]
    )
