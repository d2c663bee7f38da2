"""Secrets from Secrets Manager, fetched once per process."""

from functools import cache

import boto3

from functions.shared import aws


@cache
def secret(arn: str) -> bytes:
    """Return the value of the secret."""
    client = boto3.client("secretsmanager", config=aws.CLIENT)
    return client.get_secret_value(SecretId=arn)["SecretString"].encode()
