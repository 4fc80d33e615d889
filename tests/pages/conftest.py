"""The demonstration, served once for all tests of this folder, with one of everything besides."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from crm.accounts.models import User
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db, transaction
from crm.ops import demo
from crm.organisations.models import Organisation
from crm.reminders.models import WAITING_STATES, Reminder
from crm.rules.access import Role
from crm.rules.reminders import ReminderKind
from crm.rules.stages import CaseState
from tests.conftest import running_app, settings_for
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.interest import inquiry
from tests.factories.reminders import make_reminder
from tests.support.browsers import Live, served, watched_context
from tests.support.databases import SqliteMaker
from tests.support.sessions import cookies_for
from tests.support.world import World, build, routes

NO_PAGE = {
    "organisations.options": "options of a picker, shown inside other pages",
    "interest.options": "options of a picker, shown inside other pages",
    "reminders.feed": "a calendar, tests/reminders parses it",
    "organisations.add_alias": "sends a GET on to the page that has its form",
    "organisations.learn_domain": "sends a GET on to the page that has its form",
    "accounts.sign_in": "sends on who is signed in; visited below without a user",
    "accounts.code": "needs half a sign-in; tests/accounts goes through it",
    "pricing.shared_pdf": "a PDF, tests/pricing reads it",
    "kits.shared_pdf": "a PDF, tests/kits reads it",
    "accounts.accept": "visited below without a user",
    "accounts.password_by_link": "visited below without a user",
}
"""GET routes that are no page of their own for somebody signed in, each with why."""

LISTS = [
    "overview.today",
    "organisations.index",
    "people.index",
    "cases.index",
    "interest.queue",
    "interest.index",
    "reminders.inbox",
    "budgets.index",
    "procurements.index",
    "pricing.index",
    "contracts.index",
    "tenders.index",
    "procurements.notices",
    "records.index",
    "trials.index",
    "requirements.index",
    "requirements.needs",
    "requirements.answers",
    "champions.everywhere",
    "pipeline.by_municipality",
    "activities.timeline",
]


@dataclass
class Site:
    """The served demonstration, its world and what there is to visit."""

    live: Live
    world: World
    readers: dict[str, int]
    """The administrator's twin in each language, by language."""
    own: dict[str, dict[str, str]]
    """Addresses that only one of the readers may open, by language and name."""
    more: dict[str, str] = field(default_factory=dict)
    """Further states of pages worth a visit: rich accounts, filtered lists, mistakes."""

    def pages(self, language: str) -> dict[str, str]:
        """Address by name, of every page for somebody signed in."""
        found = {
            rule.endpoint: self.world.address(self.live.app, rule)
            for rule in routes(self.live.app, "GET")
            if rule.endpoint not in NO_PAGE and not rule.rule.endswith((".csv", ".ics"))
        }
        return found | self.own[language] | self.more

    def doors(self) -> dict[str, str]:
        """Address by name, of the pages for nobody in particular."""
        ends = ("accounts.sign_in", "accounts.accept", "accounts.password_by_link")
        return {
            rule.endpoint: self.world.address(self.live.app, rule)
            for rule in routes(self.live.app, "GET")
            if rule.endpoint in ends
        }


