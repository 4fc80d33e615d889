"""From an uploaded file to the notices in it: the one thing that others need to call."""

import hashlib
import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from crm.adapters.notices import eforms, ocds, ted_export
from crm.adapters.notices.archives import CHUNK, GZIP, MAGIC, Archive, tar_files
from crm.adapters.notices.problems import LIMITS, Limits, NoticeProblem, NotRead
from crm.adapters.notices.safe_xml import Node, read_xml
from crm.rules.notices import Notice

log = logging.getLogger(__name__)

_NAME_LENGTH = 200
_XML_ROOTS: dict[str, Callable[[Node], Notice]] = {
    **dict.fromkeys(eforms.ROOTS, eforms.read),
    **dict.fromkeys(ted_export.ROOTS, ted_export.read),
}
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class FileResult:
    """What one file gave: its notices, or the reason why it gave none.

    `name` is the file's name, within its archive for one of many; `size` and `digest` (SHA-256) are
    of what was read of it, unpacked. OCDS files may hold several notices, the others hold one.
    """

    name: str
    notices: tuple[Notice, ...] = ()
    problem: NoticeProblem | None = None
    size: int = 0
    digest: str = ""


def read_upload(filename: str, stream: BinaryIO, limits: Limits = LIMITS) -> Iterator[FileResult]:
    """The results of a file, or of each file in a zip or tar.gz, one at a time and in its order.

    What the file is is seen from its content, not its name. Nothing is held but the file that is
    being read, and a file that cannot be read never stops the others. Raises nothing of its own.
    """
    head = stream.read(CHUNK)
    if head.startswith(MAGIC):
        yield from _archive(filename, head, stream, limits)
    elif head.startswith(GZIP):
        yield from _tar(filename, head, stream, limits)
    else:
        yield _file(filename, _rest(head, stream), limits)


def _rest(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    while head:
        yield head
        head = stream.read(CHUNK)


def _archive(filename: str, head: bytes, stream: BinaryIO, limits: Limits) -> Iterator[FileResult]:
    """A zip is read from its end, so a stream that only goes forward is laid down in a file
    first."""
    with tempfile.SpooledTemporaryFile(max_size=limits.file_bytes) as kept:
        try:
            source = stream if stream.seekable() else kept
            if source is kept:
                size = 0
                for chunk in _rest(head, stream):
                    size += len(chunk)
                    if size > limits.archive_bytes:
                        raise NotRead(NoticeProblem.TOO_LARGE)
                    kept.write(chunk)
            archive = Archive(source, limits)  # type: ignore[arg-type]  # a file in all but its type
        except NotRead as refused:
            yield FileResult(_shown(filename), problem=refused.problem)
            return
        if not archive.files:
            yield FileResult(_shown(filename), problem=NoticeProblem.EMPTY)
        for file in archive.files:
            if archive.full:
                yield FileResult(_shown(filename), problem=NoticeProblem.SWOLLEN_ARCHIVE)
                return
            yield _file(file.filename, archive.chunks(file), limits, nested=True)


def _tar(filename: str, head: bytes, stream: BinaryIO, limits: Limits) -> Iterator[FileResult]:
    """A tar.gz is read from its beginning. What cannot be unpacked further ends it, and is told
    after what came before."""
    some = False
    try:
        for name, chunks in tar_files(_Joined(head, stream), limits):  # type: ignore[arg-type]  # it reads, and that is all that is asked of it
            some = True
            yield _file(name, chunks, limits, nested=True)
    except NotRead as refused:
        yield FileResult(_shown(filename), problem=refused.problem)
        return
    if not some:
        yield FileResult(_shown(filename), problem=NoticeProblem.EMPTY)


class _Joined:
    """What has been read of a stream already, and the rest of it."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream = head, stream

    def read(self, size: int) -> bytes:
        head, self._head = self._head, b""
        return head or self._stream.read(size)


def _file(
    name: str, chunks: Iterable[bytes], limits: Limits, *, nested: bool = False
) -> FileResult:
    digest = hashlib.sha256()
    size = 0

    def counted() -> Iterator[bytes]:
        nonlocal size
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            yield chunk

    notices: tuple[Notice, ...] = ()
    problem = None
    try:
        notices = _notices(counted(), limits, nested=nested)
    except NotRead as refused:
        problem = refused.problem
    except Exception:  # one file that we did not foresee must not stop four thousand others
        log.exception("a notice could not be read: %s", _shown(name))
        problem = NoticeProblem.UNFORESEEN
    return FileResult(_shown(name), notices, problem, size, digest.hexdigest())


def _notices(chunks: Iterator[bytes], limits: Limits, *, nested: bool) -> tuple[Notice, ...]:
    head = next(chunks, b"").removeprefix(b"\xef\xbb\xbf")
    start = head.lstrip()
    if not head.strip(b"\x00 \t\r\n"):
        raise NotRead(NoticeProblem.EMPTY)
    if head.startswith((*MAGIC, GZIP)):
        raise NotRead(NoticeProblem.NESTED_ARCHIVE if nested else NoticeProblem.BROKEN_ARCHIVE)
    if start.startswith((b"{", b"[")):
        return ocds.read(_text(head, chunks, limits), limits)
    if not start.startswith(b"<") and not head.startswith(_UTF_16):
        raise NotRead(NoticeProblem.NOT_A_NOTICE)
    beginning = start if start.startswith(b"<") else head  # a blank line before the declaration
    root = read_xml(chain((beginning,), chunks), limits, _accept)
    return (_XML_ROOTS[root.name](root),)


def _accept(root: str) -> None:
    if root in eforms.OTHER_ROOTS:
        raise NotRead(NoticeProblem.OTHER_NOTICE)
    if root not in _XML_ROOTS:
        raise NotRead(NoticeProblem.NOT_A_NOTICE)


def _text(head: bytes, chunks: Iterator[bytes], limits: Limits) -> str:
    """A JSON file as text: UTF-8, as its standard has it."""
    content = bytearray(head)
    for chunk in chunks:
        content += chunk
        if len(content) > limits.file_bytes:
            raise NotRead(NoticeProblem.TOO_LARGE)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotRead(NoticeProblem.BROKEN_JSON) from error


def _shown(name: str) -> str:
    """A file's name without signs that cannot be shown, its end kept if it is long."""
    return "".join(sign if sign.isprintable() else "�" for sign in name)[-_NAME_LENGTH:]
