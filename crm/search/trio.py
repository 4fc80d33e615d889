"""Body, unit and person out of one typed line: what the quick log makes of a caller's words."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import Any

from crm.rules.kinds import UnitKind
from crm.rules.names import display_name, is_given_name
from crm.rules.words import SMALL_WORDS, fold, guess_unit_kind, is_bare_kind
from crm.search.queries import Scope, candidates, get, is_one_letter, search, search_corrected
from crm.search.question import (
    LONGEST_QUESTION,
    MOST_FRAGMENTS,
    Form,
    Fragment,
    fragments,
    is_known,
    read_words,
    reread,
)
from crm.search.ranking import (
    BOOST,
    COVERS_TITLE,
    GENERIC,
    GENITIVE,
    WEIGHT_SHARE,
    Hit,
    coverage,
    hit_of,
    own_worth,
    ranked,
)
from crm.search.vocabulary import vocabulary


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit nobody has recorded: its name as typed, and the kind if the name tells."""

    name: str
    kind: UnitKind | None


@dataclass(frozen=True, slots=True)
class NewPerson:
    first_name: str
    last_name: str

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Trio:
    """What one typed line means: who called, from where.

    `body`, `unit` and `person` are the best reading; the lists are alternatives, best first.
    `new_unit` (under `unit` or else `body`) and `new_person` are made of the words that nothing
    known answers to; both may offer the same words when they could be either. `similar` are known
    things that one typing error would explain. `leftover` is every word not understood, as typed.
    """

    body: Hit | None = None
    unit: Hit | None = None
    person: Hit | None = None
    bodies: tuple[Hit, ...] = ()
    units: tuple[Hit, ...] = ()
    people: tuple[Hit, ...] = ()
    similar: tuple[Hit, ...] = ()
    new_unit: NewUnit | None = None
    new_person: NewPerson | None = None
    email: str = ""
    phone: str = ""
    leftover: tuple[str, ...] = ()


_TRIO_KINDS = ("body", "unit", "person")
_EMAIL = re.compile(r"[^\s@,;<>]{1,64}@[^\s@,;<>]+\.[^\s@,;<>]+")
_PHONE = re.compile(r"(?<!\w)\+?\d[\d\s()\-–]{5,20}\d(?!\w)")


def read_line(
    text: str,
    *,
    limit: int = 5,
    boost_ids: Collection[tuple[str, int]] = (),
) -> Trio:
    """Read a line of the quick log: "hults ven anna", "hultsfred nyskolan lisa berg".

    First as one known thing with everything above it; if there is none, the body is looked for
    alone, then a unit and a person beneath it, and what is left over becomes an offer to create.
    """
    text = text[:LONGEST_QUESTION]
    text, email = _taken(_EMAIL, text)
    text, phone = _taken(_PHONE, text)
    asked = fragments(text)
    boosts = frozenset(boost_ids)
    if not asked:
        return Trio(email=email, phone=phone)
    kinds = _TRIO_KINDS[:1] if is_one_letter(asked) else _TRIO_KINDS
    hits = search(asked, Scope(kinds, None, boosts), 4 * limit)
    if hits:
        return replace(_whole(hits, limit), email=email, phone=phone)
    parts = replace(_in_parts(text, boosts, limit), email=email, phone=phone)
    if parts.leftover:
        scope = Scope(_TRIO_KINDS, None, boosts)
        return replace(parts, similar=tuple(search_corrected(asked, scope, limit)))
    return parts


