"""Bad input at every address: a clear sentence with the words kept, a 4xx, and nothing half-written.

The forms are read from the pages themselves (tests/support/forms.py), so that a new one is walked
over without being written down here. Each sending is undone before the next.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import quote_from_bytes, urlencode

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask, request
from markupsafe import escape
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from crm.accounts.models import User
from crm.core import clock
from crm.core.db import Base, db
from crm.core.resources import ROOT
from crm.rules.access import Role
from crm.web.forms import Form, OnceForm, VersionedForm, clean
from tests.architecture import expect_none
from tests.security.conftest import Made
from tests.support.clients import Client, make_client
from tests.support.forms import Entry, PostForm, post_forms
from tests.support.sessions import sign_in
from tests.support.world import MISSING, SCHOOL_FILE, World, routes

pytestmark = pytest.mark.slow

PASSWORD = "tre kloka kor dansar"
NAUGHTY = (
    "\x00\u202eatl\u0301 \U0001f469\u200d\U0001f52c<script>alert(1)</script>{{ 7*7 }}"
    "%s%(x)s%n'\"\\;--\ud800\ufeff"
)
NUMBERS = ("no-such", "99999999999999999999", str(MISSING))
SENTENCE = re.compile(r'role="alert"|class="error-summary"|<h1')

GOOD = {
    "accounts.absence.first": "2031-02-01",
    "accounts.absence.last": "2031-02-08",
    "accounts.vendor.name": "Läsverktyg AB",
    "accounts.absence_of.first": "2031-02-01",
    "accounts.absence_of.last": "2031-02-08",
    "accounts.accept.password": PASSWORD + " igen",
    "accounts.change_password.old": PASSWORD,
    "accounts.change_password.password": PASSWORD + " igen",
    "accounts.accept.name": "Ny Kollega",
    "accounts.invite.email": "ny.kollega@example.se",
    "accounts.language.language": "en",
    "accounts.password_by_link.password": PASSWORD + " igen",
    "accounts.sign_in_post.email": "ingen@example.se",
    "accounts.theme.theme": "dark",
    "activities.add.text": "Vi talade om läsprovet.",
    "anchoring.add_reference.organisation_id": "{organisation_id}",
    "anchoring.add_remark.person_id": "{person_id}",
    "anchoring.add_remark.words": "Vi lägger upp kontona för hand.",
    "anchoring.answer_remark.answer": "De läses in varje natt.",
    "anchoring.page.person_id": "{person_id}",
    "anchoring.relations.one_id": "{person_id}",
    "anchoring.relations.other_id": "{colleague_id}",
    "anchoring.skip.reason": "Redan granskat",
    "budgets.change_advice.text_sv": "Hjälp den som skriver.",
    "budgets.add_meetings.days": "2031-02-24",
    "budgets.confirm_same.ids": "{neighbour_id}",
    "budgets.copy_from.other": "{neighbour_id}",
    "budgets.look_through.text": "2031-02-24; Kommunfullmäktige",
    "budgets.save_dates.r0_day": "2031-02-24",
    "budgets.save_dates.r0_name": "Kommunfullmäktige",
    "budgets.save_dates.r0_use": "y",
    "budgets.save_dates.r0_what": "meeting",
    "budgets.pause.ends_on": "2031-02-01",
    "budgets.pause.kind": "quiet",
    "budgets.pause.starts_on": "2031-01-01",
    "cases.add_role.person_id": "{person_id}",
    "cases.add_unit.organisation_id": "{body_id}",
    "cases.close.ending": "lost:price",
    "cases.new.title": "Läsprovet",
    "cases.products.name": "Något nytt",
    "cases.wait.reason": "no_budget",
    "cases.wait.until": "v. 47 2031",
    "cases.roles.roles": "user",
    "champions.add.kind": "uses_weekly",
    "champions.add_in_case.kind": "uses_weekly",
    "champions.add_in_case.person_id": "{person_id}",
    "champions.sold.function": "management",
    "champions.sold.outcome": "liked",
    "champions.successor.person_id": "{person_id}",
    "contracts.add_callers.organisation": "{other_organisation_id}",
    "contracts.add_option.months": "12",
    "contracts.end.ended_on": "v. 47 2027",
    "contracts.new.source": "Tilldelningsbeslutet",
    "contracts.new.supplier": "Bokstaven AB",
    "contracts.new.title": "Läsplattformen",
    "contracts.tie.case_id": "{case_id}",
    "procurements.signed.answer": "not_yet",
    "domain": "ny.example",
    "handover.index.to": "{user_id}",
    "integrity.conflict_in_case.note": "Styrelseuppdrag hos en leverantör",
    "integrity.conflict_of_person.note": "Syskon på företaget",
    "integrity.offer.policy_note": "Kommunens riktlinjer, 4 §",
    "integrity.offer.value": "35",
    "integrity.offer.what": "Kaffe vid mötet",
    "integrity.share.occasion": "Visning för förvaltningen",
    "integrity.share.what": "Bilder",
    "interest.answer.text": "Vi skickade priset.",
    "interest.let_go.reason": "Inte för oss",
    "interest.lists.name_sv": "Chatt",
    "interest.log.step": "later",
    "interest.log.summary": "Vill prova",
    "interest.log.who_text": "hults ven anna",
    "interest.sort.choice": "o={other_organisation_id}",
    "interest.sort.version": "1",
    "merging.choose.q": "hultsfred",
    "merging.merge.of_name": "kept",
    "merging.merge.reason": "duplicate",
    "merging.verdict.verdict": "later",
    "champions.change_figures.note": "Vi säljer till små enheter",
    "law.change_lead_time.note": "Egen erfarenhet",
    "law.change_lead_time.source": "Tre upphandlingar",
    "law.change.note": "Läst i EUT",
    "law.change.source": "EUT C/2025/5732",
    "organisations.add_alias.name": "Skolan på höjden",
    "organisations.add_unit.name": "Xylofonskolan",
    "organisations.close.successor": "{other_organisation_id}",
    "organisations.new.name": "Xylofonstiftelsen",
    "inquiry": "{inquiry_id}",
    "organisation": "{other_organisation_id}",
    "other_id": "{colleague_id}",
    "parent": "{other_organisation_id}",
    "password": PASSWORD,
    "people.new.first_name": "Xerxes",
    "kits.ask.email": "bo.bok@hultsfred.se",
    "kits.ask.question": "Kan vi logga in med e-legitimation?",
    "people.add_post.title": "Något annat",
    "pricing.add_line.amount": "1 250",
    "pricing.add_line.name": "Support",
    "procurements.move.reason": "De väntar på beslutet",
    "procurements.new.title": "Läs- och skrivstöd",
    "procurements.new_buyer.kind": "authority",
    "procurements.new_buyer.name": "Okända verket",
    "requirements.capture.words": "Vi vill kunna skriva ut klasslistan.",
    "requirements.capture.area": "function",
    "requirements.compare.text": "3.1 Tjänsten ska ha en klasslista",
    "requirements.edit.text": "Klasslistan kan skrivas ut",
    "requirements.edit_answer.text": "Ja.",
    "requirements.edit_need.area": "function",
    "requirements.edit_need.words": "Vi vill kunna skriva ut.",
    "requirements.group.group": "new",
    "requirements.join.into": "{other_requirement_id}",
    "requirements.new.text": "Klasslistan kan skrivas ut",
    "requirements.new_answer.text": "Ja.",
    "requirements.new_answer.title": "Utskrift",
    "records.answer.outcome": "given",
    "records.answer.winner": "Bokstaven AB",
    "records.edit.asked": "Hej! Vi ber att få avtalet.",
    "records.new.asked": "Hej! Vi ber att få avtalet.",
    "records.new.title": "Läs- och skrivstöd",
    "reminders.add_rule.kind": "prepare",  # a freeze stops the contacts of this world
    "reminders.add_rule.name": "Dela ett prisexempel",
    "reminders.change_own_rule.name": "Dela ett annat prisexempel",
    "reminders.new.on": "v. 47 2031",
    "reminders.new.text": "Skicka prislistan",
    "reminders.snooze.until": "v. 47 2031",
    "trials.evaluate.result": "De läste mer",
    "trials.new_pilot.evaluates": "Läser de mer?",
    "trials.new_pilot.ends_on": "2031-03-01",
    "trials.edit_pilot.ends_on": "2031-03-01",
    "trials.senders.name": "Skrivlyftet",
    "trials.take_table.source": "{sender_id}",
    "trials.take_table.table": "E-post\nbo.bok@hultsfred.se",
    "trials.look_through.text": "E-post\nbo.bok@hultsfred.se",
    "trials.accept_stage.stage": "colleagues",
    "tenders.add_item.text": "Försäkringsbevis",
    "tenders.submit.reason": "Intyget kommer",
}
"""What makes a form a good one: by "endpoint.field", or for every empty "field". The braces name
parts of the world."""

BY_HAND = {
    "budgets.save_dates": ["r0_use", "r0_day", "r0_end", "r0_name", "r0_what", "source_url"],
    "cases.link": ["inquiry"],
    "interest.known": ["who", "unit_name", "person_name", "email", "phone"],
    "interest.options": ["q"],
    "interest.sort": ["choice", "version"],
    "merging.verdict": ["verdict"],
    "organisations.duplicates": ["name", "parent", "org_number", "email", "phone"],
    "organisations.options": ["q"],
    "overview.search_options": ["q"],
    "people.options": ["q"],
    "trials.accept_stage": ["stage"],
    "trials.take": [],
    "trials.take_table": ["source", "table"],
    "people.duplicates": ["first_name", "last_name", "organisation", "except", "email", "phone"],
    "accounts.demo_sign_in": ["role"],
}
"""Fields of those that no page of the world has a form for."""

ANSWERS_AT_ONCE = {
    "accounts.new_password_link": "shows the link once",
    "budgets.edit": "its buttons look, add and take away without saving",
    "budgets.look_through": "what the rows would be, without saving",
    "budgets.preview": "a fragment for a script",
    "interest.edit": "the button that looks up",
    "interest.known": "a fragment for a script",
    "interest.options": "a fragment for a script",
    "merging.choose": "the answers of a search",
    "organisations.duplicates": "a fragment for a script",
    "organisations.options": "a fragment for a script",
    "overview.search_options": "a fragment for a script",
    "people.duplicates": "a fragment for a script",
    "people.options": "a fragment for a script",
    "trials.look_through": "what the rows would be, without saving",
    "trials.rotate": "shows the secret once",
    "trials.senders": "shows the secret once",
}
"""POSTs that may answer with a page although nothing was wrong, each with why."""

ASKS = ("SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA")
WRITES = re.compile(r"\b(insert|update|delete|merge|nextval|setval)\b", re.IGNORECASE)

COUNTED = {"login_attempt"}
"""Tables that a refusal writes to on purpose: wrong passwords are counted."""


@dataclass
class Walk:
    """The world's forms, and one colleague who may send them all."""

    app: Flask
    world: World
    forms: dict[str, tuple[str, PostForm]]  # by endpoint: where to, and the form
    everywhere: list[tuple[str, str, PostForm]]  # every form of every page: page, endpoint, form
    cookie: str
    may_have_written: bool = False
    """Whether the last sending made the database do anything but answer."""

    def client(self) -> Client:
        """A browser that is signed in, whatever the one before it did."""
        client = make_client(self.app)
        client.set_cookie(self.app.config["SESSION_COOKIE_NAME"], self.cookie)
        return client

    def send(self, endpoint: str, data: Any, **options: Any) -> TestResponse:
        address, form = self.forms[endpoint]
        if isinstance(data, dict) and "once" in data:  # a file is read where it is sent
            files = [entry.name for entry in form.entries if entry.kind == "file"]
            data = data | {name: (BytesIO(SCHOOL_FILE), "skolor.csv") for name in files}
        client, self.may_have_written = self.client(), False
        return client.post(address, data=data, inspect=False, **options)

    def note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        """Anything but a question may have written, and so may a question that holds such words."""
        asks = statement.lstrip().upper().startswith(ASKS)
        if not asks or WRITES.search(statement):
            self.may_have_written = True

    def filled(self, endpoint: str, **changes: str) -> dict[str, Any]:
        """The form as somebody might send it who makes no mistake."""
        sent = self.forms[endpoint][1].sent()
        sent.pop("csrf_token", None)
        for name in self.forms[endpoint][1].names:
            good = GOOD.get(f"{endpoint}.{name}", sent.get(name) or GOOD.get(name))
            if good is not None:
                sent[name] = good.format_map(self.world.parts)
        return sent | changes


