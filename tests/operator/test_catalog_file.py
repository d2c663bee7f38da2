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


AMOUNT = "Must be a whole number in digits alone, in minor units: 20.00 EUR is 2000."
COUNT = "Must be a whole number in digits alone, like 1000."


@pytest.mark.parametrize(
    "written",
    ["20.00", "1.000", "1_000", "+5", '"1,000"', '"5,-"', "1 000", "1e3", "0x10", "\uff15", "\u0663", "-0", "5€"],
)
def test_numbers_are_taken_as_they_are_written_or_not_at_all(tmp_path: Path, written: str) -> None:
    rows = [PLAN.replace("1999", written), PLAN.replace("Plan", "Count", 1).replace("20,g", f"{written},g")]
    assert faults(tmp_path, "catalog.csv", csv_of(GERMANY, *rows)) == [
        (3, "price.recurring", AMOUNT),
        (4, "data.unit_count", COUNT),
    ]


@pytest.mark.parametrize("written", ["20.0", "1999.0", "1e3", '"1999"', "true", "1e400"])
def test_json_numbers_are_integers(tmp_path: Path, written: str) -> None:
    content = offering(validity=MONTH, prices=[{"type": "one_time", "unit_amount": 7, "currency": "EUR"}])
    text = content.replace('"unit_amount": 7', f'"unit_amount": {written}')
    assert faults(tmp_path, "catalog.json", text) == [(7, "offerings.p.prices[0].unit_amount", AMOUNT)]
    text = content.replace('"unit_count": 1', f'"unit_count": {written}')
    assert faults(tmp_path, "catalog.json", text) == [(6, "offerings.p.validity.unit_count", COUNT)]


@pytest.mark.parametrize("digits", [13, 39, 5000])
def test_a_number_of_many_digits_is_one_fault(tmp_path: Path, digits: int) -> None:
    number = "9" * digits
    assert faults(tmp_path, "catalog.csv", csv_of(GERMANY, PLAN.replace("1999", number))) == [
        (3, "price.recurring", "Input should be less than or equal to 999999999999.")
    ]
    content = offering(validity=MONTH).replace('"unit_count": 1', f'"unit_count": {number}')
    assert faults(tmp_path, "catalog.json", content) == [
        (6, "offerings.p.validity.unit_count", "Must be at most 1200 months: no duration exceeds 100 years.")
    ]


@pytest.mark.parametrize(("word", "meant"), [("WAHR", True), ("vrai", True), ("FALSCH", False), ("Faux", False)])
def test_what_a_spreadsheet_calls_true_and_false(tmp_path: Path, word: str, meant: bool) -> None:
    found = read(tmp_path, "catalog.csv", csv_of(GERMANY, PLAN.replace("TRUE", word) + word))
    plan = found.catalogs.offerings["Plan"]
    assert (plan.validity.model_dump()["is_recurrent"], plan.refundable) == (meant, meant)


@pytest.mark.parametrize("word", ["X", "TRU", "2"])
def test_other_words_are_refused(tmp_path: Path, word: str) -> None:
    assert faults(tmp_path, "catalog.csv", csv_of(GERMANY, PLAN + word)) == [
        (3, "refundable", "Must be true or false.")
    ]


def test_json_says_true_and_false_itself(tmp_path: Path) -> None:
    found = faults(tmp_path, "catalog.json", offering(validity=MONTH | {"is_recurrent": 1}, refundable="TRUE"))
    assert found == [
        (6, "offerings.p.validity.is_recurrent", "Must be true or false."),
        (7, "offerings.p.refundable", "Must be true or false."),
    ]


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("first", ["", "sep={}\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_each_form_in_which_a_spreadsheet_writes(tmp_path: Path, separator: str, first: str, encoding: str) -> None:
    lines = csv_of(GERMANY.replace("Germany", "Österreich"), PLAN.replace("Germany", "Österreich"))
    text = first.format(separator) + lines.replace(",", separator)
    assert read(tmp_path, "other.csv", text.encode(encoding)).catalogs == read(tmp_path, "plain.csv", lines).catalogs


def test_lines_are_counted_with_the_one_that_names_the_separator(tmp_path: Path) -> None:
    text = "sep=;\r\n" + csv_of(GERMANY, PLAN.replace("1999", "x")).replace(",", ";")
    assert faults(tmp_path, "catalog.csv", text) == [(4, "price.recurring", AMOUNT)]


def test_text_in_utf_16_without_a_mark_is_told(tmp_path: Path) -> None:
    content = csv_of(GERMANY).encode("utf-16-le")
    assert faults(tmp_path, "catalog.csv", content) == [
        (1, "", "This is UTF-16 without a byte order mark; save it as UTF-8.")
    ]


def test_empty_columns_and_missing_cells_at_the_end_are_empty(tmp_path: Path) -> None:
    whole = read(tmp_path, "whole.csv", csv_of(GERMANY, PLAN)).catalogs
    lines = [HEADER + ",,", GERMANY.rstrip(","), PLAN.rstrip(",") + ",,,,", ""]
    assert read(tmp_path, "ragged.csv", "\n".join(lines)).catalogs == whole


def test_a_file_that_ends_within_a_row_is_refused(tmp_path: Path) -> None:
    text = csv_of(GERMANY, PLAN.partition(",1999")[0]).rstrip("\n")
    assert faults(tmp_path, "catalog.csv", text) == [
        (3, "", "This row has 10 cells, and the header 16; the file seems to be cut off in it.")
    ]


def test_a_column_with_content_has_a_name(tmp_path: Path) -> None:
    lines = [line.replace(",", ",,", 1) for line in (HEADER, GERMANY)] + [PLAN.replace(",", ",x,", 1)]
    text = "\n".join(lines)
    assert faults(tmp_path, "catalog.csv", text) == [(3, "", "'x' is in a column without a name.")]


def test_names_are_compared_in_one_spelling(tmp_path: Path) -> None:
    composed, apart = "M\u00fcnchen", "Mu\u0308nchen"
    rows = [GERMANY.replace("Germany", composed), PLAN.replace("Germany", apart).replace("Plan", apart)]
    sheet = read(tmp_path, "catalog.csv", csv_of(*rows, PLAN.replace("Main", apart).replace("Germany", composed)))
    assert [*sheet.catalogs.catalogs] == ["Main", composed]
    assert sheet.catalogs.offerings[composed].name == composed
    assert sheet.catalogs.offerings["Plan"].allowances[0].coverage_area == composed
    twice = csv_of(rows[0], GERMANY.replace("Germany", apart))
    assert faults(tmp_path, "catalog.csv", twice) == [(3, "name", f"There is {composed!r} already, in line 2.")]
    content = json.dumps({"coverage_areas": {composed: AREA, apart: AREA}, "offerings": {}, "catalogs": {"A": []}})
    text = f"{composed!r} is here twice, written in two ways."
    assert faults(tmp_path, "catalog.json", content) == [(1, "coverage_areas", text)]


def test_a_fault_is_told_at_the_name_as_the_file_spells_it(tmp_path: Path) -> None:
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
