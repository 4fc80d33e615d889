"""What real eForms do that the samples do not."""

from datetime import date, datetime, timedelta, timezone
from io import BytesIO

import pytest

from crm.adapters.notices.upload import read_upload
from crm.rules.notices import (
    AwardStatus,
    ContactPoint,
    DeadlineKind,
    DoubtKind,
    LengthUnit,
    Money,
    Notice,
    NoticeKind,
    WeightUnit,
)
from tests.adapters.notices import builders as make


def read(content: bytes) -> Notice:
    (result,) = read_upload("notice.xml", BytesIO(content))
    assert result.problem is None
    (notice,) = result.notices
    return notice


def doubts(notice: Notice) -> set[DoubtKind]:
    return {doubt.kind for doubt in notice.doubts}


# --- Deadlines ---


def at(offset: int, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone(timedelta(hours=offset)))  # type: ignore[misc, arg-type]  # year to minute


@pytest.mark.parametrize(
    "day,clock,moment,earliest,doubt",
    [
        # winter, and Stockholm's own offset
        ("2027-01-18+01:00", "23:59:00+01:00", at(1, 2027, 1, 18, 23, 59), at(1, 2027, 1, 18, 23, 59), None),
        # summer time written for a winter day: the moment stated is an hour before the time written
        ("2027-01-18+02:00", "12:00:00+02:00", at(1, 2027, 1, 18, 11, 0), at(1, 2027, 1, 18, 11, 0), DoubtKind.OFFSET),
        # winter time written for a summer day: the time written is the earlier
        ("2027-06-18+01:00", "12:00:00+01:00", at(2, 2027, 6, 18, 13, 0), at(2, 2027, 6, 18, 12, 0), DoubtKind.OFFSET),
        ("2027-06-18Z", "12:00:00Z", at(0, 2027, 6, 18, 12, 0), at(2, 2027, 6, 18, 12, 0), DoubtKind.OFFSET),
        # no offset at all: Stockholm's
        ("2027-06-18", "12:00:00", at(2, 2027, 6, 18, 12, 0), at(2, 2027, 6, 18, 12, 0), None),
        # the offset on the day alone, and fractions of a second
        ("2027-06-18+02:00", "12:00:00.123456", at(2, 2027, 6, 18, 12, 0), at(2, 2027, 6, 18, 12, 0), None),
        ("2027-06-18+03:00", "12:00:00+03:00", at(3, 2027, 6, 18, 12, 0), at(3, 2027, 6, 18, 12, 0), DoubtKind.OFFSET),
        ("2027-01-18+01:00", "00:00:00+01:00", at(1, 2027, 1, 18, 0, 0), at(1, 2027, 1, 18, 0, 0), DoubtKind.MIDNIGHT),
        # the end of the day is the beginning of the next
        ("2027-01-18+01:00", "24:00:00+01:00", at(1, 2027, 1, 19, 0, 0), at(1, 2027, 1, 19, 0, 0), None),
    ],
)  # fmt: skip
def test_a_deadline_is_what_is_written_and_what_is_meant(
    day: str, clock: str, moment: datetime, earliest: datetime, doubt: DoubtKind | None
) -> None:
    notice = read(make.eforms(make.lot(make.tenders_due(day, clock))))
    assert notice.deadline is not None
    assert notice.deadline.at == moment
    assert notice.deadline.earliest == earliest
    assert notice.deadline.raw == f"{day} {clock}"
    assert doubts(notice) == ({doubt} if doubt else set())


def test_a_deadline_without_an_hour_is_a_day_and_asks_to_be_looked_at() -> None:
    notice = read(make.eforms(make.lot(make.tenders_due("2027-01-18+01:00"))))
    assert notice.deadline is not None
    assert (notice.deadline.day, notice.deadline.at) == (date(2027, 1, 18), None)
    assert notice.deadline.earliest == at(1, 2027, 1, 18, 0, 0)
    assert doubts(notice) == {DoubtKind.NO_TIME}


def test_no_deadline_is_no_deadline() -> None:
    notice = read(make.eforms(make.lot()))
    assert notice.deadlines == () and notice.deadline is None


