"""What TED_EXPORT notices do that the samples do not: all forms, both dialects, and their traps."""

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest

from crm.adapters.notices.upload import read_upload
from crm.rules.notices import (
    AwardStatus,
    ContactPoint,
    Criterion,
    CriterionKind,
    DeadlineKind,
    DoubtKind,
    FrameworkKind,
    LengthUnit,
    Money,
    Notice,
    NoticeKind,
    Period,
    ProcedureType,
    WeightUnit,
)
from tests.adapters.notices import builders as make

BUYER = (
    "<CONTRACTING_BODY><ADDRESS_CONTRACTING_BODY><OFFICIALNAME>Åre kommun</OFFICIALNAME>"
    '<NATIONALID>212000-2502</NATIONALID><TOWN>Järpen</TOWN><COUNTRY VALUE="SE"/>'
    "</ADDRESS_CONTRACTING_BODY></CONTRACTING_BODY>"
)
OBJECT = (
    "<OBJECT_CONTRACT><TITLE><P>Skolmöbler</P></TITLE>"
    '<CPV_MAIN><CPV_CODE CODE="39160000"/></CPV_MAIN>{}</OBJECT_CONTRACT>'
)


def read(content: bytes) -> Notice:
    (result,) = read_upload("notice.xml", BytesIO(content))
    assert result.problem is None
    (notice,) = result.notices
    return notice


def form(more: str = "", inside: str = "", **options: str) -> Notice:
    """A notice of R2.0.9 with a buyer, an object and what the test is about."""
    return read(make.ted_export(BUYER + OBJECT.format(inside) + more, **options))


K = NoticeKind


@pytest.mark.parametrize(
    "name,number,notice_type,kind",
    [
        ("F01_2014", "F01", "PRI_ONLY", K.PLANNING),
        ("F01_2014", "F01", "PRI_CALL_COMPETITION", K.COMPETITION),
        ("F02_2014", "F02", "", K.COMPETITION),
        ("F03_2014", "F03", "", K.RESULT),
        ("F04_2014", "F04", "PER_ONLY", K.PLANNING),
        ("F04_2014", "F04", "PER_CALL_COMPETITION", K.COMPETITION),
        ("F05_2014", "F05", "", K.COMPETITION),
        ("F06_2014", "F06", "", K.RESULT),
        ("F07_2014", "F07", "QSU_ONLY", K.QUALIFICATION),
        ("F08_2014", "F08", "", K.PROFILE),
        ("F12_2014", "F12", "", K.COMPETITION),
        ("F13_2014", "F13", "", K.RESULT),
        ("F14_2014", "F14", "", K.CHANGE),
        ("F15_2014", "F15", "", K.DIRECT_AWARD),
        ("F20_2014", "F20", "", K.MODIFICATION),
        ("F21_2014", "F21", "PRI", K.COMPETITION),
        ("F21_2014", "F21", "CONTRACT", K.COMPETITION),
        ("F21_2014", "F21", "AWARD_CONTRACT", K.RESULT),
        ("F22_2014", "F22", "CONTRACT", K.COMPETITION),
        ("F22_2014", "F22", "AWARD_CONTRACT", K.RESULT),
        ("F23_2014", "F23", "PRI", K.COMPETITION),
        ("F23_2014", "F23", "CONCESSION_AWARD_CONTRACT", K.RESULT),
        ("F24_2014", "F24", "", K.COMPETITION),
        ("F25_2014", "F25", "", K.RESULT),
        ("PRIOR_INFORMATION", "1", "", K.PLANNING),
        ("CONTRACT", "2", "", K.COMPETITION),
        ("CONTRACT_AWARD", "3", "", K.RESULT),
        ("PERIODIC_INDICATIVE_UTILITIES", "4", "", K.PLANNING),
        ("CONTRACT_UTILITIES", "5", "", K.COMPETITION),
        ("CONTRACT_AWARD_UTILITIES", "6", "", K.RESULT),
        ("QUALIFICATION_SYSTEM_UTILITIES", "7", "", K.QUALIFICATION),
        ("BUYER_PROFILE", "8", "", K.PROFILE),
        ("SIMPLIFIED_CONTRACT", "9", "", K.COMPETITION),
        ("CONCESSION", "10", "", K.COMPETITION),
        ("CONTRACT_CONCESSIONAIRE", "11", "", K.COMPETITION),
        ("DESIGN_CONTEST", "12", "", K.COMPETITION),
        ("RESULT_DESIGN_CONTEST", "13", "", K.RESULT),
        ("ADDITIONAL_INFORMATION_CORRIGENDUM", "14", "", K.CHANGE),
        ("VOLUNTARY_EX_ANTE_TRANSPARENCY_NOTICE", "15", "", K.DIRECT_AWARD),
        ("PRIOR_INFORMATION_DEFENCE", "16", "", K.PLANNING),
        ("CONTRACT_DEFENCE", "17", "", K.COMPETITION),
        ("CONTRACT_AWARD_DEFENCE", "18", "", K.RESULT),
        ("CONTRACT_CONCESSIONAIRE_DEFENCE", "19", "", K.COMPETITION),
        ("PRIOR_INFORMATION_MOVE", "T01", "", K.PLANNING),
        ("CONTRACT_MOVE", "T02", "", K.RESULT),
        ("OTH_NOT", "99", "", K.OTHER),
    ],
)
def test_every_form_has_its_kind(name: str, number: str, notice_type: str, kind: K) -> None:
    notice = form(name=name, number=number, notice_type=notice_type)
    assert notice.kind is kind
    assert str(notice.title) == "Skolmöbler"
    assert notice.buyers[0].number == "2120002502"
    assert notice.publication_number == "123456-2022"


