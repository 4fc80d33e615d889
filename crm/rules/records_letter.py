"""The letter that asks an authority for allmänna handlingar, in Swedish, ready to be sent.

What may be asked for, and that nobody need say who asks or why, is tryckfrihetsförordningen 2 kap.
(`procurement-law.md` 5.4). A letter is a proposal: whoever sends it may change every word.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from crm.rules.reminder_reasons import format_day


class RequestKind(StrEnum):
    AWARD = "award"  # after a decision: the award, the evaluation, the winning tender, the contract
    CONTRACT = (
        "contract"  # before a renewal: the running contract, its options, what was called off
    )
    OTHER = "other"  # in words of one's own


@dataclass(frozen=True, slots=True)
class About:
    """What the letter is filled with; what is not known is left out of it.

    `decided` is the day of the award, `ends` the last day of the contract.
    """

    body: str
    title: str
    reference: str = ""  # diarienummer
    decided: date | None = None
    ends: date | None = None
    sender: str = ""


_DOCUMENTS: Final = {
    RequestKind.AWARD: (
        "tilldelningsbeslutet, med skälen för det",
        "utvärderingen av anbuden, med poäng eller jämförelsepris för varje anbud",
        "det vinnande anbudet, med bilagor",
        (
            "avtalet, med bilagor och priser. Om det inte är undertecknat än ber vi att få de andra"
            " handlingarna nu och avtalet när det finns"
        ),
    ),
    RequestKind.CONTRACT: (
        "det gällande avtalet, med bilagor, priser, ändringar och tillägg",
        (
            "beslut och meddelanden om optioner och förlängningar, de som har utnyttjats och de som"
            " återstår"
        ),
        (
            "statistik över avrop och köp enligt avtalet, per år och enhet, om den finns eller kan"
            " tas fram med rutinbetonade åtgärder"
        ),
    ),
    RequestKind.OTHER: (),
}


_GROUND: Final = (
    "Med stöd av 2 kap. tryckfrihetsförordningen ber vi att få ta del av följande handlingar."
)
_HOW: Final = (
    "Vi tar helst emot handlingarna med e-post. Går det inte, går det bra med kopior på papper. Om"
    " det tillkommer en avgift ber vi er att meddela beloppet innan ni tar fram kopiorna."
)
_SECRECY: Final = (
    "Om någon uppgift omfattas av sekretess ber vi att få handlingarna i övriga delar. Avslår ni"
    " begäran, helt eller delvis, ber vi om ett skriftligt beslut som går att överklaga."
)


def subject(about: About) -> str:
    """The subject line: what it is and, where known, the authority's own number."""
    number = f" (dnr {about.reference})" if about.reference else ""
    return f"Begäran om allmän handling: {about.title}{number}"


def letter(kind: RequestKind, about: About) -> str:
    """The whole letter as plain text; of another kind the documents are left for the writer."""
    what = f"”{about.title}”"
    if about.reference:
        what += f", ert diarienummer {about.reference}"
    if kind is RequestKind.AWARD:
        concerns = f"upphandlingen {what}"
        if about.decided is not None:
            day = format_day(about.decided, "sv")
            concerns += f", där beslut om tilldelning fattades den {day}"
    elif kind is RequestKind.CONTRACT:
        concerns = f"avtalet om {what}"
        if about.ends is not None:
            concerns += f", som enligt våra uppgifter löper ut den {format_day(about.ends, 'sv')}"
    else:
        concerns = what
    documents = _DOCUMENTS[kind] or ("",)
    listed = "\n".join(f"{number}. {one}" for number, one in enumerate(documents, start=1))
    parts = [
        f"Till {about.body}",
        subject(about),
        "Hej!",
        f"{_GROUND} De rör {concerns}.",
        listed,
        _HOW,
        _SECRECY,
        "Med vänlig hälsning",
    ]
    return "\n\n".join(parts) + (f"\n{about.sender}" if about.sender else "")
