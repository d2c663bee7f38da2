"""Examples: of answers, what the ``show_…`` functions make of sample records; of requests, plain bodies."""

from datetime import UTC, datetime
from functools import cache
from typing import Any

from functions.about import COLLECTIONS, WRITTEN_TOKEN_URL
from functions.accounts.account import Account, show_account
from functions.catalog.offering import CoverageArea, Offering, show_coverage_area, show_offering
from functions.catalog.product_catalog import ProductCatalog, show_product_catalog
from functions.orders.order import Order, order_link, show_order, show_summary
from functions.products.balances import balances_of
from functions.products.product import Product, show_product
from functions.shared.event import Event, show_event
from functions.shared.links import link
from functions.sim_profiles.sim_profile import SimProfile, show_sim_profile
from functions.subscribers.subscriber import Subscriber, show_subscriber
from functions.subscriptions.phone_number import PhoneNumber, show_phone_number
from functions.subscriptions.subscription import Subscription, show_subscription
from infra.openapi import samples_webhooks

AT = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 10, 9, 30, 4, 250_000, tzinfo=UTC)
MONTH_LATER = datetime(2026, 4, 10, 9, 30, 4, 250_000, tzinfo=UTC)
COMMON = {"partner": "example", "created_at": AT, "updated_at": LATER}
IDS = {
    prefix: f"{prefix}_01KKB4{number:02d}XQ5N8G2T7WZ3R6VYAB"
    for number, prefix in enumerate("ord subs subr acc prd prdoff prdcat cov simp resv pn evt wbh dlv".split())
}
PATH_IDS = {
    "order_id": IDS["ord"],
    "subscription_id": IDS["subs"],
    "phone_number_id": IDS["pn"],
    "product_id": IDS["prd"],
    "event_id": IDS["evt"],
    "offering_id": IDS["prdoff"],
    "catalog_id": IDS["prdcat"],
    "coverage_area_id": IDS["cov"],
    "subscriber_id": IDS["subr"],
    "account_id": IDS["acc"],
    "sim_profile_id": IDS["simp"],
    "lpa": "LPA:1$smdp.example.com$1A45106B892E529D",
    "webhook_id": IDS["wbh"],
    "delivery_id": IDS["dlv"],
}
"""Parameter of a path → the id that examples have in its place."""
MONTH = {"type": "duration", "unit": "month", "unit_count": 1, "is_recurrent": True}
PERSON = {"first_name": "Ada", "last_name": "Lovelace"}
ADDRESS = {"line1": "Unter den Linden 1", "city": "Berlin", "postal_code": "10117", "country": "DE"}
MONTHLY = {
    "type": "recurring",
    "unit_amount": 1999,
    "currency": "EUR",
    "recurrence": {"unit": "month", "unit_count": 1},
}


def _catalog() -> dict[str, Any]:
    moments = {"created_at": AT, "updated_at": AT}
    area = CoverageArea(id=IDS["cov"], name="Europe", type="regional", countries=["DE", "FR"], **moments)
    data = {"type": "data", "unit": "gigabytes", "unit_count": 20, "coverage_area": area}
    sold = {"name": "Europe 20 GB, monthly", "type": "plan", "validity": MONTH, "phone_number_country": "DE"}
    parts = {"allowances": [data], "prices": [MONTHLY], "status": "active"}
    offering = Offering.model_validate({"id": IDS["prdoff"], **COMMON, **sold, **parts})
    catalog = ProductCatalog.model_validate({"id": IDS["prdcat"], **COMMON, "name": "Main"})
    shown = {"CoverageArea": show_coverage_area(area), "ProductCatalog": show_product_catalog(catalog)}
    return {"ProductOffering": show_offering(offering), **shown, "terms": offering.terms()}


def _customers() -> dict[str, Any]:
    owner = {"type": "personal", "number": IDS["acc"][-16:], "owner": {**PERSON, "address": ADDRESS}}
    account = Account.model_validate({"id": IDS["acc"], **COMMON, **owner})
    person = {**PERSON, "email": "ada@example.com", "address": ADDRESS, "account_id": account.id}
    subscriber = Subscriber.model_validate({"id": IDS["subr"], **COMMON, **person})
    return {"Account": show_account(account), "Subscriber": show_subscriber(subscriber)}


def _subscriptions() -> dict[str, Any]:
    code = {"matching_id": "1A45106B892E529D", "smdp_address": "smdp.example.com"}
    sim = {"iccid": "8949200000000000017", "sim_type": "esim", "status": "active"}
    state = {"profile_status": "ready_for_installation", "profile_reported_at": AT}
    profile = SimProfile.model_validate({"id": IDS["simp"], **COMMON, **sim, **code, **state})
    dialed = {"msisdn": "+4915112345678", "country": "DE", "subscription_id": IDS["subs"]}
    number = PhoneNumber.model_validate({"id": IDS["pn"], **COMMON, **dialed})
    owned = {"subscriber_id": IDS["subr"], "account_id": IDS["acc"], "sim_profile": profile, "phone_numbers": [number]}
    subscription = Subscription.model_validate({"id": IDS["subs"], **COMMON, "status": "active", **owned})
    card = {"iccid": "8949200000000000025", "sim_type": "psim", "status": "reserved", "reservation_id": IDS["resv"]}
    reserved = {"id": IDS["simp"], **COMMON, **card, "reservation_expires_at": MONTH_LATER}
    shown = {"SimProfile": show_sim_profile(profile), "PhoneNumber": show_phone_number(number)}
    shown["Reserved"] = show_sim_profile(SimProfile.model_validate(reserved))
    codes = {"pin": "1234", "puk": "12345678", "_links": {"self": link(f"/sim-profiles/{profile.id}/secret-codes")}}
    return {"Subscription": show_subscription(subscription), "SecretCodes": codes, **shown, "record": subscription}


