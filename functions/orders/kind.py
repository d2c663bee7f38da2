"""What differs by order type: each type is a subclass of :class:`OrderKind` in a module of its own."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, ClassVar, Generic, Literal, TypeVar

from functions.orders.order import Order
from functions.orders.requests import OrderRequest
from functions.shared.records import Found
from functions.shared.refusals import Fault
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.aggregate import SubscriptionAggregate

Q = TypeVar("Q", bound=OrderRequest)


class StepRefused(Exception):
    """A step finds that the order cannot be fulfilled; a retry would not help.

    Its text is JSON ``{"code", "detail"}``: this is how undo receives it from the state machine.
    """


@dataclass
class Work:
    """An order in one of its steps, with its records and the transaction of the step."""

    order: Order
    change: Transaction
    subscription: SubscriptionAggregate | None = None
    new_sim: SimProfile | None = None
    reservation: Reservation | None = None
    wanted_sim_id: str | None = None
    """The eSIM to take, if not just any: the one that the network has for the order (docs/restore.md)."""
    found_by: dict[Literal["iccid", "msisdn"], str] = field(default_factory=dict)
    """What it links to the subscription, which is found by it from then on."""

    def present(self) -> SubscriptionAggregate:
        """Return the order's subscription. Raise ``LookupError`` if there is none."""
        if self.subscription is None:
            raise LookupError(f"order {self.order.id} has no subscription")
        return self.subscription


class OrderKind(ABC, Generic[Q]):
    """The rules and the steps of one order type. Each step only adds to ``work.change``; it may run twice."""

    lock: ClassVar[Literal["exclusive", "shared"] | None]
    """How the order locks its subscription until it is final; ``None`` if there is no subscription yet."""
    replaces_plan: ClassVar[bool] = False
    """Whether the order's plan replaces the current one."""

    @abstractmethod
    def check(self, body: Q, found: Found, now: datetime) -> Iterator[Fault]:
        """Yield a fault for every rule of contract §2 that the request breaks."""

    @abstractmethod
    def content(self, body: Q, found: Found, now: datetime) -> dict[str, Any]:
        """Return the members of :class:`Order` that this type fills, for a request without faults."""

    def prepare(self, work: Work) -> None:
        """Take or create what the request to the network contains.

        Raise :class:`StepRefused` if it is not available.
        """

    @abstractmethod
    def complete(self, work: Work, answer: dict[str, Any]) -> None:
        """Carry out the order, after the network has done its part and sent this ``answer``."""

    def undo(self, work: Work) -> None:
        """Delete what prepare created; the SIM is freed in the same way for every type."""


def module_of_type(order_type: str) -> Any:
    """Import the module of an order type, and no other type's."""
    return import_module(f"functions.orders.{order_type}")


def kind_of(order_type: str) -> OrderKind[Any]:
    """Return the kind of the order type."""
    kind: OrderKind[Any] = module_of_type(order_type).KIND
    return kind
