"""A TCP server that does with each connection what a test says."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from ssl import SSLContext
from threading import Event, Thread

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Receiver:
    """What it has received; ``over`` is set when the test is over, so that a script that waits can end."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    over: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """Where webhooks reach it."""
        return f"http://127.0.0.1:{self.port}/hook"


Script = Callable[[socket.socket, Receiver], None]


def answering(answer: bytes) -> Script:
    """Read the request, answer, and close."""

    def script(connection: socket.socket, receiver: Receiver) -> None:
        receiver.requests.append(read_request(connection))
        connection.sendall(answer)

    return script


def dripping(beginning: bytes, drop: bytes, pause: float) -> Script:
    """Begin to answer, and go on drop by drop, without an end."""

    def script(connection: socket.socket, receiver: Receiver) -> None:
        read_request(connection)
        connection.sendall(beginning)
        while not receiver.over.wait(pause):
            connection.sendall(drop)

    return script


def silent(_connection: socket.socket, receiver: Receiver) -> None:
    """Neither read nor answer."""
    receiver.over.wait()


def read_request(connection: socket.socket) -> bytes:
    """Read one request with its body."""
    request = b""
    while b"\r\n\r\n" not in request:
        request += _piece(connection)
    head, _, body = request.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
    while len(body) < length:
        body += _piece(connection)
    return head + b"\r\n\r\n" + body


def _piece(connection: socket.socket) -> bytes:
    if not (piece := connection.recv(65_536)):
        raise ConnectionError
    return piece


@contextmanager
def receiving(script: Script, tls: SSLContext | None = None) -> Iterator[Receiver]:
    """Receive until the test is over."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        receiver = Receiver(listener.getsockname()[1])
        accepting = Thread(target=_accept, args=(listener, receiver, script, tls))
        accepting.start()
        try:
            yield receiver
        finally:
            receiver.over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            accepting.join()


def _accept(listener: socket.socket, receiver: Receiver, script: Script, tls: SSLContext | None) -> None:
    threads: list[Thread] = []
    while not receiver.over.is_set():
        try:
            connection, _ = listener.accept()
        except OSError:
            break
        receiver.connections += 1
        threads.append(Thread(target=_serve, args=(connection, receiver, script, tls)))
        threads[-1].start()
    for thread in threads:
        thread.join()


def _serve(connection: socket.socket, receiver: Receiver, script: Script, tls: SSLContext | None) -> None:
    with closing(connection), suppress(OSError):
        if tls is None:
            script(connection, receiver)
            return
        with tls.wrap_socket(connection, server_side=True) as secured:
            script(secured, receiver)
