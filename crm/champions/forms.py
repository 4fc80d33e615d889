"""What is typed about what somebody did, and about whoever takes over."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.cases.models import Case
from crm.champions.models import ChampionAct
from crm.champions.operations import Done
from crm.core import clock
from crm.organisations.forms import NEEDED, chosen_id, member
from crm.people.forms import PersonField
from crm.people.models import Person
from crm.rules.champions import (
    ActKind,
    Figures,
    Formula,
    Occasion,
    SellingOutcome,
    Threshold,
    Worth,
)
from crm.rules.functions import Function
from crm.web.forms import (
    DayField,
    Form,
    OnceForm,
    PastDayField,
    VersionedForm,
    WholeField,
    in_range,
)
from crm.web.labels import choices, label


def _or_none(kind: Any) -> Any:
    """The member that a value names, or None for an empty one."""
    coerce = member(kind)

    def read(value: Any) -> Any:
        return coerce(value) if value else None

    return read


class _InCase(Form):
    """Something that may belong to a case."""

    case_id = SelectField(_l("In the case"), coerce=chosen_id, validators=[Optional()])

    def offer(self, cases: Sequence[tuple[int, str]]) -> None:
        """The cases to choose from; the only one is chosen from the start."""
        self.case_id.choices = [("", "–"), *cases]
        if len(cases) == 1 and not self.is_submitted() and self.case_id.data is None:
            self.case_id.data = cases[0][0]


class _Next(_InCase):
    """Where it comes up next inside the body."""

    next_kind = SelectField(_l("Next occasion"), coerce=_or_none(Occasion), validators=[Optional()])
    next_on = DayField(_l("On which day"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next_kind.choices = [("", "–"), *choices(Occasion)]


class SoldForm(_Next, OnceForm):
    """One line of the internal selling log (C3): towards whom, and how it was received."""

    function = RadioField(
        _l("To whom"), coerce=_or_none(Function), validators=[InputRequired(_l("Choose to whom."))]
    )
    outcome = RadioField(
        _l("How it was received"),
        coerce=_or_none(SellingOutcome),
        validators=[InputRequired(_l("Choose how it was received."))],
    )
    done_on = PastDayField(_l("Day"), [InputRequired(NEEDED)])
    material = StringField(_l("What was used"), [Length(max=200)])
    note = StringField(_l("In a few words"), [Length(max=500)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.function.choices = choices(Function)
        self.outcome.choices = choices(SellingOutcome)

    def done(self, today: date) -> Done:
        """What was typed."""
        return Done(
            ActKind.SHOWED,
            self.done_on.day or today,
            function=self.function.data,
            outcome=self.outcome.data,
            material=self.material.data or "",
            note=self.note.data or "",
            next_kind=self.next_kind.data,
            next_on=self.next_on.day,
        )


class _Act(_InCase):
    """One act in one line. Internal selling has a form of its own."""

    kind = SelectField(
        _l("What was done"),
        coerce=_or_none(ActKind),
        validators=[InputRequired(_l("Choose what was done."))],
    )
    done_on = PastDayField(_l("Day"), [InputRequired(NEEDED)])
    note = StringField(_l("In a few words"), [Length(max=500)])
    other_id = PersonField(_l("Which colleague"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            ("", _l("Choose")),
            *((value, words) for value, words in choices(ActKind) if value != ActKind.SHOWED),
        ]
        if not self.is_submitted():
            self.done_on.data = self.done_on.data or clock.today()

    def done(self, today: date, other: Person | None) -> Done:
        """What was typed."""
        return Done(
            self.kind.data,
            self.done_on.day or today,
            other=other,
            note=self.note.data or "",
        )


class ActForm(_Act, OnceForm):
    """An act, from the page of whoever did it."""


class CaseActForm(_Act, OnceForm):
    """An act, from the page of a case."""

    person_id = SelectField(
        _l("Who"), coerce=chosen_id, validators=[DataRequired(_l("Choose who."))]
    )

    def offer_people(self, people: Sequence[tuple[int, str]]) -> None:
        """Those who have a role in the case."""
        self.person_id.choices = [("", _l("Choose")), *people]


class EditActForm(_Next, VersionedForm):
    """An act put right: all that it can say."""

    kind = SelectField(
        _l("What was done"),
        coerce=_or_none(ActKind),
        validators=[InputRequired(_l("Choose what was done."))],
    )
    function = SelectField(_l("To whom"), coerce=_or_none(Function), validators=[Optional()])
    outcome = SelectField(
        _l("How it was received"), coerce=_or_none(SellingOutcome), validators=[Optional()]
    )
    done_on = PastDayField(_l("Day"), [InputRequired(NEEDED)])
    other_id = PersonField(_l("Which colleague"))
    material = StringField(_l("What was used"), [Length(max=200)])
    note = StringField(_l("In a few words"), [Length(max=500)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = choices(ActKind)
        self.function.choices = [("", "–"), *choices(Function)]
        self.outcome.choices = [("", "–"), *choices(SellingOutcome)]

    def show(self, act: ChampionAct) -> None:
        """Start with what was written."""
        self.version.data = str(act.version)
        if act.other is not None:
            self.other_id.show(act.other)

    def done(self, today: date, other: Person | None) -> Done:
        """What was typed."""
        return Done(
            self.kind.data,
            self.done_on.day or today,
            other=other,
            function=self.function.data,
            outcome=self.outcome.data,
            material=self.material.data or "",
            note=self.note.data or "",
            next_kind=self.next_kind.data,
            next_on=self.next_on.day,
        )


class SuccessorForm(OnceForm):
    """Who takes over after somebody, in every case at once."""

    person_id = PersonField(_l("Successor"), [DataRequired(_l("Choose who."))])


class FiguresForm(VersionedForm):
    """The figures behind strength and proposals: points and cap of every kind of act, the days, the
    words, and the threshold. Two fields for each kind are added below."""

    halves_after = WholeField(
        _l("Halved after, in days"), [InputRequired(NEEDED), in_range(7, 3_650)]
    )
    recent = WholeField(
        _l("An act counts in the tests for, in days"), [InputRequired(NEEDED), in_range(30, 3_650)]
    )
    clear_from = WholeField(_l("Clear from"), [InputRequired(NEEDED), in_range(1, 99)])
    strong_from = WholeField(_l("Strong from"), [InputRequired(NEEDED), in_range(2, 200)])
    units = WholeField(_l("Units"), [InputRequired(NEEDED), in_range(1, 1_000)])
    people = WholeField(_l("People"), [InputRequired(NEEDED), in_range(1, 10_000)])
    note = TextAreaField(
        _l("Why, for your colleagues"),
        [DataRequired(NEEDED), Length(max=500)],
        render_kw={"rows": 2},
    )

    def __init__(self, *args: Any, **facts: Any) -> None:
        super().__init__(*args, **facts)
        for kind, points, cap in self.worth:
            points.label.text = _("Points: %(act)s", act=label(kind))
            cap.label.text = _("At most: %(act)s", act=label(kind))

    @property
    def worth(self) -> list[tuple[ActKind, Any, Any]]:
        """By kind of act: the fields of its points and its cap."""
        return [(kind, self[f"points_{kind.value}"], self[f"cap_{kind.value}"]) for kind in ActKind]

    def show(self, figures: Figures) -> None:
        """Put figures into the form."""
        formula, threshold = figures.formula, figures.threshold
        for kind, points, cap in self.worth:
            points.data, cap.data = formula.worth[kind].points, formula.worth[kind].cap
        self.halves_after.data, self.recent.data = formula.halves_after, formula.recent
        self.clear_from.data, self.strong_from.data = formula.clear_from, formula.strong_from
        self.units.data, self.people.data = threshold.units, threshold.people

    @property
    def figures(self) -> Figures:
        """What was typed."""
        return Figures(
            Formula(
                {kind: Worth(points.data, cap.data) for kind, points, cap in self.worth},
                self.halves_after.data,
                self.recent.data,
                self.clear_from.data,
                self.strong_from.data,
            ),
            Threshold(self.units.data, self.people.data),
        )


for _kind in ActKind:
    for _name in ("points", "cap"):
        setattr(
            FiguresForm,
            f"{_name}_{_kind.value}",
            WholeField(validators=[InputRequired(NEEDED), in_range(0, 99)]),
        )


def cases_with(found: list[tuple[int, str]], case: Case | None) -> list[tuple[int, str]]:
    """The cases to choose from, with the one that is chosen although it is no longer among them."""
    if case is None or case.id in {number for number, _title in found}:
        return found
    return [(case.id, case.title), *found]
