"""The parameters of a path, from what was sent to what an operation gets."""

import pytest

from functions.routes import Route
from functions.shared.http import Response, serve
from infra.local.paths import resource_of
from tests.unit.doors import Answer, event


@pytest.mark.parametrize(
    ("sent", "meant"), [("a%20b", "a b"), ("%252F", "%2F"), ("%2F", "/"), ("+", "+"), ("%2B", "+")]
)
def test_a_parameter_of_a_path_is_decoded_once(sent: str, meant: str) -> None:
    """API Gateway hands it over as it was sent, and so does the gateway on one machine."""
    resource, parameters = resource_of(f"/orders/{sent}")
    assert (resource, parameters) == ("/orders/{order_id}", {"order_id": sent})
    route = Route("GET", resource, "things", "fetch", None)
    door = serve({route: lambda request: Response(200, dict(request.params))})
    answer = Answer(door(event(route) | {"pathParameters": parameters}, None))
    assert answer.body == {"order_id": meant}
