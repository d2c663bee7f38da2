"""``make mutants``: small changes of the code, one at a time, each of which the tests should notice."""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings

from tests.mutants.coverage import Ran
from tests.mutants.judging import Judged, Verdict, failed, judged
from tests.mutants.making import Mutant, mutants_of
from tests.mutants.record import Record
from tests.mutants.report import equivalents, faults, rows
from tests.mutants.swapping import Originals

ROOMS = ("orders", "products", "subscriptions", "events")
TABLE = ("table", "dynamodb", "transaction", "records", "marshal", "documents", "lists")
TESTS = (
    "tests/lifecycle",
    "tests/unit",
    "tests/model",
    "tests/webhooks",
    "tests/api/test_events.py",
    "tests/api/test_orders.py",
    "tests/operator/test_erase.py",
    "tests/operator/test_repair.py",
)


def files() -> list[str]:
    """Return the files that are mutated."""
    rooms = (file for room in ROOMS for file in sorted(Path("functions", room).glob("*.py")))
    return [str(file) for file in (*rooms, *(Path("functions/shared", f"{name}.py") for name in TABLE))]


class Court:
    """Takes the place of pytest's loop over the tests."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self._asked = asked
        self.verdicts: dict[str, Verdict] = {}
        self.faults: list[str] = []

    def pytest_sessionstart(self) -> None:
        """Let random tests try the same each time, and not look for the smallest example that fails."""
        steady = hypothesis_settings(
            derandomize=True, database=None, phases=(Phase.explicit, Phase.generate), deadline=None
        )
        hypothesis_settings.register_profile("mutants", steady)
        hypothesis_settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Judge the mutants."""
        for file in files():
            import_module(file.removesuffix(".py").replace("/", "."))
        originals = Originals(files())
        every = [mutant for file in files() for mutant in mutants_of(file)]
        _warm_up(session.items)
        ran = Ran(files(), session.items, self._asked.seconds, self._asked.processes)
        record = Record(ran)
        listed = equivalents()
        chosen = [mutant for mutant in self._chosen(every) if originals.changed(mutant)]
        self.verdicts = {mutant.name: Verdict.SURVIVED for mutant in chosen if mutant.name in listed}
        self.verdicts |= {mutant.name: verdict for mutant in chosen if (verdict := record.verdict(mutant))}
        unknown = [mutant for mutant in chosen if mutant.name not in self.verdicts]
        gc.collect()
        gc.freeze()  # what is here already is shared with every copy, not looked through and so copied by each
        for number, result in enumerate(judged(unknown, originals, ran.trials, self._asked.processes), 1):
            self.verdicts[result.mutant.name] = result.verdict
            record.keep(result)
            _tell(result, number, len(unknown))
        self.faults = [*faults(self.verdicts, (mutant.name for mutant in every))]
        return True

    def _chosen(self, every: Sequence[Mutant]) -> list[Mutant]:
        only, sample = self._asked.only, self._asked.sample
        wanted = [mutant for mutant in every if not only or any(part in mutant.name for part in only)]
        wanted.sort(key=lambda mutant: sha256(f"{self._asked.seed} {mutant.name}".encode()).digest())
        return wanted[: sample or None]


def _warm_up(items: Sequence[pytest.Item]) -> None:
    """Run some tests that leave no thread behind, so that what they import and keep is there in every copy.

    Otherwise the first test of a copy would seem to be slow.
    """
    alone = [item for item in items if "line" in getattr(item, "fixturenames", ())]
    for item in alone[::20]:
        assert not failed(item, None), f"{item.nodeid} fails"


def _tell(result: Judged, number: int, of: int) -> None:
    said = f"{result.verdict}, {result.tests} tests, {result.seconds:.1f} s: {result.mutant.name}"
    print(f"[{number}/{of}] {said}", flush=True)


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("only", nargs="*", help="only mutants in whose name one of these is")
    parser.add_argument("--sample", type=int, default=0, help="only so many, chosen by chance")
    parser.add_argument("--seed", type=int, default=1, help="of the chance")
    parser.add_argument("--seconds", type=float, default=2.5, help="of a processor for the tests of a mutant")
    parser.add_argument("--tests", nargs="+", default=TESTS, help="that judge")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Judge the mutants that are asked for; return the exit code."""
    asked = _asked(arguments)
    court = Court(asked)
    options = "-q -s -p no:cacheprovider --no-header --no-summary -W ignore::pytest.PytestAssertRewriteWarning"
    status = pytest.main([*asked.tests, *options.split()], plugins=[court])
    print("\n".join([*rows(court.verdicts), *court.faults]))
    return int(status) or bool(court.faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
