"""The form base: CSRF, cleaned text, sane limits, uniform refusal, and one way to carry out.

A view reads:

    form = RenameForm(obj=organisation)
    if form.carried_out(lambda: operations.rename(organisation, form.name.data, by=user())):
        return redirect(...)
    return page("organisations/rename.html", form=form)
"""

import re
import secrets
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Protocol

from flask import Response, current_app, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from itsdangerous import BadSignature, Signer
from markupsafe import Markup
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, StringField, TextAreaField
from wtforms.fields import IntegerField
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    StopValidation,
    ValidationError,
)

from crm.core import clock
from crm.core.db import transaction
from crm.core.errors import RuleBroken
from crm.core.once import digest, earlier_submission, remember
from crm.rules.money import MoneyProblem, UnreadableAmount, plain, read_kronor
from crm.rules.precision import (
    FIRST_YEAR,
    LAST_YEAR,
    DateProblem,
    ExpectedDate,
    UnreadableDate,
    is_week,
    parse_day,
    parse_expected,
)
from crm.web.overtaken import LastSave, last_save, overtaken

SHORT_TEXT, LONG_TEXT = 200, 20_000
_CLOCK = re.compile(r"\b(\d{1,2})[:.](\d{2})$")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def clean(text: object) -> object:
    """Trimmed, in one Unicode form, without characters that no database column can hold."""
    if not isinstance(text, str):
        return text
    return _CONTROL.sub("", unicodedata.normalize("NFC", text)).replace("\r\n", "\n").strip()


def user() -> Any:
    """The signed-in user, to hand on as `by`. Only the edge asks."""
    return current_user._get_current_object()


def in_range(least: int, most: int) -> NumberRange:
    """A number between the two, both included."""
    return NumberRange(least, most, _l("The number must be between %(min)s and %(max)s."))


def _limit(unbound_field: Any, validator: Any) -> None:
    """Add the validator, unless the field has one of its kind; validators may be positional."""
    arguments, named = unbound_field.args, unbound_field.kwargs
    given = (arguments[1] if len(arguments) > 1 else named.get("validators")) or ()
    if not any(isinstance(v, type(validator)) for v in given):
        unbound_field.args = arguments[:1]
        named["validators"] = [*given, validator]
        named.update(zip(("filters", "description"), arguments[2:], strict=False))


def _require_words(unbound_field: Any) -> None:
    """A line of blanks is no answer: what is required of a text is asked after it was trimmed."""

    def trimmed(validators: Any) -> list[Any]:
        return [DataRequired(v.message) if isinstance(v, InputRequired) else v for v in validators]

    arguments, named = unbound_field.args, unbound_field.kwargs
    if len(arguments) > 1:
        unbound_field.args = (arguments[0], trimmed(arguments[1] or ()), *arguments[2:])
    elif named.get("validators"):
        named["validators"] = trimmed(named["validators"])


