"""How Swedish names, numbers and addresses are compared: one spelling for each thing.

Everything here is pure. Two spellings of one thing give the same result, whatever the source:
a phone call, an Excel file that ate the leading zeros, or a mail signature.

Values that cannot be read raise `Unreadable`, whose `key` names the reason ("org_number.length");
forms turn the key into a sentence.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path

from email_validator import EmailNotValidError, validate_email
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.se import orgnr

from crm.rules.kinds import UnitKind


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Unreadable(ValueError):
    """A value that cannot be understood; `key` says why, for the page to put into words."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


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
    UnitKind.OFFICE: "kontor",
    UnitKind.OTHER: "",
}


# --- People's names ------------------------------------------------------------------------------

_GIVEN_NAMES = Path(__file__).with_name("data") / "given_names.txt"


@cache
def given_names() -> frozenset[str]:
    """Common first names in Sweden, folded. A help to guess where a person's name begins."""
    return frozenset(words(_GIVEN_NAMES.read_text(encoding="utf-8")))


def is_given_name(word: str) -> bool:
    return fold(word) in given_names()


def display_name(text: str) -> str:
    """A typed name with capitals where it has none: "lisa af berg" → "Lisa af Berg"."""
    small = {"af", "von", "de", "van", "der", "la", "och", "i", "på", "vid"}
    parts = re.split(r"(\s+|-)", text.strip())
    if any(sign.isupper() for sign in text):
        return " ".join(text.split())
    shown = "".join(
        part if part in small and number else part[:1].upper() + part[1:]
        for number, part in enumerate(parts)
    )
    return " ".join(shown.split())


def _name_words(name: str) -> tuple[str, ...]:
    """Surname first is turned: "Berg, Anna" → ("anna", "berg")."""
    before, comma, after = name.partition(",")
    return words(f"{after} {before}" if comma else name)


_SOUNDS = (("ch", "k"), ("ph", "f"), ("th", "t"), ("ck", "k"), ("w", "v"), ("c", "k"), ("z", "s"))


@lru_cache(maxsize=4096)
def _sound(word: str) -> str:
    """A rough key of how a name sounds: Michael and Mikael, Christina and Kristina are one."""
    for written, heard in _SOUNDS:
        word = word.replace(written, heard)
    word = re.sub(r"kha|kae", "kae", re.sub(r"(.)\1", r"\1", word))
    return re.sub(r"son$|sen$", "son", word)


def name_similarity(one: str, other: str) -> int:
    """How alike two names are, 0–100, whatever their order, marks and hyphens.

    Spellings that sound alike are 95 ("Michael", "Mikael"). One given name of two is enough ("Anna
    Berg", "Anna-Karin Berg": 92), and so is an initial ("A Berg": 90). Two known given names that
    differ are two people, however near ("Erik", "Erika").
    """
    a, b = _name_words(one), _name_words(other)
    if not a or not b:
        return 0
    if sorted(a) == sorted(b) or "".join(a) == "".join(b):
        return 100
    if sorted(map(_sound, a)) == sorted(map(_sound, b)):
        return 95
    short, long = sorted((a, b), key=len)
    if len(short) >= 2 and _sound(short[-1]) == _sound(long[-1]):
        if set(map(_sound, short)) <= set(map(_sound, long)):
            return 92
        if short[0][0] == long[0][0] and 1 in {len(short[0]), len(long[0])}:
            return 90
    whole = fuzz.ratio(" ".join(sorted(a)), " ".join(sorted(b)))
    if len(a) == len(b):  # each word must be alike: "Anna Berg" and "Anna Borg" are two people
        pairs = zip(sorted(a), sorted(b), strict=True)
        whole = min(whole, *(JaroWinkler.similarity(x, y) * 100 for x, y in pairs))
    if a[0] != b[0] and {a[0], b[0]} <= given_names():
        whole = min(whole, 80)
    return round(whole)


SAME_NAME = 90  # from here on two names are shown as perhaps the same


# --- Companies' names ----------------------------------------------------------------------------

_SMALL_IN_NAMES = frozenset({"i", "och", "för", "på", "av", "till", "vid"})
_COMMON_NOUNS = frozenset(  # written small inside a name; "-förbund" and "-aktiebolag" are by rule
    {"län", "läns", "stads", "kommuns", "översiktlig", "planering", "brandförsvar", "miljöekonomi"}
)
_CAPITALS = _listed(  # names that are said letter by letter, or that call themselves so
    """
    AB VA IT AF MKB SISAB KIFAB FABS EMFAB EBA WBAB SYSAV SRV SJ RISE LSR SOLTAK ITSAM NSR SÖRAB
    IBAB GREFAB ÅFA VÖFAB KKB LÖF C4 F N Ö V.S. MÄLAB TOP
    """
)
_OWN_CASING = {
    "VAFABMILJÖ": "VafabMiljö",
    "GÖTEBORGSOPERAN": "GöteborgsOperan",
    "VISITSWEDEN": "VisitSweden",
    "POSTNORD": "PostNord",
    "TIOHUNDRA": "TioHundra",
    "PITEENERGI": "PiteEnergi",
    "S:T": "S:t",
    "PUBL": "publ",
}
_QUOTED = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)


