"""``POST /subscriptions/{id}/grace``, ``suspend``, ``deactivate`` and ``resume`` (contract §5)."""

from functions.shared.http import Request, Response, door
from functions.shared.refusals import Code, Fault, invalid, refuses
from functions.shared.shapes import Shape
from functions.shared.transaction import Transaction
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import ACTIONS, Subscription, show_subscription


class Nothing(Shape):
    """No members."""


@refuses(Code.INVALID_STATE)
def grace(request: Request, body: Nothing) -> Response:
    """Give the subscription a grace period, for example if the customer has not paid yet."""
    return _act(request, "grace")


@refuses(Code.INVALID_STATE)
def suspend(request: Request, body: Nothing) -> Response:
    """Suspend the subscription: from then on it allows only cancellations."""
    return _act(request, "suspend")


@refuses(Code.INVALID_STATE)
def deactivate(request: Request, body: Nothing) -> Response:
    """Deactivate the subscription until it is resumed."""
    return _act(request, "deactivate")


@refuses(Code.INVALID_STATE)
def resume(request: Request, body: Nothing) -> Response:
    """Reactivate a deactivated subscription."""
    return _act(request, "resume")


def _act(request: Request, action: str) -> Response:
    """Return the subscription in its new status. Raise a 400 ``invalid_state`` where the action is not allowed."""
    found = request.find(Subscription)
    change = Transaction()
    subscription = SubscriptionAggregate(found, change.at)
    if not subscription.root.allows(action):
        detail = f"A subscription that is {subscription.root.status} does not allow {action}."
        raise invalid(Fault(Code.INVALID_STATE, detail, "$.status"))
    subscription.move_to(ACTIONS[action].status)
    change.save(subscription)
    return request.commit(change, Response(200, show_subscription(subscription.root)))


handler = door(__name__)
