"""What must have happened in a batch of worlds, so that nothing was left out unnoticed."""

from collections import Counter
from collections.abc import Iterator

from functions.routes import ORDER_TYPES
from functions.shared.event import TYPES
from tests.simulation.deeds import DEEDS
from tests.simulation.network import SAYS
from tests.simulation.weather import KINDS, ONCE

BATCH = 1000
"""So many seeds are enough for all of it."""
ENDS = {
    "activate_subscription": "completed failed canceled expired",
    "topup_subscription": "completed failed",
    "cancel_subscription": "completed failed canceled",
    "swap_subscription_sim": "completed failed",
    "change_subscription_plan": "completed failed canceled",
    "cancel_subscription_products": "completed failed canceled",
}
REPORTS = ("usage", "first_usage", "country_changed", "sim_installed", "sim_deleted", "terminated")
MESSAGES = ("request", "stream", "prepare", "ask", "complete", "undo", "answer", "report", "queue")
CODES = (
    "constraint_validation_error invalid_state not_found no_active_plan reservation_not_usable subscription_not_active "
    "order_in_progress order_already_scheduled duplicate_reference activation_code_not_usable"
)


def wanted() -> Iterator[str]:
    """Yield the names of everything that must happen sometimes."""
    yield from (f"deed {name}" for name in DEEDS)
    yield from (f"{order_type} {end}" for order_type in ORDER_TYPES for end in ENDS[order_type].split())
    yield from (f"event {event}" for event in TYPES)
    yield from (f"report {kind}" for kind in REPORTS)
    yield from (f"fault {kind}" for kind in (*KINDS, "outage"))
    yield from (f"{message}: {way}" for message in MESSAGES for way in ("late", "newer code"))
    yield from (f"{message}: twice" for message in MESSAGES if message not in ONCE)
    yield from (f"network {says} (provision)" for says in ("accepts", *SAYS))
    yield from (f"network {says} (undo)" for says in ("accepts", *SAYS[:2]))
    yield from (f"endpoint: {said}" for said in ("taken", "http_status", "connection"))
    yield from (f"code {code}" for code in CODES.split())
    yield from ("replayed: true", "clock: late", "answer 409", "answer 500")


def missing(happened: Counter[str]) -> list[str]:
    """Return what has never happened."""
    return [name for name in wanted() if not happened[name]]
