"""eForms (UBL 2.3 with the EU's extensions), SDK 1.0 and later; E1 to E5 as well.

Names are matched without their namespace, and the extensions' wrappings are gone (`safe_xml`), so
that what the SDK has moved in and out of them is found in both places. Buyers, winners and the
review body are references to organisations; nothing is read by its place in the file.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from crm.adapters.notices import values
from crm.adapters.notices.problems import NoticeProblem, NotRead
from crm.adapters.notices.safe_xml import Node
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
    Framework,
    FrameworkKind,
    LengthUnit,
    Lot,
    Modification,
    Money,
    Notice,
    NoticeKind,
    NoticeSource,
    Party,
    Period,
    ProcedureType,
    Renewals,
    StatedChange,
    WeightUnit,
    Withheld,
    Words,
    law_by,
    publication_number,
)

ROOTS = frozenset({"ContractNotice", "ContractAwardNotice", "PriorInformationNotice"})
OTHER_ROOTS = frozenset({"BusinessRegistrationInformationNotice"})  # X01, X02: European companies

_K = NoticeKind
_KIND_BY_CODE = {
    "pin-buyer": _K.PROFILE,
    "pin-only": _K.PLANNING,
    "pin-rtl": _K.PLANNING,
    "pin-tran": _K.PLANNING,
    "pin-cfc-standard": _K.COMPETITION,
    "pin-cfc-social": _K.COMPETITION,
    "cn-standard": _K.COMPETITION,
    "cn-social": _K.COMPETITION,
    "cn-desg": _K.COMPETITION,
    "subco": _K.COMPETITION,
    "qu-sy": _K.QUALIFICATION,
    "veat": _K.DIRECT_AWARD,
    "can-standard": _K.RESULT,
    "can-social": _K.RESULT,
    "can-desg": _K.RESULT,
    "can-tran": _K.RESULT,
    "can-modif": _K.MODIFICATION,
    "pmc": _K.CONSULTATION,
    "compl": _K.COMPLETION,
}
_KIND_BY_FORM = {  # BT-03
    "consultation": _K.CONSULTATION,
    "planning": _K.PLANNING,
    "competition": _K.COMPETITION,
    "dir-awa-pre": _K.DIRECT_AWARD,
    "result": _K.RESULT,
    "cont-modif": _K.MODIFICATION,
    "completion": _K.COMPLETION,
}
_KIND_BY_SUBTYPE = {
    **{str(number): _K.PROFILE for number in range(1, 4)},
    **{str(number): _K.PLANNING for number in range(4, 10)},
    **{str(number): _K.COMPETITION for number in range(10, 25)},
    "15": _K.QUALIFICATION,
    **{str(number): _K.DIRECT_AWARD for number in range(25, 29)},
    **{str(number): _K.RESULT for number in range(29, 38)},
    **{str(number): _K.MODIFICATION for number in range(38, 41)},
    "E1": _K.CONSULTATION,
    "E2": _K.PLANNING,
    "E3": _K.COMPETITION,
    "E4": _K.RESULT,
    "E5": _K.COMPLETION,
    "T01": _K.PLANNING,
    "T02": _K.RESULT,
    "CEI": _K.COMPETITION,
}
_PROCEDURES = {
    "open": ProcedureType.OPEN,
    "restricted": ProcedureType.RESTRICTED,
    "neg-w-call": ProcedureType.NEGOTIATED_WITH_CALL,
    "neg-wo-call": ProcedureType.NEGOTIATED_WITHOUT_CALL,
    "comp-dial": ProcedureType.DIALOGUE,
    "innovation": ProcedureType.INNOVATION,
    "oth-single": ProcedureType.OTHER_SINGLE_STAGE,
    "oth-mult": ProcedureType.OTHER_MULTIPLE_STAGE,
}
_FRAMEWORKS = {
    "none": FrameworkKind.NONE,
    "fa-wo-rc": FrameworkKind.WITHOUT_COMPETITION,
    "fa-w-rc": FrameworkKind.WITH_COMPETITION,
    "fa-mix": FrameworkKind.MIXED,
}
_STATUSES = {
    "selec-w": AwardStatus.AWARDED,
    "clos-nw": AwardStatus.NOT_AWARDED,
    "open-nw": AwardStatus.OPEN,
}
_UNITS = {
    "DAY": LengthUnit.DAY,
    "WEEK": LengthUnit.WEEK,
    "MONTH": LengthUnit.MONTH,
    "YEAR": LengthUnit.YEAR,
}
_CRITERIA = {
    "price": CriterionKind.PRICE,
    "cost": CriterionKind.COST,
    "quality": CriterionKind.QUALITY,
}
_WEIGHTS = {
    "per-exa": WeightUnit.PERCENT,
    "per-mid": WeightUnit.PERCENT_MIDDLE,
    "poi-exa": WeightUnit.POINTS,
    "poi-mid": WeightUnit.POINTS_MIDDLE,
    "dec-exa": WeightUnit.SHARE,
    "dec-mid": WeightUnit.SHARE_MIDDLE,
    "ord-imp": WeightUnit.ORDER,
}
_DEADLINES = (
    (DeadlineKind.TENDERS, "TenderSubmissionDeadlinePeriod", "EndDate", "EndTime"),
    (DeadlineKind.REQUESTS, "ParticipationRequestReceptionPeriod", "EndDate", "EndTime"),
    (DeadlineKind.INTEREST, "InterestExpressionReceptionPeriod", "EndDate", "EndTime"),
    (DeadlineKind.QUESTIONS, "AdditionalInformationRequestPeriod", "EndDate", "EndTime"),
    (DeadlineKind.OPENING, "OpenTenderEvent", "OccurrenceDate", "OccurrenceTime"),
)
_WITHHELD_AS = {
    "win-ten-val": ("value", "LegalMonetaryTotal/PayableAmount"),
    "win-ten-ran": ("rank", "RankCode"),
    "rec-sub-cou": ("tenders", "StatisticsNumeric"),
    "rec-sub-typ": ("tenders", "StatisticsCode"),
    "not-val": ("total", "TotalAmount"),
    "not-max-val": ("framework_maximum", "OverallMaximumFrameworkContractsAmount"),
    "max-val": ("framework_maximum", "MaximumValueAmount"),
    "ree-val": ("framework_estimate", "ReestimatedValueAmount"),
    "no-awa-rea": ("reason", "DecisionReasonCode"),
    "win-cho": ("status", "TenderResultCode"),
    "pro-typ": ("procedure", "ProcedureCode"),
}
"""Our name of a withheld field, and where its value lies beside the statement, by the source's code
(code list non-publication-identifier)."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """One notice being read: its root, what is noted on the way, and its organisations by id."""

    root: Node
    findings: Findings
    language: str
    parties: dict[str, Party]

    # --- Small readings ---

    def words(self, nodes: Iterable[Node], name: str, where: str | None = None) -> Words:
        texts = ((node.attributes.get("languageID") or self.language, node.text) for node in nodes)
        return self.findings.words(texts, name, where)

    def money(self, node: Node | None, name: str, where: str | None = None) -> Money | None:
        if node is None:
            return None
        return self.findings.money(node.text, node.attributes.get("currencyID"), name, where)

    def day(self, text: str | None, name: str, where: str | None = None) -> date | None:
        return self.findings.day(text, name, where)

    def party(self, reference: str | None) -> Party | None:
        if not reference:
            return None
        found = self.parties.get(reference)
        if found is None:
            self.findings.doubt(DoubtKind.REFERENCE, "organisation", reference)
        return found

    def parties_of(self, nodes: Iterable[Node]) -> tuple[Party, ...]:
        found = (self.party(node.text) for node in nodes)
        return tuple(dict.fromkeys(party for party in found if party))


def read(root: Node) -> Notice:
    """The notice in a tree whose root is one of ROOTS. Raises NotRead if it is not one after
    all."""
    if not any(root.has(name) for name in ("NoticeTypeCode", "NoticeSubType", "ContractFolderID")):
        raise NotRead(NoticeProblem.NOT_A_NOTICE)
    findings = Findings()
    code = root.value("NoticeLanguageCode")
    reader = _Reader(root, findings, code or "", _organisations(root, findings, code or ""))
    changes = root.first("Changes")
    form = root.value("NoticeSubType/SubTypeCode")
    about = _kind(root, form)
    project = root.first("ProcurementProject") or Node("", {})
    process = root.first("TenderingProcess") or Node("", {})
    terms = root.first("TenderingTerms") or Node("", {})
    lot_nodes = [node for node in root.all("ProcurementProjectLot") if _is_lot(node)]
    lots = tuple(_lot(reader, node, project) for node in lot_nodes)
    result = root.first("NoticeResult")
    title = reader.words(project.all("Name"), "title")
    main, more = _cpv(project)
    buyers = reader.parties_of(root.all("ContractingParty/Party/PartyIdentification/ID"))
    number = root.value("Publication/NoticePublicationID")
    procedure = findings.shown(process.value("ProcedureCode"), "procedure")
    if not buyers:
        findings.doubt(DoubtKind.NO_BUYER, "buyers", "")
    if not title:
        findings.doubt(DoubtKind.NO_TITLE, "title", "")
    ceiling = reader.money(
        project.first("RequestedTenderTotal/FrameworkMaximumAmount"), "framework_maximum"
    )
    notice = Notice(
        source=NoticeSource.EFORMS,
        kind=NoticeKind.CHANGE if changes else about,
        about=about,
        id=_identifier(root),
        version=findings.number(root.value("VersionID"), "version"),
        form=form,
        schema=root.value("CustomizationID"),
        publication_number=publication_number(number) if number else None,
        gazette=root.value("Publication/GazetteID"),
        published=reader.day(root.value("Publication/PublicationDate"), "published"),
        dispatched=reader.day(root.value("IssueDate"), "dispatched"),
        dispatched_at=findings.moment(
            root.value("IssueDate"), root.value("IssueTime"), "dispatched"
        ),
        planned=reader.day(root.value("PlannedDate"), "planned"),
        procedure_id=root.value("ContractFolderID"),
        previous=_previous(root, lot_nodes),
        languages=_languages(root),
        country=next((party.country for party in buyers if party.country), None),
        buyers=buyers,
        contact=_contact_point(root, lot_nodes),
        title=title,
        description=reader.words(project.all("Description"), "description"),
        reference=findings.shown(project.value("ID"), "reference"),
        nature=findings.shown(project.value("ProcurementTypeCode"), "nature"),
        cpv=main,
        cpv_more=more,
        legal_basis=findings.shown(_legal_basis(root), "legal_basis"),
        procedure=_PROCEDURES.get(procedure or ""),
        procedure_code=procedure,
        accelerated=_accelerated(process),
        estimated=_estimated(reader, project),
        framework_maximum=ceiling,
        deadlines=_deadlines(reader, process, lot_nodes),
        lots=lots,
        modification=_modification(reader),
        changes=_changes(reader, changes) if changes else (),
        change_reason_code=changes.value("ChangeReason/ReasonCode") if changes else None,
        change_reason=(
            reader.words(changes.all("ChangeReason/ReasonDescription"), "change_reason")
            if changes
            else NO_WORDS
        ),
        cancelled=bool(changes and changes.value("ChangeReason/ReasonCode") == "cancel"),
        review_body=_review_body(reader, [*lot_nodes, root]),
        document_url=_first((lot.document_url for lot in lots), _document_url(terms)),
        submission_url=_first((lot.submission_url for lot in lots), _submission_url(terms)),
    )
    if result is not None:
        notice = replace(
            notice,
            total=reader.money(result.first("TotalAmount"), "total"),
            framework_maximum=ceiling
            or reader.money(
                result.first("OverallMaximumFrameworkContractsAmount"), "framework_maximum"
            ),
            awards=_awards(reader, result),
        )
    _note_currencies(notice, findings)
    return replace(notice, withheld=_withheld(reader, findings), doubts=tuple(findings.doubts))


def _kind(root: Node, form: str | None) -> NoticeKind:
    """By the notice type, else the subtype, else the form type; a root alone says too little."""
    node = root.first("NoticeTypeCode")
    code = node.text if node else ""
    found = (
        _KIND_BY_CODE.get(code)
        or _KIND_BY_SUBTYPE.get((form or "").upper())
        or _KIND_BY_FORM.get(node.attributes.get("listName", "") if node else "")
    )
    return found or NoticeKind.OTHER


def _identifier(root: Node) -> str | None:
    named = (
        node.text for node in root.all("ID") if node.attributes.get("schemeName") == "notice-id"
    )
    return next(named, None) or root.value("ID")


def _languages(root: Node) -> tuple[str, ...]:
    codes = [
        root.value("NoticeLanguageCode"),
        *(n.text for n in root.all("AdditionalNoticeLanguage/ID")),
    ]
    return tuple(dict.fromkeys(values.language(code) for code in codes if code))


def _previous(root: Node, lots: list[Node]) -> tuple[str, ...]:
    """References to earlier notices of the procurement: changed, modified, planned or called."""
    nodes = [
        *root.all("Changes/ChangedNoticeIdentifier"),
        *root.all("ContractModification/ChangedNoticeIdentifier"),
        *root.all("TenderingProcess/NoticeDocumentReference/ID"),
        *(n for lot in lots for n in lot.all("TenderingProcess/NoticeDocumentReference/ID")),
    ]
    texts = [node.text for node in nodes if node.text]
    return tuple(dict.fromkeys(publication_number(text) or text for text in texts))


def _accelerated(process: Node) -> bool | None:
    for node in process.all("ProcessJustification/ProcessReasonCode"):
        if node.attributes.get("listName") == "accelerated-procedure":
            return _truth(node.text)
    return None


def _legal_basis(root: Node) -> str | None:
    """The directive (BT-01), or the national act where the notice follows none."""
    told = root.value("RegulatoryDomain")
    if told and law_by(told):
        return told
    for one in root.all("TenderingTerms/ProcurementLegislationDocumentReference"):
        for text in (one.value("ID"), one.value("DocumentDescription")):
            if text and law_by(text):
                return text
    return told


def _truth(text: str | None) -> bool | None:
    return {"true": True, "1": True, "false": False, "0": False}.get((text or "").lower())


def _first(found: Iterable[str | None], other: str | None) -> str | None:
    return next((one for one in found if one), other)


# --- Organisations --------------------------------------------------------------------------------


def _organisations(root: Node, findings: Findings, language: str) -> dict[str, Party]:
    """Every organisation and contact point of the notice, by its id in it."""
    found: dict[str, Party] = {}
    for organisation in root.all("Organizations/Organization"):
        company = organisation.first("Company")
        if company is None:
            continue
        points = list(organisation.all("TouchPoint"))
        party = _party(company, findings, language)
        leads = _truth(organisation.value("GroupLeadIndicator")) is True
        names = tuple(dict.fromkeys(filter(None, map(_name, points))))
        whole = replace(party, units=(*party.units, *names), leads=leads)
        for key in (n.text for n in company.all("PartyIdentification/ID")):
            found.setdefault(key, whole)
        for point in points:
            own = _contact(point)
            unit = replace(
                party,
                units=tuple(filter(None, [_name(point)])),
                leads=leads,
                town=own.town or party.town,
                email=own.email or party.email,
                phone=own.phone or party.phone,
                url=own.url or party.url,
            )
            for key in (n.text for n in point.all("PartyIdentification/ID")):
                found.setdefault(key, unit)
    return found


def _name(node: Node) -> str | None:
    return " ".join((node.value("PartyName/Name") or "").split()) or None


def _party(company: Node, findings: Findings, language: str) -> Party:
    names = (
        (node.attributes.get("languageID") or language, " ".join(node.text.split()))
        for node in company.all("PartyName/Name")
    )
    own = _contact(company)
    identifiers = values.identifiers(
        (node.text for node in company.all("PartyLegalEntity/CompanyID")), own.country
    )
    department = company.value("PostalAddress/Department")
    return replace(
        own,
        name=findings.words(names, "organisation"),
        number=values.org_number(identifiers, own.country),
        identifiers=identifiers,
        units=(" ".join(department.split()),) if department else (),
    )


def _contact(node: Node) -> Party:
    return Party(
        name=NO_WORDS,
        country=values.country(node.value("PostalAddress/Country/IdentificationCode")),
        town=" ".join((node.value("PostalAddress/CityName") or "").split()) or None,
        email=values.email(node.value("Contact/ElectronicMail")),
        phone=node.value("Contact/Telephone"),
        url=values.link(node.value("WebsiteURI")),
    )


def _contact_point(root: Node, lots: list[Node]) -> ContactPoint | None:
    """Where to ask: the one named for further information, or else the first of the buyers."""
    asked = "TenderingTerms/AdditionalInformationParty/PartyIdentification/ID"
    references = [node.text for lot in lots for node in lot.all(asked)]
    references += [n.text for n in root.all("ContractingParty/Party/PartyIdentification/ID")]
    nodes: dict[str, Node] = {}
    for organisation in root.all("Organizations/Organization"):
        for node in (*organisation.all("Company"), *organisation.all("TouchPoint")):
            for key in node.all("PartyIdentification/ID"):
                nodes.setdefault(key.text, node)
    points = (_point(nodes[key]) for key in dict.fromkeys(references) if key in nodes)
    return next(filter(None, points), None)


def _point(node: Node) -> ContactPoint | None:
    name = node.value("Contact/Name")
    if name is None and node.name == "TouchPoint":
        name = _name(node)
    found = ContactPoint(
        name=" ".join((name or "").split()) or None,
        email=values.email(node.value("Contact/ElectronicMail")),
        phone=node.value("Contact/Telephone"),
    )
    return found if found != ContactPoint() else None


def _review_body(reader: _Reader, nodes: Iterable[Node]) -> Party | None:
    path = "TenderingTerms/AppealTerms/AppealReceiverParty/PartyIdentification/ID"
    references = (node.value(path) for node in nodes)
    return reader.party(next((reference for reference in references if reference), None))


# --- Lots -----------------------------------------------------------------------------------------


def _is_lot(node: Node) -> bool:
    """A lot or a planned part; groups of lots only say how lots may be combined."""
    own = node.first("ID")
    if own is None or not own.text:
        return False
    scheme = own.attributes.get("schemeName")
    return scheme in {"Lot", "Part"} or (not scheme and not own.text.startswith("GLO-"))


def _lot(reader: _Reader, node: Node, whole: Node) -> Lot:
    """A lot. What stands for the whole procurement alone (length, renewals) holds for each of
    them."""
    key = node.value("ID") or ""
    project = node.first("ProcurementProject") or Node("", {})
    process = node.first("TenderingProcess") or Node("", {})
    terms = node.first("TenderingTerms") or Node("", {})
    main, more = _cpv(project)
    options = reader.words(project.all("ContractExtension/OptionsDescription"), "options", key)
    return Lot(
        id=key,
        title=reader.words(project.all("Name"), "title", key),
        description=reader.words(project.all("Description"), "description", key),
        reference=reader.findings.shown(project.value("ID"), "reference", key),
        cpv=main,
        cpv_more=more,
        estimated=_estimated(reader, project, key),
        period=_period(reader, project, key) or _period(reader, whole, key),
        renewals=_renewals(reader, project, key) or _renewals(reader, whole, key),
        options=options
        or reader.words(whole.all("ContractExtension/OptionsDescription"), "options", key),
        framework=_framework(reader, process, project, key),
        dynamic=_dynamic(process),
        places=_places(project) or _places(whole),
        document_url=_document_url(terms),
        submission_url=_submission_url(terms),
        criteria=tuple(_criteria(reader, terms, key)),
        criteria_words=reader.words(
            terms.all("AwardingTerms/AwardingCriterion/CalculationExpression"), "criteria", key
        ),
        validity=_length(reader, terms.first("TenderValidityPeriod/DurationMeasure"), key),
    )


def _criteria(reader: _Reader, terms: Node, where: str) -> Iterator[Criterion]:
    for node in terms.all("AwardingTerms/AwardingCriterion/SubordinateAwardingCriterion"):
        weight, unit = None, None
        for one in node.all("AwardCriterionParameter"):
            code = one.first("ParameterCode")
            if code is not None and code.attributes.get("listName") == "number-weight":
                weight = reader.findings.weight(one.value("ParameterNumeric"), "criteria", where)
                unit = _WEIGHTS.get(code.text) if weight else None
        found = Criterion(
            kind=_CRITERIA.get(node.value("AwardingCriterionTypeCode") or ""),
            name=reader.words(node.all("Name"), "criteria", where),
            description=reader.words(node.all("Description"), "criteria", where),
            weight=weight,
            unit=unit,
        )
        if found != Criterion():
            yield found


def _length(reader: _Reader, measure: Node | None, where: str) -> Period | None:
    """A length alone, such as that of a tender's validity."""
    if measure is None:
        return None
    unit = _UNITS.get(measure.attributes.get("unitCode", "").upper())
    length = reader.findings.number(measure.text, "validity", where)
    return Period(length=length, unit=unit) if unit and length is not None else None


