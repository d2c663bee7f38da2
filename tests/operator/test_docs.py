"""What docs/operator.md and docs/partners.md show is what the commands do."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from infra.operator.__main__ import main
from infra.operator.partners import records
from tests.operator.pages import CLIENT_ID, DOCS, arguments, blocks, same_each_time
from tests.operator.partner_stage import Capture, PartnerStage, new_name, recorded

FILES = iter(["catalog.csv", "catalog.json", "sims.csv", "sims.jsonl"])


class Reader:
    """Runs the commands of a page, each for a partner of its own name."""

    def __init__(self, capsys: Capture) -> None:
        self._capsys = capsys
        self._partners = {name: new_name() for name in ("acme", "globex")}
        self._clients: dict[str, str] = {}

    def run(self, block: str) -> None:
        """Run a command; it must print what the page shows."""
        command, _, expected = block.partition("\n")
        self._let_days_pass()
        main(arguments(command, self._partners, self._clients))
        output = self._capsys.readouterr()
        printed = output.err + output.out
        assert same_each_time(printed, self._partners) == same_each_time(expected, {})
        self._clients |= dict(zip(CLIENT_ID.findall(expected), CLIENT_ID.findall(printed), strict=True))
        assert len({*self._clients.values()}) == len(self._clients)

    def _let_days_pass(self) -> None:
        """Let every client be older than the page's reader has waited."""
        for partner in filter(None, map(records.read, self._partners.values())):
            older = [
                each.model_copy(update={"created_at": each.created_at - timedelta(days=3)}) for each in partner.clients
            ]
            records.save(partner.model_copy(update={"clients": tuple(older)}), partner)


@pytest.mark.parametrize(("page", "commands"), [("operator.md", 9), ("partners.md", 11)])
def test_the_commands_print_what_the_page_shows(
    page: str, commands: int, stage: PartnerStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    assert stage
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("infra.operator.catalog_withdrawal.sleep", lambda _: None)
    reader = Reader(capsys)
    shown = 0
    with recorded() as calls:
        for kind, content in blocks(page):
            if kind == "console":
                reader.run(content)
                shown += 1
            else:
                Path(next(FILES)).write_text(content)
    assert shown == commands
    assert page != "partners.md" or calls["cognito-idp"] == named_in(page, "cognito-idp")


def named_in(page: str, service: str) -> set[str]:
    """The actions that the page says one must be allowed."""
    (row,) = (line for line in (DOCS / page).read_text().splitlines() if f"`{service}:" in line)
    return {*re.findall(r"`(?:[a-z-]+:)?([A-Z][A-Za-z]+)`", row)}
