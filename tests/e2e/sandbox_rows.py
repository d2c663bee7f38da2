"""The rows of the README's table of what can be tried in the sandbox."""

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any

from tests.support.client import Client
from tests.support.server import ROOT

TABLE = re.compile(r"## More to try in the sandbox\n\n[^|]*\| what \| how \|\n\|[-|]+\n(.*?)\n\n", re.DOTALL)


class Row:
    """One row, whose pieces of code are taken one after the other."""

    def __init__(self, line: str) -> None:
        self.what, self.how = (cell.strip() for cell in line.strip("| ").split(" | ", 1))
        self.left: list[str] = re.findall(r"`([^`]+)`", self.how)

    def take(self, pattern: str) -> str:
        """The first piece that is left and looks like that."""
        piece = next((piece for piece in self.left if re.fullmatch(pattern, piece)), None)
        assert piece is not None, f"{pattern} is missing in {self.what!r}"
        self.left.remove(piece)
        return piece

    def json(self, **blanks: str) -> dict[str, Any]:
        """The next JSON members or object, as the shell passes it on, with what the reader has to fill in."""
        written = self.take('[{"].*: .*')
        command = ["bash", "-c", f"printf %s '{written}'"]
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words
        for name, value in blanks.items():
            text = re.sub(rf'("{name}": )"[^"]*…([^"]*)"', rf'\1"{value}\2"', text)
        return dict(json.loads(text if text.startswith("{") else f"{{{text}}}"))

    def request(self) -> Callable[..., dict[str, Any]]:
        """The next request, to be sent by a client with a body and the id of the path; it has to be accepted."""
        method, path = self.take("(GET|POST|PATCH) /.*").split()

        def send(client: Client, body: Any = None, path_id: str = "") -> dict[str, Any]:
            answer = client.send(method, path.format(id=path_id), body)
            assert answer.status < 300, (self.what, answer.json())
            return dict(answer.json()) if answer.body else {}

        return send


def rows() -> list[Row]:
    """All rows of the table."""
    table = TABLE.search((ROOT / "README.md").read_text())
    assert table is not None
    return [Row(line) for line in table[1].splitlines()]
