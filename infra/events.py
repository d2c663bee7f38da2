"""Asynchronous work: the clock, and the queues for failed events."""

from typing import Any

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.access import Access, Permission
from infra.findings import accept
from infra.monitoring import Monitoring, metric
from infra.names import failures_output

MAX_RETRY_AGE = Duration.hours(1)
FAILURES_KEPT = Duration.days(14)


def encrypted_queue(scope: Construct, **settings: Any) -> sqs.Queue:
    """Return a queue with these settings, which nobody can read on the way or where it lies."""
    return sqs.Queue(scope, "Queue", encryption=sqs.QueueEncryption.SQS_MANAGED, enforce_ssl=True, **settings)


class Failures(Construct):
    """The queue for the failed events of one asynchronous function."""

    def __init__(self, scope: Construct, name: str, *, monitoring: Monitoring) -> None:
        super().__init__(scope, f"{name}-failures")
        self.queue = encrypted_queue(self, retention_period=FAILURES_KEPT)
        CfnOutput(Stack.of(self), failures_output(name), value=self.queue.queue_url)
        accept(self.queue, "SQS3", "It is itself where failures end; the command redrive empties it.")
        self.sending = Access(permissions=(Permission(("sqs:SendMessage",), (self.queue.queue_arn,)),))
        """For the function itself: Lambda sends in its name."""
        self._monitoring = monitoring
        monitoring.watch("failures-waiting", self.queue.metric_approximate_number_of_messages_visible(label=name))

    def catch(self, function: lambda_.Alias, *, retries: int) -> None:
        """Receive the events on which the function still fails after the retries."""
        destination = destinations.SqsDestination(self.queue)
        function.configure_async_invoke(on_failure=destination, retry_attempts=retries, max_event_age=MAX_RETRY_AGE)
        lost = metric("Lambda", "DestinationDeliveryFailures", FunctionName=function.lambda_.function_name)
        self._monitoring.watch("events-dropped", lost)

    def watch(self, rule: events.IRule, bus: events.IEventBus | None = None) -> None:
        """Notice what the rule can neither deliver nor put here, and that it may not deliver so much."""
        of = {"RuleName": rule.rule_name} | ({"EventBusName": bus.event_bus_name} if bus else {})
        self._monitoring.watch("events-dropped", metric("Events", "InvocationsFailedToBeSentToDlq", **of))
        self._monitoring.watch("bus-throttled", metric("Events", "ThrottledRules", **of))


class Clock(Construct):
    """Invokes the clock every minute. If it fails, the next minute does the rest."""

    def __init__(self, scope: Construct, *, function: lambda_.Alias, failures: Failures) -> None:
        super().__init__(scope, "Clock")
        failures.catch(function, retries=0)
        minute = events.Schedule.rate(Duration.minutes(1))
        target = targets.LambdaFunction(
            function,
            event=events.RuleTargetInput.from_object({"heartbeat": True}),
            dead_letter_queue=failures.queue,
            retry_attempts=0,
            max_event_age=Duration.minutes(1),
        )
        failures.watch(events.Rule(self, "Minute", schedule=minute, targets=[target]))
