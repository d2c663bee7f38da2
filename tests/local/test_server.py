"""The HTTP front, with real connections."""

import http.client
import socket
import time
from contextlib import closing
from threading import Event, Thread

import pytest

from infra.local.messages import MAX_BODY_BYTES, HttpRequest, HttpResponse
from infra.local.server import HOST, PortTaken, Server
from infra.local.wire import Patience
from tests.local.lines import CHUNKED, POST, Line, echo, listening, refusal


def test_a_connection_serves_many_requests(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        for method, body in (("GET", None), ("POST", b"{}"), ("PATCH", b"x" * 100_000), ("DELETE", None)):
            connection.request(method, "/a%20b?c=%2F", body)
            answer = HttpResponse(200, {}, connection.getresponse().read()).json()
            assert (answer["method"], answer["target"]) == (method, "/a%20b?c=%2F")
            assert answer["body"] == (body or b"").decode()


def test_requests_may_be_sent_before_the_answers_came(port: int) -> None:
    with Line(port) as line:
        line.send("POST /1 HTTP/1.1\nHost: localhost\nContent-Length: 3\n\nonePOST /2 HTTP/1.1\nHost: localhost\n")
        line.send("Transfer-Encoding: chunked\n\n3\ntwo\n0\n\nGET /3 HTTP/1.1\nHost: localhost\n\n")
        answers = [line.answer().json for _ in range(3)]
    assert [(answer["target"], answer["body"]) for answer in answers] == [("/1", "one"), ("/2", "two"), ("/3", "")]


def test_a_body_may_come_in_chunks(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("POST", "/", iter([b"one", b"two"]), encode_chunked=True)
        assert HttpResponse(200, {}, connection.getresponse().read()).json()["body"] == "onetwo"
        connection.request("GET", "/again")
        assert connection.getresponse().read()


def test_a_trailer_is_not_a_header(port: int) -> None:
    with Line(port) as line:
        line.send("POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n3;a=b\none\n0\nX-Twice: 1\n\n")
        assert line.answer().json["body"] == "one"
        line.send("GET / HTTP/1.1\nHost: localhost\n\n")
        assert line.answer().json["twice"] == []


def test_a_body_is_asked_for_before_it_is_sent(port: int) -> None:
    with Line(port) as line:
        line.send("POST / HTTP/1.1\nHost: localhost\nExpect: 100-continue\nContent-Length: 3\n\n")
        assert line.answer() == (100, {}, b"")
        line.send("one")
        assert line.answer().json["body"] == "one"


def test_a_body_that_is_too_large_is_not_asked_for(port: int) -> None:
    head = f"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    assert refusal(port, head.encode()).status == 413


def test_a_client_that_sends_too_much_reads_why(port: int) -> None:
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("POST", "/", b"x" * (MAX_BODY_BYTES + 1))
        assert connection.getresponse().status == 413
    with closing(http.client.HTTPConnection(HOST, port, timeout=5)) as connection:
        connection.request("POST", "/", iter([b"x" * MAX_BODY_BYTES, b"x"]), encode_chunked=True)
        assert connection.getresponse().status == 413


def test_an_old_client_may_keep_its_connection(port: int) -> None:
    with Line(port) as line:
        for _ in range(2):
            line.send("GET / HTTP/1.0\nConnection: Keep-Alive\n\n")
            answer = line.answer()
            assert (answer.status, answer.headers["Connection"]) == (200, "keep-alive")
        line.send("GET / HTTP/1.0\n\n")
        assert line.answer().headers["Connection"] == "close"
        assert line.ended()


def test_a_client_may_end_its_connection(port: int) -> None:
    with Line(port) as line:
        line.send("GET / HTTP/1.1\nHost: localhost\nConnection: close\n\n")
        assert line.answer().headers["Connection"] == "close"
        assert line.ended()


def test_a_head_has_no_body(port: int) -> None:
    with Line(port) as line:
        line.send("".join(f"{method} / HTTP/1.1\nHost: localhost\n\n" for method in ("GET", "HEAD", "PUT")))
        length = line.answer().headers["Content-Length"]
        assert int(line.answer(head_only=True).headers["Content-Length"]) == int(length) + 1
        assert line.answer().json["method"] == "PUT"


def test_an_answer_without_content_has_no_length(port: int) -> None:
    with Line(port) as line:
        line.send("DELETE /nothing HTTP/1.1\nHost: localhost\n\nGET / HTTP/1.1\nHost: localhost\n\n")
        answer = line.answer()
        assert (answer.status, "Content-Length" in answer.headers) == (204, False)
        assert line.answer().status == 200


def test_a_header_may_come_twice_and_keeps_its_name(port: int) -> None:
    with Line(port) as line:
        line.send("\nGET / HTTP/1.1\nHost: localhost\nX-Twice: 1\nx-twice:\t2 \n\n")
        answered = line.answer().json
    assert (answered["names"], answered["twice"]) == (["Host", "X-Twice", "x-twice"], ["1", "2"])


@pytest.mark.parametrize("path", ["/broken", "/split"])
def test_a_fault_of_ours_is_answered_and_the_connection_goes_on(port: int, path: str) -> None:
    with Line(port) as line:
        line.send(f"GET {path} HTTP/1.1\nHost: localhost\n\nGET / HTTP/1.1\nHost: localhost\n\n")
        failed = line.answer()
        assert (failed.status, failed.json["title"]) == (500, "Internal error")
        assert "X-Two" not in failed.headers
        assert line.answer().status == 200


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("http://127.0.0.1:1/a?b", "/a?b"),
        ("HTTP://LOCALHOST/a//b", "/a//b"),
        ("http://localhost", "/"),
        ("http://localhost?b", "/?b"),
        ("//a", "//a"),
    ],
)
def test_a_target_may_be_a_whole_url(port: int, target: str, path: str) -> None:
    with Line(port) as line:
        line.send(f"GET {target} HTTP/1.1\nHost: localhost\n\n")
        assert line.answer().json["target"] == path


