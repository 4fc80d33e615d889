"""The pages of anchoring: the map in place, the gate with its warning, who may see, and what it costs."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.anchoring import operations, queries
from crm.anchoring.models import GateAnswer, GateRow, MapLine, Reference, ReferenceAsk, Remark
from crm.cases import operations as cases
from crm.cases import queries as case_queries
from crm.cases.models import Case
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.people import queries as people_queries
from crm.people.models import Person
from crm.reminders.models import Reminder
from crm.requirements.models import Need, Requirement
from crm.rules.access import Role
from crm.rules.anchoring import Stance
from crm.rules.calendar import next_working_day
from crm.rules.functions import Function
from crm.rules.gate import GateState
from crm.rules.relations import RelationKind
from crm.rules.requirements import NeedSource
from crm.rules.stages import AdoptionStage, CaseRole, ProcurementStage, PubStatus
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.trials import make_pilot

pytestmark = pytest.mark.one_database

AsUser = Callable[..., Any]


@pytest.fixture
def unit(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"), "Venhagsskolan")


@pytest.fixture
def case(unit: Organisation) -> Case:
    return make_case(unit, "Läsverktyg", owner=make_user(), opened_on=clock.today())


@pytest.fixture
def bo(unit: Organisation) -> Person:
    return make_person("Bo", "Ek", organisation=unit, title="IT-chef")


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())


def test_the_map_shows_every_function_and_a_place_for_whoever_is_not_known(
    as_user: AsUser, case: Case, bo: Person
) -> None:
    by = make_user()
    cases.set_role(case, bo, CaseRole.IT, by=by, today=clock.today(), now=clock.now())
    page = as_user().get(f"/cases/{case.id}/anchoring")
    text = words(page)
    assert "1 av 15 funktioner är med" in text
    assert "Bo Ek ur ärendets roller" in text
    assert text.count("Inte känt än: vem?") == 14


def test_s9_the_map_shows_the_question_that_management_still_has(
    as_user: AsUser, case: Case, unit: Organisation, session: Session
) -> None:
    head = make_person("Lena", "Dahl", organisation=unit, title="Utbildningschef")
    client, address = as_user(), f"/cases/{case.id}/anchoring"
    sent = {"line": "", "version": "0", "function": "management", "person_id": str(head.id)}
    sent |= {"stance": "for", "since": "idag", "question": "Hur mycket utbildning ingår?"}
    assert client.post(address, data=sent).status_code == 303
    page = client.get(address).get_data(as_text=True)
    (row,) = (part for part in page.split("<tr ") if part.startswith('id="f-management"'))
    assert "Lena Dahl" in row
    assert "Hur mycket utbildning ingår?" in row
    assert "1 öppna frågor" in words(client.get(address))


def test_a_line_is_written_and_changed_in_place(
    as_user: AsUser, case: Case, bo: Person, session: Session
) -> None:
    client, address = as_user(), f"/cases/{case.id}/anchoring"
    opened = client.get(f"{address}?edit=it")
    assert 'name="version"' in opened.get_data(as_text=True)
    sent = {"line": "", "version": "0", "function": "it", "person_id": str(bo.id)}
    answer = client.post(
        address, data=sent | {"stance": "doubtful", "since": "", "question": "Inloggning?"}
    )
    assert answer.status_code == 303
    line = session.scalars(sa.select(MapLine)).one()
    assert (line.stance, line.question) == (Stance.DOUBTFUL, "Inloggning?")
    again = client.post(address, data=sent | {"stance": "for", "since": "", "question": ""})
    assert again.status_code == 422
    assert "Bo Ek står redan under IT" in words(again)
    stale = sent | {"line": str(line.id), "version": "99", "stance": "for", "since": ""}
    assert client.post(address, data=stale | {"question": ""}).status_code == 409
    changed = stale | {"version": str(line.version), "question": "", "since": "idag"}
    assert client.post(address, data=changed).status_code == 303
    assert session.scalars(sa.select(MapLine.stance)).one() is Stance.FOR
    gone = client.post(f"{address}/{line.id}/remove")
    assert gone.status_code == 303
    assert session.scalars(sa.select(MapLine)).all() == []  # it never stood over a night


def test_the_map_proposes_whose_title_names_the_function_and_the_place_is_filled(
    as_user: AsUser, case: Case, unit: Organisation, session: Session
) -> None:
    karin = make_person("Karin", "Söderström", organisation=unit, title="Dataskyddsombud")
    against = make_person("Per", "Alm", organisation=unit, title="Arkivarie")
    against.objected_on = clock.today()
    place = operations.write_line(
        case,
        None,
        function=Function.DATA_PROTECTION,
        person=None,
        who="någon hos kommunen??",
        stance=Stance.UNKNOWN,
        since=None,
        question="",
        by=make_user(),
        today=clock.today(),
    )
    db.session.flush()
    client, address = as_user(), f"/cases/{case.id}/anchoring"
    page = client.get(address)
    assert "Inte känt än: någon hos kommunen? " in words(page)
    assert "Kanske Karin Söderström , Dataskyddsombud" in words(page)
    assert "Arkivarie" not in words(page)
    opened = f"{address}?edit=data_protection&line={place.id}&of={karin.id}"
    assert opened.removeprefix(address).replace("&", "&amp;") in page.get_data(as_text=True)
    form = client.get(opened).get_data(as_text=True)
    assert f'value="{karin.id}"' in form
    assert f'name="line" type="hidden" value="{place.id}"' in form
    empty = client.get(f"{address}?edit=archive&of={karin.id}").get_data(as_text=True)
    assert f'value="{karin.id}"' in empty


def test_a_function_is_put_right_on_the_post_and_map_and_gate_follow(
    as_user: AsUser, case: Case, unit: Organisation, session: Session
) -> None:
    anna = make_person("Anna", "Björk", organisation=unit, title="Verksamhetsutvecklare")
    cases.set_role(case, anna, CaseRole.COACH, by=make_user(), today=clock.today(), now=clock.now())
    cases.move_procurement(case, ProcurementStage.PREPARING, by=make_user(), now=clock.now())
    db.session.commit()
    (post,) = people_queries.current_posts(anna)
    client, address = as_user(), f"/people/{anna.id}/posts/{post.id}/edit"
    assert "Efter titeln" in words(client.get(address))
    sent = {"title": post.title, "started_on": "", "ended_on": "", "version": "1"}
    assert client.post(address, data=sent | {"function": "it"}).status_code == 303
    text = words(client.get(f"/cases/{case.id}"))
    assert "Inte med än: Dataskydd, Administration, Ekonomi." in text
    known = queries.known(case_queries.get(case.id), clock.today())
    assert known.on(clock.today()).involved == {Function.IT}
    sent["version"] = "2"
    assert client.post(address, data=sent | {"function": ""}).status_code == 303
    assert "Inte med än: IT," in words(client.get(f"/cases/{case.id}"))


def test_the_pub_avtal_has_one_truth(as_user: AsUser, case: Case, session: Session) -> None:
    """Set at the gate it is so in the case, and the other way round (and a stale form is refused)."""
    client, address = as_user(), f"/cases/{case.id}/gate"

    def version() -> str:
        page = client.get(f"{address}?edit=processing_agreement").get_data(as_text=True)
        found = re.search(r'name="version"[^>]*value="(\d+)"', page)
        assert found is not None
        return found[1]

    sent = {
        "step": "processing_agreement",
        "owner": "management",
        "state": "done",
        "begun_on": "",
        "done_on": "idag",
        "evidence": "Dnr 2026/17",
    }
    opened = version()
    assert client.post(address, data=sent | {"version": opened}).status_code == 303
    assert session.get_one(Case, case.id).pub_status is PubStatus.SIGNED
    assert client.post(address, data=sent | {"version": opened}).status_code == 409
    session.get_one(Case, case.id).pub_status = PubStatus.DRAFT
    db.session.commit()
    text = words(client.get(address))
    assert "0 av 11 steg är avklarade" in text
    inside = queries.known(case_queries.get(case.id), clock.today()).on(clock.today()).involved
    assert inside == {Function.MANAGEMENT, Function.DATA_PROTECTION}


def test_two_days_stand_side_by_side(as_user: AsUser, case: Case, bo: Person) -> None:
    today, by = clock.today(), make_user()
    before = today - timedelta(days=40)
    facts: dict[str, Any] = {"function": Function.IT, "person": bo, "who": "", "by": by}
    first = operations.write_line(
        case, None, stance=Stance.DOUBTFUL, since=None, question="Kan vi?", today=before, **facts
    )
    operations.write_line(
        case, first, stance=Stance.FOR, since=today, question="", today=today, **facts
    )
    db.session.flush()
    text = words(as_user().get(f"/cases/{case.id}/anchoring?then={before.isoformat()}"))
    assert "0 av 15 funktioner var med då, 1 nu" in text
    row = text[text.index("IT Bo Ek") :]
    assert row.index("Tveksam") < row.index("Kan vi?") < row.index("För") < row.index("Ändrat")
    turned = f"/cases/{case.id}/anchoring?on={before.isoformat()}&then={today.isoformat()}"
    assert "0 av 15 funktioner var med då, 1 nu" in words(as_user().get(turned))
    assert as_user().get(f"/cases/{case.id}/anchoring?then=strunt&on=x").status_code == 200


def test_journey_14_the_case_names_the_missing_and_one_press_makes_the_tasks(
    as_user: AsUser, case: Case, session: Session
) -> None:
    by = make_user()
    for function in (Function.ADMINISTRATION, Function.ECONOMY):
        operations.write_line(
            case,
            None,
            function=function,
            person=None,
            who="någon",
            stance=Stance.UNKNOWN,
            since=clock.today(),
            question="",
            by=by,
            today=clock.today(),
        )
    db.session.flush()
    client, page = as_user(), f"/cases/{case.id}"
    assert "Inte med än" not in words(client.get(page))
    moved = client.post(
        f"/procurements/stage/{case.id}",
        data={"procurement": "preparing", "version": str(case.version)},
    )
    assert moved.status_code == 303
    text = words(client.get(page))
    assert "Kraven skrivs. Inte med än: IT, Dataskydd." in text
    assert "Skapa båda uppgifterna" in text
    assert client.post(f"{page}/gate/tasks").status_code == 303
    assert client.post(f"{page}/gate/tasks").status_code == 303
    tasks = session.scalars(sa.select(Reminder).where(Reminder.key.contains("bringin"))).all()
    assert len(tasks) == 2
    assert {task.due_on for task in tasks} == {next_working_day(clock.today())}
    text = words(client.get(page))
    assert "Inte med än" not in text
    assert "Få med IT: vilka där bör känna till det?" in text
    cases.move_procurement(case, ProcurementStage.EARLY_DIALOGUE, by=by, now=clock.now())
    cases.move_adoption(case, AdoptionStage.UNIT_PILOT, by=by, now=clock.now())
    cases.answer_personal_data(case, True)
    db.session.flush()
    assert "Inte med än" not in words(client.get(page))  # the tasks go on


def test_the_case_warns_before_its_pilot_with_personal_data(as_user: AsUser, case: Case) -> None:
    starts = clock.today() + timedelta(days=20)
    make_pilot(case, case.organisation, starts_on=starts, ends_on=starts + timedelta(weeks=4))
    client, page = as_user(), f"/cases/{case.id}"
    text = words(client.get(page))
    assert "Behandlar piloten personuppgifter?" in text
    assert "Inte med än" not in text
    cases.answer_personal_data(case, True)
    db.session.flush()
    text = words(client.get(page))
    assert "En pilot med personuppgifter från" in text
    assert "Inte med än: IT, Dataskydd." in text


def test_going_on_without_asks_for_a_reason(as_user: AsUser, case: Case, session: Session) -> None:
    cases.move_procurement(case, ProcurementStage.UNDECIDED, by=make_user(), now=clock.now())
    db.session.flush()
    client, address = as_user(), f"/cases/{case.id}/gate/skip"
    assert client.post(address, data={"reason": " "}).status_code == 422
    assert session.scalars(sa.select(GateAnswer)).all() == []
    assert client.post(address, data={"reason": "Redan granskat"}).status_code == 303
    assert "Gick vidare utan (“Redan granskat”)" in words(client.get(f"/cases/{case.id}/gate"))
    assert client.get(address).status_code == 303  # nobody is missing now


def test_the_gate_has_its_steps_in_order_with_what_is_usual(
    as_user: AsUser, case: Case, session: Session
) -> None:
    client, address = as_user(), f"/cases/{case.id}/gate"
    text = words(client.get(address))
    order = ["1. Säkerhetsskydd", "2. Förvaltningens", "3. PUB-avtal", "8. Inloggning"]
    assert [text.index(step) for step in order] == sorted(text.index(step) for step in order)
    assert "SS 12000" in text
    assert "2–6 veckor antagande" in text
    sent = {"step": "archive", "owner": "archive", "begun_on": "", "done_on": "", "version": "0"}
    refused = client.post(address, data=sent | {"state": "done", "evidence": ""})
    assert refused.status_code == 422
    assert "Skriv vad som visar det" in words(refused)
    saved = client.post(address, data=sent | {"state": "asked", "evidence": ""})
    assert saved.status_code == 303
    row = session.scalars(sa.select(GateRow)).one()
    assert (row.state, row.begun_on) == (GateState.ASKED, clock.today())
    assert "Brukar vara klart" in words(client.get(address))
    stale = client.post(address, data=sent | {"state": "under_way", "evidence": ""})
    assert stale.status_code == 409


def test_s11_a_remark_in_own_words_is_open_until_it_is_answered(
    as_user: AsUser, case: Case, bo: Person, session: Session
) -> None:
    client = as_user()
    address = f"/cases/{case.id}/gate/remarks/new?step=integration"
    once = re.search(r'name="once"[^>]*value="([^"]+)"', client.get(address).get_data(as_text=True))
    assert once is not None
    sent = {
        "once": once[1],
        "function": "it",
        "step": "integration",
        "person_id": str(bo.id),
        "words": "Vi lägger upp kontona för hand.",
        "said_on": "idag",
    }
    for _twice in range(2):
        assert client.post(address, data=sent).status_code == 303
    remark = session.scalars(sa.select(Remark)).one()
    assert "Vi lägger upp kontona för hand." in words(client.get(f"/cases/{case.id}/anchoring"))
    answer = {"version": str(remark.version), "answer": "De läses in varje natt."}
    assert client.post(f"/remarks/{remark.id}", data=answer).status_code == 303
    assert "för hand" not in words(client.get(f"/cases/{case.id}/anchoring"))
    assert "De läses in varje natt." in words(client.get(f"/cases/{case.id}/gate"))


def test_s11_a_remark_becomes_a_requirement_with_its_source_in_one_action(
    as_user: AsUser, case: Case, unit: Organisation, bo: Person, session: Session
) -> None:
    """An administrator's remark, pressed twice: one need, one requirement, and it is open no more."""
    by, today, now = make_user(), clock.today(), clock.now()
    remark = operations.note_remark(
        case,
        function=Function.ADMINISTRATION,
        step=None,
        person=bo,
        words="Vi vill slippa lägga upp klasserna för hand.",
        said_on=today,
        by=by,
        today=today,
        now=now,
    )
    db.session.commit()
    client = as_user()
    for _twice in range(2):
        assert client.post(f"/remarks/{remark.id}/need").status_code == 303
    need = session.scalars(sa.select(Need)).one()
    requirement = session.scalars(sa.select(Requirement)).one()
    assert requirement.text == "Vi vill slippa lägga upp klasserna för hand."
    assert need.requirement_id == requirement.id
    assert (need.function, need.source, need.person_id, need.case_id, need.organisation_id) == (
        Function.ADMINISTRATION,
        NeedSource.GATE,
        bo.id,
        case.id,
        unit.id,
    )
    page = client.get(f"/cases/{case.id}/gate").get_data(as_text=True)
    assert f'href="/requirements/{requirement.id}"' in page
    assert f"/remarks/{remark.id}/need" not in page
    assert not queries.open_on(queries.remarks(case.id), today)
    assert client.post(f"/requirements/needs/{need.id}/remove").status_code == 303
    db.session.expire_all()
    assert len(queries.open_on(queries.remarks(case.id), today)) == 1


