"""``python -m infra.local`` as a person starts and stops it."""

import fcntl
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import pytest

from infra.local.server import HOST, Server
from tests.support.server import ROOT, clean_environment

READY_SECONDS = 60.0
STOPPED_SECONDS = 30.0
MAX_CPU_SECONDS = 30.0
GRANT = b"grant_type=client_credentials&client_id=acme&client_secret=acme-secret"
ACTIVATION = {"type": "activate_subscription", "purchase_location": "DE", "sim_profile": {"sim_type": "esim"}}
WATCHED = """
import os, runpy, sys
from importlib.abc import MetaPathFinder
from importlib.metadata import packages_distributions
from pathlib import Path

installed = {line.split("==")[0] for line in Path("requirements-run.lock").read_text().splitlines() if "==" in line}
others = {
    package
    for package, owners in packages_distributions().items()
    if installed.isdisjoint(owner.lower().replace("_", "-") for owner in owners)
}

class Elsewhere(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in others:
            raise ModuleNotFoundError(f"{name} is not in requirements-run.lock", name=name)

sys.meta_path.insert(0, Elsewhere())

def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect", "socket.sendto"):
        host = arguments[0] if event == "socket.getaddrinfo" else arguments[1][0]
        if host not in ("127.0.0.1", "localhost"):
            os.write(2, f"{event} to {host}\\n".encode())

sys.addaudithook(watch)
runpy.run_module("infra.local", run_name="__main__", alter_sys=True)
"""
"""Runs the system with nothing but what ``make run`` installs, and says on stderr if anything of it turns to another
machine, whether or not that is reached."""
HOLDS_ON = """
import time
from infra.local import __main__ as main

def hold_on(server, stopped, options, folder):
    main.accept_signals(stopped)
    print("ready", flush=True)
    stopped.wait()
    print("stopping", flush=True)
    time.sleep(60)

main._serve = hold_on
main.main()
"""
"""Runs in place of the system something that does not stop."""


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What the Dockerfile puts into its image, and nothing else."""
    for line in (ROOT / "Dockerfile").read_text().splitlines():
        if line.startswith("COPY "):
            *names, _ = line.split()[1:]
            for name in names:
                (tmp_path / name).parent.mkdir(exist_ok=True)
                (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@contextmanager
def started(*arguments: str, script: str | None = None, folder: Path = ROOT) -> Iterator["subprocess.Popen[str]"]:
    """The process; everything is said at once, so that no line waits in a buffer."""
    command = [sys.executable, *(["-c", script] if script else ["-m", "infra.local"]), *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - no shell, our words
        command, cwd=folder, env=clean_environment(), stdout=pipe, stderr=pipe, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def lines_until(process: "subprocess.Popen[str]", start: str) -> list[str]:
    """What it prints, up to the line that begins so."""
    assert process.stdout is not None
    deadline = time.monotonic() + READY_SECONDS
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.lstrip().startswith(start) or time.monotonic() > deadline:
            return lines
    raise AssertionError(lines)


def drained(process: "subprocess.Popen[str]") -> list[str]:
    """What it goes on printing, read as it comes."""
    assert process.stdout is not None
    lines: list[str] = []
    Thread(target=lines.extend, args=(process.stdout,), daemon=True).start()
    return lines


class Partner(Thread):
    """Orders and looks, over and over, until nobody answers any more."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._token = ""
        self.ordered = Event()
        self.start()

    def run(self) -> None:
        with suppress(URLError, HTTPException, ConnectionError):
            self._token = self._ask("/oauth2/token", GRANT)["access_token"]
            subscriber = self._ask("/subscribers")["_embedded"]["subscribers"][0]["id"]
            plan = self._ask("/product-offerings?type=plan")["_embedded"]["product_offerings"][0]["id"]
            order = ACTIVATION | {
                "subscriber_id": subscriber,
                "products": {"plan": {"product_offering_id": plan}},
            }
            while True:
                self._ask("/orders", json.dumps(order).encode())
                self.ordered.set()
                self._ask("/products")

    def _ask(self, path: str, body: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"} if self._token else {}
        while True:
            try:
                with urlopen(Request(self._url + path, body, headers), timeout=30) as answer:  # noqa: S310 - http, to us
                    return json.load(answer)
            except HTTPError as error:
                if error.code != 429:
                    raise
                time.sleep(0.1)


@pytest.mark.parametrize(("number", "log"), [(signal.SIGINT, "info"), (signal.SIGTERM, "off")])
def test_it_prints_when_it_is_ready_and_stops_cleanly(image: Path, number: signal.Signals, log: str) -> None:
    """Counted are the seconds in which it worked, whatever else the machine does."""
    before = seconds_of_children()
    with started("--port", "0", "--log", log, script=WATCHED, folder=image) as process:
        ready = lines_until(process, "ready")[-1]
        url = ready.split()[2]
        first_requests = lines_until(process, "curl -s " + url + "/product-offerings")
        output = drained(process)
        partners = [Partner(url) for _ in range(4)]
        assert all(partner.ordered.wait(READY_SECONDS) for partner in partners)
        process.send_signal(number)
        assert process.wait(STOPPED_SECONDS) == 0
        assert process.stderr is not None
        assert process.stderr.read() == "", "nothing failed, and no other machine was turned to"
    assert any(" POST /orders 201 " in line for line in output) == (log == "info")
    assert "/oauth2/token" in "".join(first_requests)
    assert seconds_of_children() - before < MAX_CPU_SECONDS


def seconds_of_children() -> float:
    """For how long the processes that were started here, and have ended, had the processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.skipif(not hasattr(fcntl, "F_SETPIPE_SZ"), reason="the pipe is too large to be filled")
def test_a_log_that_nobody_reads_stops_nothing() -> None:
    with started("--port", "0", "--log", "info") as process:
        url = lines_until(process, "ready")[-1].split()[2]
        assert process.stdout is not None
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        for _ in range(80):
            with urlopen(f"{url}/health", timeout=30) as answer:  # noqa: S310 - http, to us
                assert answer.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOPPED_SECONDS) == 0


def test_it_can_be_interrupted_while_it_starts() -> None:
    with started("--port", "0") as process:
        lines_until(process, "starting")
        process.send_signal(signal.SIGINT)
        assert process.wait(2) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_a_second_interrupt_ends_it_at_once() -> None:
    with started("--port", "0", script=HOLDS_ON) as process:
        for said in ("ready", "stopping"):
            lines_until(process, said)
            process.send_signal(signal.SIGINT)
        assert process.wait(2) == -signal.SIGINT


def test_a_wrong_setting_is_one_line() -> None:
    with started("--port", "abc") as process:
        output, errors = process.communicate(timeout=STOPPED_SECONDS)
    assert process.returncode == 2
    assert output == ""
    assert errors == "PORT must be a number from 0 to 65535, not 'abc'\n"


def test_a_faulty_file_is_refused_by_its_lines(tmp_path: Path) -> None:
    file = tmp_path / "sims.csv"
    file.write_text("sim_type,iccid\nesim,12\n")
    with started("--port", "0", "--sims", str(file)) as process:
        _, errors = process.communicate(timeout=STOPPED_SECONDS)
    assert process.returncode == 2
    assert f"{file}:2: iccid: " in errors
    assert "nothing was loaded" in errors


def test_a_port_in_use_ends_it_at_once() -> None:
    taken = Server(0)
    try:
        with started("--port", taken.url.rpartition(":")[2]) as process:
            output, errors = process.communicate(timeout=STOPPED_SECONDS)
    finally:
        taken.stop()
    assert process.returncode == 1
    assert output == ""
    assert errors.count("\n") == 1
    assert f"{HOST}:" in errors
