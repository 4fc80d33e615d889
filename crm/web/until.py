"""Until when something rests: one of a few choices, or a day as people write it. Never both.

One form for all that ask this, so that an event which is ticked and a day which is typed never go
together in silence, the one winning over the other without a word.
"""

from collections.abc import Iterable
from typing import Final

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.validators import ValidationError

from crm.web.forms import DayField, Form

A_DAY: Final = "day"


class UntilForm(Form):
    """Radio buttons, the last of which is "a day that I write", and the field for that day."""

    event = RadioField(_l("Until when"), validate_choice=False)
    until = DayField(_l("The day, or a week such as v. 12"))

    def offer_until(self, offered: Iterable[tuple[str, str]]) -> None:
        """What can be chosen besides a day, as values and words; without any, the day alone."""
        found = [(value, words[:1].upper() + words[1:]) for value, words in offered]
        self.event.choices = [*found, (A_DAY, _("Until a day that I write"))] if found else []

    @property
    def chosen_event(self) -> str | None:
        """The value that was chosen; None when it is the day that counts. Once it is validated."""
        return None if self.until.day is not None else str(self.event.data)

    def validate_until(self, field: DayField) -> None:
        """Either of the two, and what is ticked has to be one of those that are offered."""
        ticked = self.event.data or None
        words = dict(self.event.choices or ())
        if field.day is not None:
            if ticked in {None, A_DAY}:
                return
            raise ValidationError(
                _(
                    "A day is written, but “%(choice)s” is ticked. Tick “%(day)s” or empty it.",
                    choice=words.get(ticked, ticked),
                    day=words.get(A_DAY, ""),
                )
            )
        if ticked is None:
            raise ValidationError(_("Choose until when: tick one, or write a day."))
        if ticked == A_DAY:
            raise ValidationError(_("Write the day."))
        if ticked not in words:
            raise ValidationError(
                _("Nobody knows when that happens at this buyer. Choose another event, or a day.")
            )
