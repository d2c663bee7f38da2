"""A short run of Schemathesis over everything that the description has; `make fuzz` runs longer."""

import pytest

from infra.openapi.published import read, with_sandbox
from tests.fuzz.excused import EXCUSED
from tests.fuzz.receivers import leads_elsewhere
from tests.fuzz.run import fuzz
from tests.support.server import Server

SHORT = ["--seed", "1", "--phases", "examples,fuzzing,stateful", "--max-examples", "1", "--max-time", "12"]


def test_nothing_is_found(running: Server) -> None:
    assert fuzz(running.url, SHORT).returncode == 0


@pytest.mark.parametrize(
    ("url", "elsewhere"),
    [
        ("http://127.0.0.1:9/hook", False),
        ("https://127.0.0.1", False),
        ("https://shop.example.com/events", True),
        ("http://127.0.0.1@192.0.2.1/", True),
        ("https://[2001:db8::1]/", True),
        ("http://localhost/", True),
        ("//10.0.0.1", True),
        ("nothing", False),
        ("http://[", False),
        (None, False),
    ],
)
def test_webhooks_stay_on_this_machine(url: object, elsewhere: bool) -> None:
    assert leads_elsewhere(url) == elsewhere


def test_only_what_an_operation_declares_is_excused() -> None:
    declared = {
        operation["operationId"]: operation["responses"]["400"]["content"]["application/problem+json"]["examples"]
        for methods in with_sandbox(read())["paths"].values()
        for operation in methods.values()
    }
    assert {
        (operation, fault)
        for operation, faults in EXCUSED.items()
        for fault in faults
        if fault.partition(" ")[0] not in declared.get(operation, {})
    } == set()
