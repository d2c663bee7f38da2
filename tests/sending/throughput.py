"""How fast one process sends: ``python -m tests.sending.throughput [deliveries]``.

The receiver is a process of its own on this machine, and answers at once; so what is measured is what sending costs
here: signing, the name, a connection for each delivery, TLS, the answer.
"""

import os
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from cryptography import x509

from functions.webhooks import wire
from infra.receiver.checks import another_secret
from infra.receiver.endpoint import Endpoint, order_event
from tests.support.certificates import certify
from tests.support.receiver import OK, Receiver, answering, receiving

DELIVERIES = 2_000
THREADS = (1, 10, 50)


def receive(ready: Connection, folder: str) -> None:
    """Receive without and with TLS until the other side ends; tell it the ports."""
    tls, _ = certify(Path(folder), [x509.DNSName("localhost")])
    with receiving(_forgetful) as plain, receiving(_forgetful, tls) as secured:
        ready.send({"http": plain.port, "https": secured.port})
        ready.poll(None)


def _forgetful(connection: socket.socket, receiver: Receiver) -> None:
    answering(OK)(connection, receiver)
    receiver.requests.clear()


@contextmanager
def receiver_process(folder: str) -> Iterator[dict[str, int]]:
    """A receiver in a process of its own; its ports."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=receive, args=(theirs, folder))
    process.start()
    try:
        yield ours.recv()
    finally:
        ours.send(None)
        process.join()
        for end in (ours, theirs):
            end.close()


def measure(url: str, count: int, threads: int) -> str:
    """Send events from several threads, and describe what it took."""
    endpoint = Endpoint(url, another_secret())
    events = [order_event() for _ in range(count)]
    started, used = perf_counter(), process_time()
    with ThreadPoolExecutor(threads) as pool:
        outcomes = list(pool.map(endpoint.send, events))
    seconds, cpu = perf_counter() - started, process_time() - used
    failed = sum(outcome.error is not None for outcome in outcomes)
    cuts = quantiles([outcome.duration_ms for outcome in outcomes], n=100, method="inclusive")
    return (
        f"{url[:5].rstrip(':'):5} {threads:3} threads: {count / seconds:6,.0f} a second, median {cuts[49]:.0f} ms, "
        f"99th percentile {cuts[98]:.0f} ms, {cpu / count * 1_000:.2f} ms of CPU each, {failed} failed"
    )


def report(count: int) -> Iterator[str]:
    """Yield a line for each scheme and number of threads."""
    with TemporaryDirectory() as folder, receiver_process(folder) as ports:
        os.environ["SSL_CERT_FILE"] = f"{folder}/certificate.pem"
        wire.tls_context.cache_clear()
        for scheme, port in ports.items():
            for threads in THREADS:
                yield measure(f"{scheme}://localhost:{port}/", count, threads)


if __name__ == "__main__":
    for line in report(int("".join(sys.argv[1:]) or DELIVERIES)):
        print(line, flush=True)
