"""What docs/operator.md shows is what the commands do."""

import re
from pathlib import Path
from uuid import uuid4

import pytest

from infra.local.environment import TABLE
from infra.operator.__main__ import main

DOC = (Path(__file__).parents[2] / "docs" / "operator.md").read_text()
BLOCK = re.compile(r"```(csv|json|jsonl|console)\n(.*?)```", re.DOTALL)
COMMANDS = {"add-partner": "partner", "load-catalog": "catalog", "load-sims": "sims"}
FILES = iter(["catalog.csv", "catalog.json", "sims.csv", "sims.jsonl"])


def arguments(partner: str, command: str) -> list[str]:
    """What make gives to the command."""
    words = command.split()
    given = dict(word.split("=", 1) for word in words[3:])
    arguments = [COMMANDS.get(words[2], words[2]), "--table", TABLE, "--partner", partner]
    if "FILE" in given:
        return [*arguments, given["FILE"]]
    if "NAME" in given:
        return [*arguments, "--name", given["NAME"]]
    return [*arguments, "--client-id", given["CLIENT_ID"], "--api-key", given["API_KEY"]]


@pytest.mark.usefixtures("system")
def test_the_commands_print_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    partner = f"new-{uuid4()}"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("infra.operator.catalog_withdrawal.sleep", lambda _: None)
    shown = 0
    for kind, content in BLOCK.findall(DOC):
        if kind != "console":
            Path(next(FILES)).write_text(content)
            continue
        command, _, expected = content.partition("\n")
        main(arguments(partner, command))
        output = capsys.readouterr()
        printed = (output.err + output.out).replace(partner, "acme")
        assert re.sub(r"[\d,]+ per second", "SPEED", printed) == re.sub(r"[\d,]+ per second", "SPEED", expected)
        shown += 1
    assert shown == 9
