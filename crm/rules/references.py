"""References (feature C10): who has agreed to be asked about the product, how often, by whom.

A reference is a favour done in working hours by a public servant. So it rests on a dated consent
that can be taken back, it has a limit a year that holds, and nobody is asked who was asked enough.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import asin, cos, radians, sin, sqrt
from typing import Final, TypeVar

from crm.rules.kinds import UnitKind

T = TypeVar("T")


class Likeness(StrEnum):
    """In what a reference is like the one who wants to ask, the weightiest first."""

    UNIT_KIND = "unit_kind"
    SYSTEM = "system"
    SIZE = "size"
    NEAR = "near"
    COUNTY = "county"


@dataclass(frozen=True, slots=True)
class Place:
    """What is compared. `size` is inhabitants of the body; `at` latitude and longitude."""

    unit_kinds: frozenset[UnitKind]
    size: int | None = None
    at: tuple[float, float] | None = None
    county: str | None = None
    systems: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """How a reference fits. `km` is the distance between the two seats, where both are known."""

    alike: tuple[Likeness, ...]
    km: int | None

    @property
    def weight(self) -> int:
        return sum(_WEIGHT[one] for one in self.alike)


_WEIGHT: Final = {
    Likeness.UNIT_KIND: 4,
    Likeness.SYSTEM: 3,
    Likeness.SIZE: 2,
    Likeness.NEAR: 2,
    Likeness.COUNTY: 1,
}
NEAR_KM: Final = 60
"""About an hour's drive: near enough for a visit. An own choice."""

_EARTH_KM: Final = 6371.0


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the surface of a round earth, from latitudes and longitudes in degrees."""
    (lat1, lon1), (lat2, lon2) = (tuple(map(radians, place)) for place in (one, other))
    half = sin((lat2 - lat1) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_KM * asin(sqrt(half))


def _systems(text: str) -> set[str]:
    return {" ".join(one.casefold().split()) for one in re.split(r"[,;\n]", text) if one.strip()}


def _share_a_system(wanted: str, offered: str) -> bool:
    """Whether a system of the one is named at the other, alone or within a longer name: of a
    contract, say."""
    return any(
        re.search(rf"(?<!\w){re.escape(one)}(?!\w)", name)
        for one in _systems(offered)
        for name in _systems(wanted)
    )


def match(wanted: Place, offered: Place) -> Match:
    """In what the two are alike. Sizes are alike within half and double."""
    alike = []
    if wanted.unit_kinds & offered.unit_kinds:
        alike.append(Likeness.UNIT_KIND)
    if _share_a_system(wanted.systems, offered.systems):
        alike.append(Likeness.SYSTEM)
    if wanted.size and offered.size and 0.5 <= offered.size / wanted.size <= 2:
        alike.append(Likeness.SIZE)
    km = round(distance_km(wanted.at, offered.at)) if wanted.at and offered.at else None
    if km is not None and km <= NEAR_KM:
        alike.append(Likeness.NEAR)
    if wanted.county and wanted.county == offered.county:
        alike.append(Likeness.COUNTY)
    return Match(tuple(alike), km)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a consent stands on a day. `asked` are those of the calendar year."""

    withdrawn: bool
    asked: int
    limit: int
    last_asked: date | None

    @property
    def left(self) -> int:
        return 0 if self.withdrawn else max(0, self.limit - self.asked)


def standing(
    withdrawn_on: date | None, limit: int, asked_on: Iterable[date], today: date
) -> Standing:
    """How often one may still be asked this calendar year."""
    days = sorted(asked_on)
    this_year = [day for day in days if day.year == today.year]
    return Standing(withdrawn_on is not None, len(this_year), limit, days[-1] if days else None)


def best_first(found: Sequence[tuple[T, Match, Standing]]) -> list[tuple[T, Match, Standing]]:
    """Those that may be asked first, then the best fit, then the nearest."""
    return sorted(
        found,
        key=lambda one: (
            one[2].left == 0,
            -one[1].weight,
            one[1].km if one[1].km is not None else 10_000,
        ),
    )
