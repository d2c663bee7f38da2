"""Many short-lived processes in turns, so that whatever else this machine does slows all of them down alike."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import NamedTuple

from infra.asset_contents import ROOT
from tests.benchmark.cases import Case
from tests.support.world import TABLE

PROCESS = Path(__file__).with_name("process.py")
ENVIRONMENT = {
    "TABLE_NAME": TABLE,
    "PYTHONPYCACHEPREFIX": str(ROOT / "build" / "bytecode"),
    "PYTHONDONTWRITEBYTECODE": "",
}
"""As in an asset, everything has bytecode: the first round writes it, and does not count."""


class Took(NamedTuple):
    """Milliseconds of a processor, and of the clock on the wall."""

    cpu: float
    wall: float


class Start(NamedTuple):
    """What one process took: to import its function, for the first call, and for a warm one."""

    imported: Took
    first: Took
    warm: Took

    @property
    def cold(self) -> float:
        """Processor time until the first answer."""
        return self.imported.cpu + self.first.cpu


class Ratio(NamedTuple):
    """A quotient of two measures of the same round, over all rounds: the median, and where the middle half lies."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def ratio(these: Sequence[float], those: Sequence[float]) -> Ratio:
    """Return how many times as much these are as those."""
    each = [this / that for this, that in zip(these, those, strict=True)]
    low, _, high = quantiles(each, n=4, method="inclusive")
    return Ratio(median(each), low, high)


def measure(cases: Mapping[str, Case], rounds: int) -> dict[str, list[Start]]:
    """Start each case once in every round."""
    starts: dict[str, list[Start]] = {name: [] for name in cases}
    with TemporaryDirectory() as folder:
        files = dict(_written(cases, Path(folder)))
        for number in range(rounds + 1):
            print(f"round {number} of {rounds}", file=sys.stderr, flush=True)
            for name, file in files.items():
                start = _start(file)
                if number:
                    starts[name].append(start)
    return starts


def _written(cases: Mapping[str, Case], folder: Path) -> Iterator[tuple[str, Path]]:
    for number, (name, case) in enumerate(cases.items()):
        file = folder / f"{number}.json"
        file.write_text(json.dumps(case._asdict()))
        yield name, file


def _start(case: Path) -> Start:
    command = [sys.executable, str(PROCESS), str(case)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | ENVIRONMENT)  # noqa: S603 - our words
    return Start(**{name: Took(*took) for name, took in json.loads(done.stdout).items()})
