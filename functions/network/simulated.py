"""The simulated mobile network: it answers as the operator's network would (contract §9).

EIDs that end in 0001 are rejected, those in 0002 never answered; an offering whose ``metadata.sandbox`` is
``network_rejects`` or ``network_takes_5s`` is rejected or slow. Everything else succeeds immediately.
"""

import json
import time
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

from functions.network import interface
from functions.shared import aws
from functions.shared.observability import logger, observed, set_log_context
from functions.shared.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

CALLING_CODES = {"DE": "49", "ES": "34", "FR": "33", "GB": "44", "IT": "39", "NL": "31", "PL": "48", "US": "1"}


class SimulatedNetworkSettings(Settings):
    """The bus it answers on, and how long it takes where it is asked to be slow."""

    network_bus_name: str
    slow_network_seconds: int


@observed()
def handler(event: dict[str, Any], _context: object) -> None:
    """Answer one request of the order system."""
    asked = event["detail"]
    set_log_context(partner=asked["partner"], order_id=asked["order_id"], event_type=event["detail-type"])
    about = {"partner": asked["partner"], "order_id": asked["order_id"]}
    if event["detail-type"] == interface.DEPROVISIONING_REQUESTED:
        _put(interface.DEPROVISIONING_SUCCEEDED, about)
    else:
        _provision(asked, about | {"reply_token": asked["reply_token"]})


def _provision(asked: dict[str, Any], answer: dict[str, str]) -> None:
    """Answer a request for provisioning, or stay silent, as its EID and its offerings say."""
    wishes = _wishes(asked)
    eid = (asked["sim_profile"] or {}).get("eid") or ""
    if eid.endswith("0002"):
        logger.info("The simulated network stays silent.")
    elif eid.endswith("0001") or "network_rejects" in wishes:
        reason = "the EID is not known to the SM-DP+" if eid.endswith("0001") else "a product is not allowed here"
        _put(interface.PROVISIONING_FAILED, answer | {"reason": reason})
    else:
        if "network_takes_5s" in wishes:
            time.sleep(SimulatedNetworkSettings.load().slow_network_seconds)
        _put(interface.PROVISIONING_SUCCEEDED, answer | _msisdn(asked))


def _wishes(asked: dict[str, Any]) -> set[str]:
    return {(offering.get("metadata") or {}).get("sandbox", "") for offering in _offerings(asked)}


def _offerings(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the offerings that are sold; products that end have only an id."""
    return [product["product_offering"] for product in asked["products"] if "product_offering" in product]


def _msisdn(asked: dict[str, Any]) -> dict[str, str]:
    """Return a number for an activation whose plan has one; always the same for the same order."""
    if asked["operation"] != "activate_subscription":
        return {}
    countries = [offering.get("phone_number_country") for offering in _offerings(asked)]
    calling_code = next((CALLING_CODES.get(country) for country in countries if country), None)
    if calling_code is None:
        return {}
    return {"msisdn": f"+{calling_code}{zlib.crc32(asked['order_id'].encode()) % 10**9:09d}"}


def _put(detail_type: str, detail: dict[str, str]) -> None:
    bus_name = SimulatedNetworkSettings.load().network_bus_name
    text = json.dumps(detail)
    answer = _bus().put_events(
        Entries=[{"EventBusName": bus_name, "Source": interface.NETWORK, "DetailType": detail_type, "Detail": text}]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"the bus did not take the network's answer: {answer['Entries'][0].get('ErrorCode')}")


@cache
def _bus() -> "EventBridgeClient":
    client: EventBridgeClient = aws.client("events")
    return client
