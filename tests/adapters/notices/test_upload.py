"""What an upload may be, and what it may not cost."""

import gzip
import io
import random
import resource
import struct
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import pytest

from crm.adapters.notices.problems import LIMITS, Limits, NoticeProblem
from crm.adapters.notices.upload import FileResult, read_upload
from tests.adapters.notices import builders as make

P = NoticeProblem
NOTICE = make.eforms(make.lot(make.tenders_due("2027-01-18+01:00", "23:59:00+01:00")))
SMALL = Limits(file_bytes=100_000, elements=1_000, depth=50, files=20, unpacked_bytes=2_000_000)


def problem(content: bytes, limits: Limits = SMALL) -> P | None:
    (found,) = read_upload("x", io.BytesIO(content), limits)
    assert bool(found.notices) is (found.problem is None)
    return found.problem


def doctype(inside: str = "") -> bytes:
    return f"<!DOCTYPE ContractNotice [{inside}]>".encode() + NOTICE[
        NOTICE.index(b"<ContractNotice") :
    ].replace(b"Skolm", b"&x;Skolm")


@pytest.mark.parametrize(
    "content,expected",
    [
        pytest.param(NOTICE, None, id="a notice"),
        pytest.param(b"\xef\xbb\xbf" + NOTICE, None, id="with a byte order mark"),
        pytest.param(b"\n  " + NOTICE, None, id="white space first"),
        pytest.param(NOTICE.replace(b'"UTF-8"', b'"UTF-16"').decode().encode("utf-16"), None, id="UTF-16"),
        pytest.param(
            NOTICE.decode().replace("UTF-8", "windows-1252").encode("cp1252"), None, id="Windows-1252"
        ),
        pytest.param(b"", P.EMPTY, id="empty"),
        pytest.param(b" \n\t ", P.EMPTY, id="blank"),
        pytest.param(b"\x00" * 100, P.EMPTY, id="zeros"),
        pytest.param(b"hello", P.NOT_A_NOTICE, id="text"),
        pytest.param(b"%PDF-1.7", P.NOT_A_NOTICE, id="a PDF"),
        pytest.param(b"<html><body>x</body></html>", P.NOT_A_NOTICE, id="a web page"),
        pytest.param(b"<!DOCTYPE html><html></html>", P.NOT_A_NOTICE, id="a web page with a doctype"),
        pytest.param(b"<ContractNotice/>", P.NOT_A_NOTICE, id="a root and no more"),
        pytest.param(b"<TED_EXPORT/>", P.NOT_A_NOTICE, id="an old root and no more"),
        pytest.param(b"<BusinessRegistrationInformationNotice/>", P.OTHER_NOTICE, id="European company"),
        pytest.param(NOTICE[:-20], P.BROKEN_XML, id="cut off"),
        pytest.param(NOTICE.replace(b"</cbc:ID>", b"</cbc:Id>", 1), P.BROKEN_XML, id="wrong end"),
        pytest.param(b"<ContractNotice>\xff\xfe</ContractNotice>", P.BROKEN_XML, id="wrong letters"),
        pytest.param(b'<?xml version="1.0" encoding="klingon"?><a/>', P.BROKEN_XML, id="no encoding"),
        pytest.param(b"{", P.BROKEN_JSON, id="JSON cut off"),
        pytest.param(b'{"a": "\xff"}', P.BROKEN_JSON, id="JSON in other letters"),
        pytest.param(b"[" * 50_000, P.TOO_COMPLEX, id="deep JSON, many signs"),
        pytest.param(b"[" * 900 + b"]" * 900, P.NOT_A_NOTICE, id="nested JSON"),
        pytest.param(doctype('<!ENTITY x "a">'), P.DOCTYPE, id="entity"),
        pytest.param(doctype('<!ENTITY x SYSTEM "file:///etc/passwd">'), P.DOCTYPE, id="a file"),
        pytest.param(doctype('<!ENTITY x SYSTEM "http://127.0.0.1:1/">'), P.DOCTYPE, id="the network"),
        pytest.param(
            doctype('<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;'), P.DOCTYPE, id="parameter entity"
        ),
        pytest.param(
            doctype("".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 9))),
            P.DOCTYPE,
            id="a billion laughs",
        ),
        pytest.param(doctype().decode().encode("utf-16"), P.DOCTYPE, id="a doctype in UTF-16"),
        pytest.param(
            b"<ContractNotice>" + b"<a>" * 60 + b"</a>" * 60 + b"</ContractNotice>",
            P.TOO_COMPLEX,
            id="deep",
        ),
        pytest.param(
            b"<ContractNotice>" + b"<a/>" * 2_000 + b"</ContractNotice>", P.TOO_COMPLEX, id="many"
        ),
        pytest.param(
            b"<ContractNotice>" + b"x" * 200_000 + b"</ContractNotice>", P.TOO_LARGE, id="large"
        ),
        pytest.param(b'{"a": "' + b"x" * 200_000 + b'"}', P.TOO_LARGE, id="large JSON"),
    ],
)  # fmt: skip
def test_what_a_file_may_be(content: bytes, expected: P | None) -> None:
    assert problem(content) is expected


