"""``make imports``: how much processor time and memory each function needs to start.

It is measured with bytecode and as if the asset had none: then what it holds is compiled, but not what Lambda's runtime
brings. With ``--against`` also in another checkout. All of them take turns, so that whatever else this machine does
slows them down alike.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

from infra.asset_contents import ROOT
from tests.unit.test_imports import FUNCTIONS, OF_THE_RUNTIME

SETTINGS = {
    "PUBLIC_URL": "https://api.example.com",
    "TABLE_NAME": "orders",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
}
CACHED = {"PYTHONPYCACHEPREFIX": str(ROOT / "build" / "bytecode"), "PYTHONDONTWRITEBYTECODE": ""}
PROBE = """
import importlib, json, resource, sys, time
from importlib import _bootstrap_external as loading

def uncompiled(path, *, original=loading.cache_from_source, **options):
    _, installed, below = path.partition("/site-packages/")
    if "/functions/" in path or (installed and below.partition("/")[0] not in RUNTIME):
        raise NotImplementedError
    return original(path, **options)

module, RUNTIME, bytecode = sys.argv[1], set(sys.argv[2].split(",")), sys.argv[3] == "yes"
if not bytecode:
    sys.dont_write_bytecode, loading.cache_from_source = True, uncompiled
before = time.process_time()
importlib.import_module(module)
taken = time.process_time() - before
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"ms": taken * 1000, "mb": memory}))
"""


class Started(NamedTuple):
    """The processor time and the memory that a start took."""

    ms: float
    mb: float


class Way(NamedTuple):
    """A checkout whose functions start, with or without bytecode."""

    checkout: Path
    bytecode: bool


def main() -> None:
    """Print a line for each function."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--against", type=Path, help="another checkout")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("functions", nargs="*", default=FUNCTIONS)
    given = parser.parse_args()
    checkouts = [given.against.resolve(), ROOT] if given.against else [ROOT]
    ways = [Way(checkout, bytecode) for checkout in checkouts for bytecode in (False, True)]
    for function in given.functions:
        _measure(function, [way for way in ways if way.bytecode], 1)  # compiles everything
    print(f"{'':44}" + "".join(f"{_title(way):>20}" for way in ways))
    for function in given.functions:
        print(f"{function:44}" + "".join(map(_columns, _measure(function, ways, given.rounds))), flush=True)


def _title(way: Way) -> str:
    return f"{way.checkout.name}, {'pyc' if way.bytecode else 'py'}"


def _measure(function: str, ways: Sequence[Way], rounds: int) -> list[list[Started]]:
    taken: list[list[Started]] = [[] for _ in ways]
    for _ in range(rounds):
        for runs, way in zip(taken, ways, strict=True):
            if (way.checkout / f"{function.replace('.', '/')}.py").exists():
                runs.append(_start(function, way))
    return taken


def _start(function: str, way: Way) -> Started:
    command = [sys.executable, "-c", PROBE, function, ",".join(OF_THE_RUNTIME), "yes" if way.bytecode else "no"]
    done = subprocess.run(  # noqa: S603 - our words
        command, check=True, capture_output=True, text=True, cwd=way.checkout, env=os.environ | SETTINGS | CACHED
    )
    return Started(**json.loads(done.stdout))


def _columns(runs: Sequence[Started]) -> str:
    if not runs:
        return f"{'-':>20}"
    ms, mb = (median(values) for values in zip(*runs, strict=True))
    return f"{ms:13.0f} ms {mb:.0f} MB"


if __name__ == "__main__":
    main()
