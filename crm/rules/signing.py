"""When to ask whether a contract has been signed, where nobody has noted it (R11).

A procurement that is out silences the whole body until it is signed or called off. Silence never
ends by itself; so that it does not last for ever by mistake either, a colleague is asked, calmly
and not often. The weeks are our choice: no rule says them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from crm.rules.after_award import review_length
from crm.rules.law.terms import Court

ASK_AFTER: Final = timedelta(weeks=4)
"""After the day from which it could have been signed."""

ASK_AGAIN: Final = timedelta(weeks=8)
"""After an answer that it is not signed yet, and where nobody has answered."""

_LONGEST_KNOWN: Final = timedelta(days=365)  # of a review of which no length is published


class SigningSign(StrEnum):
    """What the day is that a signing is asked about from."""

    LAWFUL = "lawful"  # the first lawful day of signing
    VALID = "valid"  # the tenders were valid until then
    PLANNED = "planned"  # the day by the plan
    REVIEW = "review"  # the court has had it since


@dataclass(frozen=True, slots=True)
class AskSigned:
    """When to ask, and the day that says so."""

    on: date
    since: date
    sign: SigningSign


def ask_signed(
    *,
    lawful: date | None,
    valid_until: date | None,
    planned: date | None,
    review_since: date | None = None,
    court: Court = Court.FORVALTNINGSRATT,
    not_signed_on: date | None = None,
) -> AskSigned | None:
    """When to ask for the first time, or again, whether what is out has been signed.

    Counted from the first lawful day of signing where there is an award; before that from the end
    of the tenders' validity, or else from the day of the plan. A court that has it is given the
    time that such reviews take at most. `not_signed_on` is when somebody last said that it was not
    signed. None where nothing gives a day.
    """
    if review_since is not None:
        length = review_length(court)
        usual = timedelta(days=length.long) if length is not None else _LONGEST_KNOWN
        found = AskSigned(review_since + usual + ASK_AFTER, review_since, SigningSign.REVIEW)
    elif lawful is not None:
        found = AskSigned(lawful + ASK_AFTER, lawful, SigningSign.LAWFUL)
    elif valid_until is not None:
        found = AskSigned(valid_until + ASK_AFTER, valid_until, SigningSign.VALID)
    elif planned is not None:
        found = AskSigned(planned + ASK_AFTER, planned, SigningSign.PLANNED)
    else:
        return None
    if not_signed_on is None:
        return found
    return AskSigned(max(found.on, not_signed_on + ASK_AGAIN), found.since, found.sign)


def asked_now(first: date, today: date) -> date:
    """The latest time to ask that has come, every eighth week from the first; the first if none."""
    times = max(0, (today - first) // ASK_AGAIN)
    return first + times * ASK_AGAIN
