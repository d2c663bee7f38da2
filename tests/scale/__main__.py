"""``python -m tests.scale``: what a partner with many orders costs, for docs/scaling.md (``--write``).

With ``--stored 100000``, so many are really stored, in memory: that takes two milliseconds and 20 KB for each.
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence

import tests.conftest  # noqa: F401 - prepares the environment, before a function reads it
from infra.pages import filled, table
from infra.scaling import PAGE
from tests.scale.costs import Cost, costs

FEW, MANY = 1_000, 1_000_000


def rows(found: Mapping[str, Cost]) -> str:
    """Return what was found as a table."""
    head = [
        "with 1,000 and with 1,000,000 orders",
        "calls of the table",
        "items looked at",
        "read units",
        "write units",
    ]
    return table(
        head,
        [
            [name, str(len(cost.calls)), str(cost.examined), f"{cost.read_units:g}", f"{cost.write_units:g}"]
            for name, cost in found.items()
        ],
    )


def main(arguments: Sequence[str]) -> int:
    """Count; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("--stored", type=int, help="how many orders to store really")
    parser.add_argument("--write", action="store_true", help="write the table of docs/scaling.md anew")
    asked = parser.parse_args(arguments)
    few = costs(FEW)
    began = time.process_time()
    many = costs(asked.stored, stored=True) if asked.stored else costs(MANY)
    print(f"{asked.stored or MANY:,} orders {'stored' if asked.stored else 'made when read'}", end=", ")
    print(f"{time.process_time() - began:.0f} s of a processor\n{rows(many)}")
    if different := [name for name in few if few[name] != many[name]]:
        print(f"different with {FEW:,} orders: {', '.join(different)}")
    if asked.write:
        PAGE.write_text(filled(PAGE.read_text(), {"scale": rows(few)}))
    return bool(different)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
