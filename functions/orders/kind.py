"""What differs between order types: a new type is one subclass of :class:`OrderKind` in a module of its own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any, ClassVar, Generic, Literal, TypeVar

from functions.orders.order import Order
from functions.orders.requests import OrderRequest
from functions.shared.records import Found
from functions.shared.refusals import Fault
from functions.shared.table import Transaction
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate

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