def test_a_form_for_several_stages_that_does_not_say_which_goes_by_the_kind_of_document() -> None:
    code = '<TD_DOCUMENT_TYPE CODE="7"/>'
    assert form(name="F22_2014", number="F22", codified=code).kind is K.RESULT


def test_the_original_language_first_and_the_others_beside_it() -> None:
    finnish = (
        '<F02_2014 CATEGORY="TRANSLATION" FORM="F02" LG="FI">'
        "<OBJECT_CONTRACT><TITLE><P>Koulukalusteet</P></TITLE></OBJECT_CONTRACT></F02_2014>"
    )
    notice = form(others=finnish)
    assert notice.title.texts == (("sv", "Skolmöbler"), ("fi", "Koulukalusteet"))
    assert len(notice.buyers) == 1


@pytest.mark.parametrize(
    "element,procedure,kind",
    [
        ("PT_OPEN", ProcedureType.OPEN, DeadlineKind.TENDERS),
        ("PT_RESTRICTED", ProcedureType.RESTRICTED, DeadlineKind.REQUESTS),
        ("PT_COMPETITIVE_NEGOTIATION", ProcedureType.NEGOTIATED_WITH_CALL, DeadlineKind.REQUESTS),
        ("PT_NEGOTIATED_WITH_PRIOR_CALL", ProcedureType.NEGOTIATED_WITH_CALL, DeadlineKind.REQUESTS),
        ("PT_COMPETITIVE_DIALOGUE", ProcedureType.DIALOGUE, DeadlineKind.REQUESTS),
        ("PT_INNOVATION_PARTNERSHIP", ProcedureType.INNOVATION, DeadlineKind.REQUESTS),
        ("PT_AWARD_CONTRACT_WITHOUT_CALL", ProcedureType.NEGOTIATED_WITHOUT_CALL, DeadlineKind.REQUESTS),
    ],
)  # fmt: skip
def test_procedures_and_what_is_due_first(
    element: str, procedure: ProcedureType, kind: DeadlineKind
) -> None:
    notice = form(
        f"<PROCEDURE><{element}/><DATE_RECEIPT_TENDERS>2022-04-11</DATE_RECEIPT_TENDERS>"
        "<TIME_RECEIPT_TENDERS>23:59</TIME_RECEIPT_TENDERS>"
        "<DATE_TENDER_VALID>2022-10-01</DATE_TENDER_VALID></PROCEDURE>"
    )
    assert (notice.procedure, notice.procedure_code) == (procedure, element)
    (deadline,) = notice.deadlines
    assert deadline.kind is kind
    assert deadline.at is not None and deadline.at.isoformat() == "2022-04-11T23:59:00+02:00"


@pytest.mark.parametrize(
    "coded,written",
    [
        ("20220328 23:59", datetime(2022, 3, 28, 23, 59)),
        ("20220328", None),
    ],
)
def test_a_deadline_that_only_the_coded_section_has(coded: str, written: datetime | None) -> None:
    (deadline,) = form(
        codified=f"<DT_DATE_FOR_SUBMISSION>{coded}</DT_DATE_FOR_SUBMISSION>"
    ).deadlines
    assert (deadline.day, deadline.wall) == (date(2022, 3, 28), written)


