"""Small notices built for one trait each, in the formats' own words."""

_SPACES = (
    'xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2" '
    'xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2" '
    'xmlns:ext="urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2" '
    'xmlns:efac="http://data.europa.eu/p27/eforms-ubl-extension-aggregate-components/1" '
    'xmlns:efbc="http://data.europa.eu/p27/eforms-ubl-extension-basic-components/1" '
    'xmlns:efext="http://data.europa.eu/p27/eforms-ubl-extensions/1"'
)


def extension(content: str) -> str:
    return (
        "<ext:UBLExtensions><ext:UBLExtension><ext:ExtensionContent><efext:EformsExtension>"
        f"{content}"
        "</efext:EformsExtension></ext:ExtensionContent></ext:UBLExtension></ext:UBLExtensions>"
    )


def organisation(
    key: str, name: str, number: str = "", country: str = "SWE", more: str = "", lead: str = ""
) -> str:
    identity = (
        f"<cac:PartyLegalEntity><cbc:CompanyID>{number}</cbc:CompanyID></cac:PartyLegalEntity>"
        if number
        else ""
    )
    return (
        f"<efac:Organization>{lead}<efac:Company>"
        f"<cac:PartyIdentification><cbc:ID>{key}</cbc:ID></cac:PartyIdentification>"
        f'<cac:PartyName><cbc:Name languageID="SWE">{name}</cbc:Name></cac:PartyName>'
        f"<cac:PostalAddress><cac:Country><cbc:IdentificationCode>{country}"
        f"</cbc:IdentificationCode></cac:Country></cac:PostalAddress>{identity}"
        f"</efac:Company>{more}</efac:Organization>"
    )


def buyer(key: str = "ORG-0001") -> str:
    return (
        "<cac:ContractingParty><cac:Party><cac:PartyIdentification>"
        f"<cbc:ID>{key}</cbc:ID></cac:PartyIdentification></cac:Party></cac:ContractingParty>"
    )


def lot(process: str = "", project: str = "", terms: str = "", key: str = "LOT-0001") -> str:
    return (
        f'<cac:ProcurementProjectLot><cbc:ID schemeName="Lot">{key}</cbc:ID>'
        f"<cac:TenderingTerms>{terms}</cac:TenderingTerms>"
        f"<cac:TenderingProcess>{process}</cac:TenderingProcess>"
        f"<cac:ProcurementProject>{project}</cac:ProcurementProject></cac:ProcurementProjectLot>"
    )


def tenders_due(day: str, clock: str | None = None) -> str:
    at = f"<cbc:EndTime>{clock}</cbc:EndTime>" if clock else ""
    return (
        "<cac:TenderSubmissionDeadlinePeriod>"
        f"<cbc:EndDate>{day}</cbc:EndDate>{at}</cac:TenderSubmissionDeadlinePeriod>"
    )


def eforms(
    body: str = "",
    extra: str = "",
    organisations: str | None = None,
    root: str = "ContractNotice",
    form: tuple[str, str] = ("competition", "cn-standard"),
    title: str = '<cbc:Name languageID="SWE">Skolmöbler</cbc:Name>',
) -> bytes:
    """A notice with what every one must have, and what the test is about."""
    known = organisations if organisations is not None else organisation("ORG-0001", "Åre kommun")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><{root} '
        f'xmlns="urn:oasis:names:specification:ubl:schema:xsd:{root}-2" {_SPACES}>'
        + extension(f"{extra}<efac:Organizations>{known}</efac:Organizations>")
        + '<cbc:ID schemeName="notice-id">00000000-0000-4000-8000-000000000001</cbc:ID>'
        "<cbc:ContractFolderID>00000000-0000-4000-8000-00000000000a</cbc:ContractFolderID>"
        "<cbc:IssueDate>2026-11-20+01:00</cbc:IssueDate><cbc:VersionID>01</cbc:VersionID>"
        f'<cbc:NoticeTypeCode listName="{form[0]}">{form[1]}</cbc:NoticeTypeCode>'
        "<cbc:NoticeLanguageCode>SWE</cbc:NoticeLanguageCode>"
        f"{buyer()}<cac:ProcurementProject>{title}</cac:ProcurementProject>{body}</{root}>"
    ).encode()


