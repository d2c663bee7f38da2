"""What docs/errors.md says: the codes, the advice on them, and the operations that declare them."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from functions.orders.failures import RETRIABLE
from functions.shared.advice import FAILURES, REFUSALS
from functions.shared.refusals import Code

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

COMMON = {Code.CONSTRAINT_VALIDATION_ERROR, Code.UNSUPPORTED_API_VERSION, Code.INVALID_JSON, Code.INVALID_CURSOR}
TEXT = """# Errors

Written by `python -m infra.openapi` from `functions/shared/advice.py`; a test compares the two.

## Refused requests

A refusal is `application/problem+json`. Its `errors` list every fault (at most 100), each with a `code`, a `detail`
and, for a fault in the body, a `pointer` to it. A refused request changes nothing.

{refusals}

Every request can be refused with `constraint_validation_error` and `unsupported_api_version`, one with a body also with
`invalid_json`, a list also with `invalid_cursor`. Beyond these:

{operations}

These have no `code`: 401 (no valid token), 403 (the token lacks a scope), 404 (the path or resource does not exist),
405 (see `Allow`), 413 and 415 (size, type and encoding of the body), 422 (the key was used with another body) and 5xx
(our fault). For a request with an `Idempotency-Key`, the header `Idempotent-Retriable` says whether to send the same
request again.

## Failed orders

When an accepted order fails, everything it had begun is undone. Its `failure` says why it failed; if it is `retriable`,
you can send the same content again with a new key and a new reference.

{failures}
"""


def page(document: Mapping[str, Any]) -> str:
    """Return what docs/errors.md has to be; ``document`` is docs/openapi.yaml."""
    refusals = [(f"`{code}`", str(advice.status), advice.meaning, advice.remedy) for code, advice in REFUSALS.items()]
    failures = [
        (f"`{code}`", "yes" if code in RETRIABLE else "no", advice.meaning, advice.remedy)
        for code, advice in FAILURES.items()
    ]
    return TEXT.format(
        refusals=_table(("code", "status", "what it means", "what to do"), refusals),
        operations=_table(("operation", "codes"), _operations(document)),
        failures=_table(("code", "retriable", "what it means", "what to do"), failures),
    )


def _operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each operation that has codes of its own, with them."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            refused = operation["responses"]["400"]["content"]["application/problem+json"]["examples"].keys()
            codes = [*refused, *([Code.DUPLICATE_REFERENCE] if "409" in operation["responses"] else [])]
            if own := sorted({*codes} - COMMON):
                yield f"`{method.upper()} {path.replace('_', '-')}`", ", ".join(f"`{code}`" for code in own)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
