"""What can be set when the system is started: by the environment, or by arguments of the same names."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from infra.bus import SENDERS

HIGHEST_PORT = 65535
MAX_ESIMS = 1000
MAX_SENDERS = 1000
LOGS = ("info", "json", "off")
NETWORKS = ("normal", "slow", "refusing")
SETTINGS = {
    "PORT": ("8080", "0 for any that is free"),
    "HOST": ("127.0.0.1", "0.0.0.0 for other machines, too"),
    "PUBLIC_URL": ("", "what links begin with"),
    "LOG": (LOGS[0], f"one of {', '.join(LOGS)}"),
    "NETWORK": (NETWORKS[0], f"the mobile network: one of {', '.join(NETWORKS)}"),
    "SENDERS": (str(SENDERS), "how many workers at most send webhooks at a time"),
    "ESIMS": (str(MAX_ESIMS), "in each partner's stock, 0 for none"),
    "CATALOG": ("", "a file that the partner acme sells from"),
    "SIMS": ("", "a file of the partner acme's SIMs"),
    "SEED": ("", "any text, by which what is random repeats itself"),
    "DATA": ("", "a folder that keeps everything"),
}
"""Each setting's default, and what is said of it."""


PUBLIC_URL = re.compile(r"https?://([a-zA-Z0-9.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?(/[a-zA-Z0-9._~/-]*)?")


class WrongOption(Exception):
    """A setting is invalid; the text names it and its allowed values."""


@dataclass(frozen=True)
class Options:
    """Where the system listens, what it logs, and what it starts with."""

    port: int = 8080
    host: str = "127.0.0.1"
    public_url: str = ""
    """What the links begin with, if not with the address at which it listens."""
    log: str = "info"
    network: str = "normal"
    senders: int = SENDERS
    """How many workers at most send webhooks at a time."""
    esims: int = 1000
    """How many each partner has in stock."""
    catalog: Path | None = None
    sims: Path | None = None
    seed: str = ""
    data: Path | None = None

    @property
    def names(self) -> frozenset[str]:
        """The host names by which it is reached, besides those of this machine."""
        host = urlsplit(self.public_url).hostname or ""
        return frozenset({f"[{host}]" if ":" in host else host} if host else ())


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return the options; arguments override the environment. Raise :class:`WrongOption`."""
    given = _parser(environment).parse_args(arguments)
    return Options(
        port=_number("PORT", given.port, HIGHEST_PORT),
        host=_host(given.host),
        public_url=_public_url(given.public_url),
        log=_one_of("LOG", given.log, LOGS),
        network=_one_of("NETWORK", given.network, NETWORKS),
        senders=_number("SENDERS", given.senders, MAX_SENDERS),
        esims=_number("ESIMS", given.esims, MAX_ESIMS),
        catalog=_file("CATALOG", given.catalog),
        sims=_file("SIMS", given.sims),
        seed=given.seed,
        data=Path(given.data) if given.data else None,
    )


def _parser(environment: Mapping[str, str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="The whole system on this machine.")
    for name, (default, text) in SETTINGS.items():
        option = f"--{name.lower().replace('_', '-')}"
        parser.add_argument(option, default=environment.get(name) or default, help=f"{text} ({name})")
    return parser


def _number(name: str, text: str, highest: int) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > highest:
        raise WrongOption(f"{name} must be a number from 0 to {highest}, not {text!r}")
    return int(text)


def _one_of(name: str, text: str, values: Sequence[str]) -> str:
    if text not in values:
        raise WrongOption(f"{name} must be one of {', '.join(values)}, not {text!r}")
    return text


def _file(name: str, text: str) -> Path | None:
    if text and not Path(text).is_file():
        raise WrongOption(f"{name} must be a file; there is none at {text!r}")
    return Path(text) if text else None


def _host(text: str) -> str:
    try:
        return str(ip_address(text)) if text != "localhost" else text
    except ValueError:
        raise WrongOption(f"HOST must be an IP address of this machine or localhost, not {text!r}") from None


def _public_url(text: str) -> str:
    if text and not PUBLIC_URL.fullmatch(text):
        raise WrongOption(f"PUBLIC_URL must be like https://sandbox.example.com:8443/api, not {text!r}")
    return text.rstrip("/")