def _cpv(project: Node) -> tuple[str | None, tuple[str, ...]]:
    def codes(name: str) -> Iterator[str]:
        for node in project.all(f"{name}/ItemClassificationCode"):
            if node.attributes.get("listName", "cpv") == "cpv":
                yield node.text

    return values.cpv_codes(
        next(codes("MainCommodityClassification"), None),
        codes("AdditionalCommodityClassification"),
    )


def _estimated(reader: _Reader, project: Node, where: str | None = None) -> Money | None:
    node = project.first("RequestedTenderTotal/EstimatedOverallContractAmount")
    return reader.money(node, "estimated", where)


def _period(reader: _Reader, project: Node, where: str) -> Period | None:
    node = project.first("PlannedPeriod")
    if node is None:
        return None
    measure = node.first("DurationMeasure")
    code = node.value("DescriptionCode")
    length = reader.findings.number(measure.text if measure else None, "length", where)
    unit = _UNITS.get(measure.attributes.get("unitCode", "").upper()) if measure else None
    found = Period(
        start=reader.day(node.value("StartDate"), "start", where),
        end=reader.day(node.value("EndDate"), "end", where),
        length=length if unit else None,
        unit=unit if length is not None else None,
        unlimited=True if code == "UNLIMITED" else None,
    )
    return found if found != Period() else None


