"""How every client of AWS behaves."""

from botocore.config import Config

CLIENT = Config(
    connect_timeout=1,
    read_timeout=3,
    retries={"mode": "standard", "max_attempts": 3},
    max_pool_connections=50,
)
"""A call that hangs must leave its function time to try again."""
