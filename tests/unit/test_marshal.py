"""Items are written and read as boto3 writes and reads them; only the stream has bytes as base64."""

import base64
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from functions.shared.marshal import marshal, unmarshal

ITEM: dict[str, Any] = {
    "text": "Ada",
    "empty": "",
    "number": -(10**30),
    "no": False,
    "yes": True,
    "bytes": b"\x00\xff",
    "list": ["a", 1, [b"b"], {}],
    "map": {"a": {"b": [True]}},
}


def test_an_item_is_written_as_boto3_writes_it() -> None:
    assert marshal(ITEM) == TypeSerializer().serialize(ITEM)["M"]


def test_an_item_is_read_as_it_was_written() -> None:
    assert unmarshal(marshal(ITEM)) == ITEM


def test_bytes_in_a_record_of_the_stream_are_base64() -> None:
    assert unmarshal({"bytes": {"B": base64.b64encode(b"\x00\xff").decode()}}) == {"bytes": b"\x00\xff"}


@pytest.mark.parametrize("value", [1.5, {"a"}, None])
def test_nothing_else_is_written(value: Any) -> None:
    with pytest.raises(KeyError):
        marshal({"value": value})
