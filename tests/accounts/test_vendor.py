"""Who we are to the buyers: written once by an administrator, and told on what leaves the house."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from crm.accounts import vendor
from crm.accounts.models import Vendor
from crm.accounts.vendor import VendorFacts
from crm.rules.access import Permission, Role, allows
from tests.support.forms import post_forms

US = VendorFacts(
    "Läsverktyg AB", "5560360793", "Storgatan 1\n577 30 Hultsfred", "0495-10 00", "a@x.se"
)
PAGE = "/our-company"


def test_the_name_with_its_number_and_how_we_are_reached() -> None:
    assert US.heading == "Läsverktyg AB, 556036-0793"
    assert US.contact == "Storgatan 1, 577 30 Hultsfred · 0495-10 00 · a@x.se"
    assert VendorFacts().heading == VendorFacts().contact == ""
    assert VendorFacts("Läsverktyg AB").heading == "Läsverktyg AB"


def test_there_is_one_of_us(session: Any) -> None:
    assert vendor.facts() == VendorFacts()
    saved = vendor.save(None, US)
    assert vendor.facts() == US
    vendor.save(saved, VendorFacts("Läsverktyg AB"))
    assert vendor.facts() == VendorFacts("Läsverktyg AB")
    session.add(Vendor(id=2, name="Någon annan"))
    with pytest.raises(IntegrityError):
        session.flush()


def sent(client: Any, **changes: str) -> dict[str, Any]:
    form = next(one for one in post_forms(client.get(PAGE).text) if one.action.startswith(PAGE))
    return form.sent(**({"name": "Läsverktyg AB", "org_number": "556036-0793"} | changes))


@pytest.mark.one_database
def test_an_administrator_writes_it_and_a_stale_page_is_refused(
    as_user: Callable[..., Any], session: Any
) -> None:
    admin = as_user(Role.ADMIN)
    assert "går ut utan det" in admin.get("/status").text
    first, second = sent(admin), sent(admin, name="Annat AB")
    assert admin.post(PAGE, data=first).status_code == 303
    assert admin.post(PAGE, data=second).status_code == 409
    assert "Läsverktyg AB, 556036-0793" in admin.get("/status").text
    assert session.scalar(sa.select(Vendor.org_number)) == "5560360793"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "changes", [{"name": " "}, {"org_number": "556036-0790"}, {"email": "a"}, {"phone": "1" * 41}]
)
def test_what_cannot_be_is_said_and_kept(
    as_user: Callable[..., Any], session: Any, changes: dict[str, str]
) -> None:
    admin = as_user(Role.ADMIN)
    answer = admin.post(PAGE, data=sent(admin) | changes)
    assert answer.status_code == 422
    assert f'{next(iter(changes))}-err"' in answer.text
    assert session.scalar(sa.select(sa.func.count(Vendor.id))) == 0


@pytest.mark.one_database
@pytest.mark.parametrize("role", list(Role))
def test_who_may(as_user: Callable[..., Any], role: Role) -> None:
    may = allows(role, Permission.EDIT_LISTS)
    assert as_user(role).get(PAGE).status_code == (200 if may else 403)