def test_it_answers_to_the_names_under_which_others_reach_it() -> None:
    server = Server(0, "0.0.0.0", names=frozenset({"sandbox.test"}))  # noqa: S104 - what is tested
    try:
        server.start(lambda _request: HttpResponse(204))
        port = int(server.url.rpartition(":")[2])
        for host, status in (("sandbox.test:80", 204), ("10.0.0.1", 204), ("[fd00::1]", 204), ("evil.example", 421)):
            with Line(port) as line:
                line.send(f"GET / HTTP/1.1\nHost: {host}\n\n")
                assert line.answer().status == status, host
    finally:
        server.stop()


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_it_listens_at_both_addresses_of_this_machine(port: int) -> None:
    with closing(http.client.HTTPConnection("::1", port, timeout=5)) as connection:
        connection.request("GET", "/")
        assert connection.getresponse().status == 200


def test_a_slow_client_is_answered_or_dropped() -> None:
    patience = Patience(idle=0.3, head=0.1, body=0.1)
    for port in listening(Server(0, patience=patience)):
        assert refusal(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n").status == 408
        assert refusal(port, POST + b"Content-Length: 2\r\n\r\n1").status == 408
        assert refusal(port, CHUNKED + b"1\r\n1\r\n").status == 408
        assert refusal(port, CHUNKED + b"1\n1\n0\n\n").status == 408
        with Line(port) as line:
            assert line.ended()


def test_a_client_that_drips_is_not_waited_for() -> None:
    patience = Patience(head=0.3)
    for port in listening(Server(0, patience=patience)):
        with Line(port) as line:
            began = time.monotonic()
            line.send("GET / HTTP/1.1\nHost: localhost\n")
            while time.monotonic() - began < 0.25:
                line.send("A: b\n")
                time.sleep(0.05)
            assert line.answer().status == 408
            assert time.monotonic() - began < 2


def test_many_slow_clients_do_not_keep_another_one_out() -> None:
    for port in listening(Server(0, connections=8)):
        slow = [Line(port) for _ in range(40)]
        for line in slow:
            line.send("GET / HTTP/1.1\nHost: localhost\n")
        with Line(port) as line:
            line.send("GET / HTTP/1.1\nHost: localhost\n\n")
            assert line.answer().status == 200
        assert slow[0].ended()
        for line in slow:
            line.__exit__()


def test_it_stops_when_what_runs_is_answered() -> None:
    server = Server(0)
    begun, answered = Event(), Event()

    def slow(request: HttpRequest) -> HttpResponse:
        begun.set()
        answered.wait(5)
        return echo(request)

    server.start(slow)
    port = int(server.url.rpartition(":")[2])
    with Line(port) as idle, Line(port) as running:
        running.send("GET / HTTP/1.1\nHost: localhost\n\n")
        assert begun.wait(5)
        stopping = Thread(target=server.stop)
        stopping.start()
        stopping.join(0.2)
        assert stopping.is_alive()
        answered.set()
        assert running.answer().headers["Connection"] == "close"
        stopping.join(5)
        assert not stopping.is_alive()
        assert idle.ended()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, port), timeout=5)


def test_a_port_in_use_is_reported(port: int) -> None:
    with pytest.raises(PortTaken, match=str(port)):
        Server(port)
