"""What is typed about needs, requirements, answers and comparisons."""

from collections.abc import Sequence
from typing import Any, Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import FileField
from wtforms import HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    ValidationError,
)

from crm.organisations.forms import NEEDED, OrganisationField, chosen_id, member
from crm.requirements.operations import Told
from crm.requirements.queries import LikeRow
from crm.rules.comparison import Verdict
from crm.rules.requirements import (
    AnswerState,
    Area,
    Held,
    InUse,
    NeedKind,
    RequirementKind,
    RequirementStatus,
    RestsOn,
    Threshold,
)
from crm.web.forms import DayField, Form, OnceForm, PastDayField, VersionedForm, in_range
from crm.web.labels import choices, label

MOST_WORDS: Final = 5_000
NO_GROUP: Final = "-"
"""The choice of no requirement yet, and of a new one in the same words."""
NEW_GROUP: Final = "new"


class NeedFields(Form):
    """What somebody said, where, when, and what is known of it."""

    words = TextAreaField(_l("In their own words"), [InputRequired(NEEDED), Length(max=MOST_WORDS)])
    area = RadioField(
        _l("Area"), [InputRequired(_l("Choose an area."))], choices=lambda: choices(Area)
    )
    organisation = OrganisationField(_l("Where"))
    person_id = SelectField(_l("Who said it"), coerce=chosen_id, validators=[Optional()])
    said_on = PastDayField(_l("Day"), [InputRequired(NEEDED)])
    kind = SelectField(_l("What it is"), coerce=NeedKind, choices=lambda: choices(NeedKind))
    in_use = SelectField(
        _l("How it is used"), coerce=member(InUse), choices=lambda: choices(InUse, empty="–")
    )
    tool = StringField(_l("What they use today"), [Optional(), Length(max=120)])
    threshold = SelectField(
        _l("What stood in the way"),
        coerce=member(Threshold),
        choices=lambda: choices(Threshold, empty="–"),
    )
    held = SelectField(_l("It has"), coerce=member(Held), choices=lambda: choices(Held, empty="–"))
    rests_on = SelectField(
        _l("It rests on"),
        coerce=RestsOn,
        choices=lambda: choices(RestsOn),
        default=RestsOn.EXPECTED,
    )
    used_weeks = IntegerField(_l("Used for, weeks"), [Optional(), in_range(0, 2_000)])
    users = IntegerField(_l("Users"), [Optional(), in_range(0, 1_000_000)])

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person_id.choices = [("", "–"), *people]

    def validate_organisation(self, field: OrganisationField) -> None:
        """A text that means nothing, or several, has said so already."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Choose where."))

    @property
    def told(self) -> Told:
        """What is told beside the words."""
        return Told(
            kind=self.kind.data,
            in_use=self.in_use.data,
            tool=self.tool.data or "",
            threshold=self.threshold.data,
            held=self.held.data,
            rests_on=self.rests_on.data,
            used_weeks=self.used_weeks.data,
            users=self.users.data,
        )


class NewNeedForm(NeedFields, OnceForm):
    """A need, from an entry of the timeline or typed. `group` is what it belongs with."""

    group = RadioField(_l("Does it belong with one of these?"), default=NO_GROUP)
    activity = HiddenField()
    inquiry = HiddenField()
    case = HiddenField()

    def offer(self, found: Sequence[LikeRow], kept: Sequence[LikeRow] = ()) -> None:
        """The choices: none yet, those that are like, or a new requirement in the same words."""
        seen = dict.fromkeys([*found, *kept])
        self.group.choices = [
            (NO_GROUP, _("No, leave it for later")),
            *((group_value(one), group_text(one)) for one in seen),
            (NEW_GROUP, _("No, make it a requirement of its own")),
        ]


def group_value(found: LikeRow) -> str:
    """How a choice among like needs and requirements is sent: "r12", "n34"."""
    if found.requirement_id is not None:
        return f"r{found.requirement_id}"
    return f"n{found.need_id}"


def group_text(found: LikeRow) -> str:
    """How such a choice reads: its words, what it is, and what they say differently."""
    if found.requirement_id is not None:
        what = ngettext(
            "requirement with %(num)s need", "requirement with %(num)s needs", found.needs
        )
    else:
        what = _("a need, in no requirement yet")
    more = [str(label(found.apart)).lower()] if found.apart is not None else []
    return f"{found.text} ({', '.join([what, *more])})"


class NeedForm(NeedFields, VersionedForm):
    """A need, put right."""


class JoinForm(VersionedForm):
    """Which requirement one is joined with."""

    into = RadioField(
        _l("Which one stays?"), coerce=chosen_id, validators=[InputRequired(_l("Choose one."))]
    )


class GroupForm(VersionedForm):
    """Which requirement a need belongs with."""

    group = RadioField(_l("Which requirement?"), [InputRequired(_l("Choose one."))])


class _Requirement(Form):
    """Our wording, and what sort of requirement it is."""

    text = TextAreaField(_l("Wording"), [InputRequired(NEEDED), Length(max=MOST_WORDS)])
    kind = SelectField(
        _l("Kind"),
        coerce=RequirementKind,
        choices=lambda: choices(RequirementKind),
        default=RequirementKind.SHOULD,
    )
    area = SelectField(_l("Area"), coerce=Area, choices=lambda: choices(Area))
    status = SelectField(
        _l("Status"), coerce=RequirementStatus, choices=lambda: choices(RequirementStatus)
    )


class NewRequirementForm(_Requirement, OnceForm):
    """A requirement, perhaps from a need."""

    need = HiddenField()


class RequirementForm(_Requirement, VersionedForm):
    """A requirement, changed; why, and from which need."""

    answer_id = SelectField(_l("Our answer"), coerce=chosen_id, validators=[Optional()])
    why = StringField(_l("Why the wording changes"), [Optional(), Length(max=300)])
    need_id = SelectField(_l("After which need"), coerce=chosen_id, validators=[Optional()])

    def __init__(
        self,
        *args: Any,
        answers: Sequence[tuple[int, str]],
        needs: Sequence[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.answer_id.choices = [("", _("No answer yet")), *answers]
        self.need_id.choices = [("", "–"), *needs]


class _Answer(Form):
    """What we say, and what shows it."""

    title = StringField(_l("What it answers"), [DataRequired(NEEDED), Length(max=200)])
    text = TextAreaField(_l("Our answer"), [InputRequired(NEEDED), Length(max=MOST_WORDS)])
    area = SelectField(_l("Area"), coerce=Area, choices=lambda: choices(Area))
    state = SelectField(_l("State"), coerce=AnswerState, choices=lambda: choices(AnswerState))
    planned_on = DayField(_l("Planned by"), [Optional()])
    evidence = StringField(_l("What shows it"), [Optional(), Length(max=1_000)])
    owner_id = SelectField(_l("Kept true by"), coerce=chosen_id, validators=[Optional()])

    def __init__(self, *args: Any, owners: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner_id.choices = [("", _("Nobody in particular")), *owners]


class NewAnswerForm(_Answer, OnceForm):
    """One more answer of the library; `requirement` is given it at once."""

    requirement = HiddenField()


class AnswerForm(_Answer, VersionedForm):
    """An answer, changed."""


class CompareForm(OnceForm):
    """A published list: pasted, or as a file."""

    title = StringField(_l("Name"), [DataRequired(NEEDED), Length(max=200)])
    text = TextAreaField(_l("Paste the list here"), [Optional(), Length(max=400_000)])
    file = FileField(_l("Or a file (CSV or XLSX)"))
    procurement = HiddenField()


class LineForm(VersionedForm):
    """What a line of their list is, read by a person."""

    requirement_id = SelectField(_l("Which of ours"), coerce=chosen_id, validators=[Optional()])
    verdict = SelectField(_l("How it stands"), coerce=Verdict, choices=lambda: choices(Verdict))
    question = TextAreaField(_l("Question to the authority"), [Optional(), Length(max=1_000)])

    def __init__(self, *args: Any, ours: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.requirement_id.choices = [("", _("None of ours")), *ours]


class SettingForm(VersionedForm):
    """How often answers are looked at, and which names are pointed out."""

    check_months = IntegerField(
        _l("Look at an answer again after, months"),
        [InputRequired(NEEDED), NumberRange(1, 60, _l("Between 1 and 60 months."))],
    )
    own_names = TextAreaField(_l("Our own names, one to a line"), [Optional(), Length(max=4_000)])
    brands = TextAreaField(
        _l("More makes and trade marks to point out, one to a line"),
        [Optional(), Length(max=4_000)],
    )
