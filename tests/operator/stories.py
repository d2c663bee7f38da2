"""Pages that tell a story: their commands are run from top to bottom, and between them happens what the page tells of.

Ids in a page stand for those of the test: an id that no output has shown yet stands for the one that happened last.
"""

import re
import shlex
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from functions.shared import clock
from functions.shared.clock import iso
from infra.local.environment import TABLE
from infra.operator.__main__ import main
from tests.operator.pages import arguments, blocks
from tests.operator.partner_stage import Capture

ID = re.compile(r"\b(?:ord|subs|subr|acc|simp|evt|wbh|dlv)_[0-9A-HJKMNP-TV-Z]{26}\b|\b[0-9a-z]{26}\b|\b89[0-9]{17}\b")
MESSAGE_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
NAMES = re.compile(f"{ID.pattern}|{MESSAGE_ID.pattern}")
SECRET = re.compile(r"secret \S+")
CHANGING = {SECRET.pattern: "SECRET", r"\d{4}-\d\d-\d\dT[\d:.]+Z": "TIME", r"[\d,]+ per second": "SPEED"}
BACK = timedelta(hours=1)
"""How long ago the moment of a backup is."""
POSITIONAL = {"ID", "ORDER", "SUBSCRIBER"}


class Story:
    """A page that is read to its end; ``happen`` says what happens before the command with a number, counted from 1."""

    def __init__(self, page: str, partner: str, capsys: Capture) -> None:
        self.partner = partner
        self.last = ""
        """The id that happened last."""
        self.printed: list[tuple[str, str]] = []
        """Each command, and what it printed."""
        self._page = page
        self._capsys = capsys
        self._real: dict[str, str] = {}

    def read(self, happen: Mapping[int, Callable[[], str]], files: Mapping[str, Path]) -> int:
        """Run each command, which must print what the page shows; return how many there were."""
        number, kinds = 0, iter(files.values())
        for kind, content in blocks(self._page):
            if kind != "console":
                next(kinds).write_text(content)
                continue
            number += 1
            self._capsys.readouterr()
            self.last = happen.get(number, lambda: self.last)()
            self._run(content)
        return number

    def _run(self, block: str) -> None:
        command, _, expected = block.partition("\n")
        self._capsys.readouterr()
        main(self._arguments(command))
        output = self._capsys.readouterr()
        lines = [line for line in (output.err + output.out).splitlines() if not line.startswith("{")]
        printed = "\n".join(lines).replace(self.partner, "acme")
        self.printed.append((command, printed))
        self._learn(expected, printed)
        assert self._same(printed) == self._same(expected), f"{command} prints:\n{printed}"

    def _arguments(self, command: str) -> list[str]:
        real = NAMES.sub(lambda found: self._real.setdefault(found[0], self.last), command)
        given = dict(word.split("=", 1) for word in shlex.split(real)[3:])
        target = shlex.split(real)[2]
        if target.endswith("-partner") or target.startswith(("load-", "withdraw-")):
            return arguments(real, {"acme": self.partner}, {})
        partner = ["--partner", self.partner] if "PARTNER" in given or target == "check-restore" else []
        since = ["--since", iso(clock.machine_time() - BACK)] if "SINCE" in given else []
        more = [self.partner if word == "acme" else word for word in given.get("ARGS", "").split()]
        return [target, "--table", TABLE, *partner, *since, *(given[name] for name in POSITIONAL & given.keys()), *more]

    def _learn(self, expected: str, printed: str) -> None:
        shown, real = (NAMES.findall(SECRET.sub("", text)) for text in (expected, printed))
        if len(shown) == len(real):
            self._real |= dict(zip(shown, real, strict=True))

    def _same(self, text: str) -> str:
        """The text without what is different each time."""
        text = NAMES.sub(lambda found: found[0].partition("_")[0] if "_" in found[0] else "NAME", text)
        for pattern, word in CHANGING.items():
            text = re.sub(pattern, word, text)
        return text.strip()
