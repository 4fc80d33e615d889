"""What a procurement that is under way asks of us (`procurement-law.md` 5.1 and 5.3).

Before the notice an authority may talk to the market, and what one supplier learnt the others are
told (LOU 4 kap. 8 §). From the notice to the signature there is only the question channel (R11).
Näringslivskoden leaves no room for any benefit in public procurement, and an improper one is a
crime (brottsbalken 10 kap. 5 a–e §§).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from crm.rules.stages import ProcurementStage, is_published

BRIBES: Final = "brottsbalken 10 kap. 5 a–e §§"


class Caution(StrEnum):
    """What holds in contacts with a body now, the stricter last."""

    PREPARED = "prepared"  # from the RFI on: what one gets to know, all must be able to know
    ADVERTISED = "advertised"  # from the notice to the signature: only the question channel


_PREPARED: Final = frozenset({ProcurementStage.EARLY_DIALOGUE, ProcurementStage.PREPARING})
_NOT_UNDER_WAY: Final = frozenset({ProcurementStage.NONE, ProcurementStage.SIGNED})


def caution(stage: ProcurementStage) -> Caution | None:
    """What a procurement on this stage asks of whoever talks to the body; None before the RFI."""
    if is_published(stage):
        return Caution.ADVERTISED
    return Caution.PREPARED if stage in _PREPARED else None


def allows_hospitality(stages: Iterable[ProcurementStage]) -> bool:
    """Whether something may be offered to somebody at a body whose procurements stand so.

    Never while one is prepared, advertised, evaluated or under review; from when they mean to buy,
    since that is when the preparations begin. A limit of one's own is a note, not a rule of ours.
    """
    return all(stage in _NOT_UNDER_WAY for stage in stages)