def test_how_long_a_tender_stands_is_not_a_deadline_nor_a_contracts_length() -> None:
    validity = (
        '<cac:TenderValidityPeriod><cbc:DurationMeasure unitCode="DAY">150</cbc:DurationMeasure>'
        "</cac:TenderValidityPeriod>"
    )
    notice = read(make.eforms(make.lot(terms=validity)))
    assert notice.deadlines == () and notice.lots[0].period is None


def test_weights_are_what_they_are_said_to_be_and_may_be_withheld() -> None:
    def criterion(code: str, number: str, name: str = "") -> str:
        return (
            "<cac:SubordinateAwardingCriterion>"
            + make.extension(
                "<efac:AwardCriterionParameter>"
                f'<efbc:ParameterCode listName="number-weight">{code}</efbc:ParameterCode>'
                f"<efbc:ParameterNumeric>{number}</efbc:ParameterNumeric>"
                "</efac:AwardCriterionParameter>"
            )
            + f"<cbc:Name>{name}</cbc:Name></cac:SubordinateAwardingCriterion>"
        )

    terms = (
        "<cac:AwardingTerms><cac:AwardingCriterion>"
        + criterion("per-mid", "40", "Stöd")
        + criterion("ord-imp", "1", "Pris")
        + criterion("poi-exa", "-1", "unpublished")
        + criterion("new-code", "7", "Nytt")
        + "<cbc:CalculationExpression>Lägst jämförelsetal</cbc:CalculationExpression>"
        "</cac:AwardingCriterion></cac:AwardingTerms>"
    )
    notice = read(make.eforms(make.lot(terms=terms)))
    (lot,) = notice.lots
    assert [(str(one.name), one.weight, one.unit) for one in lot.criteria] == [
        ("Stöd", "40", WeightUnit.PERCENT_MIDDLE),
        ("Pris", "1", WeightUnit.ORDER),
        ("Nytt", "7", None),
    ]
    assert str(lot.criteria_words) == "Lägst jämförelsetal"
    assert [one.field for one in notice.withheld] == ["criteria"]


def test_who_is_named_for_further_information_is_asked_before_the_buyer() -> None:
    def office(key: str, name: str) -> str:
        contact = f"<cac:Contact><cbc:Name>{name}</cbc:Name></cac:Contact>"
        return make.organisation(key, name).replace("</efac:Company>", f"{contact}</efac:Company>")

    both = office("ORG-0001", "Åre kommun") + office("ORG-0002", "Inköp Jämtland")
    ask = (
        "<cac:AdditionalInformationParty><cac:PartyIdentification><cbc:ID>{}</cbc:ID>"
        "</cac:PartyIdentification></cac:AdditionalInformationParty>"
    )
    for named, found in (("ORG-0002", "Inköp Jämtland"), ("ORG-0009", "Åre kommun")):
        lot = make.lot(terms=ask.format(named))
        assert read(make.eforms(lot, organisations=both)).contact == ContactPoint(found)


@pytest.mark.parametrize(
    "name,kind",
    [
        ("ParticipationRequestReceptionPeriod", DeadlineKind.REQUESTS),
        ("AdditionalInformationRequestPeriod", DeadlineKind.QUESTIONS),
    ],
)
def test_other_deadlines(name: str, kind: DeadlineKind) -> None:
    period = make.tenders_due("2027-01-18+01:00", "12:00:00+01:00").replace(
        "TenderSubmissionDeadlinePeriod", name
    )
    assert [one.kind for one in read(make.eforms(make.lot(period))).deadlines] == [kind]


@pytest.mark.parametrize("wrapped", [True, False])
def test_interest_is_found_in_and_out_of_the_extension(wrapped: bool) -> None:
    period = (
        "<efac:InterestExpressionReceptionPeriod><cbc:EndDate>2027-01-18+01:00</cbc:EndDate>"
        "<cbc:EndTime>12:00:00+01:00</cbc:EndTime></efac:InterestExpressionReceptionPeriod>"
    )
    content = make.extension(period) if wrapped else period
    notice = read(make.eforms(make.lot(content)))
    assert notice.deadline is not None and notice.deadline.kind is DeadlineKind.INTEREST


