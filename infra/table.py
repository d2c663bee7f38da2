"""The one table, as infra/table.json defines it for AWS and for the system on one machine."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.access import Access, Permission
from infra.monitoring import metric
from infra.sharing import share, shared
from infra.stage import Stage

DEFINITION: dict[str, Any] = json.loads(Path(__file__).with_name("table.json").read_text())
RECORDS = ("dynamodb:BatchGetItem", "dynamodb:GetItem")
TRANSACTION = ("dynamodb:DeleteItem", "dynamodb:PutItem")
LISTS = ("gsi1", "gsi2", "gsi3")


class OrderTable(Construct):
    """The table and the ways to use it."""

    def __init__(self, scope: Construct, *, stage: Stage) -> None:
        super().__init__(scope, "Table")
        if stage.restoring != "removed":
            table = _indexed_table(self, stage)
        if stage.restoring is None:
            share(self, "TableArn", table.table_arn)
            share(self, "TableStreamArn", str(table.table_stream_arn))
            share(self, "TableName", table.table_name)
        self.arn = arn = shared(self, "TableArn")
        self.stream_arn = shared(self, "TableStreamArn")
        self.known = Access({"TABLE_NAME": shared(self, "TableName")})
        """For code that only imports the table's module."""
        self.getting = self._access(("dynamodb:GetItem",), arn)
        self.writing = self._access(RECORDS + TRANSACTION, arn)
        self.listing = self._access(("dynamodb:Query",), arn, *(f"{arn}/index/{index}" for index in LISTS))
        self.reading = self._access(RECORDS, arn)
        self.stock = self._access(("dynamodb:Query",), arn)
        self.counting = self._access(("dynamodb:Query",), arn)
        self.due = self._access(("dynamodb:Query",), f"{arn}/index/due")
        self.putting_off = self._access(("dynamodb:UpdateItem",), arn)
        self.following = self._following()

    def throttled(self) -> Iterator[cloudwatch.Metric]:
        """Yield what DynamoDB counts of throttled reads and writes, of the table and of each index."""
        names = [{"GlobalSecondaryIndexName": index["IndexName"]} for index in DEFINITION["GlobalSecondaryIndexes"]]
        for index in ({}, *names):
            yield from throttled(self.known.settings["TABLE_NAME"], **index)

    def _access(self, actions: tuple[str, ...], *resources: str) -> Access:
        return Access(self.known.settings, (Permission(actions, resources),))

    def _following(self) -> Access:
        """Return the permissions that Lambda's stream mapping needs."""
        shards = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
        listing = Permission(("dynamodb:ListStreams",), (f"{self.arn}/stream/*",), "This table's streams.")
        return Access(permissions=(Permission(shards, (self.stream_arn,)), listing))


def _indexed_table(scope: Construct, stage: Stage) -> dynamodb.Table:
    table = kept_table(scope, "Orders", DEFINITION, stage, ttl="ttl")
    for index in DEFINITION["GlobalSecondaryIndexes"]:
        partition, sort = _keys(index["KeySchema"])
        table.add_global_secondary_index(
            index_name=index["IndexName"],
            partition_key=partition,
            sort_key=sort,
            projection_type=dynamodb.ProjectionType(index["Projection"]["ProjectionType"]),
        )
    return table


def throttled(table: str, **index: str) -> Iterator[cloudwatch.Metric]:
    """Yield what DynamoDB counts of a table, or of an index of it."""
    for name in ("ReadThrottleEvents", "WriteThrottleEvents"):
        yield metric("DynamoDB", name, TableName=table, **index)


def kept_table(
    scope: Construct, name: str, definition: Mapping[str, Any], stage: Stage, ttl: str | None = None
) -> dynamodb.Table:
    """Return a table as its definition says, without its indexes."""
    partition, sort = _keys(definition["KeySchema"])
    stream = definition.get("StreamSpecification")
    return dynamodb.Table(
        scope,
        name,
        partition_key=partition,
        sort_key=sort,
        billing_mode=dynamodb.BillingMode(definition["BillingMode"]),
        stream=dynamodb.StreamViewType(stream["StreamViewType"]) if stream else None,
        time_to_live_attribute=ttl,
        point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
            point_in_time_recovery_enabled=True
        ),
        # For what is personal or secret: CloudTrail logs every use of this key, unlike that of a key owned by AWS.
        encryption=dynamodb.TableEncryption.AWS_MANAGED,
        deletion_protection=stage.keep_data,
        removal_policy=stage.removal_policy,
    )


def _keys(schema: list[dict[str, str]]) -> tuple[dynamodb.Attribute, dynamodb.Attribute]:
    names = {each["KeyType"]: each["AttributeName"] for each in schema}
    return _attribute(names["HASH"]), _attribute(names["RANGE"])


def _attribute(name: str) -> dynamodb.Attribute:
    types = {each["AttributeName"]: each["AttributeType"] for each in DEFINITION["AttributeDefinitions"]}
    return dynamodb.Attribute(name=name, type=_TYPES[types[name]])


_TYPES = {"S": dynamodb.AttributeType.STRING, "N": dynamodb.AttributeType.NUMBER, "B": dynamodb.AttributeType.BINARY}
