"""Keeps what came of each mutant, so that it is judged again only if it, or what would have killed it, has changed."""

import json
from pathlib import Path

from tests.mutants.coverage import Ran
from tests.mutants.judging import DEAD, Judged, Verdict
from tests.mutants.making import Mutant

KEPT = Path("build/mutants/verdicts.jsonl")


class Record:
    """The verdicts of all runs."""

    def __init__(self, ran: Ran) -> None:
        self._ran = ran
        lines = KEPT.read_text().splitlines() if KEPT.exists() else []
        self._kept = {line[0]: tuple(line[1:]) for line in map(json.loads, lines)}

    def verdict(self, mutant: Mutant) -> Verdict | None:
        """Return what holds of a mutant, if that is known."""
        code, verdict, tests = self._kept.get(mutant.name, ("", "", ""))
        if code != mutant.code:
            return None
        known = Verdict(verdict)
        return known if known in DEAD or tests == self._ran.state(self._ran.trials(mutant)) else None

    def keep(self, judged: Judged) -> None:
        """Note a verdict."""
        mutant = judged.mutant
        tests = self._ran.state(self._ran.trials(mutant))
        self._kept[mutant.name] = (mutant.code, judged.verdict, tests)
        with KEPT.open("a") as lines:
            lines.write(json.dumps([mutant.name, *self._kept[mutant.name]]) + "\n")
