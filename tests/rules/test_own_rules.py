"""Rules of one's own: checked, said in two languages, and planned by like those that are shipped."""

import itertools
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from crm.rules import own_rules
from crm.rules.budget_cycle import (
    BodyKind,
    DecisionPractice,
    Meeting,
    Practice,
    decision,
    default_practice,
    door,
)
from crm.rules.certainty import Certainty
from crm.rules.milestones import LaidOut, laid_out, lay_back
from crm.rules.own_events import OF_THE_BUYER, Assignee, OwnEvent, RuleScope
from crm.rules.own_rules import READY, OwnRule, Problem, as_rule, problems, sentence
from crm.rules.quiet import NO_QUIET
from crm.rules.reminder_rules import DEFAULT_RULES, Rule
from crm.rules.reminders import (
    BodyFacts,
    CaseFacts,
    Contacted,
    Planned,
    ReminderKind,
    explain,
    plan,
    plan_and_term,
    reconcile,
)
from crm.rules.routes import Route
from crm.rules.rule_settings import DistanceUnit
from crm.rules.stages import AdoptionStage, CaseState, ProcurementStage

TODAY = date(2026, 11, 23)


def a_plan(in_use_on: date) -> LaidOut | None:
    laid = lay_back(Route.OPEN, in_use_on, NO_QUIET)
    return laid_out(Route.OPEN, [(one.stage, one.day, False, Certainty.TYPICAL) for one in laid])


JUNE = Practice(BodyKind.MUNICIPALITY, DecisionPractice.JUNE, Certainty.CONFIRMED)
MEETS = replace(
    JUNE,
    meetings=tuple(
        Meeting(date(2027, month, 15), Certainty.PUBLISHED, source_url="https://example.org/kf")
        for month in (2, 4, 9)
    ),
)
BODY = BodyFacts(1, "Hultsfreds kommun", BodyKind.MUNICIPALITY, JUNE, "08", owner_id=70)
CASE = CaseFacts(5, 2, date(2026, 9, 1), owner_id=7)
PRICE = OwnRule(name="Dela ett prisexempel", count=10, price_shared=False)


def hits(
    rule: OwnRule, case: CaseFacts = CASE, body: BodyFacts = BODY, **named: Any
) -> list[Planned]:
    """What the rule alone plans."""
    made = as_rule(rule, "OWN-1", 3, **named)
    return [one for one in plan(body, [case], rules=[made], today=TODAY)]


def test_ten_weeks_before_the_committees_hand_in_if_no_price_is_shared() -> None:
    closes = [phase.end for year in (2028, 2029) if (phase := door(JUNE, year)) is not None]
    assert [one.wanted_on for one in hits(PRICE)] == [day - timedelta(weeks=10) for day in closes]
    first = hits(PRICE)[0]
    assert first.key == "OWN-1/case-5/hand_in-2028"
    assert (first.rule_key, first.rule_version, first.owner_id) == ("OWN-1", 3, 7)
    assert hits(PRICE, replace(CASE, price_shared=True)) == []


@pytest.mark.parametrize(
    ("chosen", "holds", "fails"),
    [
        ({"kinds": (BodyKind.REGION,)}, {}, {}),
        ({"counties": ("08",)}, {"county_code": "08"}, {"county_code": "07"}),
        ({"manager_id": 70}, {"owner_id": 70}, {"owner_id": 71}),
        ({"practice_known": True}, {}, {"practice": default_practice(BodyKind.OTHER)}),
    ],
)
def test_it_speaks_for_the_buyers_that_were_chosen(
    chosen: dict[str, Any], holds: dict[str, Any], fails: dict[str, Any]
) -> None:
    opened = replace(PRICE, event=OwnEvent.CASE_OPENED, count=60, before=False, **chosen)
    opened = replace(opened, unit=DistanceUnit.DAYS, count=90)
    fitting = replace(BODY, kind=BodyKind.REGION) if "kinds" in chosen else replace(BODY, **holds)
    assert hits(opened, body=fitting)
    assert hits(opened, body=replace(BODY, **fails)) == []


