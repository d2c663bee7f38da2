"""What can be tried in the sandbox, and how: the rows of ``tries.md``, which the README has too."""

import re
from pathlib import Path

SHELL = re.compile(r"'\$\(.+\)'")
"""A command that fills in a date where the README's words are pasted into a shell."""
TRIES = [
    dict(zip(("what", "how"), map(str.strip, SHELL.sub("YYYY-MM-DD", row).strip("| ").split(" | ", 1)), strict=True))
    for row in Path(__file__).with_name("tries.md").read_text(encoding="utf-8").splitlines()
]
