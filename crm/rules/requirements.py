"""What people need, what we make of it, and what it rests on (F1–F5, S2, S9, S14, S17).

A **need** is what one person said, in that person's own words. A **requirement** is our wording of
what several needs have in common. What people already use, and what kept them from starting, are
needs of a kind of their own, so that they can be counted across municipalities.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.functions import Function


class NeedKind(StrEnum):
    """What sort of thing was said."""

    NEED = "need"
    IN_USE = "in_use"  # what they use for it today (S2)
    THRESHOLD = "threshold"  # what stopped or slowed the start (S17)


class InUse(StrEnum):
    """How what they use today came to be used."""

    OFFICIAL = "official"
    UNOFFICIAL = "unofficial"  # at work, without anybody having decided it
    PRIVATE = "private"  # their own, at home or on their own account


class Threshold(StrEnum):
    """What stood in the way of the start."""

    LOG_IN = "log_in"
    INSTALLATION = "installation"
    AGREEMENT = "agreement"
    PRICE = "price"
    DATA_PROTECTION = "data_protection"
    OTHER = "other"


class Held(StrEnum):
    """What the threshold did."""

    SLOWED = "slowed"
    STOPPED = "stopped"


class NeedSource(StrEnum):
    """Where the words come from."""

    CALL = "call"
    MAIL = "mail"
    MEETING = "meeting"
    NOTE = "note"
    INTEREST = "interest"  # what came in by itself
    GATE = "gate"  # a support function's remark (F8)


class Area(StrEnum):
    """What a need, a requirement or an answer is about."""

    FUNCTION = "function"
    INTEGRATION = "integration"
    DATA_PROTECTION = "data_protection"
    SECURITY = "security"
    ACCESSIBILITY = "accessibility"
    OPERATIONS = "operations"
    SUPPORT = "support"
    PRICE = "price"
    TRAINING = "training"


AREA_OF: Final[Mapping[Function, Area]] = {
    Function.ECONOMY: Area.PRICE,
    Function.IT: Area.INTEGRATION,
    Function.SYSTEM_OWNER: Area.INTEGRATION,
    Function.INFORMATION_SECURITY: Area.SECURITY,
    Function.DATA_PROTECTION: Area.DATA_PROTECTION,
    Function.ACCESSIBILITY: Area.ACCESSIBILITY,
    Function.DIGITALISATION: Area.TRAINING,
    Function.USERS: Area.FUNCTION,
    Function.UNIT_HEAD: Area.FUNCTION,
}
"""What a function's remark is about, until somebody says otherwise. Of the rest: operations."""


class RequirementKind(StrEnum):
    """Ska-krav, bör-krav, or something to ask the market about."""

    MUST = "must"
    SHOULD = "should"
    QUESTION = "question"


class RequirementStatus(StrEnum):
    """How far a requirement has come, in their process."""

    WISH = "wish"
    CONFIRMED = "confirmed"
    IN_DRAFT = "in_draft"
    IN_TENDER = "in_tender"


class AnswerState(StrEnum):
    """What we can say to a requirement."""

    MET = "met"
    PLANNED = "planned"  # by a day that we have named
    NOT_MET = "not_met"


class RestsOn(StrEnum):
    """What somebody who says it has to go by (S14)."""

    USE = "use"  # it was tried or is used
    EXPECTED = "expected"


CHECK_MONTHS: Final = 12
"""How long an answer holds until somebody looks again, unless set otherwise."""


class AnswerSign(StrEnum):
    """What an answer calls for; all of them calmly."""

    HOLDS = "holds"
    CHECK = "check"  # nobody has looked for as long as is set
    PAST_DAY = "past_day"  # the day it was planned for has passed


def answer_sign(
    state: AnswerState, planned_on: date | None, checked_on: date, today: date, months: int
) -> AnswerSign:
    """What an answer calls for. A plan whose day has passed comes before its age (F4)."""
    if state is AnswerState.PLANNED and planned_on is not None and planned_on < today:
        return AnswerSign.PAST_DAY
    return AnswerSign.CHECK if expires_on(checked_on, months) <= today else AnswerSign.HOLDS


def expires_on(checked_on: date, months: int) -> date:
    """The day on which an answer should be looked at again: the same day, so many months on."""
    year, month = divmod(checked_on.year * 12 + checked_on.month - 1 + months, 12)
    for day in (checked_on.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day, checked_on.day))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def checked_before(today: date, months: int) -> date:
    """The last day of a check that calls for another today: `expires_on` the other way round."""
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    while expires_on(last, months) > today:
        last -= timedelta(days=1)
    return last


def weeks_of_use(first: date, last: date | None) -> int:
    """In how many weeks something has been used, the first and the last among them."""
    return ((last or first) - first).days // 7 + 1


@dataclass(frozen=True, slots=True)
class Grounds:
    """How many of some requirements rest on use, of how many in all (F5)."""

    from_use: int
    total: int

    @property
    def percent(self) -> int | None:
        """Whole per cent, rounded down: nothing rests wholly on use that does not. None of none."""
        return self.from_use * 100 // self.total if self.total else None
