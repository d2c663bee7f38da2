"""What resources show and lead to in each status (contract §2, §5 and §6)."""

from typing import Any

import pytest

from functions.orders.order import Order, show_order, show_summary
from functions.products.product import show_product
from functions.shared.clock import iso
from functions.shared.links import link
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions.subscription import show_embedded, show_subscription
from tests.support.builders import NOW, PARTNER, offering, product, subscription

Item = dict[str, Any]
UNTIL_CYCLE_ENDS = {"type": "end_of_plan_cycle"}


def order(**fields: Any) -> Order:
    plain: Item = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "type": "cancel_subscription"}
    ids = {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1"}
    return Order.model_validate(plain | ids | fields)


def links(shown: Item) -> Item:
    return {name: target["href"].rpartition(":8080")[2] for name, target in shown["_links"].items()}


class TestOrder:
    """``cancel`` while nothing is done yet, ``resume`` on hold, the subscription once there is one."""

    @pytest.mark.parametrize("status", Order.TRANSITIONS)
    def test_its_links(self, status: str) -> None:
        expected = {
            "self": "/orders/ord_1",
            "subscriber": "/subscribers/subr_1",
            "history": "/orders/ord_1/history",
        }
        if status in {"scheduled", "on_hold"}:
            expected["cancel"] = "/orders/ord_1/cancel"
        if status == "on_hold":
            expected["resume"] = "/orders/ord_1/resume"
        assert links(show_summary(order(status=status))) == expected

    def test_its_subscription(self) -> None:
        assert "_embedded" not in show_order(order(), None)
        embedded = show_order(order(), subscription())["_embedded"]
        assert embedded == {"subscription": show_embedded(subscription())}


class TestSubscription:
    """The codes of an eSIM until it ends, and the actions of its status."""

    @pytest.mark.parametrize(
        ("status", "actions"),
        [
            ("active", {"grace", "suspend", "deactivate"}),
            ("grace", {"suspend"}),
            ("deactivated", {"resume"}),
            ("suspended", set()),
            ("canceled", set()),
            ("terminated", set()),
        ],
    )
    def test_its_links(self, status: str, actions: set[str]) -> None:
        shown = links(show_subscription(subscription(status=status)))
        codes = {name for name in shown if name == "qrcode" or name.startswith("install")}
        assert bool(codes) == (status not in {"canceled", "terminated"})
        expected = {
            "self": "/subscriptions/subs_1",
            "subscriber": "/subscribers/subr_1",
            "products": "/products?subscription-id=subs_1",
            "phone-numbers": "/phone-numbers?subscription-id=subs_1",
        }
        expected |= {action: f"/subscriptions/subs_1/{action}" for action in actions}
        assert {name: target for name, target in shown.items() if name not in codes} == expected

    def test_a_card_has_no_codes(self) -> None:
        card = SimProfile(id="simp_1", partner=PARTNER, created_at=NOW, iccid="8988211000000000002", sim_type="psim")
        assert links(show_embedded(subscription(sim_profile=card))) == {"self": "/subscriptions/subs_1"}

    def test_its_moments_are_text(self) -> None:
        assert show_embedded(subscription())["created_at"] == iso(NOW)

    def test_its_account(self) -> None:
        account = show_embedded(subscription())["_embedded"]["account"]
        assert account == {"id": "acc_1", "_links": {"self": link("/accounts/acc_1")}}


class TestProduct:
    """What a partner can do with it now."""

    @pytest.mark.parametrize(
        ("status", "actions"),
        [
            ("scheduled", {"activate", "cancel"}),
            ("pending", {"activate", "cancel"}),
            ("active", {"cancel"}),
            ("depleted", set()),
            ("terminated", set()),
            ("canceled", set()),
            ("expired", set()),
        ],
    )
    @pytest.mark.parametrize("in_plan_cycle", [False, True])
    @pytest.mark.parametrize("until_cycle_ends", [False, True])
    def test_its_links(self, status: str, actions: set[str], in_plan_cycle: bool, until_cycle_ends: bool) -> None:
        terms = offering("extra", validity=UNTIL_CYCLE_ENDS) if until_cycle_ends else offering("extra")
        shown = links(show_product(product("prd_1", terms, status=status), in_plan_cycle=in_plan_cycle))
        expected = {
            "self": "/products/prd_1",
            "order": "/orders/ord_1",
            "subscription": "/subscriptions/subs_1",
        }
        if until_cycle_ends and not in_plan_cycle:
            actions = actions - {"activate"}
        assert shown == expected | {action: f"/products/prd_1/{action}" for action in actions}
