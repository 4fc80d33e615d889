"""The pages of cases: what they show, what they change, and what they refuse."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.activities.models import Activity
from crm.cases import operations, queries
from crm.cases.models import Case, CasePerson, CaseUnit, InquiryCase, Product, StageChange, Wait
from crm.core import clock
from crm.organisations.models import Organisation
from crm.people import operations as people
from crm.people.models import Post
from crm.rules.access import Role
from crm.rules.precision import parse_expected
from crm.rules.stages import (
    AdoptionStage,
    CaseRole,
    CaseState,
    Outcome,
    ProcurementStage,
    PubStatus,
    WaitReason,
    WakeEvent,
)
from tests.factories import budgets
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.interest import hultsfred, inquiry
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person

AsUser = Callable[..., Any]
NAUGHTY = (
    "<script>alert(1)</script>",
    'Robert\'); DROP TABLE "case";--',
    '=HYPERLINK("http://x")',
    "\u202eruofnoc \ufdfd \U0001d56c \x00\x07 a\u030a",
    "&lt;b&gt; <b>c</b> \\ ' \" %s",
)


def case_page(client: Any, case: Case) -> str:
    answer = client.get(f"/cases/{case.id}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def version(case: Case, session: Session) -> str:
    session.expire_all()
    return str(session.get_one(Case, case.id).version)


@pytest.fixture
def manager(as_user: AsUser) -> Any:
    return as_user(Role.ACCOUNT_MANAGER)


@pytest.fixture
def school(session: Session) -> Organisation:
    return make_unit(make_municipality("Hultsfred"), "Venhagskolan")


@pytest.fixture
def case(school: Organisation) -> Case:
    return make_case(school)


# --- Opening ------------------------------------------------------------------------------------


class TestNewCase:
    def test_from_an_inquiry_nothing_is_retyped(self, manager: Any, session: Session) -> None:
        place = hultsfred()
        found = inquiry(by=manager.user, organisation=place.school, person=place.anna)
        html = manager.get(f"/cases/new?inquiry={found.id}").get_data(as_text=True)
        assert found.summary in html and 'value="Venhagskolan"' in html

        answer = manager.post("/cases/new", data=fields_of(html))

        case = session.scalars(sa.select(Case)).one()
        assert answer.headers["Location"].endswith(f"/cases/{case.id}")
        assert (case.title, case.organisation_id) == (found.summary, place.school.id)
        assert session.get(InquiryCase, (found.id, case.id)) is not None
        assert {row.role for row in session.scalars(sa.select(CasePerson))} == {CaseRole.USER}
        assert found.summary in case_page(manager, case)  # linked both ways
        assert found.summary in manager.get(f"/inquiries/{found.id}").get_data(as_text=True)

    def test_a_person_brings_the_place_and_a_first_guess_of_roles(
        self, manager: Any, session: Session
    ) -> None:
        rektor = make_person("Rut", "Ek", make_unit(name="Ekskolan"), title="rektor")
        html = manager.get(f"/cases/new?person={rektor.id}").get_data(as_text=True)
        assert 'value="Ekskolan"' in html
        manager.post("/cases/new", data=fields_of(html) | {"title": "Läsverktyg"})
        held = {row.role for row in session.scalars(sa.select(CasePerson))}
        assert held == {CaseRole.USER, CaseRole.BUDGET_OWNER, CaseRole.DECISION_MAKER}

    def test_a_double_submit_opens_one(self, manager: Any, session: Session) -> None:
        unit = make_unit()
        html = manager.get(f"/cases/new?organisation={unit.id}").get_data(as_text=True)
        sent = fields_of(html) | {"title": "En gång"}
        first, second = (manager.post("/cases/new", data=sent) for _ in range(2))
        assert first.headers["Location"] == second.headers["Location"]
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1

    @pytest.mark.parametrize("title", ["", " ", "x" * 201])
    def test_a_bad_title_keeps_the_rest(self, manager: Any, session: Session, title: str) -> None:
        unit = make_unit(name="Ekskolan")
        html = manager.get(f"/cases/new?organisation={unit.id}").get_data(as_text=True)
        answer = manager.post("/cases/new", data=fields_of(html) | {"title": title})
        assert answer.status_code == 422
        assert 'value="Ekskolan"' in answer.get_data(as_text=True)
        assert session.scalar(sa.select(sa.func.count()).select_from(Case)) == 0

    def test_without_a_place_it_asks_where(self, manager: Any) -> None:
        answer = manager.post("/cases/new", data={"title": "Var?", "owner_id": manager.user.id})
        assert answer.status_code == 422
        html = answer.get_data(as_text=True)
        assert 'value="Var?"' in html and "organisation-err" in html

    def test_without_scripts_the_place_is_written(self, manager: Any, session: Session) -> None:
        place = hultsfred()
        sent = {"title": "Utan skript", "organisation_text": "Venhagskolan"}
        answer = manager.post("/cases/new", data=sent | {"owner_id": manager.user.id})
        assert answer.status_code == 303
        assert session.scalars(sa.select(Case)).one().organisation_id == place.school.id

    @pytest.mark.parametrize("asked", ["inquiry", "person", "organisation"])
    def test_an_unknown_id_is_not_found(self, manager: Any, asked: str) -> None:
        assert manager.get(f"/cases/new?{asked}=999999").status_code == 404

    def test_odd_ids_are_as_none(self, manager: Any) -> None:
        address = "/cases/new?inquiry=abc&person=-1&organisation=99999999999999"
        assert manager.get(address).status_code == 200

    def test_a_closed_organisation_says_so(self, manager: Any) -> None:
        unit = make_unit(name="Nedlagda skolan")
        unit.closed_on = date(2026, 1, 1)
        sent = {"title": "Sent", "organisation": unit.id, "owner_id": manager.user.id}
        answer = manager.post("/cases/new", data=sent)
        assert answer.status_code == 422
        assert "Nedlagda skolan" in answer.get_data(as_text=True)

    def test_an_inquiry_can_join_a_case_under_way(self, manager: Any, session: Session) -> None:
        place = hultsfred()
        case = make_case(place.school, "Redan igång")
        found = inquiry(by=manager.user, organisation=place.other_school)
        assert "Redan igång" in manager.get(f"/cases/new?inquiry={found.id}").get_data(as_text=True)
        for _twice in range(2):
            manager.post(f"/cases/{case.id}/inquiries", data={"inquiry": found.id})
        assert session.scalar(sa.select(sa.func.count()).select_from(InquiryCase)) == 1

    @pytest.mark.parametrize("title", NAUGHTY)
    def test_hostile_titles_are_only_text(self, manager: Any, session: Session, title: str) -> None:
        unit = make_unit()
        sent = {"title": title, "organisation": unit.id, "owner_id": manager.user.id}
        assert manager.post("/cases/new", data=sent).status_code == 303
        html = case_page(manager, session.scalars(sa.select(Case)).one())
        assert "<script>alert" not in html
        assert manager.get("/cases").status_code == 200


def fields_of(html: str) -> dict[str, Any]:
    """What a browser would send of the page's main form, untouched."""
    import html5lib

    document = html5lib.HTMLParser(namespaceHTMLElements=False).parse(html)
    main = next(document.iter("main"))
    form = next(f for f in main.iter("form") if f.get("method") == "post")
    found: dict[str, Any] = {}
    for field in form.iter():
        name = field.get("name")
        if not name or name == "csrf_token":
            continue
        if field.tag == "select":
            chosen = [o for o in field.iter("option") if "selected" in o.attrib]
            options = chosen or list(field.iter("option"))[:1]
            found[name] = [o.get("value") for o in options]
        elif field.tag == "textarea":
            found[name] = "".join(field.itertext())
        elif field.get("type") in {"checkbox", "radio"}:
            if "checked" in field.attrib:
                found.setdefault(name, []).append(field.get("value"))
        elif field.tag == "input":
            found[name] = field.get("value", "")
    return found


