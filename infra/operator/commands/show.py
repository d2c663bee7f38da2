"""Show an order with everything about it, or the record with any other id; without secrets."""

import argparse
from collections.abc import Iterator

from functions.orders.order import Order
from functions.shared import table
from infra.operator import deployed, order_view, show
from infra.operator.arguments import add_partner
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("id")
    parser.add_argument("--record", action="store_true", help="show an order, too, as it is stored")
    parser.add_argument("--personal", action="store_true", help="do not hide what is about a person")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    lines = [*_lines(given)]
    for line in lines:
        print_line(line)
    return 0 if lines else refuse(f"{given.partner} has no record with the id {given.id!r}")


def _lines(given: argparse.Namespace) -> Iterator[str]:
    order = None if given.record else table.read(Order, given.partner, given.id)
    if order is None:
        yield from show.records(given.partner, given.id, personal=given.personal)
    else:
        deployed.enter_system(given.stage)
        yield from order_view.lines(order)
