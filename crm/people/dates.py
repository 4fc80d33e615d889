"""A person's next date (E9): of the cases in which the person has a role.

Cases lie above people, so their tables are read by name.
"""

from collections.abc import Collection

import sqlalchemy as sa

from crm.core.db import Base
from crm.organisations.dates import days_of_cases


def next_dates(person_ids: Collection[int] | None = None) -> sa.Subquery:
    """(id, day): our promise, the wake date or the next reminder, whichever comes first.

    `person_ids` keeps it to these.
    """
    tables = Base.metadata.tables
    case, part = tables["case"], tables["case_person"]
    found = []
    for day, is_to_come in days_of_cases():
        dated = (
            sa.select(part.c.person_id.label("id"), day.label("day"))
            .join(case, case.c.id == part.c.case_id)
            .where(part.c.ended_on.is_(None), day.is_not(None), is_to_come)
        )
        if person_ids is not None:
            dated = dated.where(part.c.person_id.in_(person_ids))
        found.append(dated)
    every = sa.union_all(*found).subquery()
    return (
        sa.select(every.c.id, sa.func.min(every.c.day, type_=sa.Date).label("day"))
        .group_by(every.c.id)
        .subquery()
    )
