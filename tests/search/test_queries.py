"""Finding by fragments, the order of answers, and what a hostile question does: nothing."""

import pytest
from flask import Flask

from crm.rules.kinds import UnitKind
from crm.search.candidates import CANDIDATES
from crm.search.operations import Doc, put, put_many
from crm.search.queries import find, some
from crm.search.question import fragments
from crm.search.trio import read_line
from tests.search.conftest import World

HOSTILE = [
    *("", " ", "\t\n", '"', "'", "\\", "%", "_", "*", "-", "()", "\0", "\ud800", "🦄", "a\0b"),
    *('"a"*', "own_words : x", "scope_words : body", "=body", "NOT", "AND OR NOT", "NEAR(a b, 2)"),
    *("'; DROP TABLE search_doc; --", "a & b | !c", "a:*", "<->", "%s", ":m", "{own_words}"),
    *("x" * 1000, "a " * 500, "å" * 1000, "1" * 1000, "+" * 300, "..." * 300, "a@b.c " * 200),
    *("Ⅷ ½ ﬁ ß İ", "иван", "学校", "e\u0301" * 400, "\u202eabc", "hult'sfred", "^hults", "hults^2"),
]


class TestFind:
    def test_three_fragments_reach_the_person(self, world: World) -> None:
        first = find("hults ven anna")[0]
        assert (first.kind, first.title, first.subtitle) == ("person", "Anna Berg", "Venhagskolan")

    def test_kinds_leave_out_the_others(self, world: World) -> None:
        assert {hit.kind for hit in find("hultsfred", kinds=["unit"], limit=50)} == {"unit"}

    def test_a_place_alone_gives_what_hangs_under_it(self, world: World) -> None:
        titles = {hit.title for hit in find("hultsfred", kinds=["person"], limit=50)}
        assert {"Anna Berg", "Lennart Håkansson"} <= titles

    def test_within_a_subtree(self, world: World) -> None:
        kalmar = world.bodies["Kalmar kommun"]
        found = find("vasaskolan", within_path=kalmar.path)
        assert [hit.body_id for hit in found if hit.kind == "unit"] == [kalmar.ref_id]
        unit = world.unit("Vasaskolan", "Kalmar kommun")
        assert [hit.title for hit in find("åsa", within_path=unit.path)] == ["Åsa Nilsson"]
        assert find("lena", within_path=unit.path) == []

    def test_own_recent_things_come_first_among_equals(self, world: World) -> None:
        for body in ("Kalmar kommun", "Gävle kommun"):
            recent = world.unit("Vasaskolan", body)
            assert (
                find("vasaskolan", boost_ids={("unit", recent.ref_id)})[0].ref_id == recent.ref_id
            )

    def test_every_fragment_must_fit(self, world: World) -> None:
        assert find("hultsfred qqqqqq") == []
        assert find("anna berg gävle") == []

    def test_what_was_typed_right_beats_what_only_folds_alike(self, app: Flask) -> None:
        put_many([Doc("body", 1, "Arens kommun"), Doc("body", 2, "Årens kommun")])
        assert [hit.ref_id for hit in find("åren")] == [2, 1]
        assert [hit.ref_id for hit in find("aren")] == [1, 2]

    def test_name_beats_context_and_whole_beats_beginning(self, app: Flask) -> None:
        put_many(
            [
                Doc("body", 1, "Sunne kommun", "/1/", 1, 1),
                Doc("unit", 2, "Sunneskolan", "/1/2/", 2, 1),
                Doc("unit", 3, "Broskolan", "/1/3/", 3, 1),
                Doc("person", 1, "Eva Sunne", "/1/3/", 3, 1),
            ]
        )
        order = [(hit.kind, hit.ref_id) for hit in find("sunne")]
        assert order[0] == ("body", 1)
        assert order[-1] == ("unit", 3)

    def test_the_larger_of_equals_comes_first(self, app: Flask) -> None:
        put_many([Doc("body", n, "Nykommun", weight=n * 1000) for n in (1, 3, 2)])
        assert [hit.ref_id for hit in find("nykommun")] == [3, 2, 1]

    def test_a_correction_is_told(self, world: World) -> None:
        hit = find("mamlö")[0]
        assert (hit.title, dict(hit.corrected)) == ("Malmö stad", {"mamlö": "malmo"})
        assert not find("malmö")[0].corrected

    @pytest.mark.parametrize(
        "typed", ["Östesund", "Östrsund", "Östersudn", "Öistersund", "Östersunb"]
    )
    def test_one_typing_error(self, world: World, typed: str) -> None:
        assert find(typed)[0].title == "Östersunds kommun"

    def test_two_typing_errors_are_too_many(self, world: World) -> None:
        assert find("Östresudn") == []

    def test_a_new_word_is_known_at_once(self, world: World) -> None:
        assert find("kvarnbäksskolan") == []
        put(Doc("unit", 9001, "Kvarnbäcksskolan", "/1/9001/", 9001, 1))
        assert find("kvarnbäksskolan")[0].title == "Kvarnbäcksskolan"

    def test_other_scripts_are_found_too(self, app: Flask) -> None:
        put(Doc("person", 1, "Иван Петров"))
        assert [hit.title for hit in find("ива")] == ["Иван Петров"]

    def test_phone_and_number_however_grouped(self, app: Flask) -> None:
        put(Doc("person", 1, "Eva Ek", own="+46701234567 eva.ek@example.se"))
        for typed in ("070-123 45 67", "0701234567", "+46 70 123 45 67", "eva.ek@example.se"):
            assert [hit.title for hit in find(typed)] == ["Eva Ek"], typed

    def test_limit(self, world: World) -> None:
        assert len(find("kommun", limit=7)) == 7
        assert find("kommun", limit=0) == []

    def test_the_same_answers_every_time(self, world: World) -> None:
        assert find("skola", limit=30) == find("skola", limit=30)

    def test_more_fit_than_are_fetched(self, app: Flask) -> None:
        put_many([Doc("person", n, f"Anna Ek{n:03d}a") for n in range(1, 3 * CANDIDATES)])
        put(Doc("person", 999, "Anna"))
        assert find("anna")[0].ref_id == 999

    @pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: repr(typed)[:20])
    def test_hostile_questions(self, app: Flask, typed: str) -> None:
        put(Doc("body", 1, "Hultsfreds kommun", "/1/", 1, 1))
        assert isinstance(find(typed), list)
        read_line(typed)
        assert len(fragments(typed)) <= 8

    def test_few_statements(self, world: World, count_queries: object) -> None:
        find("hultsferd")
        with count_queries() as counted:  # type: ignore[operator]
            find("hults ven anna")
        assert counted.number <= 3

    def test_what_is_known_already(self, world: World, count_queries: object) -> None:
        here, gone = ("body", world.bodies["Åre kommun"].ref_id), ("body", 10_000_000)
        with count_queries() as counted:  # type: ignore[operator]
            found = some([here, gone])
        assert {key: hit.title for key, hit in found.items()} == {here: "Åre kommun"}
        assert counted.number == 1


