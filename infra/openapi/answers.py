"""What answers look like: the members that each ``show_…`` function takes from its record, its links and its parts.

A test holds every answer of the running functions against these schemas (tests/support/description.py).
"""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import BaseModel

from functions.accounts import account
from functions.catalog import offering, product_catalog
from functions.orders import order
from functions.products import product
from functions.sim_profiles import secret_codes, sim_profile
from functions.subscribers import subscriber
from functions.subscriptions import phone_number, subscription
from functions.webhooks import delivery, webhook
from infra.openapi.schemas import Components, Schema

LINK = {"$ref": "#/components/schemas/Link"}
ACTIONS_OF_SUBSCRIPTIONS = " ".join(f"{action}?" for action in subscription.ACTIONS)
BESIDE_THE_LIST: dict[str, dict[str, Schema]] = {"events": {"has_more?": {"type": "boolean"}}}
"""What the pages of some lists have beside it; of events, those for consumers."""
ESIM_LINKS = "qrcode? install-ios? install-android?"


def object_of(members: Mapping[str, Schema]) -> Schema:
    """Return the schema of an object; the names of members that may be absent end with ``?``."""
    required = [name for name in members if not name.endswith("?")]
    properties = {name.removesuffix("?"): schema for name, schema in members.items()}
    return {"type": "object", "properties": properties} | ({"required": required} if required else {})


def links_of(names: str) -> Schema:
    """Return the schema of ``_links`` with these names; an action's link is there while the action is allowed."""
    return object_of(dict.fromkeys(names.split(), LINK))


def array_of(schema: Schema) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": schema}


