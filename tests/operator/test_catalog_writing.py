"""Catalogs as files: the forms in which numbers, truth and whole spreadsheets are written (docs/operator.md)."""

from pathlib import Path

import pytest

from tests.operator.catalog_files import GERMANY, HEADER, MONTH, PLAN, csv_of, faults, offering, read

AMOUNT = "This must be a whole number written in digits only, in minor units: 20.00 EUR is 2000."
COUNT = "This must be a whole number written in digits only, like 1000."


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
        (3, "price.recurring", "This must be at most 999999999999.")
    ]
    content = offering(validity=MONTH).replace('"unit_count": 1', f'"unit_count": {number}')
    assert faults(tmp_path, "catalog.json", content) == [
        (6, "offerings.p.validity.unit_count", "This must be at most 1200 months: no duration exceeds 100 years.")
    ]


@pytest.mark.parametrize(("word", "meant"), [("WAHR", True), ("vrai", True), ("FALSCH", False), ("Faux", False)])
def test_what_a_spreadsheet_calls_true_and_false(tmp_path: Path, word: str, meant: bool) -> None:
    found = read(tmp_path, "catalog.csv", csv_of(GERMANY, PLAN.replace("TRUE", word) + word))
    plan = found.catalogs.offerings["Plan"]
    assert (plan.validity.model_dump()["is_recurrent"], plan.refundable) == (meant, meant)


@pytest.mark.parametrize("word", ["X", "TRU", "2"])
def test_other_words_are_refused(tmp_path: Path, word: str) -> None:
    assert faults(tmp_path, "catalog.csv", csv_of(GERMANY, PLAN + word)) == [
        (3, "refundable", "This must be true or false.")
    ]


def test_json_says_true_and_false_itself(tmp_path: Path) -> None:
    found = faults(tmp_path, "catalog.json", offering(validity=MONTH | {"is_recurrent": 1}, refundable="TRUE"))
    assert found == [
        (6, "offerings.p.validity.is_recurrent", "This must be true or false."),
        (7, "offerings.p.refundable", "This must be true or false."),
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


def test_text_in_utf_16_without_a_mark_is_refused(tmp_path: Path) -> None:
    content = csv_of(GERMANY).encode("utf-16-le")
    assert faults(tmp_path, "catalog.csv", content) == [
        (1, "", "This file is UTF-16 without a byte order mark; save it as UTF-8.")
    ]


def test_empty_columns_and_missing_cells_at_the_end_are_empty(tmp_path: Path) -> None:
    whole = read(tmp_path, "whole.csv", csv_of(GERMANY, PLAN)).catalogs
    lines = [HEADER + ",,", GERMANY.rstrip(","), PLAN.rstrip(",") + ",,,,", ""]
    assert read(tmp_path, "ragged.csv", "\n".join(lines)).catalogs == whole


def test_a_file_that_ends_within_a_row_is_refused(tmp_path: Path) -> None:
    text = csv_of(GERMANY, PLAN.partition(",1999")[0]).rstrip("\n")
    assert faults(tmp_path, "catalog.csv", text) == [
        (3, "", "This row has 10 cells, but the header has 16; the file may be cut off here.")
    ]


def test_a_column_with_content_has_a_name(tmp_path: Path) -> None:
    lines = [line.replace(",", ",,", 1) for line in (HEADER, GERMANY)] + [PLAN.replace(",", ",x,", 1)]
    text = "\n".join(lines)
    assert faults(tmp_path, "catalog.csv", text) == [(3, "", "'x' is in a column that has no name.")]
