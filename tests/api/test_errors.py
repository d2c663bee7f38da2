"""Every code is met by a request, and docs/errors.md tells of it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import functions.orders
from functions.orders.failures import RETRIABLE
from functions.shared.advice import FAILURES, REFUSALS
from functions.shared.refusals import Code
from infra.local.messages import HttpResponse
from infra.local.system import System
from infra.openapi.errors_page import PAGE, page
from tests.support import bodies
from tests.support.client import Client
from tests.support.description import document
from tests.support.endpoints import NEW
from tests.support.newcomer import Newcomer
from tests.support.shop import Shop

ORDERS = Path(functions.orders.__file__).parent
LATER = {"mode": "specific_date", "effective_at": (datetime.now(UTC) + timedelta(days=9)).date().isoformat()}


def order(shop: Shop, body: Any) -> HttpResponse:
    return shop.client.post("/orders", body)


def canceled(shop: Shop) -> str:
    """A subscription that has ended."""
    subscription_id = shop.subscribe()
    shop.complete(bodies.cancellation(subscription_id))
    return subscription_id


def order_in_progress(shop: Shop) -> HttpResponse:
    subscription_id = shop.subscribe()
    shop.place(bodies.topup(subscription_id, shop.sandbox("network_takes_5s")))
    return order(shop, bodies.swap(subscription_id))


def order_already_scheduled(shop: Shop) -> HttpResponse:
    scheduled = bodies.cancellation(shop.subscribe(), schedule=LATER)
    shop.place(scheduled)
    return order(shop, scheduled)


def no_active_plan(shop: Shop) -> HttpResponse:
    subscription_id = shop.subscribe()
    plans = [product["id"] for product in shop.products(subscription_id)]
    shop.complete(bodies.products_cancellation(subscription_id, *plans))
    return order(shop, bodies.topup(subscription_id, shop.data))


def duplicate_reference(shop: Shop) -> HttpResponse:
    shop.place(shop.activation(reference="errors: a duplicate"))
    return order(shop, shop.activation(reference="errors: a duplicate"))


def plan_of(shop: Shop, offering: str, **fields: Any) -> dict[str, Any]:
    return shop.activation(products={"plan": {"product_offering_id": offering, **fields}})


def inactive(shop: Shop) -> str:
    return next(str(item["id"]) for item in shop.offerings if item["status"] == "inactive")


def unreserved(shop: Shop) -> dict[str, Any]:
    return shop.activation(sim_profile={"sim_type": "psim", "reservation_id": "none"})


def too_large(shop: Shop) -> HttpResponse:
    """30 add-ons with as much metadata as an offering can have, in a script of three bytes a character."""
    addon = shop.find(lambda item: [one["type"] for one in item["_embedded"]["allowances"]] == ["sms"])
    path = f"/product-offerings/{addon}"
    shop.client.patch(path, {"metadata": {f"{number}{'語' * 99}": "語" * 300 for number in range(10)}})
    try:
        return order(shop, shop.activation(*[addon] * 30))
    finally:
        shop.client.patch(path, {"metadata": None})


def too_many_webhooks(shop: Shop) -> HttpResponse:
    partner = Newcomer(shop.client.system)
    return [partner.post("/webhooks", NEW) for _ in range(41)][-1]


REQUESTS: dict[str, Callable[[Shop], HttpResponse]] = {
    Code.CONSTRAINT_VALIDATION_ERROR: lambda shop: order(shop, shop.activation(shedule="today")),
    Code.INVALID_JSON: lambda shop: order(shop, b"{"),
    Code.INVALID_STATE: lambda shop: shop.client.post(f"/orders/{shop.complete(shop.activation())['id']}/cancel"),
    Code.NOT_FOUND: lambda shop: order(shop, bodies.swap("none")),
    Code.NOT_SUPPORTED: lambda shop: order(shop, shop.activation(renewal_group_id="one")),
    Code.OFFERING_INACTIVE: lambda shop: order(shop, shop.activation(inactive(shop))),
    Code.OFFERING_NOT_A_PLAN: lambda shop: order(shop, plan_of(shop, shop.data)),
    Code.OFFERING_NOT_AN_ADDON: lambda shop: order(shop, shop.activation(shop.plan)),
    Code.TOO_LARGE: too_large,
    Code.TOO_MANY_PRODUCTS: lambda shop: order(shop, shop.activation(*[shop.data] * 31)),
    Code.TOO_MANY_WEBHOOKS: too_many_webhooks,
    Code.TOO_MANY_DATA_ADDONS: lambda shop: order(shop, shop.activation(*[shop.data] * 16)),
    Code.DUPLICATE_VOICE_ADDON: lambda shop: order(shop, shop.activation(*shop.voice["local"][:2])),
    Code.NO_ACTIVE_PLAN: no_active_plan,
    Code.INCOMPATIBLE_ADDON: lambda shop: order(
        shop, shop.activation(shop.find(lambda item: item["name"].endswith("(extra)")))
    ),
    Code.RESERVATION_NOT_USABLE: lambda shop: order(shop, unreserved(shop)),
    Code.ACTIVATION_CODE_NOT_USABLE: lambda shop: shop.client.post(
        "/sim-profiles/reserve", {"activation_code": "none"}
    ),
    Code.SUBSCRIPTION_NOT_ACTIVE: lambda shop: order(shop, bodies.swap(canceled(shop))),
    Code.ORDER_IN_PROGRESS: order_in_progress,
    Code.ORDER_ALREADY_SCHEDULED: order_already_scheduled,
    Code.DUPLICATE_REFERENCE: duplicate_reference,
    Code.UNSUPPORTED_API_VERSION: lambda shop: shop.client.get("/orders", {"Api-Version": "1"}),
    Code.INVALID_CURSOR: lambda shop: shop.client.get("/orders?cursor=none"),
}
"""A request that is refused with the code and no other."""


@pytest.mark.parametrize("code", REQUESTS)
def test_a_request_is_refused_with(code: str, shop: Shop) -> None:
    answer = REQUESTS[code](shop)
    assert [fault["code"] for fault in answer.json()["errors"]] == [code]
    assert answer.status == {"duplicate_reference": 409}.get(code, 400)


def test_the_gateway_refuses_with_its_code(system: System, acme: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.gateway.throttle, "admits", lambda _api_key: False)
    answer = acme.get("/orders")
    assert [fault["code"] for fault in answer.json()["errors"]] == ["rate_limit_exceeded"]
    assert answer.status == 429


def test_every_code_is_met_and_documented() -> None:
    assert REQUESTS.keys() == set(Code)
    assert REFUSALS.keys() == {*Code, "rate_limit_exceeded"}


def test_every_failure_is_documented() -> None:
    """A step gives up by ``refuse``; ``failures.py`` tells the rest from the error."""
    source = "".join(module.read_text() for module in ORDERS.glob("*.py"))
    assert set(re.findall(r'(?:refuse\(|return )"(\w+)", ', source)) == set(FAILURES)
    assert set(FAILURES) >= RETRIABLE


def test_the_page_is_as_the_code_has_it() -> None:
    assert PAGE.read_text() == page(document()), "write it anew with python -m infra.openapi"