def test_what_a_function_said_is_of_use_at_the_next_account(
    as_user: AsUser, case: Case, bo: Person, session: Session
) -> None:
    """F8: told without who said it; and the same words there join the same requirement."""
    elsewhere = make_case(make_municipality("Vimmerby"), "Läsverktyg", owner=make_user())
    by, today, now = make_user(), clock.today(), clock.now()
    first, second = (
        operations.note_remark(
            one,
            function=Function.ARCHIVE,
            step=None,
            person=person,
            words=said,
            said_on=today,
            by=by,
            today=today,
            now=now,
        )
        for one, person, said in (
            (case, bo, "Vi behöver kunna ta ut det som ska bevaras."),
            (elsewhere, None, "vi behöver kunna ta ut  det som ska bevaras"),
        )
    )
    operations.make_need(first, case, by=by, today=today, now=now)
    db.session.commit()
    client = as_user()
    page = words(client.get(f"/cases/{elsewhere.id}/gate"))
    assert "Vi behöver kunna ta ut det som ska bevaras." in page
    assert "Bo Ek" not in page
    assert "Vi behöver kunna" in words(client.get(f"/cases/{case.id}/gate"))
    assert client.post(f"/remarks/{second.id}/need").status_code == 303
    assert session.scalars(sa.select(Requirement)).one().text == first.words


