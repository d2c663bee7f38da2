"""What was loaded can be taken back; what was sold from it stays as it was."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest

from functions.catalog.offering import Offering
from functions.catalog.product_catalog import CatalogedCoverageArea, ProductCatalog
from functions.orders.order import Order, list_entry_key
from functions.shared import table
from functions.shared.transaction import Transaction
from infra.functions import DOOR
from infra.operator import catalog, catalog_withdrawal, writing
from infra.operator.catalog_entries import Catalogs
from infra.operator.catalog_withdrawal import ANSWERED_WITHIN, NoSuchCatalog, Sold, withdraw
from tests.operator.catalogs import TRANSACTIONS, catalogs, check, ids_in
from tests.operator.cuts import CutOff, cut_off
from tests.support import bodies
from tests.support.builders import noise
from tests.support.customers import add_subscriber
from tests.support.newcomer import Newcomer
from tests.support.shop import Shop

WITHDRAWALS = 6
"""Transactions: hide, make inactive, empty the catalog, remove the offerings, remove the area, free the names."""


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small catalog in small transactions."""
    monkeypatch.setattr("tests.operator.catalogs.ADDONS", 3)
    monkeypatch.setattr(writing, "MAX_WRITES", 6)


@pytest.fixture(autouse=True)
def waits() -> Iterator[list[float]]:
    """How long it was waited for orders; nobody waits."""
    waited: list[float] = []
    with patch("infra.operator.catalog_withdrawal.sleep", waited.append):
        yield waited


def traces(partner: str) -> list[str]:
    """What there is of the partner's catalogs."""
    areas, made = CatalogedCoverageArea.partition(partner), ProductCatalog.partition(partner)
    return [record_id for each in (Offering.partition(partner), areas, made) for record_id in ids_in(each)]


def order(newcomer: Newcomer, plan: str) -> Any:
    """The answer to an order for the plan, which then waits for a person."""
    subscriber = add_subscriber(newcomer)["id"]
    return newcomer.post("/orders", bodies.activation(subscriber, plan, on_hold_condition="porting"))


def cancel(newcomer: Newcomer, order_id: str) -> None:
    """Cancel the order as soon as it waits."""
    wait(newcomer, order_id)
    assert newcomer.post(f"/orders/{order_id}/cancel").status == 200


def wait(newcomer: Newcomer, order_id: str) -> None:
    """Let the order come to where it waits for a person."""
    Shop(newcomer).until({"id": order_id}, lambda now: now["status"] == "on_hold")


def test_no_door_runs_longer_than_is_waited_for_it() -> None:
    assert DOOR.to_seconds() <= ANSWERED_WITHIN.total_seconds()


def test_nothing_is_left_of_what_nobody_has_ordered(newcomer: Newcomer, waits: list[float]) -> None:
    first = catalog.load(newcomer.partner, catalogs())
    other = catalog.load(newcomer.partner, catalogs("Extras"))
    assert withdraw(newcomer.partner, "Main") == (["Main"], 0)
    assert waits == [ANSWERED_WITHIN.total_seconds()]
    assert ids_in(Offering.partition(newcomer.partner)) == [*other.values()]
    assert newcomer.get(f"/product-offerings/{first['plan']}").status == 404
    corrected = catalog.load(newcomer.partner, catalogs(refundable=True))
    withdraw(newcomer.partner, "Extras")
    check(newcomer.partner, corrected)


def test_the_same_content_can_be_loaded_again(newcomer: Newcomer) -> None:
    before = catalog.load(newcomer.partner, catalogs())
    withdraw(newcomer.partner, "Main")
    after = catalog.load(newcomer.partner, catalogs())
    assert not set(before.values()) & set(after.values())
    check(newcomer.partner, after)


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("after", range(WITHDRAWALS))
def test_a_withdrawal_that_was_cut_off_is_finished_by_the_same(newcomer: Newcomer, after: int, committed: bool) -> None:
    catalog.load(newcomer.partner, catalogs())
    with pytest.raises(CutOff), cut_off(after, committed=committed):
        withdraw(newcomer.partner, "Main")
    whole = committed and after == WITHDRAWALS - 1
    if after or committed:
        reason = "does not exist" if whole else "is being withdrawn"
        with pytest.raises((catalog.NamesTaken, NoSuchCatalog), match=reason):
            withdraw(newcomer.partner, "Main") if whole else catalog.load(newcomer.partner, catalogs())
    if not whole:
        withdraw(newcomer.partner, "Main")
    assert traces(newcomer.partner) == []
    catalog.load(newcomer.partner, catalogs(refundable=True))


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("after", range(1, TRANSACTIONS))
def test_a_load_that_was_cut_off_can_be_withdrawn(newcomer: Newcomer, after: int, committed: bool) -> None:
    with pytest.raises(CutOff), cut_off(after, committed=committed):
        catalog.load(newcomer.partner, catalogs())
    withdraw(newcomer.partner, "Main")
    assert traces(newcomer.partner) == []
    check(newcomer.partner, catalog.load(newcomer.partner, catalogs(refundable=True)))


def test_a_load_under_way_writes_nothing_more_once_it_is_withdrawn(newcomer: Newcomer) -> None:
    begun = catalog.begin(newcomer.partner, catalogs())
    missing = writing._write_missing

    def too_late(*arguments: Any) -> None:
        withdraw(newcomer.partner, "Main")
        missing(*arguments)

    with patch.object(writing, "_write_missing", too_late), pytest.raises((catalog.Withdrawn, NoSuchCatalog)):
        catalog.write(begun, catalogs())
    assert traces(newcomer.partner) == []
    again = catalog.begin(newcomer.partner, catalogs())
    with pytest.raises(catalog.Withdrawn):
        catalog.write(begun, catalogs())
    check(newcomer.partner, catalog.write(again, catalogs()))


