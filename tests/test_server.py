"""The web server's workers: who is free answers next, and long work keeps nobody out.

Orders of answers, never their times: what is asked last must not have to wait for what takes long.
"""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database

APP = """
import os, sys, time
from gunicorn.app.base import BaseApplication
from crm import server
from pathlib import Path

def answer(environ, start_response):
    gate = environ["QUERY_STRING"]
    if gate:
        Path(gate + ".begun").touch()
        while not Path(gate).exists():
            time.sleep(0.01)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

class Small(BaseApplication):
    def load_config(self):
        options = {"bind": "127.0.0.1:" + sys.argv[1], "workers": int(sys.argv[2]),
                   "threads": server.THREADS, "worker_class": server.OneAtATime, "keepalive": 5,
                   "loglevel": "warning", "control_socket_disable": True}
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self):
        return answer

server.PATIENCE = float(sys.argv[3])
Small("%(prog)s").run()
"""


@contextmanager
def serving(workers: int, patience: float = 0.1) -> Iterator[int]:
    """The port of a server whose answer is the worker's number, and waits for a file if told to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, "-c", APP, str(port), str(workers), str(patience)])
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), asked(port) as one:
                answer_of(one)
                break
            time.sleep(0.02)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def asked(port: int, gate: str = "") -> Iterator[socket.socket]:
    """A connection on which the question has been put."""
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        put(connection, gate)
        yield connection


def put(connection: socket.socket, gate: str = "") -> None:
    connection.sendall(f"GET /?{gate} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())


def answer_of(connection: socket.socket) -> tuple[int, bool]:
    """The worker that answered, and whether it keeps the connection open."""
    got = b""
    while b"\r\n\r\n" not in got or not got.partition(b"\r\n\r\n")[2]:
        part = connection.recv(4096)
        if not part:
            raise OSError("closed")
        got += part
    head, _, body = got.partition(b"\r\n\r\n")
    return int(body), b"connection: close" not in head.lower()


def begun(gate: Path) -> None:
    until = time.monotonic() + 30
    while not Path(f"{gate}.begun").exists():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_while_one_worker_is_busy_the_other_answers_all(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with serving(2, patience=60) as port, asked(port, str(gate)) as long:
        begun(gate)
        others = set()
        for _ in range(12):
            with asked(port) as quick:
                others.add(answer_of(quick)[0])
        gate.touch()
        assert answer_of(long)[0] not in others


def test_long_work_keeps_nobody_out_even_of_the_only_worker(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    with serving(1) as port, asked(port, str(gate)) as long:
        begun(gate)
        with asked(port) as quick:
            worker, _kept = answer_of(quick)  # would time out if it had to wait for the other
        gate.touch()
        assert answer_of(long)[0] == worker


def test_a_connection_is_kept_open_while_nobody_waits() -> None:
    with serving(1) as port:
        kept = False
        while not kept:  # the one before it may not be quite over when the first begins
            with asked(port) as alone:
                _worker, kept = answer_of(alone)
                for _ in range(3 * kept):
                    put(alone)
                    assert answer_of(alone)[1]


def test_none_is_kept_open_that_began_beside_others(tmp_path: Path) -> None:
    gates = [tmp_path / f"gate{number}" for number in range(4)]
    with serving(1) as port, ExitStack() as open_ones:
        ones = []
        for gate in gates:  # as many as there are threads: the next one stays at the door
            ones.append(open_ones.enter_context(asked(port, str(gate))))
            begun(gate)
        waiting = open_ones.enter_context(asked(port))
        gates[0].touch()
        assert not answer_of(waiting)[1]
        for gate in gates[1:]:
            gate.touch()
        kept = [answer_of(one)[1] for one in ones]
        assert kept[1:] == [False, False, False]  # the first may have begun alone
