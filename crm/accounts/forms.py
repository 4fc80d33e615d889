"""Forms about signing in, oneself and one's colleagues."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional, ValidationError

from crm.accounts import passwords
from crm.accounts.models import User
from crm.accounts.texts import ROLES
from crm.accounts.vendor import VendorFacts
from crm.rules.access import Role
from crm.rules.contact import Unreadable, normalise_org_number
from crm.rules.letters import LetterPace
from crm.web.forms import DayField, Form, LastDayField, OnceForm, VersionedForm
from crm.web.labels import choices

_LANGUAGES = [SelectChoice("sv", "Svenska"), SelectChoice("en", "English")]
_NEW = {"autocomplete": "new-password"}
_PRESENT = {"autocomplete": "current-password"}
_CODE = {"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"}


def _email(**more: Any) -> EmailField:
    return EmailField(
        _l("E-mail"),
        [
            DataRequired(_l("Write an e-mail address.")),
            Length(max=254, message=_l("An e-mail address has at most 254 characters.")),
            Email(_l("Write the e-mail address as name@example.se.")),
        ],
        **more,
    )


def _name(label: Any) -> StringField:
    return StringField(
        label,
        [
            DataRequired(_l("Write a name.")),
            Length(max=120, message=_l("Use at most 120 characters.")),
        ],
        render_kw={"autocomplete": "name"},
    )


def _present_password(label: Any = None) -> PasswordField:
    return PasswordField(
        label or _l("Present password"),
        [DataRequired(_l("Write your password."))],
        render_kw=dict(_PRESENT),
    )


class NewPassword:
    """Mixin: a new password, checked for `self.email_of_user()`. Shown as dots, never sent back."""

    password = PasswordField(
        _l("New password"),
        [DataRequired(_l("Choose a password."))],
        render_kw={**_NEW, "minlength": str(passwords.MIN_LENGTH)},
    )
    email_of_user = ""

    def validate_password(self, field: Any) -> None:
        why = passwords.problem(field.data or "", self.email_of_user)
        if why is not None:
            raise ValidationError(why)


class SignInForm(Form):
    """E-mail and password. The address is not judged: a wrong one gets the common answer."""

    email = EmailField(
        _l("E-mail"),
        [DataRequired(_l("Write your e-mail address.")), Length(max=254)],
        render_kw={"autocomplete": "username"},
    )
    password = _present_password(_l("Password"))


class CodeForm(Form):
    """Six digits, or a recovery code."""

    code = StringField(
        _l("Code"),
        [DataRequired(_l("Write the code.")), Length(max=40)],
        render_kw={**_CODE, "autofocus": True},
    )


class AcceptForm(NewPassword, Form):
    """The invited one says who she is. `email` is deleted when the invitation names it."""

    name = _name(_l("Your name"))
    email = _email(render_kw={"autocomplete": "username"})


class PasswordByLinkForm(NewPassword, Form):
    """A new password, by a link."""


class ChangePasswordForm(NewPassword, Form):
    """A new password, by oneself."""

    old = _present_password()


class ProfileForm(VersionedForm):
    """What one sets for oneself."""

    name = _name(_l("Your name"))
    language = RadioField(_l("Language"), choices=_LANGUAGES)
    theme = SelectField(
        _l("Appearance"),
        choices=[
            SelectChoice("auto", _l("As the computer")),
            SelectChoice("light", _l("Light")),
            SelectChoice("dark", _l("Dark")),
        ],
    )
    shortcuts = BooleanField(_l("Single-letter keys, such as n for a new inquiry"))
    digest = RadioField(
        _l("A letter by mail"), choices=lambda: choices(LetterPace), coerce=LetterPace
    )
    digest_weekday = SelectField(
        _l("The weekly one on"),
        coerce=int,
        choices=[
            SelectChoice("0", _l("Monday")),
            SelectChoice("1", _l("Tuesday")),
            SelectChoice("2", _l("Wednesday")),
            SelectChoice("3", _l("Thursday")),
            SelectChoice("4", _l("Friday")),
        ],
    )
    digest_hour = SelectField(
        _l("Send it at"),
        coerce=int,
        choices=[SelectChoice(str(hour), f"{hour:02d}.00") for hour in range(24)],
    )


class SecondFactorForm(Form):
    """Turn the second factor on."""

    code = StringField(
        _l("Code from the app"),
        [DataRequired(_l("Write the code.")), Length(max=40)],
        render_kw={**_CODE, "inputmode": "numeric"},
    )
    password = _present_password()


class PasswordCheckForm(Form):
    """A change that a borrowed browser must not be enough for."""

    password = _present_password()


def _role() -> SelectField:
    return SelectField(
        _l("Role"),
        choices=[SelectChoice(role.value, name) for role, name in ROLES.items()],
        coerce=Role,
    )


class InviteForm(OnceForm):
    """Invite a colleague."""

    email = _email(render_kw={"autocomplete": "off"})
    name = StringField(_l("Name"), [Length(max=120)], render_kw={"autocomplete": "off"})
    role = _role()
    language = RadioField(_l("Language"), choices=_LANGUAGES, default="sv")


class UserForm(VersionedForm):
    """A colleague, as the administrator sees her."""

    name = _name(_l("Name"))
    email = _email(render_kw={"autocomplete": "off"})
    role = _role()
    active = BooleanField(_l("Active: may sign in"))


class AbsenceForm(OnceForm):
    """From when, to when, and who sees to things meanwhile."""

    first = DayField(_l("First day away"), [DataRequired(_l("This is needed."))])
    last = LastDayField(_l("Last day away"), [DataRequired(_l("This is needed."))])
    deputy = SelectField(_l("Deputy"), coerce=str)

    def __init__(self, deputies: Sequence[tuple[User, str]], **facts: Any) -> None:
        """Each possible deputy comes with the days of an absence of her own, if any."""
        super().__init__(**facts)
        everybody = SelectChoice("", _("Nobody in particular: everybody sees it"))
        self.deputy.choices = [
            everybody,
            *(
                SelectChoice(
                    str(one.id),
                    _("%(name)s (away %(days)s)", name=one.name, days=away) if away else one.name,
                )
                for one, away in deputies
            ),
        ]

    @property
    def deputy_id(self) -> int | None:
        """The colleague chosen; None: everybody."""
        return int(self.deputy.data) if self.deputy.data else None


class VendorForm(VersionedForm):
    """Who we are to the buyers."""

    name = StringField(
        _l("Our name"),
        [DataRequired(_l("This is needed.")), Length(max=120)],
        render_kw={"autocomplete": "organization"},
    )
    org_number = StringField(_l("Organisation number"), [Optional(), Length(max=30)])
    address = TextAreaField(_l("Address"), [Length(max=300)], render_kw={"rows": 3})
    phone = StringField(_l("Telephone"), [Length(max=40)], render_kw={"autocomplete": "off"})
    email = EmailField(
        _l("E-mail"),
        [
            Optional(),
            Length(max=254, message=_l("An e-mail address has at most 254 characters.")),
            Email(_l("Write the e-mail address as name@example.se.")),
        ],
    )

    def validate_org_number(self, field: StringField) -> None:
        """Ten digits, the last of which checks the others."""
        try:
            normalise_org_number(str(field.data))
        except Unreadable as error:
            raise ValidationError(
                _("Write the organisation number as 556036-0793: its ten digits do not fit.")
            ) from error

    @property
    def facts(self) -> VendorFacts:
        """What was typed, read."""
        number = self.org_number.data
        return VendorFacts(
            name=self.name.data or "",
            org_number=normalise_org_number(number) if number else "",
            address=self.address.data or "",
            phone=self.phone.data or "",
            email=self.email.data or "",
        )
