"""Why each reminder rule is as it is, and the law behind it: `budget-cycles.md`, part 7, in words.

A variant of a rule (R2-may) stands on the ground of its rule (R2).
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Ground:
    """The reason in a sentence. Without a law the ground is practice, as published by the bodies;
    the distance in time is then a choice of ours."""

    why_sv: str
    why_en: str
    law: str = ""


GROUNDS: Final[dict[str, Ground]] = {
    "R1": Ground(
        "Tidplanerna skiljer sig åt, och ett råd byggt på en gissning gör mer skada än nytta.",
        "Timetables differ, and advice built on a guess does more harm than good.",
        "KL 11 kap. 8–11 §§",
    ),
    "R2": Ground(
        "Underlaget skrivs veckorna före nämndens inlämning. Den som vill ha hjälp behöver den då.",
        "The basis is written in the weeks before the nämnd hands in. Whoever wants help needs"
        " it then.",
    ),
    "R3": Ground(
        "Beslutet i fullmäktige är ingen beställning: nämnden ska först fördela sin ram.",
        "The council's decision is not an order: the nämnd has yet to split its frame.",
        "KL 11 kap. 10 §",
    ),
    "R4": Ground(
        "Först när nämnden har fördelat sin ram vet enheten vilka pengar den har.",
        "Only when the nämnd has split its frame does the unit know its money.",
    ),
    "R5": Ground(
        "Valår är det de nyvalda som antar budgeten, och nya nämnder tillträder i januari.",
        "In an election year the newly elected adopt the budget, and new nämnder start in January.",
        "KL 11 kap. 10 §, 6 kap. 18–19 §§",
    ),
    "R6": Ground(
        "Under lov, helger och valrörelse har ingen tid, och en kontakt blir till besvär.",
        "During holidays and election campaigns nobody has time, and a contact is a nuisance.",
    ),
    "R7": Ground(
        "Vid ett inköpsstopp kan ingen köpa, hur gärna de än vill.",
        "During a purchasing freeze nobody can buy, however much they would like to.",
    ),
    "R8": Ground(
        "Ett underskott ska återställas inom tre år. Under tiden är pengarna knappa.",
        "A deficit is to be made good within three years. Until then money is short.",
        "KL 11 kap. 12 §",
    ),
    "R9": Ground(
        "Kommuner kräver granskning och PUB-avtal innan personuppgifter behandlas, även i det som"
        " är gratis.",
        "Municipalities require a review and a PUB-avtal before personal data is processed, even in"
        " what is free.",
        "Dataskyddsförordningen artikel 28",
    ),
    "R9-evaluate": Ground(
        "En pilot har ett slut och något att utvärdera. Det enheten kom fram till är vad ett"
        " kommande krav kan vila på, och det får man veta genom att fråga, inte genom att sälja.",
        "A pilot has an end and something to find out. What the unit found out is what a coming"
        " requirement can rest on, and one learns it by asking, not by selling.",
    ),
    "R11": Ground(
        "När upphandlingen är annonserad går frågor till den namngivna kontakten och svaren till"
        " alla.",
        "Once a procurement is published, questions go to the named contact and answers to"
        " everybody.",
        "LOU 4 kap. 8 §",
    ),
    "R12": Ground(
        "En upphandling tar ofta 3–12 månader, och före den behövs en plats i en budget.",
        "A procurement often takes 3–12 months, and needs a place in a budget before that.",
    ),
    "D10": Ground(
        "Ett anbud som kommer för sent prövas inte, och den som inte har frågat i tid får inget"
        " svar.",
        "A tender that comes too late is not examined, and whoever did not ask in time gets no"
        " answer.",
        "LOU 12 kap. 11 §, 19 kap. 13 §",
    ),
    "R13": Ground(
        "När en ambassadör slutar går kunskapen om ärendet förlorad på båda sidor om ingen frågar.",
        "When a champion leaves, what is known of the case is lost on both sides unless somebody"
        " asks.",
    ),
    "C3": Ground(
        "Den som säljer in något internt gör det på egen tid. Ett möte som är förberett ger svar;"
        " ett som inte är det skjuts upp.",
        "Whoever sells something internally does so in their own time. A meeting that is prepared"
        " gives an answer; one that is not is put off.",
    ),
    "C7": Ground(
        "Ett ärende som bara en person känner till slutar med den personen, och det som ingen talar"
        " om är snart glömt.",
        "A case that only one person knows of ends with that person, and what nobody speaks of is"
        " soon forgotten.",
    ),
    "R14": Ground(
        "Vid tveksamhet är det ofta bäst att vänta. Två obesvarade frågor är också ett svar.",
        "When in doubt it is often best to wait. Two unanswered questions are an answer, too.",
    ),
    "PACE": Ground(
        "De som arbetar där har annat att göra, och för dem är vi en enda avsändare, hur många"
        " kollegor och ärenden det än gäller.",
        "The people there have other work to do, and to them we are one sender, however many"
        " colleagues and cases it is about.",
    ),
    "LIGHT": Ground(
        "Den som väntar ska inte glömmas, och inte heller besväras.",
        "Whoever waits is not to be forgotten, nor to be troubled.",
    ),
    "R15": Ground(
        "Den som ska lita på en påminnelse ska kunna se vad den vilar på.",
        "Whoever is to trust a reminder must be able to see what it rests on.",
    ),
    "R16": Ground(
        "Skolan har två kalendrar samtidigt: pengar per kalenderår, arbete per läsår.",
        "Schools have two calendars at once: money by calendar year, work by school year.",
    ),
    "R17": Ground(
        "Myndigheter använder i första hand de statliga ramavtalen, och regleringsbrevet säger vad"
        " de ska göra.",
        "Authorities use the state's framework agreements first, and their letter says what they"
        " are to do.",
        "Förordning (1998:796) 3–4 §§",
    ),
    "RECORDS": Ground(
        "Myndigheten ska svara skyndsamt, utan ett bestämt antal dagar. Ett avslag får överklagas.",
        "The authority is to answer promptly, without a number of days. A refusal may be appealed.",
        "TF 2 kap. 15, 16 och 19 §§",
    ),
    "NEXT": Ground(
        "Bara det vi själva har lovat kan bli försenat.",
        "Only what we have promised ourselves can be late.",
    ),
    "WAKE": Ground("Inget ärende väntar för evigt.", "No case waits for ever."),
}


def ground_of(rule_key: str) -> Ground:
    """The ground of the rule, or of the rule it is a variant of."""
    return GROUNDS.get(rule_key) or GROUNDS[rule_key.partition("-")[0]]
