"""A person whose traces are wherever a person can leave any, and who uses nothing any more."""

import json
from collections.abc import Iterator
from typing import Any

from functions.orders.order import Order
from functions.shared import clock, table
from functions.shared.event import Event
from functions.shared.ids import new_id
from functions.shared.marshal import unmarshal
from functions.shared.records import whole
from functions.shared.search_keys import search_key
from functions.shared.transaction import Transaction
from functions.subscribers.search import email_key
from functions.webhooks.delivery import Attempt, Delivery, first_delivery_id
from infra.local.environment import TABLE
from infra.local.system import System
from infra.operator.reading import listed
from tests.support.small_shop import SmallShop

Item = dict[str, Any]
HOME: Item = {"line1": "Quiberongasse 7", "line2": "Hinterhof", "city": "Quellstadt", "postal_code": "Q-4711"}
ADDRESS = HOME | {"country": "DE"}
PERSON: Item = {
    "first_name": "Quirina",
    "last_name": "Quast",
    "email": "Quirina.Quast@example.org",
    "address": ADDRESS,
    "birth_date": "1971-07-17",
    "locale": "de-AT",
    "identifications": [{"type": "passport", "number": "QP0815"}],
}
OWNER: Item = {"first_name": "Quirina", "last_name": "Quast", "address": ADDRESS, "tax_id": "QT99"}
ACCOUNT: Item = {"type": "personal", "owner": OWNER, "name": "Quastfamilie", "metadata": {"nick": "Quietschie"}}
NOTE: Item = {"type": "marketing", "content": [{"locale": "de", "message": "Servus Quirlchen!"}]}
EID = "89049032000000000000000000471199"
REJECTED_EID = "89049032000000000000000047110001"
SAID = "Thanks, Quirl!"
"""What an endpoint answers."""
VALUES = (
    *("Quirina", "Quast", "Quirina.Quast@example.org", *HOME.values(), "1971-07-17", "de-AT", "QP0815", "QT99"),
    *("Quastfamilie", "Quietschie", "Servus Quirlchen!", SAID, EID, REJECTED_EID),
)
NOWHERE = "http://127.0.0.1:9/"
"""Where nothing listens."""
WEBHOOKS = tuple({"url": NOWHERE, "enabled_events": ["webhook.disabled"], "description": each} for each in "12")


class Customer(SmallShop):
    """The person, and the partner that has nobody else."""

    def __init__(self, system: System) -> None:
        super().__init__(system)
        self.system = system
        self.account = self._keyed("/accounts", ACCOUNT)["id"]
        self.person = self._keyed("/subscribers", PERSON | {"account_id": self.account})
        self.subscriber = self.person["id"]
        order = self.complete(self.activation(eid=EID, invoice={"notes": [NOTE]}))
        self.order, self.subscription = order["id"], order["_embedded"]["subscription"]["id"]
        self.iccid = order["_embedded"]["subscription"]["_embedded"]["sim_profile"]["iccid"]
        suspended = self._keyed(f"/subscriptions/{self.subscription}/suspend", None)
        self.msisdn = suspended["_embedded"]["active_phone_numbers"][0]["msisdn"]

    def leave(self) -> None:
        """Cancel the subscription; the network has rejected another one, and endpoints have answered of the person."""
        rejected = self.place(self.activation(eid=REJECTED_EID))
        assert self.final(rejected)["status"] == "failed"
        self._delay(rejected["id"])
        canceled = self._keyed("/orders", {"type": "cancel_subscription", "subscription_id": self.subscription})
        assert self.final(canceled)["status"] == "completed"
        self.system.quiesce()
        kept, gone = (self.client.post("/webhooks", body).json()["id"] for body in WEBHOOKS)
        assert self.client.patch(f"/webhooks/{kept}", {"status": "disabled"}).status == 200
        self._deliver(kept)
        (delivery, *_) = self._deliver(gone)
        self._keyed(f"/webhooks/{gone}/deliveries/{delivery}/retry", None)
        self.system.quiesce()
        assert self.client.delete(f"/webhooks/{gone}").status == 204

    def values(self) -> set[str]:
        """All that is known of the person, also as the table's keys hold it."""
        hashes = {email_key(self.partner, PERSON["email"]), search_key(self.partner, "msisdn", self.msisdn[1:])}
        return {*VALUES, self.msisdn, *hashes}

    def found(self) -> set[str]:
        """What of it any item of the table holds."""
        text = "\n".join(_text(item) for item in self._items()).casefold()
        return {value for value in self.values() if value.casefold() in text}

    def _items(self) -> Iterator[Item]:
        for item in self.system.aws.store().get_table(TABLE).all_items():
            stored = unmarshal(item.to_json()["Attributes"])
            if stored["pk"].startswith(f"{self.partner}#"):
                yield whole(stored)

    def _keyed(self, path: str, body: Any) -> Item:
        answer = self.client.post(path, body, {"Idempotency-Key": f"the key of {path}"})
        assert answer.status in {200, 201, 202}, answer.json()
        return dict(answer.json())

    def _delay(self, order_id: str) -> None:
        """As if the order had been late before it failed, when its subscription had the SIM."""
        order = table.read(Order, self.partner, order_id)
        assert order is not None
        sim = {"_embedded": {"device": {"uicc": {"eid": order.eid}}}}
        change = Transaction()
        change.update(order)
        shown = {"order": {"id": order.id, "_embedded": {"sim_profile": sim}}}
        change.publish(order, "order.delayed", shown, order.subscription_id)
        change.commit()

    def _deliver(self, webhook: str) -> list[str]:
        """As if each of two events had been sent twice; return the ids of the deliveries."""
        made = []
        now = clock.now()
        attempt = Attempt(number=1, at=now, duration_ms=1, status_code=200, response_body=SAID)
        for event in listed(self.partner, Event, subscription_id=self.subscription)[:2]:
            change = Transaction()
            for own_id in (first_delivery_id(webhook, event.id), new_id(Delivery.PREFIX)):
                delivery = Delivery.of(event, webhook, own_id, now)
                delivery.conclude(attempt, now)
                change.create(delivery)
                made.append(own_id)
            change.commit()
        return made


def _text(item: Item) -> str:
    return json.dumps(item, ensure_ascii=False, default=str)
