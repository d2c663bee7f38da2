"""``make listen``: receive a partner's events from the sandbox, verify and print them, until it is interrupted.

Exit codes: 0 it was interrupted; 1 the sandbox cannot be reached, or refuses.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Event
from typing import Any

from infra.local.__main__ import accept_signals
from infra.operator.printing import print_error, print_line
from infra.receiver.listener import Listener
from infra.receiver.sandbox import Client, NotDone

WAKE_SECONDS = 0.2
"""Python handles a signal in its main thread, which one that comes to another thread does not wake everywhere."""


def main(settings: Mapping[str, str], stopped: Event) -> int:
    """Listen until the event is set; return the exit code."""
    client = Client(settings["API"].rstrip("/"), settings["CLIENT_ID"], settings["CLIENT_SECRET"])
    try:
        with Listener() as listener, listener.serving(), _registered(client, listener.url) as webhook:
            listener.verify_with(webhook["signing_secret"])
            print_line(f"listening as {webhook['id']} to all events of {client.client_id} (Ctrl-C stops it)")
            sys.stdout.flush()
            while not stopped.wait(WAKE_SECONDS):
                pass
    except NotDone as error:
        print_error(f"error: {error}")
        return 1
    return 0


@contextmanager
def _registered(client: Client, url: str) -> Iterator[Any]:
    """Make a webhook, and delete it at the end."""
    made = client.call("POST", "/webhooks", {"url": url, "enabled_events": ["*"], "description": "make listen"})
    try:
        yield made
    finally:
        try:
            client.call("DELETE", f"/webhooks/{made['id']}")
            print_line("stopped, and the webhook deleted")
        except NotDone as error:
            print_error(f"stopped; the webhook was not deleted: {error}")


if __name__ == "__main__":
    interrupted = Event()
    accept_signals(interrupted)
    sys.exit(main(os.environ, interrupted))
