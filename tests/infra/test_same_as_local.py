"""The system on one machine answers as the deployed one."""

import json

import pytest

from infra.gateway_answers import DETAILS
from infra.gateway_responses import gateway_responses
from infra.local.gateway_refusals import Refused

DEPLOYED = {response["statusCode"]: response for response in gateway_responses(rate=100).values()}


def test_every_answer_is_deployed() -> None:
    assert DEPLOYED.keys() == DETAILS.keys()


@pytest.mark.parametrize("status", DETAILS)
def test_the_gateways_answer_the_same(status: int) -> None:
    answer, deployed = Refused(status, rate=100, at=1.5).answer("$context.requestId"), DEPLOYED[status]
    assert json.loads(answer.body) == json.loads(deployed["responseTemplates"]["application/json"])
    headers = {
        name.removeprefix("gatewayresponse.header."): value for name, value in deployed["responseParameters"].items()
    }
    assert answer.headers.keys() == headers.keys()
    fixed = {name: value.strip("'") for name, value in headers.items() if value.startswith("'")}
    assert fixed.items() <= answer.headers.items()
