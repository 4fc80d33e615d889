"""Kinds of nodes in the tree of accounts: legal bodies, and what lies under them."""

from enum import StrEnum


class OrganisationKind(StrEnum):
    """A *body* has an organisation number and no parent. The other kinds hang below one."""

    MUNICIPALITY = "municipality"  # kommun
    REGION = "region"
    AUTHORITY = "authority"  # statlig myndighet
    UNIVERSITY = "university"  # a state authority with a calendar of its own
    ASSOCIATION = "association"  # kommunalförbund
    COMPANY = "company"  # owned by kommun, region or state
    PRINCIPAL = "principal"  # independent school authority (enskild huvudman)
    COMMITTEE = "committee"  # nämnd
    DEPARTMENT = "department"  # förvaltning
    UNIT = "unit"


BODY_KINDS = frozenset(
    {
        OrganisationKind.MUNICIPALITY,
        OrganisationKind.REGION,
        OrganisationKind.AUTHORITY,
        OrganisationKind.UNIVERSITY,
        OrganisationKind.ASSOCIATION,
        OrganisationKind.COMPANY,
        OrganisationKind.PRINCIPAL,
    }
)


class UnitKind(StrEnum):
    SCHOOL = "school"
    PRESCHOOL = "preschool"
    UPPER_SECONDARY = "upper_secondary"
    ADULT_EDUCATION = "adult_education"
    LIBRARY = "library"
    HEALTH_CENTRE = "health_centre"
    HOSPITAL = "hospital"
    CARE_HOME = "care_home"
    SOCIAL_SERVICES = "social_services"
    FINANCE = "finance"  # ekonomiavdelning: who keeps the body's books
    OFFICE = "office"
    OTHER = "other"


SCHOOL_KINDS = frozenset({UnitKind.SCHOOL, UnitKind.PRESCHOOL, UnitKind.UPPER_SECONDARY})

STATE_KINDS = frozenset({OrganisationKind.AUTHORITY, OrganisationKind.UNIVERSITY})
"""The bodies that are the state's own (a central upphandlande myndighet, LOU 1 kap. 11 §)."""


class SizeClass(StrEnum):
    """Population classes for filters; the upper bounds are round numbers of our own choice."""

    UNDER_10 = "under_10"
    UNDER_25 = "under_25"
    UNDER_50 = "under_50"
    UNDER_100 = "under_100"
    OVER_100 = "over_100"


SIZE_BOUNDS: dict[SizeClass, tuple[int, int | None]] = {  # inhabitants: from (incl.), to (excl.)
    SizeClass.UNDER_10: (0, 10_000),
    SizeClass.UNDER_25: (10_000, 25_000),
    SizeClass.UNDER_50: (25_000, 50_000),
    SizeClass.UNDER_100: (50_000, 100_000),
    SizeClass.OVER_100: (100_000, None),
}
