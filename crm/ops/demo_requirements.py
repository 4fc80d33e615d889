"""The demonstration's needs, requirements, answers and one comparison. All of it is made up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from crm.accounts.models import User
from crm.activities.models import WRITTEN_BY_HAND, Activity
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.procurements.models import Procurement, ProcurementCase
from crm.requirements import operations
from crm.requirements.models import Answer, Need, Requirement
from crm.requirements.operations import Told
from crm.rules.comparison import read_list
from crm.rules.requirements import (
    AnswerState,
    Area,
    Held,
    InUse,
    NeedKind,
    NeedSource,
    RequirementKind,
    RequirementStatus,
    RestsOn,
    Threshold,
)
from crm.rules.stages import CaseState


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A requirement of the story, with what different people said of it."""

    text: str
    area: Area
    kind: RequirementKind
    status: RequirementStatus
    voices: int
    said: tuple[str, ...]
    used: int = 0  # how many of the voices have tried it
    answer: str = ""


_ANSWERS: Final = (
    ("Var lagras uppgifterna?", Area.DATA_PROTECTION, AnswerState.MET, 40,
     "I Sverige, hos en leverantör med avtal om behandling. Inget lämnar EU/EES."),
    ("Hur loggar man in?", Area.INTEGRATION, AnswerState.MET, 60,
     "Med kommunens egen inloggning genom SAML eller OpenID Connect."),
    ("Uppfyller tjänsten WCAG 2.2 AA?", Area.ACCESSIBILITY, AnswerState.PLANNED, 90,
     "Alla sidor utom rapporterna är granskade. Rapporterna blir klara till den angivna dagen."),
    ("Hur hanteras säkerhetsincidenter?", Area.SECURITY, AnswerState.MET, 400,
     "Inom 24 timmar till kundens kontaktperson, med vad som hänt och vad vi gör."),
    ("Hämtas klasslistor från elevregistret?", Area.INTEGRATION, AnswerState.NOT_MET, 20,
     "Inte i dag. Listan läses in som fil."),
)  # fmt: skip

_WANTED: Final = (
    _Wanted(
        "Användare ska kunna logga in med organisationens vanliga konto",
        Area.INTEGRATION, RequirementKind.MUST, RequirementStatus.IN_DRAFT, 14,
        ("Vi vill logga in med samma konto som i allt annat",
         "Eleverna glömmer ännu ett lösenord, det måste gå med det vanliga kontot",
         "IT säger nej om det inte går med vår egen inloggning"),
        used=6, answer="Hur loggar man in?",
    ),
    _Wanted(
        "Texten ska kunna läsas upp för eleven",
        Area.ACCESSIBILITY, RequirementKind.MUST, RequirementStatus.CONFIRMED, 9,
        ("Det ska gå att få texten uppläst",
         "Flera av mina elever behöver höra texten"),
        used=7, answer="Uppfyller tjänsten WCAG 2.2 AA?",
    ),
    _Wanted(
        "Klasslistor ska hämtas automatiskt från elevregistret",
        Area.INTEGRATION, RequirementKind.SHOULD, RequirementStatus.WISH, 8,
        ("Klasslistorna måste komma in av sig själva",
         "Att skriva in klasserna för hand tog en hel dag"),
        used=5, answer="Hämtas klasslistor från elevregistret?",
    ),
    _Wanted(
        "Personuppgifter ska behandlas inom EU/EES",
        Area.DATA_PROTECTION, RequirementKind.MUST, RequirementStatus.IN_TENDER, 6,
        ("Dataskyddsombudet frågar först var uppgifterna ligger",
         "Uppgifter om elever får inte lämna EU"),
        answer="Var lagras uppgifterna?",
    ),
    _Wanted(
        "Supporten ska svara snabbt och på svenska",
        Area.SUPPORT, RequirementKind.SHOULD, RequirementStatus.WISH, 5,
        ("Supporten ska svara på svenska, helst samma dag",),
        used=3,
    ),
    _Wanted(
        "Vikarier ska kunna börja samma dag utan administratör",
        Area.FUNCTION, RequirementKind.SHOULD, RequirementStatus.CONFIRMED, 4,
        ("En vikarie måste komma igång på morgonen",
         "Vikarierna står utan allt första dagen"),
        used=4,
    ),
    _Wanted(
        "Utbildning för personalen ska ingå vid starten",
        Area.TRAINING, RequirementKind.SHOULD, RequirementStatus.WISH, 4,
        ("Vi behöver en eftermiddag med arbetslaget när vi börjar",),
    ),
    _Wanted(  # the same once more, to be joined
        "Eleverna loggar in med kommunens vanliga konto",
        Area.INTEGRATION, RequirementKind.SHOULD, RequirementStatus.WISH, 2,
        ("Eleverna behöver logga in med kommunens konto",),
    ),
    _Wanted(
        "Vad kostar tjänsten för en enda enhet?",
        Area.PRICE, RequirementKind.QUESTION, RequirementStatus.WISH, 3,
        ("Vad blir det för bara vår skola?",),
    ),
)  # fmt: skip

