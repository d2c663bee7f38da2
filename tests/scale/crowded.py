"""A store in which a crowd lies beside what is really there; no query looks at more of it than it asks for."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from heapq import merge
from itertools import islice
from typing import Any

from functions.shared.records import Key
from tests.scale.crowd import Crowd, Part
from tests.support.store import Item
from tests.support.world import TABLE


class Crowded:
    """The store; what is read of the crowd in order to be changed is then really there."""

    def __init__(self, store: Any, crowd: Crowd) -> None:
        self._store = store
        self._crowd = crowd
        self._real: set[str] = set()
        """The sort keys of entries of the crowd that were put there."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def get_item(self, **asked: Any) -> Item:
        """Read one item."""
        answer: Item = self._store.get_item(**asked)
        found = [] if answer else self._made(asked["Key"])
        return {"Item": found[0]} if found else answer

    def batch_get_item(self, **asked: Any) -> Item:
        """Read many items."""
        answer: Item = self._store.batch_get_item(**asked)
        for name, wanted in asked["RequestItems"].items():
            there = {item["pk"]["S"] for item in answer["Responses"][name]}
            missing = (key for key in wanted["Keys"] if key["pk"]["S"] not in there)
            answer["Responses"][name] += [item for key in missing for item in self._made(key)[:1]]
        return answer

    def query(self, **asked: Any) -> Item:
        """Read a part of a partition, as many items as are asked for."""
        items = list(islice(self._found(asked), asked.get("Limit")))
        full = len(items) == asked.get("Limit")
        return {"Items": items} | ({"LastEvaluatedKey": {}} if full else {})

    def get_paginator(self, _name: str) -> "Crowded":
        """Read a partition page by page: :meth:`paginate`."""
        return self

    def paginate(self, **asked: Any) -> Iterator[Item]:
        """Yield the pages."""
        size = asked.pop("PaginationConfig", {}).get("PageSize", 1000)
        found = self._found(asked)
        yield {"Items": list(islice(found, size))}
        while page := list(islice(found, size)):
            yield {"Items": page}

    def _found(self, asked: Mapping[str, Any]) -> Iterator[Item]:
        """Yield what a query finds, in its order."""
        unlimited = {name: value for name, value in asked.items() if name != "Limit"}
        really = self._store.query(**unlimited)["Items"]
        values = asked["ExpressionAttributeValues"]
        place = next(values[name]["S"] for name in (":pk", ":shard") if name in values)
        part = self._crowd.parts.get((asked.get("IndexName"), place))
        if part is None:
            return iter(really)
        forward = asked.get("ScanIndexForward", True)
        crowd = (part.item(number) for number in self._numbers(part, asked, forward))
        return merge(really, crowd, key=lambda item: item[part.sort_name]["S"], reverse=not forward)

    def _numbers(self, part: Part, asked: Mapping[str, Any], forward: bool) -> Iterable[int]:
        values = {name: value["S"] for name, value in asked["ExpressionAttributeValues"].items()}
        high = values.get(":high", values.get(":now"))
        included = "BETWEEN" in asked["KeyConditionExpression"] or ":now" in values
        first = bisect_left(part.keys, values[":low"]) if ":low" in values else 0
        end = len(part.keys) if high is None else (bisect_right if included else bisect_left)(part.keys, high)
        numbers = range(first, end) if forward else range(end - 1, first - 1, -1)
        return (number for number in numbers if part.keys[number] not in self._real)

    def _made(self, key: Item) -> list[Item]:
        """Return an item of the crowd; if others change with it, put all of them there first."""
        found = self._crowd.find(Key(key["pk"]["S"], key["sk"]["S"]))
        if len(found) > 1:
            for item in found:
                self._store.put_item(TableName=TABLE, Item=item)
                self._real.add(item["sk"]["S"])
        return found
