"""Catalogs as files: what the tests of them write."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra.operator import catalog_file
from infra.operator.faults import FileRefused

HEADER = (
    "type,name,catalogs,coverage_type,countries,validity.type,validity.unit,validity.unit_count,validity.is_recurrent,"
    "price.one_time,price.recurring,price.currency,data.unit_count,data.unit,data.coverage_area,refundable"
)
GERMANY = "coverage_area,Germany,,local,DE,,,,,,,,,,,"
PLAN = "plan,Plan,Main,,,duration,month,1,TRUE,,1999,EUR,20,gigabytes,Germany,"
AREA = {"name": "Germany", "type": "local", "countries": ["DE"]}
MONTH = {"type": "duration", "unit": "month", "unit_count": 1}


def csv_of(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def read(directory: Path, name: str, content: str | bytes) -> catalog_file.CatalogFile:
    file = directory / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return catalog_file.read(file)


def faults(directory: Path, name: str, content: str | bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(FileRefused) as refused:
        read(directory, name, content)
    return [(fault.line, fault.location, fault.text) for fault in refused.value.faults]


def offering(**members: Any) -> str:
    """A file whose only offering, in the lines from 4, is this plan with other members."""
    lines = [f'"{name}": {json.dumps(value)}' for name, value in ({"name": "P", "type": "plan"} | members).items()]
    return '{"coverage_areas": {},\n"catalogs": {},\n"offerings": {"p":\n{' + ",\n".join(lines) + "}}}"
