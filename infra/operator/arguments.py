"""The arguments of the operator's commands."""

import argparse
import os
import re
from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from functions.identity.clients import STANDARD
from infra.operator.printing import escaped


class Parser(argparse.ArgumentParser):
    """A parser whose errors are escaped, so that they can be printed safely."""

    def error(self, message: str) -> NoReturn:
        """Exit with the message, escaped."""
        super().error(escaped(message))


def _partner(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,63}", name):
        raise ArgumentTypeError(f"{name!r} is not a partner name: use 1 to 63 lower-case letters, digits and '-'")
    return name


def _client_id(name: str) -> str:
    if not name or "#" in name:
        raise ArgumentTypeError(f"{name!r} is not a client id")
    return name


def _api_key(value: str) -> str:
    if not value:
        raise ArgumentTypeError("the API key must not be empty")
    return value


def _common() -> Parser:
    """Return the arguments of every command."""
    common = Parser(add_help=False)
    where = common.add_mutually_exclusive_group(required=True)
    where.add_argument("--stage", help="a deployed stage")
    where.add_argument("--table", help="a table, instead of a stage")
    common.add_argument("--partner", required=True, type=_partner)
    return common


def parser(commands: Mapping[str, Callable[[argparse.Namespace], int]], description: str) -> argparse.ArgumentParser:
    """Return the parser; it sets ``command`` to the function of the command."""
    whole = Parser(prog="python -m infra.operator", description=description)
    parts = whole.add_subparsers(required=True, metavar="|".join(commands))
    common = _common()
    added: dict[str, argparse.ArgumentParser] = {}
    for name, run in commands.items():
        added[name] = parts.add_parser(name, parents=[common], help=run.__doc__)
        added[name].set_defaults(command=run)
    for name in ("catalog", "sims", "withdraw-sims"):
        added[name].add_argument("file", type=Path)
    added["withdraw-catalog"].add_argument("--name", required=True)
    sold = "withdraw it even if something was sold"
    added["withdraw-catalog"].add_argument("--even-if-sold", action="store_true", help=sold)
    added["partner"].add_argument("--client-id", required=True, type=_client_id)
    tier = "the tier whose usage plan has the API key; by default the standard one"
    added["partner"].add_argument("--tier", default=STANDARD, help=tier)
    added["show-record"].add_argument("--id", required=True)
    key, by_default = os.environ.get("API_KEY"), "by default API_KEY of the environment"
    added["partner"].add_argument("--api-key", default=key, required=not key, type=_api_key, help=by_default)
    return whole
