"""What partners do with subscriptions, one thing at a time, and what the network reports of these."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from functions.shared.clock import iso
from tests.simulation import housekeeping
from tests.simulation.catalog import ADDONS, PLANS
from tests.simulation.partners import Partner
from tests.support import bodies
from tests.support.store import Item

DAY = timedelta(days=1)
GIGABYTE = 1024**3


def activate(partner: Partner) -> None:
    """A new subscription, on either kind of SIM; a few wait for a person."""
    fields: Item = {"on_hold_condition": "porting"} if partner.often(0.15) else {}
    if partner.often(0.5 if partner.holds("reservation") else 0.05):
        fields["sim_profile"] = {"sim_type": "psim", "reservation_id": partner.pick("reservation")}
    elif partner.often(0.2):
        fields["device"] = {"uicc": {"eid": "1" * 32}}
    body = bodies.activation(partner.owner, _plan(partner), **fields)
    body["products"]["addons"] = _addons(partner, partner.chance.choice([0, 0, 1, 2]))
    partner.order(body)


def top_up(partner: Partner) -> None:
    """A plan or add-ons more."""
    plan = {"plan": {"product_offering_id": _plan(partner)}} if partner.often(0.2) else {}
    products = plan | {"addons": _addons(partner, partner.chance.choice([1, 1, 2]))}
    partner.order(bodies.topup(partner.subscription(), products=products))


def change_plan(partner: Partner) -> None:
    """Another plan, now or later."""
    body = bodies.plan_change(partner.subscription(), _plan(partner))
    body["products"]["addons"] = _addons(partner, partner.chance.choice([0, 0, 1]))
    partner.order(body | _schedule(partner))


def cancel_subscription(partner: Partner) -> None:
    """The end of a subscription, now or later."""
    subscription = partner.pick("subscription", "active", "grace", "deactivated", "suspended")
    partner.order(bodies.cancellation(subscription) | _schedule(partner))


def cancel_products(partner: Partner) -> None:
    """The end of some products, now or later."""
    subscription = partner.subscription()
    held = partner.world.records.of(partner.name, "product")
    mine = [product["id"] for product in held if product["subscription_id"] == subscription]
    chosen = partner.chance.sample(mine, min(len(mine), partner.chance.choice([1, 1, 2, 3])))
    partner.order(bodies.products_cancellation(subscription, *chosen or ["prd_none"]) | _schedule(partner))


def swap_sim(partner: Partner) -> None:
    """Another SIM."""
    body = bodies.swap(partner.subscription())
    if partner.holds("reservation") and partner.often(0.4):
        body["sim_profile"] = {"sim_type": "psim", "reservation_id": partner.pick("reservation")}
    partner.order(body)


def end_waiting(partner: Partner) -> None:
    """The end of an order's waiting."""
    action = "resume" if partner.often(0.4) else "cancel"
    order = partner.pick("order", "on_hold" if action == "resume" else partner.chance.choice(["scheduled", "on_hold"]))
    partner.ask("POST", f"/orders/{order}/{action}")


def act_on_subscription(partner: Partner) -> None:
    """Another status of a subscription."""
    action = partner.chance.choice(["grace", "suspend", "deactivate", "resume", "resume"])
    status = "deactivated" if action == "resume" else "active"
    partner.ask("POST", f"/subscriptions/{partner.pick('subscription', status)}/{action}")


def act_on_product(partner: Partner) -> None:
    """An earlier beginning or end of a product, or another price."""
    product = partner.pick("product", "active", "pending", "scheduled")
    match partner.chance.choice(["activate", "cancel", "cancel", "prices"]):
        case "activate":
            product = partner.pick("product", "pending", "scheduled")
            partner.ask("POST", f"/products/{product}/activate")
        case "cancel":
            mode = partner.chance.choice(["immediate", "end_of_cycle"])
            partner.ask("POST", f"/products/{product}/cancel", {"cancellation_mode": mode})
        case _:
            price = {"type": "recurring", "unit_amount": partner.chance.randrange(2000), "currency": "EUR"}
            partner.ask("PATCH", f"/products/{product}", {"prices": [price]})


def report(partner: Partner) -> None:
    """Something that the network says of a subscription."""
    about: Item = {"subscription_id": partner.subscription()}
    kind = partner.chance.choice(["usage"] * 6 + ["first_usage", "country_changed", "sim_installed", "sim_deleted"])
    if kind.startswith("sim"):
        about = {"sim_profile_id": partner.pick("sim_profile", "active", "reserved")}
    elif kind == "usage":
        data, voice = {"allowance_type": "data"}, {"allowance_type": "voice", "amount": 600}
        amounts = [GIGABYTE // 100, int(0.85 * GIGABYTE), 2 * GIGABYTE]
        about |= voice if partner.often(0.2) else data | {"amount": partner.chance.choice(amounts)}
        about |= {"country": "DE"}
    else:
        about |= {"country": partner.chance.choice(["DE", "FR"])}
    partner.report(kind, about)


def terminate(partner: Partner) -> None:
    """The end of a subscription without an order."""
    partner.report("terminated", {"subscription_id": partner.pick("subscription", "active", "suspended", "grace")})


DEEDS: Mapping[str, tuple[int, Callable[[Partner], None]]] = {
    "activate a subscription": (12, activate),
    "top up": (16, top_up),
    "change the plan": (10, change_plan),
    "cancel a subscription": (6, cancel_subscription),
    "cancel products": (10, cancel_products),
    "swap the SIM": (8, swap_sim),
    "end an order's waiting": (8, end_waiting),
    "act on a subscription": (7, act_on_subscription),
    "act on a product": (8, act_on_product),
    "reserve a SIM": (7, housekeeping.reserve),
    "keep house": (4, housekeeping.keep_house),
    "ask again": (6, housekeeping.ask_again),
    "trespass": (3, housekeeping.trespass),
    "look around": (3, housekeeping.look_around),
    "hear a report": (20, report),
    "lose a subscription": (2, terminate),
    "make a webhook": (3, housekeeping.make_webhook),
    "change a webhook": (3, housekeeping.change_webhook),
    "send again": (3, housekeeping.send_again),
}
"""By their names: how often they are done, among all, and how."""


def _plan(partner: Partner) -> str:
    return partner.chance.choice([*PLANS])


def _addons(partner: Partner, number: int) -> list[Item]:
    chosen = partner.chance.sample([*ADDONS], number)
    return [addon for name in chosen for addon in bodies.addons(name, **_mode(partner))]


def _mode(partner: Partner) -> dict[str, str]:
    mode = partner.chance.choice(["immediate", "immediate", "first_usage", "scheduled"])
    days = timedelta(hours=partner.chance.randrange(1, 24 * 40))
    return {"mode": mode} | ({"start_at": iso(partner.world.scheduler.now + days)} if mode == "scheduled" else {})


def _schedule(partner: Partner) -> Item:
    match partner.chance.choice(["now", "now", "end_of_cycle", "date"]):
        case "end_of_cycle":
            return {"schedule": bodies.AT_CYCLE_END}
        case "date":
            day = (partner.world.scheduler.now + DAY * partner.chance.choice([0, 1, 1, 5, 30])).date()
            return {"schedule": {"mode": "specific_date", "effective_at": day.isoformat()}}
    return {}
