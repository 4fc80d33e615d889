"""Body, unit and person out of one typed line: what the quick log makes of a caller's words."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import Any

from crm.rules.kinds import UnitKind
from crm.rules.names import display_name, is_given_name
from crm.rules.words import SMALL_WORDS, fold, guess_unit_kind, is_bare_kind
from crm.search.candidates import Asked, Scope, candidates
from crm.search.queries import (
    best_corrected,
    best_of,
    corrections,
    in_any_name,
    in_own_name,
    is_one_letter,
    some,
)
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
from crm.search.vocabulary import Vocabulary, vocabulary


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
    spelling: bool = True,
) -> Trio:
    """Read a line of the quick log: "hults ven anna", "hultsfred nyskolan lisa berg".

    First as one known thing with everything above it; if there is none, the body is looked for
    alone, then a unit and a person beneath it, and what is left over becomes an offer to create.
    Without `spelling` no typing error is put right: a person's name is no misspelt municipality.
    """
    text = text[:LONGEST_QUESTION]
    text, email = _taken(_EMAIL, text)
    text, phone = _taken(_PHONE, text)
    asked = fragments(text)
    boosts = frozenset(boost_ids)
    if not asked:
        return Trio(email=email, phone=phone)
    whole = Scope(_TRIO_KINDS[:1] if is_one_letter(asked) else _TRIO_KINDS, None, boosts)
    line = _Line(asked, _typed_words(text), boosts, limit, spelling)
    own, anywhere, bodies = candidates(
        [in_own_name(asked, whole), in_any_name(asked, whole), line.parts("body", None, line.rest)]
    )
    enough = len(own) >= 4 * limit
    hits = best_of(own if enough else [*own, *anywhere], asked, whole, 4 * limit)
    read = _whole(hits, limit) if hits else _in_parts(line, bodies)
    return replace(read, email=email, phone=phone)


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
    body = best if best.kind == "body" else None
    above = [("body", best.body_id or 0)]
    if person and person.organisation_id not in {None, person.body_id}:
        above.append(("unit", person.organisation_id or 0))
    for (kind, _id), hit in some([] if body else above).items():
        body, unit = (hit, unit) if kind == "body" else (body, hit)
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


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is read in parts, and the questions that this takes."""

    asked: tuple[Fragment, ...]
    typed: list[_Typed]
    boosts: frozenset[tuple[str, int]]
    limit: int
    spelling: bool

    @property
    def rest(self) -> list[_Typed]:
        return self.typed[:MOST_FRAGMENTS]

    @property
    def beyond(self) -> list[_Typed]:
        return self.typed[MOST_FRAGMENTS:]

    def parts(self, kind: str, path: str | None, typed: Sequence[_Typed]) -> Asked:
        """Bodies or units of which some telling word is the name."""
        pairs = zip(typed, [None, *typed], strict=False)
        telling = [word for word, before in pairs if _tells(word, before)]
        asked = [one for word in telling for one in word.fragments if len(one.word) > 1]
        union = [term for fragment in asked for term in fragment.terms]
        return Asked(asked, Scope((kind,), path, self.boosts), [], [union], most=200)

    def people(self, path: str, typed: Sequence[_Typed]) -> Asked:
        """People there whose own words answer to every word."""
        asked = [fragment for word in typed for fragment in word.fragments]
        own = [fragment.terms for fragment in asked]
        return Asked(asked, Scope(("person",), path, self.boosts), [], own)


def _in_parts(line: _Line, found: Sequence[Any]) -> Trio:
    """The body first, out of what was `found` for it; then what lies beneath it.

    What one typing error would explain is asked for on the way: seldom is every word understood.
    """
    rest, limit, known = line.rest, line.limit, vocabulary()
    bodies = _parts(found, rest, line.boosts, limit)
    body = bodies[0].hit if bodies else None
    rest = _without(rest, bodies)
    attempts = corrections(line.asked, known) if line.spelling else []
    anywhere = Scope(_TRIO_KINDS, None, line.boosts)
    mistyped = line.spelling and not body
    put_right = _all_reread(rest, known) if mistyped else []
    in_units, in_bodies, *corrected = candidates(
        [
            line.parts("unit", body.path if body else None, rest),
            line.parts("body", None, put_right),
            *(in_any_name(attempt, anywhere) for attempt in attempts),
        ]
    )
    units = _parts(in_units, rest, line.boosts, limit)
    if not bodies and not units:
        bodies = _parts(in_bodies, put_right, line.boosts, limit)
        body = bodies[0].hit if bodies else None
        rest = _without(rest, bodies)
        if body:
            [in_units] = candidates([line.parts("unit", body.path, rest)])
            units = _parts(in_units, rest, line.boosts, limit)
    unit = units[0].hit if units else None
    rest = _without(rest, units)
    people = _people(line, unit, body, rest)
    person = people[0] if people else None
    rest = [] if person else rest
    body, unit = _above(person, unit, body)
    left = [*rest, *line.beyond]
    new_unit, new_person = _offers(left, has_unit=unit is not None)
    similar = best_corrected(corrected, attempts, anywhere, limit) if left else []
    return Trio(
        body=body,
        unit=unit,
        person=person,
        bodies=tuple(part.hit for part in bodies),
        units=tuple(part.hit for part in units),
        people=tuple(people),
        similar=tuple(similar),
        new_unit=new_unit,
        new_person=None if person else new_person,
        leftover=tuple(word.text for word in left),
    )