# --- The page of a case, facts and tracks -------------------------------------------------------


class TestTracks:
    def test_each_moves_without_the_other(self, manager: Any, session: Session, case: Case) -> None:
        sent = {"adoption": "unit_pilot", "version": version(case, session)}
        assert manager.post(f"/cases/{case.id}/move", data=sent).status_code == 303
        session.expire_all()
        assert case.adoption is AdoptionStage.UNIT_PILOT
        assert case.procurement is ProcurementStage.NONE
        sent = {"procurement": "undecided", "note": "De vill köpa"}
        sent["version"] = version(case, session)
        manager.post(f"/procurements/stage/{case.id}", data=sent)
        session.expire_all()
        assert case.procurement is ProcurementStage.UNDECIDED
        assert case.adoption is AdoptionStage.UNIT_PILOT
        html = case_page(manager, case)
        assert "De vill köpa" in html and "Pilot på en enhet" in html
        assert session.scalar(sa.select(sa.func.count()).select_from(StageChange)) == 3

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"adoption": "nonsense"},
            {"procurement": "undecided"},
            {"adoption": "unit_pilot", "note": "x" * 201},
        ],
    )
    def test_what_is_no_move_is_refused(
        self, manager: Any, session: Session, case: Case, sent: dict[str, str]
    ) -> None:
        sent = {"version": version(case, session)} | sent
        assert manager.post(f"/cases/{case.id}/move", data=sent).status_code == 422
        session.expire_all()
        assert case.adoption is AdoptionStage.CURIOUS

    def test_a_stale_page_is_refused(self, manager: Any, session: Session, case: Case) -> None:
        old = version(case, session)
        sent = {"adoption": "colleagues", "version": old}
        assert manager.post(f"/cases/{case.id}/move", data=sent).status_code == 303
        again = sent | {"adoption": "unit_pilot"}
        assert manager.post(f"/cases/{case.id}/move", data=again).status_code == 409
        session.expire_all()
        assert case.adoption is AdoptionStage.COLLEAGUES

    def test_the_pilot_gate_warns_with_its_reason(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        """R9: from the unit pilot on, personal data asks for a signed PUB-avtal."""
        case.handles_personal_data = True
        sent = {"adoption": "unit_pilot", "version": version(case, session)}
        answer = manager.post(f"/cases/{case.id}/move", data=sent, follow_redirects=True)
        assert "PUB-avtal" in answer.get_data(as_text=True)
        assert "granskat" in case_page(manager, case)  # stays on the page, with its reason
        case.pub_status = PubStatus.SIGNED
        session.commit()
        assert "granskat" not in case_page(manager, case)

    @pytest.mark.parametrize(("answer", "warned"), [("yes", True), ("no", False)])
    def test_the_pilot_gate_asks_until_it_is_answered(
        self, manager: Any, session: Session, case: Case, answer: str, warned: bool
    ) -> None:
        """R9: that nobody has said whether there is personal data is no reason for silence."""
        assert case.handles_personal_data is None
        sent = {"adoption": "unit_pilot", "version": version(case, session)}
        moved = manager.post(f"/cases/{case.id}/move", data=sent, follow_redirects=True)
        assert "Behandlar piloten personuppgifter?" in moved.get_data(as_text=True)
        address = f"/cases/{case.id}/personal-data"
        assert address in case_page(manager, case)
        assert manager.post(address, data={"handles": "perhaps"}).status_code == 400
        assert manager.post(address, data={"handles": answer}).status_code == 303
        session.expire_all()
        assert case.handles_personal_data is (answer == "yes")
        page = case_page(manager, case)
        assert "Behandlar piloten personuppgifter?" not in page
        assert ("inget PUB-avtal finns" in page) is warned

    def test_a_closed_case_does_not_move(self, manager: Any, case: Case, session: Session) -> None:
        close(case, session)
        sent = {"adoption": "unit_pilot", "version": version(case, session)}
        assert manager.post(f"/cases/{case.id}/move", data=sent).status_code == 422


class TestFacts:
    def send(self, manager: Any, case: Case, **changes: Any) -> Any:
        html = manager.get(f"/cases/{case.id}/edit").get_data(as_text=True)
        return manager.post(f"/cases/{case.id}/edit", data=fields_of(html) | changes)

    @pytest.mark.parametrize(
        ("typed", "shown"),
        [
            ("2027-03-14", "14 mars 2027"),
            ("v. 12 2027", "v. 12 2027"),
            ("mars 2027", "mars 2027"),
            ("Q2 2027", "Kv 2 2027"),
            ("H1 2027", "Halvår 1 2027"),
            ("2027", "budgetåret 2027"),
        ],
    )
    def test_an_expected_decision_is_no_sharper_than_it_was_said(
        self, manager: Any, session: Session, case: Case, typed: str, shown: str
    ) -> None:
        assert self.send(manager, case, expected=typed).status_code == 303
        session.expire_all()
        assert case.expected == parse_expected(typed)
        facts = case_page(manager, case).partition("Väntat beslut")[2][:200]
        digits = shown.rpartition(" ")[2]
        assert digits in facts
        if case.expected.precision != "day":
            assert "1 jan" not in facts and "31 dec" not in facts and "2027-" not in facts
        assert self.send(manager, case).status_code == 303  # saved again, it is still the same
        session.expire_all()
        assert case.expected == parse_expected(typed)

    def test_money_is_whole_ore(self, manager: Any, session: Session, case: Case) -> None:
        self.send(manager, case, value="125 000,50 kr")
        session.expire_all()
        assert case.value_ore == 12_500_050

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("value", "-5"),
            ("value", "1e9"),
            ("value", "9" * 30),
            ("value", "mycket"),
            ("expected", "snart"),
            ("expected", "mars"),
            ("expected", "v. 60 2027"),
            ("title", ""),
            ("title", "x" * 201),
            ("owner_id", "999999"),
            ("products", "999999"),
            ("pub_status", "perhaps"),
            ("price_shared_on", "31 april"),
            ("contract_ends_on", "2027-12-31"),  # without saying where from
        ],
    )
    def test_what_cannot_be_is_refused_and_kept(
        self, manager: Any, session: Session, case: Case, field: str, typed: str
    ) -> None:
        before = case.title
        answer = self.send(manager, case, note="", **{field: typed})
        assert answer.status_code == 422
        if field in {"value", "expected", "price_shared_on", "contract_ends_on"}:
            assert f'value="{typed}"' in answer.get_data(as_text=True)
        session.expire_all()
        assert case.title == before and case.value_ore is None

    def test_a_stale_form_is_409_and_keeps_what_was_typed(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        html = manager.get(f"/cases/{case.id}/edit").get_data(as_text=True)
        case.title = "Någon annan hann före"
        session.commit()
        answer = manager.post(
            f"/cases/{case.id}/edit", data=fields_of(html) | {"title": "Mitt namn"}
        )
        assert answer.status_code == 409
        assert "Mitt namn" in answer.get_data(as_text=True)

    def test_who_was_first_is_said_and_oneself_is_no_stranger(
        self, as_user: AsUser, session: Session, case: Case
    ) -> None:
        """One's own second tab was called somebody else."""

        def late(client: Any, before: str) -> str:
            sent = fields_of(before) | {"title": "Mitt namn"}
            answer = client.post(f"/cases/{case.id}/edit", data=sent)
            assert answer.status_code == 409
            return str(answer.text)

        session.commit()
        with time_machine.travel(datetime(2026, 11, 24, 9, 42, tzinfo=UTC), tick=False) as clock_:
            me, eva = as_user(Role.ACCOUNT_MANAGER), as_user(Role.REP)
            eva.user.name = "Eva Ek"
            session.commit()
            opened = me.get(f"/cases/{case.id}/edit").text
            self.send(me, case, title="I den andra fliken")
            told = late(me, opened)
            assert "Du ändrade det här i ett annat fönster kl. 10:42." in told
            assert "Det du skrev finns kvar här" in told and "Någon annan" not in told

            opened = me.get(f"/cases/{case.id}/edit").text
            self.send(eva, case, title="Evas namn")
            assert "Eva Ek ändrade det här kl. 10:42." in late(me, opened)
            clock_.shift(timedelta(days=1))
            assert "Eva Ek ändrade det här den 24 nov. 2026 10:42." in late(me, opened)

            case.title = "Av sig självt"
            session.commit()
            assert "Programmet ändrade det här självt kl. 10:42." in late(me, opened)

    def test_products_come_and_go(self, manager: Any, session: Session, case: Case) -> None:
        product = operations.add_product("Läslyftet")
        session.commit()
        self.send(manager, case, products=[product.id])
        assert "Läslyftet" in case_page(manager, case)
        self.send(manager, case, products=[])
        assert "Läslyftet" not in case_page(manager, case)

    def test_somebody_who_has_left_us_may_still_own_it(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        gone = make_user()
        gone.active = False
        case.owner_id = gone.id
        session.commit()
        assert self.send(manager, case, title="Nytt namn").status_code == 303
        session.expire_all()
        assert case.owner_id == gone.id


# --- Waiting, closing, promises -----------------------------------------------------------------


def close(case: Case, session: Session, outcome: Outcome = Outcome.LOST) -> None:
    operations.close(case, outcome, reason="price", by=None, today=clock.today(), now=clock.now())
    session.commit()


class TestWaiting:
    def wait(self, manager: Any, case: Case, **sent: Any) -> Any:
        sent = {"version": case.version} | sent
        return manager.post(f"/cases/{case.id}/wait", data=sent)

    def test_for_an_event_of_the_buyers_year(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        answer = self.wait(
            manager, case, reason="disagreement", event="budget_year_starts", note="Vi väntar"
        )
        assert answer.status_code == 303
        session.expire_all()
        assert case.state is CaseState.WAITING
        assert case.wait_reason is WaitReason.DISAGREEMENT
        assert case.wait_event is WakeEvent.BUDGET_YEAR_STARTS
        assert case.wait_until is not None and case.wait_until > clock.today()
        html = case_page(manager, case)
        assert "Oenighet" in html and "pill-wait" in html
        assert "pill-error" not in html and "overdue" not in html  # never red, never overdue

    def test_the_choices_say_which_year_they_mean(self, as_user: AsUser, session: Session) -> None:
        """Since 15 October new councils decide; the next one is four years off, and says so."""
        body = budgets.make_body("Hultsfreds kommun")
        budgets.make_practice(body)
        case = make_case(make_unit(body), "Läsverktyg")
        session.commit()
        with time_machine.travel(datetime(2026, 11, 24, 9, tzinfo=UTC), tick=False):
            manager = as_user(Role.ACCOUNT_MANAGER)
            for html in (
                manager.get(f"/cases/{case.id}/wait").text,
                manager.get(f"/cases/{case.id}").text,
            ):
                words = re.findall(r"Tills [^<]*", html)
                assert {
                    "Tills nyvalda fullmäktige har beslutat om budgeten för 2027 (4 jan. 2027)",
                    "Tills nämnderna börjar med sina underlag för 2028 (1 mars 2027, typiskt)",
                    "Tills budgetåret 2027 börjar (4 jan. 2027)",
                    "Tills fullmäktige från valet 2030 har tillträtt (15 okt. 2030)",
                    "Tills nämnderna efter valet 2026 är på plats (1 mars 2027, typiskt)",
                } <= {one.strip() for one in words}
            answer = self.wait(manager, case, reason="no_budget", event="budget_year_starts")
            assert "Ärendet avvaktar till 4 jan. 2027." in manager.get(answer.location).text

    def test_an_event_and_a_day_are_not_taken_together(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        day = (clock.today() + timedelta(days=90)).isoformat()
        sent = {"reason": "no_budget", "until": day, "note": "Vi väntar"}
        answer = self.wait(manager, case, event="budget_year_starts", **sent)
        assert (
            answer.status_code == 422 and "En dag är skriven, men ”Tills budgetåret" in answer.text
        )
        assert f'value="{day}"' in answer.text and "Vi väntar" in answer.text
        assert re.search(r'checked[^>]*value="budget_year_starts"', answer.text)
        session.expire_all()
        assert case.state is CaseState.OPEN
        assert self.wait(manager, case, event="day", **sent).status_code == 303
        session.expire_all()
        assert (str(case.wait_until), case.wait_event) == (day, None)

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"reason": "disagreement"},
            {"event": "budget_year_starts"},
            {"reason": "because", "event": "budget_year_starts"},
            {"reason": "disagreement", "event": "the_end_of_time"},
            {"reason": "disagreement", "event": "day"},
            {"reason": "disagreement", "event": "budget_year_starts", "until": "31/4"},
            {"reason": "disagreement", "until": "2020-01-01"},
            {"reason": "disagreement", "until": "när det passar"},
            {"reason": "disagreement", "event": "budget_year_starts", "note": "x" * 2_001},
        ],
    )
    def test_without_a_reason_or_an_end_it_is_refused(
        self, manager: Any, session: Session, case: Case, sent: dict[str, str]
    ) -> None:
        assert self.wait(manager, case, **sent).status_code == 422
        session.expire_all()
        assert case.state is CaseState.OPEN

    def test_an_event_that_nobody_can_tell_here_is_refused(
        self, manager: Any, session: Session
    ) -> None:
        """A municipality whose timetable is unknown has no door that opens."""
        case = make_case(make_municipality())
        answer = self.wait(manager, case, reason="disagreement", event="door_opens")
        assert answer.status_code == 422

    def test_the_history_of_waits_is_kept(self, manager: Any, session: Session, case: Case) -> None:
        for reason in ("disagreement", "no_budget"):
            self.wait(manager, case, reason=reason, event="budget_year_starts")
            assert manager.post(f"/cases/{case.id}/wake").status_code == 303
        waits = session.scalars(sa.select(Wait).order_by(Wait.id)).all()
        assert [row.reason.value for row in waits] == ["disagreement", "no_budget"]
        assert all(row.ended_on for row in waits)
        session.expire_all()
        assert case.state is CaseState.OPEN and case.wait_reason is None
        assert manager.post(f"/cases/{case.id}/wake").status_code == 303  # again: nothing
        html = case_page(manager, case)
        assert "Oenighet" in html

    def test_stale(self, manager: Any, session: Session, case: Case) -> None:
        old = version(case, session)
        case.title = "Annan"
        session.commit()
        answer = self.wait(
            manager, case, reason="disagreement", event="budget_year_starts", version=old
        )
        assert answer.status_code == 409


class TestClosing:
    def test_with_an_outcome_and_its_own_reason(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        answer = manager.post(
            f"/cases/{case.id}/close",
            data={
                "version": version(case, session),
                "ending": "cancelled_by_buyer:no_budget",
                "note": "Nästa år kanske",
            },
        )
        assert answer.status_code == 303
        session.expire_all()
        assert case.outcome is Outcome.CANCELLED_BY_BUYER
        assert case.outcome_reason == "no_budget"
        html = case_page(manager, case)
        assert "Nästa år kanske" in html

    @pytest.mark.parametrize("ending", ["", "won", "won:price_of_fish", "lost:no_budget"])
    def test_an_outcome_and_another_ones_reason_are_refused(
        self, manager: Any, session: Session, case: Case, ending: str
    ) -> None:
        sent = {"ending": ending, "note": "Detta ska stå kvar", "version": version(case, session)}
        answer = manager.post(f"/cases/{case.id}/close", data=sent)
        assert answer.status_code == 422
        assert "Detta ska stå kvar" in answer.get_data(as_text=True)
        session.expire_all()
        assert case.state is CaseState.OPEN

    def test_reopening_keeps_history_and_next_step(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        operations.set_next_step(case, "Fråga efter anbudet", date(2027, 2, 1), by=None)
        close(case, session)
        assert manager.post(f"/cases/{case.id}/reopen").status_code == 303
        session.expire_all()
        assert (case.state, case.outcome) == (CaseState.OPEN, None)
        assert case.next_step_on == date(2027, 2, 1)
        steps = session.scalars(sa.select(StageChange.after).order_by(StageChange.id)).all()
        assert steps == ["open", "closed", "open"]

    def test_lost_with_a_date_stays_in_sight(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        """E9: won and lost items with a date stay visible; without one they leave the list."""
        case.title = "Förlorat men inte glömt"
        close(case, session)
        assert case.title not in manager.get("/cases").get_data(as_text=True)
        operations.set_next_step(case, "Ring", date(2027, 2, 1), by=None)
        session.commit()
        assert case.title in manager.get("/cases").get_data(as_text=True)


class TestNextStep:
    def test_what_and_when(self, manager: Any, session: Session, case: Case) -> None:
        sent = {"next_step": "Skicka priset", "next_step_on": "2026-12-04"}
        sent["version"] = version(case, session)
        assert manager.post(f"/cases/{case.id}/next-step", data=sent).status_code == 303
        assert "Skicka priset" in case_page(manager, case)
        assert manager.post(f"/cases/{case.id}/next-step/done").status_code == 303
        session.expire_all()
        assert (case.next_step, case.next_step_on) == ("", None)
        kept = [row.data for row in session.scalars(sa.select(Activity)) if row.data]
        assert any(data.get("step") == "Skicka priset" for data in kept)  # the story keeps it

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"next_step": "Ring"},
            {"next_step_on": "2026-12-04"},
            {"next_step": "Ring", "next_step_on": "snart"},
            {"next_step": "x" * 201, "next_step_on": "2026-12-04"},
        ],
    )
    def test_half_a_promise_is_refused(
        self, manager: Any, session: Session, case: Case, sent: dict[str, str]
    ) -> None:
        sent = {"version": version(case, session)} | sent
        assert manager.post(f"/cases/{case.id}/next-step", data=sent).status_code == 422
        session.expire_all()
        assert case.next_step_on is None

    def test_a_gap_is_counted_and_closed_in_one_click(
        self, manager: Any, session: Session, case: Case
    ) -> None:
        case.title = "Utan datum"
        session.commit()
        assert queries.gaps(None) == 1
        assert case.title in manager.get("/cases?gap=1").get_data(as_text=True)
        manager.post(f"/cases/{case.id}/next-step/soon")
        session.expire_all()
        first = case.next_step_on
        assert first is not None and first >= clock.today() + timedelta(days=14)
        assert queries.gaps(None) == 0
        manager.post(f"/cases/{case.id}/next-step/soon")  # twice changes nothing
        session.expire_all()
        assert case.next_step_on == first
        manager.post(f"/cases/{case.id}/next-step/clear")
        assert queries.gaps(None) == 1


# --- Units and people ---------------------------------------------------------------------------


class TestUnits:
    def test_they_join_one_by_one_with_a_share_each(
        self, manager: Any, session: Session, case: Case, school: Organisation
    ) -> None:
        other = make_unit(school, "Lillskolan")
        session.commit()
        sent = {"organisation_id": other.id, "in_use": "y", "value": "40 000", "version": "0"}
        assert manager.post(f"/cases/{case.id}/units/new", data=sent).status_code == 303
        html = case_page(manager, case)
        assert "Lillskolan" in html and "Använder produkten" in html
        manager.post(f"/cases/{case.id}/units/new", data=sent | {"value": "50 000", "version": "1"})
        rows = session.scalars(sa.select(CaseUnit).order_by(CaseUnit.id)).all()
        assert [row.value_ore for row in rows] == [None, 5_000_000]  # changed, not doubled
        assert manager.post(f"/cases/{case.id}/units/{rows[1].id}/remove").status_code == 303
        assert manager.post(f"/cases/{case.id}/units/{rows[0].id}/remove").status_code == 422
        assert manager.post(f"/cases/{case.id}/units/999999/remove").status_code == 404

    def test_a_unit_of_another_body_is_refused(self, manager: Any, case: Case) -> None:
        stranger = make_unit(make_municipality())
        answer = manager.post(
            f"/cases/{case.id}/units/new", data={"organisation_id": stranger.id, "version": 0}
        )
        assert answer.status_code == 422

    def test_one_is_found_by_its_name_within_the_body_alone(
        self, manager: Any, session: Session, case: Case, school: Organisation
    ) -> None:
        for name in ("Norra Xylofonskolan", "Södra Xylofonskolan"):
            make_unit(school, name)
        make_unit(make_municipality(), "Västra Xylofonskolan")
        closed = make_unit(school, "Nedlagda skolan")
        session.commit()
        address = f"/accounts/options?within={case.body_id}"
        offered = manager.post(address, data={"q": "xylofon"}).text
        assert "Norra" in offered and "Södra" in offered and "Västra" not in offered
        page = manager.get(f"/cases/{case.id}/units/new").text
        assert address in page and "Norra" not in page

        sent = {"organisation_id": "", "organisation_id_text": "xylofonskolan", "version": "0"}
        asked = manager.post(f"/cases/{case.id}/units/new", data=sent)  # as without scripts
        assert asked.status_code == 422
        assert asked.text.count('type="radio"') == 2
        sent["organisation_id_text"] = "Norra Xylofonskolan"
        assert manager.post(f"/cases/{case.id}/units/new", data=sent).status_code == 303
        assert "Norra Xylofonskolan" in case_page(manager, case)
        again = manager.post(f"/cases/{case.id}/units/new", data=sent)
        assert again.status_code == 422 and "deltar redan" in again.text
        closed.closed_on = clock.today()
        session.commit()
        sent["organisation_id"] = str(closed.id)
        assert manager.post(f"/cases/{case.id}/units/new", data=sent).status_code == 422


class TestRoles:
    def test_somebody_is_found_by_name_wherever_the_first_post_is(
        self, manager: Any, session: Session, case: Case, school: Organisation
    ) -> None:
        elsewhere = make_unit(make_municipality())
        anna = make_person("Xenia", "Berg", elsewhere, title="konsult")
        now, today = clock.now(), clock.today()
        people.add_post(anna, school, title="lärare", by=None, today=today, now=now)
        stranger = make_person("Xenia", "Främling", elsewhere)
        session.commit()
        address = f"/people/options/{case.body_id}"
        offered = manager.post(address, data={"q": "xenia"}).text
        assert f"Xenia Berg, {school.name}" in offered and "Främling" not in offered
        page = manager.get(f"/cases/{case.id}/roles/new").text
        assert address in page and "Xenia" not in page

        sent = {"person_id": "", "person_id_text": "xenia", "roles": "user"}
        asked = manager.post(f"/cases/{case.id}/roles/new", data=sent)  # as without scripts
        assert asked.status_code == 422
        assert f'type="radio" name="person_id" value="{anna.id}"' in asked.text
        sent["person_id"] = str(stranger.id)
        refused = manager.post(f"/cases/{case.id}/roles/new", data=sent)
        assert refused.status_code == 422 and "som arbetar där" in refused.text
        sent["person_id"] = str(anna.id)
        assert manager.post(f"/cases/{case.id}/roles/new", data=sent).status_code == 303

    def test_several_for_one_person(
        self, manager: Any, session: Session, case: Case, school: Organisation
    ) -> None:
        anna = make_person("Anna", "Berg", school, title="lärare")
        session.commit()
        sent = {"person_id": anna.id, "roles": ["user", "champion", "coach"]}
        for _twice in range(2):
            assert manager.post(f"/cases/{case.id}/roles/new", data=sent).status_code == 303
        held = session.scalars(sa.select(CasePerson)).all()
        assert sorted(row.role.value for row in held) == ["champion", "coach", "user"]

    @pytest.mark.parametrize(
        ("title", "guessed"),
        [
            ("rektor", {CaseRole.BUDGET_OWNER, CaseRole.DECISION_MAKER}),
            ("IT-chef", {CaseRole.IT}),
            ("upphandlare", {CaseRole.PROCUREMENT_OFFICER}),
            ("trollkarl", {CaseRole.USER}),
        ],
    )
    def test_with_none_ticked_the_title_guesses(
        self,
        manager: Any,
        session: Session,
        case: Case,
        school: Organisation,
        title: str,
        guessed: set[CaseRole],
    ) -> None:
        person = make_person("Rut", "Ek", school, title=title)
        session.commit()
        manager.post(f"/cases/{case.id}/roles/new", data={"person_id": person.id})
        assert {row.role for row in session.scalars(sa.select(CasePerson))} == guessed

    @pytest.mark.parametrize(
        "sent", [{}, {"person_id": "999999"}, {"person_id": "1", "roles": "emperor"}]
    )
    def test_nobody_and_nothing_are_refused(
        self, manager: Any, case: Case, sent: dict[str, str]
    ) -> None:
        assert manager.post(f"/cases/{case.id}/roles/new", data=sent).status_code == 422

    def test_a_champion_who_leaves_leaves_a_gap_to_fill(
        self, manager: Any, session: Session, case: Case, school: Organisation
    ) -> None:
        """C8: the role stays open on the page until somebody holds it."""
        anna = make_person("Anna", "Berg", school, title="lärare")
        bo = make_person("Bo", "Ek", school, title="lärare")
        operations.set_role(
            case, anna, CaseRole.CHAMPION, by=None, today=date(2026, 1, 7), now=clock.now()
        )
        session.commit()
        post = session.scalars(sa.select(Post).where(Post.person_id == anna.id)).one()
        people.end_post(post, on=clock.today(), by=None, today=clock.today(), now=clock.now())
        session.commit()
        html = case_page(manager, case)
        assert "Efterträdare till Anna Berg, inte känd än" in html
        assert f"/people/{anna.id}/successor" in html
        manager.post(f"/cases/{case.id}/roles/new", data={"person_id": bo.id, "roles": "champion"})
        html = case_page(manager, case)
        assert "Efterträdare" not in html and "Anna Berg" in html  # history stays

    def test_ending_twice_keeps_the_first_day(
        self, manager: Any, session: Session, case: Case, school: Organisation
    ) -> None:
        anna = make_person("Anna", "Berg", school)
        operations.set_role(
            case, anna, CaseRole.IT, by=None, today=date(2026, 1, 7), now=clock.now()
        )
        held = session.scalars(sa.select(CasePerson)).one()
        held.ended_on = date(2026, 2, 1)
        session.commit()
        assert manager.post(f"/cases/{case.id}/roles/{held.id}/end").status_code == 303
        session.expire_all()
        assert held.ended_on == date(2026, 2, 1)
        assert manager.post(f"/cases/{case.id}/roles/999999/end").status_code == 404


class TestProducts:
    def test_a_list_that_is_added_to_renamed_and_retired(
        self, as_user: AsUser, session: Session
    ) -> None:
        founder = as_user(Role.FOUNDER)
        assert founder.post("/cases/products", data={"name": "Läslyftet"}).status_code == 303
        product = session.scalars(sa.select(Product)).one()
        assert (
            founder.post(
                f"/cases/products/{product.id}", data={"name": "Räknelyftet", "version": 1}
            ).status_code
            == 303
        )
        assert founder.post(f"/cases/products/{product.id}/retire").status_code == 303
        session.expire_all()
        assert (product.name, product.retired) == ("Räknelyftet", True)
        assert queries.products() == []
        founder.post("/cases/products", data={"name": "Räknelyftet"})  # comes back
        session.expire_all()
        assert not product.retired

    def test_two_cannot_be_called_the_same(self, as_user: AsUser, session: Session) -> None:
        founder = as_user(Role.FOUNDER)
        first, second = operations.add_product("Ett"), operations.add_product("Två")
        session.commit()
        answer = founder.post(
            f"/cases/products/{second.id}", data={"name": first.name, "version": 1}
        )
        assert answer.status_code == 422
        assert founder.post("/cases/products", data={"name": ""}).status_code == 422
        assert founder.get("/cases/products/999999").status_code == 404

    def test_only_who_edits_lists(self, manager: Any) -> None:
        assert manager.get("/cases/products").status_code == 403


@pytest.mark.parametrize(
    "path", ["", "/edit", "/wait", "/close", "/next-step", "/units/new", "/roles/new"]
)
def test_a_case_that_is_not_there(manager: Any, path: str) -> None:
    assert manager.get(f"/cases/999999{path}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/edit", "/wait", "/close", "/next-step", "/units/new", "/roles/new"]
)
def test_a_reader_reads_and_changes_nothing(as_user: AsUser, case: Case, path: str) -> None:
    reader = as_user(Role.VIEWER)
    html = case_page(reader, case)
    assert f"/cases/{case.id}{path}" not in html
    assert reader.get(f"/cases/{case.id}{path}").status_code == 403


