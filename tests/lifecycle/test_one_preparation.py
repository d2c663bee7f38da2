"""An order takes what it needs, and the network is asked for it (docs/architecture.md)."""

from functions.network.requests import provisioning
from functions.orders.execution_task import ExecutionTaskSettings
from functions.subscriptions.lock import Lock
from infra.operator import sims
from tests.lifecycle.one_step import held, keep, one_step, order
from tests.support.builders import PARTNER
from tests.support.sims import esim
from tests.support.timeline import Timeline


def test_a_swap_is_prepared(line: Timeline) -> None:
    """With the eSIM that the network has for it, of several in stock."""
    *_, wanted = sims.load(PARTNER, [esim(100 + number) for number in range(20)])
    lock = Lock(exclusive="ord_1")
    eid = "1" * 32
    keep(line, order("swap_subscription_sim", sim_type="esim", eid=eid), *held(lock, status="grace"))
    answer = one_step(line, "prepare", sim_profile_id=wanted.id)
    found, taken = line.order("ord_1"), line.sim(wanted.id)
    assert answer == {
        "request": provisioning(found, "grace", taken),
        "timeout_seconds": ExecutionTaskSettings.load().network_timeout_seconds,
    }
    assert (taken.status, taken.order_id, taken.eid) == ("reserved", "ord_1", eid)
    assert (found.prepared, found.sim_profile_id) == (True, wanted.id)
    assert found.prepared_at == found.updated_at == taken.updated_at == taken.profile_reported_at
    assert one_step(line, "prepare", sim_profile_id=wanted.id) == answer
