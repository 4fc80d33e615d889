"""The data set of row L6, made by Core batches: the real register, and invented units and people.

The same seed gives the same data. Days are counted back from today, so that the planner has the
same work to do whenever the benchmark runs.
"""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from crm.accounts import operations as accounts
from crm.budgets import operations as budgets
from crm.budgets.queries import body_kind
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import Base, db, transaction
from crm.interest import operations as interest
from crm.interest.models import Inquiry
from crm.organisations import operations as organisations
from crm.organisations.index import put_organisations
from crm.organisations.models import Organisation
from crm.people.index import put_people
from crm.reminders import operations as reminders
from crm.reminders import planning
from crm.rules.access import Role
from crm.rules.budget_cycle import DecisionPractice, PhaseRole, default_practice, phases
from crm.rules.words import swedish_sort_key
from crm.search.operations import Doc, put_many

SEED = 1523
BATCH = 5000
BUSY = "Linköpings kommun"  # the organisation with the longest timeline
ONE = "Hultsfreds kommun"  # an ordinary one
USERS = 10


def _words(text: str) -> list[str]:
    """Words, of which one is drawn by chance."""
    return text.split()


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each. `busy` is the number of lines in the busiest timeline."""

    accounts: int = 20_000
    people: int = 50_000
    cases: int = 5_000
    activities: int = 500_000
    inquiries: int = 60_000
    reminders: int = 50_000
    busy: int = 5_000

    def divided(self, by: int) -> "Size":
        return Size(**{field.name: getattr(self, field.name) // by for field in fields(self)})


FULL = Size()
TENTH = FULL.divided(10)


@dataclass(frozen=True, slots=True)
class Unit:
    """What the later steps need of an organisation below a body."""

    id: int
    body_id: int
    path: str
    name: str


@dataclass(slots=True)
class Made:
    """What has been made so far, as the later steps need it. Lists run parallel to the ids."""

    today: date
    chance: random.Random
    bodies: list[Any]
    units: list[Unit]
    users: list[int]
    people: list[tuple[int, Unit]]
    cases: list[tuple[int, Unit, str]]  # id, where, title


def build(size: Size = FULL, tell: Callable[[str], None] = print) -> None:
    """Fill an empty, migrated database. Needs an app context."""
    started = time.perf_counter()
    made = Made(clock.today(), random.Random(SEED), [], [], [], [], [])

    def step(name: str, work: Callable[[], object]) -> None:
        begun = time.perf_counter()
        result = work()
        tell(f"  {name:<12} {result or '':>9} {time.perf_counter() - begun:6.1f} s")

    step("register", lambda: _register(made))
    step("units", lambda: _insert("organisation", _units(made, size.accounts - len(made.bodies))))
    step("people", lambda: _people(made, size.people))
    step("practices", lambda: _practices(made))
    step("cases", lambda: _cases(made, size.cases))
    step("inquiries", lambda: _inquiries(made, size))
    step("activities", lambda: _insert("activity", _activities(made, size)))
    _set_sequences()
    step("index", lambda: _index(made))
    step("reminders", lambda: _reminders(made, size.reminders))
    analyse()
    tell(f"  {'in all':<22} {time.perf_counter() - started:6.1f} s")


# --- The pieces -------------------------------------------------------------------------------


def _register(made: Made) -> int:
    """The bodies and everything a new installation begins with, by the program's own operations."""
    now = clock.now()
    with transaction(cause="bench"):
        organisations.load_register(now=now, today=made.today)
        interest.seed_sources()
        budgets.load_confirmed_practices(now=now)
        made.users += [
            accounts.add_user(
                name=f"Kollega {number}",
                email=f"kollega{number}@example.se",
                role=Role.FOUNDER if number == 1 else Role.ACCOUNT_MANAGER,
                now=now,
            ).id
            for number in range(1, USERS + 1)
        ]
    table = _table("organisation")
    with db.engine.begin() as connection:
        for remainder, owner in enumerate(made.users):
            connection.execute(
                sa.update(table)
                .where(table.c.id % (2 * USERS) == remainder)  # half of them belong to somebody
                .values(owner_id=owner)
            )
        made.bodies = list(
            connection.execute(
                sa.select(
                    table.c.id,
                    table.c.kind,
                    table.c.name,
                    table.c.name_full,
                    table.c.county_code,
                    table.c.county_name,
                    table.c.population,
                    table.c.email_domain,
                ).order_by(table.c.id)
            )
        )
    return len(made.bodies)