def _renewals(reader: _Reader, project: Node, where: str) -> Renewals | None:
    found = Renewals(
        most=reader.findings.number(
            project.value("ContractExtension/MaximumNumberNumeric"), "renewals", where
        ),
        text=reader.words(
            project.all("ContractExtension/Renewal/Period/Description"), "renewals", where
        ),
    )
    return found if found != Renewals() else None


def _framework(reader: _Reader, process: Node, project: Node, where: str) -> Framework | None:
    maximum = reader.money(
        project.first("RequestedTenderTotal/FrameworkMaximumAmount", "FrameworkMaximumAmount"),
        "framework_maximum",
        where,
    )
    participants = reader.findings.number(
        process.value("FrameworkAgreement/MaximumOperatorQuantity"), "participants", where
    )
    kind = None
    for code in _systems(process, "framework-agreement", "fa-"):
        kind = _FRAMEWORKS.get(code, FrameworkKind.UNSPECIFIED)
    if kind is None:
        if maximum is None and participants is None:
            return None
        kind = FrameworkKind.UNSPECIFIED
    return Framework(kind, maximum, participants)


def _dynamic(process: Node) -> bool | None:
    return next((code != "none" for code in _systems(process, "dps-usage", "dps-")), None)


def _systems(process: Node, listed: str, prefix: str) -> Iterator[str]:
    for node in process.all("ContractingSystem/ContractingSystemTypeCode"):
        name = node.attributes.get("listName")
        if node.text and (name == listed or (not name and node.text.startswith(prefix))):
            yield node.text


