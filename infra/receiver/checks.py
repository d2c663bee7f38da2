"""What a receiver of webhooks must accept, and what it must refuse (docs/webhooks.md)."""

import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Literal

from functions.webhooks.post import Outcome
from infra.receiver.endpoint import Endpoint, Event, Headers, body_of, order_event

LARGE = 256 * 1_024
"""Characters; orders with many products come near."""
Send = Callable[[Endpoint], Iterable[Outcome]]
Wanted = Literal["accept", "refuse"]


@dataclass(frozen=True)
class Check:
    """What is sent, and what the receiver should do with each of it."""

    wanted: Wanted
    what: str
    send: Send

    def fault(self, endpoint: Endpoint) -> str | None:
        """Return what the receiver did instead, if anything."""
        for outcome in self.send(endpoint):
            if not self._is_wanted(outcome):
                return described(outcome)
        return None

    def _is_wanted(self, outcome: Outcome) -> bool:
        if self.wanted == "accept":
            return outcome.error is None
        return outcome.error == "http_status" and 400 <= (outcome.status_code or 0) < 500


CHECKS: list[Check] = []


def _check(wanted: Wanted, what: str) -> Callable[[Send], Send]:
    def add(send: Send) -> Send:
        CHECKS.append(Check(wanted, what, send))
        return send

    return add


def described(outcome: Outcome) -> str:
    """Return what the receiver did, in words."""
    if outcome.status_code is None:
        return {
            "refused_address": "webhooks are not sent there",
            "connection": "nothing listens there, or it cut the connection off",
            "timeout": "did not answer in time",
        }.get(outcome.error or "", f"did not answer ({outcome.error})")
    phrases = {status.value: f" {status.phrase}" for status in HTTPStatus}
    answer = f"answered {outcome.status_code}{phrases.get(outcome.status_code, '')}"
    if outcome.error in (None, "http_status"):
        return answer
    return f"{answer} ({'redirects are not followed' if outcome.error == 'redirect' else outcome.error})"


def another_secret() -> str:
    """Return a secret that the receiver does not know."""
    return b64encode(secrets.token_bytes(32)).decode()


@_check("accept", "an event")
def _event(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event())


@_check("accept", "the same event again")
def _again(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event()
    for _ in range(3):
        yield endpoint.send(event)


@_check("accept", "the same event several times at once")
def _at_once(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event()
    with ThreadPoolExecutor(4) as threads:
        return list(threads.map(lambda _: endpoint.send(event), range(4)))


@_check("accept", "the events of one order in the wrong order")
def _out_of_order(endpoint: Endpoint) -> Iterable[Outcome]:
    order_id = order_event()["data"]["order"]["id"]
    for sequence in (3, 1, 4, 2):
        yield endpoint.send(order_event(order_id=order_id, sequence=sequence))


@_check("accept", "an event that happened four days ago")
def _late(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event(at=datetime.now(UTC) - timedelta(days=4)))


@_check("accept", "a timestamp a minute ago or ahead")
def _nearly_in_time(endpoint: Endpoint) -> Iterable[Outcome]:
    for age in (60, -60):
        yield endpoint.send(order_event(), age=age)


@_check("accept", "a second signature, of a secret that replaced this one")
def _older_secret(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event(), another_secret(), endpoint.secret)


@_check("accept", "a second signature, of a secret that this one replaced")
def _newer_secret(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event(), endpoint.secret, another_secret())


@_check("accept", "a signature beside one of another version")
def _versions(endpoint: Endpoint) -> Iterable[Outcome]:
    yield _changed(endpoint, signature=lambda signature: f"v1a,{another_secret()} {signature}")


@_check("accept", "a type that it does not know")
def _unknown_type(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event("order.rediscovered"))
    yield endpoint.send(order_event("parcel.sent") | {"data": {"parcel": {"id": "parc_1"}}})


@_check("accept", "members that it does not know")
def _unknown_members(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event() | {"reason": {"code": "new"}}
    event["data"] |= {"reason": "new"}
    event["data"]["order"] |= {"reasons": ["new"]}
    yield endpoint.send(event)


@_check("accept", "characters outside ASCII")
def _characters(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(_with_reference("Zoë 😀 €"))


@_check("accept", f"a large event ({LARGE // 1_024} KiB)")
def _large(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(_with_reference("x" * LARGE))


@_check("accept", "another event while one comes slowly, and one more after that was cut off")
def _slow(endpoint: Endpoint) -> Iterable[Outcome]:
    with endpoint.half_sent(order_event()):
        yield endpoint.send(order_event())
    yield endpoint.send(order_event())


@_check("accept", "the whole of an event that was cut off before")
def _cut(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event()
    with endpoint.half_sent(event):
        pass
    yield endpoint.send(event)


@_check("accept", "an event whose id came with a wrong signature before")
def _forged(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event()
    endpoint.send(event, another_secret())
    yield endpoint.send(event)


@_check("refuse", "the signature of another secret")
def _other_secret(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event(), another_secret())


@_check("refuse", "a body that was changed after it was signed")
def _other_body(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event()
    headers = endpoint.signed(event, body_of(event))
    yield endpoint.deliver(headers, body_of(event | {"sequence": 5}))


@_check("refuse", "an id that was changed after it was signed")
def _other_id(endpoint: Endpoint) -> Iterable[Outcome]:
    yield _changed(endpoint, {"webhook-id": order_event()["id"]})


@_check("refuse", "a timestamp that was changed after it was signed")
def _other_timestamp(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event()
    headers = endpoint.signed(event, body_of(event), age=1)
    moment = str(int(headers["webhook-timestamp"]) + 1)
    yield endpoint.deliver(headers | {"webhook-timestamp": moment}, body_of(event))


@_check("refuse", "a timestamp ten minutes ago (a recorded request that somebody sends again)")
def _old(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event(), age=600)


@_check("refuse", "a timestamp ten minutes ahead")
def _ahead(endpoint: Endpoint) -> Iterable[Outcome]:
    yield endpoint.send(order_event(), age=-600)


@_check("refuse", "a timestamp that is not a number")
def _no_number(endpoint: Endpoint) -> Iterable[Outcome]:
    yield _changed(endpoint, {"webhook-timestamp": "today"})


@_check("refuse", "a signature that was cut short")
def _cut_short(endpoint: Endpoint) -> Iterable[Outcome]:
    yield _changed(endpoint, signature=lambda signature: signature[: len("v1,")])
    yield _changed(endpoint, signature=lambda signature: signature[: len("v1,abcd")])


@_check("refuse", "a signature of another version only")
def _other_version(endpoint: Endpoint) -> Iterable[Outcome]:
    yield _changed(endpoint, signature=lambda signature: signature.replace("v1,", "v2,"))


@_check("refuse", "a request without one of the three headers")
def _no_header(endpoint: Endpoint) -> Iterable[Outcome]:
    event = order_event()
    body = body_of(event)
    for missing in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        headers = endpoint.signed(event, body)
        del headers[missing]
        yield endpoint.deliver(headers, body)


def _changed(
    endpoint: Endpoint, headers: Headers | None = None, signature: Callable[[str], str] = lambda same: same
) -> Outcome:
    """Send an event with headers that are not those that were signed, or with another signature."""
    event = order_event()
    signed = endpoint.signed(event, body_of(event))
    signed["webhook-signature"] = signature(signed["webhook-signature"])
    return endpoint.deliver(signed | (headers or {}), body_of(event))


def _with_reference(text: str) -> Event:
    event = order_event()
    event["data"]["order"]["reference"] = text
    return event
