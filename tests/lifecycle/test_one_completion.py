"""An order is completed, with all that comes of it, at one moment (contract §2, "when completed")."""

from functions.shared.clock import iso
from functions.subscriptions.lock import Lock
from tests.lifecycle.one_step import EXECUTION, IN_A_WEEK, LINES, ended, held, keep, one_step, order
from tests.lifecycle.steps import refusal
from tests.support.builders import NOW
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


def test_an_order_is_not_completed_on_a_subscription_that_has_ended(line: Timeline) -> None:
    root, _, linked = held(Lock(topups=["ord_1"]), status="terminated", ended_at=NOW)
    placed = order("topup_subscription", prepared=True, lines=LINES)
    keep(line, placed, root.model_copy(update={"open_products": []}), linked)
    said = refusal(line, EXECUTION, "complete", provisioned={})
    assert said == {"code": "subscription_not_active", "detail": "The subscription is terminated."}
