"""``make listen`` beside a sandbox: registers itself, verifies and prints what comes, and leaves nothing behind."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from infra.receiver.checks import another_secret
from infra.receiver.endpoint import Endpoint, order_event
from infra.receiver.listen import main
from tests.support.server import ROOT

SECRET = another_secret()
MADE = {"id": "wbh_1", "signing_secret": SECRET}


@dataclass
class Fake:
    """What answers like a sandbox as far as a listener asks."""

    port: int = 0
    refuse: str = ""
    made: list[dict[str, Any]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    registered: Event = field(default_factory=Event)

    def settings(self) -> dict[str, str]:
        return {"API": f"http://127.0.0.1:{self.port}/", "CLIENT_ID": "acme", "CLIENT_SECRET": "acme-secret"}

    def answer(self, method: str, path: str, authorization: str, body: bytes) -> tuple[int, Any]:
        if path == "/oauth2/token":
            assert (authorization, body) == ("Basic YWNtZTphY21lLXNlY3JldA==", b"grant_type=client_credentials")
            return 200, {"access_token": "token"}
        assert authorization == "Bearer token"
        if method == self.refuse:
            return 400, {"title": "Invalid request parameters", "detail": "There are 40 webhooks."}
        if method == "POST":
            self.made.append(json.loads(body))
            self.registered.set()
            return 201, MADE
        self.deleted.append(path)
        return 204, None

    @property
    def endpoint(self) -> Endpoint:
        assert self.registered.wait(10)
        return Endpoint(self.made[0]["url"], SECRET)


@contextmanager
def sandbox(refuse: str = "") -> Iterator[Fake]:
    """The fake, while it is served."""
    fake = Fake(refuse=refuse)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, found = fake.answer(self.command, self.path, self.headers["Authorization"], body)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"" if found is None else json.dumps(found).encode())

        do_DELETE = do_POST  # noqa: N815 - the library's name

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        fake.port = server.server_port
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def listening(fake: Fake) -> Iterator[Endpoint]:
    """Where the listener receives, until it is interrupted."""
    stopped, codes = Event(), list[int]()
    thread = Thread(target=lambda: codes.append(main(fake.settings(), stopped)))
    thread.start()
    try:
        yield fake.endpoint
    finally:
        stopped.set()
        thread.join()
    assert codes == [0]


def test_it_registers_itself_and_deletes_its_webhook(capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox() as fake, listening(fake) as endpoint:
        assert fake.made == [{"url": endpoint.url, "enabled_events": ["*"], "description": "make listen"}]
        assert not fake.deleted
    assert fake.deleted == ["/webhooks/wbh_1"]
    told = capsys.readouterr()
    assert told.out == (
        "listening as wbh_1 to all events of acme (Ctrl-C stops it)\nstopped, and the webhook deleted\n"
    )
    assert told.err == ""


def test_it_prints_what_it_has_verified(capsys: pytest.CaptureFixture[str]) -> None:
    event = order_event()
    event["data"]["order"]["reference"] = "Zoë \u202e"
    with sandbox() as fake, listening(fake) as endpoint:
        assert [endpoint.send(event).status_code for _ in range(2)] == [204, 204]
        assert endpoint.send(event, another_secret(), SECRET).status_code == 204
    _, first, *lines = capsys.readouterr().out.splitlines()
    order = event["data"]["order"]["id"]
    assert first[10:] == f"order.completed  #4  {order}  completed  signature verified"
    length = len(json.dumps(event, indent=4).splitlines())
    assert json.loads("\n".join(lines[:length]).replace("\\u202e", "\u202e")) == event
    assert '            "reference": "Zoë \\u202e"' in [line.rstrip(",") for line in lines]
    assert lines[length].endswith("signature verified  received before")


def test_it_refuses_what_is_not_signed_with_its_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox() as fake, listening(fake) as endpoint:
        assert endpoint.send(order_event(), another_secret()).status_code == 401
        assert endpoint.send(order_event(), age=600).status_code == 401
        assert endpoint.deliver({}, b"{}").status_code == 401
    refused = [line[10:] for line in capsys.readouterr().out.splitlines() if "refused" in line]
    assert refused == [
        "refused: No matching signature found",
        "refused: Message timestamp too old",
        "refused: Missing required headers",
    ]


def test_a_sandbox_that_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox(refuse="POST") as fake:
        assert main(fake.settings(), Event()) == 1
    assert capsys.readouterr().err == "error: POST /webhooks answered 400: There are 40 webhooks.\n"


def test_a_sandbox_that_is_not_running(capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox() as fake:
        pass
    assert main(fake.settings(), Event()) == 1
    assert capsys.readouterr().err.startswith(f"error: http://127.0.0.1:{fake.port} cannot be reached: ")


def test_a_webhook_that_is_gone_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    with sandbox(refuse="DELETE") as fake, listening(fake):
        pass
    assert "stopped; the webhook was not deleted: DELETE /webhooks/wbh_1 answered 400" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "infra.receiver.listen"]
    with (
        sandbox() as fake,
        subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=ROOT, env=fake.settings(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process,
    ):
        assert process.stdout is not None
        assert process.stdout.readline().startswith("listening as wbh_1")
        assert fake.endpoint.send(order_event()).error is None
        process.send_signal(number)
        out, err = process.communicate(timeout=15)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("stopped, and the webhook deleted\n")
    assert fake.deleted == ["/webhooks/wbh_1"]
