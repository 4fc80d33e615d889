"""The life of a contract in dates and shares: its last day, when notice is due, what is used of it.

The terms are the contract's own, and these functions only count. Months are counted as the law does
(1 § lag 1930:173: the same day of the month, or that month's last day), and what is counted
backwards is shown as the last working day on or before it (förordning 1182/71 art. 3.4; rules C and
D of `procurement-law.md` 3.4). We inform; the contract decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.calendar import ONE_DAY, next_working_day, previous_working_day
from crm.rules.precision import add_months

ASK_BEFORE: Final = 18
"""Months before the end at which the plans are asked about (R12 of budget-cycles.md)."""

DIALOGUE_BEFORE: Final = 12
"""Months before the end at which an early dialogue is offered (R12 of budget-cycles.md)."""

CHECK_AGAIN: Final = 12
"""Months after which what is known of a contract should be looked at again (A12)."""

NEARLY_FULL: Final = 80
"""Per cent of a volume cap from which the page says so. Our choice; no rule says when."""


class ContractKind(StrEnum):
    """Whose the contract is."""

    OWN = "own"
    OTHER = "other"  # another supplier's, with the body
    FRAMEWORK = "framework"  # ramavtal, ours or others'


class OptionState(StrEnum):
    """What has become of an option (option, förlängning) of a contract."""

    OPEN = "open"
    USED = "used"
    DECLINED = "declined"


class FrameworkPosition(StrEnum):
    """Where we stand in a framework."""

    HOLDER = "holder"  # ramavtalsleverantör
    RESELLER = "reseller"  # sold by one who is
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Extension:
    """An option: how many months, what became of it. `notice_on`: a day the contract states."""

    months: int
    state: OptionState = OptionState.OPEN
    notice_on: date | None = None


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of a contract: its days, and when it is to be said whether the next one follows.

    `option` counts the options from 0; None for the contract's first term. `notice_on` is the last
    working day on which notice can be given of what follows this term; None where nothing is said.
    """

    option: int | None
    starts_on: date | None
    ends_on: date
    notice_on: date | None


def extended(ends_on: date, months: int) -> date:
    """The last day after so many more months: 30 June and six months give 31 December.

    The new term begins the day after, and ends as many months on (1 § lag 1930:173).
    """
    return add_months(ends_on + ONE_DAY, months) - ONE_DAY


def last_day(
    ends_on: date | None, options: Sequence[Extension], ended_on: date | None = None
) -> date | None:
    """The last day as things stand: with the options that are used, or the day it was ended.

    None for a contract without a known end. Options are clauses of the contract (LOU 17 kap. 10 §)
    and prolong it only when used.
    """
    if ended_on is not None or ends_on is None:
        return ended_on
    for option in options:
        if option.state is not OptionState.USED:
            break
        ends_on = extended(ends_on, option.months)
    return ends_on


def furthest_day(
    ends_on: date | None, options: Sequence[Extension], ended_on: date | None = None
) -> date | None:
    """The last day if every option that is still open is used too (LOU 5 kap. counts them in)."""
    if ended_on is not None or ends_on is None:
        return ended_on
    for option in options:
        if option.state is OptionState.DECLINED:
            break
        ends_on = extended(ends_on, option.months)
    return ends_on


def notice_day(ends_on: date, months: int) -> date:
    """The last working day on which notice with so many months still ends the term on its day.

    The last day from which the months run out by `ends_on` (rule D), and then the last working day
    on or before it (rule C).
    """
    day = add_months(ends_on + ONE_DAY, -months) - ONE_DAY
    while add_months(day + ONE_DAY, months) <= ends_on:
        day += ONE_DAY
    return previous_working_day(day)


def end_after_notice(given_on: date, months: int) -> date:
    """The last day of a contract that runs until notice, when notice is given on a day (rule D)."""
    return add_months(given_on, months)


def terms(
    starts_on: date | None,
    ends_on: date | None,
    options: Sequence[Extension],
    notice_months: int | None,
    ended_on: date | None = None,
) -> tuple[Term, ...]:
    """The terms one after another: the first, and one for each option that is not declined.

    A term has a notice day where something may follow it: an option's own stated day, or else the
    contract's months before the term ends. A contract without options has one too where months are
    stated, as such contracts are often prolonged unless somebody gives notice. Nothing follows an
    early end.
    """
    if ends_on is None or ended_on is not None:
        return ()
    alive: list[Extension] = []
    for option in options:
        if option.state is OptionState.DECLINED:
            break
        alive.append(option)
    found: list[Term] = []
    start, end = starts_on, ends_on
    for number in range(len(alive) + 1):
        stated = alive[number].notice_on if number < len(alive) else None
        if stated is None and notice_months is not None and (number < len(alive) or not options):
            stated = notice_day(end, notice_months)
        found.append(Term(number - 1 if number else None, start, end, stated))
        if number < len(alive):
            start, end = end + ONE_DAY, extended(end, alive[number].months)
    return tuple(found)


def next_notice(
    found: Iterable[Term], options: Sequence[Extension], today: date
) -> tuple[Term, date] | None:
    """The term whose notice day comes next, and that day; None where none is to come."""
    return next(iter(notices_ahead(found, options, today)), None)


def notices_ahead(
    found: Iterable[Term], options: Sequence[Extension], today: date
) -> tuple[tuple[Term, date], ...]:
    """The terms whose notice day is today or later, and that day, in their order.

    What follows a term has been settled where its option is used.
    """
    ahead = []
    for term in found:
        follows = 0 if term.option is None else term.option + 1
        settled = follows < len(options) and options[follows].state is OptionState.USED
        if term.notice_on is not None and not settled and term.notice_on >= today:
            ahead.append((term, term.notice_on))
    return tuple(ahead)


