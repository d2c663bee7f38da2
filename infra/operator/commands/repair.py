"""Complete or undo an order that is being fulfilled, although nothing fulfils it any more."""

import argparse

from functions.orders.order import Order
from functions.shared import table
from infra.operator import deployed, repair
from infra.operator.arguments import add_partner
from infra.operator.functions import Failed
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("order", help="its id")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--undo", action="store_true", help="undo it although the network has carried it out")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    deployed.enter_system(given.stage)
    order = table.read(Order, given.partner, given.order)
    if order is None:
        return refuse(f"{given.partner} has no order with the id {given.order!r}")
    decided = repair.decide(order, undo=given.undo)
    print_line(f"{order.id}: {decided.why}; {decided.what}")
    if decided.stuck or given.dry_run:
        return 1 if decided.stuck else 0
    try:
        for done in repair.carry_out(given.stage, order, decided):
            print_line(done)
    except Failed as failed:
        return refuse(f"the order is left as it was: {failed}")
    if decided.steps:
        now = table.read(Order, given.partner, order.id)
        print_line(f"the order is {now.status if now else 'gone'}")
    return 0