class Form(FlaskForm):
    """Base of every form in the program."""

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent, cleaned: a field that cannot read it shows it again as it came."""
            sent = super().wrap_formdata(form, formdata)
            if sent is None:
                return None
            return MultiDict((name, clean(value)) for name, value in sent.items(multi=True))

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            filters = [clean, *unbound_field.kwargs.get("filters", ())]
            kind = unbound_field.field_class
            if issubclass(kind, StringField):
                limit = LONG_TEXT if issubclass(kind, TextAreaField) else SHORT_TEXT
                if not issubclass(kind, DayField | ExpectedField | MoneyField):  # read as a whole
                    _limit(unbound_field, Length(max=limit))
                _require_words(unbound_field)
                return unbound_field.bind(form=form, **{**options, "filters": filters})
            if issubclass(kind, IntegerField):
                _limit(unbound_field, in_range(-2_147_483_648, 2_147_483_647))
            return unbound_field.bind(form=form, **options)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.refusals: list[str] = []
        self.stale = False
        super().__init__(*args, **kwargs)

    def submitted(self) -> bool:
        """POSTed and valid."""
        return bool(self.validate_on_submit())

    def refuse(self, sentence: str) -> None:
        """Add a reason that belongs to no single field."""
        self.refusals.append(sentence)

    def last_save(self) -> LastSave | None:
        """The save that came before this one, where the form knows what it is about."""
        return None

    @property
    def failed(self) -> bool:
        return bool(self.errors or self.refusals)

    def carried_out(self, change: Callable[[], object]) -> bool:
        """True if the form was submitted, valid, and `change` is committed.

        Otherwise nothing is written, the input stays, and the form carries the reasons.
        """
        if not self.submitted():
            return False
        try:
            with transaction(by=user() if current_user.is_authenticated else None):
                change()
        except RuleBroken as broken:
            self.refuse(str(broken))
        except StaleDataError:
            self.stale = True
            self.refuse(overtaken(self.last_save()))
        except IntegrityError:
            self.refuse(_("That would make a duplicate or break a link. Check the values."))
        except DataError:
            self.refuse(_("A value is too large or has the wrong form."))
        else:
            return True
        return False


def _signer() -> Signer:
    """Signs for one user: what another was given leads nowhere, least of all to her things."""
    return Signer(str(current_app.secret_key), salt=f"once.{getattr(current_user, 'id', 0)}")


def _once_token() -> str:
    return _signer().sign(secrets.token_urlsafe(18)).decode()


class OnceForm(Form):
    """For what creates something: however often it is sent, there is one row and one place to land.

        if there := form.carried_out_once(add):  # `add` creates, and returns where that is shown
            return redirect(there, 303)

    The browser sends the token back that the form was given (see core.once).
    """

    once = HiddenField(default=_once_token)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._spent = False
        super().__init__(*args, **kwargs)

    def earlier(self) -> str | None:
        """Where an earlier submission of this very form led. Asked before anything is judged.

        If it said something else, nothing is made of it and nothing lost: the form is refused with
        its words and a fresh token, and sending it again makes a thing of its own.
        """
        key = self._key() if self.is_submitted() else None
        sent = earlier_submission(key) if key else None
        if key is None or sent is None:
            return None
        if sent.digest == self._digest(key):
            return sent.location
        self._spent, self.once.data = True, _once_token()
        self.refuse(
            Markup('<a href="{}">{}</a> {}').format(
                sent.location,
                _("This form has been saved already."),
                _("What you have written since is here still: save once more to keep it as well."),
            )
        )
        return None

    def carried_out_once(self, make: Callable[[], str]) -> str | None:
        """Where to go: to what `make` has created, or to what the first of two clicks created.

        None as `carried_out` is False, and also when the token is missing or not ours.
        """
        if not self.is_submitted():
            return None
        if not self._spent and (there := self.earlier()):
            return there
        if self._spent:
            self.validate()
            return None
        key, landed = self._key(), list[str]()
        if key is None:
            self.validate()
            self.once.data = _once_token()
            self.refuse(_("The form had lost its mark. Nothing was saved: send it once more."))
            return None

        def change() -> None:
            landed.append(make())
            remember(key, self._digest(key), landed[0], clock.now())

        if self.carried_out(change):
            return landed[0]
        return self.earlier()  # the other click was faster

    def _key(self) -> str | None:
        """The name of this submission, or None when the token is not one of ours."""
        try:
            bare = _signer().unsign(str(self.once.data or "")).decode()
        except (BadSignature, UnicodeError):
            return None
        return f"{type(self).__name__}.{bare}"[:64]

    @staticmethod
    def _digest(key: str) -> str:
        """Of everything that was sent but the tokens."""
        tokens = {"csrf_token", "once"}
        sent = [pair for pair in request.form.items(multi=True) if pair[0] not in tokens]
        files = [(name, file.filename or "") for name, file in request.files.items(multi=True)]
        return digest(key, [*sent, *files])


class Versioned(Protocol):
    """A row that counts its saves."""

    @property
    def version(self) -> int: ...


class VersionedForm(Form):
    """For what edits a row: carries the version that the form was opened with."""

    version = HiddenField(
        validators=[Length(max=12)],
        filters=[lambda value: value if value is None else str(value)],  # the row's own is an int
    )

    _last_save: Callable[[], LastSave | None] | None = None

    def check_version(self, row: Versioned | None) -> None:
        """Raise StaleDataError unless the form was sent with the version that the row has now.

        A row that is not there (yet) has version 0. A form that was sent without any version is
        stale as well: what it was opened with, nobody knows.
        """
        if row is None:
            self.check_number(0, lambda: None)
        else:
            self.check_number(row.version, lambda: last_save(row))

    def check_number(self, current: int, told: Callable[[], LastSave | None]) -> None:
        """The same by a number, for what keeps its own history; `told` reads its last save."""
        self._last_save = told
        # It is the sent one that counts, and not what the field was filled with from the row.
        sent = self.version.raw_data
        self.version.data = str(sent[0]) if sent else ""
        if self.version.data != str(current):
            raise StaleDataError("the row has changed since the form was opened")

    def last_save(self) -> LastSave | None:
        return self._last_save() if self._last_save else None


class WholeField(IntegerField):
    """A whole number as people write it: "2 451 751", "2 451 751 kr"."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read without the spaces and the unit; what cannot be read is shown again as it came."""
        if valuelist and isinstance(valuelist[0], str):
            bare = re.sub(r"\s|kr|€|%", "", valuelist[0], flags=re.IGNORECASE)
            if re.fullmatch(r"-?\d{1,12}", bare):
                self.data = int(bare)
                return
        super().process_formdata(valuelist)


