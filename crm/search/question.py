"""What a typed question asks for: its words, each with the readings it may have."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from crm.rules.contact import Unreadable, normalise_phone
from crm.rules.words import SMALL_WORDS, base_forms, other_words, spoken_words, words
from crm.search.index import Term, index_word
from crm.search.vocabulary import Vocabulary

LONGEST_QUESTION = 200  # characters; the rest is cut
MOST_FRAGMENTS = 8
COST_INSIDE, COST_ERROR = 0.2, 0.25  # taken off the score of a reading inside a word, or corrected


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
        return (_or_code(_fragment(number, number), text),)
    kept = {fragment.word: fragment for fragment in reversed(_telling(read_words(text)))}
    return tuple(reversed(kept.values()))[:MOST_FRAGMENTS]


def read_words(text: str) -> list[Fragment]:
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


def _or_code(number: Fragment, text: str) -> Fragment:
    """The number, or else its figures as they stand: a CPV code, or the number of a notice."""
    figures = re.sub(r"[^0-9]", "", text)
    if figures == number.word:
        return number
    return replace(number, forms=(*number.forms, Form(Term(figures), 0.0)))


def _fragment(word: str, spoken: str) -> Fragment:
    forms = [Form(Term(word), 0.0)]
    forms += [Form(Term(stem), 0.08) for stem in base_forms(word)]
    for other in other_words(word):
        if len(other) >= 6 and other != "kommun":
            forms.append(Form(Term(other), 0.12))
        else:
            forms += [Form(Term(f"{other}{s}", whole=True), 0.12) for s in ("", "s")]
    return Fragment(word, spoken, tuple(forms))


def is_known(fragment: Fragment, known: Vocabulary) -> bool:
    return any(known.knows(form.term.word) for form in fragment.forms)


def reread(fragment: Fragment, known: Vocabulary) -> Fragment | None:
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
