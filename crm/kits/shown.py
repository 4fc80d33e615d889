"""A kit in words: the page and the PDF are made of the same. And where its summary begins."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from crm.cases.models import Case
from crm.kits.frozen import FrozenAnswer, FrozenKit, thaw
from crm.kits.models import Kit
from crm.pricing import shown as prices
from crm.pricing.shown import ShownOffer
from crm.procurements.queries import UnderWay
from crm.requirements.queries import Row
from crm.rules.pricing import Rung
from crm.rules.requirements import AnswerState
from crm.rules.stages import AdoptionStage
from crm.web.filters import day, language
from crm.web.labels import label

NEEDS_NAMED: Final = 3
"""So many needs begin a summary: what is short is passed on."""


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """An answer in words. `state` says whether it is met, `checked` when it was last looked at."""

    title: str
    text: str
    state: str
    evidence: str
    checked: str


@dataclass(frozen=True, slots=True)
class ShownReference:
    """Who can tell about it. Without a name where the consent has been taken back since."""

    name: str
    place: str
    uses: str


@dataclass(frozen=True, slots=True)
class ShownKit:
    """A kit in words."""

    title: str
    channel: str  # where questions go while a procurement is advertised; else ""
    notice: str  # the address of its notice, where it is known
    other_language: str  # said where we have written in another than the reader's; else ""
    language: str  # of what we have written ourselves, whatever the reader's
    lead: str
    vendor: str
    contact: str
    facts: list[tuple[str, str]]
    summary: str
    price_facts: list[tuple[str, str]]
    offers: list[ShownOffer]
    notes: list[str]
    answers: list[tuple[str, list[ShownAnswer]]]
    references: list[ShownReference]
    about_references: str
    taken_back: int


@dataclass(frozen=True, slots=True)
class Now:
    """What may have changed since a kit was made: the one thing that changes what it says."""

    withdrawn: Collection[int] = ()  # consents that hold no more
    advertised: UnderWay | None = None  # a procurement of the body, whose channel takes questions


def kit(row: Kit, now: Now) -> ShownKit:
    """The kit in the reader's language, as it may be read now. A closed sheet has no prices."""
    data = thaw(row.data)
    price_facts: list[tuple[str, str]] = []
    offers: list[ShownOffer] = []
    notes: list[str] = []
    if row.sheet is not None and row.sheet.revoked_at is not None:
        price_facts = [(_("Price sheet"), _("The sheet is closed, and its prices no longer hold."))]
    elif row.sheet is not None:
        said = prices.sheet(row.sheet, may_ask=now.advertised is None)
        chosen = {Rung(one) for one in row.rungs}
        offers, notes = [one for one in said.offers if one.rung in chosen], said.notes
        price_facts = [
            (
                _("Price sheet"),
                _(
                    "%(number)s, made %(made)s, valid until %(until)s",
                    number=row.sheet.number,
                    made=day(row.sheet.made_on),
                    until=day(row.sheet.valid_until),
                ),
            ),
            (_("Agreement"), prices.agreement(row.sheet)),
        ]
    standing = [one for one in data.references if one.id not in now.withdrawn]
    return ShownKit(
        title=title(data),
        channel=prices.question_channel(data.body) if now.advertised is not None else "",
        notice=now.advertised.notice_url if now.advertised is not None else "",
        other_language=_other_language(row.language),
        language=row.language,
        lead=_("For %(body)s", body=data.body),
        vendor=data.vendor.name,
        contact=data.vendor.contact or data.mail,
        facts=_facts(row, data, now),
        summary=data.summary,
        price_facts=price_facts,
        offers=offers,
        notes=notes,
        answers=[
            (str(label(area)), [_answer(one) for one in found])
            for area, found in groupby(data.answers, key=lambda one: one.area)
        ],
        references=[
            ShownReference(
                one.name,
                f"{one.place}, {one.body}" if one.place != one.body else one.body,
                one.uses,
            )
            for one in standing
        ],
        about_references=_about_references(now) if standing else "",
        taken_back=len(data.references) - len(standing),
    )


def title(data: FrozenKit) -> str:
    """What a kit is called."""
    if not data.products:
        return _("Material to pass on")
    return _("%(product)s: material to pass on", product=data.products)


def _other_language(written_in: str) -> str:
    if written_in == language():
        return ""
    if written_in == "sv":
        return _("What is written for you in particular is in Swedish.")
    return _("What is written for you in particular is in English.")


