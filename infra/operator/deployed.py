"""The settings of a deployed stage, from the outputs of its stack."""

import os

import boto3

from infra.names import stack_name

KEY = "SEALING_KEY_ARN"
SETTINGS = {"TableName": "TABLE_NAME", "SealingKeyArn": KEY}
"""Output of the stack → the environment variable that the commands read."""


class NotDeployed(Exception):
    """The stack does not have a required output."""


def enter(stage: str) -> None:
    """Set the environment to that of the stage.

    Raise :class:`NotDeployed`, or botocore's errors if the stack cannot be read.
    """
    stack = stack_name(stage)
    (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}
    for output, setting in SETTINGS.items():
        if output not in outputs:
            raise NotDeployed(f"the stack {stack} has no output {output}: deploy the current code first")
        os.environ[setting] = outputs[output]


def require_key() -> None:
    """Raise :class:`NotDeployed` if the environment does not name the key for secret codes."""
    if not os.environ.get(KEY):
        raise NotDeployed(f"the SIMs have secret codes: set {KEY} to the KMS key that encrypts them")
