"""A4: the official register, loaded offline, as often as one likes, never over a local edit."""

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from crm.audit.models import AuditEntry
from crm.core import clock
from crm.core.db import db
from crm.organisations import operations, register
from crm.organisations.cli import register as group
from crm.organisations.models import Organisation
from crm.rules.kinds import OrganisationKind
from crm.search.queries import find

pytestmark = pytest.mark.usefixtures("app")


def _load():
    return operations.load_register(clock.now(), clock.today())


def _by_number(number: str) -> Organisation:
    return db.session.scalars(
        sa.select(Organisation).where(Organisation.org_number == number)
    ).one()


def test_everything_is_there_once() -> None:
    loaded = _load()
    by_kind = sa.select(Organisation.kind, sa.func.count()).group_by(Organisation.kind)
    counts = {kind: number for kind, number in db.session.execute(by_kind)}
    assert counts[OrganisationKind.MUNICIPALITY] == 290
    assert counts[OrganisationKind.REGION] == 20  # and Gotland, which is a municipality too
    assert counts[OrganisationKind.AUTHORITY] + counts[OrganisationKind.UNIVERSITY] == 346
    assert counts[OrganisationKind.UNIVERSITY] == 31
    assert counts[OrganisationKind.ASSOCIATION] == 46
    assert loaded.added == sum(counts.values())


def test_a_second_run_changes_nothing_and_says_so() -> None:
    _load()
    again = _load()
    assert again.changed_nothing
    assert "nothing changed" in str(again)
    assert register.compare().changed_nothing


def test_gotland_is_one_body_with_two_tasks() -> None:
    _load()
    gotland = _by_number("2120000803")
    assert gotland.kind is OrganisationKind.MUNICIPALITY
    assert gotland.is_region_too
    assert gotland.title == "Region Gotland"


def test_the_courts_share_a_number_that_only_their_authority_carries() -> None:
    _load()
    assert _by_number("2021002742").name == "Domstolsverket"
    court = db.session.scalars(
        sa.select(Organisation).where(Organisation.name == "Gotlands tingsrätt")
    ).one()
    assert court.org_number is None


def test_a_local_edit_is_kept_and_told_of() -> None:
    _load()
    hultsfred = _by_number("2120000712")
    operations.edit(hultsfred, name="Hultsfred för alltid", by=None, now=clock.now())
    again = _load()
    assert again.changed_nothing
    assert again.kept >= 1
    assert hultsfred.title == "Hultsfred för alltid"
    assert any(one.kept and one.field == "name" for one in register.compare().differences)


def test_a_newer_figure_is_brought_in_and_written_into_the_history() -> None:
    _load()
    hultsfred = _by_number("2120000712")
    wanted = hultsfred.population
    hultsfred.population = 1
    db.session.flush()
    (told,) = register.compare().differences
    assert (told.field, told.before, told.after) == ("population", 1, wanted)
    assert _load().updated == 1
    db.session.expire_all()
    assert hultsfred.population == wanted
    line = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.entity_id == str(hultsfred.id), AuditEntry.action == "update")
        .order_by(AuditEntry.id.desc())
    ).first()
    assert line is not None
    assert line.changes["population"] == [1, wanted]


def test_search_knows_the_register() -> None:
    _load()
    assert find("hultsfreds kommun")[0].title == "Hultsfreds kommun"
    assert find("imy")[0].title == "Integritetsskyddsmyndigheten"


def test_source_and_date_are_kept() -> None:
    _load()
    hultsfred = _by_number("2120000712")
    assert hultsfred.source
    assert hultsfred.source_date is not None


def test_the_command_says_what_it_did() -> None:
    first = CliRunner().invoke(group, ["load"])
    assert "1272 bodies added" in first.output
    assert "nothing changed" in CliRunner().invoke(group, ["load"]).output
    assert "Dry run" in CliRunner().invoke(group, ["load", "--dry-run"]).output
