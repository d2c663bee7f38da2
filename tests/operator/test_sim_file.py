"""SIMs as files: what they say, and every fault with its line (docs/operator.md)."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel

from infra.operator import sim_file
from infra.operator.csv_file import columns_of, nested
from infra.operator.faults import FileRefused
from infra.operator.sim_entries import SimEntry

ONE, TWO, CARD = "8949300000000000007", "8949300000000000015", "8949300000000000023"
HEADER = "sim_type,iccid,matching_id,smdp_address,activation_code"
ESIM = f"esim,{ONE},M1,smdp.example,"
OTHER = f"esim,{TWO},M2,smdp.example,"
PSIM = f"psim,{CARD},,,C1"
REQUIRED = "This member is required."
SHORTENED = "This number was shortened by a spreadsheet; format the column as text and enter it again."
LONG = "This must be 19 digits, not 20; leave out the last one if it is a second check digit."
HOST = "This must be a host name like smdp.example.com, without https://, port or final dot."


def read(directory: Path, name: str, content: str) -> sim_file.SimFile[SimEntry]:
    file = directory / name
    file.write_text(content)
    return sim_file.read(file)


def objects(*rows: str) -> list[dict[str, str]]:
    names = HEADER.split(",")
    cells = [dict(zip(names, row.split(","), strict=True)) for row in rows]
    return [{name: cell for name, cell in row.items() if cell} for row in cells]


def test_the_three_forms_say_the_same(tmp_path: Path) -> None:
    rows = [ESIM, OTHER, PSIM]
    table = read(tmp_path, "sims.csv", "\n".join([HEADER, *rows]))
    lines = read(tmp_path, "sims.jsonl", "\n".join(["", *map(json.dumps, objects(*rows))]) + "\n")
    array = read(tmp_path, "sims.json", json.dumps(objects(*rows), indent=1))
    assert table.entries == lines.entries == array.entries
    assert [sim.model_dump(exclude_none=True) for sim in table.entries] == objects(*rows)
    assert table.lines == lines.lines == [2, 3, 4]
    assert array.lines == [2, 8, 14]
    assert table.faults == lines.faults == array.faults == []


@pytest.mark.parametrize(
    ("row", "place", "text"),
    [
        (ESIM.replace("esim", "usim"), "sim_type", "This must be one of 'esim', 'psim'."),
        (ESIM.replace("esim", ""), "sim_type", REQUIRED),
        (ESIM.replace(ONE, ""), "iccid", REQUIRED),
        (
            ESIM.replace(ONE, ONE[:-1] + "8"),
            "iccid",
            "This must end with the check digit of the digits before it (Luhn).",
        ),
        (ESIM.replace(ONE, ONE[:-1]), "iccid", "This must be 19 digits that begin with 89."),
        (ESIM.replace(ONE, ONE + "0"), "iccid", LONG),
        (ESIM.replace(ONE, "8.949E+18"), "iccid", SHORTENED),
        (ESIM.replace("M1", "1.23457E+11"), "matching_id", SHORTENED),
        (ESIM.replace("M1", "m1"), "matching_id", "This must consist of capital letters, digits and '-' (SGP.22)."),
        (ESIM.replace("smdp.example", "smdp.example."), "smdp_address", HOST),
        (ESIM.replace("smdp.example", "https://smdp.example"), "smdp_address", HOST),
        (PSIM.replace("C1", "1.23457E+11"), "activation_code", SHORTENED),
        (PSIM.replace("C1", "12E+3"), "activation_code", SHORTENED),
        (
            PSIM.replace("C1", "C\u200b1"),
            "activation_code",
            "Character 2 (U+200B) is invisible or cannot be typed; remove it.",
        ),
        (
            PSIM.replace("C1", "C1\0"),
            "activation_code",
            "Character 3 (U+0000) is invisible or cannot be typed; remove it.",
        ),
        (ESIM.replace("M1", ""), "matching_id", REQUIRED),
        (ESIM + "C9", "activation_code", "This member is not known here."),
        (PSIM.replace("C1", ""), "activation_code", REQUIRED),
        (OTHER.replace(TWO, CARD), "", f"ICCID {CARD} is already in line 3."),
        (ESIM.replace("M1", "M3"), "", "Matching id M3 of smdp.example is already in line 2."),
        (
            ESIM.replace("M1,smdp", "M3,SMDP"),
            "",
            "Matching id M3 of smdp.example is already in line 2.",
        ),
        (PSIM.replace(CARD, ONE), "", "Activation code C1 is already in line 3."),
    ],
)
@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_faults(tmp_path: Path, form: str, row: str, place: str, text: str) -> None:
    others = [f"esim,{TWO},M3,smdp.example,", PSIM]
    if form == "csv":
        found = read(tmp_path, "sims.csv", "\n".join([HEADER, *others, row]))
    else:
        lines = [json.dumps(sim) for sim in objects(*others, row)]
        content = "\n" + "\n".join(lines) if form == "jsonl" else "[\n" + ",\n".join(lines) + "\n]"
        found = read(tmp_path, f"sims.{form}", content)
    place = f"[2].{place}" if form == "json" and place else place
    assert [tuple(fault) for fault in found.faults] == [(4, place, text)]


def test_all_faults_are_listed_and_the_others_are_read(tmp_path: Path) -> None:
    rows = [HEADER, "esim,1,M9,smdp.example,,x", ESIM.replace("M1", ""), OTHER, PSIM.replace(CARD, "1")]
    found = read(tmp_path, "sims.csv", "\n".join(rows))
    assert sorted((fault.line, fault.location) for fault in found.faults) == [(2, ""), (3, "matching_id"), (5, "iccid")]
    assert found.lines == [4]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("sims.csv", "iccid\n", (1, "sim_type", "This column is required.")),
        ("sims.csv", "", (1, "iccid", "This column is required.")),
        ("sims.json", "{}", (1, "", "This must be an array of SIMs.")),
        ("sims.json", "[\n{]", (2, "", "This is not valid JSON: there is a syntax error in column 2.")),
    ],
)
def test_what_has_no_sims_is_refused(tmp_path: Path, name: str, content: str, fault: tuple[int, str, str]) -> None:
    with pytest.raises(FileRefused) as refused:
        read(tmp_path, name, content)
    assert fault in [tuple(found) for found in refused.value.faults]


def test_a_line_that_is_not_json_is_one_fault(tmp_path: Path) -> None:
    found = read(tmp_path, "sims.jsonl", f"{json.dumps(objects(ESIM)[0])}\n{{\n[]")
    assert [(fault.line, fault.location) for fault in found.faults] == [(2, ""), (3, "")]
    assert len(found.entries) == 1


@pytest.mark.parametrize("name", ["sims.csv", "sims.jsonl", "sims.json"])
def test_to_withdraw_sims_only_their_iccids_count(tmp_path: Path, name: str) -> None:
    sims = [{"iccid": f"{ONE}F", "activation_code": "1.23457E+11"}, {"iccid": TWO}, {"iccid": "1"}, {}]
    content = {
        "sims.csv": "iccid;activation_code\n" + "".join(f"{sim.get('iccid', '')};x\n" for sim in sims),
        "sims.jsonl": "\n" + "\n".join(map(json.dumps, sims)),
        "sims.json": json.dumps(sims).replace("{", "\n{"),
    }
    file = tmp_path / name
    file.write_text(content[name])
    found = sim_file.read_iccids(file)
    assert (found.entries, found.lines) == ([ONE, TWO], [2, 3])
    assert [fault.line for fault in found.faults] == [4, 5]


def test_a_column_of_iccids_is_enough(tmp_path: Path) -> None:
    file = tmp_path / "sims.csv"
    file.write_text(f"iccid\n{ONE}\n")
    assert sim_file.read_iccids(file) == ([ONE], [2], [])


class Codes(BaseModel):
    pin: str
    puk: str


class Sim(BaseModel):
    iccid: str
    codes: Codes | None = None


def test_columns_follow_the_fields_of_a_model() -> None:
    assert columns_of(Sim) == ["iccid", "codes.pin", "codes.puk"]
    assert nested({"iccid": "1", "codes.pin": "2", "codes.puk": "3"}) == {
        "iccid": "1",
        "codes": {"pin": "2", "puk": "3"},
    }
