"""How much one order may sell: the network is told of it all at once, and it is kept with the order (contract §1)."""

from collections.abc import Iterator

from functions.catalog.offering import Offering
from functions.orders.kind import lines_of
from functions.orders.network_requests import sold
from functions.orders.order import Line
from functions.orders.requests import OrderRequest, Purchase, offerings_of
from functions.shared.records import Found
from functions.shared.refusals import Code, Fault
from functions.shared.sizes import json_size, stored_size

MAX_REQUEST = 200 * 1024
"""Of what the network is asked. Step Functions takes 256 KB as a state and EventBridge as an event; what the former
adds when a state fails (a cause of 32,768 characters) must fit as well."""
REQUEST_ROOM = 3 * 1024
"""For all of the request but the products: a reply token of up to 2,048 characters, ids and the SIM."""
MAX_ORDER = 400 * 1024
"""Of an item of the table."""
ORDER_ROOM = 8 * 1024
"""For all of an order but its products and its invoice: ids, keys, and what is noted while it is carried out."""
MAX_PRODUCT = 40_000
"""Of one product as it is kept: 40 of them and as many events that show them change in one transaction of 4 MB."""


def check_size(body: OrderRequest, found: Found) -> Iterator[Fault]:
    """What the order sells fits, also once it is carried out; nothing to say while one of its offerings is missing."""
    if not isinstance(body, Purchase) or not all(_is_there(body, found)):
        return
    lines = lines_of(body.products, found)
    invoice = stored_size(body.model_dump(mode="json", include={"invoice"}, exclude_none=True))
    request, kept = json_size(sold(lines)), [_kept(line) for line in lines]
    for size, most, what in (
        (request, MAX_REQUEST - REQUEST_ROOM, "What the mobile network must be told of these products"),
        (sum(kept), MAX_ORDER - ORDER_ROOM - invoice, "What is kept of these products"),
        (max(kept), MAX_PRODUCT, "What is kept of one of these products"),
    ):
        if size > most:
            yield Fault(Code.TOO_LARGE, f"{what} has {size:,} bytes; there is room for {most:,}.", "$.products")
            return


def _is_there(body: Purchase, found: Found) -> Iterator[bool]:
    return (found.get(Offering, offering_id) is not None for offering_id in offerings_of(body.products)[Offering])


def _kept(line: Line) -> int:
    return stored_size(line.model_dump(mode="json", exclude_none=True)) + 1