def test_lots() -> None:
    inside = (
        '<VAL_ESTIMATED_TOTAL CURRENCY="SEK">12 000 000</VAL_ESTIMATED_TOTAL>'
        '<OBJECT_DESCR ITEM="1"><TITLE><P>Bord</P></TITLE><LOT_NO>1</LOT_NO>'
        '<CPV_ADDITIONAL><CPV_CODE CODE="39121200"/></CPV_ADDITIONAL>'
        '<VAL_OBJECT CURRENCY="SEK">4000000.50</VAL_OBJECT>'
        '<DURATION TYPE="MONTH">24</DURATION><RENEWAL/><RENEWAL_DESCR><P>24 mån</P></RENEWAL_DESCR>'
        "<OPTIONS/><OPTIONS_DESCR><P>Fler bord</P></OPTIONS_DESCR></OBJECT_DESCR>"
        '<OBJECT_DESCR ITEM="2"><TITLE><P>Stolar</P></TITLE><LOT_NO>2</LOT_NO>'
        "<DATE_START>2022-09-01</DATE_START><DATE_END>2026-08-31</DATE_END>"
        "<NO_RENEWAL/><NO_OPTIONS/></OBJECT_DESCR>"
    )
    frame = "<FRAMEWORK><SEVERAL_OPERATORS/><NB_PARTICIPANTS>3</NB_PARTICIPANTS></FRAMEWORK><DPS/>"
    notice = form(f"<PROCEDURE><PT_OPEN/>{frame}</PROCEDURE>", inside)
    one, two = notice.lots
    assert notice.estimated == Money(1_200_000_000, "SEK")
    assert (one.id, str(one.title), one.cpv, one.cpv_more) == (
        "1",
        "Bord",
        "39160000",
        ("39121200",),
    )
    assert one.estimated == Money(400_000_050, "SEK")
    assert one.period and (one.period.length, one.period.unit) == (24, LengthUnit.MONTH)
    assert one.renewals and (one.renewals.most, str(one.renewals.text)) == (None, "24 mån")
    assert str(one.options) == "Fler bord"
    assert one.framework and one.framework.kind is FrameworkKind.UNSPECIFIED
    assert (one.framework.participants, one.dynamic) == (3, True)
    assert two.period and (two.period.start, two.period.end) == (
        date(2022, 9, 1),
        date(2026, 8, 31),
    )
    assert two.renewals and two.renewals.most == 0
    assert (two.estimated, two.options.texts) == (None, ())


def test_what_tenders_are_weighed_by_how_long_they_stand_and_whom_to_ask() -> None:
    lots = (
        '<OBJECT_DESCR ITEM="1"><LOT_NO>1</LOT_NO><AC>'
        "<AC_QUALITY><AC_CRITERION>Pedagogiskt stöd</AC_CRITERION>"
        "<AC_WEIGHTING>40 %</AC_WEIGHTING></AC_QUALITY>"
        "<AC_COST><AC_CRITERION>Livscykelkostnad</AC_CRITERION>"
        "<AC_WEIGHTING>cirka en femtedel</AC_WEIGHTING></AC_COST>"
        "<AC_PRICE><AC_WEIGHTING>40,5</AC_WEIGHTING></AC_PRICE></AC></OBJECT_DESCR>"
        '<OBJECT_DESCR ITEM="2"><LOT_NO>2</LOT_NO><AC><AC_PROCUREMENT_DOC/></AC></OBJECT_DESCR>'
    )
    stands = "<DURATION_TENDER_VALID TYPE='MONTH'>4</DURATION_TENDER_VALID>"
    notice = form(f"<PROCEDURE><PT_OPEN/>{stands}</PROCEDURE>", lots)
    one, two = notice.lots
    assert [(c.kind, str(c.name), c.weight, c.unit) for c in one.criteria] == [
        (CriterionKind.QUALITY, "Pedagogiskt stöd", "40", WeightUnit.PERCENT),
        (CriterionKind.COST, "Livscykelkostnad", "cirka en femtedel", None),
        (CriterionKind.PRICE, "", "40,5", None),
    ]
    assert (one.criteria_in_documents, two.criteria, two.criteria_in_documents) == (None, (), True)
    assert one.validity == two.validity == Period(length=4, unit=LengthUnit.MONTH)

    further = "<ADDRESS_FURTHER_INFO><CONTACT_POINT>Inköp</CONTACT_POINT></ADDRESS_FURTHER_INFO>"
    assert form(further).contact == ContactPoint("Inköp")


@pytest.mark.parametrize(
    ("inside", "stands"),
    [
        ("<UNTIL_DATE>{}</UNTIL_DATE>", Period(end=date(2013, 9, 30))),
        ("<PERIOD_MONTH>3</PERIOD_MONTH>", Period(length=3, unit=LengthUnit.MONTH)),
        ("<PERIOD_DAY>90</PERIOD_DAY>", Period(length=90, unit=LengthUnit.DAY)),
        ("", None),
    ],
)
def test_old_criteria_and_validity(inside: str, stands: Period | None) -> None:
    day = split_day(30, 9, 2013)
    weighed = (
        "<AWARD_CRITERIA_DETAIL><MOST_ECONOMICALLY_ADVANTAGEOUS_TENDER><CRITERIA_STATED_BELOW>"
        "<CRITERIA_DEFINITION><ORDER_C>1</ORDER_C><CRITERIA>Pris</CRITERIA>"
        "<WEIGHTING>60</WEIGHTING></CRITERIA_DEFINITION>"
        "<CRITERIA_DEFINITION><ORDER_C>2</ORDER_C><CRITERIA>Miljö</CRITERIA>"
        "</CRITERIA_DEFINITION></CRITERIA_STATED_BELOW>"
        "</MOST_ECONOMICALLY_ADVANTAGEOUS_TENDER></AWARD_CRITERIA_DETAIL>"
    )
    shared = NAMED + "<OBJECT><TITLE_CONTRACT><P>Möbler</P></TITLE_CONTRACT></OBJECT>"
    stated = (
        f"<MINIMUM_TIME_MAINTAINING_TENDER>{inside.format(day)}</MINIMUM_TIME_MAINTAINING_TENDER>"
    )
    (lot,) = old(shared + weighed + stated, "CONTRACT", "2").lots
    assert [(str(one.name), one.weight) for one in lot.criteria] == [
        ("Pris", "60"),
        ("Miljö", None),
    ]
    assert lot.validity == stands
    cheapest = "<AWARD_CRITERIA_DETAIL><LOWEST_PRICE/></AWARD_CRITERIA_DETAIL>"
    (lot,) = old(shared + cheapest, "CONTRACT", "2").lots
    assert lot.criteria == (Criterion(kind=CriterionKind.PRICE),)


