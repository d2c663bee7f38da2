"""What is read of an order's SIM, and what is saved with an order, whatever its type."""

from typing import Any

import pytest

from functions.orders import store
from functions.orders.order import Order, show_order
from functions.shared import table
from functions.shared.event import Happened
from functions.shared.records import Found, Wanted
from functions.shared.transaction import Transaction
from functions.sim_profiles.sim_profile import Reservation, SimProfile
from functions.subscriptions.subscription import Subscription
from tests.support.builders import NOW, PARTNER, SUBSCRIBER, found, subscription, whole

SIM = SimProfile(id="simp_1", partner=PARTNER, created_at=NOW, iccid="8988211000000000002", sim_type="psim")
RESERVATION = Reservation(id="resv_1", partner=PARTNER, created_at=NOW, sim_profile_id="simp_1", expires_at=NOW)


def order_of(**fields: Any) -> Order:
    """A swap that is being fulfilled."""
    plain: dict[str, Any] = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "type": "swap_subscription_sim"}
    plain |= {"subscription_id": "subs_1", "subscriber_id": SUBSCRIBER, "account_id": "acc_1", "status": "fulfilling"}
    return Order.model_validate(plain | fields)


@pytest.mark.parametrize("reserved", [{}, {"reservation_id": "resv_1"}])
@pytest.mark.parametrize("taken", [{}, {"sim_profile_id": "simp_1"}])
def test_only_what_an_order_holds_is_read(
    monkeypatch: pytest.MonkeyPatch, taken: dict[str, str], reserved: dict[str, str]
) -> None:
    asked: list[tuple[str, Wanted]] = []

    def read_all(partner: str, wanted: Wanted) -> Found:
        asked.append((partner, wanted))
        return found(SIM, RESERVATION)

    monkeypatch.setattr(table, "read_all", read_all)
    sim, reservation = store.held_by(order_of(**taken, **reserved))
    assert (sim, reservation) == (SIM if taken else None, RESERVATION if reserved else None)
    assert asked == [(PARTNER, {SimProfile: [*taken.values()], Reservation: [*reserved.values()]})]


@pytest.mark.parametrize("root", [None, subscription(version=1)])
def test_an_order_is_saved_with_its_subscription_and_the_event_of_its_status(root: Subscription | None) -> None:
    order, change = order_of(), Transaction(NOW)
    aggregate = whole(root) if root else None
    if root is not None:
        root.lock.take("ord_2", exclusive=False)
    store.save(change, order, aggregate)
    shown = {"order": show_order(order, root)}
    assert change._events == [Happened(PARTNER, "order.fulfilling", 1, shown, "subs_1")]
    assert list(change._writes) == [record.key() for record in (root, order) if record]
    assert change.order is order
