"""Money: whole öre, one way to round, one to read what people write, one to write it bare.

Amounts are rounded where a line is made, half upwards, and sums are sums of rounded lines (G5).
How a page shows an amount is `crm.web.filters.money`, how a file does is `crm.web.csv.kronor`; both
show every öre, so that they can be added up again.
"""

import re
from enum import StrEnum
from typing import Final

ORE: Final = 100
"""Öre in a krona."""

MOST_ORE: Final = 100_000_000_000 * ORE
"""A hundred billion kronor: nothing that is bought here is larger, so it is a slip of the hand."""


class MoneyProblem(StrEnum):
    """Why an amount could not be read."""

    UNREADABLE = "unreadable"
    NEGATIVE = "negative"
    OTHER_CURRENCY = "other_currency"
    TOO_LARGE = "too_large"


class UnreadableAmount(ValueError):
    """What was written is no amount in kronor."""

    def __init__(self, problem: MoneyProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


_UNITS: Final = re.compile(r"(?:kronor|kr|sek)\.?|:-|,-|:\N{EN DASH}", re.IGNORECASE)
_TIMES: Final = (
    (re.compile(r"(?<![^\W\d])(?:tkr|ksek|tusen)\.?(?!\w)", re.IGNORECASE), 1_000),
    (
        re.compile(
            r"(?<![^\W\d])(?:mnkr|mkr|msek|miljon(?:er)?|milj|mn|million(?:s)?)\.?(?!\w)",
            re.IGNORECASE,
        ),
        1_000_000,
    ),
    (
        re.compile(
            r"(?<![^\W\d])(?:mdkr|mdr|miljard(?:er)?|billion(?:s)?)\.?(?!\w)", re.IGNORECASE
        ),
        1_000_000_000,
    ),
)
"""Words that multiply what stands before them: "700 tkr", "1,5 mnkr", "2 miljoner kr"."""
_MULTIPLIED: Final = re.compile(r"(?P<whole>\d{1,12}|\d{1,3}(?: \d{3})+)(?:[.,](?P<part>\d{1,9}))?")
_CURRENCIES: Final = re.compile(
    r"[€$£¥]|\b(?:eur|euro|usd|dollar|gbp|pund|nok|dkk|isk|chf|pln)\b", re.IGNORECASE
)
_MINUS: Final = re.compile(r"[-\N{MINUS SIGN}\N{EN DASH}]")
_DECIMALS: Final = r"(?:{mark}(?P<ore>\d{{1,2}}))?"
_WRITTEN: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<kronor>\d+)" + _DECIMALS.format(mark="[.,]"),  # 125000  99,50  99.50
        r"(?P<kronor>\d{1,3}(?: \d{3})+)" + _DECIMALS.format(mark="[.,]"),  # 1 000,50
        r"(?P<kronor>[1-9]\d{0,2}(?:\.\d{3})+)" + _DECIMALS.format(mark=","),  # 1.000,50
        r"(?P<kronor>[1-9]\d{0,2}(?:,\d{3})+)" + _DECIMALS.format(mark=r"\."),  # 1,000.50
        r"(?P<kronor>[1-9]\d{0,2}(?:['\N{RIGHT SINGLE QUOTATION MARK}]\d{3})+)"
        + _DECIMALS.format(mark="[.,]"),
    )
)


def rounded(amount: int, parts: int) -> int:
    """An amount divided, to the nearest öre and half upwards. `amount` is not negative."""
    return (2 * amount + parts) // (2 * parts)


def plain(ore: int) -> str:
    """As it stands in a field: "125000", or "99,50" where there are öre."""
    kronor, rest = divmod(ore, ORE)
    return f"{kronor},{rest:02d}" if rest else str(kronor)


def read_kronor(text: str) -> int:
    """Öre out of kronor as people write them.

    "125 000", "1,5 mnkr", "700 tkr", "2 miljoner kr", "1 000,50" with any kind of space,
    "1.000,50", "1,000.50", "99,5 kr", "500:-". Three digits after a mark are thousands, for no
    amount has three decimals; before a word such as "mnkr" they are decimals. Raises
    UnreadableAmount.
    """
    if _CURRENCIES.search(text):
        raise UnreadableAmount(MoneyProblem.OTHER_CURRENCY)
    times = 0
    for word, each in _TIMES:
        if word.search(text):  # before the units go, for "tkr" ends as one
            text, times = word.sub(" ", text, count=1), each
            break
    bare = re.sub(r"\s+", " ", _UNITS.sub(" ", text)).strip()
    minus = _MINUS.match(bare)
    if minus is not None:
        bare = bare[minus.end() :].strip()
    if times and minus is not None:
        raise UnreadableAmount(MoneyProblem.NEGATIVE)
    if times:
        return _multiplied(bare, times * ORE)
    for pattern in _WRITTEN:
        found = pattern.fullmatch(bare)
        if found is None:
            continue
        if minus is not None:
            raise UnreadableAmount(MoneyProblem.NEGATIVE)
        kronor = int(re.sub(r"\D", "", found["kronor"])[:30])
        ore = kronor * ORE + int((found["ore"] or "").ljust(2, "0"))
        if ore > MOST_ORE:
            raise UnreadableAmount(MoneyProblem.TOO_LARGE)
        return ore
    raise UnreadableAmount(MoneyProblem.UNREADABLE)


def _multiplied(number: str, times: int) -> int:
    """Öre of a number of thousands, millions or milliards; exact, or it is unreadable."""
    found = _MULTIPLIED.fullmatch(number)
    if found is None:
        raise UnreadableAmount(MoneyProblem.UNREADABLE)
    part = found["part"] or ""
    scale: int = 10 ** len(part)
    ore, rest = divmod(int(found["whole"].replace(" ", "") + part) * times, scale)
    if rest:
        raise UnreadableAmount(MoneyProblem.UNREADABLE)
    if ore > MOST_ORE:
        raise UnreadableAmount(MoneyProblem.TOO_LARGE)
    return ore
