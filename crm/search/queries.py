"""Find things by fragments of words: "hults ven anna" → Anna at Venhagskolan in Hultsfred.

Every fragment must begin some word of the thing itself or of what it hangs under. The engine picks
candidates by its index; the final order is ours, the same on both engines. A question that finds
nothing is tried once more with its unknown words put right.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import log10
from typing import Any

import sqlalchemy as sa

from crm.core.db import db, dialect_name
from crm.rules.kinds import UnitKind
from crm.rules.matching import (
    SMALL_WORDS,
    Unreadable,
    base_forms,
    display_name,
    fold,
    guess_unit_kind,
    is_bare_kind,
    is_given_name,
    normalise_phone,
    other_words,
    spoken_words,
    words,
)
from crm.search.index import Term, index_word, matches
from crm.search.models import KIND_ORDER, SearchDoc
from crm.search.vocabulary import Vocabulary, vocabulary

LONGEST_QUESTION = 200  # characters; the rest is cut
MOST_FRAGMENTS = 8
CANDIDATES = 60  # rows fetched per search to be ranked


@dataclass(frozen=True, slots=True)
class Hit:
    """One answer. `corrected` tells what was read instead of what was typed."""

    kind: str
    ref_id: int
    title: str
    subtitle: str
    organisation_id: int | None
    body_id: int | None
    path: str
    score: float
    corrected: Mapping[str, str] = field(default_factory=dict)


# --- The question --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Form:
    """One reading of a fragment. `cost` is taken off the score: 0 for what was really typed."""

    term: Term
    cost: float
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Fragment:
    """One typed word: folded, as typed, and its readings."""

    word: str
    spoken: str
    forms: tuple[Form, ...]

    @property
    def terms(self) -> list[Term]:
        """The fewest terms that cover the readings: "hultsfred*" covers "hultsfreds*"."""
        begun = {form.term.word for form in self.forms if not form.term.whole}
        kept = []
        for form in self.forms:
            word = form.term.word
            shorter = (word[:size] for size in range(1, len(word) + bool(form.term.whole)))
            if not any(beginning in begun for beginning in shorter) and form.term not in kept:
                kept.append(form.term)
        return kept


@lru_cache(maxsize=1024)
def fragments(text: str) -> tuple[Fragment, ...]:
    """What a question asks for, each word once. Anything may be typed; eight words of it count."""
    text = text[:LONGEST_QUESTION]
    if number := _as_number(text):
        return (_fragment(number, number),)
    kept = {fragment.word: fragment for fragment in reversed(_telling(_read(text)))}
    return tuple(reversed(kept.values()))[:MOST_FRAGMENTS]


def _read(text: str) -> list[Fragment]:
    """Every word in order."""
    return [
        _fragment(index_word(folded), spoken)
        for spoken in spoken_words(text)
        for folded in words(spoken)
    ]


def _telling(found: list[Fragment]) -> list[Fragment]:
    """Without small words, unless there is nothing else."""
    return [fragment for fragment in found if fragment.word not in SMALL_WORDS] or found


def _as_number(text: str) -> str:
    """A phone or organisation number as one word of digits, however it was grouped."""
    if not re.fullmatch(r"\s*\+?[\d\s()\-–]{6,25}", text):
        return ""
    digits = re.sub(r"[^0-9]", "", text)
    if len(digits) == 10 and not digits.startswith("0"):
        return digits
    try:
        return normalise_phone(text).removeprefix("+")
    except Unreadable:
        return digits if digits.isascii() else ""


def _fragment(word: str, spoken: str) -> Fragment:
    forms = [Form(Term(word), 0.0)]
    forms += [Form(Term(stem), 0.08) for stem in base_forms(word)]
    for other in other_words(word):
        if len(other) >= 6 and other != "kommun":
            forms.append(Form(Term(other), 0.12))
        else:
            forms += [Form(Term(f"{other}{s}", whole=True), 0.12) for s in ("", "s")]
    return Fragment(word, spoken, tuple(forms))


# --- Finding -------------------------------------------------------------------------------------


def find(
    text: str,
    *,
    kinds: Collection[str] | None = None,
    limit: int = 10,
    within_path: str | None = None,
    boost_ids: Collection[tuple[str, int]] = (),
) -> list[Hit]:
    """The best answers, best first.

    `kinds` leaves out other kinds, `within_path` what is not in that subtree. `boost_ids` are
    (kind, ref_id) of things to prefer among good answers: the user's own recent ones.
    """
    asked = fragments(text)
    if not asked or limit < 1:
        return []
    scope = _Scope(tuple(sorted(kinds or ())), within_path, frozenset(boost_ids))
    if _is_one_letter(asked) and not kinds and not within_path:
        scope = replace(scope, kinds=KIND_ORDER[:1])
    return _search(asked, scope, limit) or _search_corrected(asked, scope, limit)


def _is_one_letter(asked: Sequence[Fragment]) -> bool:
    """A single letter begins a tenth of all names, so it is held against the bodies alone."""
    return len(asked) == 1 and len(asked[0].word) == 1


def get(kind: str, ref_id: int) -> Hit | None:
    """One document as an answer, for what is already known."""
    row = db.session.execute(
        sa.select(*_COLUMNS).where(SearchDoc.kind == kind, SearchDoc.ref_id == ref_id)
    ).first()
    return _hit(row, 0.0, {}) if row else None


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where to look, and what to prefer. No kinds means every kind."""

    kinds: tuple[str, ...] = ()
    path: str | None = None
    boosts: frozenset[tuple[str, int]] = frozenset()

    @property
    def body_id(self) -> int | None:
        """The body that the path begins with."""
        first = (self.path or "").strip("/").split("/")[0]
        return int(first) if first.isdigit() else None

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """What the index itself cannot tell: a path longer than the body's own."""
        if not self.path or self.path.count("/") <= 2:
            return []
        return [SearchDoc.path >= self.path, SearchDoc.path < self.path + "~"]


