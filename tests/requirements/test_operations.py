"""Needs, requirements, answers and comparisons in the database."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.accounts import vendor
from crm.accounts.models import User
from crm.accounts.vendor import VendorFacts
from crm.core.db import db
from crm.core.errors import NotFound, RuleBroken
from crm.interest import operations as interest
from crm.interest.models import Inquiry, Sorting
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.requirements import operations, queries
from crm.requirements.models import Answer, ComparisonLine, Need, Wording
from crm.requirements.operations import Told
from crm.requirements.queries import (
    AnswerFilter,
    By,
    Filter,
    NeedFilter,
    NoAnswer,
    Standing,
    Tally,
)
from crm.rules.access import Role
from crm.rules.comparison import Clash, Verdict
from crm.rules.functions import Function
from crm.rules.kinds import OrganisationKind
from crm.rules.requirements import (
    AnswerState,
    Area,
    Held,
    InUse,
    NeedKind,
    NeedSource,
    RequirementKind,
    RequirementStatus,
    RestsOn,
    Threshold,
)
from crm.search import queries as search
from tests.factories.accounts import make_user
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.requirements import (
    make_answer,
    make_comparison,
    make_need,
    make_requirement,
)
from tests.factories.trials import make_source, make_trial


@pytest.fixture
def by(app: Any) -> User:
    return make_user(Role.REP)


@pytest.fixture
def body(by: User) -> Organisation:
    return make_municipality("Hultsfred")


@pytest.fixture
def school(body: Organisation) -> Organisation:
    return make_unit(body, "Venhagskolan")


@pytest.fixture
def anna(school: Organisation) -> Person:
    return make_person("Anna", "Sjögren", school)


def test_a_need_keeps_who_where_when_and_the_own_words(
    by: User, school: Organisation, anna: Person, session: Session
) -> None:
    need = make_need(school, by, "  Vi måste slippa papper!  ", person=anna, source=NeedSource.CALL)
    session.expire_all()
    [row] = queries.needs(NeedFilter(), page=1).rows
    assert (row.words, row.person, row.organisation, row.said_on, row.source) == (
        "Vi måste slippa papper!",
        "Anna Sjögren",
        "Venhagskolan",
        TODAY,
        NeedSource.CALL,
    )
    assert (need.body_id, need.created_by_id) == (school.body_id, by.id)


def test_a_support_functions_remark_is_a_need_with_its_function(
    by: User, school: Organisation
) -> None:
    """F8, S11: from the gate in one call, with who remarked."""
    need = make_need(school, by, source=NeedSource.GATE, function=Function.ARCHIVE)
    [row] = queries.needs(NeedFilter(source=NeedSource.GATE), page=1).rows
    assert (row.id, row.function) == (need.id, Function.ARCHIVE)


@pytest.mark.parametrize(
    ("words", "day", "told"),
    [
        (" ", TODAY, Told()),
        ("Ord", TODAY + timedelta(days=1), Told()),
        ("Ord", TODAY, Told(kind=NeedKind.IN_USE, in_use=InUse.PRIVATE)),
        ("Ord", TODAY, Told(kind=NeedKind.IN_USE, tool="Kalkylblad")),
        ("Ord", TODAY, Told(kind=NeedKind.THRESHOLD, threshold=Threshold.PRICE)),
    ],
)
def test_what_does_not_go_together_is_refused(
    by: User, school: Organisation, words: str, day: date, told: Told, session: Session
) -> None:
    with pytest.raises(RuleBroken):
        operations.capture_need(words, None, school, day, told=told, by=by, today=TODAY, now=NOW)
    assert session.scalar(sa.select(sa.func.count()).select_from(Need)) == 0


def test_what_is_told_of_another_kind_is_not_kept(by: User, school: Organisation) -> None:
    told = Told(tool="X", threshold=Threshold.PRICE, used_weeks=4)
    need = make_need(school, by, told=told)
    assert (need.tool, need.threshold, need.used_weeks) == ("", None, None)


def test_a_requirement_counts_people_units_and_municipalities_once(
    by: User, body: Organisation, school: Organisation, anna: Person
) -> None:
    """F2: across accounts, and each count opens its sources."""
    other = make_municipality("Vimmerby")
    region = make_municipality("Region Kalmar län", kind=OrganisationKind.REGION)
    needs = (
        make_need(school, by, person=anna),
        make_need(school, by, person=anna),
        make_need(body, by),
        make_need(other, by, told=Told(rests_on=RestsOn.USE, used_weeks=8, users=20)),
        make_need(region, by),
    )
    requirement = make_requirement(by, needs=needs)
    standing = queries.standing(requirement.id)
    assert standing == Standing(
        needs=5, people=1, units=4, municipalities=2, others=1, from_use=1, weeks=8, users=20
    )
    assert standing.rests_on is RestsOn.USE

    def named(kind: By) -> list[tuple[str, int]]:
        found = queries.voices(requirement.id, kind, page=1)
        assert found.total == len(found.rows)
        return sorted((one.name, one.needs) for one in found.rows)

    assert named(By.PEOPLE) == [("Anna Sjögren", 2)]
    assert len(named(By.UNITS)) == 4
    assert [count for _name, count in named(By.BODIES)] == [3, 1, 1]
    from_person = NeedFilter(requirement_id=requirement.id, person_id=anna.id)
    assert queries.needs(from_person, page=1).total == 2


def test_nobody_behind_a_requirement_is_nobody(by: User) -> None:
    requirement = make_requirement(by)
    assert queries.standing(requirement.id) == Standing()
    [row] = queries.rows(Filter(), page=1).rows
    assert (row.standing.needs, row.standing.rests_on) == (0, RestsOn.EXPECTED)


def test_the_list_is_narrowed_by_all_three_and_by_our_answer(
    by: User, school: Organisation
) -> None:
    """F3. Those that most municipalities ask for come first."""
    met = make_answer(by)
    few = make_requirement(by, "Få", needs=(make_need(school, by),), answer=met)
    many = make_requirement(
        by,
        "Många",
        kind=RequirementKind.MUST,
        area=Area.SUPPORT,
        needs=(make_need(school, by, from_use=True), make_need(make_municipality("Ystad"), by)),
    )
    many.status = RequirementStatus.CONFIRMED

    def ids(**narrowed: Any) -> list[int]:
        chosen = Filter(**narrowed)
        found = queries.rows(chosen, page=1)
        assert [row.id for row in queries.every_row(chosen)] == [row.id for row in found.rows]
        assert found.total == len(found.rows)
        return [row.id for row in found.rows]

    assert ids() == [many.id, few.id]
    assert ids(kind=RequirementKind.MUST) == [many.id]
    assert ids(area=Area.INTEGRATION) == [few.id]
    assert ids(status=RequirementStatus.CONFIRMED) == [many.id]
    assert ids(answer=AnswerState.MET) == [few.id]
    assert ids(answer=NoAnswer.NONE) == [many.id]
    assert ids(rests_on=RestsOn.USE) == [many.id]
    assert ids(rests_on=RestsOn.EXPECTED) == [few.id]
    assert ids(text="ÅNG") == ids(text="ång") == [many.id]


def test_every_wording_stays_with_who_why_and_from_which_need(
    by: User, school: Organisation
) -> None:
    need = make_need(school, by)
    requirement = make_requirement(by, "Första", needs=(need,))
    second = make_need(school, by, "Även för vikarier", requirement=requirement)

    def change(text: str, after: Need | None) -> None:
        operations.edit_requirement(
            requirement,
            text=text,
            kind=requirement.kind,
            area=requirement.area,
            status=RequirementStatus.IN_DRAFT,
            answer=None,
            why="Vikarier glömdes",
            need=after,
            by=by,
            now=NOW,
        )

    change("Andra", second)
    change("Andra", None)  # nothing new in the wording
    told = queries.wordings(requirement.id)
    assert [(one.text, one.why, one.need_id) for one in told] == [
        ("Andra", "Vikarier glömdes", second.id),
        ("Första", "", need.id),
    ]
    assert told[0].by is not None and told[0].by.id == by.id
    loose = make_need(school, by, "Något annat")
    with pytest.raises(RuleBroken):
        change("Tredje", loose)


def test_a_need_that_is_taken_away_leaves_the_wording(
    by: User, school: Organisation, session: Session
) -> None:
    need = make_need(school, by)
    requirement = make_requirement(by, needs=(need,))
    session.flush()
    operations.remove_need(need, by=by, now=NOW)
    session.flush()
    session.expire_all()
    [wording] = session.scalars(sa.select(Wording)).all()
    assert (wording.requirement_id, wording.need_id) == (requirement.id, None)
    with pytest.raises(NotFound):
        queries.get_need(1_000_000)


def test_like_needs_and_requirements_are_suggested_once_each(
    by: User, school: Organisation
) -> None:
    """F1: by a requirement's wording, by a need in it, and by a need that has none yet."""
    said = make_need(school, by, "Samma konto som vi loggar in med i allt annat")
    requirement = make_requirement(by, "Inloggning med kommunens vanliga konto", needs=(said,))
    loose = make_need(school, by, "Vi vill kunna logga in med vanliga kontot")
    make_need(school, by, "Vad kostar det för en skola?")
    found = queries.like("Går det att logga in med vårt vanliga konto?")
    assert {(one.requirement_id, one.need_id) for one in found} == {
        (requirement.id, None),
        (None, loose.id),
    }
    assert queries.like("logga in med vanliga kontot", besides=loose.id)[0].need_id is None
    assert queries.like("?!") == [] and queries.like("Ugglor i mossen") == []
    near = queries.like_requirements("inloggning för alla vikarier", limit=3)
    assert [one.id for one in near] == [requirement.id]