def display_company(name: str) -> str:
    """A name that a register gives in capitals, as people write it; other names are left alone.

    "AKTIEBOLAGET HULTSFREDS BOSTÄDER" → "AB Hultsfreds Bostäder", "VA-BOLAGET I KARLSKOGA AB" →
    "VA-bolaget i Karlskoga AB". Known abbreviations keep their capitals.
    """
    tidy = " ".join(name.split())
    if not tidy.isupper():
        return tidy
    tidy = re.sub(r"\bAKTIEBOLAG(ET)?\b", "AB", tidy)
    return " ".join(_cased(word, first=not place) for place, word in enumerate(tidy.split(" ")))


def _cased(word: str, *, first: bool) -> str:
    if word in _CAPITALS or word in _OWN_CASING:
        return _OWN_CASING.get(word, word)
    quoted = _QUOTED.fullmatch(word)
    before, core, after = map(str, quoted.groups()) if quoted else ("", word, "")
    if core in _CAPITALS or core in _OWN_CASING:
        cased = _OWN_CASING.get(core, core)
    elif "-" in core:
        head, *rest = core.split("-")
        small = head in {"VA", "IT"}
        tail = [part.lower() if small else _cased(part, first=True) for part in rest]
        cased = "-".join([_cased(head, first=True), *tail])
    elif not first and (
        core.lower() in _SMALL_IN_NAMES | _COMMON_NOUNS
        or core.endswith(("FÖRBUND", "AKTIEBOLAG", "BOLAG", "STIFTELSE", "HÖGSKOLA"))
    ):
        cased = core.lower()
    else:
        cased = core[:1] + core[1:].lower()
    return before + cased + after


# --- Phone ---------------------------------------------------------------------------------------


def normalise_phone(text: str) -> str:
    """A phone number as E.164; without a country it is Swedish. "0495-24 00 00" → "+46495240000".

    An extension or a second number behind a slash is left out.
    """
    import phonenumbers  # 80 ms to load, and most requests read no phone number

    written = unicodedata.normalize("NFKC", text).strip()
    if not written:
        raise Unreadable("phone.empty")
    first = re.split(r"[/;,]| eller | ankn| vx", written.lower().replace("(0)", ""), maxsplit=1)[0]
    try:
        number = phonenumbers.parse(first[:40], "SE")
    except phonenumbers.NumberParseException:
        raise Unreadable("phone.unreadable") from None
    if not phonenumbers.is_possible_number(number):
        raise Unreadable("phone.length")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


@lru_cache(maxsize=4096)
def display_phone(number: str) -> str:
    """An E.164 number as it is written in Sweden: "0495-24 00 00"; foreign ones with country."""
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number, "SE")
    except phonenumbers.NumberParseException:
        return number
    style = (
        phonenumbers.PhoneNumberFormat.NATIONAL
        if parsed.country_code == 46
        else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )
    return str(phonenumbers.format_number(parsed, style))


# --- E-mail --------------------------------------------------------------------------------------

# Mail anybody can have: the domain says nothing about where the person works.
PUBLIC_MAIL_DOMAINS = _listed(
    """
    gmail.com googlemail.com hotmail.com hotmail.se outlook.com outlook.se live.se live.com
    msn.com yahoo.com yahoo.se ymail.com icloud.com me.com mac.com aol.com gmx.com gmx.net gmx.de
    protonmail.com proton.me pm.me tutanota.com tuta.io hey.com fastmail.com zoho.com mail.com
    telia.com bredband.net bredband2.com comhem.se tele2.se swipnet.se spray.se home.se passagen.se
    algonet.se glocalnet.net bahnhof.se ownit.nu bostream.nu bostream.se brikks.com tiscali.se
    a-one.nu netatonce.net netatonce.se utfors.se telenor.se telenordia.se mail.se
    """
)

_ROLE_MAILBOXES = _listed(
    """
    info kontakt kontaktcenter kommun kommunen registrator registratur diarium post mail office
    kansli expedition exp skolan skola reception vaxel medborgarservice kundtjanst support faktura
    inkop upphandling region regionen webmaster noreply no-reply servicecenter
    """
)


