"""What the commands print: files are made by others, so nothing of them reaches a terminal that could steer it."""

import sys
from typing import TextIO


def escaped(text: str) -> str:
    """Return the text with everything that cannot be seen (ESC, line ends, marks of direction) as its escape."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def tell(text: str, out: TextIO | None = None) -> None:
    """Print one line; what the terminal's encoding lacks is escaped too."""
    out = out or sys.stdout
    encoding = out.encoding or "utf-8"
    print(escaped(text).encode(encoding, "backslashreplace").decode(encoding), file=out)


def complain(text: str) -> None:
    """Print one line of what went wrong."""
    tell(text, sys.stderr)
