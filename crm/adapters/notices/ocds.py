"""Open Contracting Data Standard 1.0 and 1.1: release packages, record packages and single
releases.

Each release is a notice: it says what was known on its day. They share the procurement's ocid. Of a
record that gives its releases as links alone, the compiled release stands for all of them.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm.adapters.notices import values
from crm.adapters.notices.problems import Limits, NoticeProblem, NotRead
from crm.adapters.notices.values import Findings
from crm.rules.notices import (
    NO_WORDS,
    Award,
    AwardStatus,
    ContactPoint,
    Contract,
    Criterion,
    CriterionKind,
    Deadline,
    DeadlineKind,
    DoubtKind,
    LengthUnit,
    Lot,
    Money,
    Notice,
    NoticeKind,
    NoticeSource,
    Party,
    Period,
    ProcedureType,
    StatedChange,
    WeightUnit,
    Words,
)

Json = dict[str, Any]

_K = NoticeKind
_KIND_BY_TAG = {  # in the order of the stages
    "planning": (_K.PLANNING, False),
    "planningUpdate": (_K.PLANNING, True),
    "tender": (_K.COMPETITION, False),
    "tenderAmendment": (_K.COMPETITION, True),
    "tenderUpdate": (_K.COMPETITION, True),
    "tenderCancellation": (_K.COMPETITION, True),
    "award": (_K.RESULT, False),
    "awardUpdate": (_K.RESULT, True),
    "awardCancellation": (_K.RESULT, True),
    "contract": (_K.RESULT, False),
    "contractUpdate": (_K.RESULT, True),
    "contractAmendment": (_K.MODIFICATION, False),
    "implementation": (_K.OTHER, False),
    "implementationUpdate": (_K.OTHER, True),
    "contractTermination": (_K.COMPLETION, False),
}
_CRITERIA = {
    "price": CriterionKind.PRICE,
    "cost": CriterionKind.COST,
    "quality": CriterionKind.QUALITY,
}
_WEIGHTS = {
    "percentageExact": WeightUnit.PERCENT,
    "percentageRangeMiddle": WeightUnit.PERCENT_MIDDLE,
    "pointsExact": WeightUnit.POINTS,
    "pointsRangeMiddle": WeightUnit.POINTS_MIDDLE,
    "decimalExact": WeightUnit.SHARE,
    "decimalRangeMiddle": WeightUnit.SHARE_MIDDLE,
    "order": WeightUnit.ORDER,
}
_METHODS = {
    "open": ProcedureType.OPEN,
    "selective": ProcedureType.RESTRICTED,
    "limited": ProcedureType.NEGOTIATED_WITHOUT_CALL,
    "direct": ProcedureType.NEGOTIATED_WITHOUT_CALL,
}
_STATUSES = {
    "active": AwardStatus.AWARDED,
    "pending": AwardStatus.OPEN,
    "unsuccessful": AwardStatus.NOT_AWARDED,
    "cancelled": AwardStatus.NOT_AWARDED,
}
_SWEDISH = frozenset({"SE-ON", "SE-BLV", "SE-ORGNR", "ORGNR"})  # schemes of org-id.guide and in use


def read(text: str, limits: Limits) -> tuple[Notice, ...]:
    """The notices in a JSON text, in the file's order. Raises NotRead."""
    if sum(text.count(sign) for sign in "{[,") > limits.elements:
        raise NotRead(NoticeProblem.TOO_COMPLEX)
    try:
        found = json.loads(text, parse_float=Decimal, parse_constant=lambda _name: None)
    except (ValueError, RecursionError) as error:
        raise NotRead(NoticeProblem.BROKEN_JSON) from error
    releases = list(_releases(found))
    if not releases:
        raise NotRead(NoticeProblem.NOT_A_NOTICE)
    return tuple(_notice(release) for release in releases)


def _releases(found: Any) -> Iterator[Json]:
    """The releases of a package of either kind, of a list of them, or a release by itself."""
    if isinstance(found, list):
        for one in found:
            yield from _releases(one) if isinstance(one, dict) else ()
        return
    if not isinstance(found, dict):
        return
    if "ocid" in found and ("tag" in found or "date" in found) and "releases" not in found:
        yield found
        return
    yield from (one for one in _dicts(found.get("releases")) if "ocid" in one)
    for record in _dicts(found.get("records")):
        whole = [one for one in _dicts(record.get("releases")) if "ocid" in one]
        compiled = record.get("compiledRelease")
        if whole:
            yield from whole
        elif isinstance(compiled, dict) and "ocid" in compiled:
            yield compiled
    if "ocid" in found and isinstance(found.get("compiledRelease"), dict):  # a record by itself
        yield from _releases({"records": [found]})