def _places(project: Node) -> tuple[str, ...]:
    found = []
    for address in project.all("RealizedLocation/Address"):
        land = values.country(address.value("Country/IdentificationCode"))
        found.append(address.value("CountrySubentityCode") or land or address.value("Region"))
    return tuple(dict.fromkeys(filter(None, found)))


def _document_url(terms: Node) -> str | None:
    path = "CallForTendersDocumentReference/Attachment/ExternalReference/URI"
    return next(filter(None, (values.link(node.text) for node in terms.all(path))), None)


def _submission_url(terms: Node) -> str | None:
    return values.link(terms.value("TenderRecipientParty/EndpointID"))


def _deadlines(reader: _Reader, process: Node, lots: list[Node]) -> tuple[Deadline, ...]:
    """Every deadline once, with the lots that it is for."""
    found: dict[Deadline, list[str]] = {}
    places = [("", process)]
    places += [
        (lot.value("ID") or "", node) for lot in lots for node in lot.all("TenderingProcess")
    ]
    for key, node in places:
        for kind, name, day, clock in _DEADLINES:
            for period in node.all(name):
                one = reader.findings.deadline(
                    kind, period.value(day), period.value(clock), (key,) if key else ()
                )
                if one:
                    found.setdefault(replace(one, lots=()), []).extend(one.lots)
    return tuple(replace(one, lots=tuple(dict.fromkeys(keys))) for one, keys in found.items())


