"""The shape of requests: strict JSON, with every fault at its place (contract §1, unknown input and Errors)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
)
from pydantic.config import JsonDict
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from functions.shared.json_values import CONTAINERS
from functions.shared.refusals import MAX_FAULTS, Code, Fault, unknown_parameter
from functions.shared.words import plural, words_for

Id = Annotated[str, Field(min_length=1, max_length=100)]
"""Any id; one that is not ours is not found."""


class Shape(BaseModel):
    """A request's body or query, or a part of one: exact types, and no unknown members."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


def only_if(condition: JsonDict, member: str) -> ConfigDict:
    """Return what the schema of a shape says of a member that is required on this condition, and else not allowed."""
    there: JsonDict = {"required": [member], "properties": {member: {"not": {"type": "null"}}}}
    absent: JsonDict = {"properties": {member: {"type": "null"}}}
    return ConfigDict(json_schema_extra={"if": condition, "then": there, "else": absent})


def has(member: str, *values: str) -> JsonDict:
    """Return the schema of an object whose member has one of these values."""
    return {"required": [member], "properties": {member: {"enum": [*values]}}, "not": {"type": "null"}}


class NoQuery(Shape):
    """No query parameters."""


@dataclass(frozen=True)
class AtMost:
    """The most elements of a list or members of an object, counted before the first of them is checked.

    Pydantic's ``max_length`` counts them afterwards: one body of 256 KB would cause seconds of work.
    ``advice`` is added to the refusal.
    """

    count: int
    code: Code = Code.CONSTRAINT_VALIDATION_ERROR
    advice: str = ""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        described = handler(schema)
        bound = "maxItems" if described.get("type") == "array" else "maxProperties"
        return described | {bound: self.count}

    def _check(self, value: Any) -> Any:
        if isinstance(value, list | dict) and len(value) > self.count:
            things = plural("member" if isinstance(value, dict) else "element", self.count)
            context = {"most": self.count, "things": things, "given": len(value), "advice": self.advice}
            raise PydanticCustomError(
                self.code.value, "must have at most {most} {things}, not {given}{advice}", context
            )
        return value


@dataclass(frozen=True)
class Form:
    """A string that matches the pattern; ``words`` describe it to partners instead of the pattern."""

    pattern: str
    words: str

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        form = core_schema.custom_error_schema(
            core_schema.str_schema(pattern=self.pattern),
            custom_error_type=Code.CONSTRAINT_VALIDATION_ERROR.value,
            custom_error_message=self.words,
        )
        return core_schema.chain_schema([handler(source), form])

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return handler(schema) | {"pattern": self.pattern}


def check_query(shape: TypeAdapter[Any], query: Mapping[str, Sequence[str]]) -> tuple[Any, list[Fault]]:
    """Return the query parameters in their shape, or their faults; one that is given once is a single value."""
    given = {name: values[0] if len(values) == 1 else values for name, values in query.items()}
    try:
        return shape.validate_python(given, strict=False), []
    except ValidationError as error:
        return None, [_query_fault(problem, query) for problem in _problems(error)]


def check_body(shape: TypeAdapter[Any], body: Any) -> tuple[Any, list[Fault]]:
    """Return the JSON value in its shape, or its faults."""
    try:
        return shape.validate_python(body), []
    except ValidationError as error:
        return None, [_body_fault(problem, body) for problem in _problems(error)]


def _problems(error: ValidationError) -> list[Any]:
    """Return as many problems as a refusal lists, without the input, which may be the whole body."""
    return error.errors(include_url=False, include_input=False)[:MAX_FAULTS]


def without_nulls(value: Any) -> Any:
    """Return the value without ``null`` members: in a POST, ``null`` means absent (contract §1)."""
    if isinstance(value, dict):
        return {
            name: without_nulls(member) if isinstance(member, CONTAINERS) else member
            for name, member in value.items()
            if member is not None
        }
    if isinstance(value, list):
        return [without_nulls(element) if isinstance(element, CONTAINERS) else element for element in value]
    return value


def _query_fault(problem: Any, query: Mapping[str, Sequence[str]]) -> Fault:
    """Return the fault; for a parameter that takes a list, only :class:`AtMost` refuses the list as a whole."""
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return unknown_parameter(name)
    if len(query.get(name, ())) > 1 and len(problem["loc"]) == 1 and problem["type"] not in set(Code):
        return Fault(Code.CONSTRAINT_VALIDATION_ERROR, f"The query parameter {name!r} is given more than once.")
    subject = f"The query parameter {name!r}"
    text = detail(problem, subject)
    return Fault(_code(problem), f"{text if text.startswith(subject) else f'{subject}: {text}'}.")


def _body_fault(problem: Any, body: Any) -> Fault:
    return Fault(_code(problem), f"{detail(problem)}.", json_path(locate(problem, body)))


def detail(problem: Any, subject: str = "This") -> str:
    """Return what is wrong, without a full stop; a text that begins with "must" gets the subject."""
    context = problem.get("ctx", {})
    if problem["type"] == "value_error":
        text = str(context["error"])
    elif problem["type"] in set(Code):
        text = problem["msg"]
    else:
        text = words_for(problem["type"], context)
    return f"{subject} {text}" if text.startswith("must ") else text[0].upper() + text[1:]


def _code(problem: Any) -> Code:
    """Return the code: our validators name it as the error's type; any other error is one of shape."""
    return Code(problem["type"]) if problem["type"] in set(Code) else Code.CONSTRAINT_VALIDATION_ERROR


def locate(problem: Any, body: Any) -> list[int | str]:
    """Return the path in the body that leads to the fault; its last member may be a missing one.

    Pydantic's location also has the chosen member of a union, which is not in the body and left out here.
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
    """Return the path as a JSONPath."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else _member(step) for step in steps)


def _member(name: str) -> str:
    return f".{name}" if name.isidentifier() else f"[{json.dumps(name)}]"
