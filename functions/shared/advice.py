"""What a partner's developer is told of each code: the one source of docs/errors.md. No function imports it."""

from typing import NamedTuple

from functions.shared.http import API_VERSION
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
        "A member, parameter or header has the wrong shape, length or range, is missing, or is not known.",
        "Fix what `pointer` or `detail` names.",
    ),
    Code.INVALID_JSON: Advice(
        "The body is not JSON, or holds a number that is too large.",
        "Fix the serializer; `NaN` and `1e400` are no numbers that others can read.",
    ),
    Code.INVALID_STATE: Advice(
        "The resource's status does not allow this.",
        "Read the resource; its `_links` show what it allows now.",
    ),
    Code.NOT_FOUND: Advice(
        "The body names something that this partner does not have.", "Correct the id that `pointer` shows."
    ),
    Code.NOT_SUPPORTED: Advice("The member is known, but not supported.", "Leave it out, or send it empty."),
    Code.OFFERING_INACTIVE: Advice("The offering is not on sale now.", "Choose one of the active offerings."),
    Code.OFFERING_NOT_A_PLAN: Advice("An add-on was named where a plan is wanted.", "Name a plan."),
    Code.OFFERING_NOT_AN_ADDON: Advice("A plan was named where an add-on is wanted.", "Name an add-on."),
    Code.TOO_LARGE: Advice(
        "What the order sells does not fit into one request to the mobile network (200 KB), or into one record.",
        "Split the order. Most of it is metadata of the offerings and allowances.",
    ),
    Code.TOO_MANY_PRODUCTS: Advice(
        "An order takes at most 30 add-ons, and a subscription at most 40 open products.",
        "Split the order, or cancel products first.",
    ),
    Code.TOO_MANY_DATA_ADDONS: Advice(
        "An order takes at most 15 add-ons with data.", "Order the others in a second order."
    ),
    Code.DUPLICATE_VOICE_ADDON: Advice(
        "An order takes at most one add-on with voice of each coverage type.", "Order the other in a second order."
    ),
    Code.NO_ACTIVE_PLAN: Advice(
        "What was asked for needs an active plan, and there is none.", "Order a plan, in the same order or before."
    ),
    Code.INCOMPATIBLE_ADDON: Advice(
        "No catalog holds both the add-on and the plan.",
        "Choose from `GET /product-offerings/{id}/compatible` of the plan.",
    ),
    Code.RESERVATION_NOT_USABLE: Advice(
        "The reservation is over, taken by another order, or not this partner's.", "Reserve the SIM again."
    ),
    Code.ACTIVATION_CODE_NOT_USABLE: Advice(
        "No SIM with this activation code can be reserved.", "Check the code on the card, or take another card."
    ),
    Code.SUBSCRIPTION_NOT_ACTIVE: Advice(
        "The subscription's status does not take this order.",
        "Read the subscription; a suspended one takes only cancellations, an ended one nothing.",
    ),
    Code.ORDER_IN_PROGRESS: Advice(
        "Another order on the subscription is being carried out.", "Send it again when that order is final."
    ),
    Code.ORDER_ALREADY_SCHEDULED: Advice(
        "A scheduled order of this type, or for this product, exists already, or the subscription has 40 of them.",
        "Cancel one of them first, or leave it.",
    ),
    Code.DUPLICATE_REFERENCE: Advice(
        "An order with this reference exists.", "Read it at `_links.order`; it may be yours whose answer was lost.", 409
    ),
    Code.UNSUPPORTED_API_VERSION: Advice("There is no such `Api-Version`.", f"Send `{API_VERSION}`, or leave it out."),
    Code.INVALID_CURSOR: Advice(
        "The cursor is damaged, or belongs to another list, filter or partner.",
        "Begin at the first page, and follow the links as they are.",
    ),
    RATE_LIMIT_EXCEEDED: Advice(
        "More requests than the partner's limit allows.", "Wait as long as `Retry-After` says, then send it again.", 429
    ),
}
"""Code of an entry of ``errors`` → what to tell of it."""

FAILURES: dict[str, Advice] = {
    "no_sim_available": Advice("There was no eSIM in stock.", "Have the stock filled, then order again."),
    "reservation_not_usable": Advice("The reserved SIM was no longer to be had.", "Reserve a SIM, then order again."),
    "network_rejected": Advice("The mobile network refused; `detail` has its reason.", "Remove the reason first."),
    "network_timeout": Advice("The mobile network did not answer in time.", "Order again."),
    "subscription_not_active": Advice(
        "The subscription's status changed before the order began.", "Read the subscription first."
    ),
    "no_active_plan": Advice("The subscription's plan ended before the order began.", "Order a plan first."),
    "internal_error": Advice("Something failed on our side.", "Order again; tell us if it fails again."),
}
"""Code of an order's ``failure`` → what to tell of it."""
