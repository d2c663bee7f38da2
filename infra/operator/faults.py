"""The faults of a file, and their locations."""

import codecs
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from functions.shared import shapes

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # begins as UTF-16's does, so it comes first
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""Byte order mark → encoding."""

Steps = Sequence[int | str]
"""The members and elements that lead to a value."""


class Fault(NamedTuple):
    """A fault in a line of the file; ``location`` is a column, a path or empty."""

    line: int
    location: str
    text: str


class FileRefused(Exception):
    """The file has these faults; nothing of it is loaded."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        super().__init__("the file has faults")
        self.faults = sorted(set(faults))


def unreadable(text: str, line: int = 1) -> FileRefused:
    """Return the refusal of a file with this one fault, after which nothing of it can be read."""
    return FileRefused([Fault(line, "", text)])


class UnknownForm(Exception):
    """The file does not have a supported extension."""


class Part(NamedTuple):
    """A value from a file; ``locate`` returns the line of a member, and the name of its place."""

    value: Any
    locate: Callable[[Steps], tuple[int, str]]

    def fault(self, steps: Steps, text: str) -> Fault:
        """Return a fault at the place to which the steps lead."""
        return Fault(*self.locate(steps), text)

    def faults(self, error: ValidationError) -> list[Fault]:
        """Return the faults that validation found, in the words of the API."""
        problems = error.errors(include_url=False)
        return [self.fault(shapes.locate(problem, self.value), f"{shapes.detail(problem)}.") for problem in problems]


def path(steps: Steps) -> str:
    """Return the steps as text: ``offerings.eu-20.prices[0].currency``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")


def text_of(file: Path, *forms: str) -> str:
    """Return the file's text: UTF-8, or the encoding of its byte order mark.

    Raise :class:`FileRefused` if it is neither, :class:`UnknownForm` if its extension is not one of the forms, and
    ``OSError`` if it cannot be read.
    """
    if file.suffix.lower() not in forms:
        raise UnknownForm(f"{file} must have one of the extensions {', '.join(forms)}")
    return _decoded(file.read_bytes())


def _decoded(content: bytes) -> str:
    encoding = next((name for mark, name in MARKS.items() if content.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in content[:4]:
        raise unreadable("This file is UTF-16 without a byte order mark; save it as UTF-8.")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        advice = "; save it as UTF-8 ('CSV UTF-8' in spreadsheets)" if encoding == "utf-8" else ""
        raise unreadable(f"This file is not valid {encoding.upper().removesuffix('-SIG')}{advice}.", line) from None
