"""Only what never leaves the process goes without a signature."""

from typing import Any
from unittest.mock import Mock

import pytest
from botocore.awsrequest import AWSRequest

from infra.local.shortcuts import HANDLERS, _only_elsewhere


@pytest.mark.parametrize(
    ("host", "signed"),
    [*((host, False) for host in HANDLERS), ("127.0.0.1:8000", True), ("dynamodb.us-east-1.amazonaws.com", True)],
)
def test_what_goes_elsewhere_is_signed(host: str, signed: bool) -> None:
    sign: Any = Mock()
    request = AWSRequest(method="POST", url=f"https://{host}/")
    _only_elsewhere(sign)(Mock(), "GetItem", request, region_name="eu-central-1")
    assert sign.called == signed