@pytest.mark.parametrize(
    ("chosen", "holds", "fails"),
    [
        ({"price_shared": True}, {"price_shared": True}, {}),
        ({"has_champion": True}, {"champion_name": "Anna"}, {}),
        ({"has_champion": False}, {}, {"champion_name": "Anna"}),
        (
            {"adoption_from": AdoptionStage.SEVERAL_UNITS},
            {"adoption_stage": AdoptionStage.WIDE_USE},
            {"adoption_stage": AdoptionStage.UNIT_PILOT},
        ),
        (
            {
                "procurement_from": ProcurementStage.UNDECIDED,
                "procurement_to": ProcurementStage.PREPARING,
            },
            {"procurement_stage": ProcurementStage.CALL_OFF},
            {"procurement_stage": ProcurementStage.SIGNED},
        ),
        (
            {"waiting": True, "kind": ReminderKind.PREPARE},
            {"state": CaseState.WAITING, "waiting_since": TODAY},
            {},
        ),
        (
            {"waiting": False, "kind": ReminderKind.PREPARE},
            {},
            {"state": CaseState.WAITING, "waiting_since": TODAY},
        ),
    ],
)
def test_it_speaks_for_the_cases_that_were_chosen(
    chosen: dict[str, Any], holds: dict[str, Any], fails: dict[str, Any]
) -> None:
    rule = replace(OwnRule(name="En regel", count=10), **chosen)
    assert hits(rule, replace(CASE, **holds))
    assert hits(rule, replace(CASE, **fails)) == []


@pytest.mark.parametrize("event", list(OwnEvent))
def test_every_event_can_be_counted_from(event: OwnEvent) -> None:
    state = event is OwnEvent.APPROPRIATION
    kind = BodyKind.STATE if state else BodyKind.MUNICIPALITY
    body = replace(BODY, kind=kind, practice=default_practice(kind) if state else MEETS)
    case = replace(
        CASE,
        opened_on=TODAY,
        contract_ends_on=date(2028, 5, 1),
        plan=a_plan(date(2028, 9, 1)),
    )
    rule = OwnRule(name="En regel", kind=ReminderKind.PREPARE, count=1, before=False, event=event)
    found = hits(rule, case, body)
    assert found
    for one in found:
        assert one.wanted_on > (one.event_start or TODAY)
        for language, name in (("sv", "Vår egen regel säger"), ("en", "Our own rule says")):
            assert name in explain(one, language).text
            assert explain(one, language).rules[0] == ("OWN-1", "OWN-1: En regel")


def test_the_council_decision_is_read_once_for_a_body_with_two_cases() -> None:
    rule = OwnRule(
        name="Läs beslutet", kind=ReminderKind.READ, count=2, before=False, event=OwnEvent.DECISION
    )
    made = as_rule(rule, "OWN-1", 1)
    other = replace(CASE, case_id=6)
    found = plan(BODY, [CASE, other], rules=[made], today=TODAY)
    decided = decision(JUNE, 2028)
    assert decided is not None
    assert [one.key for one in found] == [
        f"OWN-1/body-1/decision-{year}"
        for year in (2027, 2028, 2029)  # the election of 2026 put off the budget of 2027
    ]
    assert found[1].wanted_on == decided.end + timedelta(weeks=2)


@pytest.mark.parametrize(
    ("assignee", "user_id", "away", "told"),
    [
        (Assignee.CASE_OWNER, None, (), 7),
        (Assignee.ACCOUNT_MANAGER, None, (), 70),
        (Assignee.COLLEAGUE, 9, (), 9),
        (Assignee.COLLEAGUE, 9, (9,), 7),
    ],
)
def test_who_is_told(
    assignee: Assignee, user_id: int | None, away: tuple[int, ...], told: int
) -> None:
    rule = replace(PRICE, assignee=assignee, user_id=user_id)
    assert {one.owner_id for one in hits(rule, away=away)} == {told}