def unreadable_day(problem: DateProblem, example: date) -> str:
    """What is wrong with a day as it was typed."""
    match problem:
        case DateProblem.NO_SUCH_DAY:
            return _("There is no such day in that month.")
        case DateProblem.NO_SUCH_WEEK:
            return _("There is no such week.")
        case DateProblem.NO_SUCH_MONTH:
            return _("There is no such month.")
        case DateProblem.YEAR_OUT_OF_RANGE:
            return _years_allowed()
        case _:
            return _("Write the date as %(day)s, %(short)s or v. %(week)s.", **_as_written(example))


def _years_allowed() -> str:
    return _("The year must be between %(first)s and %(last)s.", first=FIRST_YEAR, last=LAST_YEAR)


def _as_written(day: date) -> dict[str, str]:
    return {
        "day": day.isoformat(),
        "short": f"{day.day}/{day.month}",
        "week": str(day.isocalendar().week),
    }


class DayField(StringField):
    """A date as Swedes plan: 2026-11-23, 23/11, "v. 47", "idag", "+2v". Keeps what was typed."""

    looking_back = False  # whether "1/3" is the latest one, in a field about what has been
    end_of_week = False  # whether "v. 9" is its Sunday, in a field about the last day of something

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        example = _("%(day)s or v. %(week)s", **_as_written(self.example()))
        kwargs["render_kw"] = {"placeholder": example, **kwargs.get("render_kw", {})}
        super().__init__(label, validators, **kwargs)
        self.day: date | None = None

    @classmethod
    def example(cls) -> date:
        """A day such as the field asks for: one that lies ahead."""
        return clock.today() + timedelta(days=7)

    @property
    def read_as(self) -> date | None:
        """The day that stands in the field, so that its week can be shown beside it (M9)."""
        return self.data if isinstance(self.data, date) else self.day

    def _value(self) -> str:
        if isinstance(self.data, date):
            return self.data.isoformat()
        return str(self.data or "")

    def pre_validate(self, form: object) -> None:
        self.day = self.data if isinstance(self.data, date) else None
        if self.day is None and self.data:
            try:
                self.day = parse_day(
                    str(self.data),
                    clock.today(),
                    looking_back=self.looking_back,
                    end_of_week=self.end_of_week,
                )
            except UnreadableDate as error:  # what else the field asks need not be said as well
                raise StopValidation(unreadable_day(error.problem, self.example())) from error


