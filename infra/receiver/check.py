"""``make check-receiver``: send a partner's own receiver what it must accept and refuse (docs/webhooks.md).

Exit codes: 0 it did; 1 it did not; 2 nothing could be checked.
"""

import os
import sys
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence

from functions.webhooks.post import SECONDS
from functions.webhooks.urls import check_url
from infra.operator.printing import print_error, print_line
from infra.receiver.checks import CHECKS, described
from infra.receiver.endpoint import Endpoint, order_event


def main(arguments: Sequence[str], settings: Mapping[str, str], seconds: float = SECONDS) -> int:
    """Check the receiver; return the exit code."""
    endpoint = Endpoint("".join(arguments), settings.get("SECRET", ""), settings.get("BASIC_AUTH"), seconds)
    if refused := _refused(endpoint):
        print_error(f"error: {refused}")
        return 2
    first = endpoint.send(order_event())
    if first.status_code is None:
        print_error(f"error: {endpoint.url} could not be checked: {described(first)}")
        return 2
    faults = 0
    for check in CHECKS:
        fault = check.fault(endpoint)
        faults += fault is not None
        print_line(f"{'FAULT' if fault else 'ok   '} {check.wanted} {check.what}" + (f": {fault}" if fault else ""))
    print_line(f"{len(CHECKS)} checks, {faults or 'no'} fault{'' if faults == 1 else 's'}")
    if first.error:
        print_line("It does not accept an event as it is. Is SECRET the signing secret that it verifies with?")
    return 1 if faults else 0


def _refused(endpoint: Endpoint) -> str | None:
    """Return what is wrong with what was given, if anything."""
    try:
        check_url(endpoint.url, allow_private=True)
    except ValueError as refused:
        return f"URL {refused}"
    try:
        secret = b64decode(endpoint.secret, validate=True)
    except NotBase64:
        secret = b""
    return None if secret else "SECRET must be the endpoint's signing secret, in Base64 and without a prefix"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
