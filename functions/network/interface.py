"""The sources and types of the events that the order system and the mobile network exchange on a bus of their own.

docs/operator.md describes the interface for the network's owner.
"""

ORDERS = "mobile-orders"
"""The source of partners' events and of our requests to the mobile network."""
NETWORK = "mobile-network"
"""The source of the mobile network's answers and reports."""

PROVISIONING_REQUESTED = "network.provisioning.requested"
DEPROVISIONING_REQUESTED = "network.deprovisioning.requested"
REQUESTS = (PROVISIONING_REQUESTED, DEPROVISIONING_REQUESTED)

PROVISIONING_SUCCEEDED = "network.provisioning.succeeded"
PROVISIONING_FAILED = "network.provisioning.failed"
DEPROVISIONING_SUCCEEDED = "network.deprovisioning.succeeded"
DEPROVISIONING_FAILED = "network.deprovisioning.failed"
ANSWERS = (PROVISIONING_SUCCEEDED, PROVISIONING_FAILED, DEPROVISIONING_SUCCEEDED, DEPROVISIONING_FAILED)


def reporting(report: str) -> str:
    """Return the event type of a report."""
    return f"network.{report}"


def reported(event_type: str) -> str:
    """Return the report of an event type."""
    return event_type.removeprefix("network.")


REPORTS = tuple(
    map(reporting, ("first_usage", "usage", "sim_installed", "sim_deleted", "country_changed", "terminated"))
)
"""Their shapes are in ``reports.py``."""