@pytest.fixture
def walk(app: Flask, made: Made, world: World) -> Iterator[Walk]:
    """The clock stands still: a slow walk must not move on when its session was last seen."""
    with time_machine.travel(clock.now(), tick=False):
        admin = db.session.get_one(User, world.users[Role.ADMIN])
        client = make_client(app)
        sign_in(client, admin)
        db.session.commit()
        cookie = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
        assert cookie is not None
        walk = Walk(app, world, made.forms, made.everywhere, cookie.value)
        if not walk.forms:
            _read_forms(walk)
        sa.event.listen(db.engine, "before_cursor_execute", walk.note)
        try:
            yield walk
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", walk.note)


def _read_forms(walk: Walk) -> None:
    app, world = walk.app, walk.world
    pages = [world.address(app, rule) for rule in routes(app, "GET") if _may_hold_forms(rule)]
    pages.append(f"/trials/pilots/new?case={world.parts['case_id']}")
    pages.append(f"/reminders/new?organisation={world.parts['organisation_id']}")
    pages.append(f"/procurements/plan/{world.parts['case_id']}?in_use_on=%2B100v")
    pages.append(f"/budget-year/{world.parts['body_id']}/copy?other={world.parts['neighbour_id']}")
    pages.append(f"/hand-over?from={world.users[Role.ADMIN]}")
    parts = world.parts
    pages.append(f"/cases/{parts['case_id']}/anchoring?edit=it&line={parts['anchoring.line_id']}")
    pages.append(f"/cases/{parts['case_id']}/gate?edit=archive")
    found: dict[str, PostForm] = {}
    for browser, addresses in ((walk.client(), pages), (make_client(app), ["/sign-in"])):
        for address in addresses:
            for form in _forms_of(browser, address):
                there = (form.action or address).partition("#")[0]
                bare = there.partition("?")[0]
                walk.everywhere.append((address, _endpoint(app, bare), form))
                if bare not in found or len(found[bare].entries) < len(form.entries):
                    found[bare] = PostForm(there, form.entries)
    for rule in routes(app, "POST"):
        address = world.address(app, rule)
        fields = [Entry(name, "hidden", "") for name in BY_HAND.get(rule.endpoint, ())]
        form = found.get(address) or PostForm(address, tuple(fields))
        walk.forms[rule.endpoint] = (form.action, form)