def test_own_times_are_whole_spans(as_user: AsUser, case: Case) -> None:
    client, address = as_user(Role.ADMIN), "/gate-times"

    def send(first: str, last: str, version: str = "0") -> int:
        data = {"archive_from": first, "archive_to": last, "version": version}
        return client.post(address, data=data).status_code

    assert (send("3", ""), send("5", "3")) == (422, 422)
    assert send("3", "5") == 303
    assert "3–5 veckor" in words(client.get(f"/cases/{case.id}/gate"))
    assert send("2", "9") == 409  # opened before the colleague saved
    address = f"/accounts/{case.body_id}/gate-times"
    assert "vanligen 3–5 veckor" in words(client.get(address))
    assert send("1", "2") == 303
    assert "1–2 veckor" in words(client.get(f"/cases/{case.id}/gate"))


def test_lines_are_a_list_and_a_picture_that_says_the_same(
    as_user: AsUser, unit: Organisation, bo: Person
) -> None:
    anna = make_person("Anna", "Björk", organisation=unit)
    body = db.session.get_one(Organisation, unit.body_id)
    operations.relate(
        body, anna, bo, RelationKind.INFLUENCES, note="", by=make_user(), today=clock.today()
    )
    db.session.flush()
    page = as_user().get(f"/accounts/{unit.id}/relations").get_data(as_text=True)
    assert "<desc" in page
    said = re.search(r"<desc[^>]*>(.*?)</desc>", page, re.DOTALL)
    assert said is not None
    assert said[1].strip() == "Anna Björk påverkar Bo Ek."


