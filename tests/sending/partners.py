"""Receivers as partners build them: a good one, and some that have one fault each."""

import json
import re
import time
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import HTTPServer, ThreadingHTTPServer
from threading import Lock
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

Headers = dict[str, str]
Event = dict[str, Any]

NAMES = ("webhook-id", "webhook-timestamp", "webhook-signature")
MEMBERS = {"id", "type", "created_at", "sequence", "data"}


class Good:
    """Answers with a status what it has received."""

    server: type[HTTPServer] = ThreadingHTTPServer
    before_body: Callable[[Headers], None] = staticmethod(lambda _headers: None)

    def __init__(self, secret: str) -> None:
        self.webhook = Webhook(secret)
        self.seen: set[str] = set()

    def answer(self, headers: Headers, body: bytes) -> int:
        """Verify, and take what has not been taken before."""
        try:
            self.verify(headers, body)
        except (WebhookVerificationError, ValueError):
            return 401
        return self.take(json.loads(body))

    def verify(self, headers: Headers, body: bytes) -> None:
        """Raise an error if it is not genuine."""
        self.webhook.verify(body, headers)

    def take(self, event: Event) -> int:
        """Take an event that is genuine."""
        self.seen.add(event["id"])
        return 204


class RefusesDuplicates(Good):
    def take(self, event: Event) -> int:
        return 409 if event["id"] in self.seen else super().take(event)


class FailsOnRaces(Good):
    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.busy = Lock()

    def take(self, event: Event) -> int:
        if not self.busy.acquire(blocking=False):
            return 500
        time.sleep(0.05)
        self.busy.release()
        return 204


class WantsOrder(Good):
    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.sequences: dict[str, int] = {}

    def take(self, event: Event) -> int:
        resource = next(value["id"] for value in event["data"].values() if isinstance(value, dict))
        known = self.sequences.get(resource, 0)
        self.sequences[resource] = max(known, event["sequence"])
        return 204 if event["sequence"] >= known else 409


class RefusesLateEvents(Good):
    def take(self, event: Event) -> int:
        late = datetime.fromisoformat(event["created_at"]) < datetime.now(UTC) - timedelta(hours=1)
        return 410 if late else 204


class HasNoTolerance(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        super().verify(headers, body)
        if abs(int(headers["webhook-timestamp"]) - time.time()) > 30:
            raise WebhookVerificationError


class ReadsTheFirstSignatureOnly(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        first, *_ = headers.get("webhook-signature", "").split(" ")
        super().verify(headers | {"webhook-signature": first}, body)


class ReadsTheLastSignatureOnly(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        *_, last = headers.get("webhook-signature", "").split(" ")
        super().verify(headers | {"webhook-signature": last}, body)


class KnowsItsVersionOnly(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        super().verify(headers, body)
        if not all(each.startswith("v1,") for each in headers["webhook-signature"].split(" ")):
            raise WebhookVerificationError


class RefusesUnknownTypes(Good):
    def take(self, event: Event) -> int:
        return 204 if event["type"] == "order.completed" else 422


class RefusesUnknownMembers(Good):
    def take(self, event: Event) -> int:
        return 204 if set(event) == MEMBERS else 422


class ComparesReencoded(Good):
    """Verifies the body that it would have written itself."""

    def verify(self, headers: Headers, body: bytes) -> None:
        super().verify(headers, json.dumps(json.loads(body), separators=(",", ":")).encode())


class RefusesLargeBodies(Good):
    def answer(self, headers: Headers, body: bytes) -> int:
        return 413 if len(body) > 100_000 else super().answer(headers, body)


class ServesOneAtATime(Good):
    server = HTTPServer


class NotesTheIdTooEarly(RefusesDuplicates):
    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.begun: list[str] = []
        self.before_body = lambda headers: self.begun.append(headers.get("webhook-id", ""))

    def take(self, event: Event) -> int:
        once = self.begun.count(event["id"]) == 1 or event["id"] in self.seen
        self.seen.add(event["id"])
        return 204 if once else 409


class NotesTheIdOfForgeries(Good):
    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.forged: set[str] = set()

    def answer(self, headers: Headers, body: bytes) -> int:
        status = super().answer(headers, body)
        event_id = headers.get("webhook-id", "")
        if status == 401:
            self.forged.add(event_id)
        return 409 if event_id in self.forged and status == 204 else status


class VerifiesNothing(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        pass


class ComparesBeginnings(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        whole = self._expected(headers, body)
        if not any(whole.startswith(each) for each in headers.get("webhook-signature", "x").split(" ")):
            raise WebhookVerificationError
        super().verify(headers | {"webhook-signature": whole}, body)

    def _expected(self, headers: Headers, body: bytes) -> str:
        missing = [name for name in NAMES if name not in headers]
        if missing or not re.fullmatch("[0-9]+", headers["webhook-timestamp"]):
            raise WebhookVerificationError
        moment = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
        return self.webhook.sign(headers["webhook-id"], moment, body.decode())


class IgnoresTheVersion(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        signature = headers.get("webhook-signature", "")
        super().verify(headers | {"webhook-signature": signature.replace("v2,", "v1,")}, body)


class IgnoresTheTimestamp(ComparesBeginnings):
    def verify(self, headers: Headers, body: bytes) -> None:
        if self._expected(headers, body) not in headers.get("webhook-signature", "").split(" "):
            raise WebhookVerificationError


class IgnoresTheFuture(IgnoresTheTimestamp):
    def verify(self, headers: Headers, body: bytes) -> None:
        super().verify(headers, body)
        if int(headers["webhook-timestamp"]) < time.time() - 300:
            raise WebhookVerificationError


class ChecksTheFormOnly(Good):
    def verify(self, headers: Headers, body: bytes) -> None:
        if any(name not in headers for name in NAMES):
            raise WebhookVerificationError
        signatures = re.findall("v1,([^ ]*)", headers["webhook-signature"])
        if all(len(b64decode(each)) != 32 for each in signatures):
            raise WebhookVerificationError
        if abs(int(headers["webhook-timestamp"]) - time.time()) > 300:
            raise WebhookVerificationError


class FailsOnWords(Good):
    def answer(self, headers: Headers, body: bytes) -> int:
        words = not headers.get("webhook-timestamp", "0").isdigit()
        return 500 if words else super().answer(headers, body)


class FailsInsteadOfRefusing(Good):
    def answer(self, headers: Headers, body: bytes) -> int:
        return 500 if any(name not in headers for name in NAMES) else super().answer(headers, body)


class FailsOnAnythingWrong(Good):
    def answer(self, headers: Headers, body: bytes) -> int:
        return 500 if super().answer(headers, body) == 401 else 204


class Redirects(Good):
    def take(self, event: Event) -> int:
        return 302
