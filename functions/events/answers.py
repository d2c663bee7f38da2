"""The mobile network's answers to our requests.

Answers can arrive twice, late, or for executions that have ended. Such an answer changes nothing, except for a SIM that
its failed order holds until the network confirms the undoing: after a late success we ask the network to undo it once
more; after a refusal there is nothing to undo.
"""

import json
import re
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError
from pydantic import TypeAdapter

from functions.network import interface
from functions.network.answers import Answer, ProvisioningAnswer
from functions.network.messages import Malformed, understand
from functions.network.requests import deprovisioning
from functions.orders import store
from functions.orders.failures import REJECTED
from functions.orders.order import Order
from functions.shared import aws, table
from functions.shared.metrics import NETWORK_ANSWERS
from functions.shared.observability import logger, measure, observed, set_log_context
from functions.shared.transaction import Transaction
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

NOBODY_WAITS = {"InvalidToken", "TaskTimedOut", "TaskDoesNotExist"}
MAX_CAUSE_LENGTH = 1000
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class HeldSim(NamedTuple):
    """A SIM that its failed order still holds, and the reservation of a physical one."""

    order: Order
    sim: SimProfile
    reservation: Reservation | None


@observed(Malformed)
def handler(event: dict[str, Any], _context: object) -> None:
    """Handle one event of the network. Raise :class:`~functions.network.messages.Malformed` if it is malformed."""
    set_log_context(event_type=event["detail-type"])
    shape, act = ANSWERS[event["detail-type"]]
    (answer,) = understand(event["detail"], shape)
    set_log_context(partner=answer.partner, order_id=answer.order_id, event_type=event["detail-type"])
    act(answer)
    measure(NETWORK_ANSWERS, of=event["detail-type"].removeprefix("network."))


def _provisioned(answer: ProvisioningAnswer) -> None:
    msisdn = str(answer.msisdn or "")
    output = {"msisdn": msisdn} if E164.fullmatch(msisdn) else {}
    succeed = partial(_client().send_task_success, output=json.dumps(output))
    if not _reached_execution(succeed, answer):
        table.retry_on_conflict(lambda: _undo_late_success(answer))


def _not_provisioned(answer: ProvisioningAnswer) -> None:
    reason = str(answer.reason or "").encode(errors="replace").decode()[:MAX_CAUSE_LENGTH]
    fail = partial(_client().send_task_failure, error=REJECTED, cause=reason)
    if not _reached_execution(fail, answer):
        table.retry_on_conflict(lambda: _free_after_refusal(answer))


def _deprovisioned(answer: Answer) -> None:
    table.retry_on_conflict(lambda: _free(_held_sim(answer)))


def _not_deprovisioned(answer: Answer) -> None:
    logger.warning("The network could not undo what it did for a failed order.")
    table.retry_on_conflict(lambda: _retire(_held_sim(answer)))


ANSWERS: dict[str, tuple[TypeAdapter[Any], Callable[[Any], None]]] = {
    interface.PROVISIONING_SUCCEEDED: (TypeAdapter(ProvisioningAnswer), _provisioned),
    interface.PROVISIONING_FAILED: (TypeAdapter(ProvisioningAnswer), _not_provisioned),
    interface.DEPROVISIONING_SUCCEEDED: (TypeAdapter(Answer), _deprovisioned),
    interface.DEPROVISIONING_FAILED: (TypeAdapter(Answer), _not_deprovisioned),
}
"""Event type → the shape of the answer, and the function that handles it."""


def _reached_execution(send: Callable[..., Any], answer: ProvisioningAnswer) -> bool:
    """Give the answer to the execution that asked; return whether it was still waiting."""
    try:
        send(taskToken=answer.reply_token)
    except ClientError as error:
        if error.response["Error"]["Code"] not in NOBODY_WAITS:
            raise
        return False
    return True


def _undo_late_success(answer: Answer) -> None:
    """Ask the network to undo a success that arrived after the order had failed; do nothing for a completed order."""
    order = table.read(Order, answer.partner, answer.order_id)
    if order is not None and order.status == "failed":
        change = Transaction()
        change.create(deprovisioning(order, change.at))
        change.commit()


def _free_after_refusal(answer: Answer) -> None:
    """Free the SIM of an order that failed before this refusal: the network has done nothing, so nothing is to undo."""
    held = _held_sim(answer)
    if held and held.order.failure and held.order.failure.step == "provision":
        _free(held)


def _free(held: HeldSim | None) -> None:
    """Free the SIM: nothing of the failed order is left on the network."""
    if held:
        change = Transaction()
        stock.put_back(change, held.sim, held.reservation)
        change.commit()


def _retire(held: HeldSim | None) -> None:
    """Retire the SIM: it may remain in use on the network."""
    if held:
        change = Transaction()
        stock.retire(change, held.sim, held.reservation)
        change.commit()
        logger.warning("A SIM is retired.", extra={"sim_profile_id": held.sim.id})


def _held_sim(answer: Answer) -> HeldSim | None:
    """Return the SIM that the failed order still holds; ``None`` once it is free, retired or taken by another order."""
    order = table.read(Order, answer.partner, answer.order_id)
    if order is None or order.status != "failed" or order.sim_profile_id is None:
        return None
    sim, reservation = store.held_by(order)
    if sim is None or not sim.awaits_deprovisioning(order.id):
        return None
    return HeldSim(order, sim, reservation)


@cache
def _client() -> "SFNClient":
    client: SFNClient = aws.client("stepfunctions")
    return client
