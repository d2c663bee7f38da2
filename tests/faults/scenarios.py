"""What is gone through with every fault."""

from functions.routes import ROUTES, Route
from tests.faults import in_time, of_orders, of_webhooks
from tests.faults.ways import Scenario, requested
from tests.lifecycle.keyed_requests import ORDERS
from tests.support import bodies

NETWORKS = ("accepts", "rejects", "silent")


def writes(route: Route) -> bool:
    """Whether the operation changes something."""
    return route.method == "DELETE" or (route.method in {"POST", "PATCH"} and route.keyed)


def name_of(route: Route) -> str:
    """The operation, as its scenario is called."""
    return f"{route.method} {route.path}"


def door(order_type: str, network: str) -> str:
    """The scenario of an order of this type, named as in its path."""
    return f"POST /orders/{order_type}, {network}"


DOORS = {f"/orders/{order_type}" for order_type in ORDERS}
REQUESTS: dict[str, Scenario] = {
    name_of(route): requested(route.method, route.path)
    for route in ROUTES
    if writes(route) and route.method != "DELETE" and route.path not in DOORS
}
SCENARIOS: dict[str, Scenario] = {
    **{
        door(order_type, network): of_orders.ordered(order_type, network)
        for order_type in ORDERS
        for network in NETWORKS
    },
    **{f"activation on a card, {network}": of_orders.with_a_card(network) for network in NETWORKS},
    "activation with a number": of_orders.with_a_number,
    "cancellation with a number": of_orders.giving_back_a_number,
    "no eSIM in stock": of_orders.without_stock,
    "network succeeds too late": of_orders.answered_late("provisioning.succeeded"),
    "network refuses too late": of_orders.answered_late("provisioning.failed"),
    "network cannot undo": of_orders.never_undone,
    "network never undoes": of_orders.sim_given_up,
    "execution lost": of_orders.execution_lost,
    "delayed": of_orders.delayed,
    **{f"{name}, scheduled": of_orders.scheduled(name) for name in ("cancel-subscription", "change-subscription-plan")},
    "plan change at the cycle's end": of_orders.at_the_cycles_end(
        lambda _, subscription: bodies.plan_change(subscription, "monthly too")
    ),
    "products canceled at the cycle's end": of_orders.at_the_cycles_end(of_orders.all_products),
    "scheduled and canceled": of_orders.scheduled_and_canceled,
    "one after the other": of_orders.one_after_the_other,
    "ended before its date": of_orders.ended_before_its_date,
    "released under a lock": of_orders.released_under_a_lock,
    "refused at release": of_orders.refused_at_release,
    "put on hold": of_orders.put_on_hold,
    "hold expires": in_time.hold_expires,
    **REQUESTS,
    "answer forgotten": in_time.answer_forgotten,
    **{f"report {kind}": in_time.reported(kind) for kind in in_time.REPORTS},
    **{f"early report {kind}": in_time.reported_early(kind) for kind in ("usage", "sim_installed")},
    "terminated under an order": in_time.terminated_under_an_order,
    "renewal": in_time.in_time(lambda line, name: line.place(bodies.topup(name, "monthly extra")), 31),
    "end of a product": in_time.in_time(lambda line, name: line.place(bodies.topup(name, "extra")), 30),
    "start of a product": in_time.in_time(in_time.starting_on(5), 5),
    "end of what is never used": in_time.in_time(in_time.never_used, 365),
    "reservation expires": in_time.reservation_expires,
    "webhook delivery": of_webhooks.delivered,
    "webhook down for minutes": of_webhooks.delivered_in_the_end,
    "webhook down for days": of_webhooks.never_delivered,
    "webhook disabled": of_webhooks.disabled,
    "webhook back after a rest": of_webhooks.recovered,
    "webhook enabled": of_webhooks.enabled,
    "webhook catches up": of_webhooks.caught_up,
    "webhook behind a long queue": of_webhooks.handed_over,
    "webhook replay lost": of_webhooks.replay_lost,
    "POST /webhooks/{webhook_id}/replay": of_webhooks.replayed,
    "POST /webhooks/{webhook_id}/deliveries/{delivery_id}/retry": of_webhooks.retried,
    "PATCH /webhooks/{webhook_id}": of_webhooks.ended("PATCH", {"status": "disabled"}),
    "DELETE /webhooks/{webhook_id}": of_webhooks.ended("DELETE"),
}
"""By their names; a request that is all of a scenario is its name."""
