"""CSV whose faults are told with their line."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from infra.operator.faults import Fault, FileRefused, Part, path


class Row(NamedTuple):
    """A row and the line it begins in; ``cells`` holds what is not empty, by column."""

    line: int
    cells: dict[str, str]

    def part(self) -> Part:
        """The row as a value; its columns are members of it."""
        return Part(nested(self.cells), lambda steps: (self.line, path(steps)))


def read(
    text: str, columns: Sequence[str], required: Iterable[str], open_columns: str | None = None
) -> tuple[list[Row], list[Fault]]:
    """The rows under the header, and the faults of those that are left out.

    Columns that begin with ``open_columns`` may be called anything. Raises :class:`FileRefused` when nothing can be
    read, or for a header with a column that is not known, missing or there twice.
    """
    records = _records(text)
    line, header = next(records, (1, []))
    if faults := [*_header_faults(line, header, columns, required, open_columns)]:
        raise FileRefused(faults)
    rows, faults = [], []
    for line, cells in records:
        if len(cells) == len(header):
            rows.append(Row(line, {column: cell for column, cell in zip(header, cells, strict=True) if cell}))
        else:
            faults.append(Fault(line, "", f"This row has {len(cells)} cells, and the header {len(header)}."))
    return rows, faults


def nested(cells: Mapping[str, Any]) -> dict[str, Any]:
    """``{"a.b": 1, "a.c": 2, "d": 3}`` as ``{"a": {"b": 1, "c": 2}, "d": 3}``."""
    value: dict[str, Any] = {}
    for column, cell in cells.items():
        outer, dot, inner = column.partition(".")
        if dot:
            value.setdefault(outer, {})[inner] = cell
        else:
            value[outer] = cell
    return value


def columns_of(model: type[BaseModel]) -> list[str]:
    """The columns that hold a model's fields, and the fields of a model in it."""
    columns = []
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        columns += [f"{name}.{column}" for kind in inner for column in columns_of(kind)] or [name]
    return columns


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """The lines that the records begin in, and their cells; records without any content are left out."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise FileRefused([Fault(line, "", f"This is not CSV: {error}.")]) from None
        if any(cells):
            yield line, cells


def _header_faults(
    line: int, header: Sequence[str], columns: Sequence[str], required: Iterable[str], open_columns: str | None
) -> Iterator[Fault]:
    for column in required:
        if column not in header:
            yield Fault(line, column, "This column is required.")
    for column in header:
        if header.count(column) > 1:
            yield Fault(line, column, "This column is here twice.")
        if column not in columns and not (open_columns and column.startswith(open_columns)):
            yield Fault(line, column, f"This column is not known here; the columns are {', '.join(columns)}.")
