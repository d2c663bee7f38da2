"""What is checked of the account before a stage is deployed to it."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import NoCredentialsError

from infra import quotas
from infra.names import CDK_JSON
from infra.stage import Stage, stage_of
from tests.infra.rich_stage import NAME, RICH


class NotThere(Exception):
    """There is no such function."""


def functions(unreserved: int, own: dict[str, int] | None = None) -> Any:
    """An account's Lambda, in which some of the stage's functions have a share already."""

    def get_function_concurrency(FunctionName: str) -> dict[str, int]:  # noqa: N803 - AWS's name
        if own is None:
            raise NotThere
        share = next((share for name, share in own.items() if FunctionName.endswith(name)), None)
        return {} if share is None else {"ReservedConcurrentExecutions": share}

    return SimpleNamespace(
        get_account_settings=lambda: {"AccountLimit": {"UnreservedConcurrentExecutions": unreserved}},
        get_function_concurrency=get_function_concurrency,
        exceptions=SimpleNamespace(ResourceNotFoundException=NotThere),
    )


def gateway(rate: float = 10_000) -> Any:
    return SimpleNamespace(get_account=lambda: {"throttleSettings": {"rateLimit": rate, "burstLimit": 5000}})


@pytest.fixture
def stage() -> Stage:
    """One that reserves ten."""
    return stage_of({NAME: RICH}, NAME)


def test_an_account_with_room_is_taken(stage: Stage) -> None:
    assert quotas.problems(stage, functions(110), gateway()) == []


def test_a_new_account_has_none(stage: Stage) -> None:
    (problem,) = quotas.problems(stage, functions(10), gateway())
    assert problem.startswith(f"{NAME} reserves 10 concurrent executions, the account has 0 to give: ask for more")


def test_what_the_stage_has_already_counts(stage: Stage) -> None:
    own = {"identity-authorizer": 4, "events-changes": 2}
    assert quotas.problems(stage, functions(104, own), gateway()) == []
    assert quotas.problems(stage, functions(103, own), gateway()) != []


def test_a_limit_above_the_accounts_is_told(stage: Stage) -> None:
    (problem,) = quotas.problems(stage, functions(1000), gateway(rate=500))
    assert problem.startswith(f"{NAME} takes 3000 requests a second, the account 500: ask for a higher")


@pytest.mark.parametrize(("name", "code"), [("dev", 0), ("prod", 2)])
def test_a_stage_that_reserves_nothing_needs_no_account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = json.loads(CDK_JSON.read_text())
    settings["context"]["stages"][name]["alarm_email"] = "operations@example.com"
    with_somebody_to_tell = tmp_path / "cdk.json"
    with_somebody_to_tell.write_text(json.dumps(settings))
    monkeypatch.setattr(quotas, "CDK_JSON", with_somebody_to_tell)

    def without(_service: str) -> Callable[..., Any]:
        raise NoCredentialsError

    monkeypatch.setattr(boto3, "client", without)
    assert quotas.main(name) == code
    assert ("quotas cannot be read" in capsys.readouterr().err) == (code == 2)
