"""Schedulers that can be killed at a chosen step. Run as a process of its own by the tests.

Reads one order a line (JSON), forks a real process that carries it out, and answers with one line
when that process is there or has ended. Forking makes a scheduler in milliseconds: everything is
imported once, and the app is made before any connection is.

A *step* is a transaction, named for the last thing done in it, or the sending of one message.
Between two steps the database stands still, so that being killed before and after each commit and
each sending is being killed between every two steps.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from crm import scheduler
from crm.adapters import mail
from crm.app import create_app
from crm.core import clock, pending
from crm.core.config import Mail, Settings
from crm.core.db import db
from crm.ops import operations as ops
from crm.ops import queries as ops_queries
from crm.outbox import operations as outbox
from crm.reminders import operations as reminders
from crm.reminders import planning

DONE_IN_STEPS: tuple[tuple[Any, str], ...] = (
    (ops, "take_lease"),
    (ops, "record_run"),
    (ops, "forget_old_runs"),
    (ops_queries, "last_day_of"),
    (pending, "waiting_for_planning"),
    (reminders, "leave_to_all"),
    (planning, "replan"),
    (planning, "replan_marked"),
    (reminders, "settle_ask"),
    (reminders, "surface"),
    (outbox, "queue"),
    (outbox, "claim"),
    (outbox, "mark_sent"),
)


class Tracer:
    """Notes every moment between two steps, and ends the process at the chosen one."""

    def __init__(self, kill_at: str) -> None:
        self.kill_at = kill_at
        self.seen: list[str] = []
        self.last = ""

    def reach(self, moment: str) -> None:
        if moment not in self.seen:
            self.seen.append(moment)
        if moment == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self) -> None:
        for module, name in DONE_IN_STEPS:
            setattr(module, name, self._named(getattr(module, name), name))
        send = mail.send

        def watched(*arguments: Any) -> None:
            self.reach("before sending")
            send(*arguments)
            self.reach("after sending")

        mail.send = watched
        event.listen(Session, "before_commit", lambda _session: self._commit("before"))
        event.listen(Session, "after_commit", lambda _session: self._commit("after"))

    def _named(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        def noted(*arguments: Any, **named: Any) -> Any:
            self.last = name
            try:
                return function(*arguments, **named)
            finally:
                self.last = name

        return noted

    def _commit(self, side: str) -> None:
        if self.last:
            self.reach(f"{side} commit of {self.last}")
        if side == "after":
            self.last = ""


@contextmanager
def forked(answer: Callable[[dict[str, Any]], None]) -> Iterator[bool]:
    """True in the child, which never comes back from the block."""
    child = os.fork()
    if child:
        answer({"pid": child})
        yield False
        return
    try:
        yield True
        os._exit(0)
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr, flush=True)
        os._exit(1)


def turns(app: Flask, order: dict[str, Any]) -> None:
    """Turn after turn, until nothing is left to do or the chosen moment comes."""
    now = datetime.fromisoformat(order["now"])
    clock.now = lambda: now
    outbox.STALE = 0.3
    tracer = Tracer(order.get("kill_at", ""))
    tracer.watch()
    mine = scheduler.Clock(app, lease_seconds=order["lease"])
    quiet, until = 0, time.monotonic() + 15
    while quiet < 2 and time.monotonic() < until:
        did = mine.turn()
        waiting = did is not None and _letters_waiting(app)
        quiet = quiet + 1 if did == 0 and not waiting else 0
        time.sleep(0.02 if did is None or waiting else 0)
    Path(order["trace"]).write_text("\n".join(tracer.seen), encoding="utf-8")
    mine.step_down()


def _letters_waiting(app: Flask) -> int:
    with app.app_context():
        number = ops_queries.status().letters_waiting
        db.session.remove()
    return number


def warm_up(app: Flask, first: dict[str, Any]) -> None:
    """Go round once, so that those who are forked find everything imported and compiled."""
    real, now = clock.now, datetime.fromisoformat(first["now"])
    clock.now = lambda: now
    scheduler.Clock(app, lease_seconds=0.1).turn()
    clock.now = real
    with app.app_context():
        db.engine.dispose()


def main() -> None:
    def answer(what: dict[str, Any]) -> None:
        print(json.dumps(what), flush=True)

    first = json.loads(sys.stdin.readline())
    app = create_app(
        Settings(
            database_url=first["url"],
            secret_key="not a secret in a test",
            base_url="http://localhost",
            mail=Mail(first["smtp_host"], first["smtp_port"]),
        )
    )
    warm_up(app, first)
    answer({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        with forked(answer) as child:
            if child and order["do"] == "turns":
                turns(app, order)
            elif child:
                scheduler.run_forever(app, every=0.1, lease_seconds=order["lease"])
        if order["do"] == "turns":
            _pid, status = os.wait()
            answer({"killed": os.WIFSIGNALED(status), "status": status})


if __name__ == "__main__":
    main()
