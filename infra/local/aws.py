"""AWS in this process: moto with its faults fixed, and the resources that the functions need."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.dynamodb.models import DynamoDBBackend, dynamodb_backends
from moto.dynamodb.models.table import StreamShard
from moto.kms import models as kms
from moto.sqs.models import Message, SQSBackend, sqs_backends
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from functions.routes import function_name
from infra.bus import DELIVERY_TRIES, Rule
from infra.local import environment
from infra.local.dynamodb import LOCK, sound_transactions
from infra.local.functions import EXECUTION_TASK, RULES, Functions
from infra.local.lambdas import invoked_in_process
from infra.local.messaging import sound_executions, sound_queues
from infra.local.once import once
from infra.local.patches import replaced
from infra.local.retries import sound_retries
from infra.local.secrets import Secrets
from infra.local.shortcuts import shortcuts
from infra.local.watching import Watcher
from infra.state_machines import lifecycle, undoing

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodbstreams import DynamoDBStreamsClient
    from mypy_boto3_kms import KMSClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

INFRA = Path(__file__).parent.parent
VISIBILITY_SECONDS = 60
MAX_RECEIVED = 10
SECRET_CODES_KEY_ID = "5ec2e7c0-de00-4000-8000-000000000000"  # noqa: S105 - its id
"""Always the same: what was encrypted with a key names it."""


class Aws:
    """Clients for the one region, created once: it is not safe to create them in several threads at a time."""

    def __init__(self) -> None:
        self.dynamodb: DynamoDBClient = boto3.client("dynamodb")
        self.streams: DynamoDBStreamsClient = boto3.client(
            "dynamodbstreams", endpoint_url=f"https://streams.dynamodb.{environment.REGION}.amazonaws.com"
        )
        self.sqs: SQSClient = boto3.client("sqs")
        self.stepfunctions: SFNClient = boto3.client("stepfunctions")
        self.events = boto3.client("events")
        self.secrets = boto3.client("secretsmanager")
        self.kms: KMSClient = boto3.client("kms")
        self.lambda_ = boto3.client("lambda")

    def create(self, secrets: Secrets) -> None:
        """Create everything that a stack would deploy."""
        for name, definition in ((environment.TABLE, "table.json"), (environment.CLIENTS, "clients.json")):
            self.dynamodb.create_table(TableName=name, **json.loads((INFRA / definition).read_text()))
        for name, secret in ((environment.CURSOR_SECRET, secrets.cursors), (environment.SEARCH_SECRET, secrets.search)):
            self.secrets.create_secret(Name=name, SecretString=secret)
        with (
            replaced(kms, "generate_key_id", lambda _original: lambda _multi_region: SECRET_CODES_KEY_ID),
            replaced(kms, "generate_master_key", lambda _original: lambda: bytes.fromhex(secrets.codes)),
        ):
            key_id = self.kms.create_key()["KeyMetadata"]["KeyId"]
        self.kms.create_alias(AliasName=environment.SEALING_KEY, TargetKeyId=key_id)
        for bus in (environment.BUS, environment.NETWORK_BUS):
            self.events.create_event_bus(Name=bus)
        for rule in RULES:
            self._connect(rule)
        self.sqs.create_queue(QueueName=environment.STREAM_FAILURES)
        self._create_deliveries()
        for name, machine in ((environment.STATE_MACHINE, lifecycle()), (environment.UNDO_STATE_MACHINE, undoing())):
            self.stepfunctions.create_state_machine(
                name=name, definition=_named(machine), roleArn=f"arn:aws:iam::{environment.ACCOUNT}:role/local"
            )

    def receive(self, queue: str) -> list[Message]:
        """Receive some messages, from moto's backend: this is done for each that is sent."""
        return self._queues().receive_message(queue, MAX_RECEIVED, 0, VISIBILITY_SECONDS)

    def delete_message(self, queue: str, message: Message) -> None:
        """Delete a message that was received."""
        self._queues().delete_message(queue, str(message.receipt_handle))

    def _queues(self) -> SQSBackend:
        return sqs_backends[environment.ACCOUNT][environment.REGION]

    def delete(self) -> None:
        """Delete everything, with its content."""
        with LOCK:
            BackendDict.reset()

    def store(self) -> DynamoDBBackend:
        """Return moto's DynamoDB backend."""
        return dynamodb_backends[environment.ACCOUNT][environment.REGION]

    def stream_shard(self) -> StreamShard:
        """The one shard of the table's stream."""
        shard = self.store().get_table(environment.TABLE).stream_shard
        if shard is None:
            raise LookupError("the table has no stream")
        return shard

    def queue_url(self, rule: Rule) -> str:
        """Return the URL of the queue between a rule and its function: moto's rules cannot call functions."""
        return self.sqs.get_queue_url(QueueName=rule.name)["QueueUrl"]

    def failures_url(self, rule: Rule) -> str:
        """Return the URL of the queue for events on which the rule's function still failed after its retries."""
        return self.sqs.get_queue_url(QueueName=_failures(rule))["QueueUrl"]

    def send_again(self, queue: str, body: str, attributes: Any) -> None:
        """Put a message of an earlier start into its queue."""
        url = self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
        self.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)

    def waiting_deliveries(self) -> int:
        """How many messages can be received from the queue of webhooks, out of moto, as it is asked often."""
        return len(self._queues().queues[environment.DELIVERIES].messages)

    def running_executions(self) -> list[str]:
        """Return the ARNs of the running executions, from moto's backend: its API sorts and writes all executions."""
        machines = stepfunctions_parser_backends[environment.ACCOUNT][environment.REGION].state_machines
        executions: list[Any] = [execution for machine in machines for execution in list(machine.executions)]
        # One that is only just being started has no status yet.
        return [each.execution_arn for each in executions if each.exec_status is None or each.status == "RUNNING"]

    def _create_deliveries(self) -> None:
        self.sqs.create_queue(QueueName=environment.DELIVERIES_FAILURES)
        target = f"arn:aws:sqs:{environment.REGION}:{environment.ACCOUNT}:{environment.DELIVERIES_FAILURES}"
        redrive = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": DELIVERY_TRIES})
        attributes: Any = {"VisibilityTimeout": str(VISIBILITY_SECONDS), "RedrivePolicy": redrive}
        self.sqs.create_queue(QueueName=environment.DELIVERIES, Attributes=attributes)

    def _connect(self, rule: Rule) -> None:
        self.sqs.create_queue(QueueName=rule.name, Attributes={"VisibilityTimeout": str(VISIBILITY_SECONDS)})
        self.sqs.create_queue(QueueName=_failures(rule))
        pattern = {"source": [rule.source], "detail-type": list(rule.detail_types)}
        bus = environment.NETWORK_BUS
        self.events.put_rule(Name=rule.name, EventBusName=bus, EventPattern=json.dumps(pattern))
        target: Any = {
            "Id": rule.module.replace(".", "-"),
            "Arn": f"arn:aws:sqs:{environment.REGION}:{environment.ACCOUNT}:{rule.name}",
        }
        self.events.put_targets(Rule=rule.name, EventBusName=bus, Targets=[target])


def _failures(rule: Rule) -> str:
    return f"{rule.name}-failures"


@contextmanager
def mocked(functions: Functions, watcher: Watcher) -> Iterator[None]:
    """Send every AWS call of this process to moto, and moto's calls of functions to ours."""
    config: Any = {"stepfunctions": {"execute_state_machine": True}, "lambda": {"use_docker": False}}
    with (
        mock_aws(config=config),
        sound_transactions(watcher.committed),
        sound_queues(watcher),
        sound_executions(functions.work.begin),
        sound_retries(),
        once(),
        shortcuts(),
        invoked_in_process(functions),
    ):
        yield


def _named(machine: Mapping[str, Any]) -> str:
    """Return a state machine's definition with its substitutions; ``$.`` and ``$$.`` are part of its own syntax."""
    definition = json.dumps(machine)
    names = {
        "TaskFunctionArn": environment.function_arn(function_name(EXECUTION_TASK)),
        "NetworkBusName": environment.NETWORK_BUS,
    }
    for name, value in names.items():
        definition = definition.replace(f"${{{name}}}", value)
    return definition
