"""What is typed about procurements."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, FormField, HiddenField, IntegerField, SelectField, StringField
from wtforms import Form as PlainForm
from wtforms.validators import (
    URL,
    DataRequired,
    InputRequired,
    Length,
    Optional,
    ValidationError,
)

from crm.core import clock
from crm.organisations.forms import NEEDED, OrganisationField, chosen_id, member
from crm.procurements.models import Procurement
from crm.rules.certainty import Certainty
from crm.rules.kinds import BODY_KINDS, OrganisationKind
from crm.rules.law.terms import Channel, Court, Law, ObjectKind
from crm.rules.routes import STAGES, Duration, Route, StageKey
from crm.rules.stage_checks import CheckLevel, StageCheck
from crm.rules.stages import ProcurementStage
from crm.web import filters
from crm.web.forms import (
    DayField,
    Form,
    LastDayField,
    MomentField,
    MoneyField,
    OnceForm,
    PastDayField,
    VersionedForm,
    in_range,
)
from crm.web.labels import choices, label

_ADDRESS = URL(message=_l("Write the whole address, beginning with https://."))


def _require_cpv(field: StringField) -> None:
    """48000000 or 48000000-8."""
    if not re.fullmatch(r"\d{8}(-\d)?", str(field.data or "")):
        raise ValidationError(_("A CPV code has eight digits, for example 48000000."))


def require_after_notice(field: MomentField, sent_on: date | None) -> None:
    """A last day for tenders lies after the day on which the notice was sent."""
    if field.moment is None or sent_on is None:
        return
    if clock.local(field.moment).date() < sent_on:
        raise ValidationError(
            _(
                "The last day for tenders comes before the notice, sent on %(day)s.",
                day=filters.day(sent_on),
            )
        )


class AsksOnce(Form):
    """A form that asks about others of the same number once, and saves them all the same.

    `knowing` are those that the page has shown: one that comes in between is asked about as well.
    """

    knowing = HiddenField()

    def asks_about(self, others: Iterable[Procurement]) -> bool:
        """Whether one of them has not been shown yet."""
        shown = str(self.knowing.data or "").split(",")
        return any(str(one.id) not in shown for one in others)

    def knows_of(self, others: Iterable[Procurement]) -> None:
        """The page shows them now."""
        self.knowing.data = ",".join(str(one.id) for one in others)


class NewProcurementForm(AsksOnce, OnceForm):
    """Who buys what, how, and from when. The plan is laid out at once."""

    title = StringField(_l("What they buy"), [DataRequired(NEEDED), Length(max=200)])
    organisation = OrganisationField(_l("Who buys"))
    case = HiddenField()
    route = SelectField(
        _l("How they buy"),
        coerce=Route,
        choices=lambda: choices(Route),
        default=Route.UNDECIDED,
    )
    begins_on = DayField(_l("Begins"), [Optional()])
    reference = StringField(_l("Their number (diarienummer)"), [Length(max=100)])
    notice_url = StringField(_l("Address of the notice"), [Optional(), _ADDRESS, Length(max=1000)])
    sent_on = PastDayField(_l("The notice was sent"), [Optional()])
    questions_due_at = MomentField(_l("Last day for questions"), [Optional()])
    requests_due_at = MomentField(_l("Last day to apply"), [Optional()])
    tenders_due_at = MomentField(_l("Last day for tenders"), [Optional()])
    cpv = StringField(_l("CPV code"), [Optional()])
    value = MoneyField(_l("Estimated value, kronor excl. VAT"))

    def validate_cpv(self, field: StringField) -> None:
        """Eight digits, with or without the check digit."""
        _require_cpv(field)

    def validate_requests_due_at(self, field: MomentField) -> None:
        """There is something to apply for only where they choose among applications first."""
        route = self.route.data
        if (
            field.data
            and isinstance(route, Route)
            and StageKey.APPLICATION not in dict(STAGES[route])
        ):
            raise ValidationError(_("Nobody applies first with this route."))

    def validate_tenders_due_at(self, field: MomentField) -> None:
        """Tenders are due after the notice that asks for them."""
        require_after_notice(field, self.sent_on.day)

    def validate_organisation(self, field: OrganisationField) -> None:
        """A text that means nothing, or several, has said so already."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Choose where."))


def law_choices() -> list[tuple[str, str]]:
    """The acts that something is bought under: förvaltningslagen is none of them."""
    return [one for one in choices(Law) if one[0] != Law.FL]


