"""``GET /health``: the API answers."""

from functions.shared.http import Request, Response, door


def get_health(_request: Request) -> Response:
    """Needs no token and touches nothing."""
    return Response(200, {"status": "ok"})


handler = door(__name__)
