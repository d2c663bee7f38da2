"""What AWS does by itself: the stream and the queues call their functions, the schedule its clock."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.sqs.models import Message

from infra.local import activity, environment
from infra.local.attempts import Tasks
from infra.local.aws import Aws
from infra.local.dynamodb import Records
from infra.local.functions import RULES, Functions
from infra.local.keeping import Keeper
from infra.local.pumps import ClockPump, Pump
from infra.local.queues import QueuePump
from infra.local.sender import SenderPump
from infra.local.stream import Stream, as_lambda_gets_it
from infra.local.stream_filter import wanted


class Traffic:
    """Hears of every change of the table and of every message, hands them over, and has both kept until they are."""

    def __init__(self, functions: Functions, keeper: Keeper, senders: int) -> None:
        self._functions = functions
        self._keeper = keeper
        self._senders = senders
        self._stream = Stream(functions)
        self._queues: Mapping[str, Pump] = {}
        self._pumps: list[Pump] = []
        self._ends: dict[str, Callable[[], None]] = {}
        """What to call when a message is deleted, by its id."""
        self._sent = 0
        self.tasks = Tasks()

    def prepare(self, aws: Aws) -> None:
        """Let what happens from now on wait for its function."""
        self._functions.work.restart()
        self._ends = {}
        self.tasks = Tasks()
        self._stream = Stream(self._functions)
        self._sender = SenderPump(aws, self._functions, self.tasks, self._senders)
        queues: list[Pump] = [*(QueuePump(aws, self._functions, rule) for rule in RULES), self._sender]
        self._queues = {pump.name: pump for pump in queues}
        self._pumps = [*self._stream.lanes, *queues, ClockPump(aws.store(), self._functions)]

    def start(self) -> None:
        """Call the functions."""
        for pump in self._pumps:
            pump.start()

    def stop(self) -> None:
        """Call none any more."""
        for pump in reversed(self._pumps):
            pump.stop()

    def await_rest(self, seconds: float) -> None:
        """Wait until nothing moves any more, or until it is given up. Raise ``TimeoutError`` if this takes longer."""
        self._functions.work.await_rest(seconds, self._sender_rests)

    def _sender_rests(self) -> bool:
        """Return whether the sender is idle and, while it was looked at, has sent itself nothing."""
        sent = self._sent
        return self._sender.idle() and self._sent == sent

    def committed(self, records: Records) -> None:
        """Keep what a transaction has changed, and hand over what the stream's function must be given."""
        given = [as_lambda_gets_it(record) for record in records if wanted(record)]
        self._keeper.committed(records, given)
        for record in given:
            activity.log_event(record)
            self.hand_over(record)

    def hand_over(self, record: Any) -> None:
        """Hand a record to the stream's function."""
        end = self._functions.work.begin("stream")

        def taken() -> None:
            self._keeper.taken(record)
            end()

        self._stream.hand_over(record, taken)

    def sent(self, queue: str, message: Message) -> None:
        """Keep a message, and let the function of its queue handle it."""
        self._keeper.sent(queue, message)
        self._sent += 1
        pump = self._queues.get(queue)
        if isinstance(pump, QueuePump):
            self._ends[message.id] = self._functions.work.begin(queue)
        if pump:
            pump.wake()

    def received(self, queue: str, count: int) -> None:
        """Count the webhooks' messages that the sender works on."""
        if queue == environment.DELIVERIES:
            self.tasks.add(count)

    def deleted(self, message: Message) -> None:
        """Keep a message no longer."""
        self._keeper.deleted(message)
        if end := self._ends.pop(message.id, None):
            end()
