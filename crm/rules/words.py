"""Swedish words: folded, split, in their other forms, and in Swedish order.

Everything here is pure. Two spellings of one word give the same result, whatever the source: a
phone call, an Excel file, or a mail signature.
"""

import re
import unicodedata
from functools import cache, lru_cache

from crm.rules.kinds import UnitKind


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- Folding and words ---------------------------------------------------------------------------

_LETTERS = str.maketrans(
    dict(zip("åäæöøœðđłħıŋŧ", "aaaoooddlhint", strict=True)) | {"ß": "ss", "þ": "th"}
)
_WORD = re.compile(r"[^\W_]+")
_HYPHENED = re.compile(r"[^\W_]+(?:[-‐‑–:][^\W_]+)+")
LONGEST_WORD = 40


def plain(text: str) -> str:
    """Composed and lower case, with å, ä and ö kept: "A\u030are" → "åre"."""
    return unicodedata.normalize("NFC", text).lower()


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Lower case without marks: å and ä → a, ö → o, é → e. "Östra Älvsbyn" → "ostra alvsbyn"."""
    lowered = plain(text)
    if lowered.isascii():
        return lowered
    split = unicodedata.normalize("NFKD", lowered.translate(_LETTERS))
    bare = "".join(sign for sign in split if not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", bare).lower()


def spoken_words(text: str) -> tuple[str, ...]:
    """The words as they were typed, lower case, å, ä and ö kept."""
    return tuple(word[:LONGEST_WORD] for word in _WORD.findall(plain(text)))


def words(text: str) -> tuple[str, ...]:
    """The folded words of a text, in order: "Väggarps F–6" → ("vaggarps", "f", "6")."""
    return tuple(word[:LONGEST_WORD] for word in _WORD.findall(fold(text)))


def joined_words(text: str) -> tuple[str, ...]:
    """Hyphened names written together, as people type them: "Upplands-Bro" → ("upplandsbro",)."""
    return tuple(
        "".join(_WORD.findall(name))[:LONGEST_WORD] for name in _HYPHENED.findall(fold(text))
    )


# --- Other forms of a word -----------------------------------------------------------------------

# Words to leave out of a question that has others: "anna på venhagskolan i hultsfred".
SMALL_WORDS = frozenset({"i", "pa", "av", "for", "och", "vid", "till", "fran", "hos", "at", "den"})

_SCHOOL = ("skola", "grundskola")
_UPPER = ("gymnasium", "gymnasieskola", "gymnasiet")
_ADULT = ("komvux", "vuxenutbildning")
_HEALTH = ("vardcentral", "halsocentral")
_CARE = ("aldreboende", "vardboende", "sarskilt")
_SOCIAL = ("socialkontor", "socialforvaltning", "socialtjanst")

# Folded word → what it is called now or in the register. Old names, everyday words, short forms.
OTHER_WORDS: dict[str, tuple[str, ...]] = {
    # bodies
    **dict.fromkeys(("landsting", "landstinget", "landstingets"), ("region",)),
    **dict.fromkeys(("stad", "stads", "staden", "kommunen", "kommunens", "kn"), ("kommun",)),
    **dict.fromkeys(("kommun", "kommuns"), ("stad",)),
    **dict.fromkeys(("regionen", "regionens"), ("region",)),
    **dict.fromkeys(("ab", "bolag", "bolaget"), ("aktiebolag", "aktiebolaget")),
    **dict.fromkeys(("aktiebolag", "aktiebolaget"), ("ab",)),
    **dict.fromkeys(("lst", "lansstyrelse", "landshovdingen"), ("lansstyrelsen",)),
    **dict.fromkeys(("hogskola", "hogskolan"), ("universitet", "hogskola", "hogskolan")),
    **dict.fromkeys(("universitetet", "uni"), ("universitet",)),
    "sodermanland": ("sormland",),
    "sodermanlands": ("sormland",),
    "sormland": ("sodermanlands",),
    "sormlands": ("sormland", "sodermanlands"),
    "sthlm": ("stockholm",),
    "gbg": ("goteborg",),
    "hbg": ("helsingborg",),
    "jkpg": ("jonkoping",),
    "lkpg": ("linkoping",),
    "nkpg": ("norrkoping",),
    # authorities
    **dict.fromkeys(("fk", "forsakringskassa", "riksforsakringsverket"), ("forsakringskassan",)),
    **dict.fromkeys(("af", "ams", "amv", "arbetsformedling"), ("arbetsformedlingen",)),
    **dict.fromkeys(
        ("rsv", "riksskatteverket", "skattemyndigheten", "skattekontoret"), ("skatteverket",)
    ),
    **dict.fromkeys(("polisen", "polis", "rikspolisstyrelsen", "rps"), ("polismyndigheten",)),
    **dict.fromkeys(("vagverket", "banverket"), ("trafikverket",)),
    **dict.fromkeys(("invandrarverket", "siv"), ("migrationsverket",)),
    "datainspektionen": ("integritetsskyddsmyndigheten",),
    "hogskoleverket": ("universitetskanslersambetet",),
    "skoloverstyrelsen": ("skolverk",),
    "kronofogden": ("kronofogdemyndigheten",),
    "riksbanken": ("riksbank",),
    "sida": ("utvecklingssamarbete", "sida"),
    # schools
    **dict.fromkeys(
        ("dagis", "dagiset", "daghem", "daghemmet", "forskolan", "lekis", "lekskola"), ("forskola",)
    ),
    **dict.fromkeys(
        (
            *("hogstadieskola", "hogstadieskolan", "hogstadiet", "hogstadium", "mellanstadieskola"),
            *("mellanstadiet", "lagstadieskola", "lagstadiet", "grundskola", "grundskolan"),
            *("folkskola", "folkskolan", "skolan"),
        ),
        _SCHOOL,
    ),
    **dict.fromkeys(
        ("gymnasieskola", "gymnasieskolan", "gymnasiet", "gymnasium", "laroverk", "laroverket"),
        _UPPER,
    ),
    **dict.fromkeys(("komvux", "vux", "vuxenutbildning", "vuxenutbildningen", "sfi"), _ADULT),
    # care
    **dict.fromkeys(("lasarett", "lasarettet"), ("sjukhus", "lasarettet")),
    **dict.fromkeys(("sjukhuset", "sjukhus"), ("sjukhus", "lasarett")),
    **dict.fromkeys(("vc", "vardcentralen", "vardcentral", "halsocentralen"), _HEALTH),
    "halsocentral": _HEALTH,
    **dict.fromkeys(
        ("alderdomshem", "alderdomshemmet", "servicehus", "servicehuset", "vardhem", "sjukhem"),
        _CARE,
    ),
    **dict.fromkeys(("sabo", "aldreboendet", "aldreboende", "vardboende"), _CARE),
    **dict.fromkeys(
        (
            *("soc", "socialen", "socialkontor", "socialkontoret", "socialtjanst"),
            *("socialtjansten", "socialforvaltning", "socialforvaltningen", "socialbyra"),
        ),
        _SOCIAL,
    ),
    # other units
    **dict.fromkeys(("bibblan", "biblan", "bibban", "biblioteket"), ("bibliotek",)),
    **dict.fromkeys(
        ("sdf", "sdn", "stadsdelsnamnd", "stadsdelsnamnden"), ("stadsdelsforvaltning",)
    ),
    **dict.fromkeys(("kommunhuset", "kommunkontoret"), ("kommunhus", "kommunkontor", "stadshus")),
}

_ENDINGS = ("ens", "ets", "ns", "en", "et", "n", "s")  # genitive, and "the"


@lru_cache(maxsize=4096)
def base_forms(word: str) -> tuple[str, ...]:
    """A folded word without genitive or definite ending: "hultsfreds" → ("hultsfred",).

    All readings are given ("kommunens" → "kommun", "kommune", "kommunen"): Swedish endings cannot
    be told from the stem by rule. At least four letters of stem are left.
    """
    found = []
    for ending in _ENDINGS:
        stem = word[: -len(ending)]
        if word.endswith(ending) and len(stem) >= 4 and stem not in found:
            found.append(stem)
    return tuple(found)


@lru_cache(maxsize=4096)
def other_words(word: str) -> tuple[str, ...]:
    """Today's words for an old, everyday or short one: "landstinget" → ("region",).

    From six letters on, the beginning of an old word is enough, because people look at the list
    while they type.
    """
    if word in OTHER_WORDS:
        return tuple(other for other in OTHER_WORDS[word] if other != word)
    if len(word) < 6:
        return ()
    found: list[str] = []
    for old, current in OTHER_WORDS.items():
        if old.startswith(word):
            found.extend(
                other for other in current if other not in found and not other.startswith(word)
            )
    return tuple(found)


# --- Kinds of units ------------------------------------------------------------------------------

# Tried from the top; the first whose ending fits a word of the name wins. A star: anywhere in it.
_KIND_SIGNS: tuple[tuple[UnitKind, tuple[str, ...]], ...] = (
    (UnitKind.PRESCHOOL, ("forskola", "forskolan", "forskolor", "daghem", "daghemmet", "dagis")),
    (
        UnitKind.ADULT_EDUCATION,
        (
            *("komvux", "vuxenutbildning", "vuxenutbildningen", "vuxenskola", "vuxenskolan"),
            *("larcentrum", "larcenter", "campus", "folkhogskola", "folkhogskolan"),
            *("yrkeshogskola", "yrkeshogskolan", "sfi"),
        ),
    ),
    (
        UnitKind.UPPER_SECONDARY,
        (
            *("gymnasium", "gymnasiet", "gymnasieskola", "gymnasieskolan", "laroverk"),
            *("laroverket", "gymnasiesarskola", "gymnasiesarskolan"),
        ),
    ),
    (
        UnitKind.HEALTH_CENTRE,
        (
            *("vardcentral", "vardcentralen", "halsocentral", "halsocentralen", "bvc"),
            *("barnavardscentral", "familjecentral", "familjecentralen", "huslakare", "vc"),
            *("mottagning", "mottagningen", "folktandvard", "folktandvarden", "jourcentral"),
        ),
    ),
    (
        UnitKind.HOSPITAL,
        ("sjukhus", "sjukhuset", "lasarett", "lasarettet", "universitetssjukhus"),
    ),
    (
        UnitKind.CARE_HOME,
        (
            *("boende", "boendet", "servicehus", "servicehuset", "sjukhem", "sjukhemmet"),
            *("alderdomshem", "vardhem", "sabo", "gruppbostad", "gruppbostaden", "aldrecenter"),
        ),
    ),
    (
        UnitKind.SOCIAL_SERVICES,
        (
            *("socialkontor", "socialkontoret", "socialtjanst", "socialtjansten", "hemtjanst"),
            *("socialforvaltning", "socialforvaltningen", "socialjour", "socialen", "lss"),
            *("familjeomsorg", "familjeomsorgen", "hemtjansten", "ifo", "socialpsykiatri"),
        ),
    ),
    (UnitKind.LIBRARY, ("bibliotek", "biblioteket", "bibblan")),
    (UnitKind.OTHER, ("kulturskola", "kulturskolan", "musikskola", "musikskolan")),
    (UnitKind.OTHER, ("hogskola", "hogskolan", "badhus", "badhuset", "fritidsgard", "museum")),
    (
        UnitKind.SCHOOL,
        ("skola", "skolan", "skolor", "skolorna", "skolenhet", "skolenheten", "friskola", "skole"),
    ),
    (
        UnitKind.FINANCE,
        tuple(
            f"ekonomi{what}"
            for what in (
                *("avdelning", "avdelningen", "enhet", "enheten", "kontor", "kontoret"),
                *("staben", "stab", "funktionen", "service", "forvaltningen"),
            )
        ),
    ),
    (
        UnitKind.OFFICE,
        (
            *("kontor", "kontoret", "forvaltning", "forvaltningen", "kansli", "kansliet"),
            *("avdelning", "avdelningen", "enhet", "enheten", "byran", "sektor", "sektorn"),
        ),
    ),
)


def guess_unit_kind(name: str) -> UnitKind | None:
    """What kind of unit a name speaks of: "Nyskolan" → school; None when the name does not say."""
    found = words(name)
    for kind, signs in _KIND_SIGNS:
        if any(word.endswith(signs) for word in found):
            return kind
    return None


@cache
def _bare_signs() -> frozenset[str]:
    return frozenset(sign for _kind, signs in _KIND_SIGNS for sign in signs)


def is_bare_kind(word: str) -> bool:
    """Whether a word is only a kind and not yet a name: "skolan" is, "nyskolan" is not."""
    return fold(word) in _bare_signs()


# What to index beside the name, so that "högstadieskola hultsfred" finds Venhagskolan.
KIND_WORDS: dict[UnitKind, str] = {
    UnitKind.SCHOOL: "skola grundskola",
    UnitKind.PRESCHOOL: "förskola",
    UnitKind.UPPER_SECONDARY: "gymnasium gymnasieskola skola",
    UnitKind.ADULT_EDUCATION: "komvux vuxenutbildning",
    UnitKind.LIBRARY: "bibliotek",
    UnitKind.HEALTH_CENTRE: "vårdcentral hälsocentral",
    UnitKind.HOSPITAL: "sjukhus lasarett",
    UnitKind.CARE_HOME: "äldreboende vårdboende",
    UnitKind.SOCIAL_SERVICES: "socialtjänst socialkontor socialförvaltning",
    UnitKind.FINANCE: "ekonomi ekonomiavdelning",
    UnitKind.OFFICE: "kontor",
    UnitKind.OTHER: "",
}


# --- Swedish order -------------------------------------------------------------------------------

_SORT_LETTERS = str.maketrans(
    dict(zip("åäæöøœüðđł", "{||}}}yddl", strict=True)) | {"ß": "ss", "þ": "th"}
)
_SORT_PARTS = re.compile(r"([0-9]+)|([a-z{|}]+)|([^\W\d_])|\s+|-")
SORT_LENGTH = 300


def swedish_sort_key(text: str) -> str:
    """A text to store and sort by, byte for byte: a … z, å, ä, ö; "Skola 2" before "Skola 10".

    å, ä and ö become the three signs that follow z in ASCII. ü sorts as y, é as e; capitals and
    punctuation do not count, a hyphen is a space. Letters of other scripts come after ö. At most
    300 characters.
    """
    lowered = plain(text).replace("{", "").replace("|", "").replace("}", "")
    split = unicodedata.normalize("NFKD", lowered.translate(_SORT_LETTERS))
    bare = "".join(sign for sign in split if not unicodedata.combining(sign))
    parts: list[str] = []
    for found in _SORT_PARTS.finditer(bare[: 4 * SORT_LENGTH]):
        digits, latin, foreign = found.groups()
        if digits:
            number = digits.lstrip("0") or "0"
            parts.append(f"{min(len(number), 99):02d}{number}")
        elif latin:
            parts.append(latin)
        elif foreign:
            parts.append(f"~{ord(foreign):06x}")
        elif parts and parts[-1] != " ":
            parts.append(" ")
    return "".join(parts).strip()[:SORT_LENGTH]