def _notice(release: Json) -> Notice:
    findings = Findings()
    code = _text(release.get("language"))
    parties = {key: one for one in _dicts(release.get("parties")) if (key := _text(one.get("id")))}
    tender = _dict(release.get("tender"))
    planning = _dict(release.get("planning"))
    tags = [tag for tag in _list(release.get("tag")) if isinstance(tag, str)]
    about, is_change = _kind(tags, release)
    amendments = _dicts(tender.get("amendments"))
    sent = _text(release.get("date"))
    buyers = _buyers(release, tender, parties, findings, code)
    title = _words(tender.get("title") or release.get("title"), code, findings, "title")
    if not buyers:
        findings.doubt(DoubtKind.NO_BUYER, "buyers", "")
    if not title:
        title = _words(_fallback_title(release), code, findings, "title")
    if not title:
        findings.doubt(DoubtKind.NO_TITLE, "title", "")
    main, more = _cpv(_dicts(tender.get("items")) or _award_items(release))
    lots = tuple(_lots(tender, code, findings))
    notice = Notice(
        source=NoticeSource.OCDS,
        kind=NoticeKind.CHANGE if is_change else about,
        about=about,
        id=_text(release.get("id")),
        form=",".join(tags) or None,
        published=findings.day(sent, "published"),
        dispatched=findings.day(sent, "dispatched"),
        dispatched_at=findings.moment(sent, _clock(sent), "dispatched"),
        planned=findings.day(
            _text(_dict(tender.get("communication")).get("futureNoticeDate")), "planned"
        ),
        procedure_id=_text(release.get("ocid")),
        previous=_previous(release, amendments),
        languages=(values.language(code),) if code else (),
        country=next((party.country for party in buyers if party.country), None),
        buyers=buyers,
        contact=_contact_point(release, tender, parties),
        title=title,
        description=_words(tender.get("description"), code, findings, "description"),
        reference=_text(tender.get("id")),
        nature={"goods": "supplies"}.get(
            _text(tender.get("mainProcurementCategory")) or "",
            _text(tender.get("mainProcurementCategory")),
        ),
        cpv=main,
        cpv_more=more,
        legal_basis=_text(_dict(tender.get("legalBasis")).get("id")),
        procedure=_METHODS.get(_text(tender.get("procurementMethod")) or ""),
        procedure_code=_text(tender.get("procurementMethod")),
        estimated=_money(tender.get("value"), findings, "estimated")
        or _money(_dict(planning.get("budget")).get("amount"), findings, "estimated"),
        estimated_least=_money(tender.get("minValue"), findings, "estimated"),
        deadlines=tuple(_deadlines(tender, findings)),
        lots=lots,
        awards=tuple(_awards(release, parties, findings, code)),
        changes=tuple(
            StatedChange(None, _words(one.get("description"), code, findings, "changes"))
            for one in amendments
        ),
        change_reason=_words(
            amendments[-1].get("rationale") if amendments else None, code, findings, "change_reason"
        ),
        cancelled=_text(tender.get("status")) in {"cancelled", "withdrawn"}
        or "tenderCancellation" in tags,
        document_url=next(
            filter(
                None, (values.link(_text(d.get("url"))) for d in _dicts(tender.get("documents")))
            ),
            None,
        ),
        submission_url=_submission(tender),
    )
    return replace(notice, withheld=tuple(findings.marked.values()), doubts=tuple(findings.doubts))


def _kind(tags: Iterable[str], release: Json) -> tuple[NoticeKind, bool]:
    """By the last stage among its tags; a compiled release by the last stage that it has."""
    named = set(tags)
    known = [kind for tag, kind in _KIND_BY_TAG.items() if tag in named]
    if known:
        return known[-1]
    for part, kind in (
        ("contracts", _K.RESULT),
        ("awards", _K.RESULT),
        ("tender", _K.COMPETITION),
        ("planning", _K.PLANNING),
    ):
        if release.get(part):
            return kind, False
    return _K.OTHER, False