def test_lots_with_different_deadlines() -> None:
    notice = read(
        make.eforms(
            make.lot(make.tenders_due("2027-01-18+01:00", "12:00:00+01:00"), key="LOT-0002")
            + make.lot(make.tenders_due("2027-02-18+01:00", "12:00:00+01:00"), key="LOT-0001")
            + make.lot(make.tenders_due("2027-01-18+01:00", "12:00:00+01:00"), key="LOT-0003")
        )
    )
    told = [(one.day.month, one.lots) for one in notice.deadlines]
    assert told == [(1, ("LOT-0002", "LOT-0003")), (2, ("LOT-0001",))]


# --- Who and what ---


def test_several_languages() -> None:
    notice = read(
        make.eforms(
            make.lot(),
            title='<cbc:Name languageID="FIN">Koulukalusteet</cbc:Name>'
            '<cbc:Name languageID="SWE">Skol-\n   möbler</cbc:Name>',
        )
    )
    assert notice.title.texts == (("fi", "Koulukalusteet"), ("sv", "Skol-\nmöbler"))
    assert notice.title.best("sv") == "Skol-\nmöbler"
    assert notice.title.best("en") == "Koulukalusteet"


def test_the_buyer_is_who_is_referred_to_and_not_the_first_in_the_file() -> None:
    known = make.organisation("ORG-0009", "Annonsdatabas AB") + make.organisation(
        "ORG-0001", "Södermalms stadsdelsförvaltning", "212000-0142"
    )
    notice = read(make.eforms(make.lot(), organisations=known))
    assert [str(party.name) for party in notice.buyers] == ["Södermalms stadsdelsförvaltning"]
    assert notice.buyers[0].number == "2120000142"


def test_several_buyers_one_of_whom_leads() -> None:
    lead = "<efbc:GroupLeadIndicator>true</efbc:GroupLeadIndicator>"
    known = make.organisation("ORG-0001", "Åre kommun", lead=lead) + make.organisation(
        "ORG-0002", "Krokoms kommun"
    )
    notice = read(make.eforms(make.buyer("ORG-0002") + make.lot(), organisations=known))
    assert [(str(one.name), one.leads) for one in notice.buyers] == [
        ("Åre kommun", True),
        ("Krokoms kommun", False),
    ]


def test_a_contact_point_as_the_buyer_is_a_unit_of_the_legal_person() -> None:
    point = (
        "<efac:TouchPoint><cac:PartyIdentification><cbc:ID>TPO-0001</cbc:ID></cac:PartyIdentification>"
        "<cac:PartyName><cbc:Name>Barn- och utbildningsförvaltningen</cbc:Name></cac:PartyName>"
        "</efac:TouchPoint>"
    )
    known = make.organisation("ORG-0001", "Åre kommun", "212000-2502", more=point)
    content = make.eforms(make.lot(), organisations=known).replace(
        make.buyer().encode(), make.buyer("TPO-0001").encode()
    )
    (party,) = read(content).buyers
    assert (str(party.name), party.units) == ("Åre kommun", ("Barn- och utbildningsförvaltningen",))


@pytest.mark.parametrize(
    "written,country,number",
    [
        ("212000-9994", "SWE", "2120009994"),
        ("SE212000999401", "SWE", "2120009994"),
        ("0007:2120009994", "SWE", "2120009994"),
        ("162120009994", "SWE", "2120009994"),
        ("not available", "SWE", None),
        ("212000-9995", "SWE", None),  # the check digit
        ("212000-9994", "FRA", None),  # another country's number in Swedish form
        ("0204:11-2000016000-38", "DEU", None),
    ],
)
def test_an_organisation_number_in_any_spelling(
    written: str, country: str, number: str | None
) -> None:
    known = make.organisation("ORG-0001", "Exempelkommun", written, country)
    (party,) = read(make.eforms(make.lot(), organisations=known)).buyers
    assert (party.number, party.identifiers) == (number, (written,))


@pytest.mark.parametrize("written", ["811218-9876", "8112189876", "19811218-9876"])
def test_a_sole_traders_personal_identity_number_is_not_kept(written: str) -> None:
    known = make.organisation("ORG-0001", "Firma X", written)
    (party,) = read(make.eforms(make.lot(), organisations=known)).buyers
    assert (party.number, party.identifiers) == (None, ())


