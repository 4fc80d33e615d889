"""What is typed above a list is found as it is written, in either case, on both engines."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from crm.contracts import queries as contracts
from crm.procurements import notice_queries
from crm.procurements import queries as procurements
from crm.records import queries as records
from tests.factories.accounts import make_user
from tests.factories.cases import TODAY
from tests.factories.contracts import make_contract
from tests.factories.notices import make_record, store
from tests.factories.organisations import make_municipality
from tests.factories.procurements import make_procurement
from tests.factories.records import make_request

TITLE = "ÖVERENSKOMMELSE om 100 % stöd"


def _contracts(text: str) -> list[str]:
    page = contracts.rows(
        contracts.Filter(text=text), today=TODAY, sort="title", descending=False, page=1
    )
    return [one.title for one in page.rows]


LISTS: dict[str, Callable[[str], list[str]]] = {
    "contracts": _contracts,
    "procurements": lambda text: [
        one.title
        for one in procurements.rows(procurements.Filter(text=text), page=1, today=TODAY).rows
    ],
    "notices": lambda text: [
        one.title for one in notice_queries.rows(notice_queries.Filter(text=text), page=1).rows
    ],
    "records": lambda text: [
        one.title for one in records.rows(records.Filter(text=text), page=1).rows
    ],
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_is_searched_as_it_is_written(app: Any, session: Session, name: str) -> None:
    body = make_municipality("Hultsfred")
    for title in (TITLE, "Annat"):
        make_contract(body, title)
        make_procurement(body, title)
        make_request(body, make_user(), title)
        store([make_record(title=title)])
    session.flush()
    found = LISTS[name]
    assert found("överens") == found("Överenskommelse") == found("100 %") == [TITLE]
    assert found("%stöd") == found("1_0") == found("ö%") == []
