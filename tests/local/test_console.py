"""How the console is served (contract §9); in a browser it is tried in tests/console."""

import gzip
import json
import re

import pytest

from functions.orders.failures import failure_of
from functions.orders.order import Order
from infra.console.definitions import STATE_MACHINE, definitions, machine
from infra.console.page import BUILT
from infra.local.messages import HttpResponse
from infra.local.system import System

MAX_COMPRESSED_BYTES = 150 * 1024
LINK = re.compile(r'(?:src|href)="([^"]+)"')


def served(system: System, path: str, method: str = "GET") -> HttpResponse:
    """The answer to somebody without a token."""
    return system.request(method, path)


def test_the_page_and_all_that_it_loads(system: System) -> None:
    page = served(system, "/console")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    links = [link for link in LINK.findall(page.body.decode()) if link != "docs"]
    assert {link.rpartition("/")[2] for link in links} == {"console.css", "console.js", "icon.svg"}
    for link in links:
        assert served(system, f"/{link}").status == 200


def test_its_policy(system: System) -> None:
    for path in ("/console", "/console/console.js", "/console/nothing"):
        policy = served(system, path).headers["Content-Security-Policy"].split("; ")
        assert policy[0] == "default-src 'none'"
        assert {"script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'none'"} <= set(policy)
        assert "unsafe" not in "".join(policy)
    page = (BUILT / "index.html").read_text()
    assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son[a-z]+=", page)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/console", 405),
        ("GET", "/console/nothing", 404),
        ("GET", "/console/../server.py", 404),
        ("GET", "/console/%2e%2e/page.py", 404),
        ("GET", "/console/", 308),
    ],
)
def test_other_paths_and_methods(system: System, method: str, path: str, status: int) -> None:
    assert served(system, path, method).status == status


def test_it_is_small() -> None:
    files = [path.read_bytes() for path in BUILT.iterdir()]
    assert sum(len(gzip.compress(content)) for content in files) <= MAX_COMPRESSED_BYTES


def test_the_lifecycle_that_it_draws_is_the_one_that_runs(system: System) -> None:
    served_definitions = served(system, "/console/definitions.json").json()
    assert served_definitions == definitions()
    assert served_definitions["statuses"] == {name: [*following] for name, following in Order.TRANSITIONS.items()}
    states = json.loads(STATE_MACHINE.read_text())["States"]
    drawn = served_definitions["machine"]["states"]
    assert set(drawn) == {name for name, state in states.items() if state["Type"] in ("Task", "Fail")}
    assert {name for name in drawn if drawn[name]["catch"] == ["Undo"]} == {"Prepare", "Provision", "Complete"}
    assert drawn["Prepare"]["next"] == ["Provision"]


def test_a_state_that_only_passes_is_passed_over() -> None:
    drawn = machine(
        {
            "StartAt": "A",
            "States": {
                "A": {"Type": "Task", "Next": "P", "Catch": [{"Next": "Q"}]},
                "P": {"Type": "Pass", "Next": "B"},
                "Q": {"Type": "Pass", "Next": "P"},
                "B": {"Type": "Task", "End": True},
            },
        }
    )
    assert drawn == {"start": "A", "states": {"A": {"next": ["B"], "catch": ["B"]}, "B": {"next": [], "catch": []}}}


@pytest.mark.parametrize("step", ["prepare", "provision", "complete"])
def test_each_failure_has_advice(step: str) -> None:
    failure = failure_of(step, {"Error": "States.Timeout"})  # type: ignore[arg-type] # each of its values
    assert definitions()["advice"][failure.code]["remedy"]
    assert step.capitalize() in definitions()["machine"]["states"]
