"""Small notices of every kind, after the conventions of eForms, TED_EXPORT and OCDS: what they are
for is known, nothing breaks, and nothing is made up."""

import io
import json

import pytest

from crm.adapters.notices.upload import read_upload
from crm.adapters.notices.values import org_number
from crm.rules.law.terms import Law
from crm.rules.notice_facts import NOTHING_SAID, facts_of, law_of
from crm.rules.notice_records import from_plain, to_plain
from crm.rules.notices import Money, Notice, NoticeKind
from crm.rules.registered import published_contracts
from tests.adapters.notices import builders as make

K = NoticeKind


def read(content: bytes) -> list[Notice]:
    (found,) = read_upload("x", io.BytesIO(content))
    assert found.problem is None
    return list(found.notices)


def subtype(code: str, root: str, form: tuple[str, str]) -> bytes:
    return make.eforms(
        make.lot(),
        f"<efac:NoticeSubType><cbc:SubTypeCode>{code}</cbc:SubTypeCode></efac:NoticeSubType>",
        root=root,
        form=form,
    )


PIN, CN, CAN = "PriorInformationNotice", "ContractNotice", "ContractAwardNotice"


@pytest.mark.parametrize(
    "codes,root,form,about",
    [
        ("1 2 3", PIN, ("planning", "pin-buyer"), K.PROFILE),
        ("4 5 6 E2", PIN, ("planning", "pin-only"), K.PLANNING),
        ("7 8 9", PIN, ("planning", "pin-rtl"), K.PLANNING),
        ("10 11", PIN, ("competition", "pin-cfc-standard"), K.COMPETITION),
        ("12 13", PIN, ("competition", "pin-cfc-social"), K.COMPETITION),
        ("15", CN, ("competition", "qu-sy"), K.QUALIFICATION),
        ("16 17 18 19 E3", CN, ("competition", "cn-standard"), K.COMPETITION),
        ("20 21", CN, ("competition", "cn-social"), K.COMPETITION),
        ("22", CN, ("competition", "subco"), K.COMPETITION),
        ("23 24", CN, ("competition", "cn-desg"), K.COMPETITION),
        ("25 26 27 28", CAN, ("dir-awa-pre", "veat"), K.DIRECT_AWARD),
        ("29 30 31 32 E4", CAN, ("result", "can-standard"), K.RESULT),
        ("33 34 35", CAN, ("result", "can-social"), K.RESULT),
        ("36 37", CAN, ("result", "can-desg"), K.RESULT),
        ("38 39 40", CAN, ("cont-modif", "can-modif"), K.MODIFICATION),
        ("E1", PIN, ("consultation", "pmc"), K.CONSULTATION),
        ("E5", CAN, ("completion", "compl"), K.COMPLETION),
    ],
)
def test_every_subtype_of_eforms_is_known(
    codes: str, root: str, form: tuple[str, str], about: NoticeKind
) -> None:
    for code in codes.split():
        (notice,) = read(subtype(code, root, form))
        assert (notice.about, notice.form) == (about, code)
        assert (notice.estimated, notice.total, notice.procedure) == (None, None, None)
        assert from_plain(to_plain(notice)) == notice
        assert published_contracts([(1, notice)]) == []
        facts = facts_of([notice])
        assert (facts.value_ore, facts.tenders_due_at, facts.route, facts.law) == (None,) * 4
        assert (facts == NOTHING_SAID) == (about in {K.PROFILE, K.QUALIFICATION})


@pytest.mark.parametrize(
    "number,kind,about",
    [
        ("F01", "", K.PLANNING),
        ("F02", "", K.COMPETITION),
        ("F03", "", K.RESULT),
        ("F04", "", K.PLANNING),
        ("F05", "", K.COMPETITION),
        ("F06", "", K.RESULT),
        ("F07", "", K.QUALIFICATION),
        ("F08", "", K.PROFILE),
        ("F12", "", K.COMPETITION),
        ("F13", "", K.RESULT),
        ("F15", "", K.DIRECT_AWARD),
        ("F20", "", K.MODIFICATION),
        ("F21", "CONTRACT", K.COMPETITION),
        ("F21", "AWARD_CONTRACT", K.RESULT),
        ("F22", "CONTRACT", K.COMPETITION),
        ("F23", "CONCESSION_AWARD_CONTRACT", K.RESULT),
        ("F24", "", K.COMPETITION),
        ("F25", "", K.RESULT),
    ],
)
def test_every_form_of_ted_export_is_known(number: str, kind: str, about: NoticeKind) -> None:
    (notice,) = read(make.ted_export("", f"{number}_2014", number, notice_type=kind))
    assert (notice.about, notice.form) == (about, number)
    assert (notice.estimated, notice.total, notice.awards, notice.deadlines) == (None, None, (), ())
    assert from_plain(to_plain(notice)) == notice
    assert facts_of([notice]).value_ore is None


