"""The demonstration's anchoring: maps that grew over months, gates on their way, remarks, lines
between people and references. All of the people are fictional."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.anchoring import operations, queries
from crm.anchoring.models import MapLine
from crm.cases import operations as stages
from crm.cases import queries as cases
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people.models import Person, Post
from crm.rules.anchoring import Stance
from crm.rules.functions import Function, function_of_title
from crm.rules.gate import GateState, GateStep
from crm.rules.relations import RelationKind
from crm.rules.stages import AdoptionStage, CaseRole, CaseState, Outcome, ProcurementStage
from crm.trials import operations as trials

Do = Callable[[datetime], object]

_BUYING = (
    ProcurementStage.UNDECIDED,
    ProcurementStage.EARLY_DIALOGUE,
    ProcurementStage.PREPARING,
)
_QUESTIONS = {
    Function.IT: "Vem lägger upp kontona när någon börjar mitt i terminen?",
    Function.SYSTEM_OWNER: "Ersätter det något av det vi redan förvaltar?",
    Function.MANAGEMENT: "Vad kostar det per år om alla ska ha det?",
    Function.ECONOMY: "Blir det drift eller investering?",
}
_REMARKS = (
    (
        Function.ADMINISTRATION,
        GateStep.INTEGRATION,
        "Om klasslistorna måste matas in för hand blir det vi som gör det, två gånger om året.",
        "Listorna läses in från elevregistret varje natt; ingen matar in dem.",
    ),
    (
        Function.ARCHIVE,
        GateStep.ARCHIVE,
        "Vi måste kunna ta ut det som ska bevaras när en elev slutar, inte bara vid avtalets slut.",
        "",
    ),
)


def events(by: User) -> list[tuple[int, Do]]:
    """(days ago, what happened), in no particular order."""
    return [
        (150, _first_maps(by)),
        (55, _second_maps(by)),
        (40, _gates(by)),
        (30, _remarks(by)),
        (90, _lines(by)),
        (80, _references(by)),
        (20, _asked(by)),
        (35, _times()),
        (4, _pilot_ahead(by)),
    ]


def _cases_buying(number: int) -> list[Case]:
    ids = db.session.scalars(
        sa.select(Case.id)
        .where(Case.state != CaseState.CLOSED, Case.procurement.in_(_BUYING))
        .order_by(Case.id)
        .limit(number)
    ).all()
    return [cases.get(ident) for ident in ids]


def _staff(body_id: int) -> list[tuple[Person, str, int]]:
    """Who works at the body now: the person, the title and where, in the order they came."""
    rows = db.session.execute(
        sa.select(Person, Post.title, Post.organisation_id)
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Organisation.body_id == body_id, Post.ended_on.is_(None))
        .order_by(Post.id)
    )
    return [(person, title, place) for person, title, place in rows]


def _write(
    case: Case,
    function: Function,
    by: User,
    today: date,
    *,
    there: MapLine | None = None,
    person: Person | None = None,
    who: str = "",
    stance: Stance = Stance.UNKNOWN,
    since: date | None = None,
    question: str = "",
) -> None:
    operations.write_line(
        case,
        there,
        function=function,
        person=person,
        who=who,
        stance=stance,
        since=since,
        question=question,
        by=by,
        today=today,
    )


def _first_maps(by: User) -> Do:
    """Early on: who is known, and a place kept open for the head."""

    def do(now: datetime) -> None:
        today = clock.local(now).date()
        for case in _under_way(6):
            for person, title, _place in _staff(case.body_id)[:6]:
                function = function_of_title(title)
                if function in (None, Function.USERS, Function.IT, Function.DATA_PROTECTION):
                    continue
                _write(
                    case, function, by, today, person=person, question=_QUESTIONS.get(function, "")
                )
            _write(case, Function.MANAGEMENT, by, today, who="förvaltningschefen")

    return do


def _under_way(number: int) -> list[Case]:
    ids = db.session.scalars(
        sa.select(Case.id).where(Case.state != CaseState.CLOSED).order_by(Case.id).limit(number)
    ).all()
    return [cases.get(ident) for ident in ids]


def _second_maps(by: User) -> Do:
    """Months later: some are in, with what they think."""

    def do(now: datetime) -> None:
        today = clock.local(now).date()
        rows = db.session.scalars(
            sa.select(MapLine)
            .where(MapLine.until_on.is_(None))
            .order_by(MapLine.id)
            .options(joinedload(MapLine.person))
        ).all()
        stances = (Stance.FOR, Stance.NEUTRAL, Stance.DOUBTFUL, Stance.FOR)
        for number, row in enumerate(rows):
            if row.person is None or number % 3 == 2:
                continue
            _write(
                cases.get(row.case_id),
                row.function,
                by,
                today,
                there=row,
                person=row.person,
                stance=stances[number % len(stances)],
                since=today - timedelta(days=7 * (number % 5)),
                question=row.question if number % 2 else "",
            )
        for case in _cases_buying(2):
            _write(
                case,
                Function.ADMINISTRATION,
                by,
                today,
                who="skoladministratörerna",
                stance=Stance.DOUBTFUL,
                since=today,
            )
            _write(case, Function.ECONOMY, by, today, who="controllern", since=today)

    return do


def _gates(by: User) -> Do:
    """Steps on their way, in the second case that buys: the first still lacks its functions."""

    def do(now: datetime) -> None:
        today = clock.local(now).date()
        for case in _cases_buying(4)[1:]:
            for step, owner, state, begun, done, evidence in (
                (
                    GateStep.REVIEW,
                    Function.DIGITALISATION,
                    GateState.DONE,
                    90,
                    50,
                    "Listan över godkända verktyg, rad 112",
                ),
                (
                    GateStep.PROCESSING_AGREEMENT,
                    Function.MANAGEMENT,
                    GateState.UNDER_WAY,
                    20,
                    None,
                    "Utkast hos nämndsekreteraren",
                ),
                (GateStep.CLASSIFICATION, Function.SYSTEM_OWNER, GateState.ASKED, 5, None, ""),
                (GateStep.INTEGRATION, Function.IT, GateState.ASKED, 12, None, ""),
                (
                    GateStep.UNION,
                    Function.UNION,
                    GateState.NOT_NEEDED,
                    None,
                    30,
                    "Samverkan på enheten räcker, enligt HR",
                ),
            ):
                operations.set_step(
                    case,
                    step,
                    owner=owner,
                    state=state,
                    begun_on=today - timedelta(days=begun) if begun else None,
                    done_on=today - timedelta(days=done) if done else None,
                    evidence=evidence,
                    today=today,
                )

    return do


def _times() -> Do:
    """What we have learnt: the archive takes longer than one thinks, and one body is slow."""

    def do(now: datetime) -> None:
        operations.set_times({GateStep.ARCHIVE: (2, 6)})
        for case in _cases_buying(2)[1:]:
            operations.set_times({GateStep.CLASSIFICATION: (6, 10)}, case.body)

    return do


def _pilot_ahead(by: User) -> Do:
    """A pilot with personal data that begins in some weeks, where nobody of IT has been asked."""

    def do(now: datetime) -> None:
        today = clock.local(now).date()
        ident = db.session.scalar(
            sa.select(Case.id)
            .where(
                Case.state == CaseState.OPEN,
                Case.adoption == AdoptionStage.COLLEAGUES,
                Case.procurement == ProcurementStage.NONE,
            )
            .order_by(Case.id)
            .limit(1)
        )
        if ident is None:
            return
        case = cases.get(ident)
        stages.answer_personal_data(case, True)
        trials.plan_pilot(
            case,
            case.organisation,
            starts_on=today + timedelta(weeks=6),
            ends_on=today + timedelta(weeks=14),
            evaluates="Hinner fler elever få stöd varje vecka?",
            questions="Hur ofta används det? Vad tar tid?",
            by=by,
            now=now,
        )

    return do


def _remarks(by: User) -> Do:
    def do(now: datetime) -> None:
        today = clock.local(now).date()
        for nth, case in enumerate(_cases_buying(2)):
            for function, step, words, answer in _REMARKS:
                made = operations.note_remark(
                    case,
                    function=function,
                    step=step,
                    person=None,
                    words=words,
                    said_on=today,
                    by=by,
                    today=today,
                    now=now,
                )
                if answer:
                    operations.answer_remark(made, answer, today=today)
                elif nth == 0:
                    operations.make_need(made, case, by=by, today=today, now=now)

    return do


def _lines(by: User) -> Do:
    """In the first bodies: some report to a head, one has the ear of the head, two differ."""

    def do(now: datetime) -> None:
        today = clock.local(now).date()
        for case in _under_way(3):
            staff = _staff(case.body_id)[:6]
            if len(staff) < 3:
                continue
            head = next(
                (one for one in staff if function_of_title(one[1]) is Function.UNIT_HEAD), staff[0]
            )
            others = [one for one in staff if one[0].id != head[0].id]
            body = case.body
            for person, _title, _place in others[:3]:
                operations.relate(
                    body, person, head[0], RelationKind.REPORTS_TO, note="", by=by, today=today
                )
            operations.relate(
                body,
                others[0][0],
                head[0],
                RelationKind.INFLUENCES,
                note="Frågas alltid först",
                by=by,
                today=today,
            )
            if len(others) > 3:
                operations.relate(
                    body,
                    others[0][0],
                    others[3][0],
                    RelationKind.CONFLICT,
                    note="Olika syn på molntjänster",
                    by=by,
                    today=today,
                )

    return do


def _references(by: User) -> Do:
    """Champions of cases that were won, or that are in wide use, have agreed to be asked."""

    def do(now: datetime) -> None:
        today = clock.local(now).date()
        for number, (person, place) in enumerate(_champions()):
            operations.consent(
                person,
                place,
                consented_on=today,
                a_year=1 + number % 3,
                uses=("Hela skolan, varje vecka", "Ett arbetslag sedan förra året")[number % 2],
                systems=("Skola24, Teams", "Unikum", "Procapita")[number % 3],
                by=by,
                today=today,
            )

    return do


def _champions() -> Sequence[tuple[Person, Organisation]]:
    ids = db.session.scalars(
        sa.select(Case.id)
        .where(sa.or_(Case.outcome == Outcome.WON, Case.procurement == ProcurementStage.PREPARING))
        .order_by(Case.id)
    ).all()
    found: dict[int, tuple[Person, Organisation]] = {}
    for ident in ids:
        case = cases.get(ident)
        for held in case.people:
            if held.role is CaseRole.CHAMPION and held.ended_on is None:
                for person, _title, place in _staff(case.body_id):
                    if person.id == held.person_id and person.objected_on is None:
                        found[person.id] = person, db.session.get_one(Organisation, place)
    return list(found.values())[:6]


def _asked(by: User) -> Do:
    def do(now: datetime) -> None:
        today = clock.local(now).date()
        for case, person in zip(_cases_buying(2), _champions()[:2], strict=False):
            for row in queries.references_of(person[0].id)[:1]:
                operations.ask_reference(row.id, case, by=by, today=today)

    return do