def _previous(release: Json, amendments: list[Json]) -> tuple[str, ...]:
    named = (_text(one.get("amendsReleaseID")) for one in amendments)
    return tuple(dict.fromkeys(key for key in named if key and key != _text(release.get("id"))))


def _fallback_title(release: Json) -> object:
    for part in ("contracts", "awards"):
        for one in _dicts(release.get(part)):
            if one.get("title"):
                return one["title"]
    return _dict(_dict(release.get("planning")).get("budget")).get("project")


# --- Parties --------------------------------------------------------------------------------------


def _buyers(
    release: Json, tender: Json, parties: dict[str, Json], findings: Findings, code: str | None
) -> tuple[Party, ...]:
    """The buyer, those with that role, and the one who runs the procurement if it is another."""
    named = [_dict(release.get("buyer")), *_dicts(release.get("buyers"))]
    named += [one for one in parties.values() if "buyer" in _list(one.get("roles"))]
    named.append(_dict(tender.get("procuringEntity")))
    found: dict[str, Party] = {}
    for one in named:
        party = _party(one, parties, findings, code)
        if party:
            found.setdefault(_text(one.get("id")) or str(party.name), party)
    return tuple(found.values())


def _party(
    named: Json, parties: dict[str, Json], findings: Findings, code: str | None
) -> Party | None:
    """A reference with what `parties` tells of it; before 1.1 the reference has it all itself."""
    key = _text(named.get("id"))
    whole = {**named, **parties.get(key or "", {})}
    name = _text(whole.get("name")) or _text(_dict(whole.get("identifier")).get("legalName"))
    if not name:
        return None
    identifiers = [_dict(whole.get("identifier")), *_dicts(whole.get("additionalIdentifiers"))]
    address, contact = _dict(whole.get("address")), _dict(whole.get("contactPoint"))
    swedish = any((_text(one.get("scheme")) or "").upper() in _SWEDISH for one in identifiers)
    land = _country(address)
    numbers = values.identifiers(
        (_identifier(one.get("id")) for one in identifiers), "SE" if swedish else land
    )
    return Party(
        name=_words(name, code, findings, "organisation"),
        number=values.org_number(numbers, "SE" if swedish else land),
        identifiers=numbers,
        country="SE" if swedish and land is None else land,
        town=_text(address.get("locality")),
        email=values.email(_text(contact.get("email"))),
        phone=_text(contact.get("telephone")),
        url=values.link(
            _text(contact.get("url")) or _text(_dict(whole.get("identifier")).get("uri"))
        ),
    )


def _contact_point(release: Json, tender: Json, parties: dict[str, Json]) -> ContactPoint | None:
    """Where to ask: of the one who runs the procurement, or else of the buyer."""
    named = [_dict(tender.get("procuringEntity")), _dict(release.get("buyer"))]
    named += [one for one in parties.values() if "buyer" in _list(one.get("roles"))]
    for one in named:
        whole = {**one, **parties.get(_text(one.get("id")) or "", {})}
        contact = _dict(whole.get("contactPoint"))
        found = ContactPoint(
            name=_text(contact.get("name")),
            email=values.email(_text(contact.get("email"))),
            phone=_text(contact.get("telephone")),
        )
        if found != ContactPoint():
            return found
    return None


def _identifier(value: object) -> str | None:
    """An identifier, without the ".0" that a spreadsheet has left behind."""
    text = _text(value)
    return text.removesuffix(".0") if text else None


_COUNTRY_NAMES = {"SWEDEN": "SE", "SVERIGE": "SE", "UNITED KINGDOM": "GB"}


def _country(address: Json) -> str | None:
    name = (_text(address.get("countryName")) or "").upper()
    return values.country(_text(address.get("country"))) or _COUNTRY_NAMES.get(name, name) or None


# --- What is bought -------------------------------------------------------------------------------


def _award_items(release: Json) -> list[Json]:
    return [item for one in _dicts(release.get("awards")) for item in _dicts(one.get("items"))]


def _cpv(items: list[Json]) -> tuple[str | None, tuple[str, ...]]:
    found = []
    for item in items:
        for one in (
            _dict(item.get("classification")),
            *_dicts(item.get("additionalClassifications")),
        ):
            if (_text(one.get("scheme")) or "CPV").upper() == "CPV":
                found.append(_text(one.get("id")))
    return values.cpv_codes(next(iter(found), None), found)