def _may_hold_forms(rule: Rule) -> bool:
    return not re.search(r"\.csv|\.ics|/options|/known|/status", str(rule))


def _endpoint(app: Flask, address: str) -> str:
    """The view that a form is sent to; none when it is its buttons that say where."""
    try:
        return str(app.url_map.bind("localhost").match(address, method="POST")[0])
    except MethodNotAllowed:
        return ""


def _forms_of(client: Client, address: str) -> list[PostForm]:
    response = client.get(address, inspect=False)
    return post_forms(response.text) if response.mimetype == "text/html" else []


@contextmanager
def undone() -> Iterator[None]:
    """Whatever the block commits is taken back."""
    db.session.commit()
    savepoint = db.session.get_bind().begin_nested()  # type: ignore[union-attr]  # a connection
    try:
        yield
    finally:
        db.session.close()
        savepoint.rollback()


def everything() -> dict[str, list[Any]]:
    """Every row there is."""
    found = {
        table.name: list(db.session.execute(sa.select(table).order_by(*table.primary_key)))
        for table in Base.metadata.sorted_tables
        if table.name not in COUNTED
    }
    db.session.commit()
    return found


def differs(before: dict[str, list[Any]]) -> list[str]:
    return [name for name, rows in everything().items() if rows != before[name]]


