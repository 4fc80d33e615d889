"""The pages of the buyers' year: list, one year, its form, pauses. Bad input ends in a sentence."""

from datetime import date

import pytest
import sqlalchemy as sa
import time_machine

from crm.budgets import operations, queries
from crm.budgets.models import BudgetEvent, BudgetPractice, Pause, PauseKind
from crm.budgets.panel import panel
from crm.organisations.models import Organisation
from crm.organisations.register import load_register
from crm.rules import budget_cycle
from crm.rules.access import Role
from crm.rules.budget_cycle import BodyKind, DecisionPractice
from crm.rules.certainty import Certainty
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.practices import load_practices
from tests.factories.budgets import (
    NOW,
    SOURCE,
    TODAY,
    make_body,
    make_pause,
    make_practice,
    make_unit,
    typed,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "'; DROP TABLE budget_event; --",
    "\u202e\u0000Å̊🙂",
    "{{ 7 * 7 }}",
    "%s%(name)s",
    "²/3",
]


@pytest.fixture(autouse=True)
def monday_in_november():
    with time_machine.travel(NOW, tick=True):
        yield


def edit_url(body):
    return f"/budget-year/{body.id}/edit"


def save(client, body, **values):
    return client.post(edit_url(body), data=typed(**values))


def html_of(response):
    return response.get_data(as_text=True)


def number_of(session, model):
    return session.scalar(sa.select(sa.func.count()).select_from(model))


# --- Journey: the form -------------------------------------------------------------------------


def test_template_shifted_dates_link_and_save(session, as_user):
    client, body = as_user(Role.ACCOUNT_MANAGER), make_body()
    page = client.get(edit_url(body))
    assert page.status_code == 200
    answer = save(
        client,
        body,
        decision="june",
        start_planeringsforutsattningar="februari",
        start_namndens_budgetunderlag="1 mars",
        end_namndens_budgetunderlag="24 mars",
        start_kf_budgetbeslut="15/6",
    )
    assert answer.status_code == 303
    assert answer.location == f"/budget-year/{body.id}"
    known = queries.known_of(body)
    spans = {phase.key: (phase.start, phase.end) for phase in known.phases(2028)}
    assert spans["planeringsforutsattningar"] == (date(2027, 2, 1), date(2027, 2, 28))
    assert spans["namndens_budgetunderlag"] == (date(2027, 3, 1), date(2027, 3, 24))
    assert spans["kf_budgetbeslut"] == (date(2027, 6, 15), date(2027, 6, 15))
    assert known.row.checked_by.name == client.user.name
    shown = html_of(client.get(answer.location))
    assert "Beslutar i juni" in shown and "24 mars" in shown and client.user.name in shown


SEVEN = {
    # What a person types from each municipality's own page (features.md 1d).
    "2380": (
        "september",
        {
            "omvarldsanalys": ("september", "oktober"),
            "planeringsforutsattningar": ("december", "31 mars"),
            "namndens_budgetunderlag": ("maj", "juni"),
            "hostavstamning": ("november", ""),
        },
    ),
    "1780": (
        "june",
        {
            "omvarldsanalys": ("november", ""),
            "planeringsforutsattningar": ("december", "januari"),
            "namndens_budgetunderlag": ("april", ""),
            "politisk_beredning": ("maj", ""),
            "internbudget": ("september", "november"),
        },
    ),
    "1286": (
        "june",
        {
            "omvarldsanalys": ("januari", ""),
            "planeringsforutsattningar": ("1/2", "28/2"),
            "politisk_beredning": ("april–maj", ""),
        },
    ),
    "2280": (
        "june",
        {
            "planeringsforutsattningar": ("januari", ""),
            "namndens_budgetunderlag": ("april", ""),
            "internbudget": ("november", ""),
        },
    ),
    "0160": ("november", {"omvarldsanalys": ("januari", "mars")}),
    "2061": (
        "november",
        {
            "omvarldsanalys": ("december", "31 januari"),
            "planeringsforutsattningar": ("februari", "mars"),
            "namndens_budgetunderlag": ("", "30 september"),
            "investeringsaskanden": ("", "30 september"),
            "internbudget": ("december", ""),
        },
    ),
    "0181": (
        "december",
        {
            "omvarldsanalys": ("1 jan", "28 feb"),
            "politisk_beredning": ("15/6", "30/11"),
            "kf_budgetbeslut": ("10 december", "20 december"),
        },
    ),
}


