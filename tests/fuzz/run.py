"""Runs Schemathesis as two partners of a sandbox, who must not see what the other one has."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from infra.openapi.samples import ADDON, IDS
from infra.openapi.samples_webhooks import URL
from tests.support.http import HttpClient, partner
from tests.support.inbox import Inbox, open_inbox
from tests.support.server import ROOT
from tests.support.shop import Shop

LEFT_OUT = ("reset_sandbox", "move_sandbox_time")
"""What takes everything away from the other requests, or all their time."""
CONFIG = Path(__file__).with_name("schemathesis.toml")
UNLIMITED = {"rate": 10_000, "burst": 10_000}
NORMAL = {"network": "normal", "esim_stock": "filled"}
"""What is left to others who use the same sandbox."""


def fuzz(url: str, options: list[str]) -> "subprocess.CompletedProcess[str]":
    """Return how a run against the sandbox at this address ended, and what it printed."""
    with _environment(url) as told:
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run"]
        command += [f"--exclude-operation-id={operation}" for operation in LEFT_OUT]
        command += [f"{url}/openapi.json", "--no-color", *options]
        return subprocess.run(command, cwd=ROOT, env=os.environ | told, text=True, check=False)  # noqa: S603 - our words


@contextmanager
def _environment(url: str) -> Iterator[dict[str, str]]:
    """What the configuration and the hooks read."""
    tokens = {name: _new_partner(url) for name in ("owner", "stranger")}
    users = [{"name": name, "fixedHeaders": [_bearer(token)]} for name, token in tokens.items()]
    headers = {"Authorization": f"Bearer {tokens['owner']}"}
    with (
        TemporaryDirectory() as folder,
        open_inbox(Inbox(behave=lambda number: "fail" if number % 4 == 0 else "accept")) as inbox,
        httpx.Client(base_url=url, headers=headers) as http,
    ):
        partners = Path(folder, "partners.json")
        partners.write_text(json.dumps({"auth": users}))
        shop = Shop(HttpClient(http))
        there = _what_there_is(shop) | _webhook(shop, inbox.url)
        told = {"FUZZ_IDS": json.dumps(there), "FUZZ_RECEIVER": inbox.url}
        yield {"FUZZ_PARTNERS": str(partners), "FUZZ_TOKEN": tokens["owner"], **told}
        http.post("/sandbox/conditions", json=NORMAL).raise_for_status()


def _new_partner(url: str) -> str:
    """The token of a partner without limits."""
    with partner(url, "acme") as acme:
        made = acme.post("/sandbox/partners", json=UNLIMITED).raise_for_status().json()
    grant = {"grant_type": "client_credentials"}
    answer = httpx.post(f"{url}/oauth2/token", data=grant, auth=(made["client_id"], made["client_secret"]))
    return str(answer.raise_for_status().json()["access_token"])


def _bearer(token: str) -> dict[str, str]:
    return {"name": "Authorization", "value": f"Bearer {token}"}


def _what_there_is(shop: Shop) -> dict[str, str]:
    """Each id of the examples, with the id of something that the partner has."""

    def first(path: str, plural: str) -> Any:
        return next(shop.walk(path, plural))["id"]

    order = shop.complete(shop.activation(shop.data, plan=shop.plan_with_number))
    subscription = order["_embedded"]["subscription"]
    of_it = f"?subscription-id={subscription['id']}"
    reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": "SANDBOX-0001"}).json()
    found = {
        "ord": order["id"],
        "subs": subscription["id"],
        "subr": shop.subscriber,
        "acc": first("/accounts", "accounts"),
        "prd": first(f"/products{of_it}", "products"),
        "prdoff": shop.plan,
        "prdcat": first("/product-catalogs", "product_catalogs"),
        "cov": first("/coverage-areas", "coverage_areas"),
        "simp": subscription["_embedded"]["sim_profile"]["id"],
        "resv": reserved["reservation_id"],
        "pn": first(f"/phone-numbers{of_it}", "phone_numbers"),
        "evt": first(f"/events{of_it}", "events"),
    }
    return {IDS[prefix]: real for prefix, real in found.items()} | {ADDON["product_offering_id"]: shop.data}


def _webhook(shop: Shop, url: str) -> dict[str, str]:
    """A webhook of the partner and a delivery to it, in place of those of the examples."""
    webhook = shop.client.post("/webhooks", {"url": url, "enabled_events": ["*"]}).json()
    delivery = shop.client.post(f"/webhooks/{webhook['id']}/test", {}).json()
    return {URL: url, IDS["wbh"]: webhook["id"], IDS["dlv"]: delivery["id"]}
