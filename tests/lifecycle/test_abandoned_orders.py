"""What the clock makes of an order in fulfilment whose execution does not run (docs/runbook.md)."""

from datetime import timedelta
from typing import Any

import pytest

from functions.orders import executions
from functions.sim_profiles.sim_profile import SimProfile
from tests.support import bodies
from tests.support.builders import PARTNER
from tests.support.timeline import Timeline

MINUTE = timedelta(minutes=1)


@pytest.fixture
def order(line: Timeline) -> str:
    """A top-up that the network has been asked to fulfil."""
    subscription_id = line.subscribe()
    line.network = "busy"
    return line.place(bodies.topup(subscription_id, "extra"))


def end(line: Timeline, name: str, status: str) -> None:
    line.world.executions.by_name[name].state = status


def look(line: Timeline) -> None:
    """The clock, when it looks after orders in fulfilment again; what it begins goes on."""
    line.skip_to(line.world.now + 5 * MINUTE)
    line.world.run_clock()
    line.rest()


def names(line: Timeline, order: str) -> list[str]:
    return [name for name in line.world.executions.by_name if name.startswith(order)]


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
def test_an_execution_without_a_result_is_undone(line: Timeline, order: str, status: str) -> None:
    """Also one that ended in ``States.Runtime`` or ``States.DataLimitExceeded``, which nothing catches."""
    end(line, order, status)
    look(line)
    assert line.order(order).status == "failed"
    assert names(line, order) == [order, f"{order}.undo"]
    failure = line.order(order).failure
    assert failure is not None
    assert (failure.code, failure.step, failure.retriable) == ("internal_error", "provision", True)
    assert [asked["order_id"] for asked in line.world.deprovisionings] == [order]


def test_an_execution_that_runs_is_left_alone(line: Timeline, order: str) -> None:
    for _ in range(3):
        look(line)
    assert names(line, order) == [order]
    assert line.order(order).status == "fulfilling"


def test_its_delay_is_told_once_with_its_subscription(line: Timeline, order: str) -> None:
    for _ in range(3):
        look(line)
    (delay,) = (event for event in line.events_of(order) if event.type == "order.delayed")
    subscription = delay.data["order"]["_embedded"]["subscription"]
    assert subscription["id"] == delay.subscription_id == line.order(order).subscription_id
    assert delay.id in line.order(order).event_ids


def test_an_order_without_an_execution_gets_it(line: Timeline, order: str) -> None:
    del line.world.executions.by_name[order]
    line.network = "accepts"
    look(line)
    assert line.order(order).status == "completed"
    assert line.world.executions.described == []


def test_an_undo_that_has_ended_gets_another_name(line: Timeline, order: str) -> None:
    """And one that runs does not."""
    end(line, order, "FAILED")
    line.halted = True
    look(line)
    look(line)
    assert names(line, order) == [order, f"{order}.undo"]
    end(line, f"{order}.undo", "FAILED")
    version = line.order(order).version
    look(line)
    assert names(line, order) == [order, f"{order}.undo", f"{order}.undo.{version}"]
    line.halted = False
    line.rest()
    assert line.order(order).status == "failed"


def test_an_undo_that_older_code_began_goes_on_alone(line: Timeline, order: str) -> None:
    """Step Functions takes other content under a name that runs for another execution, and refuses it."""
    end(line, order, "FAILED")
    line.halted = True
    look(line)
    line.world.executions.by_name[f"{order}.undo"].content = "{}"
    look(line)
    assert names(line, order) == [order, f"{order}.undo"]


def test_an_order_that_was_never_prepared_asks_nothing_of_the_network(line: Timeline) -> None:
    line.halted = True
    order = line.place(line.activation())
    end(line, order, "ABORTED")
    line.halted = False
    look(line)
    assert line.order(order).status == "failed"
    assert line.world.deprovisionings == []
    assert {item["status"] for item in line.world.of_kind(SimProfile.KIND)} == {"in_stock"}


class TestRestored:
    """The table is older than the execution: a backup was restored."""

    def test_what_the_network_has_done_is_never_undone(self, line: Timeline, order: str) -> None:
        end(line, order, "SUCCEEDED")
        before = line.order(order)
        for _ in range(3):
            with pytest.raises(RuntimeError, match="1 due records could not be handled"):
                look(line)
        assert names(line, order) == [order]
        assert line.order(order).status == before.status == "fulfilling"
        assert line.world.deprovisionings == []

    def test_it_is_put_off_and_holds_nothing_up(self, line: Timeline, order: str) -> None:
        end(line, order, "SUCCEEDED")
        with pytest.raises(RuntimeError):
            look(line)
        due_at = line.order(order).due_at
        assert due_at is not None
        assert line.world.now < due_at <= line.world.now + 5 * MINUTE
        line.skip_to(line.world.now + MINUTE)
        line.world.run_clock()

    def test_an_order_that_was_undone_in_what_is_now_the_future_is_undone(self, line: Timeline, order: str) -> None:
        """Its execution failed; that of undo succeeded, but the table does not know."""
        end(line, order, "FAILED")
        line.halted = True
        look(line)
        end(line, f"{order}.undo", "SUCCEEDED")
        line.halted = False
        look(line)
        assert line.order(order).status == "failed"

    def test_an_order_that_completes_meanwhile_is_in_order(
        self, line: Timeline, order: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The clock reads it, it completes, and then the clock hears that its execution has succeeded."""
        real: Any = executions.status_of

        def status_of(order_id: str) -> str:
            line.network = "accepts"
            line.rest()
            return str(real(order_id))

        monkeypatch.setattr(executions, "status_of", status_of)
        monkeypatch.setattr(executions, "start", lambda _partner, _order_id: False)
        look(line)
        assert line.order(order).status == "completed"
        assert names(line, order) == [order]


def test_a_record_that_fails_is_due_again_in_a_minute(line: Timeline, order: str) -> None:
    """One that is not readable, say; what else is due is done."""
    item = {"pk": f"{PARTNER}#ord_spoilt", "sk": "order", "kind": "order", "due_shard": "due#0"}
    at = "2020-01-01T00:00:00.000Z"
    stored: Any = {name: {"S": value} for name, value in {**item, "due_at": at}.items()}
    line.world.store.transact_write_items(TransactItems=[{"Put": {"TableName": "orders-of-the-model", "Item": stored}}])
    line.world.look()
    end(line, order, "FAILED")
    line.skip_to(line.world.now + 5 * MINUTE)
    with pytest.raises(RuntimeError, match="1 due records"):
        line.world.run_clock()
    line.world.look()
    line.rest()
    assert line.order(order).status == "failed"
    spoilt = line.world.items[f"{PARTNER}#ord_spoilt", "order"]
    assert at < str(spoilt["due_at"]) <= (line.world.now + MINUTE).isoformat()
    line.world.run_clock()
