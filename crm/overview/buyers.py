"""What buyers are doing: by phase for seven weeks, by week for a year, and who is behind a figure.

The pages lie here because "mine" are the accounts where I have a case; they are hung up in
`views.py`. Every figure is a link with the whole question in its address, so that what opens is
counted by the very same rule.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from flask import Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from crm.budgets import advice, doing
from crm.budgets.doing import Chosen
from crm.core import clock
from crm.core.errors import NotFound
from crm.organisations.queries import counties
from crm.overview.queries import my_accounts
from crm.rules import buyers_week
from crm.rules.access import Permission
from crm.rules.buyers_week import BuyerPhase, Week
from crm.rules.kinds import BODY_KINDS, OrganisationKind
from crm.web.access import requires
from crm.web.asked import page_number
from crm.web.forms import page

FIRST_YEAR, LAST_YEAR = 2000, 2099  # what may be asked for by address
KINDS: Final = tuple(kind for kind in OrganisationKind if kind in BODY_KINDS)


class Whose(StrEnum):
    """Whose accounts: where I have a case under way, those I look after, or all there are."""

    MINE = "mine"
    TERRITORY = "territory"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for, and how many accounts each answer to "whose" would give."""

    whose: Whose
    chosen: Chosen
    sizes: dict[Whose, int]

    @property
    def words(self) -> dict[str, str]:
        """The question as an address has it; what is as usual is left out."""
        found = {"whose": self.whose.value}
        if self.chosen.kind is not None:
            found["kind"] = self.chosen.kind.value
        if self.chosen.county:
            found["county"] = self.chosen.county
        if self.chosen.with_units:
            found["units"] = "1"
        return found

    @property
    def is_narrow(self) -> bool:
        return bool(self.chosen.kind or self.chosen.county or self.chosen.with_units)


def asked() -> Asked:
    """Read the address; anything odd in it counts as not asked. One statement.

    Who does not say whose gets the smallest circle with anybody in it.
    """
    given, me = request.args, int(current_user.id)
    kind = given.get("kind", "")
    wide = Chosen(
        kind=OrganisationKind(kind) if kind in set(KINDS) else None,
        county=given.get("county", "")[:2],
        with_units=given.get("units") == "1",
    )
    choices = {
        Whose.MINE: replace(wide, among=my_accounts(me)),
        Whose.TERRITORY: replace(wide, territory_of=me),
        Whose.ALL: wide,
    }
    sizes = dict(zip(choices, doing.how_many(choices.values()), strict=True))
    named = given.get("whose", "")
    if named in set(Whose):
        whose = Whose(named)
    else:
        whose = next((one for one in Whose if sizes[one]), Whose.MINE)
    return Asked(whose, choices[whose], sizes)


def _frame(question: Asked, endpoint: str, **kept: Any) -> dict[str, Any]:
    """What all the pages need around their figures: tabs, filters, addresses."""
    rest = {name: value for name, value in question.words.items() if name != "whose"}
    names = {
        Whose.MINE: _("My accounts"),
        Whose.TERRITORY: _("My territory"),
        Whose.ALL: _("Everybody's"),
    }
    return {
        "asked": question,
        "tabs_whose": [
            (
                names[one],
                url_for(endpoint, whose=one.value, **rest, **kept),
                one is question.whose,
                question.sizes[one],
            )
            for one in Whose
        ],
        "kinds": KINDS,
        "counties": counties(),
    }


# --- This week and the six that follow ---------------------------------------------------------


@requires(Permission.READ)
def this_week() -> Response:
    """All my accounts by phase, now and for each of the next six weeks."""
    question = asked()
    gathered = doing.accounts(question.chosen)
    weeks = buyers_week.weeks_from(clock.today())
    counts = buyers_week.counted(gathered.timetables(), weeks[0], len(weeks))
    shown = [phase for phase in BuyerPhase if any(counts[phase])]
    return page(
        "overview/this_week.html",
        weeks=weeks,
        counts=counts,
        shown=shown,
        others=[phase for phase in BuyerPhase if phase not in shown],
        total=gathered.total,
        advice=advice.in_force(),
        behind=url_for("overview.doing_then", **question.words),
        **_frame(question, "overview.this_week"),
    )


@requires(Permission.READ)
def doing_then() -> Response:
    """The accounts behind one figure: who is in the phase in the week."""
    phase = _phase(request.args.get("phase", ""))
    week = Week.parse(request.args.get("week", "")) or Week.of(clock.today())
    question = asked()
    gathered = doing.accounts(question.chosen)
    return page(
        "overview/doing.html",
        phase=phase,
        week=week,
        is_now=week == Week.of(clock.today()),
        rows=doing.behind(gathered, phase, week, page=page_number(request.args)),
        line=advice.in_force()[phase],
        **_frame(question, "overview.doing_then", phase=phase.value, week=str(week)),
    )


def _phase(value: str) -> BuyerPhase:
    if value not in set(BuyerPhase):
        raise NotFound("phase")
    return BuyerPhase(value)
