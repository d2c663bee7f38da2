"""Where the webhooks of the fuzzer lead to: nowhere but this machine."""

from urllib.parse import urlsplit

NOBODY = "http://127.0.0.1:9/"
"""Where nobody receives them."""


def leads_elsewhere(url: object) -> bool:
    """Whether a webhook with this URL could be sent to another machine."""
    try:
        return isinstance(url, str) and urlsplit(url).hostname not in {None, "127.0.0.1"}
    except ValueError:
        return False
