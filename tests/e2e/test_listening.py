"""``make listen`` beside a running server: the first order is received, verified and printed."""

import subprocess
import sys
from threading import Timer

import httpx

from tests.support.http import HttpClient, partner
from tests.support.server import ROOT, Server, clean_environment
from tests.support.shop import Shop

PATIENCE_SECONDS = 60
HAPPENED = {"order.accepted", "order.fulfilling", "order.completed", "subscription.active", "product.active"}


def test_an_order_is_printed_event_by_event(running: Server, acme: httpx.Client) -> None:
    made = acme.post("/sandbox/partners").json()
    settings = {"API": running.url, "CLIENT_ID": made["client_id"], "CLIENT_SECRET": made["client_secret"]}
    command = [sys.executable, "-m", "infra.receiver.listen"]
    with (
        partner(running.url, made["client_id"]) as http,
        subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env=clean_environment() | settings, text=True, stdout=subprocess.PIPE
        ) as listening,
    ):
        too_late = Timer(PATIENCE_SECONDS, listening.kill)
        too_late.start()
        assert listening.stdout is not None
        assert listening.stdout.readline().startswith("listening as wbh_")
        shop = Shop(HttpClient(http))
        order_id = shop.complete(shop.activation())["id"]
        awaited, orders = set(HAPPENED), list[str]()
        while awaited:
            words = listening.stdout.readline().split("  ")
            assert words != [""], awaited
            if words[-1].strip() == "signature verified":
                awaited.discard(words[1])
                orders += [words[3]] if words[1].startswith("order.") else []
        assert set(orders) == {order_id}
        assert len(http.get("/webhooks").json()["_embedded"]["webhooks"]) == 1
        listening.terminate()
        assert listening.stdout.read().endswith("stopped, and the webhook deleted\n")
        too_late.cancel()
        assert http.get("/webhooks").json()["_embedded"]["webhooks"] == []
    assert listening.returncode == 0
