"""``activate_subscription``: a new subscription with a SIM, one plan and add-ons."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.contents import lines_of, sim_of
from functions.orders.execution_steps import link_sim, make_products, take_sim
from functions.orders.kind import OrderKind, Work
from functions.orders.order import order_link
from functions.orders.requests import ProductsWithPlan, Purchase, SimChoice, WithSim, offerings_of
from functions.orders.sizes import check_size
from functions.shared.dynamodb import Conflict
from functions.shared.http import Request, Response, door
from functions.shared.ids import new_id
from functions.shared.records import Found, Wanted
from functions.shared.refusals import Code, Fault, refuses
from functions.shared.shapes import Id
from functions.subscribers.subscriber import Subscriber
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import Subscription


class ActivateSubscription(Purchase, WithSim):
    """The body of the request (contract §2)."""

    type: Literal["activate_subscription"] | None = None
    subscriber_id: Id
    sim_profile: SimChoice
    products: ProductsWithPlan
    on_hold_condition: Literal["porting"] | None = None

    def needs(self) -> Wanted:
        """Return the subscriber, the offerings and the reservation."""
        return {**super().needs(), **offerings_of(self.products), Subscriber: [self.subscriber_id]}


class Activation(OrderKind[ActivateSubscription]):
    """Takes the SIM and creates the subscription before the network is asked, and everything else afterwards."""

    lock = None

    @refuses(Code.NOT_FOUND, rules.check_products, rules.check_reservation)
    def check(self, body: ActivateSubscription, found: Found, now: datetime) -> Iterator[Fault]:
        """Yield the faults of the subscriber, the products and the reservation."""
        if found.get(Subscriber, body.subscriber_id) is None:
            yield Fault(Code.NOT_FOUND, "This subscriber does not exist.", "$.subscriber_id")
        yield from rules.check_products(body.products, found, None, now)
        yield from rules.check_reservation(body.sim_profile, found, now)

    def content(self, body: ActivateSubscription, found: Found, now: datetime) -> dict[str, Any]:
        """Return the new subscription's id, its owner, its products and its SIM."""
        subscriber = found.get(Subscriber, body.subscriber_id)
        return {
            "subscription_id": new_id(Subscription.PREFIX),
            "subscriber_id": body.subscriber_id,
            "account_id": subscriber.account_id if subscriber else None,
            "lines": lines_of(body.products, found),
            **sim_of(body.sim_profile, body.device, found),
        }

    def prepare(self, work: Work) -> None:
        """Take the SIM and create its subscription."""
        order = work.order
        sim = take_sim(work)
        root = Subscription(
            id=order.subscription_id,
            partner=order.partner,
            created_at=work.change.at,
            updated_at=work.change.at,
            status="created",
            subscriber_id=order.subscriber_id,
            account_id=order.account_id,
            sim_profile=sim,
        )
        work.subscription = SubscriptionAggregate(root, work.change.at)
        work.change.save(work.subscription)

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """Link the SIM, create the products and activate the subscription.

        Raise :class:`Conflict` if another run of this step has done so since the order was read.
        """
        subscription, plan = work.present(), work.order.lines[0].offering
        if subscription.root.status != "created":
            raise Conflict
        link_sim(work)
        make_products(work)
        if "msisdn" in answer and plan.phone_number_country:
            subscription.give_number(answer["msisdn"], plan.phone_number_country)
            work.found_by["msisdn"] = answer["msisdn"]
        subscription.move_to("active")
        subscription.publish_sim_ready(order_link(work.order))

    def undo(self, work: Work) -> None:
        """Delete the subscription."""
        if work.subscription is not None:
            work.change.delete(work.subscription.root)
            work.subscription = None


KIND = Activation()


@refuses(accept, KIND.check, check_size)
def place_order(request: Request, body: ActivateSubscription) -> Response:
    """``POST /orders/activate-subscription``."""
    return accept(request, body, "activate_subscription", KIND)


handler = door(__name__)
