"""No body costs seconds: it is counted before it is looked at (contract §1, Errors)."""

import gc
import json
import time
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter

from functions.accounts.write import EDITS, create_account
from functions.catalog.edit import OfferingEdit
from functions.orders import place_order
from functions.shared import json_values, shapes
from functions.shared.http import MAX_BODY_BYTES
from functions.shared.idempotency import IdempotencyKey
from functions.shared.json_values import parse
from functions.shared.records import Key
from functions.shared.refusals import MAX_FAULTS, Fault, invalid
from functions.shared.shapes import check_body, without_nulls
from functions.subscribers.write import SubscriberEdit, create_subscriber
from functions.subscriptions.product_actions import ChangeProduct

ORDER, ACCOUNT, SUBSCRIBER = (
    TypeAdapter[Any](get_type_hints(operation, include_extras=True)["body"])
    for operation in (place_order.place_order, create_account, create_subscriber)
)
EDITED_ACCOUNT, EDITED_SUBSCRIBER, EDITED_OFFERING, EDITED_PRODUCT = (
    TypeAdapter[Any](shape) for shape in (EDITS["personal"], SubscriberEdit, OfferingEdit, ChangeProduct)
)
MAX_PROBLEMS = 2_000
"""That Pydantic finds in a body whose lists are as long as they may be, apart from members that it does not know."""


