"""The rules of orders (contract §2). Plain functions: records in, faults out."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from functions.catalog.offering import IntervalValidity, Offering
from functions.orders.requests import AddonChoice, Products, SimChoice
from functions.shared.records import Found
from functions.shared.refusals import Code, Fault, refuses
from functions.sim_profiles.sim_profile import Reservation
from functions.subscriptions.subscription import TAKES_ORDERS, Subscription

MAX_DATA_ADDONS = 15
MAX_OPEN_PRODUCTS = 40
PLAN = "$.products.plan.product_offering_id"
ADDONS = "$.products.addons"
ARTICLES = {"plan": "a plan", "addon": "an add-on", "non_service": "a non-service"}


@refuses(Code.NOT_FOUND, Code.SUBSCRIPTION_NOT_ACTIVE, Code.ORDER_IN_PROGRESS)
def check_subscription(
    subscription: Subscription | None,
    *,
    exclusive: bool,
    takes: Iterable[str] = TAKES_ORDERS,
    waits: bool = False,
) -> Iterator[Fault]:
    """Yield the faults of the subscription: missing, wrong status, or another order in progress (contract §2, lock).

    An order that ``waits`` for its date is never blocked: it takes the lock when it is released.
    """
    pointer = "$.subscription_id"
    if subscription is None:
        yield Fault(Code.NOT_FOUND, "This subscription does not exist.", pointer)
        return
    if subscription.status not in takes:
        yield Fault(Code.SUBSCRIPTION_NOT_ACTIVE, f"The subscription is {subscription.status}.", pointer)
    if not waits and subscription.lock.blocks(exclusive=exclusive):
        detail = "Another order on this subscription is in progress; send this one again when it is final."
        yield Fault(Code.ORDER_IN_PROGRESS, detail, pointer)


@refuses(
    *(Code.NOT_FOUND, Code.OFFERING_INACTIVE, Code.OFFERING_NOT_A_PLAN, Code.OFFERING_NOT_AN_ADDON, Code.NOT_SUPPORTED),
    *(Code.TOO_MANY_DATA_ADDONS, Code.DUPLICATE_VOICE_ADDON, Code.TOO_MANY_PRODUCTS),
    Code.INCOMPATIBLE_ADDON,
)  # and NO_ACTIVE_PLAN of an order that may have no plan of its own: its type declares it
def check_products(
    products: Products,
    found: Found,
    subscription: Subscription | None,
    now: datetime,
    *,
    replaces_plan: bool = False,
) -> Iterator[Fault]:
    """Yield the faults of the products: each offering, the add-on rule, the add-ons' plan, the number of products.

    With ``replaces_plan``, the order's plan replaces the current one, and the add-ons must fit the new plan.
    """
    addons = [found.get(Offering, choice.product_offering_id) for choice in products.addons]
    if products.plan:
        plan = found.get(Offering, products.plan.product_offering_id)
        yield from _check_offering(plan, "plan", PLAN, now)
    for position, (choice, addon) in enumerate(zip(products.addons, addons, strict=True)):
        yield from _check_offering(addon, "addon", f"{ADDONS}[{position}].product_offering_id", now)
        yield from _check_start(choice, addon, f"{ADDONS}[{position}].start_at")
    yield from check_addon_rule(addons)
    yield from _check_plan_of_addons(products, addons, found, None if replaces_plan else subscription)
    room = MAX_OPEN_PRODUCTS - (_taken(subscription) if subscription else 0)
    if len(products.addons) + bool(products.plan) - replaces_plan > room:
        left = max(room, 0)
        detail = (
            f"A subscription can have at most {MAX_OPEN_PRODUCTS} open products; this one has room for {left} more."
        )
        yield Fault(Code.TOO_MANY_PRODUCTS, detail, "$.products")


def check_addon_rule(addons: Iterable[Offering | None]) -> Iterator[Fault]:
    """Yield the faults of the add-on rule: too many data add-ons, or two voice add-ons of one coverage type."""
    addons = list(addons)
    if (data := sum(_allows(addon, "data") for addon in addons)) > MAX_DATA_ADDONS:
        detail = f"An order can have at most {MAX_DATA_ADDONS} data add-ons; this one has {data}."
        yield Fault(Code.TOO_MANY_DATA_ADDONS, detail, ADDONS)
    seen: Counter[str] = Counter()
    for position, addon in enumerate(addons):
        types = _voice_types(addon)
        if repeated := sorted(voice_type for voice_type in types if seen[voice_type]):
            detail = f"The order already has a voice add-on of type {', '.join(repeated)}."
            yield Fault(Code.DUPLICATE_VOICE_ADDON, detail, f"{ADDONS}[{position}].product_offering_id")
        seen.update(types)


@refuses(Code.RESERVATION_NOT_USABLE)
def check_reservation(sim: SimChoice | None, found: Found, now: datetime) -> Iterator[Fault]:
    """Yield a fault if a physical SIM's reservation is unknown, in use or expired."""
    if sim is None or sim.sim_type == "esim":
        return
    reservation = found.get(Reservation, sim.reservation_id)
    if reservation is None or not reservation.usable(now):
        detail = "No open reservation has this id; reserve the SIM again."
        yield Fault(Code.RESERVATION_NOT_USABLE, detail, "$.sim_profile.reservation_id")


