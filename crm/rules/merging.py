"""Two records of one thing become one: which value is proposed, and what may not be merged."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Side(StrEnum):
    """Whose value stands afterwards."""

    KEPT = "kept"
    GONE = "gone"
    BOTH = "both"  # of a text: one after the other


@dataclass(frozen=True, slots=True)
class Value:
    """A value of one of the two, and when somebody last wrote it; None: nobody has noted when."""

    value: object
    written_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        return self.value is None or self.value == ""


def proposed(kept: Value, gone: Value, *, is_text: bool = False) -> Side:
    """Whose value is proposed: one that is there before one that is not, else the later written.

    Where nobody knows which is later, that of the record which stays. Of two texts both.
    """
    if gone.is_empty or gone.value == kept.value:
        return Side.KEPT
    if kept.is_empty:
        return Side.GONE
    if is_text:
        return Side.BOTH
    if gone.written_at is None:
        return Side.KEPT
    if kept.written_at is None or gone.written_at > kept.written_at:
        return Side.GONE
    return Side.KEPT


def joined(kept: str, gone: str) -> str:
    """Both texts, the one that stays first; what says the same is said once."""
    if gone.strip() in kept:
        return kept
    return gone if kept.strip() in gone else f"{kept}\n\n{gone}"


class Refusal(StrEnum):
    """Why two records cannot be merged."""

    ITSELF = "itself"
    MERGED = "merged"  # one of the two has been merged already
    CLOSED = "closed"  # the one to keep does not exist any more
    ABOVE = "above"  # the one to keep lies below the one that is to go
    OFFICIAL = "official"  # both are bodies of the register, at work, and no merger is said


@dataclass(frozen=True, slots=True)
class Node:
    """What is asked of one of two organisations. `path` is '/1/17/': the body first."""

    id: int
    path: str
    is_closed: bool = False
    is_merged: bool = False
    is_official: bool = False  # a body of the register


def refusal(kept: Node, gone: Node, *, is_takeover: bool) -> Refusal | None:
    """Why `gone` cannot go up in `kept`, or None. `is_takeover`: it was decided so."""
    if kept.id == gone.id:
        return Refusal.ITSELF
    if kept.is_merged or gone.is_merged:
        return Refusal.MERGED
    if kept.path.startswith(gone.path):
        return Refusal.ABOVE
    if kept.is_closed:
        return Refusal.CLOSED
    at_work = kept.is_official and gone.is_official and not gone.is_closed
    return Refusal.OFFICIAL if at_work and not is_takeover else None