def _lots(tender: Json, code: str | None, findings: Findings) -> Iterator[Lot]:
    """The lots of the extension of that name; without it, the whole tender is one."""
    items = _dicts(tender.get("items"))
    lots = _dicts(tender.get("lots"))
    by_lot = _grouped(items, "relatedLot")
    for number, lot in enumerate(lots, 1):
        key = _text(lot.get("id")) or str(number)
        main, more = _cpv(by_lot.get(key, []))
        yield Lot(
            id=key,
            title=_words(lot.get("title"), code, findings, "title", key),
            description=_words(lot.get("description"), code, findings, "description", key),
            cpv=main,
            cpv_more=more,
            estimated=_money(lot.get("value"), findings, "estimated", key),
            period=_period(lot.get("contractPeriod"), findings, key)
            or _period(tender.get("contractPeriod"), findings, key),
            criteria=tuple(_criteria(lot, code, findings, key))
            or tuple(_criteria(tender, code, findings, key)),
            criteria_words=_words(
                lot.get("awardCriteriaDetails") or tender.get("awardCriteriaDetails"),
                code,
                findings,
                "criteria",
                key,
            ),
            validity=_validity(lot, findings, key) or _validity(tender, findings, key),
        )
    if tender and not lots:
        main, more = _cpv(items)
        yield Lot(
            id="1",
            title=_words(tender.get("title"), code, findings, "title"),
            description=_words(tender.get("description"), code, findings, "description"),
            cpv=main,
            cpv_more=more,
            estimated=_money(tender.get("value"), findings, "estimated"),
            period=_period(tender.get("contractPeriod"), findings, "1"),
            criteria=tuple(_criteria(tender, code, findings, "1")),
            criteria_words=_words(
                tender.get("awardCriteriaDetails"), code, findings, "criteria", "1"
            ),
            validity=_validity(tender, findings, "1"),
        )


_ALONE = {  # codes that say by which one kind tenders are weighed
    "priceOnly": CriterionKind.PRICE,
    "lowestCost": CriterionKind.PRICE,
    "costOnly": CriterionKind.COST,
    "qualityOnly": CriterionKind.QUALITY,
}


def _criteria(whole: Json, code: str | None, findings: Findings, where: str) -> Iterator[Criterion]:
    """Those of the award criteria extension, or the one that a code names."""
    told = whole.get("awardCriteria")
    if isinstance(told, str) and told in _ALONE:
        yield Criterion(kind=_ALONE[told])
    for one in _dicts(_dict(told).get("criteria")):
        numbers = [n for n in _dicts(one.get("numbers")) if n.get("weight") in _WEIGHTS]
        weight = (
            findings.weight(_text(numbers[0].get("number")), "criteria", where) if numbers else None
        )
        found = Criterion(
            kind=_CRITERIA.get(_text(one.get("type")) or ""),
            name=_words(one.get("name"), code, findings, "criteria", where),
            description=_words(one.get("description"), code, findings, "criteria", where),
            weight=weight,
            unit=_WEIGHTS[str(numbers[0]["weight"])] if weight else None,
        )
        if found != Criterion():
            yield found


def _validity(whole: Json, findings: Findings, where: str) -> Period | None:
    return _period(_dict(whole.get("submissionTerms")).get("bidValidityPeriod"), findings, where)


def _period(value: object, findings: Findings, where: str) -> Period | None:
    period = _dict(value)
    start = findings.day(_text(period.get("startDate")), "start", where)
    end = findings.day(_text(period.get("endDate")), "end", where)
    days = findings.number(_text(period.get("durationInDays")), "length", where)
    told = start is None or end is None  # with both, a length could only contradict
    found = Period(
        start=start,
        end=end,
        length=days if told else None,
        unit=LengthUnit.DAY if told and days is not None else None,
        longest_end=findings.day(_text(period.get("maxExtentDate")), "longest_end", where),
    )
    return found if found != Period() else None


