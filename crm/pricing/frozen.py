"""A ladder as data and back: what a price sheet keeps, whatever becomes of lists and rules."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crm.accounts.vendor import VendorFacts
from crm.rules.pricing import Line, Offer, PriceKind, Rung, Scenario


@dataclass(frozen=True, slots=True)
class FrozenOffer:
    """A step as it was priced. Öre; `value` is what the contract counts for."""

    rung: Rung
    units: int
    yearly_lines: tuple[Line, ...]
    once_lines: tuple[Line, ...]
    yearly: int
    once: int
    yearly_with_vat: int
    once_with_vat: int
    value: int


@dataclass(frozen=True, slots=True)
class FrozenSheet:
    """What stands on a sheet."""

    product: str
    body: str
    by: str
    mail: str
    vendor: VendorFacts
    scenario: Scenario
    offers: tuple[FrozenOffer, ...]


def freeze(
    *,
    product: str,
    body: str,
    by: str,
    mail: str,
    vendor: VendorFacts,
    scenario: Scenario,
    offers: Sequence[Offer],
) -> dict[str, Any]:
    """The sheet as JSON holds it: whole numbers and texts."""
    return {
        "product": product,
        "body": body,
        "by": by,
        "mail": mail,
        "vendor": asdict(vendor),
        "scenario": asdict(scenario),
        "offers": [
            {
                "rung": offer.rung.value,
                "units": scenario.units_of(offer.rung),
                "yearly_lines": [asdict(line) for line in offer.yearly_lines],
                "once_lines": [asdict(line) for line in offer.once_lines],
                "yearly": offer.yearly,
                "once": offer.once,
                "yearly_with_vat": offer.yearly_with_vat,
                "once_with_vat": offer.once_with_vat,
                "value": offer.value.value,
            }
            for offer in offers
        ],
    }


def thaw(data: dict[str, Any]) -> FrozenSheet:
    """The sheet out of its JSON."""
    return FrozenSheet(
        product=data["product"],
        body=data["body"],
        by=data["by"],
        mail=data["mail"],
        vendor=VendorFacts(**data["vendor"]),
        scenario=Scenario(**data["scenario"]),
        offers=tuple(_offer(one) for one in data["offers"]),
    )


def _offer(data: dict[str, Any]) -> FrozenOffer:
    lines = {
        name: tuple(Line(**{**one, "kind": PriceKind(one["kind"])}) for one in data[name])
        for name in ("yearly_lines", "once_lines")
    }
    return FrozenOffer(**{**data, **lines, "rung": Rung(data["rung"])})
