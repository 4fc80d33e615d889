"""Hand over what a colleague has open: looked at first, in one go, and back again (J3)."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.accounts.models import User
from crm.audit.models import AuditEntry
from crm.cases import operations as cases
from crm.cases.models import Case
from crm.core import clock
from crm.handover import queries
from crm.handover.models import HandOver, HandOverItem, Thing
from crm.handover.queries import Scope
from crm.organisations.models import Organisation
from crm.records.models import RequestOutcome
from crm.reminders import planning
from crm.reminders.models import Reminder, ReminderState
from crm.rules.access import Role
from crm.rules.stages import CaseState, Outcome, WaitReason
from crm.rules.tendering import Decision
from tests.factories import interest as inbound
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.budgets import make_body, make_practice, make_unit
from tests.factories.cases import make_case
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.records import make_request
from tests.factories.reminders import TODAY, make_reminder
from tests.factories.requirements import make_answer
from tests.factories.tenders import make_tender


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        yield


class Desk:
    """Anna has two municipalities, three cases, four reminders and two inquiries."""

    def __init__(self) -> None:
        self.anna, self.bo = make_user(name="Anna Alm"), make_user(name="Bo Berg")
        self.cilla = make_user(name="Cilla Ceder")
        self.first = make_body("Hultsfreds kommun", owner_id=self.anna.id, county_code="08")
        self.second = make_body("Vimmerby kommun", owner_id=self.anna.id, county_code="08")
        self.third = make_body("Orsa kommun", county_code="20")
        self.school = make_unit(self.first)
        self.cases = [
            make_case(place, owner=self.anna) for place in (self.school, self.second, self.third)
        ]
        self.closed = make_case(
            self.first,
            owner=self.anna,
            state=CaseState.CLOSED,
            outcome=Outcome.LOST,
            closed_on=TODAY,
        )
        self.reminders = [
            make_reminder(self.school, self.anna, case=self.cases[0]),
            make_reminder(self.second, self.anna),
            make_reminder(self.third, self.anna),
            make_reminder(self.third, self.anna, text="Ring tillbaka"),
        ]
        self.done = make_reminder(self.first, self.anna, state=ReminderState.DONE)
        self.inquiries = [
            inbound.inquiry(self.anna, clock.now(), organisation=self.first),
            inbound.inquiry(self.anna, clock.now()),
        ]

    def owners(self) -> dict[str, list[int | None]]:
        return {
            "accounts": [self.first.owner_id, self.second.owner_id],
            "cases": [case.owner_id for case in self.cases],
            "reminders": [one.user_id for one in self.reminders],
            "inquiries": [one.owner_id for one in self.inquiries],
        }

    def all_with(self, user: User) -> dict[str, list[int | None]]:
        return {name: [user.id] * len(rows) for name, rows in self.owners().items()}


@pytest.fixture
def desk(app: Any, session: Session) -> Desk:
    made = Desk()
    session.commit()
    return made


def sent(to: User | str, **places: Any) -> dict[str, str]:
    return {"to": str(to.id if isinstance(to, User) else to), "once": "a"} | {
        name: str(value) for name, value in places.items()
    }


def test_looked_at_before_anything_is_done(desk: Desk, as_user: Any) -> None:
    seen = queries.preview(Scope(desk.anna.id))
    assert seen.totals == {
        Thing.ACCOUNT: 2,
        Thing.CASE: 3,
        Thing.REMINDER: 4,
        Thing.INQUIRY: 2,
    }
    assert [place.name for place in seen.places if place.body_id] == [
        "Hultsfreds kommun",
        "Orsa kommun",
        "Vimmerby kommun",
    ]
    text = as_user(Role.ADMIN).get(f"/hand-over?from={desk.anna.id}").text
    for words in ("Hultsfreds kommun", "Utan plats, eller inte placerat än", "Bo Berg", "Som ovan"):
        assert words in text, words
    before = desk.owners()
    assert before == desk.all_with(desk.anna)


def test_all_of_it_goes_in_one_operation_and_what_is_done_stays(
    desk: Desk, as_user: Any, session: Session
) -> None:
    admin = as_user(Role.ADMIN)
    answer = admin.post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo))
    assert answer.status_code == 303
    session.expire_all()
    assert desk.owners() == desk.all_with(desk.bo)
    assert desk.closed.owner_id == desk.anna.id and desk.done.user_id == desk.anna.id
    assert queries.preview(Scope(desk.anna.id)).is_empty
    text = admin.get(answer.location).text
    assert "Överlämnat från Anna Alm" in text and "Bo Berg" in text
    changed = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.entity == "case", AuditEntry.action == "update")
    ).all()
    assert {one.actor_id for one in changed if "owner_id" in one.changes} == {admin.user.id}
    assert session.scalar(sa.select(sa.func.count()).select_from(HandOverItem)) == 11


def test_places_may_go_to_others_or_stay(desk: Desk, as_user: Any, session: Session) -> None:
    choices = {
        f"place_{desk.second.id}": desk.cilla.id,
        f"place_{desk.third.id}": "keep",
        "place_0": desk.cilla.id,
    }
    as_user(Role.ADMIN).post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo, **choices))
    session.expire_all()
    anna, bo, cilla = desk.anna.id, desk.bo.id, desk.cilla.id
    assert desk.owners() == {
        "accounts": [bo, cilla],
        "cases": [bo, cilla, anna],
        "reminders": [bo, cilla, anna, anna],
        "inquiries": [bo, cilla],
    }


def test_one_county_of_one_or_of_all_colleagues(desk: Desk, as_user: Any, session: Session) -> None:
    make_case(desk.second, owner=desk.cilla)
    session.commit()
    seen = queries.preview(Scope(county_code="08"))
    assert (seen.totals[Thing.ACCOUNT], seen.totals[Thing.CASE]) == (2, 3)
    seen = queries.preview(Scope(desk.anna.id, "20"))
    assert seen.totals == {Thing.CASE: 1, Thing.REMINDER: 2}
    assert [place.name for place in seen.places] == ["Orsa kommun"]


def test_taken_back_it_is_as_it_was(desk: Desk, as_user: Any, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    choices = {f"place_{desk.second.id}": desk.cilla.id}
    there = admin.post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo, **choices)).location
    for _ in range(2):
        assert admin.post(f"{there}/undo").status_code == 303
    session.expire_all()
    assert desk.owners() == desk.all_with(desk.anna)
    assert "Återtaget" in admin.get(there).text
    assert "Ta tillbaka allt" not in admin.get(there).text


def test_answers_to_requirements_go_along_and_back(
    desk: Desk, as_user: Any, session: Session
) -> None:
    """Whoever looks after an answer is asked whether it still holds: somebody else, from now on."""
    answer = make_answer(desk.anna)
    session.commit()
    assert queries.preview(Scope(desk.anna.id)).totals[Thing.ANSWER] == 1
    assert Thing.ANSWER not in queries.preview(Scope(desk.anna.id, "08")).totals
    client = as_user(Role.ADMIN)
    there = client.post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo)).location
    session.expire_all()
    assert answer.owner_id == desk.bo.id
    assert client.post(f"{there}/undo").status_code == 303
    session.expire_all()
    assert answer.owner_id == desk.anna.id


def test_not_taken_back_when_something_has_gone_further(
    desk: Desk, as_user: Any, session: Session
) -> None:
    admin = as_user(Role.ADMIN)
    there = admin.post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo)).location
    cases.set_owner(session.get_one(Case, desk.cases[0].id), desk.cilla)
    session.commit()
    admin.post(f"{there}/undo")
    assert "har bytt ägare sedan dess" in admin.get(there).text
    session.expire_all()
    assert desk.cases[1].owner_id == desk.bo.id
    assert session.scalars(sa.select(HandOver.undone_at)).all() == [None]


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ADMIN, True),
        (Role.FOUNDER, True),
        (Role.ACCOUNT_MANAGER, False),
        (Role.REP, False),
        (Role.VIEWER, False),
    ],
)
def test_who_may_hand_over_for_a_colleague(
    desk: Desk, as_user: Any, session: Session, role: Role, may: bool
) -> None:
    client, there = as_user(role), f"/hand-over?from={desk.anna.id}"
    assert client.get(there).status_code == (200 if may else 403)
    assert client.post(there, data=sent(desk.bo)).status_code == (303 if may else 403)
    session.expire_all()
    assert desk.owners() == desk.all_with(desk.bo if may else desk.anna)


def test_everybody_who_sells_may_hand_over_her_own_and_take_it_back(
    desk: Desk, as_user: Any, session: Session
) -> None:
    make_case(desk.second, owner=desk.cilla)
    session.commit()
    anna = as_user(desk.anna)
    leads = anna.get("/profile/absence").text
    assert f"/hand-over?from={desk.anna.id}" in leads and "åt en kollega" not in leads
    for there in ("/hand-over", "/hand-over?county=08", "/hand-over?from=x"):
        text = anna.get(there).text
        assert "Vimmerby kommun" in text and 'name="from"' not in text, there
    itself = anna.post("/hand-over", data=sent(desk.anna))
    assert itself.status_code == 422, "to herself"
    answer = anna.post("/hand-over?county=08", data=sent(desk.bo) | {"once": "b"})
    assert answer.status_code == 303
    session.expire_all()
    assert desk.first.owner_id == desk.bo.id and desk.cases[2].owner_id == desk.anna.id
    assert set(session.scalars(sa.select(Case.owner_id).where(Case.owner_id == desk.cilla.id)))
    assert anna.get(answer.location).status_code == 200
    bo = as_user(desk.bo)
    assert bo.get(answer.location).status_code == 404, "of another's making"
    assert bo.post(f"{answer.location}/undo").status_code == 404
    assert as_user(Role.FOUNDER).get(answer.location).status_code == 200
    anna.post(f"{answer.location}/undo")
    session.expire_all()
    assert desk.owners() == desk.all_with(desk.anna)


def test_with_nothing_left_the_way_back_is_shown(desk: Desk, as_user: Any) -> None:
    anna = as_user(desk.anna)
    there = anna.post("/hand-over", data=sent(desk.bo)).location
    text = anna.get("/hand-over").text
    assert "Det finns inget att lämna över" in text and there in text
    assert there not in as_user(desk.cilla).get("/hand-over").text


@pytest.mark.parametrize("to", ["", "x", "999999", "keep"])
def test_nobody_is_no_receiver(desk: Desk, as_user: Any, to: str, session: Session) -> None:
    answer = as_user(Role.ADMIN).post(f"/hand-over?from={desk.anna.id}", data=sent(to))
    assert answer.status_code == 422
    session.expire_all()
    assert desk.owners() == desk.all_with(desk.anna)


def test_a_reader_cannot_take_over_and_sent_twice_is_once(
    desk: Desk, as_user: Any, session: Session
) -> None:
    admin, there = as_user(Role.ADMIN), f"/hand-over?from={desk.anna.id}"
    assert admin.post(there, data=sent(make_user(Role.VIEWER))).status_code == 422
    landed = {admin.post(there, data=sent(desk.bo)).location for _ in range(2)}
    assert len(landed) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(HandOver)) == 1
    empty = admin.post(there, data=sent(desk.bo) | {"once": "b"})
    assert empty.status_code == 422 and "Det finns inget att lämna över" in empty.text


def test_closing_a_colleague_leads_to_it(desk: Desk, as_user: Any, session: Session) -> None:
    admin = as_user(Role.ADMIN)
    data = {"name": desk.anna.name, "email": desk.anna.email, "role": "rep"}
    data["version"] = str(desk.anna.version)
    there = admin.post(f"/users/{desk.anna.id}", data=data).location
    assert there.endswith(f"/hand-over?from={desk.anna.id}")
    assert "Anna Alm" in admin.get(there).text
    admin.post(there, data=sent(desk.bo))
    session.expire_all()
    assert desk.owners() == desk.all_with(desk.bo)


def test_the_plan_agrees_with_who_was_chosen(desk: Desk, as_user: Any, session: Session) -> None:
    """What the engine planned goes along at once, and a new plan gives it to nobody else."""
    make_practice(desk.first)
    session.commit()
    planning.replan([desk.first.id], today=TODAY, now=clock.now())
    session.commit()

    def whose() -> set[int | None]:
        return set(
            session.scalars(
                sa.select(Reminder.user_id).where(
                    Reminder.body_id == desk.first.id,
                    Reminder.state.in_([ReminderState.PLANNED, ReminderState.DUE]),
                )
            )
        )

    assert whose() == {desk.anna.id}
    as_user(Role.ADMIN).post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo))
    assert whose() == {desk.bo.id}
    planning.replan([desk.first.id], today=TODAY, now=clock.now())
    session.commit()
    assert whose() == {desk.bo.id}


def test_a_closed_case_that_still_reminds_goes_along_and_back(
    desk: Desk, as_user: Any, session: Session
) -> None:
    """The end of its contract is told by the new owner after any planning, and taken back whole."""
    desk.closed.contract_ends_on = TODAY + timedelta(days=500)
    desk.closed.contract_source = "tilldelningsbeslutet"
    session.commit()

    def plan() -> set[int | None]:
        planning.replan([desk.first.id], today=TODAY, now=clock.now())
        session.commit()
        session.expire_all()
        waiting = sa.select(Reminder.user_id).where(
            Reminder.case_id == desk.closed.id, Reminder.state == ReminderState.PLANNED
        )
        found = session.scalars(waiting).all()
        assert len(found) == 2, "R12 and its dialogue"
        return set(found)

    assert plan() == {desk.anna.id}
    admin = as_user(Role.ADMIN)
    there = admin.post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo)).location
    make_practice(desk.first)
    assert plan() == {desk.bo.id} and desk.closed.owner_id == desk.bo.id
    assert queries.preview(Scope(desk.anna.id)).is_empty
    admin.post(f"{there}/undo")
    assert "Återtaget" in admin.get(there).text
    assert plan() == {desk.anna.id} and desk.closed.owner_id == desk.anna.id
    assert desk.owners() == desk.all_with(desk.anna)


def test_hundreds_of_places_are_one_page_and_few_statements(
    app: Any, as_user: Any, session: Session, count_queries: Any
) -> None:
    anna, bo = make_user(name="Anna Alm"), make_user(name="Bo Berg")
    for number in range(60):
        make_body(f"Exempelbergs kommun {number}", owner_id=anna.id)
    session.commit()
    admin, there = as_user(Role.ADMIN), f"/hand-over?from={anna.id}"
    admin.get(there)
    with count_queries() as counted:
        answer = admin.get(there)
    assert counted.number <= 12 and len(answer.data) <= 60_000
    assert "10 platser till" in answer.text
    assert admin.post(there, data=sent(bo)).status_code == 303
    session.expire_all()
    assert set(session.scalars(sa.select(Organisation.owner_id))) == {bo.id}


def test_the_sheet_has_what_the_next_one_needs(desk: Desk, as_user: Any, session: Session) -> None:
    anna_k = make_person("Anna-Karin", "Ek", desk.school, title="rektor", phone="070-174 06 05")
    desk.cases[0].value_ore = 250_000_00
    cases.set_next_step(desk.cases[0], "Skicka prislistan", TODAY, by=desk.anna)
    waiting = make_case(desk.first, "Talsyntes till alla", owner=desk.anna)
    cases.put_to_wait(
        waiting,
        WaitReason.NO_BUDGET,
        until=TODAY + timedelta(days=60),
        by=desk.anna,
        today=TODAY,
        now=clock.now(),
    )
    make_activity(desk.first, by=desk.anna, text="Talade om läsprovet.")
    session.commit()
    client = as_user(desk.bo)
    there = f"/accounts/{desk.first.id}/sheet"
    assert there in client.get(f"/accounts/{desk.first.id}").text
    text = client.get(there).text
    for words in (
        "Hultsfreds kommun",
        desk.cases[0].title,
        "250\u00a0000\u00a0kr",
        "Skicka prislistan (23 nov. 2026)",
        "Talsyntes till alla",
        "22 jan. 2027",
        "Nästa datum",
        anna_k.last_name,
        "070-174 06 05",
        "Talade om läsprovet.",
    ):
        assert words in text, words
    assert "Orsa" not in text


def test_tenders_and_records_requests_go_along_and_back(
    desk: Desk, as_user: Any, session: Session
) -> None:
    """Who writes the tender and who follows up the request: no new planning gives them back."""
    procurement = make_procurement(
        desk.second, case=desk.cases[1], tenders_due_at=clock.now() + timedelta(days=60)
    )
    tender = make_tender(procurement, by=desk.anna)
    let_go = make_tender(make_procurement(desk.third, case=desk.cases[2]), by=desk.anna)
    let_go.decision, let_go.decided_at = Decision.NO_GO, clock.now()
    asked = make_request(
        desk.first, desk.anna, today=TODAY, follow_up_on=TODAY + timedelta(days=14)
    )
    done = make_request(desk.first, desk.anna, "Besvarad", today=TODAY)
    done.answered_on, done.outcome = TODAY, RequestOutcome.GIVEN
    session.commit()

    def plan() -> set[int | None]:
        planning.replan([desk.first.id, desk.second.id], today=TODAY, now=clock.now())
        session.commit()
        session.expire_all()
        waiting = sa.select(Reminder.user_id).where(
            sa.or_(Reminder.rule_key.startswith("RECORDS"), Reminder.rule_key.startswith("D10")),
            Reminder.state.in_([ReminderState.PLANNED, ReminderState.DUE]),
        )
        found = session.scalars(waiting).all()
        assert len(found) >= 2, "of the request and of the tender"
        return set(found)

    assert plan() == {desk.anna.id}
    seen = queries.preview(Scope(desk.anna.id))
    assert (seen.totals[Thing.TENDER], seen.totals[Thing.RECORDS_REQUEST]) == (1, 1)
    assert queries.preview(Scope(county_code="20")).totals.get(Thing.TENDER) is None
    admin = as_user(Role.ADMIN)
    there = admin.post(f"/hand-over?from={desk.anna.id}", data=sent(desk.bo)).location
    assert plan() == {desk.bo.id}
    assert (tender.responsible_id, asked.owner_id) == (desk.bo.id, desk.bo.id)
    assert (let_go.responsible_id, done.owner_id) == (desk.anna.id, desk.anna.id)
    assert "Anbud att bevaka" in admin.get(there).text
    admin.post(f"{there}/undo")
    assert plan() == {desk.anna.id}
    assert (tender.responsible_id, asked.owner_id) == (desk.anna.id, desk.anna.id)
