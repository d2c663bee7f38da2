"""The system on one machine answers and filters as the deployed one."""

import json
from http import HTTPStatus

import pytest

from infra.gateway_responses import gateway_responses
from infra.local import gateway_refusals as local
from infra.stage import Tier


def test_the_gateway_says_the_same() -> None:
    deployed = {response.status: response for response in gateway_responses(Tier(rate=100, burst=200))}
    for status, detail in local.DETAILS.items():
        problem = json.loads(deployed[status].body())
        assert (problem["status"], problem["detail"]) == (status, detail)


@pytest.mark.parametrize("status", list(local.DETAILS))
def test_the_gateway_sends_the_same_headers(status: HTTPStatus) -> None:
    deployed = {response.status: response for response in gateway_responses(Tier(rate=100, burst=200))}[status]
    refusals = {
        401: local.unauthorized(),
        429: local.too_many(0, 100),
        500: local.failed(),
    }
    answer = local.problem("id", refusals.get(status, local.Refused(status)))
    assert answer.headers.keys() == deployed.all_headers().keys()
    fixed = {name: value.strip("'") for name, value in deployed.all_headers().items() if value.startswith("'")}
    assert fixed.items() <= answer.headers.items()
