"""The least time to apply and to bid (LOU 8 and 11 kap.; LUF 11 kap.; LUK 9 kap.).

Counted from the day the notice was sent for publication, not from publication, and for those who
are invited from the day the invitation was sent. The days are minimums: how complex the procurement
is must be weighed too (11 kap. 1 §), and an authority may give more and end on any day it likes.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from crm.rules.law.counting import Rule, days_after, same_day_of_month, working_days_after
from crm.rules.law.explained import Explained, Step, StepKind, not_known, step
from crm.rules.law.terms import AuthorityKind, Law, Procedure
from crm.rules.law.values import LawRow, LawValues, NoValue, ValueKey


@dataclass(frozen=True, slots=True)
class Terms:
    """What shortens or lengthens the time.

    `prior_notice_sent` is the day a förhandsannons for information was sent, with all it should
    hold. `agreed` is the last day agreed with all who were invited; only another than a state
    authority may agree so. `no_agreement` is for one that tried to.
    """

    authority: AuthorityKind = AuthorityKind.OTHER
    electronic: bool = True  # bids may be sent electronically, the normal case
    documents_online: bool = True
    urgent: bool = False  # påskyndat förfarande
    prior_notice_sent: date | None = None
    notice_sent: date | None = None  # the contract notice, where the period runs from an invitation
    agreed: date | None = None
    no_agreement: bool = False


USUAL: Final = Terms()
_AGREE: Final = frozenset({Procedure.SELECTIVE, Procedure.NEGOTIATED, Procedure.DIS})
_WITHOUT_TIME: Final = frozenset({Procedure.DIRECT_AWARD, Procedure.OPEN, Procedure.CONCESSION})
"""What has no such time by its nature: a direct award none at all, one step no application."""
_SUFFICIENT: Final = "7 kap. 9 §"
_CONCESSION: Final[dict[Procedure, tuple[ValueKey, ValueKey]]] = {
    Procedure.CONCESSION: (ValueKey.CONCESSION_FIRST, ValueKey.CONCESSION_FIRST_ELECTRONIC),
    Procedure.CONCESSION_STEPS: (
        ValueKey.CONCESSION_TENDER,
        ValueKey.CONCESSION_TENDER_ELECTRONIC,
    ),
}


def application_time(
    values: LawValues, law: Law, procedure: Procedure, sent: date, terms: Terms = USUAL
) -> Explained[date | None]:
    """The earliest lawful last day to apply; None for a procedure without applications or days.

    LOU 11 kap. 3 and 10 §§, 8 kap. 8 §. Raises NoValue where the sources give no figure.
    """
    if procedure is Procedure.CONCESSION_STEPS:
        first = ValueKey.CONCESSION_FIRST
        return _laid_out(values, law, sent, terms, first, StepKind.LEAST_DAYS)
    if procedure is Procedure.DIS:
        found = _laid_out(values, law, sent, terms, ValueKey.DIS_APPLICATION, StepKind.LEAST_DAYS)
        steps = (*found.steps, step(StepKind.DIS_FIRST_ONLY, f"{law} 8 kap. 8 §"))
        if _has(values, ValueKey.DIS_APPLICATION_FLOOR, law, sent):
            under = values.find(ValueKey.DIS_APPLICATION_FLOOR, law, sent)
            steps = (*steps, _days(StepKind.DIS_NEVER_UNDER, under, sent))
        return Explained(found.value, steps)
    if not procedure.is_two_stage:
        return _without_days(law, procedure)
    key, kind = ValueKey.APPLICATION, StepKind.LEAST_DAYS
    if (
        terms.urgent
        and procedure in _AGREE
        and _has(values, ValueKey.APPLICATION_URGENT, law, sent)
    ):
        key, kind = ValueKey.APPLICATION_URGENT, StepKind.URGENT
    return _laid_out(values, law, sent, terms, key, kind)


def tender_time(
    values: LawValues, law: Law, procedure: Procedure, sent: date, terms: Terms = USUAL
) -> Explained[date | None]:
    """The earliest lawful last day to bid; None where the act gives no number of days.

    `sent` is the day the notice was sent or, in two stages and in a DIS, the invitation. LOU 11
    kap. 2–10 §§ and 8 kap. 11 §; "skälig tid" below the threshold (19 kap. 11 §), "tillräcklig tid"
    at FKU (7 kap. 9 §). Raises NoValue where the sources give no figure.
    """
    if procedure in _CONCESSION:
        least, electronic = _CONCESSION[procedure]
        key = electronic if terms.electronic else least
        kind = StepKind.ELECTRONIC if terms.electronic else StepKind.LEAST_DAYS
        return _laid_out(values, law, sent, terms, key, kind, adds=True)
    if procedure is Procedure.OPEN:
        key, kind, reasons = _open(values, law, sent, terms)
        return _laid_out(values, law, sent, terms, key, kind, reasons, adds=not terms.urgent)
    if procedure in _AGREE:
        return _invited(values, law, procedure, sent, terms)
    return _without_days(law, procedure)


def qualification_time(
    values: LawValues, received: date, *, justified: bool = False
) -> Explained[date]:
    """When a supplier that applies to a DIS must have been assessed (LOU 8 kap. 7 §).

    10 working days from receipt, 15 where there are reasons.
    """
    key = ValueKey.DIS_QUALIFICATION_LONG if justified else ValueKey.DIS_QUALIFICATION
    return _working_days(values, key, received)


def declaration_time(values: LawValues, asked: date) -> Explained[date]:
    """When an updated self-declaration in a DIS must be in: 5 working days (LOU 8 kap. 13 §)."""
    return _working_days(values, ValueKey.DIS_DECLARATION, asked)


def prior_notice_is_in_time(
    values: LawValues, law: Law, prior_sent: date, notice_sent: date
) -> Explained[bool]:
    """Whether a förhandsannons was sent in time to shorten the time to bid (LOU 11 kap. 5 §).

    At least 35 days and at most 12 months before the contract notice. Counted backwards, without
    rolling.
    """
    least = values.find(ValueKey.PRIOR_NOTICE_LEAST, law, notice_sent)
    most = values.find(ValueKey.PRIOR_NOTICE_MOST, law, notice_sent)
    latest = notice_sent - timedelta(days=least.value)
    earliest = same_day_of_month(notice_sent, -most.value)
    in_time = earliest <= prior_sent <= latest
    said = step(
        StepKind.PRIOR_NOTICE_IN_TIME if in_time else StepKind.PRIOR_NOTICE_OUT_OF_TIME,
        least.paragraph,
        least.confidence_on(notice_sent),
        sent=prior_sent,
        earliest=earliest,
        latest=latest,
    )
    return Explained(in_time, (said,))


def _open(
    values: LawValues, law: Law, sent: date, terms: Terms
) -> tuple[ValueKey, StepKind, tuple[Step, ...]]:
    if terms.urgent:
        return ValueKey.OPEN_URGENT, StepKind.URGENT, ()
    reasons, short = _prior_notice(values, law, terms, sent)
    if short:
        return ValueKey.OPEN_PRIOR_NOTICE, StepKind.AFTER_PRIOR_NOTICE, reasons
    if terms.electronic:
        return ValueKey.OPEN_ELECTRONIC, StepKind.ELECTRONIC, reasons
    return ValueKey.OPEN_TENDER, StepKind.LEAST_DAYS, reasons


def _invited(
    values: LawValues, law: Law, procedure: Procedure, sent: date, terms: Terms
) -> Explained[date | None]:
    may_agree = law is Law.LUF or terms.authority is AuthorityKind.OTHER
    if terms.agreed is not None and may_agree:
        paragraph = "8 kap. 11 §" if procedure is Procedure.DIS else "11 kap. 7 §"
        agreed = step(StepKind.AGREED, f"{law} {paragraph}", day=terms.agreed)
        return Explained(terms.agreed, (agreed,))
    if procedure is Procedure.DIS:
        return _laid_out(values, law, sent, terms, ValueKey.DIS_TENDER, StepKind.LEAST_DAYS)
    if terms.urgent and law is not Law.LUF:
        return _laid_out(values, law, sent, terms, ValueKey.INVITED_URGENT, StepKind.URGENT)
    if law is Law.LUF or (terms.no_agreement and may_agree):
        not_agreed = ValueKey.INVITED_NOT_AGREED
        return _laid_out(values, law, sent, terms, not_agreed, StepKind.NOT_AGREED, adds=True)
    reasons, short = _prior_notice(values, law, terms, sent)
    key, kind = ValueKey.INVITED_TENDER, StepKind.LEAST_DAYS
    if short:
        key, kind = ValueKey.INVITED_PRIOR_NOTICE, StepKind.AFTER_PRIOR_NOTICE
    elif terms.electronic:
        key, kind = ValueKey.INVITED_ELECTRONIC, StepKind.ELECTRONIC
    return _laid_out(values, law, sent, terms, key, kind, reasons, adds=True)


def _prior_notice(
    values: LawValues, law: Law, terms: Terms, sent: date
) -> tuple[tuple[Step, ...], bool]:
    if terms.prior_notice_sent is None:
        return (), False
    found = prior_notice_is_in_time(values, law, terms.prior_notice_sent, terms.notice_sent or sent)
    return found.steps, found.value


def _laid_out(
    values: LawValues,
    law: Law,
    sent: date,
    terms: Terms,
    key: ValueKey,
    kind: StepKind,
    reasons: tuple[Step, ...] = (),
    *,
    adds: bool = False,
) -> Explained[date | None]:
    """So many days from `sent`, five more where the documents are not online and that adds."""
    row = values.find(key, law, sent)
    steps = [*reasons, _days(kind, row, sent)]
    days = row.value
    if adds and not terms.documents_online:
        more = values.find(ValueKey.DOCUMENTS_ADD, law, sent)
        steps.append(_days(StepKind.DOCUMENTS_ADD, more, sent))
        days += more.value
    counted = days_after(sent, days, Rule.B)
    complexity = step(StepKind.MORE_IF_COMPLEX, f"{law} {'9' if law is Law.LUK else '11'} kap. 1 §")
    return Explained(counted.value, (*steps, *counted.steps, complexity))


def _days(kind: StepKind, row: LawRow, on: date) -> Step:
    return step(kind, row.paragraph, row.confidence_on(on), row.source, days=row.value)


def _without_days(law: Law, procedure: Procedure) -> Explained[date | None]:
    if not law.is_read and procedure not in _WITHOUT_TIME:
        return Explained(None, (not_known(law),))
    if procedure is Procedure.NATIONAL:
        return Explained(None, (step(StepKind.REASONABLE_TIME, f"{law} 19 kap. 11 §"),))
    if procedure is Procedure.FKU:
        return Explained(None, (step(StepKind.SUFFICIENT_TIME, f"{law} {_SUFFICIENT}"),))
    return Explained(None, (step(StepKind.NO_LEAST_TIME, procedure=procedure),))


def _has(values: LawValues, key: ValueKey, law: Law, on: date) -> bool:
    try:
        values.find(key, law, on)
    except NoValue:
        return False
    return True


def _working_days(values: LawValues, key: ValueKey, start: date) -> Explained[date]:
    row = values.find(key, Law.LOU, start)
    counted = working_days_after(start, row.value)
    return Explained(
        counted.value,
        (_days(StepKind.WORKING_DAYS_LIMIT, row, start), *counted.steps),
    )
