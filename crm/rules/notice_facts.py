"""What the notices of one procurement say together: its facts, its route and its days.

The notices are put in order first, so that it does not matter in which they came in. What none of
them says is None or empty, and never empties what is known from elsewhere.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from crm.rules.calendar import ONE_DAY, STOCKHOLM
from crm.rules.law.terms import Law, ObjectKind
from crm.rules.milestones import Milestone
from crm.rules.money import MOST_ORE
from crm.rules.notices import (
    NO_WORDS,
    AwardStatus,
    ContactPoint,
    Criterion,
    DeadlineKind,
    Notice,
    NoticeKind,
    ProcedureType,
    Words,
    in_order,
    standing,
    ted_page,
)
from crm.rules.routes import NOTICE_STAGES, STAGES, Route, StageKey, signed_stage

OF_PROCUREMENTS: Final = frozenset(NoticeKind) - {
    NoticeKind.PROFILE,  # nothing that is bought
    NoticeKind.QUALIFICATION,  # a system of suppliers, out of which many procurements come
    NoticeKind.OTHER,
}
"""The kinds (`Notice.about`) that are about one procurement."""

_ROUTES: Final = {
    ProcedureType.OPEN: Route.OPEN,
    ProcedureType.RESTRICTED: Route.SELECTIVE,
    ProcedureType.NEGOTIATED_WITH_CALL: Route.NEGOTIATED,
    ProcedureType.NEGOTIATED_WITHOUT_CALL: Route.NEGOTIATED_UNADVERTISED,
    ProcedureType.DIALOGUE: Route.COMPETITIVE_DIALOGUE,
    ProcedureType.INNOVATION: Route.INNOVATION_PARTNERSHIP,
}
_NATIONAL: Final = frozenset({"E3", "E4"})  # the voluntary forms below the thresholds
_SOCIAL: Final = frozenset({"12", "13", "20", "21", "33", "34", "F21", "F22", "F23"})
"""The forms for social and other specific services (directive 2014/24/EU, art. 74 to 76)."""

_NATURES: Final = {
    "works": ObjectKind.WORKS,
    "services": ObjectKind.GOODS_SERVICES,
    "supplies": ObjectKind.GOODS_SERVICES,
}
_CURRENCY: Final = "SEK"


@dataclass(frozen=True, slots=True)
class ToldDay:
    """A day that a notice tells of, and the page of the notice ("" where it has none)."""

    day: date
    url: str = ""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What tenders are weighed by, in these lots or ("" ) in all of them."""

    lots: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    in_documents: bool = False  # only the tender documents have them
    words: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What is said. Deadlines are instants, the earliest that they can mean; `value_ore` is SEK.

    `prior_notice` is when the purchase was first announced as planned (förhandsannons). `sent` is
    when the call went out, and `planned` when it is expected; `decided` and `signed` are
    the last of several. `cancelled_on` is when the notice was sent that says that it was called
    off, or that nothing was awarded. `intent_published` is when a voluntary notice was published
    that a contract is meant to be signed without a call, and `result_published` when the last of
    the results that name a winner was; None where that day is not told. `valid_until` is the first
    day after which a tender need no longer stand. `contact` is where the buyer wants to be asked.
    """

    title: str = ""
    reference: str = ""
    url: str = ""
    cpv: str = ""
    value_ore: int | None = None
    questions_due_at: datetime | None = None
    requests_due_at: datetime | None = None
    tenders_due_at: datetime | None = None
    valid_until: date | None = None
    deadlines_url: str = ""
    route: Route | None = None
    law: Law | None = None
    object_kind: ObjectKind | None = None
    urgent: bool | None = None
    prior_notice: date | None = None
    dialogue: ToldDay | None = None
    planned: ToldDay | None = None
    sent: ToldDay | None = None
    decided: ToldDay | None = None
    signed: ToldDay | None = None
    cancelled_on: date | None = None
    intent_published: date | None = None
    has_result: bool = False
    result_published: date | None = None
    weighing: tuple[Weighing, ...] = ()
    contact: ContactPoint | None = None


NOTHING_SAID: Final = NoticeFacts()


@dataclass(frozen=True, slots=True)
class Told:
    """The day of a milestone, whether it has been, and where that is said."""

    day: date
    has_been: bool
    url: str = ""


def sent_on(notice: Notice) -> date | None:
    """The day on which it was sent, or else published."""
    return notice.dispatched or notice.published


def address_of(notice: Notice) -> str:
    """The page of the notice: TED's where it has a number there, else what it says of itself.

    Only a web address: a file from a stranger may say anything.
    """
    if notice.publication_number:
        return ted_page(notice.publication_number)
    return web_address(notice.document_url)


def web_address(text: str | None) -> str:
    """A text from a notice as an address that can be a link; "" for anything else."""
    text = (text or "").strip()
    good = text.lower().startswith(("https://", "http://")) and len(text) <= 1000
    return text if good and not any(sign.isspace() for sign in text) else ""


def route_of(notice: Notice) -> Route | None:
    """The route of a notice's procedure, None where it does not say."""
    if notice.procedure is None:
        return None
    if (notice.form or "").upper() in _NATIONAL and notice.procedure in {
        ProcedureType.OPEN,
        ProcedureType.OTHER_SINGLE_STAGE,
    }:
        return Route.BELOW_THRESHOLD
    return _ROUTES.get(notice.procedure)