def test_what_was_sold_from_is_withdrawn_only_on_request(newcomer: Newcomer) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    sold = order(newcomer, ids["plan"])
    with pytest.raises(Sold) as refused:
        withdraw(newcomer.partner, "Main")
    assert refused.value.orders == {"Plan": sold.json()["id"]}
    check(newcomer.partner, ids)

    assert withdraw(newcomer.partner, "Main", even_if_sold=True) == (["Main"], 1)
    assert ids_in(Offering.partition(newcomer.partner)) == [ids["plan"]]
    assert newcomer.get(f"/product-offerings/{ids['plan']}").json()["status"] == "inactive"
    (error,) = order(newcomer, ids["plan"]).json()["errors"]
    assert error["code"] == "offering_inactive"
    wait(newcomer, sold.json()["id"])
    assert newcomer.post(f"/orders/{sold.json()['id']}/resume").status == 200, "what was sold is carried out"
    catalog.load(newcomer.partner, catalogs(refundable=True))


def test_the_areas_of_what_was_sold_stay(newcomer: Newcomer) -> None:
    area = {"name": "Germany", "type": "local", "countries": ["DE"]}
    data = {"type": "data", "coverage_area": "germany"}
    month = {"type": "duration", "unit": "month", "unit_count": 1}
    plan = {"type": "plan", "validity": month}
    plans = {"one": plan | {"name": "one", "allowances": [data]}, "two": plan | {"name": "two"}}
    areas = {"germany": area, "elsewhere": area}
    content = {"coverage_areas": areas, "offerings": plans, "catalogs": {"A": ["one"], "B": ["two"]}}
    ids = catalog.load(newcomer.partner, Catalogs.of(content))
    order(newcomer, ids["one"])
    assert withdraw(newcomer.partner, "B", even_if_sold=True) == (["A", "B"], 1)
    (kept,) = newcomer.get("/product-offerings").json()["_embedded"]["product_offerings"]
    (shown,) = newcomer.get("/coverage-areas").json()["_embedded"]["coverage_areas"]
    assert shown["id"] == kept["_embedded"]["allowances"][0]["_embedded"]["coverage_area"]["id"]


def test_an_order_that_came_to_nothing_has_sold_nothing(newcomer: Newcomer) -> None:
    ids = catalog.load(newcomer.partner, catalogs())
    cancel(newcomer, order(newcomer, ids["plan"]).json()["id"])
    withdraw(newcomer.partner, "Main")
    assert traces(newcomer.partner) == []


def test_an_order_accepted_meanwhile_keeps_its_offering(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has read the offering before that was inactive, and is written while the withdrawal waits."""
    ids = catalog.load(newcomer.partner, catalogs())
    known = order(newcomer, ids["plan"]).json()["id"]
    kept = table.read(Order, newcomer.partner, known)
    assert kept is not None
    cancel(newcomer, known)

    def late(_: float) -> None:
        change = Transaction()
        written = kept.model_copy(update={"id": f"ord_{'7' * 26}", "created_at": change.at, "version": 0})
        change.create(written)
        change.claim(list_entry_key(written), {})
        change.commit()

    monkeypatch.setattr("infra.operator.catalog_withdrawal.sleep", late)
    assert withdraw(newcomer.partner, "Main") == (["Main"], 1)
    assert newcomer.get(f"/product-offerings/{ids['plan']}").json()["status"] == "inactive"


def test_sales_are_found_on_every_page_of_orders(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog_withdrawal, "PAGE", 2)
    ids = catalog.load(newcomer.partner, catalogs())
    first = order(newcomer, ids["plan"]).json()["id"]
    other = catalog.load(newcomer.partner, catalogs("Extras"))
    for _ in range(4):
        order(newcomer, other["plan"])
    with pytest.raises(Sold) as refused:
        withdraw(newcomer.partner, "Main")
    assert refused.value.orders == {"Plan": first}


def test_a_partner_withdraws_what_is_its_own(newcomer: Newcomer) -> None:
    other = Newcomer(newcomer.system).partner
    catalog.load(other, catalogs())
    with pytest.raises(NoSuchCatalog):
        withdraw(newcomer.partner, "Main")
    assert traces(other)


def test_nothing_is_written_of_what_cannot_be_stored(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "MAX_ITEM", 700)
    with pytest.raises(catalog.TooLarge) as refused:
        catalog.load(newcomer.partner, catalogs(metadata={"note": noise(300)}))
    assert {name.partition(" ")[0] for name in refused.value.reasons} == {"addon"}
    assert traces(newcomer.partner) == []
    with pytest.raises(NoSuchCatalog):
        withdraw(newcomer.partner, "Main")


def test_a_transaction_takes_no_more_than_the_table_does(newcomer: Newcomer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_BYTES", 5_000)
    ids = catalog.load(newcomer.partner, catalogs(metadata={"note": noise(300)}))
    check(newcomer.partner, ids)
    withdraw(newcomer.partner, "Main")
    assert traces(newcomer.partner) == []


def test_two_at_once_withdraw_it_once(newcomer: Newcomer) -> None:
    catalog.load(newcomer.partner, catalogs())

    def attempt(_: int) -> bool:
        try:
            withdraw(newcomer.partner, "Main")
        except NoSuchCatalog:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert any(pool.map(attempt, range(3)))
    assert traces(newcomer.partner) == []
    catalog.load(newcomer.partner, catalogs(refundable=True))