def faults(
    walk: Walk,
    endpoint: str,
    sent: dict[str, Any],
    form: PostForm,
    response: TestResponse,
    before: Any,
) -> list[str]:
    """What an answer to bad input may not be."""
    status = response.status_code
    if status in {302, 303}:
        return []
    if status == 200:
        return [] if endpoint in ANSWERS_AT_ONCE else ["answers 200 as if nothing were wrong"]
    if not 400 <= status < 500:
        return [str(status)]
    wrong = []
    if walk.may_have_written and (changed := differs(before)):
        wrong.append(f"{status}, and yet it wrote to {changed}")
    if response.mimetype != "application/json" and not SENTENCE.search(response.text):
        wrong.append(f"{status} without a sentence")
    if status in {409, 422} and "Traceback" not in response.text:
        wrong += [
            f"{status}, and what was typed into {entry.name} is gone"
            for entry in form.entries
            if entry.typed and not _kept(sent.get(entry.name), response.text)
        ]
    return wrong


def _kept(value: Any, text: str) -> bool:
    words = str(clean(value or ""))
    return not words or str(escape(words)) in text or words in text


def _walked(
    walk: Walk, bad: Callable[[str, PostForm], Iterator[tuple[str, dict[str, Any]]]]
) -> list[str]:
    """Send every bad version of every form; what was wrong with the answers."""
    before, wrong = everything(), []
    for endpoint, (_address, form) in walk.forms.items():
        for what, sent in bad(endpoint, form):
            with undone():
                response = walk.send(endpoint, sent)
                found = faults(walk, endpoint, sent, form, response, before)
            wrong += [f"{endpoint} with {what}: {fault}" for fault in found]
    return wrong


