"""What is typed about reminders."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from crm.core import clock
from crm.organisations.forms import chosen_id
from crm.reminders.models import DoneOutcome, Reminder
from crm.reminders.snoozing import Snoozing
from crm.rules.recurrence import MOST_APART, Every, Recurrence, StopWhen
from crm.rules.reminder_rules import Offset
from crm.rules.rule_settings import (
    DistanceUnit,
    Standing,
    TooFar,
    as_typed,
    bounds_in,
    distance_of,
    offset_of,
)
from crm.rules.stages import WakeEvent
from crm.web.forms import DayField, Form, LastDayField, OnceForm, VersionedForm, in_range
from crm.web.labels import choices, label
from crm.web.until import UntilForm


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
        _l("Another day, or a week such as v. 12"), [DataRequired(_l("Choose until when."))]
    )


class SnoozeManyForm(UntilForm):
    """Until when for several: an event that each buyer has, some weeks, or a day."""

    class Meta(UntilForm.Meta):
        csrf = False  # read by GET before anything is saved; a POST is checked for all of the app

    def offer(self, rows: Sequence[Reminder]) -> Snoozing:
        """What all of the reminders can be put off to, each choice with its day."""
        snoozing = Snoozing(rows, clock.today())
        self.offer_until(
            (value, f"{words} ({day})") for value, words, day in snoozing.choices_of_all()
        )
        return snoozing

    @property
    def chosen(self) -> str:
        """A choice, or the day, as `Snoozing.landing` reads it. Once it is validated."""
        return self.chosen_event or str(self.until.day)


class RepeatFields(Form):
    """Whether and how a reminder comes again, and what ends it."""

    every = SelectField(
        _l("Comes again"),
        coerce=lambda value: Every(value) if value else None,
        choices=lambda: choices(Every, empty=_("Once only")),
        default="",
    )
    apart = IntegerField(_l("Every how many"), [Optional(), in_range(1, MOST_APART)], default=1)
    event = SelectField(
        _l("With which event, for each cycle"),
        coerce=WakeEvent,
        choices=lambda: choices(WakeEvent),
        default=WakeEvent.DOOR_OPENS,
    )
    until = LastDayField(_l("Last day"))
    times = IntegerField(_l("Or so many times"), [Optional(), in_range(1, 500)])
    stop_when = SelectField(
        _l("Ends by itself"),
        coerce=StopWhen,
        choices=lambda: choices(StopWhen),
        default=StopWhen.NEVER,
    )

    def recurrence(self, starts_on: date) -> Recurrence | None:
        """As typed; None for one that comes once."""
        every: Every | None = self.every.data
        if every is None:
            return None
        return Recurrence(
            every,
            starts_on,
            1 if every is Every.CYCLE else self.apart.data or 1,
            self.until.day,
            self.times.data,
            self.event.data if every is Every.CYCLE else None,
        )


class OwnForm(OnceForm, RepeatFields):
    """A reminder set by hand."""

    text = StringField(_l("What"), [DataRequired(_l("This is needed.")), Length(max=200)])
    on = DayField(_l("When"), [DataRequired(_l("This is needed."))])
    person_id = SelectField(_l("A light contact with"), coerce=chosen_id, validators=[Optional()])
    why = StringField(_l("Why it is needed so soon"), [Length(max=200)])

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **facts: Any) -> None:
        super().__init__(*args, **facts)
        self.person_id.choices = [("", _("Nobody: it is a promise of ours")), *people]

    def validate_every(self, field: SelectField) -> None:
        """A light contact comes once: the rhythm of a wait is chosen with the wait."""
        if field.data is not None and self.person_id.data is not None:
            raise ValidationError(_("A light contact comes once. Let the case wait with a rhythm."))


class Scope(StrEnum):
    """What a change of one that comes again is about."""

    THIS = "this"
    REST = "rest"


class EditOwnForm(VersionedForm, RepeatFields):
    """Other words and another day, of one or of it and the rest."""

    text = StringField(_l("What"), [DataRequired(_l("This is needed.")), Length(max=200)])
    on = DayField(_l("When"), [DataRequired(_l("This is needed."))])
    scope = RadioField(
        _l("What to change"),
        coerce=Scope,
        choices=lambda: choices(Scope),
        default=Scope.THIS,
    )


class RuleForm(VersionedForm):
    """How a rule is to stand for everybody. The side of its anchor is the rule's own."""

    active = BooleanField(_l("The rule is on"))
    count = IntegerField(_l("How long"), [Optional(), in_range(0, 2_000)])
    unit = SelectField(_l("Counted in"), choices=lambda: choices(DistanceUnit), coerce=DistanceUnit)
    note = TextAreaField(_l("Why, for your colleagues"), [Length(max=500)], render_kw={"rows": 2})
    step = HiddenField()

    def __init__(self, stands: Standing, **facts: Any) -> None:
        self.rule = stands.rule
        count, unit = as_typed(stands.rule.offset)
        super().__init__(data={"active": stands.active, "count": count, "unit": unit}, **facts)
        if distance_of(self.rule) is None:
            del self.count, self.unit

    @property
    def offset(self) -> Offset:
        """The distance as typed; the rule's own where it has none to change."""
        if self.count is None:
            return self.rule.offset
        return offset_of(self.rule, int(self.count.data), self.unit.data)

    def validate(self, extra_validators: Any = None) -> bool:
        """A distance on the right side of what the rule allows."""
        if not super().validate(extra_validators):
            return False
        if self.count is None:
            return True
        if self.count.data is None:
            self.count.errors = [_("This is needed.")]
            return False
        try:
            offset_of(self.rule, int(self.count.data), self.unit.data)
        except TooFar:
            distance = distance_of(self.rule)
            unit: DistanceUnit = self.unit.data
            least, most = bounds_in(distance, unit) if distance else (0, 0)
            words = {"least": least, "most": most, "unit": label(unit).lower()}
            self.count.errors = [
                _("Between %(least)s and %(most)s %(unit)s.", **words)
                if least
                else _("At most %(most)s %(unit)s.", **words)
            ]
            return False
        return True
