"""What a kit says, as data and back: whatever becomes of answers, people and ourselves."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from crm.accounts.vendor import VendorFacts
from crm.rules.requirements import AnswerState, Area


@dataclass(frozen=True, slots=True)
class FrozenAnswer:
    """An answer as it stood, with the day on which it was last checked."""

    id: int
    title: str
    text: str
    area: Area
    state: AnswerState
    planned_on: date | None
    evidence: str
    checked_on: date


@dataclass(frozen=True, slots=True)
class FrozenReference:
    """Who agreed to tell about it: name and place, and no way to reach them past us."""

    id: int
    name: str
    place: str
    body: str
    uses: str


@dataclass(frozen=True, slots=True)
class FrozenKit:
    """What a kit says, but for the prices, which its price sheet keeps."""

    products: str
    body: str
    by: str
    mail: str
    vendor: VendorFacts
    summary: str
    answers: tuple[FrozenAnswer, ...] = ()
    references: tuple[FrozenReference, ...] = ()


def freeze(kit: FrozenKit) -> dict[str, Any]:
    """As JSON holds it: days as texts."""
    data = asdict(kit)
    for one in data["answers"]:
        one["planned_on"] = one["planned_on"].isoformat() if one["planned_on"] else None
        one["checked_on"] = one["checked_on"].isoformat()
    return data


def thaw(data: dict[str, Any]) -> FrozenKit:
    """The kit out of its JSON."""
    return FrozenKit(
        **{
            **data,
            "vendor": VendorFacts(**data["vendor"]),
            "answers": tuple(_answer(one) for one in data["answers"]),
            "references": tuple(FrozenReference(**one) for one in data["references"]),
        }
    )


def _answer(data: dict[str, Any]) -> FrozenAnswer:
    planned = data["planned_on"]
    return FrozenAnswer(
        **{
            **data,
            "area": Area(data["area"]),
            "state": AnswerState(data["state"]),
            "planned_on": date.fromisoformat(planned) if planned else None,
            "checked_on": date.fromisoformat(data["checked_on"]),
        }
    )
