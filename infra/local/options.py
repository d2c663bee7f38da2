"""What can be set when the system is started: by the environment, or by arguments of the same names."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

HIGHEST_PORT = 65535
LOGS = ("info", "json", "off")


PUBLIC_URL = re.compile(r"https?://([a-zA-Z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(/[a-zA-Z0-9._~/-]*)?")


class WrongOption(Exception):
    """A setting that cannot be used; its text says which, and what it may be."""


@dataclass(frozen=True)
class Options:
    """Where the system listens, and what it tells of what it does."""

    port: int = 8080
    host: str = "127.0.0.1"
    public_url: str = ""
    """What the links begin with, if not with the address at which it listens."""
    log: str = "info"

    @property
    def names(self) -> frozenset[str]:
        """The host names under which it is reached beside those of this machine."""
        host = urlsplit(self.public_url).hostname or ""
        return frozenset({f"[{host}]" if ":" in host else host} if host else ())


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return what is set; an argument counts more than the environment. Raises :class:`WrongOption`."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="The whole system on this machine.")
    parser.add_argument("--port", default=environment.get("PORT") or "8080", help="0 for any that is free (PORT)")
    parser.add_argument("--host", default=environment.get("HOST") or Options.host, help="0.0.0.0 for everybody (HOST)")
    parser.add_argument(
        "--public-url", default=environment.get("PUBLIC_URL", ""), help="what links begin with (PUBLIC_URL)"
    )
    parser.add_argument("--log", default=environment.get("LOG") or LOGS[0], help=f"one of {', '.join(LOGS)} (LOG)")
    given = parser.parse_args(arguments)
    return Options(_port(given.port), _host(given.host), _public_url(given.public_url), _log(given.log))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > HIGHEST_PORT:
        raise WrongOption(f"PORT must be a number from 0 to {HIGHEST_PORT}, not {text!r}")
    return int(text)


def _host(text: str) -> str:
    try:
        return str(ip_address(text)) if text != "localhost" else text
    except ValueError:
        raise WrongOption(f"HOST must be an IP address of this machine or localhost, not {text!r}") from None


def _public_url(text: str) -> str:
    if text and not PUBLIC_URL.fullmatch(text):
        raise WrongOption(f"PUBLIC_URL must be like https://sandbox.example.com:8443/api, not {text!r}")
    return text.rstrip("/")


def _log(text: str) -> str:
    if text not in LOGS:
        raise WrongOption(f"LOG must be one of {', '.join(LOGS)}, not {text!r}")
    return text