ACCOUNTS = replace(PRICE, price_shared=None, scope=RuleScope.ACCOUNTS)


def of_account(rule: OwnRule, body: BodyFacts = BODY, *cases: CaseFacts) -> list[Planned]:
    return list(plan(body, cases, rules=[as_rule(rule, "OWN-1", 3)], today=TODAY))


def test_a_buyer_without_a_case_is_spoken_for_when_the_rule_says_so() -> None:
    first, second = of_account(ACCOUNTS)
    assert (first.key, first.case_id, first.owner_id) == ("OWN-1/body-1/hand_in-2028", None, 70)
    assert (first.kind, first.organisation_id) == (ReminderKind.CONTACT, 1)
    assert second.key == "OWN-1/body-1/hand_in-2029"
    assert of_account(replace(ACCOUNTS, scope=RuleScope.CASES)) == []
    closed = replace(CASE, state=CaseState.CLOSED)
    waits = replace(CASE, state=CaseState.WAITING, waiting_since=TODAY)
    assert [one.key for one in of_account(ACCOUNTS, BODY, closed)] == [first.key, second.key]
    for case in (CASE, waits):
        assert of_account(ACCOUNTS, BODY, case) == []
        both = of_account(replace(ACCOUNTS, scope=RuleScope.BOTH), BODY, case)
        assert {one.case_id for one in both} == ({5} if case is CASE else set())
    assert of_account(ACCOUNTS, replace(BODY, is_closed=True)) == []
    region = replace(ACCOUNTS, kinds=(BodyKind.REGION,))
    assert of_account(region) == []
    assert of_account(region, replace(BODY, kind=BodyKind.REGION))


def test_a_buyer_that_nobody_looks_after_is_left_alone_unless_somebody_is_named() -> None:
    nobodys = replace(BODY, owner_id=None)
    read = replace(ACCOUNTS, kind=ReminderKind.READ)
    for rule in (ACCOUNTS, read):
        assert of_account(rule, nobodys) == []
        named = replace(rule, assignee=Assignee.COLLEAGUE, user_id=9)
        assert {one.owner_id for one in of_account(named, nobodys)} == {9}


@pytest.mark.parametrize("kind", own_rules.KINDS)
def test_a_buyer_whose_case_was_closed_is_not_asked_about_what_had_begun(
    kind: ReminderKind,
) -> None:
    rule = replace(ACCOUNTS, kind=kind)
    begun = of_account(rule)[0].wanted_on
    assert len(of_account(rule, replace(BODY, last_case_closed_on=begun))) == 1
    before = begun - timedelta(days=1)
    assert len(of_account(rule, replace(BODY, last_case_closed_on=before))) == 2


def test_each_meeting_of_the_council_is_an_event() -> None:
    rule = replace(
        ACCOUNTS, event=OwnEvent.COUNCIL_MEETING, unit=DistanceUnit.DAYS, kind=ReminderKind.READ
    )
    found = of_account(rule, replace(BODY, practice=MEETS))
    assert [one.key for one in found] == [
        f"OWN-1/body-1/council_meeting-2027-{month}-15" for month in ("02", "04", "09")
    ]
    assert found[0].wanted_on == date(2027, 2, 5)
    assert found[0].source == "https://example.org/kf"
    assert found[0].certainty is Certainty.PUBLISHED
    assert explain(found[0], "sv").parts[:2] == (
        "Hultsfreds kommun: fullmäktige sammanträder den 15 februari 2027.",
        "Vår egen regel säger 10 dagar före varje fullmäktigesammanträde: 5 februari 2027.",
    )
    assert explain(found[0], "en").parts[0] == (
        "The council of Hultsfreds kommun meets on 15 February 2027."
    )
    in_a_case = replace(rule, scope=RuleScope.CASES, kind=ReminderKind.CONTACT)
    contacts = of_account(in_a_case, replace(BODY, practice=MEETS), CASE)
    assert {one.case_id for one in contacts} == {5}
    assert of_account(rule) == []


