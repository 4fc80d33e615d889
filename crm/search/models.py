"""A document of the index, and the words that occur in any of them."""

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from crm.core.db import Base, PathText

NODE_KINDS = ("body", "unit")
"""Documents that are themselves nodes of the tree: what lies beneath them has their words as
context. For these `ref_id` equals `organisation_id`."""

NAMED_BY_PLACE = ("case", "procurement", "contract", "request", "kit", "pilot")
"""Documents whose second line is the name of the node they hang on."""

KIND_ORDER = (
    *("body", "unit", "person", "case", "procurement", "contract", "inquiry", "request"),
    *("requirement", "pilot", "kit"),
)
"""Of two equally good answers the kind that stands first comes first; unknown kinds come last."""


class SearchDoc(Base):
    """One thing that can be found: what it is, where it hangs, and its words.

    The columns of words hold index words (folded, ASCII, one space between); only
    `operations` writes them. The engine's own index over them is made in `index`.
    """

    __tablename__ = "search_doc"
    __table_args__ = (sa.UniqueConstraint("kind", "ref_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    ref_id: Mapped[int]  # the id of the body, unit, person, … in its own table
    organisation_id: Mapped[int | None]  # the node it hangs on, or is
    body_id: Mapped[int | None]
    path: Mapped[str] = mapped_column(PathText, default="", index=True)  # of that node: "/12/345/"
    title: Mapped[str] = mapped_column(sa.String(300))
    subtitle: Mapped[str] = mapped_column(sa.String(300), default="")
    own_words: Mapped[str] = mapped_column(sa.Text)  # of the title first, then other names
    extra_words: Mapped[str] = mapped_column(sa.Text, default="")  # kind, county, post …
    context_words: Mapped[str] = mapped_column(sa.Text, default="")  # the nodes above it
    scope_words: Mapped[str] = mapped_column(sa.Text, default="")  # "=body =b12": kind and body id
    weight: Mapped[int] = mapped_column(default=0)  # inhabitants, or any measure of size


class SearchWord(Base):
    """A word that occurs, or has occurred, in some document: what typing errors are held against.

    Written once and never changed. Two processes may write the same word at the same time, which
    is harmless; a unique key would make them wait for each other.
    """

    __tablename__ = "search_word"

    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str] = mapped_column(sa.String(40), index=True)
    mark: Mapped[int]  # a checksum of the word; their sum tells whether the set has changed