def awarded(inside: str, lot: str = "", item: int = 1) -> str:
    return (
        f'<AWARD_CONTRACT ITEM="{item}"><CONTRACT_NO>{item}</CONTRACT_NO>{lot}'
        f"<AWARDED_CONTRACT>{inside}</AWARDED_CONTRACT></AWARD_CONTRACT>"
    )


def contractor(name: str, number: str = "", country: str = "SE") -> str:
    identity = f"<NATIONALID>{number}</NATIONALID>" if number else ""
    return (
        f"<CONTRACTOR><ADDRESS_CONTRACTOR><OFFICIALNAME>{name}</OFFICIALNAME>{identity}"
        f'<COUNTRY VALUE="{country}"/></ADDRESS_CONTRACTOR></CONTRACTOR>'
    )


def test_joint_winners_share_one_amount() -> None:
    award = awarded(
        "<DATE_CONCLUSION_CONTRACT>2022-03-01</DATE_CONCLUSION_CONTRACT>"
        "<TENDERS><NB_TENDERS_RECEIVED>4</NB_TENDERS_RECEIVED></TENDERS><CONTRACTORS><AWARDED_TO_GROUP/>"
        + contractor("Alfa AB", "SE556859291801")
        + contractor("Beta SARL", "556102-9843", "FR")
        + '</CONTRACTORS><VALUES><VAL_ESTIMATED_TOTAL CURRENCY="SEK">1</VAL_ESTIMATED_TOTAL>'
        '<VAL_TOTAL CURRENCY="SEK">500000</VAL_TOTAL></VALUES>',
        "<LOT_NO>1, 2 och 4</LOT_NO>",
    )
    (one,) = form(award, number="F03", name="F03_2014").awards
    assert [(str(party.name), party.number) for party in one.winners] == [
        ("Alfa AB", "5568592918"),
        ("Beta SARL", None),
    ]
    assert (one.value, one.tenders, one.lots) == (Money(50_000_000, "SEK"), 4, ("1", "2", "4"))
    assert one.signed == date(2022, 3, 1)


def test_a_range_is_not_a_value() -> None:
    span = (
        '<VALUES><VAL_RANGE_TOTAL CURRENCY="SEK"><LOW>150000000</LOW><HIGH>400000000</HIGH>'
        "</VAL_RANGE_TOTAL></VALUES>"
    )
    (one,) = form(awarded(span), number="F03", name="F03_2014").awards
    assert one.value is None
    assert one.value_range == (Money(15_000_000_000, "SEK"), Money(40_000_000_000, "SEK"))


@pytest.mark.parametrize("why", ["PROCUREMENT_UNSUCCESSFUL", "PROCUREMENT_DISCONTINUED"])
def test_a_lot_that_nobody_won(why: str) -> None:
    nothing = (
        "<AWARD_CONTRACT><LOT_NO>3</LOT_NO><NO_AWARDED_CONTRACT>"
        f"<{why}/></NO_AWARDED_CONTRACT></AWARD_CONTRACT>"
    )
    notice = form(nothing, number="F03", name="F03_2014")
    (one,) = notice.awards
    assert (one.status, one.lots, one.reason) == (AwardStatus.NOT_AWARDED, ("3",), why.lower())
    assert notice.cancelled is (why == "PROCUREMENT_DISCONTINUED")
    both = form(nothing + awarded(contractor("Alfa AB")), number="F03", name="F03_2014")
    assert not both.cancelled


def test_values_that_are_not_published_are_withheld() -> None:
    hidden = '<CONTRACTORS PUBLICATION="NO"/><VALUES PUBLICATION="NO"/>'
    notice = form(awarded(hidden), number="F06", name="F06_2014")
    assert {(one.field, one.where) for one in notice.withheld} == {
        ("contractors", "1"),
        ("value", "1"),
    }


def test_a_total_in_one_currency_and_an_award_in_another_is_a_doubt() -> None:
    award = awarded('<VALUES><VAL_TOTAL CURRENCY="EUR">100</VAL_TOTAL></VALUES>')
    total = '<VAL_TOTAL CURRENCY="SEK">200000</VAL_TOTAL>'
    notice = form(award, total, number="F03", name="F03_2014")
    assert [(one.kind, one.raw) for one in notice.doubts] == [(DoubtKind.CURRENCIES, "SEK, EUR")]