def awaited_notice(found: Iterable[Term], options: Sequence[Extension]) -> date | None:
    """The first notice day of what is not settled yet, whether it has passed or not."""
    following = next_notice(found, options, date.min)
    return following[1] if following is not None else None


def first_open(options: Sequence[Extension]) -> int | None:
    """Which option can be used or declined now: the first open one, if none before is declined."""
    for number, option in enumerate(options):
        if option.state is OptionState.DECLINED:
            return None
        if option.state is OptionState.OPEN:
            return number
    return None


def window_opens(ends_on: date) -> date:
    """When it is time to ask about the plans: eighteen months before the end (R12).

    On the working day after, where it is none: as the reminder.
    """
    return next_working_day(add_months(ends_on, -ASK_BEFORE))


def dialogue_opens(ends_on: date) -> date:
    """When it is time to offer an early dialogue: twelve months before the end (R12).

    On the working day after, where it is none: as the reminder.
    """
    return next_working_day(add_months(ends_on, -DIALOGUE_BEFORE))


def share_used(used_ore: int | None, cap_ore: int | None) -> int | None:
    """Whole per cent of the volume cap that is used, rounded down; None where either is unknown."""
    if used_ore is None or not cap_ore:
        return None
    return used_ore * 100 // cap_ore


def is_used_up(used_ore: int | None, cap_ore: int | None) -> bool:
    """Whether nothing can be called off any more: a framework has no effect beyond its greatest
    value (C-23/20 Simonsen & Weel, 2021-06-17; HFD 2022 ref. 4)."""
    return used_ore is not None and cap_ore is not None and used_ore >= cap_ore


def may_be_called_off(
    today: date,
    starts_on: date | None,
    until: date | None,
    used_ore: int | None,
    cap_ore: int | None,
) -> bool:
    """Whether a framework can be called off today: up to and including its last day, while there is
    volume left (`procurement-law.md` 2.3; C-23/20)."""
    begun = starts_on is None or starts_on <= today
    return begun and (until is None or today <= until) and not is_used_up(used_ore, cap_ore)


def overlap(
    first: tuple[date | None, date | None], second: tuple[date | None, date | None]
) -> tuple[date | None, date | None] | None:
    """The days that two contracts share, first and last; an unknown end is open. None if none."""
    starts = [day for day in (first[0], second[0]) if day is not None]
    ends = [day for day in (first[1], second[1]) if day is not None]
    start, end = max(starts, default=None), min(ends, default=None)
    if start is not None and end is not None and start > end:
        return None
    return start, end


def check_again_on(checked_on: date) -> date:
    """When what is known should be looked at again: a year after it was last (A12)."""
    return add_months(checked_on, CHECK_AGAIN)


class ContractEvent(StrEnum):
    """What a day in the contract calendar is."""

    WINDOW = "window"  # time to ask about the plans (R12)
    DIALOGUE = "dialogue"  # time for an early dialogue (R12)
    NOTICE = "notice"  # last day for notice
    OPTION_END = "option_end"  # the last day if the next option is used as well
    END = "end"


@dataclass(frozen=True, slots=True)
class Event:
    """A day in the calendar. `option` is the term's, as in `Term`."""

    day: date
    kind: ContractEvent
    option: int | None = None


def events(
    found: Sequence[Term],
    options: Sequence[Extension],
    ends_on: date | None,
    first: date,
    last: date,
) -> tuple[Event, ...]:
    """What happens to a contract between two days, both included (H9). `ends_on` as things stand.

    The window and the dialogue are counted from the end as things stand; an option that is still
    open shows the day to which it would prolong it.
    """
    days: list[Event] = []
    if ends_on is not None:
        days.append(Event(window_opens(ends_on), ContractEvent.WINDOW))
        days.append(Event(dialogue_opens(ends_on), ContractEvent.DIALOGUE))
        days.append(Event(ends_on, ContractEvent.END))
    for term in found:
        follows = 0 if term.option is None else term.option + 1
        settled = follows < len(options) and options[follows].state is OptionState.USED
        if term.notice_on is not None and not settled:
            days.append(Event(term.notice_on, ContractEvent.NOTICE, term.option))
        if ends_on is not None and term.ends_on > ends_on:
            days.append(Event(term.ends_on, ContractEvent.OPTION_END, term.option))
    inside = [one for one in days if first <= one.day <= last]
    return tuple(sorted(inside, key=lambda one: (one.day, list(ContractEvent).index(one.kind))))


LONGEST_OPTION: Final = 240
"""Months; no option of the kind is longer."""

MOST_OPTIONS: Final = 12

LONGEST: Final = timedelta(days=366 * 60)
"""A longer contract than this is a slip of the hand."""


def read_options(text: str) -> tuple[int, ...]:
    """Months of each option as people write them: "12 + 12", "12, 12", "2 x 12" or "12".

    Raises ValueError for anything else, for no months, or for more than a contract can have.
    """
    found: list[int] = []
    for part in text.lower().replace("mån", "").replace(",", "+").replace(";", "+").split("+"):
        times, by, months = part.strip().replace("×", "x").partition("x")
        numbers = [times.strip(), months.strip()] if by else [times.strip()]
        if not all(one.isascii() and one.isdecimal() and len(one) < 4 for one in numbers):
            raise ValueError(text)
        count, length = (int(numbers[0]), int(numbers[1])) if by else (1, int(numbers[0]))
        if not (1 <= count <= MOST_OPTIONS and 1 <= length <= LONGEST_OPTION):
            raise ValueError(text)
        found += [length] * count
    if len(found) > MOST_OPTIONS:
        raise ValueError(text)
    return tuple(found)
