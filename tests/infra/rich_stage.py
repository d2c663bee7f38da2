"""A stage with every setting that a stage can have, and the longest name."""

from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.app import add_stacks
from infra.stage import MAX_NAME, stage_of
from tests.infra.template import Synthesized, synthesized

NAME = "s" * MAX_NAME
CLAIMS = ("AUDIENCE", "CLIENT_CLAIM", "SCOPE_CLAIM")
"""The settings of a token's form."""
SMALL: dict[str, Any] = {
    "keep_data": False,
    "log_retention": "ONE_DAY",
    "network": "external",
    "alarms": False,
    "tiers": {"standard": {"rate": 100, "burst": 200}},
}
OWN_NAMES: dict[str, Any] = {
    "domain": {
        "name": "api.example.com",
        "certificate_arn": "arn:aws:acm:eu-west-1:111122223333:certificate/one",
        "hosted_zone": {"id": "Z1", "name": "example.com"},
    },
    "identity": {
        "issuer": "https://id.example.com",
        "jwks_url": "https://id.example.com/keys",
        "token_url": "https://id.example.com/token",
        "audience": "https://api.example.com",
        "client_claim": "azp",
        "scope_claim": "scp",
    },
    "alarm_email": "operations@example.com",
}
RICH: dict[str, Any] = {
    **SMALL,
    **OWN_NAMES,
    "tiers": {"standard": {"rate": 100, "burst": 200}, "gold": {"rate": 500, "burst": 900}},
    "limit": {"rate": 3000, "burst": 4000},
    "network_account": "111122223333",
    "reserved_concurrency": {"authorizer": 4, "execution_task": 3, "stream": 2, "clock": 1},
    "firewall": {"requests_per_five_minutes": 500},
    "alarms": True,
    "low_esim_stock": 7,
}


def rich_stage(directory: Path) -> Synthesized:
    """Return what is synthesized of it; its code is not bundled."""
    app = App(outdir=str(directory), context={"aws:cdk:bundling-stacks": []})
    add_stacks(app, stage_of({NAME: RICH}, NAME))
    return synthesized(app)
