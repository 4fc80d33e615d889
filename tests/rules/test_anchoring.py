"""The anchoring map: who is expected, who is in, what the roles tell, and two days side by side."""

from datetime import date

import pytest

from crm.rules.anchoring import (
    HeldRole,
    Line,
    Setting,
    Stance,
    TitleHeld,
    compare,
    from_roles,
    held_on,
    lay_out,
    setting_of,
    template,
    title_on,
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


def test_a_nämnd_has_a_say_where_there_is_one() -> None:
    without = {one for one in Setting if Function.POLITICS not in template(one)}
    assert without == {Setting.STATE, Setting.COMPANY}


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
    state = template(Setting.STATE)
    laid = lay_out(state, [Line(Function.POLITICS, 9, "Siv", since=MAY, entry_id=1)], [], JUNE)
    assert Function.POLITICS in {row.function for row in laid.rows}
    assert laid.count_in == 0
    assert len(laid.expected) == len(state)


def test_a_written_line_without_a_day_has_that_of_the_role() -> None:
    held = [HeldRole(3, "Bo Ek", "IT-chef", CaseRole.IT, MAY)]
    laid = lay_out(SCHOOL, [Line(Function.IT, 3, "Bo Ek", Stance.AGAINST, entry_id=1)], held, JULY)
    assert laid.involved == {Function.IT}


def test_a_function_at_work_on_a_step_is_in_though_nobody_there_is_known() -> None:
    working = {Function.ARCHIVE: JUNE}
    assert lay_out(SCHOOL, [], [], MAY, working=working).involved == set()
    laid = lay_out(SCHOOL, [], [], JUNE, working=working)
    assert laid.involved == {Function.ARCHIVE}
    assert Function.ARCHIVE in laid.unknown
    signed = lay_out(SCHOOL, [], [], JUNE, agreed={Function.DATA_PROTECTION})
    assert signed.involved == {Function.DATA_PROTECTION}


HEAD = TitleHeld("Rektor", None, JUNE)
CHIEF = TitleHeld("IT-chef", JUNE, None)


@pytest.mark.parametrize(
    ("posts", "day", "title"),
    [
        ([HEAD, CHIEF], MAY, "Rektor"),
        ([HEAD, CHIEF], JUNE, "IT-chef"),  # the day of the move: the new one
        ([CHIEF, HEAD], JULY, "IT-chef"),
        ([CHIEF], MAY, "IT-chef"),  # nobody has written what came before
        ([HEAD], JULY, "Rektor"),  # nor what came after
        ([TitleHeld("", None, None), CHIEF], MAY, "IT-chef"),
        ([TitleHeld("Konsult", JULY, None, here=False), CHIEF], JULY, "IT-chef"),
        ([TitleHeld("Controller", None, None), TitleHeld("Ekonom", None, None)], MAY, "Ekonom"),
        ([], MAY, None),
    ],
)
def test_the_title_is_that_of_the_day(posts: list[TitleHeld], day: date, title: str | None) -> None:
    found = title_on(posts, day)
    assert (found and found.title) == title


def test_what_is_said_by_hand_of_a_post_is_believed_before_its_title() -> None:
    posts = [TitleHeld("Ekonomilärare", MAY, None, by_hand=Function.DIGITALISATION)]
    held = [
        held_on(JUNE, 7, "Anna", role, MAY, posts) for role in (CaseRole.CHAMPION, CaseRole.USER)
    ]
    assert [one.function for one in held] == [Function.DIGITALISATION, Function.USERS]
    untitled = held_on(
        JUNE, 7, "Anna", CaseRole.COACH, MAY, [TitleHeld("", MAY, None, True, Function.IT)]
    )
    assert untitled.function is Function.IT


def test_a_new_title_brings_another_function_in_from_its_day_and_changes_no_earlier_map() -> None:
    def held(day: date) -> HeldRole:
        return held_on(day, 7, "Anna", CaseRole.CHAMPION, MAY, [HEAD, CHIEF])

    assert held(MAY) == HeldRole(7, "Anna", "Rektor", CaseRole.CHAMPION, MAY)
    assert held(JULY) == HeldRole(7, "Anna", "IT-chef", CaseRole.CHAMPION, JUNE)
    promoted = [HEAD, TitleHeld("Enhetschef", JUNE, None)]  # the same function
    assert held_on(JULY, 7, "Anna", CaseRole.BUDGET_OWNER, MAY, promoted).since == MAY


def test_two_days_side_by_side_say_what_changed() -> None:
    same = Line(Function.USERS, 7, "Anna", Stance.FOR, MAY, entry_id=1)
    before = lay_out(
        SCHOOL,
        [
            same,
            Line(Function.IT, 3, "Bo", entry_id=2),
            Line(Function.IT, None, "nätverkschefen"),
            Line(Function.ARCHIVE, None, "registratorn"),
            Line(Function.ARCHIVE, None, "arkivarien"),
        ],
        [],
        MAY,
    )
    after = lay_out(
        SCHOOL,
        [
            same,
            Line(Function.IT, 3, "Bo", Stance.FOR, JUNE, entry_id=4),
            Line(Function.UNION, 5, "Per"),
            Line(Function.ARCHIVE, None, "arkivarien"),
        ],
        [],
        JULY,
    )
    compared = compare(before, after)
    found = {(one.function, one.after and one.after.who): one for one in compared}
    assert {one.before.who for one in compared if one.before and not one.after} == {
        "nätverkschefen",
        "registratorn",
    }  # and the place that is still open is the same
    assert not found[Function.ARCHIVE, "arkivarien"].changed
    assert not found[Function.USERS, "Anna"].changed
    assert found[Function.IT, "Bo"].changed
    assert found[Function.IT, "Bo"].before == Line(Function.IT, 3, "Bo", entry_id=2)
    assert found[Function.UNION, "Per"].before is None
    assert len(compared) == 6
