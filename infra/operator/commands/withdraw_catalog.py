"""Withdraw a catalog, with everything that was loaded with it."""

import argparse

from infra.operator import catalog_withdrawal
from infra.operator.arguments import add_partner
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line

SOLD = (
    "what was sold does not change, but subscriptions with one of these plans could no longer order add-ons for it, "
    "because no catalog would have both; to withdraw the catalog anyway, add --even-if-sold"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("--name", required=True)
    parser.add_argument("--even-if-sold", action="store_true", help="withdraw it even if something was sold")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    try:
        done = catalog_withdrawal.withdraw(
            given.partner, given.name, even_if_sold=given.even_if_sold, report=print_line
        )
    except catalog_withdrawal.NoSuchCatalog as missing:
        return refuse(str(missing))
    except catalog_withdrawal.Sold as sold:
        examples = [f"{name!r} was sold, for example by {order_id}" for name, order_id in sold.orders.items()]
        return refuse(*examples, f"{SOLD}; nothing was withdrawn")
    kept = f"; {done.kept:,} offerings kept as inactive, because sold" if done.kept else ""
    print_line(f"withdrawn from {given.partner}: {', '.join(map(repr, done.names))}{kept}")
    return 0
