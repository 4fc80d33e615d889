"""Who told whom inside a body: a tree by date, drawn here, with the list beside it (B4).

Hung up in `views.py`.
"""

from dataclasses import dataclass
from datetime import date

from flask import Response

from crm.champions import queries
from crm.organisations import queries as organisations
from crm.rules.access import Permission
from crm.rules.champions import Node, tidy_tree
from crm.web.access import requires
from crm.web.forms import page

MOST_DRAWN = 60
"""Lines in the picture; the list has them all."""

_STEP, _ROW, _LEFT, _DEEPEST = 18, 34, 9, 8
_WIDTH = 340  # what fits on a phone without shrinking the words
_LETTER = 6.6  # how wide a letter is, on the average


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody in the list, and where in the picture: `path` is the way from who told them."""

    node: Node
    who: queries.Named
    teller: str
    x: int
    y: int
    path: str
    words: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A tree as it is drawn."""

    width: int
    height: int
    lines: tuple[Line, ...]


def lines_of(nodes: list[Node], names: dict[int, queries.Named]) -> list[Line]:
    """Every person with a place. Whoever is known by no name stands with a dash."""
    unknown = queries.Named("–", "", "")
    found: list[Line] = []
    for node in nodes:
        x, y = _LEFT + min(node.depth, _DEEPEST) * _STEP, node.line * _ROW + 17
        who = names.get(node.person_id, unknown)
        teller, path = "", ""
        if node.parent_line is not None:
            above = found[node.parent_line]
            teller = above.who.name
            path = f"M{above.x} {above.y}V{y}H{x}" if x > above.x else f"M{above.x} {above.y}V{y}"
        fits = int((_WIDTH - x - 14) / _LETTER)
        words = who.name if len(who.name) <= fits else f"{who.name[: fits - 1]}…"
        found.append(Line(node, who, teller, x, y, path, words))
    return found


def draw(lines: list[Line]) -> Picture:
    """The picture of the first lines."""
    shown = tuple(lines[:MOST_DRAWN])
    return Picture(_WIDTH, len(shown) * _ROW + 6, shown)


@requires(Permission.READ)
def told(organisation_id: int) -> Response:
    """Who told whom, by date."""
    organisation = organisations.get(organisation_id)
    body = organisations.get(organisation.body_id or organisation.id)
    found = queries.told_in(body.id)
    nodes = tidy_tree(found)
    names = queries.named_at(body.id, {node.person_id for node in nodes})
    lines = lines_of(nodes, names)
    last: date | None = max((one.on for one in found), default=None)
    return page(
        "champions/told.html",
        body=body,
        lines=lines,
        picture=draw(lines),
        deepest=max((node.depth for node in nodes), default=0),
        tellers=len({one.teller_id for one in found}),
        last=last,
    )
