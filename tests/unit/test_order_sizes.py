"""What an order may carry at most (contract §1, ``too_large``), measured where AWS limits it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

import infra.bus
from functions.catalog.offering import MAX_ALLOWANCES, Offering
from functions.network import requests
from functions.orders import sizes
from functions.orders.activate_subscription import ActivateSubscription
from functions.orders.cancel_subscription import CancelSubscription
from functions.orders.contents import lines_of
from functions.orders.order import Order
from functions.products import balances
from functions.products.product import Product, show_product
from functions.shared.countries import COUNTRIES
from functions.shared.event import Event
from functions.shared.refusals import Code, Fault
from functions.shared.sizes import json_size, stored_size
from functions.sim_profiles.sim_profile import SimProfile
from tests.support import bodies
from tests.support.builders import NOW, PARTNER, allowance, found, noise, offering

AWS_STATE = AWS_EVENT = 262_144
MAX_CAUSE_LENGTH = 32_768
DYNAMODB_TRANSACTION = 4 * 1024 * 1024
KANJI, EMOJI = "語", "🎉"
Item = dict[str, Any]


def full_metadata(letter: str, cut: int = 0) -> dict[str, str]:
    """The largest that an offering may have, less this number of letters."""
    values = {f"{number}{letter * 99}": letter * 300 for number in range(10)}
    last = next(reversed(values))
    return values | {last: letter * (300 - cut)}


def worldwide(kind: str = "data") -> Any:
    made = allowance(kind, "global")
    made.coverage_area.countries = sorted(COUNTRIES)
    made.coverage_area.id = f"cov_{'0' * 26}"
    return made


def noted(length: int) -> Any:
    return allowance(policies=[{"note": noise(length)}])


def request(*offerings: Offering, **fields: Any) -> ActivateSubscription:
    """An activation that sells these."""
    plan, *addons = (each.id for each in offerings)
    return ActivateSubscription.model_validate(bodies.activation("subr_1", plan, *addons, **fields))


def check(*offerings: Offering, **fields: Any) -> list[Fault]:
    return list(sizes.check_size(request(*offerings, **fields), found(*offerings)))


def asked(order: Order, sim: SimProfile) -> Item:
    """The request with everything that travels around it, at its longest."""
    around = {"partner": "p" * 63, "order_id": f"ord_{'0' * 26}", "reply_token": "t" * 2048}
    return requests.provisioning(order, "deactivated", sim) | around


def longest_sim() -> SimProfile:
    fields = {"id": f"simp_{'0' * 26}", "iccid": "8" * 19, "matching_id": "M" * 100, "smdp_address": "s" * 100}
    return SimProfile(partner=PARTNER, created_at=NOW, sim_type="esim", eid="0" * 32, **fields)


def an_order(lines: list[Any], **fields: Any) -> Order:
    plain: Item = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "type": "change_subscription_plan"}
    plain |= {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1", "lines": lines}
    return Order.model_validate(plain | fields)


@pytest.mark.parametrize("letter", ["x", "é", KANJI, EMOJI])
def test_most_orders_fit(letter: str) -> None:
    """Of what offerings can hold at most, at least ten go into one order."""
    offerings = [offering(f"prdoff_{number}", metadata=full_metadata(letter)) for number in range(10)]
    assert check(*offerings) == []


def test_thirty_one_products_with_all_that_metadata_can_hold_in_a_three_byte_script() -> None:
    offerings = [offering(f"prdoff_{number}", metadata=full_metadata(KANJI)) for number in range(31)]
    (fault,) = check(*offerings)
    assert (fault.code, fault.pointer) == (Code.TOO_LARGE, "$.products")
    assert fault.detail.startswith("The request to the mobile network for these products is ")
    assert fault.detail.endswith(" bytes; the maximum is 201,728.")
    assert check(*offerings[:15]) == []


@pytest.mark.parametrize("letter", ["é", KANJI, EMOJI])
def test_the_largest_request_that_passes_has_200_kb(letter: str) -> None:
    """Also with the longest of everything around its products; a letter more is refused."""
    offerings = [offering(f"prdoff_{number:02}", metadata=full_metadata(letter)) for number in range(31)]
    while check(*offerings):
        offerings.pop()
    slack = offering("slack", metadata={"fills": ""}, allowances=[])
    for length in (100, 10, 1):
        while not check(*offerings, slack):
            slack.metadata = (slack.metadata or {}) | {f"{len(slack.metadata or {})}": letter * length}
        (slack.metadata or {}).popitem()
    order = an_order(lines_of(request(*offerings, slack).products, found(*offerings, slack)), product_ids=["p" * 30])
    largest = json_size(asked(order, longest_sim()))
    assert sizes.MAX_REQUEST - 1024 <= largest <= sizes.MAX_REQUEST == 204_800


def test_what_travels_fits_wherever_it_passes() -> None:
    """Each state of the lifecycle holds at most the request, the error of a state, and a few names of its own."""
    definition = json.loads((Path(infra.bus.__file__).parent / "lifecycle.asl.json").read_text())
    kept = {state.get("ResultPath") for state in definition["States"].values() if "ResultPath" in state}
    assert kept <= {"$.prepared", "$.provisioned", "$.failed_step", "$.error", None}
    others: Item = {"partner": "p" * 63, "order_id": "o" * 30, "begin": "prepare", "failed_step": "provision"}
    others |= {"timeout_seconds": 900, "provisioned": {"msisdn": "+" + "9" * 15}}
    assert sizes.MAX_REQUEST + MAX_CAUSE_LENGTH + json_size(others) + 1024 < AWS_STATE
    assert sizes.MAX_REQUEST + 2048 < AWS_EVENT


def test_many_allowances_take_little_of_the_request_but_much_of_the_order() -> None:
    """Their countries stay here: an item of DynamoDB has 400 KB."""
    lengths = [
        range(first, first + MAX_ALLOWANCES) for first in range(1200, 1200 + 31 * MAX_ALLOWANCES, MAX_ALLOWANCES)
    ]
    offerings = [
        offering(f"prdoff_{number}", allowances=[noted(length) for length in some])
        for number, some in enumerate(lengths)
    ]
    assert json_size(requests.sold(lines_of(request(*offerings).products, found(*offerings)))) < 100_000
    assert [fault.code for fault in check(*offerings)] == [Code.TOO_LARGE]
    while check(*offerings):
        offerings.pop()
    assert len(offerings) >= 15
    order = an_order(lines_of(request(*offerings).products, found(*offerings)))
    assert sizes.MAX_ORDER - 30_000 < stored_size(order.item()) < sizes.MAX_ORDER


def test_what_repeats_takes_little_of_an_order() -> None:
    """The same countries, however many allowances name them."""
    offerings = [offering(f"prdoff_{number}", allowances=[worldwide()] * MAX_ALLOWANCES) for number in range(31)]
    assert check(*offerings) == []
    assert stored_size(an_order(lines_of(request(*offerings).products, found(*offerings))).item()) < 60_000


def test_forty_of_the_largest_products_can_change_at_once() -> None:
    """With an event of each, in one transaction of 4 MB."""
    largest = offering("prdoff_1", metadata=full_metadata(KANJI), allowances=[worldwide()] * MAX_ALLOWANCES)
    largest.allowances[0] = noted(0)
    room = sizes.MAX_PRODUCT - len(lines_of(request(largest).products, found(largest))[0].model_dump_json().encode())
    largest.allowances[0] = noted(room)
    assert check(largest) == []
    largest.allowances[0] = noted(room + 500)
    assert [fault.code for fault in check(largest)] == [Code.TOO_LARGE]
    largest = offering("prdoff_1", allowances=[noted(sizes.MAX_PRODUCT - 800)])
    assert check(largest) == []
    product = Product.model_validate(
        {"id": f"prd_{'0' * 26}", "partner": PARTNER, "created_at": NOW, "status": "active", "order_id": "o" * 30}
        | {"subscription_id": "s" * 31, "offering": largest.terms(), "prices": largest.prices}
        | {"balances": balances.balances_of(largest), "start_at": NOW, "started_at": NOW, "end_at": NOW}
    )
    event = Event.model_validate(
        {"id": f"evt_{'0' * 26}", "partner": PARTNER, "created_at": NOW, "type": "product.terminated", "ttl": 10**10}
        | {"data": {"product": show_product(product)}}
    )
    both = stored_size(product.item()) + stored_size(event.item())
    assert 1.5 * sizes.MAX_PRODUCT < both < 2 * sizes.MAX_PRODUCT
    assert 40 * both + 300_000 < DYNAMODB_TRANSACTION


def test_one_product_that_is_a_byte_too_large_is_refused() -> None:
    def taking(room: int) -> Offering:
        return offering("prdoff_1", allowances=[noted(room)])

    (line,) = lines_of(request(taking(0)).products, found(taking(0)))
    room = sizes.MAX_PRODUCT - len(line.model_dump_json(exclude_none=True))
    assert check(taking(room)) == []
    detail = "The record of one of these products is 50,001 bytes; the maximum is 50,000."
    assert check(taking(room + 1)) == [Fault(Code.TOO_LARGE, detail, "$.products")]


class TestTheRecord:
    """What an order keeps of its products and its invoice has a part of the item; seen with a small one."""

    @pytest.fixture(autouse=True)
    def _small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sizes, "MAX_ORDER", sizes.ORDER_ROOM + 10_000)

    def told(self, **fields: Any) -> int:
        """The size of a record that is too large."""
        (fault,) = check(offering("prdoff_1", allowances=[noted(20_000)]), **fields)
        assert (fault.code, fault.pointer) == (Code.TOO_LARGE, "$.products")
        words = re.fullmatch(r"The record of these products is ([\d,]+) bytes; the maximum is 10,000\.", fault.detail)
        assert words
        return int(words[1].replace(",", ""))

    def test_an_invoice_counts(self) -> None:
        content = [{"locale": "ja", "message": noise(200 + number)} for number in range(10)]
        invoice = {"notes": [{"type": "marketing", "content": content}]}
        assert 1_000 < self.told(invoice=invoice) - self.told() < 2_500

    def test_what_every_order_has_does_not(self) -> None:
        rest = {"subscriber_id": noise(99), "payment_intent_id": noise(100), "reference": noise(64)}
        assert abs(self.told(**rest) - self.told()) < 50

    def test_it_fits(self) -> None:
        assert check(offering("prdoff_1", allowances=[noted(11_000)])) == []


def test_of_offerings_that_are_not_there_nothing_is_said() -> None:
    there = offering("prdoff_1", allowances=[worldwide()] * 60)
    assert list(sizes.check_size(request(there, offering("gone")), found(there))) == []


def test_an_order_that_sells_nothing_is_never_too_large() -> None:
    assert list(sizes.check_size(CancelSubscription(subscription_id="subs_1"), found())) == []


VALUES = st.recursive(
    st.booleans() | st.integers(-(10**12), 10**12) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_no_value_is_larger_in_the_table_than_we_say(value: Any) -> None:
    assert stored_size(value) >= _as_dynamodb_counts(TypeSerializer().serialize(value))


def _as_dynamodb_counts(attribute: Any) -> int:
    """Names and text in UTF-8, a byte for every two digits and one more, three for a list or map and one an element."""
    ((kind, value),) = attribute.items()
    match kind:
        case "S":
            return len(str(value).encode())
        case "N":
            digits = str(value).lstrip("-")
            return (len(digits) + 1) // 2 + 1 + (len(digits) < len(value))
        case "L":
            return 3 + sum(1 + _as_dynamodb_counts(inner) for inner in value)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _as_dynamodb_counts(inner) for name, inner in value.items())
    return 1