def _taken(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The text without the first thing of this pattern, and that thing."""
    found = pattern.search(text)
    if not found:
        return text, ""
    return f"{text[: found.start()]} {text[found.end() :]}", found.group().strip()


def _whole(hits: Sequence[Hit], limit: int) -> Trio:
    """Every word was understood: the best answer, and the nodes above it."""
    best = hits[0]
    person = best if best.kind == "person" else None
    unit = best if best.kind == "unit" else None
    if person and person.organisation_id not in {None, person.body_id}:
        unit = get("unit", person.organisation_id or 0)
    body = best if best.kind == "body" else get("body", best.body_id or 0)
    return Trio(
        body=body,
        unit=unit,
        person=person,
        bodies=_of_kind(hits, "body", limit),
        units=_of_kind(hits, "unit", limit),
        people=_of_kind(hits, "person", limit),
    )


def _of_kind(hits: Iterable[Hit], kind: str, limit: int) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if hit.kind == kind)[:limit]


@dataclass(frozen=True, slots=True)
class _Typed:
    """A word of the line as typed, hyphens and capitals kept, where it stands, its fragments."""

    place: int
    text: str
    fragments: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """A body or unit that answers to some of the words, given by their places."""

    hit: Hit
    value: float
    answers: frozenset[int]


_TO_STRIP = ".:()\"'!?"


def _typed_words(text: str) -> list[_Typed]:
    found = []
    for place, written in enumerate(re.split(r"[\s,;/]+", text.strip())):
        read = [fragment for fragment in read_words(written) if fragment.word not in SMALL_WORDS]
        if read:
            found.append(_Typed(place, written.strip(_TO_STRIP), tuple(read)))
    return found


def _in_parts(text: str, boosts: frozenset[tuple[str, int]], limit: int) -> Trio:
    typed = _typed_words(text)
    rest, beyond = typed[:MOST_FRAGMENTS], typed[MOST_FRAGMENTS:]
    bodies = _parts(rest, Scope(("body",), None, boosts), limit)
    body = bodies[0].hit if bodies else None
    rest = _without(rest, bodies)
    units = _parts(rest, Scope(("unit",), body.path if body else None, boosts), limit)
    if not bodies and not units:  # perhaps the place is mistyped
        bodies = _parts(_all_reread(rest), Scope(("body",), None, boosts), limit)
        body = bodies[0].hit if bodies else None
        rest = _without(rest, bodies)
        units = _parts(rest, Scope(("unit",), body.path, boosts), limit) if body else []
    unit = units[0].hit if units else None
    if unit and body is None:
        body = get("body", unit.body_id or 0)
    rest = _without(rest, units)
    people: list[Hit] = []
    for place in (unit, body):
        if place and rest and not people:
            people = _named(rest, Scope(("person",), place.path, boosts), limit)
    person = people[0] if people else None
    if person:
        rest = []
        if unit is None and person.organisation_id not in {None, person.body_id}:
            unit = get("unit", person.organisation_id or 0)
    left = [*rest, *beyond]
    new_unit, new_person = _offers(left, has_unit=unit is not None)
    return Trio(
        body=body,
        unit=unit,
        person=person,
        bodies=tuple(part.hit for part in bodies),
        units=tuple(part.hit for part in units),
        people=tuple(people),
        new_unit=new_unit,
        new_person=None if person else new_person,
        leftover=tuple(word.text for word in left),
    )


def _without(typed: Sequence[_Typed], parts: Sequence[_Part]) -> list[_Typed]:
    answered = parts[0].answers if parts else frozenset()
    return [word for word in typed if word.place not in answered]


def _all_reread(typed: Sequence[_Typed]) -> list[_Typed]:
    """Words nobody knows, with their nearest known ones added as readings."""
    known = vocabulary()
    return [
        replace(
            word,
            fragments=tuple(
                (None if is_known(fragment, known) else reread(fragment, known)) or fragment
                for fragment in word.fragments
            ),
        )
        for word in typed
    ]


def _parts(typed: Sequence[_Typed], scope: Scope, limit: int) -> list[_Part]:
    """Bodies or units of which at least one telling word is the name, best first."""
    asked = [fragment for word in typed for fragment in word.fragments if len(fragment.word) > 1]
    if not asked:
        return []
    union = [term for fragment in asked for term in fragment.terms]
    parts = [
        part
        for row in candidates(asked, scope, [], [union], most=200)
        if (part := _part(row, typed, scope)) is not None
    ]
    parts.sort(key=lambda part: (-part.value, fold(part.hit.title), part.hit.ref_id))
    return parts[:limit]


ENOUGH = 0.5  # a word worth less is no reason to take a body or a unit
AS_A_NAME = 0.55  # taken off a given name and what follows one: "lisa berg" is not Bergs kommun


def _part(row: Any, typed: Sequence[_Typed], scope: Scope) -> _Part | None:
    own = f" {row.own_words} "
    answers: set[int] = set()
    seen: set[str] = set()
    asked: list[Fragment] = []
    corrected: dict[str, str] = {}
    total, telling = 0.0, False
    before = ""
    for word in typed:
        readings = [_reading(own, fragment) for fragment in word.fragments]
        worth = min(value for value, _form in readings)
        if is_given_name(word.text) or is_given_name(before):
            worth -= AS_A_NAME
        before = word.text
        folded = fold(word.text)
        if worth < ENOUGH or folded in seen or (len(folded) < 3 and worth < GENITIVE):
            continue
        seen.add(folded)
        answers.add(word.place)
        asked.extend(word.fragments)
        total += worth
        telling = telling or not (is_bare_kind(folded) or folded.removesuffix("s") in GENERIC)
        for fragment, (_value, form) in zip(word.fragments, readings, strict=True):
            if form.corrects:
                corrected[fragment.spoken] = form.term.word
    if not telling:
        return None
    value = total + COVERS_TITLE * coverage(row.title, asked)
    value += WEIGHT_SHARE * log10(1 + max(0, row.weight))
    value += BOOST if (row.kind, row.ref_id) in scope.boosts else 0.0
    return _Part(hit_of(row, value, corrected), value, frozenset(answers))


def _reading(own: str, fragment: Fragment) -> tuple[float, Form]:
    options = [(own_worth(own, form.term)[0] - form.cost, form) for form in fragment.forms]
    return max(options, key=lambda option: option[0])


def _named(typed: Sequence[_Typed], scope: Scope, limit: int) -> list[Hit]:
    """People in scope whose own words answer to every word."""
    asked = [fragment for word in typed for fragment in word.fragments]
    rows = candidates(asked, scope, [], [fragment.terms for fragment in asked])
    return ranked(rows, asked, scope.boosts)[:limit]


# --- What could be made of the words left over ---------------------------------------------------


def _offers(left: Sequence[_Typed], *, has_unit: bool) -> tuple[NewUnit | None, NewPerson | None]:
    if not left:
        return None, None
    if has_unit:
        return None, _new_person(left)
    unit, person = _split(left)
    if unit:
        return _new_unit(unit), _new_person(person)
    given = next((i for i, word in enumerate(left) if is_given_name(word.text)), None)
    if given is None:  # "hultsfred solrosen": it could be either, so both are offered
        return _new_unit(left), _new_person(left)
    if given and len(left) - given > 1:  # "hultsfred solrosen anna berg"
        return _new_unit(left[:given]), _new_person(left[given:])
    return None, _new_person(left)


def _split(left: Sequence[_Typed]) -> tuple[list[_Typed], list[_Typed]]:
    """Words of a unit's name and of a person's: "nya skolan lisa berg" → two and two."""
    place = next((i for i, word in enumerate(left) if guess_unit_kind(word.text)), None)
    if place is None:
        return [], list(left)
    start, end = place, place + 1
    if is_bare_kind(left[place].text):  # "solrosens förskola": what stands before is its name …
        while start > 0 and _adjoin(left, start - 1) and not _is_persons(left, start - 1):
            start -= 1
        after = end < len(left) and _adjoin(left, place) and not is_given_name(left[end].text)
        if start == place and after:  # … or after: "förskolan solrosen"
            end += 1
    while end < len(left) and any(sign.isdigit() for sign in left[end].text):
        end += 1  # "nyskolan f-3"
    return list(left[start:end]), [*left[:start], *left[end:]]


def _adjoin(left: Sequence[_Typed], place: int) -> bool:
    """Whether a word and the next one were typed side by side."""
    return left[place].place + 1 == left[place + 1].place


def _is_persons(left: Sequence[_Typed], place: int) -> bool:
    """A given name, or the surname after one, also with "af" or "von" between."""
    before = place - 1
    if before > 0 and fold(left[before].text) in {"af", "av", "von", "de"}:
        before -= 1
    return is_given_name(left[place].text) or (before >= 0 and is_given_name(left[before].text))


def _new_unit(typed: Sequence[_Typed]) -> NewUnit:
    name = display_name(" ".join(word.text for word in typed))
    return NewUnit(name, guess_unit_kind(name))


def _new_person(typed: Sequence[_Typed]) -> NewPerson | None:
    if not typed:
        return None
    names = display_name(" ".join(word.text for word in typed)).split()
    if len(names) == 2 and is_given_name(names[1]) and not is_given_name(names[0]):
        names.reverse()  # surname first
    given = 1
    while given < len(names) - 1 and is_given_name(names[given]):
        given += 1
    return NewPerson(" ".join(names[:given]), " ".join(names[given:]))
