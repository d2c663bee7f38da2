"""Small records for tests of the rules: only what a test names differs from the plainest one."""

import string
from datetime import UTC, datetime
from random import Random
from typing import Any

from functions.catalog.offering import Allowance, CoverageArea, CoverageType, Offering
from functions.products import lifecycle
from functions.products.product import ActivationMode, Product
from functions.shared.records import Found, Key, Record
from functions.shared.sealed import Sealed
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscribers.subscriber import Subscriber
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import Subscription
from functions.webhooks.webhook import SigningSecret, Webhook

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
PARTNER = "acme"
SUBSCRIBER = "subr_1"
PLANS = ("plan", "other plan")
ADDON = "addon"
"""What the worlds of ``support/world.py`` and ``races/world.py`` sell."""
MONTH = {"type": "duration", "unit": "month", "unit_count": 1, "is_recurrent": True}


def noise(length: int) -> str:
    """Text that packing makes little smaller, the same each time."""
    return "".join(Random(length).choices(string.ascii_letters + string.digits, k=length))  # noqa: S311 - no secret


def coverage(coverage_type: CoverageType = "local") -> CoverageArea:
    """One country's coverage area."""
    fields = {"id": "cov_1", "name": "Germany", "type": coverage_type, "countries": ["DE"]}
    return CoverageArea.model_validate(fields | {"created_at": NOW, "updated_at": NOW})


def allowance(kind: str = "data", coverage_type: CoverageType = "local", **fields: Any) -> Allowance:
    """1 GB, 60 minutes or 10 messages."""
    units = {"data": ("gigabytes", 1), "voice": ("seconds", 3600), "sms": ("count", 10)}
    unit, count = units[kind]
    plain: dict[str, Any] = {"type": kind, "unit": unit, "unit_count": count, "coverage_area": coverage(coverage_type)}
    return Allowance.model_validate(plain | fields)


def offering(offering_id: str, offering_type: str = "addon", **fields: Any) -> Offering:
    """An active add-on of 1 GB for a month that fits the plan ``plan``."""
    plain: dict[str, Any] = {
        "id": offering_id,
        "partner": PARTNER,
        "name": offering_id,
        "type": offering_type,
        "status": "active",
    }
    plain |= {"created_at": NOW, "updated_at": NOW, "validity": MONTH | {"is_recurrent": False}}
    plain |= {"fits": ["plan"], "allowances": [allowance()]}
    return Offering.model_validate(plain | fields)


def found(*records: Record) -> Found:
    """The answer of a batched read that found these."""
    return Found({Key(*record.key()): record.item() for record in records}, PARTNER)


def subscription(**fields: Any) -> Subscription:
    """An active subscription without products."""
    sim = SimProfile(id="simp_1", partner=PARTNER, created_at=NOW, iccid="8988211000000000002", sim_type="esim")
    plain: dict[str, Any] = {
        "id": "subs_1",
        "partner": PARTNER,
        "created_at": NOW,
        "status": "active",
        "sim_profile": sim,
    }
    return Subscription.model_validate(plain | {"subscriber_id": SUBSCRIBER, "account_id": "acc_1"} | fields)


def subscriber(**fields: Any) -> Subscriber:
    """A subscriber with what every one has."""
    person = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "address": {"country": "DE"}}
    plain = {"id": SUBSCRIBER, "partner": PARTNER, "created_at": NOW, "account_id": "acc_1"}
    return Subscriber.model_validate(plain | person | fields)


def whole(root: Subscription) -> SubscriptionAggregate:
    """A subscription as its orders use it, with none of its products read."""
    return SubscriptionAggregate(root, NOW)


def webhook(webhook_id: str, **fields: Any) -> Webhook:
    """An enabled webhook that gets everything; nobody can open its secret."""
    secret = SigningSecret(version=1, sealed=Sealed.model_validate({"sealed": "", "data_key": ""}))
    plain: dict[str, Any] = {"id": webhook_id, "partner": PARTNER, "created_at": NOW, "enabled_at": NOW}
    plain |= {"url": "https://example.com/", "enabled_events": ["*"], "secrets": [secret]}
    return Webhook.model_validate(plain | fields)


def product(product_id: str, terms: Offering, **fields: Any) -> Product:
    """A product of the offering that has not begun."""
    plain: dict[str, Any] = {
        "id": product_id,
        "partner": PARTNER,
        "created_at": NOW,
        "status": "scheduled",
        "order_id": "ord_1",
    }
    plain |= {"subscription_id": "subs_1", "offering": terms.terms(), "balances": [], "prices": []}
    return Product.model_validate(plain | fields)


def begun(product_id: str, terms: Offering, mode: ActivationMode = "immediate") -> Product:
    """A product that an order has brought: an active one or, with another mode, one that waits."""
    new = product(product_id, terms)
    lifecycle.begin(new, mode, NOW, None)
    return new


def holding(*products: Product, **fields: Any) -> Subscription:
    """A subscription with these products."""
    root = subscription(**fields)
    for each in products:
        root.know(each)
    return root