def test_a_reference_beyond_the_limit_is_refused_with_a_sentence(
    as_user: AsUser, unit: Organisation, bo: Person, session: Session
) -> None:
    siv = make_person("Siv", "Alm", organisation=unit)
    row, _other = (
        operations.consent(
            person,
            unit,
            consented_on=clock.today(),
            a_year=1,
            uses="",
            systems="",
            by=make_user(),
            today=clock.today(),
        )
        for person in (bo, siv)
    )
    db.session.flush()
    client, ask = as_user(), f"/references/{row.id}/ask"

    def token() -> str:
        shown = client.get("/references").get_data(as_text=True)
        return re.findall(r'name="once" value="([^"]+)"', shown)[0]

    first = token()
    for _twice in range(2):
        assert client.post(ask, data={"once": first, "case": ""}).status_code == 303
    assert len(session.scalars(sa.select(ReferenceAsk)).all()) == 1  # a double click
    refused = client.post(ask, data={"once": token(), "case": ""})
    assert refused.status_code == 422
    assert "Bo Ek har redan tillfrågats en gång i år" in words(refused)
    assert client.post(f"/references/{row.id}/withdraw").status_code == 303
    assert session.get_one(Reference, row.id).withdrawn_on == clock.today()
    client.get("/references")  # takes the sentence about it
    assert "Bo Ek" not in words(client.get("/references"))


