"""The pages of inbound interest, as a browser without scripts and as the type-ahead see them."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm.core import clock
from crm.interest import jobs, operations, proposals, queries
from crm.interest.models import Inquiry, Sorting, Source, SourceKind
from crm.interest.who import Who
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.rules.access import Role
from crm.rules.kinds import UnitKind
from tests.factories import interest as make
from tests.support.sessions import user_with

HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE inquiry; --",
    "\u202e\u0000Å̊🙂",
    "{{ 7 * 7 }}",
    "%s%(name)s",
    "A" * 5000,
]


@pytest.fixture
def sara(as_user):
    operations.seed_sources()
    return as_user(Role.REP)


@pytest.fixture
def place(app):
    return make.hultsfred(now=clock.now() - timedelta(days=100))


def phone():
    return queries.source_by_key(SourceKind.CHANNEL, "phone")


def logged(session):
    return session.scalars(sa.select(Inquiry).order_by(Inquiry.id)).all()


def words(**changes):
    told = {"who_text": "hults ven anna", "summary": "Vill prova", "once": "t1"}
    return {**told, "channel": str(phone().id), **changes}


def html(response):
    return response.get_data(as_text=True)


# --- Without scripts (journeys 1 and 2) -----------------------------------------------------------


def test_the_line_becomes_choices_and_the_choice_is_saved(sara, session, place):
    step = sara.post("/inquiries/log", data=words())
    assert step.status_code == 303
    step = sara.get(step.location)
    assert "Anna Berg" in html(step)
    assert 'value="Vill prova"' in html(step)
    value = Who(place.school.id, place.anna.id).encode()
    assert value.replace("&", "&amp;") in html(step)
    assert logged(session) == []

    done = sara.post("/inquiries/log", data=words(choice=value, choice_for="hults ven anna"))
    assert done.status_code == 303
    found = logged(session)[0]
    assert (found.person_id, found.organisation_id) == (place.anna.id, place.school.id)
    assert (found.typed, found.sorting) == ("hults ven anna", Sorting.SORTED)
    assert "Vill prova" in html(sara.get(done.location))


def test_a_new_school_and_person_are_offered_and_made(sara, session, place):
    line = "hultsfred nyskolan lisa ek"
    step = sara.post("/inquiries/log", data=words(who_text=line, step="find", summary=""))
    assert step.status_code == 303
    step = sara.get(step.location)
    value = Who(place.body.id, None, "Nyskolan", UnitKind.SCHOOL, "Lisa", "Ek").encode()
    assert value.replace("&", "&amp;") in html(step)
    sara.post("/inquiries/log", data=words(who_text=line, choice=value, choice_for=line))
    found = logged(session)[0]
    unit = session.get(Organisation, found.organisation_id)
    assert (unit.name, unit.unit_kind, unit.parent_id) == (
        "Nyskolan",
        UnitKind.SCHOOL,
        place.body.id,
    )
    assert session.get(Person, found.person_id).name == "Lisa Ek"


def test_other_words_ask_again_instead_of_saving_the_old_choice(sara, session, place):
    value = Who(place.school.id, place.anna.id).encode()
    again = sara.post(
        "/inquiries/log",
        data=words(who_text="hultsfred albäck", choice=value, choice_for="hults ven anna"),
    )
    assert again.status_code == 303
    assert "Albäcksskolan" in html(sara.get(again.location))
    assert logged(session) == []


def test_the_step_between_is_a_page_with_an_address_and_no_names_in_it(sara, as_user, session):
    """Else Back, after saving, would ask to send the form again."""
    sent = words(who_text="hults ven anna", step="find", email="anna@hultsfred.se", summary="Hej")
    step = sara.post("/inquiries/log", data=sent)
    assert step.status_code == 303
    assert re.fullmatch(r"/inquiries/log\?again=\d+&choose=1", step.location)
    there = sara.get(step.location)
    for value in ("hults ven anna", "anna@hultsfred.se", "Hej"):
        assert f'value="{value}"' in html(there)
    assert 'value="hults ven anna"' not in html(as_user(Role.REP).get(step.location))
    # However often one comes back to it, what is saved from it is saved once.
    tokens = [
        re.findall(r'name="once"[^>]*value="([^"]+)"', html(sara.get(step.location)))[-1]
        for _ in range(2)
    ]
    sent = {name: value for name, value in sent.items() if name != "step"} | {"choice": ""}
    first, second = (sara.post("/inquiries/log", data=sent | {"once": one}) for one in tokens)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert len(logged(session)) == 1
    assert jobs.tidy(clock.now() + timedelta(hours=25)) == 1


def test_the_one_who_told_them_may_be_written_by_name(sara, session, place):
    make.person("Anna", "Ek", place.other_school, now=clock.now())
    for words_of_it, sentence in [("xqz", "Ingen här heter"), ("anna", "Flera passar")]:
        refused = sara.post("/inquiries/log", data=words(step="later", told_by_text=words_of_it))
        assert refused.status_code == 422
        assert sentence in html(refused)
        assert f'value="{words_of_it}"' in html(refused)
    sara.post("/inquiries/log", data=words(step="later", told_by_text="anna berg"))
    assert [i.told_by_id for i in logged(session)] == [place.anna.id]


def test_none_of_these_saves_as_typed(sara, session, place):
    sara.post("/inquiries/log", data=words(choice="", choice_for="hults ven anna"))
    assert [(i.typed, i.sorting) for i in logged(session)] == [("hults ven anna", Sorting.TO_SORT)]


def test_save_and_sort_later_takes_one_step(sara, session, place):
    sara.post("/inquiries/log", data=words(step="later"))
    assert logged(session)[0].sorting is Sorting.TO_SORT


def test_an_address_proposes_the_municipality_and_never_the_unit(sara, session, place):
    operations.log(
        summary="x",
        channel="mail",
        organisation=place.school,
        email="x@hultsfred.se",
        by=None,
        now=clock.now(),
    )
    answer = sara.post("/inquiries/log/options", data={"q": "lisa.ek@hultsfred.se"})
    assert "Hultsfreds kommun" in html(answer)
    assert "Lisa Ek" in html(answer)
    assert "Venhagskolan" not in html(answer)
    assert 'data-fill-email="lisa.ek@hultsfred.se"' in html(answer)


# --- With scripts --------------------------------------------------------------------------------


def test_options_find_the_trio(sara, place):
    answer = html(sara.post("/inquiries/log/options", data={"q": "hults ven anna"}))
    first = re.search(r'<li role="option"[^>]*>', answer)[0]
    assert (
        f'data-value="{Who(place.school.id, place.anna.id).encode()}"'.replace("&", "&amp;")
        in first
    )
    assert 'data-label="Anna Berg, Venhagskolan, Hultsfreds kommun"' in first
    assert 'data-fill-typed="hults ven anna"' in first


@pytest.mark.parametrize("line", ["", " ", *HOSTILE, "@", "a@b", "0495-24 00 00"])
def test_options_answer_anything(sara, place, line):
    answer = sara.post("/inquiries/log/options", data={"q": line})
    assert answer.status_code == 200
    assert "<script>" not in html(answer)


def test_options_cost_the_same_however_many_there_are(sara, place, count_queries):
    with count_queries() as few:
        sara.post("/inquiries/log/options", data={"q": "hultsfred"})
    for number in range(30):
        make.unit(place.body, f"Hultsfred skola {number}", now=clock.now())
    with count_queries() as many:
        sara.post("/inquiries/log/options", data={"q": "hultsfred"})
    assert many.number <= few.number + 1
    assert many.number <= 12


def test_in_the_dialog_an_unplaced_line_is_saved_in_one_step(sara, session, place):
    answer = sara.post("/inquiries/log", data=words(), headers={"X-Fragment": "1"})
    assert answer.status_code == 201
    assert logged(session)[0].sorting is Sorting.TO_SORT
    assert f"/inquiries/{logged(session)[0].id}/undo" in html(answer)


def test_in_the_dialog_a_fault_comes_back_with_the_words(sara, session, place):
    answer = sara.post(
        "/inquiries/log",
        data=words(summary="", email="inte en adress"),
        headers={"X-Fragment": "1"},
    )
    assert answer.status_code == 422
    assert "<html" not in html(answer)
    assert 'value="hults ven anna"' in html(answer)
    assert 'value="inte en adress"' in html(answer)
    assert logged(session) == []


def test_a_colleagues_two_lines_of_one_day_are_said_once(sara, place):
    erik = user_with(Role.ACCOUNT_MANAGER)
    for summary in ("Ringde om pris", "Ringde igen"):
        operations.log(
            summary=summary,
            channel="phone",
            organisation=place.school,
            caller="Bo",
            by=erik,
            now=clock.now(),
        )
    who = Who(place.school.id).encode()
    told = html(sara.post("/inquiries/log/known", data={"who": who}))
    assert told.count(erik.name) == 1


def test_what_a_colleague_did_is_said_when_the_place_is_known(sara, place):
    erik = user_with(Role.ACCOUNT_MANAGER)
    operations.log(
        summary="Ringde om pris",
        channel="phone",
        organisation=place.other_school,
        caller="Bo",
        by=erik,
        now=clock.now() - timedelta(days=6),
    )
    who = Who(place.school.id, place.anna.id).encode()
    for answer in (
        sara.post("/inquiries/log/known", data={"who": who}),
        sara.get(f"/inquiries/log?organisation={place.school.id}"),
        sara.get(sara.post("/inquiries/log", data=words()).location),
    ):
        assert erik.name in html(answer)
        assert "Ringde om pris" in html(answer)


def test_a_look_alike_is_shown_before_saving(sara, place):
    answer = sara.post(
        "/inquiries/log/known",
        data={"who": Who(place.other_school.id).encode(), "person_name": "Ana Berg"},
    )
    assert f"/people/{place.anna.id}" in html(answer)


# --- Faults --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"who_text": "", "summary": "Vem?"},
        {"summary": ""},
        {"summary": "A" * 1001},
        {"who_text": "A" * 201},
        {"channel": "999999"},
        {"channel": "telefon"},
        {"trigger": "x"},
        {"email": "anna@"},
        {"phone": "12"},
        {"who": "o=abc"},
        {"who": "o=999999999", "summary": "Borta"},
        {"choice": "p=-1", "choice_for": "hults ven anna"},
        {"unit_kind": "castle"},
        {"told_by": "p=99999999", "step": "later"},
    ],
)
def test_bad_input_gives_a_sentence_and_keeps_the_words(sara, session, place, changes):
    answer = sara.post("/inquiries/log", data=words(**changes))
    assert answer.status_code == 422
    assert 'role="alert"' in html(answer)
    if "summary" not in changes:
        assert 'value="Vill prova"' in html(answer)
    assert logged(session) == []


@pytest.mark.parametrize("text", HOSTILE[:-1])
def test_hostile_words_are_only_words(sara, session, place, text):
    done = sara.post("/inquiries/log", data=words(who_text=text, summary=text, step="later"))
    assert done.status_code == 303
    shown = html(sara.get(done.location, inspect=False))
    assert "<script>alert" not in shown
    assert "49" not in re.findall(r"<h1>(.*?)</h1>", shown)
    for path in ("/inquiries", "/inquiries/all", "/inquiries/unanswered?whose=all"):
        assert "<script>alert" not in html(sara.get(path, inspect=False))


def test_two_clicks_log_once(sara, session, place):
    first = sara.post("/inquiries/log", data=words(step="later"))
    second = sara.post("/inquiries/log", data=words(step="later"))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert len(logged(session)) == 1


def test_undo_brings_all_words_back_and_none_into_the_address(sara, session, place):
    trigger = queries.source_by_key(SourceKind.TRIGGER, "champion")
    long = "Vill prova " + "mycket " * 100
    sent = words(
        step="later",
        summary=long,
        email="anna@hultsfred.se",
        trigger=str(trigger.id),
        told_by=Who(person_id=place.anna.id).encode(),
        owes_answer="y",
    )
    sara.post("/inquiries/log", data=sent)
    done = sara.post(f"/inquiries/{logged(session)[0].id}/undo")
    assert done.status_code == 303
    assert re.fullmatch(r"/inquiries/log\?again=\d+", done.location)
    page = html(sara.get(done.location))
    for value in ("hults ven anna", long.strip(), "anna@hultsfred.se", place.anna.name):
        assert f'value="{value}"' in page
    assert f'<option selected value="{trigger.id}">' in page
    assert re.search(r'<input[^>]* checked[^>]*name="owes_answer"', page)
    assert logged(session) == []


def test_what_was_taken_back_is_ones_own_and_soon_forgotten(sara, as_user, session, place):
    sara.post("/inquiries/log", data=words(step="later"))
    address = sara.post(f"/inquiries/{logged(session)[0].id}/undo").location
    assert 'value="hults ven anna"' not in html(as_user(Role.REP).get(address))
    assert jobs.tidy(clock.now() + timedelta(hours=23)) == 0
    assert jobs.tidy(clock.now() + timedelta(hours=25)) == 1
    assert sara.get(address).status_code == 200


# --- The queue -----------------------------------------------------------------------------------


def test_accepting_goes_on_to_the_next(sara, session, place):
    one = make.inquiry(typed="hults ven anna", now=clock.now() - timedelta(hours=2))
    two = make.inquiry(typed="hultsfred albäck", now=clock.now() - timedelta(hours=1))
    page = html(sara.get("/inquiries"))
    assert "Anna Berg" in page
    assert '<span class="nav-count">2</span>' in page
    done = sara.post(
        f"/inquiries/{one.id}/sort",
        data={
            "version": one.version,
            "choice": Who(place.school.id, place.anna.id).encode(),
            "from": "queue",
            "after": two.id,
        },
    )
    assert done.location == f"/inquiries?item={two.id}"
    assert session.get(Inquiry, one.id).sorting is Sorting.SORTED
    assert "Albäcksskolan" in html(sara.get(done.location))


def test_the_queue_is_ones_own_unless_asked(sara, as_user, place):
    make.inquiry(by=user_with(Role.REP), caller="Någon annans")
    assert "Någon annans" not in html(sara.get("/inquiries"))
    assert "Någon annans" in html(sara.get("/inquiries?whose=all"))


def test_two_who_sort_at_once_do_not_overwrite_each_other(sara, session, place):
    found = make.inquiry(typed="hults ven anna")
    version = found.version
    operations.assign(found, sara.user, by=None)
    choice = Who(place.school.id).encode()
    late = sara.post(f"/inquiries/{found.id}/sort", data={"version": version, "choice": choice})
    assert late.status_code == 409
    assert session.get(Inquiry, found.id).sorting is Sorting.TO_SORT


def test_the_queue_costs_the_same_however_long_it_is(sara, place, count_queries):
    make.inquiry(typed="hults ven anna")
    with count_queries() as few:
        sara.get("/inquiries")
    for _ in range(20):
        make.inquiry(typed="hults ven anna", organisation=place.body)
    with count_queries() as many:
        sara.get("/inquiries")
    assert many.number <= few.number + 1


def test_assign_let_go_answer_and_back(sara, session, place):
    found = make.inquiry(organisation=place.school, person=place.anna, channel="mail")
    erik = user_with(Role.ACCOUNT_MANAGER)
    path = f"/inquiries/{found.id}"

    def send(verb, **data):
        return sara.post(f"{path}/{verb}", data={"version": found.version, **data})

    assert send("assign", owner=erik.id).status_code == 303
    assert found.owner_id == erik.id
    assert send("assign", owner=999_999).status_code == 422
    refused = send("answer", kind="fax", text="Mina ord")
    assert refused.status_code == 422
    assert "Mina ord" in html(refused)
    assert send("answer", kind="call", text="Ringde").status_code == 303
    assert found.answered_at is not None
    assert send("let-go", reason="").status_code == 422
    assert send("let-go", reason="Inte för oss").status_code == 303
    assert found.sorting is Sorting.LET_GO
    assert sara.post(f"{path}/take-up").status_code == 303
    assert found.sorting is Sorting.TO_SORT


def test_edit_puts_right_and_places(sara, session, place):
    found = make.inquiry(typed="anna b", channel="mail")
    page = sara.get(f"/inquiries/{found.id}/edit")
    assert page.status_code == 200
    facts = {
        "version": found.version,
        "summary": "Vill ha pris",
        "caller": "Anna",
        "channel": found.channel_id,
        "trigger": "",
        "who": Who(place.school.id, place.anna.id).encode(),
    }
    assert sara.post(f"/inquiries/{found.id}/edit", data=facts).status_code == 303
    assert (found.summary, found.person_id) == ("Vill ha pris", place.anna.id)
    stale = sara.post(f"/inquiries/{found.id}/edit", data=facts | {"summary": "Gammalt"})
    assert stale.status_code == 409
    assert "Gammalt" in html(stale)
    assert found.summary == "Vill ha pris"
    empty = sara.post(
        f"/inquiries/{found.id}/edit", data=facts | {"version": found.version, "summary": ""}
    )
    assert empty.status_code == 422


# --- Lists and figures ---------------------------------------------------------------------------


def test_filters_narrow_and_the_figures_are_the_rows(sara, session, place):
    make.inquiry(
        organisation=place.school, person=place.anna, summary="Vill ha offert på läslyftet"
    )
    make.inquiry(organisation=place.body, channel="mail", summary="Fråga om pris")
    other = make.municipality("Vimmerby", "Vimmerby kommun", now=clock.now())
    make.inquiry(organisation=other, summary="Annat")
    mail = queries.source_by_key(SourceKind.CHANNEL, "mail")
    for query, expected in [
        ("", 3),
        (f"?organisation={place.body.id}", 2),
        (f"?channel={mail.id}", 1),
        ("?q=läslyft", 1),
        ("?q=laslyft", 1),
        ("?state=sorted", 1),
        ("?state=nonsense&page=x&sort=evil&channel=1e9", 3),
        ("?sort=organisation", 3),
    ]:
        page = html(sara.get(f"/inquiries/all{query}"))
        assert page.count('data-label="Organisation"') == expected, query


def test_the_list_costs_the_same_however_long(sara, place, count_queries):
    make.inquiry(organisation=place.school)
    with count_queries() as few:
        sara.get("/inquiries/all")
    for _ in range(30):
        make.inquiry(organisation=place.school, person=place.anna)
    with count_queries() as many:
        sara.get("/inquiries/all")
    assert many.number == few.number
    assert many.number <= 12


def test_channels_are_edited_by_those_who_may(sara, as_user, session):
    assert sara.get("/inquiries/lists").status_code == 403
    maria = as_user(Role.FOUNDER)
    assert maria.get("/inquiries/lists").status_code == 200
    added = maria.post(
        "/inquiries/lists",
        data={"kind": "channel", "name_sv": "Chatt", "name_en": "Chat", "once": "c"},
    )
    assert added.status_code == 303
    chat = queries.source_by_key(SourceKind.CHANNEL, "chat")
    twice = maria.post(
        "/inquiries/lists", data={"kind": "channel", "name_sv": "Chatt", "name_en": "", "once": "d"}
    )
    assert twice.status_code == 422
    path = f"/inquiries/lists/{chat.id}"
    assert maria.get(path).status_code == 200
    renamed = {"version": chat.version, "name_sv": "", "name_en": "Chat"}
    assert maria.post(path, data=renamed).status_code == 422
    assert maria.post(path, data=renamed | {"name_sv": "Chatten"}).status_code == 303
    assert maria.post(f"{path}/up").status_code == 303
    assert maria.post(f"{path}/merge", data={"into": "x"}).status_code == 422
    assert maria.post(f"{path}/merge", data={"into": phone().id}).status_code == 303
    assert session.get(Source, chat.id).retired
    assert maria.post(f"{path}/restore").status_code == 303
    assert maria.get("/inquiries/lists/999999").status_code == 404


# --- Access --------------------------------------------------------------------------------------


def test_a_reader_reads_and_does_not_write(as_user, place):
    found = make.inquiry(typed="hults")
    reader = as_user(Role.VIEWER)
    for path in ("/inquiries?whose=all", "/inquiries/all", f"/inquiries/{found.id}"):
        assert reader.get(path).status_code == 200
    assert reader.get("/inquiries/log").status_code == 403
    assert reader.post(f"/inquiries/{found.id}/let-go", data={"reason": "x"}).status_code == 403


@pytest.mark.parametrize("path", ["/inquiries/999999", "/inquiries/0", "/inquiries/99999999999"])
def test_what_is_not_there_is_not_found(sara, path):
    assert sara.get(path).status_code == 404


# --- Readings of what was mistyped ----------------------------------------------------------------


def test_a_mistyped_municipality_is_put_right_before_anything_new_is_offered(place):
    first = proposals.read("hultsferd venhag").choices[0]
    assert first.who.organisation_id == place.school.id
    assert not first.makes_something
    assert first.because == "Hultsfreds"  # as it is written, not as it is indexed


def test_a_senders_name_is_no_mistyped_municipality(place):
    make.municipality("Mora", "Mora kommun")
    waiting = make.inquiry(caller="Mona", typed="", channel="mail")
    assert proposals.of(waiting).choices == ()
    assert proposals.read("Mona").choices == ()
