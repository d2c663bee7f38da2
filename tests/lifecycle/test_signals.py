"""What wakes somebody, and what does not yet: test_every_alarm.py has the cause of every alarm."""

from datetime import timedelta

import pytest

from functions.events import clock as clock_function
from functions.orders import execution_task
from functions.shared import clock, metrics
from infra.signals import FAULTS
from tests.lifecycle.alarm_causes import break_step, run_step
from tests.support.builders import PARTNER
from tests.support.log import Log
from tests.support.signals import BY_NAME, ringing, rings, worked_out
from tests.support.timeline import ESIMS, Timeline

MINUTE = timedelta(minutes=1)


def test_an_order_is_counted_at_each_turn(line: Timeline, log: Log) -> None:
    order = line.place(line.activation())
    for metric in (metrics.ORDERS_ACCEPTED, metrics.ORDERS_COMPLETED):
        assert log.measured(metric, order_id=order, partner=PARTNER) == [1]
    assert ringing(log) == set()


def test_how_long_an_order_takes_is_measured_from_the_beginning_of_its_fulfilment(line: Timeline, log: Log) -> None:
    line.network = "busy"
    order = line.place(line.activation(on_hold_condition="porting"))
    line.skip_to(line.world.now + timedelta(days=3))
    line.act(f"/orders/{order}/resume")
    began = line.order(order).history[-1].at
    line.skip_to(line.world.now + 2 * MINUTE)
    line.accept(order)
    completed = line.order(order).completed_at
    assert completed is not None
    assert log.measured(metrics.ORDER_DURATION) == [(completed - began).total_seconds()]
    assert 120 <= log.measured(metrics.ORDER_DURATION)[0] < 200


def test_what_comes_again_is_counted_when_it_was_handled(line: Timeline, log: Log) -> None:
    """The bus refuses an event: it comes again with all that follows it, and nothing of that was counted before."""
    line.halted = True
    line.world.post("/orders", line.activation())
    line.world.deliver(0, 100, refuse=1)
    assert log.measured(metrics.ORDERS_ACCEPTED) == []
    line.rest()
    assert log.measured(metrics.ORDERS_ACCEPTED) == [1]


def test_what_cannot_be_measured_holds_nothing_up(line: Timeline, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.events.measures.COUNTED", {"order.accepted": "no metric"})
    order = line.place(line.activation())
    assert line.order(order).status == "completed"
    assert log.of(message="An event could not be measured.")


def test_many_failing_orders_ring(line: Timeline, log: Log) -> None:
    line.network = "rejects"
    for _ in range(4):
        line.place(line.activation())
    assert ringing(log) == set()
    line.place(line.activation())
    assert ringing(log) == {"orders-failing"}
    assert log.measured(metrics.ORDERS_FAILED, "network_rejected") == [1] * 5


@pytest.mark.parametrize(("failed", "completed", "ring"), [(5, 20, True), (5, 21, False), (4, 0, False), (50, 9, True)])
def test_it_is_the_share_that_rings(failed: int, completed: int, ring: bool) -> None:
    values: dict[str, float | None] = dict.fromkeys(FAULTS)
    values |= {"network_timeout": failed, "completed": completed}
    assert worked_out(BY_NAME["orders-failing"], values) == ring


def test_orders_that_wait_while_none_is_completed_ring(line: Timeline, log: Log) -> None:
    line.network = "busy"
    order = line.place(line.activation())
    line.skip_to(line.world.now + 5 * MINUTE)
    line.world.run_clock()
    line.rest()
    assert ringing(log) == {"no-order-completed"}
    assert log.measured(metrics.ORDERS_DELAYED) == log.measured(metrics.ORDERS_LATE) == [1]
    line.accept(order)
    assert ringing(log) == set()


@pytest.mark.parametrize(("after", "status"), [(0, None), (6, "completed"), (6, "failed")])
def test_an_order_that_ends_late_is_counted_though_no_clock_runs(
    line: Timeline, log: Log, after: int, status: str | None
) -> None:
    line.network = "busy"
    order = line.place(line.activation())
    line.skip_to(line.world.now + after * MINUTE)
    line.network = "rejects" if status == "failed" else "accepts"
    line.rest()
    assert line.order(order).final
    assert log.measured(metrics.ORDERS_ENDED_LATE, status) == ([1] if status else [])
    assert log.measured(metrics.ORDERS_DELAYED) == []


class TestRepair:
    """An order that the clock cannot bring to an end."""

    @pytest.fixture(autouse=True)
    def order(self, line: Timeline) -> str:
        line.network = "busy"
        return line.place(line.activation())

    def look(self, line: Timeline) -> None:
        line.skip_to(line.world.now + 5 * MINUTE)
        line.world.run_clock()

    def test_one_whose_undoing_has_failed_rings(self, line: Timeline, log: Log, order: str) -> None:
        line.halted = True
        line.world.executions.by_name[order].state = "FAILED"
        self.look(line)
        assert "needs-repair" not in ringing(log)
        line.world.executions.by_name[f"{order}.undo"].state = "FAILED"
        self.look(line)
        assert "needs-repair" in ringing(log)

    def test_one_whose_execution_knows_better_rings(self, line: Timeline, log: Log, order: str) -> None:
        line.world.executions.by_name[order].state = "SUCCEEDED"
        with pytest.raises(RuntimeError):
            self.look(line)
        assert "needs-repair" in ringing(log)


class TestSilence:
    """A clock or a stream that does not run is what nobody measures."""

    def test_a_clock_that_does_not_run_rings(self, line: Timeline, log: Log) -> None:
        assert rings("clock-silent", log)
        line.world.run_clock()
        assert not rings("clock-silent", log)

    def test_a_clock_that_cannot_begin_rings(self, line: Timeline, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(clock, "now", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            line.world.run_clock()
        assert rings("clock-silent", log)

    def test_a_stream_through_which_nothing_comes_rings(self, line: Timeline, log: Log) -> None:
        clock_function.handler({"heartbeat": True}, None)
        line.world.look()
        assert rings("stream-silent", log)
        line.rest()
        assert not rings("stream-silent", log)

    def test_a_heartbeat_is_kept_for_an_hour(self, line: Timeline) -> None:
        clock_function.handler({"heartbeat": True}, None)
        written = line.world.now
        line.world.look()
        (item,) = line.world.of_kind("heartbeat")
        assert item["ttl"] == (written + timedelta(hours=1)).timestamp()


def test_functions_that_fail_ring(line: Timeline, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    """A single failure is tried again, and nobody has to look."""
    line.halted = True
    line.place(line.activation())
    break_step(monkeypatch, "prepare")
    run_step(line, "prepare", times=2)
    assert ringing(log) == set()
    with pytest.raises(ConnectionError):
        execution_task.handler({"step": "prepare", "partner": PARTNER, "order_id": "ord_1"}, None)
    assert ringing(log) == {"functions-failing"}


class TestStock:
    """How many eSIMs a partner has."""

    def test_a_stock_that_runs_out_rings(self, line: Timeline, log: Log) -> None:
        line.place(line.activation())
        assert log.measured(metrics.ESIM_STOCK, PARTNER) == log.measured(metrics.ESIM_STOCK) == [ESIMS]
        assert rings("esims-low", log)

    def test_one_that_is_empty_is_measured(self, line: Timeline, log: Log) -> None:
        for _ in range(ESIMS + 1):
            line.place(line.activation())
        assert log.measured(metrics.ESIM_STOCK) == [*range(ESIMS, -1, -1)]
