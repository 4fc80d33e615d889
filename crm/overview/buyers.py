"""What buyers are doing: by phase for seven weeks, by week for a year, and who is behind a figure.

The pages lie here because "mine" are the accounts where I have a case; they are hung up in
`views.py`. Every figure is a link with the whole question in its address, so that what opens is
counted by the very same rule.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import groupby
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
from crm.rules import budget_cycle, buyers_week
from crm.rules.access import Permission
from crm.rules.budget_cycle import Phase
from crm.rules.buyers_week import BuyerPhase, Stretch, Week
from crm.rules.kinds import BODY_KINDS, OrganisationKind
from crm.web.access import requires
from crm.web.asked import number_or_none, page_number
from crm.web.filters import language
from crm.web.forms import page
from crm.web.labels import label
from crm.web.wheels import (
    DRAWN,
    NAMED_AT_MOST,
    Named,
    density_wheels,
    named_wheels,
    year_from,
)

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
    def words(self) -> dict[str, Any]:
        """The question as an address has it; what is as usual is left out."""
        found: dict[str, Any] = {"whose": self.whose.value}
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


def asked(*, bodies_only: bool = False) -> Asked:
    """Read the address; anything odd in it counts as not asked. One statement.

    Who does not say whose gets the smallest circle with anybody in it.
    """
    given, me = request.args, int(current_user.id)
    kind = given.get("kind", "")
    wide = Chosen(
        kind=OrganisationKind(kind) if kind in set(KINDS) else None,
        county=given.get("county", "")[:2],
        with_units=given.get("units") == "1" and not bodies_only,
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
        "counties": [*counties(), (doing.NO_COUNTY, _("Of no county"))],
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
    """The accounts behind one figure: who is in the phase in the week.

    Unless it is said, the phase is the door: that is what most come to ask.
    """
    phase = _phase(request.args.get("phase", BuyerPhase.DOOR.value))
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


# --- A year, week by week ----------------------------------------------------------------------

_PLANNED_AHEAD: Final = 52
"""Weeks from this one, unless a year is asked for: whatever the season, today is in view."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of weeks: how many in each, how strongly coloured, and the same in words.

    The colour is the share of `of`, the accounts of the row whose timetable is known.
    """

    name: str
    of: int
    href: str  # to be followed by a week
    cells: tuple[tuple[int, int], ...]  # number, heat
    stretches: tuple[Stretch, ...]


def _strip(
    name: str, of: int, href: str, numbers: tuple[int, ...], weeks: tuple[Week, ...]
) -> Strip:
    return Strip(
        name,
        of,
        href,
        tuple((number, buyers_week.heat(number, of)) for number in numbers),
        buyers_week.stretches(numbers, weeks),
    )


@requires(Permission.READ)
def planner() -> Response:
    """A year from this week, or the one asked for: weeks by phases, and one phase by counties."""
    question, year, now = asked(), _year(), Week.of(clock.today())
    wanted = request.args.get("phase", "")
    phase = BuyerPhase(wanted) if wanted in set(_PLANNED) else BuyerPhase.DOOR
    gathered = doing.accounts(question.chosen)
    if year is None:
        weeks = buyers_week.weeks_from(clock.today(), _PLANNED_AHEAD)
    else:
        weeks = buyers_week.weeks_of_year(year)
    names, dated = dict(counties()), buyers_week.known(gathered.timetables())
    counts = buyers_week.counted(gathered.timetables(), weeks[0], len(weeks))
    in_year: dict[str, Any] = {} if year is None else {"year": year}
    kept = in_year | {"phase": phase.value}
    return page(
        "overview/planner.html",
        year=year,
        phase=phase,
        weeks=weeks,
        months=_months(weeks),
        this_week=now,
        total=gathered.total,
        unknown=counts[BuyerPhase.UNKNOWN][0],
        planned=_PLANNED,
        phases=[
            _strip(str(label(one)), dated, _behind(question, one), counts[one], weeks)
            for one in _PLANNED
            if any(counts[one])
        ],
        strips=_county_strips(question, gathered, phase, weeks, names),
        years=[
            one
            for one in ((now.year, now.year + 1) if year is None else (year - 1, year + 1))
            if FIRST_YEAR <= one <= LAST_YEAR
        ],
        in_year=in_year,
        **_frame(question, "overview.planner", **kept),
    )


_PLANNED: Final = tuple(
    phase for phase in BuyerPhase if phase not in {BuyerPhase.BETWEEN, BuyerPhase.UNKNOWN}
)


def _year() -> int | None:
    """The ISO year asked for, if any."""
    number = number_or_none(request.args.get("year"))
    return number if number is not None and FIRST_YEAR <= number <= LAST_YEAR else None


def _behind(question: Asked, phase: BuyerPhase, **changes: str) -> str:
    words: dict[str, Any] = {**question.words, **changes, "phase": phase.value}
    return url_for("overview.doing_then", **words) + "&week="


def _county_strips(
    question: Asked,
    gathered: doing.Accounts,
    phase: BuyerPhase,
    weeks: tuple[Week, ...],
    names: dict[str, str],
) -> list[Strip]:
    """One for each county with anybody in it, those of no county last."""
    found = []
    for code in sorted(gathered.by_county, key=lambda one: (not one, names.get(one, one))):
        timetables = gathered.by_county[code]
        numbers = buyers_week.counted(timetables, weeks[0], len(weeks))[phase]
        found.append(
            _strip(
                names.get(code, code) if code else _("Of no county"),
                buyers_week.known(timetables),
                _behind(question, phase, county=code or doing.NO_COUNTY),
                numbers,
                weeks,
            )
        )
    return found


def _months(weeks: tuple[Week, ...]) -> list[tuple[date, int]]:
    """(a day in the month, how many weeks): a week belongs to the month of its Thursday."""
    thursdays = [week.monday + timedelta(days=3) for week in weeks]
    return [
        (first, len([first, *rest]))
        for _month, (first, *rest) in groupby(thursdays, key=lambda day: (day.year, day.month))
    ]


# --- Many years in one wheel -------------------------------------------------------------------

_OFFERED: Final = 60
"""So many names can be chosen among on one page; of more the filter says which."""


@requires(Permission.READ)
def wheels() -> Response:
    """Many buyers' years laid over each other: up to twelve by name, more as bands of density."""
    question, today = asked(bodies_only=True), clock.today()
    everybody = doing.accounts(question.chosen)
    offered = doing.names(everybody, _OFFERED)
    picked = [body_id for body_id, _name in offered if str(body_id) in request.args.getlist("id")]
    gathered = everybody.only(picked[:NAMED_AT_MOST]) if picked else everybody
    named = gathered.total <= NAMED_AT_MOST
    first, last = year_from(today)
    weeks = buyers_week.weeks_from(first, _WEEKS_SHOWN)
    counts = buyers_week.counted(gathered.timetables(), weeks[0], len(weeks))
    dated = buyers_week.known(gathered.timetables())
    practices = {group.body_id: group.practice for group in gathered.groups}
    shown = [(ident, name) for ident, name in offered if ident in practices] if named else []
    if named:
        picture = named_wheels(
            [
                Named(
                    name,
                    budget_cycle.calendar(practices[ident], first, last)
                    if practices[ident].is_known
                    else (),
                    _year_link(ident),
                )
                for ident, name in shown
            ],
            today=today,
            language=language(),
        )
    else:
        picture = density_wheels(
            counts,
            weeks,
            dated,
            today=today,
            names=lambda phase: str(label(phase)),
            link=lambda phase, week: _behind(question, phase) + str(week),
        )
    return page(
        "overview/wheels.html",
        picture=picture,
        named=named,
        shown=shown,
        drawn=DRAWN,
        offered=offered if everybody.total <= _OFFERED else [],
        picked=picked,
        total=gathered.total,
        too_many=len(picked) > NAMED_AT_MOST,
        at_most=NAMED_AT_MOST,
        unknown=counts[BuyerPhase.UNKNOWN][0],
        strips=[
            _strip(str(label(one)), dated, _behind(question, one), counts[one], weeks)
            for one in DRAWN
            if any(counts[one])
        ],
        **_frame(question, "overview.wheels"),
    )


_WEEKS_SHOWN: Final = 53
"""Enough weeks to hold every day of the twelve months shown."""


def _year_link(organisation_id: int) -> Callable[[Phase], str]:
    def link(phase: Phase) -> str:
        return url_for(
            "budgets.show",
            organisation_id=organisation_id,
            year=phase.budget_year,
            _anchor=f"{phase.key}-{phase.budget_year}",
        )

    return link
