"""The shape of requests: strict JSON in, every fault told at its place (contract §1, unknown input and Errors)."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from functions.shared.refusals import Code, Fault

DEEPEST = 100
"""Levels of nesting that a body may have; what we know has few."""

Id = Annotated[str, Field(min_length=1, max_length=100)]
"""Any id: one that is not ours is just not found."""


class Shape(BaseModel):
    """A request's body, query or a part of one: exact types, and no member that is not named."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class NoQuery(Shape):
    """No query parameter at all."""


def parse(raw: bytes) -> tuple[Any, list[Fault]]:
    """The JSON value of the body; an empty one is an empty object."""
    if not raw.strip():
        return {}, []
    try:
        value = json.loads(raw.decode(), parse_constant=_no_constant, object_pairs_hook=_each_member_once)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
        _no_deeper(value, DEEPEST)
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        return None, [Fault(Code.INVALID_JSON, f"The body is not valid JSON: {reason}.")]
    return value, []


def _each_member_once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(members)
    if len(value) < len(members):
        raise ValueError("an object has two members of one name")
    return value


def _no_deeper(value: Any, levels: int) -> None:
    """What walks through the value later must not run out of stack, however deep in it it begins."""
    if isinstance(value, dict | list):
        if not levels:
            raise RecursionError
        for inner in value.values() if isinstance(value, dict) else value:
            _no_deeper(inner, levels - 1)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def check_query(shape: TypeAdapter[Any], query: Mapping[str, Sequence[str]]) -> tuple[Any, list[Fault]]:
    """The query parameters in their shape, or the faults they have; one that is given once is a single value."""
    given = {name: values[0] if len(values) == 1 else values for name, values in query.items()}
    try:
        return shape.validate_python(given, strict=False), []
    except ValidationError as error:
        return None, [_query_fault(problem) for problem in error.errors(include_url=False)]


def check_body(shape: TypeAdapter[Any], body: Any) -> tuple[Any, list[Fault]]:
    """The JSON value in its shape, or the faults it has. It is checked as JSON, where a date is a string."""
    try:
        return shape.validate_json(json.dumps(body)), []
    except ValidationError as error:
        return None, [_body_fault(problem, body) for problem in error.errors(include_url=False)]


def without_nulls(value: Any) -> Any:
    """In a POST a ``null`` member means absent (contract §1)."""
    if isinstance(value, dict):
        return {name: without_nulls(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(element) for element in value]
    return value


def _query_fault(problem: Any) -> Fault:
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return Fault(Code.CONSTRAINT_VALIDATION_ERROR, f"The query parameter {name!r} is not known here.")
    return Fault(_code(problem), f"The query parameter {name!r}: {detail(problem)}.")


def _body_fault(problem: Any, body: Any) -> Fault:
    return Fault(_code(problem), f"{detail(problem)}.", json_path(place(problem, body)))


WORDS = {
    "extra_forbidden": "This member is not known here",
    "missing": "This member is required",
    "union_tag_not_found": "This member is required",
    "union_tag_invalid": "This must be one of {expected_tags}",
    "literal_error": "This must be {expected}",
    "string_pattern_mismatch": "This must have the form {pattern}",
    "model_type": "Input should be an object",
    "dict_type": "Input should be an object",
    "model_attributes_type": "Input should be an object",
    "list_type": "Input should be a valid array",
}
"""What we say where Pydantic's own words would not help a partner."""


def detail(problem: Any) -> str:
    """What is wrong, in our words where Pydantic's would not help; without a full stop."""
    context = problem.get("ctx", {})
    words = WORDS.get(problem["type"])
    text = words.format(**context) if words else str(context.get("error") or problem["msg"])
    return text[0].upper() + text[1:]


def _code(problem: Any) -> Code:
    """A validator of ours names its refusal as the error's type; everything else is a matter of shape."""
    return Code(problem["type"]) if problem["type"] in set(Code) else Code.CONSTRAINT_VALIDATION_ERROR


def place(problem: Any, body: Any) -> list[int | str]:
    """The members and elements of the body that lead to what is wrong; the last member may be one that is missing.

    Pydantic's location also names the chosen member of a union, which is nowhere in the body: left out here.
    """
    location, kind = [*problem["loc"]], problem["type"]
    if kind.startswith("union_tag"):
        location.append(problem["ctx"]["discriminator"].strip("'"))
    missing = location[-1:] if kind in {"missing", "union_tag_not_found", "value_error"} else []
    steps: list[int | str] = []
    value = body
    for position, step in enumerate(location):
        if isinstance(step, int) or (isinstance(value, dict) and step in value):
            steps.append(step)
            value = value[step]
        elif location[position:] == missing:
            steps.append(step)
    return steps


def json_path(steps: Sequence[int | str]) -> str:
    """The steps from the body's root as a JSONPath."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else _member(step) for step in steps)


def _member(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{json.dumps(name)}]"