def _orders(subscription: Subscription) -> dict[str, Any]:
    owned = {"subscription_id": IDS["subs"], "subscriber_id": IDS["subr"], "account_id": IDS["acc"]}
    order = Order.model_validate(
        {"id": IDS["ord"], **COMMON, **owned, "type": "activate_subscription", "reference": "shop-4711"}
    )
    order.remember(AT)
    accepted = show_order(order.model_copy(update={"updated_at": None}), None)
    order.enter("fulfilling", AT)
    order.enter("completed", LATER)
    order.prepared_at, order.completed_at = AT.replace(second=1), LATER
    history = [entry.model_dump(mode="json", exclude_none=True) for entry in order.history]
    links = {"self": link(f"/orders/{order.id}/history")}
    return {
        "Order": show_order(order, subscription),
        "Accepted": accepted,
        "OrderSummary": show_summary(order),
        "OrderReference": order_link(order),
        "OrderHistory": {"_embedded": {"history": history}, "_links": links},
    }


def _event(order: dict[str, Any]) -> dict[str, Any]:
    fields = {"partner": "example", "created_at": LATER, "type": "order.completed", "sequence": 3, "ttl": 0}
    return show_event(Event.model_validate({"id": IDS["evt"], **fields, "data": {"order": order}}))


def _home() -> dict[str, Any]:
    links = {path.removeprefix("/"): link(path) for path in COLLECTIONS}
    documents = {"openapi": link("/openapi.json"), "docs": link("/docs"), "health": link("/health")}
    return {"_links": {"self": link("/"), **links, "token": {"href": WRITTEN_TOKEN_URL}, **documents}}


@cache
def shown() -> dict[str, Any]:
    """Return an example of each resource by the name of its schema, and of some in another state."""
    catalog, subscriptions = _catalog(), _subscriptions()
    terms = catalog.pop("terms")
    dates = {"start_at": LATER, "started_at": LATER, "billing_cycle_end_at": MONTH_LATER}
    belongs = {"subscription_id": IDS["subs"], "order_id": IDS["ord"], "status": "active"}
    sold = {"offering": terms, "balances": balances_of(terms), "prices": terms.prices}
    product = Product.model_validate({"id": IDS["prd"], **COMMON, **belongs, **sold, **dates})
    orders = _orders(subscriptions.pop("record"))
    plain = {"Product": show_product(product), "Health": {"status": "ok"}, "ValidOrder": {"valid": True}}
    plain["Event"] = _event(orders["Order"])
    webhooks = samples_webhooks.samples(IDS["wbh"], IDS["dlv"], IDS["evt"])
    return catalog | _customers() | subscriptions | orders | plain | webhooks | {"Home": _home()}


PLAN = {"product_offering_id": IDS["prdoff"]}
ADDON = {"product_offering_id": IDS["prdoff"][:-1] + "C", "activation_mode": "first_usage"}
SOLD = {"purchase_location": "DE", "products": {"plan": PLAN, "addons": [ADDON]}}
ON = {"subscription_id": IDS["subs"]}
ACTIVATION = {"subscriber_id": IDS["subr"], "sim_profile": {"sim_type": "esim"}, "reference": "shop-4711", **SOLD}
TYPED = {"type": "activate_subscription", **ACTIVATION}
SENT: dict[str, Any] = {
    "place_order": TYPED,
    "validate_order": TYPED,
    "activate_subscription": ACTIVATION,
    "topup_subscription": {**ON, "purchase_location": "DE", "products": {"addons": [ADDON]}},
    "cancel_subscription": {**ON, "schedule": {"mode": "end_of_cycle"}},
    "swap_subscription_sim": {**ON, "sim_profile": {"sim_type": "esim"}},
    "change_subscription_plan": {**ON, "purchase_location": "DE", "products": {"plan": PLAN}},
    "cancel_subscription_products": {**ON, "product_ids": [IDS["prd"]]},
    "cancel_order": {},
    "resume_order": {"payment_intent_id": "pi_4711"},
    **{f"{action}_subscription": {} for action in ("grace", "suspend", "deactivate", "resume")},
    "activate_product": {},
    "cancel_product": {"cancellation_mode": "end_of_cycle"},
    "update_product": {"prices": [{"type": "recurring", "currency": "EUR", "unit_amount": 2499}]},
    "update_product_offering": {"name": "Europe 20 GB", "metadata": {"shop": "front page"}},
    "create_subscriber": {"account_id": IDS["acc"], **PERSON, "email": "ada@example.com", "address": ADDRESS},
    "update_subscriber": {"email": "ada.lovelace@example.com", "address": {"city": "Hamburg", "postal_code": None}},
    "create_account": {"type": "personal", "owner": {**PERSON, "address": ADDRESS}},
    "update_account": {"name": "Ada, private", "metadata": {"crm": "4711"}},
    "reserve_sim_profile": {"activation_code": "SANDBOX-0001"},
    **samples_webhooks.SENT,
}
"""Operation → the body of a request."""
