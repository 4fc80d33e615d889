"""Words for the demonstration: real bodies, made-up units, people and remarks."""

from dataclasses import dataclass

from crm.rules.contracts import FrameworkPosition
from crm.rules.kinds import OrganisationKind
from crm.rules.pricing import PriceKind

PRODUCTS = ("Klarspår Skola", "Klarspår Omsorg", "Klarspår Dialog")

PRICES: tuple[tuple[str, PriceKind, int, tuple[tuple[int, int], ...]], ...] = (
    ("Licens", PriceKind.PER_USER, 1_200, ((10, 1_000),)),
    ("Licens", PriceKind.PER_UNIT, 9_000, ((5, 8_000), (15, 7_000))),
    ("Licens", PriceKind.INHABITANTS, 90_000, ((20_000, 140_000), (60_000, 320_000))),
    ("Uppstart", PriceKind.ONCE, 8_000, ()),
    ("Utbildning på plats", PriceKind.ONCE_PER_UNIT, 3_500, ()),
)
"""What each product costs: name, kind, kronor from the start, and from larger numbers on."""


@dataclass(frozen=True, slots=True)
class Place:
    """A real body, and what we do there. `units` and `champion` fix what journeys look for."""

    name: str
    work: str = "school"
    kind: OrganisationKind = OrganisationKind.MUNICIPALITY
    department: str = "Barn- och utbildningsförvaltningen"
    units: tuple[str, ...] = ()
    champion: str = ""


def _care(name: str) -> Place:
    return Place(name, "care", department="Omsorgsförvaltningen")


def _library(name: str) -> Place:
    return Place(name, "library", department="Kultur- och fritidsförvaltningen")


def _region(name: str) -> Place:
    return Place(name, "health", OrganisationKind.REGION, "Hälso- och sjukvårdsförvaltningen")


def _authority(name: str, department: str) -> Place:
    return Place(name, "office", OrganisationKind.AUTHORITY, department)


BODIES: tuple[Place, ...] = (
    Place(
        "Hultsfred",
        units=("Venhagskolan", "Lindblomskolan", "Albäcksskolan"),
        champion="Anna Sjögren",
    ),
    Place("Malmö"),
    Place("Göteborg"),
    _care("Stockholm"),
    Place("Uppsala"),
    Place("Umeå"),
    Place("Karlstad"),
    _care("Östersund"),
    Place("Ystad"),
    Place("Härnösand"),
    Place("Smedjebacken"),
    Place("Lidingö"),
    Place("Katrineholm"),
    _care("Södertälje"),
    Place("Kristianstad"),
    Place("Täby"),
    Place("Kalix"),
    Place("Vännäs"),
    _care("Ljusdal"),
    Place("Gotland"),
    Place("Vimmerby"),
    Place("Oskarshamn"),
    _library("Västervik"),
    Place("Kalmar"),
    Place("Nybro"),
    Place("Växjö"),
    _care("Jönköping"),
    Place("Eksjö"),
    Place("Linköping"),
    _library("Norrköping"),
    Place("Örebro"),
    Place("Västerås"),
    _care("Falun"),
    Place("Gävle"),
    Place("Sundsvall"),
    Place("Luleå"),
    _library("Kiruna"),
    Place("Lund"),
    _care("Halmstad"),
    Place("Borås"),
    _region("Region Kalmar län"),
    _region("Region Skåne"),
    _region("Region Västerbotten"),
    _authority("Statens skolverk", "Verksamhetsstöd"),
    _authority("Integritetsskyddsmyndigheten", "Administrativa enheten"),
    _authority("Försäkringskassan", "IT-avdelningen"),
)

UNITS: dict[str, tuple[str, ...]] = {
    "school": (
        "Björkskolan",
        "Åskolan",
        "Kvarnskolan",
        "Solbackaskolan",
        "Ekhagsskolan",
        "Norrgårdsskolan",
        "Ängsskolan",
        "Sjöviksskolan",
        "Tallmoskolan",
        "Hagaskolan",
        "Fågelskolan",
        "Österskolan",
    ),
    "care": (
        "Rönnbackens äldreboende",
        "Solgläntan",
        "Ekens gruppboende",
        "Hemtjänst Norr",
        "Hemtjänst Söder",
        "Lindgårdens äldreboende",
        "Strandhemmet",
    ),
    "library": ("Stadsbiblioteket", "Filialen Öster", "Kulturhuset", "Bokbussen", "Filialen Norr"),
    "health": (
        "Vårdcentralen Ankaret",
        "Vårdcentralen Björken",
        "Rehabenheten",
        "Barnmottagningen",
        "Vårdcentralen Kvarnen",
    ),
    "office": ("Enheten för stöd", "Enheten för handläggning", "Kundservice", "Digitala tjänster"),
}

