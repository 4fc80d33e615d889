"""From the award to the signing while a court reviews it (överprövning), as a range (D6).

How long a review takes is an estimate from published statistics (`procurement-law.md` 4.1 and 4.2);
the ten days after a ruling are the law's own. A review is a state and no loss: most end without any
change.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crm.rules.calendar import next_working_day
from crm.rules.floors import LegalTerms, standstill_of
from crm.rules.forwards import DayRange
from crm.rules.law.review import after_ruling, may_not_sign_during, validity_deadline
from crm.rules.law.terms import Court
from crm.rules.law.values import NoValue
from crm.rules.routes import Duration, Pace

FIRST_COURT: Final = Duration(30, 60, 130)
"""Days from the application to the ruling of förvaltningsrätten (LOU 20 kap. 8 §): short, usual,
long. `procurement-law.md` 4.2, an estimate from 4.1 (means of 55 to 60 days, 75th percentile of
those decided on the merits 4.2 months)."""

SECOND_COURT: Final = 160
"""Days more in kammarrätten."""


def review_length(court: Court) -> Duration | None:
    """Days from the first application to the court's ruling; None where nothing is published."""
    if court is Court.FORVALTNINGSRATT:
        return FIRST_COURT
    if court is Court.KAMMARRATT:
        return Duration(*(FIRST_COURT.days(pace) + SECOND_COURT for pace in Pace))
    return None


def signing_under_review(
    terms: LegalTerms, since: date, court: Court, today: date
) -> DayRange | None:
    """The first working day on which a contract may be signed, if the review takes its usual time.

    A ruling is expected today at the earliest. None where nothing is published of the court, or
    where the law in question has no figure.
    """
    length = review_length(court)
    if length is None:
        return None
    found = []
    for pace in Pace:
        ruled = next_working_day(max(today, since + timedelta(days=length.days(pace))))
        try:
            ruling = after_ruling(terms.values, terms.law, ruled)
        except NoValue:
            return None
        found.append(ruling.value.standstill.signing_working_day)
    return DayRange(*found)


def signing_from(
    terms: LegalTerms,
    since: date | None,
    court: Court,
    today: date,
    *,
    ruled_on: date | None = None,
    ruling_sent_on: date | None = None,
    lifted: bool = False,
    waived: bool = False,
) -> date | None:
    """The day to plan a signing for, at the earliest, because of a review; None without one, or
    where the court has `lifted` the spärr.

    While a court has it that is the usual length of one, and after the ruling the ten days of
    LOU 20 kap. 10 §.
    """
    if since is None or (lifted and ruled_on is None):
        return None
    if ruled_on is None:
        expected = signing_under_review(terms, since, court, today)
        return expected.usual if expected is not None else None
    try:
        ruling = after_ruling(terms.values, terms.law, ruled_on, ruling_sent_on, waived=waived)
    except NoValue:
        return None
    return ruling.value.standstill.signing_working_day


@dataclass(frozen=True, slots=True)
class EarlySigning:
    """A contract signed before the law allows it, which a court may declare invalid (LOU 20 kap.
    13 §).

    `allowed_from` is the first lawful day, None while a court that forbids it has a review.
    `tried_until` is the last day on which the validity may be tried (17 §), where it is known.
    """

    signed_on: date
    allowed_from: date | None
    tried_until: date | None


def early_signing(
    terms: LegalTerms,
    signed: date,
    *,
    sent: date | None,
    since: date | None = None,
    court: Court = Court.FORVALTNINGSRATT,
    ruled_on: date | None = None,
    ruling_sent_on: date | None = None,
    interim: bool = False,
    lifted: bool = False,
    waived: bool = False,
) -> EarlySigning | None:
    """Whether a signing lies inside the avtalsspärr, or in a review; None where it does not.

    `sent`: when the award decision was sent, None where that is only an estimate: then there is
    nothing to hold the signing against.
    """
    allowed: list[date] = []
    forbidden = False
    try:
        if sent is not None:
            allowed.append(standstill_of(sent, terms).value.earliest_signing)
        if since is not None and since <= signed:
            if ruled_on is None:
                forbidden = (
                    may_not_sign_during(terms.law, court, lifted=lifted, interim=interim).value
                    is True
                )
            else:
                ruling = after_ruling(
                    terms.values, terms.law, ruled_on, ruling_sent_on, waived=waived
                )
                allowed.append(ruling.value.standstill.earliest_signing)
    except NoValue:
        return None
    first = max(allowed, default=None)
    if not forbidden and (first is None or signed >= first):
        return None
    try:
        until = validity_deadline(terms.values, terms.law, signed).value.last_day
    except NoValue:
        until = None
    return EarlySigning(signed, None if forbidden else first, until)
