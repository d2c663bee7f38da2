"""How many deliveries a second the sender makes here: ``python -m tests.webhooks.throughput``."""

import time

from infra.local import environment

environment.prepare("http://127.0.0.1:8080")  # before a function is imported, which reads it

from infra.local.seed import Seed  # noqa: E402 - see above
from infra.local.system import System  # noqa: E402 - see above
from tests.support.inbox import Inbox, open_inbox  # noqa: E402 - see above
from tests.support.newcomer import Newcomer  # noqa: E402 - see above
from tests.webhooks.test_isolation import publish, webhook  # noqa: E402 - see above

EVENTS = 200


def main() -> None:
    """Publish events at once, and print how long it takes until all have arrived."""
    system = System("http://127.0.0.1:8080")
    system.start(Seed(0))
    client = Newcomer(system)
    with open_inbox(Inbox()) as inbox:
        webhook(client, inbox)
        started = time.monotonic()
        for _ in range(EVENTS):
            publish(client.partner)
        system.quiesce(timeout=120)
        seconds = time.monotonic() - started
        print(f"{len(inbox.events)} deliveries in {seconds:.1f} s: {len(inbox.events) / seconds:.0f} a second")
    system.stop()


if __name__ == "__main__":
    main()
