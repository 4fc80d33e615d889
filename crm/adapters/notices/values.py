"""Texts of a notice as values: days, moments, amounts, codes. Nothing raises; what is not
understood is None and leaves a doubt, what is withheld is None and is named."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from crm.rules.calendar import STOCKHOLM
from crm.rules.contact import Unreadable, normalise_org_number
from crm.rules.notices import (
    Deadline,
    DeadlineKind,
    Doubt,
    DoubtKind,
    Money,
    Withheld,
    Words,
)

MOST_DOUBTS = 100  # of one notice
RAW_LENGTH = 200  # of what a doubt quotes
MOST_MONEY = Decimal(10) ** 15  # beyond that it is no contract

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_MASKED_DAY = date(1970, 1, 1)
_MASKED = frozenset({"unpublished"})


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in text.split())


_LANGUAGES = _pairs(
    "bul=bg ces=cs dan=da deu=de ell=el eng=en est=et fin=fi fra=fr gle=ga hrv=hr hun=hu isl=is "
    "ita=it lav=lv lit=lt mkd=mk mlt=mt nld=nl nob=nb nno=nn nor=no pol=pl por=pt ron=ro rus=ru "
    "slk=sk slv=sl sme=se spa=es sqi=sq srp=sr swe=sv tur=tr ukr=uk"
)
"""Two letters of a language (ISO 639-1) by three (639-3)."""

_COUNTRIES = _pairs(
    "AUT=AT BEL=BE BGR=BG CHE=CH CYP=CY CZE=CZ DEU=DE DNK=DK ESP=ES EST=EE FIN=FI FRA=FR GBR=GB "
    "GRC=GR HRV=HR HUN=HU IRL=IE ISL=IS ITA=IT LIE=LI LTU=LT LUX=LU LVA=LV MLT=MT NLD=NL NOR=NO "
    "POL=PL PRT=PT ROU=RO SVK=SK SVN=SI SWE=SE USA=US UK=GB EL=GR"
)
"""Two letters of a country (ISO 3166-1) by three, and the EU's own for two."""


