"""``cancel_subscription``: ends the subscription, its products and its SIM."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from functions.orders import rules
from functions.orders.acceptance import accept
from functions.orders.contents import about
from functions.orders.execution_steps import require_status
from functions.orders.kind import OrderKind, Work
from functions.orders.schedule import Schedulable, check_schedule, check_waiting, release_of, scheduled
from functions.shared.countries import Country
from functions.shared.http import Request, Response, door
from functions.shared.records import Found
from functions.shared.refusals import Fault, refuses
from functions.subscriptions.subscription import TAKES_CANCELLATIONS, Subscription


class CancelSubscription(Schedulable):
    """The body of the request (contract §2)."""

    type: Literal["cancel_subscription"] | None = None
    purchase_location: Country | None = None


class Cancellation(OrderKind[CancelSubscription]):
    """Takes nothing before the network is asked, and ends everything afterwards."""

    lock = "exclusive"

    @refuses(rules.check_subscription, check_schedule, check_waiting)
    def check(self, body: CancelSubscription, found: Found, now: datetime) -> Iterator[Fault]:
        """Yield the faults; a suspended subscription can be canceled, too."""
        subscription = found.get(Subscription, body.subscription_id)
        release_at = release_of(body.schedule, subscription.plan_cycle_end() if subscription else None, now)
        yield from rules.check_subscription(
            subscription, exclusive=True, takes=TAKES_CANCELLATIONS, waits=release_at is not None
        )
        yield from check_schedule(body.schedule, subscription)
        yield from check_waiting(release_at, subscription, only_one_of="cancel_subscription")

    def content(self, body: CancelSubscription, found: Found, now: datetime) -> dict[str, Any]:
        """Return the subscription and the schedule."""
        subscription = found.get(Subscription, body.subscription_id)
        cycle_end = subscription.plan_cycle_end() if subscription else None
        return {**about(subscription), **scheduled(body.schedule, cycle_end, now)}

    def prepare(self, work: Work) -> None:
        """Raise :class:`StepRefused` if the subscription has ended in the meantime."""
        require_status(work.present().root, TAKES_CANCELLATIONS)

    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """Cancel the subscription, and end everything that belongs to it."""
        work.present().close("canceled")


KIND = Cancellation()


@refuses(accept, KIND.check)
def place_order(request: Request, body: CancelSubscription) -> Response:
    """``POST /orders/cancel-subscription``."""
    return accept(request, body, "cancel_subscription", KIND)


handler = door(__name__)
