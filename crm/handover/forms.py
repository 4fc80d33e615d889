"""Who takes over, and the exceptions place by place."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from crm.accounts.models import User
from crm.handover.queries import Place
from crm.web.forms import OnceForm

KEEP = "keep"
UNPLACED = 0  # the place of what is placed nowhere yet


class HandOverForm(OnceForm):
    """To whom everything goes. `with_places` adds a choice for each place."""

    to = SelectField(_l("Takes over"), [DataRequired(_l("Choose who takes over."))], coerce=str)

    @classmethod
    def with_places(
        cls, places: Sequence[Place], receivers: Sequence[User], from_id: int | None
    ) -> "HandOverForm":
        """The form of one scope."""
        rows = {
            field_name(place): SelectField(
                place.name or _("In no place, or not placed yet"), default="", coerce=str
            )
            for place in places
        }
        form: HandOverForm = type("HandOverForm", (cls,), rows)()
        people = [SelectChoice(str(one.id), one.name) for one in receivers if one.id != from_id]
        form.to.choices = [SelectChoice("", _("Choose")), *people]
        for place in places:
            form[field_name(place)].choices = [
                SelectChoice("", _("As above")),
                SelectChoice(KEEP, _("Stays")),
                *people,
            ]
        return form

    def exceptions(self, places: Sequence[Place]) -> dict[int | None, int | None]:
        """The bodies that go elsewhere: to this user, or nowhere (None)."""
        found: dict[int | None, int | None] = {}
        for place in places:
            chosen = self[field_name(place)].data
            if chosen:
                found[place.body_id] = None if chosen == KEEP else int(chosen)
        return found


def field_name(place: Place) -> str:
    """What the choice of a place is called in the form."""
    return f"place_{place.body_id or UNPLACED}"