_THRESHOLDS: Final = (
    (Threshold.LOG_IN, Held.STOPPED, Area.INTEGRATION, "Vi kom inte igång, kontona fanns inte"),
    (Threshold.AGREEMENT, Held.SLOWED, Area.DATA_PROTECTION, "Avtalet låg tre månader hos jurist"),
    (Threshold.DATA_PROTECTION, Held.STOPPED, Area.SECURITY, "Klassningen var inte gjord"),
    (Threshold.LOG_IN, Held.SLOWED, Area.INTEGRATION, "Halva klassen kom inte in i början"),
    (Threshold.PRICE, Held.SLOWED, Area.PRICE, "Rektorn visste inte vad det skulle kosta"),
    (Threshold.INSTALLATION, Held.SLOWED, Area.OPERATIONS, "Appen fick inte installeras"),
)  # fmt: skip

_IN_USE: Final = (
    ("Kalkylblad", InUse.UNOFFICIAL, "Vi har ett kalkylblad som bara jag förstår"),
    ("Gratisversionen", InUse.PRIVATE, "Jag använder gratisversionen hemma"),
    ("Papperslistor", InUse.OFFICIAL, "Vi prickar av på papper"),
    ("Kalkylblad", InUse.UNOFFICIAL, "Arbetslaget delar ett kalkylblad"),
    ("Gratisversionen", InUse.PRIVATE, "Flera av oss har egna konton"),
)

_PUBLISHED: Final = """\
3.1.1 Användare ska kunna logga in med kommunens vanliga konto
3.1.2 Klasslistor ska hämtas automatiskt från elevregistret varje natt
3.2.1 Personuppgifter ska behandlas inom EU/EES
3.2.2 Leverantören ska ha tecknat försäkring för ansvar
3.3.1 Texten bör kunna läsas upp för eleven
3.4.1 Beskriv hur utbildning för personalen går till vid starten"""


def tell(team: dict[str, User], today: date, now: datetime) -> None:
    """Needs from many bodies, what they became, our answers, and a published list."""
    people = _people()
    answers = {one[0]: _answer(team["manager"], today, *one) for one in _ANSWERS}
    for number, wanted in enumerate(_WANTED):
        _grow(wanted, people[number * 5 :] + people, team, answers, today, now)
    for number, (threshold, held, area, words) in enumerate(_THRESHOLDS):
        told = Told(kind=NeedKind.THRESHOLD, threshold=threshold, held=held)
        _say(words, people[number * 7 % len(people)], area, told, team, today, now, number)
    for number, (tool, how, words) in enumerate(_IN_USE):
        told = Told(kind=NeedKind.IN_USE, in_use=how, tool=tool)
        person = people[(number * 11 + 3) % len(people)]
        _say(words, person, Area.FUNCTION, told, team, today, now, number)
    case, procurement = _being_bought()
    if case is not None:
        _voices_of(case, people, team, today, now)
        _compare(case, procurement, team["manager"], now)


_Said = tuple[Person, Organisation, Activity]


def _answer(
    owner: User,
    today: date,
    title: str,
    area: Area,
    state: AnswerState,
    days: int,
    text: str,
) -> Answer:
    """`days`: until when it is planned, or since it was checked."""
    planned = today + timedelta(days=days) if state is AnswerState.PLANNED else None
    made = operations.write_answer(
        None,
        title=title,
        text=text,
        area=area,
        state=state,
        planned_on=planned,
        evidence="Demonstration: påhittat",
        owner=owner,
        today=today,
    )
    if planned is None:
        made.checked_on = today - timedelta(days=days)
    return made


