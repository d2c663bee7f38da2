"""``POST /sim-profiles/reserve``: hold a physical SIM for 24 hours (contract §7)."""

from pydantic import Field

from functions.shared import table
from functions.shared.http import Request, Response, door
from functions.shared.links import link
from functions.shared.refusals import Code, Fault, Refusal, invalid, refuses
from functions.shared.shapes import Shape
from functions.shared.transaction import Transaction
from functions.sim_profiles import reservations, stock
from functions.sim_profiles.sim_profile import Reservation, SimProfile, activation_code_key, show_sim_profile


class Reserve(Shape):
    """The code printed on the card."""

    activation_code: str = Field(min_length=1, max_length=100)


@refuses(Code.ACTIVATION_CODE_NOT_USABLE)
def reserve(request: Request, body: Reserve) -> Response:
    """Reserve the SIM; if this partner has already reserved it, extend the reservation by another 24 hours.

    Raise a 400 ``activation_code_not_usable`` if the code is unknown or taken.
    """
    profile = _find(request, body.activation_code)
    change = Transaction()
    if profile.status == "in_stock":
        reservations.begin(change, profile)
    else:
        reservations.prolong(change, profile, _unused(profile))
    location = {"Location": link(f"/sim-profiles/{profile.id}")["href"]}
    return request.commit(change, Response(201, show_sim_profile(profile), location))


def _find(request: Request, activation_code: str) -> SimProfile:
    """Return the SIM with this code. Raise a 400 if there is none."""
    code = activation_code_key(request.partner, activation_code)
    known = request.read({}, [code]).item(code)
    profile = table.read(SimProfile, request.partner, known["sim_profile_id"]) if known else None
    if profile is None:
        raise _not_usable()
    return profile


def _unused(profile: SimProfile) -> Reservation:
    """Return the SIM's reservation. Raise a 400 if an order holds it."""
    reservation = stock.reservation_of(profile)
    if reservation is None or reservation.order_id:
        raise _not_usable()
    return reservation


def _not_usable() -> Refusal:
    detail = "No SIM can be reserved with this activation code: it is unknown or already taken."
    return invalid(Fault(Code.ACTIVATION_CODE_NOT_USABLE, detail, "$.activation_code"))


handler = door(__name__)
