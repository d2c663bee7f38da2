"""Clients that know the API by its description, or by its links alone: docs/clients.md runs as written."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from infra.local.paths import resource_of
from infra.openapi.events import name_of
from infra.openapi.published import read
from tests.support.server import ROOT, Server

PAGE = (ROOT / "docs" / "clients.md").read_text()
PACKAGES = ROOT / "build/clients/node_modules"
MAX_LOOKS = 20
"""At resources of one kind."""
SANDBOX = "http://127.0.0.1:8080"


def blocks(heading: str) -> dict[str, list[str]]:
    """What stands under a heading, by the kinds of its blocks."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    found = re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)
    return {kind: [text for other, text in found if other == kind] for kind, _ in found}


def run(command: list[str], folder: Path, url: str) -> str:
    """What a command prints; the tools of the virtual environment are on its path."""
    tools = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"API": url, "PATH": tools}
    done = subprocess.run(  # noqa: S603 - our words
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def generated(running: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the Python client, generated as the page says."""
    folder = tmp_path_factory.mktemp("clients")
    told = blocks("Python")
    (settings,) = told["yaml"]
    (folder / "client.yaml").write_text(settings)
    (command,) = re.findall(r"^\$ (openapi-python-client .*)$", told["console"][0], re.MULTILINE)
    assert "WARNING" not in run(command.replace(SANDBOX, running.url).split(), folder, running.url)
    return folder


def test_the_generated_client_does_the_first_order(running: Server, generated: Path) -> None:
    told = blocks("Python")
    (story,), (output,) = told["python"], told["text"]
    (generated / "story.py").write_text(story)
    assert run([sys.executable, "story.py"], generated, running.url) == output


def test_a_hal_client_walks_through_the_life_of_an_order(running: Server, tmp_path: Path) -> None:
    assert PACKAGES.is_dir(), f"{PACKAGES.relative_to(ROOT)} is missing; `make test` puts it there"
    told = blocks("JavaScript")
    (walk,), (output,) = told["js"], told["text"]
    (tmp_path / "node_modules").symlink_to(PACKAGES)
    (tmp_path / "walk.mjs").write_text(walk)
    assert run(["node", "walk.mjs"], tmp_path, running.url) == output


@pytest.fixture
def models(generated: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The types of the generated client."""
    monkeypatch.syspath_prepend(str(generated))
    return importlib.import_module("mobile_orders.models")


def test_receivers_have_a_model_of_each_event(models: Any) -> None:
    for event_type, webhook in read()["webhooks"].items():
        content = webhook["post"]["requestBody"]["content"]["application/hal+json"]
        assert content["schema"] == {"$ref": f"#/components/schemas/{name_of(event_type)}"}
        model = getattr(models, name_of(event_type))
        for example in content.get("examples", {}).values():
            assert same(model.from_dict(example["value"]).to_dict(), example["value"])


def test_what_the_log_shows_fits_the_models(running: Server, acme: httpx.Client, models: Any) -> None:
    events = acme.get("/events?limit=40").json()["_embedded"]["events"]
    assert len({event["type"] for event in events}) > 5
    for event in events:
        assert same(getattr(models, name_of(event["type"])).from_dict(event).to_dict(), event)


def same(mine: Any, theirs: Any) -> bool:
    """Whether both are the same JSON, however a moment is written."""
    return normal(mine) == normal(theirs)


def normal(value: Any) -> str:
    return re.sub(r"(\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)", r"\1", json.dumps(value, sort_keys=True))


def links_in(value: Any) -> set[str]:
    """Every address in a HAL resource, also of what is embedded."""
    if isinstance(value, list):
        return {href for each in value for href in links_in(each)}
    if not isinstance(value, Mapping):
        return set()
    own = {link["href"] for link in value.get("_links", {}).values()}
    return own | {href for member in value.values() for href in links_in(member)}


NOT_LINKED = {"/openapi.yaml", "/llms.txt", "/docs/orders", "/events/{event_id}"}
"""The page at ``/docs`` leads to the first three; an event's envelope has no links (contract §8)."""
CLOSED = "/webhooks/"
"""Below it nothing has links but ``self``: the published ones are closed (contract §8)."""


def test_from_the_home_document_links_lead_to_everything(acme: httpx.Client, running: Server) -> None:
    wanted = {path for path, methods in read()["paths"].items() if "get" in methods}
    wanted = {path for path in wanted - NOT_LINKED if not path.startswith(CLOSED)}
    looked_at: Counter[str] = Counter()
    found = deque([f"{running.url}/"])
    seen = set(found)
    while found and wanted - looked_at.keys():
        address = found.popleft()
        resource, _ = resource_of(urlsplit(address).path)
        if resource not in wanted or looked_at[resource] == MAX_LOOKS:
            continue
        looked_at[resource] += 1
        answer = acme.get(address)
        assert answer.status_code == 200, address
        links = links_in(answer.json()) if "hal" in answer.headers["Content-Type"] else set()
        found.extend(sorted(link for link in links - seen if link.startswith(running.url)))
        seen |= links
    assert looked_at.keys() == wanted
