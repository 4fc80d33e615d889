"""How sure we are of a date, and the order between the marks.

Every date the program shows says where it comes from (product.md, "Certainty"): the law fixes it,
the body has published it, somebody at the body has confirmed it to us, others have told it (a
newspaper, a party, a colleague elsewhere; decision 19), it is typical of bodies of the kind, or it
is a guess that no page supports.
"""

from enum import StrEnum


class Certainty(StrEnum):
    """Declared from the surest to the least sure; `weakest` and `rank` follow that order."""

    LAW = "law"
    PUBLISHED = "published"
    CONFIRMED = "confirmed"
    REPORTED = "reported"
    TYPICAL = "typical"
    GUESSED = "guessed"

    @property
    def rank(self) -> int:
        """0 for the surest, rising."""
        return _ORDER[self]

    def is_at_least(self, other: "Certainty") -> bool:
        """Whether this mark is as sure as the other one, or surer."""
        return self.rank <= other.rank


_ORDER = {certainty: rank for rank, certainty in enumerate(Certainty)}


def weakest(*marks: Certainty) -> Certainty:
    """A conclusion is no surer than the least sure thing it rests on."""
    return max(marks, key=lambda mark: mark.rank)
