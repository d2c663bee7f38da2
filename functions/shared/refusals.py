"""Refusals: the error responses of the API (contract §1, Errors)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

TITLES = {
    400: "Invalid request parameters",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Resource not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Request body too large",
    415: "Unsupported media type",
    422: "Unprocessable Entity",
    429: "Too many requests",
    500: "Internal error",
}
MAX_FAULTS = 100
F = TypeVar("F", bound=Callable[..., Any])


class Code(StrEnum):
    """Every machine-readable reason for a refusal."""

    CONSTRAINT_VALIDATION_ERROR = "constraint_validation_error"
    INVALID_JSON = "invalid_json"
    INVALID_STATE = "invalid_state"
    NOT_FOUND = "not_found"
    NOT_SUPPORTED = "not_supported"
    OFFERING_INACTIVE = "offering_inactive"
    OFFERING_NOT_A_PLAN = "offering_not_a_plan"
    OFFERING_NOT_AN_ADDON = "offering_not_an_addon"
    TOO_LARGE = "too_large"
    TOO_MANY_PRODUCTS = "too_many_products"
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    TOO_MANY_DATA_ADDONS = "too_many_data_addons"
    DUPLICATE_VOICE_ADDON = "duplicate_voice_addon"
    NO_ACTIVE_PLAN = "no_active_plan"
    INCOMPATIBLE_ADDON = "incompatible_addon"
    RESERVATION_NOT_USABLE = "reservation_not_usable"
    ACTIVATION_CODE_NOT_USABLE = "activation_code_not_usable"
    SUBSCRIPTION_NOT_ACTIVE = "subscription_not_active"
    ORDER_IN_PROGRESS = "order_in_progress"
    ORDER_ALREADY_SCHEDULED = "order_already_scheduled"
    DUPLICATE_REFERENCE = "duplicate_reference"
    UNSUPPORTED_API_VERSION = "unsupported_api_version"
    INVALID_CURSOR = "invalid_cursor"


@dataclass(frozen=True)
class Fault:
    """An error in a request; ``pointer`` is a JSONPath into its body."""

    code: Code
    detail: str
    pointer: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return the entry of ``errors``."""
        fields = {"code": self.code.value, "detail": printable(self.detail), "pointer": self.pointer}
        return {name: value for name, value in fields.items() if value is not None}


class Refusal(Exception):
    """The request is refused with this status; nothing has been written."""

    def __init__(
        self,
        status: int,
        detail: str,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        links: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.links = dict(links or {})

    def problem(self, correlation_id: str) -> dict[str, Any]:
        """Return the ``application/problem+json`` body."""
        body: dict[str, Any] = {
            "title": TITLES[self.status],
            "status": self.status,
            "detail": printable(self.detail),
            "correlation_id": correlation_id,
        }
        if self.faults:
            body["errors"] = [fault.as_json() for fault in self.faults[:MAX_FAULTS]]
        if self.links:
            body["_links"] = self.links
        return body


def refuses(*causes: Code | Callable[..., Any]) -> Callable[[F], F]:
    """Declare the codes that a function can refuse a request with, or the functions that it has them from.

    The API's description lists them; what every request can be refused with is not declared.
    """

    def declare(function: F) -> F:
        codes = {code for each in causes for code in ([each] if isinstance(each, Code) else declared_codes(each))}
        vars(function)["codes"] = frozenset(codes)
        return function

    return declare


def declared_codes(function: Callable[..., Any]) -> frozenset[Code]:
    """Return the codes that a function declares."""
    codes: frozenset[Code] = getattr(function, "codes", frozenset())
    return codes


def unknown_parameter(name: str) -> Fault:
    """Return the fault of a query parameter that an operation does not have."""
    return Fault(Code.CONSTRAINT_VALIDATION_ERROR, f"The query parameter {name!r} is not known here.")


def invalid(*faults: Fault) -> Refusal:
    """Return the 400 that lists every fault."""
    count = len(faults)
    detail = faults[0].detail if count == 1 else f"The request has {count} faults."
    if count >= MAX_FAULTS:
        detail = f"The request has {MAX_FAULTS} faults or more; {MAX_FAULTS} are listed."
    return Refusal(400, detail, faults[:MAX_FAULTS])


def printable(text: str) -> str:
    """Return the text with unprintable characters (controls, direction marks) as escapes."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
