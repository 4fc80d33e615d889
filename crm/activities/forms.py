"""What is typed into the story of an account."""

from datetime import date, datetime, time
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField, TextAreaField
from wtforms.validators import InputRequired, Optional

from crm.activities.models import WRITTEN_BY_HAND, ActivityKind
from crm.core import clock
from crm.organisations.forms import NEEDED, chosen_id, member
from crm.web.forms import DayField, Form, OnceForm
from crm.web.labels import label


class ActivityForm(Form):
    """A call, mail, meeting or note of one's own. Today unless another day is given."""

    kind = SelectField(_l("Kind"), coerce=member(ActivityKind))
    text = TextAreaField(_l("What was said or done"), [InputRequired(NEEDED)])
    person_id = SelectField(_l("With"), coerce=chosen_id, validators=[Optional()])
    on = DayField(_l("Day"), [Optional()])

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, label(kind)) for kind in WRITTEN_BY_HAND]
        self.person_id.choices = [("", "–"), *people]

    def happened_at(self, now: datetime, before: datetime | None = None) -> datetime:
        """The instant: now for today, noon for another day; the old hour when the day is kept."""
        day: date | None = self.on.day
        if before is not None and day == clock.local(before).date():
            return before
        if day is None or day == clock.local(now).date():
            return now
        return datetime.combine(day, time(12), tzinfo=clock.STOCKHOLM)


class NewActivityForm(ActivityForm, OnceForm):
    """One more line of the story."""
