"""Forms of the quick log, of sorting and of the lists."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from crm.accounts.queries import colleagues
from crm.activities.models import ActivityKind
from crm.interest import queries
from crm.interest.models import Source, SourceKind
from crm.interest.who import LONGEST, Who, decode
from crm.organisations.forms import chosen_id
from crm.organisations.operations import unreadable_sentence
from crm.rules.contact import Unreadable, normalise_email, normalise_phone
from crm.rules.kinds import UnitKind
from crm.web.filters import language
from crm.web.forms import Form, OnceForm, VersionedForm
from crm.web.labels import choices


class EmailAddress:
    """An e-mail address, or nothing."""

    def __call__(self, _form: Any, field: Any) -> None:
        _readable(normalise_email, field.data)


class PhoneNumber:
    """A phone number, or nothing."""

    def __call__(self, _form: Any, field: Any) -> None:
        _readable(normalise_phone, field.data)


def _readable(read: Any, text: str | None) -> None:
    if text:
        try:
            read(text)
        except Unreadable as error:
            raise ValidationError(unreadable_sentence(error)) from error


class Choice:
    """A choice of the picker, as the picker wrote it."""

    def __call__(self, _form: Any, field: Any) -> None:
        try:
            decode(field.data or "")
        except ValueError as error:
            raise ValidationError(_("Choose again: that is not one of the choices.")) from error


def _names(kind: SourceKind, chosen: int | None = None) -> list[tuple[int, str]]:
    """What can be chosen: those in use, and the one that the row already has."""
    there = queries.sources(kind)
    if chosen and all(source.id != chosen for source in there):
        there = [*there, queries.get_source(chosen)]
    return [(source.id, source.label(language())) for source in there]


class WhoForm(Form):
    """The one line that says who, with what may be made new along with it.

    `who` is the picker's choice, `choice` the radio button's of the page without scripts, and
    `typed` the line as it stood when the choice was made.
    """

    who = HiddenField(_l("Who is it?"), validators=[Length(max=LONGEST), Choice()])
    who_text = StringField(_l("Who is it?"), validators=[Length(max=200)])
    typed = HiddenField(validators=[Length(max=300)])
    choice = HiddenField(validators=[Length(max=LONGEST), Choice()])
    unit_name = StringField(_l("Name of the unit"), validators=[Length(max=200)])
    unit_kind = SelectField(
        _l("Kind of unit"),
        default="",
    )
    person_name = StringField(_l("Name of the person"), validators=[Length(max=150)])
    email = StringField(_l("E-mail"), validators=[Length(max=254), EmailAddress()])
    phone = StringField(_l("Phone"), validators=[Length(max=40), PhoneNumber()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit_kind.choices = choices(UnitKind, empty=_("As the name says"))

    @property
    def line(self) -> str:
        """Exactly what was typed, before a choice replaced it by its name."""
        return str(self.typed.data or self.who_text.data or "")

    def chosen(self) -> Who | None:
        """The choice with the user's corrections; None when nothing was chosen or named."""
        base = decode(self.choice.data or self.who.data or "")
        given = self.unit_kind.data
        kind = UnitKind(given) if given in set(UnitKind) else None
        who = base.corrected(
            unit_name=self.unit_name.data or "",
            unit_kind=kind if (self.unit_name.data or base.unit_name) else None,
            name=self.person_name.data or "",
        )
        return None if who.organisation_id is None and who.person_id is None else who


class QuickLogForm(WhoForm, OnceForm):
    """Two answers are needed: who and what. The rest is folded away."""

    summary = StringField(
        _l("What is it about?"),
        validators=[InputRequired(_l("Write one line about what it was.")), Length(max=1000)],
    )
    channel = SelectField(_l("How did it reach us?"), coerce=int)
    trigger = SelectField(_l("What made them turn to us?"), coerce=chosen_id, default=None)
    told_by = HiddenField(_l("Who told them about us?"), validators=[Choice()])
    told_by_text = StringField(validators=[Length(max=200)])
    owes_answer = BooleanField(_l("They are waiting for an answer from us"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = _names(SourceKind.CHANNEL)
        self.trigger.choices = [("", _("Not known")), *_names(SourceKind.TRIGGER)]
        for field in self:  # the dialog stands on pages with forms of their own
            field.id = field.label.field_id = f"log-{field.name}"

    def validate_who(self, _field: Any) -> None:
        """A name, a place or an address is enough."""
        given = (self.who, self.choice, self.who_text, self.typed, self.person_name)
        if not any(field.data for field in (*given, self.email, self.phone)):
            raise ValidationError(
                _("Write who it was: a name, an e-mail address or a municipality.")
            )


class SortForm(WhoForm, VersionedForm):
    """Where it belongs."""


class EditForm(WhoForm, VersionedForm):
    """Everything that was written about an inquiry, to put right."""

    summary = TextAreaField(
        _l("What is it about?"),
        validators=[InputRequired(_l("Write one line about what it was.")), Length(max=5000)],
        render_kw={"rows": 3},
    )
    caller = StringField(_l("Name as we heard it"), validators=[Length(max=200)])
    channel = SelectField(_l("How did it reach us?"), coerce=int)
    trigger = SelectField(_l("What made them turn to us?"), coerce=chosen_id)
    told_by = HiddenField(_l("Who told them about us?"), validators=[Choice()])
    told_by_text = StringField(validators=[Length(max=200)])

    def __init__(self, *args: Any, channel_id: int, trigger_id: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel.choices = _names(SourceKind.CHANNEL, channel_id)
        self.trigger.choices = [("", _("Not known")), *_names(SourceKind.TRIGGER, trigger_id)]


class AssignForm(VersionedForm):
    """Whose it is."""

    owner = SelectField(_l("Whose is it?"), coerce=chosen_id)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owner.choices = [("", _("Nobody's")), *((u.id, u.name) for u in colleagues())]


class LetGoForm(VersionedForm):
    """Why it is not for us."""

    reason = StringField(
        _l("Why?"), validators=[InputRequired(_l("Write why, in a word or two.")), Length(max=200)]
    )


class AnswerForm(OnceForm):
    """How and what we answered."""

    kind = SelectField(_l("How did you answer?"), default=ActivityKind.MAIL.value)
    text = TextAreaField(_l("What did you answer?"), validators=[Length(max=5000)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            (ActivityKind.MAIL.value, _("By e-mail")),
            (ActivityKind.CALL.value, _("By phone")),
            (ActivityKind.MEETING.value, _("In a meeting")),
        ]


class SourceNames(Form):
    """The two names of a channel or a trigger."""

    name_sv = StringField(
        _l("Swedish name"), validators=[InputRequired(_l("Write a name.")), Length(max=80)]
    )
    name_en = StringField(_l("English name"), validators=[Length(max=80)])


class SourceForm(SourceNames, VersionedForm):
    """Rename one."""


class NewSourceForm(SourceNames, OnceForm):
    """One more channel or trigger."""


class MergeForm(Form):
    """Into which other one."""

    into = SelectField(_l("Merge into"), coerce=int)

    def __init__(self, *args: Any, source: Source, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = [s for s in queries.sources(source.kind) if s.id != source.id]
        self.into.choices = [(s.id, s.label(language())) for s in others]
