"""The demonstration's trials: what one product has told of, and two pilots; all made up.

Somebody at each of some bodies tries, colleagues follow, and at one it spreads to more units. Two
have just signed up and wait to be sorted, and some use it privately.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa

from crm.accounts.models import User
from crm.cases.models import Case, Product
from crm.core.clock import STOCKHOLM
from crm.core.db import db
from crm.ops.demo_texts import PRODUCTS
from crm.organisations.models import Organisation
from crm.people.models import Person, Post
from crm.rules.contact import normalise_email
from crm.rules.kinds import OrganisationKind
from crm.rules.stages import AdoptionStage, CaseState
from crm.rules.trials import Told, TrialKind
from crm.trials import operations
from crm.trials.models import TrialSource

Do = Callable[[datetime], object]
PRODUCT: Final = PRODUCTS[0]
_WORTH: Final = 6  # bodies
_NEW: Final = (("elin.sjo", "Elin Sjö", "Ängskolan"), ("omar", "", ""))


def tell(manager: User, today: date, events: list[tuple[datetime, int, Do]]) -> None:
    """Let it be told in its time: a year ago the sender, since then its trials."""

    def at(days_ago: int, do: Do) -> None:
        day = today - timedelta(days=days_ago)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        moment = datetime.combine(day, time(7, 10), STOCKHOLM)
        events.append((moment, len(events), do))

    at(400, _sender)
    for number in range(9):
        at(300 - 20 * number, _private(number))
    for days_ago, ordinal, number in _sign_ups():
        at(days_ago, _at_work(ordinal, number))
    at(120, _becomes_work)
    for days_ago, ordinal in ((100, 1), (9, 2)):
        at(days_ago, _pilot(ordinal, manager, evaluated=days_ago > 90))
    at(12, _spreads)
    at(1, _new)


def _sign_ups() -> list[tuple[int, int, int]]:
    """How many days ago, at which of the bodies, and the how manieth person there."""
    return [
        (260 - 31 * ordinal + 11 * number, ordinal, number)
        for ordinal in range(_WORTH)
        for number in range(1 + (ordinal * 2) % 5)
    ]


def _sender(now: datetime) -> None:
    product = db.session.scalar(sa.select(Product.id).where(Product.name == PRODUCT))
    operations.add_source(PRODUCT, product, now=now)


def _source() -> TrialSource:
    return db.session.scalars(sa.select(TrialSource).where(TrialSource.name == PRODUCT)).one()


def _cases() -> Sequence[Case]:
    """Those whose stage the use may speak for: the first open ones, at bodies of their own."""
    rows = db.session.scalars(
        sa.select(Case).where(Case.state != CaseState.CLOSED).order_by(Case.id).limit(60)
    )
    return list({case.body_id: case for case in reversed(rows.all())}.values())[::-1]


def _staff(body_id: int) -> Sequence[Person]:
    return db.session.scalars(
        sa.select(Person)
        .join(Post, Post.person_id == Person.id)
        .join(Organisation, Organisation.id == Post.organisation_id)
        .where(
            Organisation.body_id == body_id,
            Organisation.kind == OrganisationKind.UNIT,
            Post.ended_on.is_(None),
            Person.email != "",
        )
        .order_by(Person.id)
    ).all()


def _told(email: str, day: date, **said: object) -> Told:
    return Told(
        **{"account": email, "email": normalise_email(email), "signed_up_on": day} | said  # type: ignore[arg-type]  # as the fields are named
    )


def _private(number: int) -> Do:
    def do(now: datetime) -> None:
        email = f"privat{number}@gmail.com"
        operations.take(_source(), _told(email, now.date(), days_active=number + 1), now=now)

    return do


def _becomes_work(now: datetime) -> None:
    people = [one for case in _cases() for one in _staff(case.body_id)]
    if people:
        said = _told(
            people[-1].email,
            now.date(),
            kind=TrialKind.WORK,
            consent=True,
            private_account="privat3@gmail.com",
        )
        operations.take(_source(), said, now=now)


def _at_work(ordinal: int, number: int) -> Do:
    def do(now: datetime) -> None:
        cases = _cases()
        staff = _staff(cases[ordinal % len(cases)].body_id) if cases else ()
        if number < len(staff):
            day = now.date()
            used = {
                "first_used_on": day + timedelta(days=1 + number),
                "last_used_on": day + timedelta(days=12 + 5 * number),
                "days_active": 4 + 3 * ordinal + number,
            }
            operations.take(_source(), _told(staff[number].email, day, **used), now=now)

    return do


def _pilot(ordinal: int, manager: User, *, evaluated: bool) -> Do:
    def do(now: datetime) -> None:
        cases = [one for one in _cases() if one.organisation_id != one.body_id]
        if ordinal >= len(cases):
            return
        case, day = cases[ordinal], now.date()
        pilot = operations.plan_pilot(
            case,
            db.session.get_one(Organisation, case.organisation_id),
            starts_on=day,
            ends_on=day + timedelta(weeks=6),
            evaluates="Läser fler elever på egen hand än i höstas?",
            questions="Hur ofta användes det, och av vilka?\nVad fungerade inte?",
            by=manager,
            now=now,
        )
        if evaluated:
            operations.evaluate_pilot(
                pilot,
                "Två av tre klasser läste mer. Inloggningen tog för lång tid i början.",
                on=day + timedelta(weeks=7),
                by=manager,
                now=now + timedelta(weeks=7),
            )

    return do


def _spreads(now: datetime) -> None:
    """Three at one body have begun in a short time, while its case stands where it stood."""
    early = [one for one in _cases() if not one.adoption.is_at_least(AdoptionStage.UNIT_PILOT)]
    staffs = [staff for one in early if len(staff := _staff(one.body_id)) > 1]
    if staffs:
        for number, person in enumerate(staffs[0][:3]):
            day = now.date() + timedelta(days=number)
            used = {"first_used_on": day, "last_used_on": now.date() + timedelta(days=9)}
            said = _told(person.email, now.date(), days_active=6 - number, **used)
            operations.take(_source(), said, now=now)


def _new(now: datetime) -> None:
    """Signed up yesterday, with no more than an address or so: they wait in To sort."""
    cases = _cases()
    for (name, whole, workplace), case in zip(_NEW, cases[2:], strict=False):
        staff = _staff(case.body_id)
        if staff:
            email = f"{name}@{staff[0].email.partition('@')[2]}"
            said = _told(email, now.date(), name=whole, workplace=workplace)
            operations.take(_source(), said, now=now)
            for person in db.session.scalars(sa.select(Person).where(Person.email == email)):
                person.fictional = True
