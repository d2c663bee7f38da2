"""A catalog as a spreadsheet: a row is a coverage area or an offering (docs/operator.md)."""

import re
from typing import Any, get_args

from functions.catalog.offering import AllowanceType
from infra.operator.csv_file import Row, nested, read
from infra.operator.faults import Fault, Part, Steps, path
from infra.operator.values import flag, normalized, number

ALLOWANCES: tuple[str, ...] = get_args(AllowanceType)
PRICES = ("one_time", "recurring", "prorate")
AREA = "coverage_area"
METADATA = "metadata."
COLUMNS = (
    *("type", "name", "catalogs", "coverage_type", "countries", "category", "status"),
    *("validity.type", "validity.unit", "validity.unit_count", "validity.is_recurrent"),
    *("validity.start_at", "validity.end_at"),
    *(f"price.{kind}" for kind in PRICES),
    "price.currency",
    *(f"{kind}.{column}" for kind in ALLOWANCES for column in ("unit_count", "unit", "coverage_area")),
    *("availability.start_at", "availability.end_at", "refundable", "phone_number_country"),
)
REQUIRED = ("type", "name", "catalogs", "validity.type")
UNLIMITED = "unlimited"


class CatalogCsv:
    """The rows as a value for :class:`~infra.operator.catalog_entries.Catalogs`.

    ``faults`` are those that are found before that value is checked.
    """

    def __init__(self, text: str) -> None:
        rows, self.faults = read(text, COLUMNS, REQUIRED, METADATA)
        self.value: dict[str, dict[str, Any]] = {"coverage_areas": {}, "offerings": {}, "catalogs": {}}
        self._lines: dict[tuple[str, str], int] = {}
        for row in rows:
            if row.cells.get("type") == AREA:
                self._add(row, "coverage_areas", _area(row))
            else:
                self._add_offering(row)

    def part(self) -> Part:
        """Return the value, whose members are located by row and column."""
        return Part(self.value, self._locate)

    def _add(self, row: Row, part: str, entry: dict[str, Any]) -> str:
        """Add an entry under its name, or under its line if it has no unique name: its faults are needed too."""
        name = normalized(row.cells.get("name", ""))
        if first := self._lines.get((part, name)):
            self.faults.append(Fault(row.line, "name", f"{name!r} is already in line {first}."))
        key = name if name and not first else f"line {row.line}"
        self._lines[part, key] = row.line
        self.value[part][key] = entry
        return key

    def _add_offering(self, row: Row) -> None:
        cells = dict(row.cells)
        catalogs = list(filter(None, map(normalized, cells.pop("catalogs", "").split(";"))))
        key = self._add(row, "offerings", _offering(cells))
        for kind in ALLOWANCES:
            if {column for column in cells if column.startswith(f"{kind}.")} == {f"{kind}.coverage_area"}:
                text = f"This must be a number, or {UNLIMITED!r}."
                self.faults.append(Fault(row.line, f"{kind}.unit_count", text))
        for catalog in catalogs:
            self._lines.setdefault(("catalogs", catalog), row.line)
            self.value["catalogs"].setdefault(catalog, []).append(key)

    def _locate(self, steps: Steps) -> tuple[int, str]:
        if len(steps) < 2:
            return 1, path(steps)
        part, key, *rest = [str(steps[0]), str(steps[1]), *steps[2:]]
        line = self._lines[part, key]
        if part == "offerings":
            return line, _offering_column(self.value[part][key], rest)
        return line, "catalogs" if part == "catalogs" else _area_column(rest)


def _area_column(steps: Steps) -> str:
    column = str(steps[0]) if steps else ""
    return "coverage_type" if column == "type" else column


def _offering_column(entry: dict[str, Any], steps: Steps) -> str:
    match list(steps):
        case ["allowances", int(number), *rest]:
            return path([entry["allowances"][number]["type"], *rest])
        case ["prices", _, "currency"]:
            return "price.currency"
        case ["prices", _, "recurrence", *rest]:
            return path(["validity", *rest])
        case ["prices", int(number), *_]:
            return f"price.{entry['prices'][number]['type']}"
        case _:
            return path(steps)


def _area(row: Row) -> dict[str, Any]:
    """Return the entry of a coverage area; other cells stay in it, and are refused as unknown."""
    entry: dict[str, Any] = {column: cell for column, cell in row.cells.items() if column != "type"}
    if "coverage_type" in entry:
        entry["type"] = entry.pop("coverage_type")
    if "countries" in entry:
        entry["countries"] = re.split(r"[\s,;]+", entry["countries"])
    return entry


def _offering(cells: dict[str, str]) -> dict[str, Any]:
    entry = nested(cells)
    validity, price = entry.get("validity", {}), entry.pop("price", {})
    if "unit_count" in validity:
        validity["unit_count"] = number(validity["unit_count"])
    for part, column in ((validity, "is_recurrent"), (entry, "refundable")):
        if column in part:
            part[column] = flag(part[column])
    entry["allowances"] = [_allowance(kind, entry.pop(kind)) for kind in ALLOWANCES if kind in entry]
    entry["prices"] = [_price(kind, price, validity) for kind in PRICES if kind in price]
    return entry


def _allowance(kind: str, cells: dict[str, str]) -> dict[str, Any]:
    count = cells.pop("unit_count", UNLIMITED)
    return {"type": kind} | cells | ({} if count.lower() == UNLIMITED else {"unit_count": number(count)})


def _price(kind: str, price: dict[str, str], validity: dict[str, Any]) -> dict[str, Any]:
    """Return a price; a recurring one is due whenever the validity starts again."""
    fields: dict[str, Any] = {"type": kind, "unit_amount": number(price[kind])}
    if "currency" in price:
        fields["currency"] = price["currency"]
    if kind == "recurring":
        fields["recurrence"] = {name: validity[name] for name in ("unit", "unit_count") if name in validity}
    return fields
