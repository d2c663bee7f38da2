"""``GET /qrcode/v1/esim/{lpa}``: the QR code by which a phone installs an eSIM (contract §5)."""

from io import BytesIO

import segno

from functions.shared.http import Request, Response, door
from functions.shared.refusals import Code, Fault, invalid
from functions.sim_profiles.lpa import MAX_LPA_LENGTH, is_lpa

PIXELS = 8
"""The width of a module; the image is about 350 pixels wide, which a phone can read from another screen."""
QUIET_ZONE = 4
"""In modules, as ISO/IEC 18004 requires."""


def get_qrcode(request: Request) -> Response:
    """Return the QR code of the LPA string in the path. Raise a 400 if it is not an LPA string."""
    lpa = request.params["lpa"]
    if not is_lpa(lpa):
        detail = (
            "The path parameter 'lpa' must have the form LPA:1$<SM-DP+ address>$<matching id>, "
            f"with at most {MAX_LPA_LENGTH} characters."
        )
        raise invalid(Fault(Code.CONSTRAINT_VALIDATION_ERROR, detail))
    return Response(200, _png(lpa), content_type="image/png")


def _png(text: str) -> bytes:
    picture = BytesIO()
    segno.make_qr(text, error="m").save(picture, kind="png", scale=PIXELS, border=QUIET_ZONE)
    return picture.getvalue()


handler = door(__name__)
