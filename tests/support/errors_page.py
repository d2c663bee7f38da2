"""``python -m tests.support.errors_page`` writes docs/errors.md from the codes and what is told of them."""

from collections.abc import Iterable
from pathlib import Path

from functions.orders.failures import RETRIABLE
from functions.shared.advice import FAILURES, REFUSALS

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"

TEXT = """# Errors

Written by `python -m tests.support.errors_page` from `functions/shared/advice.py`; a test compares the two.

## Refused requests

A refusal is `application/problem+json`. Its `errors` list every fault (at most 100), each with a `code`, a `detail`
and, for a fault in the body, a `pointer` to it. A refused request changes nothing.

{refusals}

These have no `code`: 401 (no valid token), 403 (the token lacks a scope), 404 (the path or resource does not exist),
405 (see `Allow`), 413 and 415 (size, type and encoding of the body), 422 (the key was used with another body) and 5xx
(our fault). For a request with an `Idempotency-Key`, the header `Idempotent-Retriable` says whether to send the same
request again.

## Failed orders

When an accepted order fails, everything it had begun is undone. Its `failure` says why it failed; if it is `retriable`,
you can send the same content again with a new key and a new reference.

{failures}
"""


def page() -> str:
    """What docs/errors.md has to be."""
    refusals = [(f"`{code}`", str(told.status), told.meaning, told.remedy) for code, told in REFUSALS.items()]
    failures = [
        (f"`{code}`", "yes" if code in RETRIABLE else "no", told.meaning, told.remedy)
        for code, told in FAILURES.items()
    ]
    return TEXT.format(
        refusals=_table(("code", "status", "what it means", "what to do"), refusals),
        failures=_table(("code", "retriable", "what it means", "what to do"), failures),
    )


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page())
