"""What happens without a request: the table's stream, the event bus, the clock; and where it goes when it fails."""

import json
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_event_sources as sources
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.access import Access, Permission
from infra.bus import Rule
from infra.findings import accept
from infra.monitoring import Monitoring
from infra.stage import Stage

RETRIES = 8
LATEST_DELIVERY = Duration.hours(6)
FAILURES_KEPT = Duration.days(14)
LATEST_RECORD = Duration.hours(20)
"""Before the stream itself forgets a record (24 h), so that none is lost without a trace."""
STUCK = Duration.minutes(5)


class Bus(Construct):
    """The event bus; partners' events and the mobile network's questions and answers travel on it."""

    def __init__(self, scope: Construct, *, stage: Stage, monitoring: Monitoring) -> None:
        super().__init__(scope, "Bus")
        self._monitoring = monitoring
        self.bus = events.EventBus(self, "Bus", event_bus_name=stage.named("events"))
        sending = (Permission(("events:PutEvents",), (self.bus.event_bus_arn,)),)
        self.sending = Access({"BUS_NAME": self.bus.event_bus_name}, sending)

    def route(self, rule: Rule, function: lambda_.IFunction, failures: sqs.IQueue) -> None:
        """Let the rule's events invoke the function."""
        events.Rule(
            self,
            rule.name,
            event_bus=self.bus,
            event_pattern=events.EventPattern(source=[rule.source], detail_type=list(rule.detail_types)),
            targets=[
                targets.LambdaFunction(
                    function, dead_letter_queue=failures, retry_attempts=RETRIES, max_event_age=LATEST_DELIVERY
                )
            ],
        )


class Failures(Construct):
    """The queue for the events that one asynchronous function gave up on."""

    def __init__(self, scope: Construct, name: str, *, monitoring: Monitoring) -> None:
        super().__init__(scope, f"{name}-failures")
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=FAILURES_KEPT,
        )
        accept(self.queue, "SQS3", "It is itself where failures end; people empty it.")
        waiting = self.queue.metric_approximate_number_of_messages_visible(period=Duration.minutes(1))
        monitoring.alarm(self, waiting, f"{name} gave up on an event.")


class Clock(Construct):
    """Every minute: what is due. A minute that fails is made up by the next."""

    def __init__(self, scope: Construct, *, function: lambda_.IFunction, failures: sqs.IQueue) -> None:
        super().__init__(scope, "Clock")
        minute = events.Schedule.rate(Duration.minutes(1))
        target = targets.LambdaFunction(
            function, dead_letter_queue=failures, retry_attempts=0, max_event_age=Duration.minutes(1)
        )
        events.Rule(self, "Minute", schedule=minute, targets=[target])


class Stream(Construct):
    """The table's stream: what of it goes to the function, and what becomes of records that it cannot take."""

    def __init__(self, scope: Construct, *, stage: Stage, monitoring: Monitoring) -> None:
        super().__init__(scope, "Stream")
        self._monitoring = monitoring
        self._failures = s3.Bucket(
            self,
            "Failures",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
            removal_policy=stage.removal_policy,
        )
        accept(self._failures, "S1", "Only Lambda writes here, and only what it gave up on.")
        bucket = self._failures.bucket_arn
        listing = Permission(("s3:ListBucket",), (bucket,))
        writing = Permission(("s3:PutObject",), (f"{bucket}/*",), "Lambda names the objects.")
        self.failing = Access(permissions=(listing, writing))
        """What Lambda's stream mapping does in the function's name when it gives up."""

    def feed(self, function: lambda_.Function, table: dynamodb.ITable) -> None:
        """Let the function have what :func:`wanted_records` names, in order, until it has it."""
        source = sources.DynamoEventSource(
            table,
            starting_position=lambda_.StartingPosition.TRIM_HORIZON,
            batch_size=100,
            bisect_batch_on_error=True,
            report_batch_item_failures=True,
            retry_attempts=10,
            max_record_age=LATEST_RECORD,
            filters=[{"pattern": json.dumps(pattern)} for pattern in wanted_records()],
            on_failure=sources.S3OnFailureDestination(self._failures),
            metrics_config=lambda_.MetricsConfig(metrics=[lambda_.MetricType.EVENT_COUNT]),
        )
        function.add_event_source(source)
        age = function.metric("IteratorAge", statistic="Maximum", period=Duration.minutes(1))
        lost = _given_up(source.event_source_mapping_id)
        self._monitoring.alarm(
            self, age, "The stream's changes wait for minutes.", name="Late", threshold=int(STUCK.to_milliseconds())
        )
        self._monitoring.alarm(self, lost, "The stream gave up on changes: they lie in the bucket.", name="Lost")


def _given_up(mapping: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace="AWS/Lambda",
        metric_name="OnFailureDestinationDeliveredEventCount",
        dimensions_map={"EventSourceMappingUUID": mapping},
        statistic="Sum",
        period=Duration.minutes(1),
    )


def wanted_records() -> list[dict[str, Any]]:
    """Filters of the stream: events, orders just accepted, and orders that begin to be fulfilled.

    Everything else stays out, what TTL deletes among it.
    """
    accepted = {"kind": {"S": ["order"]}, "status": {"S": ["accepted"]}}
    fulfilling = {"kind": {"S": ["order"]}, "status": {"S": ["fulfilling"]}}
    return [
        {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["event"]}}}},
        {"eventName": ["INSERT"], "dynamodb": {"NewImage": accepted}},
        {"eventName": ["MODIFY"], "dynamodb": {"NewImage": fulfilling}},
    ]
