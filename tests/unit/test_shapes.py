"""How the shape of a request is told to be wrong: every fault, at its place."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from functions.orders.activate_subscription import ActivateSubscription
from functions.orders.cancel_subscription import CancelSubscription
from functions.orders.swap_subscription_sim import SwapSubscriptionSim
from functions.orders.topup_subscription import TopupSubscription
from functions.shared.json_values import parse
from functions.shared.shapes import Shape, check_body, without_nulls
from tests.unit.order_shapes import (
    ACTIVATION,
    ADDON,
    CANCELLATION,
    INVALID,
    PLAN,
    SWAP,
    TOPUP,
    UNSUPPORTED,
    activation,
    faults_of,
    with_addon,
)


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (ActivateSubscription, ACTIVATION),
        (ActivateSubscription, activation(type=None, reference=None, device=None)),
        (ActivateSubscription, activation(device={"uicc": {"eid": "8" * 32}})),
        (ActivateSubscription, activation(sim_profile={"sim_type": "psim", "reservation_id": "resv_1"})),
        (ActivateSubscription, activation(discounts=[], renewal_group_id="", service_termination={})),
        (
            ActivateSubscription,
            activation(products={"plan": PLAN | {"activation_mode": "immediate"}, "non_services": []}),
        ),
        (ActivateSubscription, activation(products={"plan": PLAN, "addons": [ADDON] * 30})),
        (
            ActivateSubscription,
            activation(invoice={"notes": [{"type": "marketing", "content": [{"locale": "de-DE", "message": "Hi"}]}]}),
        ),
        (TopupSubscription, TOPUP),
        (TopupSubscription, TOPUP | {"products": {"plan": PLAN}}),
        (CancelSubscription, CANCELLATION | {"purchase_location": "AN"}),
        (SwapSubscriptionSim, SWAP),
        (SwapSubscriptionSim, SWAP | {"sim_profile": {"sim_type": "esim"}, "device": {"uicc": {"eid": "8" * 32}}}),
    ],
)
def test_what_passes(shape: type[Shape], body: dict[str, Any]) -> None:
    assert faults_of(shape, body) == []


@pytest.mark.parametrize(
    ("shape", "body", "expected"),
    [
        (ActivateSubscription, [], [(INVALID, "$")]),
        (
            ActivateSubscription,
            {},
            [(INVALID, f"$.{name}") for name in ("purchase_location", "subscriber_id", "sim_profile", "products")],
        ),
        (ActivateSubscription, activation(products={}), [(INVALID, "$.products.plan")]),
        (ActivateSubscription, activation(products={"plan": [PLAN]}), [(INVALID, "$.products.plan")]),
        (ActivateSubscription, activation(type="topup_subscription"), [(INVALID, "$.type")]),
        (ActivateSubscription, activation(shedule={}), [(INVALID, "$.shedule")]),
        (ActivateSubscription, activation(**{"a b": 1}), [(INVALID, '$["a b"]')]),
        (ActivateSubscription, activation(purchase_location="ZZ"), [(INVALID, "$.purchase_location")]),
        (ActivateSubscription, activation(purchase_location=49), [(INVALID, "$.purchase_location")]),
        (ActivateSubscription, activation(subscriber_id=""), [(INVALID, "$.subscriber_id")]),
        (ActivateSubscription, activation(subscriber_id="x" * 101), [(INVALID, "$.subscriber_id")]),
        (ActivateSubscription, activation(sim_profile={}), [(INVALID, "$.sim_profile.sim_type")]),
        (ActivateSubscription, activation(sim_profile={"sim_type": "nano"}), [(INVALID, "$.sim_profile.sim_type")]),
        (
            ActivateSubscription,
            activation(sim_profile={"sim_type": "psim"}),
            [(INVALID, "$.sim_profile.reservation_id")],
        ),
        (
            ActivateSubscription,
            activation(sim_profile={"sim_type": "esim", "reservation_id": "resv_1"}),
            [(INVALID, "$.sim_profile.reservation_id")],
        ),
        (ActivateSubscription, activation(device={"uicc": {"eid": "8" * 31}}), [(INVALID, "$.device.uicc.eid")]),
        (ActivateSubscription, activation(reference="x" * 65), [(INVALID, "$.reference")]),
        (ActivateSubscription, activation(discounts=[1]), [(UNSUPPORTED, "$.discounts")]),
        (ActivateSubscription, activation(renewal_group_id="rg_1"), [(UNSUPPORTED, "$.renewal_group_id")]),
        (ActivateSubscription, activation(service_termination={"a": 1}), [(UNSUPPORTED, "$.service_termination")]),
        (
            ActivateSubscription,
            activation(products={"plan": PLAN | {"phone_number": "new"}, "non_services": ["x"]}),
            [(UNSUPPORTED, "$.products.plan.phone_number"), (UNSUPPORTED, "$.products.non_services")],
        ),
        (
            ActivateSubscription,
            activation(products={"plan": PLAN, "addons": [ADDON] * 31}),
            [("too_many_products", "$.products.addons")],
        ),
        (ActivateSubscription, with_addon(activation_mode=None), [(INVALID, "$.products.addons[0].activation_mode")]),
        (
            ActivateSubscription,
            with_addon(activation_mode="later"),
            [(INVALID, "$.products.addons[0].activation_mode")],
        ),
        (ActivateSubscription, with_addon(activation_mode="scheduled"), [(INVALID, "$.products.addons[0].start_at")]),
        (
            ActivateSubscription,
            with_addon(start_at="2999-01-01T00:00:00Z"),
            [(INVALID, "$.products.addons[0].start_at")],
        ),
        (
            ActivateSubscription,
            with_addon(activation_mode="scheduled", start_at="2020-01-01T00:00:00Z"),
            [(INVALID, "$.products.addons[0].start_at")],
        ),
        (
            ActivateSubscription,
            with_addon(price_alterations=[{"type": "one_time", "unit_amount": -1, "currency": "EUR"}]),
            [(INVALID, "$.products.addons[0].price_alterations[0].unit_amount")],
        ),
        (
            ActivateSubscription,
            with_addon(price_alterations=[{"type": "one_time", "unit_amount": 1, "currency": "EUR"}] * 2),
            [(INVALID, "$.products.addons[0].price_alterations")],
        ),
        (
            ActivateSubscription,
            with_addon(discounts=["d"], product_offering_id=7),
            [(INVALID, "$.products.addons[0].product_offering_id"), (UNSUPPORTED, "$.products.addons[0].discounts")],
        ),
        (
            ActivateSubscription,
            activation(sim_profile={"sim_type": "psim", "reservation_id": "r"}, device={"uicc": {"eid": "8" * 32}}),
            [(INVALID, "$.device")],
        ),
        (TopupSubscription, TOPUP | {"products": {}}, [(INVALID, "$.products")]),
        (TopupSubscription, TOPUP | {"products": {"addons": []}}, [(INVALID, "$.products")]),
        (CancelSubscription, CANCELLATION | {"products": {"plan": PLAN}}, [(INVALID, "$.products")]),
        (SwapSubscriptionSim, SWAP | {"products": {}}, [(INVALID, "$.products")]),
        (SwapSubscriptionSim, {}, [(INVALID, "$.subscription_id")]),
    ],
)
def test_what_is_wrong_and_where(shape: type[Shape], body: Any, expected: list[tuple[str, str]]) -> None:
    assert sorted(faults_of(shape, body)) == sorted(expected)


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'a': 1}",
        b"NaN",
        b'{"a": 1e999}',
        b'"\\ud800"',
        b"\xff",
        b"[" * 100_000,
        b"[" * 101 + b"]" * 101,
        b"{} {}",
        b'{"a": 1, "a": 1}',
        b'{"a": 1e400}',
        b'{"a": -1E+99999999999}',
        b'{"a": %s}' % (b"9" * 5000),
        b'{"a": -%s}' % (b"9" * 250_000),
    ],
)
def test_what_is_not_json(raw: bytes) -> None:
    _, faults = parse(raw)
    assert [(fault.code.value, fault.pointer) for fault in faults] == [("invalid_json", None)]


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse(b"") == parse(b" \n") == parse(b"{}") == ({}, [])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=20,
)


@given(JSON, st.sampled_from([ActivateSubscription, TopupSubscription, CancelSubscription, SwapSubscriptionSim]))
def test_every_fault_is_described_in_words(value: Any, shape: type[Shape]) -> None:
    """Nothing that is JSON makes the check itself fail, and each fault has a place and a text."""
    parsed, faults = parse(json.dumps(value).encode())
    assert (parsed, faults) == (value, [])
    _, faults = check_body(TypeAdapter(shape), without_nulls(value))
    assert faults
    assert all((fault.pointer or "").startswith("$") and fault.detail.endswith(".") for fault in faults)


@pytest.mark.parametrize(
    ("shape", "body"),
    [
        (ActivateSubscription, with_addon(activation_mode="scheduled")),
        (CancelSubscription, CANCELLATION | {"schedule": {"mode": "specific_date"}}),
    ],
)
def test_no_detail_begins_with_a_member_whose_name_it_changes(shape: type[Shape], body: Any) -> None:
    """A detail begins with a capital letter, and a name of ours has none."""
    _, faults = check_body(TypeAdapter(shape), body)
    assert [fault.detail.startswith("This member is required if") for fault in faults] == [True]


def test_a_missing_date_is_listed_beside_other_faults() -> None:
    body = with_addon(activation_mode="scheduled", unknown=1)
    expected = [(INVALID, "$.products.addons[0].start_at"), (INVALID, "$.products.addons[0].unknown")]
    assert sorted(faults_of(ActivateSubscription, body)) == expected
