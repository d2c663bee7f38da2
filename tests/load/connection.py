"""A partner's connection to the API, which keeps on asking until it is answered."""

import json
import time
from http.client import HTTPConnection, HTTPException
from typing import Any, NamedTuple
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 30
PAUSE_SECONDS = 0.5
MAX_TRIES = 20
"""How often a request is sent before a partner gives up."""
MAX_SHOWN = 200


class Answer(NamedTuple):
    """What a request was answered in the end; 0 if it was not."""

    status: int
    body: dict[str, Any]


class Connection:
    """Sends one request after the other; again, under its key, if only something on our side failed.

    One that does not ``insist`` takes a 429 for an answer.
    """

    def __init__(self, url: str, token: str, *, insist: bool) -> None:
        self._address = urlsplit(url).netloc
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._again = {0, 429} if insist else {0}
        self._wire = self._new()

    def get(self, path: str) -> Answer:
        """GET."""
        return self._send("GET", path, None, {})

    def post(self, path: str, body: dict[str, Any], key: str) -> Answer:
        """POST under a key."""
        return self._send("POST", path, json.dumps(body), {"Idempotency-Key": key})

    def close(self) -> None:
        """Close it."""
        self._wire.close()

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        answer = Answer(0, {})
        for _ in range(MAX_TRIES):
            answer = self._try(method, path, body, headers)
            if answer.status < 500 and answer.status not in self._again:
                break
            time.sleep(PAUSE_SECONDS)
        return answer

    def _try(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        try:
            self._wire.request(method, path, body, self._headers | headers)
            answer = self._wire.getresponse()
            return Answer(answer.status, json.loads(answer.read()))
        except (OSError, HTTPException) as error:
            self._wire.close()
            self._wire = self._new()
            return Answer(0, {"error": repr(error)[:MAX_SHOWN]})

    def _new(self) -> HTTPConnection:
        return HTTPConnection(self._address, timeout=TIMEOUT_SECONDS)
