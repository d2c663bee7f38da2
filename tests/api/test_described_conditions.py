"""What the description says of members and parameters together is what the code takes and refuses."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from pydantic import BaseModel, TypeAdapter

from functions.orders.cancel_subscription_products import CancelSubscriptionProducts
from functions.orders.requests import AddonChoice
from functions.orders.schedule import Schedule
from functions.orders.swap_subscription_sim import SwapSubscriptionSim
from functions.orders.topup_subscription import SomeProducts
from functions.shared.postal import Address
from functions.shared.shapes import check_body, without_nulls
from tests.support.client import Client
from tests.support.description import document, faults

SOON = datetime.now(UTC) + timedelta(days=2)
ON_A_DAY = {"effective_at": SOON.date().isoformat()}
ADDON = {"product_offering_id": "a"}
CARD = {"sim_type": "psim", "reservation_id": "r"}
DEVICE = {"uicc": {"eid": "1" * 32}}
PRICE = {"unit_amount": 1, "currency": "EUR"}


def priced(*types: str) -> dict[str, Any]:
    prices = [{"type": each, **PRICE} for each in types]
    return {**ADDON, "activation_mode": "immediate", "price_alterations": prices}


CASES: list[tuple[type[BaseModel], str, dict[str, Any], bool]] = [
    (Address, "AddressInput", {"country": "DE"}, True),
    (Address, "AddressInput", {"country": "DE", "state": "Hesse"}, False),
    (Address, "AddressInput", {"country": "US", "state": "Ohio"}, True),
    (Address, "AddressInput", {"country": "CA", "state": None}, False),
    (Address, "AddressInput", {"country": "CA"}, False),
    (Address, "AddressInput", {"country": "DE", "state": None}, True),
    (AddonChoice, "AddonChoice", {**ADDON, "activation_mode": "scheduled", "start_at": SOON.isoformat()}, True),
    (AddonChoice, "AddonChoice", {**ADDON, "activation_mode": "scheduled"}, False),
    (AddonChoice, "AddonChoice", {**ADDON, "activation_mode": "immediate", "start_at": SOON.isoformat()}, False),
    (AddonChoice, "AddonChoice", priced("one_time", "recurring", "prorate"), True),
    (AddonChoice, "AddonChoice", priced("one_time", "one_time"), False),
    (Schedule, "Schedule", {"mode": "end_of_cycle"}, True),
    (Schedule, "Schedule", {"type": "end_of_cycle"}, True),
    (Schedule, "Schedule", {"mode": "specific_date", **ON_A_DAY}, True),
    (Schedule, "Schedule", {"mode": "specific_date", "type": "specific_date", **ON_A_DAY}, True),
    (Schedule, "Schedule", {"mode": None, "type": "end_of_cycle", "effective_at": None}, True),
    (Schedule, "Schedule", {"mode": None}, False),
    (Schedule, "Schedule", {}, False),
    (Schedule, "Schedule", ON_A_DAY, False),
    (Schedule, "Schedule", {"type": "specific_date"}, False),
    (Schedule, "Schedule", {"mode": "end_of_cycle", **ON_A_DAY}, False),
    (Schedule, "Schedule", {"mode": "end_of_cycle", "type": "specific_date", **ON_A_DAY}, False),
    (SomeProducts, "SomeProducts", {"plan": ADDON}, True),
    (SomeProducts, "SomeProducts", {"addons": [priced()]}, True),
    (SomeProducts, "SomeProducts", {"addons": []}, False),
    (SomeProducts, "SomeProducts", {"plan": None, "addons": [priced()]}, True),
    (SomeProducts, "SomeProducts", {"plan": None, "addons": None}, False),
    (SomeProducts, "SomeProducts", {}, False),
    (SwapSubscriptionSim, "SwapSubscriptionSim", {"subscription_id": "s", "sim_profile": CARD}, True),
    (SwapSubscriptionSim, "SwapSubscriptionSim", {"subscription_id": "s", "device": DEVICE}, True),
    (SwapSubscriptionSim, "SwapSubscriptionSim", {"subscription_id": "s", "sim_profile": None, "device": DEVICE}, True),
    (
        SwapSubscriptionSim,
        "SwapSubscriptionSim",
        {"subscription_id": "s", "sim_profile": CARD, "device": DEVICE},
        False,
    ),
    (
        CancelSubscriptionProducts,
        "CancelSubscriptionProducts",
        {"subscription_id": "s", "product_ids": ["a", "b"]},
        True,
    ),
    (
        CancelSubscriptionProducts,
        "CancelSubscriptionProducts",
        {"subscription_id": "s", "product_ids": ["a", "a"]},
        False,
    ),
]


@pytest.mark.parametrize(("shape", "name", "body", "allowed"), CASES)
def test_members_together(shape: type[BaseModel], name: str, body: dict[str, Any], allowed: bool) -> None:
    assert (check_body(TypeAdapter(shape), without_nulls(body))[1] == []) == allowed
    assert (faults({"$ref": f"#/components/schemas/{name}"}, body) == []) == allowed


LISTS = [
    (path, parameter)
    for path, methods in document()["paths"].items()
    for parameter in methods.get("get", {}).get("parameters", ())
    if parameter.get("schema", {}).get("type") == "array" and "{" not in path
]


@pytest.mark.parametrize(("path", "parameter"), LISTS, ids=lambda case: case if isinstance(case, str) else case["name"])
def test_parameters_that_take_several_values(path: str, parameter: dict[str, Any], acme: Client) -> None:
    items = parameter["schema"]["items"]
    named = document()["components"]["schemas"][items["$ref"].rpartition("/")[2]] if "$ref" in items else items
    values = named["enum"][:2]
    separated = values if parameter["explode"] else ",".join(values)
    query = urlencode({parameter["name"]: separated}, doseq=True, safe=",")
    assert acme.get(f"{path}?{query}").status == 200
    assert acme.get(f"{path}?{urlencode({parameter['name']: ''})}").status == 400
