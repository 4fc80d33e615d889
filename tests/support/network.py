"""Closed to the world: a test that would reach another machine fails at once and says where to."""

import ipaddress
import socket
from typing import Any

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex
_getaddrinfo = socket.getaddrinfo


class TheWorldIsClosed(AssertionError):
    """A test tried to talk to another machine."""


def close() -> None:
    """From here on only this machine answers. Files as sockets (PostgreSQL's) are this machine."""
    socket.socket.connect = _guarded(_connect)  # type: ignore[method-assign]
    socket.socket.connect_ex = _guarded(_connect_ex)  # type: ignore[method-assign]
    socket.getaddrinfo = _resolve


def _guarded(original: Any) -> Any:
    def connect(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0]):
            raise TheWorldIsClosed(f"a test tried to reach {address[0]}:{address[1]}")
        return original(self, address)

    return connect


def _resolve(host: Any, *rest: Any, **more: Any) -> Any:
    if not _is_here(host):
        raise TheWorldIsClosed(f"a test tried to look up {host}")
    return _getaddrinfo(host, *rest, **more)


def _is_here(host: Any) -> bool:
    if host in {None, "", b"", "localhost", socket.gethostname()}:
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
