"""What a table that was restored from a backup lacks: it has its items and indexes, but hardly any setting."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3

from functions.shared.table_name import table_name
from infra.names import keeps_data
from infra.operator import deployed
from infra.operator.given_up import CHANGES

DEFINITION: dict[str, Any] = json.loads((Path(__file__).parents[1] / "table.json").read_text())
EXPIRES_BY = "ttl"


def faults(stage: str | None) -> Iterator[str]:
    """Yield what is wrong with the settings of the table, and with what is to follow it."""
    client = boto3.client("dynamodb")
    found: Any = client.describe_table(TableName=table_name())["Table"]
    if found.get("StreamSpecification") != DEFINITION["StreamSpecification"]:
        yield "the stream is off, or lacks the images"
    if _indexes(found) != _indexes(DEFINITION):
        yield "the indexes are others"
    expiry = client.describe_time_to_live(TableName=table_name())["TimeToLiveDescription"]
    if (expiry.get("TimeToLiveStatus"), expiry.get("AttributeName")) != ("ENABLED", EXPIRES_BY):
        yield f"items do not expire by {EXPIRES_BY!r}"
    backups: Any = client.describe_continuous_backups(TableName=table_name())["ContinuousBackupsDescription"]
    if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
        yield "point-in-time recovery is off"
    if stage and keeps_data(stage) and not found.get("DeletionProtectionEnabled"):
        yield "deletion protection is off"
    if stage and found.get("LatestStreamArn") not in _followed(stage):
        yield f"{deployed.function(stage, CHANGES)} does not follow the stream"


def _indexes(table: Any) -> dict[str, Any]:
    return {index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in table["GlobalSecondaryIndexes"]}


def _followed(stage: str) -> set[str]:
    """Return the streams that the function is fed from."""
    mappings: Any = boto3.client("lambda")
    listed = mappings.list_event_source_mappings(FunctionName=deployed.function(stage, CHANGES))["EventSourceMappings"]
    return {each["EventSourceArn"] for each in listed if each["State"] == "Enabled"}
