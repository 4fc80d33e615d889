"""What is typed about our tenders."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError

from crm.organisations.forms import NEEDED, chosen_id
from crm.rules.tendering import TOP_SCORE, Decision
from crm.tenders.models import GoCriterion
from crm.tenders.operations import MOST_CRITERIA
from crm.web.forms import (
    Form,
    LastDayField,
    MomentField,
    OnceForm,
    VersionedForm,
    in_range,
)
from crm.web.labels import choices

LINE = 200


class NewItemForm(OnceForm):
    """One more line of the list."""

    text = StringField(_l("What must be there"), [DataRequired(NEEDED), Length(max=LINE)])
    required = BooleanField(_l("The tender falls without it"), default=True)
    due_on = LastDayField(_l("Ready by"), [Optional()])
    responsible_id = SelectField(_l("Who does it"), coerce=chosen_id)


class ItemForm(VersionedForm):
    """A line of the list."""

    text = StringField(_l("What must be there"), [DataRequired(NEEDED), Length(max=LINE)])
    required = BooleanField(_l("The tender falls without it"))
    due_on = LastDayField(_l("Ready by"), [Optional()])
    responsible_id = SelectField(_l("Who does it"), coerce=chosen_id)


class ResponsibleForm(VersionedForm):
    """Who sees to it that the tender is written."""

    responsible_id = SelectField(_l("Responsible"), coerce=chosen_id)


_POINTS = [
    SelectChoice("", "–"),
    *(SelectChoice(str(points), str(points)) for points in range(TOP_SCORE + 1)),
]


class PointsForm(PlainForm):
    """Points for one criterion, and why."""

    points = SelectField(_l("Points"), choices=lambda: _POINTS)
    note = StringField(_l("Note"), [Length(max=300)])

    @property
    def given(self) -> int | None:
        """0 to 5, or None for none."""
        return int(self.points.data) if self.points.data else None


class GoForm(VersionedForm):
    """The sheet: points for each criterion, and what was decided."""

    decision = SelectField(_l("Decision"), coerce=Decision, choices=lambda: choices(Decision))
    reason = StringField(_l("Why"), [Length(max=500)])


def go_form(criteria: Iterable[GoCriterion]) -> type[GoForm]:
    """A form with a line for each criterion, named by its id."""
    fields: dict[str, Any] = {f"c{one.id}": FormField(PointsForm) for one in criteria}
    return type("GoSheetForm", (GoForm,), fields)


class SubmitForm(VersionedForm):
    """It has gone in: when, and what the authority's tool answered."""

    at = MomentField(_l("When it went in"), [InputRequired(NEEDED)])
    receipt = StringField(_l("Receipt or reference"), [Length(max=LINE)])
    reason = StringField(
        _l("Why it goes in though something required is missing or unchecked"), [Length(max=LINE)]
    )


class UsualItemsForm(Form):
    """What every list begins with: one line each."""

    required = TextAreaField(
        _l("Required: the tender falls without them"), [Length(max=8_000)], render_kw={"rows": 8}
    )
    others = TextAreaField(
        _l("When they are asked for"), [Length(max=8_000)], render_kw={"rows": 6}
    )

    def validate_required(self, field: TextAreaField) -> None:
        """No line longer than a list can show."""
        _check_lines(field)

    def validate_others(self, field: TextAreaField) -> None:
        """The same."""
        _check_lines(field)


def lines_of(text: str | None) -> list[str]:
    """The lines that say something, each once."""
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


def _check_lines(field: TextAreaField) -> None:
    if any(len(line) > LINE for line in lines_of(field.data)):
        raise ValidationError(_("A line has at most %(most)s characters.", most=LINE))


class CriterionForm(PlainForm):
    """A criterion and its weight; without words it is none."""

    text = StringField(_l("Criterion"), [Length(max=LINE)])
    weight = IntegerField(_l("Weight"), [Optional(), in_range(0, 100)])


class CriteriaForm(VersionedForm):
    """The next version of the criteria. Its version is that of the sheet it was opened with."""

    criteria = FieldList(
        FormField(CriterionForm), min_entries=MOST_CRITERIA, max_entries=MOST_CRITERIA
    )

    @property
    def chosen(self) -> list[tuple[str, int]]:
        """Those with words."""
        rows = [
            (str(one.form.text.data or "").strip(), one.form.weight.data or 0)
            for one in self.criteria
        ]
        return [(text, weight) for text, weight in rows if text]