@pytest.mark.parametrize("code", sorted(SEVEN))
def test_the_seven_municipalities_can_be_modelled_exactly(as_user, code):
    decision, dates = SEVEN[code]
    client, body = as_user(Role.REP), make_body()
    fields = {f"start_{key}": start for key, (start, _end) in dates.items()}
    fields |= {f"end_{key}": end for key, (_start, end) in dates.items()}
    assert save(client, body, decision=decision, **fields).status_code == 303
    ours, theirs = queries.practice_of(body), load_practices()[BodyKind.MUNICIPALITY, code]
    for year in (2027, 2028, 2029, 2031):
        assert [(p.key, p.start, p.end) for p in budget_cycle.phases(ours, year)] == [
            (p.key, p.start, p.end) for p in budget_cycle.phases(theirs, year)
        ]


def test_every_shipped_calendar_survives_being_opened_and_saved(session, as_user):
    load_register(NOW, TODAY)
    operations.load_confirmed_practices(now=NOW)
    client = as_user(Role.ACCOUNT_MANAGER)
    bodies = session.scalars(
        sa.select(Organisation).join(
            BudgetPractice, BudgetPractice.organisation_id == Organisation.id
        )
    ).all()
    assert len(bodies) == 25
    for body in bodies:
        before = queries.practice_of(body)
        form = fields_of(html_of(client.get(edit_url(body))))
        form["checked_on"] = "2026-11-23"
        assert client.post(edit_url(body), data=form).status_code == 303
        after = queries.practice_of(body)
        assert set(after.overrides) == set(before.overrides), body.name
        assert after.election_decision_month == before.election_decision_month


def fields_of(html):
    """What a browser would send of the one form in <main>, nothing changed."""
    from tests.support.pages import parse

    document, _errors = parse(html)
    form = next(f for f in document.iter("form") if f.get("data-live"))
    sent = {}
    for field in form.iter("input"):
        if field.get("type") in {"radio", "checkbox"} and "checked" not in field.attrib:
            continue
        if field.get("name") and field.get("name") != "csrf_token":
            sent[field.get("name")] = field.get("value", "")
    for select in form.iter("select"):
        options = list(select.iter("option"))
        chosen = next((o for o in options if "selected" in o.attrib), options[0])
        sent[select.get("name")] = chosen.get("value", "")
    for area in form.iter("textarea"):
        sent[area.get("name")] = (area.text or "").removeprefix("\r\n")
    return sent


def test_named_events_and_dates_for_one_year(session, as_user):
    client, body = as_user(Role.REP), make_body()
    answer = save(
        client,
        body,
        own_0_what="Budgetseminarium",
        own_0_start="v. 4",
        own_0_year="-1",
        own_1_what="Öppet hus hos ekonomichefen",
        own_1_start="12/5",
        own_1_year="=2027",
        one_0_what="kf_budgetbeslut",
        one_0_start="14/6",
        one_0_year="2028",
    )
    assert answer.status_code == 303
    known = queries.known_of(body)
    names = {phase.name_sv for phase in known.phases(2028)}
    assert {"Budgetseminarium", "Öppet hus hos ekonomichefen"} <= names
    assert "Öppet hus hos ekonomichefen" not in {p.name_sv for p in known.phases(2029)}
    assert budget_cycle.decision(known.practice, 2028).start == date(2027, 6, 14)
    assert budget_cycle.decision(known.practice, 2029).start == date(2028, 6, 1)
    sent = fields_of(html_of(client.get(edit_url(body))))
    assert client.post(edit_url(body), data=sent).status_code == 303
    session.expire_all()
    assert {phase.name_sv for phase in queries.known_of(body).phases(2028)} == names


def test_one_more_row_without_scripts_keeps_the_input(session, as_user):
    client, body = as_user(Role.REP), make_body()
    answer = save(client, body, own_0_what="Seminarium", own_0_start="mars", add="own")
    html = html_of(answer)
    assert answer.status_code == 200
    assert 'name="own_1_what"' in html and 'value="Seminarium"' in html
    assert number_of(session, BudgetPractice) == 0
    gone = html_of(save(client, body, own_0_what="Seminarium", own_0_start="mars", remove="own_0_"))
    assert 'value="Seminarium"' not in gone


