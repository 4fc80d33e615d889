"""Whether two records may be one person or one organisation, why, and how surely."""

from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from crm.rules.contact import ROLE_MAILBOXES
from crm.rules.names import SAME_NAME, name_similarity
from crm.rules.words import fold, words


class Sameness(StrEnum):
    """Why two records may be one."""

    ORG_NUMBER = "org_number"
    EMAIL = "email"
    PHONE = "phone"
    NAME = "name"  # and nothing else is known of one of them
    NAME_AND_MUNICIPALITY = "name_and_municipality"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a person or an organisation, already in normal form.

    `body_id` is the body they belong to: with the name alone a namesake elsewhere is another.
    """

    name: str = ""
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    org_number: str = ""
    body_id: int | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Reasons, strongest first, and how sure they make us in per cent."""

    reasons: tuple[Sameness, ...]
    confidence: int

    def __bool__(self) -> bool:
        return bool(self.reasons)


def likely_same_person(one: Facts, other: Facts) -> Likeness:
    """Whether two records of people may be the same person, and why.

    A shared mailbox (info@) and a shared switchboard are only reasons beside a like name.
    """
    alike = name_similarity(one.name, other.name)
    shared_mail = one.emails & other.emails
    own_mail = {mail for mail in shared_mail if fold(mail.split("@")[0]) not in ROLE_MAILBOXES}
    reasons: list[tuple[int, Sameness]] = []
    if own_mail:
        reasons.append((95, Sameness.EMAIL))
    elif shared_mail and alike >= SAME_NAME:
        reasons.append((85, Sameness.EMAIL))
    if one.phones & other.phones:
        reasons.append((90 if alike >= SAME_NAME else 60, Sameness.PHONE))
    if alike >= SAME_NAME:
        if one.body_id is not None and one.body_id == other.body_id:
            reasons.append((80 if alike == 100 else 70, Sameness.NAME_AND_MUNICIPALITY))
        elif one.body_id is None or other.body_id is None:
            reasons.append((40, Sameness.NAME))
    return _likeness(reasons)


def likely_same_organisation(one: Facts, other: Facts) -> Likeness:
    """Whether two records of organisations may be the same, and why.

    A unit shares its body's organisation number and mail domain with all its sisters, so the
    number counts between bodies only: leave it out of a unit's facts.
    """
    reasons: list[tuple[int, Sameness]] = []
    if one.org_number and one.org_number == other.org_number:
        reasons.append((99, Sameness.ORG_NUMBER))
    alike = organisation_similarity(one.name, other.name)
    same_place = one.body_id is not None and one.body_id == other.body_id
    if alike >= SAME_NAME and same_place:
        reasons.append((85 if alike == 100 else 70, Sameness.NAME_AND_MUNICIPALITY))
    if one.emails & other.emails:
        reasons.append((75 if alike >= 60 else 50, Sameness.EMAIL))
    if one.phones & other.phones:
        reasons.append((75 if alike >= 60 else 50, Sameness.PHONE))
    return _likeness(reasons)


def _likeness(reasons: list[tuple[int, Sameness]]) -> Likeness:
    reasons.sort(key=lambda found: -found[0])
    doubt = 1.0
    for confidence, _reason in reasons:
        doubt *= 1 - confidence / 100
    return Likeness(tuple(reason for _, reason in reasons), min(99, round(100 - doubt * 100)))


_EMPTY_WORDS = frozenset({"kommun", "kommuns", "stad", "stads", "ab", "aktiebolag", "aktiebolaget"})


def organisation_similarity(one: str, other: str) -> int:
    """How alike two names of organisations are, 0–100, without genitive, "kommun" and "AB".

    A number in the name must be equal: Skola 1 is not Skola 2.
    """
    a, b = _organisation_words(one), _organisation_words(other)
    if not a or not b:
        return 0
    if a == b or "".join(a) == "".join(b):
        return 100
    numbers = [{word for word in side if word.isdigit()} for side in (a, b)]
    if numbers[0] != numbers[1]:
        return 0
    return round(fuzz.ratio(" ".join(sorted(a)), " ".join(sorted(b))))


def _organisation_words(name: str) -> tuple[str, ...]:
    kept = [word for word in words(name) if word not in _EMPTY_WORDS] or list(words(name))
    return tuple(word[:-1] if len(word) > 4 and word.endswith("s") else word for word in kept)
