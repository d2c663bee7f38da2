"""``GET /sim-profiles/{id}``."""

from functions.shared import table
from functions.shared.http import Request, Response, door
from functions.shared.refusals import not_found
from functions.sim_profiles.sim_profile import SimProfile, show_sim_profile


def get_sim_profile(request: Request) -> Response:
    """The SIM profile. Raises a 404 for one that this partner does not have."""
    profile = table.read(SimProfile, request.partner, request.params["sim_profile_id"])
    if profile is None:
        raise not_found("SIM profile")
    return Response(200, show_sim_profile(profile))


handler = door(__name__)