def test_the_winner_of_a_design_contest() -> None:
    prize = (
        "<RESULTS><AWARDED_PRIZE><DATE_DECISION_JURY>2022-02-01</DATE_DECISION_JURY>"
        "<PARTICIPANTS><NB_PARTICIPANTS>9</NB_PARTICIPANTS></PARTICIPANTS><WINNERS><WINNER>"
        "<ADDRESS_WINNER><OFFICIALNAME>Arkitekt AB</OFFICIALNAME></ADDRESS_WINNER></WINNER></WINNERS>"
        '<VAL_PRIZE CURRENCY="SEK">300000</VAL_PRIZE></AWARDED_PRIZE></RESULTS>'
    )
    (one,) = form(prize, name="F13_2014", number="F13").awards
    assert [str(party.name) for party in one.winners] == ["Arkitekt AB"]
    assert (one.tenders, one.value) == (9, Money(30_000_000, "SEK"))
    assert (one.decided, one.signed) == (date(2022, 2, 1), None)


def test_a_corrigendum_says_only_what_it_changes() -> None:
    changes = (
        "<COMPLEMENTARY_INFO><NOTICE_NUMBER_OJ>2022/S 040-100001</NOTICE_NUMBER_OJ></COMPLEMENTARY_INFO>"
        "<CHANGES><CHANGE><WHERE><SECTION>IV.2.2</SECTION><LABEL>Sista dag</LABEL></WHERE>"
        "<OLD_VALUE><DATE>2022-03-28</DATE><TIME>23:59</TIME></OLD_VALUE>"
        "<NEW_VALUE><DATE>2022-04-11</DATE><TIME>23:59</TIME></NEW_VALUE></CHANGE>"
        "<CHANGE><WHERE><SECTION>II.1.4</SECTION></WHERE><OLD_VALUE><TEXT><P>Bord</P></TEXT></OLD_VALUE>"
        "<NEW_VALUE><TEXT><P>Bord och stolar</P></TEXT></NEW_VALUE></CHANGE></CHANGES>"
    )
    notice = form(
        changes,
        name="F14_2014",
        number="F14",
        codified="<DT_DATE_FOR_SUBMISSION>20220328 23:59</DT_DATE_FOR_SUBMISSION>",
    )
    assert (notice.kind, notice.about, notice.partial) == (K.CHANGE, K.COMPETITION, True)
    assert notice.previous == ("100001-2022",)
    assert [(one.section, one.old, one.new) for one in notice.changes] == [
        ("IV.2.2", "2022-03-28 23:59", "2022-04-11 23:59"),
        ("II.1.4", "Bord", "Bord och stolar"),
    ]
    (deadline,) = notice.deadlines
    assert deadline.wall == datetime(2022, 4, 11, 23, 59)


def test_joint_buyers() -> None:
    more = "".join(
        f"<ADDRESS_CONTRACTING_BODY_ADDITIONAL><OFFICIALNAME>Kommun {number}</OFFICIALNAME>"
        "</ADDRESS_CONTRACTING_BODY_ADDITIONAL>"
        for number in range(30)
    )
    both = BUYER.replace("</CONTRACTING_BODY>", f"{more}</CONTRACTING_BODY>")
    notice = read(make.ted_export(both + OBJECT.format("")))
    assert len(notice.buyers) == 31
    assert [party.leads for party in notice.buyers] == [True] + [False] * 30


def test_the_directive_of_the_first_years_and_a_concessions_procedure() -> None:
    """In 2016 and 2017 the forms named the directive otherwise, and values had no VALUES around them."""
    award = (
        '<DIRECTIVE VALUE="2014/23/EU"/><PROCEDURE><PT_AWARD_CONTRACT_WITH_PRIOR_PUBLICATION/></PROCEDURE>'
        + awarded(
            "<NB_TENDERS_RECEIVED>1</NB_TENDERS_RECEIVED>"
            + contractor("Alfa SARL", "397 947 433", "FR")
            + '<VAL_ESTIMATED_TOTAL CURRENCY="EUR">6000000</VAL_ESTIMATED_TOTAL>'
            '<VAL_TOTAL CURRENCY="EUR">5191058</VAL_TOTAL>'
        )
    )
    content = make.ted_export(BUYER + OBJECT.format("") + award, name="F25_2014", number="F25")
    notice = read(content.replace(b'<LEGAL_BASIS VALUE="32014L0024"/>', b""))
    assert (notice.legal_basis, notice.law) == ("32014L0023", "LUK")
    assert (notice.procedure_code, notice.procedure) == (
        "PT_AWARD_CONTRACT_WITH_PRIOR_PUBLICATION",
        None,
    )
    assert (notice.awards[0].value, notice.awards[0].tenders) == (Money(519_105_800, "EUR"), 1)


@pytest.mark.parametrize(
    "written,url",
    [
        ("www.are.se/", "https://www.are.se/"),
        ("are.se", "https://are.se"),
        ("HTTP://are.se/a?b=c&amp;d", "HTTP://are.se/a?b=c&d"),
        ("not available", None),
        ("saknas.", None),
        ("upphandling@are.se", None),
        ("ftp://are.se", None),
    ],
)
def test_addresses_as_they_are_typed(written: str, url: str | None) -> None:
    document = f"<URL_DOCUMENT>{written}</URL_DOCUMENT></CONTRACTING_BODY>"
    both = BUYER.replace("</CONTRACTING_BODY>", document)
    assert read(make.ted_export(both + OBJECT.format(""))).document_url == url


