"""Which pages are measured: ours by address, and the least reading that gives the same rows."""

from dataclasses import dataclass, field, replace

import sqlalchemy as sa

ME = 2  # the account manager with many cases
BUSY = "(SELECT body_id FROM activity GROUP BY body_id ORDER BY count(*) DESC LIMIT 1)"
FTS = {
    "sqlite": (
        "SELECT d.kind, d.ref_id, d.title, d.subtitle FROM search_fts f"
        ' JOIN search_doc d ON d.id = f.rowid WHERE search_fts MATCH \'"hults"* "anna"*\' LIMIT 50'
    ),
    "postgresql": (
        "SELECT kind, ref_id, title, subtitle FROM search_doc"
        " WHERE tsv_all @@ to_tsquery('simple', '''hults'':* & ''anna'':*') LIMIT 50"
    ),
}


@dataclass(frozen=True, slots=True)
class Page:
    """`target` is the p95 in ms at eight clients that performance.md asks for."""

    key: str
    name: str
    path: str  # {busy} is the body with most in its timeline, {case} a case of ours
    statements: tuple[str, ...]
    target: float = 100.0
    fragment: bool = False
    per_engine: dict[str, str] = field(default_factory=dict)

    def at(self, busy: int, case: int, person: int) -> "Page":
        """With the ids of a database put in."""
        ids = {"{case}": str(case), "{person}": str(person), BUSY: str(busy)}

        def filled(statement: str) -> str:
            for name, ident in ids.items():
                statement = statement.replace(name, ident)
            return statement

        return replace(
            self,
            path=self.path.format(busy=busy, case=case, person=person),
            statements=tuple(filled(one) for one in self.statements),
        )

    def least(self, engine: str) -> tuple[str, ...]:
        """The hand-picked statements on this engine."""
        more = (self.per_engine[engine],) if self.per_engine else ()
        return (*self.statements, *more)


