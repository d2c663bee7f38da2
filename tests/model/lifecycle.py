"""The lifecycle of orders and the lock of subscriptions as a few plain rules, written from the contract (§2) alone.

Orders, subscriptions and products go by the system's ids. What the contract leaves open (which of two orders that are
due at once goes first) the model is told, and it only checks that the choice was allowed.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from tests.model.records import Order, Product, Subscription
from tests.model.rules import ENDED, OPEN, Rules

FIRST_STATUS = {"immediate": "active", "first_usage": "pending", "scheduled": "scheduled"}
ACTIONS = {
    ("active", "grace"): "grace",
    ("active", "suspend"): "suspended",
    ("grace", "suspend"): "suspended",
    ("active", "deactivate"): "deactivated",
    ("deactivated", "resume"): "active",
}
"""Status and action of the partner → the subscription's next status."""

CHECK_AFTER = timedelta(minutes=5)
EXPECTED = timedelta(seconds=3)
HELD_FOR = timedelta(days=30)
SIM_GIVEN_UP = timedelta(hours=24)

DONE = "done"
TOO_LATE = "too late"


class Model(Rules):
    """What happens to everything that one partner has."""

    def accept(self, order: Order) -> None:
        """An order that was not refused; it takes the lock unless it waits."""
        self.orders[order.id] = order
        order.due_at = order.accepted_at + CHECK_AFTER
        subscription = self.subscriptions.get(order.subscription_id)
        if subscription is None or order.release_at:
            return
        if order.type == "topup_subscription":
            subscription.topups.add(order.id)
        else:
            subscription.exclusive = order.id

    def advance(self, order: Order, now: datetime) -> None:
        """An accepted order moves on, once."""
        if order.status != "accepted":
            return
        if order.on_hold:
            order.enter("on_hold")
            order.due_at = now + HELD_FOR
        elif order.release_at:
            order.enter("scheduled")
            order.due_at = None
        else:
            self._fulfil(order, now)

    def cancel(self, order: Order) -> bool:
        """The partner cancels an order; whether it may."""
        if order.status not in {"scheduled", "on_hold"}:
            return False
        order.enter("canceled")
        order.due_at = None
        return True

    def resume(self, order: Order, now: datetime) -> bool:
        """The partner resumes an order; whether it may."""
        if order.status != "on_hold":
            return False
        self._fulfil(order, now)
        return True

    def steer(self, subscription: Subscription, action: str) -> bool:
        """The partner changes a subscription's status; whether it may (§5)."""
        if (subscription.status, action) not in ACTIONS:
            return False
        subscription.status = ACTIONS[subscription.status, action]
        subscription.events.append(f"subscription.{subscription.status}")
        return True

    def terminate(self, subscription: Subscription) -> None:
        """The operator ends a subscription, if it has not ended (§9)."""
        if subscription.status not in ENDED:
            self._end_subscription(subscription, "terminated")

    def prepare(self, order: Order) -> str:
        """Take what the order needs: ``DONE``, ``TOO_LATE`` or the code with which it fails."""
        if order.status != "fulfilling":
            return TOO_LATE
        if order.prepared:
            return DONE
        if code := self.obstacle(order):
            return code
        if order.type in {"activate_subscription", "swap_subscription_sim"}:
            self.stock -= 1
            order.has_sim = True
        if order.type == "activate_subscription":
            self.subscriptions[order.subscription_id] = Subscription(order.subscription_id)
        order.prepared = True
        return DONE

    def complete(self, order: Order) -> str:
        """Make what the order is for: ``DONE``, also if it was done before, ``TOO_LATE`` or the code it fails with."""
        if order.status == "completed":
            return DONE
        if order.status != "fulfilling":
            return TOO_LATE
        subscription = self.subscriptions[order.subscription_id]
        if subscription.status in ENDED:
            return "subscription_not_active"
        self._carry_out(order, subscription)
        order.enter("completed")
        order.has_sim = False
        self._let_go(order)
        return DONE

    def undo(self, order: Order, step: str, code: str, now: datetime) -> None:
        """Leave nothing of an order that is not final."""
        if order.final:
            return
        order.enter("failed")
        order.failure = (code, step)
        if order.type == "activate_subscription":
            self.subscriptions.pop(order.subscription_id, None)
        else:
            self._let_go(order)
        order.due_at = None
        network_was_asked = order.prepared and step != "prepare" and code != "network_rejected"
        order.deprovisionings += network_was_asked
        if network_was_asked and order.has_sim:
            order.sim_owed_since = now
        elif order.has_sim:
            self._put_sim_back(order)

    def late_success(self, order: Order) -> None:
        """The network did what nobody waits for any more."""
        order.deprovisionings += order.status == "failed"

    def late_refusal(self, order: Order) -> None:
        """The network did nothing, and nobody waits for that word any more."""
        if order.failure and order.failure[1] == "provision":
            self.deprovisioned(order)

    def deprovisioned(self, order: Order) -> None:
        """The network has nothing left of a failed order."""
        if order.sim_owed_since:
            self._put_sim_back(order)

    def not_deprovisioned(self, order: Order) -> None:
        """The network may have something left of a failed order for ever."""
        if order.sim_owed_since:
            order.has_sim, order.sim_owed_since = False, None
            self.retired += 1

    def advance_next(self, subscription_id: str, now: datetime) -> None:
        """The next scheduled order is canceled if its subscription has ended, else released if it is its turn.

        That is the one with the earliest date and, of several for one date, the one that was accepted first.
        """
        subscription = self.subscriptions[subscription_id]
        order = min(self.scheduled(subscription_id), key=lambda one: one.release_at or now, default=None)
        if order is None:
            return
        if subscription.status in ENDED:
            self.advance(order, now)
            self.cancel(order)
        elif not (subscription.exclusive or subscription.topups) and order.release_at and order.release_at <= now:
            self.advance(order, now)
            subscription.exclusive = order.id
            self._fulfil(order, now)

    def run_clock(self, now: datetime) -> None:
        """What is due happens; one order of each subscription has its turn."""
        for order in self.orders.values():
            if order.sim_owed_since and order.sim_owed_since + SIM_GIVEN_UP <= now:
                self.not_deprovisioned(order)
            if order.due_at is None or order.due_at > now:
                continue
            match order.status:
                case "accepted":
                    self.advance(order, now)
                case "on_hold":
                    order.enter("expired")
                    order.due_at = None
                case "fulfilling":
                    order.due_at = now + CHECK_AFTER
                    if not order.delayed:
                        order.delayed = True
                        order.events.append("order.delayed")
        for subscription_id in self.subscriptions:
            self.advance_next(subscription_id, now)

    def _fulfil(self, order: Order, now: datetime) -> None:
        order.enter("fulfilling")
        order.due_at = now + EXPECTED

    def _carry_out(self, order: Order, subscription: Subscription) -> None:
        """The table "when completed"."""
        match order.type:
            case "activate_subscription":
                subscription.status = "active"
                subscription.events += ["subscription.active", "subscription.sim_profile.ready_for_installation"]
            case "swap_subscription_sim":
                self.retired += 1
                subscription.events.append("subscription.sim_profile.ready_for_installation")
            case "cancel_subscription":
                self._end_subscription(subscription, "canceled")
            case "change_subscription_plan":
                _end([one for one in [subscription.current_plan()] if one], started="terminated")
            case "cancel_subscription_products":
                _end([one for one in subscription.products if one.id in order.ends], started="canceled")
        for product in order.products:
            product.status = FIRST_STATUS[product.mode]
            product.events += ["product.active"] if product.status == "active" else []
            subscription.products.append(product)

    def _end_subscription(self, subscription: Subscription, status: str) -> None:
        self.retired += 1
        subscription.status = status
        subscription.events.append(f"subscription.{status}")
        _end(subscription.products, started="terminated")

    def _let_go(self, order: Order) -> None:
        subscription = self.subscriptions[order.subscription_id]
        subscription.topups.discard(order.id)
        if subscription.exclusive == order.id:
            subscription.exclusive = None
        order.due_at = None

    def _put_sim_back(self, order: Order) -> None:
        order.has_sim, order.sim_owed_since = False, None
        self.stock += 1


def _end(products: Iterable[Product], started: str) -> None:
    """End those that are open; what never started is canceled."""
    for product in products:
        if product.status in OPEN:
            product.status = started if product.status == "active" else "canceled"
            product.events.append(f"product.{product.status}")
