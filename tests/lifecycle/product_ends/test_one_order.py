"""The ends that an order sets for products, if it waits for the last of them (contract §2)."""

from datetime import timedelta

from functions.orders import progress
from functions.orders.order import show_order
from functions.products import lifecycle
from functions.shared.clock import iso
from functions.shared.transaction import Transaction
from functions.subscriptions.lock import Lock, ScheduledOrder
from tests.lifecycle.one_step import held, keep, moved, order
from tests.lifecycle.steps import passing_time
from tests.support.builders import NOW, PARTNER, offering, product
from tests.support.timeline import Timeline


def test_it_sets_them_once_it_waits(line: Timeline) -> None:
    """Nothing waits for it from then on: its products end by themselves, or are canceled if they have not begun."""
    end = NOW + timedelta(days=31)
    waits = ScheduledOrder(order_id="ord_1", type="x", release_at=end, holds_from=end, product_ids=["prd_plan"])
    root, *others = held(Lock(scheduled=[waits, waits.model_copy(update={"order_id": "ord_2"})]))
    fields = {"release_at": end, "product_ids": ["prd_plan", "prd_9"], "product_ends": {"prd_plan": end}}
    pending = product("prd_9", offering("data"))
    lifecycle.begin(pending, "first_usage", NOW, None)
    root.know(pending)  # type: ignore[attr-defined] # the subscription
    keep(line, order("cancel_subscription_products", status="accepted", **fields), root, pending, *others)
    with passing_time(line):
        progress.advance(PARTNER, "ord_1")
        line.world.look()
    kept = line.subscription("subs_1")
    at = moved(line, "scheduled", kept)
    assert [(each.order_id, each.holds_from) for each in kept.lock.scheduled] == [("ord_1", None), ("ord_2", end)]
    made = {str(item["id"]): item for item in line.world.of_kind("product")}
    assert (made["prd_plan"]["status"], made["prd_9"]["status"], kept.updated_at) == ("active", "canceled", at)
    (plan,) = kept.open_products
    assert (plan.end_at, made["prd_9"]["ended_at"]) == (end, iso(at))


def test_it_takes_them_back_when_it_is_canceled(line: Timeline) -> None:
    """Those that have not come at the moment at which it is canceled."""
    end = line.world.now + timedelta(seconds=2, milliseconds=2)
    waits = [ScheduledOrder(order_id=f"ord_{number}", type="x", release_at=end) for number in (1, 2)]
    root, plan, linked = held(Lock(scheduled=waits))
    fields = {"release_at": end, "product_ids": ["prd_plan"], "product_ends": {"prd_plan": end}}
    accepted = order("cancel_subscription_products", status="accepted", **fields)
    keep(line, accepted, root, plan, linked)
    progress.advance(PARTNER, "ord_1")
    line.world.look()
    assert [product.end_at for product in line.subscription("subs_1").open_products] == [end]
    found = line.order("ord_1")
    with passing_time(line):
        change = Transaction()
        assert change.at == end - timedelta(milliseconds=1)
        subscription = progress.give_up(change, found, "canceled", "because")
        change.commit()
        line.world.look()
    kept = line.subscription("subs_1")
    assert subscription is not None
    assert show_order(found, subscription.root) == show_order(line.order("ord_1"), kept)
    assert [(each.status, each.reason) for each in line.order("ord_1").history[-2:]] == [
        ("scheduled", None),
        ("canceled", "because"),
    ]
    assert line.order("ord_1").canceled_at == line.order("ord_1").history[-1].at == kept.updated_at == change.at
    assert kept.lock.scheduled == waits[1:]
    assert [product.end_at for product in kept.open_products] == [None]
    assert line.events_of("ord_1")[-1].data == {"order": show_order(line.order("ord_1"), kept)}
