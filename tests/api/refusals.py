"""What a request with a fault is answered."""

from typing import Any

from tests.support.client import Client


def refusal(client: Client, method: str, path: str, body: Any) -> list[tuple[str, str]]:
    """Codes and pointers of a refused request."""
    answer = client.send(method, path, body)
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json"), answer.json()
    return [(error["code"], error["pointer"]) for error in answer.json()["errors"]]


def invalid(*pointers: str) -> list[tuple[str, str]]:
    """What is said of members that have a wrong shape."""
    return [("constraint_validation_error", pointer) for pointer in pointers]
