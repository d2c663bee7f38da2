"""An activation, which has no subscription before it is prepared (contract §2)."""

from datetime import timedelta

from functions.orders import progress
from functions.orders.order import Line
from tests.lifecycle.one_step import NUMBERED, ended, keep, moved, one_step, order, sim
from tests.lifecycle.steps import passing_time
from tests.support.builders import PARTNER, subscription
from tests.support.timeline import Timeline


def advance(line: Timeline) -> None:
    with passing_time(line):
        progress.advance(PARTNER, "ord_1")
        line.world.look()


def test_it_is_fulfilled_before_its_subscription_is_there(line: Timeline) -> None:
    keep(line, order("activate_subscription", status="accepted"))
    advance(line)
    moved(line, "fulfilling", None)


def test_it_waits_for_a_person(line: Timeline) -> None:
    keep(line, order("activate_subscription", status="accepted", on_hold_condition="porting"))
    advance(line)
    at = moved(line, "on_hold", None)
    assert (line.order("ord_1").due_at, line.order("ord_1").expected_by) == (at + timedelta(days=30), None)


def test_an_activation_is_completed(line: Timeline) -> None:
    taken = sim(status="reserved", order_id="ord_1")
    created = subscription(status="created", sim_profile=taken)
    lines = [Line(product_id="prd_1", offering=NUMBERED)]
    placed = order("activate_subscription", prepared=True, lines=lines, sim_profile_id="simp_1")
    keep(line, placed, created, taken)
    assert one_step(line, "complete", provisioned={"msisdn": "+4915112345678"}) == {"status": "completed"}
    kept = line.subscription("subs_1")
    ended(line, "completed", kept)
    assert (kept.status, [number.msisdn for number in kept.phone_numbers]) == ("active", ["+4915112345678"])
    assert (line.sim("simp_1").status, line.sim("simp_1").subscription_id) == ("active", "subs_1")
    for found_by in ("iccid=8988211000000000010", "msisdn=4915112345678"):
        assert [each["id"] for each in line.world.get(f"/subscriptions?{found_by}")["_embedded"]["subscriptions"]] == [
            "subs_1"
        ]
