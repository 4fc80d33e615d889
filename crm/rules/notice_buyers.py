"""Which of the bodies we know a buyer in a notice is: by organisation number, then by name.

The number is the legal person's. A unit of it is published under the same number and a name of its
own (Södermalms stadsdelsförvaltning under Stockholms stad), and names change under one number: so
another name under a known number is the body, and perhaps one of its units. A name alone is a
proposal, which a person confirms.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from crm.rules.matching import Sameness, organisation_similarity
from crm.rules.names import SAME_NAME
from crm.rules.notices import Party

MOST_PROPOSALS = 5


@dataclass(frozen=True, slots=True)
class KnownBody:
    """A legal body in our register: its number in ten digits, and every name it is known by."""

    id: int
    names: tuple[str, ...]
    number: str | None = None


@dataclass(frozen=True, slots=True)
class BuyerMatch:
    """What a buyer was found to be.

    `body_id` is set when the number says it, and then nobody needs to be asked. Else `proposals`
    are bodies with a like name, best first, for a person to choose among; None of them may be
    right. `units` are names that may be units of the body: its contact points, and the buyer's own
    name where it is not one of the body's.
    """

    body_id: int | None = None
    reason: Sameness | None = None
    proposals: tuple[int, ...] = ()
    units: tuple[str, ...] = ()


class Register:
    """The bodies that buyers are looked for among; made once for a whole import."""

    def __init__(self, bodies: Iterable[KnownBody]) -> None:
        self._bodies = tuple(bodies)
        self._by_number = {body.number: body for body in self._bodies if body.number}

    def match(self, buyer: Party) -> BuyerMatch:
        """Which body a buyer is, or may be."""
        names = tuple(text for _language, text in buyer.name.texts)
        if (body := self._by_number.get(buyer.number or "")) is not None:
            own = () if _likeness(names, body) >= SAME_NAME else names[:1]
            units = tuple(dict.fromkeys((*own, *buyer.units)))
            return BuyerMatch(body.id, Sameness.ORG_NUMBER, units=units)
        alike = [
            (-likeness, body.id)
            for body in self._bodies
            if not (buyer.number and body.number)  # two numbers are two legal persons
            and (likeness := _likeness(names, body)) >= SAME_NAME
        ]
        proposals = tuple(key for _, key in sorted(alike)[:MOST_PROPOSALS])
        return BuyerMatch(
            reason=Sameness.NAME if proposals else None, proposals=proposals, units=buyer.units
        )


def _likeness(names: tuple[str, ...], body: KnownBody) -> int:
    return max(
        (organisation_similarity(one, other) for one in names for other in body.names), default=0
    )
