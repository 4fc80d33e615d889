"""What the demonstration's champions did: showed it, told colleagues, brought in IT; all made up.

Each buyer has its own pace, so that some champions are strong, some have gone quiet and some only
help us. Chance is not asked: the same buyer always goes the same way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from crm.accounts.models import User
from crm.cases.models import Case, CasePerson
from crm.champions.operations import Done, write
from crm.core.clock import STOCKHOLM, local
from crm.core.db import db
from crm.interest import operations as interest
from crm.organisations.models import Organisation
from crm.people.models import Person, Post
from crm.rules.calendar import next_working_day
from crm.rules.champions import ActKind, Occasion, SellingOutcome
from crm.rules.functions import Function
from crm.rules.stages import CaseRole, CaseState

Event = tuple[datetime, Callable[[datetime], object]]

_KIND: Final = ActKind


@dataclass(frozen=True, slots=True)
class _Act:
    """What was done, and whether a colleague was brought along: the next in the staff, or IT."""

    kind: ActKind
    note: str = ""
    function: Function | None = None
    outcome: SellingOutcome | None = None
    material: str = ""
    with_support: bool = False
    next_kind: Occasion | None = None
    next_in: int = 0  # days


@dataclass(frozen=True, slots=True)
class _Pace:
    """One buyer's story: days ago and act; days ago on which one told another, who called us."""

    acts: Sequence[tuple[int, _Act]]
    told: Sequence[int] = field(default=())


_USES = _Act(_KIND.USES_WEEKLY, "Varje måndag i arbetslaget")
_NEED = _Act(_KIND.WROTE_NEED, "Vill se vilka elever som inte har loggat in på två veckor")
_PATH = _Act(_KIND.NAMED_PATH, "Rektorn först, sedan förvaltningens digitaliseringsråd i mars")
_PRICE = _Act(_KIND.ASKED_PRICE, "Pris för hela enheten")
_IT = _Act(_KIND.BROUGHT_IN, "Ville veta hur inloggningen fungerar", Function.IT, with_support=True)
_TIME = _Act(_KIND.GOT_RESOURCES, "En halv dag i månaden för att hjälpa kollegor i gång")
_TO_STAFF = _Act(
    _KIND.SHOWED, "Visade på arbetsplatsträffen", Function.USERS, SellingOutcome.LIKED, "egen dator"
)
_TO_HEADS = _Act(
    _KIND.SHOWED,
    "Rektorerna ville se vad det kostar för alla",
    Function.UNIT_HEAD,
    SellingOutcome.QUESTIONS,
    "prisstegen",
)
_TO_MANAGEMENT = _Act(
    _KIND.SHOWED,
    "Ledningsgruppen tar upp det igen",
    Function.MANAGEMENT,
    SellingOutcome.QUESTIONS,
    "en sida om resultaten",
    next_kind=Occasion.MANAGEMENT_GROUP,
    next_in=24,
)
_TO_UNION = _Act(_KIND.SHOWED, "Frågor om vad som loggas", Function.UNION, SellingOutcome.DOUBTFUL)

_PACES: Final = (
    _Pace(
        ((330, _USES), (240, _TO_STAFF), (150, _NEED), (80, _TO_HEADS), (45, _IT)),
        (620, 410, 260, 130, 40),
    ),
    _Pace(((200, _USES), (120, _PRICE), (60, _PATH)), (300, 90)),
    _Pace(
        (
            (400, _USES),
            (300, _TO_STAFF),
            (170, _TIME),
            (100, _TO_UNION),
            (20, _USES),
            (9, _TO_MANAGEMENT),
        ),
        (700, 520, 340, 200, 110, 25),
    ),
    _Pace(((560, _TO_STAFF), (520, _USES)), (540,)),  # has gone quiet
)


def events(bodies: Sequence[Organisation], owner: User, today: date) -> list[Event]:
    """What happened, and when, at every third of the bodies."""
    found: list[Event] = []
    for number, body in enumerate(bodies[1::3]):
        pace = _PACES[number % len(_PACES)]
        shift = number // len(_PACES) * 5
        found += [
            (_at(today - timedelta(days=days + shift)), _do(body.id, act, owner))
            for days, act in pace.acts
        ]
        found += [
            (_at(today - timedelta(days=days + shift)), _tell(body.id, turn, owner))
            for turn, days in enumerate(pace.told)
        ]
    return found


def _at(day: date) -> datetime:
    return datetime.combine(day, time(14), tzinfo=STOCKHOLM)


def _champion(body_id: int) -> tuple[Person, Case] | None:
    """The first champion of a case that is not closed there, if there is one yet."""
    row = db.session.execute(
        sa.select(Person, Case)
        .join(CasePerson, CasePerson.person_id == Person.id)
        .join(Case, Case.id == CasePerson.case_id)
        .where(
            Case.body_id == body_id,
            Case.state != CaseState.CLOSED,
            CasePerson.role == CaseRole.CHAMPION,
            CasePerson.ended_on.is_(None),
        )
        .order_by(Case.id, CasePerson.id)
        .limit(1)
    ).first()
    return None if row is None else (row[0], row[1])


def _staff(body_id: int) -> list[tuple[Person, Organisation]]:
    """Who works there, in the order in which they came."""
    rows = db.session.execute(
        sa.select(Person, Organisation)
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(Organisation.body_id == body_id, Post.ended_on.is_(None))
        .order_by(Post.id)
    )
    return [(person, place) for person, place in rows]


def _do(body_id: int, act: _Act, owner: User) -> Callable[[datetime], object]:
    def do(now: datetime) -> None:
        found = _champion(body_id)
        if found is None:
            return
        champion, case = found
        day = local(now).date()
        others = [one for one, _place in _staff(body_id) if one.id != champion.id]
        write(
            champion,
            Done(
                act.kind,
                day,
                other=others[-1] if act.with_support and others else None,
                function=act.function,
                outcome=act.outcome,
                material=act.material,
                note=act.note,
                next_kind=act.next_kind,
                next_on=next_working_day(day + timedelta(days=act.next_in))
                if act.next_kind
                else None,
            ),
            case=case,
            by=owner,
            today=day,
            now=now,
        )

    return do


def _tell(body_id: int, turn: int, owner: User) -> Callable[[datetime], object]:
    """Somebody called because a colleague had told them: the champion first, then they in turn."""

    def tell(now: datetime) -> None:
        found = _champion(body_id)
        if found is None:
            return
        champion = found[0]
        others = [pair for pair in _staff(body_id) if pair[0].id != champion.id]
        if not others:
            return
        caller, place = others[turn % len(others)]
        told_by = champion if turn % 3 != 2 else others[(turn - 1) % len(others)][0]
        if told_by.id == caller.id:
            told_by = champion
        interest.log(
            summary="Hörde av en kollega hur de använder det",
            channel="phone",
            trigger="colleague",
            organisation=place,
            person=caller,
            told_by=told_by,
            owner=owner,
            answered=True,
            by=owner,
            now=now,
        )

    return tell