@dataclass(slots=True)
class Findings:
    """What is noted while one notice is read."""

    doubts: list[Doubt] = field(default_factory=list)
    marked: dict[tuple[str, str | None], Withheld] = field(default_factory=dict)

    def doubt(self, kind: DoubtKind, name: str, raw: str) -> None:
        found = Doubt(kind, name, raw[:RAW_LENGTH])
        if len(self.doubts) < MOST_DOUBTS and found not in self.doubts:
            self.doubts.append(found)

    def keep_back(self, name: str, where: str | None) -> None:
        """A value that is marked as withheld, without a word on why or how long."""
        self.marked.setdefault((name, where), Withheld(name, where))

    # --- Texts ---

    def shown(self, text: str | None, name: str, where: str | None = None) -> str | None:
        """A text unless it is withheld, its white space brought to single blanks."""
        if not text:
            return None
        if text.strip().lower() in _MASKED:
            self.keep_back(name, where)
            return None
        return " ".join(text.split()) or None

    def words(
        self, texts: Iterable[tuple[str | None, str]], name: str, where: str | None = None
    ) -> Words:
        """Texts with their language's code, of whichever standard. Line breaks are kept."""
        kept: dict[str, str] = {}
        for code, text in texts:
            if text.strip().lower() in _MASKED:
                self.keep_back(name, where)
            elif tidy := "\n".join(filter(None, (" ".join(x.split()) for x in text.splitlines()))):
                kept.setdefault(language(code), tidy)
        return Words(tuple(kept.items()))

    # --- Numbers ---

    def number(self, text: str | None, name: str, where: str | None = None) -> int | None:
        """A whole number from 0; -1 is withheld."""
        if not text:
            return None
        amount = _decimal(text)
        if amount is not None and amount < 0:
            self.keep_back(name, where)
            return None
        if amount is None or amount > 1_000_000_000 or amount != amount.to_integral_value():
            self.doubt(DoubtKind.NUMBER, name, text)
            return None
        return int(amount)

    def weight(self, text: str | None, name: str, where: str | None = None) -> str | None:
        """A weight as published; -1 is withheld."""
        if is_masked(text) and text and text.strip():
            self.keep_back(name, where)
            return None
        return " ".join((text or "").split())[:200] or None

    def money(
        self, text: str | None, currency: str | None, name: str, where: str | None = None
    ) -> Money | None:
        """An amount in hundredths; -1 is withheld, and so is a currency "unpublished".

        Without a currency it says too little and is left out, with a doubt.
        """
        if not text:
            return None
        if text.strip().lower() in _MASKED or (currency or "").strip().lower() in _MASKED:
            self.keep_back(name, where)
            return None
        amount = _decimal(text)
        if amount is not None and amount == -1:
            self.keep_back(name, where)
            return None
        if amount is None or not 0 <= amount <= MOST_MONEY:
            self.doubt(DoubtKind.AMOUNT, name, text)
            return None
        code = (currency or "").strip().upper()
        if not re.fullmatch(r"[A-Z]{3}", code):
            self.doubt(DoubtKind.CURRENCY, name, f"{text} {currency or ''}".strip())
            return None
        if _two_ways(text):
            self.doubt(DoubtKind.AMOUNT, name, text)
        return Money(int((amount * 100).to_integral_value(ROUND_HALF_UP)), code)

    # --- Time ---

    def day(self, text: str | None, name: str, where: str | None = None) -> date | None:
        """A day as written, whatever its offset says; 1970-01-01 is withheld."""
        if not text or text.strip().lower() in _MASKED:
            return None
        found = read_day(text)
        if found is None:
            self.doubt(DoubtKind.DATE, name, text)
        elif found == _MASKED_DAY:
            self.keep_back(name, where)
            return None
        return found

    def moment(self, day: str | None, clock: str | None, name: str) -> datetime | None:
        """A day and a time as a moment on Stockholm's clock, None without a time."""
        on = self.day(day, name)
        at = read_time(clock) if clock else None
        if on is None or at is None:
            return None
        return _moment(on, at, _offset(day, clock))[1]

    def deadline(
        self, kind: DeadlineKind, day: str | None, clock: str | None, lots: tuple[str, ...] = ()
    ) -> Deadline | None:
        """A deadline from a day and a time as the source writes them."""
        on = self.day(day, kind.value, lots[0] if lots else None)
        if on is None or day is None:
            return None
        raw = " ".join(filter(None, (day.strip(), (clock or "").strip())))
        at = read_time(clock) if clock else None
        if at is None:
            if clock:
                self.doubt(DoubtKind.DATE, kind.value, raw)
            if kind is not DeadlineKind.OPENING:
                self.doubt(DoubtKind.NO_TIME, kind.value, raw)
            return Deadline(kind, on, None, None, raw, lots)
        offset = _offset(day, clock)
        wall, moment = _moment(on, at, offset)
        if at == time():
            self.doubt(DoubtKind.MIDNIGHT, kind.value, raw)
        if offset is not None and offset != wall.replace(tzinfo=STOCKHOLM).utcoffset():
            self.doubt(DoubtKind.OFFSET, kind.value, raw)
        return Deadline(kind, wall.date(), wall, moment, raw, lots)


def is_masked(text: str | None) -> bool:
    """Whether a value is withheld, or not there at all."""
    plain = (text or "").strip().lower()
    return not plain or plain in _MASKED or bool(re.match(r"-1(\.0+)?$|1970-01-01", plain))


def read_day(text: str) -> date | None:
    """2027-01-18, 2027-01-18+01:00, 20270118, 18/01/2027 or 18.1.2027."""
    if found := re.match(r"\s*(\d{4})-?(\d{2})-?(\d{2})(?!\d)", text):
        year, month, day = found.groups()
    elif found := re.match(r"\s*(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)", text):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day)) if _known(int(year)) else None
    except ValueError:
        return None


def _known(year: int) -> bool:
    return _FIRST_YEAR <= year <= _LAST_YEAR


def read_time(text: str) -> time | timedelta | None:
    """23:59, 23:59:00+01:00, 12.00, T18:00:00.123Z; 24:00 is the end of the day, as a timedelta."""
    found = re.match(r"\s*T?(\d{1,2})[:.](\d{2})(?::(\d{2})(?:\.\d*)?)?(?![\d:])", text)
    if not found:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups())
    if (hour, minute, second) == (24, 0, 0):
        return timedelta(days=1)
    if hour > 23 or minute > 59 or second > 60:
        return None
    return time(hour, minute, min(second, 59))


def offset_of(text: str | None) -> timedelta | None:
    """The offset that a day or a time ends with: Z, +01:00, -0500."""
    found = re.search(r"(?:Z|([+-])(\d{2}):?(\d{2}))\s*$", text or "")
    if not found:
        return None
    sign, hours, minutes = found.groups()
    if sign is None:
        return timedelta()
    if int(hours) > 14 or int(minutes) > 59:
        return None
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return -span if sign == "-" else span


def _offset(day: str | None, clock: str | None) -> timedelta | None:
    """The time's offset, or else the day's."""
    of_the_time = offset_of(clock)
    return of_the_time if of_the_time is not None else offset_of(day)


