"""Give a partner another client. Its former one is accepted for some time yet."""

import argparse
from datetime import timedelta

from functions.shared import clock
from infra.operator.arguments import add_partner
from infra.operator.partners import changes
from infra.operator.partners.entry import Entry
from infra.operator.printing import print_line

HOURS = 24


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    overlap = f"for how long its former client is accepted; by default {HOURS}"
    parser.add_argument("--hours", type=_hours, default=HOURS, help=overlap)
    parser.add_argument("--replaces", help="the client that another one is to replace, however young it is")
    parser.add_argument("--client-id", help="a client that the issuer has already, instead of a new one of Cognito")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    overlap = timedelta(hours=given.hours)
    partner = changes.rotate(Entry.of(given.stage), given.partner, overlap, given.client_id, given.replaces)
    for client in partner.working(clock.machine_time()):
        until = f"until {clock.iso(client.ends_at)}" if client.ends_at else f"(of {clock.iso(client.created_at)})"
        print_line(f"{partner.name}: the client {client.id} is accepted {until}")
    return 0


def _hours(text: str) -> int:
    hours = int(text) if text.isdecimal() else 0
    if not 1 <= hours <= 24 * 365:
        raise argparse.ArgumentTypeError("must be a number of hours, from 1 to 8760; to end a client now, disable it")
    return hours
