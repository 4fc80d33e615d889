"""Trials that are told of: who and where, once each, in any order, and what is not kept."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from crm.audit.models import AuditEntry
from crm.cases import operations as cases
from crm.cases import queries as case_queries
from crm.cases.models import Case, CaseProduct
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.interest import operations as interest
from crm.interest.models import Inquiry, Sorting
from crm.interest.who import Who
from crm.organisations.models import Organisation
from crm.people import queries as people
from crm.people.models import Person
from crm.rules.reminder_facts import PilotFacts
from crm.rules.stages import AdoptionStage, PubStatus
from crm.rules.survival import Span
from crm.rules.trials import TrialKind, Use, everybodys_use, read_event
from crm.trials import operations, queries
from crm.trials.models import Trial, TrialAccount, TrialMessage, TrialSecret, TrialSource
from crm.trials.operations import SaidOtherwise, Taken, take, take_message
from crm.trials.queries import Figures
from tests.factories.accounts import make_user
from tests.factories.cases import NOW, TODAY, make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.trials import make_pilot, make_source, make_trial, message, told

ANNA = "anna.berg@hultsfred.se"


@pytest.fixture
def body(session: Session) -> Organisation:
    interest.seed_sources()
    return make_municipality("Hultsfred", email_domain="hultsfred.se")


@pytest.fixture
def source(body: Organisation) -> TrialSource:
    return make_source()


def inquiry_of(trial: Trial) -> Inquiry:
    assert trial.inquiry_id is not None
    return db.session.get_one(Inquiry, trial.inquiry_id)


def number(session: Session, of: Any) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(of)) or 0


# --- Who and where --------------------------------------------------------------------------------


def test_work_address_alone_becomes_person_and_unit_to_sort(
    session: Session, source: TrialSource, body: Organisation
) -> None:
    trial = make_trial(source, ANNA)
    inquiry = inquiry_of(trial)
    person = session.get_one(Person, inquiry.person_id)
    assert person.name == "Anna Berg"
    assert [post.organisation_id for post in people.current_posts(person)] == [body.id]
    assert (inquiry.body_id, inquiry.sorting) == (body.id, Sorting.TO_SORT)
    assert queries.bodies(TODAY).rows[0].to_sort == 1


def test_sorting_to_a_unit_places_the_new_person_and_the_trial(
    session: Session, source: TrialSource, body: Organisation
) -> None:
    unit = make_unit(body, "Gröna skolan")
    trial = make_trial(source, ANNA, first_used_on=TODAY, last_used_on=TODAY)
    inquiry = inquiry_of(trial)
    interest.sort_as(inquiry, Who(unit.id, inquiry.person_id), by=make_user(), now=NOW)
    person = session.get_one(Person, inquiry.person_id)
    assert [post.organisation_id for post in people.current_posts(person)] == [unit.id]
    (use,) = queries.use_at([unit.id])
    assert (use.person, use.days_active, use.to_sort) == ("Anna Berg", 1, False)


def test_known_person_is_found_by_address_and_needs_no_sorting(
    session: Session, source: TrialSource, body: Organisation
) -> None:
    unit = make_unit(body, "Gröna skolan")
    anna = make_person("Anna", "Berg", unit, email=ANNA, now=NOW - timedelta(days=1))
    inquiry = inquiry_of(make_trial(source, ANNA))
    assert (inquiry.person_id, inquiry.organisation_id) == (anna.id, unit.id)
    assert inquiry.sorting is Sorting.SORTED
    assert number(session, Person) == 1


def test_somebody_who_may_be_the_same_is_left_to_the_queue(
    session: Session, source: TrialSource, body: Organisation
) -> None:
    make_person("Anna", "Berg", make_unit(body, "Gröna skolan"))
    inquiry = inquiry_of(make_trial(source, ANNA))
    assert (inquiry.person_id, inquiry.body_id) == (None, body.id)
    assert inquiry.sorting is Sorting.TO_SORT
    assert number(session, Person) == 1


@pytest.mark.parametrize("email", ["info@hultsfred.se", "anna@nowhere.example"])
def test_mailbox_of_many_and_unknown_domain_become_nobody(
    session: Session, source: TrialSource, email: str
) -> None:
    inquiry = inquiry_of(make_trial(source, email))
    assert (inquiry.person_id, inquiry.sorting) == (None, Sorting.TO_SORT)
    assert number(session, Person) == 0


def test_domain_of_two_bodies_picks_neither(source: TrialSource) -> None:
    make_municipality("Vimmerby", email_domain="hultsfred.se")
    assert inquiry_of(make_trial(source, ANNA)).body_id is None


# --- Once each ------------------------------------------------------------------------------------


def test_same_told_again_changes_nothing(session: Session, source: TrialSource) -> None:
    said = told(ANNA, last_used_on=TODAY, first_used_on=TODAY, days_active=2)
    assert take(source, said, now=NOW) is Taken.NEW
    assert take(source, said, now=NOW) is Taken.UNCHANGED
    assert (number(session, Trial), number(session, Inquiry), number(session, Person)) == (1, 1, 1)


def test_other_account_of_the_same_address_is_the_same_trial(
    session: Session, source: TrialSource
) -> None:
    take(source, told(ANNA, account="a-1"), now=NOW)
    assert take(source, told(ANNA, account="a-2", days_active=3), now=NOW) is Taken.UPDATED
    assert (number(session, Trial), number(session, Inquiry)) == (1, 1)


def test_second_account_of_an_address_is_known_from_then_on(
    session: Session, source: TrialSource
) -> None:
    trial = make_trial(source, ANNA, account="a-1")
    assert take(source, told(ANNA, account="a-2"), now=NOW) is Taken.UNCHANGED
    used = told("", account="a-2", signed_up_on=None, last_used_on=TODAY, days_active=4)
    assert take_message(source, "m", b"1", used, now=NOW) is Taken.UPDATED
    assert (trial.days_active, number(session, Trial)) == (4, 1)
    assert number(session, TrialAccount) == 2


@pytest.mark.parametrize("accounts", [("a-1", "a-2"), ("", "")], ids=["accounts", "names"])
def test_mailbox_of_many_is_as_many_people_as_try(
    session: Session, source: TrialSource, accounts: tuple[str, str]
) -> None:
    body = b'{"type":"trial.signed_up","data":{"email":"info@hultsfred.se","name":"%s"%s}}'
    for name, account in zip((b"Anna Berg", b"Bo Bok"), accounts, strict=True):
        said = read_event(body % (name, f',"account":"{account}"'.encode()), TODAY)
        assert take(source, said, now=NOW) is Taken.NEW
        assert take(source, said, now=NOW) is Taken.UNCHANGED
    assert (number(session, Trial), number(session, Inquiry)) == (2, 2)
    assert {one.caller for one in session.scalars(sa.select(Inquiry))} == {"Anna Berg", "Bo Bok"}


def test_order_of_messages_is_nothing(source: TrialSource) -> None:
    trial = make_trial(source, ANNA, account="a")
    late, early = TODAY - timedelta(days=1), TODAY - timedelta(days=9)
    for day, days in ((late, 5), (early, 2)):
        take(
            source,
            told(
                "",
                account="a",
                signed_up_on=None,
                first_used_on=day,
                last_used_on=day,
                days_active=days,
            ),
            now=NOW,
        )
    assert (trial.first_used_on, trial.last_used_on, trial.days_active) == (early, late, 5)
    assert trial.signed_up_on == early


def test_trial_that_ended_and_is_used_again_goes_on(source: TrialSource) -> None:
    trial = make_trial(source, ANNA, ended_on=TODAY - timedelta(days=5))
    take(source, told(ANNA, first_used_on=TODAY, last_used_on=TODAY), now=NOW)
    assert trial.ended_on is None


def test_account_that_nobody_has_told_of_is_not_taken(
    session: Session, source: TrialSource
) -> None:
    used = told("", account="b", signed_up_on=None, days_active=2)
    assert take_message(source, "m", b"1", used, now=NOW) is Taken.UNKNOWN
    assert (number(session, Trial), number(session, TrialMessage)) == (0, 0)


def test_message_is_taken_once_and_its_id_means_one_thing(
    session: Session, source: TrialSource
) -> None:
    words = message(email=ANNA)
    assert take_message(source, "m", words, told(ANNA), now=NOW) is Taken.NEW
    assert take_message(source, "m", words, told(ANNA), now=NOW) is None
    with pytest.raises(SaidOtherwise):
        take_message(source, "m", words + b" ", told("eva@hultsfred.se"), now=NOW)
    assert number(session, Trial) == 1
    assert operations.forget_messages(NOW + timedelta(days=29)) == 0
    assert operations.forget_messages(NOW + timedelta(days=31)) == 1


# --- Private use ----------------------------------------------------------------------------------


def test_private_use_keeps_nothing_but_that_it_is_there(
    session: Session, source: TrialSource
) -> None:
    days = {"first_used_on": TODAY - timedelta(days=9), "last_used_on": TODAY, "days_active": 9}
    assert take(source, told("anna@gmail.com", name="Anna Berg", **days), now=NOW) is Taken.NEW
    assert take(source, told(ANNA, kind=TrialKind.PRIVATE, **days), now=NOW) is Taken.NEW
    more = told("anna@gmail.com", ended_on=TODAY, days_active=30)
    assert take(source, more, now=NOW) is Taken.UNCHANGED
    assert (number(session, Inquiry), number(session, Person)) == (0, 0)
    for trial in session.scalars(sa.select(Trial)):
        kept = {one.key: getattr(trial, one.key) for one in sa.inspect(Trial).column_attrs}
        said = {"id", "source_id", "kind", "version"}
        assert {key for key, value in kept.items() if value} == said  # no day, no address
    assert (
        number(session, sa.select(AuditEntry).where(AuditEntry.entity == "trial").subquery()) == 0
    )
    assert queries.figures() == Figures(work=0, nowhere=0, private=2, converted=0, units=0)


def test_work_address_in_a_later_message_is_no_consent(
    session: Session, source: TrialSource
) -> None:
    take(source, told(ANNA, account="p", kind=TrialKind.PRIVATE), now=NOW)
    take(source, told(ANNA, account="p", days_active=4), now=NOW)
    assert (number(session, Inquiry), queries.figures().private) == (0, 1)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"account": "p"}, id="the same account"),
        pytest.param({"account": "w", "private_account": "p"}, id="an account of work"),
    ],
)
def test_private_use_becomes_a_professional_test_with_consent(
    session: Session, source: TrialSource, said: dict[str, str]
) -> None:
    private = told(
        "anna@gmail.com", account="p", days_active=30, first_used_on=TODAY, last_used_on=TODAY
    )
    take(source, private, now=NOW)
    assert take(source, told(ANNA, consent=True, **said), now=NOW) is Taken.UPDATED
    (trial,) = queries.by_address(source.id, ANNA)
    assert (trial.kind, trial.days_active) == (TrialKind.PRIVATE_TO_WORK, 0)
    assert inquiry_of(trial).email == ANNA
    figures = queries.figures()
    assert (figures.converted, figures.began_private, number(session, Trial)) == (1, 1, 1)
    assert figures.units == 0
    unit = make_unit(db.session.get_one(Organisation, inquiry_of(trial).body_id), "Gröna skolan")
    who = Who(unit.id, inquiry_of(trial).person_id)
    interest.sort_as(inquiry_of(trial), who, by=make_user(), now=NOW)
    assert queries.figures().units == 1  # from private use to a unit, and it can be counted (S19)
    (line,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.entity == "trial"))
    assert (line.action, line.changes["kind"]) == ("create", [None, "private_to_work"])
    assert not {"days_active", "first_used_on", "signed_up_on"} & set(line.changes)


def test_link_to_a_private_account_needs_consent(session: Session, source: TrialSource) -> None:
    take(source, told("anna@gmail.com", account="p"), now=NOW)
    take(source, told(ANNA, account="w", private_account="p"), now=NOW)
    assert queries.figures() == Figures(work=1, nowhere=0, private=1, converted=0, units=0)


def test_work_that_was_private_is_told_afterwards(source: TrialSource) -> None:
    take(source, told("anna@gmail.com", account="p"), now=NOW)
    take(source, told(ANNA, account="w"), now=NOW)
    take(source, told(ANNA, account="w", private_account="p", consent=True), now=NOW)
    assert queries.figures() == Figures(work=1, nowhere=0, private=0, converted=1, units=0)


def test_time_to_first_use_counts_from_the_first_interest(
    source: TrialSource, body: Organisation
) -> None:
    unit = make_unit(body, "Gröna skolan")
    anna = make_person("Anna", "Berg", unit, email=ANNA, now=NOW - timedelta(days=40))
    before = NOW - timedelta(days=10)
    interest.log(
        summary="Frågar", channel="phone", organisation=unit, person=anna, by=None, now=before
    )
    make_trial(source, ANNA, first_used_on=TODAY, last_used_on=TODAY)
    make_trial(source, "eva.ek@hultsfred.se", ended_on=TODAY)
    (used, not_used) = queries.ways_to_use()
    assert used.lasted.as_of(TODAY) == Span(10)
    assert not_used.lasted.as_of(TODAY + timedelta(days=9)) == Span(0, ended=False)


# --- Senders --------------------------------------------------------------------------------------


def valid(session: Session, source: TrialSource, at: Any) -> int:
    made = session.scalars(sa.select(TrialSecret).where(TrialSecret.source_id == source.id))
    return sum(one.ends_at is None or one.ends_at > at for one in made)


def test_two_secrets_hold_during_rotation_and_never_three(
    session: Session, source: TrialSource
) -> None:
    operations.rotate(source, overlap=timedelta(days=7), now=NOW)
    assert valid(session, source, NOW) == 2
    operations.rotate(source, overlap=timedelta(days=7), now=NOW)
    assert valid(session, source, NOW) == 2
    assert valid(session, source, NOW + timedelta(days=7)) == 1
    operations.rotate(source, overlap=timedelta(0), now=NOW)
    assert valid(session, source, NOW) == 1


def test_closed_sender_has_no_secret_and_gets_none(session: Session, source: TrialSource) -> None:
    operations.close_source(source, now=NOW)
    assert valid(session, source, NOW) == 0
    assert queries.source_by_key(source.key) is None
    with pytest.raises(RuleBroken):
        operations.rotate(source, overlap=timedelta(0), now=NOW)


def test_two_senders_of_one_name_are_refused(source: TrialSource) -> None:
    with pytest.raises(RuleBroken):
        operations.add_source(source.name, now=NOW)


# --- Stage and pilot ------------------------------------------------------------------------------


def test_use_in_two_units_is_proposed_and_moved_by_a_person_only(
    source: TrialSource, body: Organisation
) -> None:
    case_id = make_case(body).id
    for name in ("Eva Ek", "Bo Bok"):
        first, last = name.lower().split()
        unit = make_unit(body, f"{name}s skola")
        make_person(*name.split(), unit, email=f"{first}.{last}@hultsfred.se")
        make_trial(source, f"{first}.{last}@hultsfred.se", first_used_on=TODAY, last_used_on=TODAY)
    assert everybodys_use(queries.users_at(body.id, TODAY)) == Use(2, 2)
    db.session.expire_all()
    case = case_queries.get(case_id)
    assert case.adoption is AdoptionStage.CURIOUS
    with pytest.raises(RuleBroken):
        operations.accept_stage(case, AdoptionStage.WIDE_USE, by=make_user(), now=NOW)
    operations.accept_stage(case, AdoptionStage.SEVERAL_UNITS, by=make_user(), now=NOW)
    assert case.adoption is AdoptionStage.SEVERAL_UNITS
    assert queries.proposal_for(case, TODAY) is None
    (row,) = queries.bodies(TODAY).rows
    assert (row.people, row.units, row.lately) == (2, 2, 2)


def test_what_is_over_or_of_another_product_speaks_for_no_stage(
    source: TrialSource, body: Organisation
) -> None:
    ours, other = cases.add_product("Läsverktyget"), cases.add_product("Räkneverktyget")
    db.session.flush()
    case = make_case(body)
    db.session.add(CaseProduct(case_id=case.id, product_id=ours.id))
    db.session.flush()
    elsewhere = make_source("Räkneprovet", other.id)

    def proposed() -> AdoptionStage | None:
        db.session.expire_all()
        found = queries.proposal_for(case_queries.get(case.id), TODAY)
        return found.stage if found else None

    def use(sender: TrialSource, name: str, days_ago: int, **said: Any) -> None:
        unit = make_unit(body, f"{name}s skola")
        make_person(name, "Ek", unit, email=f"{name}.ek@hultsfred.se".lower())
        day = TODAY - timedelta(days=days_ago)
        told = {"first_used_on": day, "last_used_on": day} | said
        make_trial(sender, f"{name}.ek@hultsfred.se".lower(), **told)

    for name in ("Eva", "Bo"):
        use(source, name, 400)
        use(source, f"{name}Lena", 3, ended_on=TODAY)
        use(elsewhere, f"{name}Stina", 3)
    assert proposed() is None
    mine = make_source("Läsprovet", ours.id)
    for name in ("Ida", "Tor"):
        use(mine, name, 150)
    assert proposed() is AdoptionStage.SEVERAL_UNITS


def test_pilot_speaks_for_its_own_case_from_its_first_day_until_it_is_called_off(
    source: TrialSource, body: Organisation
) -> None:
    unit = make_unit(body, "Gröna skolan")
    make_person("Eva", "Ek", unit, email="eva.ek@hultsfred.se")
    make_trial(source, "eva.ek@hultsfred.se", first_used_on=TODAY, last_used_on=TODAY)
    case, other = make_case(unit), make_case(unit, "Ett annat")
    later = TODAY + timedelta(days=200)
    pilot = make_pilot(case, unit, starts_on=later, ends_on=later)

    def proposed(of: Case) -> AdoptionStage | None:
        db.session.flush()
        db.session.expire_all()
        found = queries.proposal_for(case_queries.get(of.id), TODAY)
        return found.stage if found else None

    assert proposed(case) is None
    pilot.starts_on = TODAY
    assert proposed(case) is AdoptionStage.UNIT_PILOT
    assert proposed(other) is None
    operations.call_off_pilot(pilot, "De  fick ingen tid", on=TODAY, by=None, now=NOW)
    assert (pilot.called_off_why, proposed(case)) == ("De fick ingen tid", None)
    planned = db.session.execute(queries.planning_rows([body.id])).all()
    assert queries.read_planned(planned) == {}
    with pytest.raises(RuleBroken):
        operations.evaluate_pilot(pilot, "De läste mer.", on=TODAY, by=None, now=NOW)
    operations.take_up_pilot(pilot, by=None, now=NOW)
    assert proposed(case) is AdoptionStage.UNIT_PILOT
    operations.evaluate_pilot(pilot, "De läste mer.", on=TODAY, by=None, now=NOW)
    with pytest.raises(RuleBroken):
        operations.call_off_pilot(pilot, "", on=TODAY, by=None, now=NOW)


def test_pilot_with_personal_data_does_not_run_before_the_agreement_is_asked_for(
    body: Organisation,
) -> None:
    unit = make_unit(body, "Gröna skolan")
    case = make_case(unit)
    case.handles_personal_data = True
    with pytest.raises(RuleBroken, match="PUB-avtal"):
        make_pilot(case, unit)
    later = TODAY + timedelta(days=30)
    pilot = make_pilot(case, unit, starts_on=later, ends_on=later)  # planned, and not running
    agreed = {"ends_on": later, "evaluates": "Läser de mer?", "questions": "", "today": TODAY}
    with pytest.raises(RuleBroken, match="PUB-avtal"):
        operations.edit_pilot(pilot, starts_on=TODAY, **agreed)
    case.pub_status = PubStatus.ASKED
    operations.edit_pilot(pilot, starts_on=TODAY, **agreed)
    assert pilot.starts_on == TODAY


def test_pilot_is_evaluated_once_and_corrected_after(body: Organisation) -> None:
    unit = make_unit(body, "Gröna skolan")
    pilot = make_pilot(make_case(unit), unit)

    def told() -> dict[int, tuple[PilotFacts, ...]]:
        return queries.read_planned(db.session.execute(queries.planning_rows([body.id])).all())

    (facts,) = told()[body.id]
    assert (facts.pilot_id, facts.unit, facts.ends_on) == (pilot.id, unit.title, pilot.ends_on)
    with pytest.raises(RuleBroken):
        operations.evaluate_pilot(pilot, " ", on=TODAY, by=None, now=NOW)
    before = pilot.starts_on - timedelta(days=1)
    with pytest.raises(RuleBroken):  # nothing can be found out before it
        operations.evaluate_pilot(pilot, "De läste mer.", on=before, by=None, now=NOW)
    operations.evaluate_pilot(pilot, "De läste mer.", on=TODAY, by=None, now=NOW)
    operations.evaluate_pilot(pilot, "De läste lite mer.", on=date(2027, 1, 8), by=None, now=NOW)
    assert (pilot.result, pilot.evaluated_on) == ("De läste lite mer.", TODAY)
    assert told() == {}


def test_pilot_is_within_the_body_of_its_case_and_ends_after_it_starts(body: Organisation) -> None:
    unit = make_unit(body, "Gröna skolan")
    case = make_case(unit)
    with pytest.raises(RuleBroken):
        make_pilot(case, make_unit(make_municipality("Vimmerby"), "Blå skolan"))
    with pytest.raises(RuleBroken):
        make_pilot(case, unit, ends_on=TODAY - timedelta(days=1))
