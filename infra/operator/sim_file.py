"""A file with SIMs: CSV, JSON lines, or a JSON array."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from infra.operator import csv_file
from infra.operator.faults import Fault, FileRefused, Part, text_of
from infra.operator.json_file import JsonFile
from infra.operator.sim_entries import SIM, EsimEntry, PhysicalSimEntry, SimEntry, repeats

COLUMNS = tuple(dict.fromkeys(csv_file.columns_of(EsimEntry) + csv_file.columns_of(PhysicalSimEntry)))
REQUIRED = ("sim_type", "iccid")


class SimFile(NamedTuple):
    """The SIMs that are right in themselves, the line of each, and the faults of the file."""

    entries: list[SimEntry]
    lines: list[int]
    faults: list[Fault]

    def taken(self, position: int, reasons: Sequence[str]) -> list[Fault]:
        """Faults of one of the SIMs."""
        return [Fault(self.lines[position], "", f"{reason[0].upper()}{reason[1:]}.") for reason in reasons]


def read(file: Path) -> SimFile:
    """What the file holds.

    Raises :class:`FileRefused` if it cannot be told where its SIMs begin and end, and as ``text_of`` does.
    """
    read = SimFile([], [], [])
    for part in _parts(file, read.faults):
        try:
            read.entries.append(SIM.validate_python(part.value))
        except ValidationError as error:
            read.faults.extend(part.faults(error))
        else:
            read.lines.append(part.locate([])[0])
    for position, name, first in repeats(read.entries):
        read.faults.extend(read.taken(position, [f"{name} is in line {read.lines[first]} already"]))
    return read


def _parts(file: Path, faults: list[Fault]) -> Iterator[Part]:
    text = text_of(file, ".csv", ".json", ".jsonl")
    if file.suffix.lower() == ".csv":
        rows, wrong = csv_file.read(text, COLUMNS, REQUIRED)
        faults.extend(wrong)
        yield from (row.part() for row in rows)
    elif file.suffix.lower() == ".jsonl":
        yield from _json_lines(text, faults)
    else:
        array = JsonFile(text)
        if not isinstance(array.value, list):
            raise FileRefused([Fault(1, "", "This must be an array of SIMs.")])
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
