"""Ask a page many times and time the answers: plain sockets, so that asking costs next to nothing."""

import socket
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle

Ask = Callable[[int], bytes]
"""The n-th request, as bytes."""


@dataclass(slots=True)
class Times:
    """Seconds of each answer, and the wall-clock time they took together."""

    answers: list[float] = field(default_factory=list)
    wall: float = 0.0
    size: int = 0  # bytes of the last body
    failed: int = 0  # anything but 2xx and 3xx

    @property
    def p50(self) -> float:
        return statistics.median(self.answers) * 1000 if self.answers else float("nan")

    @property
    def p95(self) -> float:
        ordered = sorted(self.answers)
        return ordered[int(len(ordered) * 0.95)] * 1000 if ordered else float("nan")

    @property
    def per_second(self) -> float:
        return len(self.answers) / self.wall if self.wall else float("nan")


def get(path: str, cookie: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode()


def post(path: str, cookie: str, body: bytes, headers: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n{headers}"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """One client with a connection that it keeps."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket: socket.socket | None = None

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. A connection that the server closed is opened again."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), 60)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            part = self.socket.recv(65536)
            if not part:
                self.close()
                return self.ask(request)
            got += part
        head, _, body = got.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
        wanted = int(fields.get("content-length", 0))
        parts, there = [body], len(body)
        while there < wanted:
            part = self.socket.recv(262144)
            if not part:
                break
            parts.append(part)
            there += len(part)
        if fields.get("connection") == "close":
            self.close()
        return int(lines[0].split()[1]), b"".join(parts)

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def ask_for(
    port: int, ask: Ask, *, clients: int, requests: int, seconds: float, into: Times
) -> None:
    """Ask at most so often and so long, by so many clients at once; adds to `into`."""
    share = max(1, requests // clients)
    began = time.perf_counter()
    lock = threading.Lock()

    def client(number: int) -> None:
        connection, times, size, failed = Connection(port), [], 0, 0
        for turn in range(share):
            if time.perf_counter() - began > seconds:
                break
            request = ask(number + turn * clients)
            asked = time.perf_counter()
            status, body = connection.ask(request)
            times.append(time.perf_counter() - asked)
            size = len(body)
            failed += status >= 400
        connection.close()
        with lock:
            into.answers += times
            into.size = size or into.size
            into.failed += failed

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    into.wall += time.perf_counter() - began


def in_turn(paths: Sequence[str], cookie: str) -> Ask:
    """The paths one after the other, round and round."""
    ready = [get(path, cookie) for path in paths]
    turns = cycle(range(len(ready)))
    return lambda _number: ready[next(turns)]
