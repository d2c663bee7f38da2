"""The headers of a request, each of which can be repeated and have spaces around its value (contract §1, headers)."""

from collections.abc import Mapping, Sequence
from typing import Any

from functions.shared import clock
from functions.shared.ids import new_id
from functions.shared.refusals import Code, Fault, Refusal, invalid

Headers = Mapping[str, Sequence[str]]
"""Lower-case name → its different values in the order in which they were given."""

API_VERSION = "2026-02-05"
BLANKS = " \t"
JSON = "application/json"
MAX_CORRELATION_ID_LENGTH = 100
FOR_EVER = 2**63
"""Where no token is needed, none expires."""


def headers_of(event: Mapping[str, Any]) -> Headers:
    """Return the headers of API Gateway's event; the same value given twice counts once."""
    given = event.get("multiValueHeaders") or {name: [value] for name, value in (event.get("headers") or {}).items()}
    found: dict[str, dict[str, None]] = {}
    for name, values in given.items():
        found.setdefault(name.lower(), {}).update(dict.fromkeys(value.strip(BLANKS) for value in values))
    return {name: tuple(values) for name, values in found.items()}


def the_one(headers: Headers, name: str) -> str | None:
    """Return the header's value, if it is given. Raise a 400 that names it if it has different values."""
    values = headers.get(name.lower(), ())
    if len(values) > 1:
        detail = f"The header {name} is given more than once with different values; send one."
        raise invalid(Fault(Code.CONSTRAINT_VALIDATION_ERROR, detail))
    return values[0] if values else None


def is_printable(value: str, longest: int) -> bool:
    """Return whether the value has between one and ``longest`` characters, all of them printable ASCII."""
    return 1 <= len(value) <= longest and value.isascii() and value.isprintable()


def correlation_id_of(headers: Headers) -> str:
    """Return the first ``Correlation-Id`` of the request, or a new one if there is none or it is not valid."""
    first = next(iter(headers.get("correlation-id", ())), "")
    return first if is_printable(first, MAX_CORRELATION_ID_LENGTH) else new_id("cor")


def check_token(headers: Headers, context: Mapping[str, str]) -> None:
    """Raise a 401 for two different tokens, or for one that has expired since the authorizer's answer was cached.

    Of two, API Gateway has checked one, but does not say which. ``context`` is what the authorizer says.
    """
    if len(headers.get("authorization", ())) > 1:
        raise _unauthorized("The request has two different Authorization headers; send one.")
    if int(context.get("expires_at", FOR_EVER)) <= clock.machine_time().timestamp():
        raise _unauthorized("The token has expired; get a new one.")


def _unauthorized(detail: str) -> Refusal:
    return Refusal(401, detail, headers={"WWW-Authenticate": "Bearer"})


def check_media_type(headers: Headers) -> None:
    """Raise a 415 unless every ``Content-Type`` that is given is JSON's, with any parameters."""
    types = {value.partition(";")[0].strip(BLANKS).lower() for value in headers.get("content-type", ())}
    if types != {JSON}:
        raise Refusal(415, f"The body must be sent as {JSON}.")


def check_encoding(headers: Headers) -> None:
    """Raise a 415 for a ``Content-Encoding`` other than ``identity``."""
    codings = {
        coding.strip(BLANKS).lower() for value in headers.get("content-encoding", ()) for coding in value.split(",")
    }
    if codings - {"", "identity"}:
        detail = "The body must be sent without a Content-Encoding."
        raise Refusal(415, detail, headers={"Accept-Encoding": "identity"})


def check_version(headers: Headers) -> None:
    """Raise a 400 for an ``Api-Version`` that is not served."""
    version = the_one(headers, "Api-Version")
    if version not in {None, API_VERSION}:
        raise invalid(Fault(Code.UNSUPPORTED_API_VERSION, f"This Api-Version is not served; send {API_VERSION}."))
