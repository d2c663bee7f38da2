"""Deciding what to do for an order that is being fulfilled, although nothing fulfils it any more.

The order's execution says whether the network has carried it out. If it has, the order is completed, with the SIM that
the network uses; otherwise it is undone. Every step may run twice.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from functions.orders import executions as machines
from functions.orders.order import Order
from functions.shared import table
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from infra.operator import executions
from infra.operator.executions import Execution
from infra.operator.functions import Failed, invoke

TASK = "functions.orders.execution_task"
ABANDONED = {"Error": "Abandoned", "Cause": "The order's execution ended without a result."}
TAKE_SIM = {"activate_subscription", "swap_subscription_sim"}
UNDO = "it is to be undone"
GOES_ON = {
    "accepted": "the stream moves it on or, after five minutes, the clock",
    "scheduled": "it waits for its date",
    "on_hold": "it waits until its partner resumes it",
}


class Repair(NamedTuple):
    """What is to be done for an order, and why: nothing, a new execution, these steps, or what a person decides.

    For one that the table has lost, its SIM is retired: the network has given it to somebody.
    """

    why: str
    what: str = "nothing is to be repaired"
    start: bool = False
    steps: tuple[dict[str, Any], ...] = ()
    retire: str | None = None
    stuck: bool = False

    @property
    def needed(self) -> bool:
        """Whether anything is to be done, by the command or by a person."""
        return self.start or self.stuck or bool(self.steps or self.retire)


def decide(order: Order, *, undo: bool = False) -> Repair:
    """Return what is to be done for an order; with ``undo``, undo it although the network has carried it out."""
    if order.status != "fulfilling":
        return Repair(f"the order is {order.status}" + (f": {GOES_ON[order.status]}" if not order.final else ""))
    found = executions.find(order.id, order.version)
    running = [each for each in found if each.status == "RUNNING"]
    if running:
        return Repair(f"the execution {running[0].name} is running")
    if not found:
        return Repair("the order never got an execution", "it gets its execution", start=True)
    return _after(order, found[0], undo=undo)


def decide_lost(execution: Execution) -> Repair:
    """Return what is to be done for an order that the table does not have, though it had an execution."""
    why = f"the table does not have the order, and the execution is {execution.status}"
    if execution.status == "RUNNING" or execution.request.get("operation") not in TAKE_SIM:
        return Repair(why)
    sim = execution.request["sim_profile"]
    found = table.read(SimProfile, execution.partner, sim["id"])
    if execution.undone or found is None or found.status not in {"in_stock", "reserved"}:
        return Repair(why)
    return Repair(f"{why} with the SIM {sim['iccid']}", "the SIM is to be retired", retire=sim["id"])


def carry_out(stage: str | None, partner: str, order_id: str, repair: Repair) -> Iterator[str]:
    """Do what was decided; yield what was done. Raise :class:`~infra.operator.functions.Failed` if a step fails."""
    if repair.start:
        machines.start(partner, order_id)
        yield "the execution has started"
    if repair.retire:
        table.retry_on_conflict(partial(_retire, partner, repair.retire))
        yield "the SIM is retired"
    for step in repair.steps:
        try:
            invoke(stage, TASK, {"partner": partner, "order_id": order_id, **step})
        except Failed as failed:
            if step["step"] != "prepare" or repair.what != UNDO:
                raise
            yield f"prepare failed, so the network is not asked to undo anything: {failed}"
        else:
            yield f"{step['step']} is done"


def _after(order: Order, execution: Execution, *, undo: bool) -> Repair:
    """Return what is to be done after the order's execution has ended."""
    why = f"the execution is {execution.status}"
    if execution.status != "SUCCEEDED":
        return Repair(f"{why} and has neither completed nor undone the order", UNDO, steps=(_undo(),))
    if execution.undone:
        step, error = execution.output["failed_step"], execution.output["error"]
        return Repair(f"{why} and has undone the order", UNDO, steps=(_undo(step, error),))
    sim = execution.request["sim_profile"]
    why = f"{why}: the network has carried out the order with the SIM {sim['iccid']}"
    prepare = {"step": "prepare"} | ({"sim_profile_id": sim["id"]} if order.sim_type == "esim" else {})
    if undo:
        return Repair(why, UNDO, steps=(prepare, _undo()))
    if order.prepared and order.sim_type and order.sim_profile_id != sim["id"]:
        return Repair(f"{why}, but the order has {order.sim_profile_id}", "decide, or undo it with --undo", stuck=True)
    complete = {"step": "complete", "provisioned": execution.output.get("provisioned")}
    return Repair(why, "it is to be completed", steps=(prepare, complete))


def _undo(failed_step: str = "provision", error: Mapping[str, Any] = ABANDONED) -> dict[str, Any]:
    return {"step": "undo", "failed_step": failed_step, "error": error}


def _retire(partner: str, sim_profile_id: str) -> None:
    sim = table.read(SimProfile, partner, sim_profile_id)
    if sim is None or sim.status not in {"in_stock", "reserved"}:
        return
    change = Transaction()
    if sim.sim_type == "esim" and sim.status == "in_stock":
        change.release(stock.stock_key(partner, sim.id))
    stock.retire(change, sim, stock.reservation_of(sim))
    change.commit()
