"""The account plan: what it gathers, in one column of paper, and for whom."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm.anchoring import operations as anchoring
from crm.cases import operations as cases
from crm.champions import operations as champions
from crm.core import clock
from crm.core.db import db
from crm.rules.access import Role
from crm.rules.anchoring import Stance
from crm.rules.functions import Function
from crm.rules.stages import CaseRole
from tests.factories.accounts import make_user
from tests.factories.cases import make_case
from tests.factories.contracts import make_contract
from tests.factories.organisations import make_municipality, make_unit
from tests.factories.people import make_person
from tests.factories.procurements import make_procurement
from tests.factories.reminders import make_reminder

AsUser = Callable[..., Any]


def words(page: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True)).split())