def test_a_form_as_it_was_sent_in() -> None:
    content = make.ted_export(BUYER + OBJECT.format("")).decode()
    inside = content[content.index("<FORM_SECTION") : content.index("</TED_EXPORT>")]
    sent = f'<TED_ESENDERS xmlns="x" VERSION="R2.0.9.S03">{inside}</TED_ESENDERS>'.encode()
    notice = read(sent)
    assert (notice.kind, notice.publication_number) == (K.COMPETITION, None)


# --- R2.0.8 and R2.0.7, in the shape of a real award of 2013 ---


def old(form: str, name: str, number: str) -> Notice:
    return read(make.ted_export(f"<FD_{name}>{form}</FD_{name}>", name=name, number=number))


def split_day(day: int, month: int, year: int) -> str:
    return f"<DAY>{day:02}</DAY><MONTH>{month:02}</MONTH><YEAR>{year}</YEAR>"


OLD_BUYER = (
    "<CONTRACTING_AUTHORITY_INFORMATION><NAME_ADDRESSES_CONTACT><CA_CE_CONCESSIONAIRE_PROFILE>"
    '{}<TOWN>Järpen</TOWN><COUNTRY VALUE="SE"/><E_MAILS><E_MAIL>a@are.example</E_MAIL></E_MAILS>'
    "</CA_CE_CONCESSIONAIRE_PROFILE></NAME_ADDRESSES_CONTACT></CONTRACTING_AUTHORITY_INFORMATION>"
)
NAMED = OLD_BUYER.format(
    "<ORGANISATION><OFFICIALNAME>Åre kommun</OFFICIALNAME>"
    "<NATIONALID>212000-2502</NATIONALID></ORGANISATION>"
)


@pytest.mark.parametrize("name", ["AWARD_OF_CONTRACT", "AWARD_OF_CONTRACT_DEFENCE"])
def test_an_old_award(name: str) -> None:
    notice = old(
        NAMED + "<OBJECT_INFORMATION><DESCRIPTION><TITLE_CONTRACT><P>Servrar</P></TITLE_CONTRACT>"
        "<SHORT_CONTRACT_DESCRIPTION><P>Ett.</P><P>Två.</P></SHORT_CONTRACT_DESCRIPTION>"
        '<CPV><CPV_MAIN><CPV_CODE CODE="48820000"/></CPV_MAIN></CPV></DESCRIPTION>'
        '<TOTAL_FINAL_VALUE><COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="SEK">'
        '<VALUE_COST FMTVAL="1860000.00">1 860 000</VALUE_COST><EXCLUDING_VAT/>'
        "</COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></TOTAL_FINAL_VALUE></OBJECT_INFORMATION>"
        "<PROCEDURE_DEFINITION><TYPE_OF_PROCEDURE_DEF><PT_OPEN/></TYPE_OF_PROCEDURE_DEF>"
        "<FILE_REFERENCE_NUMBER><P>KS 13/7</P></FILE_REFERENCE_NUMBER>"
        "<NOTICE_NUMBER_OJ>2013/S 50-081552</NOTICE_NUMBER_OJ></PROCEDURE_DEFINITION>"
        f"<{name}><CONTRACT_NUMBER>7</CONTRACT_NUMBER>"
        f"<CONTRACT_AWARD_DATE>{split_day(29, 5, 2013)}</CONTRACT_AWARD_DATE>"
        "<OFFERS_RECEIVED_NUMBER>2</OFFERS_RECEIVED_NUMBER><ECONOMIC_OPERATOR_NAME_ADDRESS>"
        "<CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME><ORGANISATION><OFFICIALNAME>Alfa AB</OFFICIALNAME>"
        "</ORGANISATION></CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME></ECONOMIC_OPERATOR_NAME_ADDRESS>"
        '<CONTRACT_VALUE_INFORMATION><INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT CURRENCY="SEK">'
        '<VALUE_COST FMTVAL="2967317.07">2 967 317,07</VALUE_COST>'
        "</INITIAL_ESTIMATED_TOTAL_VALUE_CONTRACT>"
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="SEK"><VALUE_COST>1\u00a0860\u00a0000,50'
        "</VALUE_COST></COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></CONTRACT_VALUE_INFORMATION>"
        f"</{name}><PROCEDURES_FOR_APPEAL><APPEAL_PROCEDURE_BODY_RESPONSIBLE>"
        "<CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME><ORGANISATION><OFFICIALNAME>Förvaltningsrätten"
        "</OFFICIALNAME></ORGANISATION></CONTACT_DATA_WITHOUT_RESPONSIBLE_NAME>"
        "</APPEAL_PROCEDURE_BODY_RESPONSIBLE></PROCEDURES_FOR_APPEAL>"
        f"<NOTICE_DISPATCH_DATE>{split_day(31, 5, 2013)}</NOTICE_DISPATCH_DATE>",
        "CONTRACT_AWARD",
        "3",
    )
    assert (notice.kind, str(notice.title), notice.reference) == (K.RESULT, "Servrar", "KS 13/7")
    assert str(notice.description) == "Ett.\nTvå."
    assert notice.total == Money(186_000_000, "SEK")
    assert (notice.dispatched, notice.previous) == (date(2013, 5, 31), ("81552-2013",))
    (one,) = notice.awards
    assert [str(party.name) for party in one.winners] == ["Alfa AB"]
    assert one.value == Money(186_000_050, "SEK")
    assert (one.decided, one.tenders, one.contracts[0].reference) == (date(2013, 5, 29), 2, "7")
    assert one.signed is None, "the old forms tell of the decision, not of the contract"
    assert notice.review_body is not None and str(notice.review_body.name) == "Förvaltningsrätten"
    assert [str(party.name) for party in notice.buyers] == ["Åre kommun"]
    assert notice.estimated is None


