"""The system as ``make run`` starts it, in a process of its own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer

ROOT = Path(__file__).parents[2]
READY_WITHIN_SECONDS = 90
"""Many times what it takes, because the machine may be busy with something else."""


@dataclass
class Server:
    """A running server; ``greeting`` is what it printed until it was ready."""

    url: str
    process: "subprocess.Popen[str]"
    greeting: list[str] = field(default_factory=list)

    def stop(self) -> tuple[int, str]:
        """Interrupt it as Ctrl-C does; its exit code and what else it printed."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=15)
        return self.process.returncode, rest


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment() -> dict[str, str]:
    """This process's environment without the settings of the system that it holds itself."""
    return {name: value for name, value in os.environ.items() if name != "PUBLIC_URL"}


@contextmanager
def running(**settings: str) -> Iterator[Server]:
    """The server, from ``ready`` until it is no longer needed."""
    port = free_port()
    command = [sys.executable, "-m", "infra.local"]
    environment = clean_environment() | {"PORT": str(port), "PYTHONUNBUFFERED": "1", "LOG": "off"} | settings
    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        server = Server(f"http://127.0.0.1:{port}", process)
        try:
            _wait_until_ready(server)
            yield server
        finally:
            process.kill()


def _wait_until_ready(server: Server) -> None:
    assert server.process.stdout is not None
    too_late = Timer(READY_WITHIN_SECONDS, server.process.kill)
    too_late.start()
    try:
        for line in server.process.stdout:
            server.greeting.append(line)
            if line.startswith("ready"):
                return
    finally:
        too_late.cancel()
    raise AssertionError(server.greeting)
