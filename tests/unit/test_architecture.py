"""What docs/architecture.md says is what the code does."""

import re
from pathlib import Path
from typing import get_args

import pytest

from functions.orders.order import Order
from functions.products.product import Product
from functions.shared.states import Stateful
from functions.subscriptions.subscription import Subscription

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()


@pytest.mark.parametrize(
    ("introduction", "model"), [("An order", Order), ("A subscription", Subscription), ("A product", Product)]
)
def test_the_table_of_statuses(introduction: str, model: type[Stateful]) -> None:
    rows = [
        f"| `{status}` | {', '.join(f'`{name}`' for name in following) or '(final)'} |"
        for status, following in model.TRANSITIONS.items()
    ]
    table = "\n".join([f"{introduction}:", "", "| from | to |", "|---|---|", *rows])
    assert table in ARCHITECTURE


def test_the_diagram_of_an_order() -> None:
    arrows = [f"    {status} --> {name}" for status, following in Order.TRANSITIONS.items() for name in following]
    ends = [f"    {status} --> [*]" for status, following in Order.TRANSITIONS.items() if not following]
    assert "\n".join(["stateDiagram-v2", "    [*] --> accepted", *arrows, *ends, "```"]) in ARCHITECTURE


@pytest.mark.parametrize("model", [Order, Subscription, Product])
def test_every_status_is_in_the_table(model: type[Stateful]) -> None:
    statuses = set(get_args(model.model_fields["status"].annotation))
    assert statuses == set(model.TRANSITIONS)
    assert {name for following in model.TRANSITIONS.values() for name in following} <= statuses


def test_the_time_is_asked_of_the_clock_itself() -> None:
    """A sandbox moves it there: who has taken the function by its name would go on by the machine's time."""
    taking = re.compile(r"from functions\.shared\.clock import .*\b(now|machine_time)\b")
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "infra").rglob("*.py")]
    assert len(sources) > 100
    assert [source for source in sources if taking.search(source.read_text())] == []
