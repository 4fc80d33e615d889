"""What the public may see, and when: secrecy around bids, and a request for an allmän handling."""

from datetime import date
from typing import Final

from crm.rules.law.counting import weeks_after
from crm.rules.law.explained import Explained, StepKind, step
from crm.rules.law.terms import Law
from crm.rules.law.values import LawValues, ValueKey

BIDS_CITES: Final = "OSL 19 kap. 3 § andra stycket"


def bids_are_secret(
    on: date,
    *,
    awarded: date | None = None,
    closed: date | None = None,
    made_public: date | None = None,
) -> Explained[bool]:
    """Whether anything about the bids is secret on a day (OSL 19 kap. 3 § second paragraph).

    Absolute until all bids are made public, the award is decided (`awarded`) or the matter is
    closed otherwise; it covers who has bid, how many, and who fetched the documents. After that
    openness is the rule, and a supplier's business data are secret only for special reasons (31
    kap. 16 §).
    """
    ended = min((day for day in (awarded, closed, made_public) if day is not None), default=None)
    if ended is None or on < ended:
        return Explained(True, (step(StepKind.BIDS_UNDER_SECRECY, BIDS_CITES),))
    opened = step(StepKind.BIDS_OPEN, BIDS_CITES, day=ended)
    return Explained(False, (opened, step(StepKind.BUSINESS_SECRETS, "OSL 31 kap. 16 §")))


def answer_is_due() -> Explained[None]:
    """A request for an allmän handling is answered promptly, without a number of days.

    TF 2 kap. 15 and 16 §§. To read on site at once or as soon as possible, copies promptly. Nobody
    need say who asks or why (2 kap. 18 §).
    """
    return Explained(None, (step(StepKind.ANSWER_PROMPTLY, "TF 2 kap. 15, 16 och 18 §§"),))


def refusal_appeal_deadline(values: LawValues, told: date) -> Explained[date]:
    """Until when a refusal may be appealed: three weeks from being told of it (TF 2 kap. 19 §).

    The three weeks are from general knowledge of förvaltningslagen and are marked so. The decision
    says what holds.
    """
    row = values.find(ValueKey.REFUSAL_APPEAL, Law.FL, told)
    counted = weeks_after(told, row.value)
    said = step(
        StepKind.REFUSAL_APPEAL,
        row.paragraph,
        row.confidence_on(told),
        row.source,
        weeks=row.value,
    )
    return Explained(counted.value, (said, *counted.steps))
