"""Swedish, filed by package: sv/cases.po and its sisters become one catalogue.

Message ids are the English texts in the code. Each package keeps its own Swedish in a file of its
own, so that two people can write at once; `compile_catalogues` merges the files of a language into
`<language>/LC_MESSAGES/messages.mo`, which is built and never committed.

The build hook loads this file before the program's dependencies are installed: it may import the
standard library and Babel, nothing else.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

HERE = Path(__file__).resolve().parent

Key = tuple[str | None, str]
"""Context, and the English text (the singular one, where there are two)."""


LINE = re.compile(
    r'(#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr|msgstr\[\d\])\s+)?"(?:[^"\\]|\\.)*")?'
)

NO_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""Stands in the header for the day of making, or the same texts would give ever new files."""


class Merged(Catalog):
    """A catalogue that can hold the same English text both alone and with a plural.

    Babel keeps one entry per text, and before Python 3.12 gettext finds no plain text in an entry
    with a plural; so the plain ones are written beside it.
    """

    def __init__(self, language: str) -> None:
        super().__init__(
            locale=language,
            charset="utf-8",
            project="forankra",
            creation_date=NO_DAY,
            revision_date=NO_DAY,
        )
        self.beside: list[Message] = []

    def __iter__(self) -> Iterator[Message]:
        yield from super().__iter__()
        yield from self.beside


class ConflictingTranslations(Exception):
    """Two files translate the same English text differently."""


def compile_catalogues(root: Path = HERE) -> list[Path]:
    """Merge every language under `root` that has .po files; returns the catalogues' paths.

    A catalogue is replaced whole and only when its content has changed, so that a server that is
    running never reads half of one.
    """
    compiled = []
    for folder in sorted(root.iterdir()):
        if not folder.is_dir() or not any(folder.glob("*.po")):
            continue
        content = BytesIO()
        write_mo(content, merged(folder))
        target = folder / "LC_MESSAGES" / "messages.mo"
        if not target.is_file() or target.read_bytes() != content.getvalue():
            target.parent.mkdir(exist_ok=True)
            fresh = target.with_suffix(".fresh")
            fresh.write_bytes(content.getvalue())
            fresh.replace(target)
        compiled.append(target)
    return compiled


def merged(folder: Path) -> Merged:
    """One catalogue of all .po files in a language's folder. Empty and fuzzy entries stay out."""
    seen: dict[Key, tuple[Message, Path]] = {}
    for file in sorted(folder.glob("*.po")):
        for message in messages_in(file):
            if message.fuzzy or not all(forms_of(message)):
                continue
            key = key_of(message)
            other, where = seen.setdefault(key, (message, file))
            if not _agree(other, message):
                raise ConflictingTranslations(
                    f"{key[1]!r} is {forms_of(other)} in {where.name} but {forms_of(message)}"
                    f" in {file.name}: agree on one, or tell them apart with pgettext."
                )
            if message.pluralizable:
                seen[key] = (message, file)
    catalogue = Merged(folder.name)
    for message, _file in seen.values():
        catalogue.add(message.id, message.string, context=message.context)
        if message.pluralizable:
            plain = Message(message.id[0], forms_of(message)[0], context=message.context)
            catalogue.beside.append(plain)
    return catalogue


def messages_in(file: Path) -> Iterator[Message]:
    """The entries of one .po file, without its header."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not LINE.fullmatch(line.strip()):  # Babel would quietly lose a letter of it
            raise ValueError(f"{file}:{number}: not a line of a .po file: {line}")
    with file.open("rb") as opened:
        try:
            found = read_po(opened, locale=file.parent.name, charset="utf-8", abort_invalid=True)
        except PoFileError as error:
            raise ValueError(f"{file}: {error}") from error
    return (message for message in found if message.id)


def key_of(message: Message) -> Key:
    """What the program asks by: the context and the (singular) English text."""
    singular = message.id if isinstance(message.id, str) else message.id[0]
    return (message.context, singular)


def forms_of(message: Message) -> tuple[str, ...]:
    """The translation; two forms where the text has a plural."""
    if isinstance(message.string, str):
        return (message.string,)
    return tuple(message.string or ("",))


def _agree(one: Message, other: Message) -> bool:
    mine, theirs = forms_of(one), forms_of(other)
    if one.pluralizable and other.pluralizable:
        return mine == theirs
    return mine[0] == theirs[0]
