"""How people stand in the search index: at the post they hold now."""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa

from crm.core.db import db
from crm.people.models import Person
from crm.people.queries import posts_of
from crm.search.operations import Doc, put_many

CHUNK = 500


def put_people(ids: Iterable[int] | None = None) -> int:
    """Index these people, or every one. Their organisations must be indexed already."""
    wanted = list(ids) if ids is not None else None
    if wanted is not None and not wanted:
        return 0
    return put_many(_docs(wanted))


def _docs(ids: list[int] | None) -> Iterator[Doc]:
    if ids is None:
        ids = list(db.session.scalars(sa.select(Person.id).order_by(Person.id)))
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        posts = posts_of(chunk)
        for row in db.session.execute(
            sa.select(
                Person.id, Person.first_name, Person.last_name, Person.email, Person.phone
            ).where(Person.id.in_(chunk))
        ):
            held = posts[row.id]
            first = held[0] if held else None
            others = [post for post in held[1:] if post.is_current]
            yield Doc(
                kind="person",
                ref_id=row.id,
                title=f"{row.first_name} {row.last_name}".strip(),
                path=first.path if first else "",
                organisation_id=first.organisation_id if first else None,
                body_id=first.body_id if first else None,
                subtitle=", ".join(filter(None, [first.title, first.organisation]))
                if first
                else "",
                own=f"{row.email} {row.phone}".strip(),
                extra=" ".join(
                    [*(post.title for post in held), *(post.organisation for post in others)]
                ),
            )
