"""The answers that requests in a race got."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

Item = dict[str, Any]


class Answer:
    """What a door answered."""

    def __init__(self, event: Item) -> None:
        self.status: int = event["statusCode"]
        self.headers: dict[str, str] = event["headers"]
        self.body: Item = json.loads(event["body"])

    @property
    def codes(self) -> list[str]:
        """The codes of its errors."""
        return [error["code"] for error in self.body.get("errors", [])]


def ids_of(answers: Iterable[Answer]) -> list[str]:
    """The orders that were accepted."""
    return [answer.body["id"] for answer in answers if answer.status == 201]


def outcomes(answers: Iterable[Answer]) -> Counter[tuple[Any, ...]]:
    """How often each status was answered, with the codes that went with it."""
    return Counter((answer.status, *answer.codes) for answer in answers)