def test_the_buyers_quiet_and_pace_hold_for_it_too() -> None:
    rules = [
        as_rule(replace(ACCOUNTS, unit=DistanceUnit.DAYS, count=count), f"OWN-{count}", 1)
        for count in (40, 50)
    ]
    pace = next(rule for rule in DEFAULT_RULES if rule.key == "PACE")
    found = plan(BODY, [], rules=[*rules, pace], today=TODAY)
    days = sorted(one.due_on for one in found)
    assert all((b - a).days >= 42 for a, b in itertools.pairwise(days))
    text = " ".join(explain(one, "sv").text for one in found)
    assert "En fråga i taget" in text or "Ta upp det här samtidigt" in text

    meeting = replace(ACCOUNTS, event=OwnEvent.COUNCIL_MEETING, unit=DistanceUnit.DAYS, count=60)
    alone = [as_rule(meeting, "OWN-1", 1), pace]
    called = Contacted(None, TODAY - timedelta(days=1), "Eva")

    def after(made: Contacted) -> Planned:
        body = replace(BODY, practice=MEETS, contacts_made=(made,))
        return plan(body, [], rules=alone, today=TODAY)[0]

    held = after(called)
    assert held.wanted_on == date(2026, 12, 17)
    assert held.due_on >= date(2027, 1, 3)
    assert "Samma köpare kontaktades den 22 november 2026 av Eva" in explain(held, "sv").text
    assert "The same buyer was contacted on 22 November 2026" in explain(held, "en").text
    put_aside = after(replace(called, made=False))
    assert "PACE" not in put_aside.shaped_by
    assert put_aside.due_on < date(2026, 12, 20)


def test_with_the_person_of_a_closed_case_it_keeps_its_distance() -> None:
    closed = replace(
        CASE,
        state=CaseState.CLOSED,
        contact_id=5,
        contact_name="Anna",
        contract_ends_on=date(2028, 9, 20),
    )
    rules = (*DEFAULT_RULES, as_rule(replace(ACCOUNTS, count=4), "OWN-1", 1))
    found = plan(BODY, [closed], rules=rules, today=TODAY)
    days = sorted(one.due_on for one in found if one.kind is ReminderKind.CONTACT)
    assert len(days) >= 2
    assert all((b - a).days >= 42 for a, b in itertools.pairwise(days))


def test_a_promise_is_no_promise_in_a_case_that_waits_or_from_a_guess() -> None:
    rule = replace(PRICE, kind=ReminderKind.DEADLINE, waiting=None)
    assert {one.kind for one in hits(rule)} == {ReminderKind.DEADLINE}
    waits = replace(CASE, state=CaseState.WAITING, waiting_since=TODAY)
    assert {one.kind for one in hits(rule, waits)} == {ReminderKind.TASK}
    guess = replace(BODY, practice=replace(JUNE, certainty=Certainty.GUESSED))
    assert {one.kind for one in hits(rule, body=guess)} == {ReminderKind.TASK}


def test_a_promise_whose_day_has_gone_is_not_made_up_afterwards() -> None:
    ends = date(2026, 12, 20)
    rule = OwnRule(name="Svara", kind=ReminderKind.DEADLINE, count=5, event=OwnEvent.CONTRACT_END)
    late = hits(rule, replace(CASE, contract_ends_on=ends))
    assert [one.late for one in late] == [True]
    assert reconcile(late, []).is_empty


def test_a_guessed_day_gives_a_question_about_the_timetable() -> None:
    guess = replace(BODY, practice=replace(JUNE, certainty=Certainty.GUESSED))
    first = hits(PRICE, body=guess)[0]
    assert explain(first, "sv").title == "Stäm av tidplanen först: Dela ett prisexempel"
    assert explain(first, "en").title == "Check the timetable first: Dela ett prisexempel"


def test_nobody_is_contacted_by_it_while_a_procurement_is_published() -> None:
    published = replace(CASE, procurement_stage=ProcurementStage.PUBLISHED)
    assert hits(PRICE, published) == []
    assert hits(replace(PRICE, kind=ReminderKind.PREPARE), published)


