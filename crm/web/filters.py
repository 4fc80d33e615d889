"""Values as text, in the reader's language. Dates never pass through a time zone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_timedelta
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from markupsafe import Markup, escape

from crm.core import clock
from crm.rules.calendar import week_of
from crm.rules.notices import Money
from crm.rules.precision import ExpectedDate, Precision
from crm.rules.routes import Route, StageKey
from crm.rules.routes import milestone_name as names_of_milestone
from crm.rules.routes import stage_name as names_of_stage


def language() -> str:
    """'sv' or 'en': the reader's."""
    found = get_locale()
    return "en" if found is not None and found.language == "en" else "sv"


def locale() -> str:
    """The full locale behind the language: English with European order of day and month."""
    return "en_GB" if language() == "en" else "sv_SE"


# A list says the same days and numbers again and again, and Babel takes its time over each.


@lru_cache(maxsize=4096)
def _date(value: date, pattern: str, locale: str) -> str:
    return str(format_date(value, pattern, locale=locale))


@lru_cache(maxsize=4096)
def _number(value: int | Decimal, pattern: str | None, locale: str) -> str:
    return str(format_decimal(value, pattern, locale=locale))


@lru_cache(maxsize=1024)
def _distance(days: int, locale: str) -> str:
    return str(
        format_timedelta(
            timedelta(days=days),
            granularity="day",
            threshold=1.4,
            add_direction=True,
            locale=locale,
        )
    )


def day(value: date | None) -> str:
    """23 nov. 2026."""
    return _date(value, "d MMM y", locale()) if value else ""


def day_short(value: date | None) -> str:
    """23 nov."""
    return _date(value, "d MMM", locale()) if value else ""


def day_long(value: date | None) -> str:
    """måndag 23 november 2026."""
    return _date(value, "EEEE d MMMM y", locale()) if value else ""


def weekday(value: date | None) -> str:
    """måndag."""
    return _date(value, "EEEE", locale()) if value else ""


def week(value: date | None) -> str:
    """v. 48, in English w. 48.

    The ISO week always; the locale's own week numbers are wrong for us.
    """
    return _("w. %(number)s", number=week_of(value)[1]) if value else ""


def month(value: date | None) -> str:
    """november 2026."""
    return _date(value, "LLLL y", locale()) if value else ""


def month_name(value: date | None) -> str:
    """nov., and jan. too: where the year stands beside it."""
    return _date(value, "LLL", locale()) if value else ""


def month_short(value: date | None) -> str:
    """nov., and in January the year: 2027. For an axis of months."""
    if value is None:
        return ""
    return _date(value, "y" if value.month == 1 else "LLL", locale())


def relative(value: date | None) -> str:
    """idag, imorgon, om 3 dagar, för 2 veckor sedan."""
    if value is None:
        return ""
    days = (value - clock.today()).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("tomorrow")
    if days == -1:
        return _("yesterday")
    return _distance(days, locale())


def when(value: date | None) -> Markup:
    """Absolute, week and relative in one <time>: "23 nov 2026 (v. 48, om 3 dagar)"."""
    if value is None:
        return Markup("")
    return Markup('<time datetime="%s">%s <small>(%s, %s)</small></time>') % (
        value.isoformat(),
        day(value),
        week(value),
        relative(value),
    )


def instant(value: datetime | None) -> str:
    """An instant as Swedish wall-clock time: 23 nov. 2026 14:05."""
    if value is None:
        return ""
    there = clock.local(value)
    return f"{day(there.date())} {there:%H:%M}"


def instant_day(value: datetime | None) -> date | None:
    """The Swedish civil date of an instant."""
    return clock.local(value).date() if value else None


def money(ore: int | None) -> str:
    """Öre as kronor: 125 000 kr. Decimals only when there are öre."""
    if ore is None:
        return ""
    pattern = "#,##0" if ore % 100 == 0 else "#,##0.00"
    return f"{_number(Decimal(ore).scaleb(-2), pattern, locale())}\N{NO-BREAK SPACE}kr"


def in_currency(amount: Money) -> str:
    """An amount in its own currency, as a notice states it: 1 234,50 EUR."""
    pattern = "#,##0" if amount.ore % 100 == 0 else "#,##0.00"
    figures = _number(Decimal(amount.ore).scaleb(-2), pattern, locale())
    return f"{figures}\N{NO-BREAK SPACE}{amount.currency}"


def count(value: int | Decimal | None) -> str:
    """12 345, with the language's own separator."""
    return _number(value, None, locale()) if value is not None else ""


def expected(value: ExpectedDate | None) -> str:
    """A decision date no more precise than it is: "v. 12 2027", "mars 2027", "budgetåret 2027"."""
    if value is None:
        return ""
    first = value.first_day
    if value.precision is Precision.DAY:
        return day(first)
    if value.precision is Precision.WEEK:
        year, number = week_of(first)
        return _("w. %(number)s %(year)s", number=number, year=year)
    if value.precision is Precision.MONTH:
        return month(first)
    if value.precision is Precision.QUARTER:
        return _("Q%(number)s %(year)s", number=(first.month + 2) // 3, year=first.year)
    if value.precision is Precision.HALF_YEAR:
        return _("H%(number)s %(year)s", number=1 if first.month < 7 else 2, year=first.year)
    return _("budget year %(year)s", year=first.year)


def in_language(thing: Any, stem: str) -> str:
    """The field `<stem>_sv` or `<stem>_en` of a thing, whichever the reader reads."""
    return str(getattr(thing, f"{stem}_{language()}") or getattr(thing, f"{stem}_sv"))


def milestone_name(route: Route, stage: StageKey) -> str:
    """What the day is called on which a stage of the route begins."""
    return names_of_milestone(route, stage)[language() == "en"]


def stage_name(stage: StageKey, route: Route | None = None) -> str:
    """What a stage of a procurement is called, on a route or on any."""
    return names_of_stage(stage, route)[language() == "en"]


def paragraphs(text: str | None) -> Markup:
    """Plain text with its line breaks, escaped."""
    return Markup("<br>").join(escape(line) for line in (text or "").split("\n"))


def days(number: int) -> str:
    """1 dag, 12 dagar."""
    return ngettext("%(num)s day", "%(num)s days", number)


FILTERS = (
    day,
    day_short,
    day_long,
    weekday,
    week,
    month,
    month_name,
    month_short,
    relative,
    when,
    instant,
    instant_day,
    money,
    count,
    expected,
    in_language,
    stage_name,
    paragraphs,
    days,
)


def register(app: Flask) -> None:
    """Make every filter known to the templates under its own name."""
    for function in FILTERS:
        app.jinja_env.filters[function.__name__] = function
