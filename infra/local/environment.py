"""Names of what the system on one machine consists of, and the environment that its functions read."""

import os

from infra.local.enclosure import enclose
from infra.local.throttle import RATE

REGION = "eu-central-1"
ACCOUNT = "123456789012"
TABLE = "orders"
CLIENTS = "clients"
BUS = "orders"
NETWORK_BUS = "network"
CURSOR_SECRET = "cursor-secret"  # noqa: S105 - its name
SEARCH_SECRET = "search-secret"  # noqa: S105 - its name
SEALING_KEY = "alias/sealing"
STREAM_FAILURES = "stream-failures"
STREAM_FAILURES_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{STREAM_FAILURES}"
DELIVERIES = "deliveries"
DELIVERIES_URL = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{DELIVERIES}"
DELIVERIES_FAILURES = f"{DELIVERIES}-failures"
STATE_MACHINE = "order-lifecycle"
STATE_MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STATE_MACHINE}"
UNDO_STATE_MACHINE = "order-undo"
UNDO_STATE_MACHINE_ARN = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{UNDO_STATE_MACHINE}"
TOKEN_PATH = "/oauth2/token"  # noqa: S105 - its path
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_SESSION_TOKEN": "local",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "TABLE_NAME": TABLE,
    "CLIENTS_TABLE_NAME": CLIENTS,
    "AUDIENCE": "",
    "CLIENT_CLAIM": "client_id",
    "SCOPE_CLAIM": "scope",
    "BUS_NAME": BUS,
    "NETWORK_BUS_NAME": NETWORK_BUS,
    "CURSOR_SECRET_ARN": CURSOR_SECRET,
    "SEARCH_SECRET_ARN": SEARCH_SECRET,
    "SEALING_KEY_ARN": SEALING_KEY,
    "STATE_MACHINE_ARN": STATE_MACHINE_ARN,
    "UNDO_STATE_MACHINE_ARN": UNDO_STATE_MACHINE_ARN,
    "STREAM_FAILURES_URL": STREAM_FAILURES_URL,
    "DELIVERIES_URL": DELIVERIES_URL,
    "ALLOW_PRIVATE_WEBHOOKS": "true",
    "NETWORK_TIMEOUT_SECONDS": "10",
    "SLOW_NETWORK_SECONDS": "5",
    "EXPECTED_WITHIN_SECONDS": "3",
    "LOG_HORIZON_SECONDS": "1",
    "TIER_RATES": f'{{"standard": {RATE}}}',
}
"""What the functions read from their environment, whatever address the system has."""


def function_arn(name: str) -> str:
    """Return the ARN by which the state machine calls a function."""
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def prepare(public_url: str) -> None:
    """Set what the functions read from their environment; needed before the first of them is imported.

    The credentials are not real and AWS calls stay on this machine, so that nothing can reach a real account.
    """
    enclose()
    os.environ.pop("AWS_PROFILE", None)
    os.environ.update(SETTINGS, PUBLIC_URL=public_url, ISSUER=public_url, TOKEN_URL=f"{public_url}{TOKEN_PATH}")
