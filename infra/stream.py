"""The table's stream: its function, its filter, and where failed changes go."""

import json

from aws_cdk import Duration
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from constructs import Construct

from functions.events.stream_filter import WANTED
from infra.access import Access, Permission
from infra.events import Failures
from infra.findings import accept
from infra.monitoring import Monitoring, metric
from infra.sharing import share
from infra.stage import Stage
from infra.table import OrderTable

MAX_RECORD_AGE = Duration.hours(20)
"""Before the stream itself forgets a record (24 h), so that none is lost without a trace."""
LANES = 10
"""Concurrent batches per shard; records of the same item keep their order."""


def failed_changes(scope: Construct, stage: Stage) -> str:
    """Return the name of the bucket for changes that Lambda gave up on."""
    bucket = s3.Bucket(
        Construct(scope, "Stream"),
        "Failures",
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        encryption=s3.BucketEncryption.S3_MANAGED,
        enforce_ssl=True,
        lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
        removal_policy=stage.removal_policy,
    )
    accept(bucket, "S1", "Only Lambda writes here, and only what it gave up on.")
    return share(scope, "FailedChanges", bucket.bucket_name)


class Stream(Construct):
    """The table's stream: which records the function receives, and what happens to those that fail."""

    def __init__(self, scope: Construct, *, failed_changes: str, monitoring: Monitoring) -> None:
        super().__init__(scope, "Stream")
        self._monitoring = monitoring
        self._failures = s3.Bucket.from_bucket_name(self, "Failures", failed_changes)
        bucket = self._failures.bucket_arn
        listing = Permission(("s3:ListBucket",), (bucket,))
        writing = Permission(("s3:PutObject",), (f"{bucket}/*",), "Lambda names the objects.")
        self.failing = Access(permissions=(listing, writing))
        """What Lambda's stream mapping does in the function's name when it gives up."""
        set_aside = Failures(self, "stream", monitoring=monitoring)
        self.setting_aside = Access({"STREAM_FAILURES_URL": set_aside.queue.queue_url}, set_aside.sending.permissions)
        """What the function does with single records that hold up the others."""

    def feed(self, function: lambda_.Alias, table: OrderTable) -> None:
        """Let the function receive the filtered records, in order for each item, until it has handled them.

        The number of retries is not limited: during an outage, everything waits.
        """
        source = sources.DynamoEventSource(
            dynamodb.Table.from_table_attributes(self, "Table", table_arn=table.arn, table_stream_arn=table.stream_arn),
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=100,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            parallelization_factor=LANES,
            max_record_age=MAX_RECORD_AGE,
            filters=[{"pattern": json.dumps(pattern)} for pattern in WANTED],
            on_failure=sources.S3OnFailureDestination(self._failures),
            metrics_config=lambda_.MetricsConfig(metrics=[lambda_.MetricType.EVENT_COUNT]),
        )
        function.add_event_source(source)
        self._watch(function, source.event_source_mapping_id)

    def _watch(self, function: lambda_.Alias, mapping: str) -> None:
        age = metric("Lambda", "IteratorAge", FunctionName=function.lambda_.function_name)
        self._monitoring.watch("stream-late", age)
        for lost in ("DroppedEventCount", "OnFailureDestinationDeliveredEventCount"):
            self._monitoring.watch("events-dropped", metric("Lambda", lost, EventSourceMappingUUID=mapping))
