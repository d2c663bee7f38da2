"""Refuse all tokens of a partner, or those of one client for ever."""

import argparse

from functions.shared import clock
from infra.gateway_body import TOKEN_CACHE_SECONDS
from infra.operator.arguments import add_partner
from infra.operator.commands.partner.show import GOES_ON
from infra.operator.partners import changes
from infra.operator.partners.entry import Entry
from infra.operator.printing import print_line

WITHIN = f"refused within {TOKEN_CACHE_SECONDS} seconds"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("--client-id", help="the one client that is to be refused, for ever")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    if not given.client_id:
        changes.disable(given.partner)
        print_line(f"{given.partner} is disabled: its tokens are {WITHIN}; {GOES_ON}")
        return 0
    partner = changes.end_client(Entry.of(given.stage), given.partner, given.client_id)
    print_line(f"{partner.name}: tokens of the client {given.client_id} are {WITHIN}, for ever")
    if not partner.working(clock.machine_time()):
        print_line(f"{partner.name} has no other client: 'partner rotate' makes one")
    return 0
