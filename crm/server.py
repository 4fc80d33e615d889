"""The web server: gunicorn, started from our own command instead of from its own."""

import ctypes
import gc
from contextlib import suppress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from crm import scheduler
from crm.app import create_app
from crm.core.config import Settings
from crm.core.db import prepare

# Per worker. A page computes more than it waits: each more that is made at the same time makes all
# of them late (at eight clients the slowest answers took twice as long with four). Two, so that a
# long import or file does not keep a whole worker.
THREADS = 2
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class NotOnALoopbackAddress(Exception):
    """The demo lets anyone in with one click, so it may not be reachable from other machines."""


class Server(BaseApplication):
    """gunicorn with threads. The app is made in each worker, after the fork, never before it."""

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
            "worker_class": "gthread",
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
) -> None:
    """Serve until told to stop; does not return before."""
    server = Server(settings, host, port, workers, with_scheduler=with_scheduler)
    _keep_one_heap()
    # The workers share what stands here already, as long as nobody writes to it; and the
    # collector writes to whatever it looks at.
    prepare()
    gc.collect()
    gc.freeze()
    server.run()
