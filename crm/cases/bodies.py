"""Which bodies a report is about: one choice, shared by the pipeline, its lists and its exports.

What a figure counts and what its link opens are narrowed by the very same conditions, so that they
cannot differ (H3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crm.cases.models import Case
from crm.core.db import dialect_name
from crm.organisations.models import Organisation
from crm.rules.kinds import SIZE_BOUNDS, OrganisationKind, SizeClass
from crm.rules.stages import AdoptionStage, CaseState, Outcome, ProcurementStage
from crm.rules.words import swedish_sort_key
from crm.web.asked import number_or_none

NO_COUNTY = "-"  # state authorities and others that belong to the whole country


@dataclass(frozen=True, slots=True)
class Bodies:
    """What the bodies are narrowed to; empty values narrow nothing.

    `owner_id` is the holder of the territory. A stage means: some case of the body stands there,
    under way or won. A body counts with everything below it, unless `below` is off (A2).
    """

    text: str = ""
    county: str = ""  # a county's code, or NO_COUNTY
    kind: OrganisationKind | None = None
    size: SizeClass | None = None
    owner_id: int | None = None
    adoption: AdoptionStage | None = None
    procurement: ProcurementStage | None = None
    body_id: int | None = None
    below: bool = True

    @classmethod
    def read(cls, args: Mapping[str, str], user_id: int) -> "Bodies":
        """What an address asks for; anything odd in it counts as not asked."""
        county = args.get("county", "")
        body = args.get("body", "")
        return cls(
            text=args.get("place", "").strip()[:100],
            county=county if len(county) <= 2 else "",
            kind=_member(OrganisationKind, args.get("kind", "")),
            size=_member(SizeClass, args.get("size", "")),
            owner_id=user_id if args.get("mine") == "1" else None,
            adoption=_member(AdoptionStage, args.get("stage", "")),
            procurement=_member(ProcurementStage, args.get("route", "")),
            body_id=number_or_none(body),
            # Beside a node of one's choice the switch is about that node.
            below=args.get("below", "1") != "0" or bool(args.get("within")),
        )

    def as_args(self) -> dict[str, str]:
        """The part of an address that `read` reads back."""
        asked = {
            "place": self.text,
            "county": self.county,
            "kind": self.kind or "",
            "size": self.size or "",
            "mine": "1" if self.owner_id is not None else "",
            "stage": self.adoption or "",
            "route": self.procurement or "",
            "body": str(self.body_id or ""),
            "below": "" if self.below else "0",
        }
        return {name: str(value) for name, value in asked.items() if value}

    @property
    def is_narrow(self) -> bool:
        return self != Bodies()

    def of_cases(self) -> list[sa.ColumnElement[bool]]:
        """On a query of cases: those of the bodies themselves, unless what lies below counts."""
        return [] if self.below else [Case.organisation_id == Case.body_id]

    def conditions(self, body: type[Organisation]) -> list[sa.ColumnElement[bool]]:
        """On a query in which `body` is a legal body."""
        found: list[sa.ColumnElement[bool]] = []
        if self.body_id is not None:
            found.append(body.id == self.body_id)
        if self.text:
            named: list[sa.ColumnElement[bool]] = [
                body.name_full.icontains(self.text, autoescape=True),
                body.short_name.icontains(self.text, autoescape=True),
            ]
            if key := swedish_sort_key(self.text):
                named.append(body.name_sort.contains(key, autoescape=True))
            found.append(sa.or_(*named))
        if self.county == NO_COUNTY:
            found.append(sa.func.coalesce(body.county_code, "") == "")
        elif self.county:
            found.append(body.county_code == self.county)
        if self.kind is OrganisationKind.REGION:  # Gotland is one body and does both
            found.append(sa.or_(body.kind == self.kind, body.is_region_too.is_(True)))
        elif self.kind is not None:
            found.append(body.kind == self.kind)
        if self.size is not None:
            least, most = SIZE_BOUNDS[self.size]
            found.append(body.population >= least)
            if most is not None:
                found.append(body.population < most)
        if self.owner_id is not None:
            found.append(body.owner_id == self.owner_id)
        if self.adoption is not None:
            found.append(body.id.in_(_standing(Case.adoption == self.adoption, *self.of_cases())))
        if self.procurement is not None:
            found.append(
                body.id.in_(_standing(Case.procurement == self.procurement, *self.of_cases()))
            )
        return found


def standing() -> sa.ColumnElement[bool]:
    """A case whose stage says something about its body: under way, or won."""
    return sa.or_(Case.state != CaseState.CLOSED, Case.outcome == Outcome.WON)


def _standing(*where: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(Case.body_id).where(standing(), *where)


def _member(kind: Any, value: str) -> Any:
    return kind(value) if value in set(kind) else None


def smallest(*columns: Any, kind: Any) -> sa.ColumnElement[Any]:
    """The least of several values in one row; both engines have it, each by its own name."""
    name = "min" if dialect_name() == "sqlite" else "least"
    found: sa.ColumnElement[Any] = getattr(sa.func, name)(*columns, type_=kind)
    return found
