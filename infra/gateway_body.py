"""The OpenAPI 3.0 document that API Gateway makes its resources and methods of, written from the route table.

Partners read another one (docs/openapi.yaml): API Gateway takes no 3.1, and refuses or drops much of what a description
needs. So this one says only what the gateway does itself.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from functions.routes import ROUTES, module_of
from infra.gateway_responses import gateway_responses

BEARER = r"^[Bb][Ee][Aa][Rr][Ee][Rr] \s*[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\s*$"
"""What an ``Authorization`` header looks like if it is worth asking the authorizer: a scheme and a signed JWT."""
TOKEN_CACHE_SECONDS = 30
"""How long the authorizer's answer for a token is believed: a client that is disabled is out after this time
(docs/decisions/0016). The authorizer itself remembers nothing."""
AUTHORIZER = "functions.identity.authorizer"
NOT_FOUND = "functions.not_found"
"""The function for every path and method that no route has."""
ELSEWHERE = "/{proxy+}"
ANY = "x-amazon-apigateway-any-method"
GUARDED: list[dict[str, list[str]]] = [{"token": []}, {"api_key": []}]
"""API Gateway requires both; in OpenAPI the items of this list would be alternatives."""
PARAMETER = re.compile(r"{(\w+)\+?}")


@dataclass(frozen=True)
class Backend:
    """What the gateway calls: the address of each module's function, and the role that it takes to call them."""

    addresses: Mapping[str, str]
    credentials: str


@dataclass(frozen=True)
class Settings:
    """The gateway's settings that an import replaces, so that they have to be in the document."""

    name: str
    rate: int | None
    """That of every partner; ``None`` if it depends on the partner's tier."""
    security_policy: str
    endpoint_access_mode: str
    disable_default_endpoint: bool


def document(backend: Backend, settings: Settings) -> dict[str, Any]:
    """Return the document: the route table, and the fallback for every other method and path."""
    paths: dict[str, dict[str, Any]] = {}
    for path in [*resources(route.path for route in ROUTES), ELSEWHERE]:
        paths[path] = {ANY: _operation(path, NOT_FOUND, backend, guarded=True)}
    for route in ROUTES:
        operation = _operation(route.path, module_of(route), backend, guarded=route.scope is not None)
        paths[route.path][route.method.lower()] = operation
    return {
        "openapi": "3.0.3",
        "info": {"title": settings.name, "version": "1"},
        "paths": paths,
        "components": {"securitySchemes": _schemes(backend)},
        "x-amazon-apigateway-api-key-source": "AUTHORIZER",
        "x-amazon-apigateway-binary-media-types": ["*/*"],
        "x-amazon-apigateway-security-policy": settings.security_policy,
        "x-amazon-apigateway-endpoint-access-mode": settings.endpoint_access_mode,
        "x-amazon-apigateway-endpoint-configuration": {"disableExecuteApiEndpoint": settings.disable_default_endpoint},
        "x-amazon-apigateway-gateway-responses": gateway_responses(settings.rate),
    }


def resources(paths: Iterable[str]) -> list[str]:
    """Return every resource: whatever leads to a path is a resource too."""
    return sorted({str(resource) for path in map(PurePosixPath, paths) for resource in (path, *path.parents)})


def _operation(path: str, module: str, backend: Backend, *, guarded: bool) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in PARAMETER.findall(path)
    ]
    return {
        **({"parameters": parameters} if parameters else {}),
        **({"security": GUARDED} if guarded else {}),
        # A description needs a response; what is answered is up to the function.
        "responses": {"200": {"description": "What the function answers."}},
        "x-amazon-apigateway-integration": {
            "type": "aws_proxy",
            "httpMethod": "POST",
            "uri": backend.addresses[module],
            "credentials": backend.credentials,
        },
    }


def _schemes(backend: Backend) -> dict[str, Any]:
    return {
        "token": {
            "type": "apiKey",
            "name": "Authorization",
            "in": "header",
            "x-amazon-apigateway-authtype": "custom",
            "x-amazon-apigateway-authorizer": {
                "type": "token",
                "authorizerUri": backend.addresses[AUTHORIZER],
                "authorizerCredentials": backend.credentials,
                "authorizerResultTtlInSeconds": TOKEN_CACHE_SECONDS,
                "identityValidationExpression": BEARER,
            },
        },
        "api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"},
    }
