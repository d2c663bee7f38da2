"""What can be tried in the sandbox, and how: the rows of ``tries.md``, which the README has too."""

from pathlib import Path

TRIES = [
    tuple(cell.strip() for cell in row.strip("| ").split(" | ", 1))
    for row in Path(__file__).with_name("tries.md").read_text(encoding="utf-8").splitlines()
]
