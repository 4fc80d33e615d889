"""Both apps under the production server: ours as `forankra run` serves it, and the limit app."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from crm.accounts import operations as accounts
from crm.accounts.models import User
from crm.core import clock
from crm.core.db import db, transaction
from crm.server import Server, serve
from tests.bench.databases import FOLDER, program, settings_for

WORKERS = 2
PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. `started_in` is in seconds, from the command to the first answer."""

    port: int
    pid: int
    started_in: float

    def pss_mib(self) -> list[float]:
        """Memory of each worker, shared pages split among those who share them."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        found = []
        for child in children:
            match = PSS.search(Path(f"/proc/{child}/smaps_rollup").read_text())
            assert match is not None
            found.append(int(match[1]) / 1024)
        return found


@contextmanager
def running(which: str, url: str) -> Iterator[Running]:
    """`which` is "ours" or "limit"."""
    with _free_port() as port:
        pass
    with _answering(
        [sys.executable, "-m", "tests.bench.servers", which, url, str(port)], port
    ) as s:
        yield s


def start_up(url: str) -> float:
    """Seconds from `forankra run` on an existing database to its first answer."""
    with _free_port() as port:
        pass
    command = [str(Path(sys.executable).with_name("forankra")), "run", "--port", str(port)]
    with _answering(command, port, {"DATABASE_URL": url, "FORANKRA_DATA": str(FOLDER)}) as server:
        return server.started_in


@contextmanager
def _free_port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


@contextmanager
def _answering(
    command: list[str], port: int, settings: dict[str, str] | None = None
) -> Iterator[Running]:
    started = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | (settings or {}))
    try:
        while True:
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise RuntimeError(f"the server did not start: {command}")
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1) as asked:
                asked.sendall(b"GET /sign-in HTTP/1.1\r\nHost: localhost\r\n\r\n")
                if asked.recv(12).startswith(b"HTTP/1.1 200"):
                    break
            time.sleep(0.01)
        yield Running(port, process.pid, time.perf_counter() - started)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def signed_in(url: str) -> str:
    """The cookie of somebody who came in by the front door: an account manager with many cases."""
    with program(url) as app:
        with transaction(cause="bench"):
            user = db.session.get_one(User, 2)
            accounts.sign_in(
                user, attempt_id=None, address="127.0.0.1", agent="bench", now=clock.now()
            )
        return f"{app.config['SESSION_COOKIE_NAME']}={_signed(app, user)}"


def _signed(app: Flask, user: User) -> str:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"_user_id": user.get_id(), "_fresh": True, "csrf_token": CSRF}))


CSRF = "f" * 40


class Limit(Server):
    """The limit app under the very same server."""

    def load(self) -> Flask:
        from tests.bench.limit import create_app

        return create_app(self.settings.database_url)


def main() -> None:
    which, url, port = sys.argv[1:]
    if which == "ours":
        serve(settings_for(url), port=int(port), workers=WORKERS, with_scheduler=False)
    else:
        settings = settings_for(url)
        Limit(settings, "127.0.0.1", int(port), WORKERS, with_scheduler=False).run()


if __name__ == "__main__":
    main()
