"""Which addresses an attempt connects to."""

import socket
from itertools import cycle

import pytest

from functions.webhooks.post import Outcome, post
from tests.sending.attempts import full_backlog, send
from tests.support.receiver import OK, answering, receiving


def test_a_name_that_does_not_resolve() -> None:
    for error in (socket.gaierror(socket.EAI_NONAME, "unknown"), socket.gaierror(socket.EAI_AGAIN, "later")):

        def unknown(_name: str, error: OSError = error) -> list[str]:
            raise error

        outcome = post("https://example.com/", {}, b"", allow_private=True, resolve=unknown)
        assert (outcome.error, outcome.status_code) == ("dns", None)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_an_address_that_is_refused_shows_nothing_but_that() -> None:
    assert send("https://169.254.169.254/") == Outcome("refused_address", duration_ms=0)


def test_a_closed_port_is_a_failed_connection() -> None:
    assert send(f"http://127.0.0.1:{closed_port()}/").error == "connection"


def test_the_next_address_is_tried() -> None:
    with receiving(answering(OK)) as receiver:
        url = f"http://example.com:{receiver.port}/"
        outcome = post(url, {}, b"", allow_private=True, resolve=lambda _name: ["127.0.0.2", "::1", "127.0.0.1"])
    assert outcome.error is None
    assert f"Host: example.com:{receiver.port}".encode() in receiver.requests[0]


def test_an_address_that_does_not_answer_leaves_time_for_the_next() -> None:
    with full_backlog() as listener, socket.create_connection(listener.getsockname()[:2]):
        port = listener.getsockname()[1]
        with socket.create_server(("127.0.0.2", port)) as second:
            url = f"http://example.com:{port}/"
            outcome = post(
                url, {}, b"", allow_private=True, seconds=1, resolve=lambda _name: ["127.0.0.1", "127.0.0.2"]
            )
            second.setblocking(False)
            second.accept()[0].close()
    assert outcome.error == "timeout"


def test_four_addresses_are_tried_at_most() -> None:
    with receiving(answering(OK)) as receiver:
        names = [f"127.0.0.{last}" for last in (2, 3, 4, 5, 1)]
        url = f"http://example.com:{receiver.port}/"
        assert post(url, {}, b"", allow_private=True, resolve=lambda _name: names).error == "connection"
        assert post(url, {}, b"", allow_private=True, resolve=lambda _name: names[1:]).error is None


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "https://127.0.0.1:{port}/",
        "https://localhost:{port}/",
        "https://[::ffff:127.0.0.1]:{port}/",
        "https://2130706433:{port}/",
        "https://0x7f.1:{port}/",
        "https://0177.0.0.1:{port}/",
        "https://\uff11\uff12\uff17.0.0.1:{port}/",
        "https://127.0.0.1.:{port}/",
        "https://example.com@127.0.0.1:{port}/",
    ],
)
def test_a_deployed_stage_does_not_connect_to_the_inside(url: str) -> None:
    with receiving(answering(OK)) as inside:
        outcome = post(url.format(port=inside.port), {}, b"", allow_private=False)
    assert outcome == Outcome("refused_address")
    assert inside.connections == 0


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "2606:4700::1111"]])
def test_a_name_that_leads_inside_is_not_connected_to(addresses: list[str]) -> None:
    with receiving(answering(OK)) as inside:
        url = f"https://example.com:{inside.port}/"
        outcome = post(url, {}, b"", allow_private=False, resolve=lambda _name: addresses)
    assert outcome == Outcome("refused_address")
    assert inside.connections == 0


def test_a_name_that_answers_differently_the_second_time_is_not_asked_again() -> None:
    answers = cycle([["127.0.0.1"], ["169.254.169.254"]])
    asked: list[str] = []

    def rebinding(name: str) -> list[str]:
        asked.append(name)
        return next(answers)

    with receiving(answering(OK)) as receiver:
        url = f"http://example.com:{receiver.port}/"
        assert post(url, {}, b"", allow_private=True, resolve=rebinding).error is None
        assert asked == ["example.com"]
        assert post(url, {}, b"", allow_private=True, resolve=rebinding) == Outcome("refused_address")


def test_the_address_really_connected_to_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving(answering(OK)) as receiver:
        monkeypatch.setattr(socket.socket, "getpeername", lambda _self: ("10.0.0.1", 80), raising=False)
        outcome = send(receiver.url)
    assert outcome == Outcome("refused_address")
    assert not receiver.requests