def _moment(day: date, at: time | timedelta, offset: timedelta | None) -> tuple[datetime, datetime]:
    """As written, and the moment that it states on Stockholm's clock."""
    if isinstance(at, timedelta):
        wall = datetime.combine(day, time()) + at
    else:
        wall = datetime.combine(day, at)
    zone = STOCKHOLM if offset is None else timezone(offset)
    return wall, wall.replace(tzinfo=zone).astimezone(STOCKHOLM)


def _decimal(text: str) -> Decimal | None:
    """A number with blanks or signs between thousands, and a decimal point or comma."""
    plain = re.sub(r"[\s\u00a0\u202f\u2009']", "", text)
    if not re.fullmatch(
        r"[+-]?\d{1,3}(?:\d{0,27}|(?:,\d{3})+|(?:\.\d{3}){2,}|)(?:[.,]\d{1,30})?", plain
    ):
        return None
    comma, point = plain.rfind(","), plain.rfind(".")
    if comma >= 0 and point >= 0:
        decimal, thousands = (",", ".") if comma > point else (".", ",")
        plain = plain.replace(thousands, "").replace(decimal, ".")
    elif comma >= 0:
        grouped = re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+", plain)
        plain = plain.replace(",", "" if grouped else ".")
    elif plain.count(".") > 1:
        plain = plain.replace(".", "")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _two_ways(text: str) -> bool:
    """Whether the only sign in it may divide thousands or öre: "200,000", "200.000"."""
    return bool(re.fullmatch(r"\s*\d{1,3}[.,]\d{3}\s*", text))


# --- Codes, names and links -----------------------------------------------------------------------


def language(code: str | None) -> str:
    """A language's two letters, from two or three; "und" when it is not said."""
    plain = (code or "").strip().lower()
    return _LANGUAGES.get(plain, plain or "und")


def country(code: str | None) -> str | None:
    """A country's two letters, from two or three."""
    plain = (code or "").strip().upper()
    return _COUNTRIES.get(plain, plain) or None


def cpv(text: str | None) -> str | None:
    """A CPV code's eight digits; the check digit and a spreadsheet's ".0" fall off."""
    found = re.fullmatch(r"\s*(\d{7,8})(?:-\d|\.0+)?\s*", text or "")
    return found.group(1).zfill(8) if found else None


def cpv_codes(main: str | None, more: Iterable[str | None]) -> tuple[str | None, tuple[str, ...]]:
    """The main code, and the others without it and without repeats."""
    first = cpv(main)
    others = dict.fromkeys(code for code in map(cpv, more) if code and code != first)
    return first, tuple(others)


def org_number(identifiers: Iterable[str], land: str | None) -> str | None:
    """The Swedish organisation number among these, if the organisation is Swedish or may be."""
    if land not in {None, "SE"}:
        return None
    for text in identifiers:
        try:
            return normalise_org_number(text)
        except Unreadable:
            continue
    found = {number for text in identifiers for number in _numbers_in(text)}
    return found.pop() if len(found) == 1 else None


_WITHIN = re.compile(r"(?<![0-9])(?:16)?([0-9]{6})[\s.\u2013-]?([0-9]{4})(?:01)?(?![0-9])")


def _numbers_in(text: str) -> Iterator[str]:
    """Organisation numbers with other words around them ("VAT SE556025005101")."""
    for whole in _WITHIN.finditer(text[:200]):
        try:
            yield normalise_org_number("".join(whole.groups()))
        except Unreadable:
            continue


def identifiers(texts: Iterable[str | None], land: str | None) -> tuple[str, ...]:
    """What the source has as an organisation's identifiers, each once.

    A sole trader's is a personal identity number, and is left out: nothing here needs it.
    """
    return tuple(
        dict.fromkeys(
            text for text in texts if text and not (_personal(text) and land in {None, "SE"})
        )
    )


def _personal(text: str) -> bool:
    try:
        normalise_org_number(text)
    except Unreadable as unreadable:
        return unreadable.key == "org_number.personal"
    return False


def link(text: str | None) -> str | None:
    """An address that is safe to offer as a link: http and https only; a bare host gets https."""
    plain = (text or "").strip()
    if re.fullmatch(r"[\w-]+(\.[\w-]+)*\.[a-zA-Z]{2,}([/?#]\S*)?", plain):
        plain = f"https://{plain}"
    fits = re.fullmatch(r"https?://[^\s<>\"'\\]+", plain, re.IGNORECASE)
    return plain if fits and len(plain) <= 2_000 else None


def email(text: str | None) -> str | None:
    plain = (text or "").strip()
    return plain if re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", plain) and len(plain) <= 254 else None
