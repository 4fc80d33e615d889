"""Which sentences are shown as alike: Swedish, in everyday words."""

import pytest

from crm.rules.likeness import (
    LIKE,
    Shelf,
    beginnings,
    like_key,
    likeness,
    likest,
    same_words,
    says_no,
)

ALIKE = [
    (
        "Vi måste kunna logga in med samma konto som i allt annat",
        "Inloggning med vårt vanliga konto",
    ),
    ("Eleverna behöver få texten uppläst", "Text ska kunna läsas upp för eleven"),
    ("Går det att få ut en rapport till rektor?", "Rapporter till rektorn kan exporteras"),
    ("Supporten ska svara på svenska", "Support på svenska, vardagar 8–16"),
    ("PUB-avtal måste finnas", "Personuppgiftsbiträdesavtal ska tecknas"),
    ("Vi behöver utbildning för personalen vid starten", "Utbildning av personalen ingår"),
    ("Klasslistorna hämtas automatiskt", "Klasslistor ska hämtas automatiskt från registret"),
]
UNLIKE = [
    ("Vad kostar det för en enhet?", "Text ska kunna läsas upp för eleven"),
    ("Supporten ska svara på svenska", "Klasslistor på svenska"),
    ("Uppgifter får inte lämna EU", "Vikarier måste komma igång samma dag"),
    ("Support", "Supporten ska svara på svenska inom en timme på vardagar"),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_the_same_need_in_other_words_is_like(one: str, other: str) -> None:
    assert likeness(like_key(one), like_key(other)) >= LIKE
    assert set(beginnings(like_key(one))) & set(beginnings(like_key(other)))


@pytest.mark.parametrize(("one", "other"), UNLIKE)
def test_another_need_is_not(one: str, other: str) -> None:
    assert likeness(like_key(one), like_key(other)) < LIKE


def test_the_likest_come_first_and_nothing_else_comes() -> None:
    texts = ["Vad kostar det?", "Inloggning med vanliga kontot", "Logga in med samma vanliga konto"]
    found = likest(like_key("Logga in med vanliga kontot"), [like_key(text) for text in texts])
    assert [one.place for one in found] == [1, 2]
    assert likest("", ["inlogg"]) == []


def test_a_shelf_finds_the_one_that_a_look_at_all_finds() -> None:
    keys = [like_key(text) for pair in (*ALIKE, *UNLIKE) for text in pair]
    shelf = Shelf(keys)
    for key in keys:
        at_all = likest(key, keys, limit=1)
        assert shelf.likest(key) == (at_all[0] if at_all else None)
    assert shelf.likest("") is None and Shelf([]).likest(keys[0]) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Personuppgifter ska inte lagras utanför EU", "Personuppgifter ska lagras utanför EU"),
        ("Svar inom 2 timmar", "Svar inom 48 timmar"),
        ("Tillgänglig 99,5 %", "Tillgänglig 99,9 %"),
        ("Nås utan inloggning", "Nås med inloggning"),
        ("Får räkna", "Far räkna"),
        ("???", "!"),
    ],
)
def test_what_says_something_else_is_not_the_same(one: str, other: str) -> None:
    assert not same_words(one, other)


def test_the_same_word_for_word_is_the_same() -> None:
    assert same_words(" Svar  inom 2 timmar.", "svar inom 2\ntimmar")


@pytest.mark.parametrize(
    ("text", "no"),
    [
        ("Får ej lagras utanför EU", True),
        ("Nås utan inloggning", True),
        ("Det är förbjudet att dela", True),
        ("Data shouldn't leave the EU", True),
        ("Lagras utanför EU", False),
        ("Undantag prövas", False),
    ],
)
def test_a_no_is_heard(text: str, no: bool) -> None:
    assert says_no(text) is no
    assert likeness(like_key("Uppgifter ska lagras"), like_key("Uppgifter ska inte lagras")) < 100


def test_a_text_of_small_words_alone_still_has_a_key() -> None:
    assert like_key("Vad ska vi ha?") != ""
    assert like_key("12 § 3") != ""
    assert like_key("!?") == ""
    assert len(like_key("ett långt ord " + " ".join(f"ord{n}x" for n in range(400)))) <= 300