def test_releases_with_several_awards_and_amendments_are_read_each_by_itself() -> None:
    def release(number: int, **more: object) -> dict[str, object]:
        return {
            "ocid": "ocds-1",
            "id": str(number),
            "date": f"2026-0{number}-01T00:00:00Z",
            "tag": ["award"],
            "buyer": {"name": "Åre kommun"},
            **more,
        }

    awards = [
        {"id": f"a{n}", "status": "active", "suppliers": [{"name": f"Nr {n}"}], "value": value}
        for n, value in enumerate(
            [{"amount": 10, "currency": "EUR"}, {"amount": 20, "currency": "NOK"}, {"amount": 5}]
        )
    ]
    later = release(2, tender={"title": "Bänkar", "amendments": [{"description": "Ny dag"}]})
    notices = read(json.dumps({"releases": [release(1, awards=awards), later]}).encode())
    told = published_contracts(list(enumerate(notices, 1)))
    assert [one.supplier for one in told] == ["Nr 0", "Nr 1", "Nr 2"]
    assert [one.value for one in told] == [Money(1_000, "EUR"), Money(2_000, "NOK"), None]
    assert [one.value_ore for one in told] == [None, None, None]
    record = {"records": [{"ocid": "ocds-1", "releases": [release(1, awards=awards), later]}]}
    assert len(read(json.dumps(record).encode())) == len(notices)


@pytest.mark.parametrize(
    "written",
    [
        "556025-0051", "5560250051", "SE556025005101", "SE 556025-0051", "SE-556025-0051",
        "556025 0051", "16556025-0051", "0007:5560250051", "VAT SE556025005101", "556025.0051",
        "Organisationsnummer: 556025-0051.", "5560250051 (SE)", "556025–0051",
    ],
)  # fmt: skip
def test_an_organisation_number_is_known_however_it_is_written(written: str) -> None:
    assert org_number([written], "SE") == "5560250051"
    assert org_number([written], "NO") is None


@pytest.mark.parametrize(
    "written",
    ["", "N/A", "556025-0052", "12345", "556025-0051 / 212000-9994", "08-556025 00 51 22"],
)
def test_what_is_no_organisation_number_or_two_is_none(written: str) -> None:
    assert org_number([written], "SE") is None


@pytest.mark.parametrize(
    "told,law",
    [
        ("<cbc:RegulatoryDomain>32014L0025</cbc:RegulatoryDomain>", Law.LUF),
        ("<cbc:RegulatoryDomain>32009L0081</cbc:RegulatoryDomain>", Law.LUFS),
        ("<cbc:RegulatoryDomain>32018R1046</cbc:RegulatoryDomain>", None),
        (
            (
                "<cbc:RegulatoryDomain>other</cbc:RegulatoryDomain><cac:TenderingTerms>"
                "<cac:ProcurementLegislationDocumentReference><cbc:ID>LocalLegalBasis</cbc:ID>"
                "<cbc:DocumentDescription>Lag (2016:1145) om offentlig upphandling"
                "</cbc:DocumentDescription></cac:ProcurementLegislationDocumentReference>"
                "</cac:TenderingTerms>"
            ),
            Law.LOU,
        ),
    ],
)
def test_the_act_is_known_by_the_directive_or_by_its_own_number(told: str, law: Law | None) -> None:
    (notice,) = read(make.eforms(told + make.lot()))
    assert law_of(notice) is law


def test_a_contract_over_two_lots_with_joint_winners_is_one() -> None:
    content = (
        make.lot_result("LOT-0001", "TEN-1", "CON-1")
        + make.lot_result("LOT-0002", "TEN-2", "CON-1").replace("RES-0001", "RES-0002")
        + make.tender("TEN-1", "TPA-1", "1000.50", "EUR")
        + make.tender("TEN-2", "TPA-1", "2000", "EUR")
        + make.party("TPA-1", "ORG-0002 ORG-0003")
        + make.contract("CON-1", "TEN-1 TEN-2")
    )
    (notice,) = read(make.result(content))
    (one,) = published_contracts([(1, notice)])
    assert one.supplier == "Alfa AB, Beta AB"
    assert one.value == Money(3_000_50, "EUR")
    assert one.value_ore is None
    assert set(one.lots) == {"LOT-0001", "LOT-0002"}
