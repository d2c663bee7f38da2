"""What a door does before and after its operation: headers, keys, marks (contract §1)."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from time import sleep

import pytest

from functions import not_found
from functions.routes import Route
from functions.shared import clock, dynamodb, table
from functions.shared.dynamodb import Conflict
from functions.shared.http import Request, Response, serve
from functions.shared.idempotency import IdempotencyKey
from functions.shared.records import Key
from functions.shared.refusals import Refusal, invalid
from tests.unit.doors import FETCH, MAKE, Answer, Memory, Thing, ask, event, fetch, make, open_to_all

Headers = Sequence[tuple[str, str]]

VERSION = "2026-02-05"


@pytest.fixture
def memory(monkeypatch: pytest.MonkeyPatch) -> Memory:
    memory = Memory()
    monkeypatch.setattr(table, "get_committed_item", memory.get)
    monkeypatch.setattr(dynamodb, "pauses", lambda _attempts=None: iter([0.0] * 5))
    return memory


@pytest.mark.parametrize("written", ["k1", "k1 ", " k1", "\tk1 \t "])
def test_blanks_around_a_value_are_no_part_of_it(written: str) -> None:
    answer = ask(make, ("idempotency-key", written), ("Api-Version", f" {VERSION} "), ("Correlation-Id", " mine "))
    assert answer.body == ask(make, ("Idempotency-Key", "k1")).body
    assert (answer.headers["Idempotency-Key"], answer.headers["Correlation-Id"]) == ("k1", "mine")


def test_blanks_within_a_value_are() -> None:
    assert ask(make, ("Idempotency-Key", "k 1")).body != ask(make, ("Idempotency-Key", "k1")).body


@pytest.mark.parametrize("name", ["Idempotency-Key", "Api-Version"])
def test_a_header_twice_is_one_if_its_values_agree(name: str) -> None:
    assert ask(make, (name, VERSION), (name, f"{VERSION} "), (name.lower(), VERSION)).status == 200
    refused = ask(make, (name, VERSION), (name.upper(), "other"))
    assert refused.status == 400
    assert name in refused.body["errors"][0]["detail"]
    assert "Idempotency-Key" not in refused.headers


def test_of_correlation_ids_the_first_counts() -> None:
    answer = ask(make, ("Correlation-Id", "first"), ("Correlation-Id", "second"))
    assert (answer.status, answer.headers["Correlation-Id"]) == (200, "first")


TOKENS = ("Authorization", "Bearer a"), ("authorization", "Bearer b")


def test_two_tokens_are_none() -> None:
    for answer in (ask(make, *TOKENS, body=b"{"), Answer(not_found.handler(event(MAKE, TOKENS), None))):
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.body["title"] == "Unauthorized"
    assert ask(make, TOKENS[0], TOKENS[0]).status == 200
    assert open_to_all(*TOKENS).status == 200


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "br", "identity, gzip", "x-unknown"])
@pytest.mark.parametrize("body", [b"", b"{}"])
def test_a_coded_body_is_not_taken(coding: str, body: bytes) -> None:
    answer = ask(make, ("Content-Encoding", coding), body=body)
    assert (answer.status, answer.headers["Accept-Encoding"]) == (415, "identity")


@pytest.mark.parametrize("coding", ["identity", " Identity", "identity, identity", ""])
def test_a_body_as_it_is_is_taken(coding: str) -> None:
    assert ask(make, ("Content-Encoding", coding)).status == 200


def test_two_types_are_not_taken() -> None:
    assert ask(make, ("content-type", "text/plain")).status == 415
    assert ask(make, ("content-type", "application/json; charset=utf-8")).status == 200


@pytest.mark.parametrize("key", ["", "   ", "a\0b", "\x1b[2J", "a\r\n b", "a\tb", "k\u00e9y", "\u202e", "x" * 256])
def test_a_key_that_cannot_be_one_is_not_given_back(key: str) -> None:
    answer = ask(make, ("Idempotency-Key", key))
    assert (answer.status, answer.about_key) == (400, {"Idempotent-Retriable": "false"})
    assert "Idempotency-Key" in answer.body["errors"][0]["detail"]


@pytest.mark.parametrize("given", ["\x1b[2J", "\u202e", "x" * 9000])
def test_no_answer_repeats_what_a_terminal_would_obey(given: str) -> None:
    answer = ask(make, ("Api-Version", given), ("Correlation-Id", given), body=json.dumps({given: 1}).encode())
    assert given not in json.dumps(answer.body["detail"], ensure_ascii=False) + str(answer.headers)
    answer = ask(make, body=json.dumps({"size": given, given: 1}).encode())
    assert all(text.isprintable() for fault in answer.body["errors"] for text in fault.values())


def fail(request: Request, body: Thing) -> Response:
    """An operation that has a fault of ours."""
    raise RuntimeError


def refuse(request: Request, body: Thing) -> Response:
    """One that refuses."""
    raise Refusal(404, "There is no such \x1bthing.")


@pytest.mark.parametrize(("operation", "status"), [(make, 200), (refuse, 404), (fail, 500)])
def test_marks_of_every_answer(operation: Callable[..., Response], status: int) -> None:
    answer = ask(operation)
    assert answer.status == status
    marks = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Api-Version": VERSION}
    assert answer.headers.items() >= marks.items()
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "\x1b" not in str(answer.body)


def test_an_operation_may_let_its_answer_be_kept() -> None:
    def keep(request: Request, body: Thing) -> Response:
        return Response(200, {}, {"Cache-Control": "max-age=60"})

    assert ask(keep).headers["Cache-Control"] == "max-age=60"


@pytest.mark.parametrize("written", ["100", "100.0", "1e2", "1.0E+2", "10000e-2", "100.00000000000000000000"])
def test_a_number_is_its_value(written: str) -> None:
    answer = ask(make, body=b'{"size": %s}' % written.encode())
    assert (answer.status, answer.body["size"]) == (200, 100)
    keys = [IdempotencyKey(Key("", "")).for_body({"size": 100}), _key_of(b'{"size": %s}' % written.encode())]
    assert len({key.fingerprint for key in keys}) == 1


def _key_of(body: bytes) -> IdempotencyKey:
    seen: list[IdempotencyKey] = []

    def note(request: Request, body: Thing) -> Response:
        assert request.key
        seen.append(request.key)
        return Response(200, {})

    assert ask(note, ("Idempotency-Key", "k1"), body=body).status == 200
    return seen[0]


KEY = ("Idempotency-Key", "k1")
REPLAYED = {"Idempotency-Key": "k1", "Idempotent-Replayed": "true"}


@pytest.mark.parametrize("refusal", [invalid(), Refusal(404, "No."), Refusal(409, "No.")])
def test_a_request_is_not_refused_because_of_its_own_first_try(memory: Memory, refusal: Refusal) -> None:
    """What the operation read showed the first try's effect, but not its key."""

    def torn(request: Request, body: Thing) -> Response:
        memory.remember(request.key)
        raise refusal

    answer = ask(torn, KEY)
    assert (answer.status, answer.body, answer.about_key) == (201, {"first": True}, REPLAYED)
    assert answer.headers["Location"] == "/things/1"
    assert memory.asked == 1


