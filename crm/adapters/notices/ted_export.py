"""TED_EXPORT, how TED published until the autumn of 2023: R2.0.9 (forms F01 to F25) and
R2.0.8/R2.0.7.

R2.0.9 has the same few elements in every form and is read by their paths. The older dialect calls
the same thing something else in every form (OBJECT_CONTRACT_INFORMATION_DEFENCE, OBJECT_VEAT, …),
but the leaves have the same names, so those are looked for below. What the form does not say is
taken from the coded section, which every dialect has.
"""

import re
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
    Words,
    publication_number,
)

ROOTS = frozenset({"TED_EXPORT", "TED_ESENDERS"})  # as published, and as sent in

_K = NoticeKind
_KIND_BY_DOCUMENT = {  # TD_DOCUMENT_TYPE
    "0": _K.PLANNING,
    "2": _K.CHANGE,
    "3": _K.COMPETITION,
    "7": _K.RESULT,
    "B": _K.PROFILE,
    "C": _K.COMPETITION,  # works concession
    "D": _K.COMPETITION,  # design contest
    "E": _K.COMPETITION,  # works contracts awarded by the concessionaire
    "F": _K.COMPETITION,  # subcontract
    "H": _K.COMPETITION,  # services concession
    "J": _K.RESULT,  # concession award
    "K": _K.MODIFICATION,
    "M": _K.PLANNING,  # periodic indicative notice
    "O": _K.QUALIFICATION,
    "P": _K.COMPETITION,  # periodic indicative notice that calls for competition
    "Q": _K.QUALIFICATION,
    "R": _K.RESULT,  # of a design contest
    "V": _K.DIRECT_AWARD,
    "Y": _K.COMPETITION,  # dynamic purchasing system
}
_KIND_BY_FORM = {
    "1": _K.PLANNING,
    "2": _K.COMPETITION,
    "3": _K.RESULT,
    "4": _K.PLANNING,
    "5": _K.COMPETITION,
    "6": _K.RESULT,
    "7": _K.QUALIFICATION,
    "8": _K.PROFILE,
    "9": _K.COMPETITION,
    "10": _K.COMPETITION,
    "11": _K.COMPETITION,
    "12": _K.COMPETITION,
    "13": _K.RESULT,
    "14": _K.CHANGE,
    "15": _K.DIRECT_AWARD,
    "16": _K.PLANNING,
    "17": _K.COMPETITION,
    "18": _K.RESULT,
    "19": _K.COMPETITION,
    "20": _K.MODIFICATION,
    "23": _K.COMPETITION,
    "24": _K.COMPETITION,
    "25": _K.RESULT,
    "T1": _K.PLANNING,
    "T01": _K.PLANNING,
    "T2": _K.RESULT,
    "T02": _K.RESULT,
}
_STAGES = (  # what NOTICE/@TYPE says in forms that serve several stages, by the first words in it
    ("AWARD", _K.RESULT),
    ("QS", _K.QUALIFICATION),  # whether or not it calls for competition as well
    ("QUALIFICATION", _K.QUALIFICATION),
    ("ONLY", _K.PLANNING),
    ("REDUCING", _K.PLANNING),
    ("CALL", _K.COMPETITION),
    ("CONTRACT", _K.COMPETITION),
    ("CONCESSION", _K.COMPETITION),
    ("PRI", _K.COMPETITION),  # F21 to F23: prior information is the call
    ("PER", _K.COMPETITION),
)
_P = ProcedureType
_PROCEDURES = (  # the first whose words are in the element's name
    ("WITHOUT", _P.NEGOTIATED_WITHOUT_CALL),
    ("PT_OPEN", _P.OPEN),
    ("RESTRICTED", _P.RESTRICTED),
    ("DIALOGUE", _P.DIALOGUE),
    ("INNOVATION", _P.INNOVATION),
    ("NEGOTIA", _P.NEGOTIATED_WITH_CALL),
)
_PROCEDURE_BY_CODE = {  # PR_PROC
    "1": _P.OPEN,
    "2": _P.RESTRICTED,
    "3": _P.RESTRICTED,  # accelerated
    "4": _P.NEGOTIATED_WITH_CALL,
    "6": _P.NEGOTIATED_WITH_CALL,  # accelerated
    "C": _P.DIALOGUE,
    "G": _P.INNOVATION,
    "T": _P.NEGOTIATED_WITHOUT_CALL,
    "V": _P.NEGOTIATED_WITHOUT_CALL,
}
_ONE_STAGE = frozenset({_P.OPEN, _P.OTHER_SINGLE_STAGE})
_NATURES = {"1": "works", "2": "supplies", "4": "services"}  # NC_CONTRACT_NATURE
_DIRECTIVES = {
    "2004/17/EC": "32004L0017",
    "2004/18/EC": "32004L0018",
    "2009/81/EC": "32009L0081",
    "2014/23/EU": "32014L0023",
    "2014/24/EU": "32014L0024",
    "2014/25/EU": "32014L0025",
}
_CRITERIA = {
    "AC_PRICE": CriterionKind.PRICE,
    "AC_COST": CriterionKind.COST,
    "AC_QUALITY": CriterionKind.QUALITY,
}
_UNITS = {
    "DAY": LengthUnit.DAY,
    "WEEK": LengthUnit.WEEK,
    "MONTH": LengthUnit.MONTH,
    "YEAR": LengthUnit.YEAR,
}
_AWARDS = (
    "AWARD_CONTRACT",
    "AWARD_OF_CONTRACT",
    "AWARD_OF_CONTRACT_DEFENCE",
    "AWARD_CONTRACT_CONTRACT_AWARD_UTILITIES",
    "RESULTS",
)
_AMOUNTS = ("VALUE_COST", "VAL_TOTAL", "VALUE")
_REFERENCES = ("REFERENCE_NUMBER", "FILE_REFERENCE_NUMBER", "REFERENCE_NUMBER_ATTRIBUTED")
_EMPTY = Node("", {})


