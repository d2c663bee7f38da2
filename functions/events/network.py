"""What the mobile network answers (the event contract is in ``functions/orders/network_requests.py``).

Answers come twice, late, or for executions that are gone; none of that changes anything, except that a success which
nobody waits for any more is undone on the network once more.
"""

import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from functions.orders.failures import REJECTED
from functions.orders.network_requests import deprovisioning
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


def handler(event: dict[str, Any], _context: Any) -> None:
    """Act on one event of the network."""
    answer = event["detail"]
    begin(partner=answer["partner"], order_id=answer["order_id"], event_type=event["detail-type"])
    match event["detail-type"]:
        case "network.provisioning.succeeded":
            if not _succeeded(answer):
                table.settle(lambda: _undo_late_success(answer["partner"], answer["order_id"]))
        case "network.provisioning.failed":
            _failed(answer)
        case "network.deprovisioning.succeeded":
            table.settle(lambda: _free_sim(answer["partner"], answer["order_id"]))
    logger.info("The network's answer is taken.")


def _succeeded(answer: dict[str, Any]) -> bool:
    """Whether an execution still waited for it."""
    msisdn = str(answer.get("msisdn") or "")
    output = {"msisdn": msisdn} if E164.fullmatch(msisdn) else {}
    try:
        _client().send_task_success(taskToken=answer["reply_token"], output=json.dumps(output))
    except ClientError as error:
        _raise_unless_nobody_waits(error)
        return False
    return True


def _failed(answer: dict[str, Any]) -> None:
    reason = str(answer.get("reason", ""))[:LONGEST_CAUSE]
    try:
        _client().send_task_failure(taskToken=answer["reply_token"], error=REJECTED, cause=reason)
    except ClientError as error:
        _raise_unless_nobody_waits(error)


def _undo_late_success(partner: str, order_id: str) -> None:
    """The order failed before this success came; an order that completed got the same answer before."""
    order = table.read(Order, partner, order_id)
    if order is not None and order.status == "failed":
        change = table.Transaction()
        change.request(partner, "network.deprovisioning.requested", deprovisioning(order))
        change.commit()


def _free_sim(partner: str, order_id: str) -> None:
    """Nothing of the failed order is left on the network, so its SIM can serve another one."""
    order = table.read(Order, partner, order_id)
    if order is None or order.status != "failed" or order.sim_profile_id is None:
        return
    reservations = [order.reservation_id] if order.reservation_id else []
    found = table.read_all(partner, {SimProfile: [order.sim_profile_id], Reservation: reservations})
    sim = found.get(SimProfile, order.sim_profile_id)
    if sim is not None and sim.status == "reserved" and sim.order_id == order_id:
        change = table.Transaction()
        stock.put_back(change, sim, found.get(Reservation, order.reservation_id))
        change.commit()


def _raise_unless_nobody_waits(error: ClientError) -> None:
    if error.response["Error"]["Code"] not in NOBODY_WAITS:
        raise error


@cache
def _client() -> "SFNClient":
    return boto3.client("stepfunctions", config=aws.CLIENT)