class ProcurementForm(AsksOnce, VersionedForm):
    """The facts of a procurement."""

    title = StringField(_l("What they buy"), [DataRequired(NEEDED), Length(max=200)])
    reference = StringField(_l("Their number (diarienummer)"), [Length(max=100)])
    notice_url = StringField(_l("Address of the notice"), [Optional(), _ADDRESS, Length(max=1000)])
    cpv = StringField(_l("CPV code"), [Optional()])
    value = MoneyField(_l("Estimated value, kronor excl. VAT"))
    questions_due_at = MomentField(_l("Last day for questions"), [Optional()])
    requests_due_at = MomentField(_l("Last day to apply"), [Optional()])
    tenders_due_at = MomentField(_l("Last day for tenders"), [Optional()])
    tenders_valid_until = LastDayField(_l("The tender is valid until"), [Optional()])
    law = SelectField(_l("By which act"), coerce=Law, choices=law_choices)
    object_kind = SelectField(
        _l("What is bought"), coerce=ObjectKind, choices=lambda: choices(ObjectKind)
    )
    electronic = BooleanField(_l("Tenders can be sent electronically"))
    urgent = BooleanField(_l("Urgent procedure (påskyndat förfarande)"))
    award_channel = SelectField(
        _l("The award decision is sent"), coerce=Channel, choices=lambda: choices(Channel)
    )
    standstill_until = LastDayField(
        _l("Last day of the standstill, as they state it"), [Optional()]
    )
    prior_notice_on = PastDayField(
        _l("A prior information notice (förhandsannons) was sent"), [Optional()]
    )
    documents_online = BooleanField(_l("All documents are free online from the day of the notice"))
    tender_agreed_on = LastDayField(
        _l("Last day for tenders agreed with all invited"), [Optional()]
    )
    no_agreement = BooleanField(_l("They tried to agree on a last day and could not"))
    informed_on = PastDayField(
        _l("The bidders were told in writing that the contract is signed"), [Optional()]
    )
    note = StringField(_l("Note"), [Length(max=2_000)])
    notice_sent_on: date | None = None  # as the plan knows it

    def validate_tenders_due_at(self, field: MomentField) -> None:
        """Tenders are due after the notice that asks for them."""
        require_after_notice(field, self.notice_sent_on)

    def validate_cpv(self, field: StringField) -> None:
        """Eight digits, with or without the check digit."""
        _require_cpv(field)


class RouteForm(VersionedForm):
    """Another route: from a day forwards, or back from the day of use."""

    route = SelectField(_l("How they buy"), coerce=Route, choices=lambda: choices(Route))
    begins_on = DayField(_l("Begins"), [Optional()])
    in_use_on = DayField(_l("Or in use from"), [Optional()])

    def validate_in_use_on(self, field: DayField) -> None:
        """One of the two days, not both."""
        if field.day is not None and self.begins_on.data:
            raise ValidationError(_("Give one of the days: when it begins, or when it is used."))


class PlanForm(VersionedForm):
    """From when something is to be in use, and how the body may buy it."""

    route = SelectField(_l("How they buy"), coerce=Route, choices=lambda: choices(Route))
    in_use_on = DayField(_l("In use from"), [DataRequired(NEEDED)])
    signed_by = DayField(_l("Signed by"), [Optional()])


class StageForm(VersionedForm):
    """A case's move on the procurement track. `knowing`: also though something is not known."""

    procurement = SelectField(
        _l("Upphandling"),
        coerce=member(ProcurementStage),
        choices=lambda: choices(ProcurementStage),
    )
    on = PastDayField(_l("The notice was sent"), [Optional()])
    note = StringField(_l("Note"))
    knowing = HiddenField()


class MoveForm(VersionedForm):
    """A milestone on another day, and why."""

    to = DayField(_l("New day"), [InputRequired(NEEDED)])
    reason = StringField(_l("Why"), [DataRequired(NEEDED), Length(max=300)])
    along = BooleanField(_l("What comes after moves along"), default=True)
    certainty = SelectField(
        _l("Where the day comes from"),
        coerce=Certainty,
        choices=lambda: choices(Certainty),
        default=Certainty.CONFIRMED,
    )
    source_url = StringField(_l("Address of the source"), [Optional(), _ADDRESS, Length(max=1000)])


class MoveBackForm(VersionedForm):
    """What a review moved goes back, and why."""

    reason = StringField(_l("Why"), [DataRequired(NEEDED), Length(max=300)])


class ReachForm(VersionedForm):
    """It happened, on a day."""

    on = PastDayField(_l("When it happened"), [InputRequired(NEEDED)])
    knowing = BooleanField(_l("It was signed on that day all the same"))