@dataclass(frozen=True, slots=True)
class _Reader:
    """One notice being read: the coded section, the form in its original language, and what is
    noted."""

    coded: Node
    form: Node
    findings: Findings
    language: str
    country: str | None
    documents: str | None  # links, which hold for every lot
    submission: str | None

    def words(self, node: Node | None, name: str, where: str | None = None) -> Words:
        """A text of paragraphs."""
        if node is None:
            return NO_WORDS
        return self.findings.words([(self.language, _paragraphs(node))], name, where)

    def line(self, node: Node | None) -> str | None:
        return " ".join(_paragraphs(node).split()) or None if node is not None else None

    def money(self, node: Node | None, name: str, where: str | None = None) -> Money | None:
        """An amount from an element that has it, or has it in a child; FMTVAL is the plain one."""
        if node is None:
            return None
        currency = node.attributes.get("CURRENCY")
        if not node.text and not node.attributes.get("FMTVAL"):
            inner = node.first(*_AMOUNTS)
            if inner is None:
                return None
            currency = inner.attributes.get("CURRENCY") or currency
            node = inner
        text = node.attributes.get("FMTVAL") or node.text
        return self.findings.money(text, currency, name, where)

    def day(self, node: Node | None, name: str, where: str | None = None) -> date | None:
        return self.findings.day(_day_text(node), name, where)


def read(root: Node) -> Notice:
    """The notice in a tree whose root is one of ROOTS. Raises NotRead if there is no form in it."""
    form = _form(root)
    coded = root.first("CODED_DATA_SECTION") or _EMPTY
    if form is None:
        raise NotRead(NoticeProblem.NOT_A_NOTICE)
    findings = Findings()
    land = values.country(_attribute(coded.first("NOTICE_DATA/ISO_COUNTRY"), "VALUE"))
    code = form.attributes.get("LG") or coded.value("NOTICE_DATA/LG_ORIG") or ""
    documents = _link(form, "URL_DOCUMENT", "URL_INFORMATION")
    submission = _link(form, "URL_PARTICIPATION", "URL_PARTICIPATE")
    reader = _Reader(coded, form, findings, code, land, documents, submission)
    number = publication_number(coded.value("NOTICE_DATA/NO_DOC_OJS") or "") or publication_number(
        root.attributes.get("DOC_ID", "")
    )
    kind = _kind(coded, form)
    procedure_code, procedure = _procedure(reader)
    lots = tuple(_lots(reader))
    buyers = tuple(dict.fromkeys(_buyers(reader)))
    title = _title(reader, root)
    main, more = _cpv(reader)
    least, estimated = _estimated(reader)
    if not buyers:
        findings.doubt(DoubtKind.NO_BUYER, "buyers", "")
    if not title:
        findings.doubt(DoubtKind.NO_TITLE, "title", "")
    changes, awards = tuple(_changes(reader)), tuple(_awards(reader))
    notice = Notice(
        source=NoticeSource.TED_EXPORT,
        kind=kind,
        about=_changed_kind(coded) if kind is NoticeKind.CHANGE else kind,
        id=number,
        form=_form_name(form),
        schema=root.attributes.get("VERSION") or form.attributes.get("VERSION"),
        publication_number=number,
        gazette=_gazette(coded),
        published=reader.day(coded.first("REF_OJS/DATE_PUB"), "published"),
        dispatched=reader.day(
            form.nearest("DATE_DISPATCH_NOTICE", "NOTICE_DISPATCH_DATE")
            or coded.first("CODIF_DATA/DS_DATE_DISPATCH"),
            "dispatched",
        ),
        planned=reader.day(form.nearest("DATE_PUBLICATION_NOTICE"), "planned"),
        previous=_previous(coded, form, number),
        languages=(values.language(code),),
        country=land or next((party.country for party in buyers if party.country), None),
        buyers=buyers,
        contact=_contact_point(form),
        title=title,
        description=_description(reader),
        reference=reader.line(form.nearest(*_REFERENCES)),
        nature=_nature(reader),
        cpv=main,
        cpv_more=more,
        legal_basis=_legal_basis(coded, form),
        procedure=procedure,
        procedure_code=procedure_code,
        accelerated=True if form.nearest("ACCELERATED_PROC") else None,
        estimated=estimated,
        estimated_least=least,
        total=_total(reader),
        deadlines=tuple(_deadlines(reader, procedure, changes)),
        lots=lots,
        awards=awards,
        modification=_modification(reader),
        changes=changes,
        partial=kind is NoticeKind.CHANGE,
        cancelled=_cancelled(awards),
        review_body=_review_body(reader),
        document_url=documents,
        submission_url=submission,
    )
    _note_currencies(notice, findings)
    return replace(notice, withheld=tuple(findings.marked.values()), doubts=tuple(findings.doubts))


