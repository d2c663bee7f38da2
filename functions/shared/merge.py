"""PATCH: the body is merged over what is kept, and the whole must have the shape it had when it was made."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from functions.shared.documents import carry_over
from functions.shared.records import R
from functions.shared.refusals import invalid
from functions.shared.shapes import Shape, check_body


def merged(kept: Any, patch: Any) -> Any:
    """The patch merged over a JSON value as RFC 7396 has it: objects member by member, everything else as a whole.

    ``null`` removes a member. One that removes nothing stays, so that a shape can tell whether the member is known.
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
    """The record as a PATCH leaves it; ``shape`` names the members that it may change.

    Raises a 400 that tells every fault of the whole that comes out, at its place in the body.
    """
    kept = record.model_dump(mode="json", include=set(shape.model_fields), exclude_none=True)
    content, faults = check_body(TypeAdapter(shape), merged(kept, body))
    if faults:
        raise invalid(*faults)
    changed = {name: member for name, member in content if name in body}
    for name, member in changed.items():
        carry_over(getattr(record, name), member)
    return record.model_copy(update=changed)