def test_a_reference_to_nobody_is_a_doubt_and_no_more() -> None:
    notice = read(make.eforms(make.lot(), organisations=make.organisation("ORG-0002", "Åre")))
    assert notice.buyers == ()
    assert doubts(notice) == {DoubtKind.REFERENCE, DoubtKind.NO_BUYER}


def test_a_lot_without_value_and_one_with_an_odd_one() -> None:
    def value(text: str, currency: str) -> str:
        return (
            "<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount "
            f'currencyID="{currency}">{text}</cbc:EstimatedOverallContractAmount>'
            "</cac:RequestedTenderTotal>"
        )

    notice = read(
        make.eforms(
            make.lot()
            + make.lot(project=value("4535.885", "EUR"), key="LOT-0002")
            + make.lot(project=value("ca 2 Mkr", "SEK"), key="LOT-0003")
            + make.lot(project=value("200", ""), key="LOT-0004")
            + make.lot(project=value("-1", "SEK"), key="LOT-0005")
        )
    )
    assert [one.estimated for one in notice.lots] == [None, Money(453589, "EUR"), None, None, None]
    assert [(one.kind, one.raw) for one in notice.doubts] == [
        (DoubtKind.AMOUNT, "ca 2 Mkr"),
        (DoubtKind.CURRENCY, "200"),
    ]
    assert [(one.field, one.where) for one in notice.withheld] == [("estimated", "LOT-0005")]


@pytest.mark.parametrize("code", ["UNLIMITED", "UNKNOWN"])
def test_a_period_without_end(code: str) -> None:
    period = (
        f"<cac:PlannedPeriod><cbc:DescriptionCode>{code}</cbc:DescriptionCode></cac:PlannedPeriod>"
    )
    found = read(make.eforms(make.lot(project=period))).lots[0].period
    assert (found.unlimited if found else None) == (True if code == "UNLIMITED" else None)


def test_a_length_in_years() -> None:
    period = (
        '<cac:PlannedPeriod><cbc:DurationMeasure unitCode="YEAR">4</cbc:DurationMeasure>'
        "</cac:PlannedPeriod>"
    )
    found = read(make.eforms(make.lot(project=period))).lots[0].period
    assert found and (found.length, found.unit) == (4, LengthUnit.YEAR)


@pytest.mark.parametrize(
    "root", ["ContractNotice", "PriorInformationNotice", "ContractAwardNotice"]
)
@pytest.mark.parametrize(
    "form,kind",
    [
        (("planning", "pin-buyer"), NoticeKind.PROFILE),
        (("planning", "pin-only"), NoticeKind.PLANNING),
        (("planning", "pin-rtl"), NoticeKind.PLANNING),
        (("competition", "pin-cfc-standard"), NoticeKind.COMPETITION),
        (("competition", "qu-sy"), NoticeKind.QUALIFICATION),
        (("dir-awa-pre", "veat"), NoticeKind.DIRECT_AWARD),
        (("result", "can-social"), NoticeKind.RESULT),
        (("cont-modif", "can-modif"), NoticeKind.MODIFICATION),
        (("consultation", "pmc"), NoticeKind.CONSULTATION),
        (("completion", "compl"), NoticeKind.COMPLETION),
        (("competition", "a code of years to come"), NoticeKind.COMPETITION),
        (("", ""), NoticeKind.OTHER),
    ],
)
def test_the_kind_is_what_the_notice_says_whatever_its_root(
    root: str, form: tuple[str, str], kind: NoticeKind
) -> None:
    notice = read(make.eforms(make.lot(), root=root, form=form))
    assert (notice.kind, notice.about) == (kind, kind)


def test_a_cancelling_change() -> None:
    changes = (
        "<efac:Changes><efbc:ChangedNoticeIdentifier>00700001-2026</efbc:ChangedNoticeIdentifier>"
        "<efac:Change><efbc:ChangeDescription>Avbryts</efbc:ChangeDescription></efac:Change>"
        "<efac:ChangeReason><cbc:ReasonCode>cancel</cbc:ReasonCode></efac:ChangeReason></efac:Changes>"
    )
    notice = read(make.eforms(make.lot(), changes))
    assert (notice.kind, notice.about) == (NoticeKind.CHANGE, NoticeKind.COMPETITION)
    assert notice.cancelled and notice.previous == ("700001-2026",)
    assert [(one.section, str(one.text)) for one in notice.changes] == [(None, "Avbryts")]