def _check_offering(offering: Offering | None, wanted: str, pointer: str, now: datetime) -> Iterator[Fault]:
    if offering is None:
        yield Fault(Code.NOT_FOUND, "This product offering does not exist.", pointer)
        return
    if offering.type != wanted:
        code = Code.OFFERING_NOT_A_PLAN if wanted == "plan" else Code.OFFERING_NOT_AN_ADDON
        yield Fault(code, f"{offering.name} is {ARTICLES[offering.type]}, not {ARTICLES[wanted]}.", pointer)
    elif offering.category == "additional_phone_number":
        yield Fault(Code.NOT_SUPPORTED, "Additional phone numbers are not supported.", pointer)
    if not _on_sale(offering, now):
        yield Fault(Code.OFFERING_INACTIVE, f"{offering.name} is not on sale at the moment.", pointer)


def _check_start(choice: AddonChoice, addon: Offering | None, pointer: str) -> Iterator[Fault]:
    validity = addon.validity if addon else None
    if choice.start_at and isinstance(validity, IntervalValidity) and choice.start_at >= validity.end_at:
        detail = "The start must be before the end of the offering's interval."
        yield Fault(Code.CONSTRAINT_VALIDATION_ERROR, detail, pointer)


def _is_plan(offering: Offering | None) -> bool:
    return offering is not None and offering.type == "plan"


def _check_plan_of_addons(
    products: Products, addons: Iterable[Offering | None], found: Found, subscription: Subscription | None
) -> Iterator[Fault]:
    """Yield the faults of add-ons that have no active plan, on the subscription or in the order, or do not fit it."""
    if products.plan and not _is_plan(found.get(Offering, products.plan.product_offering_id)):
        return
    current = subscription.current_plan() if subscription else None
    plans = {current.offering_id} if current else set()
    if products.plan:
        plans.add(products.plan.product_offering_id)
    elif products.addons and not plans:
        yield Fault(Code.NO_ACTIVE_PLAN, "Add-ons need an active plan; order one first, or in the same order.", ADDONS)
        return
    for position, addon in enumerate(addons):
        if addon is not None and addon.type == "addon" and not plans & set(addon.fits):
            detail = f"{addon.name} cannot be added to the plan: no catalog has both."
            yield Fault(Code.INCOMPATIBLE_ADDON, detail, f"{ADDONS}[{position}].product_offering_id")


def _taken(subscription: Subscription) -> int:
    """Return the number of its products, including those that accepted orders will add."""
    return len(subscription.open_products) + sum(subscription.lock.reserved_places.values())


def _on_sale(offering: Offering, now: datetime) -> bool:
    available = offering.availability
    begun = available is None or available.start_at is None or available.start_at <= now
    over = available is not None and available.end_at is not None and available.end_at <= now
    ended = isinstance(offering.validity, IntervalValidity) and offering.validity.end_at <= now
    return offering.status == "active" and begun and not over and not ended


def _allows(addon: Offering | None, allowance_type: str) -> bool:
    return addon is not None and any(allowance.type == allowance_type for allowance in addon.allowances)


def _voice_types(addon: Offering | None) -> set[str]:
    allowances = addon.allowances if addon else []
    return {allowance.coverage_area.type for allowance in allowances if allowance.type == "voice"}
