"""Twice as large a notice takes twice as many steps, whatever it is that there is more of.

Steps are counted, not timed: the lines of Python that run.
"""

import json
import sys
from collections.abc import Callable
from io import BytesIO
from types import FrameType
from typing import Any

import pytest

from crm.adapters.notices.upload import read_upload
from tests.adapters.notices import builders as make

MASKED = (
    '<cac:RequestedTenderTotal><cbc:EstimatedOverallContractAmount currencyID="SEK">-1'
    "</cbc:EstimatedOverallContractAmount></cac:RequestedTenderTotal>"
)


def one_contract_each(n: int) -> bytes:
    return make.result(
        "".join(
            make.lot_result(f"LOT-{x}", f"TEN-{x}", f"CON-{x}")
            + make.tender(f"TEN-{x}", f"TPA-{x}", "-1")
            + make.contract(f"CON-{x}", f"TEN-{x}")
            + make.party(f"TPA-{x}", "ORG-0002")
            for x in range(n)
        )
    )


def one_tender_for_all(n: int) -> bytes:
    return make.result(
        "".join(make.lot_result(f"LOT-{x}", "TEN-1", "CON-1") for x in range(n))
        + make.tender("TEN-1", "TPA-1")
        + make.contract("CON-1", "TEN-1")
        + make.party("TPA-1", "ORG-0002")
    )


def many_lots(n: int) -> bytes:
    return make.eforms(
        "".join(
            make.lot(make.tenders_due("2027-01-18", "24:61"), MASKED, key=f"LOT-{x}")
            for x in range(n)
        )
    )


def many_organisations(n: int) -> bytes:
    known = "".join(make.organisation(f"ORG-{x:04}", f"Kommun {x}") for x in range(1, n + 1))
    return make.eforms(
        "".join(make.buyer(f"ORG-{x:04}") for x in range(2, n + 1)) + make.lot(), "", known
    )


def ted_lots_and_awards(n: int) -> bytes:
    lots = "".join(f"<OBJECT_DESCR><LOT_NO>{x}</LOT_NO></OBJECT_DESCR>" for x in range(n))
    awards = "".join(
        f'<AWARD_CONTRACT ITEM="{x}"><LOT_NO>{x}</LOT_NO><AWARDED_CONTRACT><CONTRACTOR>'
        "<ADDRESS_CONTRACTOR><OFFICIALNAME>A</OFFICIALNAME></ADDRESS_CONTRACTOR></CONTRACTOR>"
        "</AWARDED_CONTRACT></AWARD_CONTRACT>"
        for x in range(n)
    )
    return make.ted_export(f"<OBJECT_CONTRACT>{lots}</OBJECT_CONTRACT>{awards}", "F03_2014", "F03")


def old_lots(n: int) -> bytes:
    lots = "".join(f"<F02_ANNEX_B><LOT_NUMBER>{x}</LOT_NUMBER></F02_ANNEX_B>" for x in range(n))
    return make.ted_export(f"<TITLE_CONTRACT>x</TITLE_CONTRACT>{lots}", "CONTRACT", "2")


def releases(n: int) -> bytes:
    keys = [str(x) for x in range(n)]
    return json.dumps(
        {
            "ocid": "x",
            "tag": ["award"],
            "parties": [{"id": key, "name": key, "roles": ["buyer"]} for key in keys],
            "tender": {
                "lots": [{"id": key} for key in keys],
                "items": [
                    {"relatedLot": key, "classification": {"id": "39160000"}} for key in keys
                ],
            },
            "awards": [{"id": key, "suppliers": [{"id": key}]} for key in keys],
            "contracts": [{"id": key, "awardID": key} for key in keys],
        }
    ).encode()


def steps(content: bytes) -> int:
    count = 0

    def line(_frame: FrameType, event: str, _value: Any) -> Any:
        nonlocal count
        count += event == "line"
        return line

    before = sys.gettrace()
    sys.settrace(line)
    try:
        (found,) = read_upload("x", BytesIO(content))
    finally:
        sys.settrace(before)
    assert found.problem is None
    return count


@pytest.mark.parametrize(
    "build",
    [
        one_contract_each,
        one_tender_for_all,
        many_lots,
        many_organisations,
        ted_lots_and_awards,
        old_lots,
        releases,
    ],
    ids=lambda build: build.__name__,
)
def test_steps_grow_with_the_notice_and_no_faster(build: Callable[[int], bytes]) -> None:
    few, many = steps(build(150)), steps(build(300))
    assert many < 2.1 * few
