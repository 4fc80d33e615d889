"""The files of a zip from a stranger, one at a time and never more than was agreed on.

What an archive says about sizes is not believed: bytes are counted as they come out.
"""

import struct
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
    name = file.filename.rpartition("/")[2]
    return bool(name) and not name.startswith(".") and not file.filename.startswith("__MACOSX/")


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
