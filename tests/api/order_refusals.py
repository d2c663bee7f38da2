"""Orders that are refused."""

from typing import Any

from tests.support.shop import Shop


def refusal(shop: Shop, body: Any, path: str = "/orders", status: int = 400) -> list[tuple[str, str | None]]:
    """The codes and pointers of a refused order."""
    answer = shop.client.post(path, body)
    problem = answer.json()
    assert (answer.status, problem["status"]) == (status, status), problem
    assert answer.headers["Content-Type"] == "application/problem+json"
    return [(fault["code"], fault.get("pointer")) for fault in problem["errors"]]
