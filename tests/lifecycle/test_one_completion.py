"""An order is completed, with all that comes of it, at one moment (contract §2, "when completed")."""

from functions.orders.order import Line
from functions.shared.clock import iso
from functions.subscriptions.lock import Lock
from tests.lifecycle.one_step import IN_A_WEEK, LINES, NUMBERED, ended, held, keep, one_step, order, sim
from tests.support.builders import subscription
from tests.support.timeline import Timeline


def test_a_top_up_is_completed(line: Timeline) -> None:
    lock = Lock(topups=["ord_2", "ord_1"], reserved_places={"ord_1": 3, "ord_2": 1})
    keep(line, order("topup_subscription", prepared=True, lines=LINES), *held(lock))
    assert one_step(line, "complete", provisioned={}) == {"status": "completed"}
    kept = line.subscription("subs_1")
    at = ended(line, "completed", kept)
    assert kept.lock == Lock(topups=["ord_2"], reserved_places={"ord_2": 1})
    assert (kept.updated_at, line.order("ord_1").completed_at) == (at, at)
    made = sorted((item for item in line.world.of_kind("product")), key=lambda item: str(item["id"]))[:3]
    assert [(item["id"], item["status"], item.get("start_at")) for item in made] == [
        ("prd_1", "active", iso(at)),
        ("prd_2", "pending", None),
        ("prd_3", "scheduled", iso(IN_A_WEEK)),
    ]
    assert {(item["created_at"], item["order_id"], item["subscription_id"]) for item in made} == {
        (iso(at), "ord_1", "subs_1")
    }
    assert [item["prices"][0]["unit_amount"] for item in made] == [400, 500, 500]
    assert all(item["offering"]["id"] == "data" and len(item["balances"]) == 1 for item in made)


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
