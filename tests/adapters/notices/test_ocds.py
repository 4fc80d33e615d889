"""What OCDS publishers do that the sample does not."""

import json
from datetime import date
from io import BytesIO
from typing import Any

import pytest

from crm.adapters.notices.problems import NoticeProblem
from crm.adapters.notices.upload import FileResult, read_upload
from crm.rules.notices import (
    AwardStatus,
    Criterion,
    CriterionKind,
    LengthUnit,
    Money,
    Notice,
    NoticeKind,
    Period,
    WeightUnit,
)


def result(content: Any) -> FileResult:
    (one,) = read_upload("release.json", BytesIO(json.dumps(content).encode()))
    return one


def release(**more: Any) -> dict[str, Any]:
    return {
        "ocid": "ocds-1",
        "id": "1",
        "date": "2026-11-20T10:00:00+01:00",
        "tag": ["tender"],
        "buyer": {"id": "SE-1", "name": "Åre kommun"},
        "tender": {"title": "Skolmöbler"},
        **more,
    }


def read(**more: Any) -> Notice:
    (notice,) = result({"releases": [release(**more)]}).notices
    return notice


@pytest.mark.parametrize(
    "content,count",
    [
        ({"releases": [release()]}, 1),
        ([release(), release(id="2")], 2),
        (release(), 1),
        ({"records": [{"ocid": "ocds-1", "releases": [release(), release(id="2")]}]}, 2),
        ({"records": [{"ocid": "ocds-1", "compiledRelease": release()}]}, 1),
        (
            {
                "records": [
                    {
                        "ocid": "ocds-1",
                        "releases": [{"url": "https://x.example/1.json"}],
                        "compiledRelease": release(),
                    }
                ]
            },
            1,
        ),
        ({"ocid": "ocds-1", "releases": [], "compiledRelease": release()}, 1),
    ],
)
def test_releases_in_every_wrapping(content: Any, count: int) -> None:
    found = result(content)
    assert found.problem is None
    assert [str(notice.title) for notice in found.notices] == ["Skolmöbler"] * count


@pytest.mark.parametrize("content", [{}, [], {"releases": []}, {"releases": "x"}, 5, [1, [2]], "x"])
def test_json_that_is_no_notice(content: Any) -> None:
    assert result(content).problem is NoticeProblem.NOT_A_NOTICE


K = NoticeKind


@pytest.mark.parametrize(
    "tags,kind,about",
    [
        (["planning"], K.PLANNING, K.PLANNING),
        (["planning", "tender"], K.COMPETITION, K.COMPETITION),
        (["tenderUpdate"], K.CHANGE, K.COMPETITION),
        (["tenderCancellation"], K.CHANGE, K.COMPETITION),
        (["award", "contract"], K.RESULT, K.RESULT),
        (["contract", "award", "tender", "planning"], K.RESULT, K.RESULT),
        (["tenderAmendment", "tender"], K.CHANGE, K.COMPETITION),
        (["contractAmendment"], K.MODIFICATION, K.MODIFICATION),
        (["contractTermination"], K.COMPLETION, K.COMPLETION),
        (["compiled"], K.COMPETITION, K.COMPETITION),
        ([], K.COMPETITION, K.COMPETITION),
        (["of years to come"], K.COMPETITION, K.COMPETITION),
    ],
)
def test_the_kind_is_the_last_stage(tags: list[str], kind: K, about: K) -> None:
    notice = read(tag=tags)
    assert (notice.kind, notice.about) == (kind, about)
    assert notice.cancelled is (tags == ["tenderCancellation"])


@pytest.mark.parametrize(
    "identifier,number,country",
    [
        ({"scheme": "SE-ON", "id": "212000-2502"}, "2120002502", "SE"),
        ({"scheme": "SE-ON", "id": 2120002502}, "2120002502", "SE"),
        ({"scheme": "SE-ON", "id": "2120002502.0"}, "2120002502", "SE"),
        ({"id": "212000-2502"}, "2120002502", None),
        ({"scheme": "GB-COH", "id": "09506232"}, None, None),
    ],
)
def test_a_swedish_organisation(
    identifier: dict[str, Any], number: str | None, country: str | None
) -> None:
    notice = read(parties=[{"id": "SE-1", "name": "Åre kommun", "identifier": identifier}])
    (buyer,) = notice.buyers
    assert (buyer.number, buyer.country) == (number, country)


