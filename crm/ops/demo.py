"""The demonstration: a believable vendor, three years of work, fictional people.

Made through the same operations that the pages use, in the order things happened, with a seeded
generator: the same every time, and always relative to today's date, so that it never looks old.
The bodies are real, out of the register. People, units and what was said are made up; every person
is marked as fictional, addresses end in .example and telephone numbers are those that
Post- och telestyrelsen sets aside for fiction (070-174 06 05 to 070-174 06 99).
"""

import random
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path

import sqlalchemy as sa

from crm.accounts import operations as accounts
from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.budgets import operations as budgets
from crm.budgets.models import PauseKind
from crm.budgets.queries import audience_of, practice_of
from crm.cases import operations as cases
from crm.cases.models import Case, Product
from crm.contracts import operations as contracts
from crm.contracts.operations import Facts
from crm.core import clock, pending
from crm.core.clock import STOCKHOLM
from crm.core.db import db, transaction
from crm.core.schema import upgrade_to_head
from crm.interest import operations as interest
from crm.interest.models import Inquiry
from crm.ops import (
    demo_anchoring,
    demo_champions,
    demo_desk,
    demo_procurements,
    demo_requirements,
    demo_trials,
)
from crm.ops.demo_texts import (
    BODIES,
    CALLS,
    FIRST_NAMES,
    FRAMEWORKS,
    INCUMBENTS,
    LAST_NAMES,
    NOTES,
    PRICES,
    PRODUCTS,
    PROMISES,
    TITLES,
    TO_SORT,
    UNITS,
    Place,
)
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Person
from crm.pricing import operations as pricing
from crm.reminders import operations as reminders
from crm.reminders import own, planning
from crm.reminders.models import DoneOutcome, Reminder, ReminderState
from crm.rules import own_rules
from crm.rules.access import Role
from crm.rules.calendar import ONE_DAY
from crm.rules.certainty import Certainty
from crm.rules.contracts import ContractKind
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.own_rules import OwnRule
from crm.rules.precision import add_months, in_budget_year, in_half_year, in_month, in_quarter
from crm.rules.pricing import Tier
from crm.rules.reminders import ReminderKind
from crm.rules.stages import (
    AdoptionStage,
    CaseRole,
    Outcome,
    ProcurementStage,
    PubStatus,
    WaitReason,
    WakeEvent,
    resolve_event,
)

SEED = 20_261_123
Do = Callable[[datetime], object]
DoCase = Callable[[Case, datetime], object]
YEARS = 3
SOURCE = "Demonstration: påhittad"
OF_THE_FOUNDER = frozenset({7, 21, 30})
"""Accounts that the founder keeps: one waits, one has a promise today, one is overdue."""


def _long_ago() -> datetime:
    """Just before the story begins."""
    return clock.now() - timedelta(days=365 * YEARS + 30)


def remove(folder: Path) -> None:
    """Throw the last demonstration away."""
    for file in folder.glob("demo.sqlite3*"):
        file.unlink()
    shutil.rmtree(folder / "files", ignore_errors=True)


@dataclass(slots=True)
class _Vendor:
    """What the story is made with."""

    today: date
    rng: random.Random
    team: dict[str, User]
    products: dict[str, Product]
    events: list[tuple[datetime, int, Do]] = field(default_factory=list)
    phones: int = 5

    def at(self, days_ago: int, do: Do) -> None:
        """Let something happen that many days before today, on a working hour."""
        day = self.today - timedelta(days=max(days_ago, 0))
        while day.weekday() > 4:
            day -= timedelta(days=1)
        hour = time(8 + self.rng.randrange(9), self.rng.randrange(60))
        moment = datetime.combine(day, hour, STOCKHOLM)
        now = clock.now()
        self.events.append(
            (min(moment, now - timedelta(minutes=len(self.events) % 50 + 1)), len(self.events), do)
        )


