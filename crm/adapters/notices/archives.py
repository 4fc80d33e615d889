"""The files of a zip or tar.gz from a stranger, one at a time and never more than was agreed on.

What an archive says about sizes is not believed: bytes are counted as they come out.
"""

import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from crm.adapters.notices.problems import Limits, NoticeProblem, NotRead

CHUNK = 65_536
MAGIC = (b"PK\x03\x04", b"PK\x05\x06")  # of a zip, and of an empty one

_END, _END_SIZE = b"PK\x05\x06", 22
_ZIP64_LOCATOR, _ZIP64_LOCATOR_SIZE = b"PK\x06\x07", 20
_LONGEST_COMMENT = 65_535
_DIRECTORY_ENTRY = 200  # bytes that the directory may take for each file, with a long name
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # others can ask for gigabytes to unpack a byte
_OFFICE = frozenset({"[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"})
"""In documents and programs that are zips inside."""

_SMALL = 1_000_000  # bytes; below that no ratio can hurt
_LOCKED = 0x1  # flag of an encrypted file


class Archive:
    """An open zip. Raises NotRead when it is none, or is too much already by its directory."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._unpacked = 0
        _check_directory(stream, limits)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            ValueError,
            OSError,
            struct.error,
        ) as error:
            raise NotRead(NoticeProblem.BROKEN_ARCHIVE) from error
        entries = self._zip.infolist()
        if any(one.filename in _OFFICE for one in entries):
            raise NotRead(NoticeProblem.NOT_A_NOTICE)
        self.files = [one for one in entries if _is_content(one)]
        if len(self.files) > limits.files:
            raise NotRead(NoticeProblem.TOO_MANY_FILES)

    @property
    def full(self) -> bool:
        """Whether so much has come out that no more will be unpacked."""
        return self._unpacked > self._limits.unpacked_bytes

    def chunks(self, file: zipfile.ZipInfo) -> Iterator[bytes]:
        """A file's content in pieces. Raises NotRead as soon as it is too much, or cannot be
        read."""
        if file.flag_bits & _LOCKED:
            raise NotRead(NoticeProblem.LOCKED_ARCHIVE)
        if file.compress_type not in _PLAIN:
            raise NotRead(NoticeProblem.BROKEN_ARCHIVE)
        size = 0
        try:
            with self._zip.open(file) as content:
                while chunk := content.read(CHUNK):
                    size += len(chunk)
                    self._unpacked += len(chunk)
                    swollen = size > _SMALL and size > self._limits.ratio * file.compress_size
                    if swollen or self.full:
                        raise NotRead(NoticeProblem.SWOLLEN_ARCHIVE)
                    yield chunk
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            RuntimeError,
            ValueError,
            OSError,
            struct.error,
        ) as error:
            raise NotRead(NoticeProblem.BROKEN_ARCHIVE) from error


def _is_content(file: zipfile.ZipInfo) -> bool:
    """Not a folder, nor what a Mac adds."""
    return _is_named(file.filename) and not file.filename.startswith("__MACOSX/")


def _check_directory(stream: BinaryIO, limits: Limits) -> None:
    """Refuse a directory that is too large before it is read: `zipfile` makes an object of each
    entry.

    The large format (zip64) is for more files and bytes than the limits allow, so it is refused.
    """
    size = stream.seek(0, 2)
    if size > limits.archive_bytes:
        raise NotRead(NoticeProblem.TOO_LARGE)
    tail_size = min(size, _LONGEST_COMMENT + _END_SIZE + _ZIP64_LOCATOR_SIZE)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    stream.seek(0)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_SIZE:
        raise NotRead(NoticeProblem.BROKEN_ARCHIVE)
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    large = tail[max(0, at - _ZIP64_LOCATOR_SIZE) : at].startswith(_ZIP64_LOCATOR)
    if large or directory > limits.files * _DIRECTORY_ENTRY:
        raise NotRead(NoticeProblem.TOO_MANY_FILES)


# --- tar.gz, as TED's own daily and monthly packages are ------------------------------------------

GZIP = b"\x1f\x8b\x08"
_BLOCK = 512  # bytes of a tar; what a member's header takes
_MOST_NAMES = 1_000_000  # bytes of long names and the like, in all


class _Counted:
    """A gzip unpacked as it is read, and no further than agreed on."""

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._stream, self._limits = stream, limits
        self._inflate = zlib.decompressobj(wbits=31)
        self._kept = b""
        self.taken = self.given = 0

    def read(self, size: int) -> bytes:
        """So many bytes, fewer at the end. Raises NotRead when it is too much or broken."""
        found = []
        wanted = size
        while wanted > 0 and (piece := self._piece(wanted)):
            found.append(piece)
            wanted -= len(piece)
        return b"".join(found)

    def _piece(self, most: int) -> bytes:
        while True:
            if self._inflate.eof:
                rest = self._inflate.unused_data or self._stream.read(CHUNK)
                if not rest.startswith(GZIP[:1]):  # nothing more, or padding
                    return b""
                self._inflate, self._kept = zlib.decompressobj(wbits=31), rest
                self.taken += len(rest)
            if not self._kept:
                self._kept = self._stream.read(CHUNK)
                self.taken += len(self._kept)
                if not self._kept:
                    raise NotRead(NoticeProblem.BROKEN_ARCHIVE)  # it ends in the middle
            if self.taken > self._limits.archive_bytes:
                raise NotRead(NoticeProblem.TOO_LARGE)
            try:
                piece = self._inflate.decompress(self._kept, most)
            except zlib.error as error:
                raise NotRead(NoticeProblem.BROKEN_ARCHIVE) from error
            self._kept = self._inflate.unconsumed_tail
            self.given += len(piece)
            swollen = self.given > _SMALL and self.given > self._limits.ratio * self.taken
            if swollen or self.given > self._limits.unpacked_bytes:
                raise NotRead(NoticeProblem.SWOLLEN_ARCHIVE)
            if piece:
                return piece


def tar_files(stream: BinaryIO, limits: Limits) -> Iterator[tuple[str, Iterator[bytes]]]:
    """The name and content of each plain file of a tar.gz, in its order; only forward.

    Links, devices and the like are passed over, and nothing is ever written under the names that
    the archive gives. The content is good until the next file is asked for. Raises NotRead when it
    is no tar, too much, or broken; what came before is good.
    """
    source = _Counted(stream, limits)
    seen = extra = 0
    name = ""
    while True:
        header = source.read(_BLOCK)
        if not header.strip(b"\0"):
            return
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "replace")
        except (tarfile.HeaderError, ValueError) as error:
            raise NotRead(NoticeProblem.BROKEN_ARCHIVE) from error
        if info.size < 0:
            raise NotRead(NoticeProblem.BROKEN_ARCHIVE)
        padded = -(-info.size // _BLOCK) * _BLOCK
        if info.type in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE):
            extra += padded
            if extra > _MOST_NAMES:
                raise NotRead(NoticeProblem.SWOLLEN_ARCHIVE)
            content = source.read(padded)[: info.size]
            if info.type == tarfile.GNUTYPE_LONGNAME:
                name = content.rstrip(b"\0").decode("utf-8", "replace")
            continue
        shown, name = name or info.name, ""
        left = padded
        if info.isreg():
            seen += 1
            if seen > limits.files:
                raise NotRead(NoticeProblem.TOO_MANY_FILES)
            rest = _Rest(source, info.size)
            if _is_named(shown):
                yield shown, rest.chunks()
            left -= info.size - rest.left
        while left > 0:
            piece = source.read(min(left, CHUNK))
            if not piece:
                raise NotRead(NoticeProblem.BROKEN_ARCHIVE)
            left -= len(piece)


class _Rest:
    """What is left to read of a file in a tar."""

    def __init__(self, source: _Counted, size: int) -> None:
        self._source, self.left = source, size

    def chunks(self) -> Iterator[bytes]:
        while self.left > 0:
            piece = self._source.read(min(self.left, CHUNK))
            if not piece:
                raise NotRead(NoticeProblem.BROKEN_ARCHIVE)
            self.left -= len(piece)
            yield piece


def _is_named(path: str) -> bool:
    """Not a folder's own file, nor what a Mac adds."""
    name = path.rpartition("/")[2]
    return bool(name) and not name.startswith(".")
