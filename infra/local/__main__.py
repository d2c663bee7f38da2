"""``python -m infra.local``: the whole system on this machine, until it is interrupted."""

import argparse
import logging
import os
import signal
import sys
from threading import Event

from infra.local.server import PortTaken, Server

FIRST_REQUESTS = """
  TOKEN=$(curl -s {url}/oauth2/token -u acme:acme-secret -d grant_type=client_credentials \\
    | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
  curl -s {url}/product-offerings -H "Authorization: Bearer $TOKEN"
"""


def main() -> int:
    """Serve until SIGINT or SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description=__doc__)
    parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8080")))
    port: int = parser.parse_args().port
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        server = Server(port)
    except PortTaken as error:
        print(f"{error}; choose another port with PORT=… or --port", file=sys.stderr)
        return 1
    _serve(server, stopped)
    return 0


def _serve(server: Server, stopped: Event) -> None:
    print("starting the system in memory …", flush=True)
    # Imported here, because it takes seconds and a port that is in use should be told at once.
    from infra.local.system import System  # noqa: PLC0415

    system = System(server.url)
    _only_warnings()
    try:
        system.start(_seed)
        if not stopped.is_set():
            server.start(system.handle)
            print(f"ready on {server.url} (Ctrl-C stops it); state lives in memory. A first request to try:")
            print(FIRST_REQUESTS.format(url=server.url), flush=True)
        stopped.wait()
        print("stopping", flush=True)
    finally:
        server.stop()
        system.stop()


def _seed() -> None:
    from infra.local.seed import seed  # noqa: PLC0415 - reads the environment that the system prepares

    print("writing both partners' catalogs, SIMs and subscribers …", flush=True)
    seed()


def _only_warnings() -> None:
    from functions.shared.observability import logger  # noqa: PLC0415 - not before the environment is prepared

    logger.setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main())
