"""PATCH: the body is merged into the record, and the result is checked like a new one."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from functions.shared.documents import carry_over
from functions.shared.records import R
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
    """Return the record as a PATCH changes it; ``shape`` has the members that can change.

    Raise a 400 that lists every fault of the result, at its place in the body.
    """
    kept = record.model_dump(mode="json", include=set(shape.model_fields), exclude_none=True)
    content, faults = check_body(TypeAdapter(shape), merged(kept, body))
    if faults:
        raise invalid(*faults)
    changed = {name: member for name, member in content if name in body}
    for name, member in changed.items():
        carry_over(getattr(record, name), member)
    return record.model_copy(update=changed)