def test_beside_the_rules_that_are_shipped_two_questions_keep_their_distance() -> None:
    rules = (*DEFAULT_RULES, as_rule(replace(PRICE, count=15), "OWN-1", 1))
    found = plan(BODY, [CASE], rules=rules, today=TODAY)
    days = sorted(one.due_on for one in found if one.kind is ReminderKind.CONTACT)
    assert all((b - a).days >= 21 for a, b in itertools.pairwise(days))
    words = " ".join(explain(one, "sv").text for one in found)
    assert "OWN-1" in {one.rule_key for one in found} or "Dela ett prisexempel" in words


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "  "}, Problem.NO_NAME),
        ({"name": "x" * 121}, Problem.LONG_NAME),
        ({"instruction": "x" * 1001}, Problem.LONG_INSTRUCTION),
        ({"kind": ReminderKind.TASK}, Problem.NO_SUCH_KIND),
        ({"count": -1}, Problem.NEGATIVE),
        ({"count": 55}, Problem.TOO_FAR),
        ({"count": 10**12}, Problem.TOO_FAR),
        ({"event": OwnEvent.CASE_OPENED}, Problem.BEFORE_OPENING),
        (
            {"adoption_from": AdoptionStage.WIDE_USE, "adoption_to": AdoptionStage.CURIOUS},
            Problem.ADOPTION_BACKWARDS,
        ),
        (
            {
                "procurement_from": ProcurementStage.SIGNED,
                "procurement_to": ProcurementStage.NONE,
            },
            Problem.PROCUREMENT_BACKWARDS,
        ),
        ({"waiting": True}, Problem.CONTACT_WHILE_WAITING),
        (
            {
                "procurement_from": ProcurementStage.PUBLISHED,
                "procurement_to": ProcurementStage.EVALUATION,
            },
            Problem.CONTACT_WHILE_PUBLISHED,
        ),
        ({"assignee": Assignee.COLLEAGUE}, Problem.NO_COLLEAGUE),
        ({"scope": RuleScope.ACCOUNTS}, Problem.CONDITION_OF_A_CASE),
        (
            {"scope": RuleScope.BOTH, "event": OwnEvent.CONTRACT_END},
            Problem.EVENT_OF_A_CASE,
        ),
    ],
)
def test_what_is_wrong_is_named(changes: dict[str, Any], problem: Problem) -> None:
    assert problems(PRICE) == ()
    assert problems(replace(PRICE, **changes)) == (problem,)
    assert problem in own_rules.FIELD_OF


def test_a_rule_comes_back_from_the_database_as_it_went() -> None:
    for rule in (PRICE, *(ready.rule for ready in READY)):
        assert own_rules.from_json(own_rules.to_json(rule)) == rule
    for bad in ({"event": "easter"}, {"kinds": ["club"]}, {"colour": "red"}):
        with pytest.raises(ValueError, match=r"easter|club|colour"):
            own_rules.from_json(own_rules.to_json(PRICE) | bad)


