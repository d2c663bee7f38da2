"""Name the functions that are too long to be read at once, and the files of what runs and deploys."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

MAX_FUNCTION = 40
MAX_FILE = 250
"""In lines."""
ROOT = Path(__file__).parents[1]


def too_long(file: Path) -> Iterator[str]:
    """Yield what is too long in a file, and the file itself if it is; a file of tests may be longer."""
    text = file.read_text()
    if (lines := len(text.splitlines())) > MAX_FILE and "tests" not in file.relative_to(ROOT).parts:
        yield f"{file.relative_to(ROOT)}: the file has {lines} lines; at most {MAX_FILE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MAX_FUNCTION:
                yield f"{file.relative_to(ROOT)}:{node.lineno}: {node.name} has {lines} lines; at most {MAX_FUNCTION}"


def main() -> int:
    """Look through the code and its tests; return the exit code."""
    files = (file for room in ("functions", "infra", "tests") for file in sorted((ROOT / room).rglob("*.py")))
    faults = [fault for file in files if "node_modules" not in file.parts for fault in too_long(file)]
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
