"""Requests of partners, as the gateway hands them over; a partner asks again until there is an answer."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from functions.routes import ROUTES, SCOPES
from infra.local.functions import Functions
from infra.local.gateway_calls import Call, proxy_event
from infra.local.messages import HttpRequest
from infra.local.paths import resource_of
from tests.simulation.failure import demand
from tests.simulation.scheduler import LATENCY, START, Message, Scheduler, nothing
from tests.support.description import check_answer
from tests.support.store import Item

BY_PATH = {(route.method, route.path): route for route in ROUTES}
CONTEXT = {"scopes": " ".join(SCOPES)}
TRIES = 60
"""How often a request is sent: for less than the day for which its key is remembered."""
CHECKED = 50
"""One answer in so many is held against the API's description."""
KNOWN = {200, 201, 202, 204, 400, 404, 409}
"""What a partner that keeps to the contract is answered, sooner or later."""
Judge = Callable[[int, Any], object]


class Unanswered(Exception):
    """The partner knows nothing but that it may try again."""


@dataclass
class Asked:
    """A request, and all its answers."""

    partner: str
    method: str
    path: str
    body: Item | None = None
    key: str = ""
    name: str = ""
    """Its correlation id."""
    at: datetime = START
    judge: Judge = nothing
    """What the partner makes of each answer."""
    answers: list[tuple[int, Any]] = field(default_factory=list)

    @property
    def accepted(self) -> tuple[int, Any] | None:
        """The first answer that says that it was carried out."""
        return next((answer for answer in self.answers if answer[0] < 300), None)

    @property
    def refused(self) -> bool:
        """Whether it was answered, and never accepted."""
        return bool(self.answers) and self.accepted is None

    def headers(self) -> list[tuple[str, str]]:
        """Its headers."""
        keyed = [("Idempotency-Key", self.key)] if self.key else []
        return [("Content-Type", "application/json"), ("Correlation-Id", self.name), *keyed]

    def __str__(self) -> str:
        """Return it in words."""
        said = f"{self.partner} asks {self.method} {self.path}"
        return said + (f" {json.dumps(self.body)}" if self.body else "")


class Gateway:
    """Takes requests of all partners."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._functions = Functions()
        self._sent = 0
        self.asked: list[Asked] = []

    def ask(self, asked: Asked, after: timedelta = LATENCY) -> None:
        """Let a request come until it is answered."""
        asked.name, asked.at = f"request {len(self.asked)}", self._scheduler.now
        self.asked.append(asked)
        self.ask_again(asked, after)

    def ask_again(self, asked: Asked, after: timedelta = LATENCY) -> None:
        """Let the same request come once more."""
        self._scheduler.send(Message("request", lambda: self._answer(asked), tries=TRIES, about=str(asked)), after)

    def get(self, partner: str, target: str) -> Any:
        """Return what is there, or nothing."""
        answer = self.send(partner, HttpRequest("GET", target))
        return json.loads(answer["body"]) if answer["statusCode"] == 200 else None

    def send(self, partner: str, request: HttpRequest) -> Item:
        """Return what the function answers."""
        self._sent += 1
        resource, parameters = resource_of(request.path)
        route = BY_PATH[request.method, resource]
        call = Call(request, f"r{self._sent}", self._scheduler.now.timestamp(), resource, parameters, route)
        if route.acts_outside:
            self._scheduler.running[-1].alone = True
        event = proxy_event(call, CONTEXT | {"partner": partner})
        answer: Item = self._functions.invoke(f"functions.{route.module}", event)
        if self._sent % CHECKED == 0:
            body = answer["body"].encode()
            check_answer(request.method, request.path, answer["statusCode"], answer["headers"], body)
        return answer

    def _answer(self, asked: Asked) -> str:
        """Answer the partner, who holds it against what it was answered before."""
        content = b"" if asked.body is None else json.dumps(asked.body).encode()
        answer = self.send(asked.partner, HttpRequest(asked.method, asked.path, asked.headers(), content))
        status, body = answer["statusCode"], json.loads(answer["body"] or "null")
        codes = [error["code"] for error in (body or {}).get("errors", ())] if status >= 400 else []
        said = " ".join(map(str, (status, *codes)))
        replayed = answer["headers"].get("Idempotent-Replayed")
        self._scheduler.tell(f"answer {status}", asked, "->", said, "(replayed)" if replayed == "true" else "")
        self._scheduler.happened.update([*(f"code {code}" for code in codes), f"replayed: {replayed}"])
        if status >= 500 or status == 429:
            raise Unanswered(said)
        demand(status in KNOWN, "answers are such as the contract knows", f"{asked}: {status} {body}")
        if asked.key and asked.accepted:
            same = replayed == "true" and (status, body) == asked.accepted
            demand(same, "a request under a key is carried out once and has one answer", f"{asked}: {status} {body}")
        asked.judge(status, body)
        asked.answers.append((status, body))
        return said
