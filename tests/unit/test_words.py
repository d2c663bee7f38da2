"""No text of the validation library, of Python, or of a regular expression reaches the people who read a refusal."""

import importlib
import re
from collections.abc import Iterator, Mapping
from typing import Any, get_type_hints

import pytest
from pydantic import TypeAdapter, ValidationError

from functions.accounts.write import EDITS
from functions.catalog.edit import OfferingEdit
from functions.network.answers import Answer, ProvisioningAnswer
from functions.network.reports import Envelope, NetworkReport
from functions.routes import ROUTES, module_of
from functions.shared.json_values import parse
from functions.shared.refusals import Code
from functions.shared.shapes import Shape, check_query, detail
from functions.shared.words import NOT_VALID, WORDS, words_for
from functions.subscribers.write import SubscriberEdit
from infra.local.sandbox import MoveTime
from infra.operator.catalog_entries import Catalogs
from infra.operator.sim_entries import SIM
from infra.operator.sim_file import Named

Node = Mapping[str, Any]


def shapes_of(part: str) -> dict[str, TypeAdapter[Any]]:
    """The shapes of the part (``query`` or ``body``), by their operations."""
    shapes = {}
    for route in ROUTES:
        hints = get_type_hints(getattr(importlib.import_module(module_of(route)), route.operation), include_extras=True)
        if part in hints:
            shapes[f"{route.method} {route.path}"] = TypeAdapter[Any](hints[part])
    return shapes


QUERIES = shapes_of("query")
EDITED: tuple[type[Shape], ...] = (*EDITS.values(), OfferingEdit, SubscriberEdit)
OTHERS: tuple[Any, ...] = (*EDITED, MoveTime, Envelope, NetworkReport, Answer, ProvisioningAnswer, Catalogs, Named)
SHAPES = shapes_of("body") | {str(shape): TypeAdapter[Any](shape) for shape in OTHERS} | {"a SIM": SIM}

OBJECT, TAG = {"model_type", "dict_type"}, {"union_tag_not_found", "union_tag_invalid"}
NUMBER = {"int_type", "int_from_float", "int_parsing", "int_parsing_size", "finite_number"}
MOMENT = {"datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"}
DATE = {"date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"}
ERRORS: dict[str, set[str]] = {
    "bool": {"bool_type", "bool_parsing"},
    "date": DATE,
    "datetime": MOMENT | {"timezone_naive"},
    "dict": {"dict_type"},
    "int": NUMBER,
    "list": {"list_type"},
    "literal": {"literal_error"},
    "model": OBJECT,
    "model-fields": OBJECT | {"model_attributes_type", "extra_forbidden", "missing"},
    "str": {"string_type", "string_unicode"},
    "tagged-union": OBJECT | {"model_attributes_type"} | TAG,
}
"""Node of a schema → the errors that it can raise by itself."""
BOUNDS: dict[str, dict[str, set[str]]] = {
    "int": {"ge": {"greater_than_equal"}, "le": {"less_than_equal"}},
    "str": {"min_length": {"string_too_short"}, "max_length": {"string_too_long"}},
    "list": {"min_length": {"too_short"}, "max_length": {"too_long"}},
    "dict": {"min_length": {"too_short"}, "max_length": {"too_long"}},
}
"""Node → its bound → the errors that this adds."""
OTHER_BOUNDS = {"gt", "lt", "multiple_of", "pattern", "now_op", "fail_fast", "allow_inf_nan"}
INNER = {"any", "chain", "custom-error", "default", "definitions", "definition-ref", "nullable", "model-field"}
INNER |= {"function-after", "function-before"}
"""Nodes that raise nothing by themselves, or only ours."""


