"""The settings of a deployed stage, from the outputs of its stacks."""

import os
from collections.abc import Mapping

import boto3

from functions.routes import function_name
from infra.names import NEWEST, stack_name, system_name

KEY = "SEALING_KEY_ARN"
SETTINGS = {"TableName": "TABLE_NAME", "ClientsTableName": "CLIENTS_TABLE_NAME", "SealingKeyArn": KEY}
"""Output of the stack → the environment variable that the commands read."""
OF_SYSTEM = {"StateMachineArn": "STATE_MACHINE_ARN", "UndoStateMachineArn": "UNDO_STATE_MACHINE_ARN"}
"""The same, of the system's own stack."""


class NotDeployed(Exception):
    """The stack does not have a required output."""


def enter(stage: str) -> None:
    """Set the environment to that of the stage.

    Raise :class:`NotDeployed`, or botocore's errors if the stack cannot be read.
    """
    stack = stack_name(stage)
    _enter(stack, SETTINGS)


def enter_system(stage: str | None) -> None:
    """Also set what the system's own stack names; without a stage, the environment has it already."""
    if stage:
        _enter(system_name(stage), OF_SYSTEM)


def enter_search(stage: str | None) -> None:
    """Also set which secret hashes what is searched for; without a stage, the environment has it already."""
    if stage:
        _enter(stack_name(stage), {"SearchSecretArn": "SEARCH_SECRET_ARN"})


def outputs(stack: str) -> dict[str, str]:
    """Return the outputs of a stack. Raise botocore's errors if it cannot be read."""
    (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}


def function(stage: str | None, module: str) -> str:
    """Return the name of a module's function; without a stage, that of the system on one machine."""
    return f"{stack_name(stage)}-{function_name(module)}:{NEWEST}" if stage else function_name(module)


def _enter(stack: str, settings: Mapping[str, str]) -> None:
    found = outputs(stack)
    for output, setting in settings.items():
        if output not in found:
            raise NotDeployed(f"the stack {stack} has no output {output}: deploy the current code first")
        os.environ[setting] = found[output]


def require_key() -> None:
    """Raise :class:`NotDeployed` if the environment does not name the key for secret codes."""
    if not os.environ.get(KEY):
        raise NotDeployed(f"the SIMs have secret codes: set {KEY} to the KMS key that encrypts them")
