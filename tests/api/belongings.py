"""What belongs to a partner, by the names that requests give it, and what looks like it and does not exist."""

import re
from itertools import islice
from typing import Any
from urllib.parse import quote

from ulid import ULID

from functions.catalog.product_catalog import ProductCatalog
from functions.shared import table
from functions.shared.event import Event
from functions.shared.ids import new_id
from functions.shared.transaction import Transaction
from functions.webhooks.delivery import Delivery, first_delivery_id
from infra.local.system import System
from infra.openapi import samples
from infra.operator import sims
from tests.support import bodies
from tests.support.client import Client
from tests.support.customers import add_subscriber
from tests.support.own_shop import OwnShop
from tests.support.sims import physical_sim

OUR_ID = re.compile(r"([a-z]+)_[0-7][0-9A-HJKMNP-TV-Z]{25}")
PREFIXES = {
    "order": "ord",
    "subscription": "subs",
    "subscriber": "subr",
    "account": "acc",
    "product": "prd",
    "offering": "prdoff",
    "product_offering": "prdoff",
    "catalog": "prdcat",
    "coverage_area": "cov",
    "sim_profile": "simp",
    "reservation": "resv",
    "phone_number": "pn",
    "event": "evt",
    "webhook": "wbh",
    "delivery": "dlv",
}
"""What a parameter or member names, without its ``_id``, and the prefix of such an id."""
OTHER_NAMES = {
    "reference": "never-used",
    "email": "nobody@example.com",
    "iccid": "8949999900000000009",
    "msisdn": "+4915100000000",
    "activation_code": "SANDBOX-9999",
    "name": "No such catalog",
}
"""Other names by which something of a partner is found, and one of each that nobody has."""
IN_BODIES = {"reference", "activation_code"}
"""Those that bodies name things by."""
NOBODYS = {prefix: f"{prefix}_{ULID.from_timestamp(1_770_000_000)}" for prefix in PREFIXES.values()} | OTHER_NAMES


def kind_of(name: str) -> str:
    """Return how what a parameter or member names is found here; ``KeyError`` if it is not known yet."""
    plain = name.replace("-", "_")
    if plain in OTHER_NAMES:
        return plain
    return PREFIXES[{"subscription": "subscription", "after": "event"}.get(plain) or re.sub("_ids?$", "", plain)]


class Partner(OwnShop):
    """A partner with two subscriptions and all else that can be named; ``own`` has one of each kind."""

    def __init__(self, system: System, name: str, number: int) -> None:
        super().__init__(system, name, number, esims=4)
        self.add_on = self.data
        self.own = self._belongings(number)

    def limited_to(self, *scopes: str) -> Client:
        """The partner with a token for these scopes only."""
        return self.client.limited_to(*scopes)

    def _belongings(self, number: int) -> dict[str, str]:
        add_subscriber(self.client, email=f"another@{self.name}.example")
        subscriber = add_subscriber(self.client, email=f"someone@{self.name}.example")
        orders = [
            self.complete(
                bodies.activation(subscriber["id"], self.plan_with_number, reference=f"{self.name}-{position}")
            )
            for position in range(2)
        ]
        code = self._load_card(number)
        card = self.client.post("/sim-profiles/reserve", {"activation_code": code}).json()
        subscription = self.client.get(f"/subscriptions/{id_in(orders[0]['_embedded']['subscription'])}").json()
        ids = {
            "ord": orders[0]["id"],
            "subs": subscription["id"],
            "subr": subscriber["id"],
            "acc": subscriber["account_id"],
            "prd": self.products(subscription["id"])[0]["id"],
            "prdoff": self.add_on,
            "prdcat": self._main_catalog(),
            "cov": self._first("/coverage-areas", "coverage_areas"),
            "simp": subscription["_embedded"]["sim_profile"]["id"],
            "resv": card["reservation_id"],
            "pn": subscription["_embedded"]["active_phone_numbers"][0]["id"],
            "evt": self._first("/events", "events"),
        }
        ids["wbh"], ids["dlv"] = self._add_webhook(ids["evt"])
        return ids | {
            "reference": orders[0]["reference"],
            "email": subscriber["email"],
            "iccid": subscription["_embedded"]["sim_profile"]["iccid"],
            "msisdn": subscription["_embedded"]["active_phone_numbers"][0]["msisdn"],
            "activation_code": code,
            "name": self._add_catalog(),
        }

    def _load_card(self, number: int) -> str:
        """The activation code of a physical SIM whose code no other partner has."""
        card = physical_sim(10**6 + number)
        sims.load(self.name, [card])
        return card.activation_code

    def _add_webhook(self, event_id: str) -> tuple[str, str]:
        """A webhook and its delivery of the event; another webhook, and another delivery."""
        made = [self.client.post("/webhooks", samples.SENT["create_webhook"]).json()["id"] for _ in range(2)]
        change = Transaction()
        events = [each["id"] for each in islice(self.walk("/events", "events"), 2)]
        deliveries = {each: first_delivery_id(made[0], each) for each in events}
        for each, delivery in deliveries.items():
            event = table.read(Event, self.name, each)
            assert event is not None
            change.create(Delivery.of(event, made[0], delivery, change.at).model_copy(update={"due_at": None}))
        change.commit()
        return made[0], deliveries[event_id]

    def _add_catalog(self) -> str:
        """The name of a catalog that no other partner has."""
        change = Transaction()
        fields = {"partner": self.name, "created_at": change.at, "updated_at": change.at, "name": f"Of {self.name}"}
        catalog = ProductCatalog.model_validate(fields | {"id": new_id(ProductCatalog.PREFIX)})
        change.create(catalog)
        change.commit()
        return catalog.name

    def _main_catalog(self) -> str:
        """The catalog with the most offerings."""
        catalogs = [str(each["id"]) for each in self.walk("/product-catalogs", "product_catalogs")]
        path = "/product-catalogs/{}/product-offerings?limit=40"
        return max(catalogs, key=lambda each: len(list(islice(self.walk(path.format(each), "product_offerings"), 40))))

    def _first(self, path: str, plural: str) -> str:
        return str(next(self.walk(path, plural))["id"])


def id_in(resource: dict[str, Any]) -> str:
    return str(resource["id"])


def in_query(name: str, value: str) -> str:
    return f"{quote(name)}={quote(value)}"


def with_ids(value: Any, ids: dict[str, str]) -> Any:
    """Return a body in which every id of ours is one of these, by its prefix, and so is every other name."""
    if isinstance(value, list):
        return [with_ids(element, ids) for element in value]
    if isinstance(value, dict):
        named = {name: ids[name] for name in value.keys() & IN_BODIES}
        return {name: with_ids(member, ids) for name, member in value.items()} | named
    match = OUR_ID.fullmatch(value) if isinstance(value, str) else None
    return ids[match[1]] if match else value


def named_in(value: Any, name: str = "") -> set[str]:
    """Return the kinds of what a body names: by ids of ours, or by other names."""
    if isinstance(value, list):
        return set().union(*(named_in(element, name) for element in value))
    if isinstance(value, dict):
        return set().union(*(named_in(member, name) for name, member in value.items()))
    match = OUR_ID.fullmatch(value) if isinstance(value, str) else None
    return {match[1]} if match else {name} & IN_BODIES