def _deadlines(tender: Json, findings: Findings) -> Iterator[Deadline]:
    for kind, name in (
        (DeadlineKind.TENDERS, "tenderPeriod"),
        (DeadlineKind.QUESTIONS, "enquiryPeriod"),
    ):
        text = _text(_dict(tender.get(name)).get("endDate"))
        if text and (found := findings.deadline(kind, text.partition("T")[0], _clock(text))):
            yield replace(found, raw=text)


def _submission(tender: Json) -> str | None:
    details = _text(tender.get("submissionMethodDetails")) or ""
    found = (values.link(word.rstrip(".,;)")) for word in details.split())
    return next(filter(None, found), None)


# --- Results --------------------------------------------------------------------------------------


def _awards(
    release: Json, parties: dict[str, Json], findings: Findings, code: str | None
) -> Iterator[Award]:
    contracts = _dicts(release.get("contracts"))
    awards = _dicts(release.get("awards"))
    known = {_text(one.get("id")) for one in awards}
    by_award = _grouped(contracts, "awardID")
    tender = _dict(release.get("tender"))
    count = findings.number(_text(tender.get("numberOfTenderers")), "tenders")
    for number, one in enumerate(awards, 1):
        key = _text(one.get("id")) or str(number)
        own = by_award.get(key, [])
        suppliers = (_party(s, parties, findings, code) for s in _dicts(one.get("suppliers")))
        decided = findings.day(_text(one.get("date")), "decided", key)
        span = _period(one.get("contractPeriod"), findings, key)
        signed = tuple(replace(_contract(c, findings, code), decided=decided) for c in own)
        yield Award(
            id=key,
            lots=tuple(filter(None, (_text(lot) for lot in _list(one.get("relatedLots"))))),
            status=_STATUSES.get(_text(one.get("status")) or "", AwardStatus.UNSAID),
            reason=_text(one.get("statusDetails")),
            winners=tuple(dict.fromkeys(party for party in suppliers if party)),
            value=_money(one.get("value"), findings, "value", key),
            tenders=count,
            contracts=signed
            or ((Contract(None, decided=decided, period=span),) if decided or span else ()),
        )
    for one in contracts:  # a contract whose award is not told
        if _text(one.get("awardID")) not in known:
            suppliers = (_party(s, parties, findings, code) for s in _dicts(one.get("suppliers")))
            yield Award(
                id=_text(one.get("id")),
                lots=(),
                status=AwardStatus.AWARDED,
                winners=tuple(dict.fromkeys(party for party in suppliers if party)),
                value=_money(one.get("value"), findings, "value", _text(one.get("id"))),
                contracts=(_contract(one, findings, code),),
            )


def _contract(contract: Json, findings: Findings, code: str | None) -> Contract:
    key = _text(contract.get("id"))
    return Contract(
        id=key,
        reference=key,
        title=_words(contract.get("title"), code, findings, "contract_title", key),
        signed=findings.day(_text(contract.get("dateSigned")), "signed", key),
        period=_period(contract.get("period"), findings, key or ""),
    )


# --- Small readings -------------------------------------------------------------------------------


def _text(value: object) -> str | None:
    """A text or a number as text; anything else is nothing. Numbers beyond reason are nothing
    too."""
    if isinstance(value, str):
        return " ".join(value.split()) or None
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        return None
    number = Decimal(value) if isinstance(value, int) and abs(value) < values.MOST_MONEY else value
    if isinstance(number, int) or number.adjusted() > 30 or number.adjusted() < -30:
        return None
    return format(number, "f")


def _clock(text: str | None) -> str | None:
    """The time of a moment such as 2010-04-01T18:00:00Z."""
    return text.partition("T")[2] or None if text else None


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: object) -> list[Json]:
    return [one for one in _list(value) if isinstance(one, dict)]


def _grouped(things: list[Json], name: str) -> dict[str, list[Json]]:
    """Things by what one of their fields says."""
    found: dict[str, list[Json]] = {}
    for one in things:
        if key := _text(one.get(name)):
            found.setdefault(key, []).append(one)
    return found


def _words(
    value: object, code: str | None, findings: Findings, name: str, where: str | None = None
) -> Words:
    """A text in the release's language."""
    return findings.words([(code, value)], name, where) if isinstance(value, str) else NO_WORDS


def _money(value: object, findings: Findings, name: str, where: str | None = None) -> Money | None:
    told = _dict(value)
    return findings.money(_text(told.get("amount")), _text(told.get("currency")), name, where)
