"""Light contact while a case waits (E10): every so many months, with a purpose of the season.

A light contact asks for nothing. It stops by itself: the wait has an end, and with it the cadence.
It is never more often than the pace allows (`crm.rules.pace`), whatever was chosen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crm.rules.budget_cycle import Practice
from crm.rules.precision import add_months
from crm.rules.quiet import Audience
from crm.rules.reminder_rules import Offset
from crm.rules.stages import LightPurpose, WakeEvent, resolve_event

EVERY_WORDS: Final[dict[int, tuple[str, str]]] = {
    2: ("varannan månad", "every other month"),
    3: ("var tredje månad", "every third month"),
    4: ("var fjärde månad", "every fourth month"),
    6: ("varje halvår", "every half year"),
    12: ("en gång om året", "once a year"),
}
"""The rhythms one can choose, in months, and what they are called."""

PURPOSE_WORDS: Final[dict[LightPurpose, tuple[str, str]]] = {
    LightPurpose.SUBMISSIONS: ("inför inlämningen", "before the submissions"),
    LightPurpose.DECISION: ("efter beslutet", "after the decision"),
    LightPurpose.TERM: ("vid terminsstarten", "at the start of term"),
    LightPurpose.NEWS: ("något till nytta", "something of use"),
}

PURPOSE_DO: Final[dict[LightPurpose, tuple[str, str]]] = {
    LightPurpose.SUBMISSIONS: (
        (
            "Nämnden lämnar snart in sitt underlag. Skicka en rad till {who}: finns det något som"
            " de vill ha färdigt till dess? Fråga inte om köp."
        ),
        (
            "The nämnd hands in before long. Send {who} a line: is there anything they would"
            " like to have ready by then? Ask about no purchase."
        ),
    ),
    LightPurpose.DECISION: (
        (
            "Budgeten är beslutad. Läs beslutet först och skriv sedan en rad till {who} om det som"
            " rör dem. Ärendet väntar fortfarande: be inte om något."
        ),
        (
            "The budget has been decided. Read the decision first, then send {who} a line about"
            " what concerns them. The case still waits: ask for nothing."
        ),
    ),
    LightPurpose.TERM: (
        (
            "Terminen har kommit i gång. Önska {who} en bra termin och berätta om något nytt som är"
            " till nytta i undervisningen. Ett kort brev räcker."
        ),
        (
            "The term is under way. Wish {who} a good one and tell of something new that is of use"
            " in teaching. A short letter will do."
        ),
    ),
    LightPurpose.NEWS: (
        (
            "Skicka {who} något som är till nytta: en erfarenhet från en liknande enhet, ett svar"
            " på något de har undrat. Be inte om något tillbaka."
        ),
        (
            "Send {who} something of use: an experience from a similar unit, an answer to something"
            " they have wondered. Ask for nothing in return."
        ),
    ),
}

_BEFORE_SUBMISSIONS: Final = timedelta(days=30)
_SOON: Final = timedelta(days=60)
_LATELY: Final = timedelta(days=60)
_TERM_LATELY: Final = timedelta(days=45)
_BEFORE_WAKING: Final = timedelta(days=21)
_MOST: Final = 60  # touches in one wait; five years of every other month, twice


@dataclass(frozen=True, slots=True)
class Touch:
    """One light contact: the how manieth of the wait, when, and what for (never SEASON)."""

    number: int
    on: date
    purpose: LightPurpose


def touches(
    since: date,
    until: date,
    every_months: int,
    purpose: LightPurpose,
    practice: Practice,
    audience: Audience,
    at_least: Offset | None = None,
) -> tuple[Touch, ...]:
    """The light contacts of a wait that began on `since` and ends on `until`, soonest first.

    None lies in the three weeks before the wait ends: then the case itself is taken up. `at_least`
    is the pace; it holds from the beginning of the wait too.
    """
    if every_months < 1:
        raise ValueError("A light contact comes at most once a month.")
    found: list[Touch] = []
    for on, why in _days(since, every_months, purpose, practice, audience, at_least or Offset()):
        if on > until - _BEFORE_WAKING or len(found) == _MOST:
            break
        found.append(Touch(len(found) + 1, on, why))
    return tuple(found)


def _days(
    since: date,
    every: int,
    purpose: LightPurpose,
    practice: Practice,
    audience: Audience,
    at_least: Offset,
) -> Iterator[tuple[date, LightPurpose]]:
    last, months = since, 0
    while True:
        months += every
        earliest = max(add_months(since, months), at_least.from_day(last))
        on, why = _occasion(purpose, practice, audience, earliest)
        yield on, why
        last = on
        while add_months(since, months + every) < add_months(last, every):
            months += 1  # an occasion later than asked for: the rhythm goes on from there


def _occasion(
    purpose: LightPurpose, practice: Practice, audience: Audience, earliest: date
) -> tuple[date, LightPurpose]:
    """The first day from `earliest` that suits the purpose, and what it is for."""
    found = None
    if purpose is LightPurpose.SUBMISSIONS:
        start = earliest + _BEFORE_SUBMISSIONS
        door = resolve_event(WakeEvent.DOOR_OPENS, practice, audience, start)
        found = door.day - _BEFORE_SUBMISSIONS if door is not None else None
    elif purpose is LightPurpose.DECISION:
        decided = resolve_event(WakeEvent.COUNCIL_DECIDED, practice, audience, earliest)
        found = decided.day if decided is not None else None
    elif purpose is LightPurpose.TERM:
        term = resolve_event(WakeEvent.TERM_STARTS, practice, audience, earliest)
        found = term.day if term is not None else None
    elif purpose is LightPurpose.SEASON:
        return earliest, purpose_of_season(practice, audience, earliest)
    return (found, purpose) if found is not None else (earliest, LightPurpose.NEWS)


def purpose_of_season(practice: Practice, audience: Audience, day: date) -> LightPurpose:
    """What a light contact on this day is best about, in this buyer's year."""

    def falls(event: WakeEvent, after: date, last: date) -> bool:
        found = resolve_event(event, practice, audience, after)
        return found is not None and found.day <= last

    if falls(WakeEvent.DOOR_OPENS, day, day + _SOON):
        return LightPurpose.SUBMISSIONS
    if audience is Audience.SCHOOL and falls(WakeEvent.TERM_STARTS, day - _TERM_LATELY, day):
        return LightPurpose.TERM
    if falls(WakeEvent.COUNCIL_DECIDED, day - _LATELY, day):
        return LightPurpose.DECISION
    return LightPurpose.NEWS
