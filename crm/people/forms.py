"""What is typed about people and their posts."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from crm.organisations.forms import NEEDED, OrganisationField, member, readable
from crm.organisations.queries import Crumb
from crm.people import queries
from crm.rules.contact import normalise_email, normalise_phone
from crm.rules.functions import Function
from crm.rules.stages import CaseRole
from crm.search.queries import find
from crm.web.forms import DayField, Form, LastDayField, OnceForm, VersionedForm
from crm.web.labels import choices

BASES = {
    "legitimate_interest": _l("Legitimate interest"),
    "contract": _l("Contract"),
    "consent": _l("Consent"),
}
"""The grounds of article 6 of dataskyddsförordningen that a vendor can have."""


class PersonField(OrganisationField):
    """Somebody who works at a body, picked as an organisation is; `within` is the body."""

    unknown = _l("Nobody who works there is called that. Try fewer letters.")

    def suggested(self) -> list[Crumb]:
        return people_called(self.shown, self.within)

    def show(self, person: Any) -> None:
        """Start with this person chosen."""
        self.data, self.shown = person.id, person.name

    def pre_validate(self, form: object) -> None:
        super().pre_validate(form)
        if self.data is not None and not queries.working_at(self.within.id, [self.data]):
            raise ValidationError(_("Choose somebody who works there."))


def people_called(text: str, body: Any, limit: int = 8) -> list[Crumb]:
    """Those who work at a body and whom a text may mean, with their unit.

    Who has the first of several posts somewhere else is found as well.
    """
    hits = [
        *find(text, kinds=("person",), within_path=body.path, limit=5 * limit),
        *find(text, kinds=("person",), limit=5 * limit),
    ]
    ids = list(dict.fromkeys(hit.ref_id for hit in hits))
    there = queries.working_at(body.id, ids)
    return [Crumb(ident, there[ident]) for ident in ids if ident in there][:limit]


def _email() -> StringField:
    return StringField(_l("E-mail"), [Optional(), Length(max=254), readable(normalise_email)])


def _phone() -> StringField:
    return StringField(_l("Phone"), [Optional(), Length(max=40), readable(normalise_phone)])


class PersonForm(OnceForm):
    """A new person with a first post. A first name is enough (B3)."""

    first_name = StringField(_l("First name"), [Length(max=100)])
    last_name = StringField(_l("Surname"), [Length(max=100)])
    organisation = OrganisationField(_l("Works at"), [DataRequired(_l("Choose where."))])
    title = StringField(_l("Title"), [Length(max=120)])
    email = _email()
    phone = _phone()
    source = StringField(_l("Where we have it from"), [Length(max=200)])
    note = TextAreaField(_l("Note"), [Optional()])


class EditPersonForm(VersionedForm):
    """The facts of a person, with what the data protection rules ask to be known (K7)."""

    first_name = StringField(_l("First name"), [Length(max=100)])
    last_name = StringField(_l("Surname"), [Length(max=100)])
    email = _email()
    phone = _phone()
    note = TextAreaField(_l("Note"), [Optional()])
    source = StringField(_l("Where we have it from"), [Length(max=200)])
    legal_basis = SelectField(
        _l("Legal basis"), choices=[SelectChoice(*basis) for basis in BASES.items()]
    )
    noticed_on = DayField(_l("Told that we keep the data"), [Optional()])
    objected_on = DayField(_l("Objected to being contacted"), [Optional()])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.legal_basis.choices = list(BASES.items())


class PostForm(OnceForm):
    """One more post beside those the person has."""

    organisation = OrganisationField(_l("Works at"), [DataRequired(_l("Choose where."))])
    title = StringField(_l("Title"), [Length(max=120)])
    started_on = DayField(_l("From"), [Optional()])


class EditPostForm(VersionedForm):
    """Put right what was written about a post."""

    title = StringField(_l("Title"), [Length(max=120)])
    function = SelectField(
        _l("Function"),
        [Optional()],
        coerce=lambda value: Function(value) if value else None,
        choices=lambda: choices(Function, empty=_("By the title")),
    )
    started_on = DayField(_l("From"), [Optional()])
    ended_on = LastDayField(_l("Until"), [Optional()])


class EndPostForm(VersionedForm):
    """Somebody has left, and nobody knows where to."""

    on = LastDayField(_l("Last day"), [InputRequired(NEEDED)])


class MoveForm(OnceForm):
    """A new employer, in one form (A7)."""

    leaving = SelectMultipleField(
        _l("Leaves"),
        coerce=int,
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    organisation = OrganisationField(_l("New employer"), [DataRequired(_l("Choose where."))])
    title = StringField(_l("New title"), [Length(max=120)])
    on = DayField(_l("From"), [InputRequired(NEEDED)])
    email = _email()
    phone = _phone()


class RoleForm(Form):
    """A role at the account whatever the case."""

    organisation_id = SelectField(_l("At"), coerce=int)
    role = SelectField(_l("Role"), coerce=member(CaseRole))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.role.choices = choices(CaseRole)
