"""How much the random searches try."""

import os

EFFORT = int(os.environ.get("EFFORT", "1"))
"""How many times as much as in the run that every change must pass, which takes half a minute for it."""