class StateForm(VersionedForm):
    """Called off, since a day."""

    since = PastDayField(_l("Since"), [Optional()])


class RemoveForm(VersionedForm):
    """It was entered by mistake."""


class SignedAnswer(StrEnum):
    """What there is to answer when it is asked whether a contract has been signed."""

    SIGNED = "signed"
    CANCELLED = "cancelled"
    REVIEW = "review"
    NOT_YET = "not_yet"


class SignedForm(VersionedForm):
    """Whether it has been signed; the day is of a signing or of being called off."""

    on = PastDayField(_l("The day"), [Optional()])
    knowing = BooleanField(_l("It was signed on that day all the same"))
    answer = HiddenField()

    def validate_answer(self, field: HiddenField) -> None:
        """One of the four."""
        if field.data not in set(SignedAnswer):
            raise ValidationError(_("Choose one of the answers."))


class ReviewForm(StateForm):
    """Under review since a day, in which court, and what came of it."""

    court = SelectField(
        _l("Where it is handled"),
        coerce=Court,
        choices=lambda: choices(Court),
        default=Court.FORVALTNINGSRATT,
    )
    ruled_on = PastDayField(_l("The date of the ruling"), [Optional()])
    ruling_sent_on = PastDayField(_l("The ruling was sent out"), [Optional()])
    interim = BooleanField(_l("The court has forbidden the signing for now (interim decision)"))
    lifted = BooleanField(_l("The court has lifted the standstill (avtalsspärr)"))
    waived = BooleanField(_l("The court decided that no ten days shall hold after the ruling"))


class JoinForm(Form):
    """A case that takes part."""

    case_id = SelectField(_l("Case"), coerce=chosen_id)


def body_kinds() -> list[tuple[str, str]]:
    """The kinds of legal bodies, to choose among."""
    return [(value, words) for value, words in choices(OrganisationKind) if value in BODY_KINDS]


class NoticesForm(OnceForm):
    """Notices to import: files, or a zip of them."""

    files = MultipleFileField(_l("Files"))


class BuyerForm(OnceForm):
    """Which account the buyer of a notice is."""

    organisation = OrganisationField(_l("Account"))


class NewBuyerForm(OnceForm):
    """A buyer that no account is: made, with what the notice says of it."""

    name = StringField(_l("Name"), [DataRequired(NEEDED), Length(max=200)])
    kind = SelectField(_l("Kind"), coerce=OrganisationKind, choices=body_kinds)


class LengthForm(PlainForm):
    """One stage's three lengths, in days; empty where what is known elsewhere is to hold."""

    short = IntegerField(_l("Short"), [Optional(), in_range(0, 3660)])
    usual = IntegerField(_l("Usual"), [Optional(), in_range(0, 3660)])
    long = IntegerField(_l("Long"), [Optional(), in_range(0, 3660)])

    def validate(self, extra_validators: Any = None) -> bool:
        """All three or none."""
        found: bool = super().validate(extra_validators)
        empty = [one for one in (self.short, self.usual, self.long) if one.data is None]
        if found and len(empty) in (1, 2):
            for one in empty:
                one.errors = [*one.errors, NEEDED]
            return False
        return found

    @property
    def duration(self) -> Duration | None:
        """The lengths, None where the stage is to have none of its own."""
        if self.short.data is None or self.usual.data is None or self.long.data is None:
            return None
        return Duration(self.short.data, self.usual.data, self.long.data)


class LengthsForm(Form):
    """Every stage of one route; one with nothing of its own is the usual one."""

    note = StringField(_l("Where you know it from"), [Length(max=300)])


def lengths_form(stages: Sequence[tuple[StageKey, Duration]]) -> type[LengthsForm]:
    """A form with a line for each stage of a route."""
    fields: dict[str, Any] = {stage.value: FormField(LengthForm) for stage, _duration in stages}
    return type("RouteLengthsForm", (LengthsForm,), fields)


class ChecksForm(Form):
    """What each check before a stage does: filled below, one choice each."""

    @property
    def levels(self) -> dict[StageCheck, CheckLevel]:
        """As chosen."""
        return {check: self[check.value].data for check in StageCheck}


def checks_form() -> type[ChecksForm]:
    """A form with a choice for each check."""
    fields: dict[str, Any] = {
        check.value: SelectField(
            label(check), coerce=CheckLevel, choices=lambda: choices(CheckLevel)
        )
        for check in StageCheck
    }
    return type("StageChecksForm", (ChecksForm,), fields)
