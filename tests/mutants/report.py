"""What came of the mutants, as a table, beside the list of those that change nothing."""

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.mutants.judging import DEAD, Verdict

EQUIVALENT = Path("tests/mutants/equivalent")
"""A file for each folder: its mutants that no test can kill, named as ``make mutants`` prints them, by the reason."""
COLUMNS = ("mutants", *Verdict, "equivalent", "killed of the others")
WIDTH = len("subscriptions")
Verdicts = Mapping[str, Verdict]
"""By the mutant's name."""


def equivalents() -> dict[str, str]:
    """Return the reason of each mutant that is equivalent."""
    groups = (group for file in EQUIVALENT.glob("*.toml") for group in tomllib.loads(file.read_text())["equivalent"])
    return {mutant: group["why"] for group in groups for mutant in group["mutants"]}


def faults(verdicts: Verdicts, every: Iterable[str]) -> Iterator[str]:
    """Yield what is wrong with the list: mutants that are no longer made, and those that a test has killed."""
    listed = equivalents()
    killed = {name for name, verdict in verdicts.items() if verdict in DEAD}
    yield from (f"Listed as equivalent, but there is no such mutant: {name}" for name in sorted({*listed} - {*every}))
    yield from (f"Listed as equivalent, but a test kills it: {name}" for name in sorted(killed & {*listed}))


def rows(verdicts: Verdicts) -> Iterator[str]:
    """Yield the table, by room and in all."""
    listed = equivalents()
    rooms = sorted({_room(name) for name in verdicts})
    yield "  ".join((" " * WIDTH, *COLUMNS))
    for room in (*rooms, "all"):
        mine = {name: verdict for name, verdict in verdicts.items() if room in {_room(name), "all"}}
        cells = (f"{count:>{len(column)}}" for column, count in zip(COLUMNS, _counts(mine, listed), strict=True))
        yield "  ".join((f"{room:<{WIDTH}}", *cells))


def _room(name: str) -> str:
    return Path(name.partition("::")[0]).parent.name


def _counts(verdicts: Verdicts, listed: Mapping[str, str]) -> Sequence[str]:
    equivalent = len({*verdicts} & {*listed})
    counts = Counter(verdict for name, verdict in verdicts.items() if name not in listed)
    dead = sum(counts[verdict] for verdict in DEAD)
    share = f"{100 * dead / max(len(verdicts) - equivalent, 1):.1f} %"
    return [*map(str, (len(verdicts), *(counts[verdict] for verdict in Verdict), equivalent)), share]