def test_an_old_call_with_lots_framework_and_a_deadline_in_parts() -> None:
    lot = (
        "<F02_ANNEX_B><LOT_NUMBER>{0}</LOT_NUMBER><LOT_TITLE>Del {0}</LOT_TITLE>"
        "<LOT_DESCRIPTION><P>Text {0}</P></LOT_DESCRIPTION>"
        '<CPV><CPV_MAIN><CPV_CODE CODE="39121200"/></CPV_MAIN></CPV>'
        '<COSTS_RANGE_AND_CURRENCY CURRENCY="SEK"><RANGE_VALUE_COST><LOW_VALUE>1 000,00</LOW_VALUE>'
        "<HIGH_VALUE>2 000,00</HIGH_VALUE></RANGE_VALUE_COST></COSTS_RANGE_AND_CURRENCY>"
        "</F02_ANNEX_B>"
    )
    notice = old(
        OLD_BUYER.format("<ORGANISATION>Åre kommun</ORGANISATION>")  # the oldest have the name so
        + "<OBJECT_INFORMATION><TITLE_CONTRACT><P>Möbler</P></TITLE_CONTRACT>"
        "<NOTICE_INVOLVES><ESTABLISHMENT_FRAMEWORK_AGREEMENT/></NOTICE_INVOLVES>"
        "<F02_FRAMEWORK><SEVERAL_OPERATORS><MAX_NUMBER_PARTICIPANTS>4</MAX_NUMBER_PARTICIPANTS>"
        "</SEVERAL_OPERATORS></F02_FRAMEWORK>"
        '<CPV><CPV_MAIN><CPV_CODE CODE="39100000"/></CPV_MAIN></CPV>'
        + lot.format(1)
        + lot.format(2)
        + '<QUANTITY_SCOPE><COSTS_RANGE_AND_CURRENCY CURRENCY="SEK"><VALUE_COST>5 000</VALUE_COST>'
        "</COSTS_RANGE_AND_CURRENCY></QUANTITY_SCOPE>"
        f"<PERIOD_WORK_DATE_STARTING><MONTHS>24</MONTHS></PERIOD_WORK_DATE_STARTING>"
        "</OBJECT_INFORMATION><PROCEDURE_DEFINITION><PT_OPEN/>"
        f"<RECEIPT_LIMIT_DATE>{split_day(9, 3, 2013)}<TIME>16:30</TIME></RECEIPT_LIMIT_DATE>"
        "</PROCEDURE_DEFINITION>",
        "CONTRACT",
        "2",
    )
    assert [str(party.name) for party in notice.buyers] == ["Åre kommun"]
    assert notice.estimated == Money(500_000, "SEK")
    assert [(one.id, str(one.title), one.cpv) for one in notice.lots] == [
        ("1", "Del 1", "39121200"),
        ("2", "Del 2", "39121200"),
    ]
    assert notice.lots[0].estimated == Money(200_000, "SEK")
    assert notice.lots[0].framework and notice.lots[0].framework.participants == 4
    assert notice.cpv == "39100000"
    (deadline,) = notice.deadlines
    assert deadline.wall == datetime(2013, 3, 9, 16, 30)
    assert deadline.at is not None and deadline.at.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    "inside,start,end,length",
    [
        ("<MONTHS>24</MONTHS>", None, None, 24),
        (
            (
                f"<INTERVAL_DATE><START_DATE>{split_day(1, 9, 2013)}</START_DATE>"
                f"<END_DATE>{split_day(31, 8, 2015)}</END_DATE></INTERVAL_DATE>"
            ),
            date(2013, 9, 1),
            date(2015, 8, 31),
            None,
        ),
    ],
)
def test_an_old_period(
    inside: str, start: date | None, end: date | None, length: int | None
) -> None:
    notice = old(
        NAMED + "<TITLE_CONTRACT><P>Möbler</P></TITLE_CONTRACT>"
        f"<PERIOD_WORK_DATE_STARTING>{inside}</PERIOD_WORK_DATE_STARTING>",
        "CONTRACT",
        "2",
    )
    (lot,) = notice.lots
    assert lot.period and (lot.period.start, lot.period.end, lot.period.length) == (
        start,
        end,
        length,
    )