def zipped(*files: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def results(content: bytes, limits: Limits = SMALL) -> list[FileResult]:
    return list(read_upload("many.zip", io.BytesIO(content), limits))


def test_one_bad_file_never_stops_the_others() -> None:
    found = results(
        zipped(
            ("a.xml", NOTICE),
            ("mapp/", b""),
            ("mapp/b.xml", NOTICE[:-20]),
            ("__MACOSX/mapp/._b.xml", b"x"),
            ("mapp/.DS_Store", b"x"),
            ("läs mig.txt", b"hello"),
            ("c.zip", zipped(("d.xml", NOTICE))),
            ("e.xml", doctype('<!ENTITY x "a">')),
            ("f.xml", b"<ContractNotice>" + b"<a/>" * 2_000),
            ("g\x1b\n.xml", NOTICE),
        )
    )
    assert [(one.name, one.problem, len(one.notices)) for one in found] == [
        ("a.xml", None, 1),
        ("mapp/b.xml", P.BROKEN_XML, 0),
        ("läs mig.txt", P.NOT_A_NOTICE, 0),
        ("c.zip", P.NESTED_ARCHIVE, 0),
        ("e.xml", P.DOCTYPE, 0),
        ("f.xml", P.TOO_COMPLEX, 0),
        ("g��.xml", None, 1),
    ]
    assert found[0].digest == found[-1].digest
    assert found[0].size == len(NOTICE)


def test_a_fault_of_ours_in_one_file_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from crm.adapters.notices import upload

    def fails(_root: object) -> None:
        raise KeyError("a fault")

    monkeypatch.setitem(upload._XML_ROOTS, "ContractNotice", fails)  # type: ignore[arg-type]
    found = results(zipped(("a.xml", NOTICE), ("b.json", b"{")))
    assert [one.problem for one in found] == [P.UNFORESEEN, P.BROKEN_JSON]
    assert "a notice could not be read: a.xml" in caplog.text


@pytest.mark.parametrize(
    "content,expected",
    [
        pytest.param(zipped(), P.EMPTY, id="empty"),
        pytest.param(zipped(("a.xml", NOTICE))[:-30], P.BROKEN_ARCHIVE, id="cut off"),
        pytest.param(b"PK\x03\x04" + b"x" * 100, P.BROKEN_ARCHIVE, id="only a beginning"),
        pytest.param(zipped(*((f"{n}.xml", b"x") for n in range(21))), P.TOO_MANY_FILES, id="many"),
        pytest.param(zipped(("[Content_Types].xml", b"<a/>")), P.NOT_A_NOTICE, id="a spreadsheet"),
    ],
)
def test_an_archive_that_is_refused_whole(content: bytes, expected: P) -> None:
    (found,) = results(content)
    assert (found.name, found.problem) == ("many.zip", expected)


def test_a_directory_that_claims_more_than_the_limits_allow_is_never_read() -> None:
    """Its size stands in the end record; the entries behind it need not exist."""
    content = bytearray(zipped(("a.xml", NOTICE)))
    at = content.rfind(b"PK\x05\x06")
    struct.pack_into("<L", content, at + 12, 50_000_000)
    assert [one.problem for one in results(bytes(content))] == [P.TOO_MANY_FILES]


def test_the_large_format_is_refused() -> None:
    content = zipped(("a.xml", NOTICE))
    at = content.rfind(b"PK\x05\x06")
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    assert [one.problem for one in results(content[:at] + locator + content[at:])] == [
        P.TOO_MANY_FILES
    ]


def test_methods_that_cost_much_to_unpack_are_refused_by_file() -> None:
    found = results(zipped(("a.xml", NOTICE), method=zipfile.ZIP_LZMA))
    assert [one.problem for one in found] == [P.BROKEN_ARCHIVE]


def test_a_locked_file_is_said_to_be_locked() -> None:
    content = bytearray(zipped(("a.xml", NOTICE), ("b.xml", NOTICE)))
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    content[6] |= 1
    assert [one.problem for one in results(bytes(content))] == [P.LOCKED_ARCHIVE, None]


def test_a_damaged_file_does_not_stop_the_next() -> None:
    content = bytearray(zipped(("a.xml", NOTICE), ("b.xml", NOTICE)))
    content[60:70] = b"\xff" * 10
    assert [one.problem for one in results(bytes(content))] == [P.BROKEN_ARCHIVE, None]


def test_a_file_that_swells_is_left_at_its_ratio_and_not_unpacked_to_its_end() -> None:
    bomb = b"<ContractNotice>" + b" " * 50_000_000
    found = results(
        zipped(("bomb.xml", bomb), ("a.xml", NOTICE)),
        Limits(file_bytes=100_000_000, ratio=100, unpacked_bytes=1_000_000_000),
    )
    assert [one.problem for one in found] == [P.SWOLLEN_ARCHIVE, None]
    assert found[0].size < 10_000_000


def test_all_files_together_are_counted_and_the_rest_is_left() -> None:
    """Many entries over the same bytes: each is small, and all together are not."""
    big = NOTICE + b" " * 90_000
    limits = Limits(file_bytes=200_000, unpacked_bytes=300_000)
    found = results(zipped(*((f"{n}.xml", big) for n in range(10))), limits)
    assert [one.problem for one in found] == [
        None,
        None,
        None,
        P.SWOLLEN_ARCHIVE,
        P.SWOLLEN_ARCHIVE,
    ]
    assert [one.name for one in found[3:]] == ["3.xml", "many.zip"]


class OneWay(io.RawIOBase):
    """A stream that only goes forward, as one from the network."""

    def __init__(self, content: bytes) -> None:
        self._inside = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        return self._inside.readinto(buffer)


def test_a_stream_that_only_goes_forward() -> None:
    stream = io.BufferedReader(OneWay(zipped(("a.xml", NOTICE), ("b.xml", b"x"))))
    found = list(read_upload("many.zip", stream, SMALL))
    assert [one.problem for one in found] == [None, P.NOT_A_NOTICE]
    too_much = Limits(archive_bytes=100)
    stream = io.BufferedReader(OneWay(zipped(("a.xml", NOTICE))))
    assert [one.problem for one in read_upload("m", stream, too_much)] == [P.TOO_LARGE]


def test_results_come_one_at_a_time() -> None:
    """Nothing is read ahead: the caller may store each before the next is looked at."""

    class Watched(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1) -> bytes:
            self.reads += 1
            return super().read(size)

    stream = Watched(zipped(*((f"{n}.xml", NOTICE) for n in range(15))))
    found = read_upload("many.zip", stream, SMALL)
    next(found)
    after_one = stream.reads
    assert [one.problem for one in found] == [None] * 14
    assert stream.reads > after_one


MEMORY = """
import io
from crm.adapters.notices.upload import read_upload
from tests.adapters.notices.test_upload import Large, highest
before = highest()
stream = Large({opening!r}, {filling!r}, {ending!r}, {size})
(found,) = read_upload("large", stream)
print(found.problem.value, found.size, stream.given, highest() - before)
"""


def highest() -> int:
    """The most memory that this process has had, in kB; its own where Linux tells it, while
    `ru_maxrss` may be its parent's."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except FileNotFoundError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most // 1024 if sys.platform == "darwin" else most
    return int(status.partition("VmHWM:")[2].split()[0])


class Large(io.RawIOBase):
    """A file of any size that is never whole anywhere, and counts what was taken of it."""

    def __init__(self, opening: bytes, filling: bytes, ending: bytes, size: int) -> None:
        self.given = 0
        self._parts = self._pieces(opening, filling, ending, size)
        self._left = b""

    def _pieces(self, opening: bytes, filling: bytes, ending: bytes, size: int) -> Iterator[bytes]:
        yield opening
        piece = filling * (65_536 // len(filling) + 1)
        for _ in range(size // len(piece)):
            yield piece
        yield ending

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while len(self._left) < size and (piece := next(self._parts, b"")):
            self._left += piece
        given, self._left = self._left[:size], self._left[size:]
        self.given += len(given)
        return given


FIFTY = 50_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "opening,filling,ending,expected,taken",
    [
        pytest.param(b"<invoices>", b"<invoice><n>1</n></invoice>", b"</invoices>", P.NOT_A_NOTICE, 200_000, id="other XML"),
        pytest.param(b"<ContractNotice>", b"<a>text</a>", b"</ContractNotice>", P.TOO_COMPLEX, 10_000_000, id="elements"),
        pytest.param(b"<ContractNotice><a>", b"text ", b"</a></ContractNotice>", P.TOO_LARGE, 11_000_000, id="one long text"),
        pytest.param(b"<ContractNotice><a ", b" ", b"/></ContractNotice>", P.TOO_LARGE, 11_000_000, id="one long tag"),
        pytest.param(b'<ContractNotice a="', b"text ", b'"/>', P.TOO_LARGE, 11_000_000, id="one long attribute"),
        pytest.param(b"<ContractNotice><a>", b"&amp;", b"</a></ContractNotice>", P.TOO_LARGE, 11_000_000, id="many pieces of text"),
        pytest.param(b"<!-- ", b"text ", b"--><ContractNotice/>", P.TOO_LARGE, 11_000_000, id="one long comment"),
        pytest.param(b'{"releases": [', b'{"a": [1]},', b"{}]}", P.TOO_LARGE, 11_000_000, id="JSON"),
        pytest.param(b"name;number\n", b"a;1\n", b"", P.NOT_A_NOTICE, 200_000, id="a table"),
    ],
)  # fmt: skip
def test_fifty_megabytes_cost_no_memory_and_get_an_answer(
    opening: bytes, filling: bytes, ending: bytes, expected: P, taken: int
) -> None:
    """In a process of its own, so that the highest memory use is its own."""
    code = MEMORY.format(opening=opening, filling=filling, ending=ending, size=FIFTY)
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    found, size, given, kilobytes = done.stdout.split()
    assert found == expected.value
    assert int(given) <= taken
    assert int(kilobytes) < 100_000, "memory must not follow the file's size"
    assert int(size) <= taken


def test_the_type_of_an_upload_is_any_binary_stream(tmp_path: Path) -> None:
    path = tmp_path / "notice.xml"
    path.write_bytes(NOTICE)
    with path.open("rb") as stream:
        opened: BinaryIO = stream
        (found,) = read_upload("C:\\fakepath\\notice.xml", opened)
    assert found.problem is None


# --- tar.gz ---------------------------------------------------------------------------------------


def tarred(*members: tuple[tarfile.TarInfo | str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=form) as archive:
        for name, content in members:
            info = tarfile.TarInfo(name) if isinstance(name, str) else name
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def told(content: bytes, limits: Limits = LIMITS) -> list[tuple[str, P | None]]:
    return [
        (one.name, one.problem) for one in read_upload("paket.tar.gz", io.BytesIO(content), limits)
    ]


@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_a_tar_gz_is_read_as_a_zip_is(form: int) -> None:
    long = "2026-11/" + "a" * 80 + "/" + "b" * 60 + ".xml"
    content = tarred(("a.xml", NOTICE), ("b.xml", b"<a>"), (long, NOTICE), form=form)
    names = told(content)
    assert [problem for _name, problem in names] == [None, P.NOT_A_NOTICE, None]
    assert names[2][0].endswith("b.xml") or form == tarfile.PAX_FORMAT


def test_links_devices_and_folders_in_a_tar_are_passed_over() -> None:
    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)
    members: list[tuple[tarfile.TarInfo | str, bytes]] = []
    for kind in kinds:
        info = tarfile.TarInfo("x.xml")
        info.type, info.linkname = kind, "/etc/passwd"
        members.append((info, b""))
    assert told(tarred(*members, ("../../../../a.xml", NOTICE))) == [("../../../../a.xml", None)]
    assert told(tarred(*members)) == [("paket.tar.gz", P.EMPTY)]


def test_a_tar_that_swells_or_has_too_many_files_is_left() -> None:
    bomb = tarred(("a.xml", NOTICE), ("b.xml", b"<a>" + b" " * 30_000_000))
    assert told(bomb)[-1] == ("paket.tar.gz", P.SWOLLEN_ARCHIVE)
    assert told(bomb)[0] == ("a.xml", None)
    many = tarred(*((f"{n}.xml", NOTICE) for n in range(5)))
    found = told(many, replace(LIMITS, files=3))
    assert [problem for _name, problem in found] == [None, None, None, P.TOO_MANY_FILES]


def test_a_tar_that_is_cut_off_or_none_keeps_what_came_before() -> None:
    whole = tarred(*((f"{n}.xml", NOTICE + random.Random(n).randbytes(3_000)) for n in range(9)))
    cut = told(whole[: len(whole) // 2])
    assert cut[-1][1] is P.BROKEN_ARCHIVE
    assert len(cut) < 9
    assert told(gzip.compress(NOTICE)) == [("paket.tar.gz", P.BROKEN_ARCHIVE)]
    assert told(b"\x1f\x8b\x08" + b"x" * 100) == [("paket.tar.gz", P.BROKEN_ARCHIVE)]
    assert told(tarred(("b.tar.gz", tarred(("a.xml", NOTICE))))) == [("b.tar.gz", P.NESTED_ARCHIVE)]