# --- Changes and modifications --------------------------------------------------------------------


def _changes(reader: _Reader, node: Node) -> tuple[StatedChange, ...]:
    found = []
    for change in node.all("Change"):
        text = reader.words(change.all("ChangeDescription"), "changes")
        sections = [n.text for n in change.below("ChangedSectionIdentifier") if n.text]
        found += [StatedChange(section, text) for section in sections]
        if not sections:
            found.append(StatedChange(None, text))
    return tuple(found)


def _modification(reader: _Reader) -> Modification | None:
    node = reader.root.first("ContractModification")
    if node is None:
        return None
    return Modification(
        contract=node.value("ModifiedContractIdentifier"),
        description=reader.words(node.all("Change/ChangeDescription"), "modification"),
        reason_code=node.value("ChangeReason/ReasonCode"),
        reason=reader.words(node.all("ChangeReason/ReasonDescription"), "modification"),
    )


# --- Results --------------------------------------------------------------------------------------


def _awards(reader: _Reader, result: Node) -> tuple[Award, ...]:
    """The winning tenders, each once with all its lots, and the lots without a winner.

    Lot result → tenders → tendering party → organisations; lot result → contracts → their tenders.
    Where contracts name their tenders, those are the winners: a lot result may list others as well.
    """
    tenders = _by_id(result.all("LotTender"))
    parties = _by_id(result.all("TenderingParty"))
    contracts = _by_id(result.all("SettledContract"))
    naming = _contracts_by_tender(contracts)
    found: dict[str, Award] = {}
    lots: dict[str, list[str]] = {}
    for number, lot_result in enumerate(result.all("LotResult"), 1):
        outcome = _outcome(reader, lot_result)
        listed = list(dict.fromkeys(n.text for n in lot_result.all("LotTender/ID") if n.text))
        own = [n.text for n in lot_result.all("SettledContract/ID") if n.text in contracts]
        winning = [key for key in listed if key in naming] or listed
        if outcome.status in {AwardStatus.NOT_AWARDED, AwardStatus.OPEN} or not winning:
            signed = tuple(_contract(reader, contracts[key]) for key in own)
            found[f"result {number}"] = replace(outcome, contracts=signed)
            continue
        for key in winning:
            lots.setdefault(key, []).extend(outcome.lots)
            if key in found:
                continue
            if key not in tenders:
                reader.findings.doubt(DoubtKind.REFERENCE, "tender", key)
                found[key] = replace(outcome, id=key)
                continue
            names = naming.get(key) or (own if len(winning) == 1 else [])
            signed = tuple(_contract(reader, contracts[name]) for name in dict.fromkeys(names))
            awarded = _tender(reader, tenders[key], parties, outcome)
            found[key] = replace(awarded, contracts=signed)
    return tuple(
        replace(award, lots=tuple(dict.fromkeys(lots[key]))) if key in lots else award
        for key, award in found.items()
    )


