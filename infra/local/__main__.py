"""``python -m infra.local``: the whole system on this machine, until it is interrupted."""

import logging
import os
import signal
import sys
from threading import Event

from infra.local.options import WrongOption, read_options
from infra.local.server import PortTaken, Server

FIRST_REQUESTS = """
  TOKEN=$(curl -s {url}/oauth2/token -u acme:acme-secret -d grant_type=client_credentials \\
    | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
  curl -s {url}/product-offerings -H "Authorization: Bearer $TOKEN"
"""


SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Serve until SIGINT or SIGTERM; the exit code."""
    for number in SIGNALS:
        # Until it serves there is nothing to bring to an end.
        signal.signal(number, lambda *_: os._exit(0))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        options = read_options(sys.argv[1:], os.environ)
        server = Server(options.port)
    except WrongOption as error:
        print(error, file=sys.stderr)
        return 2
    except PortTaken as error:
        print(f"{error}; choose another port with PORT=… or --port", file=sys.stderr)
        return 1
    _serve(server, Event())
    return 0


def accept_signals(stopped: Event) -> None:
    """Let the first signal set the event, and the next one end the process at once."""

    def stop(*_: object) -> None:
        stopped.set()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    for number in SIGNALS:
        signal.signal(number, stop)


def _serve(server: Server, stopped: Event) -> None:
    print("starting the system in memory …", flush=True)
    # Imported here, because it takes seconds and a port that is in use should be told at once.
    from infra.local.system import System  # noqa: PLC0415

    system = System(server.url)
    _only_warnings()
    system.start(_seed)
    accept_signals(stopped)
    server.start(system.handle)
    print(f"ready on {server.url} (Ctrl-C stops it); state lives in memory. A first request to try:")
    print(FIRST_REQUESTS.format(url=server.url), flush=True)
    stopped.wait()
    print("stopping", flush=True)
    # What is cut off now fails as it must; how is of no interest.
    logging.disable()
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
    code = main()
    sys.stdout.flush()
    # At once: to take this memory apart takes seconds, and what was cut off still runs in it.
    os._exit(code)