_COLUMNS = (
    SearchDoc.kind,
    SearchDoc.ref_id,
    SearchDoc.title,
    SearchDoc.subtitle,
    SearchDoc.organisation_id,
    SearchDoc.body_id,
    SearchDoc.path,
    SearchDoc.own_words,
    SearchDoc.extra_words,
    SearchDoc.context_words,
    SearchDoc.weight,
)


def _search(asked: Sequence[Fragment], scope: _Scope, limit: int) -> list[Hit]:
    """Things that have every fragment in their own name; then with the help of what is above
    them, some of it in their own name; then those that only hang under what was asked for."""
    groups = [fragment.terms for fragment in asked]
    steps: list[tuple[list[list[Term]], list[list[Term]]]] = [([], groups)]
    if len(asked) > 1:
        steps.append((groups, [[term for group in groups for term in group]]))
    steps.append((groups, []))
    rows: dict[tuple[str, int], Any] = {}
    for every, own in steps:
        for row in _candidates(asked, scope, every, own):
            rows.setdefault((row.kind, row.ref_id), row)
        if len(rows) >= limit:
            break
    return _ranked(rows.values(), asked, scope)[:limit]


def _search_corrected(asked: Sequence[Fragment], scope: _Scope, limit: int) -> list[Hit]:
    """The same with the unknown words read as their nearest known ones; when all are known but do
    not go together, with one of them at a time."""
    known = vocabulary()
    unknown = [place for place, fragment in enumerate(asked) if not _is_known(fragment, known)]
    if len(unknown) > 2:
        return []
    attempts: list[list[Fragment]] = []
    if unknown:
        read = {place: _reread(asked[place], known) for place in unknown}
        attempts.append([read.get(place) or old for place, old in enumerate(asked)])
    else:
        for place, old in enumerate(asked[:4]):
            if new := _reread(old, known):
                attempts.append([*asked[:place], new, *asked[place + 1 :]])
    hits: dict[tuple[str, int], Hit] = {}
    for attempt in attempts:
        if any(new is not old for new, old in zip(attempt, asked, strict=True)):
            for hit in _search(attempt, scope, limit):
                hits.setdefault((hit.kind, hit.ref_id), hit)
    return sorted(hits.values(), key=_hit_order)[:limit]


def _is_known(fragment: Fragment, known: Vocabulary) -> bool:
    return any(known.knows(form.term.word) for form in fragment.forms)


