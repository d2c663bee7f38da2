"""What docs/performance.md says of calls, units and bytes is what requests and orders take."""

from infra.pages import filled
from tests.benchmark import counting
from tests.benchmark.cases import record
from tests.benchmark.requests import MEASURED


def test_the_page_says_what_is_counted() -> None:
    text = counting.PAGE.read_text()
    tables = counting.tables({name: record(name) for name in MEASURED})
    assert filled(text, tables) == text, "write it anew with: make bench ARGS=--counted"
