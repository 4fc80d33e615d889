"""The queue of pairs that are alike, the preview and what is said, over the web (A9)."""

from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from crm.cases.models import Case
from crm.core import clock
from crm.merging import operations, pairs
from crm.merging.models import Kind, Merge, PairVerdict, Verdict
from crm.organisations import operations as organisations
from crm.organisations.models import Organisation
from crm.organisations.queries import likely_duplicates
from crm.people import queries as people
from crm.people.models import Person
from crm.rules.access import Role
from tests.factories.accounts import make_user
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.support.forms import PostForm, post_forms


@pytest.fixture(autouse=True)
def monday() -> Any:
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        yield


class Twins:
    """Two of one school; the second has a case, another phone number and a note."""

    def __init__(self, session: Session) -> None:
        self.body = make_municipality("Hultsfred")
        self.kept, self.gone = (make_unit(self.body, "Venhagskolan") for _ in range(2))
        self.gone.phone = "+4649524000"
        self.case = make_case(self.gone, owner=make_user())
        session.commit()
        self.there = f"/merging/organisations/{self.kept.id}/{self.gone.id}"

    def form(self, client: Any) -> dict[str, Any]:
        """What a browser would send."""
        page = client.get(self.there).text
        (form,) = [one for one in post_forms(page) if "of_phone" in one.names]
        return chosen(form)


def chosen(form: PostForm) -> dict[str, Any]:
    """What a browser sends: of a row of choices the one that is marked."""
    marked = {one.name: one.value for one in form.entries if one.kind == "radio" and one.value}
    return form.sent(**marked)


@pytest.fixture
def twins(app: Any, session: Session) -> Twins:
    return Twins(session)


def where(session: Session, case: Case) -> int:
    session.expire_all()
    return int(session.get_one(Case, case.id).organisation_id)


def test_the_preview_says_what_comes_along_and_does_it(
    twins: Twins, as_user: Any, session: Session
) -> None:
    client = as_user(Role.REP)
    page = client.get(twins.there).text
    assert "ett ärende" in page and "0495" in page
    data = twins.form(client)
    assert data["of_phone"] == "gone"
    first, second = client.post(twins.there, data=data), client.post(twins.there, data=data)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert session.scalar(sa.select(sa.func.count()).select_from(Merge)) == 1
    assert where(session, twins.case) == twins.kept.id


def test_the_old_address_leads_to_the_other_and_says_why(
    twins: Twins, as_user: Any, session: Session
) -> None:
    client = as_user(Role.REP)
    client.post(twins.there, data=twins.form(client))
    gone, kept = twins.gone.id, twins.kept.id
    for page in ("", "/edit", "/timeline", "/sheet"):
        answer = client.get(f"/accounts/{gone}{page}")
        assert (answer.status_code, answer.location) == (303, f"/accounts/{kept}{page}")
    assert "Venhagskolan har slagits ihop med den här" in client.get(f"/accounts/{kept}").text
    assert client.post(f"/accounts/{gone}/reopen").location == f"/accounts/{kept}"
    assert f'href="/accounts/{gone}"' not in client.get(f"/accounts/{twins.body.id}").text


def test_a_stale_form_is_refused_and_kept(twins: Twins, as_user: Any, session: Session) -> None:
    client = as_user(Role.REP)
    data = twins.form(client) | {"of_phone": "kept"}
    organisations.edit(twins.gone, note="Ny rektor", by=None, now=clock.now())
    session.commit()
    answer = client.post(twins.there, data=data)
    assert answer.status_code in {409, 422}
    assert where(session, twins.case) == twins.gone.id


def test_what_may_not_be_is_refused_with_a_sentence(
    twins: Twins, as_user: Any, session: Session
) -> None:
    client = as_user(Role.REP)
    there = f"/merging/organisations/{twins.gone.id}/{twins.body.id}"
    page = client.get(there)
    assert "kan inte gå upp i sin egen enhet" in page.text
    (form,) = [one for one in post_forms(page.text) if "reason" in one.names]
    answer = client.post(there, data=chosen(form))
    assert answer.status_code == 422 and "kan inte gå upp i sin egen enhet" in answer.text
    assert session.scalar(sa.select(sa.func.count()).select_from(Merge)) == 0


def test_it_is_taken_back_and_a_second_time_nothing_happens(
    twins: Twins, as_user: Any, session: Session
) -> None:
    client = as_user(Role.REP)
    client.post(twins.there, data=twins.form(client))
    made = session.scalars(sa.select(Merge)).one()
    for _time in range(2):
        answer = client.post(f"/merging/done/{made.id}/undo")
        assert answer.location == f"/accounts/{twins.gone.id}"
    assert where(session, twins.case) == twins.gone.id
    assert "Ångrat" in client.get(f"/merging/done/{made.id}").text