def test_links_that_are_none_are_left_out() -> None:
    terms = (
        "<cac:CallForTendersDocumentReference><cac:Attachment><cac:ExternalReference>"
        "<cbc:URI>javascript:alert(1)</cbc:URI></cac:ExternalReference></cac:Attachment>"
        "</cac:CallForTendersDocumentReference>"
        "<cac:TenderRecipientParty><cbc:EndpointID>www.tendsign.com/doc</cbc:EndpointID>"
        "</cac:TenderRecipientParty>"
    )
    notice = read(make.eforms(make.lot(terms=terms)))
    assert (notice.document_url, notice.submission_url) == (None, "https://www.tendsign.com/doc")


# --- Results ---


def winners(notice: Notice) -> list[tuple[str | None, tuple[str, ...], list[str]]]:
    return [
        (award.id, award.lots, [str(one.name) for one in award.winners]) for award in notice.awards
    ]


def test_a_lot_may_have_many_winners_and_a_winner_many_companies() -> None:
    notice = read(
        make.result(
            make.lot_result(tenders="TEN-1 TEN-2", contracts="CON-1 CON-2")
            + make.tender("TEN-1", "TPA-1", "700")
            + make.tender("TEN-2", "TPA-2")
            + make.contract("CON-1", "TEN-1")
            + make.contract("CON-2", "TEN-2")
            + make.party("TPA-1", "ORG-0002 ORG-0003")
            + make.party("TPA-2", "ORG-0004")
        )
    )
    assert winners(notice) == [
        ("TEN-1", ("LOT-0001",), ["Alfa AB", "Beta AB"]),
        ("TEN-2", ("LOT-0001",), ["Gamma AB"]),
    ]
    assert [award.value for award in notice.awards] == [Money(70000, "SEK"), None]
    assert [award.signed for award in notice.awards] == [date(2027, 3, 12)] * 2


def test_one_tender_and_one_contract_over_several_lots_is_one_award() -> None:
    notice = read(
        make.result(
            make.lot_result("LOT-0001", "TEN-1", "CON-1")
            + make.lot_result("LOT-0002", "TEN-1", "CON-1")
            + make.tender("TEN-1", "TPA-1", "700")
            + make.contract("CON-1", "TEN-1")
            + make.party("TPA-1", "ORG-0002")
        )
    )
    assert winners(notice) == [("TEN-1", ("LOT-0001", "LOT-0002"), ["Alfa AB"])]
    assert len(notice.awards[0].contracts) == 1


def test_one_contract_over_several_tenders_is_told_with_each() -> None:
    notice = read(
        make.result(
            make.lot_result("LOT-0001", "TEN-1", "CON-1")
            + make.lot_result("LOT-0002", "TEN-2", "CON-1")
            + make.tender("TEN-1", "TPA-1", "700")
            + make.tender("TEN-2", "TPA-1", "300")
            + make.contract("CON-1", "TEN-1 TEN-2")
            + make.party("TPA-1", "ORG-0002")
        )
    )
    assert [[one.id for one in award.contracts] for award in notice.awards] == [
        ["CON-1"],
        ["CON-1"],
    ]
    assert [award.value for award in notice.awards] == [Money(70000, "SEK"), Money(30000, "SEK")]


def test_tenders_that_no_contract_names_did_not_win_where_contracts_name_some() -> None:
    notice = read(
        make.result(
            make.lot_result(tenders="TEN-1 TEN-2", contracts="CON-1")
            + make.tender("TEN-1", "TPA-1")
            + make.tender("TEN-2", "TPA-2")
            + make.contract("CON-1", "TEN-2")
            + make.party("TPA-1", "ORG-0002")
            + make.party("TPA-2", "ORG-0003")
        )
    )
    assert winners(notice) == [("TEN-2", ("LOT-0001",), ["Beta AB"])]


def test_a_tendering_party_within_the_tender() -> None:
    inside = make.tender("TEN-1", "TPA-1").replace(
        "<cbc:ID>TPA-1</cbc:ID>", "<efac:Tenderer><cbc:ID>ORG-0002</cbc:ID></efac:Tenderer>"
    )
    notice = read(make.result(make.lot_result(tenders="TEN-1") + inside))
    assert winners(notice) == [("TEN-1", ("LOT-0001",), ["Alfa AB"])]


