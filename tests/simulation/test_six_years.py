"""Six years of the whole country, day by day, and on every day every promise holds."""

import pytest
from flask import Flask

from crm.reminders import jobs, planning
from tests.simulation.play import ON_A_SERVER, SIX_YEARS, Play


@pytest.mark.slow
def test_six_years_of_every_municipality_and_region(
    own_app: Flask,
    db_name: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All of it on SQLite, and a part with an election and both clock changes on PostgreSQL."""
    extent = SIX_YEARS if db_name == "sqlite" else ON_A_SERVER
    if db_name == "sqlite":  # larger shares: nobody else wants to write meanwhile
        monkeypatch.setattr(jobs, "PLAN_AT_A_TIME", 400)
        monkeypatch.setattr(planning, "IN_ONE_GO", 400)
    play = Play(own_app, extent)
    play.run()
    with capsys.disabled():
        print(f"\n{extent.first} to {extent.last} on {db_name}")
        for name, number in sorted(play.counted().items()):
            print(f"{number:>12,}  {name}")
    counted = play.counted()
    assert counted["days"] == (extent.last - extent.first).days + 1
    for name in HAPPENED:
        assert counted[name], f"{name}: what never happened proves nothing"


HAPPENED = (
    "outages",
    "freeze",
    "quiet_time",
    "calendar_told",
    "somebody_goes_away",
    "asked",
    "answered",
    "put off",
    "not needed",
    "put_to_wait",
    "procurement_moves",
    "a_rule_changes",
    "silenced bodies, by day",
    "contacts held while an ask is open, by day",
    "waiting cases, by day",
    "contacts of buyers without a case, by day",
    "windows: reminded",
    "windows closed: reminded",
    "windows without: no open day is left",
    "digests",
)
"""What must have been met on the way, or the promises about it were never put to the test."""