PAGES = (
    Page(
        "home",
        "Today",
        "/",
        (
            (
                f"SELECT count(*), 0, 0 FROM reminder WHERE user_id = {ME} AND state IN ('planned', 'due')"
                " AND show_on <= CURRENT_DATE"
            ),
            f'SELECT state, count(*) FROM "case" WHERE owner_id = {ME} GROUP BY state',
            (
                "SELECT r.title_key, r.show_on, o.name FROM"
                f" (SELECT rule_key AS title_key, show_on, organisation_id FROM reminder WHERE user_id = {ME}"
                " AND state IN ('planned', 'due') ORDER BY show_on LIMIT 100) r"
                " JOIN organisation o ON o.id = r.organisation_id"
            ),
        ),
    ),
    Page(
        "accounts",
        "Accounts, page 1",
        "/accounts",
        (
            "SELECT count(*) FROM organisation WHERE parent_id IS NULL",
            (
                "SELECT id, name, kind, county_name, population FROM organisation"
                " WHERE parent_id IS NULL ORDER BY name_sort LIMIT 50"
            ),
        ),
    ),
    Page(
        "people",
        "People, page 1",
        "/people",
        (
            "SELECT count(*) FROM person",
            (
                "SELECT p.id, p.first_name, p.last_name, p.email, p.phone FROM person p"
                " ORDER BY p.name_sort LIMIT 50"
            ),
        ),
    ),
    Page(
        "account",
        "A busy account",
        "/accounts/{busy}",
        (
            f"SELECT name, org_number, population FROM organisation WHERE id = {BUSY}",
            (
                f"SELECT id, at, kind, text FROM activity WHERE body_id = {BUSY}"
                " ORDER BY at DESC, id DESC LIMIT 20"
            ),
            f'SELECT id, title, state FROM "case" WHERE body_id = {BUSY} LIMIT 50',
            f"SELECT id, name, kind, parent_id FROM organisation WHERE body_id = {BUSY} LIMIT 80",
            (
                "SELECT p.first_name, p.last_name, p.phone, t.title, o.name FROM post t"
                " JOIN person p ON p.id = t.person_id JOIN organisation o ON o.id = t.organisation_id"
                f" WHERE o.body_id = {BUSY} AND t.ended_on IS NULL"
                " ORDER BY o.depth, p.name_sort LIMIT 12"
            ),
            (
                "SELECT rule_key, show_on, certainty FROM reminder"
                f" WHERE body_id = {BUSY} AND state IN ('planned', 'due') ORDER BY show_on LIMIT 6"
            ),
            (
                f"SELECT received_at, summary, caller FROM inquiry WHERE body_id = {BUSY}"
                " ORDER BY received_at DESC LIMIT 6"
            ),
        ),
    ),
    Page(
        "timeline",
        "Its whole story",
        "/accounts/{busy}/timeline",
        (
            f"SELECT count(*) FROM activity WHERE body_id = {BUSY}",
            (
                f"SELECT a.id, a.at, a.kind, a.text, o.name FROM activity a"
                f" JOIN organisation o ON o.id = a.organisation_id WHERE a.body_id = {BUSY}"
                " ORDER BY a.at DESC, a.id DESC LIMIT 50"
            ),
        ),
    ),
    Page(
        "cases",
        "Cases, page 1",
        "/cases",
        (
            "SELECT count(*) FROM \"case\" WHERE state <> 'closed'",
            (
                'SELECT c.id, c.title, c.state, c.adoption, c.next_step_on, o.name FROM "case" c'
                " JOIN organisation o ON o.id = c.body_id WHERE c.state <> 'closed'"
                " ORDER BY c.reminder_on LIMIT 50"
            ),
        ),
    ),
    Page(
        "case",
        "One case",
        "/cases/{case}",
        (
            'SELECT * FROM "case" WHERE id = {case}',
            (
                "SELECT p.first_name, p.last_name, c.role FROM case_person c"
                " JOIN person p ON p.id = c.person_id WHERE c.case_id = {case}"
            ),
            "SELECT rule_key, show_on FROM reminder WHERE case_id = {case} LIMIT 4",
            'SELECT track, "before", "after", at FROM stage_change WHERE case_id = {case}',
            (
                "SELECT o.name, u.in_use FROM case_unit u"
                " JOIN organisation o ON o.id = u.organisation_id WHERE u.case_id = {case}"
            ),
            (
                "SELECT i.received_at, i.summary FROM inquiry i"
                " JOIN inquiry_case c ON c.inquiry_id = i.id WHERE c.case_id = {case}"
            ),
            "SELECT reason, began_on, ended_on FROM wait WHERE case_id = {case}",
        ),
    ),
    Page(
        "inbox",
        "Reminders",
        "/reminders",
        (
            (
                f"SELECT count(*), 0, 0 FROM reminder WHERE user_id = {ME} AND state IN ('planned', 'due')"
                " AND show_on <= CURRENT_DATE"
            ),
            (
                "SELECT r.id, r.rule_key, r.show_on, r.params, o.name FROM reminder r"
                f" JOIN organisation o ON o.id = r.organisation_id WHERE r.user_id = {ME}"
                " AND r.state IN ('planned', 'due') ORDER BY r.show_on, r.id LIMIT 70"
            ),
        ),
    ),
    Page(
        "queue",
        "To sort",
        "/inquiries",
        (
            "SELECT count(*) FROM inquiry WHERE sorting = 'to_sort'",
            (
                "SELECT id, received_at, summary, caller, email FROM inquiry"
                " WHERE sorting = 'to_sort' ORDER BY received_at LIMIT 50"
            ),
        ),
        per_engine=FTS,  # what the first one may mean is looked up
    ),
    Page(
        "pipeline",
        "Pipeline by municipality",
        "/pipeline",
        (
            (
                'SELECT o.id, o.name, count(*), sum(c.value_ore), min(c.reminder_on) FROM "case" c'
                " JOIN organisation o ON o.id = c.body_id WHERE c.state <> 'closed'"
                " GROUP BY o.id, o.name ORDER BY o.name LIMIT 50"
            ),
            "SELECT body_id, count(*) FROM inquiry GROUP BY body_id",
            (
                'SELECT c.body_id, count(DISTINCT p.person_id) FROM case_person p JOIN "case" c'
                " ON c.id = p.case_id WHERE p.ended_on IS NULL GROUP BY c.body_id"
            ),
        ),
        target=150.0,
    ),
    Page(
        "year",
        "The buyers' year",
        "/budget-year",
        (
            "SELECT count(*) FROM organisation WHERE parent_id IS NULL",
            (
                "SELECT o.id, o.name, b.decision, b.certainty FROM organisation o"
                " LEFT JOIN budget_practice b ON b.organisation_id = o.id"
                " WHERE o.parent_id IS NULL ORDER BY o.name_sort LIMIT 50"
            ),
        ),
    ),
    Page(
        "buyer",
        "One buyer's year",
        "/budget-year/{busy}",
        (
            f"SELECT name, kind, county_code FROM organisation WHERE id = {BUSY}",
            f"SELECT decision, certainty FROM budget_practice WHERE organisation_id = {BUSY}",
            f"SELECT * FROM budget_event WHERE organisation_id = {BUSY}",
            f"SELECT * FROM pause WHERE organisation_id = {BUSY}",
        ),
    ),
    Page(
        "person",
        "One person",
        "/people/{person}",
        (
            "SELECT first_name, last_name, email, phone FROM person WHERE id = {person}",
            (
                "SELECT t.title, t.started_on, o.name FROM post t"
                " JOIN organisation o ON o.id = t.organisation_id WHERE t.person_id = {person}"
            ),
            (
                "SELECT r.role, c.title FROM case_person r"
                ' JOIN "case" c ON c.id = r.case_id WHERE r.person_id = {person}'
            ),
            "SELECT at, kind, text FROM activity WHERE person_id = {person} ORDER BY at DESC LIMIT 20",
        ),
    ),
    Page(
        "unanswered",
        "Waiting for an answer",
        "/inquiries/unanswered",
        (
            "SELECT count(*) FROM inquiry WHERE answered_at IS NULL AND sorting <> 'let_go'",
            (
                "SELECT i.id, i.received_at, i.summary, i.caller, o.name FROM inquiry i"
                " LEFT JOIN organisation o ON o.id = i.organisation_id WHERE i.answered_at IS NULL"
                " AND i.sorting <> 'let_go' ORDER BY i.received_at LIMIT 50"
            ),
        ),
    ),
    Page(
        "inquiries",
        "All inquiries",
        "/inquiries/all",
        (
            "SELECT count(*) FROM inquiry",
            "SELECT channel_id, count(*) FROM inquiry GROUP BY channel_id",
            "SELECT trigger_id, count(*) FROM inquiry GROUP BY trigger_id",
            (
                "SELECT i.id, i.received_at, i.summary, i.caller, o.name FROM inquiry i"
                " LEFT JOIN organisation o ON o.id = i.organisation_id"
                " ORDER BY i.received_at DESC, i.id DESC LIMIT 50"
            ),
        ),
    ),
    Page(
        "options",
        "Quick log, type-ahead",
        "/inquiries/log/options?q=hults+anna",
        (),
        target=40.0,
        fragment=True,
        per_engine=FTS,
    ),
    Page(
        "search",
        "Search",
        "/search?q=hults+anna",
        (),
        target=60.0,
        per_engine=FTS,
    ),
)

