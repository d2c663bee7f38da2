"""What is measured: one request or two to each door."""

from collections.abc import Callable
from typing import NamedTuple

from tests.lifecycle.keyed_requests import ORDERS, REQUESTS, Sent, account, held, subscriber, webhook
from tests.support.timeline import Timeline


class Name(NamedTuple):
    """A route."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


PAGE = 10
"""A page that does not ask for another size."""
LPA = "LPA:1$smdp.example.com$MATCHING-ID"


def completed(line: Timeline) -> str:
    """The id of an order that is completed."""
    return line.place(line.activation())


def sim(line: Timeline) -> str:
    """The id of a SIM in use."""
    found = line.subscription(line.subscribe()).sim_profile
    return found.id if found else ""


def a_page_of_orders(line: Timeline) -> Sent:
    for _ in range(PAGE):
        held(line)
    return Sent("/orders")


def events(line: Timeline) -> Sent:
    line.subscribe()
    return Sent("/events")


def webhooks(line: Timeline) -> Sent:
    webhook(line)
    return Sent("/webhooks")


READS: dict[Name, Callable[[Timeline], Sent]] = {
    Name("GET", "/"): lambda _line: Sent("/"),
    Name("GET", "/health"): lambda _line: Sent("/health"),
    Name("GET", "/orders/{order_id}"): lambda line: Sent(f"/orders/{completed(line)}"),
    Name("GET", "/orders"): a_page_of_orders,
    Name("GET", "/subscriptions/{subscription_id}"): lambda line: Sent(f"/subscriptions/{line.subscribe()}"),
    Name("GET", "/products"): lambda line: Sent(f"/products?subscription-id={line.subscribe('extra')}"),
    Name("GET", "/product-offerings"): lambda _line: Sent("/product-offerings"),
    Name("GET", "/subscribers/{subscriber_id}"): lambda line: Sent(f"/subscribers/{subscriber(line)}"),
    Name("GET", "/accounts/{account_id}"): lambda line: Sent(f"/accounts/{account(line)}"),
    Name("GET", "/sim-profiles/{sim_profile_id}"): lambda line: Sent(f"/sim-profiles/{sim(line)}"),
    Name("GET", "/events"): events,
    Name("GET", "/webhooks"): webhooks,
    Name("GET", "/qrcode/v1/esim/{lpa}"): lambda _line: Sent(f"/qrcode/v1/esim/{LPA}"),
}
"""A request to each door that reads."""
CREATE = Name("POST", "/orders/activate-subscription")
READ = Name("GET", "/orders/{order_id}")
LIST = Name("GET", "/orders")
WRITES = (
    *(Name("POST", f"/orders/{name}") for name in ORDERS),
    Name("POST", "/orders"),
    Name("POST", "/orders/{order_id}/cancel"),
    Name("POST", "/subscriptions/{subscription_id}/suspend"),
    Name("POST", "/products/{product_id}/cancel"),
    Name("PATCH", "/product-offerings/{offering_id}"),
    Name("POST", "/subscribers"),
    Name("POST", "/accounts"),
    Name("POST", "/webhooks"),
    Name("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry"),
    Name("POST", "/sim-profiles/reserve"),
)
MEASURED: dict[Name, Callable[[Timeline], Sent]] = {name: REQUESTS[name] for name in WRITES} | READS