def build() -> str:
    """Fill an empty database. Returns a sentence on what was made."""
    upgrade_to_head(db.engine)
    now, today = clock.now(), clock.today()
    long_ago = now - timedelta(days=365 * YEARS + 30)
    with transaction(cause="demo"):
        organisations.load_register(now=long_ago, today=today)
        interest.seed_sources()
        budgets.load_confirmed_practices(now=long_ago)
        team = {
            "rep": accounts.add_user(
                name="Sara Lindqvist", email="sara@lagerkrans.example", role=Role.REP, now=long_ago
            ),
            "manager": accounts.add_user(
                name="Erik Holm",
                email="erik@lagerkrans.example",
                role=Role.ACCOUNT_MANAGER,
                now=long_ago,
            ),
            "founder": accounts.add_user(
                name="Maria Öberg",
                email="maria@lagerkrans.example",
                role=Role.FOUNDER,
                now=long_ago,
            ),
        }
        accounts.add_user(  # who keeps the program, and sells nothing
            name="Jonas Ekdahl", email="jonas@lagerkrans.example", role=Role.ADMIN, now=long_ago
        )
        products = {name: cases.add_product(name) for name in PRODUCTS}
        db.session.flush()
        vendor = _Vendor(today, random.Random(SEED), team, products)  # noqa: S311 - a story, no secret
        for number, place in enumerate(BODIES):
            _account(vendor, place, number)
        _this_week(vendor)
        _contracts(vendor)
        _rules_of_their_own(vendor)
        _procurements(vendor)
        _prices(vendor)  # these last: they take nothing of the others' chance
        _desk(vendor)
        _champions(vendor)
        for days_ago, do in demo_anchoring.events(team["manager"]):
            vendor.at(days_ago, do)
        demo_trials.tell(vendor.team["manager"], vendor.today, vendor.events)
    _live_through(vendor)
    with transaction(cause="demo"):
        demo_requirements.tell(team, today, now)
        demo_desk.kit(_desk_bodies()[0].id, team["rep"], now)
    return _said()


def _said() -> str:
    def count(model: type) -> int:
        return int(db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0)

    return (
        f"{count(Case)} cases, {count(Person)} fictional people, {count(Inquiry)} inquiries and "
        f"{count(Reminder)} reminders in {len(BODIES)} real bodies."
    )


# --- Each account's own story ---------------------------------------------------------------------


def _account(vendor: _Vendor, place: Place, number: int) -> None:
    body = _body(place)
    rng, team = vendor.rng, vendor.team
    owner = team["founder" if number in OF_THE_FOUNDER else "manager" if number % 3 else "rep"]
    organisations.set_owner(body, owner, by=None, now=_long_ago())
    organisations.learn_domain(_mail_domain(body), body)
    began = rng.randrange(200, 365 * YEARS - 40)
    long_ago = _long_ago()
    department = organisations.add_unit(
        body,
        name=place.department,
        kind=OrganisationKind.DEPARTMENT,
        by=None,
        now=long_ago,
        source=SOURCE,
    )
    names = list(place.units) or rng.sample(UNITS[place.work], 2 + rng.randrange(3))
    units = [
        organisations.add_unit(
            department,
            name=name,
            kind=OrganisationKind.UNIT,
            unit_kind=_unit_kind(place.work),
            by=None,
            now=long_ago,
            source=SOURCE,
        )
        for name in names
    ]
    staff = [
        _person(vendor, body, unit, first=place.champion if index == 0 else "")
        for index, unit in enumerate(units)
    ]
    support = _person(vendor, body, department, support=True)
    _case_story(vendor, place, number, body, units, staff, support, owner, began)
    if number % 4 == 2:  # another unit heard of it, and called by itself
        again = rng.randrange(30, 300)
        _case_story(
            vendor, place, number + 3, body, units[1:], staff[1:], support, owner, again, only=True
        )


def _body(place: Place) -> Organisation:
    return db.session.scalars(
        sa.select(Organisation).where(
            Organisation.parent_id.is_(None),
            Organisation.kind == place.kind,
            sa.or_(Organisation.name == place.name, Organisation.name_full == place.name),
        )
    ).one()


