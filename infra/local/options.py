"""What can be set when the system is started: by the environment, or by arguments of the same names."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HIGHEST_PORT = 65535


class WrongOption(Exception):
    """A setting that cannot be used; its text says which, and what it may be."""


@dataclass(frozen=True)
class Options:
    """Where the system listens."""

    port: int = 8080


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return what is set; an argument counts more than the environment. Raises :class:`WrongOption`."""
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="The whole system on this machine.")
    parser.add_argument("--port", default=environment.get("PORT") or "8080", help="0 for any that is free (PORT)")
    given = parser.parse_args(arguments)
    return Options(port=_port(given.port))


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > HIGHEST_PORT:
        raise WrongOption(f"PORT must be a number from 0 to {HIGHEST_PORT}, not {text!r}")
    return int(text)
