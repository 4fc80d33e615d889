"""A10: one timeline per account, told in the reader's language, with one's own notes in it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask_babel import force_locale

from crm.activities import operations, queries
from crm.activities.models import Activity, ActivityKind
from crm.activities.queries import Entry, Filter
from crm.activities.sentences import SENTENCES, icon_of, sentence
from crm.core import clock
from crm.core.db import db
from crm.core.errors import NotAllowed, RuleBroken
from crm.people import operations as people
from crm.rules.access import Role
from tests.factories.activities import make_activity
from tests.factories.organisations import make_branch, make_municipality, make_unit
from tests.factories.people import make_person
from tests.support.sessions import user_with


def _entry(kind: ActivityKind = ActivityKind.CASE, person: str = "", **data: object) -> Entry:
    return Entry(
        1, clock.now(), kind, "", dict(data), 1, "Skolan", None, person, "", None, None, None, ""
    )


FACTS = {
    "title": "Pilot",
    "before": "curious",
    "after": "colleagues",
    "reason": "no_budget",
    "wake_event": "council_decided",
    "until": "2027-01-04",
    "outcome": "won",
    "role": "champion",
    "name": "Anna",
    "to": "Nydalen",
    "on": "2026-11-02",
    "came_from": "Gamlaköping",
    "follow_up_on": "2026-12-14",
    "decision": "june",
    "certainty": "published",
    "step": "Ring Anna",
    "unit": "Skolan",
}


@pytest.mark.one_database
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("event", [*SENTENCES, "something_new", ""])
def test_every_event_has_a_sentence(app, event, language) -> None:
    with app.test_request_context(), force_locale(language):
        full = sentence(_entry(event=event, **FACTS))
        bare = sentence(_entry(event=event))
    for words in (full, bare):
        assert words
        assert "None" not in words
        assert "%(" not in words
        assert "_" not in words


def test_every_kind_has_a_drawing() -> None:
    for kind in ActivityKind:
        assert icon_of(_entry(kind))


def test_the_story_of_a_body_holds_its_units_newest_first(app) -> None:
    town = make_municipality()
    office, school = make_branch(town, "Förvaltning", "Skola")
    now = clock.now()
    for minutes, node in enumerate((town, office, school)):
        make_activity(node, now=now - timedelta(minutes=minutes), text=node.name)
    make_activity(make_unit())
    assert [row.text for row in queries.timeline(Filter(town)).rows] == [
        town.name,
        "Förvaltning",
        "Skola",
    ]
    assert queries.timeline(Filter(office)).total == 2
    assert queries.timeline(Filter(town, including_below=False)).total == 1


def test_the_title_is_the_one_held_at_the_time(app) -> None:
    school = make_unit()
    now, today = clock.now(), clock.today()
    anna = make_person("Anna", "Berg", school, title="lärare", started_on=today - timedelta(900))
    make_activity(school, person_id=anna.id, now=now - timedelta(days=400), text="då")
    people.move_person(
        anna, make_unit(), "rektor", today - timedelta(200), by=None, today=today, now=now
    )
    make_activity(school, person_id=anna.id, now=now, text="nu")
    posts = {row.text: row.post for row in queries.timeline(Filter(school)).rows}
    assert posts["då"] == "lärare"
    assert posts["nu"] == "rektor"


def test_the_day_of_the_title_is_a_swedish_day(app) -> None:
    """Half past midnight in Sweden is still the day before in UTC."""
    school, now, today = make_unit(), clock.now(), clock.today()
    day = today - timedelta(200)
    anna = make_person("Anna", "Berg", school, title="lärare")
    people.move_person(anna, make_unit(), "rektor", day, by=None, today=today, now=now)
    at = clock.at(day, 0)
    for text, moment in (("före", at - timedelta(minutes=30)), ("efter", at + timedelta(0, 1800))):
        make_activity(school, person_id=anna.id, now=moment, text=text)
    posts = {row.text: row.post for row in queries.timeline(Filter(school)).rows if row.text}
    assert (posts["före"], posts["efter"]) == ("lärare", "rektor")


def test_a_note_is_rewritten_by_its_writer_alone(app) -> None:
    mine, other = user_with(Role.REP), user_with(Role.REP)
    school = make_unit()
    now = clock.now()
    note = operations.write(ActivityKind.CALL, school, text="Hej", at=now, by=mine, now=now)
    with pytest.raises(NotAllowed):
        operations.rewrite(note, kind=ActivityKind.CALL, text="Nej", at=now, by=other, now=now)
    with pytest.raises(RuleBroken):
        operations.rewrite(note, kind=ActivityKind.STAGE, text="Nej", at=now, by=mine, now=now)
    with pytest.raises(RuleBroken):
        operations.write(
            ActivityKind.NOTE, school, text="x", at=now + timedelta(days=1), by=mine, now=now
        )
    with pytest.raises(RuleBroken):
        operations.write(ActivityKind.NOTE, school, text="  ", at=now, by=mine, now=now)


def test_five_thousand_lines_open_in_time(as_user, count_queries) -> None:
    client = as_user(Role.REP)
    town = make_municipality()
    school = make_unit(town)
    now = clock.now()
    db.session.execute(
        sa.insert(Activity),
        [
            {
                "at": now - timedelta(hours=number),
                "kind": ActivityKind.NOTE,
                "organisation_id": school.id,
                "body_id": town.id,
                "text": f"Rad {number}",
                "data": {},
            }
            for number in range(5000)
        ],
    )
    address = f"/accounts/{town.id}/timeline"
    client.get(address)
    with count_queries() as counted:
        page = client.get(address, inspect=False)
    assert "Rad 0" in page.text
    assert "5" in page.text
    assert counted.number <= 12
    assert client.get(f"{address}?page=100", inspect=False).status_code == 200


def test_the_page_filters(as_user) -> None:
    client = as_user(Role.REP)
    town = make_municipality()
    school, other = make_unit(town, "Norrskolan"), make_unit(town, "Söderskolan")
    anna = make_person("Anna", "Berg", school)
    make_activity(school, ActivityKind.CALL, person_id=anna.id, text="Ett samtal")
    make_activity(other, ActivityKind.MAIL, text="Ett brev")
    address = f"/accounts/{town.id}/timeline"
    both = client.get(address).text
    assert "Ett samtal" in both
    assert "Ett brev" in both
    for question in ("kind=call", f"person={anna.id}", f"unit={school.id}"):
        text = client.get(f"{address}?{question}").text
        assert "Ett samtal" in text, question
        assert "Ett brev" not in text, question
    assert "Ett samtal" not in client.get(f"{address}?below=0").text
    assert client.get(f"{address}?kind=x&person=x&unit={make_unit().id}").status_code == 200
    assert client.get(f"{address}?unit=999999").status_code == 404


def test_writing_down_and_putting_right(as_user) -> None:
    client = as_user(Role.REP)
    school = make_unit()
    anna = make_person("Anna", "Berg", school)
    address = f"/accounts/{school.id}/activities/new"
    assert client.get(f"{address}?person={anna.id}&kind=call").status_code == 200
    sent = {
        "kind": "call",
        "text": "Hon vill visa det för rektor.",
        "person_id": str(anna.id),
        "on": "idag",
        "once": "a",
    }
    first = client.post(address, data=sent)
    assert first.status_code == 303
    assert client.post(address, data=sent).location == first.location
    note = db.session.scalars(sa.select(Activity).where(Activity.text != "")).one()
    assert (note.kind, note.person_id, note.user_id) == (ActivityKind.CALL, anna.id, client.user.id)
    assert "Hon vill visa" in client.get(f"/accounts/{school.id}").text
    assert "Hon vill visa" in client.get(f"/people/{anna.id}").text
    edit = f"/activities/{note.id}/edit"
    assert client.get(edit).status_code == 200
    assert client.post(edit, data=sent | {"text": "Hon har visat det."}).status_code == 303
    assert note.text == "Hon har visat det."
    for bad in (
        {"text": ""},
        {"kind": "stage"},
        {"on": "nonsens"},
        {"on": "2099-01-01"},
        {"person_id": "999999"},
    ):
        assert client.post(address, data=sent | {"once": "b"} | bad).status_code == 422, bad
        assert client.post(edit, data=sent | bad).status_code == 422, bad
    assert as_user(Role.REP).get(edit).status_code == 403
    assert client.get("/activities/999999/edit").status_code == 404
    assert client.get(f"{address}?back=https://evil.example").status_code == 200
    away = client.post(address, data=sent | {"once": "c", "back": "//evil.example"})
    assert away.location.endswith(f"/accounts/{school.id}")
