"""A school with a champion, prices, answers, and a reference elsewhere."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from crm.accounts.models import User
from crm.anchoring.models import Reference
from crm.cases import operations as cases
from crm.cases.models import Case, CaseProduct
from crm.core import clock
from crm.core.db import db
from crm.interest.operations import seed_sources
from crm.organisations.models import Organisation
from crm.people.models import Person
from crm.requirements.models import Answer
from crm.rules.access import Role
from crm.rules.requirements import Area
from crm.rules.stages import AdoptionStage
from tests.factories import pricing as make_prices
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.kits import make_reference
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.requirements import make_answer


@dataclass
class Setting:
    """What a kit is made of here."""

    body: Organisation
    school: Organisation
    case: Case
    anna: Person
    seller: User
    secure: Answer
    private: Answer
    old: Answer
    reference: Reference


@pytest.fixture
def there(app: Any) -> Setting:
    today, now = clock.today(), clock.now()
    seed_sources()
    body = make_municipality("Hultsfred")
    body.population = 13_700
    school = make_unit(body, "Venhagskolan")
    seller = make_user(Role.REP, name="Kim Säljare")
    product = cases.add_product("Läsverktyget")
    anna = make_person("Anna", "Björk", organisation=school)
    case = make_case(
        school,
        "Läsverktyg",
        owner=seller,
        champion=anna,
        adoption=AdoptionStage.UNIT_PILOT,
        opened_on=today,
        now=now,
    )
    db.session.add(CaseProduct(case_id=case.id, product_id=product.id))
    make_prices.publish_list(product, seller, valid_from=today, now=now)
    elsewhere = make_unit(make_municipality("Vimmerby"), "Astridskolan")
    told = make_person("Örjan", "Åström", organisation=elsewhere)
    found = Setting(
        body=body,
        school=school,
        case=case,
        anna=anna,
        seller=seller,
        secure=make_answer(seller, "Kryptering", area=Area.SECURITY, today=today),
        private=make_answer(
            seller, "Personuppgiftsbiträde", area=Area.DATA_PROTECTION, today=today
        ),
        old=make_answer(
            seller, "Tillgänglighet", area=Area.ACCESSIBILITY, today=today - timedelta(days=500)
        ),
        reference=make_reference(told, elsewhere, seller, today=today),
    )
    db.session.flush()
    return found
