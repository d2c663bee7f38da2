"""What the commands say of wrong arguments, of the stage, and of their progress."""

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from functions.shared.partners import Guard
from infra.local.environment import TABLE
from infra.local.system import System
from infra.operator.__main__ import main
from infra.operator.progress import Progress
from tests.operator.command_lines import Capture, command

ROOT = Path(__file__).parents[2]
NO_FILE = "error: [Errno 2] No such file or directory: 'none.csv'\n"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["catalog", "--partner", "acme", "x.csv"], "--stage --table"),
        (["catalog", "--table", TABLE, "--stage", "dev", "--partner", "acme", "x.csv"], "not allowed with"),
        (command("catalog", "acme"), "file"),
        (command("catalog", "Acme", "x.csv"), "'Acme' is not a partner name"),
        (command("sims", "a#b", "x.csv"), "'a#b' is not a partner name"),
        (command("sims", "", "x.csv"), "'' is not a partner name"),
        *((command("sims", guard.value, "x.csv"), f"'{guard}' is not a partner name") for guard in Guard),
        (["partner", "add", "--table", TABLE, "--partner", "acme"], "--stage"),
        (["partner", "--stage", "dev"], "add|show|rotate"),
        ([], "catalog|sims|partner"),
    ],
)
def test_a_wrong_command_is_refused_in_a_line(arguments: list[str], named: str, capsys: Capture) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert named in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("name", ["catalog", "sims"])
def test_a_missing_file_is_refused_in_a_line(name: str, capsys: Capture) -> None:
    assert main(command(name, "acme", "none.csv")) == 2
    assert capsys.readouterr().err == NO_FILE


@pytest.mark.parametrize("name", ["catalog.txt", "sims"])
def test_a_file_of_another_kind_is_refused_in_a_line(tmp_path: Path, name: str, capsys: Capture) -> None:
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
    described = [{"OutputKey": name, "OutputValue": value} for name, value in outputs]
    return {"Stacks": [{"StackName": "x", "CreationTime": 0, "StackStatus": "CREATE_COMPLETE", "Outputs": described}]}


def test_a_stage_names_its_table(stacks: Stubber) -> None:
    stacks.add_response(
        "describe_stacks", stack(("Other", "x"), ("TableName", TABLE)), {"StackName": "mobile-orders-dev"}
    )
    assert main(["sims", "--stage", "dev", "--partner", "acme", "none.csv"]) == 2
    assert os.environ["TABLE_NAME"] == TABLE


def test_a_stage_that_is_not_deployed_is_refused_in_a_line(stacks: Stubber, capsys: Capture) -> None:
    missing = "Stack with id mobile-orders-dev does not exist"
    stacks.add_client_error("describe_stacks", "ValidationError", missing)
    stacks.add_response("describe_stacks", stack())
    for text in (missing, "the stack mobile-orders-dev has no output TableName"):
        assert main(["sims", "--stage", "dev", "--partner", "acme", "none.csv"]) == 2
        printed = capsys.readouterr().err
        assert text in printed
        assert printed.count("\n") == 1


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
    printed = {}
    for out in (Terminal(), io.StringIO()):
        moments = iter([0.0, 5.0, 10.0, 12.0, 20.0])
        monkeypatch.setattr("infra.operator.progress.now", lambda moments=moments: next(moments))
        with Progress("loading", 2000, out) as progress:
            for _ in range(3):
                progress.add(500)
        printed[type(out)] = out.getvalue()
    assert printed[io.StringIO] == (
        "loading: 1,000 of 2,000, 100 per second, 10 s left\nloading: 1,500 of 2,000, 75 per second, 7 s left\n"
    )
    assert printed[Terminal].count("\r") == 4
    assert printed[Terminal].count("\n") == 1