def test_the_whole_buyer_in_the_reference_as_before_1_1() -> None:
    notice = read(
        buyer={"name": "Åre kommun", "identifier": {"scheme": "SE-ON", "id": "2120002502"}}
    )
    assert notice.buyers[0].number == "2120002502"


def test_lots_and_awards_by_lot() -> None:
    notice = read(
        tag=["award"],
        tender={
            "title": "Skolmöbler",
            "lots": [
                {"id": "A", "title": "Bord", "value": {"amount": 1000.5, "currency": "sek"}},
                {"id": "B", "title": "Stolar", "contractPeriod": {"durationInDays": 730}},
            ],
            "items": [
                {"relatedLot": "A", "classification": {"scheme": "CPV", "id": "39121200-8"}},
                {"relatedLot": "B", "classification": {"scheme": "CPV", "id": "3000000.0"}},
                {"relatedLot": "B", "classification": {"scheme": "UNSPSC", "id": "56101500"}},
            ],
        },
        awards=[
            {"id": 1, "status": "active", "relatedLots": ["A"], "suppliers": [{"name": "Alfa AB"}]},
            {"id": 2, "status": "unsuccessful", "relatedLots": ["B"]},
        ],
        contracts=[{"id": "C", "awardID": 1, "dateSigned": "2026-12-01T00:00:00Z"}],
    )
    assert [(lot.id, lot.cpv, lot.estimated) for lot in notice.lots] == [
        ("A", "39121200", Money(100_050, "SEK")),
        ("B", "03000000", None),
    ]
    period = notice.lots[1].period
    assert period and (period.length, period.unit) == (730, LengthUnit.DAY)
    one, two = notice.awards
    assert (one.status, one.lots, one.signed) == (AwardStatus.AWARDED, ("A",), date(2026, 12, 1))
    assert [str(party.name) for party in one.winners] == ["Alfa AB"]
    assert (two.status, two.lots, two.winners) == (AwardStatus.NOT_AWARDED, ("B",), ())


def test_a_contract_whose_award_is_not_told() -> None:
    notice = read(
        tag=["contract"],
        contracts=[{"id": "C", "value": {"amount": 5, "currency": "SEK"}, "title": "Möbler"}],
    )
    assert [(one.id, one.value) for one in notice.awards] == [("C", Money(500, "SEK"))]


@pytest.mark.parametrize(
    "amount",
    ["1e999999999", "-5", "NaN", "1e400", "99999999999999999999999999", '"x"', "true", "[]"],
)
def test_amounts_beyond_reason_are_nothing(amount: str) -> None:
    content = json.dumps(release(tender={"title": "x", "value": {"amount": 0, "currency": "SEK"}}))
    (one,) = read_upload(
        "x.json", BytesIO(content.replace('"amount": 0', f'"amount": {amount}').encode())
    )
    assert one.problem is None
    assert one.notices[0].estimated is None


@pytest.mark.parametrize("odd", [None, 5, "x", [], [5], {"x": []}, [[]], [None], True])
@pytest.mark.parametrize(
    "part", ["buyer", "parties", "tender", "planning", "awards", "contracts", "tag", "date", "id", "language"]
)  # fmt: skip
def test_any_part_may_be_of_another_type(part: str, odd: Any) -> None:
    found = result({"releases": [release(**{part: odd})]})
    assert found.problem is None


def test_criteria_of_the_extension_and_how_long_a_tender_stands() -> None:
    tender = {
        "title": "Skolmöbler",
        "awardCriteria": "priceOnly",
        "submissionTerms": {"bidValidityPeriod": {"durationInDays": 90}},
        "lots": [
            {
                "id": "1",
                "awardCriteria": {
                    "criteria": [
                        {
                            "type": "quality",
                            "name": "Stöd",
                            "numbers": [
                                {"number": 5, "threshold": "maximumBids"},
                                {"number": 12.5, "weight": "percentageExact"},
                            ],
                        },
                        {"type": "odd"},
                    ]
                },
            },
            {"id": "2", "submissionTerms": {"bidValidityPeriod": {"endDate": "2027-06-30"}}},
        ],
    }
    one, two = read(tender=tender).lots
    assert [(c.kind, str(c.name), c.weight, c.unit) for c in one.criteria] == [
        (CriterionKind.QUALITY, "Stöd", "12.5", WeightUnit.PERCENT)
    ]
    assert two.criteria == (Criterion(kind=CriterionKind.PRICE),)
    assert one.validity == Period(length=90, unit=LengthUnit.DAY)
    assert two.validity == Period(end=date(2027, 6, 30))
