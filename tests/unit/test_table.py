"""What only a busy DynamoDB does: mixed reasons, lost answers, and how often an attempt is made again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice, pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.shared import dynamodb, table
from functions.shared.clock import iso
from functions.shared.dynamodb import Conflict, Throttled
from functions.shared.records import DUE_SHARDS, Due
from functions.shared.transaction import Transaction
from functions.subscribers.subscriber import Subscriber
from tests.support.builders import NOW, PARTNER, subscriber
from tests.unit.busy_table import (
    ATTEMPTS,
    BUSY,
    FAILED,
    Client,
    LosesAnswers,
    cancelled,
    cause,
    change,
    refused,
    tokens,
)

pytestmark = pytest.mark.usefixtures("pauses")
CEILINGS = [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 0.64, 0.64]
"""The longest pause after each attempt, in seconds."""


class TestPauses:
    """They are random, so that callers that met once do not meet again, and the longest ones grow."""

    def test_the_longest_pauses_double_up_to_the_sixth(self) -> None:
        assert [*islice(dynamodb.ceilings(), len(CEILINGS))] == pytest.approx(CEILINGS)

    def test_a_pause_is_anything_up_to_the_longest(self) -> None:
        drawn = [dynamodb.jittered(0.64) for _ in range(1_000)]
        assert 0 <= min(drawn) < 0.06
        assert 0.58 < max(drawn) <= 0.64


class TestWhyATransactionIsNotCarriedOut:
    """One failed condition decides at once; what is only busy is tried again; anything else is an error."""

    @pytest.mark.parametrize("busy", BUSY)
    def test_a_failed_condition_among_others_that_are_busy(
        self, use: Callable[[Client], Client], pauses: list[float], busy: str
    ) -> None:
        for reasons in ((FAILED, busy), (busy, FAILED), ("None", busy, FAILED, *BUSY)):
            client = use(Client(cancelled(*reasons), {}))
            with pytest.raises(Conflict):
                change().commit()
            assert len(client.asked) == 1, "it is not tried again"
        assert pauses == []

    @pytest.mark.parametrize(
        "error",
        [
            *(cancelled(busy, "None") for busy in BUSY),
            cancelled(*BUSY),
            *(refused(f"{code}Exception") for code in ("Throttling", "TransactionInProgress", "TransactionConflict")),
        ],
        ids=cause,
    )
    def test_what_is_busy_is_tried_again_as_the_same_change(
        self, use: Callable[[Client], Client], error: ClientError
    ) -> None:
        client = use(Client(error, error, {}))
        change().commit()
        assert len(client.asked) == 3
        assert client.asked == [client.asked[0]] * 3, "with its token"

    def test_an_item_without_a_reason_is_none(self, use: Callable[[Client], Client]) -> None:
        error = cancelled("TransactionConflict")
        error.response["CancellationReasons"].append({})
        client = use(Client(error, {}))
        change().commit()
        assert len(client.asked) == 2

    def test_what_stays_busy_is_given_up(self, use: Callable[[Client], Client], pauses: list[float]) -> None:
        client = use(Client(*[cancelled("TransactionConflict")] * ATTEMPTS))
        with pytest.raises(Throttled):
            change().commit()
        assert (len(client.asked), len(set(tokens(client))), len(pauses)) == (ATTEMPTS, 1, ATTEMPTS)
        assert all(0 <= pause <= ceiling for pause, ceiling in zip(pauses, CEILINGS, strict=False)), pauses

    @pytest.mark.parametrize(
        "error",
        [
            cancelled("ValidationError", "None"),
            cancelled("ItemCollectionSizeLimitExceeded"),
            cancelled("TransactionConflict", "ValidationError"),
            *(refused(f"{code}Exception") for code in ("Validation", "AccessDenied", "ResourceNotFound")),
            refused("IdempotentParameterMismatchException"),
        ],
        ids=cause,
    )
    def test_an_unknown_reason_is_raised(self, use: Callable[[Client], Client], error: ClientError) -> None:
        client = use(Client(error, {}))
        with pytest.raises(ClientError) as raised:
            change().commit()
        assert raised.value is error
        assert len(client.asked) == 1

    def test_two_changes_are_two(self, use: Callable[[Client], Client]) -> None:
        """Under one token DynamoDB would take the second for the first and do nothing."""
        client = use(Client({}, {}))
        change().commit()
        change().commit()
        assert len(set(tokens(client))) == 2


class TestLostAnswers:
    """A change that was committed is told as committed, however late the answer comes."""

    @pytest.mark.parametrize("lost", [1, ATTEMPTS - 1])
    def test_a_committed_change_does_not_look_refused(self, use: Callable[[Any], Any], kept: Any, lost: int) -> None:
        use(LosesAnswers(kept, lost))
        change().commit()
        made = table.read(Subscriber, PARTNER, "subr_1")
        assert made is not None
        assert made.version == 1
        update = Transaction()
        update.update(made)
        use(LosesAnswers(kept, lost))
        update.commit()
        with pytest.raises(Conflict):
            change().commit()


class TestPutOff:
    """What was found due is due later, unless somebody has moved or removed it since."""

    @pytest.mark.usefixtures("kept")
    def test_only_where_it_was_found(self) -> None:
        made = Transaction()
        made.create(subscriber(due_at=NOW))
        made.commit()
        (found,) = (due for shard in range(DUE_SHARDS) for due in table.due(NOW, shard))
        later = NOW + timedelta(minutes=1)
        table.put_off(found, later)
        assert self.due_at() == later
        table.put_off(found, later + timedelta(days=1))
        assert self.due_at() == later, "it was moved since"

    @pytest.mark.usefixtures("kept")
    def test_what_is_gone_does_not_come_back(self) -> None:
        table.put_off(Due(PARTNER, "subr_1", Subscriber.KIND, iso(NOW)), NOW + timedelta(minutes=1))
        assert table.read(Subscriber, PARTNER, "subr_1") is None

    def test_another_refusal_is_an_error(self, use: Callable[[Client], Client]) -> None:
        use(Client(refused("AccessDeniedException")))
        with pytest.raises(ClientError):
            table.put_off(Due(PARTNER, "subr_1", Subscriber.KIND, iso(NOW)), NOW)

    def due_at(self) -> datetime | None:
        read = table.read(Subscriber, PARTNER, "subr_1")
        assert read is not None
        return read.due_at


class TestAgainAfterAConflict:
    """An attempt that lost is made again until the caller can wait no longer; an attempt may take seconds."""

    @pytest.fixture
    def now(self, monkeypatch: pytest.MonkeyPatch) -> list[float]:
        """The seconds that have passed; each pause is as long as it may be."""
        now = [0.0]

        def sleep(seconds: float) -> None:
            now[0] += seconds

        monkeypatch.setattr(table, "time", SimpleNamespace(sleep=sleep, monotonic=lambda: now[0]))
        monkeypatch.setattr(dynamodb, "jittered", lambda ceiling: ceiling)
        return now

    def test_a_slow_attempt_is_made_again(self, now: list[float]) -> None:
        attempts: list[float] = []

        def attempt() -> str:
            attempts.append(now[0])
            now[0] += 3
            if len(attempts) == 1:
                raise Conflict
            return "done"

        assert table.retry_on_conflict(attempt) == "done"
        assert attempts[-1] <= table.PATIENCE_SECONDS

    @pytest.mark.parametrize(
        ("seconds", "pauses"),
        [
            (0, [0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 0.64]),
            (0.01, [0.04, 0.04, 0.08, 0.16, 0.32, 0.64, 0.64]),
            (0.5, [2, 2, 2]),
            (3, [5]),
        ],
    )
    def test_a_pause_is_up_to_four_times_as_long_as_the_attempt_that_lost(
        self, now: list[float], seconds: float, pauses: list[float]
    ) -> None:
        """Otherwise slow attempts would always overlap, and each commit would void all others."""
        now[0] = 1_000.0
        begun: list[float] = []

        def attempt() -> None:
            begun.append(now[0])
            now[0] += seconds
            if len(begun) <= len(pauses):
                raise Conflict

        table.retry_on_conflict(attempt)
        made = [later - earlier - seconds for earlier, later in pairwise(begun)]
        assert made == pytest.approx(pauses)

    @pytest.mark.parametrize("seconds", [0.001, 0.1, 1, 3, 7.9, 8, 20])
    def test_no_attempt_begins_when_the_time_is_up(self, now: list[float], seconds: float) -> None:
        attempts: list[float] = []

        def attempt() -> None:
            attempts.append(now[0])
            now[0] += seconds
            raise Conflict

        with pytest.raises(Throttled):
            table.retry_on_conflict(attempt)
        assert attempts[-1] <= table.PATIENCE_SECONDS
        assert (len(attempts) == 1) == (seconds >= table.PATIENCE_SECONDS)


def test_events_are_kept_for_90_days(use: Callable[[Client], Client]) -> None:
    client = use(Client({}))
    made = Transaction()
    made.publish(subscriber(), "subscriber.made", {}, "subs_1")
    made.commit()
    (write,) = client.asked[0]["TransactItems"]
    assert int(write["Put"]["Item"]["ttl"]["N"]) == int((made.at + timedelta(days=90)).timestamp())
