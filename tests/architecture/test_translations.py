"""Every text a user can meet exists in Swedish, whole and with the same blanks to fill."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Message
from babel.messages.extract import extract_from_dir

from crm.translations import HERE, Key, compile_catalogues, forms_of, key_of, merged, messages_in
from tests.architecture import expect_none

ROOT = Path(__file__).resolve().parents[2]
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
BLANK = re.compile(r"%\(\w+\)[sdif]|%%|%(?![( ])[sdif]")
MARK_AT_THE_END = re.compile(r"[.…:?!]$")


def texts_in_the_program() -> dict[Key, str]:
    """Each text with the place where it is first used."""
    found: dict[Key, str] = {}
    for folder, method in ((ROOT / "crm", "python"), (ROOT / "templates", "jinja2")):
        rows = extract_from_dir(
            folder,
            method_map=[("**.py", "python")] if method == "python" else [("**", "jinja2")],
            options_map={
                "**": {"silent": "false", "trimmed": "true", "extensions": "jinja2.ext.do"}
            }
            if method == "jinja2"
            else {},
            keywords=KEYWORDS,  # type: ignore[arg-type]  # Babel's own type leaves out the context
        )
        for file, line, text, _comments, context in rows:
            key = (context, text if isinstance(text, str) else text[0])
            found.setdefault(key, f"{folder.name}/{file}:{line}")
    return found


def entries() -> Iterator[tuple[Path, Message]]:
    for file in sorted((HERE / "sv").glob("*.po")):
        for message in messages_in(file):
            yield file, message


def test_the_catalogues_agree() -> None:
    assert compile_catalogues(), "no .po files found"


def test_every_text_has_its_swedish() -> None:
    swedish = {key_of(message) for message in merged(HERE / "sv") if message.id}
    missing = [
        f"{place}: {key[1]!r}" + (f" (context {key[0]!r})" if key[0] else "")
        for key, place in texts_in_the_program().items()
        if key not in swedish
    ]
    expect_none(sorted(missing), f"{len(missing)} texts lack Swedish")


def test_nothing_is_empty_or_uncertain() -> None:
    for file, message in entries():
        assert not message.fuzzy, f"{file.name}: {message.id!r} is fuzzy"
        assert all(forms_of(message)), f"{file.name}: {message.id!r} is empty"


def test_the_same_blanks_are_filled() -> None:
    wrong = []
    for file, message in entries():
        english = message.id if isinstance(message.id, str) else message.id[-1]
        for form in forms_of(message):
            extra = set(BLANK.findall(form)) - set(BLANK.findall(english))
            lost = set(BLANK.findall(english)) - set(BLANK.findall(form))
            if extra or (lost and not message.pluralizable):
                wrong.append(f"{file.name}: {english!r} → {form!r}")
    expect_none(wrong)


def test_the_same_mark_ends_both() -> None:
    wrong = [
        f"{file.name}: {message.id!r} → {form!r}"
        for file, message in entries()
        for english in [message.id if isinstance(message.id, str) else message.id[0]]
        for form in forms_of(message)[:1]
        if MARK_AT_THE_END.findall(english) != MARK_AT_THE_END.findall(form)
    ]
    expect_none(wrong)


def test_no_file_says_a_thing_twice() -> None:
    for file in sorted((HERE / "sv").glob("*.po")):
        texts = re.findall(
            r'^(?:msgctxt "(.*)"\n)?msgid "(.+)"$', file.read_text(encoding="utf-8"), re.MULTILINE
        )
        twice = [text for text, number in Counter(texts).items() if number > 1]
        expect_none(twice, file.name)