def _unit_kind(kind_of_work: str) -> UnitKind:
    return {
        "school": UnitKind.SCHOOL,
        "care": UnitKind.CARE_HOME,
        "library": UnitKind.LIBRARY,
        "health": UnitKind.HEALTH_CENTRE,
        "office": UnitKind.OFFICE,
    }[kind_of_work]


def _person(
    vendor: _Vendor,
    body: Organisation,
    organisation: Organisation,
    *,
    first: str = "",
    support: bool = False,
) -> Person:
    rng = vendor.rng
    first_name, _, last_name = first.partition(" ")
    first_name = first_name or rng.choice(FIRST_NAMES)
    last_name = last_name or rng.choice(LAST_NAMES)
    vendor.phones = 5 + (vendor.phones - 4) % 95
    title = rng.choice(TITLES["support" if support else _field(organisation)])
    ascii_name = f"{first_name}.{last_name}".lower().translate(str.maketrans("åäöéü", "aaoeu"))
    long_ago = _long_ago()
    return people.add_person(
        first_name=first_name,
        last_name=last_name,
        organisation=organisation,
        title=title,
        email=f"{ascii_name.replace(' ', '')}@{_mail_domain(body)}",
        phone=f"07017406{vendor.phones:02d}",
        source=SOURCE,
        fictional=True,
        by=None,
        today=vendor.today,
        now=long_ago,
    )


def _mail_domain(body: Organisation) -> str:
    """Where the fictional people of the body have their mail: its own domain, under .example."""
    return (body.web_domain or "myndighet.se").removesuffix(".se") + ".example"


def _field(organisation: Organisation) -> str:
    return {
        UnitKind.SCHOOL: "school",
        UnitKind.CARE_HOME: "care",
        UnitKind.LIBRARY: "library",
        UnitKind.HEALTH_CENTRE: "health",
    }.get(organisation.unit_kind or UnitKind.OTHER, "office")


