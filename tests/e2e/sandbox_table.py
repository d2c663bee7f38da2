"""The README's table of what can be tried in the sandbox, and a try of each row.

A try takes what it sends from the row, so that a row that is wrong fails, and has to use every piece of code in it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.e2e.sandbox_rows import Row
from tests.support import bodies
from tests.support.client import Client
from tests.support.http import HttpClient
from tests.support.inbox import Inbox, open_inbox
from tests.support.shop import Shop

EID = "0" * 28
Later = Callable[[], object]


class Tries(Shop):
    """One try for each row, by its first column. What takes a while is looked at later, by what a try returns."""

    def __init__(self, url: str, client: Client) -> None:
        super().__init__(client)
        self._url = url
        self._subscription = self.subscribe()
        self.by_row: dict[str, Callable[[Row], Later | None]] = {
            "the mobile network refuses": self._refused,
            "the network never answers": self._never_answered,
            "the network is slow": self._slow,
            "a physical SIM": self._physical_sim,
            "a SIM's PIN and PUK": self._secret_codes,
            "an order that waits": self._waiting,
            "a customer of your own": self._customer,
            "an offering under your own name": self._own_name,
            "months that pass": self._months,
            "what the mobile network reports": self._reports,
            "events, as they happen": self._events,
            "ending, starting or repricing a product": self._product,
            "a dry run": self._trial,
            "another partner": self._another_partner,
            "a partner of your own": self._own_partner,
            "orders that all fail": self._all_fail,
            "a fresh start": self._fresh_start,
        }

    def end(self) -> None:
        """End every subscription, so that nothing of it happens while time is moved on."""
        for subscription in list(self.walk("/subscriptions?status=active&limit=40", "subscriptions")):
            self.complete(bodies.cancellation(subscription["id"]))

    def _named(self, name: str) -> str:
        return self.find(lambda item: name in item["name"])

    def _failed(self, order: dict[str, Any], code: str) -> None:
        order = self.final(order)
        assert (order["status"], order["failure"]["code"]) == ("failed", code)

    def _completed(self, order: dict[str, Any]) -> dict[str, Any]:
        order = self.final(order)
        assert order["status"] == "completed", order
        return order

    def _took(self, order: dict[str, Any]) -> timedelta:
        """How long a final order was carried out."""
        history = self.client.get(f"/orders/{order['id']}/history").json()["_embedded"]["history"]
        begun, ended = (datetime.fromisoformat(entry["at"]) for entry in history[-2:])
        return ended - begun

    def _refused(self, row: Row) -> Later:
        by_device = self.place(self.activation(**row.json(eid=EID)))
        by_addon = self.place(self.activation(self._named(row.take("Europe .*"))))

        def look() -> None:
            self._failed(by_device, "network_rejected")
            self._failed(by_addon, "network_rejected")

        return look

    def _never_answered(self, row: Row) -> Later:
        order = self.place(self.activation(eid=EID + row.take(r"\d{4}")))

        def look() -> None:
            self._failed(order, "network_timeout")
            assert self._took(order) >= timedelta(seconds=10)

        return look

    def _slow(self, row: Row) -> Later:
        order = self.place(self.activation(self._named(row.take("Europe .*"))))

        def look() -> None:
            now = self._completed(order)
            assert now["completed_at"] > now["expected_by"]
            assert self._took(order) >= timedelta(seconds=5)

        return look

    def _all_fail(self, row: Row) -> None:
        change, refusing, empty, normal = row.request(), row.json(), row.json(), row.json()
        # The other rows' orders come to their ends first.
        assert self.client.post("/sandbox/clock", {"advance": "PT0S"}).status == 200
        for condition, code in ((refusing, "network_rejected"), (normal | empty, "no_sim_available")):
            change(self.client, condition)
            self._failed(self.place(self.activation()), code)
        change(self.client, normal)

    def _physical_sim(self, row: Row) -> Later:
        reserve, code = row.request(), row.json()
        reserved = reserve(self.client, code)
        reserve(self.client, {"activation_code": code["activation_code"][:-4] + row.take(r"\d{4}")})
        order = self.place(self.activation(**row.json(reservation_id=reserved["reservation_id"])))
        return lambda: self._completed(order)

    def _secret_codes(self, row: Row) -> None:
        read, scope = row.request(), row.take(".*/secrets")
        sim = self.client.get(f"/subscriptions/{self._subscription}").json()["_embedded"]["sim_profile"]["id"]
        with self._signed_in("acme", "acme-secret", scope) as client:
            assert {"pin", "puk"} <= read(client, path_id=sim).keys()

    def _waiting(self, row: Row) -> Later:
        cancel, resume = row.request(), row.request()
        cancellation = bodies.cancellation(self._subscription)
        for _ in range(2):
            order = self.place(cancellation | row.json())
            self.until(order, lambda now: now["status"] == "scheduled")
            assert cancel(self.client, path_id=order["id"])["status"] == "canceled"
        held = [self.place(self.activation(**wish)) for wish in [row.json()] * 2]
        for order in held:
            self.until(order, lambda now: now["status"] == "on_hold")
        assert cancel(self.client, path_id=held[0]["id"])["status"] == "canceled"
        resume(self.client, path_id=held[1]["id"])
        return lambda: self._completed(held[1])

    def _customer(self, row: Row) -> None:
        account = row.request()(self.client, row.json())
        values = [account["id"], "Ada", "Lovelace", "ada@example.com", {"country": "DE"}]
        subscriber = row.request()(self.client, {row.take("[a-z_]+"): value for value in values})
        method = row.take("[A-Z]+")
        for path, change in (
            (f"/accounts/{account['id']}", "name"),
            (f"/subscribers/{subscriber['id']}", "first_name"),
        ):
            assert self.client.send(method, path, {change: "Other"}).json()[change] == "Other"

    def _own_name(self, row: Row) -> None:
        offering = self.sandbox("network_rejects")
        changed = row.request()(self.client, row.json(name="My own"), offering)
        assert (changed["name"], changed["metadata"]["color"]) == ("My own", "red")

    def _months(self, row: Row) -> None:
        move, duration, ask_time = row.request(), row.json(), row.request()
        before, after = (
            datetime.fromisoformat(ask["now"]) for ask in (ask_time(self.client), move(self.client, duration))
        )
        assert (after - before).days >= 28
        assert datetime.fromisoformat(ask_time(self.client)["now"]) >= after

    def _reports(self, row: Row) -> None:
        report, subscription = row.request(), self.subscribe()
        report(self.client, row.json(subscription_id=subscription))
        sim = self.client.get(f"/subscriptions/{subscription}").json()["_embedded"]["sim_profile"]["id"]
        while row.left:
            kind = row.take("[a-z_]+")
            about = {"sim_profile_id": sim} if kind.startswith("sim") else {"subscription_id": subscription}
            country = {"country": "DE"} if kind in ("first_usage", "country_changed") else {}
            report(self.client, {"type": kind} | about | country)
        assert self.client.post("/sandbox/clock", {"advance": "PT0S"}).status == 200
        assert self.client.get(f"/subscriptions/{subscription}").json()["status"] == "terminated"
        assert self.products(subscription)[0]["_embedded"]["balances"][0]["spent"] > 0

    def _events(self, row: Row) -> None:
        row.take("make listen")
        create, test, deliveries, log = (row.request() for _ in range(4))
        with open_inbox(Inbox()) as inbox:
            made = create(self.client, row.json(url=f"http://127.0.0.1:{inbox.port}"))
            assert test(self.client, path_id=made["id"])["status"] == "delivered"
            assert len(inbox.events) == 1
        assert len(deliveries(self.client, path_id=made["id"])["_embedded"]["deliveries"]) == 1
        assert log(self.client)["_embedded"]["events"]
        assert row.take("[a-z]+") == "acme"
        assert self.client.delete(f"/webhooks/{made['id']}").status == 204

    def _product(self, row: Row) -> None:
        cancel, at_the_end, at_once = row.request(), row.json(), row.take('"[a-z]+"').strip('"')
        activate, change, price = row.request(), row.request(), row.json()
        addon = bodies.addons(self.data, mode="first_usage")
        self.complete(bodies.topup(self._subscription) | {"products": {"addons": addon}})
        pending, *_, plan = self.products(self._subscription)
        assert change(self.client, price, plan["id"])["_embedded"]["prices"][0]["unit_amount"] == 999
        assert "end_at" in cancel(self.client, at_the_end, plan["id"])
        assert activate(self.client, None, pending["id"])["status"] == "active"
        assert cancel(self.client, {"cancellation_mode": at_once}, pending["id"])["status"] == "canceled"

    def _trial(self, row: Row) -> None:
        validate = row.request()
        assert row.take("type") in self.activation()
        assert validate(self.client, self.activation()) == {"valid": True}

    def _another_partner(self, row: Row) -> None:
        with self._signed_in(row.take("[a-z]+"), row.take("[a-z]+-secret")) as other:
            assert other.get(f"/subscriptions/{self._subscription}").status == 404
        assert row.take("[a-z]+") == "acme"

    def _own_partner(self, row: Row) -> None:
        made = row.request()(self.client, row.json())
        assert made.keys() == {row.take("client_id"), row.take("client_secret"), "name"}
        with self._signed_in(made["client_id"], made["client_secret"]) as own:
            # By itself, the client would wait for its turn.
            answers = [own._http.get(path).status_code for path in ("/orders", "/products", "/orders")]
        assert answers == [200, 403, 429]

    def _fresh_start(self, row: Row) -> Later:
        """It takes away what the other rows look at later, so it comes last."""
        reset = row.request()

        def look() -> None:
            reset(self.client)
            assert list(self.walk("/subscriptions", "subscriptions")) == []

        return look

    @contextmanager
    def _signed_in(self, client_id: str, secret: str, scope: str = "") -> Iterator[HttpClient]:
        form = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
        token = httpx.post(f"{self._url}/oauth2/token", data=form, auth=(client_id, secret)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=self._url, headers=headers, timeout=30) as client:
            yield HttpClient(client)
