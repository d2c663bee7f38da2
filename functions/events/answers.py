"""What the mobile network answers to a request of ours.

Answers come twice, late, or for executions that are gone; none of that changes anything, except what follows for a
SIM that stays with its failed order until the network says what has become of it: a success which nobody waits for any
more is undone on the network once more, a refusal says that there is nothing to undo.
"""

import json
import re
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from functions.network import interface
from functions.network.answers import Answer, ProvisioningAnswer
from functions.network.messages import understand
from functions.network.requests import deprovisioning
from functions.orders.failures import REJECTED
from functions.orders.order import Order
from functions.shared import aws, table
from functions.shared.observability import begin, logger
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

NOBODY_WAITS = {"InvalidToken", "TaskTimedOut", "TaskDoesNotExist"}
LONGEST_CAUSE = 1000
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class HeldSim(NamedTuple):
    """A SIM that stays with its failed order, and a physical one's reservation."""

    order: Order
    sim: SimProfile
    reservation: Reservation | None


def handler(event: dict[str, Any], _context: Any) -> None:
    """Act on one event of the network. Raises :class:`~functions.network.messages.Malformed`."""
    begin(event_type=event["detail-type"])
    shape, act = ANSWERS[event["detail-type"]]
    (answer,) = understand(event["detail"], shape)
    begin(partner=answer.partner, order_id=answer.order_id, event_type=event["detail-type"])
    act(answer)
    logger.info("The network's answer is taken.")


def _provisioned(answer: ProvisioningAnswer) -> None:
    msisdn = str(answer.msisdn or "")
    output = {"msisdn": msisdn} if E164.fullmatch(msisdn) else {}
    succeed = partial(_client().send_task_success, output=json.dumps(output))
    if not _somebody_waits(succeed, answer):
        table.settle(lambda: _undo_late_success(answer))


def _not_provisioned(answer: ProvisioningAnswer) -> None:
    reason = str(answer.reason or "").encode(errors="replace").decode()[:LONGEST_CAUSE]
    fail = partial(_client().send_task_failure, error=REJECTED, cause=reason)
    if not _somebody_waits(fail, answer):
        table.settle(lambda: _free_after_refusal(answer))


def _deprovisioned(answer: Answer) -> None:
    table.settle(lambda: _free(_held_sim(answer)))


def _not_deprovisioned(answer: Answer) -> None:
    logger.warning("The network could not undo what it did for a failed order.")
    table.settle(lambda: _retire(_held_sim(answer)))


ANSWERS: dict[str, tuple[TypeAdapter[Any], Callable[[Any], None]]] = {
    interface.PROVISIONING_SUCCEEDED: (TypeAdapter(ProvisioningAnswer), _provisioned),
    interface.PROVISIONING_FAILED: (TypeAdapter(ProvisioningAnswer), _not_provisioned),
    interface.DEPROVISIONING_SUCCEEDED: (TypeAdapter(Answer), _deprovisioned),
    interface.DEPROVISIONING_FAILED: (TypeAdapter(Answer), _not_deprovisioned),
}
"""By its event type: the shape of an answer, and who acts on it."""


def _somebody_waits(tell: Callable[..., Any], answer: ProvisioningAnswer) -> bool:
    """Give the answer to the execution that asked; whether it still waited."""
    try:
        tell(taskToken=answer.reply_token)
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOBODY_WAITS:
            raise
        return False
    return True


def _undo_late_success(answer: Answer) -> None:
    """The order failed before this success came; an order that completed got the same answer before."""
    order = table.read(Order, answer.partner, answer.order_id)
    if order is not None and order.status == "failed":
        change = table.Transaction()
        change.create(deprovisioning(order, change.at))
        change.commit()


def _free_after_refusal(answer: Answer) -> None:
    """The network has done nothing, and an order that failed while waiting for it need not wait for the undoing."""
    held = _held_sim(answer)
    if held and held.order.failure and held.order.failure.step == "provision":
        _free(held)


def _free(held: HeldSim | None) -> None:
    """Nothing of the failed order is left on the network, so its SIM can serve another one."""
    if held:
        change = table.Transaction()
        stock.put_back(change, held.sim, held.reservation)
        change.commit()


def _retire(held: HeldSim | None) -> None:
    """The SIM may be in use on the network for ever."""
    if held:
        change = table.Transaction()
        stock.retire(change, held.sim, held.reservation)
        change.commit()
        logger.warning("A SIM is retired.", extra={"sim_profile_id": held.sim.id})


def _held_sim(answer: Answer) -> HeldSim | None:
    """The SIM that still stays with the order; ``None`` once it is free, retired or serves another order."""
    order = table.read(Order, answer.partner, answer.order_id)
    if order is None or order.status != "failed" or order.sim_profile_id is None:
        return None
    reservations = [order.reservation_id] if order.reservation_id else []
    found = table.read_all(order.partner, {SimProfile: [order.sim_profile_id], Reservation: reservations})
    sim = found.get(SimProfile, order.sim_profile_id)
    if sim is None or not sim.awaits_deprovisioning(order.id):
        return None
    return HeldSim(order, sim, found.get(Reservation, order.reservation_id))


@cache
def _client() -> "SFNClient":
    return boto3.client("stepfunctions", config=aws.CLIENT)
