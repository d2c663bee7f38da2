"""The configuration of clients that make what has no token to tell a repeated call from a second one."""

from botocore.config import Config

SENT_ONCE = Config(retries={"total_max_attempts": 1})
"""A lost answer must not make a second client or key: the command fails, and the next one finds the first."""