def test_the_preview_shows_and_stores_nothing(session, as_user):
    client, body = as_user(Role.REP), make_body()
    form = typed("june", start_kf_budgetbeslut="15 juni")
    fragment = html_of(
        client.post(f"/budget-year/{body.id}/preview", data=form, headers={"X-Fragment": "1"})
    )
    assert "<html" not in fragment and "15 juni 2027" in fragment
    assert 'data-placeholder-for="start_kf_budgetbeslut" data-text="juni"' in fragment
    page = save(client, body, start_kf_budgetbeslut="15 juni", preview="1")
    assert page.status_code == 200 and "15 juni 2027" in html_of(page)
    assert number_of(session, BudgetPractice) == 0


@pytest.mark.parametrize(
    "values,sentence",
    [
        ({"start_kf_budgetbeslut": "31 feb"}, "Den månaden har ingen sådan dag."),
        ({"start_kf_budgetbeslut": "v. 60"}, "Det finns ingen sådan vecka."),
        ({"start_kf_budgetbeslut": "15/13"}, "Det finns tolv månader."),
        ({"start_kf_budgetbeslut": "snart"}, "Skriv en dag"),
        ({"start_kf_budgetbeslut": "x" * 300}, "40"),
        ({"source_url": "javascript:alert(1)"}, "Länken ska börja med"),
        ({"source_url": "data:text/html,x"}, "Länken ska börja med"),
        ({"source_url": "https://" + "a" * 1100 + ".se"}, "1000"),
        ({"source_url": ""}, "Klistra in länken"),
        ({"checked_on": "31/2"}, "Den månaden har ingen sådan dag."),
        ({"checked_on": "snart"}, "Skriv datumet som 2026-11-23,"),
        ({"checked_on": "2027-01-01"}, "Den dagen har inte kommit än."),
        ({"checked_on": ""}, "Ange vilken dag"),
        ({"decision": "state"}, ""),
        ({"decision": "whenever"}, ""),
        ({"certainty": "law"}, ""),
        ({"election_month": "6"}, ""),
        ({"deficit_until": "1066"}, ""),
        ({"note": "x" * 2001}, "2000"),
        ({"own_0_what": "Utan dag", "own_0_year": "-1"}, "Ange när det börjar."),
        ({"own_0_start": "mars", "own_0_year": "-1"}, "Ange vad det är."),
        (
            {"start_politisk_beredning": "15 maj", "end_politisk_beredning": "1 april"},
            "Slutet ligger före början.",
        ),
        ({"start_politisk_beredning": "maj–april"}, "Slutet ligger före början."),
        ({"one_0_what": "kf_budgetbeslut", "one_0_start": "maj", "one_0_end": "mars"}, "Slutet"),
        ({"own_0_what": "X", "own_0_start": "mars", "own_0_year": "-9"}, ""),
        ({"one_0_what": "no_such_phase", "one_0_start": "mars"}, ""),
        (
            {
                "own_0_what": "Två",
                "own_0_start": "maj",
                "own_0_year": "-1",
                "own_1_what": "Två",
                "own_1_start": "juni",
                "own_1_year": "-1",
            },
            "två gånger",
        ),
    ],
)
def test_bad_input_is_said_kept_and_not_stored(session, as_user, values, sentence):
    client, body = as_user(Role.REP), make_body()
    answer = save(client, body, start_internbudget="oktober", **values)
    html = html_of(answer)
    assert answer.status_code == 422
    assert sentence in html
    assert 'value="oktober"' in html
    assert number_of(session, BudgetPractice) == number_of(session, BudgetEvent) == 0


def test_a_window_may_run_over_new_year(as_user):
    body = make_body()
    answer = save(
        as_user(Role.REP), body, start_internbudget="15 november", end_internbudget="31 januari"
    )
    assert answer.status_code == 303
    known = {phase.key: phase for phase in queries.known_of(body).phases(2028)}
    assert (known["internbudget"].end - known["internbudget"].start).days == 77


