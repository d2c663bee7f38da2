"""The URLs of webhooks: their form, and whom their hosts lead to (contract §8, URLs)."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from string import ascii_letters, digits, punctuation
from urllib.parse import SplitResult, quote, urlsplit

from functions.webhooks.addresses import Address, judge

MAX_URL = 2_048
MAX_HOST = 253
NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
"""What some resolvers take for an IPv4 address in another spelling: the last part is a number."""
BRACKETS = re.compile(r"\[[^\[\]]*\](:[0-9]*)?")
AMBIGUOUS = re.compile("[ßς\u200c\u200d]")
"""Characters that the two standards of internationalized names encode differently."""
DEFAULT_PORTS = {"http": 80, "https": 443}
CHECK_SECONDS = 3.0
"""So long making a webhook waits for the addresses of its host."""

Resolve = Callable[[str], Sequence[str]]
"""Return the literal addresses of a name, or raise ``OSError``."""
_lookups = ThreadPoolExecutor(64, thread_name_prefix="lookup")
"""A resolver takes as long as it likes; a lookup that nobody waits for any more still holds one of these threads."""


@dataclass(frozen=True)
class Target:
    """Where a URL leads: ``host`` is a name in ASCII or a literal address, ``path`` has the query, too."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def secure(self) -> bool:
        """Whether it is reached by TLS."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """The value of the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def addresses(self, seconds: float, resolve: Resolve) -> Sequence[str]:
        """Return the literal addresses of its host.

        Raise ``TimeoutError`` if that takes longer, and any other ``OSError`` if the name does not resolve.
        """
        if is_literal(self.host):
            return [self.host]
        lookup = _lookups.submit(resolve, self.host)
        try:
            return lookup.result(seconds)
        finally:
            lookup.cancel()

    def judge(self, literals: Sequence[str], *, allow_private: bool) -> list[Address]:
        """Return the addresses if all of them may be connected to, otherwise none."""
        return judge(literals, secure=self.secure, allow_private=allow_private)


def is_literal(host: str) -> bool:
    """Whether it is an address and not a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def resolve_name(name: str) -> Sequence[str]:
    """Return the addresses of a name, by this machine's resolver."""
    answers = getaddrinfo(name, None, type=SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in answers))


def parse_url(url: str, *, allow_private: bool) -> Target:
    """Return where the URL leads; raise ``ValueError`` that says what it "must" be."""
    if len(url) > MAX_URL:
        raise ValueError(f"must have at most {MAX_URL:,} characters")
    if not url.isprintable() or " " in url or "\\" in url:
        raise ValueError("must not have spaces, control characters or backslashes")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must be a URL like https://example.com/webhooks") from None
    _check_parts(url, parts, allow_private=allow_private)
    if port == 0:
        raise ValueError("must not have the port 0")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    safe = ascii_letters + digits + punctuation
    return Target(parts.scheme, _host(parts), port or DEFAULT_PORTS[parts.scheme], quote(path, safe=safe))


def _check_parts(url: str, parts: SplitResult, *, allow_private: bool) -> None:
    if parts.scheme not in (DEFAULT_PORTS if allow_private else ("https",)):
        raise ValueError("must begin with https:// or http://" if allow_private else "must begin with https://")
    if "@" in parts.netloc:
        raise ValueError("must not have a user name or password; send them as basic_auth")
    if "#" in url:
        raise ValueError("must not have a fragment")


def _host(parts: SplitResult) -> str:
    """Return the host in lower case and ASCII, without the final dot of an absolute name."""
    host = parts.hostname or ""
    if "[" in parts.netloc:
        if "%" in host or not is_literal(host) or not BRACKETS.fullmatch(parts.netloc):
            raise ValueError("must have an IPv6 address without a zone between the brackets")
        return host
    if AMBIGUOUS.search(host):
        raise ValueError("must have this host name in its form that begins with xn--")
    try:
        name = host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError:
        name = ""
    if len(name) > MAX_HOST or not NAME.fullmatch(name):
        raise ValueError("must have the name of a host, like https://example.com/webhooks")
    if NUMBER.fullmatch(name) and not is_literal(name):
        raise ValueError("must have an IPv4 address as four decimal numbers, like 192.0.2.1")
    return name


def check_url(url: str, *, allow_private: bool, resolve: Resolve = resolve_name) -> None:
    """Raise ``ValueError`` if a webhook may not have this URL; a name that does not resolve yet is taken."""
    target = parse_url(url, allow_private=allow_private)
    try:
        literals = target.addresses(CHECK_SECONDS, resolve)
    except (OSError, UnicodeError):
        return
    if target.judge(literals, allow_private=allow_private):
        return
    if not allow_private:
        raise ValueError("must lead to public addresses only")
    if not judge(literals, secure=True, allow_private=True):
        raise ValueError("must lead to public, private or loopback addresses only")
    raise ValueError("must begin with https://, unless all its addresses are private or loopback")