def test_what_is_used_today_is_counted_across_municipalities(
    by: User, school: Organisation, body: Organisation
) -> None:
    """S2: officially or not, by its name however it is written, and without any value."""
    other = make_municipality("Vimmerby")
    for place, how, tool in (
        (school, InUse.PRIVATE, "Kalkylblad"),
        (body, InUse.UNOFFICIAL, "kalkylblad"),
        (other, InUse.PRIVATE, "Kalkylblad"),
        (other, InUse.OFFICIAL, "Papper"),
    ):
        make_need(place, by, told=Told(kind=NeedKind.IN_USE, in_use=how, tool=tool))
    first, second = queries.tools()
    assert (first.tool.lower(), first.municipalities, first.private, first.unofficial) == (
        "kalkylblad",
        2,
        2,
        1,
    )
    assert (second.tool, second.official, second.municipalities) == ("Papper", 1, 1)
    assert queries.needs(NeedFilter(tool="KALKYLBLAD"), page=1).total == 3


def test_thresholds_are_counted_across_municipalities(
    by: User, school: Organisation, body: Organisation
) -> None:
    """S17: what stopped or slowed the start."""
    other = make_municipality("Vimmerby")
    for place, what, held in (
        (school, Threshold.LOG_IN, Held.STOPPED),
        (body, Threshold.LOG_IN, Held.SLOWED),
        (other, Threshold.LOG_IN, Held.SLOWED),
        (other, Threshold.PRICE, Held.SLOWED),
    ):
        make_need(place, by, told=Told(kind=NeedKind.THRESHOLD, threshold=what, held=held))
    first, second = queries.thresholds()
    assert (first.threshold, first.municipalities, first.units) == (Threshold.LOG_IN, 2, 3)
    assert (first.stopped, first.slowed) == (1, 2)
    assert (second.threshold, second.bodies) == (Threshold.PRICE, 1)


