"""Catalogs as files: what they say, and every fault with its line (docs/operator.md)."""

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


MORE = ",5,7,count,Germany,x,,2030-01-31T00:00:00+01:00"


def csv_of(*rows: str) -> str:
    return "\n".join([HEADER, *rows]) + "\n"


def read(directory: Path, name: str, content: str | bytes) -> catalog_file.CatalogFile:
    file = directory / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return catalog_file.read(file)


def faults(directory: Path, name: str, content: str | bytes) -> list[tuple[int, str, str]]:
    with pytest.raises(FileRefused) as refused:
        read(directory, name, content)
    return [(fault.line, fault.place, fault.text) for fault in refused.value.faults]


def test_a_spreadsheet_says_the_same_as_json(tmp_path: Path) -> None:
    columns = ",price.prorate,sms.unit_count,sms.unit,sms.coverage_area,metadata.a.b,metadata.c,availability.end_at"
    rows = [
        HEADER + columns,
        "coverage_area,Germany,,local,DE" + "," * 18,
        'coverage_area,"Two, three",,regional,"DE, FR;XK"' + "," * 18,
        'plan,"Plan, monthly",Main; Extras;,,,duration,month,2,yes,0,1999,EUR,unlimited,,"Two, three",TRUE' + MORE,
        "",
        ",,,,,,,,,,,,,,,,,,,,,,",
        'addon,"Add\non",Extras,,,end_of_plan_cycle,,,,100,,USD,3,gigabytes,Germany,FALSE' + "," * 7,
    ]
    plan = {
        "name": "Plan, monthly",
        "type": "plan",
        "validity": {"type": "duration", "unit": "month", "unit_count": 2, "is_recurrent": True},
        "availability": {"end_at": "2030-01-30T23:00:00Z"},
        "metadata": {"a.b": "x"},
        "refundable": True,
        "allowances": [
            {"type": "data", "coverage_area": "Two, three"},
            {"type": "sms", "unit": "count", "unit_count": 7, "coverage_area": "Germany"},
        ],
        "prices": [
            {"type": "one_time", "unit_amount": 0, "currency": "EUR"},
            {
                "type": "recurring",
                "unit_amount": 1999,
                "currency": "EUR",
                "recurrence": {"unit": "month", "unit_count": 2},
            },
            {"type": "prorate", "unit_amount": 5, "currency": "EUR"},
        ],
    }
    addon = {
        "name": "Add\non",
        "type": "addon",
        "validity": {"type": "end_of_plan_cycle"},
        "allowances": [{"type": "data", "unit": "gigabytes", "unit_count": 3, "coverage_area": "Germany"}],
        "prices": [{"type": "one_time", "unit_amount": 100, "currency": "USD"}],
    }
    areas = {"Germany": AREA, "Two, three": {"name": "Two, three", "type": "regional", "countries": ["DE", "FR", "XK"]}}
    content = {
        "coverage_areas": areas,
        "offerings": {"Plan, monthly": plan, "Add\non": addon},
        "catalogs": {"Main": ["Plan, monthly"], "Extras": ["Plan, monthly", "Add\non"]},
    }
    sheet = read(tmp_path, "catalog.csv", "\r\n".join(rows).encode("utf-8-sig"))
    assert sheet.catalogs == read(tmp_path, "catalog.json", json.dumps(content)).catalogs


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([GERMANY.replace("local", "locl")], [(2, "coverage_type", "This must be 'local', 'regional' or 'global'.")]),
        ([GERMANY.replace("DE", "")], [(2, "countries", "This member is required.")]),
        ([GERMANY.replace(",,local", ",Main,local")], [(2, "catalogs", "This member is not known here.")]),
        ([GERMANY, GERMANY], [(3, "name", "There is 'Germany' already, in line 2.")]),
        ([PLAN], [(2, "data.coverage_area", "'Germany' is not among the coverage areas.")]),
        ([GERMANY, PLAN.replace("Plan", "")], [(3, "name", "This member is required.")]),
        ([GERMANY, PLAN.replace("plan", "pln")], [(3, "type", "This must be 'plan', 'addon' or 'non_service'.")]),
        (
            [GERMANY, PLAN.replace("duration,month,1,TRUE", "end_of_plan_cycle,,,")],
            [
                (3, "validity", "A plan's validity is a duration."),
                (3, "validity.unit", "This member is required."),
                (3, "validity.unit_count", "This member is required."),
            ],
        ),
        ([GERMANY, PLAN.replace("Main,,", "Main,,DE")], [(3, "countries", "This member is not known here.")]),
        (
            [GERMANY, PLAN.replace("EUR", "euro")],
            [(3, "price.currency", "'euro' is no currency; use ISO 4217 in capitals.")],
        ),
        ([GERMANY, PLAN.replace("EUR", "")], [(3, "price.currency", "This member is required.")]),
        (
            [GERMANY, PLAN.replace("1999", "-1")],
            [(3, "price.recurring", "Input should be greater than or equal to 0.")],
        ),
        ([GERMANY, PLAN.replace("20,", "0,")], [(3, "data.unit_count", "Input should be greater than or equal to 1.")]),
        ([GERMANY, PLAN.replace("20,gigabytes", "20,")], [(3, "data", "Unit and unit_count go together.")]),
        (
            [GERMANY, PLAN.replace("20,gigabytes", ",")],
            [(3, "data.unit_count", "A number is required here, or 'unlimited'.")],
        ),
        ([GERMANY, PLAN.replace("gigabytes", "seconds")], [(3, "data.unit", "Data is not counted in seconds.")]),
        (
            [GERMANY + ",x"],
            [
                (
                    2,
                    "",
                    "This row has 17 cells, and the header 16; a cell that has the separator in it stands in quotes.",
                )
            ],
        ),
        (
            ['coverage_area,"Ger\nmany",,local,DE,,,,,,,,,,,', "", PLAN, PLAN.replace("month", "moon")],
            [
                (5, "data.coverage_area", "'Germany' is not among the coverage areas."),
                (6, "data.coverage_area", "'Germany' is not among the coverage areas."),
                (6, "name", "There is 'Plan' already, in line 5."),
                (6, "validity.unit", "This must be 'day', 'week', 'month' or 'year'."),
            ],
        ),
        (['plan,"Plan'], [(2, "", "This is not CSV: unexpected end of data.")]),
    ],
)
def test_faults_of_a_spreadsheet(tmp_path: Path, rows: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert faults(tmp_path, "catalog.csv", csv_of(*rows)) == expected


def test_a_header_is_checked_before_what_stands_below_it(tmp_path: Path) -> None:
    found = faults(tmp_path, "catalog.csv", "type,name,name,colour,metadata.color\nnonsense\n")
    assert [(line, place, text.partition(";")[0]) for line, place, text in found] == [
        (1, "catalogs", "This column is required."),
        (1, "colour", "This column is not known here"),
        (1, "name", "This column is here twice."),
        (1, "validity.type", "This column is required."),
    ]


@pytest.mark.parametrize("name", ["catalog.csv", "catalog.json"])
def test_what_is_not_text_is_told(tmp_path: Path, name: str) -> None:
    assert faults(tmp_path, name, b"a\nb\n\xff") == [
        (3, "", "This is not UTF-8; save it as UTF-8 ('CSV UTF-8' in spreadsheets).")
    ]


def offering(**members: Any) -> str:
    """A file whose only offering, in the lines from 4, is this plan with other members."""
    lines = [f'"{name}": {json.dumps(value)}' for name, value in ({"name": "P", "type": "plan"} | members).items()]
    return '{"coverage_areas": {},\n"catalogs": {},\n"offerings": {"p":\n{' + ",\n".join(lines) + "}}}"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[]", [(1, "", "Input should be an object.")]),
        ("{}", [(1, part, "This member is required.") for part in ("catalogs", "coverage_areas", "offerings")]),
        (offering(), [(4, "offerings.p.validity", "This member is required.")]),
        (offering(validity={}), [(6, "offerings.p.validity.type", "This member is required.")]),
        (
            offering(validity=MONTH | {"unit_count": "1", "is_recurent": True}),
            [
                (6, "offerings.p.validity.is_recurent", "This member is not known here."),
                (6, "offerings.p.validity.unit_count", "Must be a whole number in digits alone, like 1000."),
            ],
        ),
        (
            offering(type="addon", validity={"type": "interval", "start_at": 0, "end_at": "2026-01-01"}),
            [
                (6, "offerings.p.validity.end_at", "Must be written like 2026-01-31T00:00:00Z."),
                (6, "offerings.p.validity.start_at", "Must be written like 2026-01-31T00:00:00Z."),
            ],
        ),
        (
            offering(validity=MONTH, prices=[{"type": "recurring", "unit_amount": 1, "currency": "EUR"}]),
            [(7, "offerings.p.prices[0]", "A recurring price has a recurrence, and no other.")],
        ),
        (
            '{"coverage_areas": {},\n"catalogs": {"Main": ["a",\n"b"]},\n"offerings": {}}',
            [
                (2, "catalogs.Main[0]", "'a' is not among the offerings."),
                (3, "catalogs.Main[1]", "'b' is not among the offerings."),
            ],
        ),
        (
            '{"coverage_areas": 1,\n"catalogs": {"Main": [1]},\n"offerings": [{}]}',
            [
                (1, "coverage_areas", "Input should be an object."),
                (2, "catalogs.Main[0]", "Input should be a valid string."),
                (3, "offerings", "Input should be an object."),
            ],
        ),
    ],
)
def test_faults_of_json(tmp_path: Path, content: str, expected: list[tuple[int, str, str]]) -> None:
    assert faults(tmp_path, "catalog.json", content) == expected
