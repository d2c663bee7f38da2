"""``make smoke``: run one order of each type in a running stage, a refusal and a webhook (docs/operator.md).

Exit codes: 0 all is as it should be; 1 something is not; 2 it could not run.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

from infra.operator.printing import print_error, print_line
from infra.smoke.api import Api, Unreachable, Wrong
from infra.smoke.orders import Life, refused, shop
from infra.smoke.webhook import Receiver, webhook

HERE = {"127.0.0.1", "localhost"}


def main(arguments: Sequence[str], settings: Mapping[str, str]) -> int:
    """Run the smoke test; return the exit code."""
    api = Api("".join(arguments).rstrip("/"))
    missing = [name for name in ("CLIENT_ID", "CLIENT_SECRET") if not settings.get(name)]
    if missing or urlsplit(api.url).scheme not in {"http", "https"}:
        print_error(f"error: {', '.join(missing) or 'URL'} is needed: the stage's address, a client id and its secret")
        return 2
    try:
        _run(api, settings)
    except Wrong as wrong:
        print_error(f"FAULT {wrong}")
        return 1
    except Unreachable as error:
        print_error(f"error: {error}")
        return 2
    return 0


def _run(api: Api, settings: Mapping[str, str]) -> None:
    _check_open(api)
    partner = api.signed_in(settings["CLIENT_ID"], settings["CLIENT_SECRET"])
    _say(f"{settings['CLIENT_ID']} has signed in")
    sold = shop(partner)
    _say(refused(partner, sold))
    life = Life(partner, sold, _say)
    with _receiver(api, settings) as (url, receiver), webhook(partner, url, receiver) as made:
        try:
            life.live()
            _say(made.check(life.activation))
        finally:
            _clean_up(life)
    _say("the subscription is canceled and the webhook deleted")


def _clean_up(life: Life) -> None:
    try:
        life.end()
    except Wrong as wrong:
        print_error(f"FAULT {life.subscription} is left: {wrong}")


def _check_open(api: Api) -> None:
    """Check what needs no token, and that the rest needs one."""
    api.get("/health").must_be(200)
    api.get("/orders").must_be(401)
    _say(f"{api.url} answers, and wants a token")


@contextmanager
def _receiver(api: Api, settings: Mapping[str, str]) -> Iterator[tuple[str, Receiver | None]]:
    """Yield where webhooks are to go: a receiver here, if the stage can reach it; else the API itself."""
    public = settings.get("RECEIVER", "")
    if not public and urlsplit(api.url).hostname not in HERE:
        yield f"{api.url}/health", None
        return
    port = int(settings.get("RECEIVER_PORT", "8090")) if public else 0
    with Receiver(port) as receiver, receiver.serving():
        yield public or receiver.url, receiver


def _say(done: str) -> None:
    print_line(f"ok   {done}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
