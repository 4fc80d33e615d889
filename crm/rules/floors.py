"""What the law asks at least of each stage of a route: the functions of `crm.rules.law`, by stage.

The only place that says which of them a stage asks, so that a plan, a page and a table of routes
tell the same days. What the law puts no number of days on has no floor.
"""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from crm.rules.law.explained import Explained, not_known
from crm.rules.law.limits import Purchase
from crm.rules.law.review import after_ruling
from crm.rules.law.standstill import Duty, Standstill, standstill, standstill_duty
from crm.rules.law.tender_time import Terms, application_time, tender_time
from crm.rules.law.terms import AuthorityKind, Channel, Law, ObjectKind, Procedure
from crm.rules.law.values import LawValues, NoValue, shipped_values
from crm.rules.routes import STAGES, Route, StageKey


@dataclass(frozen=True, slots=True)
class LegalTerms:
    """What a procurement is under the law: what its floors and limits depend on.

    `stated_standstill` is the last day of the avtalsspärr as the authority states it, if it does.
    """

    values: LawValues = field(default_factory=shipped_values)
    law: Law = Law.LOU
    authority: AuthorityKind = AuthorityKind.OTHER
    kind: ObjectKind = ObjectKind.GOODS_SERVICES
    electronic: bool = True  # tenders may be sent electronically
    urgent: bool = False  # påskyndat förfarande
    channel: Channel = Channel.ELECTRONIC  # of the award decision
    stated_standstill: date | None = None
    prior_notice_sent: date | None = None  # a förhandsannons (LOU 11 kap. 5 §)
    documents_online: bool = True
    agreed: date | None = None  # the last day, with all who were invited (LOU 11 kap. 7 §)
    no_agreement: bool = False  # they tried to, and could not

    def purchase(self, on: date) -> Purchase:
        """What the limits depend on, at a value date."""
        return Purchase(self.law, self.authority, self.kind, on)

    def undated(self) -> "LegalTerms":
        """The same without the days that have been named: for what is laid out back from a day."""
        return replace(self, stated_standstill=None, agreed=None)

    def tender(self, notice_sent: date | None = None) -> Terms:
        """What shortens or lengthens the time to apply and to tender."""
        return Terms(
            authority=self.authority,
            electronic=self.electronic,
            documents_online=self.documents_online,
            urgent=self.urgent,
            prior_notice_sent=self.prior_notice_sent,
            notice_sent=notice_sent,
            agreed=self.agreed,
            no_agreement=self.no_agreement,
        )


USUAL_TERMS: Final = LegalTerms()
"""A municipality that buys a service under LOU, everything electronic: the default."""

_PROCEDURES: Final[dict[Route, Procedure]] = {
    Route.UNIT_PURCHASE: Procedure.DIRECT_AWARD,
    Route.DIRECT_AWARD: Procedure.DIRECT_AWARD,
    Route.CALL_OFF: Procedure.CALL_OFF,
    Route.RENEWED_COMPETITION: Procedure.FKU,
    Route.PURCHASING_BODY: Procedure.FKU,
    Route.BELOW_THRESHOLD: Procedure.NATIONAL,
    Route.OPEN: Procedure.OPEN,
    Route.SELECTIVE: Procedure.SELECTIVE,
    Route.NEGOTIATED: Procedure.NEGOTIATED,
    Route.NEGOTIATED_UNADVERTISED: Procedure.NEGOTIATED_WITHOUT_NOTICE,
    Route.COMPETITIVE_DIALOGUE: Procedure.DIALOGUE,
    Route.INNOVATION_PARTNERSHIP: Procedure.INNOVATION,
    Route.DYNAMIC_SYSTEM: Procedure.DIS,
}
_OWN_PARAGRAPHS: Final[dict[Procedure, str]] = {
    Procedure.DIRECT_AWARD: "19 a kap.",
    Procedure.CALL_OFF: "7 kap. 4 och 6 §§",
}
"""Where a route is found whose time the act says nothing of."""


def procedure_of(route: Route, law: Law = Law.LOU) -> Procedure | None:
    """The law's own procedure of a route; None where it has none, or none is chosen yet.

    Under LUK an advertised procedure is a concession's, in one step or in several (LUK 9 kap.).
    """
    found = _PROCEDURES.get(route)
    if law is Law.LUK and found is not None:
        if found.is_two_stage:
            return Procedure.CONCESSION_STEPS
        if found is Procedure.OPEN:
            return Procedure.CONCESSION
    return found


