"""How organisations stand in the search index."""

import pytest

from crm.rules.kinds import OrganisationKind
from crm.search.queries import some
from tests.factories.organisations import make_municipality, make_unit

pytestmark = pytest.mark.usefixtures("session")


def test_same_named_units_are_told_apart_by_their_municipality() -> None:
    told = []
    for name in ("Norrköping", "Söderköping"):
        town = make_municipality(name)
        department = make_unit(
            town, "Barn- och utbildningsförvaltningen", kind=OrganisationKind.DEPARTMENT
        )
        school = make_unit(department, "Åskolan")
        found = some([("unit", school.id), ("unit", department.id)])
        told.append(found["unit", school.id].subtitle)
        assert found["unit", department.id].subtitle.count(name) == 1
    assert told[0].startswith("Barn- och utbildningsförvaltningen, Norrköping")
    assert told[1].startswith("Barn- och utbildningsförvaltningen, Söderköping")
