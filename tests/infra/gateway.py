"""What API Gateway makes of the document that it imports, unpacked."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from infra.gateway_body import ANY
from tests.infra.template import Template, target, texts

FUNCTION = re.compile(r"^arn:.*:lambda:path/2015-03-31/functions/arn:.*:function:([a-z-]+):live/invocations$")


class Method(NamedTuple):
    """A method of the gateway, by the modules and the role that it leads to."""

    path: str
    method: str
    module: str
    authorizer: str | None
    key: bool
    credentials: str


def body(template: Template) -> dict[str, Any]:
    """Return the document, with texts in the place of what is known at the deployment."""
    document: dict[str, Any] = _plain(template.one("ApiGateway::RestApi")["Body"])
    return document


def methods(template: Template) -> set[Method]:
    """Return every method that the import makes."""
    names = _modules(template)
    document = template.one("ApiGateway::RestApi")["Body"]
    schemes = document["components"]["securitySchemes"]
    return {
        Method(
            path,
            "ANY" if method == ANY else method.upper(),
            names["".join(texts(operation["x-amazon-apigateway-integration"]["uri"]))],
            _authorizer(operation, schemes, names),
            _requires(operation, schemes, "x-api-key") is not None,
            target(operation["x-amazon-apigateway-integration"]["credentials"]),
        )
        for path, method, operation in _operations(document)
    }


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


def _authorizer(operation: dict[str, Any], schemes: dict[str, Any], names: dict[str, str]) -> str | None:
    scheme = _requires(operation, schemes, "Authorization")
    if scheme is None:
        return None
    assert scheme["x-amazon-apigateway-authtype"] == "custom"
    return names["".join(texts(scheme["x-amazon-apigateway-authorizer"]["authorizerUri"]))]


def _requires(operation: dict[str, Any], schemes: dict[str, Any], header: str) -> dict[str, Any] | None:
    """Return the scheme of this header if the operation requires it: API Gateway requires every item of the list."""
    for requirement in operation.get("security", []):
        (name,) = requirement
        if schemes[name]["name"] == header:
            scheme: dict[str, Any] = schemes[name]
            return scheme
    return None


def _modules(template: Template) -> dict[str, str]:
    """Return the module of each address that leads to the alias of a function of the template."""
    modules = {function["FunctionName"]: module for module, function in template.functions().items()}
    addresses = {"".join(texts(part)) for part in _joins(template.one("ApiGateway::RestApi")["Body"])}
    return {text: modules[match[1]] for text in addresses if (match := FUNCTION.match(text))}


def _joins(value: Any) -> Iterator[Any]:
    if isinstance(value, dict) and "Fn::Join" in value:
        yield value
    else:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from _joins(inner)


def _plain(value: Any) -> Any:
    match value:
        case {"Fn::Join": _} | {"Fn::GetAtt": _} | {"Ref": _}:
            return "".join(texts(value))
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
    return value
