"""What the sandbox's description has beside the API's: the sandbox's own routes (contract §9)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from functions.routes import Route, module_of
from infra.local.identity import CLIENTS
from infra.local.routes import LOCAL_ROUTES, SANDBOX
from infra.local.sandbox import Sandbox, sandbox_links
from infra.local.tries import TRIES
from infra.openapi import samples
from infra.openapi.answers import array_of, links_of, object_of
from infra.openapi.document import document, the_api
from infra.openapi.operations import Subject, function_of, refusal
from infra.openapi.schemas import Schema
from infra.openapi.texts import Text

TAG = "Sandbox"
TAGS = {TAG: "What only the sandbox has, for tests: partners of their own, the time, and the mobile network's reports."}
TEXTS = {
    "GET /sandbox": Text(
        "get_sandbox",
        TAG,
        "Get what can be tried",
        "The clients that there are from the start, and how to bring about what is rare.",
        "Sandbox",
    ),
    "POST /sandbox/reset": Text(
        "reset_sandbox",
        TAG,
        "Reset the sandbox",
        "Brings it back to its first state, for all partners; those that were added are gone. A move of the time ends.",
        "Nothing",
        204,
    ),
    "POST /sandbox/partners": Text(
        "add_sandbox_partner",
        TAG,
        "Add a partner",
        "It has a catalog and SIMs like the others, with ids of its own; without `scopes` it has all of them, without "
        "`rate` and `burst` the limits of the others.",
        "SandboxPartner",
        201,
    ),
    "GET /sandbox/clock": Text(
        "get_sandbox_time", TAG, "Get the sandbox's time", "During a move, also where it leads to.", "SandboxTime"
    ),
    "POST /sandbox/clock": Text(
        "move_sandbox_time",
        TAG,
        "Move the sandbox's time",
        "Answers once everything due on the way has happened in its order.",
        "SandboxTime",
    ),
    "GET /sandbox/conditions": Text(
        "get_sandbox_conditions",
        TAG,
        "Get what orders meet",
        "How the mobile network behaves, and whether eSIMs are in stock.",
        "SandboxConditions",
    ),
    "POST /sandbox/conditions": Text(
        "change_sandbox_conditions",
        TAG,
        "Change what orders meet",
        "From the next step of any order on: a `refusing` network rejects every order, a `slow` one takes five "
        "seconds; an `empty` stock has no eSIM. What is left out stays. A reset restores what there was at the start.",
        "SandboxConditions",
    ),
    "POST /sandbox/network-events": Text(
        "send_network_report",
        TAG,
        "Send a report of the mobile network",
        "As the network itself would; reports with the same `id` count once.",
        "SandboxReport",
        202,
    ),
}


def _one_of(values: str) -> Schema:
    return {"type": "string", "enum": values.split()}


TEXT: Schema = {"type": "string"}
MOMENT: Schema = {"type": "string", "format": "date-time"}
CREDENTIALS = {"client_id": TEXT, "client_secret": TEXT}
SCHEMAS = {
    "Sandbox": object_of(
        {
            "clients": array_of(object_of(CREDENTIALS)),
            "tries": array_of(object_of({"what": TEXT, "how": TEXT})),
            "_links": links_of("self reset partners clock conditions network-events console"),
        }
    ),
    "SandboxPartner": object_of(CREDENTIALS | {"name": TEXT}),
    "SandboxTime": object_of({"now": MOMENT, "moving_to?": MOMENT}),
    "SandboxConditions": object_of({"network": _one_of("normal slow refusing"), "esim_stock": _one_of("filled empty")}),
    "SandboxReport": object_of({"id": TEXT}),
}
SENT: dict[str, Any] = {
    "add_sandbox_partner": {"name": "Night run", "scopes": ["orders/read", "orders/write"], "rate": 5, "burst": 10},
    "move_sandbox_time": {"advance": "P31D"},
    "change_sandbox_conditions": {"network": "refusing"},
    "send_network_report": {
        "type": "usage",
        "subscription_id": samples.IDS["subs"],
        "allowance_type": "data",
        "amount": 1_000_000,
        "country": "DE",
    },
}


def added() -> dict[str, Any]:
    """Return the tags, paths and components that only the sandbox's document has."""
    api, whole = document(), document(_the_sandbox())
    # A reset ends a move of the time: no code says so, and no partner's data is in conflict.
    whole["paths"]["/sandbox/clock"]["post"]["responses"]["409"] = refusal(409, [])
    components = {
        kind: {name: part for name, part in whole["components"][kind].items() if name not in named}
        for kind, named in api["components"].items()
    }
    return {
        "tags": [tag for tag in whole["tags"] if tag not in api["tags"]],
        "paths": {path: methods for path, methods in whole["paths"].items() if path not in api["paths"]},
        "components": {kind: named for kind, named in components.items() if named},
    }


def _the_sandbox() -> Subject:
    api = the_api()
    return replace(
        api,
        routes=LOCAL_ROUTES,
        function_of=_function_of,
        texts={**api.texts, **TEXTS},
        tags={**api.tags, **TAGS},
        sent={**api.sent, **SENT},
        shown={**api.shown, **_shown()},
        schemas=SCHEMAS,
    )


def _function_of(route: Route) -> Callable[..., Any]:
    if module_of(route) != SANDBOX:
        return function_of(route)
    method: Callable[..., Any] = getattr(Sandbox, route.operation)
    return method


def _shown() -> dict[str, Any]:
    """Return an example of each answer by the name of its schema."""
    name, client = next(iter(CLIENTS.items()))
    credentials = {"client_id": name, "client_secret": client.secret}
    return {
        "Sandbox": {"clients": [credentials], "tries": TRIES[:1], "_links": sandbox_links()},
        "SandboxPartner": {
            "client_id": "partner-5d41402a",
            "client_secret": "partner-5d41402a-secret",
            "name": "Night run",
        },
        "SandboxTime": {"now": "2026-04-10T09:30:00.000Z"},
        "SandboxConditions": {"network": "refusing", "esim_stock": "filled"},
        "SandboxReport": {"id": "rep_01KKB412XQ5N8G2T7WZ3R6VYAB"},
    }
