"""AWS clients, their configuration, and the meaning of their errors."""

import re
from functools import cache
from typing import Any

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name; the one of Python is its own kind below
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
)
from botocore.loaders import Loader
from botocore.session import get_session

CLIENT = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=50,
    parameter_validation=False,
    user_agent="mobile-order-api",
)
"""A call that hangs must leave its function time to try again. What makes a call slow without any use for us is
left out: AWS itself checks the parameters, and a user agent that lists versions is made anew for each call."""
OTHERS = ["events", "kms", "secretsmanager", "sqs", "stepfunctions"]
"""The services that we use beside DynamoDB."""
RULES = "endpoint-rule-set-1"
UNREACHABLE = (ConnectionError, HTTPClientError, CredentialRetrievalError, NoCredentialsError, OSError)
OUT_OF_ORDER = re.compile(
    "Throttl|TooManyRequests|LimitExceeded|ThroughputExceeded|SlowDown|Timeout|InProgress|Conflict"
    "|Internal|Unavailable|Kms|KMS"
    "|AccessDenied|NotAuthorized|ExpiredToken|UnrecognizedClient|InvalidSignature|DoesNotExist|ResourceNotFound"
)
"""Codes for something busy, broken, forbidden or missing: waiting or a repair helps."""
MALFORMED = re.compile("Validation|Malformed|Serialization|InvalidArgument|InvalidExecutionInput|InvalidName|TooLarge")
"""Codes for a wrong request: a retry does not help."""


def client(service: str, config: Config = CLIENT) -> Any:
    """Return a client of a service."""
    return _session().client(service, config=config)  # type: ignore[call-overload] # any of our services


def is_outage(error: Exception) -> bool:
    """Return whether a call failed because of AWS or our access to it, and not because of the request."""
    if isinstance(error, ClientError):
        status: int = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= 500 or bool(OUT_OF_ORDER.search(_code(error)))
    return isinstance(error, UNREACHABLE)


def is_malformed(error: Exception) -> bool:
    """Return whether a call failed because of the request itself."""
    if isinstance(error, ClientError):
        return not is_outage(error) and bool(MALFORMED.search(_code(error)))
    return isinstance(error, ParamValidationError)


def _code(error: ClientError) -> str:
    return error.response["Error"]["Code"]


class _Services(Loader):
    """Knows the services that we use: botocore's own looks into the folders of four hundred, twice for each client."""

    def list_available_services(self, type_name: str) -> list[str]:
        """Return those with a file of a type.

        DynamoDB has no rules for its endpoint then, so botocore finds it once for each client, not for each call.
        """
        return OTHERS if type_name == RULES else ["dynamodb", *OTHERS]


@cache
def _session() -> Session:
    core = get_session()
    core.register_component("data_loader", _Services())
    return Session(botocore_session=core)