def test_the_rule_in_words() -> None:
    rule = replace(
        PRICE,
        kinds=(BodyKind.MUNICIPALITY, BodyKind.REGION),
        counties=("08",),
        manager_id=3,
        adoption_to=AdoptionStage.UNIT_PILOT,
        assignee=Assignee.COLLEAGUE,
        user_id=4,
    )
    named: dict[str, Any] = {
        "counties": {"08": "Kalmar län"},
        "people": {3: "Karin", 4: "Sara"},
        "stage": lambda one: one.name,
    }
    assert sentence(rule, "sv", **named) == (
        "10 veckor före nämndernas sista inlämningsdag: ta kontakt. För ärenden hos kommuner och"
        " regioner i Kalmar län som Karin har hand om, om inget pris är delat, ärendet inte väntar"
        " och det står på ”UNIT_PILOT” eller tidigare. Sara får påminnelsen."
    )
    assert sentence(rule, "en", **named) == (
        "10 weeks before the nämnder's last hand-in day: make contact. For cases at"
        " municipalities and regions in Kalmar län that Karin looks after, if no price has been"
        " shared, the case does not wait and it stands at “UNIT_PILOT” or earlier. Sara is told."
    )
    accounts = replace(ACCOUNTS, kinds=(BodyKind.MUNICIPALITY,), counties=("08",), manager_id=3)
    assert sentence(accounts, "sv", **named) == (
        "10 veckor före nämndernas sista inlämningsdag: ta kontakt. För kommuner utan pågående"
        " ärende i Kalmar län som Karin har hand om. Den som har hand om köparen får påminnelsen."
    )
    both = replace(PRICE, scope=RuleScope.BOTH)
    assert sentence(both, "sv", **named) == (
        "10 veckor före nämndernas sista inlämningsdag: ta kontakt. För ärenden hos alla köpare, om"
        " inget pris är delat och ärendet inte väntar. Även för dem utan pågående ärende, så länge"
        " någon har hand om köparen. Ärendets ägare får påminnelsen; utan ärende den som har hand"
        " om köparen."
    )
    assert sentence(both, "en", **named) == (
        "10 weeks before the nämnder's last hand-in day: make contact. For cases at all buyers, if"
        " no price has been shared and the case does not wait. Also for those of them without a"
        " case in progress, as long as somebody looks after the buyer. The owner of the case is"
        " told; without a case, whoever looks after the buyer."
    )
    on_the_day = OwnRule(name="x", event=OwnEvent.DECISION)
    assert on_the_day.when("sv") == "samma dag som fullmäktiges budgetbeslut"
    assert on_the_day.when("en") == "on the day of the council's budget decision"


def test_the_ready_rules_are_sound_and_speak_both_languages() -> None:
    assert {one.persona for one in READY} == set(own_rules.Persona)
    for ready in READY:
        assert problems(ready.rule) == ()
        assert problems(ready.spoken("en")) == ()
        assert ready.spoken("sv") == ready.rule
        assert ready.spoken("en").name == ready.name_en != ready.rule.name
        assert own_rules.ready_by(ready.key) is ready
    assert own_rules.ready_by("no-such") is None


@pytest.mark.parametrize("kind", own_rules.KINDS)
@pytest.mark.parametrize("before", [True, False])
def test_a_plan_with_ones_own_rules_stands_as_long_as_it_says(
    kind: ReminderKind, before: bool
) -> None:
    rules = [
        as_rule(
            OwnRule(name="x", kind=kind, count=3, before=before, event=event, waiting=None),
            f"OWN-{number}",
            1,
        )
        for number, event in enumerate(OwnEvent, start=1)
    ]
    case = replace(CASE, contract_ends_on=date(2027, 1, 20), plan=a_plan(date(2027, 11, 1)))

    idle = [
        as_rule(
            OwnRule(
                name="y", kind=kind, count=5, before=before, event=event, scope=RuleScope.ACCOUNTS
            ),
            f"OWN-{number}",
            1,
        )
        for number, event in enumerate(sorted(OF_THE_BUYER), start=50)
    ]
    body = replace(BODY, practice=MEETS)
    closed = replace(case, state=CaseState.CLOSED)
    found_for = (case, rules), (closed, idle)
    for some, by in found_for:
        _stands_as_long_as_it_says(body, some, by)


def _stands_as_long_as_it_says(body: BodyFacts, case: CaseFacts, rules: list[Rule]) -> None:
    def planned(today: date) -> tuple[dict[str, date], date]:
        found = plan_and_term(body, [case], rules=rules, today=today)
        days = {one.key: today if one.late else one.due_on for one in found.reminders}
        return days, found.stands_until

    start, number = TODAY, 0
    while start < TODAY + timedelta(days=200):
        known, until = planned(start)
        last = until - timedelta(days=1)
        then = planned(last)[0]
        assert known.keys() == then.keys()
        assert all(
            then[key] == day or (day <= start and then[key] == last) for key, day in known.items()
        )
        start, number = until, number + 1
    assert number > 3
