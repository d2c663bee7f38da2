"""The rules of contract §2 about what an order may sell."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.catalog.offering import Offering
from functions.orders import rules
from functions.orders.requests import Products
from functions.products import lifecycle
from functions.shared.records import Record
from functions.shared.refusals import Fault
from functions.subscriptions.subscription import Subscription
from tests.support.builders import NOW, allowance, begun, found, holding, offering, product, subscription

PLAN = offering("plan", "plan")
DATA = offering("data")
VOICE = {kind: offering(kind, allowances=[allowance("voice", kind)]) for kind in ("local", "regional", "global")}
SMS = offering("sms", allowances=[allowance("sms")])
BUNDLE = offering("bundle", allowances=[allowance("data"), allowance("voice", "local")])
DAY = timedelta(days=1)
CATALOG = [PLAN, DATA, *VOICE.values(), SMS, BUNDLE]


def order_of(*addons: str, plan: str | None = "plan", mode: str = "immediate") -> Products:
    chosen: dict[str, Any] = {"addons": [{"product_offering_id": name, "activation_mode": mode} for name in addons]}
    if plan:
        chosen["plan"] = {"product_offering_id": plan}
    return Products.model_validate(chosen)


def faults_of(products: Products, *more: Record, on: Subscription | None = None) -> list[tuple[str, str | None]]:
    checked: list[Fault] = list(rules.check_products(products, found(*CATALOG, *more), on, NOW))
    assert all(fault.detail for fault in checked)
    return [(fault.code.value, fault.pointer) for fault in checked]


def details_of(products: Products, *more: Record, on: Subscription | None = None) -> list[str]:
    return [fault.detail for fault in rules.check_products(products, found(*CATALOG, *more), on, NOW)]


def with_plan(plan: Offering = PLAN) -> Subscription:
    return holding(begun("prd_plan", plan))


@pytest.mark.parametrize(
    "addons",
    [
        pytest.param([], id="a plan alone"),
        pytest.param(["data"] * 15, id="15 data add-ons"),
        pytest.param(["data"] * 15 + ["local", "regional", "global"], id="15 data and 3 voice add-ons"),
        pytest.param(["data"] * 14 + ["bundle"], id="a bundle is the 15th data add-on"),
        pytest.param(["sms"] * 16, id="an SMS add-on is neither data nor voice"),
    ],
)
def test_add_ons_that_pass(addons: list[str]) -> None:
    assert faults_of(order_of(*addons)) == []


@pytest.mark.parametrize(
    ("addons", "expected"),
    [
        (["data"] * 16, [("too_many_data_addons", "$.products.addons")]),
        (["data"] * 15 + ["bundle"], [("too_many_data_addons", "$.products.addons")]),
        (
            ["local", "data", "local"],
            [("duplicate_voice_addon", "$.products.addons[2].product_offering_id")],
        ),
        (
            ["local", "bundle", "local"],
            [
                ("duplicate_voice_addon", "$.products.addons[1].product_offering_id"),
                ("duplicate_voice_addon", "$.products.addons[2].product_offering_id"),
            ],
        ),
    ],
)
def test_the_add_on_rule(addons: list[str], expected: list[tuple[str, str]]) -> None:
    assert faults_of(order_of(*addons)) == expected


@given(st.lists(st.sampled_from(["data", "local", "regional", "global", "sms", "bundle"]), max_size=30))
def test_the_add_on_rule_counts_repeats(addons: list[str]) -> None:
    """The number of data add-ons and of voice add-ons of a type decides, in any order."""
    codes = [code for code, _ in faults_of(order_of(*addons))]
    data = addons.count("data") + addons.count("bundle")
    local = addons.count("local") + addons.count("bundle")
    repeated = sum(max(0, count - 1) for count in (local, addons.count("regional"), addons.count("global")))
    assert codes.count("too_many_data_addons") == (data > 15)
    assert codes.count("duplicate_voice_addon") == repeated


def test_an_add_on_with_two_voice_types_counts_for_both() -> None:
    both = offering("both", allowances=[allowance("voice", "local"), allowance("voice", "regional")])
    expected = [("duplicate_voice_addon", "$.products.addons[1].product_offering_id")]
    assert faults_of(order_of("regional", "both"), both) == expected
    assert details_of(order_of("both", "both"), both) == [
        "The order already has a voice add-on of type local, regional."
    ]


def test_too_many_data_add_ons_are_counted() -> None:
    assert details_of(order_of(*["data"] * 16, "local", "bundle")) == [
        "An order can have at most 15 data add-ons; this one has 17.",
        "The order already has a voice add-on of type local.",
    ]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"status": "inactive"}, "offering_inactive"),
        ({"availability": {"start_at": NOW + timedelta(seconds=1)}}, "offering_inactive"),
        ({"availability": {"end_at": NOW}}, "offering_inactive"),
        (
            {"validity": {"type": "interval", "start_at": NOW - timedelta(days=2), "end_at": NOW}},
            "offering_inactive",
        ),
        ({"type": "plan"}, "offering_not_an_addon"),
        ({"category": "additional_phone_number"}, "not_supported"),
        ({"fits": ["another plan"]}, "incompatible_addon"),
    ],
)
def test_an_add_on_that_cannot_be_ordered(fields: dict[str, Any], code: str) -> None:
    expected = [(code, "$.products.addons[0].product_offering_id")]
    assert faults_of(order_of("special"), offering("special", **fields)) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"availability": {"start_at": NOW}},
        {"availability": {"end_at": NOW + timedelta(seconds=1)}},
        {"validity": {"type": "interval", "start_at": NOW - DAY, "end_at": NOW + timedelta(seconds=1)}},
        {"category": "allowance"},
    ],
)
def test_an_add_on_that_can_just_be_ordered(fields: dict[str, Any]) -> None:
    assert faults_of(order_of("special"), offering("special", **fields)) == []


def test_a_plan_that_is_sold_no_more() -> None:
    old = offering("old", "plan", availability={"end_at": NOW})
    assert faults_of(order_of(plan="old"), old) == [("offering_inactive", "$.products.plan.product_offering_id")]
    assert details_of(order_of(plan="old"), old) == ["old is not on sale at the moment."]


def test_what_is_not_wanted_is_called_what_it_is() -> None:
    voucher = offering("voucher", type="non_service")
    assert details_of(order_of("voucher"), voucher) == ["voucher is a non-service, not an add-on."]
    assert details_of(order_of("plan", plan="data")) == [
        "data is an add-on, not a plan.",
        "plan is a plan, not an add-on.",
    ]


def test_every_fault_is_listed_at_once() -> None:
    closed = offering("closed", status="inactive")
    assert faults_of(order_of("nothing", "closed", plan="data"), closed) == [
        ("offering_not_a_plan", "$.products.plan.product_offering_id"),
        ("not_found", "$.products.addons[0].product_offering_id"),
        ("offering_inactive", "$.products.addons[1].product_offering_id"),
    ]


class TestThePlanThatAddOnsNeed:
    """On the subscription, or as the plan of the same order."""

    def test_there_is_none(self) -> None:
        expected = [("no_active_plan", "$.products.addons")]
        assert faults_of(order_of("data", plan=None), on=subscription()) == expected

    def test_the_subscription_has_it(self) -> None:
        assert faults_of(order_of("data", plan=None), on=with_plan()) == []

    def test_the_order_brings_it(self) -> None:
        assert faults_of(order_of("data"), on=subscription()) == []

    def test_the_subscription_has_one_that_does_not_fit(self) -> None:
        other = offering("other plan", "plan")
        expected = [("incompatible_addon", "$.products.addons[0].product_offering_id")]
        assert faults_of(order_of("data", plan=None), on=with_plan(other)) == expected

    def test_the_plan_that_started_last_counts(self) -> None:
        active = with_plan(offering("other plan", "plan"))
        later = product("prd_later", PLAN)
        lifecycle.begin(later, "immediate", NOW + timedelta(days=1), None)
        active.know(later)
        assert faults_of(order_of("data", plan=None), on=active) == []


def test_a_subscription_has_at_most_40_open_products() -> None:
    full = with_plan()
    for number in range(38):
        waiting = product(f"prd_{number}", DATA)
        lifecycle.begin(waiting, "first_usage", NOW, None)
        full.know(waiting)
    assert faults_of(order_of("data", plan=None), on=full) == []
    assert faults_of(order_of("data", "data", plan=None), on=full) == [("too_many_products", "$.products")]
    assert faults_of(order_of("data"), on=full) == [("too_many_products", "$.products")]


@pytest.mark.parametrize(("reserved", "left"), [(37, 2), (38, 1), (39, 0), (40, 0)])
def test_it_is_said_how_many_products_a_subscription_has_room_for(reserved: int, left: int) -> None:
    filling = with_plan()
    filling.lock.reserved_places = {"ord_1": reserved}
    expected = f"A subscription can have at most 40 open products; this one has room for {left} more."
    assert details_of(order_of(*["sms"] * 3, plan=None), on=filling) == [expected]


def test_a_plan_that_replaces_another_takes_no_more_room() -> None:
    full = with_plan()
    full.lock.reserved_places = {"ord_1": 39}
    for addons, codes in (([], []), (["data"], ["too_many_products"])):
        checked = rules.check_products(order_of(*addons), found(*CATALOG), full, NOW, replaces_plan=True)
        assert [fault.code.value for fault in checked] == codes


def test_what_accepted_orders_will_bring_counts_as_open() -> None:
    filling = with_plan()
    filling.lock.reserved_places = {"ord_1": 30, "ord_2": 8}
    assert faults_of(order_of("data", plan=None), on=filling) == []
    assert faults_of(order_of("data", "data", plan=None), on=filling) == [("too_many_products", "$.products")]
    filling.lock.give_back("ord_2")
    assert faults_of(order_of("data", "data", plan=None), on=filling) == []


def test_add_ons_must_fit_the_plan_that_replaces_another() -> None:
    records = found(*CATALOG, offering("next plan", "plan"), offering("for it", fits=["next plan"]))
    for addon, codes in (("for it", []), ("data", ["incompatible_addon"])):
        products = order_of(addon, plan="next plan")
        checked = rules.check_products(products, records, with_plan(), NOW, replaces_plan=True)
        assert [fault.code.value for fault in checked] == codes


def test_an_add_on_cannot_start_after_its_interval() -> None:
    interval = {"type": "interval", "start_at": NOW, "end_at": NOW + timedelta(days=30)}
    limited = offering("limited", validity=interval)
    products = order_of("limited")
    products.addons[0].start_at = NOW + timedelta(days=30)
    assert faults_of(products, limited) == [("constraint_validation_error", "$.products.addons[0].start_at")]
    products.addons[0].start_at -= timedelta(seconds=1)
    assert faults_of(products, limited) == []
