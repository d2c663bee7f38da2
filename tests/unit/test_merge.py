"""How the body of a PATCH is merged over what is kept (RFC 7396)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.shared.merge import merged
from functions.shared.shapes import without_nulls


@pytest.mark.parametrize(
    ("kept", "patch", "expected"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d", "c": None}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ([1, 2], {"a": "b", "c": None}, {"a": "b", "c": None}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {"ccc": None}}}),
    ],
)
def test_the_examples_of_the_rfc(kept: Any, patch: Any, expected: Any) -> None:
    """As its appendix A has them, but that a ``null`` which removes nothing stays to be judged."""
    assert merged(kept, patch) == expected


NAMES = st.sampled_from("abcd")
SCALARS = st.booleans() | st.integers() | st.text(max_size=3)
KEPT = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner), max_leaves=5)
PATCHES = st.recursive(
    SCALARS | st.none(), lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner), max_leaves=5
)
OBJECTS = st.dictionaries(NAMES, KEPT)


@given(OBJECTS)
def test_an_empty_patch_changes_nothing(kept: dict[str, Any]) -> None:
    assert merged(kept, {}) == kept


@given(OBJECTS, st.dictionaries(NAMES, PATCHES))
def test_what_is_not_named_stays_and_what_is_named_is_there_or_null(
    kept: dict[str, Any], patch: dict[str, Any]
) -> None:
    result = without_nulls(merged(kept, patch))
    assert {name: kept[name] for name in kept.keys() - patch} == {name: result[name] for name in kept.keys() - patch}
    assert result.keys() == (kept.keys() - patch) | {name for name, value in patch.items() if value is not None}


@given(OBJECTS, st.dictionaries(NAMES, PATCHES))
def test_a_patch_that_comes_twice_changes_nothing_more(kept: dict[str, Any], patch: dict[str, Any]) -> None:
    once = without_nulls(merged(kept, patch))
    assert without_nulls(merged(once, patch)) == once


@given(OBJECTS, st.dictionaries(NAMES, PATCHES))
def test_what_was_kept_is_not_touched(kept: dict[str, Any], patch: dict[str, Any]) -> None:
    before = repr((kept, patch))
    merged(kept, patch)
    assert repr((kept, patch)) == before