@pytest.mark.parametrize(
    "inside,most",
    [
        ("<RECURRENT_CONTRACT><NUMBER_POSSIBLE_RENEWALS>2</NUMBER_POSSIBLE_RENEWALS></RECURRENT_CONTRACT>", 2),
        (
            (
                "<RECURRENT_CONTRACT><NUMBER_POSSIBLE_RENEWALS_RANGE>"
                "<NUMBER_POSSIBLE_RENEWALS_RANGE_MIN>1</NUMBER_POSSIBLE_RENEWALS_RANGE_MIN>"
                "<NUMBER_POSSIBLE_RENEWALS_RANGE_MAX>3</NUMBER_POSSIBLE_RENEWALS_RANGE_MAX>"
                "</NUMBER_POSSIBLE_RENEWALS_RANGE></RECURRENT_CONTRACT>"
            ),
            3,
        ),
        ("<NO_RECURRENT_CONTRACT/>", 0),
        ("", None),
    ],
)  # fmt: skip
def test_old_renewals_and_a_framework_agreements_length(inside: str, most: int | None) -> None:
    notice = old(
        NAMED + "<TITLE_CONTRACT><P>Möbler</P></TITLE_CONTRACT><F17_FRAMEWORK><SINGLE_OPERATOR/>"
        "<DURATION_FRAMEWORK_YEAR>4</DURATION_FRAMEWORK_YEAR></F17_FRAMEWORK>" + inside,
        "CONTRACT_DEFENCE",
        "17",
    )
    (lot,) = notice.lots
    assert (lot.renewals.most if lot.renewals else None) == most
    assert lot.period and (lot.period.length, lot.period.unit) == (4, LengthUnit.YEAR)
    assert lot.framework and lot.framework.participants == 1


def test_an_old_award_of_utilities() -> None:
    """Every part has another name than in the classical sector's form."""
    notice = old(
        NAMED + "<OBJECT_CONTRACT_AWARD_UTILITIES><DESCRIPTION_CONTRACT_AWARD_UTILITIES>"
        "<TITLE_CONTRACT><P>Vattenmätare</P></TITLE_CONTRACT>"
        "<SHORT_DESCRIPTION><P>Mätare.</P></SHORT_DESCRIPTION></DESCRIPTION_CONTRACT_AWARD_UTILITIES>"
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="SEK"><VALUE_COST FMTVAL="900.00">900'
        "</VALUE_COST></COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></OBJECT_CONTRACT_AWARD_UTILITIES>"
        "<PROCEDURES><REFERENCE_NUMBER_ATTRIBUTED><P>VA 7</P></REFERENCE_NUMBER_ATTRIBUTED></PROCEDURES>"
        "<AWARD_CONTRACT_CONTRACT_AWARD_UTILITIES><AWARD_AND_VALUE><CONTRACT_NO>12</CONTRACT_NO>"
        f"<DATE_OF_CONTRACT_AWARD>{split_day(2, 4, 2013)}</DATE_OF_CONTRACT_AWARD>"
        "<OFFERS_RECEIVED_NUMBER>3</OFFERS_RECEIVED_NUMBER></AWARD_AND_VALUE>"
        "<NAME_ADDRESS_WINNER><ORGANISATION><OFFICIALNAME>Mätar AB</OFFICIALNAME></ORGANISATION>"
        "</NAME_ADDRESS_WINNER><PRICE>"
        '<COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE CURRENCY="SEK"><VALUE_COST FMTVAL="800.00">800'
        "</VALUE_COST></COSTS_RANGE_AND_CURRENCY_WITH_VAT_RATE></PRICE>"
        "</AWARD_CONTRACT_CONTRACT_AWARD_UTILITIES>"
        "<APPEAL_PROCEDURES><RESPONSIBLE_FOR_APPEAL_PROCEDURES><ORGANISATION>"
        "<OFFICIALNAME>Förvaltningsrätten</OFFICIALNAME></ORGANISATION>"
        "</RESPONSIBLE_FOR_APPEAL_PROCEDURES></APPEAL_PROCEDURES>",
        "CONTRACT_AWARD_UTILITIES",
        "6",
    )
    assert (notice.kind, str(notice.title), str(notice.description)) == (
        K.RESULT,
        "Vattenmätare",
        "Mätare.",
    )
    assert (notice.reference, notice.total) == ("VA 7", Money(90_000, "SEK"))
    (one,) = notice.awards
    assert [str(party.name) for party in one.winners] == ["Mätar AB"]
    assert (one.value, one.tenders, one.decided) == (Money(80_000, "SEK"), 3, date(2013, 4, 2))
    assert one.contracts[0].reference == "12"
    assert notice.review_body is not None and str(notice.review_body.name) == "Förvaltningsrätten"
