"""How usage is booked on products, and what it brings about (contract §6)."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.catalog.offering import MAX_ALLOWANCES, Allowance, AllowanceType
from functions.products import balances, lifecycle, usage
from functions.products.product import Balance, Product
from functions.products.usage import Booking, Usage
from tests.support.builders import MONTH, NOW, allowance, offering, product

DAY = timedelta(days=1)
CYCLE_END = NOW + 20 * DAY
KINDS: tuple[AllowanceType, ...] = ("data", "voice", "sms")
THRESHOLD = "balance.threshold.exceeded"


def of_bytes(count: int = 100, countries: Sequence[str] = ("DE",), **fields: Any) -> Allowance:
    """So many bytes, to be used in these countries."""
    plain: dict[str, Any] = {"unit": "bytes", "unit_count": count}
    made = allowance(**plain | fields)
    made.coverage_area.countries = list(countries)
    return made


def unlimited(kind: str = "data") -> Allowance:
    return allowance(kind, is_unlimited=True, unit=None, unit_count=None)


def waiting(name: str, *allowances: Allowance, kind: str = "addon", validity: Any = None) -> Product:
    """A product that waits for its first usage."""
    fields = {"validity": validity} if validity else {}
    made = product(name, offering(f"of {name}", kind, allowances=list(allowances or [of_bytes()]), **fields))
    made.balances = balances.balances_of(made.offering)
    made.status, made.status_reason = "pending", "first_usage_activation"
    made.expire_at = NOW + 365 * DAY
    return made


def running(
    name: str, *allowances: Allowance, kind: str = "addon", validity: Any = None, end_at: datetime | None = None
) -> Product:
    """One that has started."""
    made = waiting(name, *allowances, kind=kind, validity=validity)
    lifecycle.start(made, NOW - DAY, CYCLE_END)
    made.end_at = end_at or made.end_at
    return made


def book(amount: int, *products: Product, kind: AllowanceType = "data", country: str = "DE") -> Booking:
    return usage.book(Usage(kind, amount, country, NOW), products, CYCLE_END)


def spent(*products: Product) -> list[int]:
    """What is spent of each product's balances."""
    return [sum(balance.spent for balance in each.balances) for each in products]


def events_of(booking: Booking) -> list[tuple[str, str, int | None]]:
    return [(event.product.id, event.event_type, event.percentage) for event in booking.events]


class TestWhatIsSpent:
    """Active balances of that kind that cover that country, the one that ends soonest first."""

    @pytest.mark.parametrize(
        ("ends", "expected"),
        [
            ((9, 5, 7), [0, 100, 50]),
            ((5, 5, 5), [100, 50, 0]),
            ((7, 5, 5), [0, 100, 50]),
        ],
    )
    def test_the_soonest_end_first_and_of_two_the_older(self, ends: tuple[int, ...], expected: list[int]) -> None:
        products = [running(f"prd_{place}", end_at=NOW + days * DAY) for place, days in enumerate(ends)]
        assert book(150, *reversed(products)).left == 0
        assert spent(*products) == expected

    def test_the_older_is_the_one_that_was_made_first_whatever_its_id(self) -> None:
        older, newer = running("prd_2", end_at=NOW + DAY), running("prd_1", end_at=NOW + DAY)
        newer.created_at += timedelta(milliseconds=1)
        book(150, newer, older)
        assert spent(older, newer) == [100, 50]

    def test_what_renews_ends_with_its_cycle(self) -> None:
        plan = running("prd_1", kind="plan", validity=MONTH)
        before, after = (running(f"prd_{end}", end_at=plan.billing_cycle_end_at) for end in (0, 2))
        assert plan.billing_cycle_end_at is not None
        before.end_at = plan.billing_cycle_end_at - timedelta(milliseconds=1)
        book(201, plan, before, after)
        assert spent(before, plan, after) == [100, 100, 1]

    def test_an_unlimited_balance_takes_everything(self) -> None:
        free, limited = running("prd_1", unlimited(), end_at=NOW + DAY), running("prd_2", end_at=NOW + 2 * DAY)
        book(10**15, free, limited)
        assert spent(free, limited) == [10**15, 0]
        assert free.balances[0].remaining is None

    def test_an_unlimited_balance_is_not_spared(self) -> None:
        limited, free = running("prd_1", end_at=NOW + DAY), running("prd_2", unlimited(), end_at=NOW + 2 * DAY)
        book(130, free, limited)
        assert spent(limited, free) == [100, 30]

    @pytest.mark.parametrize(("country", "expected"), [("DE", [10, 0]), ("FR", [0, 10]), ("XK", [0, 0])])
    def test_it_covers_the_country(self, country: str, expected: list[int]) -> None:
        products = running("prd_1", of_bytes(countries=["DE"])), running("prd_2", of_bytes(countries=["FR", "IT"]))
        book(10, *products, country=country)
        assert spent(*products) == expected

    @pytest.mark.parametrize(("kind", "expected"), [("data", [7, 0, 0]), ("voice", [0, 7, 0]), ("sms", [0, 0, 7])])
    def test_it_is_of_the_kind(self, kind: AllowanceType, expected: list[int]) -> None:
        bundle = running("prd_1", *(allowance(each) for each in KINDS))
        book(7, bundle, kind=kind)
        assert [balance.spent for balance in bundle.balances] == expected

    def test_one_product_may_have_two_balances_of_a_kind(self) -> None:
        both = running("prd_1", of_bytes(100, ["DE"]), of_bytes(50, ["DE", "FR"]))
        book(120, both)
        assert [balance.spent for balance in both.balances] == [100, 20]
        book(10, both, country="FR")
        assert [balance.spent for balance in both.balances] == [100, 30]

    @pytest.mark.parametrize("status", ["scheduled", "depleted", "terminated", "canceled", "expired"])
    def test_only_active_ones(self, status: Any) -> None:
        idle = running("prd_1")
        idle.status = status
        booking = book(10, idle)
        assert (booking.changed, booking.events, spent(idle)) == ({}, [], [0])

    def test_what_exceeds_everything_is_not_booked(self) -> None:
        products = running("prd_1"), running("prd_2", kind="plan", validity=MONTH)
        assert book(1000, *products).left == 0
        assert spent(*products) == [100, 100]
        assert book(1, *products).changed == {}


