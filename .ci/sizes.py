"""Name the functions that are too long to be read at once, the files that do several jobs, and the rooms of both."""

import ast
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median, quantiles

ROOMS = ("functions", "infra", "tests")
MAX_FUNCTION = 40
MAX_MEDIAN = 5
MAX_TENTH = 13
"""The median of a room's functions, and what nine of ten do not exceed; to be lowered, never raised."""
SUFFIXES = (".py", ".ts", ".tsx")
MAX_FILE = 250
"""In lines, as everything here."""
ROOT = Path(__file__).parents[1]
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


def functions_of(file: Path) -> dict[str, int]:
    """Return the lines of each function of a file, by its place and name."""
    nodes = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, FUNCTION)]
    return {f"{file.relative_to(ROOT)}:{node.lineno}: {node.name}": lines_of(node) for node in nodes}


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return how many lines a function has."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


def files_of(room: str) -> list[Path]:
    """Return the files of a room that people write and read."""
    files = (file for suffix in SUFFIXES for file in (ROOT / room).rglob(f"*{suffix}"))
    return sorted(file for file in files if not {"node_modules", "built"} & {*file.parts})


def faults_of(room: str) -> Iterator[str]:
    """Yield the files and functions of a room that are too long, and the room if many of its functions are."""
    functions: dict[str, int] = {}
    for file in files_of(room):
        if file.suffix == ".py":
            functions |= functions_of(file)
        if (lines := len(file.read_text().splitlines())) > MAX_FILE:
            yield f"{file.relative_to(ROOT)}: the file has {lines} lines; at most {MAX_FILE}"
    yield from (
        f"{name} has {lines} lines; at most {MAX_FUNCTION}" for name, lines in functions.items() if lines > MAX_FUNCTION
    )
    yield from room_faults(room, functions.values())


def room_faults(room: str, lengths: Iterable[int]) -> Iterator[str]:
    """Yield what is wrong with the functions of a room as a whole."""
    lengths = [*lengths]
    if (middle := median(lengths)) > MAX_MEDIAN:
        yield f"{room}: the median of its functions is {middle:g} lines; at most {MAX_MEDIAN}"
    if (tenth := quantiles(lengths, n=10, method="inclusive")[-1]) > MAX_TENTH:
        yield f"{room}: a tenth of its functions have more than {tenth:g} lines; at most {MAX_TENTH}"


def main() -> int:
    """Look through the code and its tests; return the exit code."""
    faults = [fault for room in ROOMS for fault in faults_of(room)]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