@dataclass(frozen=True, slots=True)
class Floor:
    """What the law says of one stage that begins on a day.

    `day` is the first on which the next stage may begin and `days` the least number; None and 0
    where it gives no number of days. `explained` is the whole answer, None where no rule is asked.
    """

    day: date | None = None
    days: int = 0
    law: str = ""
    explained: Explained[Any] | None = None


NO_FLOOR: Final = Floor()

FLOORED_STAGES: Final = frozenset(
    {
        StageKey.MARKET,
        StageKey.APPLICATION,
        StageKey.TENDER,
        StageKey.STANDSTILL,
        StageKey.SIGNING,  # where a standstill is due and the route has no stage for it
    }
)
"""The stages that the law may set a floor for."""


def floor(
    route: Route,
    stage: StageKey,
    begun: date,
    terms: LegalTerms = USUAL_TERMS,
    *,
    notice_sent: date | None = None,
) -> Floor:
    """What the law asks of a stage that begins on `begun`: see `Floor`.

    `notice_sent` is the contract notice of one in two stages, which a prior notice comes before.

    Tenders are due on the last day itself; a contract may be signed on the day after the
    standstill's last (LOU 20 kap. 1 §). Where no row covers the law or the day there is no floor,
    and the answer says that it is not known.
    """
    procedure = procedure_of(route, terms.law)
    try:
        if stage is StageKey.STANDSTILL or (
            stage is StageKey.SIGNING and _stands_still_there(route, terms)
        ):
            spell = standstill_of(begun, terms)
            return _told(spell, spell.value.earliest_signing)
        if procedure is None:
            return NO_FLOOR
        if stage is StageKey.APPLICATION:
            applying = application_time(terms.values, terms.law, procedure, begun, terms.tender())
            return _told(applying, applying.value)
        if stage in {StageKey.MARKET, StageKey.TENDER}:
            shortened = terms.tender(notice_sent)
            found = tender_time(terms.values, terms.law, procedure, begun, shortened)
            own = _OWN_PARAGRAPHS.get(procedure, "")
            return _told(found, found.value, f"{terms.law} {own}" if own else "")
    except NoValue:
        return Floor(explained=Explained(None, (not_known(terms.law),)))
    return NO_FLOOR


def _stands_still_there(route: Route, terms: LegalTerms) -> bool:
    """Whether the time until the signing has the standstill in it: due, and no stage of its own.

    So a renewed competition under LUF, which LUF 20 kap. 2 § does not except.
    """
    if StageKey.STANDSTILL in dict(STAGES[route]):
        return False
    duty = standstill_duty_of(route, terms)
    return duty is not None and duty.value is Duty.MANDATORY


def standstill_of(sent: date, terms: LegalTerms) -> Explained[Standstill]:
    """The avtalsspärr of an award decision sent on a day. Raises NoValue."""
    return standstill(
        terms.values, terms.law, sent, terms.channel, stated_last_day=terms.stated_standstill
    )


def signing_after_ruling(
    ruled: date, sent: date | None, terms: LegalTerms, *, waived: bool = False
) -> date | None:
    """The first lawful day of signing after a ruling; None where the act is not known here."""
    with suppress(NoValue):
        found = after_ruling(terms.values, terms.law, ruled, sent, waived=waived)
        return found.value.standstill.earliest_signing
    return None


def standstill_duty_of(route: Route, terms: LegalTerms) -> Explained[Duty] | None:
    """Whether the route has an avtalsspärr by law; None where that hangs on what is chosen."""
    procedure = procedure_of(route, terms.law)
    return None if procedure is None else standstill_duty(terms.law, procedure)


def is_advertised(route: Route) -> bool:
    """Whether the route begins with a notice that anybody can see, by the procurement acts."""
    procedure = procedure_of(route)
    return procedure is not None and procedure in _ADVERTISED


def needs_notice(route: Route) -> bool:
    """The same, and the standing notice of a valfrihetssystem (LOV 4 kap. 1 §)."""
    return route is Route.CHOICE_SYSTEM or is_advertised(route)


_ADVERTISED: Final = frozenset(
    {
        Procedure.OPEN,
        Procedure.SELECTIVE,
        Procedure.NEGOTIATED,
        Procedure.DIALOGUE,
        Procedure.INNOVATION,
        Procedure.NATIONAL,
    }
)


def _told(explained: Explained[Any], day: date | None, otherwise: str = "") -> Floor:
    """The paragraph and the number of days are those of the first step that has one."""
    for one in explained.steps:
        days = dict(one.figures).get("days")
        if isinstance(days, int):
            return Floor(day, days, one.cites, explained)
    cited = explained.cites[0] if explained.cites else otherwise
    return Floor(day, 0, cited, explained)