def _contracts_by_tender(contracts: dict[str, Node]) -> dict[str, list[str]]:
    """The contracts that name a tender, by the tender."""
    found: dict[str, list[str]] = {}
    for key, node in contracts.items():
        for reference in node.all("LotTender/ID"):
            found.setdefault(reference.text, []).append(key)
    return found


def _by_id(nodes: Iterable[Node]) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for node in nodes:
        if key := node.value("ID"):
            found.setdefault(key, node)
    return found


def _outcome(reader: _Reader, node: Node) -> Award:
    """What holds for every tender of a lot result."""
    key = node.value("ID")
    code = reader.findings.shown(node.value("TenderResultCode"), "status", key)
    counts = (
        statistic.value("StatisticsNumeric")
        for statistic in node.all("ReceivedSubmissionsStatistics")
        if statistic.value("StatisticsCode") in {"tenders", "unpublished"}
    )
    return Award(
        id=None,
        lots=tuple(dict.fromkeys(n.text for n in node.all("TenderLot/ID") if n.text)),
        status=_STATUSES.get(code or "", AwardStatus.UNSAID),
        reason=reader.findings.shown(
            node.value("DecisionReason/DecisionReasonCode"), "reason", key
        ),
        tenders=reader.findings.number(next(counts, None), "tenders", key),
        framework_maximum=reader.money(
            node.first("FrameworkAgreementValues/MaximumValueAmount"), "framework_maximum", key
        ),
        framework_estimate=reader.money(
            node.first("FrameworkAgreementValues/ReestimatedValueAmount"), "framework_estimate", key
        ),
    )