@dataclass(frozen=True, slots=True)
class Email:
    """An address in one spelling. `public`: says nothing about the employer."""

    address: str
    domain: str
    public: bool
    role: bool  # info@, registrator@: a mailbox of many

    def __str__(self) -> str:
        return self.address


def normalise_email(text: str) -> Email:
    """One address in lower case: 'Anna Berg <Anna.Berg@Hultsfred.SE>' → anna.berg@hultsfred.se."""
    written = unicodedata.normalize("NFKC", text).strip()
    if inner := re.search(r"<([^<>]+)>", written):
        written = inner.group(1)
    written = written.removeprefix("mailto:").strip(" .;,\"'")
    if not written:
        raise Unreadable("email.empty")
    try:
        found = validate_email(written[:320], check_deliverability=False)
    except EmailNotValidError:
        raise Unreadable("email.unreadable") from None
    local, domain = found.local_part.lower(), found.domain.lower()
    return Email(
        f"{local}@{domain}", domain, domain in PUBLIC_MAIL_DOMAINS, fold(local) in _ROLE_MAILBOXES
    )


def parent_domains(domain: str) -> tuple[str, ...]:
    """A mail domain and those above it, nearest first: edu.hultsfred.se, hultsfred.se.

    The top level alone is left out.
    """
    parts = domain.lower().strip(".").split(".")
    return tuple(".".join(parts[start:]) for start in range(len(parts) - 1))


# --- Organisation number and codes ---------------------------------------------------------------


def normalise_org_number(text: str) -> str:
    """Ten digits with a right check digit, from any usual spelling.

    212000-9994, 2120009994, SE212000999401 (VAT number), 162120009994 (with century), 0007:2120…
    (as in e-invoices) and 2120009994.0 (a spreadsheet's). A number that a spreadsheet has rounded
    ("2,12E+11") is lost and refused. So is a personal identity number: a sole trader is a person.
    """
    written = re.sub(r"[\s\u00a0\u202f]", "", unicodedata.normalize("NFKC", text)).upper()
    if not written:
        raise Unreadable("org_number.empty")
    if re.fullmatch(r"\d+([.,]\d+)?E\+?\d+", written):
        raise Unreadable("org_number.rounded")
    written = re.sub(r"^(0007:|ORGNR[.:]?|ORG\.?NR[.:]?)", "", written)
    if vat := re.fullmatch(r"SE(\d{6}-?\d{4})(?:-?\d\d)?", written):
        written = vat.group(1)
    digits = re.sub(r"[-–‑]", "", re.sub(r"[.,]0$", "", written))
    if not re.fullmatch(r"[0-9]+", digits):
        raise Unreadable("org_number.signs")
    if len(digits) == 12:
        if digits[:2] in {"19", "20"} and digits[4] in "01":
            raise Unreadable("org_number.personal")
        digits = digits.removeprefix("16")
    if len(digits) != 10:
        raise Unreadable("org_number.length")
    try:
        orgnr.validate(digits)
    except InvalidChecksum:
        raise Unreadable("org_number.check_digit") from None
    except ValidationError:
        raise Unreadable("org_number.signs") from None
    if digits[2] in "01":  # month of birth: legal persons have at least 20 there
        raise Unreadable("org_number.personal")
    return digits


def display_org_number(digits: str) -> str:
    """Ten digits as they are written in Sweden: "212000-9994"."""
    return f"{digits[:6]}-{digits[6:]}" if len(digits) == 10 else digits


def normalise_municipality_code(text: str) -> str:
    """Four digits: "180" and "180.0" → "0180", the zero a spreadsheet drops."""
    written = re.sub(r"[.,]0$", "", unicodedata.normalize("NFKC", text).strip())
    if not written:
        raise Unreadable("municipality_code.empty")
    if not re.fullmatch(r"[0-9]{3,4}", written):
        raise Unreadable("municipality_code.length")
    return written.zfill(4)


# --- Perhaps the same ----------------------------------------------------------------------------


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
    own_mail = {mail for mail in shared_mail if fold(mail.split("@")[0]) not in _ROLE_MAILBOXES}
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


def nearest_names(
    name: str, choices: Iterable[tuple[int, str]], *, limit: int = 5, people: bool = True
) -> list[tuple[int, int]]:
    """(id, likeness) of the names most like this one, best first, from `SAME_NAME` upwards."""
    like = name_similarity if people else organisation_similarity
    scored = [(ident, like(name, other)) for ident, other in choices]
    found = [pair for pair in scored if pair[1] >= SAME_NAME]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:limit]


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