def test_a_queue_of_likely_pairs_remembers_what_was_said(
    twins: Twins, as_user: Any, session: Session
) -> None:
    client = as_user(Role.REP)
    pair = [(twins.kept.id, twins.gone.id)]

    def asked(kind: Kind = Kind.ORGANISATION) -> list[tuple[int, int]]:
        session.commit()  # or it reads what stood when it first asked
        return [(one.first_id, one.second_id) for one in pairs.queue(kind, clock.today()).pairs]

    assert asked() == pair
    assert client.post(f"{twins.there}/verdict", data={"verdict": "later"}).status_code == 303
    assert asked() == []
    with time_machine.travel("2026-12-23T09:00:00Z", tick=False):
        assert asked() == pair
        operations.say(
            Kind.ORGANISATION,
            twins.gone.id,
            twins.kept.id,
            Verdict.OTHERS,
            by=client.user,
            today=clock.today(),
            now=clock.now(),
        )
    with time_machine.travel("2027-11-23T09:00:00Z", tick=False):
        assert asked() == []
    assert session.scalar(sa.select(sa.func.count()).select_from(PairVerdict)) == 1
    assert as_user().post(f"{twins.there}/verdict", data={"verdict": "x"}).status_code == 422


def test_who_was_found_to_be_another_when_added_is_not_asked_about(
    twins: Twins, session: Session
) -> None:
    despite = likely_duplicates(name="Venhagskolan", body_id=twins.body.id)
    assert len(despite) == 2
    third = organisations.add_unit(
        twins.body,
        name="Venhagskolan",
        kind=twins.kept.kind,
        by=None,
        now=clock.now(),
        despite=despite,
    )
    found = pairs.queue(Kind.ORGANISATION, clock.today()).pairs
    assert [(one.first_id, one.second_id) for one in found] == [(twins.kept.id, twins.gone.id)]
    assert third.id not in {one.second_id for one in found}


def test_people_are_alike_by_address_number_or_name_at_one_body(app: Any) -> None:
    body = make_municipality("Hultsfred")
    one, two = make_unit(body), make_unit(body)
    by_name = [make_person("Lisa", "Lind", place).id for place in (one, two)]
    by_mail = [
        make_person(name, "Ek", one, email="ek@hultsfred.example").id for name in ("Bo", "Bosse")
    ]
    make_person("Lisa", "Lind", make_unit(make_municipality("Vimmerby")))
    found = pairs.queue(Kind.PERSON, clock.today()).pairs
    assert [[pair.first_id, pair.second_id] for pair in found] == [by_mail, by_name]


def test_two_people_are_merged_and_the_old_address_leads_on(
    app: Any, as_user: Any, session: Session
) -> None:
    school = make_unit()
    kept, gone = (make_person("Lisa", "Lind", school, email=f"{n}@x.example") for n in "ab")
    make_activity(school, person_id=gone.id)
    session.commit()
    client = as_user(Role.REP)
    there = f"/merging/people/{kept.id}/{gone.id}"
    (form,) = [one for one in post_forms(client.get(there).text) if "of_email" in one.names]
    assert client.post(there, data=chosen(form)).status_code == 303
    assert client.get(f"/people/{gone.id}").location == f"/people/{kept.id}"
    session.expire_all()
    assert people.likely_duplicates(first_name="Lisa", last_name="Lind", except_id=kept.id) == []
    assert [row.id for row in people.people(people.Filter()).rows] == [kept.id]
    assert session.get_one(Person, gone.id).merged_into_id == kept.id


def test_the_other_one_is_searched_for_and_its_name_stays_out_of_the_address(
    twins: Twins, as_user: Any
) -> None:
    client = as_user(Role.REP)
    there = f"/merging/organisations/with/{twins.gone.id}"
    assert f'href="{twins.there}"' in client.get(there).text
    found = client.post(there, data={"q": "hultsfred"})
    assert found.status_code == 200
    assert f'href="/merging/organisations/{twins.body.id}/{twins.gone.id}"' in found.text
    assert client.post(there, data={"q": " "}).status_code == 422


def test_the_queue_takes_few_statements_however_many_pairs(
    twins: Twins, as_user: Any, session: Session, count_queries: Any
) -> None:
    client = as_user(Role.REP)
    numbers = []
    for more in (0, 40):
        for number in range(more):
            make_unit(twins.body, f"Skola {number}")
            make_unit(twins.body, f"Skola {number}")
        session.commit()
        client.get("/merging/organisations")
        with count_queries() as counted:
            answer = client.get("/merging/organisations")
        numbers.append(counted.number)
        assert len(answer.data) <= 60_000
    assert numbers[0] == numbers[1] <= 12
    assert session.scalar(sa.select(sa.func.count()).select_from(Organisation)) > 80
