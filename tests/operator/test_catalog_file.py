"""Catalogs as files: what they say, and every fault with its line (docs/operator.md)."""

import json
from pathlib import Path

import pytest

from tests.operator.catalog_files import AREA, GERMANY, HEADER, MONTH, PLAN, csv_of, faults, offering, read

MORE = ",5,7,count,Germany,x,,2030-01-31T00:00:00+01:00"
SOLD_MONTHLY = {
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
SOLD_ONCE = {
    "name": "Add\non",
    "type": "addon",
    "validity": {"type": "end_of_plan_cycle"},
    "allowances": [{"type": "data", "unit": "gigabytes", "unit_count": 3, "coverage_area": "Germany"}],
    "prices": [{"type": "one_time", "unit_amount": 100, "currency": "USD"}],
}
AREAS = {"Germany": AREA, "Two, three": {"name": "Two, three", "type": "regional", "countries": ["DE", "FR", "XK"]}}
CONTENT = {
    "coverage_areas": AREAS,
    "offerings": {"Plan, monthly": SOLD_MONTHLY, "Add\non": SOLD_ONCE},
    "catalogs": {"Main": ["Plan, monthly"], "Extras": ["Plan, monthly", "Add\non"]},
}


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
    sheet = read(tmp_path, "catalog.csv", "\r\n".join(rows).encode("utf-8-sig"))
    assert sheet.catalogs == read(tmp_path, "catalog.json", json.dumps(CONTENT)).catalogs


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([GERMANY.replace("local", "locl")], [(2, "coverage_type", "This must be 'local', 'regional' or 'global'.")]),
        ([GERMANY.replace("DE", "")], [(2, "countries", "This member is required.")]),
        ([GERMANY.replace(",,local", ",Main,local")], [(2, "catalogs", "This member is not known here.")]),
        ([GERMANY, GERMANY], [(3, "name", "'Germany' is already in line 2.")]),
        ([PLAN], [(2, "data.coverage_area", "'Germany' is not one of the coverage areas.")]),
        ([GERMANY, PLAN.replace("Plan", "")], [(3, "name", "This member is required.")]),
        ([GERMANY, PLAN.replace("plan", "pln")], [(3, "type", "This must be 'plan', 'addon' or 'non_service'.")]),
        (
            [GERMANY, PLAN.replace("duration,month,1,TRUE", "end_of_plan_cycle,,,")],
            [
                (3, "validity", "This must be of type 'duration' for a plan."),
                (3, "validity.unit", "This member is required."),
                (3, "validity.unit_count", "This member is required."),
            ],
        ),
        ([GERMANY, PLAN.replace("Main,,", "Main,,DE")], [(3, "countries", "This member is not known here.")]),
        (
            [GERMANY, PLAN.replace("EUR", "euro")],
            [(3, "price.currency", "'euro' is not a currency code; use ISO 4217 in capital letters.")],
        ),
        ([GERMANY, PLAN.replace("EUR", "")], [(3, "price.currency", "This member is required.")]),
        (
            [GERMANY, PLAN.replace("1999", "-1")],
            [(3, "price.recurring", "This must be at least 0.")],
        ),
        ([GERMANY, PLAN.replace("20,", "0,")], [(3, "data.unit_count", "This must be at least 1.")]),
        (
            [GERMANY, PLAN.replace("20,gigabytes", "20,")],
            [(3, "data", "This must have both unit and unit_count, or neither.")],
        ),
        (
            [GERMANY, PLAN.replace("20,gigabytes", ",")],
            [(3, "data.unit_count", "This must be a number, or 'unlimited'.")],
        ),
        ([GERMANY, PLAN.replace("gigabytes", "seconds")], [(3, "data.unit", "Data cannot be counted in seconds.")]),
        (
            [GERMANY + ",x"],
            [
                (
                    2,
                    "",
                    "This row has 17 cells, but the header has 16; put cells that contain the separator in quotes.",
                )
            ],
        ),
        (
            ['coverage_area,"Ger\nmany",,local,DE,,,,,,,,,,,', "", PLAN, PLAN.replace("month", "moon")],
            [
                (5, "data.coverage_area", "'Germany' is not one of the coverage areas."),
                (6, "data.coverage_area", "'Germany' is not one of the coverage areas."),
                (6, "name", "'Plan' is already in line 5."),
                (6, "validity.unit", "This must be 'day', 'week', 'month' or 'year'."),
            ],
        ),
        (['plan,"Plan'], [(2, "", "This is not valid CSV: a cell begins with a quote that is never closed.")]),
    ],
)
def test_faults_of_a_spreadsheet(tmp_path: Path, rows: list[str], expected: list[tuple[int, str, str]]) -> None:
    assert faults(tmp_path, "catalog.csv", csv_of(*rows)) == expected


