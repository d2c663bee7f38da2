"""A subscription is read with everything that belongs to it, or not at all (docs/architecture.md)."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import pytest

from functions.products.product import Product
from functions.shared import clock, table
from functions.shared.dynamodb import Conflict
from functions.shared.records import Record
from functions.sim_profiles.sim_profile import SimProfile
from functions.subscriptions import store
from functions.subscriptions.aggregate import SubscriptionAggregate
from functions.subscriptions.phone_number import PhoneNumber
from functions.subscriptions.subscription import Subscription
from tests.support.builders import NOW, PARTNER, found
from tests.unit.aggregates import AT, DAY, bought, having, number, sim, written

Load = Callable[..., SubscriptionAggregate | None]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Reads a subscription from a table that holds it and these records."""

    def load(root: Subscription | None, *records: Record, at: Any = None) -> SubscriptionAggregate | None:
        def read_all(partner: str, wanted: dict[type[Record], Iterable[str]]) -> Any:
            asked = {(model, each) for model, ids in wanted.items() for each in ids}
            assert (partner, asked) == (PARTNER, {(type(each), each.id) for each in [*records, sim()]})
            return found(*records, sim())

        monkeypatch.setattr(table, "read", lambda *asked: root if asked == (Subscription, PARTNER, "subs_1") else None)
        monkeypatch.setattr(table, "read_all", read_all)
        monkeypatch.setattr(clock, "now", lambda: AT)
        return store.load(PARTNER, "subs_1", at)

    return load


def test_everything_that_belongs_to_it(load: Load) -> None:
    products, given = [bought("prd_1"), bought("prd_2")], number()
    loaded = load(having(*products, numbers=[given]).root, *products, given)
    assert loaded is not None
    assert loaded.at == AT
    loaded.close("terminated")
    assert written(loaded) == ["subs_1", "prd_1", "prd_2", "pn_1", "simp_1"]


def test_there_is_none(load: Load) -> None:
    assert load(None) is None


def test_a_change_at_another_moment(load: Load) -> None:
    loaded = load(having().root, at=AT + DAY)
    assert loaded is not None
    assert loaded.at == AT + DAY


def renewed(product: Product) -> Product:
    return product.model_copy(update={"end_at": NOW + timedelta(days=90)})


@pytest.mark.parametrize(
    ("product", "given"),
    [
        (bought("prd_1", mode="first_usage"), number()),
        (renewed(bought("prd_1")), number()),
        (bought("prd_1").model_copy(update={"status": "canceled"}), number()),
        (bought("prd_1"), number().model_copy(update={"status": "terminated"})),
    ],
    ids=["another status", "another end", "ended product", "ended number"],
)
def test_what_changed_between_the_two_reads_is_a_conflict(load: Load, product: Product, given: PhoneNumber) -> None:
    """So that the request runs again, on what belongs together."""
    root = having(bought("prd_1"), numbers=[number()]).root
    with pytest.raises(Conflict):
        load(root, product, given)


def test_the_sim_is_the_one_that_was_read_not_its_copy(load: Load) -> None:
    loaded = load(having(sim_profile=sim(version=7)).root)
    assert loaded is not None
    loaded.retire_sim()
    (retired,) = [each for each in loaded.records() if isinstance(each, SimProfile)]
    assert retired.version == 1