def result(content: str) -> bytes:
    """A result notice, with organisations ORG-0001 (the buyer) to ORG-0004."""
    names = ("Åre kommun", "Alfa AB", "Beta AB", "Gamma AB")
    known = "".join(organisation(f"ORG-000{n}", name) for n, name in enumerate(names, 1))
    return eforms(
        lot(),
        f"<efac:NoticeResult>{content}</efac:NoticeResult>",
        known,
        "ContractAwardNotice",
        ("result", "can-standard"),
    )


def lot_result(
    lots: str = "LOT-0001",
    tenders: str = "",
    contracts: str = "",
    code: str = "selec-w",
    more: str = "",
) -> str:
    return (
        f"<efac:LotResult><cbc:ID>RES-0001</cbc:ID><cbc:TenderResultCode>{code}</cbc:TenderResultCode>"
        + more
        + "".join(f"<efac:LotTender><cbc:ID>{x}</cbc:ID></efac:LotTender>" for x in tenders.split())
        + "".join(
            f"<efac:SettledContract><cbc:ID>{x}</cbc:ID></efac:SettledContract>"
            for x in contracts.split()
        )
        + "".join(f"<efac:TenderLot><cbc:ID>{x}</cbc:ID></efac:TenderLot>" for x in lots.split())
        + "</efac:LotResult>"
    )


def tender(key: str, party: str, amount: str = "", currency: str = "SEK") -> str:
    money = (
        f'<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="{currency}">{amount}'
        "</cbc:PayableAmount></cac:LegalMonetaryTotal>"
        if amount
        else ""
    )
    return (
        f"<efac:LotTender><cbc:ID>{key}</cbc:ID>{money}<efac:TenderingParty>"
        f"<cbc:ID>{party}</cbc:ID></efac:TenderingParty></efac:LotTender>"
    )


def party(key: str, members: str) -> str:
    named = "".join(
        f"<efac:Tenderer><cbc:ID>{member}</cbc:ID></efac:Tenderer>" for member in members.split()
    )
    return f"<efac:TenderingParty><cbc:ID>{key}</cbc:ID>{named}</efac:TenderingParty>"


def contract(key: str, tenders: str, signed: str = "2027-03-12+01:00") -> str:
    named = "".join(
        f"<efac:LotTender><cbc:ID>{x}</cbc:ID></efac:LotTender>" for x in tenders.split()
    )
    return (
        f"<efac:SettledContract><cbc:ID>{key}</cbc:ID><cbc:IssueDate>{signed}</cbc:IssueDate>"
        f"{named}</efac:SettledContract>"
    )


def ted_export(
    form: str,
    name: str = "F02_2014",
    number: str = "F02",
    coded: str = "",
    notice_type: str = "",
    others: str = "",
    codified: str = "",
) -> bytes:
    """A notice of R2.0.9, of which the test says the inside of the form."""
    stage = f'<NOTICE TYPE="{notice_type}"/>' if notice_type else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<TED_EXPORT xmlns="http://publications.europa.eu/resource/schema/ted/R2.0.9/publication" '
        'VERSION="R2.0.9.S05.E01" DOC_ID="123456-2022"><CODED_DATA_SECTION><REF_OJS><NO_OJ>50</NO_OJ>'
        "<DATE_PUB>20220311</DATE_PUB></REF_OJS><NOTICE_DATA><NO_DOC_OJS>2022/S 050-123456</NO_DOC_OJS>"
        f'<LG_ORIG>SV</LG_ORIG><ISO_COUNTRY VALUE="SE"/>{coded}</NOTICE_DATA>'
        f"<CODIF_DATA><DS_DATE_DISPATCH>20220308</DS_DATE_DISPATCH>{codified}</CODIF_DATA>"
        f"</CODED_DATA_SECTION><FORM_SECTION>{others}"
        f'<{name} CATEGORY="ORIGINAL" FORM="{number}" LG="SV"><LEGAL_BASIS VALUE="32014L0024"/>'
        f"{stage}{form}</{name}></FORM_SECTION></TED_EXPORT>"
    ).encode()
