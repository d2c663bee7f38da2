"""What travels on the event bus and who receives it; read by the stack and by the system on one machine."""

from dataclasses import dataclass

OURS = "mobile-orders"
"""The source of the contract's events and of what we ask of the mobile network."""
NETWORK = "mobile-network"
"""The source of what the mobile network answers and reports."""
FUNCTION_RETRIES = 2
"""How often Lambda invokes a function again that has failed on an event; then the event goes to the failures' queue."""


@dataclass(frozen=True)
class Rule:
    """Events of one source and these types invoke one function with the whole event."""

    name: str
    source: str
    detail_types: tuple[str, ...]
    module: str


NETWORK_ANSWERS = Rule(
    "network-answers",
    NETWORK,
    tuple(f"network.{work}.{end}" for work in ("provisioning", "deprovisioning") for end in ("succeeded", "failed")),
    "functions.events.network",
)
NETWORK_REPORTS = Rule(
    "network-reports",
    NETWORK,
    tuple(
        f"network.{report}"
        for report in ("first_usage", "usage", "sim_installed", "sim_deleted", "country_changed", "terminated")
    ),
    "functions.events.reports",
)
SIMULATED_NETWORK = Rule(
    "simulated-network",
    OURS,
    ("network.provisioning.requested", "network.deprovisioning.requested"),
    "functions.events.simulated_network",
)
