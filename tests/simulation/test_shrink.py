"""The shrinker, over worlds that are as small as can be."""

from collections.abc import Sequence

import pytest

from tests.simulation.shrink import shrink


@pytest.mark.parametrize("needed", [{7}, {0, 31}, {3, 4, 5}, {*range(0, 32, 4)}, set()])
def test_only_what_is_needed_is_left(needed: set[int]) -> None:
    assert shrink(range(32), lambda steps: needed <= {*steps}) == sorted(needed)


def test_one_of_two_ways_to_fail_is_left() -> None:
    left = shrink(range(20), lambda steps: {2, 3} <= {*steps} or {11} <= {*steps})
    assert left in ([2, 3], [11])


def test_it_gives_up_in_time_with_something_that_fails() -> None:
    tried: list[Sequence[int]] = []

    def fails(steps: Sequence[int]) -> bool:
        tried.append(steps)
        return 40 in steps

    left = shrink(range(64), fails, tries=5)
    assert 40 in left
    assert len(left) < 64
    assert len(tried) == 5
