"""Kits and pilots are found by what they are about, where they are."""

from crm.core import clock
from crm.core.db import db
from crm.organisations import operations as organisations
from crm.search import queries as search
from tests.factories.cases import make_case
from tests.factories.kits import make_kit
from tests.factories.trials import make_pilot
from tests.kits.conftest import Setting


def test_kits_and_pilots_are_found_and_follow_their_unit(there: Setting) -> None:
    kit = make_kit(there.case, there.anna, there.seller, today=clock.today(), now=clock.now())
    pilot = make_pilot(make_case(there.school), there.school, evaluates="Läser eleverna mer?")
    db.session.flush()

    def found(text: str) -> set[tuple[str, int]]:
        return {(hit.kind, hit.ref_id) for hit in search.find(text)}

    mine, its = ("kit", kit.id), ("pilot", pilot.id)
    assert mine in found("läsverktyget hultsfred") and mine in found("ambassadörsunderlag ven")
    assert its in found("läser eleverna") and its in found("pilot venhagskolan")
    assert mine not in found("underlag vimmerby") and its not in found("pilot vimmerby")
    organisations.rename(there.school, "Nyhagskolan", by=None, now=clock.now())
    assert {mine, its} <= found("nyhagskolan")
    assert ("kit", kit.id) not in found("Anna Björk")
