"""The task function of the state machine: the steps prepare, complete and undo of every order type.

Each step is one transaction that also writes the order. If two steps run at once, the one that commits second fails on
the new version of the order. So ``complete`` can never commit after ``undo``, and a completed order is never undone.
"""

from typing import Any

from functions.network.requests import deprovisioning, provisioning
from functions.orders import store
from functions.orders.execution_steps import refuse
from functions.orders.failures import failure_of, was_asked
from functions.orders.kind import StepRefused, Work, kind_of
from functions.orders.order import Order
from functions.shared import dynamodb, table
from functions.shared.dynamodb import Conflict
from functions.shared.observability import add_log_context, logger, observed, set_log_context
from functions.shared.settings import Settings
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.subscriptions import search
from functions.subscriptions import store as subscriptions

dynamodb.client()  # made before the snapshot that Lambda may take


class ExecutionTaskSettings(Settings):
    """How long the mobile network may take to answer."""

    network_timeout_seconds: int


class Superseded(Exception):
    """The order is final, so this step is too late and must not do anything."""


def prepare(event: dict[str, Any]) -> dict[str, Any]:
    """Take what the order needs, and return the request to the network. A second run returns the same."""
    work = _load(event)
    _require_fulfilling(work.order)
    if not work.order.prepared:
        kind_of(work.order.type).prepare(work)
        work.order.prepared, work.order.prepared_at = True, work.change.at
        work.change.update(work.order)
        work.change.commit()
    subscription = work.present().root
    request = provisioning(work.order, subscription.status, work.new_sim or subscription.sim_profile)
    return {"request": request, "timeout_seconds": ExecutionTaskSettings.load().network_timeout_seconds}


def complete(event: dict[str, Any]) -> dict[str, Any]:
    """Carry out the order once the network has answered. A second run changes nothing."""
    work = _load(event)
    order = work.order
    if order.status != "completed":
        _require_fulfilling(order)
        _require_not_ended(work)
        work.present().root.lock.give_back(order.id)
        kind_of(order.type).complete(work, event.get("provisioned") or {})
        order.enter("completed", work.change.at)
        order.completed_at = work.change.at
        _make_findable(work)
        _finish(work)
    return {"status": order.status}


def undo(event: dict[str, Any]) -> dict[str, Any]:
    """Undo the order and store the reason, unless it is already final. A second run changes nothing."""
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


@observed(StepRefused, Superseded)
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Run the event's ``step`` for its ``partner`` and ``order_id``.

    A step that is refused or too late raises as well, so that the state machine continues with undo.
    """
    set_log_context(**{name: event.get(name) for name in ("partner", "order_id", "execution", "step")})
    try:
        answer = table.retry_on_conflict(lambda: STEPS[event["step"]](event))
    except (StepRefused, Superseded) as refusal:
        logger.info("The step is refused.", extra={"refusal": type(refusal).__name__})
        raise
    logger.info("Step done.")
    return answer


def _load(event: dict[str, Any]) -> Work:
    partner = event["partner"]
    order = table.read(Order, partner, event["order_id"])
    if order is None:
        raise LookupError("the order does not exist")
    add_log_context(correlation_id=order.correlation_id)
    subscription = subscriptions.up_to_date(partner, order.subscription_id)
    new_sim, reservation = store.held_by(order)
    return Work(
        order=order,
        change=Transaction(subscription.at if subscription else None),
        subscription=subscription,
        new_sim=new_sim,
        reservation=reservation,
        wanted_sim_id=event.get("sim_profile_id"),
    )


def _require_fulfilling(order: Order) -> None:
    if order.status != "fulfilling":
        raise Superseded(f"the order is {order.status}")


def _require_not_ended(work: Work) -> None:
    """Raise :class:`StepRefused` if the operator has ended the subscription while the network carried out the order.

    Raise :class:`Conflict` if this order itself has ended it: another run of this step was quicker.
    """
    subscription, order = work.present().root, work.order
    if subscription.final:
        now = table.read(Order, order.partner, order.id)
        if now is None or now.version != order.version:
            raise Conflict
        refuse("subscription_not_active", f"The subscription is {subscription.status}.")


def _take_back(work: Work, *, asked: bool) -> None:
    """Ask the network to undo its part and hold the SIM until it answers; if it was never asked, free the SIM."""
    order, change = work.order, work.change
    if asked:
        change.create(deprovisioning(order, change.at))
    if work.new_sim is not None:
        if asked:
            stock.await_deprovisioning(change, work.new_sim)
        else:
            stock.put_back(change, work.new_sim, work.reservation)


def _make_findable(work: Work) -> None:
    """Let the subscription be found by the SIM and the number that the order has linked, now and ever after."""
    root = work.present().root
    for member, value in work.found_by.items():
        work.change.claim(search.entry_key(search.holders(root.partner, member, value), root), {})


def _finish(work: Work) -> None:
    work.order.due_at = None
    store.save(work.change, work.order, work.subscription)
    work.change.commit()