_BY_BODY = (
    "SELECT o.body_id, b.county_code, count(*) FROM organisation o JOIN organisation b"
    " ON b.id = o.body_id WHERE o.closed_on IS NULL GROUP BY o.body_id, b.county_code"
)
_EVERY_DATE = "SELECT organisation_id, phase_key, start_month, start_day, end_month, end_day FROM budget_event"
_BODIES = "SELECT id, name, county_code FROM organisation WHERE parent_id IS NULL"

WITH_OWN_DATES = (
    Page(
        "week",
        "What buyers do this week, every unit",
        "/budget-year/this-week?whose=all&units=1",
        (_BY_BODY, _EVERY_DATE),
        target=300.0,
    ),
    Page(
        "planner",
        "The planner of a year, every unit",
        "/budget-year/planner?whose=all&units=1",
        (_BY_BODY, _EVERY_DATE),
        target=300.0,
    ),
    Page(
        "wheels",
        "Every body in one wheel",
        "/budget-year/wheels?whose=all",
        (_BODIES, _EVERY_DATE),
        target=300.0,
    ),
    Page(
        "windows",
        "The buyers' year by next window",
        "/budget-year?sort=window",
        (_BODIES, _EVERY_DATE),
        target=300.0,
    ),
    Page(
        "doing",
        "Who is behind a figure",
        "/budget-year/doing?whose=all&units=1",
        (_BY_BODY, _EVERY_DATE),
        target=300.0,
    ),
)
"""Of a database in which no two bodies have the same dates: the worst these pages can be asked."""


def pages_of(connection: sa.Connection, *, own_dates: bool = False) -> list[Page]:
    """Every page, for the busiest account and the first case of ours in this database."""
    if own_dates:
        return list(WITH_OWN_DATES)
    busy = connection.scalar(sa.text("SELECT " + BUSY))
    case = connection.scalar(sa.text(f'SELECT min(id) FROM "case" WHERE owner_id = {ME}'))
    person = connection.scalar(
        sa.text("SELECT min(person_id) FROM case_person WHERE ended_on IS NULL")
    )
    return [page.at(busy, case, person) for page in PAGES]
