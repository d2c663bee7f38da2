"""``make faults``: every fault of every call and message of every scenario, one by one."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence

import tests.conftest  # noqa: F401 - prepares the environment, before a function reads it
from tests.faults import report
from tests.faults.covered import EVENTS, NEEDED
from tests.faults.kinds import CALL_FAULTS, MESSAGE_FAULTS
from tests.faults.run import Choice, Run, run
from tests.faults.scenarios import SCENARIOS
from tests.faults.tap import Fault

SAMPLE = (
    "POST /orders/activate-subscription, accepts",
    "POST /orders/swap-subscription-sim, rejects",
    "POST /orders/topup-subscription, silent",
    "cancel-subscription, scheduled",
    "products canceled at the cycle's end",
    "POST /orders/{order_id}/resume",
    "report usage of everything",
    "renewal",
    "webhook down for minutes",
)
"""What runs with every change: of each of these scenarios, a case of every second kind."""
KINDS = (*CALL_FAULTS, *MESSAGE_FAULTS)


def main(arguments: Sequence[str]) -> int:
    """Run the cases that are asked for; return the exit code."""
    asked = _asked(arguments)
    runs = []
    for number, (name, choice) in enumerate(chosen := list(_chosen(asked)), 1):
        runs.append(run(name, choice, asked.processes))
        print(f"[{number}/{len(chosen)}] {report.line(runs[-1])}", flush=True)
        sys.stdout.writelines(report.failures(runs[-1]))
    print("\n".join(report.tables(runs)))
    missing = [] if asked.only or asked.each > 1 else list(_missing(runs, everything=not asked.sample))
    if missing:
        print(f"This was never there: {', '.join(sorted(missing))}")
    results = [result for each in runs for result in each.results]
    return bool(missing or not results or any(result.wrong for result in results))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", default="", help="the beginning of SCENARIO, SCENARIO#KIND or SCENARIO#KIND#NUMBER")
    parser.add_argument("--each", type=int, default=1, help="try each n-th case only")
    parser.add_argument("--sample", action="store_true", help="only what runs with every change")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def _chosen(asked: argparse.Namespace) -> Iterator[tuple[str, Choice]]:
    if asked.sample:
        yield from ((name, _some(position)) for position, name in enumerate(SAMPLE))
        return
    scenario, kind, number = (*asked.only.split("#"), "", "")[:3]
    for name in SCENARIOS:
        if name == scenario or (not kind and name.startswith(scenario)):
            yield name, _choice(kind, number, asked.each)


def _some(position: int) -> Choice:
    """Of every second kind one case, and in the next scenario of the others."""

    def choose(faults: Sequence[Fault]) -> Sequence[Fault]:
        of_kinds = [[fault for fault in faults if fault.kind == kind] for kind in KINDS]
        wanted = [(number, some) for number, some in enumerate(of_kinds, position) if some and number % 2]
        return [some[7 * number % len(some)] for number, some in wanted]

    return choose


def _choice(kind: str, number: str, each: int) -> Choice:
    def choose(faults: Sequence[Fault]) -> Sequence[Fault]:
        wanted = [fault for fault in faults if kind in {"", fault.kind} and number in {"", str(fault.number)}]
        return wanted[::each]

    return choose


def _missing(runs: Sequence[Run], *, everything: bool) -> Iterator[str]:
    """What should have happened in a run of all scenarios, or at least every kind of fault."""
    yield from set(KINDS) - {result.fault.kind for each in runs for result in each.results}
    if everything:
        yield from (NEEDED | EVENTS).difference(*(each.plain.seen for each in runs))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