def test_an_answer_is_kept_once_and_told_when_it_is_to_be_looked_at(by: User) -> None:
    """F4: owner, day of the last check, and a reuse that is counted."""
    answer = make_answer(by, "Var lagras uppgifterna?", area=Area.SECURITY)
    make_requirement(by, "Ett", answer=answer)
    make_requirement(by, "Två", answer=answer)
    [(found, used)] = queries.answers(AnswerFilter(), today=TODAY, months=12, page=1).rows
    assert (found.id, used) == (answer.id, 2)
    assert queries.answers_in([Area.SECURITY]) == [answer]
    assert queries.due_answers(TODAY, 12) == 0
    year_on = TODAY + timedelta(days=366)
    assert queries.due_answers(year_on, 12) == 1
    due = AnswerFilter(due=True)
    assert queries.answers(due, today=year_on, months=12, page=1).total == 1
    operations.check_answer(answer, today=year_on)
    assert queries.due_answers(year_on, 12) == 0


def test_a_plan_has_a_day_and_a_title_is_used_once(by: User, session: Session) -> None:
    with pytest.raises(RuleBroken):
        make_answer(by, state=AnswerState.PLANNED)
    with pytest.raises(RuleBroken):
        make_answer(by, state=AnswerState.PLANNED, planned_on=TODAY - timedelta(days=1))
    assert session.scalar(sa.select(sa.func.count()).select_from(Answer)) == 0
    make_answer(by, state=AnswerState.PLANNED, planned_on=TODAY + timedelta(days=9))
    assert queries.due_answers(TODAY + timedelta(days=10), 12) == 1
    with pytest.raises(RuleBroken):
        make_answer(by)