def _facts(row: Kit, data: FrozenKit, now: Now) -> list[tuple[str, str]]:
    ours = now.advertised is None
    told = [
        (_("Supplier"), data.vendor.heading),
        (_("How to reach us"), data.vendor.contact if ours else ""),
        (_("Version"), _("%(number)s, made %(day)s", number=row.number, day=day(row.made_on))),
        (_("Can be read until"), day(row.valid_until)),
        (_("Questions"), f"{data.by}, {data.mail}" if ours else ""),
    ]
    return [(words, value) for words, value in told if value]


def _answer(one: FrozenAnswer) -> ShownAnswer:
    state = str(label(one.state))
    if one.state is AnswerState.PLANNED and one.planned_on is not None:
        state = _("Planned for %(day)s", day=day(one.planned_on))
    return ShownAnswer(
        title=one.title,
        text=one.text,
        state=state,
        evidence=one.evidence,
        checked=_("Checked %(day)s", day=day(one.checked_on)),
    )


def taken_back(number: int) -> str:
    """In the place of references who are no longer to be asked."""
    return ngettext(
        "One reference is no longer available.",
        "%(num)s references are no longer available.",
        number,
    )


def _about_references(now: Now) -> str:
    """How a reference is reached: through us, so that nobody is asked more than they agreed to."""
    if now.advertised is not None:
        return _("They have agreed to tell about how they use it, a few times a year.")
    return _(
        "They have agreed to tell about how they use it, a few times a year. Ask us, and we put "
        "you in touch."
    )


def for_pdf(row: Kit, in_language: str, now: Now) -> dict[str, Any]:
    """Everything that the PDF says, as texts."""
    said = kit(row, now)
    return {
        "language": in_language,
        "title": said.title,
        "lead": said.lead,
        "channel": said.channel,
        "other_language": said.other_language,
        "vendor": said.vendor,
        "facts": [list(fact) for fact in said.facts],
        "summary": [part.split("\n") for part in said.summary.split("\n\n") if part.strip()],
        "price_facts": [list(fact) for fact in said.price_facts],
        "offers": prices.offers_for_pdf(said.offers),
        "notes": said.notes,
        "answers": [
            {
                "area": area,
                "answers": [
                    {
                        "title": one.title,
                        "state": one.state,
                        "checked": one.checked,
                        "text": [part for part in one.text.split("\n") if part.strip()],
                        "evidence": one.evidence,
                    }
                    for one in found
                ],
            }
            for area, found in said.answers
        ],
        "references": [[one.name, one.place, one.uses] for one in said.references],
        "about_references": said.about_references,
        "taken_back": taken_back(said.taken_back) if said.taken_back else "",
        "words": {
            **prices.words_for_pdf(),
            "summary": _("Summary"),
            "prices": _("Prices"),
            "answers": _("Security, personal data and accessibility"),
            "references": _("References"),
            "evidence": _("Shown by"),
        },
    }


# --- Where a summary begins -----------------------------------------------------------------------


def start(case: Case, needs: Sequence[Row], in_language: str) -> str:
    """A summary out of what is known: what it is, where it is used at the body, and which needs
    said there it meets. To be read through and changed, in the language of the kit."""
    with force_locale(in_language):
        product = ", ".join(sorted(one.name for one in case.products)) or case.title
        said = [_use(case, product)]
        met = [row.text for row in needs if row.answer is AnswerState.MET][:NEEDS_NAMED]
        if met:
            said.append(
                "\n".join(
                    [
                        _("What colleagues with you have asked for, and that it does today:"),
                        *(f"\N{EN DASH} {' '.join(text.split())}" for text in met),
                    ]
                )
            )
        return "\n\n".join(said)


def _use(case: Case, product: str) -> str:
    units = sorted(one.organisation.title for one in case.units if one.in_use)
    if units:
        return ngettext(
            "%(product)s is used today at %(units)s.",
            "%(product)s is used today at %(num)s units with you: %(units)s.",
            len(units),
            product=product,
            units=", ".join(units),
        )
    if case.adoption is AdoptionStage.UNIT_PILOT:
        return _(
            "%(product)s is being tried at %(unit)s.", product=product, unit=case.organisation.title
        )
    return _(
        "Here is what you need to talk about %(product)s with your colleagues.", product=product
    )