# --- The form and its kind ------------------------------------------------------------------------


def _form(root: Node) -> Node | None:
    """The form in its original language: FORM_SECTION may hold translations beside it."""
    forms = [node for section in root.all("FORM_SECTION") for node in section.children]
    original = (node for node in forms if node.attributes.get("CATEGORY") == "ORIGINAL")
    return next(original, forms[0] if forms else None)


def _form_name(form: Node) -> str | None:
    name = form.attributes.get("FORM")
    return f"F{int(name):02}" if name and name.isdecimal() and len(name) < 4 else name


def _kind(coded: Node, form: Node) -> NoticeKind:
    """A form's own word on its stage first, then the kind of document, then the form's number."""
    if form.name in {"F14_2014", "ADDITIONAL_INFORMATION_CORRIGENDUM"}:
        return NoticeKind.CHANGE
    stated = _attribute(form.first("NOTICE"), "TYPE") or ""
    number = (_form_name(form) or "").removeprefix("F").lstrip("0")
    return (
        next((kind for word, kind in _STAGES if word in stated), None)
        or _KIND_BY_FORM.get(number)
        or _by_document(coded)
        or NoticeKind.OTHER
    )


def _by_document(coded: Node) -> NoticeKind | None:
    code = _attribute(coded.first("CODIF_DATA/TD_DOCUMENT_TYPE"), "CODE")
    return _KIND_BY_DOCUMENT.get(code or "")


def _changed_kind(coded: Node) -> NoticeKind:
    """What a corrigendum corrects: the coded section may have the first notice's kind."""
    found = _by_document(coded)
    return found if found and found is not NoticeKind.CHANGE else NoticeKind.COMPETITION


def _gazette(coded: Node) -> str | None:
    number, day = coded.value("REF_OJS/NO_OJ"), coded.value("REF_OJS/DATE_PUB")
    return f"{number}/{day[:4]}" if number and day else number


def _previous(coded: Node, form: Node, own: str | None) -> tuple[str, ...]:
    nodes = [
        *form.below("NOTICE_NUMBER_OJ", "NOTICE_NUMBER"),
        *coded.all("NOTICE_DATA/REF_NOTICE/NO_DOC_OJS"),
    ]
    numbers = (publication_number(node.text) for node in nodes)
    return tuple(dict.fromkeys(number for number in numbers if number and number != own))


def _legal_basis(coded: Node, form: Node) -> str | None:
    stated = _attribute(form.first("LEGAL_BASIS"), "VALUE")
    directive = form.first("DIRECTIVE") or coded.first("CODIF_DATA/DIRECTIVE")  # until 2017
    return stated or _DIRECTIVES.get(_attribute(directive, "VALUE") or "")


def _procedure(reader: _Reader) -> tuple[str | None, ProcedureType | None]:
    """The procedure's element (PT_OPEN) and what it is; else what the coded section says."""
    for node in _all_below(reader.form):
        if node.name.startswith(("PT_", "F15_PT_", "F18_PT_", "F06_PT_")):
            return node.name, next((kind for word, kind in _PROCEDURES if word in node.name), None)
    code = _attribute(reader.coded.first("CODIF_DATA/PR_PROC"), "CODE")
    return (code, _PROCEDURE_BY_CODE[code]) if code in _PROCEDURE_BY_CODE else (None, None)


def _nature(reader: _Reader) -> str | None:
    node = reader.form.nearest("TYPE_CONTRACT")
    stated = _attribute(node, "CTYPE") or _attribute(node, "VALUE")
    code = _attribute(reader.coded.first("CODIF_DATA/NC_CONTRACT_NATURE"), "CODE")
    return stated.lower() if stated else _NATURES.get(code or "")


# --- Parties --------------------------------------------------------------------------------------

_BUYERS = (
    "ADDRESS_CONTRACTING_BODY",
    "ADDRESS_CONTRACTING_BODY_ADDITIONAL",
    "CA_CE_CONCESSIONAIRE_PROFILE",
    "CONTACT_DATA_OTHER_BEHALF_CONTRACTING_AUTORITHY",  # spelled so in the schema
)


def _buyers(reader: _Reader) -> Iterator[Party]:
    nodes = list(reader.form.below(*_BUYERS))
    for number, node in enumerate(nodes):
        party = _party(reader, node)
        if party:
            own = party.url or (_link(reader.form, "URL_GENERAL") if number == 0 else None)
            yield replace(party, url=own, leads=number == 0 and len(nodes) > 1)


def _party(reader: _Reader, node: Node) -> Party | None:
    """An address of any form; the oldest have the name as the text of ORGANISATION."""
    name = node.value("OFFICIALNAME", "ORGANISATION/OFFICIALNAME", "ORGANISATION")
    if not name:
        return None
    number = node.value("NATIONALID", "ORGANISATION/NATIONALID")
    land = values.country(_attribute(node.first("COUNTRY"), "VALUE"))
    identifiers = values.identifiers([number], land or reader.country)
    return Party(
        name=reader.findings.words([(reader.language, " ".join(name.split()))], "organisation"),
        number=values.org_number(identifiers, land or reader.country),
        identifiers=identifiers,
        country=land,
        town=node.value("TOWN"),
        email=values.email(node.value("E_MAIL", "E_MAILS/E_MAIL")),
        phone=node.value("PHONE"),
        url=values.link(node.value("URL", "URL_GENERAL")),
    )