def _tender(reader: _Reader, node: Node, parties: dict[str, Node], outcome: Award) -> Award:
    key = node.value("ID")
    named = node.first("TenderingParty")
    party = named
    if named is not None and not named.has("Tenderer"):
        reference = named.value("ID") or ""
        party = parties.get(reference)
        if party is None:
            reader.findings.doubt(DoubtKind.REFERENCE, "tendering_party", reference)
    winners: list[Party] = []
    helpers: tuple[Party, ...] = ()
    if party is not None:
        members = list(party.all("Tenderer"))
        for member in members:
            if found := reader.party(member.value("ID")):
                lead = len(members) > 1 and _truth(member.value("GroupLeadIndicator")) is True
                winners.append(replace(found, leads=lead))
        helpers = reader.parties_of(party.all("SubContractor/ID"))
    return replace(
        outcome,
        id=key,
        winners=tuple(dict.fromkeys(winners)),
        subcontractors=helpers,
        value=reader.money(node.first("LegalMonetaryTotal/PayableAmount"), "value", key),
        rank=reader.findings.number(node.value("RankCode"), "rank", key),
    )


def _contract(reader: _Reader, node: Node) -> Contract:
    key = node.value("ID")
    return Contract(
        id=key,
        reference=reader.findings.shown(
            node.value("ContractReference/ID"), "contract_reference", key
        ),
        title=reader.words(node.all("Title"), "contract_title", key),
        decided=reader.day(node.value("AwardDate"), "decided", key),
        signed=reader.day(node.value("IssueDate"), "signed", key),
        framework=_truth(node.value("ContractFrameworkIndicator")),
    )


