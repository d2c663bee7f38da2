"""The log: JSON lines with their context, never with a body or personal data."""

from aws_lambda_powertools import Logger

logger = Logger(service="mobile-orders")


def set_log_context(**context: str | None) -> None:
    """Replace the keys on all further log lines of this thread."""
    logger.thread_safe_clear_keys()
    logger.thread_safe_append_keys(**{name: value for name, value in context.items() if value is not None})
