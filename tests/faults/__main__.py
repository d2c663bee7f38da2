"""``make faults``: every fault of every call and message of every scenario, one by one."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence

import tests.conftest  # noqa: F401 - prepares the environment, before a function reads it
from tests.faults.kinds import CALL_FAULTS, MESSAGE_FAULTS
from tests.faults.run import Choice, Result, run
from tests.faults.scenarios import SCENARIOS
from tests.faults.tap import Fault

KINDS = (*CALL_FAULTS, *MESSAGE_FAULTS)
SAMPLE = {
    "activate-subscription, accepts": 23,
    "swap-subscription-sim, rejects": 29,
    "topup-subscription, silent": 31,
    "cancel-subscription, scheduled": 41,
    "products canceled at the cycle's end": 61,
    "hold resumed": 37,
    "report usage of everything": 7,
    "renewal": 31,
    "webhook delivery": 13,
}
"""What runs with every change: of each of these scenarios, every case at this distance."""
Table = dict[str, list[Result]]


def main(arguments: Sequence[str]) -> int:
    """Run the cases that are asked for; return the exit code."""
    asked = _asked(arguments)
    scenario, kind, number = (*asked.only.split("/"), "", "")[:3]
    names = list(SAMPLE) if asked.sample else [name for name in SCENARIOS if scenario in {"", name}]
    table: Table = {}
    for position, name in enumerate(names, 1):
        choice = _choice(kind, number, SAMPLE[name] if asked.sample else asked.each)
        table[name] = list(run(name, choice, asked.processes))
        print(f"[{position}/{len(names)}] {name}: {_summary(table[name])}", flush=True)
        sys.stdout.writelines(_told(name, table[name]))
    results = [result for row in table.values() for result in row]
    print("\n".join(["", *_rows(table), "", f"{_summary(results)}"]))
    missing = (
        set()
        if asked.only or asked.sample or asked.each > 1
        else set(KINDS) - {result.fault.kind for result in results}
    )
    if missing:
        print(f"These kinds of faults never happened: {', '.join(sorted(missing))}")
    return bool(missing or not results or any(result.wrong for result in results))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--only", default="", help="SCENARIO, SCENARIO/KIND or SCENARIO/KIND/NUMBER")
    parser.add_argument("--each", type=int, default=1, help="try each n-th case only")
    parser.add_argument("--sample", action="store_true", help="only what runs with every change")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def _choice(kind: str, number: str, each: int) -> Choice:
    def choose(faults: Sequence[Fault]) -> Sequence[Fault]:
        wanted = [fault for fault in faults if kind in {"", fault.kind} and number in {"", str(fault.number)}]
        return wanted[::each]

    return choose


def _summary(results: Sequence[Result]) -> str:
    seconds = sum(result.seconds for result in results)
    wrong = sum(bool(result.wrong) for result in results)
    each = 1000 * seconds / max(len(results), 1)
    return f"{len(results)} cases, {each:.0f} ms each" + (f", {wrong} WRONG" if wrong else "")


def _told(scenario: str, results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        if result.wrong:
            fault = result.fault
            yield f"\n{scenario}: {fault.kind} at {fault.name}\n{result.wrong}"
            yield f"Again: make faults ARGS='--only \"{scenario}/{fault.kind}/{fault.number}\"'\n"


def _rows(table: Table) -> Iterator[str]:
    """The cases of each scenario and kind of fault, and the milliseconds that one takes."""
    width = max(map(len, table))
    yield " " * width + "".join(f"{number:>5}" for number in range(1, len(KINDS) + 1)) + "    ms"
    for name, results in table.items():
        kinds = [result.fault.kind for result in results]
        cells = "".join(f"{kinds.count(kind) or '':>5}" for kind in KINDS)
        yield f"{name:<{width}}{cells}{1000 * sum(each.seconds for each in results) / max(len(results), 1):6.0f}"
    yield ", ".join(f"{number} {kind}" for number, kind in enumerate(KINDS, 1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