@pytest.mark.parametrize(
    ("kind", "reported", "booked"),
    [
        ("data", 1, 1),
        ("data", 10**12, 10**12),
        ("sms", 3, 3),
        ("voice", 1, 1),
        ("voice", 60, 1),
        ("voice", 61, 2),
        ("voice", 120, 2),
        ("voice", 3601, 61),
    ],
)
def test_each_report_spends_started_minutes(kind: AllowanceType, reported: int, booked: int) -> None:
    assert usage.in_balances_unit(kind, reported) == booked


class TestPending:
    """Usage that no active balance can take starts what waits for it, one at a time."""

    def test_not_while_an_active_balance_can_take_it(self) -> None:
        plan, pending = running("prd_1", kind="plan", validity=MONTH), waiting("prd_0")
        book(100, plan, pending)
        assert (pending.status, spent(plan)) == ("pending", [100])

    @pytest.mark.parametrize(
        ("amount", "statuses"),
        [
            (101, ["active", "pending", "pending"]),
            (200, ["depleted", "pending", "pending"]),
            (201, ["depleted", "active", "pending"]),
            (9999, ["depleted", "depleted", "depleted"]),
        ],
    )
    def test_the_oldest_first_and_only_as_many_as_needed(self, amount: int, statuses: list[str]) -> None:
        plan = running("prd_9", kind="plan", validity=MONTH)
        pending = [waiting(f"prd_{place}") for place in range(3)]
        booking = book(amount, plan, *reversed(pending))
        assert [each.status for each in pending] == statuses
        begun = [each.product.id for each in booking.events if each.event_type == "product.active"]
        assert begun == [each.id for each in pending if each.status != "pending"]
        assert all(each.started_at == NOW and each.status_reason is None for each in pending if each.id in begun)

    def test_the_oldest_is_the_one_that_was_made_first_whatever_its_id(self) -> None:
        older, newer = waiting("prd_2"), waiting("prd_1")
        newer.created_at += timedelta(milliseconds=1)
        assert usage.oldest_pending([newer, older], "DE", NOW, CYCLE_END) is older
        book(10, newer, older)
        assert (older.status, newer.status) == ("active", "pending")

    @pytest.mark.parametrize(("country", "kind"), [("FR", "data"), ("DE", "voice")])
    def test_one_that_does_not_fit_goes_on_waiting(self, country: str, kind: AllowanceType) -> None:
        pending = waiting("prd_1")
        assert book(10, pending, country=country, kind=kind).changed == {}
        assert pending.status == "pending"

    def test_an_interval_must_have_begun(self) -> None:
        times = {"start_at": NOW + timedelta(seconds=1), "end_at": NOW + DAY}
        pending = waiting("prd_1", validity={"type": "interval", **times})
        assert book(10, pending).changed == {}
        pending.offering.validity = pending.offering.validity.model_copy(update={"start_at": NOW})
        book(10, pending)
        assert (pending.status, pending.end_at, spent(pending)) == ("active", NOW + DAY, [10])

    def test_without_a_plan_it_is_canceled_and_the_next_one_starts(self) -> None:
        canceled, next_one = waiting("prd_1", validity={"type": "end_of_plan_cycle"}), waiting("prd_2")
        booking = usage.book(Usage("data", 10, "DE", NOW), [canceled, next_one], None)
        assert [canceled.status, next_one.status] == ["canceled", "active"]
        assert spent(canceled, next_one) == [0, 10]
        assert events_of(booking)[0] == ("prd_1", "product.canceled", None)

    @pytest.mark.parametrize(("country", "expected"), [("DE", "prd_2"), ("FR", "prd_1"), ("XK", None)])
    def test_first_usage_is_of_any_kind(self, country: str, expected: str | None) -> None:
        older = waiting("prd_1", of_bytes(countries=["FR"]))
        newer = waiting("prd_2", allowance("voice"))
        newest = waiting("prd_3")
        found = usage.oldest_pending([newest, newer, older], country, NOW, CYCLE_END)
        assert (found.id if found else None) == expected


