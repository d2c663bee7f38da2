"""Complete or undo an order that is being fulfilled, although nothing fulfils it any more."""

import argparse

from functions.orders.order import Order
from functions.shared import table
from infra.operator import deployed, executions, repair
from infra.operator.arguments import add_partner
from infra.operator.functions import Failed
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line
from infra.operator.repair import Repair


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("order", help="its id")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    parser.add_argument("--undo", action="store_true", help="undo it although the network has carried it out")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    deployed.enter_system(given.stage)
    decided = _decide(given)
    if decided is None:
        return refuse(f"{given.partner} has no order with the id {given.order!r}")
    print_line(f"{given.order}: {decided.why}; {decided.what}")
    if decided.stuck or given.dry_run:
        return 1 if decided.stuck else 0
    try:
        for done in repair.carry_out(given.stage, given.partner, given.order, decided):
            print_line(done)
    except Failed as failed:
        return refuse(f"the order is left as it was: {failed}")
    if decided.steps and (order := table.read(Order, given.partner, given.order)):
        print_line(f"the order is {order.status}")
    return 0


def _decide(given: argparse.Namespace) -> Repair | None:
    if order := table.read(Order, given.partner, given.order):
        return repair.decide(order, undo=given.undo)
    found = [each for each in executions.find(given.order) if each.partner == given.partner]
    return repair.decide_lost(found[0]) if found else None
