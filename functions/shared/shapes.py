"""The shape of requests: strict JSON in, every fault told at its place (contract §1, unknown input and Errors)."""

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
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from functions.shared.json_values import CONTAINERS
from functions.shared.refusals import MAX_FAULTS, Code, Fault
from functions.shared.words import plural, words_for

Id = Annotated[str, Field(min_length=1, max_length=100)]
"""Any id: one that is not ours is just not found."""


class Shape(BaseModel):
    """A request's body, query or a part of one: exact types, and no member that is not named."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class NoQuery(Shape):
    """No query parameter at all."""


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
    """A string of this form; ``words`` describe it, since a regular expression is nothing to show to a partner."""

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
    """The query parameters in their shape, or the faults they have; one that is given once is a single value."""
    given = {name: values[0] if len(values) == 1 else values for name, values in query.items()}
    try:
        return shape.validate_python(given, strict=False), []
    except ValidationError as error:
        return None, [_query_fault(problem, query) for problem in _problems(error)]


def check_body(shape: TypeAdapter[Any], body: Any) -> tuple[Any, list[Fault]]:
    """The JSON value in its shape, or the faults it has."""
    try:
        return shape.validate_python(body), []
    except ValidationError as error:
        return None, [_body_fault(problem, body) for problem in _problems(error)]


def _problems(error: ValidationError) -> list[Any]:
    """Return as many of its problems as a refusal lists, without what was given there: that may be the whole body."""
    return error.errors(include_url=False, include_input=False)[:MAX_FAULTS]


def without_nulls(value: Any) -> Any:
    """In a POST a ``null`` member means absent (contract §1)."""
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
    """Of a parameter that takes a list, the whole is refused by :class:`AtMost` alone."""
    name = str(problem["loc"][0])
    if problem["type"] == "extra_forbidden":
        return Fault(Code.CONSTRAINT_VALIDATION_ERROR, f"The query parameter {name!r} is not known here.")
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
    """A validator of ours names its refusal as the error's type; everything else is a matter of shape."""
    return Code(problem["type"]) if problem["type"] in set(Code) else Code.CONSTRAINT_VALIDATION_ERROR


def locate(problem: Any, body: Any) -> list[int | str]:
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
