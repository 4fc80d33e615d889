"""Kits as they are stored: frozen, on the record, and asked from."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from crm.activities.models import Activity
from crm.anchoring import operations as anchoring
from crm.anchoring.models import ReferenceAsk
from crm.cases import queries as cases
from crm.core import clock
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.integrity.models import SharedMaterial
from crm.interest.models import Inquiry, Sorting
from crm.kits import operations, queries
from crm.kits.frozen import thaw
from crm.kits.models import Kit
from crm.people import operations as people
from crm.people import queries as people_queries
from crm.people.models import Person
from crm.pricing import queries as prices
from crm.pricing.models import PriceSheet
from crm.requirements import operations as requirements
from crm.rules.pricing import Rung
from crm.rules.stages import ProcurementStage
from tests.factories import pricing as make_prices
from tests.factories.kits import make_kit
from tests.factories.people import make_person
from tests.kits.conftest import Setting


def share(there: Setting, **facts: object) -> Kit:
    db.session.flush()
    db.session.expire_all()  # each in a request of its own
    given = {"today": clock.today(), "now": clock.now()} | facts
    return make_kit(there.case, there.anna, there.seller, **given)  # type: ignore[arg-type]  # by name


def test_what_was_shared_with_whom_is_on_the_record_s23(there: Setting) -> None:
    kit = share(there, exact=False, rungs=(Rung.ONE_UNIT,), answer_ids=(there.secure.id,))
    assert (kit.number, kit.person_id, kit.rungs) == (1, there.anna.id, ["one_unit"])
    sheet = db.session.scalars(sa.select(PriceSheet)).one()
    assert (kit.sheet_id, sheet.number, sheet.is_exact) == (sheet.id, 1, False)
    lines = db.session.scalars(sa.select(Activity).where(Activity.case_id == there.case.id))
    line = next(one for one in lines if one.data.get("event") == "kit_shared")
    assert (line.person_id, line.data["number"], line.data["sheet"]) == (there.anna.id, 1, 1)
    logged = db.session.scalars(sa.select(SharedMaterial)).one()
    assert (logged.case_id, logged.body_id) == (there.case.id, there.body.id)
    assert logged.shared_on == clock.today()
    assert "Kryptering" in logged.what and "prisblad 1" in logged.what
    assert "Anna Björk" in logged.occasion and logged.kept_at.endswith(f"#kit-{kit.id}")


def test_a_kit_stays_as_it_was_whatever_changes_after(there: Setting) -> None:
    kit = share(
        there, answer_ids=(there.secure.id,), reference_ids=(there.reference.id,), exact=True,
        rungs=(Rung.ONE_UNIT, Rung.WHOLE_BODY),
    )  # fmt: skip
    before = thaw(kit.data)
    requirements.write_answer(
        there.secure,
        title="Kryptering 2",
        text="Nej.",
        area=there.secure.area,
        state=there.secure.state,
        planned_on=None,
        evidence="",
        owner=None,
        today=clock.today(),
    )
    there.reference.uses, there.anna.last_name = "Något annat", "Ny"
    db.session.flush()
    db.session.expire_all()
    after = thaw(queries.kit(kit.id).data)
    assert after == before
    assert [one.title for one in after.answers] == ["Kryptering"]
    assert [(one.name, one.uses) for one in after.references] == [
        ("Örjan Åström", "Hela skolan, varje vecka")
    ]


def test_only_what_is_checked_and_agreed_goes_in(there: Setting) -> None:
    for wrong, words in (
        ({"answer_ids": (there.old.id,)}, "Tillgänglighet"),
        ({"answer_ids": (2_000_000,)}, "biblioteket"),
        ({"reference_ids": (2_000_000,)}, "referens"),
        ({"summary": ""}, "minst en del"),
        ({"exact": True}, "steg"),
        ({"valid_until": clock.today() + timedelta(days=800)}, "år"),
    ):
        with pytest.raises(RuleBroken, match=words):
            share(there, **wrong)
    with pytest.raises(RuleBroken):
        make_kit(there.case, make_person("Utom", "Stående"), there.seller, today=clock.today())
    assert db.session.scalar(sa.select(sa.func.count(Kit.id))) == 0


def test_whoever_has_objected_gets_no_kit_and_whoever_has_left_is_no_reference(
    there: Setting,
) -> None:
    (post,) = people_queries.current_posts(people_queries.get(there.reference.person_id))
    people.end_post(
        people_queries.get_post(post.id),
        on=clock.today(),
        by=None,
        today=clock.today(),
        now=clock.now(),
    )
    assert queries.references(cases.get(there.case.id), clock.today()) == []
    assert queries.withdrawn([there.reference.id]) == {there.reference.id}
    there.anna.objected_on = clock.today()
    db.session.flush()
    assert there.anna.id not in {one.id for one in queries.champions(cases.get(there.case.id))}
    with pytest.raises(RuleBroken):
        share(there, summary="Läsverktyget")


def test_a_reference_counts_as_asked_once_a_case_and_year(there: Setting) -> None:
    there.reference.a_year = 1
    share(there, reference_ids=(there.reference.id,))
    share(there, reference_ids=(there.reference.id,))  # the next version asks nobody anew
    assert db.session.scalar(sa.select(sa.func.count(ReferenceAsk.id))) == 1
    assert queries.references(cases.get(there.case.id), clock.today()) != []
    anchoring.withdraw(there.reference, clock.today())
    db.session.flush()
    assert queries.references(cases.get(there.case.id), clock.today()) == []
    with pytest.raises(RuleBroken, match="samtycke"):
        share(there, reference_ids=(there.reference.id,))
    assert queries.withdrawn([there.reference.id]) == {there.reference.id}


def test_a_sheet_there_is_can_be_used_while_it_holds(there: Setting) -> None:
    today = clock.today()
    sheet = make_prices.share(
        there.case, there.seller, valid_until=today + timedelta(days=20), today=today,
        now=clock.now(),
    )  # fmt: skip
    steps = {"sheet_id": sheet.id, "rungs": (Rung.ONE_USER, Rung.ONE_UNIT)}
    with pytest.raises(RuleBroken, match="gäller"):
        share(there, **steps)
    kit = share(there, valid_until=today + timedelta(days=20), **steps)
    assert (kit.sheet_id, kit.rungs) == (sheet.id, ["one_user", "one_unit"])
    assert db.session.scalar(sa.select(sa.func.count(PriceSheet.id))) == 1
    sheet.revoked_at = clock.now()
    with pytest.raises(RuleBroken, match="stängt"):
        share(there, valid_until=today, **steps)


def test_two_made_at_the_same_moment_are_one_and_a_sentence(
    there: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    share(there, exact=True, rungs=(Rung.ONE_UNIT,))
    with monkeypatch.context() as at_once:
        at_once.setattr(queries, "next_number", lambda _case_id: 1)
        with pytest.raises(RuleBroken, match="kollega"):
            share(there)
    with monkeypatch.context() as at_once:
        at_once.setattr(prices, "next_sheet", lambda _case_id: 1)
        with pytest.raises(RuleBroken, match="kollega"):
            share(there, exact=True, rungs=(Rung.ONE_UNIT,))
    assert share(there).number == 2


def test_a_new_version_may_close_the_earlier(there: Setting) -> None:
    first = share(there)
    second = share(there, closes=(first.id,))
    assert second.number == 2
    assert not first.is_open_on(clock.today()) and second.is_open_on(clock.today())
    closed_at = first.revoked_at
    operations.revoke(first, now=clock.now() + timedelta(hours=1))
    assert first.revoked_at == closed_at


def test_a_question_is_inbound_with_the_champion_as_source(there: Setting) -> None:
    kit = share(there)
    made = operations.ask(
        kit,
        question="Kan vi logga in med e-legitimation?",
        name="Åke Öst",
        email="Ake.Ost@hultsfred.se",
        now=clock.now(),
    )
    inquiry = db.session.get_one(Inquiry, made.id)
    assert inquiry.summary == "Kan vi logga in med e-legitimation?"
    assert (inquiry.caller, inquiry.email) == ("Åke Öst", "ake.ost@hultsfred.se")
    assert (inquiry.told_by_id, inquiry.owner_id) == (there.anna.id, there.seller.id)
    assert (inquiry.body_id, inquiry.sorting) == (there.body.id, Sorting.TO_SORT)
    assert inquiry.answered_at is None and inquiry.created_by_id is None
    assert cases.of_inquiry(inquiry.id) == []  # the case did not begin with it
    assert [one.id for one in queries.questions_to(kit.id)] == [inquiry.id]
    asked_from = queries.kit_of_inquiry(inquiry.id)
    assert asked_from is not None and asked_from.id == kit.id
    assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 2  # nobody is made up
    again = {"name": "Åke", "email": "ake.ost@hultsfred.se ", "now": clock.now()}
    same = operations.ask(kit, question=f" {inquiry.summary}\n", **again)  # back, and sent again
    other = operations.ask(kit, question="Och vad kostar det?", **again)
    assert same.id == inquiry.id and other.id != inquiry.id
    there.case.procurement = ProcurementStage.PUBLISHED
    db.session.flush()
    for refused in (
        lambda: operations.ask(kit, question="Vilket pris lämnar ni i anbudet?", **again),
        lambda: share(there),
    ):
        with pytest.raises(RuleBroken, match="frågekanal"):
            refused()
