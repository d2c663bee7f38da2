"""Webhooks: the queue of what is to be sent, and its sender."""

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.access import Access, Permission
from infra.bus import DELIVERY_TRIES, SENDERS
from infra.events import Failures, encrypted_queue
from infra.monitoring import Monitoring

SENDER = "functions.webhooks.send"
SENDS_WITHIN = Duration.seconds(60)
"""More than a worker takes further messages, and then waits for the last endpoint."""
HIDDEN = Duration.seconds(360)
"""How long nobody else receives a message that a worker has: six times as long as that may run, as AWS advises."""
BATCH = 10


class Webhooks(Construct):
    """The queue; messages are about what lies in the table, and one that is lost is sent again by the clock."""

    def __init__(self, scope: Construct, *, monitoring: Monitoring) -> None:
        super().__init__(scope, "Webhooks")
        failures = Failures(self, "webhooks", monitoring=monitoring)
        given_up = sqs.DeadLetterQueue(queue=failures.queue, max_receive_count=DELIVERY_TRIES)
        self._queue = encrypted_queue(self, visibility_timeout=HIDDEN, dead_letter_queue=given_up)
        monitoring.watch("webhooks-late", self._queue.metric_approximate_age_of_oldest_message())
        arn, settings = (self._queue.queue_arn,), {"DELIVERIES_URL": self._queue.queue_url}
        take = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage")
        self.queueing = Access(settings, (Permission(("sqs:SendMessage",), arn),))
        """For functions by which something becomes due."""
        self.taking = Access(settings, (Permission(take, arn),))
        """For the sender, and for Lambda in its name."""

    def feed(self, sender: lambda_.IFunction) -> None:
        """Let the function carry out the messages; it reports those that failed."""
        source = SqsEventSource(self._queue, batch_size=BATCH, max_concurrency=SENDERS, report_batch_item_failures=True)
        sender.add_event_source(source)
