"""What is typed about organisations."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import TextInput

from crm.organisations import operations, queries
from crm.rules.contact import Unreadable, normalise_email, normalise_org_number, normalise_phone
from crm.rules.kinds import BODY_KINDS, OrganisationKind, UnitKind
from crm.rules.words import fold
from crm.search.queries import find
from crm.web.asked import number_or_none
from crm.web.forms import Form, LastDayField, OnceForm, VersionedForm, clean
from crm.web.labels import choices, label

NEEDED = _l("This is needed.")
LOWER_KINDS = (OrganisationKind.DEPARTMENT, OrganisationKind.COMMITTEE, OrganisationKind.UNIT)


def chosen_id(value: Any) -> int | None:
    """A coerce for a choice among rows: None for nothing chosen; what is no number is no choice."""
    return int(value) if value not in {"", None, "None"} else None


def suggestions(
    text: str, *, except_path: str = "", within_path: str | None = None
) -> list[queries.Crumb]:
    """Organisations that a text may mean, as the search finds them, with where they lie."""
    return [
        queries.Crumb(hit.ref_id, f"{hit.title}, {hit.subtitle}" if hit.subtitle else hit.title)
        for hit in find(text, kinds=("body", "unit"), within_path=within_path, limit=8)
        if not (except_path and hit.path.startswith(except_path))
    ]


class OrganisationField(Field):
    """An organisation, picked from a list while typing or, without scripts, from a few choices.

    `data` is the id. The words are sent beside it as `<name>_text`; when they mean more than one,
    `choices` holds those to choose from and the field says so. Nothing is ever picked silently.
    `within` keeps it to an organisation and what lies below.
    """

    widget = TextInput()
    unknown = _l("No account is called that. Try fewer letters.")

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        self.except_path = ""
        self.within: Any = None
        self.shown = ""
        self.choices: list[queries.Crumb] = []
        super().__init__(label, validators, **kwargs)

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        super().process(formdata, *args, **kwargs)
        if formdata is not None and f"{self.name}_text" in formdata:
            self.shown = str(clean(formdata[f"{self.name}_text"]))[:200]

    def process_formdata(self, values: list[str]) -> None:
        """The picked id: the hidden field's, or that of the choice that was marked."""
        self.data = next((n for value in reversed(values) if (n := number_or_none(value))), None)

    def show(self, organisation: Any) -> None:
        """Start with this organisation chosen."""
        self.data, self.shown = organisation.id, organisation.title

    def pre_validate(self, form: object) -> None:
        if self.data is not None or not self.shown:
            return
        found = self.suggested()
        exact = [one for one in found if fold(one.name.split(", ")[0]) == fold(self.shown)]
        if len(exact) == 1:
            self.data = exact[0].id
        elif not found:
            raise ValidationError(self.unknown)
        else:
            self.choices = found
            raise ValidationError(_("Choose which one you mean."))

    def suggested(self) -> list[queries.Crumb]:
        """What the words may mean."""
        path = self.within.path if self.within is not None else None
        return suggestions(self.shown, except_path=self.except_path, within_path=path)


def picked(field: OrganisationField) -> Any:
    """The organisation of the field, or None when nothing has been picked."""
    return queries.get(field.data) if field.data is not None else None


def readable(read: Any) -> Any:
    """A validator: the value can be read by a function of the rulebook."""

    def check(_form: Form, field: Field) -> None:
        if field.data:
            try:
                read(field.data)
            except Unreadable as error:
                raise ValidationError(operations.unreadable_sentence(error)) from error

    return check


def member(kind: Any) -> Any:
    """A coerce that gives the enum member, and None for nothing chosen."""

    def coerce(value: Any) -> Any:
        return kind(value) if value not in {"", None, "None"} else None

    return coerce


class UnitForm(OnceForm):
    """Add a förvaltning, nämnd or unit below another organisation."""

    name = StringField(_l("Name"), [InputRequired(NEEDED), Length(max=200)])
    kind = SelectField(_l("Level"), coerce=member(OrganisationKind))
    unit_kind = SelectField(_l("Kind of unit"), coerce=member(UnitKind), validators=[Optional()])
    despite = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [(kind.value, label(kind)) for kind in LOWER_KINDS]
        self.unit_kind.choices = choices(UnitKind, empty=_("Guess from the name"))


class BodyForm(OnceForm):
    """Add a legal body that the register lacks."""

    name = StringField(_l("Name"), [InputRequired(NEEDED), Length(max=200)])
    kind = SelectField(_l("Kind"), coerce=member(OrganisationKind))
    org_number = StringField(
        _l("Organisation number"), [Optional(), Length(max=30), readable(normalise_org_number)]
    )
    county_code = SelectField(_l("County"), validators=[Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            (kind.value, label(kind)) for kind in OrganisationKind if kind in BODY_KINDS
        ]
        self.counties = queries.counties()
        self.county_code.choices = [("", _("Not known")), *self.counties]


class OrganisationForm(VersionedForm):
    """The facts of an organisation. What the register supplies is ours once it is edited here."""

    name = StringField(_l("Name"), [InputRequired(NEEDED), Length(max=200)])
    short_name = StringField(_l("Short name"), [Optional(), Length(max=60)])
    kind = SelectField(_l("Level"), coerce=member(OrganisationKind))
    unit_kind = SelectField(_l("Kind of unit"), coerce=member(UnitKind), validators=[Optional()])
    org_number = StringField(
        _l("Organisation number"), [Optional(), Length(max=30), readable(normalise_org_number)]
    )
    email = StringField(_l("E-mail"), [Optional(), Length(max=254), readable(normalise_email)])
    phone = StringField(_l("Phone"), [Optional(), Length(max=40), readable(normalise_phone)])
    web_domain = StringField(_l("Website"), [Optional(), Length(max=120)])
    email_domain = StringField(_l("Mail domain"), [Optional(), Length(max=120)])
    owner_id = SelectField(_l("Own territory of"), coerce=chosen_id)
    note = TextAreaField(_l("Note"), [Optional()])

    def __init__(self, *args: Any, is_body: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            (kind.value, label(kind))
            for kind in OrganisationKind
            if (kind in BODY_KINDS) == is_body
        ]
        self.unit_kind.choices = choices(UnitKind, empty="–")


class MoveForm(VersionedForm):
    """Put an organisation, with everything below it, under another."""

    parent = OrganisationField(_l("Move to"), [DataRequired(_l("Choose where to."))])


class AliasForm(Form):
    """Another name to be found by."""

    name = StringField(_l("Other name"), [InputRequired(NEEDED), Length(max=200)])


class DomainForm(Form):
    """A mail domain that people at this organisation use."""

    domain = StringField(_l("Mail domain"), [InputRequired(NEEDED), Length(max=120)])

    def validate_domain(self, field: Field) -> None:
        if not queries.domain_of(field.data):
            raise ValidationError(_("That is not a domain. Write it as hultsfred.se."))


class CloseForm(VersionedForm):
    """It no longer exists."""

    on = LastDayField(_l("Last day"), [InputRequired(NEEDED)])
    successor = OrganisationField(_l("What took its place"))


class SchoolsForm(OnceForm):
    """A school register file to look through before anything is written."""

    file = FileField(_l("File"))
