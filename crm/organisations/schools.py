"""A school register file becomes units below their municipality, or below their principal.

Two forms of file are read: Skolverket's statistics export (title lines above the header, footers
below, dots for suppressed values) and a plain list with the columns code, name and municipality
code. A unit is known by its eight-digit school unit code, so that a second run changes nothing.

A municipality's own school lies below the municipality. An independent school lies below its
principal (enskild huvudman), a legal body of its own with an organisation number, because that is
who decides and signs; the school keeps the county of the municipality it stands in. A unit that was
moved below a förvaltning here stays where it is.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import gettext as _

from crm.accounts.models import User
from crm.core.db import db
from crm.core.errors import RuleBroken
from crm.organisations import operations
from crm.organisations.models import Organisation, SchoolFile
from crm.rules.contact import Unreadable, normalise_municipality_code, normalise_org_number
from crm.rules.kinds import SCHOOL_KINDS, OrganisationKind, UnitKind
from crm.rules.words import fold, guess_unit_kind, swedish_sort_key

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 200
LONGEST_LINE = 65_536  # characters; a longer one is no list of schools
FILES_KEPT = timedelta(days=1)
HEADER_WITHIN = 40  # lines from the top
SUPPRESSED = frozenset({"", ".", "..", "-", "–"})

# Folded heading → the column of ours.
HEADINGS = {
    **dict.fromkeys(
        ("skolenhetskod", "skol enhetskod", "skolkod", "enhetskod", "kod", "code", "school code"),
        "code",
    ),
    **dict.fromkeys(
        ("skola", "skolenhet", "skolenhetsnamn", "skolnamn", "namn", "enhet", "name"), "name"
    ),
    **dict.fromkeys(
        ("kommunkod", "kommun kod", "kommun code", "municipality code", "kommunkod lage"),
        "municipality",
    ),
    **dict.fromkeys(("typ av huvudman", "huvudmannatyp", "typ"), "principal_type"),
    **dict.fromkeys(("huvudman", "huvudmannens namn", "principal"), "principal"),
    **dict.fromkeys(
        (
            "huvudman orgnr",
            "peorgnr",
            "organisationsnummer",
            "orgnr",
            "huvudman organisationsnummer",
        ),
        "org_number",
    ),
    **dict.fromkeys(("status", "skolenhetsstatus"), "status"),
}
NEEDED = ("code", "name", "municipality")
PUBLIC_PRINCIPALS = frozenset({"kommunal", "kommun", "landsting", "region", "regional", "statlig"})


EDUCATION = SCHOOL_KINDS | {UnitKind.ADULT_EDUCATION}


class Fate(StrEnum):
    """What becomes of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class School:
    """A row of the file, as text."""

    line: int
    code: str
    name: str
    municipality: str
    principal_type: str
    principal: str
    org_number: str
    status: str


@dataclass(slots=True)
class Row:
    """What becomes of one row, and why."""

    line: int
    code: str
    name: str
    fate: Fate
    reason: str = ""
    where: str = ""


