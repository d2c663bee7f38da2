"""What the members of requests and answers mean, by their names."""

from typing import Any

WORDS = {
    "id": "The id of the resource.",
    "type": "What kind it is.",
    "status": "The current status.",
    "name": "The name that people read.",
    "created_at": "When it was created.",
    "updated_at": "When it was last changed.",
    "reference": "Your own name for the order, unique forever. `GET /orders?reference=` finds it.",
    "expected_by": "When the order should be fulfilled.",
    "prepared_at": "When what the order needs was taken. From then on, the mobile network is asked.",
    "reached_step": "Only while the order is `fulfilling`: the step that it has reached. `prepare`: what it needs is "
    "being taken. `provision`: it was taken, and the mobile network is asked. Completing and undoing are one write "
    "each, which ends the order, so neither shows as a step.",
    "completed_at": "When the order was completed.",
    "canceled_at": "When the order was canceled.",
    "schedule": "When to carry out the order, if not at once.",
    "mode": "`end_of_cycle`, or `specific_date` with `effective_at`.",
    "effective_at": "A UTC date, from today to 365 days ahead; it means 00:00:00 UTC.",
    "on_hold_condition": "What the order waits for. It goes on when you resume it.",
    "payment_intent_id": "Your id of the payment. It is kept with the order, and not checked.",
    "failure": "Why the order failed.",
    "retriable": "Whether you can send the same content again with a new key and a new reference.",
    "step": "Where the order failed.",
    "subscription_id": "The subscription.",
    "subscriber_id": "The subscriber who will use the subscription.",
    "account_id": "The account that pays.",
    "order_id": "The order that created the product.",
    "product_ids": "The products to end, each once.",
    "product_offering_id": "The offering to order.",
    "purchase_location": "The country of the sale.",
    "sim_profile": "The SIM.",
    "sim_type": "`esim`, or `psim` for a physical SIM.",
    "reservation_id": "The reservation of a physical SIM.",
    "reservation_expires_at": "When the reservation ends, unless an order has taken it.",
    "eid": "The EID of the device (32 digits). Without it the profile is installed by QR code.",
    "addons": "Add-ons. An order can have at most 15 data add-ons and one voice add-on of each coverage type.",
    "activation_mode": "When it starts: at once, with its first usage, or at `start_at`.",
    "start_at": "When it starts.",
    "price_alterations": "Prices of this order in place of the offering's, at most one of each type.",
    "invoice": "Notes for the invoice. They are kept with the order.",
    "unit_amount": "The amount in minor units, such as cents.",
    "currency": "ISO 4217.",
    "recurrence": "How often a recurring price is due.",
    "country": "ISO 3166-1 alpha-2, plus `AN` and `XK`.",
    "countries": "ISO 3166-1 alpha-2, plus `AN` and `XK`.",
    "metadata": "Your own notes, by keys of your own.",
    "category": "The kind of an add-on.",
    "validity": "How long a product of this offering lasts.",
    "availability": "When the offering can be ordered.",
    "refundable": "Whether the offering can be refunded.",
    "phone_number_country": "The country of the phone number that comes with the plan.",
    "is_recurrent": "Whether it renews by itself.",
    "is_unlimited": "If so, `unit` and `unit_count` are absent.",
    "unit_count": "How many units.",
    "policies": "Rules of the mobile network. They are shown, and not metered.",
    "iccid": "19 digits.",
    "profile_status": "What the mobile network has seen of the eSIM profile.",
    "matching_id": "The eSIM's activation code at the SM-DP+.",
    "smdp_address": "The address of the SM-DP+.",
    "msisdn": "E.164, with `+`.",
    "is_primary": "Whether it is the subscription's main number.",
    "ended_at": "When it ended.",
    "started_at": "When it started.",
    "end_at": "When it ends.",
    "billing_cycle_end_at": "When the current cycle ends.",
    "cycle_end_at": "The same as `billing_cycle_end_at`.",
    "expire_at": "When it expires if it has not been used.",
    "expired_at": "When it expired.",
    "status_reason": "Why it waits.",
    "allowance_type": "What the balance is for.",
    "initial": "What each cycle begins with; always `remaining + spent`.",
    "remaining": "What is left.",
    "spent": "What has been used.",
    "cancellation_mode": "At once, or when the current cycle or the validity is over.",
    "activation_code": "The code that is printed on the card.",
    "email": "The e-mail address.",
    "locale": "A BCP 47 language tag.",
    "birth_date": "The date of birth.",
    "identifications": "Documents that identify the subscriber.",
    "number": "The number by which people name it.",
    "tax_id": "The tax number.",
    "regon": "The number in the Polish register of businesses.",
    "state": "Required for the countries US and CA, and not allowed for any other.",
    "sequence": "Counts the events of one resource from 1 without a gap.",
    "code": "A stable word for the fault.",
    "detail": "What is wrong, in plain words.",
    "pointer": "A JSONPath to the place in the body. Faults in headers and in the query have none.",
    "correlation_id": "The id of the request. Name it when you ask us for help.",
    "title": "The name of the status.",
    "limit": "How many items a page has at most.",
    "cursor": "From the `next` or `prev` link of a page. Do not build or change it.",
    "subscription-id": "Only of this subscription.",
    "subscription": "The same as `subscription-id`.",
    "subscriber-id": "Only of this subscriber.",
    "account-id": "Only of this account.",
    "order-id": "Only of this order.",
    "created-from": "Only what was created at this time or later.",
    "created-to": "Only what was created before this time.",
    "allowances[coverage-area][countries]": "Only what covers at least one of these countries.",
    "lpa": "`LPA:1$<SM-DP+ address>$<matching id>`.",
    "reason": "Why the status changed.",
    "url": "Where events are sent: https, to public addresses.",
    "description": "Your own words about it.",
    "enabled_events": "The types that it gets: event types, groups of them like `order.*`, or `*`.",
    "disabled_reason": "`failing` after five days of nothing but failed attempts, `partner` if you disabled it.",
    "failing_since": "The first failed attempt since the last success.",
    "resting": "There while its last 20 attempts failed: its deliveries are tried one at a time until one succeeds.",
    "basic_auth": "Sent as HTTP Basic with each attempt. It is never shown.",
    "signing_secret": "32 random bytes in Base64. Keep it: it is shown only here.",
    "key_version": "Counts the signing secrets: `v1`, `v2`, …",
    "event_id": "The event, which is the `webhook-id` of each attempt.",
    "event_type": "The type of the event.",
    "delivered_at": "When an attempt succeeded.",
    "next_attempt_at": "When it is tried next by the schedule.",
    "attempts": "Every request to the webhook, oldest first.",
    "duration_ms": "How long it took.",
    "status_code": "The status that the webhook answered.",
    "error": "Why the attempt failed.",
    "response_body": "The first 1,024 characters of the answer.",
    "test": "It was sent by `POST /webhooks/{webhook_id}/test`.",
    "deliveries": "How many deliveries are made.",
    "since": "From when on, included.",
    "until": "Up to when, not included.",
    "event-id": "Only of this event.",
    "at": "Since when.",
}
PLACES = {
    "query": {
        "countries": "Only what covers at least one of these countries.",
        "status": "Only with this status.",
        "email": "Only with this e-mail address, without regard to case.",
        "iccid": "Only the subscription that has or has had the SIM with this ICCID (19 digits).",
        "msisdn": "Only subscriptions that have or have had this phone number (E.164, with or without its `+`).",
    }
}
"""Other words for parameters of this place."""


def describe(value: Any) -> Any:
    """Return a part of the document in which known members and parameters have their descriptions."""
    if isinstance(value, list):
        return [describe(element) for element in value]
    if not isinstance(value, dict):
        return value
    found = {name: describe(member) for name, member in value.items()}
    if isinstance(found.get("properties"), dict) and found.get("type") == "object":
        found["properties"] = {name: _with_words(name, member) for name, member in found["properties"].items()}
    if "in" in found and "name" in found:
        words = {**WORDS, **PLACES.get(found["in"], {})}
        name = found["name"]
        text = words.get(name) or (f"The id of the {name[:-3].replace('_', ' ')}." if name.endswith("_id") else None)
        if text and "description" not in found:
            found = {"name": name, "in": found["in"], "description": text, **found}
    return found


def _with_words(name: str, schema: Any) -> Any:
    if "$ref" in schema or "description" in schema or name not in WORDS:
        return schema
    return {"description": WORDS[name], **schema}