@pytest.mark.parametrize(
    "path", ["/edit", "/wait", "/close", "/next-step", "/units/new", "/roles/new"]
)
def test_every_form_opens(manager: Any, case: Case, path: str) -> None:
    assert manager.get(f"/cases/{case.id}{path}").status_code == 200


def test_the_page_of_a_case_asks_no_more_for_more_rows(
    manager: Any,
    session: Session,
    case: Case,
    school: Organisation,
    count_queries: Callable[[], Any],
) -> None:
    def measure() -> int:
        with count_queries() as counted:
            manager.get(f"/cases/{case.id}")
        return int(counted.number)

    few = measure()
    body = session.get_one(Organisation, case.body_id)
    for number in range(6):
        facts: dict[str, Any] = {"by": None, "today": clock.today(), "now": clock.now()}
        unit = make_unit(body, f"Skola {number}")
        person = make_person(organisation=unit)
        operations.join_unit(case, unit, in_use=True, value_ore=100, **facts)
        operations.set_role(case, person, CaseRole.COACH, **facts)
        stage = list(AdoptionStage)[1 + number % 6]
        operations.move_adoption(case, stage, by=None, now=clock.now())
        operations.link_inquiry(case, inquiry(organisation=unit, person=person))
    session.commit()
    # What is planned for the case comes with its first reminders, whatever their number.
    assert measure() <= few + 2
    assert "Skola 5" in case_page(manager, case)


def test_a_day_is_shown_with_its_week_beside_the_field(as_user: Any) -> None:
    """M9: "v. 47" is accepted, and what stands in the field says its week."""
    case = make_case(make_unit())
    operations.set_next_step(case, "Ring", date(2027, 3, 12), by=None)
    client = as_user(Role.REP)
    page = client.get(f"/cases/{case.id}/next-step").text
    assert "v. 10" in page
    assert 'aria-describedby="next_step_on-day"' in page
    sent = {"next_step": "", "next_step_on": "v. 47 2027", "version": str(case.version)}
    refused = client.post(f"/cases/{case.id}/next-step", data=sent)
    assert refused.status_code == 422
    assert 'value="v. 47 2027"' in refused.text
    assert "v. 47, om" in refused.text
