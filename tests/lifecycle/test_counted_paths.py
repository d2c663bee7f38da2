"""What docs/scaling.md says that a path takes of the table, key by key, is what it takes."""

import pytest

from functions.shared.marshal import marshal
from infra.counted import ACTIVATION
from infra.hot_keys import counted_paths
from tests.support.counted_paths import PATHS, count
from tests.support.units import Place, Units


@pytest.mark.parametrize("path", PATHS)
def test_a_path_takes_what_was_counted(path: str) -> None:
    assert count(PATHS[path]) == counted_paths()[path], "count anew with python -m tests.support.counted_paths"


def test_every_path_is_counted() -> None:
    assert [*counted_paths()] == [*PATHS]


def test_it_is_what_an_activation_costs() -> None:
    """The costs are those of one without a key and a reference, each of which takes two units."""
    counted = sum(counted_paths()["activate_subscription"]["written"].values())
    assert ACTIVATION.write_units - 1 <= counted - 4 <= ACTIVATION.write_units


def test_what_a_write_takes() -> None:
    """The larger of what was there and what is there now, and of an index what disappears and what appears."""
    before = marshal({"pk": "a", "sk": "b", "due_shard": "due#1", "due_at": "1", "text": "x" * 3000})
    after = marshal({"pk": "a", "sk": "b", "due_shard": "due#2", "due_at": "2", "gsi1pk": "list", "gsi1sk": "1"})
    units = Units()
    units.write(before, after, 2)
    of_indexes = {Place("due", "due#1"): 1, Place("due", "due#2"): 1, Place("gsi1", "list"): 1}
    assert units.written == {Place("table", "a"): 6} | of_indexes
    units.write(after, after, 1)
    assert sum(units.written.values()) == 10, "no index changes"
    units.write(after, {}, 1)
    assert units.written[Place("due", "due#2")] == 2
