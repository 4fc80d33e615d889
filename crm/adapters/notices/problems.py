"""Why a file gave no notice, and the limits that a file must keep to."""

from dataclasses import dataclass
from enum import StrEnum


class NoticeProblem(StrEnum):
    """Why a file could not be read as a notice; `crm.web.labels` has the sentences."""

    EMPTY = "empty"
    NOT_A_NOTICE = "not_a_notice"  # something else altogether
    OTHER_NOTICE = "other_notice"  # of TED, but not about a procurement
    BROKEN_XML = "broken_xml"
    BROKEN_JSON = "broken_json"
    DOCTYPE = "doctype"  # would let the file define and fetch things
    TOO_LARGE = "too_large"
    TOO_COMPLEX = "too_complex"  # too many elements, or too deep
    BROKEN_ARCHIVE = "broken_archive"
    LOCKED_ARCHIVE = "locked_archive"
    NESTED_ARCHIVE = "nested_archive"
    SWOLLEN_ARCHIVE = "swollen_archive"  # grows beyond measure when it is unpacked
    TOO_MANY_FILES = "too_many_files"
    UNFORESEEN = "unforeseen"  # a fault of ours; the log has it


class NotRead(Exception):
    """The file gave no notice; `problem` says why. The only exception the readers raise."""

    def __init__(self, problem: NoticeProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one upload may be. The largest real notices known are about 3 MB.

    `file_bytes` is of one notice, unpacked; `elements` counts XML elements or JSON values. An
    archive has `archive_bytes` at most, and `unpacked_bytes` in `files` files; a file in it may
    unpack to `ratio` times what it takes up.
    """

    file_bytes: int = 10_000_000
    elements: int = 200_000
    depth: int = 100
    archive_bytes: int = 200_000_000
    unpacked_bytes: int = 1_000_000_000
    files: int = 20_000
    ratio: int = 200


LIMITS = Limits()
