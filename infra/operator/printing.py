"""Output of the commands. Control characters from files are escaped, since they could control the terminal."""

import sys
from typing import TextIO


def escaped(text: str) -> str:
    """Return the text with invisible characters (ESC, line ends, direction marks) as escapes."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )


def print_line(text: str, out: TextIO | None = None) -> None:
    """Print one line; characters that the terminal's encoding lacks are escaped too."""
    out = out or sys.stdout
    encoding = out.encoding or "utf-8"
    print(escaped(text).encode(encoding, "backslashreplace").decode(encoding), file=out)


def print_error(text: str) -> None:
    """Print one line to the standard error."""
    print_line(text, sys.stderr)