def law_of(notice: Notice) -> Law | None:
    """The act by its legal basis, None where that is another or not told."""
    return Law(notice.law) if notice.law else None


def object_kind_of(notice: Notice) -> ObjectKind | None:
    """What is bought, as the money limits tell it apart: by the form for social and other special
    services (bilaga 2), else by the nature that is stated."""
    if (notice.form or "").upper() in _SOCIAL:
        return ObjectKind.SOCIAL_SPECIAL
    return _NATURES.get(notice.nature or "")


def facts_of(notices: Sequence[Notice]) -> NoticeFacts:
    """What notices of one procurement say, the later of them before the earlier."""
    ordered = [one for one in in_order(notices) if one.about in OF_PROCUREMENTS]
    if not ordered:
        return NOTHING_SAID
    stand = sorted(standing(ordered), key=_weight)
    calls = [one for one in stand if one.about in _CALLS]
    call = calls[-1] if calls else None
    due = _due(call) if call else {}
    planning = _first(ordered, NoticeKind.PLANNING)
    results = [one for one in _results(ordered) if _is_awarded(one)]
    return NoticeFacts(
        title=_last(str(one.title) for one in stand),
        reference=_last(one.reference or "" for one in stand),
        url=_last(address_of(one) for one in stand),
        cpv=_last(one.cpv or next((lot.cpv for lot in one.lots if lot.cpv), "") for one in stand),
        value_ore=_value(stand),
        questions_due_at=due.get(DeadlineKind.QUESTIONS),
        requests_due_at=due.get(DeadlineKind.REQUESTS),
        tenders_due_at=due.get(DeadlineKind.TENDERS),
        valid_until=_valid_until(call, due.get(DeadlineKind.TENDERS)) if call else None,
        deadlines_url=address_of(_latest(ordered, _CALLS)) if call else "",
        route=next((way for one in reversed(stand) if (way := route_of(one))), None),
        law=next((law for one in reversed(stand) if (law := law_of(one))), None),
        object_kind=next((kind for one in reversed(stand) if (kind := object_kind_of(one))), None),
        urgent=call.accelerated if call else None,
        prior_notice=planning.day if planning else None,
        dialogue=_first(ordered, NoticeKind.CONSULTATION),
        planned=_planned(stand),
        sent=_first(ordered, NoticeKind.COMPETITION),
        decided=_decided(ordered),
        signed=_signed(ordered),
        cancelled_on=_cancelled(ordered, stand),
        intent_published=_all_published(
            [one for one in ordered if one.about is NoticeKind.DIRECT_AWARD][-1:]
        ),
        has_result=bool(results),
        result_published=_all_published(results),
        weighing=next((found for one in reversed(stand) if (found := weighing_of(one))), ()),
        contact=next((one.contact for one in reversed(stand) if one.contact), None),
    )


def weighing_of(notice: Notice) -> tuple[Weighing, ...]:
    """What tenders are weighed by; lots that are weighed alike are told together."""
    found: dict[Weighing, list[str]] = {}
    for lot in notice.lots:
        one = Weighing((), lot.criteria, bool(lot.criteria_in_documents), lot.criteria_words)
        found.setdefault(one, []).append(lot.id)
    told = [(one, lots) for one, lots in found.items() if one != Weighing()]
    if len(found) == 1:
        return tuple(one for one, _lots in told)
    return tuple(replace(one, lots=tuple(lots)) for one, lots in told)


