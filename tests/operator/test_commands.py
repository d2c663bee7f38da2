"""The operator's commands: what they print and how they end."""

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.identity.clients import client_key
from functions.shared import table
from infra.local.environment import TABLE
from infra.local.system import System
from infra.operator import catalog, catalog_withdrawal, sims
from infra.operator.__main__ import main
from infra.operator.progress import Progress
from infra.operator.sim_entries import EsimEntry
from tests.operator.catalogs import catalogs
from tests.support.newcomer import Newcomer
from tests.support.sims import esim

ROOT = Path(__file__).parents[2]
NO_FILE = "error: [Errno 2] No such file or directory: 'none.csv'\n"

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def _no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_withdrawal, "ANSWERED_WITHIN", timedelta())


@pytest.fixture
def sims_file(tmp_path: Path) -> Path:
    """A file with 100 eSIMs."""
    file = tmp_path / "sims.jsonl"
    file.write_text("\n".join(esim().model_dump_json() for _ in range(100)))
    return file


def command(name: str, partner: str, *more: object) -> list[str]:
    return [name, "--table", TABLE, "--partner", partner, *map(str, more)]


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
    told = capsys.readouterr()
    assert told.err.splitlines()[1:] == [
        f"{file}:2: sim_type: This member is required.",
        f"{file}:3: ICCID {known.iccid} belongs to another partner.",
        f"{file} has 2 faults; nothing was loaded",
    ]
    assert told.out == ""
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
    told = capsys.readouterr()
    assert told.err.endswith("interrupted; what was done is kept, and the same command completes the rest\n")
    assert "Traceback" not in told.err
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
    told = capsys.readouterr()
    assert "cata\\x1b[2Jlog\\u202e.json:1: catalogs.A\\x1b]0;\\u2066[0]" in told.err
    assert "\\x1b[31m" in told.err
    assert not [character for character in told.err + told.out if not character.isprintable() and character != "\n"]


@pytest.mark.usefixtures("_no_wait")
def test_a_catalog_is_withdrawn_by_its_name(newcomer: Newcomer, capsys: Capture) -> None:
    catalog.load(newcomer.partner, catalogs("Cafe\u0301"))
    withdrawing = command("withdraw-catalog", newcomer.partner, "--name", " Caf\u00e9")
    assert [main(withdrawing), main(withdrawing)] == [0, 1]
    told = capsys.readouterr()
    assert told.out == f"waiting for orders that are being accepted\nwithdrawn from {newcomer.partner}: 'Café'\n"
    assert told.err == "the catalog ' Café' does not exist\n"


