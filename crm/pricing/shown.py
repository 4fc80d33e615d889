"""A ladder and a sheet in words. The page and the PDF are made of the same words and figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from crm.cases.models import Case
from crm.organisations.models import Organisation
from crm.pricing.frozen import FrozenOffer, FrozenSheet, thaw
from crm.pricing.models import PriceSheet
from crm.pricing.queries import SmallestPurchase
from crm.rules.kinds import OrganisationKind
from crm.rules.pricing import BreakEven, Line, PriceKind, Rung, Scenario, span
from crm.rules.routes import Route
from crm.web.filters import count, day, money
from crm.web.labels import label


def covers(rung: Rung, scenario: Scenario) -> str:
    """How much a step covers."""
    match rung:
        case Rung.ONE_USER:
            return _("1 user")
        case Rung.ONE_UNIT:
            return _("1 unit, up to %(users)s", users=users(scenario.users))
        case Rung.SEVERAL_UNITS:
            return _("%(units)s, up to %(users)s in each", **_both(scenario, scenario.units))
        case Rung.WHOLE_BODY:
            if scenario.inhabitants is not None:
                return _(
                    "%(units)s, %(people)s inhabitants",
                    units=units(scenario.units_all),
                    people=count(scenario.inhabitants),
                )
            return units(scenario.units_all)


def users(number: int) -> str:
    return ngettext("%(num)s user", "%(num)s users", number)


def units(number: int) -> str:
    return ngettext("%(num)s unit", "%(num)s units", number)


def years(number: int) -> str:
    return ngettext("%(num)s year", "%(num)s years", number)


def _both(scenario: Scenario, number: int) -> dict[str, str]:
    return {"units": units(number), "users": users(scenario.users)}


def term(scenario: Scenario) -> str:
    """2 years and up to 2 years of extension."""
    if scenario.option_years:
        return _(
            "%(term)s, and up to %(option)s of extension",
            term=years(scenario.term_years),
            option=years(scenario.option_years),
        )
    return years(scenario.term_years)


def line_words(line: Line) -> str:
    """What a line multiplies: "Licence: 12 users × 1 200 kr"."""
    if line.kind in {PriceKind.WHOLE_BODY, PriceKind.ONCE, PriceKind.INHABITANTS}:
        return line.name
    each = money(line.each)
    number = units(line.quantity)
    if line.kind is PriceKind.PER_USER:
        number = users(line.quantity)
    if line.as_for is not None:
        return _(
            "%(name)s: %(number)s, at the price of %(larger)s × %(each)s, which is less",
            name=line.name,
            number=number,
            larger=count(line.as_for),
            each=each,
        )
    return _("%(name)s: %(number)s × %(each)s", name=line.name, number=number, each=each)


def break_even_words(found: BreakEven) -> str:
    """From how many on the other step costs less."""
    many = count(found.number)
    if found.of is PriceKind.PER_USER:
        return _("From %(number)s users on, a whole unit costs less a year.", number=many)
    return _("From %(number)s units on, the whole organisation costs less a year.", number=many)


# --- A sheet ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """A step of a sheet, in words."""

    rung: Rung
    name: str
    covers: str
    yearly_lines: list[tuple[str, str]]
    once_lines: list[tuple[str, str]]
    yearly: str
    once: str
    value: str
    yearly_with_vat: str
    once_with_vat: str


@dataclass(frozen=True, slots=True)
class ShownSheet:
    """A sheet in words: what the page and the PDF say."""

    title: str
    lead: str
    vendor: str  # who it is from; empty where nobody has written it
    facts: list[tuple[str, str]]
    offers: list[ShownOffer]
    notes: list[str]


def sheet(row: PriceSheet, *, may_ask: bool = True) -> ShownSheet:
    """The sheet in the reader's language. A span tells no exact figure.

    `may_ask`: whether questions come to us; if not, they belong in the channel of a procurement.
    """
    data = thaw(row.data)
    return ShownSheet(
        title=_("Price example: %(product)s", product=data.product),
        lead=_("For %(body)s", body=data.body),
        vendor=data.vendor.name,
        facts=[
            *_from(data, may_ask),
            (_("Version"), _("%(number)s, made %(day)s", number=row.number, day=day(row.made_on))),
            (_("Valid until"), day(row.valid_until)),
            (_("Agreement"), term(data.scenario)),
            (
                _("Questions"),
                f"{data.by}, {data.mail}" if may_ask else question_channel(data.body),
            ),
        ],
        offers=[_shown(one, data, exact=row.is_exact) for one in data.offers],
        notes=[one.replace(" §", "\N{NO-BREAK SPACE}§") for one in _notes(row.is_exact, may_ask)],
    )


def agreement(row: PriceSheet) -> str:
    """How long the agreement is that a sheet is priced for."""
    return term(thaw(row.data).scenario)


def question_channel(body: str) -> str:
    """Where questions go while a body advertises (C11)."""
    return _(
        "%(body)s has advertised a procurement. Until it is signed, questions are asked in the "
        "procurement's own question channel, so that all suppliers get the same answers "
        "(LOU 4 kap. 1 §).",
        body=body,
    )


def _from(data: FrozenSheet, may_ask: bool) -> list[tuple[str, str]]:
    told = [
        (_("Supplier"), data.vendor.heading),
        (_("How to reach us"), data.vendor.contact if may_ask else ""),
    ]
    return [(words, value) for words, value in told if value]


def _shown(offer: FrozenOffer, data: FrozenSheet, *, exact: bool) -> ShownOffer:
    said = money if exact else _span
    return ShownOffer(
        rung=offer.rung,
        name=label(offer.rung),
        covers=covers(offer.rung, data.scenario),
        yearly_lines=_lines(offer.yearly_lines) if exact else [],
        once_lines=_lines(offer.once_lines) if exact else [],
        yearly=said(offer.yearly),
        once=said(offer.once) if offer.once else "",
        value=said(offer.value),
        yearly_with_vat=money(offer.yearly_with_vat) if exact else "",
        once_with_vat=money(offer.once_with_vat) if exact and offer.once else "",
    )


def _lines(found: tuple[Line, ...]) -> list[tuple[str, str]]:
    return [(line_words(line), money(line.amount)) for line in found]


def _span(amount: int) -> str:
    low, high = span(amount)
    return f"{count(low // 100)}\N{EN DASH}{money(high)}"


def rounding_rule() -> str:
    """How the figures are rounded: stands under every total (G5)."""
    return _("Each line is rounded to whole öre, and the sums are sums of the rounded lines.")


def _notes(exact: bool, may_ask: bool) -> list[str]:
    found = [
        _("Prices exclude VAT unless it says otherwise."),
        _(
            "Contract value is the price of the whole term with every extension used and what is "
            "paid once, as LOU 5 kap. 3 § counts it."
        ),
    ]
    if exact:
        found.append(rounding_rule())
    elif may_ask:
        found.append(_("The spans are rough. Ask us, and you get exact prices for your size."))
    found.append(
        _(
            "This is a price example for your planning and not a tender. How something is bought "
            "is decided by the authority alone."
        )
    )
    return found


def for_pdf(row: PriceSheet, language: str, *, may_ask: bool = True) -> dict[str, Any]:
    """Everything that the PDF says, as texts."""
    said = sheet(row, may_ask=may_ask)
    return {
        "language": language,
        "title": said.title,
        "lead": said.lead,
        "vendor": said.vendor,
        "facts": [list(fact) for fact in said.facts],
        "offers": offers_for_pdf(said.offers),
        "notes": said.notes,
        "words": words_for_pdf(),
    }


def offers_for_pdf(offers: Sequence[ShownOffer]) -> list[dict[str, Any]]:
    """The steps as texts."""
    return [
        {
            "name": one.name,
            "covers": one.covers,
            "yearly_lines": [list(line) for line in one.yearly_lines],
            "once_lines": [list(line) for line in one.once_lines],
            "yearly": one.yearly,
            "once": one.once,
            "value": one.value,
            "yearly_with_vat": one.yearly_with_vat,
            "once_with_vat": one.once_with_vat,
        }
        for one in offers
    ]


def words_for_pdf() -> dict[str, str]:
    """What stands over the figures."""
    return {
        "step": _("Step"),
        "overview": _("Overview"),
        "yearly": _("Per year"),
        "once": _("Once"),
        "value": _("Contract value"),
        "details": _("What is counted"),
        "with_vat": _("with VAT"),
        "what": _("What"),
        "amount": _("Amount"),
        "about": _("About the prices"),
        "page": _("Page"),
    }


# --- For the champion ---------------------------------------------------------------------------


def for_the_champion(case: Case, found: SmallestPurchase, scenario: Scenario) -> str:
    """The smallest purchase in plain Swedish, to paste into a letter, whoever reads the page."""
    with force_locale("sv"):
        offer, way = found.offer, found.way
        who = _the_body(case.body)
        said = [
            _(
                "You can start small with %(product)s: %(covers)s for %(price)s a year, "
                "excluding VAT.",
                covers=covers(offer.rung, scenario),
                product=found.product,
                price=money(offer.yearly),
            )
        ]
        if offer.once:
            said.append(_("Getting started costs %(price)s once.", price=money(offer.once)))
        said.append(
            _(
                "With an agreement of %(term)s the purchase counts for %(value)s in all.",
                term=term(scenario),
                value=money(offer.value.value),
            )
        )
        if way is not None and way.route is Route.CALL_OFF:
            said.append(
                _(
                    "You have a framework agreement that it can be called off from, so no "
                    "procurement of its own is needed."
                )
            )
        elif way is not None and way.fits:
            said.append(
                _(
                    "That is below the limit for direct awards, %(limit)s, so it can normally be "
                    "bought without advertising.",
                    limit=money(way.limit.ore),
                )
            )
        elif way is not None:
            said.append(
                _(
                    "That is not below the limit for direct awards, %(limit)s, so it has to be "
                    "advertised or called off from an agreement that you have already.",
                    limit=money(way.limit.ore),
                )
            )
        said.append(
            _(
                "It is %(body)s that decides how it is bought: ask whoever handles purchases, and "
                "mention what you have bought of the same kind already.",
                body=who,
            )
        )
        return " ".join(said)


def _the_body(body: Organisation) -> str:
    """What the body is called in a sentence to somebody who works there."""
    if body.kind is OrganisationKind.MUNICIPALITY:
        return _("the municipality")
    if body.kind is OrganisationKind.REGION:
        return _("the region")
    return _("the organisation")


def rung(one: Rung) -> str:
    """What a step is called."""
    return str(label(one))