OLD_SOURCE = {"source_url": "https://www.hultsfred.se/budget", "checked_on": "2026-09-01"}


@pytest.mark.parametrize(
    "told,ground",
    [
        ({}, (Certainty.CONFIRMED, "", None)),
        (
            {"same_source": "y"},
            (Certainty.PUBLISHED, OLD_SOURCE["source_url"], date(2026, 9, 1)),
        ),
        (
            {"checked_on": "2026-11-23"},
            (Certainty.PUBLISHED, OLD_SOURCE["source_url"], date(2026, 11, 23)),
        ),
        (
            {"source_url": "https://www.hultsfred.se/ny"},
            (Certainty.PUBLISHED, "https://www.hultsfred.se/ny", date(2026, 9, 1)),
        ),
    ],
)
def test_a_date_changed_by_hand_rests_on_no_source_it_is_not_from(session, as_user, told, ground):
    client, body = as_user(Role.REP), make_body()
    first = {"start_internbudget": "oktober", "start_politisk_beredning": "maj"}
    assert save(client, body, **OLD_SOURCE, **first).status_code == 303
    assert 'value="2026-09-01"' in html_of(client.get(edit_url(body)))
    version = str(queries.practice_row(body).version)
    sent = {**first, **OLD_SOURCE, "start_internbudget": "november", "version": version, **told}
    assert save(client, body, **sent).status_code == 303
    session.expire_all()
    events = {event.phase_key: event for event in queries.events_of(body)}
    changed, kept = events["internbudget"], events["politisk_beredning"]
    assert (changed.certainty, changed.source_url, changed.checked_on) == ground
    assert (kept.certainty, kept.source_url) == (Certainty.PUBLISHED, OLD_SOURCE["source_url"])


def test_what_a_newspaper_tells_is_never_called_published_by_the_body(session, as_user):
    client, body = as_user(Role.REP), make_body()
    told = {
        "certainty": "reported",
        "source_url": "https://www.svd.se/storbrak-om-ny-budgetordning",
    }
    assert "Andra säger det, till exempel en tidning" in html_of(client.get(edit_url(body)))
    assert save(client, body, start_internbudget="oktober", **told).status_code == 303
    assert queries.practice_row(body).certainty is Certainty.REPORTED
    page = html_of(client.get(f"/budget-year/{body.id}"))
    assert "certainty-reported" in page and "Enligt andra" in page
    assert "Publicerat av organisationen" not in page
    # A change by hand is no surer than what it changes, and borrows no link.
    version = str(queries.practice_row(body).version)
    sent = {"start_internbudget": "november", "version": version}
    assert save(client, body, **told, **sent).status_code == 303
    session.expire_all()
    [changed] = queries.events_of(body)
    assert (changed.certainty, changed.source_url) == (Certainty.REPORTED, "")


@pytest.mark.parametrize(
    "link,asked",
    [
        ("https://www.svd.se/storbrak-om-ny-budgetordning", True),
        ("https://www.ahultsfred.se/budget", True),
        ("https://www.hultsfred.se/budget", False),
        ("https://meetings.hultsfred.se/budget", False),
    ],
)
def test_a_link_that_leads_away_from_the_body_is_asked_about(as_user, link, asked):
    client, body = as_user(Role.REP), make_body(web_domain="hultsfred.se")
    answer = save(client, body, source_url=link)
    assert answer.status_code == 303
    assert ("välj ”Andra säger det”" in html_of(client.get(answer.location))) is asked


@pytest.mark.parametrize("text", HOSTILE)
def test_naughty_strings_are_stored_as_they_are_or_refused(session, as_user, text):
    client, body = as_user(Role.REP), make_body()
    answer = save(client, body, own_0_what=text, own_0_start="mars", own_0_year="-1", note=text)
    assert answer.status_code == 303
    assert client.get(answer.location, inspect=False).status_code == 200
    assert save(client, make_body(), start_kf_budgetbeslut=text).status_code == 422


def test_a_bare_host_gets_its_https(as_user):
    client, body = as_user(Role.REP), make_body()
    save(client, body, source_url="www.example.se/budget?a=1")
    assert queries.practice_of(body).source_url == "https://www.example.se/budget?a=1"