DEPARTMENTS = {
    "municipality": (
        "Barn- och utbildningsförvaltningen",
        "Socialförvaltningen",
        "Kultur- och fritidsförvaltningen",
        "Kommunledningskontoret",
    ),
    "region": ("Hälso- och sjukvårdsförvaltningen", "Tandvårdsförvaltningen"),
}
FIRST = _words(
    "Berga Björk Ek Furu Gran Hage Hög Kyrk Linde Lund Mosse Norr Nybro Park Rön Sand Sjö Skog "
    "Sol Stens Söder Tall Torp Vall Vik Väster Ås Älv Äng Öster"
)
SECOND = _words("backs bergs by dals gårds hems holms lunda mo näs ryds sätra torps vreta ängs")
UNIT_KINDS = {
    "municipality": (
        ("school", "skolan"),
        ("school", "skolan"),
        ("preschool", "förskola"),
        ("library", "biblioteket"),
        ("care_home", "hemmet"),
    ),
    "region": (("health_centre", "vårdcentral"), ("hospital", "sjukhuset")),
}


def _units(made: Made, wanted: int) -> Iterator[dict[str, Any]]:
    chance, now = made.chance, clock.now()
    parents = [body for body in made.bodies if body.kind in DEPARTMENTS]
    ident = max(body.id for body in made.bodies)

    def row(body: Any, above: Unit | None, name: str, kind: str, unit_kind: str | None) -> Any:
        nonlocal ident
        ident += 1
        path = f"{above.path if above else f'/{body.id}/'}{ident}/"
        made.units.append(Unit(ident, body.id, path, name))
        return {
            "id": ident,
            "kind": kind,
            "unit_kind": unit_kind,
            "name": name,
            "name_full": "",
            "name_en": "",
            "short_name": "",
            "name_sort": swedish_sort_key(name),
            "parent_id": above.id if above else body.id,
            "body_id": body.id,
            "path": path,
            "depth": 2 if above else 1,
            "county_code": body.county_code,
            "county_name": body.county_name,
            "skr_group": "",
            "web_domain": "",
            "email_domain": "",
            "phone": "",
            "email": "",
            "note": "",
            "is_region_too": False,
            "source": "benchmark",
            "local_fields": [],
            "created_at": now,
            "version": 1,
        }

    departments: dict[int, list[Unit]] = {}
    for body in parents:
        for name in DEPARTMENTS[body.kind]:
            yield row(body, None, name, "department", None)
            departments.setdefault(body.id, []).append(made.units[-1])
            if len(made.units) == wanted:
                return
    weights = [(body.population or 1000) ** 0.6 for body in parents]
    for body in chance.choices(parents, weights, k=wanted - len(made.units)):
        kind, ending = chance.choice(UNIT_KINDS[body.kind])
        space = " " if ending in {"förskola", "vårdcentral"} else ""
        name = f"{chance.choice(FIRST)}{chance.choice(SECOND)}{space}{ending}"
        yield row(body, chance.choice(departments[body.id]), name, "unit", kind)


GIVEN = _words(
    "Anna Maria Eva Karin Sara Emma Lena Kristina Johanna Malin Jenny Linda Annika Åsa Camilla "
    "Ulrika Helena Frida Ida Elin Lars Anders Mikael Johan Per Erik Karl Peter Jan Thomas Daniel "
    "Fredrik Andreas Hans Magnus Håkan Björn Mats Niklas Jonas Örjan Östen Amina Fatima Ali Omar"
)
SURNAMES = [
    *_words("Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Öberg"),
    *(
        first + second
        for first in _words("Berg Ek Lind Lund Sjö Sand Strand Hed Holm Dal Björk Alm Ny Öst Åker")
        for second in _words("ström gren qvist man berg lund vall blom fors mark")
    ),
]
TITLES = _words(
    "lärare rektor biblioteksassistent förvaltningschef ekonom it-strateg upphandlare kurator "
    "specialpedagog enhetschef nämndsekreterare dataskyddsombud systemförvaltare"
)
NOT_IN_MAIL = re.compile(r"[^a-z0-9.]")
PLAIN = str.maketrans("åäöéü", "aaoeu")