def test_the_setting_has_the_products_names_among_our_own(by: User) -> None:
    from crm.cases.operations import add_product

    add_product("Klarspår Skola")
    assert queries.setting().own_names == ("Klarspår Skola",)
    operations.set_setting(check_months=6, own_names="Lagerkrans AB\n\n", brands="Ordlysa \n")
    operations.set_setting(check_months=7, own_names="Lagerkrans AB\n\n", brands="Ordlysa \n")
    kept = queries.setting()
    assert (kept.check_months, kept.own_names, kept.brands) == (
        7,
        ("Klarspår Skola", "Lagerkrans AB"),
        ("Ordlysa",),
    )


def test_a_case_shows_what_its_own_body_asks_for(by: User, school: Organisation) -> None:
    """S13, F5: a draft that nobody wrote, and how much of it rests on use."""
    case = make_case(school)
    here = make_requirement(by, "Här", needs=(make_need(school, by, from_use=True),))
    expected = make_requirement(by, "Väntat", needs=(make_need(school, by),))
    elsewhere = make_need(make_municipality("Ystad"), by)
    make_requirement(by, "Någon annanstans", needs=(elsewhere,))
    operations.group(make_need(make_municipality("Lund"), by), here)
    found = queries.of_case(case)
    assert [row.id for row in found] == [here.id, expected.id]
    assert found[0].standing.municipalities == 1  # as seen from here
    assert queries.grounds(found).percent == 50
    assert [row.id for row in queries.chosen_of_case(case, [expected.id])] == [expected.id]


def test_a_published_list_is_compared_confirmed_and_weighed(
    by: User, school: Organisation, session: Session
) -> None:
    """F7: a proposal by likeness, confirmed by hand, kept on the case."""
    case = make_case(school)
    procurement = make_procurement(school, case=case, today=TODAY, now=NOW)
    mine = make_requirement(by, needs=(make_need(school, by),))
    missed = make_requirement(by, "Text läses upp", needs=(make_need(school, by, "Läs upp"),))
    mine.answer_id = make_answer(by, state=AnswerState.NOT_MET).id
    session.flush()
    made = make_comparison(case, by, procurement=procurement)
    assert queries.tallies([made.id])[made.id] == Tally(new=1, contradicting=1, open=2)
    clashing, new = queries.every_line(made.id)
    assert (clashing.requirement_id, clashing.clash, clashing.reference) == (
        mine.id,
        Clash.NOT_MET,
        "3.1",
    )
    assert [row.id for row in queries.left_out(queries.get_comparison(made.id))] == [missed.id]

    assert operations.confirm_lines(made, [new.id, 999_999], by=by, now=NOW) == 1
    assert operations.confirm_lines(made, [new.id], by=by, now=NOW) == 0
    operations.settle_line(
        clashing, mine, Verdict.MATCHED, "Godtas en annan inloggning?", by=by, now=NOW
    )
    session.flush()
    assert queries.tallies([made.id])[made.id] == Tally(matched=1, new=1, questions=1)
    weighed = queries.weighed(procurement.id)
    assert weighed is not None and weighed.comparison.id == made.id
    assert [line.question for line in weighed.questions] == ["Godtas en annan inloggning?"]
    assert weighed.clashes == [] and queries.weighed(999_999) is None
    operations.settle_line(clashing, mine, Verdict.CONTRADICTING, "", by=by, now=NOW)
    assert clashing.clash is Clash.NOT_MET
    operations.settle_line(new, mine, Verdict.CONTRADICTING, "", by=by, now=NOW)
    assert new.clash in {Clash.BY_HAND, Clash.NOT_MET}
    assert [one.id for one in queries.of_the_case(case.id)] == [made.id]


