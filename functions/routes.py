"""Every operation of the API, with its function and the scope that it needs.

Each module named here is one Lambda function (a door); API Gateway sends it the routes listed with it.
A new order type has a module in ``functions/orders`` and its name in ``OrderType``.
"""

from dataclasses import dataclass
from typing import Literal, get_args

OrderType = Literal[
    "activate_subscription",
    "topup_subscription",
    "cancel_subscription",
    "swap_subscription_sim",
    "change_subscription_plan",
    "cancel_subscription_products",
]
ORDER_TYPES: tuple[OrderType, ...] = get_args(OrderType)


@dataclass(frozen=True)
class Route:
    """One operation: ``path`` as API Gateway writes it, ``module`` under ``functions``, ``scope``.

    Without a scope (``None``) it needs no token; with ``""`` any token is enough. ``keyed``: a POST or PATCH accepts an
    ``Idempotency-Key``. ``acts_outside``: it does more than one write, so its key is looked up before it runs.
    """

    method: str
    path: str
    module: str
    operation: str
    scope: str | None
    keyed: bool = True
    acts_outside: bool = False


ROUTES = (
    Route("GET", "/", "about", "get_home", None),
    Route("GET", "/health", "health", "get_health", None),
    Route("HEAD", "/health", "health", "head_health", None),
    Route("GET", "/openapi.json", "about", "get_openapi_json", None),
    Route("GET", "/openapi.yaml", "about", "get_openapi_yaml", None),
    Route("GET", "/docs", "about", "get_docs", None),
    Route("GET", "/docs/orders", "about", "get_orders_page", None),
    Route("GET", "/llms.txt", "about", "get_llms", None),
    *(
        Route("POST", f"/orders/{order_type.replace('_', '-')}", f"orders.{order_type}", "place_order", "orders/write")
        for order_type in ORDER_TYPES
    ),
    Route("POST", "/orders", "orders.place_order", "place_order", "orders/write"),
    Route("POST", "/orders/validate", "orders.place_order", "validate", "orders/write", keyed=False),
    Route("GET", "/orders", "orders.read", "list_orders", "orders/read"),
    Route("GET", "/orders/{order_id}", "orders.read", "get_order", "orders/read"),
    Route("GET", "/orders/{order_id}/history", "orders.read", "get_history", "orders/read"),
    Route("POST", "/orders/{order_id}/cancel", "orders.actions", "cancel", "orders/cancel"),
    Route("POST", "/orders/{order_id}/resume", "orders.actions", "resume", "orders/write"),
    Route("GET", "/subscriptions", "subscriptions.read", "list_subscriptions", "subscriptions/read"),
    Route(
        "GET",
        "/subscriptions/{subscription_id}",
        "subscriptions.read",
        "get_subscription",
        "subscriptions/read",
    ),
    *(
        Route(
            "POST",
            f"/subscriptions/{{subscription_id}}/{action}",
            "subscriptions.actions",
            action,
            "subscriptions/write",
        )
        for action in ("grace", "suspend", "deactivate", "resume")
    ),
    Route("GET", "/phone-numbers", "subscriptions.read", "list_phone_numbers", "subscriptions/read"),
    Route(
        "GET",
        "/phone-numbers/{phone_number_id}",
        "subscriptions.read",
        "get_phone_number",
        "subscriptions/read",
    ),
    Route("GET", "/products", "subscriptions.read_products", "list_products", "products/read"),
    Route("GET", "/products/{product_id}", "subscriptions.read_products", "get_product", "products/read"),
    Route("POST", "/products/{product_id}/activate", "subscriptions.product_actions", "activate", "products/write"),
    Route("POST", "/products/{product_id}/cancel", "subscriptions.product_actions", "cancel", "products/write"),
    Route("PATCH", "/products/{product_id}", "subscriptions.product_actions", "change_prices", "products/write"),
    Route("GET", "/events", "events.read", "list_events", "events/read"),
    Route("GET", "/events/{event_id}", "events.read", "get_event", "events/read"),
    Route("GET", "/webhooks", "webhooks.read", "list_webhooks", "webhooks/read"),
    Route("POST", "/webhooks", "webhooks.write", "create_webhook", "webhooks/write"),
    Route("GET", "/webhooks/{webhook_id}", "webhooks.read", "get_webhook", "webhooks/read"),
    Route("PATCH", "/webhooks/{webhook_id}", "webhooks.write", "edit_webhook", "webhooks/write"),
    Route("DELETE", "/webhooks/{webhook_id}", "webhooks.write", "delete_webhook", "webhooks/write"),
    Route(
        "POST",
        "/webhooks/{webhook_id}/rotate-signing-secret",
        "webhooks.write",
        "rotate_signing_secret",
        "webhooks/write",
    ),
    Route("POST", "/webhooks/{webhook_id}/replay", "webhooks.redeliver", "replay", "webhooks/write"),
    Route("GET", "/webhooks/{webhook_id}/deliveries", "webhooks.read", "list_deliveries", "webhooks/read"),
    Route("GET", "/webhooks/{webhook_id}/deliveries/{delivery_id}", "webhooks.read", "get_delivery", "webhooks/read"),
    Route(
        "POST",
        "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry",
        "webhooks.redeliver",
        "retry",
        "webhooks/write",
    ),
    Route("POST", "/webhooks/{webhook_id}/test", "webhooks.send", "test_webhook", "webhooks/write", acts_outside=True),
    Route("GET", "/product-offerings", "catalog.read", "list_offerings", "catalog/read"),
    Route("GET", "/product-offerings/{offering_id}", "catalog.read", "get_offering", "catalog/read"),
    Route(
        "GET",
        "/product-offerings/{offering_id}/compatible",
        "catalog.read",
        "list_compatible",
        "catalog/read",
    ),
    Route("PATCH", "/product-offerings/{offering_id}", "catalog.edit", "edit_offering", "catalog/write"),
    Route("GET", "/product-catalogs", "catalog.read", "list_product_catalogs", "catalog/read"),
    Route("GET", "/product-catalogs/{catalog_id}", "catalog.read", "get_product_catalog", "catalog/read"),
    Route(
        "GET",
        "/product-catalogs/{catalog_id}/product-offerings",
        "catalog.read",
        "list_held_offerings",
        "catalog/read",
    ),
    Route("GET", "/coverage-areas", "catalog.read", "list_coverage_areas", "catalog/read"),
    Route("GET", "/coverage-areas/{coverage_area_id}", "catalog.read", "get_coverage_area", "catalog/read"),
    Route("GET", "/subscribers", "subscribers.read", "list_subscribers", "subscribers/read"),
    Route("GET", "/subscribers/{subscriber_id}", "subscribers.read", "get_subscriber", "subscribers/read"),
    Route("POST", "/subscribers", "subscribers.write", "create_subscriber", "subscribers/write"),
    Route("PATCH", "/subscribers/{subscriber_id}", "subscribers.write", "edit_subscriber", "subscribers/write"),
    Route("GET", "/accounts", "accounts.read", "list_accounts", "subscribers/read"),
    Route("GET", "/accounts/{account_id}", "accounts.read", "get_account", "subscribers/read"),
    Route("POST", "/accounts", "accounts.write", "create_account", "subscribers/write"),
    Route("PATCH", "/accounts/{account_id}", "accounts.write", "edit_account", "subscribers/write"),
    Route("GET", "/sim-profiles/{sim_profile_id}", "sim_profiles.read", "get_sim_profile", "sim-profiles/read"),
    Route(
        "GET",
        "/sim-profiles/{sim_profile_id}/secret-codes",
        "sim_profiles.read_secret_codes",
        "get_secret_codes",
        "sim-profiles/secrets",
    ),
    Route("POST", "/sim-profiles/reserve", "sim_profiles.reserve", "reserve", "sim-profiles/write"),
    Route("GET", "/qrcode/v1/esim/{lpa}", "sim_profiles.qrcode", "get_qrcode", None),
)

SCOPES = tuple(sorted({route.scope for route in ROUTES if route.scope}))
"""Every scope that a client can have."""


def module_of(route: Route) -> str:
    """Return the importable name of the door that serves the route."""
    return f"functions.{route.module}"


def function_name(module: str) -> str:
    """Return the short name of a module's Lambda function: ``functions.orders.read`` → ``orders-read``."""
    return module.removeprefix("functions.").replace(".", "-").replace("_", "-")
