"""``GET /sim-profiles/{id}/secret-codes``: the PIN and PUK of a SIM (contract §7)."""

from functions.shared import table
from functions.shared.http import Request, Response, door
from functions.shared.links import link
from functions.shared.observability import logger
from functions.shared.refusals import Refusal
from functions.sim_profiles.secret_codes import SealedCodes, unseal
from functions.sim_profiles.sim_profile import SimProfile


def get_secret_codes(request: Request) -> Response:
    """Return the codes; the log says which client has read those of which SIM.

    Raise a 404 if this partner does not have the SIM profile, or it was loaded without codes.
    """
    request.find(SimProfile)
    sim_id = request.params["sim_profile_id"]
    kept = table.read(SealedCodes, request.partner, sim_id)
    if kept is None:
        raise Refusal(404, "This SIM profile has no secret codes.")
    codes = unseal(request.partner, sim_id, kept)
    logger.info("Secret codes were read.", extra={"sim_profile_id": sim_id})
    links = {"self": link(f"/sim-profiles/{sim_id}/secret-codes")}
    return Response(200, codes.model_dump() | {"_links": links})


handler = door(__name__)
