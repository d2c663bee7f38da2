"""docs/openapi.yaml: what it says is what the code has, it is valid, and its examples are."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import TypeAdapter

from functions.routes import ROUTES, SCOPES, Route
from functions.shared.event import TYPES
from functions.shared.refusals import Code
from functions.shared.shapes import check_body, check_query
from infra.local.description import added
from infra.local.routes import LOCAL_ROUTES
from infra.openapi import samples
from infra.openapi.document import document as written
from infra.openapi.operations import ALL_TEXTS, MERGED, function_of
from infra.openapi.published import SANDBOX, YAML, as_yaml
from tests.support.description import check_answer, check_event, document, faults, served

CONTRACT = (Path(__file__).parents[2] / "docs" / "contract.md").read_text()


def operation_of(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = document()["paths"][route.path][route.method.lower()]
    return found


def test_it_is_what_the_code_has() -> None:
    assert YAML.read_text() == as_yaml(written()), "write it anew with python -m infra.openapi"


def test_the_sandboxs_is_what_its_code_has() -> None:
    assert SANDBOX.read_text() == as_yaml(added()), "write it anew with python -m infra.openapi"


def test_the_sandboxs_is_a_valid_document_with_its_own_routes() -> None:
    OpenAPIV31SpecValidator(served()).validate()
    described = {(method.upper(), path) for path, methods in served()["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in LOCAL_ROUTES}
    assert len(served()["components"]["schemas"]) > len(document()["components"]["schemas"])


def test_it_is_a_valid_openapi_document() -> None:
    OpenAPIV31SpecValidator(document()).validate()


def test_it_describes_every_route_and_nothing_else() -> None:
    described = {(method.upper(), path) for path, methods in document()["paths"].items() for method in methods}
    assert described == {(route.method, route.path) for route in ROUTES}
    assert set(ALL_TEXTS) == {f"{route.method} {route.path}" for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_operation_says_what_it_needs(route: Route) -> None:
    operation = operation_of(route)
    assert operation["security"] == ([{"oauth2": [route.scope]}] if route.scope else [])
    assert all(operation[name] for name in ("operationId", "tags", "summary", "description", "responses"))
    assert ("requestBody" in operation) == (route.method in {"POST", "PATCH"})


def test_names_of_operations_are_unique() -> None:
    names = [operation_of(route)["operationId"] for route in ROUTES]
    assert len(set(names)) == len(names)


def test_every_scope_and_code_is_there() -> None:
    components = document()["components"]
    assert set(components["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"]) == set(SCOPES)
    refused = [operation_of(route)["responses"]["400"]["content"]["application/problem+json"] for route in ROUTES]
    raised = {code for content in refused for code in content["examples"]}
    assert raised | {Code.DUPLICATE_REFERENCE} == set(Code)


def test_the_types_of_events_are_the_contracts() -> None:
    table = CONTRACT.partition("### Types")[2].partition("Some have more")[0]
    listed = {name for name in re.findall(r"`([a-z_.]+)`", table) if not name.endswith(".")} - {"expected_by"}
    assert listed == set(TYPES) == set(document()["webhooks"])


def examples(value: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield every schema of a body with each of its examples."""
    if isinstance(value, dict):
        if "schema" in value and "examples" in value:
            for example in value["examples"].values():
                named = example.get("$ref", "").rpartition("/")[2]
                yield value["schema"], (document()["components"]["examples"][named] if named else example)["value"]
        for member in value.values():
            yield from examples(member)
    elif isinstance(value, list):
        for element in value:
            yield from examples(element)


def test_every_example_is_valid() -> None:
    found = list(examples({name: part for name, part in document().items() if name != "examples"}))
    assert len(found) > 300
    assert [fault for schema, example in found for fault in faults(schema, example)] == []


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "POST"], ids=lambda route: route.path)
def test_examples_of_requests_are_accepted(route: Route) -> None:
    operation = operation_of(route)["operationId"]
    assert operation not in MERGED
    shape = TypeAdapter(get_type_hints(function_of(route), include_extras=True)["body"])
    assert check_body(shape, samples.SENT[operation])[1] == []


def test_bounds_of_lists_and_maps_are_described() -> None:
    schemas = document()["components"]["schemas"]
    assert schemas["ProductsWithPlan"]["properties"]["addons"]["anyOf"][0]["maxItems"] == 30
    metadata, _ = schemas["OfferingEditPatch"]["properties"]["metadata"]["anyOf"]
    assert metadata["maxProperties"] == 10


def _lists_in_queries() -> Iterator[tuple[Route, str, dict[str, Any]]]:
    for route in ROUTES:
        for parameter in operation_of(route).get("parameters", ()):
            if parameter.get("schema", {}).get("type") == "array":
                yield route, parameter["name"], parameter["schema"]


def test_what_a_query_repeats_is_refused_only_beyond_the_described_bound() -> None:
    found = {name: (route, schema.get("maxItems")) for route, name, schema in _lists_in_queries()}
    assert len(found) >= 3
    for name, (route, bound) in found.items():
        shape = TypeAdapter(get_type_hints(function_of(route), include_extras=True)["query"])
        value = "order.completed" if name == "type" else "DE"
        assert check_query(shape, {name: [value] * (bound or 1_000)})[1] == []
        assert not bound or check_query(shape, {name: [value] * (bound + 1)})[1]


class TestTheComparison:
    """What the tests' clients hold against the document."""

    @pytest.mark.parametrize("body", [b'{"status": "ill"}', b'{"status": "ok", "more": 1}', b"{}"])
    def test_it_finds_other_members(self, body: bytes) -> None:
        headers = {"Content-Type": "application/hal+json"}
        check_answer("GET", "/health", 200, headers, b'{"status": "ok"}')
        with pytest.raises(AssertionError):
            check_answer("GET", "/health", 200, headers, body)

    def test_it_finds_other_statuses_and_media_types(self) -> None:
        with pytest.raises(AssertionError, match="not declared"):
            check_answer("GET", "/health", 404, {"Content-Type": "application/problem+json"}, b"{}")
        with pytest.raises(AssertionError, match="not declared as"):
            check_answer("GET", "/health", 200, {"Content-Type": "application/json"}, b'{"status": "ok"}')

    def test_it_finds_codes_that_the_operation_does_not_declare(self) -> None:
        problem = b'{"title": "", "status": 400, "correlation_id": "", "errors": [{"code": "%s", "detail": ""}]}'
        headers = {"Content-Type": "application/problem+json"}
        check_answer("GET", "/orders", 400, headers, problem % b"invalid_cursor")
        with pytest.raises(AssertionError, match="no_active_plan"):
            check_answer("GET", "/orders", 400, headers, problem % b"no_active_plan")

    def test_it_finds_other_events(self) -> None:
        content = document()["webhooks"]["order.completed"]["post"]["requestBody"]["content"]["application/hal+json"]
        event = content["examples"]["example"]["value"]
        check_event(event)
        with pytest.raises(KeyError):
            check_event(event | {"type": "order.lost"})
        with pytest.raises(AssertionError):
            check_event(event | {"data": {"order": {}}})
