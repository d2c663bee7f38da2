"""The resources of the API and which of them a path belongs to, as API Gateway finds it."""

from urllib.parse import unquote

from infra.gateway_body import ELSEWHERE, resources
from infra.local.routes import LOCAL_ROUTES


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path[1:].split("/")) if path != "/" else ()


RESOURCES = {_segments(path) for path in resources(route.path for route in LOCAL_ROUTES)}
"""Every resource by its segments."""
PARAMETERS = {template[:-1]: template[-1] for template in RESOURCES if template and template[-1].startswith("{")}
"""The parameter that follows a resource, where one does."""


def resource_of(path: str) -> tuple[str, dict[str, str]]:
    """Return the resource of an encoded path, with its parameters as they were sent.

    One slash at the end is ignored. An empty segment (``//orders``) and ``.`` are segments like any other: the
    path is not normalized before it is compared, and an encoded slash is part of its segment.
    """
    found: tuple[str, ...] = ()
    parameters: dict[str, str] = {}
    plain = path[:-1] if len(path) > len("//") and path.endswith("/") else path
    for encoded in _segments(plain):
        segment = unquote(encoded)
        parameter = PARAMETERS.get(found)
        if (*found, segment) in RESOURCES and segment != parameter:
            found = (*found, segment)
        elif parameter and segment:
            parameters[parameter[1:-1]] = encoded
            found = (*found, parameter)
        else:
            return ELSEWHERE, {"proxy": path[1:]}
    return "/" + "/".join(found), parameters
