"""A file with SIMs: CSV, JSON lines, or a JSON array."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from infra.operator import csv_file
from infra.operator.faults import Fault, FileRefused, Part, text_of, unreadable
from infra.operator.json_file import JsonFile
from infra.operator.sim_entries import SIM, EsimEntry, Iccid, PhysicalSimEntry, SimEntry, repeats

T = TypeVar("T")

COLUMNS = tuple(dict.fromkeys(csv_file.columns_of(EsimEntry) + csv_file.columns_of(PhysicalSimEntry)))
REQUIRED = ("sim_type", "iccid")


class SimFile(NamedTuple, Generic[T]):
    """The SIMs that have no faults of their own, the line of each, and the faults of the file."""

    entries: list[T]
    lines: list[int]
    faults: list[Fault]

    def taken(self, position: int, reasons: Sequence[str]) -> list[Fault]:
        """Return the faults of one of the SIMs."""
        return [fault(self.lines[position], reason) for reason in reasons]


def fault(line: int, reason: str) -> Fault:
    """Return a fault of a SIM, as a sentence."""
    return Fault(line, "", f"{reason[0].upper()}{reason[1:]}.")


class Named(BaseModel):
    """A SIM of which only the ICCID is read."""

    model_config = ConfigDict(strict=True, hide_input_in_errors=True)

    iccid: Iccid


def read(file: Path) -> SimFile[SimEntry]:
    """Return the SIMs of the file.

    Raise :class:`FileRefused` if the file cannot be split into SIMs, and what ``text_of`` raises.
    """
    read = _read(file, REQUIRED, SIM.validate_python)
    for position, name, first in repeats(read.entries):
        read.faults.extend(read.taken(position, [f"{name} is already in line {read.lines[first]}"]))
    return read


def read_iccids(file: Path) -> SimFile[str]:
    """Return the ICCIDs of the SIMs of the file, ignoring the rest. Raise what :func:`read` raises."""
    return _read(file, ("iccid",), lambda value: Named.model_validate(value).iccid)


def _read(file: Path, required: Sequence[str], entry_of: Callable[[Any], T]) -> SimFile[T]:
    read: SimFile[T] = SimFile([], [], [])
    for part in _parts(file, required, read.faults):
        try:
            read.entries.append(entry_of(part.value))
        except ValidationError as error:
            read.faults.extend(part.faults(error))
        else:
            read.lines.append(part.locate([])[0])
    return read


def _parts(file: Path, required: Sequence[str], faults: list[Fault]) -> Iterator[Part]:
    text = text_of(file, ".csv", ".json", ".jsonl")
    if file.suffix.lower() == ".csv":
        rows, wrong = csv_file.read(text, COLUMNS, required)
        faults.extend(wrong)
        yield from (row.part() for row in rows)
    elif file.suffix.lower() == ".jsonl":
        yield from _json_lines(text, faults)
    else:
        array = JsonFile(text)
        if not isinstance(array.value, list):
            raise unreadable("This must be an array of SIMs.")
        yield from (array.part(position) for position in range(len(array.value)))


def _json_lines(text: str, faults: list[Fault]) -> Iterator[Part]:
    for line, content in enumerate(text.split("\n"), start=1):
        try:
            if content.strip():
                yield _in_line(JsonFile(content).part(), line)
        except FileRefused as refused:
            faults.extend(fault._replace(line=line) for fault in refused.faults)


def _in_line(part: Part, line: int) -> Part:
    return Part(part.value, lambda steps: (line, part.locate(steps)[1]))