class TestThresholds:
    """80 and 100 percent of data, each once per balance and cycle."""

    @pytest.mark.parametrize(
        ("steps", "expected"),
        [
            ([79], [[]]),
            ([80], [[80]]),
            ([79, 1, 1], [[], [80], []]),
            ([80, 19, 1], [[80], [], [100]]),
            ([100], [[80, 100]]),
            ([5000], [[80, 100]]),
            ([100, 100], [[80, 100], []]),
        ],
    )
    def test_when_they_are_reached(self, steps: list[int], expected: list[list[int]]) -> None:
        plan = running("prd_1", kind="plan", validity=MONTH)
        bookings = [book(step, plan) for step in steps]
        assert [[percentage for _, _, percentage in events_of(booking)] for booking in bookings] == expected
        lifecycle.renew(plan)
        assert events_of(book(100, plan)) == [("prd_1", THRESHOLD, 80), ("prd_1", THRESHOLD, 100)]

    @pytest.mark.parametrize("kind", ["voice", "sms"])
    def test_of_data_only(self, kind: AllowanceType) -> None:
        plan = running("prd_1", allowance(kind), kind="plan", validity=MONTH)
        assert events_of(book(10**6, plan, kind=kind)) == []

    def test_of_each_balance(self) -> None:
        both = running("prd_1", of_bytes(10), of_bytes(1000), kind="plan", validity=MONTH)
        assert [percentage for _, _, percentage in events_of(book(810, both))] == [80, 100, 80]

    def test_of_what_is_limited(self) -> None:
        assert events_of(book(10**15, running("prd_1", unlimited()))) == []

    def test_a_percentage_is_not_rounded_up(self) -> None:
        large = running("prd_1", of_bytes(3 * 1024**3))
        assert events_of(book(3 * 1024**3 * 8 // 10, large)) == []
        assert events_of(book(1, large)) == [("prd_1", THRESHOLD, 80)]


class TestDepletion:
    """A non-recurrent add-on whose limited balances are all 0 and which has no unlimited one."""

    @pytest.mark.parametrize(
        ("addon", "status"),
        [
            (running("prd_1"), "depleted"),
            (running("prd_1", of_bytes(), of_bytes()), "active"),
            (running("prd_1", of_bytes(), allowance("sms")), "active"),
            (running("prd_1", of_bytes(), unlimited("voice")), "active"),
            (running("prd_1", of_bytes(), of_bytes(countries=["FR"])), "active"),
            (running("prd_1", validity=MONTH), "active"),
            (running("prd_1", kind="plan"), "active"),
            (running("prd_1", kind="plan", validity=MONTH), "active"),
        ],
    )
    def test_what_depletes(self, addon: Product, status: str) -> None:
        emptied = addon.model_copy(deep=True)
        booking = book(100, emptied)
        assert (emptied.status, spent(emptied)) == (status, [100])
        assert emptied.ended_at == (NOW if status == "depleted" else None)
        assert emptied.end_at == addon.end_at
        events = [(THRESHOLD, 80), (THRESHOLD, 100), ("product.depleted", None)]
        shown = [(event, percentage) for _, event, percentage in events_of(booking)]
        if status == "depleted":
            assert shown == events

    def test_a_bundle_depletes_with_its_last_balance(self) -> None:
        bundle = running("prd_1", of_bytes(), allowance("sms"))
        book(100, bundle)
        assert events_of(book(10, bundle, kind="sms")) == [("prd_1", "product.depleted", None)]

    def test_what_is_canceled_at_its_cycles_end_recurs_until_then(self) -> None:
        last_cycle = running("prd_1", validity=MONTH, end_at=CYCLE_END)
        book(100, last_cycle)
        assert last_cycle.status == "active"


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
def test_nothing_is_lost_or_made_up(products: list[Product], reports: list[tuple[AllowanceType, int, str]]) -> None:
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