def _reread(fragment: Fragment, known: Vocabulary) -> Fragment | None:
    """The fragment with readings one typing error away, or inside a longer word."""
    forms = [Form(term, COST_INSIDE, corrects=True) for term in known.holding(fragment.word)]
    forms += [
        Form(term, COST_ERROR if term.word[0] == fragment.word[0] else 2 * COST_ERROR, True)
        for term in known.near(fragment.word)
    ]
    for glued in ("skommun", "kommun", "region"):  # "hultsfredskommun"
        stem = fragment.word.removesuffix(glued)
        if stem != fragment.word and len(stem) > 2 and known.knows(stem):
            forms.append(Form(Term(stem), COST_ERROR, corrects=True))
    return replace(fragment, forms=fragment.forms + tuple(forms)) if forms else None


def _candidates(
    asked: Sequence[Fragment],
    scope: _Scope,
    every: Sequence[Sequence[Term]],
    own: Sequence[Sequence[Term]],
    most: int = CANDIDATES,
) -> Sequence[Any]:
    """Rows that fit, the likeliest first by a rough measure that the engine can count out."""
    padded = sa.literal(" ") + SearchDoc.own_words + " "
    rough: Any = sa.literal(0)
    for fragment in asked:
        typed = [form.term.word for form in fragment.forms if not form.corrects][:3]
        whole = sa.or_(
            *(padded.like(f"% {word}{ending} %") for word in typed for ending in ("", "s"))
        )
        rough = rough + sa.case((whole, 2), (padded.like(f"% {fragment.word}%"), 1), else_=0)
    order: list[Any] = [rough.desc(), _kind_rank()]
    if scope.boosts:
        order.insert(0, sa.case((_is_one_of(scope.boosts), 0), else_=1))
    statement = (
        sa.select(*_COLUMNS)
        .where(
            matches(dialect_name(), every, own, kinds=scope.kinds, body_id=scope.body_id),
            *scope.conditions(),
        )
        .order_by(
            *order, SearchDoc.weight.desc(), sa.func.length(SearchDoc.own_words), SearchDoc.id
        )
        .limit(most)
    )
    return db.session.execute(statement).all()


def _kind_rank() -> sa.Case[int]:
    ranks = {kind: rank for rank, kind in enumerate(KIND_ORDER)}
    return sa.case(ranks, value=SearchDoc.kind, else_=len(KIND_ORDER))


def _is_one_of(things: Iterable[tuple[str, int]]) -> sa.ColumnElement[bool]:
    by_kind: dict[str, list[int]] = {}
    for kind, ref_id in sorted(things):
        by_kind.setdefault(kind, []).append(ref_id)
    return sa.or_(
        *(
            sa.and_(SearchDoc.kind == kind, SearchDoc.ref_id.in_(ids))
            for kind, ids in by_kind.items()
        )
    )


# --- Ranking -------------------------------------------------------------------------------------
# A fragment that is a whole word of the thing's own name is worth 1, the beginning of one 0.6 to
# 0.8, a word of what is above it 0.3 to 0.4. The rest are smaller considerations between equals.

WHOLE, GENITIVE, BEGUN, BEGUN_SHARE = 1.0, 0.98, 0.6, 0.2
ABOVE_WHOLE, ABOVE_BEGUN = 0.4, 0.3
IN_TITLE, FIRST_IN_TITLE, AS_SPELLED = 0.05, 0.05, 0.08
COVERS_TITLE = 0.5  # how much of the name was asked for: "Lund" is Lunds kommun, not Lundbohem
KIND_BONUS = {"body": 0.3, "unit": 0.15}
WEIGHT_SHARE = 0.03  # per tenfold of inhabitants
BOOST = 0.6  # the user's own recent things
COST_INSIDE, COST_ERROR = 0.2, 0.25

# Words of a title that say little: "Kalmar kommun" is wholly asked for by "kalmar".
_GENERIC = {"kommun": 0.0, "stad": 0.0, "ab": 0.2, "aktiebolag": 0.2, "lan": 0.2, "region": 0.3}


@lru_cache(maxsize=8192)
def _title_parts(title: str) -> tuple[tuple[str, ...], tuple[str, ...], int]:
    """Index words of a title, the same as spelled, and how far they reach in `own_words`."""
    folded = tuple(index_word(word) for word in words(title))
    return folded, spoken_words(title), sum(len(word) + 1 for word in dict.fromkeys(folded))