@pytest.mark.usefixtures("_no_wait")
def test_what_was_sold_is_told_and_left(newcomer: Newcomer, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    monkeypatch.setattr(catalog_withdrawal, "_sold", lambda *_: {ids["plan"]: "ord_1"})
    withdrawing = command("withdraw-catalog", newcomer.partner, "--name", "Main")
    assert main(withdrawing) == 1
    told = capsys.readouterr()
    assert told.err.startswith("'Plan' was sold, for example by ord_1\nwhat was sold does not change")
    assert told.err.endswith("nothing was withdrawn\n")
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
    told = capsys.readouterr()
    assert told.err.splitlines()[-1] == f"{sims_file}:101: ICCID {other.iccid}: it belongs to another partner."
    assert told.out == f"withdrawn from {newcomer.partner}: 100 SIMs; 1 were not withdrawn\n"
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


def test_sims_that_somebody_loads_meanwhile_are_told_with_their_lines(
    newcomer: Newcomer, sims_file: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = EsimEntry.model_validate_json(sims_file.read_text().splitlines()[98])
    monkeypatch.setattr(sims, "missing", late(sims.missing, newcomer, lost))
    assert main(command("sims", newcomer.partner, sims_file)) == 2
    told = capsys.readouterr().err.splitlines()
    assert f"{sims_file}:99: ICCID {lost.iccid} belongs to another partner." in told
    assert told[-1].startswith("error: somebody else has loaded these in the meantime")


def test_a_client_has_one_partner(system: System, capsys: Capture) -> None:
    newcomer = Newcomer(system).partner
    adding = command("partner", newcomer, "--client-id", f"client-of-{newcomer}", "--api-key")
    assert [main([*adding, key]) for key in ("one", "one", "two")] == [0, 0, 1]
    told = capsys.readouterr()
    assert told.out == f"the client client-of-{newcomer} belongs to {newcomer}\n" * 2
    assert told.err.endswith("is already registered with another partner or API key\n")
    kept = table.get_item(client_key(f"client-of-{newcomer}"))
    assert kept is not None
    assert (kept["partner"], kept["api_key"]) == (newcomer, "one")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["catalog", "--partner", "acme", "x.csv"], "--stage --table"),
        (["catalog", "--table", TABLE, "--stage", "dev", "--partner", "acme", "x.csv"], "not allowed with"),
        (command("catalog", "acme"), "file"),
        (command("catalog", "Acme", "x.csv"), "'Acme' is not a partner name"),
        (command("sims", "a#b", "x.csv"), "'a#b' is not a partner name"),
        (command("sims", "", "x.csv"), "'' is not a partner name"),
        (command("partner", "acme", "--client-id", "a#b"), "'a#b' is not a client id"),
        (command("partner", "acme", "--client-id", ""), "'' is not a client id"),
        (command("partner", "acme"), "--client-id"),
        (command("partner", "acme", "--client-id", "x"), "--api-key"),
        (command("partner", "acme", "--client-id", "x", "--api-key", ""), "--api-key"),
        ([], "catalog|sims|partner"),
    ],
)
def test_a_wrong_command_is_told_in_a_line(arguments: list[str], named: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert named in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("name", ["catalog", "sims"])
def test_a_file_that_is_not_there_is_told_in_a_line(name: str, capsys: Capture) -> None:
    assert main(command(name, "acme", "none.csv")) == 2
    assert capsys.readouterr().err == NO_FILE


@pytest.mark.parametrize("name", ["catalog.txt", "sims"])
def test_a_file_of_another_kind_is_told_in_a_line(tmp_path: Path, name: str, capsys: Capture) -> None:
    file = tmp_path / name
    file.write_text("")
    for loading in ("catalog", "sims"):
        assert main(command(loading, "acme", file)) == 2
        assert "must have one of the extensions" in capsys.readouterr().err


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch, system: System) -> Stubber:
    """What CloudFormation says; it is not in moto without much else."""
    client: Any = boto3.client("cloudformation")
    stubber = Stubber(client)
    monkeypatch.setattr("infra.operator.deployed.boto3.client", lambda _: client)
    monkeypatch.setenv("TABLE_NAME", "unknown")
    stubber.activate()
    return stubber


def stack(*outputs: tuple[str, str]) -> dict[str, Any]:
    told = [{"OutputKey": name, "OutputValue": value} for name, value in outputs]
    return {"Stacks": [{"StackName": "x", "CreationTime": 0, "StackStatus": "CREATE_COMPLETE", "Outputs": told}]}


def test_a_stage_tells_where_its_table_is(stacks: Stubber) -> None:
    stacks.add_response(
        "describe_stacks", stack(("Other", "x"), ("TableName", TABLE)), {"StackName": "mobile-orders-dev"}
    )
    assert main(["sims", "--stage", "dev", "--partner", "acme", "none.csv"]) == 2
    assert os.environ["TABLE_NAME"] == TABLE


def test_a_stage_that_is_not_deployed_is_told_in_a_line(stacks: Stubber, capsys: Capture) -> None:
    missing = "Stack with id mobile-orders-dev does not exist"
    stacks.add_client_error("describe_stacks", "ValidationError", missing)
    stacks.add_response("describe_stacks", stack())
    for text in (missing, "the stack mobile-orders-dev has no output TableName"):
        assert main(["sims", "--stage", "dev", "--partner", "acme", "none.csv"]) == 2
        told = capsys.readouterr().err
        assert text in told
        assert told.count("\n") == 1


def test_without_aws_it_ends_with_a_line(tmp_path: Path) -> None:
    """In a process of its own, as a person has it: no region, no credentials, no settings of a function."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    arguments = [sys.executable, "-m", "infra.operator", "sims", "--stage", "dev", "--partner", "acme", "x.csv"]
    ended = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our words
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", "error: You must specify a region.\n")


class Terminal(io.StringIO):
    """Somebody looks at it."""

    def isatty(self) -> bool:
        return True


def test_progress_is_one_line_on_a_terminal_and_some_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {}
    for out in (Terminal(), io.StringIO()):
        moments = iter([0.0, 5.0, 10.0, 12.0, 20.0])
        monkeypatch.setattr("infra.operator.progress.now", lambda moments=moments: next(moments))
        with Progress("loading", 2000, out) as progress:
            for _ in range(3):
                progress.add(500)
        told[type(out)] = out.getvalue()
    assert told[io.StringIO] == (
        "loading: 1,000 of 2,000, 100 per second, 10 s left\nloading: 1,500 of 2,000, 75 per second, 7 s left\n"
    )
    assert told[Terminal].count("\r") == 4
    assert told[Terminal].count("\n") == 1
