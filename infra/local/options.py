"""What can be set when the system is started: by the environment, or by arguments of the same names."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HIGHEST_PORT = 65535
LOGS = ("info", "json", "off")


class WrongOption(Exception):
    """A setting that cannot be used; its text says which, and what it may be."""


@dataclass(frozen=True)
class Options:
    """Where the system listens, and what it tells of what it does."""

    port: int = 8080
    log: str = "info"


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return what is set; an argument counts more than the environment. Raises :class:`WrongOption`."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="The whole system on this machine.")
    parser.add_argument("--port", default=environment.get("PORT") or "8080", help="0 for any that is free (PORT)")
    parser.add_argument("--log", default=environment.get("LOG") or LOGS[0], help=f"one of {', '.join(LOGS)} (LOG)")
    given = parser.parse_args(arguments)
    return Options(port=_port(given.port), log=_log(given.log))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > HIGHEST_PORT:
        raise WrongOption(f"PORT must be a number from 0 to {HIGHEST_PORT}, not {text!r}")
    return int(text)


def _log(text: str) -> str:
    if text not in LOGS:
        raise WrongOption(f"LOG must be one of {', '.join(LOGS)}, not {text!r}")
    return text
