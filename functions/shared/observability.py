"""The log: one JSON line each, with the context that says whose it is; never a body, never personal data."""

from aws_lambda_powertools import Logger

logger = Logger(service="mobile-orders")


def set_log_context(**context: str | None) -> None:
    """Put these keys, and no older ones, on every following line of this thread."""
    logger.thread_safe_clear_keys()
    logger.thread_safe_append_keys(**{name: value for name, value in context.items() if value is not None})