@pytest.fixture(scope="session")
def site(sqlite_maker: SqliteMaker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    settings = settings_for(
        sqlite_maker.copy(), tmp_path_factory.mktemp("site"), base_url="http://127.0.0.1"
    )
    with running_app(settings) as app:
        with app.app_context():
            demo.build()
            with transaction():
                world = build(app)
                readers, own = {}, {}
                school = world.parts["organisation_id"]
                for language in ("sv", "en"):
                    user = demo.accounts.add_user(
                        name=f"Läsare {language}",
                        email=f"{language}@example.se",
                        role=Role.ADMIN,
                        now=clock.now(),
                        language=language,
                    )
                    db.session.flush()
                    readers[language] = user.id
                    place = db.session.get_one(Organisation, school)
                    note = make_activity(place, by=user)
                    fill_the_day(place, user)
                    own[language] = {
                        "activities.edit": f"/activities/{note.id}/edit",
                        "reminders.new": f"/reminders/new?organisation={school}",
                        "trials.new_pilot": f"/trials/pilots/new?case={world.parts['case_id']}",
                    }
                more = rich_pages()
                its = f"/cases/{world.parts['case_id']}"
                line = world.parts["anchoring.line_id"]
                more |= {
                    "a map being filled in": f"{its}/anchoring?edit=it&line={line}",
                    "two maps": f"{its}/anchoring?then=2026-01-02",
                    "a step of the gate": f"{its}/gate?edit=archive",
                }
        with served(app) as live:
            yield Site(live, world, readers, own, more)


def fill_the_day(school: Organisation, user: User) -> None:
    """A day with something of everything on it."""
    today, now = clock.today(), clock.now()
    case = make_case(school, f"Läsverktyg för {user.name}", owner=user, now=now)
    case.expected_on = today + timedelta(days=90)
    kinds = ((-20, ReminderKind.DEADLINE), (-1, ReminderKind.CONTACT), (5, ReminderKind.READ))
    for days, kind in kinds:
        make_reminder(school, user, today + timedelta(days=days), case=case, kind=kind)
    for hours in (90, 2):
        inquiry(by=user, now=now - timedelta(hours=hours), typed="hults ven anna", channel="mail")


def _waking(case: Case) -> int:
    """The reminder that asks whether the case is to wake: it tells what has changed meanwhile."""
    wanted = sa.select(Reminder.id).where(Reminder.rule_key == "WAKE", Reminder.case_id == case.id)
    found = db.session.scalar(wanted.order_by(Reminder.id.desc()))
    assert found is not None
    return found


def _three_that_wait() -> str:
    """Three reminders ticked, as a list sends them."""
    wanted = sa.select(Reminder.id).where(Reminder.state.in_(WAITING_STATES)).limit(3)
    return "&".join(f"r={number}" for number in db.session.scalars(wanted.order_by(Reminder.id)))


def rich_pages() -> dict[str, str]:
    """What the demonstration has lived through, and lists in their other states."""

    def a_case(*where: Any) -> Case:
        found = db.session.scalars(sa.select(Case).where(*where).order_by(Case.id)).first()
        assert found is not None
        return found

    waiting, closed = (a_case(Case.state == s) for s in (CaseState.WAITING, CaseState.CLOSED))
    open_case = a_case(Case.state == CaseState.OPEN, Case.adoption != "curious")
    founder = db.session.scalar(sa.select(User.id).where(User.role == Role.FOUNDER))
    assert founder is not None
    return {
        "a body with a story": f"/accounts/{open_case.body_id}",
        "its story": f"/accounts/{open_case.body_id}/timeline",
        "its year": f"/budget-year/{open_case.body_id}",
        "its year, to edit": f"/budget-year/{open_case.body_id}/edit",
        "everybody's week": "/budget-year/this-week?whose=all&units=1",
        "everybody's planner": "/budget-year/planner?whose=all&year=2027&phase=decision",
        "many wheels in bands": "/budget-year/wheels?whose=all",
        "many wheels by name": "/budget-year/wheels?whose=all&county=09",
        "who is behind a figure": "/budget-year/doing?whose=all&phase=unknown",
        "a waiting case": f"/cases/{waiting.id}",
        "a closed case": f"/cases/{closed.id}",
        "an open case": f"/cases/{open_case.id}",
        "a new case": f"/cases/new?organisation={open_case.body_id}",
        "a new person": f"/people/new?organisation={open_case.body_id}",
        "people who may be the same": "/merging/people",
        "a hand-over to look at": f"/hand-over?from={founder}",
        "an account for the calendar": f"/reminders/calendar?organisation={open_case.body_id}",
        "several to put off": f"/reminders/later?within={open_case.body_id}",
        "the days of several": f"/reminders/later/days?until=2027-12-24&{_three_that_wait()}",
        "a reminder to wake": f"/reminders/{_waking(waiting)}",
        "cases, none found": "/cases?q=finnsinte",
        "accounts, found": "/accounts?q=hultsfred",
        "accounts, none found": "/accounts?q=xyzzyx",
        "people, none found": "/people?q=xyzzyx",
        "everybody's reminders": "/reminders?whose=all",
        "everybody's queue": "/inquiries?whose=all",
        "everybody's unanswered": "/inquiries/unanswered?whose=all",
        "every municipality": "/pipeline?every=1",
        "county by county": "/pipeline?by=county",
        "the pipeline's every column": "/pipeline?columns=all",
        "all answers of a search": "/search?q=skola",
        "no answer to a search": "/search?q=xyzzyx",
        "a page that is not there": "/there-is-no-such-page",
    }


@pytest.fixture
def visitor(browser: Any, site: Site) -> Iterator[Callable[..., Any]]:
    """`visitor("sv", viewport={…})`: a page of somebody who reads that language; None: nobody."""
    with ExitStack() as stack:

        def make(language: str | None = "sv", **options: Any) -> Any:
            context = stack.enter_context(watched_context(browser, site.live.url, **options))
            if language is not None:
                context.add_cookies(cookies_for(site.live, site.readers[language]))
            return context.new_page()

        yield make