def _people(line: _Line, unit: Hit | None, body: Hit | None, typed: Sequence[_Typed]) -> list[Hit]:
    """People at the unit; if nobody there answers to the words, at the body. One statement."""
    top = body.path if body else f"/{unit.body_id}/" if unit else None
    paths = [path for path in (unit.path if unit else None, top) if path and typed]
    questions = [line.people(path, typed) for path in paths]
    for asked, rows in zip(questions, candidates(questions), strict=True):
        if people := ranked(rows, asked.fragments, line.boosts)[: line.limit]:
            return people
    return []


def _above(person: Hit | None, unit: Hit | None, body: Hit | None) -> tuple[Hit | None, Hit | None]:
    """The body of a unit that was found without it, and the unit of a person."""
    wanted: list[tuple[str, int]] = []
    if unit and body is None:
        wanted.append(("body", unit.body_id or 0))
    if person and unit is None and person.organisation_id not in {None, person.body_id}:
        wanted.append(("unit", person.organisation_id or 0))
    for (kind, _id), hit in some(wanted).items():
        body, unit = (hit, unit) if kind == "body" else (body, hit)
    return body, unit


def _without(typed: Sequence[_Typed], parts: Sequence[_Part]) -> list[_Typed]:
    answered = parts[0].answers if parts else frozenset()
    return [word for word in typed if word.place not in answered]


def _all_reread(typed: Sequence[_Typed], known: Vocabulary) -> list[_Typed]:
    """Words nobody knows, with their nearest known ones added as readings; names stay names."""
    return [
        word
        if is_given_name(word.text)
        else replace(
            word,
            fragments=tuple(
                (None if is_known(fragment, known) else reread(fragment, known)) or fragment
                for fragment in word.fragments
            ),
        )
        for word in typed
    ]


def _parts(
    rows: Iterable[Any],
    typed: Sequence[_Typed],
    boosts: frozenset[tuple[str, int]],
    limit: int,
) -> list[_Part]:
    """Bodies or units of which at least one telling word is the name, best first."""
    parts = [part for row in rows if (part := _part(row, typed, boosts)) is not None]
    parts.sort(key=lambda part: (-part.value, fold(part.hit.title), part.hit.ref_id))
    return parts[:limit]


ENOUGH = 0.5  # a word worth less is no reason to take a body or a unit
AS_A_NAME = 0.55  # taken off a given name and what follows one: "lisa berg" is not Bergs kommun


def _tells(word: _Typed, before: _Typed | None) -> bool:
    """Whether a word can be why a body or a unit is taken: no kind of place, and nobody's name."""
    folded = fold(word.text)
    return not (
        is_bare_kind(folded) or folded.removesuffix("s") in GENERIC or _is_name(word, before)
    )


def _is_name(word: _Typed, before: _Typed | None) -> bool:
    return is_given_name(word.text) or (before is not None and is_given_name(before.text))


def _part(row: Any, typed: Sequence[_Typed], boosts: frozenset[tuple[str, int]]) -> _Part | None:
    own = f" {row.own_words} "
    answers: set[int] = set()
    seen: set[str] = set()
    asked: list[Fragment] = []
    corrected: dict[str, str] = {}
    total, telling = 0.0, False
    for word, before in zip(typed, [None, *typed], strict=False):
        readings = [_reading(own, fragment) for fragment in word.fragments]
        worth = min(value for value, _form in readings)
        if _is_name(word, before):
            worth -= AS_A_NAME
        folded = fold(word.text)
        if worth < ENOUGH or folded in seen or (len(folded) < 3 and worth < GENITIVE):
            continue
        seen.add(folded)
        answers.add(word.place)
        asked.extend(word.fragments)
        total += worth
        telling = telling or _tells(word, before)
        for fragment, (_value, form) in zip(word.fragments, readings, strict=True):
            if form.corrects:
                corrected[fragment.spoken] = form.term.word
    if not telling:
        return None
    value = total + COVERS_TITLE * coverage(row.title, asked)
    value += WEIGHT_SHARE * log10(1 + max(0, row.weight))
    value += BOOST if (row.kind, row.ref_id) in boosts else 0.0
    return _Part(hit_of(row, value, corrected), value, frozenset(answers))


def _reading(own: str, fragment: Fragment) -> tuple[float, Form]:
    options = [(own_worth(own, form.term)[0] - form.cost, form) for form in fragment.forms]
    return max(options, key=lambda option: option[0])


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
