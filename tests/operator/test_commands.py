"""The operator's commands: what they print and how they end."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.operator import catalog, catalog_withdrawal, sims
from infra.operator.__main__ import main
from infra.operator.progress import Progress
from infra.operator.sim_entries import EsimEntry
from tests.operator.catalogs import catalogs
from tests.operator.command_lines import Capture, command
from tests.support.newcomer import Newcomer
from tests.support.sims import esim


@pytest.fixture
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_withdrawal, "ANSWERED_WITHIN", timedelta())


@pytest.fixture
def sims_file(tmp_path: Path) -> Path:
    """A file with 100 eSIMs."""
    file = tmp_path / "sims.jsonl"
    file.write_text("\n".join(esim().model_dump_json() for _ in range(100)))
    return file


def test_a_catalog_whose_name_is_taken_is_refused_in_its_line(
    newcomer: Newcomer, tmp_path: Path, capsys: Capture
) -> None:
    catalog.load(newcomer.partner, catalogs())
    file = tmp_path / "catalog.json"
    file.write_text('{"coverage_areas": {},\n"offerings": {},\n"catalogs": {"Other": [],\n"Main": []}}')
    assert main(command("catalog", newcomer.partner, file)) == 1
    assert capsys.readouterr().err == (
        f"{file}:4: catalogs.Main: The catalog 'Main' already exists; "
        f"to replace it, withdraw it first.\n{file} has 1 fault; nothing was loaded\n"
    )


def test_sims_are_refused_for_the_file_and_for_the_table_at_once(
    newcomer: Newcomer, tmp_path: Path, capsys: Capture
) -> None:
    known, new = esim(), esim()
    sims.load(Newcomer(newcomer.system).partner, [known])
    file = tmp_path / "sims.jsonl"
    file.write_text(f"{new.model_dump_json()}\n{{}}\n{known.model_dump_json()}")
    assert main(command("sims", newcomer.partner, file)) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines()[1:] == [
        f"{file}:2: sim_type: This member is required.",
        f"{file}:3: ICCID {known.iccid} belongs to another partner.",
        f"{file} has 2 faults; nothing was loaded",
    ]
    assert printed.out == ""
    assert sims.missing(newcomer.partner, [new]) == [new]


def test_an_interrupted_load_says_how_to_go_on(
    newcomer: Newcomer, sims_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def interrupt(progress: Progress, count: int) -> None:
        if progress.work == "loading":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sims, "AT_ONCE", 20)
        patch.setattr(Progress, "add", interrupt)
        assert main(command("sims", newcomer.partner, sims_file)) == 130
    printed = capsys.readouterr()
    assert printed.err.endswith("interrupted; what was done is kept, and the same command completes the rest\n")
    assert "Traceback" not in printed.err
    assert main(command("sims", newcomer.partner, sims_file)) == 0
    assert "were already there" in capsys.readouterr().out


def test_what_a_file_holds_cannot_steer_a_terminal(newcomer: Newcomer, tmp_path: Path, capsys: Capture) -> None:
    file = tmp_path / "cata\x1b[2Jlog\u202e.json"
    file.write_text(json.dumps({"coverage_areas": {}, "offerings": {}, "catalogs": {"A\x1b]0;\u2066": ["\r\x9b"]}}))
    sheet = tmp_path / "s.csv"
    sheet.write_text("iccid,\x1b[31m\u200b\n")
    assert main(command("catalog", newcomer.partner, file)) == 1
    assert main(command("sims", newcomer.partner, sheet)) == 1
    assert main(command("withdraw-sims", newcomer.partner, sheet)) == 1
    assert main(command("withdraw-catalog", newcomer.partner, "--name", "\x1bX")) == 1
    assert main(command("sims", newcomer.partner, "\x1b.csv")) == 2
    with pytest.raises(SystemExit):
        main(command("sims", newcomer.partner, "x.csv", "\x1b[2J"))
    printed = capsys.readouterr()
    assert "cata\\x1b[2Jlog\\u202e.json:1: catalogs.A\\x1b]0;\\u2066[0]" in printed.err
    assert "\\x1b[31m" in printed.err
    assert not [
        character for character in printed.err + printed.out if not character.isprintable() and character != "\n"
    ]


@pytest.mark.usefixtures("_no_wait")
def test_a_catalog_is_withdrawn_by_its_name(newcomer: Newcomer, capsys: Capture) -> None:
    catalog.load(newcomer.partner, catalogs("Cafe\u0301"))
    withdrawing = command("withdraw-catalog", newcomer.partner, "--name", " Caf\u00e9")
    assert [main(withdrawing), main(withdrawing)] == [0, 1]
    printed = capsys.readouterr()
    assert printed.out == f"waiting for orders that are being accepted\nwithdrawn from {newcomer.partner}: 'Café'\n"
    assert printed.err == "the catalog ' Café' does not exist\n"


@pytest.mark.usefixtures("_no_wait")
def test_what_was_sold_is_reported_and_left(
    newcomer: Newcomer, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    monkeypatch.setattr(catalog_withdrawal, "_sold", lambda *_: {ids["plan"]: "ord_1"})
    withdrawing = command("withdraw-catalog", newcomer.partner, "--name", "Main")
    assert main(withdrawing) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith("'Plan' was sold, for example by ord_1\nwhat was sold does not change")
    assert printed.err.endswith("nothing was withdrawn\n")
    assert main([*withdrawing, "--even-if-sold"]) == 0
    assert capsys.readouterr().out.endswith(
        f"withdrawn from {newcomer.partner}: 'Main'; 1 offerings kept as inactive, because sold\n"
    )


def test_sims_are_withdrawn_but_those_that_somebody_has(newcomer: Newcomer, sims_file: Path, capsys: Capture) -> None:
    other = esim()
    sims.load(Newcomer(newcomer.system).partner, [other])
    main(command("sims", newcomer.partner, sims_file))
    sims_file.write_text(sims_file.read_text() + "\n" + other.model_dump_json())
    capsys.readouterr()
    withdrawing = command("withdraw-sims", newcomer.partner, sims_file)
    assert main(withdrawing) == 1
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == f"{sims_file}:101: ICCID {other.iccid}: it belongs to another partner."
    assert printed.out == f"withdrawn from {newcomer.partner}: 100 SIMs; 1 were not withdrawn\n"
    assert main(withdrawing) == 1
    assert capsys.readouterr().out.endswith(": 0 SIMs; 100 were not there; 1 were not withdrawn\n")


def late(missing: Any, newcomer: Newcomer, lost: EsimEntry) -> Any:
    """As ``missing`` is, but right after its first answer another partner loads the SIM."""

    def answer(*arguments: Any) -> Any:
        new = missing(*arguments)
        if len(new) == 100:
            sims._add(Newcomer(newcomer.system).partner, [lost])
        return new

    return answer


def test_sims_that_somebody_loads_meanwhile_are_reported_with_their_lines(
    newcomer: Newcomer, sims_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = EsimEntry.model_validate_json(sims_file.read_text().splitlines()[98])
    monkeypatch.setattr(sims, "missing", late(sims.missing, newcomer, lost))
    assert main(command("sims", newcomer.partner, sims_file)) == 2
    printed = capsys.readouterr().err.splitlines()
    assert f"{sims_file}:99: ICCID {lost.iccid} belongs to another partner." in printed
    assert printed[-1].startswith("error: somebody else has loaded these in the meantime")
