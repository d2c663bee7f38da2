"""A subscription with everything that belongs to it, as it was before a change, and what the change makes of it."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from functions.products import balances, lifecycle
from functions.products.product import Product
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.phone_number import PhoneNumber
from tests.support.builders import MONTH, NOW, PARTNER, holding, offering, product

DAY = timedelta(days=1)
AT = NOW + DAY
"""When the change is made."""
CYCLE_END = NOW.replace(month=4)
ONCE = MONTH | {"is_recurrent": False}
UNTIL_CYCLE_ENDS = {"type": "end_of_plan_cycle"}
ESIM = {"profile_status": "ready_for_installation", "profile_reported_at": NOW, "status": "active"}


def bought(product_id: str, validity: Any = ONCE, kind: str = "addon", mode: Any = "immediate") -> Product:
    """A product that was there before the change."""
    terms = offering(f"of {product_id}", kind, validity=validity)
    made = product(product_id, terms, version=1, balances=balances.balances_of(terms))
    lifecycle.begin(made, mode, NOW, CYCLE_END)
    return made


def number(number_id: str = "pn_1") -> PhoneNumber:
    fields = {"subscription_id": "subs_1", "msisdn": "+4915112345678", "country": "DE", "version": 1}
    return PhoneNumber(id=number_id, partner=PARTNER, created_at=NOW, **fields)


def sim(sim_profile_id: str = "simp_1", **fields: Any) -> SimProfile:
    plain: dict[str, Any] = {"id": sim_profile_id, "partner": PARTNER, "created_at": NOW, "version": 1}
    plain |= {"iccid": "8988211000000000002", "sim_type": "esim"}
    return SimProfile.model_validate(plain | ESIM | fields)


def having(*products: Product, numbers: Iterable[PhoneNumber] = (), **fields: Any) -> SubscriptionAggregate:
    """A subscription that was there before the change, and everything that belongs to it."""
    linked: SimProfile = fields.pop("sim_profile", sim())
    root = holding(*products, version=1, sim_profile=linked, phone_numbers=list(numbers), **fields)
    root.due_at = fields.get("due_at", root.next_due_at())
    return SubscriptionAggregate(root, AT, products=products, numbers=numbers, sim=linked.model_copy())


def written(changed: SubscriptionAggregate) -> list[str]:
    """The ids of the records that the change writes; each that was there before says when it was changed."""
    records = [*changed.records()]
    assert {record.updated_at for record in records if record.version} <= {AT}
    return [record.id for record in records]


def published(changed: SubscriptionAggregate) -> list[tuple[str, int]]:
    """The types and numbers of the events, which are all about the subscription."""
    events = [*changed.events()]
    assert {(event.partner, event.subscription_id) for event in events} <= {(PARTNER, changed.root.id)}
    return [(event.type, event.sequence) for event in events]


def data(changed: SubscriptionAggregate) -> list[Any]:
    return [event.data for event in changed.events()]