def _valid_until(call: Notice, due: datetime | None) -> date | None:
    """The first of the lots' days, none before tenders are due. A length begins the day after."""
    last = due.astimezone(STOCKHOLM).date() if due else None
    found = []
    for lot in call.lots:
        stands = lot.validity
        if stands is not None and stands.end is None and stands.start is None and last:
            stands = replace(stands, start=last + ONE_DAY)
        if stands is not None and (day := stands.last_day) and (last is None or day >= last):
            found.append(day)
    return min(found, default=None)


_CALLS: Final = frozenset({NoticeKind.COMPETITION})
_WEIGHT: Final = {NoticeKind.COMPETITION: 2, NoticeKind.DIRECT_AWARD: 2, NoticeKind.PLANNING: 1}


def _weight(notice: Notice) -> int:
    """The call describes what is bought; what comes after it is about contracts."""
    return _WEIGHT.get(notice.about, 0)


def _last(texts: Iterable[str]) -> str:
    found = [text for text in texts if text]
    return found[-1] if found else ""


def _latest(ordered: Sequence[Notice], kinds: frozenset[NoticeKind]) -> Notice:
    return [one for one in ordered if one.about in kinds][-1]


def _value(stand: Sequence[Notice]) -> int | None:
    """The estimate, or the ceiling of the framework agreement, or else what was awarded in all."""
    estimates = [one.estimated for one in stand]
    ceilings = [one.framework_maximum for one in stand]
    totals = [one.total for one in stand]
    found = [
        money.ore
        for money in (*totals, *ceilings, *estimates)
        if money and money.currency == _CURRENCY and 0 < money.ore <= MOST_ORE
    ]
    return found[-1] if found else None


def _due(call: Notice) -> dict[DeadlineKind, datetime]:
    """Of each kind the first, as early as it can be meant."""
    found: dict[DeadlineKind, datetime] = {}
    for one in call.deadlines:
        at = one.earliest
        if one.kind not in found or at < found[one.kind]:
            found[one.kind] = at
    return found


def _first(ordered: Sequence[Notice], kind: NoticeKind) -> ToldDay | None:
    for one in ordered:
        if one.about is kind and (day := sent_on(one)):
            return ToldDay(day, address_of(one))
    return None


def _planned(stand: Sequence[Notice]) -> ToldDay | None:
    told = [ToldDay(one.planned, address_of(one)) for one in stand if one.planned]
    return told[-1] if told else None


def _results(ordered: Sequence[Notice]) -> list[Notice]:
    """The results that nothing has replaced: several may stand, each for lots of its own."""
    results = [one for one in ordered if one.about is NoticeKind.RESULT]
    latest = {one.id: one for one in results if one.id}
    return [one for one in results if not one.id or latest[one.id] is one]


def _decided(ordered: Sequence[Notice]) -> ToldDay | None:
    """When the last winner was chosen; at the latest when it was published that one was."""
    found = []
    for one in ordered:
        if one.about is NoticeKind.DIRECT_AWARD and (day := sent_on(one)):
            told = [award.decided for award in one.awards if award.decided]
            found.append(ToldDay(max(told, default=day), address_of(one)))
    for one in _results(ordered):
        if not _is_awarded(one):
            continue
        told = [award.decided for award in one.awards if award.decided]
        signed = [award.signed for award in one.awards if award.signed]
        days = told or signed or [day for day in (sent_on(one),) if day]
        if days:
            found.append(ToldDay(max(days), address_of(one)))
    return max(found, key=lambda told: told.day, default=None)


def _all_published(results: Sequence[Notice]) -> date | None:
    """When the last of them was published, so that no day counted from it comes too early."""
    days = [one.published for one in results]
    return max((day for day in days if day), default=None) if all(days) else None


def _is_awarded(notice: Notice) -> bool:
    return any(award.status is AwardStatus.AWARDED or award.winners for award in notice.awards)


