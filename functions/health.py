"""``GET /health``: the API answers."""

from functions.shared.http import Request, Response, door


def get_health(_request: Request) -> Response:
    """Answer 200, without a token and without reading anything."""
    return Response(200, {"status": "ok"})


handler = door(__name__)
