"""``GET /sim-profiles/{id}``."""

from functions.shared.http import Request, Response, door
from functions.sim_profiles.sim_profile import SimProfile, show_sim_profile


def get_sim_profile(request: Request) -> Response:
    """Return the SIM profile. Raise a 404 if this partner does not have it."""
    return Response(200, show_sim_profile(request.find(SimProfile)))


handler = door(__name__)
