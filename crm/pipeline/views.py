"""Pages of the pipeline: the table, what lies behind its figures, and both as files."""

from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from crm.cases.bodies import NO_COUNTY, Bodies
from crm.core import clock
from crm.core.errors import NotFound
from crm.organisations import queries as organisations
from crm.pipeline import queries
from crm.pipeline.queries import Figure
from crm.procurements.forecasts import next_signings
from crm.rules.access import Permission
from crm.rules.forecast import Likely
from crm.rules.kinds import BODY_KINDS, OrganisationKind, SizeClass
from crm.rules.stages import AdoptionStage, ProcurementStage
from crm.web.access import requires
from crm.web.asked import order_of, page_number
from crm.web.csv import Cell, csv_file, kronor
from crm.web.forms import page
from crm.web.labels import choices, label

bp = Blueprint("pipeline", __name__, url_prefix="/pipeline")


@bp.get("")
@requires(Permission.READ)
def by_municipality() -> Response:
    """Where we stand, body by body. Filter and order live in the address."""
    chosen, every = _chosen()
    asked = order_of(request.args, queries.SORTS, "name")
    return page(
        "pipeline/by_municipality.html",
        table=queries.table(
            chosen,
            every=every,
            today=clock.today(),
            sort=asked.column,
            descending=asked.descending,
            number=page_number(request.args),
            per_page=None if request.args.get("rows") == "all" else queries.BODIES_PER_PAGE,
        ),
        chosen=chosen,
        every=every,
        sort=str(asked),
        links=Links(chosen, every),
        counties=organisations.counties(),
        kinds=[kind for kind in OrganisationKind if kind in BODY_KINDS],
        sizes=SizeClass,
        adoption_choices=choices(AdoptionStage),
        procurement_choices=choices(ProcurementStage),
        no_county=NO_COUNTY,
        by_county=request.args.get("by") == "county",
    )


def _chosen() -> tuple[Bodies, bool]:
    return Bodies.read(request.args, int(current_user.id)), request.args.get("every") == "1"


class Links:
    """Where a figure leads: to a list narrowed by the same choice as the figure.

    A table has a thousand of them, so each kind of address is made once; `upto="body"` leaves its
    end open for the id of the row.
    """

    def __init__(self, chosen: Bodies, every: bool) -> None:
        self._cases: dict[str, Any] = chosen.as_args()
        self._all = self._cases | ({"every": "1"} if every else {})

    def behind(self, figure: str, upto: str = "", **more: str) -> str:
        """The units, people or inquiries that the figure counts."""
        args = _open_ended(self._all | more, upto)
        return url_for("pipeline.behind", figure=figure, **args)

    def cases(self, upto: str = "", **more: str) -> str:
        """The cases that the figure counts or adds up."""
        return url_for("cases.index", **_open_ended(self._cases | more, upto))

    def county(self, upto: str = "county") -> str:
        """The same table for one county."""
        return url_for("pipeline.by_municipality", **_open_ended(self._all, upto))

    def row(self, endpoint: str, name: str, **more: Any) -> tuple[str, str]:
        """What stands before and after the id in the addresses of a page about one body."""
        args: dict[str, Any] = {name: _ANY, **more}
        before, after = url_for(endpoint, **args).split(str(_ANY))
        return before, after


_ANY = 987_654_321  # in no address of ours but where it is put


def _open_ended(args: dict[str, Any], upto: str) -> dict[str, Any]:
    """The argument `upto` last and empty, so that a value can be written after the address."""
    kept = {key: value for key, value in args.items() if key != upto}
    return kept | ({upto: ""} if upto else {})


@bp.get("/behind/<string:figure>")
@requires(Permission.READ)
def behind(figure: str) -> Response:
    """The rows behind one figure, no more and no fewer."""
    asked = _figure(figure)
    chosen, every = _chosen()
    body = organisations.get(chosen.body_id) if chosen.body_id else None
    return page(
        "pipeline/behind.html",
        figure=asked,
        things=queries.behind(asked, chosen, every=every, page=page_number(request.args)),
        chosen=chosen,
        body=body,
        title=_title(asked),
        back=url_for("pipeline.by_municipality", **_without(request.args.to_dict(), "body")),
    )


def _figure(text: str) -> Figure:
    if text not in set(Figure):
        raise NotFound(text)
    return Figure(text)


def _title(figure: Figure) -> str:
    return {
        Figure.UNITS_IN_USE: _("Units that use the product"),
        Figure.PEOPLE: _("People with a role"),
        Figure.CHAMPIONS: _("Champions"),
        Figure.INQUIRIES: _("Inquiries"),
    }[figure]


def _without(args: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in args.items() if key not in {*names, "page"}}


# --- Files --------------------------------------------------------------------------------------


@bp.get("/export.csv")
@requires(Permission.EXPORT)
def export() -> Response:
    """The table as it is on the screen, all its pages."""
    chosen, every = _chosen()
    asked = order_of(request.args, queries.SORTS, "name")
    table = queries.table(
        chosen,
        every=every,
        today=clock.today(),
        sort=asked.column,
        descending=asked.descending,
        per_page=None,
    )
    heads = (
        _("Body"),
        _("Kind"),
        _("County"),
        _("Units in use"),
        _("Units known"),
        _("People"),
        _("Champions"),
        _("Inquiries"),
        _("Adoption, furthest"),
        _("Upphandling, furthest"),
        _("Open"),
        _("Waiting"),
        _("Next window, opens"),
        _("Next window, closes"),
        _("Value open, kronor"),
        _("Value waiting, kronor"),
        _("Decision expected, first day"),
        _("Decision expected, last day"),
        _("How precisely"),
        _("Next signing likely, first day"),
        _("Next signing likely, last day"),
        _("Next date"),
        _("Owner"),
    )
    likely = next_signings(today=clock.today())
    return csv_file(
        _("pipeline"), heads, (_cells(row, likely.get(row.id)) for row in table.page.rows)
    )


def _cells(row: queries.Row, likely: Likely | None) -> tuple[Cell, ...]:
    sums, when = row.sums, row.expected
    return (
        row.name,
        label(row.kind),
        row.county,
        sums.units_in_use,
        row.units,
        sums.people,
        sums.champions,
        sums.inquiries,
        label(row.adoption),
        label(row.procurement),
        sums.open,
        sums.waiting,
        row.window.opens if row.window else None,
        row.window.closes if row.window else None,
        kronor(sums.value_ore),
        kronor(sums.waiting_ore),
        when.first_day if when else None,
        when.last_day if when else None,
        label(when.precision) if when else "",
        likely.early if likely else None,
        likely.late if likely else None,
        row.next_on,
        row.owner,
    )


@bp.get("/behind/<string:figure>/export.csv")
@requires(Permission.EXPORT)
def export_behind(figure: str) -> Response:
    """The rows behind a figure as a file."""
    asked = _figure(figure)
    chosen, every = _chosen()
    heads: tuple[str, ...] = (_("Name"), _("Body"))
    roles = asked in {Figure.PEOPLE, Figure.CHAMPIONS}
    if roles:
        heads = (*heads, _("Roles"))

    def cells(thing: queries.Thing) -> tuple[Cell, ...]:
        held = (", ".join(label(role) for role in thing.roles),) if roles else ()
        return (thing.name, thing.body, *held)

    things = queries.every_row_behind(asked, chosen, every=every)
    return csv_file(figure, heads, map(cells, things))
