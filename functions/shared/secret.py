"""Secrets from Secrets Manager, fetched once per process."""

from functools import cache

from functions.shared import aws


@cache
def secret(arn: str) -> bytes:
    """Return the value of the secret."""
    text: str = aws.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
    return text.encode()
