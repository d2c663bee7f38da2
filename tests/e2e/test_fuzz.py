"""A short run of Schemathesis over everything that the description has; `make fuzz` runs longer."""

from infra.openapi.published import read, with_sandbox
from tests.fuzz.excused import EXCUSED
from tests.fuzz.run import fuzz
from tests.support.server import Server

SHORT = ["--seed", "1", "--phases", "examples,fuzzing,stateful", "--max-examples", "1", "--max-time", "12"]


def test_nothing_is_found(running: Server) -> None:
    assert fuzz(running.url, SHORT).returncode == 0


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
