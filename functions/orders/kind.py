"""What differs between order types: a new type is one subclass of :class:`OrderKind` in a module of its own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, ClassVar, Generic, Literal, TypeVar

from functions.catalog.offering import Offering, Price
from functions.orders.order import Line, Order
from functions.orders.requests import AddonChoice, Device, Esim, OrderRequest, PhysicalSim, PlanChoice, Products
from functions.products.product import Product
from functions.shared.ids import new_id
from functions.shared.records import Found
from functions.shared.refusals import Fault
from functions.shared.table import Transaction
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.subscription import Subscription

Q = TypeVar("Q", bound=OrderRequest)


class StepRefused(Exception):
    """A step finds that the order cannot be fulfilled; running it again would not help.

    Its text is JSON ``{"code", "detail"}``: that is how it comes through the state machine to undo.
    """


@dataclass
class Work:
    """An order in one of its steps, with the records it works on and the transaction that will carry the step."""

    order: Order
    change: Transaction
    subscription: SubscriptionAggregate | None = None
    new_sim: SimProfile | None = None
    reservation: Reservation | None = None

    def present(self) -> SubscriptionAggregate:
        """The order's subscription, where the step cannot be without it."""
        if self.subscription is None:
            raise LookupError(f"order {self.order.id} has no subscription")
        return self.subscription


class OrderKind(ABC, Generic[Q]):
    """The rules and the steps of one order type. Each step only adds to ``work.change``; it may run twice."""

    lock: ClassVar[Literal["exclusive", "shared"] | None]
    """How the order holds its subscription until it is final; ``None`` when there is no subscription yet."""
    replaces_plan: ClassVar[bool] = False
    """Whether the order's plan takes the place of the current one."""

    @abstractmethod
    def check(self, body: Q, found: Found, now: datetime) -> Iterator[Fault]:
        """Every rule of contract §2 that the request breaks."""

    @abstractmethod
    def content(self, body: Q, found: Found, now: datetime) -> dict[str, Any]:
        """The members of :class:`Order` that this type fills, from a request without fault."""

    def prepare(self, work: Work) -> None:
        """Take what the network must know of before it is asked.

        Raises :class:`StepRefused` when it is not to be had.
        """

    @abstractmethod
    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """Make what the order is for, after the network has done its part and given this ``answer``."""

    def undo(self, work: Work) -> None:
        """Remove what prepare made, other than the SIM, which every type gives back the same way."""


def module_of_type(order_type: str) -> Any:
    """The module of an order type; no other type's is imported."""
    return import_module(f"functions.orders.{order_type}")


def kind_of(order_type: str) -> OrderKind[Any]:
    """The kind that checks and fulfils the type."""
    kind: OrderKind[Any] = module_of_type(order_type).KIND
    return kind


def about(subscription: Subscription | None) -> dict[str, Any]:
    """What an order on a subscription keeps of it."""
    if subscription is None:
        raise LookupError("an order without fault has a subscription")
    return {
        "subscription_id": subscription.id,
        "subscriber_id": subscription.subscriber_id,
        "account_id": subscription.account_id,
    }


def lines_of(products: Products, found: Found) -> list[Line]:
    """The products to be made, the plan first, with their offerings frozen."""
    choices: list[PlanChoice | AddonChoice] = [products.plan] if products.plan else []
    return [_line(choice, found) for choice in [*choices, *products.addons]]


def sim_of(choice: Esim | PhysicalSim | None, device: Device | None, found: Found) -> dict[str, Any]:
    """The new SIM that is wanted: any eSIM (without a choice, too), or the one that is reserved."""
    if isinstance(choice, PhysicalSim):
        reservation = found.get(Reservation, choice.reservation_id)
        sim_profile_id = reservation.sim_profile_id if reservation else None
        return {"sim_type": "psim", "reservation_id": choice.reservation_id, "sim_profile_id": sim_profile_id}
    return {"sim_type": "esim", "eid": device.uicc.eid if device else None}


def _line(choice: PlanChoice | AddonChoice, found: Found) -> Line:
    offering = found.get(Offering, choice.product_offering_id)
    if offering is None:
        raise LookupError("an order without fault has its offerings")
    return Line(
        product_id=new_id(Product.PREFIX),
        offering=offering.terms(),
        activation_mode=choice.activation_mode or "immediate",
        start_at=choice.start_at if isinstance(choice, AddonChoice) else None,
        price_alterations=[Price.model_validate(price.model_dump()) for price in choice.price_alterations],
    )