def _singled(form: PostForm) -> list[Entry]:
    """Each field once; of a row of like ones (start_kf…, start_internbudget…) the first."""
    found: dict[str, Entry] = {}
    for entry in form.entries:
        if entry.name not in {"csrf_token", "version", "once"}:
            found.setdefault(re.sub(r"^(start|end|year)_\w+|\d+", r"\1", entry.name), entry)
    return list(found.values())


def test_every_form_can_be_sent(walk):
    """Else the tests below would be walking past closed doors."""
    closed = {
        "organisations.import_schools",
        "accounts.code_post",
        "accounts.second_factor",
        "accounts.second_factor_off",
        "accounts.recovery_codes",
        "accounts.demo_sign_in",
        "accounts.sign_in_post",
    }
    wrong = []
    for endpoint, (_address, form) in walk.forms.items():
        if endpoint in closed or not form.entries:
            continue
        with undone():
            status = walk.send(endpoint, walk.filled(endpoint)).status_code
        if status >= 400:
            wrong.append(f"{endpoint}: {status} {walk.filled(endpoint)}")
    expect_none(wrong)


@pytest.mark.one_database
def test_nothing_at_all(walk):
    def bad(endpoint: str, form: PostForm) -> Iterator[tuple[str, dict[str, Any]]]:
        yield "nothing", {}
        sent = walk.filled(endpoint)
        yield "empty fields", {name: "" for name in sent if name not in {"once", "version"}}
        for entry in _singled(form):
            yield f"an empty {entry.name}", sent | {entry.name: ""}

    expect_none(_walked(walk, bad))


@pytest.mark.strictest_database
def test_naughty_words(walk):
    """They are only words: kept where words are wanted, refused elsewhere."""

    def bad(endpoint: str, form: PostForm) -> Iterator[tuple[str, dict[str, Any]]]:
        for entry in _singled(form):
            words = NAUGHTY.replace("\ud800", "")
            yield f"naughty words in {entry.name}", walk.filled(endpoint, **{entry.name: words})

    expect_none(_walked(walk, bad))


@pytest.mark.strictest_database
def test_too_long(walk):
    before, wrong = everything(), []
    for endpoint, (_address, form) in walk.forms.items():
        for entry in _singled(form):
            words = "å" * (30_000 if entry.kind == "textarea" else 10_000)
            sent = walk.filled(endpoint, **{entry.name: words})
            with undone():
                response = walk.send(endpoint, sent)
                found = faults(walk, endpoint, sent, form, response, before)
                if entry.typed and response.status_code == 303 and not _only_sought(entry, sent):
                    found.append("was taken, and cut off unseen")
            wrong += [f"{endpoint} with a long {entry.name}: {fault}" for fault in found]
    expect_none(wrong)


def _only_sought(entry: Entry, sent: dict[str, Any]) -> bool:
    """A question, the words beside a choice that has been made, or the trap that only robots fill."""
    return entry.name in {"q", "website"} or (
        entry.name.endswith("_text") and bool(sent.get(entry.name.removesuffix("_text")))
    )


