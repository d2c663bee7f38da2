"""Commands as an operator types them."""

import pytest

from infra.local.environment import TABLE

Capture = pytest.CaptureFixture[str]


def command(name: str, partner: str, *more: object) -> list[str]:
    return [name, "--table", TABLE, "--partner", partner, *map(str, more)]
