"""What each error code means, and what to do about it: the source of docs/errors.md. No function imports it."""

from typing import NamedTuple

from functions.shared.headers import API_VERSION
from functions.shared.refusals import Code


class Advice(NamedTuple):
    """What a code means, what to do about it, and the status it comes with."""

    meaning: str
    remedy: str
    status: int = 400


RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
"""The gateway's own; no function raises it."""

REFUSALS: dict[str, Advice] = {
    Code.CONSTRAINT_VALIDATION_ERROR: Advice(
        "A member, parameter or header is missing or unknown, or has the wrong type, form, length or range.",
        "Correct what `pointer` or `detail` names.",
    ),
    Code.INVALID_JSON: Advice(
        "The body is not valid JSON, or contains a number that is too large.",
        "Fix the serializer; `NaN` and `1e400`, for example, are not valid.",
    ),
    Code.INVALID_STATE: Advice(
        "The status of the resource does not allow this.",
        "Read the resource; its `_links` show which actions it allows now.",
    ),
    Code.NOT_FOUND: Advice(
        "The body names a resource that does not exist or belongs to another partner.", "Correct the id at `pointer`."
    ),
    Code.NOT_SUPPORTED: Advice("The member is known, but not supported.", "Leave it out, or send it empty."),
    Code.OFFERING_INACTIVE: Advice("The offering is not on sale at the moment.", "Choose an active offering."),
    Code.OFFERING_NOT_A_PLAN: Advice("The offering is not a plan, but a plan is required here.", "Choose a plan."),
    Code.OFFERING_NOT_AN_ADDON: Advice(
        "The offering is not an add-on, but an add-on is required here.", "Choose an add-on."
    ),
    Code.TOO_LARGE: Advice(
        "The products of the order are too large for one request to the mobile network (200 KB), or for one record; or "
        "a replay is of more than 10,000 events.",
        "Split the order: most of its size is metadata of the offerings and their allowances. Replay a shorter time.",
    ),
    Code.TOO_MANY_PRODUCTS: Advice(
        "An order can have at most 30 add-ons, and a subscription at most 40 open products.",
        "Split the order, or cancel products first.",
    ),
    Code.TOO_MANY_WEBHOOKS: Advice(
        "A partner can have at most 40 webhooks.", "Delete one that you no longer need, or let one serve more types."
    ),
    Code.TOO_MANY_DATA_ADDONS: Advice(
        "An order can have at most 15 data add-ons.", "Order the others in a second order."
    ),
    Code.DUPLICATE_VOICE_ADDON: Advice(
        "An order can have at most one voice add-on of each coverage type.", "Order the other in a second order."
    ),
    Code.NO_ACTIVE_PLAN: Advice(
        "The request needs an active plan, and the subscription has none.",
        "Order a plan first, or in the same order.",
    ),
    Code.INCOMPATIBLE_ADDON: Advice(
        "No catalog has both the add-on and the plan.",
        "Choose an add-on from `GET /product-offerings/{id}/compatible` of the plan.",
    ),
    Code.RESERVATION_NOT_USABLE: Advice(
        "The reservation has expired, is used by another order, or belongs to another partner.",
        "Reserve the SIM again.",
    ),
    Code.ACTIVATION_CODE_NOT_USABLE: Advice(
        "No SIM with this activation code can be reserved.", "Check the code on the card, or use another card."
    ),
    Code.SUBSCRIPTION_NOT_ACTIVE: Advice(
        "The status of the subscription does not allow this order.",
        "Read the subscription; a suspended one allows only cancellations, an ended one no orders at all.",
    ),
    Code.ORDER_IN_PROGRESS: Advice(
        "Another order on the subscription is in progress.", "Send the request again when that order is final."
    ),
    Code.ORDER_ALREADY_SCHEDULED: Advice(
        "An order of this type, or for this product, is already scheduled, or 40 orders are scheduled.",
        "Cancel a scheduled order first, or keep it instead of this one.",
    ),
    Code.DUPLICATE_REFERENCE: Advice(
        "An order with this reference already exists.",
        "Read it at `_links.order`; it may be the order whose response you did not receive.",
        409,
    ),
    Code.UNSUPPORTED_API_VERSION: Advice(
        "This `Api-Version` does not exist.", f"Send `{API_VERSION}`, or leave it out."
    ),
    Code.INVALID_CURSOR: Advice(
        "The cursor is damaged, or was issued for another list, filter or partner.",
        "Start at the first page, and follow the links without changing them.",
    ),
    RATE_LIMIT_EXCEEDED: Advice(
        "The partner's rate limit is exceeded.", "Wait as long as `Retry-After` says, then send the request again.", 429
    ),
}
"""Code of an entry of ``errors`` → its meaning and its remedy."""

FAILURES: dict[str, Advice] = {
    "no_sim_available": Advice("No eSIM was in stock.", "Ask us to refill the stock, then order again."),
    "reservation_not_usable": Advice("The reserved SIM was no longer available.", "Reserve a SIM, then order again."),
    "network_rejected": Advice(
        "The mobile network refused the order; `detail` has its reason.", "Resolve the reason, then order again."
    ),
    "network_timeout": Advice("The mobile network did not answer in time.", "Order again."),
    "subscription_not_active": Advice(
        "The subscription's status changed before the order was carried out.", "Read the subscription first."
    ),
    "no_active_plan": Advice("The subscription's plan ended before the order was carried out.", "Order a plan first."),
    "internal_error": Advice("Something failed on our side.", "Order again; contact us if it fails again."),
}
"""Code of an order's ``failure`` → its meaning and its remedy."""
