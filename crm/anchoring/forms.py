"""What is typed about anchoring."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from crm.anchoring.models import MapLine
from crm.anchoring.queries import Step
from crm.organisations.forms import NEEDED, chosen_id, member
from crm.people.forms import PersonField
from crm.rules.anchoring import Line, Stance
from crm.rules.functions import Function
from crm.rules.gate import GateState, GateStep
from crm.rules.relations import RelationKind
from crm.web.forms import Form, OnceForm, PastDayField, VersionedForm, in_range
from crm.web.labels import choices


class LineForm(VersionedForm):
    """A line of the map. `line` is the id of the one that is changed, or empty."""

    line = HiddenField()
    function = SelectField(
        _l("Function"), coerce=member(Function), choices=lambda: choices(Function)
    )
    person_id = PersonField(_l("Person"))
    who = StringField(_l("Not known yet: who?"), [Length(max=120)])
    stance = SelectField(
        _l("Stance"), coerce=member(Stance), choices=lambda: choices(Stance), default=Stance.UNKNOWN
    )
    since = PastDayField(_l("Involved since"))
    question = StringField(_l("Open question"), [Length(max=500)])

    def show(self, there: MapLine | None, line: Line | None, function: Function | None) -> None:
        """Start with the line as it stands, or with what the roles tell."""
        self.version.data = str(there.version) if there else "0"
        self.line.data = str(there.id) if there else ""
        if function is not None:
            self.function.data = function
        if line is not None:
            self.function.data, self.stance.data = line.function, line.stance
            self.since.data, self.question.data = line.since, line.question
            if line.person_id is not None:
                self.person_id.data, self.person_id.shown = line.person_id, line.who
            else:
                self.who.data = line.who


class StepForm(VersionedForm):
    """How a step of the gate stands."""

    step = SelectField(_l("Step"), coerce=member(GateStep), choices=lambda: choices(GateStep))
    owner = SelectField(
        _l("Whose it is"), coerce=member(Function), choices=lambda: choices(Function)
    )
    state = SelectField(_l("State"), coerce=member(GateState), choices=lambda: choices(GateState))
    begun_on = PastDayField(_l("Asked or begun"))
    done_on = PastDayField(_l("Done"))
    evidence = StringField(_l("What shows it, or where it lies"), [Length(max=500)])

    def show(self, step: Step, number: int) -> None:
        """Start with the step as it stands; `number` is its version."""
        row = step.row
        self.version.data = str(number)
        self.step.data, self.owner.data, self.state.data = step.step, step.owner, step.state
        if row is not None:
            self.begun_on.data, self.done_on.data = row.begun_on, row.done_on
            self.evidence.data = row.evidence


class SkipForm(Form):
    """Why one goes on without those who are missing."""

    reason = StringField(_l("Why"), [DataRequired(NEEDED), Length(max=300)])


class RemarkForm(OnceForm):
    """What a function says about effects on its own work."""

    function = SelectField(
        _l("Function"), coerce=member(Function), choices=lambda: choices(Function)
    )
    step = SelectField(
        _l("Step it came up in"),
        [Optional()],
        coerce=lambda value: GateStep(value) if value else None,
        choices=lambda: choices(GateStep, empty="–"),
    )
    person_id = PersonField(_l("Who said it"))
    words = TextAreaField(_l("In their own words"), [DataRequired(NEEDED), Length(max=5_000)])
    said_on = PastDayField(_l("When"), [InputRequired(NEEDED)])


class AnswerForm(VersionedForm):
    """What came of a remark; empty opens it again."""

    answer = TextAreaField(_l("What came of it"), [Length(max=5_000)])


class TimesForm(VersionedForm):
    """How long steps take in our own experience, in weeks; the fields are named by the steps."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Both ends of a span, or none; and no span that ends before it begins."""
        good = bool(super().validate(extra_validators))
        for step in GateStep:
            first, last = self.span(step)
            if (first.data is None) is not (last.data is None) and not (
                first.errors or last.errors
            ):
                empty = first if first.data is None else last
                empty.errors = [*empty.errors, _("Give both, or neither.")]
                good = False
            elif first.data is not None and last.data is not None and last.data < first.data:
                last.errors = [*last.errors, _("No less than the first.")]
                good = False
        return good

    def span(self, step: GateStep) -> tuple[Any, Any]:
        """The two fields of a step."""
        return self[f"{step.value}_from"], self[f"{step.value}_to"]


for _step in GateStep:
    for _end, _words in (("from", _l("From, weeks")), ("to", _l("To, weeks"))):
        setattr(
            TimesForm,
            f"{_step.value}_{_end}",
            IntegerField(_words, [Optional(), in_range(1, 520)]),
        )


class RelationForm(OnceForm):
    """A line between two people."""

    one_id = PersonField(_l("Who"), [DataRequired(_l("Choose who."))])
    kind = SelectField(
        _l("What"), coerce=member(RelationKind), choices=lambda: choices(RelationKind)
    )
    other_id = PersonField(_l("The other"), [DataRequired(_l("Choose who."))])
    note = StringField(_l("Note"), [Length(max=300)])


class _Consent(Form):
    """What somebody has agreed to."""

    consented_on = PastDayField(_l("Agreed on"), [InputRequired(NEEDED)])
    a_year = IntegerField(
        _l("How many times a year at most"), [InputRequired(NEEDED), in_range(1, 24)]
    )
    uses = StringField(_l("What they use it for"), [Length(max=300)])
    systems = StringField(_l("Systems it works with there"), [Length(max=300)])


class NewConsentForm(_Consent, OnceForm):
    """Somebody agrees to be asked."""

    organisation_id = SelectField(
        _l("Where"), [InputRequired(_l("Choose where."))], coerce=chosen_id
    )


class ConsentForm(_Consent, VersionedForm):
    """The consent is put right."""


class AskForm(OnceForm):
    """A reference is asked, for a case or for none."""

    case = HiddenField()