# --- What is withheld -----------------------------------------------------------------------------


def _withheld(reader: _Reader, findings: Findings) -> tuple[Withheld, ...]:
    """What the notice says that it keeps back, joined with what was found to be marked so.

    Of a value that has come out since, the statement may still stand: it is left out.
    """
    found: list[Withheld] = []
    marked = dict(findings.marked)
    for owner, around, node in _privacies(reader.root, None):
        code = node.value("FieldIdentifierCode")
        name, path = _WITHHELD_AS.get(code or "", (code or "unnamed", ""))
        if path and not values.is_masked(around.value(path)):
            continue
        marked.pop((name, owner), None)
        found.append(
            Withheld(
                field=name,
                where=owner,
                code=code,
                until=findings.day(node.value("PublicationDate"), "withheld", owner),
                reason=reader.words(node.all("ReasonDescription"), "withheld"),
            )
        )
    return (*dict.fromkeys(found), *marked.values())


def _privacies(node: Node, owner: str | None) -> Iterator[tuple[str | None, Node, Node]]:
    """Every statement of privacy: the id of the nearest thing around it that has one, what it
    stands in, and itself."""
    if node.name in {"LotResult", "LotTender", "SettledContract", "ProcurementProjectLot"}:
        owner = node.value("ID") or owner
    for child in node.children:
        if child.name == "FieldsPrivacy":
            yield owner, node, child
        elif child.children:
            yield from _privacies(child, owner)


def _note_currencies(notice: Notice, findings: Findings) -> None:
    amounts = [notice.estimated, notice.framework_maximum, notice.total]
    amounts += [lot.estimated for lot in notice.lots]
    amounts += [award.value for award in notice.awards]
    currencies = dict.fromkeys(one.currency for one in amounts if one)
    if len(currencies) > 1:
        findings.doubt(DoubtKind.CURRENCIES, "value", ", ".join(currencies))