class PastDayField(DayField):
    """A day that has been: "1/3" is the latest one."""

    looking_back = True


class LastDayField(DayField):
    """The last day of something: of a week its Sunday."""

    end_of_week = True


class MomentField(DayField):
    """A day as DayField reads it, and the clock on the wall in Sweden: "2027-03-14 23:59".

    `.moment` is the instant. A day alone means its last minute, as a deadline does; a week means
    no day of it, for one that is too early or too late helps nobody.
    """

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        kwargs["render_kw"] = {
            "placeholder": _("%(day)s 23:59", day=self.example().isoformat()),
            **kwargs.get("render_kw", {}),
        }
        super().__init__(label, validators, **kwargs)
        self.data: Any = None
        self.moment: datetime | None = None

    @property
    def read_as(self) -> date | None:
        given: Any = self.data
        return clock.local(given).date() if isinstance(given, datetime) else self.day

    def _value(self) -> str:
        given: Any = self.data
        if isinstance(given, datetime):
            return f"{clock.local(given):%Y-%m-%d %H:%M}"
        return super()._value()

    def pre_validate(self, form: object) -> None:
        given: Any = self.data
        if isinstance(given, datetime):
            self.moment = given
            return
        typed, wall = str(given or ""), time(23, 59)
        if match := _CLOCK.search(typed):
            hour, minute = int(match[1]), int(match[2])
            if hour > 23 or minute > 59:
                raise StopValidation(_("There is no such time of day."))
            self.data, wall = typed[: match.start()].strip(), time(hour, minute)
        try:
            super().pre_validate(form)
            if self.day is not None and is_week(str(self.data)):
                self.day = None
                raise StopValidation(_("A deadline is exact: write the day itself."))
        finally:
            self.data = typed
        self.moment = datetime.combine(self.day, wall, clock.STOCKHOLM) if self.day else None


class ExpectedField(StringField):
    """When something is expected, with honest precision: "v. 12 2027", "mars 2027", "2027"."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.expected: ExpectedDate | None = None

    def pre_validate(self, form: object) -> None:
        self.expected = None
        if self.data:
            try:
                self.expected = parse_expected(str(self.data))
            except UnreadableDate as error:
                if error.problem is DateProblem.YEAR_OUT_OF_RANGE:
                    raise ValidationError(_years_allowed()) from error
                raise ValidationError(
                    _("Write a day, a week (v. 12 2027), a month (mars 2027), Q2 2027 or 2027.")
                ) from error


class MoneyField(StringField):
    """Kronor as people write them ("125 000", "1.000,50"); `.ore` is whole öre."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.ore: int | None = None

    def _value(self) -> str:
        return plain(self.data) if isinstance(self.data, int) else str(self.data or "")

    def pre_validate(self, form: object) -> None:
        self.ore = self.data if isinstance(self.data, int) else None
        if self.ore is None and self.data:
            try:
                self.ore = read_kronor(str(self.data))
            except UnreadableAmount as error:
                raise ValidationError(amount_problem(error.problem)) from error


def amount_problem(problem: MoneyProblem) -> str:
    """What is wrong with an amount as it was typed."""
    match problem:
        case MoneyProblem.NEGATIVE:
            return _("An amount cannot be negative.")
        case MoneyProblem.OTHER_CURRENCY:
            return _("Amounts are in Swedish kronor. Write what it comes to, for example 125 000.")
        case MoneyProblem.TOO_LARGE:
            return _("That is more than a hundred billion kronor. Check the amount.")
        case MoneyProblem.UNREADABLE:
            return _("Write the amount in kronor, for example 125 000.")


def page(template: str, form: Form | None = None, status: int = 200, **context: Any) -> Response:
    """Render a page; a form that was sent and refused makes it 422 (or 409 when stale)."""
    if form is not None and form.failed:
        status = 409 if form.stale else 422
    return make_response(render_template(template, form=form, **context), status)


def wants_fragment() -> bool:
    """True when a script asks for a piece of the page, to be put into a dialog or a list."""
    return request.headers.get("X-Fragment") == "1"
