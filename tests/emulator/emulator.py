"""An emulator of AWS that nobody here wrote (ministack), as a process of its own that ends with the test."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx

from infra.asset_contents import ROOT

PROGRAM = ROOT / ".venv-emulator" / "bin" / "ministack"
ACCOUNT = "000000000000"
REGION = "eu-central-1"
STARTED_WITHIN_SECONDS = 60.0


class Emulator:
    """A running emulator."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.environment: Mapping[str, str] = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
        }
        """For programs that are to take it for AWS."""

    def client(self, service: str) -> Any:
        """Return a client of one of its services."""
        return boto3.client(  # type: ignore[call-overload] # the service is not a literal
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )


@contextmanager
def emulator(log: Path) -> Iterator[Emulator]:
    """Run one on a free port of this machine alone, with IAM enforced."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    running = Emulator(port)
    here = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "AUTH": "true", "MINISTACK_REGION": REGION}
    settings = {"PATH": os.environ["PATH"], **running.environment, **here}
    with log.open("w") as out:
        process = subprocess.Popen([PROGRAM], env=settings, stdout=out, stderr=out, cwd=log.parent)  # noqa: S603 - ours
        try:
            _await(running.url)
            yield running
        finally:
            process.terminate()
            process.wait()


def _await(url: str) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_SECONDS
    while True:
        try:
            httpx.get(f"{url}/_ministack/health").raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return
