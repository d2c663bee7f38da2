"""Both stacks in an emulator of AWS, and an order through gateway, authorizer, doors, stream, state machine and bus.

``make emulate`` runs it; ``make test`` does not.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.routes import ROUTES, SCOPES
from infra.asset_contents import ROOT
from infra.local.identity import IdentityProvider
from infra.local.secrets import new_signing_key
from tests.emulator.deployment import Issuer, deploy
from tests.emulator.emulator import Emulator, emulator

STAGE = "dev"
ISSUER = "https://issuer.example.com"
DONE_WITHIN_SECONDS = 60.0
CATALOG = """\
type,name,catalogs,coverage_type,countries,validity.type,validity.unit,validity.unit_count,validity.is_recurrent,price.recurring,price.currency,data.unit_count,data.unit,data.coverage_area
coverage_area,Germany,,local,DE,,,,,,,,,
plan,"Germany 20 GB, monthly",Main,,,duration,month,1,TRUE,1999,EUR,20,gigabytes,Germany
"""
SIMS = """\
sim_type,iccid,matching_id,smdp_address
esim,8949300000000000007,7F3A-0001,smdp.example.com
esim,8949300000000000015,7F3A-0002,smdp.example.com
"""


class Deployed:
    """A deployed stage, its issuer, and its address as the emulator has it."""

    def __init__(self, running: Emulator, outputs: dict[str, str], issuer: IdentityProvider) -> None:
        self.emulator = running
        self.outputs = outputs
        self.issuer = issuer
        (api,) = running.client("apigateway").get_rest_apis()["items"]
        self.api_id = api["id"]
        self.url = f"{running.url}/restapis/{self.api_id}/{STAGE}/_user_request_"

    def client(self, *scopes: str, **headers: str) -> httpx.Client:
        """Return a partner's client. The emulator has no key source AUTHORIZER: it wants the key from the client."""
        token = self.issuer.issue("acme", scopes)
        given = {"Authorization": f"Bearer {token}", "x-api-key": self.api_key(), **headers}
        return httpx.Client(base_url=self.url, headers=given, timeout=30)

    def api_key(self) -> str:
        """Return the partner's API key."""
        (key,) = self.emulator.client("apigateway").get_api_keys(includeValues=True)["items"]
        return str(key["value"])

    def runs_of(self, function: str) -> int:
        """Return how often a function has run, from its log."""
        group = f"/aws/lambda/mobile-orders-{STAGE}-{function}"
        events = self.emulator.client("logs").filter_log_events(logGroupName=group)["events"]
        return sum("START RequestId" in event["message"] for event in events)

    def operate(self, command: str, *arguments: str, **environment: str) -> str:
        """Run one of the operator's commands against the stage."""
        names = [sys.executable, "-m", "infra.operator", command, "--stage", STAGE, "--partner", "acme", *arguments]
        settings = {**os.environ, **self.emulator.environment, **environment}
        return subprocess.run(names, env=settings, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 - ours


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """The stage, with a partner that has something to sell."""
    scratch = tmp_path_factory.mktemp("emulator")
    issuer = IdentityProvider(ISSUER, new_signing_key())
    issuer.start()
    with emulator(scratch / "emulator.log") as running:
        try:
            trusted = Issuer(ISSUER, issuer.jwks_url)
            stage = Deployed(running, deploy(running, STAGE, scratch / "cdk.out", trusted), issuer)
            _add_partner(stage, scratch)
            yield stage
        finally:
            issuer.stop()


def _add_partner(stage: Deployed, scratch: Path) -> None:
    gateway = stage.emulator.client("apigateway")
    (plan,) = gateway.get_usage_plans()["items"]
    key = gateway.create_api_key(name="acme", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    stage.operate("partner", "--client-id", "acme", API_KEY=stage.api_key())
    for command, name, content in (("catalog", "catalog.csv", CATALOG), ("sims", "sims.csv", SIMS)):
        (scratch / name).write_text(content)
        stage.operate(command, str(scratch / name))


def test_the_gateway_has_every_route(deployed: Deployed) -> None:
    gateway = deployed.emulator.client("apigateway")
    pages = gateway.get_paginator("get_resources").paginate(restApiId=deployed.api_id, embed=["methods"])
    made = {
        (method, resource["path"])
        for page in pages
        for resource in page["items"]
        for method in resource.get("resourceMethods", ())
    }
    assert {(route.method, route.path) for route in ROUTES} <= made
    assert "/{proxy+}" in {path for _, path in made}


def test_what_needs_no_token_answers_without_one(deployed: Deployed) -> None:
    assert httpx.get(f"{deployed.url}/health").json() == {"status": "ok"}
    assert httpx.get(f"{deployed.url}/openapi.json").json()["openapi"].startswith("3.1")


def test_garbage_does_not_reach_the_authorizer_and_a_forged_token_does(deployed: Deployed) -> None:
    asked = []
    for authorization in ("Bearer x", "Basic YTpi", "Bearer a.b.c"):
        refused = httpx.get(f"{deployed.url}/orders", headers={"Authorization": authorization}, timeout=30)
        assert refused.status_code == 401
        asked.append(deployed.runs_of("identity-authorizer"))
    assert asked == [asked[0], asked[0], asked[0] + 1]
    assert httpx.get(f"{deployed.url}/orders").status_code == 401


def test_unknown_paths_methods_and_missing_scopes(deployed: Deployed) -> None:
    with deployed.client("orders/read") as client:
        assert client.get("/nothing/at/all").status_code == 404
        assert client.get("/qrcode/v1").status_code == 404
        wrong = client.delete("/orders")
        assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET, POST")
        assert client.get("/subscribers").status_code == 403


def test_an_order_is_completed(deployed: Deployed) -> None:
    with deployed.client(*SCOPES) as client:
        accepted = _ordered(client)
        completed = _final(client, accepted["id"])
        assert completed["status"] == "completed", completed
        assert completed["_embedded"]["subscription"]["status"] == "active"
        history = client.get(f"/orders/{accepted['id']}/history").json()["_embedded"]["history"]
        assert [entry["status"] for entry in history] == ["accepted", "fulfilling", "completed"]
        types = {event["type"] for event in client.get("/events").json()["_embedded"]["events"]}
        assert {"order.completed", "subscription.active"} <= types


def _ordered(client: httpx.Client) -> dict[str, Any]:
    address = {"country": "DE"}
    owner = {"first_name": "Ada", "last_name": "Lovelace", "address": address}
    account = _made(client, "/accounts", {"type": "personal", "owner": owner})
    person = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "address": address}
    subscriber = _made(client, "/subscribers", person | {"account_id": account["id"]})
    (plan,) = client.get("/product-offerings").json()["_embedded"]["product_offerings"]
    order = {
        "subscriber_id": subscriber["id"],
        "purchase_location": "DE",
        "sim_profile": {"sim_type": "esim"},
        "products": {"plan": {"product_offering_id": plan["id"]}},
    }
    return _made(client, "/orders/activate-subscription", order)


def _made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _final(client: httpx.Client, order_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + DONE_WITHIN_SECONDS
    while True:
        order: dict[str, Any] = client.get(f"/orders/{order_id}").json()
        if order["status"] not in {"accepted", "fulfilling"} or time.monotonic() > deadline:
            return order
        time.sleep(0.2)
