"""A connection with one deadline for all that happens on it, and a bound for what is read."""

import socket
import ssl
from collections.abc import Sequence
from contextlib import ExitStack
from functools import lru_cache
from io import BufferedReader, RawIOBase
from ipaddress import ip_address
from time import monotonic
from typing import TYPE_CHECKING

from functions.webhooks.addresses import Address

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAX_READ = 64 * 1_024
"""Bytes of an answer, its headers included."""
MAX_ADDRESSES = 4
"""The addresses of a host that are tried, at most."""


class RefusedAddress(Exception):
    """The host leads to an address that is not connected to."""


class Deadline:
    """A moment by which all must be done."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left; raise ``TimeoutError`` if none are."""
        if (left := self._end - monotonic()) <= 0:
            raise TimeoutError
        return left


class Wire(RawIOBase):
    """A socket as ``http.client`` reads an answer from it; ``ended`` once there is no more than what was read."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._unread = MAX_READ
        self.ended = False
        self._reader = _Reader(self)

    def send(self, data: bytes) -> None:
        """Send everything."""
        unsent = memoryview(data)
        while unsent:
            self._connection.settimeout(self._deadline.left())
            unsent = unsent[self._connection.send(unsent) :]

    def makefile(self, _mode: str) -> BufferedReader:
        """Return the one reader of what arrives: it may hold the beginning of the answer after an interim one."""
        return self._reader

    def readable(self) -> bool:
        """Whether it can be read from."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Read what has arrived; beyond the bound, the answer is cut off."""
        room = memoryview(buffer)[: self._unread]
        self._connection.settimeout(self._deadline.left())
        count = self._connection.recv_into(room) if room else 0
        self._unread -= count
        self.ended = count == 0
        return count


class _Reader(BufferedReader):
    def close(self) -> None:
        """Leave it open for the next answer: ``http.client`` closes it after each, and the socket is not its own."""


def connect(addresses: Sequence[Address], port: int, deadline: Deadline) -> socket.socket:
    """Connect to the first of the addresses that can be reached; each gets its share of the time that is left."""
    *others, last = addresses[:MAX_ADDRESSES]
    for count, address in enumerate(others):
        share = deadline.left() / (len(others) + 1 - count)
        try:
            return _connect(address, port, share)
        except OSError:
            continue
    return _connect(last, port, deadline.left())


def _connect(address: Address, port: int, seconds: float) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with ExitStack() as stack:
        connection = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
        connection.settimeout(seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect((str(address), port))
        if ip_address(connection.getpeername()[0]) != address:
            raise RefusedAddress
        stack.pop_all()
    return connection


def secure(connection: socket.socket, host: str, deadline: Deadline) -> ssl.SSLSocket:
    """Return the connection with TLS, once it has shown a certificate for the host."""
    connection.settimeout(deadline.left())
    return tls_context().wrap_socket(connection, server_hostname=host)


@lru_cache
def tls_context() -> ssl.SSLContext:
    """Return what this machine trusts, read once."""
    return ssl.create_default_context()