def _contact_point(form: Node) -> ContactPoint | None:
    """Where to ask: the address for further information, or else the first of the buyers."""
    for node in form.below("ADDRESS_FURTHER_INFO", *_BUYERS):
        found = ContactPoint(
            name=" ".join((node.value("CONTACT_POINT") or "").split()) or None,
            email=values.email(node.value("E_MAIL", "E_MAILS/E_MAIL")),
            phone=node.value("PHONE"),
        )
        if found != ContactPoint():
            return found
    return None


def _review_body(reader: _Reader) -> Party | None:
    node = reader.form.nearest("ADDRESS_REVIEW_BODY")
    if node is None:
        around = reader.form.nearest(
            "APPEAL_PROCEDURE_BODY_RESPONSIBLE", "RESPONSIBLE_FOR_APPEAL_PROCEDURES"
        )
        node = around if around is not None and around.has("ORGANISATION") else None
        if around is not None and node is None:
            node = next(_addresses(around), None)
    return _party(reader, node) if node is not None else None


# --- What is bought -------------------------------------------------------------------------------


def _objects(form: Node) -> list[Node]:
    """R2.0.9 only: planning forms may have several."""
    return list(form.all("OBJECT_CONTRACT"))


def _title(reader: _Reader, root: Node) -> Words:
    """In the original language first, and then in those that the form stands in beside it."""
    forms = [node for section in root.all("FORM_SECTION") for node in section.children]
    texts = []
    for form in (reader.form, *forms):
        objects = _objects(form)
        node = objects[0].first("TITLE") if objects else None
        node = node or form.nearest("TITLE_CONTRACT", "TITLE")
        if node is not None:
            texts.append((form.attributes.get("LG") or reader.language, _paragraphs(node)))
    return reader.findings.words(texts, "title")


def _description(reader: _Reader) -> Words:
    objects = _objects(reader.form)
    if objects:
        return reader.words(objects[0].first("SHORT_DESCR"), "description")
    names = (*_SHORT, "QUANTITY_SCOPE_WORKS_DEFENCE", "TOTAL_QUANTITY_OR_SCOPE")
    return reader.words(reader.form.nearest(*names), "description")


_SHORT = ("SHORT_CONTRACT_DESCRIPTION", "SHORT_DESCRIPTION", "SHORT_DESCR")


def _cpv(reader: _Reader) -> tuple[str | None, tuple[str, ...]]:
    """The object's own codes; the coded section's are those of all lots together."""
    main = next(_codes(reader.form.below("CPV_MAIN")), None)
    coded = [
        node.attributes.get("CODE", "") for node in reader.coded.all("NOTICE_DATA/ORIGINAL_CPV")
    ]
    more = [*_codes(reader.form.below("CPV_ADDITIONAL")), *coded]
    return values.cpv_codes(main or next(iter(coded), None), more)


def _codes(nodes: Iterable[Node]) -> Iterator[str]:
    for node in nodes:
        for code in node.all("CPV_CODE"):
            yield code.attributes.get("CODE", "")


def _estimated(reader: _Reader) -> tuple[Money | None, Money | None]:
    """The estimated value of the whole: the least where a range is given, and the value or the
    most."""
    for whole in _objects(reader.form):
        if found := reader.money(whole.first("VAL_ESTIMATED_TOTAL"), "estimated"):
            return None, found
    for node in reader.coded.all("NOTICE_DATA/VALUES/VALUE"):
        if node.attributes.get("TYPE") == "ESTIMATED_TOTAL":
            return None, reader.money(node, "estimated")
    if _objects(reader.form):
        return None, None
    inside = _outside(reader.form, {*_AWARDS, *_ANNEXES, "TOTAL_FINAL_VALUE"})
    for node in inside:
        if node.name == "COSTS_RANGE_AND_CURRENCY":
            return _range(reader, node, "estimated")
    return None, None


def _range(reader: _Reader, node: Node, name: str) -> tuple[Money | None, Money | None]:
    """A value alone or from–to, in either dialect."""
    around = node.first("RANGE_VALUE_COST", "VAL_RANGE_TOTAL") or (
        node if node.has("LOW", "LOW_VALUE") else None
    )
    if around is None:
        return None, reader.money(node, name)
    currency = around.attributes.get("CURRENCY") or node.attributes.get("CURRENCY")
    ends = []
    for end in (around.first("LOW", "LOW_VALUE"), around.first("HIGH", "HIGH_VALUE")):
        text = (end.attributes.get("FMTVAL") or end.text) if end is not None else None
        ends.append(reader.findings.money(text, currency, name))
    return ends[0], ends[1]


def _total(reader: _Reader) -> Money | None:
    """Awarded in all."""
    for whole in _objects(reader.form):
        if found := reader.money(whole.first("VAL_TOTAL"), "total"):
            return found
    for node in reader.coded.all("NOTICE_DATA/VALUES/VALUE"):
        if node.attributes.get("TYPE") == "PROCUREMENT_TOTAL":
            return reader.money(node, "total")
    final = reader.form.nearest("TOTAL_FINAL_VALUE", "OBJECT_CONTRACT_AWARD_UTILITIES")
    inner = final.first("COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE") if final else None
    return _range(reader, inner, "total")[1] if inner else None


