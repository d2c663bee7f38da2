"""Commands in a page, as make runs them, and what they print but for what is different each time."""

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import dedent

from infra.local.environment import TABLE

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^ *```(csv|json|jsonl|console)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
COMMANDS = {"load-catalog": "catalog", "load-sims": "sims"}
FREE = {"FILE": [], "NAME": ["--name"]}
OPTIONS = {name: [f"--{name.lower().replace('_', '-')}"] for name in ("CLIENT_ID", "HOURS", "SCOPES", "TIER")}
CLIENT_ID = re.compile(r"\b[0-9a-z]{26}\b")
DIFFERENT = {r"[\d,]+ per second": "SPEED", r"secret \S+": "SECRET", r"\d{4}-\d\d-\d\dT[\d:.]+Z": "TIME"}


def blocks(page: str) -> Iterator[tuple[str, str]]:
    """Each block of a page, and its kind; each command of a console is a block of its own, with its output."""
    for kind, content in BLOCK.findall((DOCS / page).read_text()):
        text = dedent(content)
        parts = re.findall(r"^\$ .*?(?=^\$ |\Z)", text, re.DOTALL | re.MULTILINE) if kind == "console" else [text]
        yield from ((kind, part) for part in parts)


def arguments(command: str, partners: Mapping[str, str], clients: Mapping[str, str]) -> list[str]:
    """What make gives to the command, for the partners and clients that stand in the place of the page's."""
    _, _, target, *words = shlex.split(command)
    given = dict(word.split("=", 1) for word in words)
    partner, stage = partners[given.pop("PARTNER")], given.pop("STAGE")
    action, _, group = target.rpartition("-")
    if group == "partner":
        names = ["partner", action, "--stage", stage]
    else:
        names = [COMMANDS.get(target, target), "--table", TABLE]
    more = [part for name, value in given.items() for part in (*(FREE | OPTIONS)[name], clients.get(value, value))]
    return [*names, "--partner", partner, *more]


def same_each_time(text: str, partners: Mapping[str, str]) -> str:
    """A command's output without what is different each time."""
    for shown, real in partners.items():
        text = text.replace(real, shown)
    for pattern, word in DIFFERENT.items():
        text = re.sub(pattern, word, text)
    return CLIENT_ID.sub("CLIENT", text)
