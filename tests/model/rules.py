"""Which orders are refused, and which fail before the network is asked, by the contract (§2) alone."""

from collections.abc import Iterable, Sequence

from tests.model.records import Order, Product, Subscription

TAKE_EVERY_ORDER = {"active", "grace", "deactivated"}
ENDED = {"canceled", "terminated"}
TAKE_ENDINGS = TAKE_EVERY_ORDER | {"suspended"}
ENDINGS = {"cancel_subscription", "cancel_subscription_products"}
ONLY_ONE_SCHEDULED = {"cancel_subscription", "change_subscription_plan"}
SELLING = {"topup_subscription", "change_subscription_plan"}
MAX_OPEN = 40
OPEN = {"pending", "scheduled", "active"}


class Rules:
    """Everything that one partner has, and what it allows."""

    def __init__(self, stock: int) -> None:
        self.stock = stock
        self.retired = 0
        self.orders: dict[str, Order] = {}
        self.subscriptions: dict[str, Subscription] = {}

    def scheduled(self, subscription_id: str) -> list[Order]:
        """The orders that wait for their date, or will when they have moved on; they hold nothing."""
        return [
            order
            for order in self.orders.values()
            if order.subscription_id == subscription_id
            and order.release_at
            and order.status in {"accepted", "scheduled"}
        ]

    def refusals(
        self, order_type: str, subscription_id: str, waits: bool, sells: Sequence[Product], ends: Iterable[str]
    ) -> set[str]:
        """The codes with which an order on a subscription is refused; empty if it is accepted."""
        subscription = self.subscriptions.get(subscription_id)
        if subscription is None:
            return {"not_found"}
        codes = set()
        if subscription.status not in (TAKE_ENDINGS if order_type in ENDINGS else TAKE_EVERY_ORDER):
            codes.add("subscription_not_active")
        locked = subscription.exclusive or (subscription.topups and order_type != "topup_subscription")
        if locked and not waits:
            codes.add("order_in_progress")
        waiting = self.scheduled(subscription_id)
        already = {order.type for order in waiting} & ONLY_ONE_SCHEDULED
        named = {product_id for order in waiting for product_id in order.ends}
        if waits and (order_type in already or named.intersection(ends)):
            codes.add("order_already_scheduled")
        needs_plan = order_type == "change_subscription_plan" or (sells and not any(one.is_plan for one in sells))
        if needs_plan and subscription.current_plan() is None:
            codes.add("no_active_plan")
        statuses = {product.id: product.status for product in subscription.products}
        if any(statuses[product_id] not in OPEN for product_id in ends):
            codes.add("invalid_state")
        if sells and self._places_taken(subscription) + _added(order_type, sells) > MAX_OPEN:
            codes.add("too_many_products")
        return codes

    def obstacle(self, order: Order) -> str | None:
        """The code with which prepare fails, if any: time may have passed since the order was accepted."""
        takes = TAKE_ENDINGS if order.type in ENDINGS else TAKE_EVERY_ORDER
        if order.type != "activate_subscription":
            subscription = self.subscriptions[order.subscription_id]
            if subscription.status not in takes:
                return "subscription_not_active"
            addons_alone = order.type == "topup_subscription" and not any(one.is_plan for one in order.products)
            if (addons_alone or order.type == "change_subscription_plan") and subscription.current_plan() is None:
                return "no_active_plan"
        takes_sim = order.type in {"activate_subscription", "swap_subscription_sim"}
        return "no_sim_available" if takes_sim and not self.stock else None

    def _places_taken(self, subscription: Subscription) -> int:
        """Its open products, and those of its orders on their way, none of which may be one too many."""
        under_way = [one for one in self.orders.values() if one.subscription_id == subscription.id and not one.final]
        there = sum(product.status in OPEN for product in subscription.products)
        return there + sum(_added(order.type, order.products) for order in under_way if order.type in SELLING)


def _added(order_type: str, products: Sequence[Product]) -> int:
    """How many products more there are after an order; a plan change ends one."""
    return len(products) - (order_type == "change_subscription_plan")
