"""The maximum size of an order: its products must fit into one request to the network and one record (contract §1)."""

from collections.abc import Iterator

from functions.catalog.offering import Offering
from functions.network.requests import sold
from functions.orders.contents import lines_of
from functions.orders.requests import OrderRequest, Purchase, offerings_of
from functions.shared.documents import packed_size
from functions.shared.records import Found
from functions.shared.refusals import Code, Fault, refuses
from functions.shared.sizes import json_size

MAX_REQUEST = 200 * 1024
"""Of the request to the network. The limit of Step Functions states and EventBridge events is 256 KB, and the cause
(32,768 characters) that Step Functions adds when a state fails must fit as well."""
REQUEST_ROOM = 3 * 1024
"""For the rest of the request: a reply token of up to 2,048 characters, ids and the SIM."""
MAX_ORDER = 400 * 1024
"""Of an item of the table; repetitions take little room, since an order is compressed."""
ORDER_ROOM = 8 * 1024
"""For the rest of an order: ids, keys, and what is added while it is carried out."""
MAX_PRODUCT = 50_000
"""Of a product as JSON: 40 of them must fit into one response, and 40 with as many events into one transaction (4 MB),
where they are compressed."""


@refuses(Code.TOO_LARGE)
def check_size(body: OrderRequest, found: Found) -> Iterator[Fault]:
    """Yield a fault if the products are too large; nothing if an offering is missing, which is another fault."""
    if not isinstance(body, Purchase) or not all(_is_there(body, found)):
        return
    lines = lines_of(body.products, found)
    kept = [line.model_dump_json(exclude_none=True) for line in lines]
    order = body.model_dump_json(include={"invoice"}) + ",".join(kept)
    room = MAX_ORDER - ORDER_ROOM
    for size, maximum, what in (
        (json_size(sold(lines)), MAX_REQUEST - REQUEST_ROOM, "The request to the mobile network for these products"),
        (packed_size(order, room), room, "The record of these products"),
        (max(len(line.encode()) for line in kept), MAX_PRODUCT, "The record of one of these products"),
    ):
        if size > maximum:
            yield Fault(Code.TOO_LARGE, f"{what} is {size:,} bytes; the maximum is {maximum:,}.", "$.products")
            return


def _is_there(body: Purchase, found: Found) -> Iterator[bool]:
    return (found.get(Offering, offering_id) is not None for offering_id in offerings_of(body.products)[Offering])
