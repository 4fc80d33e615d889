"""Many .po files become one catalogue, or a sentence saying why not."""

import gettext
from pathlib import Path

import pytest

from crm.translations import ConflictingTranslations, compile_catalogues


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sv").mkdir()
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / "sv" / name).write_text(text, encoding="utf-8")


def swedish(folder: Path) -> gettext.GNUTranslations:
    (path,) = compile_catalogues(folder)
    with path.open("rb") as opened:
        return gettext.GNUTranslations(opened)


CASES = 'msgid "case"\nmsgid_plural "cases"\nmsgstr[0] "ärende"\nmsgstr[1] "ärenden"\n'


def test_files_are_merged(folder: Path) -> None:
    write(folder, "a.po", 'msgid "Save"\nmsgstr "Spara"\n')
    write(folder, "b.po", 'msgid "Open"\nmsgstr "Öppna"\n')
    found = swedish(folder)
    assert [found.gettext(text) for text in ("Save", "Open")] == ["Spara", "Öppna"]


def test_the_same_answer_twice_is_fine(folder: Path) -> None:
    write(folder, "a.po", 'msgid "Save"\nmsgstr "Spara"\n')
    write(folder, "b.po", 'msgid "Save"\nmsgstr "Spara"\n')
    assert swedish(folder).gettext("Save") == "Spara"


def test_two_answers_are_refused_by_name(folder: Path) -> None:
    write(folder, "a.po", 'msgid "Save"\nmsgstr "Spara"\n')
    write(folder, "b.po", 'msgid "Save"\nmsgstr "Lagra"\n')
    with pytest.raises(ConflictingTranslations, match=r"'Save'.*Spara.*a\.po.*Lagra.*b\.po"):
        compile_catalogues(folder)


def test_a_context_keeps_two_answers_apart(folder: Path) -> None:
    write(folder, "a.po", 'msgid "Open"\nmsgstr "Öppna"\n')
    write(folder, "b.po", 'msgctxt "state"\nmsgid "Open"\nmsgstr "Öppet"\n')
    found = swedish(folder)
    assert (found.gettext("Open"), found.pgettext("state", "Open")) == ("Öppna", "Öppet")


@pytest.mark.parametrize("order", ["ab", "ba"])
def test_a_text_may_stand_alone_and_with_its_plural(folder: Path, order: str) -> None:
    write(folder, f"{order[0]}.po", 'msgid "case"\nmsgstr "ärende"\n')
    write(folder, f"{order[1]}.po", CASES)
    found = swedish(folder)
    assert found.gettext("case") == "ärende"
    assert [found.ngettext("case", "cases", n) for n in (1, 2)] == ["ärende", "ärenden"]


def test_the_uncertain_is_left_out(folder: Path) -> None:
    write(folder, "a.po", '#, fuzzy\nmsgid "Save"\nmsgstr "Spara"\n\nmsgid "Go"\nmsgstr ""\n')
    found = swedish(folder)
    assert [found.gettext(text) for text in ("Save", "Go")] == ["Save", "Go"]


def test_a_broken_file_is_named(folder: Path) -> None:
    write(folder, "a.po", 'msgid "Save\nmsgstr "Spara"\n')
    with pytest.raises(ValueError, match=r"a\.po"):
        compile_catalogues(folder)


def test_nothing_new_leaves_the_file_alone(folder: Path) -> None:
    write(folder, "a.po", CASES)
    (path,) = compile_catalogues(folder)
    before = path.stat().st_mtime_ns
    compile_catalogues(folder)
    assert path.stat().st_mtime_ns == before
