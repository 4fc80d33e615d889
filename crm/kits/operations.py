"""What is done with kits. Each verb checks its rule and writes; the edge commits."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from flask_babel import force_locale
from flask_babel import gettext as _

from crm.accounts import vendor
from crm.accounts.models import User
from crm.activities.models import ActivityKind
from crm.activities.operations import record
from crm.anchoring import operations as anchoring
from crm.cases.models import Case
from crm.core.db import db, refusing_doubles
from crm.core.errors import RuleBroken
from crm.integrity import operations as integrity
from crm.interest import operations as interest
from crm.interest.models import Inquiry
from crm.kits import queries
from crm.kits.frozen import FrozenAnswer, FrozenKit, FrozenReference, freeze
from crm.kits.models import Kit, KitQuestion
from crm.people.models import Person
from crm.pricing import operations as pricing
from crm.pricing import queries as prices
from crm.pricing.models import PriceSheet
from crm.procurements import queries as procurements
from crm.rules.contact import Unreadable, normalise_email
from crm.rules.kits import is_asked, latest_day
from crm.rules.pricing import Rung
from crm.search import operations as search

CHANNEL: Final = "kit"
TRIGGER: Final = "champion"
"""How a question from a kit reached us, and what made them turn to us (crm.interest's lists)."""

AGAIN: Final = timedelta(days=1)
"""Who sends the same words again within that long has gone back in the browser."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What is chosen for a kit. `sheet_id` a price sheet there is; `exact` says that the ladder
    of today is frozen as a new one, as exact prices or as spans; neither is no prices."""

    summary: str = ""
    sheet_id: int | None = None
    exact: bool | None = None
    rungs: tuple[Rung, ...] = ()
    answer_ids: tuple[int, ...] = ()
    reference_ids: tuple[int, ...] = ()

    @property
    def has_prices(self) -> bool:
        return self.sheet_id is not None or self.exact is not None


def share(
    case: Case,
    person: Person,
    parts: Parts,
    *,
    language: str,
    valid_until: date,
    closes: Collection[int] = (),
    kept_at: str,
    by: User,
    today: date,
    now: datetime,
) -> Kit:
    """The chosen parts, frozen under a link; told in the account's story and in the log of what was
    shared (LOU 4 kap. 8 §). A reference counts as asked. `closes` are earlier kits of the case
    whose links are closed by this one; `kept_at` says in the log where to find it.

    Raises RuleBroken for a kit of nothing, an answer that is to be checked first, a reference that
    is not to be asked, days that no link may have, and while a procurement is advertised there.
    """
    refuse_beside_the_channel(case)
    if person.id not in {one.id for one in queries.champions(case)}:
        raise RuleBroken(_("Choose somebody who has a role in the case."))
    if not (parts.summary or parts.has_prices or parts.answer_ids or parts.reference_ids):
        raise RuleBroken(_("Choose at least one part."))
    if not today <= valid_until <= latest_day(today):
        raise RuleBroken(_("A kit is open for a year at most, and not for days that have passed."))
    answers = _answers(parts.answer_ids, today)
    references = _references(case, parts.reference_ids, by=by, today=today)
    sheet = _sheet(case, parts, language, valid_until, by=by, today=today, now=now)
    kit = Kit(
        case_id=case.id,
        number=queries.next_number(case.id),
        person_id=person.id,
        sheet_id=sheet.id if sheet is not None else None,
        rungs=[one.value for one in _rungs(parts, sheet)],
        language=language,
        made_on=today,
        made_by_id=by.id,
        valid_until=valid_until,
        nonce=secrets.token_urlsafe(24),
        data=freeze(
            FrozenKit(
                products=", ".join(sorted(one.name for one in case.products)),
                body=case.body.title,
                by=by.name,
                mail=by.email,
                vendor=vendor.facts(),
                summary=parts.summary,
                answers=tuple(answers),
                references=tuple(references),
            )
        ),
    )
    with refusing_doubles(
        _("A colleague made a kit of this case at the same moment. Look at it, and send again."),
        "uq_kit_case_id",
    ):
        db.session.add(kit)
    for earlier in queries.kits_of(case.id):
        if earlier.id in closes:
            revoke(earlier, now=now)
    reindex([kit.id])
    _tell(kit, case, person, sheet, kept_at=kept_at, by=by, today=today, now=now)
    return kit


def reindex(ids: Collection[int] = (), case_ids: Collection[int] = ()) -> None:
    """Put these kits, and those of these cases, into the search index anew: by product and number.
    Not by whom they are for, whose name may have to be forgotten."""
    search.put_many(
        search.Doc(
            kind="kit",
            ref_id=one.id,
            title=f"{one.data['products'] or one.case.title} {one.number}"[:300],
            subtitle=one.case.organisation.title,
            path=one.case.organisation.path,
            organisation_id=one.case.organisation_id,
            body_id=one.case.body_id,
            extra="ambassadörsunderlag underlag champion kit",
        )
        for one in queries.to_index(ids, case_ids)
    )


def refuse_beside_the_channel(case: Case) -> None:
    """Raises RuleBroken while the body advertises a procurement: then nothing is handed out and no
    question taken beside its own channel, which answers all suppliers alike (LOU 4 kap. 1 §)."""
    if procurements.question_channel(case.body_id) is not None:
        raise RuleBroken(
            _(
                "A procurement is advertised there. Until it is signed, material and answers go "
                "through its own question channel, so that all suppliers get the same."
            )
        )


def _answers(ids: Collection[int], today: date) -> list[FrozenAnswer]:
    """In the order in which a kit has them."""
    if not ids:
        return []
    found = [one for one in queries.answers(today) if one.answer.id in ids]
    if len(found) < len(set(ids)):
        raise RuleBroken(_("An answer is no longer in the library. Look at your choice again."))
    for one in found:
        if not one.holds:
            raise RuleBroken(
                _("“%(title)s” is to be checked before it is shared.", title=one.answer.title)
            )
    return [
        FrozenAnswer(
            id=one.answer.id,
            title=one.answer.title,
            text=one.answer.text,
            area=one.answer.area,
            state=one.answer.state,
            planned_on=one.answer.planned_on,
            evidence=one.answer.evidence,
            checked_on=one.answer.checked_on,
        )
        for one in found
    ]


def _references(
    case: Case, ids: Collection[int], *, by: User, today: date
) -> list[FrozenReference]:
    """Each is asked by this, unless it was for the same case this year."""
    if not ids:
        return []
    offered = [one for one in queries.references(case, today) if one.reference.id in ids]
    if len(offered) < len(set(ids)):
        raise RuleBroken(
            _("A reference has been asked enough this year, or has taken the consent back.")
        )
    found = []
    for one in offered:
        row = one.reference
        if not is_asked(queries.asked_for(row, case.id), today):
            anchoring.ask_reference(row.id, case, by=by, today=today)
        found.append(
            FrozenReference(
                id=row.id,
                name=row.person.name,
                place=row.organisation.title,
                body=one.body,
                uses=row.uses,
            )
        )
    return found


def _sheet(
    case: Case,
    parts: Parts,
    language: str,
    valid_until: date,
    *,
    by: User,
    today: date,
    now: datetime,
) -> PriceSheet | None:
    if not parts.has_prices:
        return None
    if not parts.rungs:
        raise RuleBroken(_("Choose at least one step of the price, or no prices."))
    if parts.sheet_id is None:
        return pricing.share_sheet(
            prices.known(case, today),
            is_exact=bool(parts.exact),
            language=language,
            valid_until=valid_until,
            by=by,
            now=now,
        )
    sheet = prices.sheet(parts.sheet_id)
    if sheet.case_id != case.id or not sheet.is_open_on(today):
        raise RuleBroken(_("That price sheet is closed. Choose another."))
    if sheet.valid_until < valid_until:
        raise RuleBroken(
            _(
                "The prices of that sheet are valid until %(day)s. Let the kit end then, or take "
                "the prices as they stand today.",
                day=sheet.valid_until.isoformat(),
            )
        )
    return sheet


def _rungs(parts: Parts, sheet: PriceSheet | None) -> Sequence[Rung]:
    """Those chosen that the sheet has."""
    if sheet is None:
        return ()
    there = {one["rung"] for one in sheet.data["offers"]}
    found = [one for one in Rung if one in parts.rungs and one.value in there]
    if not found:
        raise RuleBroken(_("Choose at least one step of the price, or no prices."))
    return found


def _tell(
    kit: Kit,
    case: Case,
    person: Person,
    sheet: PriceSheet | None,
    *,
    kept_at: str,
    by: User,
    today: date,
    now: datetime,
) -> None:
    data = kit.data
    record(
        ActivityKind.CASE,
        case.organisation,
        now=now,
        by=by,
        person_id=person.id,
        case_id=case.id,
        event="kit_shared",
        number=kit.number,
        name=person.name,
        sheet=sheet.number if sheet is not None else None,
    )
    with force_locale("sv"):  # the log is read by whoever comes after us, and by the authority
        said = [_("Summary")] if data["summary"] else []
        if sheet is not None:
            said.append(_("Prices, price sheet %(number)s", number=sheet.number))
        said += [one["title"] for one in data["answers"]]
        said += [
            _("Reference: %(name)s", name=f"{one['name']}, {one['body']}")
            for one in data["references"]
        ]
        what = _("Champion kit %(number)s", number=kit.number) + ": " + "; ".join(said)
        occasion = _("By link to %(name)s", name=person.name)
    integrity.share(
        case.organisation,
        what=what if len(what) <= 300 else what[:299] + "…",
        occasion=occasion[:300],
        shared_on=today,
        kept_at=f"{kept_at}{kit.id}",
        with_others=None,
        case=case,
        by=by,
        today=today,
        now=now,
    )


def revoke(kit: Kit, *, now: datetime) -> None:
    """The link is closed, at once and for good."""
    if kit.revoked_at is None:
        kit.revoked_at = now


# --- A question from whoever reads it -------------------------------------------------------------


def ask(kit: Kit, *, question: str, name: str, email: str, now: datetime) -> Inquiry:
    """A reader's question, into the ordinary queue: of the kit's body, with the champion as who
    told of us. The same words again from the same address are the same question.

    Raises RuleBroken for an unreadable address, and while a procurement is advertised there.
    """
    refuse_beside_the_channel(kit.case)
    question, address = question.strip(), _address(email)
    earlier = queries.asked_already(kit.id, address, question, now - AGAIN)
    if earlier is not None:
        return earlier
    inquiry = interest.log(
        summary=question,
        channel=CHANNEL,
        trigger=TRIGGER,
        organisation=kit.case.body,
        caller=name,
        email=address,
        told_by=kit.person,
        owner=kit.case.owner,
        by=None,
        now=now,
        kit=kit.number,
    )
    db.session.add(KitQuestion(inquiry_id=inquiry.id, kit_id=kit.id))
    db.session.flush()
    return inquiry


def _address(email: str) -> str:
    try:
        return normalise_email(email).address
    except Unreadable:
        raise RuleBroken(_("Write the whole e-mail address, such as namn@kommunen.se.")) from None
