"""``python -m infra.removal dev``: what ``make destroy`` does before it removes the stacks of a stage.

It asks, and empties a bucket: CloudFormation stops at one that holds something. That of a stage that keeps its data
stays anyway.
"""

import os
import sys

import boto3
from botocore.exceptions import ClientError

from infra.names import keeps_data, stack_name
from infra.operator.deployed import outputs
from infra.operator.redrive import BUCKET_OUTPUT


def main(stage: str) -> int:
    """Prepare the removal of a stage, and return the exit code: 1 if it is not to be removed."""
    if not _confirmed(stage):
        print("Nothing is removed.")
        return 1
    if not keeps_data(stage) and (bucket := _bucket(stage)):
        empty(bucket)
    return 0


def _confirmed(stage: str) -> bool:
    """Return whether somebody has named the stage, in ``CONFIRM`` or now."""
    return stage == (os.environ.get("CONFIRM") or input(f"To remove everything of the stage {stage}, type its name: "))


def _bucket(stage: str) -> str | None:
    """Return the name of the bucket of changes that were given up on; ``None`` if the stage is not there."""
    try:
        return outputs(stack_name(stage)).get(BUCKET_OUTPUT)
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise


def empty(bucket: str) -> None:
    """Delete everything in a bucket without versions."""
    storage = boto3.client("s3")
    for page in storage.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        if keys := [{"Key": found["Key"]} for found in page.get("Contents", ())]:
            storage.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