def test_a_refusal_stands_if_the_key_was_not_used(memory: Memory) -> None:
    assert (ask(refuse, KEY).status, memory.asked) == (404, 1)
    assert ask(refuse, KEY).about_key == {"Idempotency-Key": "k1", "Idempotent-Retriable": "false"}


def test_a_refusal_stands_if_the_key_has_expired(memory: Memory) -> None:
    def late(request: Request, body: Thing) -> Response:
        memory.remember(request.key, clock.iso(clock.machine_time()))
        raise Refusal(404, "No.")

    assert ask(late, KEY).status == 404


@pytest.mark.parametrize("body", [b'{"size": 2}', b'{"size": "two"}', b'{"sise": 1}', b"{", b"[]"])
def test_another_body_is_refused_before_its_faults(memory: Memory, body: bytes) -> None:
    memory.remember(_key_of(b'{"size": 1}'))

    def taken(request: Request, body: Thing) -> Response:
        raise Conflict

    assert ask(taken, KEY, body=body).status == 422


def test_a_body_that_was_taken_once_is_answered_though_it_has_faults_now(memory: Memory) -> None:
    key = _key_of(b"{}")
    memory.remember(IdempotencyKey(key.storage_key).for_body({"color": "red"}))
    assert ask(make, KEY, body=b'{"color": "red"}').status == 201


def test_without_a_key_or_before_it_is_understood_nothing_is_looked_up(memory: Memory) -> None:
    ask(refuse)
    ask(refuse, KEY, ("Content-Encoding", "gzip"))
    ask(refuse, KEY, ("Api-Version", "1"))
    ask(refuse, KEY, body=b'"' + b"x" * 256 * 1024 + b'"')
    assert memory.asked == 0


def test_an_operation_that_reads_nothing_replays_after_a_conflict(memory: Memory) -> None:
    tries = []

    def create(request: Request, body: Thing) -> Response:
        tries.append(request)
        if len(tries) == 3:
            memory.remember(request.key)
        raise Conflict

    assert (ask(create, KEY).status, len(tries)) == (201, 3)


def test_what_acts_outside_the_table_acts_once_under_a_key_also_for_two_at_once(memory: Memory) -> None:
    acted = []

    def act(request: Request, body: Thing) -> Response:
        acted.append(body)
        sleep(0.05)
        memory.remember(request.key)
        return Response(201, {"first": True}, {"Location": "/things/1"})

    outside = Route("POST", "/things", "things", "act", "things/write", acts_outside=True)
    handler = serve({outside: act})
    together = Barrier(4)

    def post(_number: int) -> Answer:
        together.wait(timeout=10)
        return Answer(handler(event(outside, [KEY]), None))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(post, range(4)))
    assert [answer.status for answer in answers] == [201] * 4
    assert sorted(answer.headers["Idempotent-Replayed"] for answer in answers) == ["false"] + ["true"] * 3
    assert len(acted) == 1


def test_the_tables_client_is_made_before_the_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the door is imported, not by the first request; what is open to all has none."""
    made: list[str] = []
    monkeypatch.setattr(dynamodb, "client", lambda: made.append("client"))
    serve({FETCH: fetch})
    assert made == []
    serve({MAKE: make})
    assert made == ["client"]
