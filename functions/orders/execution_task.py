"""The task function of the state machine: the steps prepare, complete and undo of every order type.

Each step is one transaction that carries the order; whichever of two steps commits first makes the other one see the
new status and stop. So undo's write is the fence behind which no complete can commit, and a complete that did commit
is never undone.
"""

from typing import Any

from functions.network.requests import deprovisioning, provisioning
from functions.orders import store
from functions.orders.execution_steps import refuse
from functions.orders.failures import failure_of, was_asked
from functions.orders.kind import StepRefused, Work, kind_of
from functions.orders.order import Order
from functions.shared import table
from functions.shared.observability import logger, set_log_context
from functions.shared.settings import Settings
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions import store as subscriptions
from functions.subscriptions.subscription import Subscription


class ExecutionTaskSettings(Settings):
    """How long the mobile network may take to answer."""

    network_timeout_seconds: int


class Superseded(Exception):
    """The order is final: this step came too late and must not do anything."""


def prepare(event: dict[str, Any]) -> dict[str, Any]:
    """Take what the order needs, and say what the network is to be asked. Running again says the same."""
    work = _load(event)
    _require_fulfilling(work.order)
    if not work.order.prepared:
        kind_of(work.order.type).prepare(work)
        work.order.prepared = True
        work.change.update(work.order)
        work.change.commit()
    subscription = work.present().root
    request = provisioning(work.order, subscription.status, work.new_sim or subscription.sim_profile)
    return {"request": request, "timeout_seconds": ExecutionTaskSettings.load().network_timeout_seconds}


def complete(event: dict[str, Any]) -> dict[str, Any]:
    """Make what the order is for. Running again finds it done."""
    work = _load(event)
    order = work.order
    if order.status != "completed":
        _require_fulfilling(order)
        _require_not_ended(work.present().root)
        work.present().root.lock.give_back(order.id)
        kind_of(order.type).complete(work, event.get("provisioned") or {})
        order.enter("completed", work.change.at)
        order.completed_at = work.change.at
        _finish(work)
    return {"status": order.status}


def undo(event: dict[str, Any]) -> dict[str, Any]:
    """Leave nothing of the order behind and say why, unless it is final already. Running again finds it done."""
    work = _load(event)
    order = work.order
    if not order.final:
        step, error = event["failed_step"], event["error"]
        order.failure = failure_of(step, error)
        order.enter("failed", work.change.at, order.failure.code)
        kind_of(order.type).undo(work)
        if work.subscription is not None:
            work.subscription.root.lock.give_back(order.id)
        _take_back(work, asked=order.prepared and was_asked(step, error))
        _finish(work)
    return {"status": order.status}


STEPS = {"prepare": prepare, "complete": complete, "undo": undo}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Run the event's ``step`` for its ``partner`` and ``order_id``.

    A step that refuses, or comes too late, raises too, so that the state machine goes on to undo; an alarm counts the
    other failures by their line in the log (``infra/stack.py``).
    """
    set_log_context(partner=event["partner"], order_id=event["order_id"], step=event["step"])
    try:
        answer = table.retry_on_conflict(lambda: STEPS[event["step"]](event))
    except (StepRefused, Superseded) as refusal:
        logger.info("The step is refused.", extra={"refusal": type(refusal).__name__})
        raise
    except Exception:
        logger.exception("The step failed.")
        raise
    logger.info("Step done.")
    return answer


def _load(event: dict[str, Any]) -> Work:
    partner = event["partner"]
    order = table.read(Order, partner, event["order_id"])
    if order is None:
        raise LookupError("the order does not exist")
    subscription = subscriptions.up_to_date(partner, order.subscription_id)
    sims = [order.sim_profile_id] if order.sim_profile_id else []
    reservations = [order.reservation_id] if order.reservation_id else []
    found = table.read_all(partner, {SimProfile: sims, Reservation: reservations})
    return Work(
        order=order,
        change=Transaction(subscription.at if subscription else None),
        subscription=subscription,
        new_sim=found.get(SimProfile, order.sim_profile_id),
        reservation=found.get(Reservation, order.reservation_id),
    )


def _require_fulfilling(order: Order) -> None:
    if order.status != "fulfilling":
        raise Superseded(f"the order is {order.status}")


def _require_not_ended(subscription: Subscription) -> None:
    """The operator may have ended it while the network was at work."""
    if subscription.final:
        refuse("subscription_not_active", f"The subscription is {subscription.status}.")


def _take_back(work: Work, *, asked: bool) -> None:
    """What the network may have done is undone there; until it says so, the SIM stays with the failed order."""
    order, change = work.order, work.change
    if asked:
        change.create(deprovisioning(order, change.at))
    if work.new_sim is not None:
        if asked:
            stock.await_deprovisioning(change, work.new_sim)
        else:
            stock.put_back(change, work.new_sim, work.reservation)


def _finish(work: Work) -> None:
    work.order.due_at = None
    store.save(work.change, work.order, work.subscription)
    work.change.commit()