FIRST_NAMES = (
    "Anna",
    "Karin",
    "Lena",
    "Eva",
    "Åsa",
    "Malin",
    "Sofia",
    "Ingrid",
    "Fatima",
    "Leila",
    "Johan",
    "Anders",
    "Per",
    "Lars",
    "Mikael",
    "Björn",
    "Östen",
    "Ali",
    "Oskar",
    "Jonas",
    "Märta",
    "Elin",
    "Hanna",
    "Gustav",
    "Nils",
)
LAST_NAMES = (
    "Andersson",
    "Åkesson",
    "Öman",
    "Ström",
    "Lindberg",
    "Nyman",
    "Bergqvist",
    "Hassan",
    "Sjöberg",
    "Ek",
    "Wallin",
    "Norén",
    "Dahl",
    "Lundgren",
    "Söderström",
    "Hedlund",
    "Fransson",
    "Yilmaz",
    "Månsson",
    "Björk",
)
TITLES: dict[str, tuple[str, ...]] = {
    "school": ("Rektor", "Lärare", "IKT-pedagog", "Förstelärare", "Biträdande rektor"),
    "care": ("Enhetschef", "Undersköterska", "Samordnare", "Sjuksköterska"),
    "library": ("Bibliotekschef", "Bibliotekarie"),
    "health": ("Verksamhetschef", "Sjuksköterska", "Medicinsk sekreterare"),
    "office": ("Handläggare", "Enhetschef", "Verksamhetsutvecklare"),
    "support": ("IT-chef", "Systemförvaltare", "Upphandlare", "Controller", "Dataskyddsombud"),
}
CALLS: dict[str, tuple[str, ...]] = {
    "school": (
        "Såg det hos en kollega och vill prova i sin klass",
        "Vill veta vad det kostar för en enskild skola",
        "Undrar om det går att börja utan elevuppgifter",
        "Tre lärare använder det redan, rektorn vill förstå villkoren",
        "Letar efter något som ersätter papperslistorna",
    ),
    "care": (
        "Vill slippa dubbel dokumentation på kvällspasset",
        "Frågar om det fungerar på de mobiler personalen har",
        "En enhetschef vill visa det på nästa ledningsgrupp",
    ),
    "library": (
        "Vill prova i filialen över sommaren",
        "Undrar om integration med lånesystemet",
    ),
    "health": (
        "Vårdcentralen vill prova för intern samordning, utan patientuppgifter",
        "Frågar hur vi gör med SITHS och inloggning",
    ),
    "office": (
        "Vill veta vilket ramavtal vi kan avropas från",
        "Undrar hur vi uppfyller kraven på tillgänglighet",
    ),
}
NOTES = (
    "Ringde och stämde av. De är nöjda och vill visa det för fler.",
    "Skickade en sida om informationsklassning som de kan använda i Klassa.",
    "Möte med arbetslaget. Sex personer, bra frågor om uppgifter som lagras.",
    "IT vill ha en skiss på integrationen innan de säger något.",
    "Rektorn tar upp det på ledningsgruppen i nästa månad.",
    "De väntar på ramarna. Inget att göra förrän beslutet är läst.",
    "Controllern bad om kostnaden över fyra år, uppdelad per år.",
    "Facket har fått information genom samverkan. Inga invändningar.",
    "Personuppgiftsbiträdesavtalet ligger hos jurist.",
    "En kollega på en annan enhet har hört talas om det och vill se.",
)
PROMISES = (
    "Skicka det uppdaterade prisbladet med tre alternativ",
    "Svara på IT:s frågor om inloggning",
    "Skicka utkast till personuppgiftsbiträdesavtal",
    "Ring rektorn om utvärderingen av piloten",
    "Skriv en sida om effekten till budgetunderlaget",
)
INCUMBENTS: tuple[tuple[str, str], ...] = (
    ("Läsplattform för grundskolan", "Bokstaven Utbildning AB"),
    ("Läromedelsportal", "Skolförlaget Exempel AB"),
    ("Skriv- och talstöd på elevdatorer", "Hjälpordet AB"),
    ("Lånesystem för skolbiblioteken", "Hyllan Data AB"),
)
"""What the buyers use today, from suppliers that are made up."""
FRAMEWORKS: tuple[tuple[str, str, FrameworkPosition], ...] = (
    (
        "Ramavtal digitala läromedel",
        "Bokstaven Utbildning AB, Hjälpordet AB",
        FrameworkPosition.OUTSIDE,
    ),
    ("Ramavtal läs- och skrivstöd", "Lagerkrans AB", FrameworkPosition.HOLDER),
)
TO_SORT: tuple[tuple[str, str, str, str], ...] = (
    (
        "Petra",
        "petra.vik@vimmerby.example",
        "Har provat gratisversionen hemma, vill använda den på jobbet",
        "trial",
    ),
    ("Jamal", "jamal.ek@vaxjo.example", "Frågar om pris för ett arbetslag", "web_form"),
    (
        "Birgitta Alm",
        "birgitta.alm@harnosand.example",
        "Tredje skolan som hör av sig i år",
        "web_form",
    ),
    ("Kim", "kim@gmail.example", "Lärare, skriver från privat adress, kommun okänd", "trial"),
    ("Åke Östberg", "ake.ostberg@lulea.example", "Vill ha en visning på en studiedag", "mail"),
    ("Mona", "mona.li@kalmar.example", "Undrar om vi finns på ramavtal", "web_form"),
)
