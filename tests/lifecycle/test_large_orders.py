"""The largest orders that are accepted are carried out; larger ones are refused (contract §1, ``too_large``)."""

from bisect import bisect_right
from typing import Any
from uuid import uuid4

from functions.catalog.offering import Offering
from functions.orders import sizes
from functions.shared.sizes import stored_size
from functions.shared.transaction import Transaction
from infra.local.system import System
from infra.operator import sims
from tests.support import bodies
from tests.support.builders import MONTH, PARTNER, allowance, noise, offering
from tests.support.customers import add_subscriber
from tests.support.newcomer import Newcomer
from tests.support.shop import Shop
from tests.support.sims import esim
from tests.support.timeline import Timeline

KANJI = "語"
FULL = {f"{number}{KANJI * 99}": KANJI * 300 for number in range(10)}


def offer(partner: str, name: str, kind: str = "addon", **fields: Any) -> Offering:
    """An offering that the partner has; an add-on of messages, of which an order may have many."""
    allowances = fields.pop("allowances", [allowance("sms")])
    made = offering(f"prdoff_{name}", kind, partner=partner, allowances=allowances, fits=["prdoff_plan"], **fields)
    change = Transaction()
    change.create(made)
    change.commit()
    return made


def test_just_below_and_just_above_the_bound(system: System) -> None:
    """Three-byte letters, on the real state machine: 200 KB of UTF-8 pass where 400 KB of escapes would not."""
    client = Newcomer(system)
    sims.load(client.partner, [esim()])
    offer(client.partner, "plan", "plan", validity=MONTH, metadata=FULL)
    offer(client.partner, "full", metadata=FULL)
    body = bodies.activation(add_subscriber(client)["id"], "prdoff_plan")

    def faults(length: int, path: str = "/orders/validate") -> list[tuple[str, str]]:
        """What is said of 16 products with all that metadata can hold, and one with so many letters more."""
        name = f"{uuid4()}"
        offer(client.partner, name, metadata={str(key): KANJI * (length // 10) for key in range(10)})
        body["products"] = bodies.sold("prdoff_plan", *["prdoff_full"] * 15, f"prdoff_{name}")
        answer = client.post(path, body)
        return [(fault["code"], fault["pointer"]) for fault in answer.json().get("errors", [])]

    most = bisect_right(range(0, 3000, 10), 0, key=lambda length: len(faults(length))) * 10 - 10
    assert most > 0
    assert faults(most + 10, "/orders") == [("too_large", "$.products")]
    assert faults(most) == []
    shop = Shop(client)
    order = shop.complete(body)
    assert len(shop.products(order["_embedded"]["subscription"]["id"])) == 17


def test_the_largest_records(line: Timeline) -> None:
    """Orders of nearly 400 KB are stored and carried out; 40 of the largest products end in one transaction."""
    carried = allowance("sms", policies=[{"kept": noise(sizes.MAX_PRODUCT - 1000)}])
    offer(PARTNER, "plan", "plan", validity=MONTH, allowances=[carried])
    offer(PARTNER, "large", allowances=[carried])
    products = bodies.sold("prdoff_plan", *["prdoff_large"] * 9)
    subscription_id = line.subscribe(products=products)
    (order,) = (item for item in line.world.items.values() if item["sk"] == "order")
    assert sizes.MAX_ORDER - sizes.MAX_PRODUCT < stored_size(order) < sizes.MAX_ORDER
    too_many = bodies.topup(subscription_id, *["prdoff_large"] * 11)
    assert line.world.post("/orders", too_many)[1]["errors"][0]["code"] == "too_large"
    for _ in range(3):
        line.place(bodies.topup(subscription_id, *["prdoff_large"] * 10))
    assert len(line.subscription(subscription_id).open_products) == 40
    canceled = line.place(bodies.cancellation(subscription_id))
    assert line.order(canceled).status == "completed"
    assert line.subscription(subscription_id).open_products == []