_ANNEXES = (
    "F01_ANNEX_B",
    "F02_ANNEX_B",
    "F04_ANNEX_B",
    "F05_ANNEX_B",
    "F16_ANNEX_B",
    "F17_ANNEX_B",
    "ANNEX_B",
)


def _lots(reader: _Reader) -> Iterator[Lot]:
    """The parts; what is not divided is one lot, named by its number in the form."""
    objects = _objects(reader.form)
    number = 0
    for whole in objects:
        shared = _shared(reader, whole)
        for node in whole.all("OBJECT_DESCR"):
            number += 1
            yield _lot(reader, node, number, shared)
    if objects:
        return
    annexes = list(reader.form.below(*_ANNEXES))
    whole_form = not annexes and reader.form.nearest("TITLE_CONTRACT") is not None
    shared = Lot(
        id="",
        period=_framework_period(reader),
        framework=_old_framework(reader),
        dynamic=True if reader.form.nearest("SETTING_UP_DPS") else None,
        document_url=reader.documents,
        submission_url=reader.submission,
        criteria=tuple(_old_criteria(reader)),
        criteria_in_documents=True
        if reader.form.nearest("CRITERIA_STATED_IN_OTHER_DOCUMENT") is not None
        else None,
        validity=_validity(reader),
    )
    for number, node in enumerate([reader.form] if whole_form else annexes, 1):
        yield _old_lot(reader, node, number, shared, whole=whole_form)


def _shared(reader: _Reader, whole: Node) -> Lot:
    """What holds for every lot of an object, looked up once."""
    procedure = reader.form.first("PROCEDURE") or _EMPTY
    return Lot(
        id="",
        title=reader.words(whole.first("TITLE"), "title"),
        reference=reader.line(whole.first("REFERENCE_NUMBER")),
        cpv=values.cpv(next(_codes(whole.all("CPV_MAIN")), None)),
        framework=_framework(reader, procedure),
        dynamic=True if procedure.has("DPS") else None,
        document_url=reader.documents,
        submission_url=reader.submission,
        validity=_validity(reader),
    )


def _lot(reader: _Reader, node: Node, number: int, shared: Lot) -> Lot:
    key = " ".join((node.value("LOT_NO") or str(number)).split())
    _main, more = values.cpv_codes(shared.cpv, _codes(node.all("CPV_ADDITIONAL")))
    return replace(
        shared,
        id=key,
        title=reader.words(node.first("TITLE"), "title", key) or shared.title,
        description=reader.words(node.first("SHORT_DESCR"), "description", key),
        cpv_more=more,
        estimated=reader.money(node.first("VAL_OBJECT", "VAL_ESTIMATED_TOTAL"), "estimated", key),
        period=_period(reader, node, key),
        renewals=_renewals(reader, node, key),
        options=reader.words(node.first("OPTIONS_DESCR"), "options", key),
        places=_places(node),
        criteria=tuple(_criteria(reader, node, key)),
        criteria_in_documents=True if node.has("AC/AC_PROCUREMENT_DOC") else None,
    )


def _criteria(reader: _Reader, node: Node, where: str) -> Iterator[Criterion]:
    """What a lot's AC says: qualities, costs and the price, each with its weight as written."""
    around = node.first("AC")
    for one in around.children if around is not None else ():
        kind = _CRITERIA.get(one.name)
        if kind is not None:
            yield _weighed(
                reader, kind, one.first("AC_CRITERION"), one.value("AC_WEIGHTING"), where
            )


def _weighed(
    reader: _Reader, kind: CriterionKind | None, name: Node | None, text: str | None, where: str
) -> Criterion:
    weight = reader.findings.weight(text, "criteria", where)
    is_percent = bool(weight and re.fullmatch(r"\d+([.,]\d+)? ?%", weight))
    return Criterion(
        kind=kind,
        name=reader.words(name, "criteria", where),
        weight=weight.rstrip("% ") if weight and is_percent else weight,
        unit=WeightUnit.PERCENT if is_percent else None,
    )


def _old_criteria(reader: _Reader) -> Iterator[Criterion]:
    """R2.0.8: the lowest price, or criteria in their order; none where they are told elsewhere."""
    around = reader.form.nearest("AWARD_CRITERIA_DETAIL", "AWARD_CRITERIA")
    if around is None:
        return
    if around.nearest("LOWEST_PRICE") is not None:
        yield Criterion(kind=CriterionKind.PRICE)
    for one in around.below("CRITERIA_DEFINITION"):
        name = one.first("CRITERIA")
        yield _weighed(reader, None, name, one.value("WEIGHTING"), "")


def _validity(reader: _Reader) -> Period | None:
    """How long a tender must stand: a last day, or a length from the last day for tenders."""
    around = reader.form.nearest("MINIMUM_TIME_MAINTAINING_TENDER")  # R2.0.8
    length, unit = None, None
    day = reader.form.nearest("DATE_TENDER_VALID", *(["UNTIL_DATE"] if around else []))
    if span := reader.form.nearest("DURATION_TENDER_VALID"):
        length = reader.findings.number(span.text, "validity")
        unit = _UNITS.get(span.attributes.get("TYPE", "").upper())
    for name, counted in (("PERIOD_MONTH", LengthUnit.MONTH), ("PERIOD_DAY", LengthUnit.DAY)):
        if length is None and around is not None and (text := around.value(name)):
            length, unit = reader.findings.number(text, "validity"), counted
    found = Period(
        end=reader.day(day, "validity"),
        length=length if unit else None,
        unit=unit if length is not None else None,
    )
    return found if found != Period() else None


