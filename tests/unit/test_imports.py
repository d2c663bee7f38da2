"""What a function imports when it starts (docs/architecture.md, "Budgets"): nothing expensive that it does not use."""

import json
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from functions.routes import ORDER_TYPES, ROUTES, module_of
from infra.asset_contents import CRYPTOGRAPHY, LOCK, UNUSED, WITH_CRYPTOGRAPHY

DOORS = {module_of(route) for route in ROUTES}
STEPS = "functions.orders.execution_task"
AUTHORIZER = "functions.identity.authorizer"
EVENTS = {f"functions.events.{name}" for name in ("answers", "changes", "clock", "reports")}
WORKERS = EVENTS | {STEPS, AUTHORIZER, "functions.network.simulated"}
FUNCTIONS = sorted(DOORS | WORKERS | {"functions.not_found"})
RULES = {f"functions.orders.{name}" for name in ("place_order", *ORDER_TYPES)}
NEEDED_BY_SOME = {
    "jwt": {AUTHORIZER},
    "cryptography": WITH_CRYPTOGRAPHY,
    "segno": {"functions.sim_profiles.qrcode"},
    "moto": set[str](),
    "functions.orders.executions": {"functions.events.changes", "functions.events.clock"},
    "functions.events": {"functions.events.read", *EVENTS},
    "functions.events.changes": {"functions.events.changes", "functions.events.clock"},
    "functions.orders.execution_task": {STEPS},
    "functions.orders.rules": RULES | {STEPS},
    "functions.webhooks.post": {"functions.webhooks.send"},
    "infra": set[str](),
}
"""What is expensive or belongs to others, and the functions that may import it."""
OF_THE_RUNTIME = {"boto3", "botocore", "s3transfer", "urllib3", "certifi", "_distutils_hack"}
"""What Lambda brings (and, on this machine, what an environment has beside)."""

IMPORT_EACH = """
import importlib, json, os, sys
import aws_lambda_powertools, boto3, pydantic

for name in sys.argv[1:]:
    if not os.fork():
        importlib.import_module(name)
        files = {module: getattr(loaded, "__file__", None) for module, loaded in sys.modules.items()}
        os.write(1, f"{json.dumps([name, files])}\\n".encode())
        os._exit(0)
    _, status = os.wait()
    assert status == 0, name
"""
"""Each function in a process of its own, all of them copies of one that has what every function needs."""


@pytest.fixture(scope="module")
def imported() -> dict[str, dict[str, str | None]]:
    """All modules that a function brings along, and their files."""
    command = [sys.executable, "-c", IMPORT_EACH, *FUNCTIONS]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our words
    return dict(map(json.loads, answer.stdout.splitlines()))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_imports_only_what_it_uses(imported: dict[str, dict[str, str | None]], function: str) -> None:
    unwanted = {name for name, users in NEEDED_BY_SOME.items() if function not in users}
    assert not imported[function].keys() & unwanted
    types = imported[function].keys() & {f"functions.orders.{name}" for name in ORDER_TYPES}
    if function != "functions.orders.place_order":
        assert types <= {function}


def test_health_starts_without_what_it_does_not_use() -> None:
    """Neither AWS's library, nor what checks shapes: nothing but the answer and its line in the log."""
    loaded = "import functions.health, json, sys; print(json.dumps(list(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert not {"boto3", "pydantic", "urllib3", "functions.shared.table"} & set(json.loads(answer.stdout))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_given_all_that_it_imports(imported: dict[str, dict[str, str | None]], function: str) -> None:
    """What is left out of its asset (infra/bundling.py) is nothing that it loads."""
    left_out = UNUSED if function in WITH_CRYPTOGRAPHY else (*UNUSED, *CRYPTOGRAPHY)
    for path in _of_packages(imported[function]):
        parts = {str(path), *map(str, path.parents)}
        assert not [part for part in parts for pattern in left_out if fnmatch(part, pattern)], path
        package = path.parts[0].partition(".")[0]
        assert package in OF_THE_RUNTIME | _locked(), path


def _of_packages(files: dict[str, str | None]) -> Iterator[Path]:
    """Yield the files of dependencies, as they lie in an asset."""
    for file in files.values():
        _, found, below = (file or "").partition("/site-packages/")
        if found:
            yield Path(below)


def _locked() -> set[str]:
    """Return the packages of the locked dependencies."""
    names = {line.partition("==")[0].replace("-", "_") for line in LOCK.read_text().splitlines() if "==" in line}
    called = {"pyjwt": "jwt", "python_dateutil": "dateutil", "python_ulid": "ulid", "cffi": "_cffi_backend"}
    return {called.get(name, name) for name in names}
