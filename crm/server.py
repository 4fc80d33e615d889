"""The web server: gunicorn, started from our own command instead of from its own."""

import ctypes
import gc
import select
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from crm import scheduler
from crm.app import create_app
from crm.core import clock
from crm.core.config import Settings
from crm.core.db import prepare
from crm.rules import calendar

THREADS = 4  # per worker; the second to the fourth are for when another takes long
PATIENCE = 0.5  # seconds that a request may take before the worker takes another beside it
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NotOnALoopbackAddress(Exception):
    """The demo lets anyone in with one click, so it may not be reachable from other machines."""


class OneAtATime(ThreadWorker):
    """A worker that takes a request when it has none, so that who is free answers next.

    A page computes more than it waits: two made at once by one worker are both late, while the
    other worker may have nothing to do. An import or a file that takes longer than PATIENCE does
    not keep the worker from others. A connection that is kept open stays with its worker, so a
    request that begins while others are in work or at the door is its connection's last.
    """

    busy = 0  # requests begun and not ended; counted by the main thread alone
    began = 0.0  # when the last of them did, on the monotonic clock

    def set_accept_enabled(self, enabled: bool) -> None:
        patient = self.busy and time.monotonic() - self.began < PATIENCE
        super().set_accept_enabled(enabled and not patient and self.busy < self.cfg.threads)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(min(timeout, PATIENCE) if self.busy else timeout)

    def enqueue_req(self, conn: Any) -> None:
        self.busy += 1
        self.began = time.monotonic()
        self.set_accept_enabled(self._accepting)
        super().enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        self.busy -= 1
        super().finish_request(conn, fs)

    @property
    def max_keepalived(self) -> int:
        """How many connections may be open and idle; asked when a request begins."""
        if self.busy > 1:
            return 0
        door = select.poll()
        for listener in self.sockets:
            door.register(listener, select.POLLIN)
        return 0 if door.poll(0) else self._most_kept

    @max_keepalived.setter
    def max_keepalived(self, number: int) -> None:
        self._most_kept = number


class Server(BaseApplication):
    """gunicorn. The app is made in each worker, after the fork, never before it."""

    def __init__(
        self, settings: Settings, host: str, port: int, workers: int, *, with_scheduler: bool
    ) -> None:
        if settings.demo and host not in LOOPBACK:
            raise NotOnALoopbackAddress(f"The demo listens on this machine only, not on {host}.")
        self.settings = settings
        self.app: Flask | None = None
        self.options: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "threads": THREADS,
            "worker_class": OneAtATime,
            "preload_app": False,
            "control_socket_disable": True,  # two installations under one home would fight for it
            "graceful_timeout": 10,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "forankra",
        }
        if with_scheduler:
            self.options["post_worker_init"] = self._start_scheduler
        super().__init__()

    def load_config(self) -> None:
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        if self.app is None:
            self.app = create_app(self.settings)
            # What stands now stands until the end: the collector need not look at it again, which
            # it otherwise does in the middle of every few pages.
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)  # a page makes that many objects, and few are cycles
        return self.app

    def _start_scheduler(self, _worker: object) -> None:
        """Each worker has a clock; the lease lets one of them lead, and another take over."""
        scheduler.start_beside_web(self.load())


M_ARENA_MAX = -8  # of <malloc.h>


def _keep_one_heap() -> None:
    """glibc would give each thread a heap of its own, and give none of them back."""
    with suppress(OSError, AttributeError):  # another C library has no such habit
        ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, 1)


def serve(
    settings: Settings,
    host: str = "127.0.0.1",
    port: int = 5000,
    workers: int = 2,
    *,
    with_scheduler: bool,
    when_listening: Callable[[], None] | None = None,
) -> None:
    """Serve until told to stop; does not return before.

    `when_listening` is called once the port is open: whoever connects from then on is answered.
    """
    server = Server(settings, host, port, workers, with_scheduler=with_scheduler)
    if when_listening is not None:
        told = when_listening
        server.cfg.set("when_ready", lambda _arbiter: told())
    _keep_one_heap()
    # The workers share what stands here already, as long as nobody writes to it; and the
    # collector writes to whatever it looks at.
    prepare()
    calendar.is_working_day(clock.today())  # the library of holidays takes its time to load
    gc.collect()
    gc.freeze()
    server.run()