def _period(reader: _Reader, node: Node, where: str) -> Period | None:
    span = node.first("DURATION")
    length = reader.findings.number(span.text if span else None, "length", where)
    unit = _UNITS.get(span.attributes.get("TYPE", "").upper()) if span else None
    found = Period(
        start=reader.day(node.first("DATE_START"), "start", where),
        end=reader.day(node.first("DATE_END"), "end", where),
        length=length if unit else None,
        unit=unit if length is not None else None,
        unlimited=True if node.has("INDEFINITE_DURATION") else None,
    )
    return found if found != Period() else None


def _renewals(reader: _Reader, node: Node, where: str) -> Renewals | None:
    """The buyer's words, and none at all where the form says that there are none."""
    text = reader.words(node.first("RENEWAL_DESCR"), "renewals", where)
    if text or node.has("RENEWAL"):
        return Renewals(None, text)
    return Renewals(0) if node.has("NO_RENEWAL") else None


def _framework(reader: _Reader, procedure: Node) -> Framework | None:
    node = procedure.first("FRAMEWORK")
    if node is None:
        return None
    most = reader.findings.number(node.value("NB_PARTICIPANTS"), "participants")
    one = 1 if node.has("SINGLE_OPERATOR") else None
    return Framework(FrameworkKind.UNSPECIFIED, None, most if most is not None else one)


def _places(node: Node) -> tuple[str, ...]:
    codes = (place.attributes.get("CODE") for place in node.below("NUTS"))
    return tuple(dict.fromkeys(code for code in codes if code))


def _old_lot(reader: _Reader, node: Node, number: int, shared: Lot, *, whole: bool) -> Lot:
    """A lot of R2.0.8: an annex B, or the whole form where there is none; with what all share."""
    inside = Node(node.name, {})
    inside.children = [child for child in node.children if child.name not in _AWARDS]
    key = str(number) if whole else (inside.value("LOT_NUMBER") or str(number))
    main, more = values.cpv_codes(
        next(_codes(inside.below("CPV_MAIN")), None), _codes(inside.below("CPV_ADDITIONAL"))
    )
    title = inside.nearest("TITLE_CONTRACT") if whole else inside.first("LOT_TITLE")
    text = inside.nearest(*(_SHORT if whole else ("LOT_DESCRIPTION", "SHORT_DESCR")))
    value = inside.nearest("COSTS_RANGE_AND_CURRENCY")
    return replace(
        shared,
        id=key,
        title=reader.words(title, "title", key),
        description=reader.words(text, "description", key),
        cpv=main,
        cpv_more=more,
        estimated=_range(reader, value, "estimated")[1] if value else None,
        period=_old_period(reader, inside, key) or shared.period,
        renewals=_old_renewals(reader, inside, key),
        options=reader.words(inside.nearest("OPTION_DESCRIPTION"), "options", key),
        places=_places(inside),
    )


def _old_period(reader: _Reader, node: Node, where: str) -> Period | None:
    around = node.nearest("PERIOD_WORK_DATE_STARTING", "SCHEDULED_DATE_PERIOD")
    if around is None:
        return None
    start = around.first("INTERVAL_DATE/START_DATE", "PERIOD/INTERVAL_DATE/START_DATE")
    end = around.first("INTERVAL_DATE/END_DATE", "PERIOD/INTERVAL_DATE/END_DATE")
    length, unit = None, None
    for name, counted in (("MONTHS", LengthUnit.MONTH), ("DAYS", LengthUnit.DAY)):
        if length is None and (text := around.value(name, f"PERIOD/{name}")):
            length = reader.findings.number(text, "length", where)
            unit = counted if length is not None else None
    found = Period(
        start=reader.day(start, "start", where),
        end=reader.day(end, "end", where),
        length=length,
        unit=unit,
    )
    return found if found != Period() else None


def _framework_period(reader: _Reader) -> Period | None:
    """How long a framework agreement runs, in forms where nothing else says it."""
    for name, unit in (
        ("DURATION_FRAMEWORK_MONTH", LengthUnit.MONTH),
        ("DURATION_FRAMEWORK_YEAR", LengthUnit.YEAR),
    ):
        node = reader.form.nearest(name)
        length = reader.findings.number(node.text, "length") if node else None
        if length is not None:
            return Period(length=length, unit=unit)
    return None


def _old_renewals(reader: _Reader, node: Node, where: str) -> Renewals | None:
    most = node.nearest("NUMBER_POSSIBLE_RENEWALS", "NUMBER_POSSIBLE_RENEWALS_RANGE_MAX")
    if most is None:
        return Renewals(0) if node.nearest("NO_RECURRENT_CONTRACT") else None
    return Renewals(reader.findings.number(most.text, "renewals", where))