def _people() -> list[_Said]:
    """One entry of the story for each person who has one, from as many bodies as there are."""
    first = (
        sa.select(sa.func.max(Activity.id))
        .where(Activity.kind.in_(WRITTEN_BY_HAND), Activity.person_id.is_not(None))
        .group_by(Activity.person_id)
    )
    found = db.session.execute(
        sa.select(Person, Organisation, Activity)
        .join(Activity, Activity.person_id == Person.id)
        .join(Organisation, Organisation.id == Activity.organisation_id)
        .where(Activity.id.in_(first))
        .order_by(Organisation.body_id, Person.id)
    ).all()
    by_body: dict[int | None, list[_Said]] = {}
    for person, organisation, activity in found:
        by_body.setdefault(organisation.body_id, []).append((person, organisation, activity))
    mixed: list[_Said] = []
    for place in range(max((len(one) for one in by_body.values()), default=0)):
        mixed += [one[place] for one in by_body.values() if place < len(one)]
    return mixed


def _grow(
    wanted: _Wanted,
    people: Sequence[_Said],
    team: dict[str, User],
    answers: dict[str, Answer],
    today: date,
    now: datetime,
) -> None:
    """Voices of many, a first wording in the words of one, and then ours."""
    needs = []
    for number, said in enumerate(people[: wanted.voices]):
        tried = number < wanted.used
        told = Told(
            rests_on=RestsOn.USE if tried else RestsOn.EXPECTED,
            used_weeks=3 + 2 * number if tried else None,
            users=6 + number if tried else None,
        )
        words = wanted.said[number % len(wanted.said)]
        needs.append(_say(words, said, wanted.area, told, team, today, now, number))
    made = operations.begin_requirement(
        wanted.said[0],
        kind=wanted.kind,
        area=wanted.area,
        status=wanted.status,
        needs=needs,
        by=team["rep"],
        now=now - timedelta(days=30),
    )
    operations.edit_requirement(
        made,
        text=wanted.text,
        kind=wanted.kind,
        area=wanted.area,
        status=wanted.status,
        answer=answers.get(wanted.answer),
        why="Samma sak sagd på flera håll",
        need=needs[-1] if needs else None,
        by=team["manager"],
        now=now - timedelta(days=20),
    )


def _say(
    words: str,
    said: _Said,
    area: Area,
    told: Told,
    team: dict[str, User],
    today: date,
    now: datetime,
    number: int,
) -> Need:
    person, organisation, activity = said
    return operations.capture_need(
        words,
        person,
        organisation,
        min(today, clock.local(activity.at).date()),
        area=area,
        told=told,
        source=(NeedSource.CALL, NeedSource.MEETING, NeedSource.NOTE)[number % 3],
        activity_id=activity.id,
        by=team["rep"],
        today=today,
        now=now,
    )


def _being_bought() -> tuple[Case | None, Procurement | None]:
    """An open case whose body is buying, or else any."""
    found = db.session.execute(
        sa.select(Case, Procurement)
        .join(ProcurementCase, ProcurementCase.case_id == Case.id)
        .join(Procurement, Procurement.id == ProcurementCase.procurement_id)
        .where(Case.state == CaseState.OPEN)
        .order_by(Case.id)
        .limit(1)
    ).first()
    if found is not None:
        return found[0], found[1]
    return db.session.scalar(sa.select(Case).order_by(Case.id).limit(1)), None


def _voices_of(
    case: Case, people: Sequence[_Said], team: dict[str, User], today: date, now: datetime
) -> None:
    """Several there have said what others say elsewhere."""
    there = [one for one in people if one[1].body_id == case.body_id]
    made = {one.text: one for one in db.session.scalars(sa.select(Requirement))}
    for number, wanted in enumerate(_WANTED[:6] if there else ()):
        requirement = made[wanted.text]
        tried = number % 2 == 0
        told = Told(
            rests_on=RestsOn.USE if tried else RestsOn.EXPECTED,
            used_weeks=4 + number if tried else None,
            users=9 if tried else None,
        )
        said, words = there[number % len(there)], wanted.said[-1]
        need = _say(words, said, requirement.area, told, team, today, now, number)
        operations.group(need, requirement)


def _compare(case: Case, procurement: Procurement | None, by: User, now: datetime) -> None:
    """The list that was published, beside ours."""
    operations.compare_list(
        case, procurement, "Kravlista i annonsen", read_list(_PUBLISHED), by=by, now=now
    )