def _case_story(
    vendor: _Vendor,
    place: Place,
    number: int,
    body: Organisation,
    units: list[Organisation],
    staff: list[Person],
    support: Person,
    owner: User,
    began: int,
    *,
    only: bool = False,
) -> None:
    """One case from the first call to where it stands today. `only`: for the unit alone."""
    rng, rep = vendor.rng, vendor.team["rep"]
    product = vendor.products[PRODUCTS[{"school": 0, "care": 1}.get(place.work, 2)]]
    made: dict[str, Case] = {}
    channel = rng.choice(("phone", "phone", "mail", "trial", "event"))
    trigger = rng.choice(("own_need", "colleague", "champion", "saw_at_event"))
    summary = rng.choice(CALLS[place.work])

    def call(now: datetime) -> None:
        inquiry = interest.log(
            summary=summary,
            channel=channel,
            trigger=trigger,
            organisation=units[0],
            person=staff[0],
            owner=rep,
            answered=True,
            by=rep,
            now=now,
        )
        made["case"] = cases.open_case(
            units[0],
            title=f"{product.name}, {units[0].name}"
            if only or number % 4
            else f"{product.name} i hela {body.name}",
            inquiry=inquiry,
            person=staff[0],
            products=[product],
            owner=owner,
            by=rep,
            today=clock.local(now).date(),
            now=now,
        )

    def on_case(do: DoCase) -> Do:
        return lambda now: do(made["case"], now)

    def adopt(stage: AdoptionStage) -> Do:
        return on_case(lambda case, now: cases.move_adoption(case, stage, by=owner, now=now))

    def procure(stage: ProcurementStage) -> Do:
        return on_case(lambda case, now: cases.move_procurement(case, stage, by=owner, now=now))

    vendor.at(began, call)
    stages = list(AdoptionStage)
    reached = number % 7
    step = max(began // (reached + 2), 5)
    for index in range(1, reached + 1):
        vendor.at(began - index * step, adopt(stages[index]))
        if index < len(units):
            vendor.at(began - index * step + 2, _join(made, units[index], staff[index], owner))
    vendor.at(began - step // 2, on_case(_champion(staff[0], owner)))
    if reached >= 2:
        vendor.at(began - 2 * step - 3, on_case(_facts(rng, number, owner, product.id)))
    if reached >= 3:
        vendor.at(began - 3 * step, procure(ProcurementStage.UNDECIDED))
    if reached >= 4:
        vendor.at(began - 4 * step, on_case(_role(support, CaseRole.IT, owner)))
        vendor.at(began - 4 * step + 1, procure(ProcurementStage.EARLY_DIALOGUE))
    if reached >= 5:
        vendor.at(began - 5 * step, procure(ProcurementStage.PREPARING))
    for _turn in range(2 + rng.randrange(4)):
        vendor.at(rng.randrange(3, began), _note(vendor, units, staff, owner, rng))
    _ending(vendor, number, body, owner, made, procure)


def _ending(
    vendor: _Vendor,
    number: int,
    body: Organisation,
    owner: User,
    made: dict[str, Case],
    procure: Callable[[ProcurementStage], Do],
) -> None:
    """What became of it: most go on, some wait, a few are over."""
    rng, today = vendor.rng, vendor.today
    days = rng.randrange(8, 60)
    if number % 6 == 1:
        vendor.at(days, _wait(made, owner, number))
    elif number % 11 == 4:
        vendor.at(days, procure(ProcurementStage.PUBLISHED))
    elif number % 9 == 5:
        if number % 2:  # with a notice: by hand, so that it takes nothing of the others' chance
            noon = datetime.combine(today - timedelta(days=days + 75), time(12), STOCKHOLM)
            vendor.events.append((noon, len(vendor.events), procure(ProcurementStage.PUBLISHED)))
        vendor.at(days + 20, procure(ProcurementStage.SIGNED))
        ends = today + timedelta(days=380 + 40 * (number % 8))
        vendor.at(days, _close(made, owner, Outcome.WON, "staff_wanted_it", ends))
    elif number % 13 == 7:
        vendor.at(days, _close(made, owner, Outcome.CANCELLED_BY_BUYER, "no_budget", None))
    elif number % 13 == 11:
        vendor.at(days, _close(made, owner, Outcome.LOST, "price", today + timedelta(days=600)))
    elif number % 3 == 0 or number % 5 == 2:
        # Some promises fall due today and tomorrow, so that there is something to do.
        vendor.at(
            days, _promise(made, owner, today + timedelta(days=(number % 10) * 2 - 2), number)
        )
    if number == 12:
        vendor.at(
            20,
            lambda now: _freeze(body, owner, today, now),
        )


def _freeze(body: Organisation, owner: User, today: date, now: datetime) -> None:
    budgets.add_pause(
        body,
        PauseKind.FREEZE,
        today - timedelta(days=20),
        date(today.year, 12, 31),
        note="Inköpsstopp året ut efter delårsrapporten",
        by=owner,
        today=today,
        now=now,
    )


def _join(made: dict[str, Case], unit: Organisation, person: Person, owner: User) -> Do:
    def join(now: datetime) -> None:
        day = clock.local(now).date()
        cases.join_unit(made["case"], unit, in_use=True, by=owner, today=day, now=now)
        cases.set_role(made["case"], person, CaseRole.USER, by=owner, today=day, now=now)

    return join


def _champion(person: Person, owner: User) -> DoCase:
    return lambda case, now: cases.set_role(
        case, person, CaseRole.CHAMPION, by=owner, today=clock.local(now).date(), now=now
    )


def _role(person: Person, role: CaseRole, owner: User) -> DoCase:
    return lambda case, now: cases.set_role(
        case, person, role, by=owner, today=clock.local(now).date(), now=now
    )


def _facts(rng: random.Random, number: int, owner: User, product_id: int) -> DoCase:
    value = rng.randrange(4, 90) * 1_000_000  # öre: 40,000 to 900,000 kronor

    def fill(case: Case, now: datetime) -> None:
        year = clock.today().year + 1
        expected = (
            in_budget_year(year + number % 2),
            in_half_year(year, 1 + number % 2),
            in_quarter(year, 1 + number % 4),
            in_month(year, 1 + number % 12),
        )[number % 4]
        cases.edit(
            case,
            title=case.title,
            owner_id=owner.id,
            value_ore=value,
            expected=expected,
            handles_personal_data=number % 2 == 0,
            pub_status=(PubStatus.SIGNED, PubStatus.ASKED, PubStatus.NONE)[number % 3],
            has_framework=number % 5 == 0,
            price_shared_on=clock.local(now).date() if number % 3 else None,
            contract_ends_on=None,
            contract_source="",
            product_ids=[product_id],
        )

    return fill


def _note(
    vendor: _Vendor,
    units: list[Organisation],
    staff: list[Person],
    owner: User,
    rng: random.Random,
) -> Do:
    index = rng.randrange(len(units))
    kind = rng.choice(
        (ActivityKind.CALL, ActivityKind.MAIL, ActivityKind.MEETING, ActivityKind.NOTE)
    )
    text = rng.choice(NOTES)
    by = rng.choice((owner, vendor.team["rep"]))
    return lambda now: record(
        kind, units[index], now=now, by=by, text=text, person_id=staff[index].id
    )


def _wait(made: dict[str, Case], owner: User, number: int) -> Do:
    reason = (WaitReason.DISAGREEMENT, WaitReason.NO_BUDGET, WaitReason.ELECTION)[number % 3]

    def wait(now: datetime) -> None:
        case = made["case"]
        day = clock.local(now).date()
        place = db.session.get_one(Organisation, case.organisation_id)
        event = (WakeEvent.COUNCIL_DECIDED, WakeEvent.BUDGET_YEAR_STARTS)[number % 2]
        when = resolve_event(event, practice_of(place), audience_of(place), day)
        cases.put_to_wait(
            case,
            reason,
            event=event if when else None,
            event_on=when.day if when else None,
            until=None if when else day + timedelta(days=120),
            note="De är inte överens i nämnden än. Vi väntar hellre än skyndar på.",
            by=owner,
            today=day,
            now=now,
        )

    return wait


def _close(
    made: dict[str, Case], owner: User, outcome: Outcome, reason: str, contract_ends: date | None
) -> Do:
    return lambda now: cases.close(
        made["case"],
        outcome,
        reason=reason,
        contract_ends_on=contract_ends,
        contract_source="Tilldelningsbeslutet" if contract_ends else "",
        by=owner,
        today=clock.local(now).date(),
        now=now,
    )


def _promise(made: dict[str, Case], owner: User, on: date, number: int) -> Do:
    text = PROMISES[number % len(PROMISES)]
    return lambda _now: cases.set_next_step(made["case"], text, on, by=owner)


# --- This week, and living through the years ----------------------------------------------------


def _this_week(vendor: _Vendor) -> None:
    """Six sign-ups to sort, none of them answered yet."""
    for place, (caller, email, summary, channel) in enumerate(TO_SORT):
        vendor.at(place // 2, _sign_up(vendor, caller, email, summary, channel))


def _sign_up(vendor: _Vendor, caller: str, email: str, summary: str, channel: str) -> Do:
    return lambda now: interest.log(
        summary=summary,
        channel=channel,
        caller=caller,
        email=email,
        owner=vendor.team["rep"],
        answered=False,
        by=None,
        now=now,
    )


def _rules_of_their_own(vendor: _Vendor) -> None:
    """The team has taken over two rules that were ready: a price in time, and what was decided."""
    chosen = (
        (400, "price-in-time", "manager", "Vi kom för sent med priset i fjol."),
        (90, "after-decision", "founder", "Protokollen säger vilka som har fått uppdraget."),
    )
    for days_ago, key, who, note in chosen:
        found = own_rules.ready_by(key)
        if found is not None:
            vendor.at(days_ago, _take_over(found.rule, note, vendor.team[who]))


def _prices(vendor: _Vendor) -> None:
    """A price list that has held for two years, and one with the same lines a little dearer."""
    for days_ago, percent in ((700, 100), (200, 105)):
        vendor.at(days_ago, _publish(vendor, percent))


def _publish(vendor: _Vendor, percent: int) -> Do:
    def do(moment: datetime) -> None:
        draft = pricing.begin_list(now=moment)
        db.session.refresh(draft, ["lines"])
        for line in list(draft.lines):
            pricing.remove_line(line)
        db.session.flush()
        for product in vendor.products.values():
            for name, kind, kronor, tiers in PRICES:
                facts = pricing.LineFacts(
                    product.id,
                    name,
                    kind,
                    kronor * percent,  # a hundredth of a krona is an öre
                    [Tier(least, more * percent) for least, more in tiers],
                    25,
                )
                pricing.add_line(draft, facts)
        db.session.refresh(draft, ["lines"])
        since = clock.local(moment).date()
        pricing.publish(draft, since, "", by=vendor.team["founder"], now=moment)

    return do


def _contracts(vendor: _Vendor) -> None:
    """What the buyers use today, from whom and until when; and two frameworks."""
    products, month = [one.id for one in vendor.products.values()], vendor.today.replace(day=1)
    for number, place in enumerate(BODIES):
        if number % 3 == 0:
            vendor.at(300 - number, _incumbent(vendor, place, number, products))
    vendor.at(5, _win(vendor))
    for number, (title, supplier, position) in enumerate(FRAMEWORKS):
        facts = Facts(
            kind=ContractKind.FRAMEWORK,
            title=title,
            supplier=supplier,
            position=position,
            product_id=products[number % len(products)],
            starts_on=add_months(month, -20),
            ends_on=add_months(month, 5 + 15 * number) - ONE_DAY,
            notice_months=6,
            cap_ore=60_000_000_00,
            used_ore=(51_000_000_00, 9_000_000_00)[number % 2],
            source=SOURCE,
            certainty=Certainty.PUBLISHED,
        )
        vendor.at(250 - number, _framework(vendor, BODIES[5 * number], facts))


def _incumbent(vendor: _Vendor, place: Place, number: int, products: Sequence[int]) -> Do:
    title, supplier = INCUMBENTS[number // 3 % len(INCUMBENTS)]
    month = vendor.today.replace(day=1)
    facts = Facts(
        kind=ContractKind.OTHER,
        title=title,
        supplier=supplier,
        product_id=products[number % len(products)],
        reference=f"UBN 2024/{110 + number}",
        starts_on=add_months(month, number % 9 - 30),
        ends_on=None if number % 12 == 9 else add_months(month, 4 + number) - ONE_DAY,
        open_ended=number % 12 == 9,
        notice_months=(3, 6, 9)[number % 3],
        yearly_ore=(180_000 + 15_000 * number) * 100,
        source=SOURCE,
        certainty=(Certainty.CONFIRMED, Certainty.REPORTED)[number % 2],
    )
    options = () if facts.open_ended or number % 2 else (12, 12)

    def write_down(now: datetime) -> None:
        contracts.add(
            _body(place),
            facts,
            options=options,
            by=vendor.team["manager"],
            today=clock.local(now).date(),
            now=now,
        )

    return write_down


def _win(vendor: _Vendor) -> Do:
    """The contracts that the won cases gave."""

    def write_down(now: datetime) -> None:
        day = clock.local(now).date()
        won = db.session.scalars(
            sa.select(Case).where(Case.outcome == Outcome.WON).order_by(Case.id)
        ).all()
        for case in won:
            ends_on = case.contract_ends_on or add_months(day, 22)
            contracts.add(
                db.session.get_one(Organisation, case.organisation_id),
                Facts(
                    kind=ContractKind.OWN,
                    title=case.title,
                    signed_on=case.closed_on,
                    starts_on=case.closed_on,
                    ends_on=ends_on,
                    notice_months=6,
                    value_ore=case.value_ore,
                    source=case.contract_source or SOURCE,
                ),
                options=(12, 12),
                case=case,
                by=vendor.team["manager"],
                today=day,
                now=now,
            )

    return write_down


def _framework(vendor: _Vendor, place: Place, facts: Facts) -> Do:
    def write_down(now: datetime) -> None:
        made = contracts.add(
            _body(place),
            facts,
            options=(12,),
            by=vendor.team["founder"],
            today=clock.local(now).date(),
            now=now,
        )
        contracts.add_callers(made, [_body(one) for one in BODIES[::2]])

    return write_down


def _procurements(vendor: _Vendor) -> None:
    """Municipalities bought, some from us: what lead times and forecasts are made from."""
    bodies = [
        _body(place)
        for number, place in enumerate(BODIES)
        if number and number not in OF_THE_FOUNDER and place.kind is OrganisationKind.MUNICIPALITY
    ]
    for moment, do in demo_procurements.events(bodies, vendor.team["manager"], vendor.today):
        vendor.events.append((moment, len(vendor.events), do))


def _desk(vendor: _Vendor) -> None:
    """What is under way this month: a tender, shared prices, a request, imported notices."""
    for days_ago, do in demo_desk.events(_desk_bodies(), vendor.team, vendor.today):
        vendor.at(days_ago, do)


def _desk_bodies() -> list[Organisation]:
    """Municipalities of the team's own, the first with units."""
    return [
        _body(place)
        for number, place in enumerate(BODIES)
        if number not in OF_THE_FOUNDER and place.kind is OrganisationKind.MUNICIPALITY
    ]


def _champions(vendor: _Vendor) -> None:
    """What people at the buyers did for it, and who told whom."""
    bodies = [_body(place) for place in BODIES]
    for moment, do in demo_champions.events(bodies, vendor.team["rep"], vendor.today):
        vendor.events.append((moment, len(vendor.events), do))


def _take_over(rule: OwnRule, note: str, by: User) -> Do:
    def do(moment: datetime) -> None:
        own.add(rule, note=note, by=by, now=moment)

    return do


def _live_through(vendor: _Vendor) -> None:
    """Let everything happen in its order; between the months, plan and deal with reminders."""
    events = sorted(vendor.events, key=lambda event: event[:2])
    month = None
    batch: list[tuple[datetime, int, Do]] = []
    for event in [*events]:
        this = (event[0].year, (event[0].month - 1) // 2)
        if month is not None and this != month:
            _happen(batch)
            _deal_with_reminders(vendor, batch[-1][0])
            batch = []
        month = this
        batch.append(event)
    _happen(batch)
    with transaction(cause="demo"):
        marks = pending.waiting_for_planning(bodies=10_000)  # every body something happened at
        planning.replan_marked(marks, today=vendor.today, now=clock.now())
        reminders.surface(today=vendor.today, now=clock.now())


def _happen(batch: list[tuple[datetime, int, Do]]) -> None:
    with transaction(cause="demo"):
        for moment, _number, do in batch:
            do(moment)


def _bodies_with_cases() -> list[int]:
    return list(db.session.scalars(sa.select(Case.body_id).distinct()))


def _deal_with_reminders(vendor: _Vendor, moment: datetime) -> None:
    """What had come up by then was asked and answered, read or done, as a careful team would."""
    day = clock.local(moment).date()
    if day >= vendor.today - timedelta(days=14):
        return
    with transaction(cause="demo"):
        planning.replan(_bodies_with_cases(), today=day, now=moment)
        reminders.surface(today=day, now=moment)
        due = db.session.scalars(
            sa.select(Reminder).where(Reminder.state == ReminderState.DUE).order_by(Reminder.id)
        ).all()
        for row in due:
            by = db.session.get(User, row.user_id) if row.user_id else vendor.team["manager"]
            outcome = DoneOutcome.ANSWERED if row.kind is ReminderKind.CONTACT else DoneOutcome.DONE
            reminders.complete(row, outcome, by=by, today=day, now=moment)
