"""What the app and the operator's commands both know of a stage: the names of its stacks, and its tiers."""

import json
from pathlib import Path
from typing import Any

NEWEST = "live"
"""The alias of a function's newest version."""
CDK_JSON = Path(__file__).parents[1] / "cdk.json"


def stack_name(stage: str) -> str:
    """Return the name of the stack of what a stage keeps, with which all its names begin."""
    return f"mobile-orders-{stage}"


def system_name(stage: str) -> str:
    """Return the name of the stack of what a stage does."""
    return f"{stack_name(stage)}-system"


def failures_output(name: str) -> str:
    """Return the name of the output with the URL of a queue of failures."""
    return f"{name.title().replace('-', '')}FailuresUrl"


def tiers(stage: str) -> dict[str, dict[str, Any]]:
    """Return the tiers that cdk.json gives a stage; none for a stage that it does not have."""
    found: dict[str, dict[str, Any]] = _settings(stage).get("tiers", {})
    return found


def keeps_data(stage: str) -> bool:
    """Return whether cdk.json lets a stage keep its data, whatever happens to its stacks."""
    return bool(_settings(stage).get("keep_data"))


def _settings(stage: str) -> dict[str, Any]:
    stages: dict[str, dict[str, Any]] = json.loads(CDK_JSON.read_text())["context"]["stages"]
    return stages.get(stage, {})
