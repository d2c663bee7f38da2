"""What the description says of the operations of orders (contract §2)."""

from infra.openapi.texts import Text

SAME = (
    "Answers with the order in status `accepted`; fulfillment goes on in the background. `type` may be left out here. "
    "Send an `Idempotency-Key`, a `reference`, or both, so that a lost answer never becomes a second order."
)
ADDON_RULE = (
    "An order can have at most 15 data add-ons and one voice add-on of each coverage type (`local`, `regional`, "
    "`global`)."
)

ORDERS = {
    "POST /orders": Text(
        "place_order",
        "Orders",
        "Place an order",
        "Takes every order type; `type` chooses it. Each type also has a path of its own, with the same answer. Send "
        "an `Idempotency-Key`, a `reference`, or both, so that a lost answer never becomes a second order.",
        "Order",
        201,
    ),
    "POST /orders/validate": Text(
        "validate_order",
        "Orders",
        "Check an order without placing it",
        'Answers what `POST /orders` would answer to the same body, without any effect: `{"valid": true}`, or the same '
        "refusal. An `Idempotency-Key` is ignored.",
        "ValidOrder",
    ),
    "POST /orders/activate-subscription": Text(
        "activate_subscription",
        "Orders",
        "Activate a subscription",
        "Creates a subscription for a subscriber, with a new eSIM or a reserved physical SIM, one plan and any "
        f"add-ons. {ADDON_RULE} {SAME}",
        "Order",
        201,
    ),
    "POST /orders/topup-subscription": Text(
        "topup_subscription",
        "Orders",
        "Top up a subscription",
        "Adds a plan, add-ons or both to a subscription. Nothing that runs ends. Top-ups of one subscription run side "
        f"by side. {ADDON_RULE} {SAME}",
        "Order",
        201,
    ),
    "POST /orders/cancel-subscription": Text(
        "cancel_subscription",
        "Orders",
        "Cancel a subscription",
        "Ends a subscription with its products and its SIM: at once, on a date, or at the end of the current plan's "
        f"cycle. {SAME}",
        "Order",
        201,
    ),
    "POST /orders/swap-subscription-sim": Text(
        "swap_subscription_sim",
        "Orders",
        "Swap the SIM of a subscription",
        "Gives a subscription another SIM: a new eSIM unless `sim_profile` names a reserved physical SIM. The old SIM "
        f"works until the new one is linked, and is never used again. {SAME}",
        "Order",
        201,
    ),
    "POST /orders/change-subscription-plan": Text(
        "change_subscription_plan",
        "Orders",
        "Change the plan of a subscription",
        "Replaces the current plan: at once, on a date, or at the end of its cycle. Add-ons are kept. "
        f"{ADDON_RULE} {SAME}",
        "Order",
        201,
    ),
    "POST /orders/cancel-subscription-products": Text(
        "cancel_subscription_products",
        "Orders",
        "Cancel products of a subscription",
        f"Ends 1 to 40 products: at once, on a date, or each at the end of its cycle. {SAME}",
        "Order",
        201,
    ),
    "GET /orders": Text(
        "list_orders",
        "Orders",
        "List orders",
        'Newest first. Filters combine with "and". `reference` finds the order whose answer was lost.',
        "OrderSummary orders",
    ),
    "GET /orders/{order_id}": Text(
        "get_order",
        "Orders",
        "Get an order",
        "The order with its subscription, as soon as there is one. `_embedded.subscription` has the eSIM.",
        "Order",
    ),
    "GET /orders/{order_id}/history": Text(
        "get_order_history",
        "Orders",
        "Get the history of an order",
        "Every status that the order has had, oldest first.",
        "OrderHistory",
    ),
    "POST /orders/{order_id}/cancel": Text(
        "cancel_order",
        "Orders",
        "Cancel an order that waits",
        "Only an order that is `scheduled` or `on_hold` can be canceled; it has the link `cancel` then.",
        "Order",
    ),
    "POST /orders/{order_id}/resume": Text(
        "resume_order",
        "Orders",
        "Resume an order that is on hold",
        "The order begins to be fulfilled. An order that is not resumed within 30 days expires.",
        "Order",
    ),
}
