"""``python -m infra.local``: the whole system on this machine, until it is interrupted."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, TextIO, cast

from infra.local.folder import SETTING, Folder, FolderRefused, NotSaved, Nowhere
from infra.local.options import Options, WrongOption, read_options
from infra.local.output import Output, dropped
from infra.local.server import PortTaken, Server

if TYPE_CHECKING:
    from infra.local.system import System

FIRST_REQUESTS = """
  TOKEN=$(curl -s {url}/oauth2/token -u acme:acme-secret -d grant_type=client_credentials \\
    | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')
  curl -s {url}/product-offerings -H "Authorization: Bearer $TOKEN"
"""


CHECK_SECONDS = 0.2
DRAIN_SECONDS = 1.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def main() -> int:
    """Serve until SIGINT or SIGTERM; return the exit code."""
    for number in SIGNALS:
        # Until it serves there is nothing to bring to an end.
        signal.signal(number, lambda *_: os._exit(0))
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    try:
        options = read_options(sys.argv[1:], os.environ)
        server = Server(options.port, options.host, names=options.names)
        folder = Folder(options.data) if options.data else Nowhere()
    except (WrongOption, FolderRefused) as error:
        print(error, file=sys.stderr)
        return 2
    except PortTaken as error:
        print(f"{error}; choose another one with PORT=… or --port", file=sys.stderr)
        return 1
    return _serve(server, Event(), options, folder)


def accept_signals(stopped: Event) -> None:
    """Set the event at the first signal, and end the process at the next one."""

    def stop(*_: object) -> None:
        stopped.set()
        for number in SIGNALS:
            signal.signal(number, signal.SIG_DFL)

    for number in SIGNALS:
        signal.signal(number, stop)


def _serve(server: Server, stopped: Event, options: Options, folder: Nowhere) -> int:
    output = Output(sys.stdout, partial(dropped, options.log))
    try:
        return _run(server, stopped, options, folder, output)
    finally:
        output.drain(DRAIN_SECONDS)


def _run(server: Server, stopped: Event, options: Options, folder: Nowhere, output: Output) -> int:
    # Where the log is JSON, it is all that stdout has.
    say = _printer(sys.stderr if options.log == "json" else output)
    say("starting the system in memory …")
    # Imported here, because it takes seconds, and a port that is in use should be reported immediately.
    from infra.local.system import System  # noqa: PLC0415 - see above

    url = options.public_url or server.url
    system = System(url, folder.first(SETTING, "seed", lambda: options.seed), folder, options.senders, options.network)
    _show(options.log, output)
    say(f"opening {options.data} …" if folder.begun else "writing both partners' catalogs, SIMs and subscribers …")
    if not _started(system, options):
        return 2
    accept_signals(stopped)
    server.start(system.handle)
    kept = f"everything is kept in {options.data}" if folder.keeps else "state lives in memory"
    say(f"ready on {url} (Ctrl-C stops it); {kept}.")
    say(f"See orders live at {url}/console. A first request to try:")
    say(FIRST_REQUESTS.format(url=url))
    # Python handles a signal in its main thread, which one that comes to another thread does not wake everywhere.
    while not stopped.wait(CHECK_SECONDS):
        pass
    say("stopping")
    return _stop(server, system)


def _printer(stream: TextIO | Output) -> Callable[[str], object]:
    return lambda line: stream.write(f"{line}\n")


def _stop(server: Server, system: "System") -> int:
    # What is cut off now fails as it must; how is of no interest.
    logging.disable()
    server.stop()
    try:
        system.stop()
    except NotSaved as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _started(system: "System", options: Options) -> bool:
    """Start the system; return whether the given files could be loaded."""
    # Imported here, because it reads the environment that the system has prepared.
    from infra.local.seed import NotSeeded, Seed, kept_seed  # noqa: PLC0415

    try:
        system.start(kept_seed(system.folder) or Seed(options.esims, options.catalog, options.sims))
    except NotSeeded:
        return False
    return True


def _show(how: str, output: Output) -> None:
    from infra.local import activity  # noqa: PLC0415 - not before the environment is prepared

    activity.show(how, cast("TextIO", output))


if __name__ == "__main__":
    # At once: to take this memory apart takes seconds, and what was cut off still runs in it.
    os._exit(main())
