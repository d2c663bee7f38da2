"""The commands of the README, of orders.md and of the year in the sandbox run as written, and answer what is shown."""

import json
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from tests.e2e.sandbox_rows import rows
from tests.e2e.sandbox_table import Tries
from tests.support.http import HttpClient, partner
from tests.support.server import ROOT, Server, free_port
from tests.support.server import running as run_another

STORY = re.search(r"## A first order\n(.*?)\n## ", (ROOT / "README.md").read_text(), re.DOTALL)
BLOCK = re.compile(r"```(sh|json|text)\n(.*?)```", re.DOTALL)
END = "--- end of a block ---"


def shape(value: Any) -> Any:
    """What of a JSON value stays the same in every run: its members and what they are like, not ids and times."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(element) for element in value]
    if isinstance(value, str):
        value = re.sub(r"_[0-9A-HJKMNP-TV-Z]{26}", "_ULID", value)
        value = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME", value)
        return re.sub(r"89\d{17}|[0-9A-F]{16}|:\d{4,5}/", "SOME", value)
    return value


def run(script: str) -> "subprocess.CompletedProcess[str]":
    """What the shell made of it."""
    command = ["bash", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)  # noqa: S603 - our words


def follow(story: str, url: str) -> None:
    """Run all commands in one shell; what each block prints must be what is shown after it."""
    blocks: list[tuple[str, str]] = BLOCK.findall(story)
    script = "".join(f"{code}echo '{END}'\n" for kind, code in blocks if kind == "sh")
    script = "set -eo pipefail\n" + script.replace("http://127.0.0.1:8080", url).replace("8081", str(free_port()))
    ran = run(script)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    outputs = iter(ran.stdout.split(f"{END}\n"))
    output = ""
    for kind, content in blocks:
        if kind == "sh":
            output = next(outputs).replace("\r", "")
        elif kind == "json":
            assert shape(json.loads(output)) == shape(json.loads(content))
        else:
            assert output == content


def test_the_first_order(running: Server) -> None:
    """With the scopes that docs/partners.md gives for it."""
    scopes = re.search(r'SCOPES="([^"]+)"', (ROOT / "docs" / "partners.md").read_text())
    assert STORY is not None
    assert scopes is not None
    grant = "-d grant_type=client_credentials"
    story = STORY.group(1).replace(grant, f"{grant} -d scope={scopes[1].replace(' ', '+')}")
    assert story.count("orders/write") == 1
    follow(story, running.url)


def test_the_page_about_orders(running: Server) -> None:
    follow((ROOT / "docs" / "orders.md").read_text(), running.url)


@pytest.fixture(scope="module")
def fresh() -> Iterator[Server]:
    """A server whose time nobody has moved: the dates of what can be tried are those of the machine."""
    with run_another() as server:
        yield server


def test_the_shorthands_say_why_a_request_was_refused(running: Server) -> None:
    assert STORY is not None
    shorthands = BLOCK.findall(STORY.group(1))[0][1].replace("http://127.0.0.1:8080", running.url)
    for command in ("call $API/orders/ord_1 | pick 'it[\"id\"]'", "finish ord_1"):
        ran = run(f"{shorthands}{command}")
        assert ran.returncode == 1
        assert json.loads(ran.stderr)["title"] == "Resource not found"
    assert run(f"{shorthands}call http://127.0.0.1:1 | pick it").stderr.endswith("There is no answer.\n")


def test_every_row_of_what_can_be_tried(fresh: Server) -> None:
    with partner(fresh.url, "acme") as http:
        tries = Tries(fresh.url, HttpClient(http))
        table = rows()
        assert [row.what for row in table] == list(tries.by_row)
        later = [tries.by_row[row.what](row) for row in table]
        assert [(row.what, row.left) for row in table if row.left] == []
        for look in filter(None, later):
            look()
        tries.end()


def test_the_sandbox_answers_the_same_list(running: Server) -> None:
    """But for the command that makes a date in a shell."""
    described = httpx.get(f"{running.url}/sandbox").json()
    made = re.compile(r"'\$\(python3 .*\)'")
    assert [(one["what"], one["how"]) for one in described["tries"]] == [
        (row.what, made.sub("YYYY-MM-DD", row.how)) for row in rows()
    ]
    assert "python3" not in str(described["tries"])
    assert {client["client_id"] for client in described["clients"]} == {"acme", "globex"}
    assert described["_links"]["clock"]["href"] == f"{running.url}/sandbox/clock"


def test_the_year(fresh: Server) -> None:
    """It begins on 31 January: moves by the calendar would fall short of the cycles that end on a 31st."""
    with partner(fresh.url, "acme") as http:
        now = datetime.fromisoformat(http.get("/sandbox/clock").json()["now"])
        start = datetime(now.year + 1, 1, 31, tzinfo=UTC)
        http.post("/sandbox/clock", json={"advance": f"P{(start - now).days + 1}D"}).raise_for_status()
    follow((ROOT / "docs" / "a-year.md").read_text(), fresh.url)
