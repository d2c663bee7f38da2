"""CSV as spreadsheets write it; faults are listed with their lines."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from infra.operator.faults import Fault, FileRefused, Part, path, unreadable

SEPARATORS = ",;\t"
"""A spreadsheet chooses one of them by its user's country."""
SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\r?\n")
"""A first line by which a spreadsheet learns the separator."""
BROKEN = {
    "unexpected end of data": "a cell begins with a quote that is never closed",
    "expected after": "text follows the closing quote of a cell",
    "field limit": f"a cell has more than {csv.field_size_limit():,} characters",
    "new-line": "a cell without quotes contains a line break",
}
"""A part of Python's error for broken CSV → our words."""


class Row(NamedTuple):
    """A row and the line where it begins; ``cells`` has the cells that are not empty, by column."""

    line: int
    cells: dict[str, str]

    def part(self) -> Part:
        """Return the row as a value with its columns as members."""
        return Part(nested(self.cells), lambda steps: (self.line, path(steps)))


def read(
    text: str, columns: Sequence[str], required: Iterable[str], open_columns: str | None = None
) -> tuple[list[Row], list[Fault]]:
    """Return the rows under the header, and the faults of those that are left out.

    Empty columns are skipped, and missing cells at the end of a row are empty. Columns that begin with ``open_columns``
    can have any name. Raise :class:`FileRefused` if the text is not CSV, or a column is unknown, missing or repeated.
    """
    (line, first), *records = [*_records(text, columns)] or [(1, [])]
    header = _without_empty_end(first)
    if faults := [*_header_faults(line, header, columns, required, open_columns)]:
        raise FileRefused(faults)
    if records and len(records[-1][1]) < len(header) and not text.endswith(("\n", "\r")):
        line, cells = records.pop()
        faults.append(Fault(line, "", f"{_counts(cells, header)}; the file may be cut off here."))
    found = [_row_fault(line, cells, header) or _row(line, cells, header) for line, cells in records]
    faults += [fault for fault in found if isinstance(fault, Fault)]
    return [row for row in found if isinstance(row, Row)], faults


def nested(cells: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``{"a": {"b": 1, "c": 2}, "d": 3}`` for ``{"a.b": 1, "a.c": 2, "d": 3}``."""
    value: dict[str, Any] = {}
    for column, cell in cells.items():
        outer, dot, inner = column.partition(".")
        if dot:
            value.setdefault(outer, {})[inner] = cell
        else:
            value[outer] = cell
    return value


def columns_of(model: type[BaseModel]) -> list[str]:
    """Return the columns for a model's fields, including those of nested models."""
    columns = []
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        columns += [f"{name}.{column}" for kind in inner for column in columns_of(kind)] or [name]
    return columns


def _records(text: str, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield the line where each record begins, and its cells; empty records are left out."""
    before, separator = 0, _separator(text, columns)
    if declared := SEPARATOR_LINE.match(text):
        before, separator, text = 1, declared[1], text[declared.end() :]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = before + 1
    try:
        for record in reader:
            if any(cells := [cell.strip() for cell in record]):
                yield line, cells
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise unreadable(f"This is not valid CSV: {_reason(error)}.", line) from None


def _reason(error: csv.Error) -> str:
    return next((words for part, words in BROKEN.items() if part in str(error)), "check the quotes around its cells")


def _separator(text: str, columns: Sequence[str]) -> str:
    """Return the separator with which the first line has the most known columns."""
    header = next((line for line in text.splitlines() if re.search(r"\w", line)), "")
    return max(SEPARATORS, key=partial(_known, header, columns))


def _known(header: str, columns: Sequence[str], separator: str) -> int:
    return len({name.strip(' "') for name in header.split(separator)}.intersection(columns))


def _without_empty_end(cells: Sequence[str]) -> Sequence[str]:
    return cells[: max((number for number, cell in enumerate(cells, start=1) if cell), default=0)]


def _row(line: int, cells: Sequence[str], header: Sequence[str]) -> Row:
    return Row(line, {column: cell for column, cell in zip(header, cells, strict=False) if cell})


def _row_fault(line: int, cells: Sequence[str], header: Sequence[str]) -> Fault | None:
    if any(cells[len(header) :]):
        return Fault(line, "", f"{_counts(cells, header)}; put cells that contain the separator in quotes.")
    stray = [cell for column, cell in zip(header, cells, strict=False) if cell and not column]
    return Fault(line, "", f"{stray[0]!r} is in a column that has no name.") if stray else None


def _counts(cells: Sequence[str], header: Sequence[str]) -> str:
    return f"This row has {len(cells)} cells, but the header has {len(header)}"


def _header_faults(
    line: int, header: Sequence[str], columns: Sequence[str], required: Iterable[str], open_columns: str | None
) -> Iterator[Fault]:
    for column in required:
        if column not in header:
            yield Fault(line, column, "This column is required.")
    for column in filter(None, header):
        if header.count(column) > 1:
            yield Fault(line, column, "This column is given twice.")
        if column not in columns and not (open_columns and column.startswith(open_columns)):
            yield Fault(line, column, f"This column is not known; the columns are {', '.join(columns)}.")
