"""Whom an inquiry is about, as one value: picked rows, and what is to be made along with it.

The picker's options and the radio buttons of the page without scripts carry it as text, so that a
choice means the same wherever it was made: "o=12&p=56" or "o=12&unit=Nyskolan&first=Lisa".
"""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode

from crm.rules.kinds import UnitKind

LONGEST = 700  # characters of a choice as text; more is not one of ours
_LARGEST_ID = 2_147_483_647


@dataclass(frozen=True, slots=True)
class Who:
    """`organisation_id` is the nearest organisation that exists: the unit, or the body above it.

    With `unit_name` a new unit is made under it, with a name a new person there. Either may be
    left out: a municipality alone is a beginning (B3).
    """

    organisation_id: int | None = None
    person_id: int | None = None
    unit_name: str = ""
    unit_kind: UnitKind | None = None
    first_name: str = ""
    last_name: str = ""

    @property
    def makes_unit(self) -> bool:
        return bool(self.unit_name)

    @property
    def makes_person(self) -> bool:
        return self.person_id is None and bool(self.first_name or self.last_name)

    @property
    def is_empty(self) -> bool:
        return self == Who()

    def existing(self) -> "Who":
        """Without what would be made."""
        return Who(self.organisation_id, self.person_id)

    def corrected(
        self, *, unit_name: str = "", unit_kind: UnitKind | None = None, name: str = ""
    ) -> "Who":
        """With the words the user wrote over the guess. An empty word corrects nothing."""
        changed = self
        if unit_name:
            changed = replace(changed, unit_name=unit_name)
        if unit_kind:
            changed = replace(changed, unit_kind=unit_kind)
        if name:
            first, last = split_name(name)
            changed = replace(changed, person_id=None, first_name=first, last_name=last)
        return changed

    def encode(self) -> str:
        """As text, for a form value."""
        facts = {
            "o": self.organisation_id,
            "p": self.person_id,
            "unit": self.unit_name,
            "kind": self.unit_kind.value if self.unit_kind else "",
            "first": self.first_name,
            "last": self.last_name,
        }
        return urlencode({key: value for key, value in facts.items() if value})


def decode(text: str) -> Who:
    """The opposite of `Who.encode`. Raises ValueError on anything we did not write."""
    if len(text) > LONGEST:
        raise ValueError("too long for a choice")
    facts = dict(parse_qsl(text, strict_parsing=True, max_num_fields=6)) if text else {}
    kind = facts.get("kind")
    return Who(
        organisation_id=_identity(facts.get("o")),
        person_id=_identity(facts.get("p")),
        unit_name=facts.get("unit", "")[:200].strip(),
        unit_kind=UnitKind(kind) if kind else None,
        first_name=facts.get("first", "")[:100].strip(),
        last_name=facts.get("last", "")[:100].strip(),
    )


def split_name(name: str) -> tuple[str, str]:
    """First name and the rest: "Lisa af Berg" → ("Lisa", "af Berg"); "Berg, Lisa" is turned."""
    before, comma, after = name.partition(",")
    turned = f"{after} {before}" if comma else name
    first, _, last = " ".join(turned.split()).partition(" ")
    return first[:100], last[:100]


def _identity(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text[:11]) <= _LARGEST_ID):
        raise ValueError("not an id")
    return int(text)