@pytest.mark.strictest_database
def test_choices_and_ids_that_do_not_exist(walk):
    before, wrong = everything(), []
    for endpoint, (_address, form) in walk.forms.items():
        for entry in _singled(form):
            if entry.typed:
                continue
            closed = entry.kind in {"select", "radio"}
            for odd in NUMBERS[:1] if closed else NUMBERS:
                if odd in entry.choices:
                    continue
                sent = walk.filled(endpoint, **{entry.name: odd})
                with undone():
                    response = walk.send(endpoint, sent)
                    found = faults(walk, endpoint, sent, form, response, before)
                    if closed and response.status_code == 303:
                        found.append("was taken")
                wrong += [f"{endpoint} with {entry.name}={odd!r}: {fault}" for fault in found]
    expect_none(wrong)


@pytest.mark.one_database
def test_bytes_that_are_no_text(walk):
    """Half a character, a surrogate alone, a NUL: as a broken client sends them."""
    before, wrong = everything(), []
    broken = quote_from_bytes(b"\xff\xfe\xed\xa0\x80\x00\xc3")
    for endpoint, (_address, form) in walk.forms.items():
        sent = walk.filled(endpoint)
        typed = {entry.name for entry in form.entries if entry.typed}
        kept = urlencode({name: value for name, value in sent.items() if name not in typed})
        body = "&".join([kept, *(f"{name}={broken}" for name in typed), f"{broken}={broken}"])
        with undone():
            response = walk.send(endpoint, body, content_type="application/x-www-form-urlencoded")
            found = faults(walk, endpoint, {}, form, response, before)
        wrong += [f"{endpoint}: {fault}" for fault in found]
    expect_none(wrong)


@pytest.mark.one_database
def test_a_stale_form_is_not_saved(walk):
    before, wrong = everything(), []
    for endpoint, (_address, form) in walk.forms.items():
        if "version" not in form.names:
            continue
        for version in ("999", "x" * 12, "-1", "", None):
            sent = walk.filled(endpoint, version=version or "")
            if version is None:  # as a page sends it that has forgotten the field
                del sent["version"]
            with undone():
                response = walk.send(endpoint, sent)
                found = faults(walk, endpoint, sent, form, response, before)
            if response.status_code != 409:
                found.append(str(response.status_code))
            wrong += [f"{endpoint} with version {version}: {fault}" for fault in found]
    expect_none(wrong)


def test_sent_twice_is_one_row_and_one_place_to_land(walk):
    wrong, walked = [], 0
    for endpoint, (_address, form) in walk.forms.items():
        if "once" not in form.names:
            continue
        walked += 1
        with undone():
            first = walk.send(endpoint, walk.filled(endpoint, once="a"))
            rows = everything()
            second = walk.send(endpoint, walk.filled(endpoint, once="a"))
            if endpoint in ANSWERS_AT_ONCE and first.status_code == 200:
                is_good = second.status_code == 303
            else:
                places = {one.headers.get("Location") for one in (first, second)}
                is_good = first.status_code == 303 and len(places) == 1
            if not is_good:
                wrong.append(f"{endpoint}: {first.status_code}, then {second.status_code}")
            wrong += [f"{endpoint} wrote twice to {name}" for name in differs(rows)]
        with undone():
            rows, sent = everything(), walk.filled(endpoint, once="")
            refused = walk.send(endpoint, sent)
            found = faults(walk, endpoint, sent, form, refused, rows)
            if refused.status_code != 422:
                found.append(str(refused.status_code))
            wrong += [f"{endpoint} without a token: {fault}" for fault in found]
    expect_none(wrong)
    assert walked >= 12


