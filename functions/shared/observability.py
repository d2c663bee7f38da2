"""The log: JSON lines with their context, never with a body or personal data. Metrics are lines of it, too."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from types import MappingProxyType
from typing import Any, TypeVar

from aws_lambda_powertools import Logger

from functions.shared.metrics import UNEXPECTED_FAILURES, Metric, as_emf

T = TypeVar("T")

logger = Logger(service="mobile-orders")
CALLER = 3
"""Lets a line name the place of the one who calls the function that writes it."""
_invocation: ContextVar[Mapping[str, str]] = ContextVar("invocation", default=MappingProxyType({}))
"""The ids of the invocation that runs, which all its lines have."""
NAMES = {
    "dlv": "delivery_id",
    "evt": "event_id",
    "ord": "order_id",
    "simp": "sim_profile_id",
    "subs": "subscription_id",
    "wbh": "webhook_id",
}
"""Prefix of an id → the key under which lines have it."""


def observed(*refusals: type[Exception]) -> Callable[[Callable[[Any, Any], T]], Callable[[Any, Any], T]]:
    """Return a decorator for a Lambda handler: its lines name the invocation, and what it raises is counted.

    Only what it raises unexpectedly: the ``refusals`` are answers, on which its caller acts.
    """

    def decorate(handler: Callable[[Any, Any], T]) -> Callable[[Any, Any], T]:
        @wraps(handler)
        def observed(event: Any, context: Any) -> T:
            _invocation.set(_ids_of(context))
            set_log_context()
            try:
                return handler(event, context)
            except refusals:
                raise
            except Exception:
                report_failure("The function failed.")
                raise

        return observed

    return decorate


def in_thread(function: Callable[..., T]) -> Callable[..., T]:
    """Return the function for other threads, whose lines name this thread's invocation."""
    invocation = _invocation.get()

    def run(*args: Any) -> T:
        _invocation.set(invocation)
        set_log_context()
        return function(*args)

    return run


def set_log_context(**context: str | None) -> None:
    """Replace the keys on all further log lines of this thread, but for the ids of the invocation."""
    logger.thread_safe_clear_keys()
    add_log_context(**{**_invocation.get(), **context})


def add_log_context(**context: str | None) -> None:
    """Add keys to all further log lines of this thread."""
    logger.thread_safe_append_keys(**{name: value for name, value in context.items() if value is not None})


def named(record_id: str) -> dict[str, str]:
    """Return the key under which lines have the id of a record."""
    return {NAMES.get(record_id.partition("_")[0], "id"): record_id}


def measure(metric: Metric, value: float = 1, of: str | None = None) -> None:
    """Write a measurement: of what has happened for good, as soon as that is known."""
    logger.info(metric.name, extra=as_emf(metric, value, of), stacklevel=CALLER)


def report_failure(message: str, error: BaseException | None = None) -> None:
    """Log and count what has failed unexpectedly: the error, or the one that is being handled."""
    logger.error(message, exc_info=error or True, extra=as_emf(UNEXPECTED_FAILURES), stacklevel=CALLER)


def _ids_of(context: Any) -> Mapping[str, str]:
    """Return the ids of an invocation. What begins by itself, without a request, is named by that alone."""
    if context is None:
        return {}
    request_id = context.aws_request_id
    return {
        "function_name": context.function_name,
        "function_request_id": request_id,
        "correlation_id": request_id,
    }
