"""What is typed about reminders."""

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from crm.reminders.models import DoneOutcome
from crm.web.forms import DayField, Form, OnceForm
from crm.web.labels import choices


class DoneForm(Form):
    """What became of it."""

    outcome = SelectField(
        _l("How did it go?"),
        choices=lambda: choices(DoneOutcome),
        coerce=DoneOutcome,
        default=DoneOutcome.DONE,
    )
    note = TextAreaField(_l("Note"), [Length(max=2_000)], render_kw={"rows": 2})


class SnoozeForm(Form):
    """Until when: `event:<name>`, or a day as people write it."""

    until = StringField(
        _l("Another day, or a week such as v. 47"), [DataRequired(_l("Choose until when."))]
    )


class OwnForm(OnceForm):
    """A reminder set by hand."""

    text = StringField(_l("What"), [DataRequired(_l("This is needed.")), Length(max=200)])
    on = DayField(_l("When"), [DataRequired(_l("This is needed."))])
