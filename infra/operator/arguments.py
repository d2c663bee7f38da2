"""The arguments of the operator's commands."""

import argparse
from argparse import ArgumentTypeError
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol

from functions.shared.partners import check_partner_name
from infra.operator.printing import escaped


class Command(Protocol):
    """A module of ``infra.operator.commands``; its docstring is the command's help."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""

    def run(self, given: argparse.Namespace) -> int:
        """Run the command; return the exit code."""


class Parser(argparse.ArgumentParser):
    """A parser whose errors are escaped, so that they can be printed safely."""

    def error(self, message: str) -> NoReturn:
        """Exit with the message, escaped."""
        super().error(escaped(message))


def parser(commands: Mapping[str, Command | Mapping[str, Command]], description: str) -> argparse.ArgumentParser:
    """Return the parser; it sets ``run`` to the function of the command. Those of a group need a stage."""
    whole = Parser(prog="python -m infra.operator", description=description)
    parts = whole.add_subparsers(required=True, metavar="|".join(commands))
    for name, command in commands.items():
        if isinstance(command, Mapping):
            group = parts.add_parser(name).add_subparsers(required=True, metavar="|".join(command))
            for action, member in command.items():
                _add_command(group, action, member, _stage())
        else:
            _add_command(parts, name, command, _common())
    return whole


def _add_command(parts: Any, name: str, command: Command, common: Parser) -> None:
    part = parts.add_parser(name, parents=[common], help=command.__doc__)
    part.set_defaults(run=command.run)
    command.add_arguments(part)


def add_partner(parser: argparse.ArgumentParser) -> None:
    """Add the partner that a command is about."""
    parser.add_argument("--partner", required=True, type=partner_name)


def add_file(parser: argparse.ArgumentParser) -> None:
    """Add the file that a command reads."""
    parser.add_argument("file", type=Path)


def partner_name(name: str) -> str:
    """Return the name. Raise ``ArgumentTypeError`` if no partner can have it."""
    try:
        return check_partner_name(name)
    except ValueError as error:
        raise ArgumentTypeError(f"{name!r} is not a partner name: it {error}") from None


def _stage() -> Parser:
    """Return the arguments of a command that needs more of a stage than a table."""
    stage = Parser(add_help=False)
    stage.add_argument("--stage", required=True, help="a deployed stage")
    stage.set_defaults(table=None)
    return stage


def _common() -> Parser:
    """Return the arguments of every command."""
    common = Parser(add_help=False)
    where = common.add_mutually_exclusive_group(required=True)
    where.add_argument("--stage", help="a deployed stage")
    where.add_argument("--table", help="a table, instead of a stage")
    return common