def _people(made: Made, wanted: int) -> int:
    chance, today, now = made.chance, made.today, clock.now()
    domains = {body.id: body.email_domain for body in made.bodies}
    anywhere = [
        *made.units,
        *(Unit(body.id, body.id, f"/{body.id}/", body.name) for body in made.bodies),
    ]

    def people() -> Iterator[dict[str, Any]]:
        for number in range(1, wanted + 1):
            first, last = chance.choice(GIVEN), chance.choice(SURNAMES)
            unit = chance.choice(anywhere)
            made.people.append((number, unit))
            domain = domains[unit.body_id]
            mail = NOT_IN_MAIL.sub("", f"{first}.{last}".lower().translate(PLAIN))
            yield {
                "first_name": first,
                "last_name": last,
                "name_sort": swedish_sort_key(f"{last} {first}"),
                "email": f"{mail}@{domain}" if domain and chance.random() < 0.8 else "",
                "phone": f"+4670{chance.randrange(10**7):07d}" if chance.random() < 0.5 else "",
                "note": "",
                "source": "benchmark",
                "legal_basis": "legitimate_interest",
                "noticed_on": today - timedelta(days=chance.randrange(900)),
                "objected_on": today if chance.random() < 0.002 else None,
                "fictional": True,
                "created_at": now - timedelta(minutes=chance.randrange(1_000_000)),
                "version": 1,
                "id": number,
            }

    def posts() -> Iterator[dict[str, Any]]:
        for number, unit in made.people:
            began = today - timedelta(days=chance.randrange(60, 3000))
            if chance.random() < 0.08:
                before = chance.choice(anywhere)
                ended = began - timedelta(days=1)
                yield _post(number, before, chance.choice(TITLES), None, ended)
            left = today - timedelta(days=30) if chance.random() < 0.03 else None
            yield _post(number, unit, chance.choice(TITLES), began, left)

    def roles() -> Iterator[dict[str, Any]]:
        for number, unit in made.people[: wanted // 15]:
            yield {
                "organisation_id": unit.id,
                "person_id": number,
                "role": chance.choice(("champion", "it", "budget_owner", "user")),
                "started_on": today - timedelta(days=chance.randrange(30, 900)),
                "ended_on": None,
            }

    count = _insert("person", people())
    _insert("post", posts())
    _insert("account_role", roles())
    return count


def _post(
    person: int, unit: Unit, title: str, began: date | None, ended: date | None
) -> dict[str, Any]:
    return {
        "person_id": person,
        "organisation_id": unit.id,
        "title": title,
        "started_on": began,
        "ended_on": ended,
        "version": 1,
    }


def _practices(made: Made) -> int:
    """Most municipalities' habits are known, beside those that ship with a source."""
    there = set(db.session.scalars(sa.select(_table("budget_practice").c.organisation_id)))
    db.session.rollback()
    wanted = [
        body
        for body in made.bodies
        if body.id not in there and body.kind in DEPARTMENTS and made.chance.random() > 0.2
    ]
    return _insert("budget_practice", (_practice(body.id, made) for body in wanted))


def _practice(body_id: int, made: Made) -> dict[str, Any]:
    return {
        "organisation_id": body_id,
        "decision": made.chance.choice(("june", "october", "november", "november")),
        "election_month": None,
        "certainty": made.chance.choice(("confirmed", "published", "typical")),
        "source_url": "https://example.se/budget",
        "checked_on": made.today - timedelta(days=made.chance.randrange(500)),
        "note": "",
        "deficit_until": None,
        "version": 1,
    }


def give_own_dates(tell: Callable[[str], None] = print) -> None:
    """The worst that the buyers' year can be: every body known, and no two with the same dates.

    Each has moved its door, its decision and its internal budget, each to a day of its own; of
    the councils every other has its meetings of two years planned as well. Needs an app context.
    """
    today, chance = clock.today(), random.Random(SEED)
    bodies = db.session.execute(
        sa.select(Organisation.id, Organisation.kind).where(Organisation.parent_id.is_(None))
    ).all()
    known = {*db.session.scalars(sa.select(_table("budget_practice").c.organisation_id))}
    event, meeting = _table("budget_event"), _table("council_meeting")
    there = {*db.session.execute(sa.select(event.c.organisation_id, event.c.phase_key)).tuples()}
    planned = {*db.session.scalars(sa.select(meeting.c.organisation_id))}
    db.session.rollback()
    stamp = {"certainty": "published", "source_url": "https://example.se/budget"}
    practices, events, meetings = [], [], []
    for number, (ident, kind) in enumerate(bodies):
        practice = default_practice(body_kind(kind))
        if not practice.is_known:
            practice = replace(practice, decision=DecisionPractice.NOVEMBER)
        if ident not in known:
            row = {"decision": practice.decision, "checked_on": today, "note": "", "version": 1}
            practices.append({"organisation_id": ident} | row | stamp)
        moved = [
            phase
            for phase in phases(practice, today.year + 2)
            if phase.role in {PhaseRole.DOOR, PhaseRole.DECISION, PhaseRole.INTERNAL_BUDGET}
            and (ident, phase.key) not in there
        ]
        for phase in moved:
            start = phase.start + timedelta(days=chance.randrange(-30, 30))
            end = start + timedelta(days=number % 40)
            days = {"start_month": start.month, "start_day": min(start.day, 28)}
            days |= {"end_month": end.month, "end_day": min(end.day, 28)}
            row = {"phase_key": phase.key, "name": "", "note": "", "version": 1}
            events.append({"organisation_id": ident, "checked_on": today} | days | row | stamp)
        if number % 2 and practice.decision is DecisionPractice.NOVEMBER and ident not in planned:
            for ahead in range(20):
                held_on = today + timedelta(days=35 * ahead + number % 35)
                decides = held_on.year + 1 if held_on.month == 11 and held_on.day < 30 else None
                row = {"held_on": held_on, "decides": decides, "checked_on": today}
                meetings.append({"organisation_id": ident} | row | stamp)
    seen: set[tuple[int, int]] = set()
    for row in meetings:  # one meeting at most adopts the budget of a year
        pair = (row["organisation_id"], row["decides"] or 0)
        row["decides"] = None if pair in seen else row["decides"]
        seen.add(pair)
    _insert("budget_practice", practices)
    _insert("budget_event", events)
    _insert("council_meeting", meetings)
    analyse()
    tell(f"  own dates {len(events)}, meetings {len(meetings)}")


ADOPTION = _words("curious colleagues unit_pilot several_units budgeted_need procurement wide_use")
PROCUREMENT = _words("none none none undecided direct_award preparing published")


def _cases(made: Made, wanted: int) -> int:
    chance, today = made.chance, made.today
    by_body: dict[int, list[Unit]] = {}
    for unit in made.units:
        by_body.setdefault(unit.body_id, []).append(unit)
    by_unit: dict[int, list[int]] = {}
    for number, unit in made.people:
        by_unit.setdefault(unit.id, []).append(number)
    opened: dict[int, date] = {}
    state: dict[int, str] = {}

    def cases() -> Iterator[dict[str, Any]]:
        for number in range(1, wanted + 1):
            unit = chance.choice(made.units)
            title = f"Läsverktyg till {unit.name}"[:200]
            made.cases.append((number, unit, title))
            opened[number] = today - timedelta(days=chance.randrange(20, 1000))
            state[number] = chance.choices(("open", "waiting", "closed"), (60, 20, 20))[0]
            waiting, closed = state[number] == "waiting", state[number] == "closed"
            expected = today + timedelta(days=chance.randrange(30, 500))
            yield {
                "id": number,
                "title": title,
                "organisation_id": unit.id,
                "body_id": unit.body_id,
                "owner_id": chance.choice(made.users),
                "state": state[number],
                "adoption": chance.choices(ADOPTION, (30, 25, 20, 10, 8, 4, 3))[0],
                "procurement": chance.choice(PROCUREMENT),
                "opened_on": opened[number],
                "wait_reason": "no_budget" if waiting else None,
                "wait_event": "door_opens" if waiting and chance.random() < 0.5 else None,
                "wait_until": today + timedelta(days=chance.randrange(5, 300)) if waiting else None,
                "outcome": chance.choice(("won", "lost", "no_decision")) if closed else None,
                "outcome_reason": "other" if closed else "",
                "outcome_note": "",
                "closed_on": today - timedelta(days=chance.randrange(19)) if closed else None,
                "value_ore": chance.randrange(50, 5000) * 100_000,
                "expected_first": expected,
                "expected_last": expected + timedelta(days=60),
                "expected_precision": "quarter",
                "next_step": "Ringa rektorn" if chance.random() < 0.3 else "",
                "next_step_on": None,
                "handles_personal_data": chance.random() < 0.5,
                "pub_status": chance.choice(("none", "asked", "signed")),
                "has_framework": False,
                "price_shared_on": None,
                "contract_ends_on": None,
                "contract_source": "",
                "ask_open_on": None,
                "unanswered_asks": 0,
                "created_at": _instant(opened[number]),
                "version": 1,
            }

    def units() -> Iterator[dict[str, Any]]:
        for number, unit, _title in made.cases:
            beside = by_body[unit.body_id]
            joined = {unit.id: unit} | {
                other.id: other for other in chance.sample(beside, min(len(beside), 3))
            }
            for other in joined.values():
                yield {
                    "case_id": number,
                    "organisation_id": other.id,
                    "joined_on": opened[number],
                    "in_use": chance.random() < 0.4,
                    "value_ore": None,
                    "version": 1,
                }

    def people() -> Iterator[dict[str, Any]]:
        for number, unit, _title in made.cases:
            here = by_unit.get(unit.id, [])
            for person in here[:3]:
                yield {
                    "case_id": number,
                    "person_id": person,
                    "role": chance.choice(("champion", "user", "budget_owner", "it")),
                    "started_on": opened[number],
                    "ended_on": None,
                }

    def changes() -> Iterator[dict[str, Any]]:
        for number, _unit, _title in made.cases:
            at, before = _instant(opened[number]), ""
            yield _change(number, "state", "", "open", at, made.users[0])
            for stage in ADOPTION[: chance.randrange(1, 5)]:
                yield _change(number, "adoption", before, stage, at, made.users[0])
                at, before = at + timedelta(days=chance.randrange(1, 5)), stage
            if state[number] != "open":
                yield _change(number, "state", "open", state[number], at, made.users[0])

    def waits() -> Iterator[dict[str, Any]]:
        for number, _unit, _title in made.cases:
            if state[number] == "waiting":
                yield {
                    "case_id": number,
                    "reason": "no_budget",
                    "event": None,
                    "until": today + timedelta(days=90),
                    "note": "",
                    "began_on": max(opened[number], today - timedelta(days=60)),
                    "ended_on": None,
                    "by_id": made.users[0],
                }

    count = _insert("case", cases())
    _insert("case_unit", units())
    _insert("case_person", people())
    _insert("stage_change", changes())
    _insert("wait", waits())
    return count


def _change(
    case: int, track: str, before: str, after: str, at: datetime, by: int
) -> dict[str, Any]:
    return {
        "case_id": case,
        "track": track,
        "before": before,
        "after": after,
        "at": at,
        "by_id": by,
        "note": "",
    }


SAID = (
    "Vill veta om verktyget fungerar på skolans datorer",
    "Frågar om pris för en skola med 240 elever",
    "Har hört om oss av en kollega på grannskolan",
    "Undrar när nästa introduktion hålls",
    "Vill prova i två klasser till våren",
)


def _inquiries(made: Made, size: Size) -> int:
    chance, now = made.chance, clock.now()
    sources: dict[str, list[int]] = {}
    for kind, ident in db.session.execute(
        sa.select(sa.text("kind, id")).select_from(sa.text("source"))
    ):
        sources.setdefault(kind, []).append(ident)
    db.session.rollback()

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(1, size.inquiries + 1):
            person, unit = chance.choice(made.people)
            to_sort = number % 300 == 0
            at = now - timedelta(minutes=chance.randrange(1, 1_500_000))
            caller = f"{chance.choice(GIVEN)} {unit.name}"
            yield {
                "id": number,
                "received_at": at,
                "summary": chance.choice(SAID),
                "typed": caller,
                "caller": caller if to_sort else "",
                "email": "",
                "phone": "",
                "channel_id": chance.choice(sources["channel"]),
                "trigger_id": chance.choice(sources["trigger"]),
                "organisation_id": None if to_sort else unit.id,
                "body_id": None if to_sort else unit.body_id,
                "person_id": None if to_sort else person,
                "told_by_id": None,
                "owner_id": chance.choice(made.users),
                "created_by_id": chance.choice(made.users),
                "sorting": "to_sort" if to_sort else "sorted",
                "answered_at": None if number % 200 == 0 else at + timedelta(hours=3),
                "answered_by_id": None if number % 200 == 0 else made.users[0],
                "let_go_reason": "",
                "version": 1,
            }

    def links() -> Iterator[dict[str, Any]]:
        for number, _unit, _title in made.cases:
            yield {"inquiry_id": number, "case_id": number}

    count = _insert("inquiry", rows())
    _insert("inquiry_case", islice(links(), size.inquiries))
    return count


NOTES = (
    "Gick igenom hur skolan kan börja i liten skala.",
    "Hon återkommer när nämnden har haft sitt möte.",
    "Rektorn vill se exempel från en annan kommun.",
    "Skickade underlaget till behovet inför internbudgeten.",
)


def _activities(made: Made, size: Size) -> Iterator[dict[str, Any]]:
    """Spread over units as cases and calls are; the busy body gets its own share first."""
    chance, now = made.chance, clock.now()
    busy = next(body.id for body in made.bodies if (body.name_full or body.name) == BUSY)
    there = [unit for unit in made.units if unit.body_id == busy]
    elsewhere = [person for person in made.people if person[1].body_id != busy]
    cases = [case for case in made.cases if case[1].body_id != busy]
    for number in range(size.activities):
        person, unit = chance.choice(elsewhere)
        case: int | None = None
        kind = chance.choices(
            ("call", "mail", "meeting", "note", "inquiry", "stage"), (30, 25, 10, 15, 12, 8)
        )[0]
        data: dict[str, Any] = {}
        if number < size.busy:
            unit = chance.choice(there)
            person = chance.choice(made.people)[0]
        elif kind == "stage" or chance.random() < 0.1:
            case, unit, title = chance.choice(cases)
            if kind == "stage":
                data = {
                    "event": "adoption_moved",
                    "title": title,
                    "before": "curious",
                    "after": "colleagues",
                }
        if kind == "stage" and not data:
            kind = "note"
        if kind == "inquiry":
            data = {"event": "inquiry_logged"}
        yield {
            "at": now - timedelta(minutes=chance.randrange(1, 1_500_000)),
            "kind": kind,
            "organisation_id": unit.id,
            "body_id": unit.body_id,
            "person_id": person,
            "case_id": case,
            "inquiry_id": None,
            "user_id": chance.choice(made.users),
            "text": chance.choice(NOTES) if not data else "",
            "data": data,
        }


def _index(made: Made) -> int:
    """Everything that can be found, by the search's own verb."""
    count = 0
    with transaction(cause="bench"):
        count += put_organisations([unit.id for unit in made.units])
    with transaction(cause="bench"):
        count += put_people()
    with transaction(cause="bench"):
        count += put_many(_case_docs())
    with transaction(cause="bench"):
        count += put_many(_inquiry_docs())
    return count


def _case_docs() -> Iterator[Doc]:
    rows = sa.select(
        Case.id,
        Case.title,
        Organisation.id,
        Organisation.body_id,
        Organisation.name,
        Organisation.path,
    ).join(Organisation, Organisation.id == Case.organisation_id)
    for ident, title, organisation, body, name, path in db.session.execute(rows).all():
        yield Doc("case", ident, title, path, organisation, body, subtitle=name)


def _inquiry_docs() -> Iterator[Doc]:
    rows = sa.select(
        Inquiry.id,
        Inquiry.summary,
        Inquiry.caller,
        Organisation.id,
        Organisation.body_id,
        Organisation.name,
        Organisation.path,
    ).outerjoin(Organisation, Organisation.id == Inquiry.organisation_id)
    for ident, said, caller, organisation, body, name, path in db.session.execute(rows).all():
        yield Doc(
            "inquiry", ident, said, path or "", organisation, body, subtitle=name or "", own=caller
        )


def _reminders(made: Made, wanted: int) -> int:
    """What the real planner plans, put into the inboxes, and a past of done ones to fill up."""
    if not wanted:
        return 0
    now = clock.now()
    bodies = sorted({unit.body_id for _id, unit, _title in made.cases})
    for start in range(0, len(bodies), 50):
        with transaction(cause="bench"):
            planning.replan(bodies[start : start + 50], today=made.today, now=now)
    while True:
        with transaction(cause="bench"):
            if not reminders.surface(today=made.today, now=now):
                break
    return grow_reminders(wanted, state="done", shift_days=-400)


def grow_reminders(wanted: int, *, state: str, shift_days: int, slim: bool = False) -> int:
    """Copy planned reminders in the server, so many days away, until there are `wanted`.

    `slim` leaves their words out, for a million rows of which only the days are read.
    """
    table = _table("reminder")
    mark = sa.bindparam("mark", type_=sa.String)
    with db.engine.begin() as connection:
        shifted = {
            name: _plus_days(connection.dialect.name, table.c[name], shift_days)
            for name in ("due_on", "show_on", "wanted_on")
        }
        copied = {**shifted, "key": table.c.key + mark, "state": sa.literal(state)}
        if slim:
            copied |= {"params": sa.text("'{}'"), "moved": sa.text("'[]'"), "source": sa.text("''")}
        columns = [column for column in table.c if column.name != "id"]
        originals = (
            sa.select(*(copied.get(column.name, column) for column in columns))
            .where(table.c.key.not_like("%#%"))
            .order_by(table.c.id)
            .limit(sa.bindparam("most"))
        )
        copy = sa.insert(table).from_select(columns, originals)
        count = sa.select(sa.func.count()).select_from(table)
        before, there, turn = -1, connection.scalar(count) or 0, 0
        while before < there < wanted:
            turn += 1
            connection.execute(copy, {"mark": f"#{state}{turn}", "most": wanted - there})
            before, there = there, connection.scalar(count) or 0
    return there


def _plus_days(dialect: str, column: sa.ColumnElement[date], days: int) -> Any:
    if dialect == "sqlite":
        return sa.func.date(column, f"{days} days")
    return column + sa.cast(days, sa.Integer)


# --- Plumbing ---------------------------------------------------------------------------------


def _table(name: str) -> sa.Table:
    return Base.metadata.tables[name]


def _instant(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC)


def _insert(name: str, rows: Iterable[dict[str, Any]]) -> int:
    """Core batches, one transaction; returns how many rows."""
    count, source = 0, iter(rows)
    with db.engine.begin() as connection:
        while batch := list(islice(source, BATCH)):
            connection.execute(sa.insert(_table(name)), batch)
            count += len(batch)
    return count


def _set_sequences() -> None:
    """PostgreSQL counts on from the ids we gave ourselves."""
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.begin() as connection:
        for name in ("organisation", "person", "case", "inquiry"):
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), "
                f'(SELECT max(id) FROM "{name}"))'
            )


def analyse() -> None:
    """What a database does by itself in the first night."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")
            return
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
