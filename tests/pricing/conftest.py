"""A school that tries a product with a price."""

from dataclasses import dataclass
from typing import Any

import pytest

from crm.accounts.models import User
from crm.cases import operations as cases
from crm.cases.models import Case, Product
from crm.core import clock
from crm.core.db import db
from crm.organisations.models import Organisation
from crm.pricing.models import PriceList
from crm.rules.access import Role
from crm.rules.stages import AdoptionStage
from tests.factories import pricing as make
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.organisations import make_municipality, make_unit


@dataclass
class Shop:
    """What we sell, to whom, and who sells it."""

    body: Organisation
    school: Organisation
    case: Case
    product: Product
    price_list: PriceList
    seller: User


@pytest.fixture
def shop(app: Any) -> Shop:
    body = make_municipality("Hultsfred")
    body.population = 13_700
    school = make_unit(body, "Venhagskolan")
    seller = make_user(Role.ACCOUNT_MANAGER, name="Kim Säljare")
    product = cases.add_product("Läsverktyget")
    case = make_case(school, "Läsverktyg", adoption=AdoptionStage.UNIT_PILOT)
    db.session.flush()
    price_list = make.publish_list(product, seller, valid_from=clock.today(), now=clock.now())
    return Shop(body, school, case, product, price_list, seller)
