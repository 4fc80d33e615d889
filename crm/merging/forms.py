"""How two records become one."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from crm.audit.queries import last_save
from crm.merging.fields import Difference
from crm.merging.models import Kind, Reason, Verdict
from crm.merging.operations import Wish
from crm.merging.queries import Weight, title
from crm.rules.merging import Side
from crm.web.forms import DayField, Form, OnceForm, VersionedForm
from crm.web.overtaken import LastSave

_ROOM = 1_000_000  # versions of one of the two


class MergeForm(OnceForm, VersionedForm):
    """Whose value stands where two differ. `asking` adds a question for each difference."""

    questions: Sequence[str] = ()

    @classmethod
    def asking(
        cls, kind: Kind, kept: Any, gone: Any, found: Sequence[Difference], has: Weight, today: date
    ) -> "MergeForm":
        """The form of these two."""
        rows: dict[str, Any] = {}
        for one in found:
            choices = [
                SelectChoice(Side.KEPT.value, one.kept or _("Empty")),
                SelectChoice(Side.GONE.value, one.gone or _("Empty")),
            ]
            if one.field.is_text and one.kept and one.gone:
                choices.append(SelectChoice(Side.BOTH.value, _("Both, one after the other")))
            rows[f"of_{one.field.name}"] = RadioField(
                one.field.label, choices=choices, default=one.side.value
            )
        questions = list(rows)
        if has.asks_calendar:
            rows["calendar"] = RadioField(
                _("Budget year"),
                choices=[
                    SelectChoice(side.value, _("As it is at %(name)s", name=title(thing)))
                    for side, thing in ((Side.KEPT, kept), (Side.GONE, gone))
                ],
                default=has.proposed_calendar.value,
            )
            questions.append("calendar")
        if kind is Kind.ORGANISATION:
            rows["reason"] = RadioField(
                _("Why"),
                choices=[
                    SelectChoice(Reason.DUPLICATE.value, _("It is the same, written down twice")),
                    SelectChoice(Reason.TAKEN_OVER.value, _("The one was taken over by the other")),
                ],
                default=(Reason.TAKEN_OVER if gone.closed_on else Reason.DUPLICATE).value,
            )
            rows["on"] = DayField(_("Taken over on"), [Optional()], default=gone.closed_on or today)
        made: MergeForm = type("MergeForm", (cls,), rows)()
        made.questions = questions
        if not made.is_submitted():
            made.version.data = str(_together(kept, gone))
        return made

    def check(self, kept: Any, gone: Any) -> None:
        """Raise StaleDataError unless both are as they were when the form was opened."""
        self.check_number(_together(kept, gone), lambda: _later(last_save(kept), last_save(gone)))

    def wish(self) -> Wish:
        """What was chosen."""
        reason = Reason(self["reason"].data) if "reason" in self else Reason.DUPLICATE
        return Wish(
            reason=reason,
            on=self["on"].read_as if "on" in self else None,
            sides={
                name.removeprefix("of_"): Side(self[name].data)
                for name in self.questions
                if name.startswith("of_")
            },
            calendar=Side(self["calendar"].data) if "calendar" in self else Side.KEPT,
        )


def _together(kept: Any, gone: Any) -> int:
    return int(kept.version) * _ROOM + int(gone.version)


def _later(one: LastSave | None, other: LastSave | None) -> LastSave | None:
    found = [save for save in (one, other) if save is not None]
    return max(found, key=lambda save: save.at) if found else None


class ChooseForm(Form):
    """Which other one."""

    q = StringField(
        _l("Which other one?"),
        [DataRequired(_l("Write a name to search for.")), Length(max=100)],
    )


class VerdictForm(Form):
    """Not the same, or later."""

    verdict = SelectField(
        _l("Answer"),
        [DataRequired()],
        choices=[SelectChoice(one.value, one.value) for one in Verdict],
    )