class TestTrio:
    def test_all_known(self, world: World) -> None:
        found = read_line("hults ven anna")
        assert found.body is not None
        assert found.unit is not None
        assert found.person is not None
        names = (found.body.title, found.unit.title, found.person.title)
        assert names == ("Hultsfreds kommun", "Venhagskolan", "Anna Berg")
        assert found.leftover == ()
        assert found.new_unit is found.new_person is None

    @pytest.mark.parametrize(
        "line, unit, kind, person",
        [
            ("hultsfred nyskolan lisa berg", "Nyskolan", UnitKind.SCHOOL, "Lisa Berg"),
            ("lisa berg nyskolan hultsfred", "Nyskolan", UnitKind.SCHOOL, "Lisa Berg"),
            ("hultsfreds kommun nya skolan lisa berg", "Nya Skolan", UnitKind.SCHOOL, "Lisa Berg"),
            ("hultsfred förskolan solrosen lisa", "Förskolan Solrosen", UnitKind.PRESCHOOL, "Lisa"),
            ("hultsfred Nya biblioteket", "Nya biblioteket", UnitKind.LIBRARY, ""),
            ("hultsfred solrosen", "Solrosen", None, "Solrosen"),
            ("hultsfred lisa af berg", "", None, "Lisa af Berg"),
            ("hultsfred nyskolan berg lisa", "Nyskolan", UnitKind.SCHOOL, "Lisa Berg"),
        ],
    )
    def test_new_parts_are_offered(
        self, world: World, line: str, unit: str, kind: UnitKind | None, person: str
    ) -> None:
        found = read_line(line)
        assert found.body is not None
        assert found.body.title == "Hultsfreds kommun"
        assert (found.new_unit.name if found.new_unit else "") == unit
        assert (found.new_unit.kind if found.new_unit else None) == kind
        assert (found.new_person.name if found.new_person else "") == person

    def test_known_unit_and_new_person(self, world: World) -> None:
        found = read_line("venhagskolan lisa berg")
        assert found.unit is not None
        assert found.body is not None
        assert (found.body.title, found.unit.title) == ("Hultsfreds kommun", "Venhagskolan")
        assert found.new_person is not None
        assert (found.new_person.first_name, found.new_person.last_name) == ("Lisa", "Berg")
        assert found.new_unit is None

    def test_a_surname_that_is_also_a_kommun(self, world: World) -> None:
        found = read_line("lund lisa lund")
        assert found.body is not None
        assert found.body.title == "Lunds kommun"
        assert found.new_person is not None
        assert found.new_person.name == "Lisa Lund"

    def test_mistyped_place_beside_new_words(self, world: World) -> None:
        found = read_line("hultsferd nyskolan lisa berg")
        assert found.body is not None
        assert found.body.title == "Hultsfreds kommun"
        assert found.leftover == ("nyskolan", "lisa", "berg")

    def test_a_near_miss_is_offered_beside_the_new(self, world: World) -> None:
        found = read_line("hultsfred venhagskoaln")
        assert found.new_unit is not None
        assert [hit.title for hit in found.similar][:1] == ["Venhagskolan"]

    def test_phone_and_mail_are_kept_apart(self, world: World) -> None:
        found = read_line("hultsfred lisa berg 070-123 45 67 Lisa.Berg@hultsfred.se")
        assert (found.phone, found.email) == ("070-123 45 67", "Lisa.Berg@hultsfred.se")
        assert found.new_person is not None
        assert found.new_person.name == "Lisa Berg"

    def test_nothing_known_loses_nothing(self, world: World) -> None:
        line = "qqa qqb qqc qqd qqe qqf qqg qqh qqi qqj"
        assert read_line(line).leftover == tuple(line.split())
