"""Any number of schedulers: one leads, and a killed leader is replaced within its lease."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crm.ops.models import Lease
from crm.outbox.models import Letter, LetterState
from crm.reminders.models import Reminder, ReminderState
from tests.scheduler.conftest import ROOT, Schedulers

LEASE = 1.5  # seconds


def lead(engine: sa.Engine) -> tuple[int, int, float]:
    """Who leads: process id (0 for nobody), token, and when the lease runs out."""
    with engine.connect() as db:
        row = db.execute(sa.select(Lease.holder, Lease.token, Lease.until)).one_or_none()
    return (int(row.holder.split(":")[1]), row.token, row.until) if row else (0, 0, 0.0)


def wait_until(check: Any, seconds: float) -> float:
    """How long it took; fails when it takes longer."""
    started = time.monotonic()
    while not check():
        assert time.monotonic() - started < seconds
        time.sleep(0.02)
    return time.monotonic() - started


def test_one_leads_and_is_replaced_when_killed(schedulers: Schedulers, smtp: Any) -> None:
    pids = {schedulers.start(LEASE) for _ in range(3)}
    engine = schedulers.engine()
    wait_until(lambda: lead(engine)[0] in pids, 10)
    first, token, _until = lead(engine)
    time.sleep(LEASE)
    assert lead(engine)[:2] == (first, token), "the lead is kept by renewing it"

    os.kill(first, signal.SIGKILL)
    took = wait_until(lambda: lead(engine)[0] != first, LEASE + 5)
    second, next_token, _until = lead(engine)
    assert second in pids - {first} and next_token == token + 1
    print(f"replaced after {took:.2f} s of a lease of {LEASE} s")

    os.kill(second, signal.SIGTERM)
    wait_until(lambda: lead(engine)[0] not in {first, second}, LEASE + 5)
    (third,) = pids - {first, second}
    assert lead(engine)[:2] == (third, token + 2), "one that is told to stop hands over"

    def nothing_left() -> bool:
        with engine.connect() as db:
            return not db.scalar(
                sa.select(sa.func.count()).where(
                    Reminder.state == ReminderState.PLANNED,
                    Reminder.show_on <= sa.func.current_date(),
                )
            ) and not db.scalar(sa.select(sa.func.count()).where(Letter.state != LetterState.SENT))

    wait_until(nothing_left, 10)
    os.kill(third, signal.SIGTERM)
    wait_until(lambda: lead(engine)[2] == 0.0, 5)
    engine.dispose()
    names = [message["Message-ID"] for message in smtp.messages]
    assert len(names) == len(set(names)), "with several schedulers each mail leaves once"


@pytest.mark.one_database
def test_beside_the_web_server(schedulers: Schedulers, tmp_path: Path) -> None:
    """`forankra run` brings its own clock, and takes it along when it is stopped."""
    server = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "from crm.cli import main; main()",
            "run",
            "--port",
            str(_free_port()),
            "--workers",
            "1",
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": schedulers.url,
            "FORANKRA_DATA": str(tmp_path),
            "PYTHONPATH": str(ROOT),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    engine = schedulers.engine()
    try:
        wait_until(lambda: lead(engine)[2] > 0, 40)
    finally:
        server.terminate()
        server.wait(20)
    assert lead(engine)[2] == 0.0, "the lease was given back"
    engine.dispose()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
