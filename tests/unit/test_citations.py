"""Every citation and link leads somewhere, and docs/contract.md lists what the code serves, no more and no less."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from functions.routes import ROUTES, SCOPES
from functions.shared.refusals import TITLES, Code
from infra.local.environment import TOKEN_PATH
from infra.local.routes import SANDBOX_ROUTES

ROOT = Path(__file__).parents[2]
CONTRACT = (ROOT / "docs" / "contract.md").read_text()
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
SOURCES = sorted(
    path
    for room in ("functions", "infra", "tests")
    for path in (ROOT / room).rglob("*")
    if path.suffix in {".py", ".json"} and "node_modules" not in path.parts
)

HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ROW_NAMES = re.compile(r"^\| ((?:`\w+`(?:, )?)+) \|", re.MULTILINE)
COMING = re.compile(r"^### Coming$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
OPERATION = re.compile(r"`(GET|POST|PATCH|DELETE|HEAD) (/[^`?\s]*)")
AFTER_A_COMMA = r"(?:, ([`\"]*[^.;:()`\"§]+))?"
OF_THE_CONTRACT = re.compile(r"contract (§\d+(?:(?:, | and )§\d+)*)" + AFTER_A_COMMA)
OF_A_PAGE = re.compile(r"(?<![\w/])(docs/[\w/-]+\.md)" + AFTER_A_COMMA)


def headings(page: str) -> set[str]:
    """Return the headings of a page or a section, as citations are compared with them."""
    return {_plain(heading) for heading in HEADING.findall(FENCED.sub("", page))}


def anchors(page: str) -> set[str]:
    """Return what a link can lead to within a page."""
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings(page)}


def _plain(words: str) -> str:
    return words.strip().replace("`", "").replace('"', "").lower()


SECTIONS = {
    number: headings(content) | {name for names in ROW_NAMES.findall(content) for name in re.findall(r"\w+", names)}
    for number, content in re.findall(r"^## (§\d) (.*?)(?=^## |\Z)", CONTRACT, re.MULTILINE | re.DOTALL)
}
"""The sections of the contract, each with what can be cited of it: headings, and names that its tables explain."""


def joined(path: Path) -> str:
    """Return the text of a file, with comments and docstrings of several lines joined into one."""
    return re.sub(r"\s*\n\s*(?:# )?", " ", path.read_text())


def missing(path: Path) -> Iterator[str]:
    """Yield every citation of the file that leads nowhere."""
    text = joined(path)
    for citation in OF_THE_CONTRACT.finditer(text):
        known = [SECTIONS.get(number) for number in re.findall(r"§\d+", citation[1])]
        wanted = {_plain(name) for name in (citation[2] or "").split(" and ")} - {""}
        if None in known or not wanted <= set().union(*(names for names in known if names)):
            yield citation[0]
    for citation in OF_A_PAGE.finditer(text):
        page = ROOT / citation[1]
        if not page.exists() or _plain(citation[2] or "") not in {"", *headings(page.read_text())}:
            yield citation[0]


def test_the_contract_has_its_nine_sections() -> None:
    assert list(SECTIONS) == [f"§{number}" for number in range(1, 10)]


def test_every_citation_leads_somewhere() -> None:
    broken = [f"{path.relative_to(ROOT)}: {citation}" for path in [*SOURCES, *PAGES] for citation in missing(path)]
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(FENCED.sub("", page.read_text())):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked.read_text()), target


def test_the_contract_lists_the_operations_that_are_served() -> None:
    tables = "\n".join(line.split(" | ")[0] for line in COMING.sub("", CONTRACT).splitlines() if line.startswith("| `"))
    served = {(route.method, _as_documented(route.path)) for route in [*ROUTES, *SANDBOX_ROUTES]}
    assert set(OPERATION.findall(tables)) == served | {("POST", TOKEN_PATH)}


def _as_documented(path: str) -> str:
    return re.sub(r"\{\w+\}", lambda name: name[0].replace("_", "-"), path)


def test_the_contract_lists_scopes_codes_and_titles() -> None:
    built = COMING.sub("", CONTRACT)
    listed = set(re.findall(r"`([\w/-]+)`", built))
    assert listed >= {*SCOPES, *Code}
    assert all(f"| {status} | {title} |" in built for status, title in TITLES.items())
