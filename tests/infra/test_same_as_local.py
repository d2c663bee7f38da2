"""The system on one machine answers as the deployed one."""

import json

import pytest

from infra.gateway_answers import DETAILS
from infra.gateway_responses import gateway_responses
from infra.local.gateway_refusals import Refused
from infra.stage import Tier

DEPLOYED = {response.status: response for response in gateway_responses(Tier(rate=100, burst=200))}


def test_every_answer_is_deployed() -> None:
    assert DEPLOYED.keys() == DETAILS.keys()


@pytest.mark.parametrize("status", DETAILS)
def test_the_gateways_answer_the_same(status: int) -> None:
    answer, deployed = Refused(status, rate=100, at=1.5).answer("$context.requestId"), DEPLOYED[status]
    assert json.loads(answer.body) == json.loads(deployed.body())
    assert answer.headers.keys() == deployed.all_headers().keys()
    fixed = {name: value.strip("'") for name, value in deployed.all_headers().items() if value.startswith("'")}
    assert fixed.items() <= answer.headers.items()
