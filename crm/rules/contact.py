"""How to reach somebody, and which body it is: phone, e-mail, organisation number, codes.

One spelling for each, whatever the source: also an Excel file that ate the leading zeros. Values
that cannot be read raise `Unreadable`, whose `key` names the reason ("org_number.length"); forms
turn the key into a sentence.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.se import orgnr

from crm.rules.words import fold


def _listed(text: str) -> frozenset[str]:
    return frozenset(text.split())


class Unreadable(ValueError):
    """A value that cannot be understood; `key` says why, for the page to put into words."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


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

ROLE_MAILBOXES = _listed(
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
        f"{local}@{domain}", domain, domain in PUBLIC_MAIL_DOMAINS, fold(local) in ROLE_MAILBOXES
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


def normalise_municipality_code(text: str) -> str:
    """Four digits: "180" and "180.0" → "0180", the zero a spreadsheet drops."""
    written = re.sub(r"[.,]0$", "", unicodedata.normalize("NFKC", text).strip())
    if not written:
        raise Unreadable("municipality_code.empty")
    if not re.fullmatch(r"[0-9]{3,4}", written):
        raise Unreadable("municipality_code.length")
    return written.zfill(4)
