"""A failing seed as a short story: only the decisions that it needs, and what happens then, in words."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tests.simulation.run import Result, run
from tests.simulation.shrink import MAX_TRIES, shrink

OWN_ID = re.compile(r"\b([a-z]+)_[0-9A-HJKMNP-TV-Z]{26}\b")
MAX_LINES = 120
MAX_LINE = 220
Decision = tuple[str, Any]


def shortened(failed: Result, tries: int = MAX_TRIES) -> Result:
    """Return a seed's simplest world that breaks the same rule."""

    def fails(decisions: Sequence[Decision]) -> bool:
        return run(failed.seed, dict(decisions)).rule == failed.rule

    needed = shrink(list(failed.made.items()), fails, tries)
    return run(failed.seed, dict(needed), tell=True)


def story(failed: Result, shorter: Result) -> Iterator[str]:
    """Yield what must be decided, what happens then, and the rule that is broken by it."""
    yield f"Of {len(failed.made)} decisions it takes {len(shorter.made)}. What happens then:"
    told = shorter.told if len(shorter.told) <= MAX_LINES else ["…", *shorter.told[-MAX_LINES:]]
    last = shorter.wrong.rstrip().rpartition("\n")[2]
    yield from _with_short_names([*told, f"Broken: {shorter.rule}", last])


def _with_short_names(lines: Sequence[str]) -> Iterator[str]:
    """Name each record by its kind and a number."""
    names: dict[str, str] = {}

    def name(found: re.Match[str]) -> str:
        number = sum(each.startswith(f"{found[1]}_") for each in names) + 1
        return names.setdefault(found[0], f"{found[1]}_{number}")

    named = (OWN_ID.sub(name, line) for line in lines)
    return (line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…" for line in named)
