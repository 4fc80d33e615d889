"""A buyer's year made ready to be shown: the wheel, what happens now, what comes, and why.

`panel(organisation, today)` is everything `templates/overview/_budget.html` and the page of one
year need. It reads; it decides nothing.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from flask import url_for

from crm.budgets import queries
from crm.budgets.models import Pause
from crm.budgets.queries import Known
from crm.organisations.models import Organisation
from crm.organisations.queries import ancestors
from crm.rules import budget_cycle
from crm.rules.budget_cycle import Phase, PhaseRole, Window
from crm.rules.elections import election_day, is_election_year
from crm.rules.quiet import Quiet, quiet_at, quiet_periods
from crm.web.filters import language
from crm.web.wheel import WheelPicture, year_wheel

_YEAR: Final = timedelta(days=366)
_LINK: Final = re.compile(r"https?://[^\s;,]+")
_OPEN_END: Final = date(9999, 12, 31)


@dataclass(frozen=True, slots=True)
class PauseLine:
    """A pause that holds here, and the node it was set at."""

    pause: Pause
    at: Organisation
    is_own: bool  # set at this very node, so that it can be ended here
    is_now: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Panel:
    """One organisation's budget year as seen today."""

    organisation: Organisation
    body: Organisation
    known: Known
    today: date
    picture: WheelPicture
    now: Phase | None
    window: Window | None
    pauses: tuple[PauseLine, ...]  # those that hold or are to come, the earliest first
    past_pauses: tuple[PauseLine, ...]  # the latest first
    freeze: Pause | None
    tight_until: int | None
    quiet_now: tuple[Quiet, ...]

    @property
    def is_known(self) -> bool:
        """Whether there is a calendar to plan by."""
        return self.known.practice.is_known

    @property
    def is_assumed(self) -> bool:
        """A calendar that nobody has confirmed of this very body: the state's."""
        return self.known.row is None and self.is_known

    @property
    def has_own(self) -> bool:
        """Whether anything is stored at this very node."""
        return self.known.row is not None and self.known.inherited_from is None

    @property
    def source(self) -> str | None:
        """The practice's own source, if it is a link."""
        return link_in(self.known.practice.source_url)


def panel(
    organisation: Organisation,
    today: date,
    above: Sequence[Organisation] | None = None,
    known: Known | None = None,
) -> Panel:
    """Three statements, whatever the organisation; fewer when its ancestors or year are given."""
    nodes = [*(ancestors(organisation) if above is None else above), organisation]
    if known is None:
        known = queries.known_of_many(nodes)[organisation.id]
    lines = _pauses(organisation, nodes, known.pauses, today)
    going = tuple(line for line in lines if not line.is_over)
    body = nodes[0]
    quiet = _quiet(organisation, body, known, going, today)
    window = known.window(today)
    return Panel(
        organisation=organisation,
        body=body,
        known=known,
        today=today,
        picture=year_wheel(
            around(known, today),
            today=today,
            window=window,
            quiet=quiet,
            link=_link_to(organisation),
            language=language(),
        ),
        now=budget_cycle.main_phase(budget_cycle.current_phases(known.practice, today)),
        window=window,
        pauses=going,
        past_pauses=tuple(line for line in reversed(lines) if line.is_over),
        freeze=queries.freeze_on((line.pause for line in going), today),
        tight_until=known.tight_until(today),
        quiet_now=tuple(period for period in quiet if period.covers(today)),
    )


def around(known: Known, today: date) -> list[Phase]:
    """Every phase and event that touches the year to come, whatever its budget year."""
    last = today + _YEAR
    first = today.replace(day=1)
    years = range(today.year - 1, today.year + 4)
    return [
        phase
        for year in years
        for phase in known.phases(year)
        if phase.start <= last and phase.end >= first
    ]


def link_in(source: str) -> str | None:
    """The first web address in a source; many sources are words with an address in them."""
    found = _LINK.search(source)
    return found[0].rstrip(".)") if found else None


def _pauses(
    organisation: Organisation,
    nodes: Sequence[Organisation],
    pauses: Sequence[Pause],
    today: date,
) -> list[PauseLine]:
    """Pauses set at the node or above it, in order of day."""
    at = {node.id: node for node in nodes}
    lines = [
        PauseLine(
            pause=pause,
            at=at[pause.organisation_id],
            is_own=pause.organisation_id == organisation.id,
            is_now=pause.starts_on <= today and (pause.ends_on or _OPEN_END) >= today,
            is_over=(pause.ends_on or _OPEN_END) < today,
        )
        for pause in pauses
    ]
    return sorted(lines, key=lambda line: (line.pause.starts_on, line.pause.id))