def test_what_cannot_be_compared_is_refused(by: User, school: Organisation) -> None:
    case = make_case(school)
    with pytest.raises(RuleBroken):
        make_comparison(case, by, " \n")
    with pytest.raises(RuleBroken):
        make_comparison(case, by, "\n".join(f"{n} Ska {n}" for n in range(1_001)))
    elsewhere = make_procurement(make_municipality("Ystad"), today=TODAY, now=NOW)
    with pytest.raises(RuleBroken):
        make_comparison(case, by, procurement=elsewhere)
    made = make_comparison(case, by)
    line: ComparisonLine = queries.every_line(made.id)[0]
    with pytest.raises(RuleBroken):
        operations.settle_line(line, None, Verdict.MATCHED, "", by=by, now=NOW)
    with pytest.raises(RuleBroken):
        operations.settle_line(line, make_requirement(by), Verdict.NEW, "", by=by, now=NOW)


def test_a_requirement_is_found_by_the_search_at_the_top(by: User, school: Organisation) -> None:
    """By any of its words, also after it has been worded anew."""
    need = make_need(school, by)
    requirement = operations.begin_requirement(
        "Inloggning med vanligt konto. " + "Det gäller alla. " * 30 + "Även biblioteket.",
        kind=RequirementKind.MUST,
        area=Area.INTEGRATION,
        needs=[need],
        by=by,
        now=NOW,
    )

    def found(words: str) -> list[tuple[str, int]]:
        return [(hit.kind, hit.ref_id) for hit in search.find(words)]

    assert ("requirement", requirement.id) in found("inloggning biblioteket")
    operations.edit_requirement(
        requirement,
        text="Uppläsning av läromedel",
        kind=requirement.kind,
        area=requirement.area,
        status=requirement.status,
        answer=None,
        why="",
        need=None,
        by=by,
        now=NOW,
    )
    assert ("requirement", requirement.id) in found("uppläsning")
    assert ("requirement", requirement.id) not in found("inloggning biblioteket")


def test_nothing_but_the_same_words_is_the_same(by: User) -> None:
    """S11, F8: what says the opposite, or another number, is about the same thing all the same."""
    kept = make_requirement(by, "Personuppgifter ska lagras utanför EU")
    make_requirement(by, "Svar inom 48 timmar")
    assert queries.same("Personuppgifter ska inte lagras utanför EU") is None
    assert queries.same("Svar inom 2 timmar") is None
    assert queries.same("???") is None
    assert queries.same(" personuppgifter ska  lagras utanför EU.") is kept
    [offered] = queries.like("Personuppgifter ska inte lagras utanför EU")
    assert (offered.requirement_id, offered.apart) == (kept.id, Clash.NEGATION)


def test_two_requirements_become_one_and_two_again(
    by: User, school: Organisation, session: Session
) -> None:
    need, moved_on = make_need(school, by), make_need(school, by, "Logga in")
    answer = make_answer(by)
    gone = make_requirement(by, "Inloggning", needs=(need, moved_on), answer=answer)
    case = make_case(school)
    comparison = make_comparison(case, by, "1. Inloggning ska finnas")
    stays = make_requirement(by, "Inloggning med konto")
    other = make_requirement(by, "Något annat")
    with pytest.raises(RuleBroken):
        operations.join(stays, stays, by=by, now=NOW)

    removal = operations.join(gone, stays, by=by, now=NOW)
    session.expire_all()
    assert queries.standing(stays.id).needs == 2
    assert stays.answer_id == answer.id
    [line] = queries.every_line(comparison.id)
    assert line.requirement_id == stays.id
    assert "Inloggning" in queries.wordings(stays.id)[0].why
    assert removal.rows[0][1]["id"] not in {row.ident for row in queries.all_of_ours()}
    assert not [hit for hit in search.find("Inloggning") if hit.ref_id == removal.rows[0][1]["id"]]

    operations.group(queries.get_need(moved_on.id), other)
    session.flush()
    back = operations.put_requirement_back(removal)
    session.expire_all()
    assert (back.text, back.answer_id) == ("Inloggning", answer.id)
    assert queries.get_need(need.id).requirement_id == back.id
    assert queries.get_need(moved_on.id).requirement_id == other.id
    assert queries.every_line(comparison.id)[0].requirement_id == back.id
    assert [one.text for one in queries.wordings(back.id)] == ["Inloggning"]


