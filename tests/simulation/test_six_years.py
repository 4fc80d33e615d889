"""Six years of the whole country, day by day, and on every day every promise holds."""

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from crm.reminders import jobs, planning
from tests.simulation.play import SIX_YEARS, Extent, Play

ON_A_SERVER = Extent(date(2026, 6, 1), date(2027, 12, 31), bodies=40)


@pytest.mark.slow
def test_six_years_of_every_municipality_and_region(
    own_app: Flask,
    db_name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    extent = SIX_YEARS
    if db_name == "postgresql":
        extent = ON_A_SERVER
    else:  # larger shares: with nobody beside us it costs half
        monkeypatch.setattr(jobs, "PLAN_AT_A_TIME", 400)
        monkeypatch.setattr(planning, "IN_ONE_GO", 400)
    counts = Play(own_app, extent).run()
    with capsys.disabled():
        print(f"\n{extent.first} to {extent.last} on {db_name}:")
        for name, number in sorted(counts.items()):
            print(f"{number:>10,}  {name}")