def test_a_stale_form_is_told_and_kept(session, as_user):
    client, body = as_user(Role.REP), make_body()
    save(client, body)
    stale = save(client, body, start_kf_budgetbeslut="17 juni")
    assert stale.status_code == 409
    assert 'value="17 juni"' in html_of(stale)
    assert number_of(session, BudgetEvent) == 0
    version = queries.practice_row(body).version
    assert (
        save(client, body, version=str(version), start_kf_budgetbeslut="17 juni").status_code == 303
    )
    again = save(client, body, version=str(version), start_kf_budgetbeslut="18 juni")
    assert again.status_code == 409  # only dates differed, and still somebody was first


@pytest.mark.parametrize(
    "address", ["", "/edit", "/pauses/new", "/preview", "/inherit", "/pauses/1/end"]
)
def test_what_is_not_there_is_404(as_user, address):
    client = as_user(Role.ACCOUNT_MANAGER)
    posts = address in {"/preview", "/inherit", "/pauses/1/end"}
    open_ = client.post if posts else client.get
    assert open_(f"/budget-year/999999{address}").status_code == 404
    assert open_(f"/budget-year/99999999999999{address}").status_code == 404


def test_a_reader_sees_and_changes_nothing(as_user):
    client, body = as_user(Role.VIEWER), make_body()
    shown = html_of(client.get(f"/budget-year/{body.id}"))
    assert "/edit" not in shown and "/pauses/new" not in shown
    assert client.get("/budget-year").status_code == 200
    for address in ("/edit", "/pauses/new"):
        assert client.get(f"/budget-year/{body.id}{address}").status_code == 403
    assert save(client, body).status_code == 403


# --- One year ----------------------------------------------------------------------------------


def test_an_unknown_year_says_so_and_shows_the_limits(as_user):
    client, body = as_user(Role.REP), make_body()
    html = html_of(client.get(f"/budget-year/{body.id}"))
    assert "Ingen har berättat för oss" in html
    assert "Budgeten fastställs (lagfrist)" in html
    assert "KL 11 kap. 10 §" in html


def test_an_election_year_is_explained(as_user):
    client, body = as_user(Role.REP), make_body()
    make_practice(body)
    html = html_of(client.get(f"/budget-year/{body.id}"))
    assert "valet hålls den 13 sep. 2026" in html
    assert "Budgeten för 2027 beslutas därför mellan 15 okt. 2026 och 31 dec. 2026" in html
    later = html_of(client.get(f"/budget-year/{body.id}?year=2030"))
    assert "8 sep. 2030" in later
    assert client.get(f"/budget-year/{body.id}?year=no").status_code == 200
    assert client.get(f"/budget-year/{body.id}?year=9999").status_code == 200


def test_a_unit_says_whom_it_follows_and_can_have_its_own(session, as_user):
    client, body = as_user(Role.REP), make_body("Provköping")
    make_practice(body)
    school = make_unit(body)
    html = html_of(client.get(f"/budget-year/{school.id}"))
    assert "Följer Provköping" in html and "Ge enheten egna datum" in html
    assert (
        save(client, school, start_internbudget="15/1", end_internbudget="31/1").status_code == 303
    )
    html = html_of(client.get(f"/budget-year/{school.id}"))
    assert "Enheten har egna datum" in html
    assert client.post(f"/budget-year/{school.id}/inherit").status_code == 303
    assert queries.known_of(school).inherited_from.id == body.id
    assert client.post(f"/budget-year/{body.id}/inherit").status_code == 422


@pytest.mark.parametrize("kind", list(OrganisationKind))
@pytest.mark.parametrize("language", ["sv", "en"])
def test_every_kind_has_a_page_and_a_form(session, as_user, kind, language):
    client = as_user(Role.REP)
    client.user.language = language
    if kind in (OrganisationKind.COMMITTEE, OrganisationKind.DEPARTMENT, OrganisationKind.UNIT):
        node = make_unit(make_body(), "Biblioteket", kind, UnitKind.LIBRARY)
    else:
        node = make_body(kind=kind)
    for address in ("", "/edit", "/pauses/new"):
        assert client.get(f"/budget-year/{node.id}{address}").status_code == 200


