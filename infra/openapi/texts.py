"""What the description says of an operation beside what the code knows of it."""

from typing import NamedTuple


class Text(NamedTuple):
    """The words for one operation, and what it answers.

    ``answer`` is the name of a schema; of a list, ``<schema> <plural>``.
    """

    id: str
    tag: str
    summary: str
    description: str
    answer: str
    status: int = 200


TAGS = {
    "Orders": "Orders change subscriptions. An order is accepted at once and fulfilled in the background: read it, or "
    "listen to its events, until its status is final.",
    "Catalog": "What you can sell: product offerings, the catalogs that hold them, and where their allowances work.",
    "Customers": "Subscribers use subscriptions; accounts pay for them.",
    "Subscriptions": "What an activation creates: a subscription with its SIM and phone numbers.",
    "Products": "What a subscription holds of an offering, with balances and dates.",
    "SIM profiles": "eSIM profiles and physical SIM cards.",
    "Events": "What has changed: each transition of a resource, as it left the resource.",
    "Webhooks": "Where events are sent to, and what became of each. They are signed as Standard Webhooks are; "
    "`sequence` restores their order.",
    "API": "The API about itself. These operations need no token.",
}
