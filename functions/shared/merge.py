"""PATCH: the body is merged into the record, and the result is checked like a new one."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from pydantic import TypeAdapter

from functions.shared.documents import carry_over
from functions.shared.records import R, Record
from functions.shared.refusals import invalid
from functions.shared.shapes import Shape, check_body


def merged(kept: Any, patch: Any) -> Any:
    """Return the patch merged into a JSON value (RFC 7396): objects member by member, everything else as a whole.

    ``null`` removes a member. A ``null`` that removes nothing stays, so that the shape can check whether it is known.
    """
    if not isinstance(patch, Mapping):
        return patch
    result = dict(kept) if isinstance(kept, Mapping) else {}
    for name, value in patch.items():
        if value is None and name in result:
            del result[name]
        else:
            result[name] = merged(result.get(name), value)
    return result


def patched(record: R, shape: type[Shape], body: Mapping[str, Any]) -> R:
    """Return the record as a PATCH changes it; raises what :func:`patched_members` raises."""
    return record.model_copy(update=patched_members(record, shape, body))


def patched_members(
    record: Record, shape: type[Shape], body: Mapping[str, Any], write_only: AbstractSet[str] = frozenset()
) -> dict[str, Any]:
    """Return the members of the record that a PATCH sets; ``shape`` has those that can change.

    What is ``write_only`` is not kept as it was sent, so it cannot be merged: it is replaced as a whole. Raise a 400
    that lists every fault of the result, at its place in the body.
    """
    kept = record.model_dump(mode="json", include=set(shape.model_fields) - write_only, exclude_none=True)
    content, faults = check_body(TypeAdapter(shape), merged(kept, body))
    if faults:
        raise invalid(*faults)
    changed = {name: member for name, member in content if name in body}
    for name, member in changed.items():
        if name not in write_only:
            carry_over(getattr(record, name), member)
    return changed