@pytest.mark.parametrize(
    "code,status", [("clos-nw", AwardStatus.NOT_AWARDED), ("open-nw", AwardStatus.OPEN)]
)
def test_a_lot_without_winner_has_none_even_if_it_lists_tenders(
    code: str, status: AwardStatus
) -> None:
    notice = read(
        make.result(
            make.lot_result(tenders="TEN-1", code=code)
            + make.tender("TEN-1", "TPA-1")
            + make.party("TPA-1", "ORG-0002")
        )
    )
    (award,) = notice.awards
    assert (award.status, award.winners, award.lots) == (status, (), ("LOT-0001",))


def test_references_that_lead_nowhere_leave_a_doubt_and_the_rest() -> None:
    notice = read(
        make.result(
            make.lot_result(tenders="TEN-1 TEN-9")
            + make.tender("TEN-1", "TPA-9")
            + make.party("TPA-1", "ORG-0002")
        )
    )
    assert winners(notice) == [("TEN-1", ("LOT-0001",), []), ("TEN-9", ("LOT-0001",), [])]
    assert [one.raw for one in notice.doubts] == ["TPA-9", "TEN-9"]


@pytest.mark.parametrize("amount", ["-1", "-1.00", "unpublished"])
def test_a_withheld_amount_is_nothing_and_named_with_the_day_it_comes_out(amount: str) -> None:
    privacy = (
        "<efac:FieldsPrivacy><efbc:FieldIdentifierCode>win-ten-val</efbc:FieldIdentifierCode>"
        "<efbc:PublicationDate>2029-07-01+02:00</efbc:PublicationDate></efac:FieldsPrivacy>"
    )
    hidden = make.tender("TEN-1", "TPA-1", amount).replace(
        "<efac:LotTender>", f"<efac:LotTender>{privacy}"
    )
    body = make.lot_result(tenders="TEN-1") + make.party("TPA-1", "ORG-0002")
    notice = read(make.result(body + hidden))
    (one,) = notice.withheld
    assert (one.field, one.where, one.code) == ("value", "TEN-1", "win-ten-val")
    assert one.until == date(2029, 7, 1)
    assert notice.awards[0].value is None
    # without the statement, it is still withheld
    (one,) = read(make.result(body + make.tender("TEN-1", "TPA-1", amount))).withheld
    assert (one.field, one.where, one.code, one.until) == ("value", "TEN-1", None, None)
    # and when the amount has come out, it is not
    shown = hidden.replace(f">{amount}<", ">700<")
    notice = read(make.result(body + shown))
    assert (notice.withheld, notice.awards[0].value) == ((), Money(70000, "SEK"))


def test_withheld_counts_dates_and_texts() -> None:
    statistics = (
        "<efac:ReceivedSubmissionsStatistics><efbc:StatisticsCode>unpublished</efbc:StatisticsCode>"
        "<efbc:StatisticsNumeric>-1</efbc:StatisticsNumeric></efac:ReceivedSubmissionsStatistics>"
    )
    notice = read(
        make.result(
            make.lot_result(tenders="TEN-1", contracts="CON-1", more=statistics)
            + make.tender("TEN-1", "TPA-1", "5", "unpublished")
            + make.contract("CON-1", "TEN-1", "1970-01-01Z")
            + make.party("TPA-1", "ORG-0002")
        )
    )
    told = {(one.field, one.where) for one in notice.withheld}
    assert told == {("tenders", "RES-0001"), ("value", "TEN-1"), ("signed", "CON-1")}
    assert (notice.awards[0].tenders, notice.awards[0].signed) == (None, None)


def test_the_dummy_day_of_an_award_is_not_read() -> None:
    dummy = b"<cac:TenderResult><cbc:AwardDate>2000-01-01Z</cbc:AwardDate></cac:TenderResult>"
    content = make.result(
        make.lot_result(tenders="TEN-1")
        + make.tender("TEN-1", "TPA-1")
        + make.party("TPA-1", "ORG-0002")
    ).replace(b"</ContractAwardNotice>", dummy + b"</ContractAwardNotice>")
    assert read(content).awards[0].decided is None