@dataclass(slots=True)
class Plan:
    """The dry run: every row with its fate. `source` is what the file says of itself."""

    rows: list[Row] = field(default_factory=list)
    principals: int = 0  # new legal bodies that independent schools need
    source: str = ""
    encoding: str = ""
    delimiter: str = ";"

    def count(self, fate: Fate) -> int:
        return sum(row.fate is fate for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """The whole dry run as plain values, to be kept with the file."""
        rows = [[r.line, r.code, r.name, r.fate.value, r.reason, r.where] for r in self.rows]
        return {
            "rows": rows,
            "principals": self.principals,
            "source": self.source,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
        }

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Plan":
        """The dry run back."""
        rows = [
            Row(line, code, name, Fate(fate), reason, where)
            for line, code, name, fate, reason, where in kept["rows"]
        ]
        return cls(**{**kept, "rows": rows})

    @property
    def changes_nothing(self) -> bool:
        return not (self.count(Fate.CREATED) or self.count(Fate.UPDATED))


# --- Reading ------------------------------------------------------------------------------------


def encoding_of(stream: IO[bytes]) -> str:
    """BOM, then strict UTF-8, then Windows' Western European; never a guess (inputs.md 2.1).

    Reads in pieces. What holds zero bytes without a mark of UTF-16 is no text.
    """
    start = stream.read(4)
    stream.seek(0)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    utf8 = True
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    while piece := stream.read(65_536):
        if b"\0" in piece:
            raise RuleBroken(_("That is not a text file. Save the list as CSV and try again."))
        if utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                utf8 = False
    stream.seek(0)
    if not utf8:
        return "cp1252"
    return "utf-8-sig" if start.startswith(b"\xef\xbb\xbf") else "utf-8"


def read(stream: IO[bytes]) -> tuple[list[School], str, str, str]:
    """(schools, what the file says of itself, encoding, delimiter). Memory is bounded."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise RuleBroken(_("The file is empty."))
    if size > MOST_BYTES:
        raise RuleBroken(_("The file is larger than 20 MB, which no school register is."))
    encoding = encoding_of(stream)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    try:
        delimiter, columns, source, at = _find_header(text)
        text.seek(0)
        schools = list(_schools(text, delimiter, columns, at))
    except (csv.Error, UnicodeError) as error:
        raise RuleBroken(
            _("The file is not a list that can be read: a quotation mark may be left open.")
        ) from error
    finally:
        text.detach()
    if not schools:
        raise RuleBroken(_("There are no schools below the header of the file."))
    return schools, source, encoding, delimiter


_CODE = re.compile(r"\d[\d.,]*(E\+?\d+)?", re.IGNORECASE)
"""Looks like a code, be it a spoilt one; prose in a footer does not."""


def _lines(text: IO[str]) -> Iterator[str]:
    """Line by line, each of a sane length: a million columns are refused before they are split."""
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise RuleBroken(
                _("A line of the file is longer than any list of schools. Is it the right file?")
            )
        yield line


def _find_header(text: IO[str]) -> tuple[str, dict[str, int], str, int]:
    """(delimiter, column → place, what the first line says, the header's line number)."""
    title = ""
    for number, line in enumerate(_lines(text), start=1):
        if number > HEADER_WITHIN:
            break
        line = line.lstrip("\ufeff")
        if not title:
            title = line.split(";")[0].strip().strip('"')
        delimiter = max(";,\t", key=lambda sign: _outside_quotes(line, sign))
        cells = next(csv.reader([line], delimiter=delimiter), [])
        columns: dict[str, int] = {}
        for place, cell in enumerate(cells[:MOST_COLUMNS]):
            key = HEADINGS.get(_heading(cell))
            if key and key not in columns:
                columns[key] = place
        if all(key in columns for key in NEEDED):
            return delimiter, columns, title if number > 1 else "", number
    raise RuleBroken(
        _(
            "The columns were not found. The file needs a header line with the school unit's code,"
            " its name and the municipality's code."
        )
    )


def _heading(cell: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", fold(cell)))


def _outside_quotes(line: str, sign: str) -> int:
    return re.sub(r'"[^"]*"', "", line).count(sign)


def _schools(
    text: IO[str], delimiter: str, columns: dict[str, int], header: int
) -> Iterator[School]:
    """The rows below the header; what has neither code nor municipality is a footer or a title."""
    reader = csv.reader(_lines(text), delimiter=delimiter)
    count = 0
    for cells in reader:
        if reader.line_num <= header or len(cells) > MOST_COLUMNS:
            continue
        values = {key: _cell(cells, place) for key, place in columns.items()}
        if not _CODE.fullmatch(values["code"]) and not _CODE.fullmatch(values["municipality"]):
            continue
        count += 1
        if count > MOST_ROWS:
            raise RuleBroken(_("The file has more than 50,000 schools, which Sweden has not."))
        yield School(
            line=reader.line_num,
            **{name: values.get(name, "") for name in _SCHOOL_FIELDS},
        )


_SCHOOL_FIELDS = (
    "code",
    "name",
    "municipality",
    "principal_type",
    "principal",
    "org_number",
    "status",
)


def _cell(cells: list[str], place: int) -> str:
    value = cells[place].replace("\0", "").strip() if place < len(cells) else ""
    return "" if value in SUPPRESSED else value[:300]


# --- Deciding and writing -----------------------------------------------------------------------


_Fresh = tuple[School, Organisation, UnitKind]
"""A school to make, the municipality it stands in, and what kind it is."""


@dataclass(slots=True)
class _Here:
    """What is here already, in a few statements for the whole file."""

    municipalities: dict[str, Organisation]
    bodies: dict[str, Organisation]  # by organisation number
    units: dict[str, Organisation]  # by school unit code
    nameless: dict[tuple[int, str], list[Organisation]]  # schools without a code, by body and name
    places: dict[int, str] = field(default_factory=dict)


def plan(stream: IO[bytes], *, now: datetime, today: date) -> Plan:
    """The dry run: nothing is written."""
    return _carry(stream, by=None, now=now, today=today, write=False)


def keep(content: bytes, *, name: str, by: User, now: datetime, today: date) -> SchoolFile:
    """Keep an uploaded file with what would become of its rows, to be looked through and applied.

    It is read once; every page of the dry run shows what was found then.
    """
    found = plan(io.BytesIO(content), now=now, today=today)
    file = SchoolFile(
        name=name[:200], content=content, by_id=by.id, at=now, dry_run=found.as_json()
    )
    db.session.add(file)
    db.session.flush()
    return file


def carry_out(file: SchoolFile, *, by: User, now: datetime, today: date) -> Plan:
    """Apply a kept file, and empty it."""
    done = apply(io.BytesIO(file.content), by=by, now=now, today=today)
    file.applied_at, file.content, file.dry_run = now, b"", {}
    return done


def apply(stream: IO[bytes], *, by: User | None, now: datetime, today: date) -> Plan:
    """The same, written: all of it or, on any error, nothing. Rows that fail are left out."""
    return _carry(stream, by=by, now=now, today=today, write=True)


def _carry(stream: IO[bytes], *, by: User | None, now: datetime, today: date, write: bool) -> Plan:
    schools, source, encoding, delimiter = read(stream)
    made = Plan(source=source, encoding=encoding, delimiter=delimiter)
    here = _what_is_here(schools)
    seen: set[str] = set()
    fresh: dict[str, list[_Fresh]] = {}
    new_principals: dict[str, str] = {}
    touched: list[Organisation] = []
    for school in schools:
        row = Row(school.line, school.code, school.name, Fate.UNCHANGED)
        made.rows.append(row)
        try:
            code, municipality, number = _read_row(school, here, seen)
        except Unreadable as error:
            row.fate, row.reason = Fate.FAILED, operations.unreadable_sentence(error)
            continue
        except RuleBroken as broken:
            row.fate, row.reason = Fate.FAILED, str(broken)
            continue
        row.code = code
        parent = here.bodies.get(number) if number else municipality
        known = here.units.get(code)
        if known is None and parent is not None:
            known = _adopted(here, parent, school.name)
        row.where = (
            here.places[known.body_id or 0]
            if known is not None and (known.body_id or 0) in here.places
            else parent.title
            if parent is not None
            else school.principal
        )
        if known is not None:
            _settle(known, school, code, source, row, today=today, write=write)
            if row.fate is Fate.UPDATED and write:
                touched.append(known)
            continue
        if _is_closed(school):
            row.reason = _("Closed, and not here: nothing to do.")
            continue
        row.fate = Fate.CREATED
        if number and parent is None:
            new_principals.setdefault(number, school.principal or school.name)
            row.reason = _("Together with its principal, which is new here.")
        key = number if number and parent is None else str((parent or municipality).id)
        guess = guess_unit_kind(school.name)
        kind = guess if guess in EDUCATION else UnitKind.SCHOOL
        fresh.setdefault(key, []).append((school, municipality, kind or UnitKind.SCHOOL))
    made.principals = len(new_principals)
    if write:
        _write(fresh, new_principals, here, touched, source, by=by, now=now, today=today)
    return made


def _read_row(school: School, here: _Here, seen: set[str]) -> tuple[str, Organisation, str]:
    """(school unit code, municipality, the principal's number or '' for a public one)."""
    code = re.sub(r"[.,]0$", "", school.code)
    if not re.fullmatch(r"[0-9]{6,8}", code):
        raise RuleBroken(_("The school unit code should be eight digits."))
    code = code.zfill(8)
    if code in seen:
        raise RuleBroken(_("The code stands on an earlier line already."))
    seen.add(code)
    if not school.name:
        raise RuleBroken(_("The name is missing."))
    municipality = here.municipalities.get(normalise_municipality_code(school.municipality))
    if municipality is None:
        raise RuleBroken(_("No municipality has the code %(code)s.", code=school.municipality))
    if fold(school.principal_type) in PUBLIC_PRINCIPALS or not school.org_number:
        return code, municipality, ""
    number = normalise_org_number(school.org_number)
    if number == municipality.org_number:
        return code, municipality, ""
    return code, municipality, number


def _what_is_here(schools: list[School]) -> _Here:
    bodies = db.session.scalars(
        sa.select(Organisation).where(
            Organisation.parent_id.is_(None),
            sa.or_(
                Organisation.kind == OrganisationKind.MUNICIPALITY,
                Organisation.org_number.is_not(None),
            ),
        )
    ).all()
    codes = {re.sub(r"[.,]0$", "", school.code).zfill(8)[:20] for school in schools}
    units: dict[str, Organisation] = {}
    ordered = sorted(codes)
    for start in range(0, len(ordered), 500):
        for unit in db.session.scalars(
            sa.select(Organisation).where(
                Organisation.kind == OrganisationKind.UNIT,
                Organisation.code.in_(ordered[start : start + 500]),
            )
        ):
            units[unit.code or ""] = unit
    nameless: dict[tuple[int, str], list[Organisation]] = {}
    for unit in db.session.scalars(
        sa.select(Organisation).where(
            Organisation.kind == OrganisationKind.UNIT,
            Organisation.code.is_(None),
            Organisation.closed_on.is_(None),
        )
    ):
        nameless.setdefault((unit.body_id or 0, fold(unit.name)), []).append(unit)
    return _Here(
        {body.code or "": body for body in bodies if body.kind is OrganisationKind.MUNICIPALITY},
        {body.org_number: body for body in bodies if body.org_number},
        units,
        nameless,
        {body.id: body.title for body in bodies},
    )


def _adopted(here: _Here, parent: Organisation, name: str) -> Organisation | None:
    """A unit that was written down by hand before the register came: it gets its code."""
    found = here.nameless.get((parent.body_id or 0, fold(name)), [])
    return found[0] if len(found) == 1 else None


def _is_closed(school: School) -> bool:
    return fold(school.status) in {"upphort", "nedlagd", "closed"}


def _settle(
    known: Organisation,
    school: School,
    code: str,
    source: str,
    row: Row,
    *,
    today: date,
    write: bool,
) -> None:
    """A school that is here: code, name and end, unless the name was edited here."""
    said: list[str] = []
    adopt = known.code != code
    renamed = known.name != school.name and "name" not in known.local_fields and not adopt
    closed = _is_closed(school) and known.closed_on is None
    if adopt:
        said.append(_("Was here without a code."))
    if renamed:
        said.append(_("Was called %(name)s.", name=known.name))
    if closed:
        said.append(_("Closed, according to the file."))
    if not said:
        if known.name != school.name:
            row.reason = _("The name was edited here and is kept: %(name)s", name=known.name)
        return
    row.fate, row.reason = Fate.UPDATED, " ".join(said)
    if not write:
        return
    known.code = code
    known.source, known.source_date = source or known.source, today
    if renamed:
        former = known.name
        known.name, known.name_sort = school.name[:200], swedish_sort_key(school.name)
        db.session.flush()
        operations.add_alias(known, former)
    if closed:
        known.closed_on = today


def _write(
    fresh: dict[str, list[_Fresh]],
    new_principals: dict[str, str],
    here: _Here,
    touched: list[Organisation],
    source: str,
    *,
    by: User | None,
    now: datetime,
    today: date,
) -> None:
    """Bodies first, then their schools, then the index once for all of them."""
    parents = {str(body.id): body for body in here.municipalities.values()}
    parents |= {str(body.id): body for body in here.bodies.values()}
    for number, name in new_principals.items():
        first = fresh[number][0][1]
        parents[number] = operations.add_body(
            name=name,
            kind=OrganisationKind.PRINCIPAL,
            org_number=number,
            county_code=first.county_code,
            county_name=first.county_name,
            source=source,
            by=by,
            now=now,
        )
        parents[number].source_date = today
    db.session.flush()
    ids = operations.add_units(
        [
            operations.NewUnit(
                parent_id=parents[key].id,
                body_id=parents[key].body_id or parents[key].id,
                depth=parents[key].depth + 1,
                name=school.name,
                unit_kind=kind,
                code=re.sub(r"[.,]0$", "", school.code).zfill(8),
                county_code=municipality.county_code,
                county_name=municipality.county_name,
            )
            for key, schools in fresh.items()
            for school, municipality, kind in schools
        ],
        source=source,
        source_date=today,
        now=now,
    )
    operations.reindex([*ids, *(unit.id for unit in touched)])


def discard_old(now: datetime) -> int:
    """Throw away every file, applied or not, a day after it was uploaded. Returns how many."""
    result = db.session.execute(
        sa.delete(SchoolFile)
        .where(SchoolFile.at < now - FILES_KEPT)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]  # a cursor result
