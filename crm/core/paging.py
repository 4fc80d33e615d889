"""One slice of a list, and how much there is in all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Generic, TypeVar

PER_PAGE = 50

T = TypeVar("T")


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


def every_row(read: Callable[[int, int], Page[T]], per_page: int = 1_000) -> Iterator[T]:
    """All rows of a list in their order, for a file. `read` takes the page's number and size."""
    number, last = 1, 1
    while number <= last:
        page = read(number, per_page)
        yield from page.rows
        number, last = number + 1, page.last