@pytest.mark.parametrize(
    "path",
    ["/cases/{case}/anchoring", "/cases/{case}/gate", "/accounts/{unit}/relations", "/references"],
)
def test_what_is_said_of_people_is_for_those_who_work_with_cases(
    as_user: AsUser, case: Case, unit: Organisation, path: str
) -> None:
    address = path.format(case=case.id, unit=unit.id)
    assert as_user(Role.VIEWER).get(address).status_code == 403
    assert as_user(Role.REP).get(address).status_code == 200


def test_pages_cost_the_same_with_many_rows(
    as_user: AsUser, case: Case, unit: Organisation, count_queries: Any
) -> None:
    client, by, today = as_user(), make_user(), clock.today()
    addresses = (
        f"/cases/{case.id}/anchoring?then={today.isoformat()}",
        f"/cases/{case.id}/gate",
        f"/accounts/{unit.id}/relations",
        f"/references?case={case.id}",
        "/anchoring",
    )
    body = db.session.get_one(Organisation, unit.body_id)

    def fill(number: int) -> None:
        people = [make_person(f"P{number}{n}", organisation=unit) for n in range(4)]
        for person in people:
            operations.write_line(
                case,
                None,
                function=Function.USERS,
                person=person,
                who="",
                stance=Stance.FOR,
                since=today,
                question="?",
                by=by,
                today=today,
            )
            operations.note_remark(
                case,
                function=Function.IT,
                step=None,
                person=person,
                words="Hm",
                said_on=today,
                by=by,
                today=today,
                now=clock.now(),
            )
            operations.consent(
                person, unit, consented_on=today, a_year=1, uses="", systems="", by=by, today=today
            )
        operations.relate(
            body, people[0], people[1], RelationKind.REPORTS_TO, note="", by=by, today=today
        )
        db.session.flush()

    def cost() -> list[int]:
        found = []
        for address in addresses:
            with count_queries() as counted:
                assert client.get(address).status_code == 200
            found.append(counted.number)
        return found

    fill(1)
    cost()
    few = cost()
    fill(2)
    assert cost() == few
    assert max(few) <= 12
