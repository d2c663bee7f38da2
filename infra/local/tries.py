"""What can be tried in the sandbox, and how: the rows of ``tries.md``, which the README has too."""

from pathlib import Path

TRIES = [
    dict(zip(("what", "how"), map(str.strip, row.strip("| ").split(" | ", 1)), strict=True))
    for row in Path(__file__).with_name("tries.md").read_text(encoding="utf-8").splitlines()
]
