"""What the sandbox serves beside the API (contract §9). No deployed system knows these routes."""

from functions.routes import ROUTES, Route, module_of

EVERY_TOKEN = ""

SANDBOX_ROUTES = (
    Route("GET", "/sandbox", "sandbox", "describe", None),
    Route("POST", "/sandbox/reset", "sandbox", "reset", EVERY_TOKEN, keyed=False),
    Route("POST", "/sandbox/partners", "sandbox", "add_partner", EVERY_TOKEN, acts_outside=True),
    Route("GET", "/sandbox/clock", "sandbox", "get_time", EVERY_TOKEN),
    Route("POST", "/sandbox/clock", "sandbox", "move_time", EVERY_TOKEN, acts_outside=True),
    Route("GET", "/sandbox/conditions", "sandbox", "get_conditions", EVERY_TOKEN),
    Route("POST", "/sandbox/conditions", "sandbox", "change_conditions", EVERY_TOKEN, acts_outside=True),
    Route("POST", "/sandbox/network-events", "sandbox", "report", EVERY_TOKEN, acts_outside=True),
)
LOCAL_ROUTES = ROUTES + SANDBOX_ROUTES
SANDBOX = module_of(SANDBOX_ROUTES[0])
"""The name of the function that serves them."""
