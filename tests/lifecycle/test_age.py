"""Age is when a thing was made, not its id, which its order may have made long before (contract §1 and §6)."""

from datetime import datetime, timedelta

from tests.support import bodies
from tests.support.timeline import Timeline, after

FIRST_USAGE = "first_usage"
DAY = timedelta(days=1)


def since(line: Timeline, subscription_id: str, plan: str) -> datetime:
    """When the plan started."""
    moment = line.products(subscription_id)[plan].started_at
    assert moment is not None
    return moment


def top_up(line: Timeline, subscription_id: str, addon: str, mode: str = "immediate") -> str:
    return line.place(bodies.topup(subscription_id, addon, mode=mode))


def change_plan_at_cycle_end(line: Timeline, subscription_id: str, *addons: str) -> str:
    """An order that makes its products long after it was accepted."""
    body = bodies.plan_change(subscription_id, "monthly too", schedule=bodies.AT_CYCLE_END)
    return line.place(body | {"products": bodies.sold("monthly too", *addons, mode=FIRST_USAGE)})


def statuses(line: Timeline, subscription_id: str, *names: str) -> list[str]:
    products = line.products(subscription_id)
    return [products[name].status for name in names]


def newest(line: Timeline, path: str) -> str:
    """The id of the first item on the list's first page."""
    body = line.world.get(f"{path}{'&' if '?' in path else '?'}limit=1")
    ((item,),) = body["_embedded"].values()
    return str(item["id"])


def products_of(line: Timeline, order_id: str) -> set[str]:
    return {each.product_id for each in line.order(order_id).lines}


class TestFirstUsage:
    """It starts the oldest pending product."""

    def test_one_that_was_ordered_early_and_made_late_comes_after_an_older_one(self, line: Timeline) -> None:
        subscription_id = line.subscribe()
        started = since(line, subscription_id, "monthly")
        change_plan_at_cycle_end(line, subscription_id, "extra")
        line.move_to(started + 5 * DAY)
        top_up(line, subscription_id, "extra 2", FIRST_USAGE)
        line.move_to(after(started, 1) + DAY)
        late, early = (line.products(subscription_id)[name] for name in ("extra", "extra 2"))
        assert late.id < early.id, "its id was made first"
        assert (early.created_at, early.expire_at) < (late.created_at, late.expire_at)
        line.report(FIRST_USAGE, subscription_id, country="DE")
        assert statuses(line, subscription_id, "extra", "extra 2") == ["pending", "active"]
        line.report(FIRST_USAGE, subscription_id, country="DE")
        assert statuses(line, subscription_id, "extra", "extra 2") == ["active", "active"]

    def test_usage_that_nothing_else_takes_starts_them_in_the_same_order(self, line: Timeline) -> None:
        subscription_id = line.subscribe(plan="30 days")
        started = since(line, subscription_id, "30 days")
        change_plan_at_cycle_end(line, subscription_id, "extra")
        top_up(line, subscription_id, "extra 2", FIRST_USAGE)
        line.move_to(started + 31 * DAY)
        line.report("usage", subscription_id, allowance_type="data", amount=1024**3 + 1, country="DE")
        assert statuses(line, subscription_id, "extra", "extra 2") == ["pending", "active"]


def test_a_plan_starts_when_it_is_made(line: Timeline) -> None:
    """So of plans that started at one moment (contract §2, current plan) the ids decide, as in lists."""
    subscription_id = line.subscribe()
    line.network = "busy"
    line.place(bodies.topup(subscription_id, products=bodies.sold("30 days")))
    line.world.now += DAY
    line.network = "accepts"
    line.rest()
    plans = line.products(subscription_id).values()
    assert [plan.started_at for plan in plans] == [plan.created_at for plan in plans]


class TestFirstPage:
    """A partner that polls the first page of a list sees what was made last."""

    def test_an_activation_that_was_on_hold(self, line: Timeline) -> None:
        held = line.order(line.place(line.activation(on_hold_condition="porting")))
        others = [line.subscribe() for _ in range(3)]
        assert newest(line, "/subscriptions") == others[-1]
        assert line.act(f"/orders/{held.id}/resume")[0] == 200
        queries = ("", f"?subscriber-id={held.subscriber_id}", f"?account-id={held.account_id}", "?status=active")
        assert {newest(line, f"/subscriptions{query}") for query in queries} == {held.subscription_id}
        assert {newest(line, "/products")} == products_of(line, held.id)

    def test_a_plan_that_was_changed_at_its_cycles_end(self, line: Timeline) -> None:
        subscription_id = line.subscribe()
        started = since(line, subscription_id, "monthly")
        order_id = change_plan_at_cycle_end(line, subscription_id)
        top_up(line, subscription_id, "extra")
        line.subscribe()
        line.move_to(after(started, 1) + DAY)
        paths = ("/products", f"/products?subscription-id={subscription_id}", f"/products?order-id={order_id}")
        assert {newest(line, path) for path in paths} == products_of(line, order_id)

    def test_an_order_that_the_network_took_long_for(self, line: Timeline) -> None:
        subscription_id = line.subscribe()
        line.network = "busy"
        slow, quick = (top_up(line, subscription_id, name) for name in ("extra", "extra 2"))
        line.world.executions.send_task_success(taskToken=quick, output="{}")
        line.rest()
        assert {newest(line, "/products")} == products_of(line, quick)
        line.network = "accepts"
        line.rest()
        for path in ("/products", f"/products?subscription-id={subscription_id}", "/products?status=active"):
            assert {newest(line, path)} == products_of(line, slow)