def _quiet(
    organisation: Organisation,
    body: Organisation,
    known: Known,
    pauses: Iterable[PauseLine],
    today: date,
) -> list[Quiet]:
    """The quiet periods of the year to come: everybody's, and this account's own."""
    last = today + _YEAR
    audience = queries.audience_of(organisation)
    usual = quiet_periods(
        known.practice.kind, audience, body.county_code, today.replace(day=1), last
    )
    own = [queries.quiet_of(line.pause) for line in pauses if line.pause.kind in queries.QUIET]
    years = range(today.year, today.year + 3)
    found = quiet_at(usual, own, audience, known.practice, years)
    return [period for period in found if period.start <= last and period.end >= today]


def _link_to(organisation: Organisation) -> Callable[[Phase], str]:
    def link(phase: Phase) -> str:
        return url_for(
            "budgets.show",
            organisation_id=organisation.id,
            year=phase.budget_year,
            _anchor=anchor(phase),
        )

    return link


def anchor(phase: Phase) -> str:
    """The phase's place on the page of the year."""
    return f"{phase.key}-{phase.budget_year}"


def paragraph_in(law: str) -> str:
    """ "own practice; outer limit KL 11 kap. 10 §" → "KL 11 kap. 10 §"; "" where none is named."""
    found = _STATUTE.search(_REMARK.sub("", law))
    if found is None:
        return ""
    together = " and " if language() == "en" else " och "
    return found[0].replace(" and ", together).replace(" with ", together)


_STATUTE: Final = re.compile(r"(KL|LKBR|\w*förordning\w*|riksdagsordningen|skollagen)\b.*")
_REMARK: Final = re.compile(r" \((?!\d{4}:\d)[^)]*\)")


# --- The page of one year ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """A phase in the table of a budget year."""

    phase: Phase
    anchor: str
    source: str | None  # a link
    law: str  # the paragraph, without the rulebook's English remarks
    is_own: bool  # moved or added by hand
    is_main: bool
    is_now: bool
    is_over: bool
    is_window: bool


@dataclass(frozen=True, slots=True)
class BudgetYear:
    """One budget year: the steps to the money, and the rest of what is dated in it."""

    year: int
    steps: tuple[PhaseLine, ...]
    others: tuple[PhaseLine, ...]
    election: date | None  # held the year before, so that the new council decides
    new_council: Phase | None


_STEPS: Final = frozenset(
    {
        PhaseRole.PREPARATION,
        PhaseRole.DIRECTIVE,
        PhaseRole.DOOR,
        PhaseRole.INVESTMENT,
        PhaseRole.POLITICS,
        PhaseRole.DECISION,
        PhaseRole.INTERNAL_BUDGET,
        PhaseRole.RECONCILIATION,
        PhaseRole.APPROPRIATION,
        PhaseRole.LEGAL_LIMIT,
        PhaseRole.ELECTION,
        PhaseRole.YEAR_START,
    }
)


def working_year(known: Known, today: date) -> int:
    """The budget year that is being made now: the first whose decision is not past."""
    for year in range(today.year, today.year + 3):
        decision = budget_cycle.decision(known.practice, year)
        if decision is None:
            return today.year + 1
        if decision.end >= today:
            return year
    return today.year + 1


def budget_year(known: Known, year: int, today: date) -> BudgetYear:
    """One budget year's phases with what the page says of each."""
    window = known.window(today)
    moved = {own.phase_key for own in known.practice.overrides if own.budget_year in (None, year)}
    lines = [
        PhaseLine(
            phase=phase,
            anchor=anchor(phase),
            source=link_in(phase.source),
            law=paragraph_in(phase.law),
            is_own=phase.key in moved or phase.key.startswith("own_"),
            is_main=phase.role in _STEPS or phase.key.startswith("own_"),
            is_now=phase.covers(today),
            is_over=phase.end < today,
            is_window=window is not None and phase == window.phase,
        )
        for phase in known.phases(year)
    ]
    decided = next((line.phase for line in lines if line.phase.role is PhaseRole.DECISION), None)
    by_new_council = is_election_year(year - 1) and decided is not None and decided.election_variant
    return BudgetYear(
        year=year,
        steps=tuple(line for line in lines if line.is_main),
        others=tuple(line for line in lines if not line.is_main),
        election=election_day(year - 1) if is_election_year(year - 1) else None,
        new_council=decided if by_new_council else None,
    )
