"""Clients know less of botocore than boto3's usual ones, and call the same."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config

from functions.events import answers, publishing, set_aside
from functions.shared import aws


@pytest.fixture(params=["eu-west-1", "us-gov-west-1", "cn-north-1"])
def region(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A region of each partition of AWS, other than the sandbox's, which signs nothing; and sessions of its own."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", request.param)
    monkeypatch.setenv("AWS_ACCOUNT_ID", "123456789012")
    aws._session.cache_clear()
    yield request.param
    aws._session.cache_clear()


def called(client: Any) -> tuple[str, str]:
    """The URL of a call, and what it is signed for."""
    seen = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        scope = request.headers["Authorization"].decode().partition("/")[2].partition(",")[0]
        seen.append((request.url, scope.partition("/")[2]))
        return AWSResponse(request.url, 200, HTTPHeaders(), type("Raw", (), {"stream": lambda _: iter([b"{}"])})())

    client.meta.events.register_first("before-send.dynamodb", answer)
    client.get_item(TableName="orders", Key={"pk": {"S": "acme#1"}, "sk": {"S": "order"}})
    return seen[0]


def test_dynamodb_is_called_at_the_endpoint_of_the_region(region: str) -> None:
    """As boto3 calls it, unless boto3 is to use the endpoint of the account."""
    regional = Config(account_id_endpoint_mode="disabled")
    ours, theirs = called(aws.client("dynamodb")), called(boto3.session.Session().client("dynamodb", config=regional))
    assert ours == theirs
    assert ours[1] == f"{region}/dynamodb/aws4_request"


@pytest.mark.parametrize(
    ("client", "service"),
    [(answers._client, "stepfunctions"), (publishing._bus, "events"), (set_aside._queue, "sqs")],
)
def test_each_function_calls_its_service(client: Any, service: str) -> None:
    made = client.__wrapped__()
    assert made.meta.service_model.service_name == service