def _ranked(rows: Iterable[Any], asked: Sequence[Fragment], scope: _Scope) -> list[Hit]:
    ranked = []
    for row in rows:
        score, corrected = _score(row, asked)
        if (row.kind, row.ref_id) in scope.boosts:
            score += BOOST
        hit = _hit(row, score, corrected)
        ranked.append((_hit_order(hit), hit))
    ranked.sort(key=lambda pair: pair[0])
    return [hit for _order, hit in ranked]


def _hit(row: Any, score: float, corrected: Mapping[str, str]) -> Hit:
    return Hit(
        row.kind,
        row.ref_id,
        row.title,
        row.subtitle,
        row.organisation_id,
        row.body_id,
        row.path,
        round(score, 4),
        corrected,
    )


def _hit_order(hit: Hit) -> tuple[float, int, str, int]:
    rank = KIND_ORDER.index(hit.kind) if hit.kind in KIND_ORDER else len(KIND_ORDER)
    return -hit.score, rank, fold(hit.title), hit.ref_id


def _score(row: Any, asked: Sequence[Fragment]) -> tuple[float, dict[str, str]]:
    corrected: dict[str, str] = {}
    total = 0.0
    for fragment in asked:
        worth, form = _worth(row, fragment)
        total += worth
        if form is not None and form.corrects:
            corrected[fragment.spoken] = form.term.word
    score = total / len(asked) + COVERS_TITLE * _coverage(row.title, asked)
    score += KIND_BONUS.get(row.kind, 0.0)
    score += WEIGHT_SHARE * log10(1 + max(0, row.weight))
    return score, corrected


def _worth(row: Any, fragment: Fragment) -> tuple[float, Form | None]:
    """The best reading of a fragment against one row: its own words, then those above."""
    own = f" {row.own_words} "
    above = f" {row.extra_words} {row.context_words} "
    _folded, spelled, title_end = _title_parts(row.title)
    best, chosen = 0.0, None
    for form in fragment.forms:
        worth, place = _own_worth(own, form.term)
        if worth:
            if place < title_end:
                worth += IN_TITLE + (FIRST_IN_TITLE if place == 0 else 0)
        else:
            worth = _above_worth(above, form.term)
        if worth and worth - form.cost > best:
            best, chosen = worth - form.cost, form
    if best and any(word.startswith(fragment.spoken) for word in spelled):
        best += AS_SPELLED
    return best, chosen


def _own_worth(own: str, term: Term) -> tuple[float, int]:
    """What a term is worth among own words, and where in them it stands."""
    for written, worth in ((f" {term.word} ", WHOLE), (f" {term.word}s ", GENITIVE)):
        place = own.find(written)
        if place >= 0 and (worth == WHOLE or not term.whole):
            return worth, place
    place = -1 if term.whole else own.find(f" {term.word}")
    if place < 0:
        return 0.0, -1
    length = own.index(" ", place + 1) - place - 1
    return BEGUN + BEGUN_SHARE * len(term.word) / length, place


def _above_worth(above: str, term: Term) -> float:
    if f" {term.word} " in above or (not term.whole and f" {term.word}s " in above):
        return ABOVE_WHOLE
    return ABOVE_BEGUN if not term.whole and f" {term.word}" in above else 0.0


def _coverage(title: str, asked: Sequence[Fragment]) -> float:
    """The share of a title that was asked for, 0–1, its words weighed by what they tell."""
    folded, _spelled, _end = _title_parts(title)
    asked_for = whole = 0.0
    for word in folded:
        worth = 0.05 if word in SMALL_WORDS else _GENERIC.get(word.removesuffix("s"), 1.0)
        whole += worth
        asked_for += worth * max(
            (_share(word, form) for fragment in asked for form in fragment.forms), default=0.0
        )
    return asked_for / whole if whole else 0.0


def _share(word: str, form: Form) -> float:
    typed = form.term.word
    if word in {typed, f"{typed}s"}:
        return 1.0 - form.cost
    if form.term.whole or not word.startswith(typed):
        return 0.0
    return max(0.0, len(typed) / len(word) - form.cost)


