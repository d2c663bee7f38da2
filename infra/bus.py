"""The rules of the network's bus, for the stack and for the system on one machine."""

from dataclasses import dataclass

from functions.network import interface

FUNCTION_PAUSES = (60, 120)
"""How many seconds Lambda waits before each retry of an event on which a function failed."""
FUNCTION_RETRIES = len(FUNCTION_PAUSES)
"""How often it retries; after that, the event goes to the failure queue."""

SENDERS = 50
"""How many workers at most take messages from the queue of webhooks at a time."""
DELIVERY_TRIES = 5
"""How often a message of the queue of webhooks is received; after that, it goes to the failure queue."""


@dataclass(frozen=True)
class Rule:
    """Events of one source and these types invoke one function with the whole event."""

    name: str
    source: str
    detail_types: tuple[str, ...]
    module: str


NETWORK_ANSWERS = Rule(
    "network-answers",
    interface.NETWORK,
    interface.ANSWERS,
    "functions.events.answers",
)
NETWORK_REPORTS = Rule(
    "network-reports",
    interface.NETWORK,
    interface.REPORTS,
    "functions.events.reports",
)
SIMULATED_NETWORK = Rule(
    "simulated-network",
    interface.ORDERS,
    interface.REQUESTS,
    "functions.network.simulated",
)