@pytest.mark.one_database
def test_no_form_that_asks_for_its_version_or_its_mark_is_walked_past(walk, monkeypatch):
    """The two walks above go by the fields of the pages; this one goes by what the views ask for.

    Each form is sent to its view, and it is noted which kinds of form the view carries out there.
    What asks for a version or a mark has to have been walked, and every page that sends a form to
    such a view has to send one along.
    """
    asks: dict[type[Form], set[str]] = {VersionedForm: set(), OnceForm: set()}
    carried: set[tuple[type[Form], str]] = set()
    answered: set[tuple[type[Form], str]] = set()

    def noted(kind: type[Form], method: str, seen: set[tuple[type[Form], str]]) -> None:
        before = getattr(kind, method)

        def noting(form: Form, *args: Any) -> Any:
            if request.method == "POST":
                seen.add((type(form), str(request.endpoint)))
            return before(form, *args)

        monkeypatch.setattr(kind, method, noting)

    noted(Form, "carried_out", carried)
    noted(VersionedForm, "check_number", answered)
    noted(OnceForm, "carried_out_once", answered)
    for endpoint in walk.forms:
        with undone():
            walk.send(endpoint, walk.filled(endpoint))
    wrong = []
    for base, field in ((VersionedForm, "version"), (OnceForm, "once")):
        seen = {kind.__name__ for kind, _endpoint in carried}
        kinds = {kind.__name__ for kind in _kinds(base) if not kind.__subclasses__()}
        wrong += [f"{name} was never carried out" for name in kinds - seen]
        for kind, endpoint in carried:
            if not issubclass(kind, base):
                continue
            asks[base].add(endpoint)
            if (kind, endpoint) not in answered:
                wrong.append(f"{endpoint} never asks {kind.__name__} for its {field}")
            if field not in walk.forms[endpoint][1].names:
                wrong.append(f"{endpoint} is not walked over with a {field}")
        wrong += [
            f"{page} sends a form to {endpoint} without its {field}"
            for page, endpoint, form in walk.everywhere
            if endpoint in asks[base] and field not in form.names
        ]
    expect_none(wrong)


def _kinds(base: type[Form]) -> set[type[Form]]:
    """The forms of the program that stand on this one."""
    found = {kind for kind in base.__subclasses__() if kind.__module__.startswith("crm.")}
    return found | {deeper for kind in found for deeper in _kinds(kind)}


# --- Addresses ------------------------------------------------------------------------------------

HOSTILE = (
    "",
    "-1",
    "99999999999999999999",
    "x",
    "0000-00-00",
    "v. 99 9999",
    "٣",
    "%00\x00'; DROP TABLE person; --",
    "å" * 3_000,
    NAUGHTY.replace("\ud800", ""),
)


@pytest.fixture(scope="module")
def asked_for() -> dict[str, list[str]]:
    """What the views read from the address, by package."""
    found: dict[str, list[str]] = {}
    for file in sorted((ROOT / "crm").glob("*/*.py")):
        text = file.read_text(encoding="utf-8")
        names = re.findall(r"(?:args|asked|request\.args|values)\.get(?:list)?\(\s*\"(\w+)\"", text)
        names += re.findall(r"_(?:number|asked|from_address)\((?:\w+, )?\"(\w+)\"", text)
        found.setdefault(file.parent.name, []).extend(names)
    return {package: sorted({*names, "page", "sort"}) for package, names in found.items()}


@pytest.mark.strictest_database
def test_hostile_questions_are_answered(walk, asked_for):
    """Odd filters, pages and orders count as not asked, or are not found; never an error."""
    everywhere = {name for names in asked_for.values() for name in names}
    # Much of what is odd is odd in the same way: of two lists one is asked the one half of it, and
    # the next the other; and each name by itself something odd.
    client, wrong = walk.client(), []
    for position, rule in enumerate(routes(walk.app, "GET")):
        address = walk.world.address(walk.app, rule)
        package = rule.endpoint.partition(".")[0]
        asked: list[dict[str, str]] = [dict.fromkeys(everywhere, odd) for odd in HOSTILE[1::4]]
        if not rule.arguments:
            asked = [dict.fromkeys(everywhere, odd) for odd in HOSTILE[position % 2 :: 2]]
            names = asked_for.get(package, [])
            asked += [{name: HOSTILE[(n * 7) % len(HOSTILE)]} for n, name in enumerate(names)]
        for question in asked:
            response = client.get(address, query_string=question, inspect=False)
            if response.status_code not in {200, 302, 303, 304, 404, 410, 422}:
                shown = dict(list(question.items())[:2])
                wrong.append(f"{address} with {shown}: {response.status_code}")
    expect_none(wrong)
