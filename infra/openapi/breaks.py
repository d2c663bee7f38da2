"""What of a description breaks the clients of an older one (docs/versioning.md)."""

from collections.abc import Iterator

from infra.openapi.schema_breaks import Answered, Comparison, Node, Sent, resolved

METHODS = {"get", "head", "post", "put", "patch", "delete"}
OPEN = {"#/components/schemas/Event"}
"""Schemas of answers that may get alternatives within a version: types of events."""
Parameters = dict[tuple[str, str], Node]


def breaks(old: Node, new: Node) -> list[str]:
    """Return everything that a client written for the old description can stumble over in the new one."""
    return list(_Descriptions(old, new).compare())


class _Descriptions:
    """Two descriptions, compared operation by operation and event by event."""

    def __init__(self, old: Node, new: Node) -> None:
        self._old = old
        self._new = new
        self._sent = Comparison(old, new, Sent())
        self._answered = Comparison(old, new, Answered(OPEN))

    def compare(self) -> Iterator[str]:
        for path, operations in self._old["paths"].items():
            for method in sorted(operations.keys() & METHODS):
                place = f"{method.upper()} {path}"
                yield from self._operation(place, operations[method], self._new["paths"].get(path, {}).get(method))
        for event_type, webhook in self._old["webhooks"].items():
            yield from self._event(event_type, webhook, self._new["webhooks"].get(event_type))

    def _operation(self, place: str, old: Node, new: Node | None) -> Iterator[str]:
        if new is None:
            yield f"{place}: removed"
            return
        if old["operationId"] != new["operationId"]:
            yield f"{place}: operationId changed"
        yield from (f"{place}: needs {scope}" for scope in sorted(_scopes(new) - _scopes(old)))
        yield from self._parameters(place, _parameters(self._old, old), _parameters(self._new, new))
        yield from self._body(f"{place} body", old.get("requestBody"), new.get("requestBody"))
        yield from self._responses(place, old["responses"], new["responses"])

    def _event(self, place: str, old: Node, new: Node | None) -> Iterator[str]:
        if new is None:
            yield f"{place}: event removed"
            return
        before, after = (_content(webhook["post"]["requestBody"]) for webhook in (old, new))
        yield from _compare_content(self._answered, place, before, after)

    def _parameters(self, place: str, old: Parameters, new: Parameters) -> Iterator[str]:
        for where, name in sorted({*old, *new}):
            before, after = old.get((where, name)), new.get((where, name))
            here = f"{place} {where} {name}"
            if after is None:
                yield f"{here}: removed"
            elif _required(after) and not (before and _required(before)):
                yield f"{here}: now required" if before else f"{here}: new and required"
            if before and after:
                yield from self._sent.compare(here, before["schema"], after["schema"])

    def _body(self, place: str, old: Node | None, new: Node | None) -> Iterator[str]:
        if old and not new:
            yield f"{place}: removed"
        if new and _required(new) and not (old and _required(old)):
            yield f"{place}: now required"
        if old and new:
            yield from _compare_content(self._sent, place, _content(old), _content(new))

    def _responses(self, place: str, old: Node, new: Node) -> Iterator[str]:
        for status in old:
            here = f"{place} {status}"
            if status not in new:
                yield f"{here}: removed"
                continue
            before, after = resolved(self._old, old[status]), resolved(self._new, new[status])
            lost = before.get("headers", {}).keys() - after.get("headers", {}).keys()
            yield from (f"{here}: header {header} removed" for header in sorted(lost))
            yield from _compare_content(self._answered, here, _content(before), _content(after))
        yield from (f"{place} {status}: new success" for status in new.keys() - old.keys() if status < "4")


def _compare_content(comparison: Comparison, place: str, old: Node, new: Node) -> Iterator[str]:
    for media_type, content in old.items():
        if media_type not in new:
            yield f"{place}: {media_type} removed"
        else:
            yield from comparison.compare(place, content.get("schema", {}), new[media_type].get("schema", {}))


def _parameters(document: Node, operation: Node) -> Parameters:
    found = [resolved(document, parameter) for parameter in operation["parameters"]]
    return {(parameter["in"], parameter["name"]): parameter for parameter in found}


def _scopes(operation: Node) -> set[str]:
    """Return what a token needs; also that one is needed at all."""
    return {
        needed
        for each in operation["security"]
        for scheme, scopes in each.items()
        for needed in (f"a token of {scheme}", *scopes)
    }


def _required(value: Node) -> bool:
    return bool(value.get("required"))


def _content(value: Node) -> Node:
    content: Node = value.get("content", {})
    return content
