"""What Schemathesis is told of the API: real ids for its examples, and which refusals the state of things excuses."""

import hashlib
import json
import os
import re
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, HookContext
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import RejectedPositiveData

from tests.fuzz.excused import is_excused
from tests.fuzz.receivers import NOBODY, leads_elsewhere

IDS: dict[str, str] = json.loads(os.environ["FUZZ_IDS"])
"""An id in the examples → that of something that this partner has."""
TOKEN = os.environ["FUZZ_TOKEN"]
RECEIVER = os.environ["FUZZ_RECEIVER"]
"""Where webhooks lead to."""
KEY = "Idempotency-Key"
PRINTABLE = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")
MAX_OWN_PART = 200
NOT_WITH_AFTER = {"cursor", "created-from", "created-to"}
"""Parameters of the log that cannot be together (contract §8, the log): the description has no words for that."""


schemathesis.openapi.format("uri", st.sampled_from([RECEIVER, f"{RECEIVER}?shop=1", NOBODY]))


@schemathesis.hook
def before_load_schema(_context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Let the examples name what this partner has."""
    text = json.dumps(raw_schema)
    for example, real in IDS.items():
        text = text.replace(example, real)
    raw_schema.update(json.loads(text))


@schemathesis.hook
def before_call(_context: HookContext, case: "Case[Any]", _kwargs: dict[str, Any]) -> None:
    """Use no key for two bodies, keep ``after`` alone, and try methods that a path does not have with a token.

    The token is looked at before the method (contract §1, Errors), also where a path's own methods need none.
    """
    if case.headers and (key := case.headers.get(KEY)) and _is_key(key):
        body = json.dumps(case.body, sort_keys=True, default=repr)
        case.headers[KEY] = f"{key[:MAX_OWN_PART]} {hashlib.sha256(body.encode()).hexdigest()[:16]}"
    if case.query and "after" in case.query and case.meta and case.meta.generation.mode.is_positive:
        case.query = {name: value for name, value in case.query.items() if name not in NOT_WITH_AFTER}
    if case.method.lower() not in case.operation.schema.raw_schema["paths"][case.operation.path]:
        case.headers["Authorization"] = f"Bearer {TOKEN}"
    if isinstance(case.body, dict) and leads_elsewhere(case.body.get("url")):
        case.body = {**case.body, "url": NOBODY}


def _is_key(value: object) -> bool:
    return isinstance(value, str) and PRINTABLE.fullmatch(value) is not None


@schemathesis.hook
def filter_failure(_context: HookContext, failure: Failure, case: "Case[Any]", response: Response) -> bool:
    """Excuse a 400 to valid data if the state of things explains every one of its codes."""
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 400:
        return True
    operation = str(case.operation.definition.raw["operationId"])
    return not all(is_excused(operation, fault) for fault in response.json()["errors"])