def _signed(ordered: Sequence[Notice]) -> ToldDay | None:
    """When the last contract was signed; None while a lot waits for its winner.

    What is told of a contract during its term shows that it was signed, by then at the latest.
    """
    results = _results(ordered)
    if any(award.status is AwardStatus.OPEN for one in results for award in one.awards):
        return None
    found = [
        ToldDay(contract.signed, address_of(one))
        for one in results
        for award in one.awards
        for contract in award.contracts
        if contract.signed
    ]
    if not found:
        for one in ordered:
            if one.about in {NoticeKind.MODIFICATION, NoticeKind.COMPLETION}:
                told = [award.signed for award in one.awards if award.signed]
                days = told or [day for day in (sent_on(one),) if day]
                found.extend(ToldDay(day, address_of(one)) for day in days)
        return min(found, key=lambda told: told.day, default=None)
    return max(found, key=lambda told: told.day)


def _cancelled(ordered: Sequence[Notice], stand: Sequence[Notice]) -> date | None:
    for one in stand:
        if one.about in _CALLS | {NoticeKind.PLANNING} and one.cancelled:
            return sent_on(_latest(ordered, frozenset({one.about})))
    results = _results(ordered)
    awards = [award for one in results for award in one.awards]
    if not awards or any(award.status is not AwardStatus.NOT_AWARDED for award in awards):
        return None
    lots = {lot.id for one in stand if one.about in _CALLS for lot in one.lots}
    closed = {lot for award in awards for lot in award.lots}
    if lots and closed and not lots <= closed:
        return None
    return sent_on(results[-1])


# --- As milestones --------------------------------------------------------------------------------


def days_for(route: Route, facts: NoticeFacts, today: date) -> dict[StageKey, Told]:
    """The milestones of a route whose days the notices tell, in the route's order.

    A day that would come after a later one that has been is left out: one of the two is wrong, and
    the later milestone is the one that shows how far it has come.
    """
    stages = [*(stage for stage, _length in STAGES[route]), StageKey.IN_USE]
    found: dict[StageKey, Told] = {}

    def put(stage: StageKey, told: ToldDay | None) -> None:
        if told and stage in stages:
            found[stage] = Told(told.day, told.day <= today, told.url)

    put(StageKey.DIALOGUE, facts.dialogue)
    notice = next((stage for stage in stages if stage in NOTICE_STAGES), None)
    if notice:
        if facts.planned:
            put(notice, facts.planned)
            found[notice] = Told(facts.planned.day, False, facts.planned.url)
        put(notice, facts.sent)
    if facts.tenders_due_at and StageKey.EVALUATION in stages:
        day = facts.tenders_due_at.astimezone(STOCKHOLM).date()
        found[StageKey.EVALUATION] = Told(day, False, facts.deadlines_url)
    decided = StageKey.STANDSTILL if StageKey.STANDSTILL in stages else StageKey.AWARD
    put(decided, facts.decided)
    put(signed_stage(route), facts.signed)
    after: date | None = None
    fitting = {}
    for stage in reversed(stages):
        told = found.get(stage)
        if told and (after is None or told.day <= after):
            fitting[stage], after = told, told.day
    return dict(reversed(fitting.items()))


def begins_on(route: Route, told: Mapping[StageKey, Told]) -> date | None:
    """The day to lay a route out from, so that it comes to the first day told at the usual pace."""
    lengths = STAGES[route]
    stages = [*dict(lengths), StageKey.IN_USE]
    first = next((stage for stage in stages if stage in told), None)
    if first is None:
        return None
    day = told[first].day
    for stage, length in lengths:
        if stage is first:
            break
        day = date.fromordinal(max(1, day.toordinal() - length.usual))
    return day


def in_line(
    laid: Sequence[Milestone], told: Mapping[StageKey, Told]
) -> list[tuple[Milestone, date, date | None]]:
    """A route laid out around days told: each milestone, its day, and when it has been.

    No estimate stands after a later day that was told, and what comes before something that has
    been has been as well, on its own day at the latest.
    """
    found = []
    after: date | None = None
    been: date | None = None
    for one in reversed(laid):
        known = told.get(one.stage)
        day = known.day if known else one.day if after is None else min(one.day, after)
        if known and known.has_been:
            been = known.day
        reached = (min(day, been) if been else None) if not (known and known.has_been) else day
        if known or after is not None:
            after = day
        found.append((one, day, reached))
    return found[::-1]
