"""Finds out which tests run which lines, once for each file of tests, as it takes longer than anything else."""

import ast
import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage, CoverageData

from tests.mutants.judging import Trial, failed, in_copy
from tests.mutants.making import Mutant

KEPT = Path("build/mutants/coverage")
Lines = dict[str, list[str]]
"""By function, its lines that a test ran."""


class Ran:
    """What each test ran, and how long it took."""

    def __init__(self, files: Sequence[str], items: Sequence[pytest.Item], budget: float, processes: int) -> None:
        self._files = files
        self._budget = budget
        self._texts = {file: Path(file).read_text().splitlines() for file in files}
        self._items = {item.nodeid: item for item in items}
        self._seconds: dict[str, float] = {}
        self._tests: dict[tuple[str, str], set[str]] = {}
        KEPT.mkdir(parents=True, exist_ok=True)
        self._explore(items, processes)
        for path in {item.path for item in items}:
            self._take(json.loads(_kept(path).read_text()))

    def trials(self, mutant: Mutant) -> list[Trial]:
        """The tests that run a mutant's statement, as many as there is time for.

        If none does, or it is new, they are those that run its function or, if that is new, something of its file.
        """
        place = f"{mutant.file}::{mutant.function}"
        lines = {self._texts[mutant.file][number - 1].strip() for number in mutant.lines}
        names = set().union(*(self._tests.get((place, line), set()) for line in lines))
        names = names or self._tests.get((place, ""), set()) or self._tests.get((mutant.file, ""), set())
        chosen = _varied(Trial(self._items[name], self._seconds[name]) for name in names)
        slow = [trial for trial in chosen if trial.needs_system]
        quick = [trial for trial in chosen if trial not in slow]
        return [*_within(self._budget, quick), *_within(self._budget, slow)]

    def state(self, trials: Sequence[Trial]) -> str:
        """Return what the tests are, in short."""
        kept = sorted(f"{trial.item.nodeid} {_kept(trial.item.path)}" for trial in trials)
        return hashlib.sha256("\n".join(kept).encode()).hexdigest()[:8]

    def _take(self, found: dict[str, Any]) -> None:
        for name, (seconds, lines) in found.items():
            if name in self._items and seconds >= 0:
                self._seconds[name] = seconds
                for place, texts in lines.items():
                    file = place.partition("::")[0]
                    for key in ((file, ""), (place, ""), *((place, text) for text in texts)):
                        self._tests.setdefault(key, set()).add(name)

    def _explore(self, items: Sequence[pytest.Item], processes: int) -> None:
        unknown = sorted({item.path for item in items if not _kept(item.path).exists()})
        shares = [share for number in range(processes) if (share := unknown[number::processes])]
        print(f"Finding out what the tests of {len(unknown)} files run …" if unknown else "", flush=True)
        for share in shares:
            in_copy(lambda share=share: self._explore_files(share, items))  # type: ignore[misc]
        for _ in shares:
            _, status, _ = os.wait3(0)
            assert not status, "the tests could not be run"

    def _explore_files(self, paths: Sequence[Path], items: Sequence[pytest.Item]) -> int:
        cover = Coverage(data_file=None, config_file=False, include=[str(Path(file).resolve()) for file in self._files])
        cover.set_option("run:disable_warnings", ["no-data-collected"])  # of a test that runs nothing of the files
        places = {file: [*_functions(file)] for file in self._files}
        mine = [item for item in items if item.path in paths]
        found: dict[Path, dict[str, Any]] = {}
        for item, following in zip(mine, [*mine[1:], None], strict=True):
            cover.start()
            cover.switch_context(item.nodeid)
            began = time.process_time()
            wrong = failed(item, following)
            seconds = time.process_time() - began
            cover.stop()
            lines = _lines(cover.get_data(), item.nodeid, places)
            found.setdefault(item.path, {})[item.nodeid] = (-1 if wrong else seconds, lines)
            if following is None or following.path != item.path:
                _kept(item.path).write_text(json.dumps(found[item.path]))
        return 0


def _varied(trials: Iterable[Trial]) -> list[Trial]:
    """The quick tests first, and of slow ones some of each file."""
    ranks = Counter[Path]()
    costs: dict[str, float] = {}
    ordered = sorted(trials, key=lambda trial: trial.seconds)
    for trial in ordered:
        ranks[trial.item.path] += 1
        costs[trial.item.nodeid] = trial.seconds * ranks[trial.item.path]
    return sorted(ordered, key=lambda trial: costs[trial.item.nodeid])


def _within(left: float, chosen: Iterable[Trial]) -> Iterator[Trial]:
    for trial in chosen:
        if trial.seconds <= left:
            left -= trial.seconds
            yield trial


@cache
def _kept(path: Path) -> Path:
    """Where it stands what the tests of a file ran, as long as they are the same; found once, as files may change."""
    return KEPT / f"{path.parent.name}.{path.stem}.{hashlib.sha256(path.read_bytes()).hexdigest()[:12]}.json"


def _functions(file: str) -> Iterator[tuple[str, str]]:
    """For each line of a file the function in which it is, and its text."""
    source = Path(file).read_text()
    names = [""] * (source.count("\n") + 2)
    for name, node in _named(ast.parse(source), ()):
        for line in range(node.lineno, (node.end_lineno or 0) + 1):
            names[line] = name
    for name, text in zip(names[1:], source.splitlines(), strict=False):
        yield name, text.strip()


def _named(node: ast.AST, above: tuple[str, ...]) -> Iterator[tuple[str, ast.stmt]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.ClassDef):
            name = (*above, child.name)
            yield ".".join(name), child
            yield from _named(child, name)
        else:
            yield from _named(child, above)


def _lines(data: CoverageData, test: str, functions: dict[str, list[tuple[str, str]]]) -> Lines:
    ran: Lines = {}
    data.set_query_context(test)
    for file, places in functions.items():
        for number in data.lines(str(Path(file).resolve())) or ():
            name, text = places[number - 1]
            if name:
                ran.setdefault(f"{file}::{name}", []).append(text)
    return ran
