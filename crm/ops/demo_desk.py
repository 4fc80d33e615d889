"""The demonstration's desk: a tender under way, prices that were shared, and what was asked for.

All made up, and always so many days from today: a tender with its list half done, an agreement with
units that is to be noticed, a price sheet with its link, a records request that waits for its
answer, and a procurement that came in as notices and has its result.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from crm.accounts import vendor
from crm.accounts.models import User
from crm.accounts.vendor import VendorFacts
from crm.adapters.notices.upload import FileResult
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.contracts import operations as contracts
from crm.contracts.operations import Facts
from crm.core import clock
from crm.core.clock import STOCKHOLM
from crm.core.db import db
from crm.kits import operations as kits
from crm.kits import queries as kit_queries
from crm.kits.operations import Parts
from crm.organisations.models import Organisation
from crm.pricing import operations as pricing
from crm.pricing import queries as prices
from crm.procurements import notices, operations, queries
from crm.procurements.forecasts import everyday
from crm.records import operations as records
from crm.records.models import RequestChannel
from crm.rules.calendar import ONE_DAY, next_working_day, previous_working_day
from crm.rules.contracts import ContractKind
from crm.rules.kinds import OrganisationKind
from crm.rules.milestones import lay_out
from crm.rules.notices import (
    Award,
    AwardStatus,
    ContactPoint,
    Contract,
    Criterion,
    CriterionKind,
    Deadline,
    DeadlineKind,
    LengthUnit,
    Lot,
    Money,
    Notice,
    NoticeKind,
    NoticeSource,
    Party,
    Period,
    ProcedureType,
    WeightUnit,
    Words,
)
from crm.rules.precision import add_months
from crm.rules.pricing import Rung, Scenario
from crm.rules.records_letter import About, RequestKind, letter
from crm.rules.routes import Route, StageKey
from crm.rules.stages import CaseState, Outcome
from crm.rules.tendering import Decision
from crm.tenders import operations as tenders
from crm.tenders import queries as desk

Do = Callable[[datetime], object]
Event = tuple[int, Do]

_SUMMARY: Final = (
    "Läsverktyget läser upp och förklarar texter, så att fler elever klarar samma uppgift.\n\n"
    "Två enheter hos er använder det redan. Det som återstår är att bestämma om fler ska få göra "
    "det, och vad det kostar.\n\n"
    "Det här kan ni titta på tillsammans: priser för olika omfattning, hur vi hanterar säkerhet "
    "och personuppgifter, och någon att fråga som använder det i dag."
)

US: Final = VendorFacts(
    name="Lagerkrans Lärverktyg AB",
    address="Påhittade gatan 1, 000 00 Exempelstad",
    phone="08-465 004 10",  # from the numbers that PTS keeps for made-up stories
    email="hej@lagerkrans.example",
)


def events(bodies: Sequence[Organisation], team: dict[str, User], today: date) -> list[Event]:
    """What happened, and how many days ago. `bodies` are municipalities, the first with units."""
    first, others, last = bodies[0].id, [body.id for body in bodies[1:-1]], bodies[-1].id
    return [
        (300, lambda _now: vendor.save(vendor.row(), US)),
        (290, lambda now: _with_units(first, team["manager"], today, now)),
        (12, lambda now: _share(first, team["rep"], now)),
        (9, lambda now: _tender(others, team, now)),
        (9, lambda now: _application(others, team["manager"], now)),
        (8, lambda now: _ask(team["manager"], now)),
        (3, lambda now: _import(last, team["manager"], now)),
    ]


def _with_units(body_id: int, by: User, today: date, now: datetime) -> None:
    """Two units that pay already: one agreement ends after a day of notice, one runs until it."""
    month = today.replace(day=1)
    units = db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.body_id == body_id, Organisation.kind == OrganisationKind.UNIT)
        .order_by(Organisation.id)
        .limit(2)
    )
    for number, unit in enumerate(units):
        contracts.add(
            unit,
            Facts(
                kind=ContractKind.OWN,
                title=f"Läsverktyg, {unit.name}",
                starts_on=add_months(month, -9),
                ends_on=None if number else add_months(month, 5) - ONE_DAY,
                open_ended=bool(number),
                notice_months=3,
                yearly_ore=(9_900_00, 12_000_00)[number],
                source="Vårt avtal",
            ),
            options=() if number else (12,),
            by=by,
            today=clock.local(now).date(),
            now=now,
        )


def _share(body_id: int, by: User, now: datetime) -> None:
    """A price example that was asked for, with a link that is open for three months."""
    case = _case_at(body_id)
    if case is None:
        return
    today = clock.local(now).date()
    known = prices.known(case, today)
    if known.product is None:
        return
    starts = date(today.year + 1, 1, 1)
    size = Scenario(units=2, units_all=3, inhabitants=case.body.population)
    pricing.keep_scenario(case, known.product.id, size, starts_on=starts, chosen=Rung.SEVERAL_UNITS)
    for is_exact, language in ((False, "sv"), (True, "sv")):
        pricing.share_sheet(
            prices.known(case, today),
            is_exact=is_exact,
            language=language,
            valid_until=today + timedelta(days=90),
            by=by,
            now=now,
        )


def kit(body_id: int, by: User, now: datetime) -> None:
    """Once there are answers: what the champion got to show, with the spans that were shared."""
    case = _case_at(body_id)
    people = kit_queries.champions(cases.get(case.id)) if case is not None else []
    if case is None or not people:
        return
    today = clock.local(now).date()
    case = cases.get(case.id)
    sheet = next((one for one in prices.sheets_of(case.id) if not one.is_exact), None)
    kits.share(
        case,
        people[0],
        Parts(
            summary=_SUMMARY.replace("Läsverktyget", ", ".join(one.name for one in case.products)),
            sheet_id=sheet.id if sheet is not None else None,
            rungs=tuple(Rung) if sheet is not None else (),
            answer_ids=tuple(one.answer.id for one in kit_queries.answers(today) if one.holds),
            reference_ids=tuple(
                one.reference.id for one in kit_queries.references(case, today)[:1]
            ),
        ),
        language="sv",
        valid_until=today + timedelta(days=60),
        kept_at=f"/kits/cases/{case.id}#kit-",
        by=by,
        today=today,
        now=now,
    )
    kits.ask(
        kit_queries.kits_of(case.id)[0],
        question="Behöver IT göra något för att vi ska kunna prova en termin?",
        name="Åsa på it-enheten",
        email="asa.it@kommunen.example",
        now=now,
    )


def _tender(body_ids: Sequence[int], team: dict[str, User], now: datetime) -> None:
    """The notice is out: questions are due in a week, the list is half done, and we go."""
    case = next((found for one in body_ids if (found := _case_at(one)) is not None), None)
    body_id = case.body_id if case is not None else body_ids[0]
    day, rep, manager = clock.local(now).date(), team["rep"], team["manager"]
    body = db.session.get_one(Organisation, body_id)
    begins = next_working_day(day - timedelta(days=80))
    tenders_due = previous_working_day(day + timedelta(days=27))
    procurement = operations.open_procurement(
        body, title=f"Läs- och skrivstöd, {body.name}", case=case, by=manager, now=now
    )
    operations.lay(
        procurement,
        Route.BELOW_THRESHOLD,
        lay_out(
            Route.BELOW_THRESHOLD,
            begins,
            everyday(body.kind, body.county_code, begins),
            known={StageKey.MARKET: day, StageKey.EVALUATION: tenders_due},
        ),
        by=manager,
        today=begins,
        now=now,
    )
    plan = queries.plan_that_holds(procurement.id)
    if plan is not None:
        market = queries.milestone_of(plan, StageKey.MARKET)
        operations.reach(plan, market, day, by=manager, today=day, now=now)
    procurement.reference = "UN 2026/214"
    procurement.cpv = "48190000"
    procurement.value_ore = 1_400_000_00
    procurement.questions_due_at = _end_of(previous_working_day(day + timedelta(days=16)))
    procurement.tenders_due_at = _end_of(tenders_due)
    procurement.tenders_valid_until = add_months(day, 6)
    tender = tenders.begin(procurement, by=rep, now=now)
    for number, item in enumerate(list(desk.items_of(tender.id))[:5]):
        tenders.do_item(tender, item, by=rep, now=now)
        if number < 2:  # the others wait for a second person
            tenders.check_item(tender, item, by=manager, now=now)
    points = {
        one.id: ((4, 3, 5, 2)[number % 4], "")
        for number, one in enumerate(desk.criteria_of(tender.sheet_id))
    }
    tenders.weigh(tender, points)
    tenders.decide(
        tender, Decision.GO, "De har provat hos oss, och kraven passar.", by=manager, now=now
    )


def _application(body_ids: Sequence[int], by: User, now: datetime) -> None:
    """A selective procedure: who wants to tender has to apply first, in two weeks."""
    cases_there = [found for one in body_ids if (found := _case_at(one)) is not None]
    if len(cases_there) < 2:  # the first has a tender under way
        return
    case, day = cases_there[1], clock.local(now).date()
    body = db.session.get_one(Organisation, case.body_id)
    begins = next_working_day(day - timedelta(days=100))
    procurement = operations.open_procurement(
        body, title=f"Skrivstöd i flera förvaltningar, {body.name}", case=case, by=by, now=now
    )
    operations.lay(
        procurement,
        Route.SELECTIVE,
        lay_out(
            Route.SELECTIVE,
            begins,
            everyday(body.kind, body.county_code, begins),
            known={StageKey.APPLICATION: day},
        ),
        by=by,
        today=begins,
        now=now,
    )
    plan = queries.plan_that_holds(procurement.id)
    if plan is not None:
        operations.reach(
            plan, queries.milestone_of(plan, StageKey.APPLICATION), day, by=by, today=day, now=now
        )
    procurement.reference = "KS 2026/1187"
    procurement.cpv = "48190000"
    procurement.requests_due_at = _end_of(previous_working_day(day + timedelta(days=33)))


def _ask(by: User, now: datetime) -> None:
    """After a lost procurement: what decided it is asked for, and the answer has not come yet."""
    lost = db.session.scalar(
        sa.select(Case).where(Case.outcome == Outcome.LOST).order_by(Case.id).limit(1)
    )
    if lost is None:
        return
    day = clock.local(now).date()
    body = db.session.get_one(Organisation, lost.body_id)
    signed = f"{by.name}\n{US.heading}\n{US.contact}"
    records.ask(
        body,
        title=lost.title,
        kind=RequestKind.AWARD,
        asked=letter(RequestKind.AWARD, About(body.title, lost.title, sender=signed)),
        asked_on=day,
        channel=RequestChannel.EMAIL,
        sent_to="registrator@kommun.example",
        reference="",
        follow_up_on=next_working_day(day + timedelta(days=12)),
        case=lost,
        by=by,
        today=day,
        now=now,
    )


def _import(body_id: int, by: User, now: datetime) -> None:
    """A call and its result, as they are published: the body bought from somebody else."""
    body, day = db.session.get_one(Organisation, body_id), clock.local(now).date()
    due = _end_of(day - timedelta(days=70))
    signed = day - timedelta(days=5)
    call = Notice(
        source=NoticeSource.EFORMS,
        kind=NoticeKind.COMPETITION,
        about=NoticeKind.COMPETITION,
        id="6a1f0c52-0000-4000-8000-000000000001",
        version=1,
        publication_number=f"310204-{day.year}",
        published=day - timedelta(days=109),
        dispatched=day - timedelta(days=110),
        procedure_id="6a1f0c52-0000-4000-8000-0000000000aa",
        buyers=(Party(_sv(body.name), number=body.org_number, country="SE"),),
        title=_sv(f"Digitala läromedel och lässtöd, {body.name}"),
        reference=f"BUN {day.year}/88",
        cpv="48190000",
        legal_basis="32014L0024",
        procedure=ProcedureType.OPEN,
        estimated=Money(3_200_000_00, "SEK"),
        deadlines=(Deadline(DeadlineKind.TENDERS, due.date(), due, due, due.isoformat()),),
        contact=ContactPoint("Upphandlingsenheten", "upphandling@kommun.example", "010-000 00 00"),
        lots=(
            Lot(
                "LOT-0001",
                _sv("Digitala läromedel och lässtöd"),
                criteria=(
                    _weighed(CriterionKind.PRICE, "Pris", "50"),
                    _weighed(CriterionKind.QUALITY, "Stöd för läsning och skrivning", "35"),
                    _weighed(CriterionKind.QUALITY, "Införande och utbildning", "15"),
                ),
                validity=Period(length=6, unit=LengthUnit.MONTH),
            ),
        ),
    )
    result = Notice(
        source=NoticeSource.EFORMS,
        kind=NoticeKind.RESULT,
        about=NoticeKind.RESULT,
        id="6a1f0c52-0000-4000-8000-000000000002",
        version=1,
        publication_number=f"402511-{day.year}",
        published=day - timedelta(days=2),
        dispatched=day - timedelta(days=3),
        procedure_id=call.procedure_id,
        previous=(f"310204-{day.year}",),
        buyers=call.buyers,
        title=call.title,
        reference=call.reference,
        cpv=call.cpv,
        legal_basis=call.legal_basis,
        procedure=ProcedureType.OPEN,
        total=Money(2_940_000_00, "SEK"),
        awards=(
            Award(
                id="TEN-0001",
                lots=("LOT-0001",),
                status=AwardStatus.AWARDED,
                winners=(Party(_sv("Läsrutan Exempel AB"), country="SE"),),
                value=Money(2_940_000_00, "SEK"),
                tenders=4,
                contracts=(
                    Contract(
                        id="CON-0001",
                        decided=signed - timedelta(days=20),
                        signed=signed,
                        period=Period(start=signed, end=add_months(signed, 24) - ONE_DAY),
                    ),
                ),
            ),
        ),
    )
    made = notices.begin("ted-annonser.zip", by=by, now=now)
    files = [
        FileResult(name, (one,), digest=hashlib.sha256(name.encode()).hexdigest())
        for name, one in (("annons.xml", call), ("resultat.xml", result))
    ]
    notices.store(made.id, list(notices.items(files)), notices.Run(by, day, now))
    notices.finish(made.id, now=now)


def _case_at(body_id: int) -> Case | None:
    found = db.session.scalar(
        sa.select(Case.id)
        .where(Case.body_id == body_id, Case.state == CaseState.OPEN)
        .order_by(Case.id)
        .limit(1)
    )
    return cases.get(found) if found is not None else None


def _weighed(kind: CriterionKind, name: str, percent: str) -> Criterion:
    return Criterion(kind, _sv(name), weight=percent, unit=WeightUnit.PERCENT)


def _sv(text: str) -> Words:
    return Words((("sv", text),))


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59), STOCKHOLM)