# --- Body, unit and person at once ---------------------------------------------------------------


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


def trio(
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
    kinds = _TRIO_KINDS[:1] if _is_one_letter(asked) else _TRIO_KINDS
    hits = _search(asked, _Scope(kinds, None, boosts), 4 * limit)
    if hits:
        return replace(_whole(hits, limit), email=email, phone=phone)
    parts = replace(_in_parts(text, boosts, limit), email=email, phone=phone)
    if parts.leftover:
        scope = _Scope(_TRIO_KINDS, None, boosts)
        return replace(parts, similar=tuple(_search_corrected(asked, scope, limit)))
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
        read = [fragment for fragment in _read(written) if fragment.word not in SMALL_WORDS]
        if read:
            found.append(_Typed(place, written.strip(_TO_STRIP), tuple(read)))
    return found


def _in_parts(text: str, boosts: frozenset[tuple[str, int]], limit: int) -> Trio:
    typed = _typed_words(text)
    rest, beyond = typed[:MOST_FRAGMENTS], typed[MOST_FRAGMENTS:]
    bodies = _parts(rest, _Scope(("body",), None, boosts), limit)
    body = bodies[0].hit if bodies else None
    rest = _without(rest, bodies)
    units = _parts(rest, _Scope(("unit",), body.path if body else None, boosts), limit)
    if not bodies and not units:  # perhaps the place is mistyped
        bodies = _parts(_all_reread(rest), _Scope(("body",), None, boosts), limit)
        body = bodies[0].hit if bodies else None
        rest = _without(rest, bodies)
        units = _parts(rest, _Scope(("unit",), body.path, boosts), limit) if body else []
    unit = units[0].hit if units else None
    if unit and body is None:
        body = get("body", unit.body_id or 0)
    rest = _without(rest, units)
    people: list[Hit] = []
    for place in (unit, body):
        if place and rest and not people:
            people = _named(rest, _Scope(("person",), place.path, boosts), limit)
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
                (None if _is_known(fragment, known) else _reread(fragment, known)) or fragment
                for fragment in word.fragments
            ),
        )
        for word in typed
    ]


def _parts(typed: Sequence[_Typed], scope: _Scope, limit: int) -> list[_Part]:
    """Bodies or units of which at least one telling word is the name, best first."""
    asked = [fragment for word in typed for fragment in word.fragments if len(fragment.word) > 1]
    if not asked:
        return []
    union = [term for fragment in asked for term in fragment.terms]
    parts = [
        part
        for row in _candidates(asked, scope, [], [union], most=200)
        if (part := _part(row, typed, scope)) is not None
    ]
    parts.sort(key=lambda part: (-part.value, fold(part.hit.title), part.hit.ref_id))
    return parts[:limit]


ENOUGH = 0.5  # a word worth less is no reason to take a body or a unit
AS_A_NAME = 0.55  # taken off a given name and what follows one: "lisa berg" is not Bergs kommun


def _part(row: Any, typed: Sequence[_Typed], scope: _Scope) -> _Part | None:
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
        telling = telling or not (is_bare_kind(folded) or folded.removesuffix("s") in _GENERIC)
        for fragment, (_value, form) in zip(word.fragments, readings, strict=True):
            if form.corrects:
                corrected[fragment.spoken] = form.term.word
    if not telling:
        return None
    value = total + COVERS_TITLE * _coverage(row.title, asked)
    value += WEIGHT_SHARE * log10(1 + max(0, row.weight))
    value += BOOST if (row.kind, row.ref_id) in scope.boosts else 0.0
    return _Part(_hit(row, value, corrected), value, frozenset(answers))


def _reading(own: str, fragment: Fragment) -> tuple[float, Form]:
    options = [(_own_worth(own, form.term)[0] - form.cost, form) for form in fragment.forms]
    return max(options, key=lambda option: option[0])


def _named(typed: Sequence[_Typed], scope: _Scope, limit: int) -> list[Hit]:
    """People in scope whose own words answer to every word."""
    asked = [fragment for word in typed for fragment in word.fragments]
    rows = _candidates(asked, scope, [], [fragment.terms for fragment in asked])
    return _ranked(rows, asked, scope)[:limit]


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