def nodes(schema: Any) -> Iterator[Node]:
    """Every node of a core schema, but for those whose every error is replaced by one of ours."""
    if isinstance(schema, Mapping):
        if isinstance(schema.get("type"), str) and schema["type"] not in {"no-info", "with-info"}:
            yield schema
        if schema.get("type") == "custom-error":
            return
        for name, part in schema.items():
            if name not in {"metadata", "serialization"}:
                yield from nodes(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from nodes(part)


@pytest.mark.parametrize("name", [*SHAPES, *QUERIES])
def test_we_have_words_for_every_error_that_a_shape_can_raise(name: str) -> None:
    for node in nodes({**SHAPES, **QUERIES}[name].core_schema):
        kind, bounds = node["type"], BOUNDS.get(node["type"], {})
        assert kind in INNER or kind in ERRORS, node
        assert not OTHER_BOUNDS.intersection(node), node
        errors = ERRORS.get(kind, set()).union(*(bounds[bound] for bound in bounds if bound in node))
        assert errors <= set(WORDS)


HOSTILE: tuple[Any, ...] = (None, True, False, 0, -1, 1.5, 10**40, float("inf"), float("nan"), "", " ", "x", "\x1b[31m")
HOSTILE += ("x" * 5_000, "9" * 5_000, "\ud800", "{type}", [], {}, [1], ["x", "x"], [[]], [{}] * 100, {"x": 1}, {"": ""})
HOSTILE += ("2026-02-30T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00+99:99", "0000-01-01T00:00:00Z")
HOSTILE += ("2026-01-01T00:00:00", "0001-01-01T00:00:00+01:00", "2026-02-30", "0000-00-00", "9999-12-31", "P1Y")
HOSTILE += ({f"{number}": "x" for number in range(60)}, {"x" * 400: None}, ["US"] * 300, "8" * 20, "89" + "0" * 17)


def samples(schema: Node, places: Mapping[str, Node]) -> Iterator[Any]:
    """Every hostile value in every place of the schema, one at a time."""
    match schema:
        case {"type": "definitions"}:
            yield from samples(schema["schema"], {place["ref"]: place for place in schema["definitions"]})
        case {"type": "definition-ref"}:
            yield from samples(places[schema["schema_ref"]], places)
        case {"type": "chain"}:
            yield from samples(schema["steps"][0], places)
        case {"type": "model-fields"}:
            yield from (*HOSTILE, {"unknown": 0})
            for name, field in schema["fields"].items():
                given = field.get("validation_alias", name)
                yield from ({given: value} for value in samples(field["schema"], places))
        case {"type": "tagged-union", "discriminator": tag}:
            yield {tag: "unknown"}
            inner = [(name, value) for name, choice in schema["choices"].items() for value in samples(choice, places)]
            yield from ({tag: name, **value} if isinstance(value, dict) else value for name, value in inner)
        case {"items_schema": element}:
            yield from (*HOSTILE, *([value] for value in samples(element, places)))
        case {"values_schema": member}:
            yield from (*HOSTILE, *({"x": value} for value in samples(member, places)))
        case {"schema": inner}:
            yield from samples(inner, places)
        case _:
            yield from HOSTILE


THEIRS = re.compile(
    r"Input should|Value error|Unexpected|codec|Expecting|expected (tag|after)|Extra inputs|"
    r"List should|String should|\bvalid (string|integer|boolean|datetime|date|dictionary|list)\b|"
    r"[\^\\]\[|\{[0-9a-z_]+\}"
)
"""What such texts would look like."""


def is_sentence(text: str, given: str = "") -> bool:
    """Whether it begins as a sentence of ours does and has nothing of theirs."""
    return bool(re.match(r"[A-Z'\"]", text)) and not THEIRS.search(text.replace(given, ""))


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_wrong_is_said_in_our_words(name: str) -> None:
    refused, names = 0, {"coverage_areas": set[str](), "offerings": set[str]()}
    for value in samples(SHAPES[name].core_schema, {}):
        try:
            SHAPES[name].validate_python(value, context=names)
        except ValidationError as error:
            refused += 1
            for problem in error.errors(include_url=False, include_input=False):
                assert problem["type"] in {*WORDS, *Code, "value_error"}
                text = detail(problem)
                assert is_sentence(text, "{type}"), (text, value)
                assert NOT_VALID not in text
    assert refused


@pytest.mark.parametrize("name", QUERIES)
def test_so_it_is_in_a_query(name: str) -> None:
    parameters = {
        field.get("validation_alias", field_name)
        for node in nodes(QUERIES[name].core_schema)
        if node["type"] == "model-fields"
        for field_name, field in node["fields"].items()
    }
    texts = [value for value in HOSTILE if isinstance(value, str) and value != "\ud800"]
    for parameter in parameters:
        for given in [[text] for text in texts] + [["1", "2"], ["US"] * 300, [""] * 300]:
            for fault in check_query(QUERIES[name], {parameter: given})[1]:
                assert fault.detail.startswith(f"The query parameter {parameter!r}")
                assert is_sentence(fault.detail, "{type}"), fault.detail


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"{", "there is a syntax error in line 1, column 2"),
        (b'{"a":\n 1,}', "there is a syntax error in line 2, column 4"),
        (b"\x1f\x8b\x08", "it is not UTF-8"),
        (b"NaN", "NaN is not a JSON number"),
        (b'"\\ud800"', "a string has half of a surrogate pair"),
        (b"[" * 101 + b"]" * 101, "it is nested too deeply"),
        (b'{"a": 1, "a": 1}', "an object has two members with the same name"),
        (b'{"a": 1e400}', "a number is too large"),
    ],
)
def test_so_it_is_for_a_body_that_is_not_json(raw: bytes, words: str) -> None:
    (fault,) = parse(raw)[1]
    assert fault.detail == f"The body is not valid JSON: {words}."


@pytest.mark.parametrize(
    ("error_type", "context", "words"),
    [
        ("too_short", {"field_type": "List", "min_length": 1}, "must have at least 1 element"),
        ("too_long", {"field_type": "Dictionary", "max_length": 10}, "must have at most 10 members"),
        ("string_too_short", {"min_length": 1}, "must have at least 1 character"),
        ("string_too_long", {"max_length": 64}, "must have at most 64 characters"),
        ("an error of a later version", {}, NOT_VALID),
    ],
)
def test_numbers_and_nouns_agree(error_type: str, context: dict[str, Any], words: str) -> None:
    assert words_for(error_type, context) == words