def _old_framework(reader: _Reader) -> Framework | None:
    frame = reader.form.nearest(*(f"F{form:02}_FRAMEWORK" for form in (2, 5, 17)))
    agreed = "FRAMEWORK_AGREEMENT"
    stated = any(
        agreed in node.name or agreed in node.attributes.get("VALUE", "")
        for node in reader.form.below(
            "ESTABLISHMENT_FRAMEWORK_AGREEMENT",
            "CONCLUSION_FRAMEWORK_AGREEMENT",
            "NOTICE_INVOLVES",
            "NOTICE_INVOLVES_DEFENCE",
            "NOTICE_INVOLVES_DESC",
            "NOTICE_INVOLVES_DESC_DEFENCE",
        )
    )
    if frame is None and not stated:
        return None
    inside = frame or _EMPTY
    most = reader.findings.number(
        inside.value("SEVERAL_OPERATORS/MAX_NUMBER_PARTICIPANTS"), "participants"
    )
    one = 1 if inside.has("SINGLE_OPERATOR") else None
    return Framework(FrameworkKind.UNSPECIFIED, None, most if most is not None else one)


def _link(form: Node, *names: str) -> str | None:
    found = (values.link(node.text) for name in names for node in form.below(name))
    return next(filter(None, found), None)


# --- Deadlines ------------------------------------------------------------------------------------


def _deadlines(
    reader: _Reader, procedure: ProcedureType | None, changes: Iterable[StatedChange]
) -> Iterator[Deadline]:
    """The form's, else the coded section's. With two stages it is requests that are due first."""
    form = reader.form
    one_stage = procedure is None or procedure in _ONE_STAGE
    kind = DeadlineKind.TENDERS if one_stage else DeadlineKind.REQUESTS
    if form.name in {"F14_2014", "ADDITIONAL_INFORMATION_CORRIGENDUM"}:
        yield from _new_deadlines(reader, changes, kind)
        return
    node = form.nearest("DATE_RECEIPT_TENDERS", "RECEIPT_LIMIT_DATE", "DEADLINE_RECEIPT_TENDERS")
    day, clock = _day_text(node), None
    if node is not None:
        time = form.nearest("TIME_RECEIPT_TENDERS")
        clock = node.value("TIME") or (time.text if time is not None else None)
    coded, _, at = (reader.coded.value("CODIF_DATA/DT_DATE_FOR_SUBMISSION") or "").partition(" ")
    if day is None:
        day, clock = coded, at
    elif not clock and at and values.read_day(coded) == values.read_day(day):
        clock = at
    if found := reader.findings.deadline(kind, day, clock or None):
        yield found
    opened = form.nearest("DATE_OPENING_TENDERS", "DATE_TIME")
    if opened is not None:
        time = form.nearest("TIME_OPENING_TENDERS")
        clock = opened.value("TIME") or (time.text if time is not None else None)
        if found := reader.findings.deadline(DeadlineKind.OPENING, _day_text(opened), clock):
            yield found


_DUE, _OPENED = frozenset({"IV.2.2", "IV.3.4"}), frozenset({"IV.2.7", "IV.3.8"})
"""The sections of the time limit for tenders or requests and of the opening, in both dialects."""


def _new_deadlines(
    reader: _Reader, changes: Iterable[StatedChange], due: DeadlineKind
) -> Iterator[Deadline]:
    """The deadlines that a corrigendum moves, by the section that it says it changes."""
    for change in changes:
        section = (change.section or "").strip().strip(")").replace(" ", "")
        kind = due if section in _DUE else DeadlineKind.OPENING if section in _OPENED else None
        if kind and change.new and values.read_day(change.new):
            day, _, clock = change.new.partition(" ")
            if found := reader.findings.deadline(kind, day, clock or None):
                yield found


def _changes(reader: _Reader) -> Iterator[StatedChange]:
    """What a corrigendum says that it changes (F14, section VII)."""
    for node in reader.form.below("CHANGE"):
        lot = node.value("WHERE/LOT_NO")
        yield StatedChange(
            section=node.value("WHERE/SECTION") or lot,
            text=reader.words(node.first("WHERE/LABEL"), "changes"),
            old=_changed_value(reader, node.first("OLD_VALUE")),
            new=_changed_value(reader, node.first("NEW_VALUE")),
        )


def _changed_value(reader: _Reader, node: Node | None) -> str | None:
    if node is None:
        return None
    if (day := node.first("DATE")) is not None:
        return f"{_day_text(day) or ''} {node.value('TIME') or ''}".strip() or None
    codes = [*_codes(node.all("CPV_MAIN")), *_codes(node.all("CPV_ADDITIONAL"))]
    return ", ".join(codes) or reader.line(node)


def _cancelled(awards: tuple[Award, ...]) -> bool:
    """Whether every contract that it tells of was broken off."""
    return bool(awards) and all(one.reason == "procurement_discontinued" for one in awards)


# --- Results --------------------------------------------------------------------------------------


def _awards(reader: _Reader) -> Iterator[Award]:
    for number, node in enumerate(reader.form.below(*_AWARDS), 1):
        yield _award(reader, node, number)


_NOTHING_AWARDED = ("NO_AWARDED_CONTRACT", "NO_AWARDED_PRIZE")


