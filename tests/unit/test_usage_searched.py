"""What holds of every usage of any products (contract §6)."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.offering import MAX_ALLOWANCES, AllowanceType
from functions.products import usage
from functions.products.product import Balance, Product
from functions.products.usage import MAX_WRITES, Booking, ProductEvent
from tests.support.builders import MONTH, allowance
from tests.unit.holdings import (
    KINDS,
    book,
    events_of,
    of_bytes,
    running,
    unlimited,
    waiting,
)

AMOUNTS = st.integers(1, 400)
ALLOWANCES = st.one_of(
    st.builds(of_bytes, st.integers(1, 200), st.sampled_from([["DE"], ["FR"], ["DE", "FR"]])),
    st.builds(allowance, st.sampled_from(["voice", "sms"])),
    st.builds(unlimited),
)
REPORTS = st.lists(st.tuples(st.sampled_from(KINDS), AMOUNTS, st.sampled_from(["DE", "FR"])), max_size=6)


@st.composite
def holdings(draw: st.DrawFn) -> list[Product]:
    """Products in every state in which usage may find them."""
    made = []
    for place in range(draw(st.integers(0, 6))):
        make = draw(st.sampled_from([waiting, running]))
        kind = draw(st.sampled_from(["plan", "addon"]))
        validity = draw(st.sampled_from([MONTH, MONTH | {"is_recurrent": False}, {"type": "end_of_plan_cycle"}]))
        allowances = draw(st.lists(ALLOWANCES, min_size=1, max_size=3))
        made.append(make(f"prd_{place}", *allowances, kind=kind, validity=validity))
    return made


def totals(products: Sequence[Product], kind: AllowanceType) -> int:
    return sum(balance.spent for each in products for balance in each.balances if balance.allowance_type == kind)


def assert_sound(balance: Balance) -> None:
    assert balance.spent >= 0
    if balance.type == "limited":
        assert balance.initial is not None
        assert balance.remaining is not None
        assert balance.initial == balance.remaining + balance.spent
        assert balance.remaining >= 0


def able(products: Sequence[Product], kind: AllowanceType, country: str) -> bool:
    """Whether anything could still take usage."""
    return any(
        held.allowance_type == kind and (held.remaining is None or held.remaining > 0)
        for each in products
        if each.status in {"active", "pending"}
        for limits, held in zip(each.offering.allowances, each.balances, strict=True)
        if country in limits.coverage_area.countries
    )


@given(products=holdings(), reports=REPORTS)
def test_nothing_is_lost_or_invented(products: list[Product], reports: list[tuple[AllowanceType, int, str]]) -> None:
    for kind, amount, country in reports:
        before = totals(products, kind)
        assert book(amount, *products, kind=kind, country=country).left == 0
        booked = totals(products, kind) - before
        assert 0 <= booked <= amount
        assert booked == amount or not able(products, kind, country)
        for each in products:
            for balance in each.balances:
                assert_sound(balance)


@given(products=holdings(), amount=AMOUNTS, room=st.integers(1, 12))
def test_several_steps_are_as_good_as_one(products: list[Product], amount: int, room: int) -> None:
    at_once = [each.model_copy(deep=True) for each in products]
    expected = events_of(book(amount, *at_once))
    events, left = [], amount
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usage, "MAX_WRITES", room)
        while left:
            booking = book(left, *products)
            events += events_of(booking)
            left = booking.left
    assert products == at_once
    assert events == expected


@st.composite
def full_houses(draw: st.DrawFn) -> list[Product]:
    """Many products with up to as many allowances as an offering may have, most of which a single report empties."""
    made = []
    for place in range(draw(st.integers(1, 40))):
        count = draw(st.sampled_from([1, 1, 1, 2, 12, MAX_ALLOWANCES]))
        make = draw(st.sampled_from([waiting, running]))
        validity = draw(st.sampled_from([MONTH | {"is_recurrent": False}, MONTH]))
        made.append(make(f"prd_{place:02}", *[of_bytes(draw(st.integers(1, 9)))] * count, validity=validity))
    return made


@given(products=full_houses(), amount=st.sampled_from([1, 20, 400, 4000]))
@settings(max_examples=60, deadline=None)
def test_each_booking_fits_one_transaction(products: list[Product], amount: int) -> None:
    """A transaction takes 100 items, the subscription and the report among them."""
    at_once = [each.model_copy(deep=True) for each in products]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usage, "MAX_WRITES", 10**6)
        expected = events_of(book(amount, *at_once))
    events, left = [], amount
    while left:
        booking = book(left, *products)
        assert len(booking.changed) + len(booking.events) + 2 <= 100
        assert booking.changed or not booking.left
        events += events_of(booking)
        left = booking.left
    assert products == at_once
    assert events == expected


@pytest.mark.parametrize("make", [waiting, running])
def test_one_product_always_fits(make: Callable[..., Product]) -> None:
    largest = make("prd_1", *[of_bytes()] * MAX_ALLOWANCES)
    booking = book(10**9, largest)
    assert (booking.left, largest.status) == (0, "depleted")
    assert len(booking.events) >= 2 * MAX_ALLOWANCES + 1


@pytest.mark.parametrize(
    ("kinds", "notified", "can_cause"),
    [
        (["data"], [], 4),
        (["data"], [80], 3),
        (["data"], [80, 100], 2),
        (["voice", "sms"], [], 2),
        (["data", "data", "voice"], [], 6),
    ],
)
@pytest.mark.parametrize("events", [0, 7])
def test_one_more_fits_with_its_start_its_thresholds_and_its_end(
    kinds: list[str], notified: list[int], can_cause: int, events: int
) -> None:
    """All of it is written at once with what the booking has already; the product itself counts once."""
    more, other = waiting("prd_more", *map(allowance, kinds)), running("prd_0")
    more.balances[0].notified_thresholds = notified
    booking = Booking()
    booking.add(other, *[ProductEvent(other, "product.active")] * events)
    booking.changed |= {f"prd_{place}": other for place in range(MAX_WRITES - events - can_cause - 1)}
    assert booking.has_room_for(more)
    booking.add(more)
    assert booking.has_room_for(more)
    booking.add(running("prd_last"))
    assert not booking.has_room_for(more)
