"""The local gateway's own answers (infra/gateway_answers.py)."""

import json

from infra.gateway_answers import headers, problem
from infra.local.messages import HttpResponse


class Refused(Exception):
    """The gateway answers by itself; over a limit, with the limit's ``rate`` and the moment ``at`` which it is over."""

    def __init__(self, status: int, detail: str | None = None, *, rate: int = 0, at: float = 0) -> None:
        super().__init__(status)
        self.status = status
        self.detail = detail
        self.rate = rate
        self.at = at

    def answer(self, request_id: str) -> HttpResponse:
        """Return what is sent."""
        named = headers(self.status, self.rate) | {"Correlation-Id": request_id}
        if self.status == 429:
            named["x-rate-limit-reset"] = str(int(self.at * 1000))
        return HttpResponse(self.status, named, json.dumps(problem(self.status, request_id, self.detail)).encode())
