"""One slice of a list, and how much there is in all; or the whole of it, bit by bit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from crm.core.db import db

PER_PAGE = 50
AT_A_TIME = 1_000  # rows of a file that are held at once

T = TypeVar("T")
# Of columns that are named elsewhere.
Statement = sa.Select[*tuple[Any, ...]]
Found = sa.Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`number` counts from 1; `total` is the number of rows in the whole list."""

    rows: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def last(self) -> int:
        return max(1, ceil(self.total / self.per_page))

    @property
    def first_row(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.total else 0

    @property
    def last_row(self) -> int:
        return self.first_row + len(self.rows) - 1 if self.rows else 0

    @property
    def has_next(self) -> bool:
        return self.number < self.last

    @property
    def has_previous(self) -> bool:
        return self.number > 1


def parts_of(statement: Statement) -> Iterator[Sequence[Found]]:
    """All that a statement finds, in its order and AT_A_TIME rows at a time: a list as a file.

    It is asked once. What somebody adds or takes away meanwhile neither moves a row out of the file
    nor puts it there twice, as it would from page to page, and no row is counted past again.
    """
    with db.session.execute(statement.execution_options(yield_per=AT_A_TIME)) as found:
        yield from found.partitions()