def test_a_requirement_is_taken_away_and_put_back(
    by: User, school: Organisation, session: Session
) -> None:
    need = make_need(school, by)
    requirement = make_requirement(by, needs=(need,))
    comparison = make_comparison(make_case(school), by)
    assert queries.every_line(comparison.id)[0].requirement_id == requirement.id
    removal = operations.remove_requirement(requirement, by=by, now=NOW)
    session.expire_all()
    assert queries.rows(Filter(), page=1).rows == []
    assert queries.get_need(need.id).requirement_id is None
    line = queries.every_line(comparison.id)[0]
    assert (line.requirement_id, line.verdict) == (None, Verdict.MATCHED)
    back = operations.put_requirement_back(removal)
    session.expire_all()
    assert queries.get_need(need.id).requirement_id == back.id
    assert queries.every_line(comparison.id)[0].requirement_id == back.id


def test_an_answer_and_a_need_are_taken_away_and_put_back(
    by: User, school: Organisation, session: Session
) -> None:
    answer = make_answer(by)
    need = make_need(school, by)
    requirement = make_requirement(by, needs=(need,), answer=answer)
    gone_answer = operations.remove_answer(answer, by=by, now=NOW)
    gone_need = operations.remove_need(need, by=by, now=NOW)
    session.expire_all()
    assert (requirement.answer_id, queries.standing(requirement.id)) == (None, Standing())
    back = operations.put_answer_back(gone_answer)
    operations.put_need_back(gone_need)
    session.expire_all()
    assert (requirement.answer_id, queries.standing(requirement.id).needs) == (back.id, 1)
    again = operations.remove_answer(back, by=by, now=NOW)
    make_answer(by)
    with pytest.raises(RuleBroken):
        operations.put_answer_back(again)


def test_our_own_name_is_among_our_own_names(by: User) -> None:
    vendor.save(None, VendorFacts(name="Läsverktyg AB"))
    assert queries.setting().own_names == ("Läsverktyg AB", "Läsverktyg")


def test_trial_facts_say_what_a_need_rests_on(
    by: User, body: Organisation, school: Organisation, anna: Person
) -> None:
    """F5: for how long whoever says it has used it, and how many at the unit have."""
    interest.seed_sources()
    assert queries.use_of(anna, school) is None
    source = make_source()
    for email, person, first in (
        ("anna@example.se", anna, 50),
        ("bo@example.se", make_person("Bo", "Ek", school), 20),
    ):
        trial = make_trial(
            source,
            email,
            first_used_on=TODAY - timedelta(days=first),
            last_used_on=TODAY,
        )
        inquiry = db.session.get_one(Inquiry, trial.inquiry_id)
        inquiry.person_id, inquiry.organisation_id, inquiry.body_id = person.id, school.id, body.id
        inquiry.sorting = Sorting.SORTED
        db.session.flush()
    assert queries.use_of(anna, school) == queries.Use(weeks=8, users=2)
    assert queries.use_of(anna, body) is None


def test_what_their_list_says_in_other_words_is_not_left_out(
    by: User, school: Organisation
) -> None:
    case = make_case(school)
    asked = make_requirement(
        by, "Eleverna ska kunna få texten uppläst", needs=(make_need(school, by, "Läs upp"),)
    )
    make_requirement(by, "Eleven ska kunna få text uppläst")
    made = make_comparison(case, by, "1. Eleven ska kunna få text uppläst")
    assert queries.left_out(queries.get_comparison(made.id)) == []
    opposite = make_comparison(case, by, "1. Eleven ska inte kunna få text uppläst")
    [line] = queries.every_line(opposite.id)
    operations.settle_line(line, None, Verdict.NEW, "", by=by, now=NOW)
    assert [row.id for row in queries.left_out(queries.get_comparison(opposite.id))] == [asked.id]


def test_who_is_behind_the_requirements_is_known_by_name(
    by: User, body: Organisation, school: Organisation, anna: Person
) -> None:
    requirement = make_requirement(
        by, needs=(make_need(school, by, person=anna), make_need(body, by))
    )
    found = queries.named([requirement.id], body.id)
    assert (found.people, found.places) == (("Anna Sjögren",), ("Venhagskolan",))