def filled(before: str, element: str, after: str) -> bytes:
    """As many of the element as a body can hold."""
    room = MAX_BODY_BYTES - len(before) - len(after)
    return (before + ",".join([element] * (room // (len(element) + 1))) + after).encode()


def members(before: str, after: str, value: str = "0") -> bytes:
    """As many members as a body can hold, nearly."""
    room = MAX_BODY_BYTES - len(before) - len(after)
    count = room // (len(value) + 9)
    return (before + ",".join(f'"{number:05x}":{value}' for number in range(count)) + after).encode()


def spread() -> bytes:
    """Unknown members in every object that an order can have."""
    unknown = ",".join(f'"{number:x}":0' for number in range(200))
    addon = f'{{"price_alterations":[{",".join([f"{{{unknown}}}"] * 3)}],{unknown}}}'
    body = f'{{"type":"activate_subscription","products":{{"addons":[{",".join([addon] * 30)}]}}}}'
    return body.encode()[:MAX_BODY_BYTES] if len(body) <= MAX_BODY_BYTES else body.replace(addon + ",", "", 4).encode()


ACTIVATE = '{"type":"activate_subscription",'
LISTS = {
    "price alterations": (ORDER, ACTIVATE + '"products":{"plan":{"price_alterations":[', "]}}}"),
    "add-ons": (ORDER, ACTIVATE + '"products":{"addons":[', "]}}"),
    "alterations of an add-on": (ORDER, ACTIVATE + '"products":{"addons":[{"price_alterations":[', "]}]}}"),
    "notes": (ORDER, ACTIVATE + '"invoice":{"notes":[', "]}}"),
    "contents of a note": (ORDER, ACTIVATE + '"invoice":{"notes":[{"content":[', "]}]}}"),
    "products": (ORDER, '{"type":"cancel_subscription_products","product_ids":[', "]}"),
    "identifications": (SUBSCRIBER, '{"identifications":[', "]}"),
    "edited identifications": (EDITED_SUBSCRIBER, '{"identifications":[', "]}"),
    "prices": (EDITED_PRODUCT, '{"prices":[', "]}"),
}
"""Every list that a body can have."""
MAPS = {
    "metadata of an account": (ACCOUNT, '{"type":"personal","metadata":{', "}}"),
    "edited metadata of an account": (EDITED_ACCOUNT, '{"metadata":{', "}}"),
    "metadata of an offering": (EDITED_OFFERING, '{"metadata":{', "}}"),
}
BODIES = {name: (shape, filled(before, "{}", after)) for name, (shape, before, after) in LISTS.items()}
BODIES |= {
    f"{name}: {value}": (shape, members(before, after, value))
    for name, (shape, before, after) in MAPS.items()
    for value in ("0", "null")
}
BODIES |= {
    "unknown members": (ORDER, members(ACTIVATE, "}")),
    "unknown members inside": (ORDER, members(ACTIVATE + '"products":{"plan":{', "}}}")),
    "unknown members everywhere": (ORDER, spread()),
    "wide junk": (ORDER, filled(ACTIVATE + '"x":[', "[]", "]}")),
    "deep junk": (ORDER, (ACTIVATE + '"x":' + "[" * 98 + ",".join(["[]"] * 80_000) + "]" * 98 + "}").encode()),
    "too deep": (ORDER, (ACTIVATE + '"x":' + "[" * 99 + ",".join(["[]"] * 80_000) + "]" * 99 + "}").encode()),
    "a list": (ORDER, filled("[", "{}", "]")),
    "numbers": (ORDER, filled(ACTIVATE + '"x":[', "1e1", "]}")),
    "escapes": (ORDER, members(ACTIVATE + '"x":{', "}}", r'"\u0001"')),
    "a long number": (ORDER, b'{"type":' + b"1" * 250_000 + b"}"),
    "a long fraction": (ORDER, b'{"type":1.' + b"1" * 250_000 + b"}"),
    "a long name": (ORDER, b'{"' + rb"\u0001" * 40_000 + b'":1}'),
    "a long country": (ORDER, (ACTIVATE + '"purchase_location":"' + "x" * 250_000 + '"}').encode()),
    "a long e-mail address": (SUBSCRIBER, b'{"email":"' + b"@" * 250_000 + b'"}'),
    "a long locale": (SUBSCRIBER, b'{"locale":"' + b"a-" * 120_000 + b'"}'),
}


class Counted:
    """How many faults were built, and how many problems Pydantic found."""

    def __init__(self) -> None:
        self.faults = self.problems = 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    problems = shapes._problems

    def fault(*args: Any) -> Fault:
        counted.faults += 1
        return Fault(*args)

    def count(error: Any) -> Any:
        counted.problems += sum(each["type"] != "extra_forbidden" for each in error.errors())
        return problems(error)

    for module in (json_values, shapes):
        monkeypatch.setattr(module, "Fault", fault)
    monkeypatch.setattr(shapes, "_problems", count)
    return counted


def faults_of(shape: TypeAdapter[Any], raw: bytes) -> list[Fault]:
    """What a door does with a body before its operation runs."""
    body, faults = parse(raw)
    IdempotencyKey(Key("", "")).for_body(raw.decode() if faults else body)
    return faults or check_body(shape, without_nulls(body))[1]


@pytest.mark.parametrize(("shape", "raw"), BODIES.values(), ids=list(BODIES))
def test_it_is_refused_with_few_faults_built(shape: TypeAdapter[Any], raw: bytes, counted: Counted) -> None:
    assert len(raw) <= MAX_BODY_BYTES
    faults = faults_of(shape, raw)
    assert 1 <= len(faults) <= MAX_FAULTS
    assert (counted.faults, counted.problems <= MAX_PROBLEMS) == (len(faults), True)


@pytest.mark.parametrize("name", ["price alterations", "add-ons", "unknown members everywhere", "wide junk"])
def test_it_costs_little_time(name: str) -> None:
    """Generously, for a busy machine: elements that were looked at first took up to 4 s.

    Collecting garbage is left out: its cost is that of all that other tests have left in this process.
    """
    gc.disable()
    try:
        start = time.thread_time()
        faults_of(*BODIES[name])
        assert time.thread_time() - start < 1
    finally:
        gc.enable()


@pytest.mark.parametrize(("name", "most"), [("price alterations", 3), ("add-ons", 30), ("notes", 10), ("products", 40)])
def test_the_length_of_a_list_is_a_fault_of_the_list(name: str, most: int) -> None:
    shape, before, after = LISTS[name]
    pointer = {"price alterations": "$.products.plan.price_alterations", "add-ons": "$.products.addons"}
    pointer |= {"notes": "$.invoice.notes", "products": "$.product_ids"}
    code = "too_many_products" if name == "add-ons" else "constraint_validation_error"
    for count in (most, most + 1):
        faults = faults_of(shape, (before + ",".join(["{}"] * count) + after).encode())
        assert ((code, pointer[name]) in [(fault.code, fault.pointer) for fault in faults]) is (count > most)


def test_what_is_listed_of_very_many_faults_is_said() -> None:
    faults = faults_of(*BODIES["unknown members"])
    refusal = invalid(*faults)
    assert len(refusal.problem("cor_1")["errors"]) == MAX_FAULTS == 100
    assert "100 faults or more" in refusal.detail
    assert len(json.dumps(refusal.problem("cor_1"))) < MAX_BODY_BYTES
