"""The anchoring map: who is expected, who is in, what the roles tell, and two days side by side."""

from datetime import date

import pytest

from crm.rules.anchoring import (
    HeldRole,
    Line,
    Setting,
    Stance,
    compare,
    from_roles,
    lay_out,
    setting_of,
    template,
)
from crm.rules.functions import Function
from crm.rules.kinds import OrganisationKind, UnitKind
from crm.rules.stages import CaseRole

MAY, JUNE, JULY = date(2027, 5, 3), date(2027, 6, 7), date(2027, 7, 5)
SCHOOL = template(Setting.SCHOOL)


@pytest.mark.parametrize(
    ("body", "units", "setting"),
    [
        (OrganisationKind.MUNICIPALITY, [UnitKind.OFFICE, UnitKind.SCHOOL], Setting.SCHOOL),
        (OrganisationKind.MUNICIPALITY, [UnitKind.CARE_HOME], Setting.CARE),
        (OrganisationKind.MUNICIPALITY, [None], Setting.MUNICIPALITY),
        (OrganisationKind.REGION, [UnitKind.HOSPITAL], Setting.REGION),
        (OrganisationKind.UNIVERSITY, [], Setting.STATE),
        (OrganisationKind.PRINCIPAL, [], Setting.SCHOOL),
        (OrganisationKind.COMPANY, [UnitKind.OFFICE], Setting.COMPANY),
    ],
)
def test_the_kind_of_body_and_units_says_what_it_is_about(
    body: OrganisationKind, units: list[UnitKind | None], setting: Setting
) -> None:
    assert setting_of(body, units) is setting


def test_every_setting_has_those_the_gate_asks_for_or_says_why_not() -> None:
    always = {Function.USERS, Function.UNIT_HEAD, Function.ECONOMY, Function.IT}
    always |= {Function.DATA_PROTECTION, Function.PROCUREMENT, Function.UNION}
    for setting in Setting:
        assert always <= set(template(setting)), setting
    assert Function.POLITICS not in template(Setting.STATE)
    assert Function.ACCESSIBILITY not in SCHOOL


def test_s32_a_unit_head_is_user_champion_and_small_buyer_at_once() -> None:
    held = [
        HeldRole(7, "Anna Björk", "Rektor", role, day)
        for role, day in (
            (CaseRole.USER, JUNE),
            (CaseRole.CHAMPION, MAY),
            (CaseRole.BUDGET_OWNER, JUNE),
        )
    ]
    lines = from_roles(held)
    assert [(line.function, line.since) for line in lines] == [
        (Function.USERS, JUNE),
        (Function.UNIT_HEAD, MAY),  # as a champion, since May
    ]
    assert {line.stance for line in lines} == {Stance.FOR}


def test_gaps_are_counted_apart_unknown_and_not_yet_involved() -> None:
    laid = lay_out(
        SCHOOL,
        [
            Line(Function.IT, 3, "Bo Ek", Stance.DOUBTFUL, JULY, "Hur loggar man in?", 1),
            Line(Function.ECONOMY, 4, "Eva Alm", entry_id=2),
            Line(Function.ARCHIVE, None, "kommunarkivarien", since=MAY, entry_id=3),
        ],
        [HeldRole(7, "Anna Björk", "Lärare", CaseRole.USER, MAY)],
        JUNE,
    )
    assert laid.involved == {Function.USERS, Function.ARCHIVE}  # IT comes in July
    assert laid.waiting == (Function.ECONOMY, Function.IT)
    assert Function.ARCHIVE in laid.unknown
    assert len(laid.unknown) == len(SCHOOL) - 3
    assert [line.who for line in laid.questions] == ["Bo Ek"]
    assert laid.count_in == 2


def test_what_is_written_down_takes_the_place_of_what_the_role_says() -> None:
    held = [HeldRole(3, "Bo Ek", "IT-chef", CaseRole.IT, MAY)]
    written = Line(Function.IT, 3, "Bo Ek", Stance.AGAINST, JUNE, entry_id=1)
    laid = lay_out(SCHOOL, [written], held, JULY)
    row = next(row for row in laid.rows if row.function is Function.IT)
    assert row.lines == (written,)


def test_a_function_beside_the_template_is_shown_and_not_counted() -> None:
    laid = lay_out(
        SCHOOL, [Line(Function.ACCESSIBILITY, 9, "Siv", since=MAY, entry_id=1)], [], JUNE
    )
    assert Function.ACCESSIBILITY in {row.function for row in laid.rows}
    assert laid.count_in == 0
    assert len(laid.expected) == len(SCHOOL)


def test_two_days_side_by_side_say_what_changed() -> None:
    same = Line(Function.USERS, 7, "Anna", Stance.FOR, MAY, entry_id=1)
    before = lay_out(
        SCHOOL, [same, Line(Function.IT, 3, "Bo", entry_id=2), Line(Function.IT, None, "")], [], MAY
    )
    after = lay_out(
        SCHOOL,
        [
            same,
            Line(Function.IT, 3, "Bo", Stance.FOR, JUNE, entry_id=4),
            Line(Function.UNION, 5, "Per"),
        ],
        [],
        JULY,
    )
    found = {(one.function, one.after and one.after.who): one for one in compare(before, after)}
    assert not found[Function.USERS, "Anna"].changed
    assert found[Function.IT, "Bo"].changed
    assert found[Function.IT, "Bo"].before == Line(Function.IT, 3, "Bo", entry_id=2)
    assert found[Function.UNION, "Per"].before is None
    assert found[Function.IT, None].after is None  # the open place is gone
    assert len(found) == 4
