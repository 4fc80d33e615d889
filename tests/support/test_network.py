"""The world stays closed, also to a test that does not know it."""

import socket

import pytest

from tests.support.network import TheWorldIsClosed


def test_other_machines_cannot_be_reached() -> None:
    with pytest.raises(TheWorldIsClosed, match=r"192\.0\.2\.1"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


def test_other_machines_cannot_be_looked_up() -> None:
    with pytest.raises(TheWorldIsClosed, match=r"example\.org"):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=1).close()
