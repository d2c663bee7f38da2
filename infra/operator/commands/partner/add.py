"""Add a partner with a client and an API key, or complete what an earlier attempt has begun."""

import argparse

from functions.routes import SCOPES
from infra.operator.arguments import add_partner
from infra.operator.partners import changes
from infra.operator.partners.entry import Entry
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("--tier", help="by default the standard one")
    parser.add_argument("--scopes", type=_scopes, default=(), help="with spaces between them; by default all")
    parser.add_argument("--client-id", help="a client that the issuer has already, instead of a new one of Cognito")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    partner = changes.add(Entry.of(given.stage), given.partner, given.tier, given.scopes, given.client_id)
    disabled = "" if partner.status == "active" else f", but {partner.status}"
    print_line(f"{partner.name} has access with the limits of the tier {partner.tier}{disabled}")
    return 0


def _scopes(text: str) -> tuple[str, ...]:
    wanted = text.split()
    if unknown := [scope for scope in wanted if scope not in SCOPES]:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; the scopes are {', '.join(SCOPES)}")
    return tuple(scope for scope in SCOPES if scope in wanted)
