"""Count the SIMs of a partner, or of all, by kind and state."""

import argparse

from infra.operator import sim_counts
from infra.operator.arguments import partner_name
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--partner", type=partner_name, help="by default all")


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    partners = [given.partner] if given.partner else [*sim_counts.partners()]
    counts = {partner: sim_counts.count(partner) for partner in partners}
    for partner, found in counts.items():
        for kind in sim_counts.KINDS:
            states = [f"{found[kind, state]:,} {state}" for state in sim_counts.STATES if found[kind, state]]
            if states:
                print_line(f"{partner} {kind}: {', '.join(states)}")
    return 0 if any(counts.values()) else refuse("there are no SIMs")
