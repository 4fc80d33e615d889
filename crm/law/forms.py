"""What is typed about the law's values."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from crm.core import clock
from crm.law.operations import Reading
from crm.law.queries import Standing, StandingLength
from crm.rules.law.explained import Confidence
from crm.rules.law.values import LawUnit
from crm.rules.routes import Duration
from crm.web.forms import DayField, VersionedForm, WholeField, in_range
from crm.web.labels import choices

EARLIEST = date(2016, 1, 1)
YEARS_AHEAD = 10
MOST = {LawUnit.KRONOR: 999_999_999, LawUnit.PERCENT: 100}
MOST_OF_TIME = 3_650


class LeadTimeForm(VersionedForm):
    """How long a stage usually takes, in days."""

    short = WholeField(
        _l("Short"), [InputRequired(_l("This is needed.")), in_range(0, MOST_OF_TIME)]
    )
    usual = WholeField(
        _l("Usual"), [InputRequired(_l("This is needed.")), in_range(0, MOST_OF_TIME)]
    )
    long = WholeField(_l("Long"), [InputRequired(_l("This is needed.")), in_range(0, MOST_OF_TIME)])
    source = StringField(
        _l("Where you know it from"), [DataRequired(_l("This is needed.")), Length(max=500)]
    )
    note = TextAreaField(
        _l("Why, for your colleagues"),
        [DataRequired(_l("This is needed.")), Length(max=500)],
        render_kw={"rows": 2},
    )

    def __init__(self, stands: StandingLength, **facts: Any) -> None:
        now = stands.now
        super().__init__(data={"short": now.short, "usual": now.usual, "long": now.long}, **facts)

    @property
    def duration(self) -> Duration:
        """The three lengths as typed."""
        return Duration(self.short.data, self.usual.data, self.long.data)


class LawValueForm(VersionedForm):
    """A value from a day on. The day of a period corrects it, another day begins a new one."""

    valid_from = DayField(_l("Holds from"), [DataRequired(_l("This is needed."))])
    value = WholeField(_l("Value"), [InputRequired(_l("This is needed."))])
    euro: Any = WholeField(_l("In euro"), [Optional(), in_range(1, 999_999_999)])
    source = StringField(
        _l("Where it is read"), [DataRequired(_l("This is needed.")), Length(max=500)]
    )
    confidence = SelectField(
        _l("How sure it is"), choices=lambda: choices(Confidence), coerce=Confidence
    )
    note = TextAreaField(
        _l("Why, for your colleagues"),
        [DataRequired(_l("This is needed.")), Length(max=500)],
        render_kw={"rows": 2},
    )

    def __init__(self, stands: Standing, **facts: Any) -> None:
        shown = stands.shown
        self.unit = shown.unit
        super().__init__(
            data={
                "valid_from": shown.valid_from,
                "value": shown.value,
                "euro": shown.euro,
                "confidence": Confidence.CONFIRMED,
            },
            **facts,
        )
        if not any(row.euro for row in stands.periods):
            del self.euro

    def validate_valid_from(self, field: DayField) -> None:
        """Within the years the acts and a plan can reach."""
        latest = clock.today().replace(month=12, day=31)
        latest = latest.replace(year=latest.year + YEARS_AHEAD)
        if field.day is not None and not EARLIEST <= field.day <= latest:
            raise ValidationError(
                _("Between %(first)s and %(last)s.", first=EARLIEST.isoformat(), last=latest)
            )

    def validate_value(self, field: Any) -> None:
        """More than nothing, and not absurd in its unit."""
        most = MOST.get(self.unit, MOST_OF_TIME)
        if field.data is not None and not 1 <= field.data <= most:
            raise ValidationError(
                _("The number must be between %(min)s and %(max)s.", min=1, max=most)
            )

    @property
    def reading(self) -> Reading:
        """What was typed."""
        return Reading(
            valid_from=self.valid_from.day or EARLIEST,
            value=int(self.value.data),
            euro=self.euro.data if self.euro is not None else None,
            source=self.source.data or "",
            confidence=self.confidence.data,
            note=self.note.data or "",
        )
