"""``swap_subscription_sim``: replaces the SIM of a subscription, by default with an eSIM."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.contents import about, sim_of
from functions.orders.execution_steps import link_sim, require_status, take_sim
from functions.orders.kind import OrderKind, Work
from functions.orders.order import order_link
from functions.orders.requests import OnSubscription, WithSim
from functions.shared.countries import Country
from functions.shared.http import Request, Response, door
from functions.shared.records import Found
from functions.shared.refusals import Fault, refuses
from functions.subscriptions.subscription import Subscription


class SwapSubscriptionSim(OnSubscription, WithSim):
    """The body of the request (contract §2)."""

    type: Literal["swap_subscription_sim"] | None = None
    purchase_location: Country | None = None


class Swap(OrderKind[SwapSubscriptionSim]):
    """Takes the new SIM before the network is asked; the old one stays linked until the network has answered."""

    lock = "exclusive"

    @refuses(rules.check_subscription, rules.check_reservation)
    def check(self, body: SwapSubscriptionSim, found: Found, now: datetime) -> Iterator[Fault]:
        """Yield the faults of the subscription and the reservation."""
        yield from rules.check_subscription(found.get(Subscription, body.subscription_id), exclusive=True)
        yield from rules.check_reservation(body.sim_profile, found, now)

    def content(self, body: SwapSubscriptionSim, found: Found, now: datetime) -> dict[str, Any]:
        """Return the subscription and its new SIM."""
        return {
            **about(found.get(Subscription, body.subscription_id)),
            **sim_of(body.sim_profile, body.device, found),
        }

    def prepare(self, work: Work) -> None:
        """Take the new SIM. Raise :class:`StepRefused` if the subscription has ended in the meantime."""
        require_status(work.present().root)
        take_sim(work)

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """Link the new SIM and retire the old one; nothing else changes."""
        work.present().retire_sim()
        link_sim(work)
        work.present().publish_sim_ready(order_link(work.order))


KIND = Swap()


@refuses(accept, KIND.check)
def place_order(request: Request, body: SwapSubscriptionSim) -> Response:
    """``POST /orders/swap-subscription-sim``."""
    return accept(request, body, "swap_subscription_sim", KIND)


handler = door(__name__)