def test_a_header_is_checked_before_what_stands_below_it(tmp_path: Path) -> None:
    found = faults(tmp_path, "catalog.csv", "type,name,name,colour,metadata.color\nnonsense\n")
    assert [(line, place, text.partition(";")[0]) for line, place, text in found] == [
        (1, "catalogs", "This column is required."),
        (1, "colour", "This column is not known"),
        (1, "name", "This column is given twice."),
        (1, "validity.type", "This column is required."),
    ]


@pytest.mark.parametrize("name", ["catalog.csv", "catalog.json"])
def test_what_is_not_text_is_refused(tmp_path: Path, name: str) -> None:
    assert faults(tmp_path, name, b"a\nb\n\xff") == [
        (3, "", "This file is not valid UTF-8; save it as UTF-8 ('CSV UTF-8' in spreadsheets).")
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[]", [(1, "", "This must be an object.")]),
        ("{}", [(1, part, "This member is required.") for part in ("catalogs", "coverage_areas", "offerings")]),
        (offering(), [(4, "offerings.p.validity", "This member is required.")]),
        (offering(validity={}), [(6, "offerings.p.validity.type", "This member is required.")]),
        (
            offering(validity=MONTH | {"unit_count": "1", "is_recurent": True}),
            [
                (6, "offerings.p.validity.is_recurent", "This member is not known here."),
                (
                    6,
                    "offerings.p.validity.unit_count",
                    "This must be a whole number written in digits only, like 1000.",
                ),
            ],
        ),
        (
            offering(type="addon", validity={"type": "interval", "start_at": 0, "end_at": "2026-01-01"}),
            [
                (6, "offerings.p.validity.end_at", "This must be written like 2026-01-31T00:00:00Z."),
                (6, "offerings.p.validity.start_at", "This must be written like 2026-01-31T00:00:00Z."),
            ],
        ),
        (
            offering(validity=MONTH, prices=[{"type": "recurring", "unit_amount": 1, "currency": "EUR"}]),
            [
                (
                    7,
                    "offerings.p.prices[0]",
                    "This must have a recurrence if the type is 'recurring', and none otherwise.",
                )
            ],
        ),
        (
            '{"coverage_areas": {},\n"catalogs": {"Main": ["a",\n"b"]},\n"offerings": {}}',
            [
                (2, "catalogs.Main[0]", "'a' is not one of the offerings."),
                (3, "catalogs.Main[1]", "'b' is not one of the offerings."),
            ],
        ),
        (
            '{"coverage_areas": 1,\n"catalogs": {"Main": [1]},\n"offerings": [{}]}',
            [
                (1, "coverage_areas", "This must be an object."),
                (2, "catalogs.Main[0]", "This must be a string."),
                (3, "offerings", "This must be an object."),
            ],
        ),
    ],
)
def test_faults_of_json(tmp_path: Path, content: str, expected: list[tuple[int, str, str]]) -> None:
    assert faults(tmp_path, "catalog.json", content) == expected


def test_names_are_compared_in_one_spelling(tmp_path: Path) -> None:
    composed, apart = "M\u00fcnchen", "Mu\u0308nchen"
    rows = [GERMANY.replace("Germany", composed), PLAN.replace("Germany", apart).replace("Plan", apart)]
    sheet = read(tmp_path, "catalog.csv", csv_of(*rows, PLAN.replace("Main", apart).replace("Germany", composed)))
    assert [*sheet.catalogs.catalogs] == ["Main", composed]
    assert sheet.catalogs.offerings[composed].name == composed
    assert sheet.catalogs.offerings["Plan"].allowances[0].coverage_area == composed
    twice = csv_of(rows[0], GERMANY.replace("Germany", apart))
    assert faults(tmp_path, "catalog.csv", twice) == [(3, "name", f"{composed!r} is already in line 2.")]
    content = json.dumps({"coverage_areas": {composed: AREA, apart: AREA}, "offerings": {}, "catalogs": {"A": []}})
    text = f"{composed!r} is given twice, in two spellings."
    assert faults(tmp_path, "catalog.json", content) == [(1, "coverage_areas", text)]


def test_a_fault_is_at_the_name_as_the_file_spells_it(tmp_path: Path) -> None:
    content = '{"coverage_areas": {},\n"offerings": {},\n"catalogs": {"A": [],\n" Mu\u0308nchen": []}}'
    found = read(tmp_path, "catalog.json", content).fault("catalogs", "M\u00fcnchen", "No.")
    assert found == (4, "catalogs. Mu\u0308nchen", "No.")


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+01:00"])
def test_a_moment_off_the_calendar_is_a_fault(tmp_path: Path, moment: str) -> None:
    content = offering(validity=MONTH, availability={"start_at": moment})
    assert [fault[:2] for fault in faults(tmp_path, "catalog.json", content)] == [
        (7, "offerings.p.availability.start_at")
    ]


def test_a_load_without_a_catalog_could_not_be_named(tmp_path: Path) -> None:
    content = '{"coverage_areas": {}, "offerings": {},\n"catalogs": {}}'
    ((line, place, text),) = faults(tmp_path, "catalog.json", content)
    assert (line, place) == (2, "catalogs")
    assert "At least one catalog" in text