# --- Pauses ------------------------------------------------------------------------------------


def test_a_freeze_is_added_shown_and_ended(session, as_user):
    client, body = as_user(Role.REP), make_body()
    school = make_unit(body)
    form = {"kind": "freeze", "starts_on": "idag", "note": "Beslut i KS", "once": "a" * 20}
    answer = client.post(f"/budget-year/{body.id}/pauses/new", data=form)
    assert answer.status_code == 303
    assert answer.location == f"/budget-year/{body.id}", "the message is above, not out of sight"
    again = client.post(f"/budget-year/{body.id}/pauses/new", data=form)
    assert again.status_code == 303 and number_of(session, Pause) == 1
    assert "Beslut i KS" in html_of(client.get(f"/budget-year/{body.id}"))
    assert "Beslut i KS" in html_of(client.get(f"/budget-year/{school.id}"))
    assert "Inköpsstopp" in html_of(client.get("/budget-year?q=Provk"))
    pause = session.scalar(sa.select(Pause))
    assert client.post(f"/budget-year/{school.id}/pauses/{pause.id}/end").status_code == 404
    ended = client.post(f"/budget-year/{body.id}/pauses/{pause.id}/end")
    assert ended.status_code == 303 and ended.location == answer.location
    assert number_of(session, Pause) == 0  # it began today, so it never held


def test_a_week_as_the_last_day_of_a_pause_is_its_sunday(session, as_user):
    client, body = as_user(Role.REP), make_body()
    week = {"kind": "quiet", "starts_on": "v. 9 2027", "ends_on": "v. 9 2027", "note": "Flytt"}
    assert client.post(f"/budget-year/{body.id}/pauses/new", data=week).status_code == 303
    made = session.scalar(sa.select(Pause))
    assert (made.starts_on, made.ends_on) == (date(2027, 3, 1), date(2027, 3, 7))


def test_a_freeze_that_is_over_is_still_followed_by_its_question(session, as_user):
    """It moves nothing any more, but late January asks what came after it (R7)."""
    client, body = as_user(Role.REP), make_body()
    form = {"kind": "freeze", "starts_on": "2026-09-01", "ends_on": "2026-11-20", "once": "a" * 20}
    answer = client.post(f"/budget-year/{body.id}/pauses/new", data=form)
    assert answer.status_code == 303 and number_of(session, Pause) == 1
    told = html_of(client.get(answer.location))
    assert "Det är över, så bara frågan efteråt kommer." in told and "En tidigare paus" in told


@pytest.mark.parametrize(
    "values,sentence",
    [
        ({"kind": ""}, "Välj en."),
        ({"kind": "coffee"}, ""),
        ({"starts_on": ""}, "Ange från vilken dag."),
        ({"starts_on": "31/2"}, "Den månaden har ingen sådan dag"),
        ({"ends_on": "2026-01-01"}, "före den första"),
        ({"starts_on": "2025-09-01", "ends_on": "2025-12-31"}, "Det är redan över"),
        ({"kind": "quiet", "starts_on": "2026-09-01", "ends_on": "2026-11-22"}, "redan över"),
        ({"kind": "winter_break", "starts_on": "2026-02-16", "ends_on": "2026-02-22"}, "redan"),
        ({"ends_on": "9999-12-31"}, "Året måste vara mellan 1990 och 2100."),
        ({"kind": "quiet"}, "behöver en sista dag"),
        ({"note": "x" * 501}, "500"),
        ({"source_url": "javascript:alert(1)"}, "Länken ska börja med"),
    ],
)
def test_bad_pauses_are_said_and_not_stored(session, as_user, values, sentence):
    client, body = as_user(Role.REP), make_body()
    form = {"kind": "freeze", "starts_on": "2026-12-01", "note": "Skäl", "once": "b" * 20}
    answer = client.post(f"/budget-year/{body.id}/pauses/new", data=form | values)
    assert answer.status_code == 422
    assert sentence in html_of(answer)
    assert number_of(session, Pause) == 0


# --- The panel ---------------------------------------------------------------------------------