def _award(reader: _Reader, node: Node, number: int) -> Award:
    """One contract of the form's section V; its suppliers are joint winners."""
    key = node.attributes.get("ITEM") or str(number)
    lots = _lot_numbers(node.nearest("LOT_NO", "LOT_NUMBER"))
    nothing = node.nearest(*_NOTHING_AWARDED)
    if nothing is not None:
        why = next((child.name.lower() for child in nothing.children), None)
        return Award(key, lots, AwardStatus.NOT_AWARDED, why)
    winners = [party for n in _addresses(node) if (party := _party(reader, n))]
    signed = reader.day(node.nearest("DATE_CONCLUSION_CONTRACT"), "signed", key)
    # The older forms tell of the decision to award, not of the contract.
    decided = node.nearest("DATE_DECISION_JURY", "CONTRACT_AWARD_DATE", "DATE_OF_CONTRACT_AWARD")
    counted = node.nearest("NB_TENDERS_RECEIVED", "OFFERS_RECEIVED_NUMBER", "NB_PARTICIPANTS")
    for hidden in node.below("CONTRACTORS", "VALUES", "TENDERS"):
        if hidden.attributes.get("PUBLICATION") == "NO" and not hidden.children:
            reader.findings.keep_back(
                {"VALUES": "value"}.get(hidden.name, hidden.name.lower()), key
            )
    least, value = _award_value(reader, node, key)
    contract = Contract(
        id=key,
        reference=reader.line(node.nearest("CONTRACT_NO", "CONTRACT_NUMBER")),
        title=reader.words(
            node.first("TITLE", "CONTRACT_TITLE", "TITLE_CONTRACT"), "contract_title", key
        ),
        decided=reader.day(decided, "decided", key),
        signed=signed,
    )
    return Award(
        id=key,
        lots=lots,
        status=AwardStatus.AWARDED if winners or value or signed else AwardStatus.UNSAID,
        winners=tuple(dict.fromkeys(winners)),
        value=value if least is None else None,
        value_range=(least, value) if least and value else None,
        tenders=reader.findings.number(counted.text if counted else None, "tenders", key),
        contracts=(contract,),
    )


def _addresses(node: Node) -> Iterator[Node]:
    """Everything below that is the address of an organisation, whatever its form calls it."""
    for child in node.children:
        if child.has("OFFICIALNAME", "ORGANISATION"):
            yield child
        else:
            yield from _addresses(child)


def _lot_numbers(node: Node | None) -> tuple[str, ...]:
    """ "1, 2 och 4" is three lots; anything longer than a number is one name."""
    text = " ".join(node.text.split()) if node is not None else ""
    parts = text.replace(" och ", ",").replace(";", ",").replace("&", ",").split(",")
    plain = [part.strip() for part in parts if part.strip()]
    return tuple(dict.fromkeys(plain)) if all(len(part) <= 12 for part in plain) else (text,)


def _award_value(reader: _Reader, node: Node, key: str) -> tuple[Money | None, Money | None]:
    """What the contract is worth: never the estimate that stands beside it."""
    around = node.nearest("VALUES", "CONTRACT_VALUE_INFORMATION")
    inner = (
        around.first(
            "VAL_TOTAL",
            "VAL_RANGE_TOTAL",
            "COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE",
            "COSTS_RANGE_AND_CURRENCY",
        )
        if around
        else node.nearest(
            "VAL_TOTAL",
            "VAL_RANGE_TOTAL",
            "VAL_PRIZE",
            "VALUE_PRIZE",
            "COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE",
        )
    )
    return _range(reader, inner, "value") if inner else (None, None)


def _modification(reader: _Reader) -> Modification | None:
    """F20: section VII."""
    around = reader.form.nearest("MODIFICATIONS_CONTRACT")
    node = around.first("INFO_MODIFICATIONS") if around else None
    if around is None or node is None:
        return None
    reasons = ("ADDITIONAL_NEED", "UNFORESEEN_CIRCUMSTANCE")
    reason = node.first(*reasons)
    return Modification(
        contract=reader.line(reader.form.first("AWARD_CONTRACT/CONTRACT_NO")),
        description=reader.words(node.first("SHORT_DESCR"), "modification"),
        reason_code=reason.name.lower() if reason else None,
        reason=reader.words(reason, "modification"),
        before=reader.money(node.first("VALUES/VAL_TOTAL_BEFORE"), "before"),
        after=reader.money(node.first("VALUES/VAL_TOTAL_AFTER"), "after"),
    )


# --- Small readings -------------------------------------------------------------------------------


def _attribute(node: Node | None, name: str) -> str | None:
    return (node.attributes.get(name) or None) if node is not None else None


def _paragraphs(node: Node) -> str:
    """An element's text and that of everything below it, a line each."""
    return "\n".join(filter(None, (node.text, *(_paragraphs(child) for child in node.children))))


def _day_text(node: Node | None) -> str | None:
    """A day as text, from one text or from DAY, MONTH and YEAR."""
    if node is None:
        return None
    year, month, day = (node.value(name) for name in ("YEAR", "MONTH", "DAY"))
    return f"{year}-{month:0>2}-{day:0>2}" if year and month and day else node.text or None


def _all_below(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _all_below(child)


def _outside(node: Node, without: set[str]) -> Iterator[Node]:
    """Every node below, but for those of some names and what is in them."""
    for child in node.children:
        if child.name not in without:
            yield child
            yield from _outside(child, without)


def _note_currencies(notice: Notice, findings: Findings) -> None:
    amounts = [notice.estimated, notice.total, *(lot.estimated for lot in notice.lots)]
    amounts += [award.value for award in notice.awards]
    currencies = dict.fromkeys(one.currency for one in amounts if one)
    if len(currencies) > 1:
        findings.doubt(DoubtKind.CURRENCIES, "value", ", ".join(currencies))
