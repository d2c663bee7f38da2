"""How many eSIMs are in stock, from the few that an order sees."""

from collections.abc import Callable
from random import Random

import pytest

from functions.sim_profiles.stock import SEEN, in_stock

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def seen_from(stock: list[str], start: str) -> list[str]:
    """What is read: the first ones behind a place, and after the last one those from the beginning."""
    ordered = sorted(stock)
    behind = [each for each in ordered if each > start]
    return (behind + [each for each in ordered if each <= start])[:SEEN]


@pytest.fixture
def random_half() -> Callable[[], str]:
    chance = Random("stock")  # noqa: S311 - nobody gains by guessing it
    return lambda: "".join(chance.choices(CROCKFORD, k=16))


@pytest.mark.parametrize("size", [0, 1, 9, SEEN - 1])
def test_few_are_counted(size: int, random_half: Callable[[], str]) -> None:
    stock = [random_half() for _ in range(size)]
    assert in_stock(random_half(), seen_from(stock, random_half())) == size


@pytest.mark.parametrize("size", [SEEN, 100, 1000, 5000])
def test_more_are_estimated(size: int, random_half: Callable[[], str]) -> None:
    """Each estimate is right within half, and all together within a tenth."""
    stock = [random_half() for _ in range(size)]
    starts = [random_half() for _ in range(60)]
    estimates = [in_stock(start, seen_from(stock, start)) for start in starts]
    assert all(0.5 * size < each < 1.8 * size for each in estimates)
    assert 0.9 * size < sum(estimates) / len(estimates) < 1.1 * size
