"""Which sentences are shown as alike: Swedish, in everyday words."""

import pytest

from crm.rules.likeness import LIKE, beginnings, like_key, likeness, likest

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


def test_a_text_of_small_words_alone_still_has_a_key() -> None:
    assert like_key("Vad ska vi ha?") != ""
    assert like_key("12 § 3") != ""
    assert like_key("!?") == ""
    assert len(like_key("ett långt ord " + " ".join(f"ord{n}x" for n in range(400)))) <= 300
