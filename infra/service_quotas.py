"""AWS's quotas, as its pages name them (infra/service_quotas.json)."""

import json
from pathlib import Path
from typing import Any

LIST: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text())


def quota(name: str) -> float:
    """Return how much of something an account has."""
    return float(LIST["quotas"][name]["value"])
