"""Who asks for what, and what is answered: the one read and the one write of a request (contract §1)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from functions.routes import Route
from functions.shared import idempotency
from functions.shared.answers import Response
from functions.shared.dynamodb import Conflict
from functions.shared.headers import Headers
from functions.shared.records import Found, Key, R, Wanted
from functions.shared.refusals import Refusal
from functions.shared.table import read_all
from functions.shared.transaction import Transaction


def existing(model: type[R], record: R | None) -> R:
    """Return the record that a path names. Raise a 404 if there is none."""
    if record is None:
        words = model.KIND.replace("_", " ").replace("sim ", "SIM ")
        raise Refusal(404, f"There is no {words} with this id.")
    return record


@dataclass(frozen=True)
class Request:
    """Who asks for what. ``partner`` comes from the token alone."""

    partner: str
    route: Route
    path: str
    params: Mapping[str, str]
    headers: Headers
    correlation_id: str
    key: idempotency.IdempotencyKey | None = None

    @contextmanager
    def answered_once(self) -> Iterator[None]:
        """Look the key up before a refusal, and before another attempt after a conflict.

        What prevents the write may be the effect of this request's own first try: a batched read is no snapshot and
        may show that effect without the key (contract §1). Raise what :meth:`replay` raises.
        """
        try:
            yield
        except (Refusal, Conflict):
            self.replay()
            raise

    def replay(self) -> None:
        """Raise :class:`~functions.shared.idempotency.Replay` or a 422 if the key was used before."""
        if self.key:
            self.key.look_up()

    def read(self, wanted: Wanted, keys: Sequence[Key] = ()) -> Found:
        """Do the one batched read of a request that writes.

        It reads the idempotency key too, so that a repeated request costs no write.
        """
        found = read_all(self.partner, wanted, [*keys, *([self.key.storage_key] if self.key else [])])
        if self.key:
            self.key.check(found)
        return found

    def find(self, model: type[R]) -> R:
        """Return the record that the path names. Raise a 404 if this partner does not have it."""
        (record_id,) = self.params.values()
        return existing(model, self.read({model: [record_id]}).get(model, record_id))

    def commit(self, change: Transaction, response: Response) -> Response:
        """Do the one write of a request: the change and, with a key, the remembered answer."""
        if self.key:
            self.key.remember(change, response.status, response.body, response.headers)
        change.commit()
        return response

    def create(self, record: R, show: Callable[[R], dict[str, Any]]) -> Response:
        """Do the one write of a POST that only makes a record; return the record with its ``Location``."""
        change = Transaction()
        change.create(record)
        shown = show(record)
        return self.commit(change, Response(201, shown, {"Location": shown["_links"]["self"]["href"]}))

    def update(self, before: R, after: R, show: Callable[[R], dict[str, Any]]) -> Response:
        """Do the one write of a PATCH, if anything has changed; return the record as it is then."""
        change = Transaction()
        if after != before:
            change.update(after)
        return self.commit(change, Response(200, show(after)))
