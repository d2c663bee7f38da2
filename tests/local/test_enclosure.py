"""No call of AWS leaves this machine, whether or not moto's mock is in force."""

import time

import boto3
import pytest

from infra.local.enclosure import NotHere, enclose
from infra.local.messages import HttpRequest, HttpResponse
from infra.local.server import Server


def test_what_nothing_here_answers_fails_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(NotHere, match=r"https://sqs\.example"):
        boto3.client("sqs", endpoint_url="https://sqs.example").list_queues()
    assert time.monotonic() - began < 5, "tried once, with no pause"


def test_what_is_on_this_machine_is_asked() -> None:
    asked: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        return HttpResponse(200, {"Content-Type": "application/x-amz-json-1.0"}, b"{}")

    server = Server(0)
    server.start(answer)
    enclose()
    assert "QueueUrls" not in boto3.client("sqs", endpoint_url=server.url).list_queues()
    server.stop()
    assert [request.method for request in asked] == ["POST"]
