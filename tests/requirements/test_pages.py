"""Pages of requirements: a need from an entry, suggestions, the wording pointed out, files."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document
from sqlalchemy.orm import Session

from crm.activities.models import ActivityKind
from crm.cases.models import Case
from crm.core import clock
from crm.organisations.models import Organisation
from crm.requirements.models import Comparison, ComparisonLine, Need, Requirement
from crm.rules.access import Role
from crm.rules.requirements import Area, NeedSource, RequirementKind
from tests.factories.activities import make_activity
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.requirements import (
    make_answer,
    make_comparison,
    make_need,
    make_requirement,
)
from tests.factories.tenders import make_tender
from tests.support.sessions import user_with

pytestmark = pytest.mark.one_database
AsUser = Callable[..., Any]
SAID = "Hej å hå! Vi måste kunna logga in med vårt vanliga konto. Annars bra. 👩‍🔬"


@pytest.fixture
def school(app: Any) -> Organisation:
    return make_unit(make_municipality("Hultsfred"), "Venhagskolan")


@pytest.fixture
def case(school: Organisation) -> Case:
    return make_case(school, "Klarspår i Hultsfred")


def text(client: Any, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
    return str(answer.get_data(as_text=True))


def test_marked_words_of_a_call_become_a_need(
    as_user: AsUser, school: Organisation, session: Session
) -> None:
    """F1: person, unit, day and source come from the entry; only places stand in the address."""
    anna = make_person("Anna", "Sjögren", school)
    entry = make_activity(school, ActivityKind.CALL, text=SAID, person_id=anna.id)
    client = as_user(Role.REP)
    first = SAID.index("Vi måste")
    last = SAID.index(" Annars")
    page = text(client, f"/requirements/from/{entry.id}?from={first}&to={last}")
    words = "Vi måste kunna logga in med vårt vanliga konto."
    assert f">{words}</textarea>" in page.replace("\r", "").replace(">\n", ">")
    sent = {
        "once": re.findall(r'name="once"[^>]*value="([^"]+)"', page)[0],
        "activity": str(entry.id),
        "words": words,
        "area": "integration",
        "organisation": str(school.id),
        "person_id": str(anna.id),
        "said_on": clock.local(entry.at).date().isoformat(),
        "kind": "need",
        "rests_on": "expected",
        "group": "new",
        "back": f"/accounts/{school.id}/timeline",
    }
    for _twice in range(2):
        answer = client.post("/requirements/needs/new", data=sent)
        assert answer.location == f"/accounts/{school.id}/timeline"
    [need] = session.scalars(sa.select(Need)).all()
    assert (need.words, need.person_id, need.organisation_id, need.source, need.activity_id) == (
        words,
        anna.id,
        school.id,
        NeedSource.CALL,
        entry.id,
    )
    [requirement] = session.scalars(sa.select(Requirement)).all()
    assert need.requirement_id == requirement.id and requirement.area is Area.INTEGRATION


def test_places_that_fit_nothing_give_the_whole_text(as_user: AsUser, school: Organisation) -> None:
    entry = make_activity(school, ActivityKind.NOTE, text="Hela texten")
    client = as_user(Role.REP)
    for places in ("from=5&to=2", "from=0&to=999", "from=x&to=y", "from=2"):
        page = text(client, f"/requirements/from/{entry.id}?{places}")
        assert "Hela texten</textarea>" in page


def test_every_written_entry_leads_to_the_form(as_user: AsUser, school: Organisation) -> None:
    entry = make_activity(school, ActivityKind.NOTE, text="Vi behöver listor")
    address = f"/requirements/from/{entry.id}"
    assert address in text(as_user(Role.REP), f"/accounts/{school.id}/timeline")
    assert address not in text(as_user(Role.VIEWER), f"/accounts/{school.id}/timeline")


def test_what_is_like_is_offered_and_joined(
    as_user: AsUser, school: Organisation, session: Session
) -> None:
    by = user_with(Role.REP)
    loose = make_need(school, by, "Vi vill logga in med vanliga kontot")
    client = as_user(Role.REP)
    entry = make_activity(school, ActivityKind.NOTE, text="Kan vi logga in med vanliga kontot?")
    page = text(client, f"/requirements/from/{entry.id}")
    assert f'value="n{loose.id}"' in page
    sent = {
        "once": re.findall(r'name="once"[^>]*value="([^"]+)"', page)[0],
        "activity": str(entry.id),
        "words": entry.text,
        "area": "integration",
        "organisation": str(school.id),
        "said_on": "idag",
        "kind": "need",
        "rests_on": "use",
        "group": f"n{loose.id}",
    }
    assert client.post("/requirements/needs/new", data=sent).status_code == 303
    [requirement] = session.scalars(sa.select(Requirement)).all()
    needs = session.scalars(sa.select(Need.requirement_id)).all()
    assert needs == [requirement.id, requirement.id]
    assert requirement.text == "Vi vill logga in med vanliga kontot"


def test_a_need_is_put_with_another_requirement_and_out_of_it(
    as_user: AsUser, school: Organisation, session: Session
) -> None:
    by = user_with(Role.REP)
    requirement = make_requirement(by)
    need = make_need(school, by)
    client = as_user(Role.REP)
    for choice, expected in ((f"r{requirement.id}", requirement.id), ("-", None)):
        version = session.scalar(sa.select(Need.version).where(Need.id == need.id))
        sent = {"group": choice, "version": str(version)}
        assert client.post(f"/requirements/needs/{need.id}/group", data=sent).status_code == 303
        session.expire_all()
        assert session.get_one(Need, need.id).requirement_id == expected


def test_brands_are_pointed_out_in_place_and_never_stop_a_save(
    as_user: AsUser, session: Session, school: Organisation
) -> None:
    by = user_with(Role.REP)
    requirement = make_requirement(by, "Tjänsten ska fungera på iPad")
    page = text(as_user(Role.REP), f"/requirements/{requirement.id}")
    assert re.search(r"<mark[^>]*>iPad</mark>", page)
    assert "LOU 9 kap. 6 §" in page and "surfplatta" in page


def test_the_neutral_list_is_a_page_a_word_file_and_a_csv(
    as_user: AsUser, case: Case, school: Organisation
) -> None:
    """F6, S14: without our name, each with its basis, and the line on sharing."""
    by = user_with(Role.REP)
    from crm.cases.operations import add_product

    add_product("Klarspår")
    long_text = "Klarspår ska läsa upp texten för åtta ärliga östgötar. " * 40
    used = make_requirement(
        by,
        long_text.strip(),
        kind=RequirementKind.MUST,
        needs=(make_need(school, by, from_use=True),),
    )
    make_requirement(by, "=1+1 på iPad", needs=(make_need(school, by),))
    client = as_user(Role.REP)
    address = f"/requirements/cases/{case.id}/neutral"
    page = text(client, address)
    article = page[page.index("<article") : page.index("</article>")]
    assert "Klarspår" not in article and "Bygger på användning" in article
    assert "får delas med alla leverantörer" in article and "Förväntat behov" in article
    assert "1 av 2 krav bygger på användning" in article
    assert "surfplatta" in page
    assert "Kravunderlag, Hultsfred" in page

    word = client.get(f"{address}?as=docx")
    assert word.mimetype.endswith("wordprocessingml.document")
    document = Document(io.BytesIO(word.data))
    whole = "\n".join(
        [one.text for one in document.paragraphs]
        + [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    )
    assert "Tjänsten ska läsa upp texten för åtta ärliga östgötar" in whole
    assert "Klarspår" not in whole and "får delas med alla leverantörer" in whole
    assert document.core_properties.language == "sv-SE"
    parts = zipfile.ZipFile(io.BytesIO(word.data))
    assert b"tblHeader" in parts.read("word/document.xml")

    web = client.get(f"{address}?as=html")
    assert web.headers["Content-Disposition"].endswith(".html")
    told = web.get_data(as_text=True)
    assert "Klarspår" not in told and "östgötar" in told and '<html lang="sv">' in told
    assert "=1+1 på iPad" in told and "får delas med alla leverantörer" in told

    csv = client.get(f"{address}?as=csv&id={used.id}").get_data(as_text=True)
    assert "östgötar" in csv and "iPad" not in csv
    csv = client.get(f"{address}?as=csv").get_data(as_text=True)
    assert "'=1+1" in csv


def test_the_lists_are_files_for_those_who_may_export(
    as_user: AsUser, school: Organisation
) -> None:
    by = user_with(Role.REP)
    make_requirement(by, "=HYPERLINK(1)", needs=(make_need(school, by, "+46 är numret"),))
    client = as_user(Role.ACCOUNT_MANAGER)
    assert "'=HYPERLINK(1)" in text(client, "/requirements/all.csv?kind=should")
    assert "HYPERLINK" not in text(client, "/requirements/all.csv?kind=must")
    assert "'+46 är numret" in text(client, "/requirements/needs.csv")
    assert as_user(Role.REP).get("/requirements/all.csv").status_code == 403


def xlsx(rows: list[list[str]]) -> bytes:
    """A small workbook as Excel writes it, with shared strings."""
    words = [cell for row in rows for cell in row]
    shared = "".join(f"<si><t>{one}</t></si>" for one in words)
    numbers = iter(range(len(words)))
    lines = "".join(
        f'<row r="{at}">'
        + "".join(
            f'<c r="{"ABC"[place]}{at}" t="s"><v>{next(numbers)}</v></c>'
            for place, _ in enumerate(row)
        )
        + "</row>"
        for at, row in enumerate(rows, start=1)
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as parts:
        parts.writestr("xl/sharedStrings.xml", f"<sst {main}>{shared}</sst>")
        parts.writestr(
            "xl/worksheets/sheet1.xml",
            f"<worksheet {main}><sheetData>{lines}</sheetData></worksheet>",
        )
    return out.getvalue()


ROWS = [
    ["Nr", "Krav"],
    ["1", "Inloggning ska ske med kommunens vanliga konto"],
    ["2", "Moln ska användas"],
]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("krav.xlsx", xlsx(ROWS)),
        ("krav.csv", "\n".join(";".join(row) for row in ROWS).encode("cp1252")),
        ("krav.csv", "\ufeff" + "\r\n".join(",".join(row) for row in ROWS)),
    ],
)
def test_a_published_list_comes_as_a_file(
    as_user: AsUser, case: Case, school: Organisation, session: Session, name: str, content: Any
) -> None:
    by = user_with(Role.REP)
    make_requirement(by, needs=(make_need(school, by),))
    client = as_user(Role.REP)
    page = text(client, f"/requirements/cases/{case.id}/compare")
    raw = content.encode() if isinstance(content, str) else content
    sent = {
        "once": re.findall(r'name="once"[^>]*value="([^"]+)"', page)[0],
        "title": "Deras lista",
        "file": (io.BytesIO(raw), name),
    }
    answer = client.post(
        f"/requirements/cases/{case.id}/compare", data=sent, content_type="multipart/form-data"
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)
    first, second = session.scalars(
        sa.select(ComparisonLine).order_by(ComparisonLine.position)
    ).all()
    assert (first.reference, first.verdict.value) == ("1", "matched")
    assert (second.text, second.verdict.value) == ("Moln ska användas", "new")


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 broken", b"\x00\x01\x02", b"", xlsx([])[:60]],
    ids=[
        "broken",
        "no text",
        "empty",
        "cut off",
    ],  # or each worker would name the archive by its clock
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(
    as_user: AsUser, case: Case, session: Session, content: bytes
) -> None:
    client = as_user(Role.REP)
    page = text(client, f"/requirements/cases/{case.id}/compare")
    sent = {
        "once": re.findall(r'name="once"[^>]*value="([^"]+)"', page)[0],
        "title": "Deras lista",
        "file": (io.BytesIO(content), "krav.xlsx"),
    }
    answer = client.post(
        f"/requirements/cases/{case.id}/compare", data=sent, content_type="multipart/form-data"
    )
    assert answer.status_code == 422 and 'role="alert"' in answer.get_data(as_text=True)
    assert session.scalar(sa.select(sa.func.count()).select_from(Comparison)) == 0


def test_the_comparison_feeds_the_tender_and_its_questions(
    as_user: AsUser, case: Case, school: Organisation, session: Session
) -> None:
    """F7: what contradicts and what we ask stands where we weigh the tender."""
    by = user_with(Role.REP)
    procurement = make_procurement(school, case=case, today=clock.today(), now=clock.now())
    tender = make_tender(procurement, by=by, now=clock.now())
    client = as_user(Role.REP)
    assert "Deras lista bredvid" not in text(client, f"/tenders/{tender.id}/go")
    made = make_comparison(case, by, procurement=procurement)
    line = session.scalars(sa.select(ComparisonLine).order_by(ComparisonLine.position)).first()
    assert line is not None
    sent = {
        "version": str(line.version),
        "verdict": "new",
        "requirement_id": "",
        "question": "Godtas en annan inloggning?",
    }
    address = f"/requirements/comparisons/{made.id}"
    assert client.post(f"{address}/lines/{line.id}", data=sent).status_code == 303
    for place in (f"/tenders/{tender.id}/go", f"/tenders/{tender.id}", address):
        assert "Godtas en annan inloggning?" in text(client, place)
    assert "Godtas en annan inloggning?" in text(client, f"{address}/lines.csv")
    waiting = session.scalars(
        sa.select(ComparisonLine.id).where(ComparisonLine.confirmed_at.is_(None))
    ).all()
    assert (
        client.post(f"{address}/confirm", data={"lines": " ".join(map(str, waiting))}).status_code
        == 303
    )
    assert "som visas" not in text(client, address)


def test_an_answer_from_a_requirement_belongs_to_it_at_once(
    as_user: AsUser, session: Session
) -> None:
    requirement = make_requirement(user_with(Role.REP))
    client = as_user(Role.REP)
    page = text(client, f"/requirements/answers/new?requirement={requirement.id}")
    sent = {
        "once": re.findall(r'name="once"[^>]*value="([^"]+)"', page)[0],
        "requirement": str(requirement.id),
        "title": "Inloggning",
        "text": "Ja.",
        "area": "integration",
        "state": "planned",
        "planned_on": "",
    }
    refused = client.post("/requirements/answers/new", data=sent)
    assert refused.status_code == 422 and "Säg till när det är planerat" in refused.get_data(True)
    answer = client.post("/requirements/answers/new", data=sent | {"state": "met"})
    assert answer.location == f"/requirements/{requirement.id}"
    session.expire_all()
    assert session.get_one(Requirement, requirement.id).answer_id is not None


def undone(client: Any, session: Session, page: str) -> str:
    """Press the button that undoes, and follow it."""
    address = re.findall(r'action="(/requirements/[^"]*put-back)"', page)[0]
    answer = client.post(address)
    assert answer.status_code == 303
    session.expire_all()
    return str(answer.location)


def test_a_requirement_is_joined_with_one_that_is_like_it_and_back(
    as_user: AsUser, school: Organisation, session: Session
) -> None:
    by = user_with(Role.REP)
    first = make_requirement(by, "Inloggning med vanliga kontot", needs=(make_need(school, by),))
    other = make_requirement(by, "Logga in utan vanliga kontot")
    far = make_requirement(by, "Klasslistor hämtas")
    own = first.id
    client = as_user(Role.REP)
    address = f"/requirements/{own}/join"
    assert address in text(client, f"/requirements/{own}")
    page = text(client, address)
    assert f'value="{other.id}"' in page and f'value="{far.id}"' not in page
    assert "det ena är nekande" in page.lower()
    assert f'value="{far.id}"' in text(client, f"{address}?q=klasslistor")
    sent = {"version": str(first.version), "into": str(other.id)}
    assert client.post(address, data=sent | {"version": "0"}).status_code == 409
    assert client.post(address, data=sent | {"into": "x"}).status_code == 422
    there = client.post(address, data=sent)
    assert there.location == f"/requirements/{other.id}"
    assert client.get(f"/requirements/{own}").status_code == 404
    back = undone(client, session, text(client, there.location))
    assert "Inloggning med vanliga kontot" in text(client, back)
    assert session.scalars(sa.select(Need)).one().requirement_id == own


@pytest.mark.parametrize("what", ["requirement", "answer", "need"])
def test_what_is_taken_away_is_put_back_by_the_one_who_did_it(
    as_user: AsUser, school: Organisation, session: Session, what: str
) -> None:
    by = user_with(Role.REP)
    made: dict[str, tuple[str, Any]] = {
        "requirement": ("/requirements", make_requirement(by)),
        "answer": ("/requirements/answers", make_answer(by)),
        "need": ("/requirements/needs", make_need(school, by)),
    }
    start, thing = made[what]
    address = f"{start}/{thing.id}"
    client = as_user(Role.REP)
    assert f"{address}/remove" in text(client, address)
    assert f"{address}/remove" not in text(as_user(Role.VIEWER), address)
    client = as_user(Role.REP)
    there = client.post(f"{address}/remove").location
    assert client.get(address).status_code == 404
    assert undone(client, session, text(client, there)) == address
    text(client, address)


def test_typed_words_lead_to_what_is_like_them(
    as_user: AsUser, school: Organisation, session: Session
) -> None:
    """F1: also where nothing was there to compare before they were typed."""
    by = user_with(Role.REP)
    requirement = make_requirement(by, needs=(make_need(school, by),))
    client = as_user(Role.REP)
    page = text(client, "/requirements/needs/new")
    assert 'value="expected" selected' in page or 'selected value="expected"' in page
    sent = {
        "once": re.findall(r'name="once"[^>]*value="([^"]+)"', page)[0],
        "words": "Logga in med kommunens vanliga konto",
        "area": "integration",
        "organisation": str(school.id),
        "said_on": "idag",
        "kind": "need",
        "rests_on": "expected",
        "group": "-",
    }
    there = client.post("/requirements/needs/new", data=sent).location
    assert re.fullmatch(r"/requirements/needs/\d+", there)
    page = text(client, there)
    assert f'value="r{requirement.id}"' in page and "krav med 1 behov" in page
