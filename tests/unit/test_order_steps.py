"""What the steps of an order rely on."""

import pytest

from functions.orders.execution_steps import link_sim
from functions.orders.kind import Work
from functions.orders.order import Order
from functions.shared.transaction import Transaction
from tests.support.builders import NOW, PARTNER


@pytest.fixture
def work() -> Work:
    """An order of which nothing is there yet."""
    ids = {"subscription_id": "subs_1", "subscriber_id": "subr_1", "account_id": "acc_1"}
    plain = {"id": "ord_1", "partner": PARTNER, "created_at": NOW, "type": "activate_subscription"}
    return Work(order=Order.model_validate(plain | ids), change=Transaction(NOW))


def test_nothing_is_done_on_a_subscription_that_is_not_there(work: Work) -> None:
    with pytest.raises(LookupError, match="order ord_1 has no subscription"):
        work.present()


def test_no_sim_is_linked_that_was_not_taken(work: Work) -> None:
    with pytest.raises(LookupError, match="order ord_1 was not prepared"):
        link_sim(work)
