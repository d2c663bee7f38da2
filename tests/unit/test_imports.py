"""What a door imports when it starts (docs/architecture.md, "Budgets"): nothing expensive that it does not use."""

import json
import subprocess
import sys

import pytest

from functions.routes import ORDER_TYPES, ROUTES, module_of

DOORS = sorted({module_of(route) for route in ROUTES})
NEEDED_BY_SOME = {
    "jwt": set[str](),
    "cryptography": {"functions.sim_profiles.read_secret_codes", "functions.webhooks.send", "functions.webhooks.write"},
    "segno": {"functions.sim_profiles.qrcode"},
    "moto": set[str](),
    "functions.orders.executions": set[str](),
    "functions.events": {"functions.events.read"},
    "functions.events.changes": set[str](),
    "functions.orders.execution_task": set[str](),
    "functions.orders.rules": {f"functions.orders.{name}" for name in ("place_order", *ORDER_TYPES)},
    "infra": set[str](),
}
"""What is expensive or belongs to others, and the doors that may import it."""

IMPORT_EACH = """
import importlib, json, os, sys
import aws_lambda_powertools, boto3, pydantic

for door in sys.argv[1:]:
    if not os.fork():
        importlib.import_module(door)
        os.write(1, f"{json.dumps([door, *sys.modules])}\\n".encode())
        os._exit(0)
    _, status = os.wait()
    assert status == 0, door
"""
"""Each door in a process of its own, all of them copies of one that has what every door needs."""


@pytest.fixture(scope="module")
def imported() -> dict[str, set[str]]:
    """All modules that a door brings along."""
    command = [sys.executable, "-c", IMPORT_EACH, *DOORS]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our words
    return {door: set(modules) for door, *modules in map(json.loads, answer.stdout.splitlines())}


@pytest.mark.parametrize("door", DOORS)
def test_a_door_imports_only_what_it_uses(imported: dict[str, set[str]], door: str) -> None:
    unwanted = {name for name, doors in NEEDED_BY_SOME.items() if door not in doors}
    assert not imported[door] & unwanted
    types = imported[door] & {f"functions.orders.{name}" for name in ORDER_TYPES}
    if door != "functions.orders.place_order":
        assert types <= {door}