class Answers:
    """The schemas of all resources, each under its name among the components."""

    def __init__(self, components: Components) -> None:
        self._components = components
        components.name("Link", object_of({"href": {"type": "string", "format": "uri"}}))
        self._add_catalog()
        self._add_customers()
        self._add_subscriptions()
        self._add_orders()
        self._add_products()
        self._add_webhooks()

    def ref(self, name: str) -> Schema:
        """Return the reference to a resource's schema."""
        return {"$ref": f"#/components/schemas/{name}"}

    def page(self, name: str, plural: str) -> Schema:
        """Return the reference to the schema of a page of a list."""
        embedded = object_of({plural: array_of(self.ref(name))})
        members = {"_embedded": embedded, **BESIDE_THE_LIST.get(plural, {}), "_links": links_of("self next? prev?")}
        return self._components.name(f"{name}Page", object_of(members))

    def _add(
        self,
        name: str,
        model: type[BaseModel],
        members: set[str],
        *,
        links: str = "",
        more: Mapping[str, Schema] | None = None,
    ) -> Schema:
        """Name the schema of these members of a record, of its links and of what is shown beside them."""
        of_model = self._components.members(model)
        taken = {name: of_model[name] for name in of_model if name in members}
        shown = {member + "?" * (not always): schema for member, (schema, always) in taken.items()} | dict(more or {})
        return self._components.name(name, object_of(shown | ({"_links": links_of(links)} if links else {})))

    def _add_catalog(self) -> None:
        area = self._add("CoverageArea", offering.CoverageArea, set(offering.CoverageArea.model_fields), links="self")
        members = set(offering.Allowance.model_fields) - {"coverage_area"}
        more = {"_embedded": object_of({"coverage_area": area})}
        allowances = array_of(self._add("Allowance", offering.Allowance, members, more=more))
        prices = array_of(self._add("Price", offering.Price, set(offering.Price.model_fields)))
        more = {"_embedded": object_of({"allowances": allowances, "prices": prices})}
        self._add("ProductOffering", offering.Offering, offering.SHOWN, links="self compatible", more=more)
        more = {"_embedded": object_of({"allowances": allowances})}
        self._add("OrderedOffering", offering.OfferingTerms, offering.SHOWN_FROZEN, links="self", more=more)
        links = "self product-offerings"
        self._add("ProductCatalog", product_catalog.ProductCatalog, product_catalog.SHOWN, links=links)

    def _add_customers(self) -> None:
        named = object_of({"id": {"type": "string"}, "_links": links_of("self")})
        self._components.name("AccountReference", named)
        self._components.name("OrderReference", named)
        self._add("Account", account.Account, account.SHOWN, links="self")
        more = {"_embedded": object_of({"account": self.ref("AccountReference")})}
        self._add("Subscriber", subscriber.Subscriber, subscriber.SHOWN, links="self subscriptions", more=more)

    def _add_sims(self) -> Schema:
        members = sim_profile.SHOWN | sim_profile.SHOWN_OF_ESIM | sim_profile.SHOWN_OF_RESERVED
        eid = object_of({"eid": {"type": "string", "pattern": "^[0-9]{32}$"}})
        more = {"_embedded?": object_of({"device": object_of({"uicc": eid})})}
        sim = self._add("SimProfile", sim_profile.SimProfile, members, links="self secret-codes", more=more)
        codes = secret_codes.SecretCodes
        self._add("SecretCodes", codes, set(codes.model_fields), links="self")
        return sim

    def _add_subscriptions(self) -> None:
        sim = self._add_sims()
        links = "self subscription"
        number = self._add("PhoneNumber", phone_number.PhoneNumber, phone_number.SHOWN, links=links)
        embedded = {"sim_profile": sim, "account": self.ref("AccountReference")}
        links = f"self {ESIM_LINKS}"
        self._add_subscription("OrderedSubscription", subscription.SHOWN, links, embedded)
        links = f"self subscriber products phone-numbers {ESIM_LINKS} {ACTIONS_OF_SUBSCRIPTIONS}"
        members = subscription.SHOWN | {"ended_at"}
        self._add_subscription("Subscription", members, links, embedded | {"active_phone_numbers?": array_of(number)})

    def _add_orders(self) -> None:
        summary: dict[str, Schema] = {"reached_step?": {"enum": [*get_args(order.ReachedStep)], "type": "string"}}
        more = summary | {"_embedded?": object_of({"subscription": self.ref("OrderedSubscription")})}
        links = "self subscriber history cancel? resume?"
        self._add("Order", order.Order, order.SHOWN, links=links, more=more)
        self._add("OrderSummary", order.Order, order.SHOWN, links=links, more=summary)
        entry = self._add("HistoryEntry", order.HistoryEntry, set(order.HistoryEntry.model_fields))
        history = object_of({"_embedded": object_of({"history": array_of(entry)}), "_links": links_of("self")})
        self._components.name("OrderHistory", history)

    def _add_subscription(self, name: str, members: set[str], links: str, embedded: Mapping[str, Schema]) -> Schema:
        more = {"_embedded": object_of(embedded)}
        return self._add(name, subscription.Subscription, members, links=links, more=more)

    def _add_products(self) -> None:
        members = set(product.Balance.model_fields) - {"notified_thresholds"}
        balances = array_of(self._add("Balance", product.Balance, members))
        prices = array_of(self.ref("Price"))
        ordered = {"product_offering": self.ref("OrderedOffering"), "balances": balances, "prices": prices}
        more: dict[str, Any] = {"cycle_end_at?": {"type": "string", "format": "date-time"}}
        more |= {"_embedded": object_of(ordered)}
        links = "self order subscription " + " ".join(f"{action}?" for action in product.ACTIONS)
        shown = product.SHOWN.union(*product.SHOWN_IN.values())
        self._add("Product", product.Product, shown, links=links, more=more)

    def _add_webhooks(self) -> None:
        text, links = {"type": "string"}, "self rotate-signing-secret"
        more: dict[str, Schema] = {
            "resting?": {"type": "boolean"},
            "api_version": text,
            "signature_algorithm": {"const": "hmac-sha256"},
            "key_version": text,
        }
        shown = self._add("Webhook", webhook.Webhook, webhook.SHOWN, links=links, more=more)
        more |= {"signing_secret": text}
        self._add("WebhookWithSecret", webhook.Webhook, webhook.SHOWN, links=links, more=more)
        listed = object_of({"webhooks": array_of(shown)})
        self._components.name("WebhookList", object_of({"_embedded": listed, "_links": links_of("self")}))
        test: dict[str, Schema] = {"test?": {"type": "boolean"}}
        links = "self event? webhook retry"
        self._add("Delivery", delivery.Delivery, delivery.SHOWN, links=links, more=test)
        self._components.name("Replay", object_of({"deliveries": {"type": "integer", "minimum": 0}}))