def test_the_panel_tells_what_the_organisation_page_needs(app, count_queries):
    body = make_body("Provköping")
    make_practice(body, deficit_until=2028)
    make_pause(body)
    make_pause(body, date(2027, 5, 1), date(2027, 5, 9), PauseKind.QUIET, "Flytt")
    school = make_unit(body)
    with app.test_request_context(), count_queries() as counted:
        shown = panel(school, TODAY)
    assert counted.number <= 6
    assert shown.window.opens == date(2027, 3, 1)
    assert shown.freeze.note == "Beslut i kommunstyrelsen"
    assert (shown.tight_until, shown.is_known, shown.has_own) == (2028, True, False)
    assert [line.is_own for line in shown.pauses] == [False, False]
    assert "Flytt" in {arc.name for arc in shown.picture.quiet}
    assert shown.source == SOURCE


# --- The list ----------------------------------------------------------------------------------


@pytest.fixture
def buyers(app):
    june, november = make_body("Junivik"), make_body("Åmålsnäs", county_code="17")
    unknown = make_body("Okändby", county_code="17")
    authority = make_body("Provmyndigheten", OrganisationKind.AUTHORITY, county_code=None)
    make_practice(june)
    make_practice(november, DecisionPractice.NOVEMBER, certainty=Certainty.CONFIRMED)
    return {"june": june, "november": november, "unknown": unknown, "authority": authority}


def names(chosen=None, **options):
    return [row.name for row in queries.years(chosen, today=TODAY, **options).rows]


def test_the_list_filters(buyers, as_user):
    wants = queries.YearFilter
    assert names() == ["Junivik", "Okändby", "Provmyndigheten", "Åmålsnäs"]
    assert names(wants(text="åmål")) == names(wants(text="ÅMÅL")) == ["Åmålsnäs"]
    assert names(wants(text="%")) == names(wants(text="_")) == []
    assert names(wants(county="17")) == ["Okändby", "Åmålsnäs"]
    assert names(wants(decision="november")) == ["Åmålsnäs"]
    assert names(wants(decision="unknown")) == ["Okändby"]
    assert names(wants(decision="state")) == ["Provmyndigheten"]
    assert names(wants(known=True)) == ["Junivik", "Åmålsnäs"]
    assert names(wants(kind="authority")) == ["Provmyndigheten"]
    client = as_user(Role.REP)
    buyers["june"].owner_id = client.user.id
    assert names(wants(owner_id=client.user.id)) == ["Junivik"]
    assert "Okändby" not in html_of(client.get("/budget-year?owner=me"))


def test_the_list_sorts(buyers):
    assert names(sort="window") == ["Junivik", "Provmyndigheten", "Åmålsnäs", "Okändby"]
    assert names(sort="window", descending=True)[-1] == "Okändby"
    assert names(sort="practice")[0] == "Junivik"
    assert names(sort="certainty")[:2] == ["Junivik", "Åmålsnäs"]
    assert names(sort="kind")[-1] == "Provmyndigheten"
    for sort in queries.SORTS:
        for descending in (True, False):
            assert len(names(sort=sort, descending=descending)) == 4


def test_the_lines_of_the_list_tell_the_day(buyers):
    rows = {row.name: row for row in queries.years(today=date(2027, 3, 15)).rows}
    assert rows["Junivik"].window.is_open
    assert rows["Junivik"].phase_now.key == "namndens_budgetunderlag"
    assert rows["Okändby"].window is None and rows["Okändby"].certainty is None
    assert rows["Provmyndigheten"].window is not None


@pytest.mark.parametrize("sort", ["name", "-window"])
def test_the_whole_register_takes_at_most_twelve_statements(session, as_user, count_queries, sort):
    load_register(NOW, TODAY)
    operations.load_confirmed_practices(now=NOW)
    client = as_user(Role.FOUNDER)
    client.get("/budget-year")
    with count_queries() as counted:
        answer = client.get(f"/budget-year?sort={sort}&page=2")
    assert answer.status_code == 200
    assert counted.number <= 12, counted.statements


@pytest.mark.parametrize(
    "query", ["page=0", "page=99999", "page=x", "sort=nonsense", "kind=x&county=zzzz", "q=%00%27"]
)
def test_odd_addresses_show_a_list(buyers, as_user, query):
    assert as_user(Role.REP).get(f"/budget-year?{query}").status_code == 200
