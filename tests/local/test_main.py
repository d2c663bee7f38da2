"""``python -m infra.local`` as a person starts and stops it."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import pytest

from infra.local.server import HOST, Server

READY_SECONDS = 60.0
STOPPED_SECONDS = 10.0


@contextmanager
def started(port: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "infra.local", "--port", port]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:  # noqa: S603 - no shell, our words
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_tells_when_it_is_ready_and_stops_cleanly(number: signal.Signals) -> None:
    with started("0") as process:
        assert process.stdout is not None
        deadline = time.monotonic() + READY_SECONDS
        lines = iter(process.stdout.readline, "")
        ready = next(line for line in lines if line.startswith("ready") or time.monotonic() > deadline)
        url = ready.split()[2]
        with urlopen(f"{url}/health", timeout=5) as answer:  # noqa: S310 - it is http, to this machine
            assert answer.status == 200
        first_requests = [next(line for line in lines if "curl" in line) for _ in range(2)]
        process.send_signal(number)
        assert process.wait(STOPPED_SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert "/oauth2/token" in first_requests[0]
    assert "/product-offerings" in first_requests[1]


def test_a_port_in_use_ends_it_at_once() -> None:
    taken = Server(0)
    try:
        with started(taken.url.rpartition(":")[2]) as process:
            output, errors = process.communicate(timeout=STOPPED_SECONDS)
    finally:
        taken.stop()
    assert process.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    assert f"{HOST}:" in errors
