"""The headers of requests and answers (contract §1)."""

from typing import Any

from functions.shared.headers import API_VERSION
from infra.openapi.schemas import Schema

API_VERSIONS: Schema = {"type": "string", "enum": [API_VERSION]}
PRINTABLE = "^[ -~]+$"
PARAMETERS: dict[str, dict[str, Any]] = {
    "Api-Version": {
        "description": "The version of the API. Without it, a request means the latest one.",
        "schema": {"$ref": "#/components/schemas/ApiVersion"},
    },
    "Correlation-Id": {
        "description": "Your own id of the request, 1 to 100 printable characters. It is in the answer, in error "
        "bodies and in our logs. The API makes one in place of what cannot be one.",
        "schema": {"type": "string"},
    },
    "Idempotency-Key": {
        "description": "Send the same key and body again, and the request is carried out once: you get the first "
        "answer again. A key is kept for 24 hours, per method and path.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": PRINTABLE},
    },
}
TRUTH: Schema = {"type": "string", "enum": ["true", "false"]}
WHOLE: Schema = {"type": "string", "pattern": "^[0-9]+$"}
TEXT: Schema = {"type": "string"}
HEADERS: dict[str, tuple[str, Schema]] = {
    "Api-Version": ("The version that answered.", PARAMETERS["Api-Version"]["schema"]),
    "Correlation-Id": ("The id of this request, yours or a new one.", TEXT),
    "Idempotency-Key": ("The key of the request.", TEXT),
    "Idempotent-Replayed": ("`true` if the key was used before, so that this is the first answer again.", TRUTH),
    "Idempotent-Retriable": ("Of a request with a key: whether to send the same request again.", TRUTH),
    "Location": ("The address of what was created.", {"type": "string", "format": "uri"}),
    "WWW-Authenticate": ("`Bearer`.", TEXT),
    "Retry-After": ("Seconds to wait.", WHOLE),
    "x-rate-limit-limit": ("Requests a second.", WHOLE),
    "x-rate-limit-remaining": ("Requests that are left.", WHOLE),
    "x-rate-limit-reset": ("When to try again, in epoch milliseconds.", WHOLE),
}
EVERY = ("Api-Version", "Correlation-Id")
KEYED = ("Idempotency-Key", "Idempotent-Replayed")
LIMITED = ("Retry-After", "x-rate-limit-limit", "x-rate-limit-remaining", "x-rate-limit-reset")


def parameters() -> dict[str, Any]:
    """Return the headers that requests can have, as components."""
    return {name: {"name": name, "in": "header", **about} for name, about in PARAMETERS.items()}


def headers() -> dict[str, Any]:
    """Return the headers of answers, as components."""
    return {name: {"description": text, "schema": schema} for name, (text, schema) in HEADERS.items()}


def of_answer(status: int, *, keyed: bool) -> dict[str, Any]:
    """Return the headers of an answer with this status."""
    names = [*EVERY]
    if keyed:
        names += KEYED if status < 300 else ["Idempotency-Key", "Idempotent-Retriable"]
    names += {201: ("Location",), 401: ("WWW-Authenticate",), 429: LIMITED}.get(status, ())
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
