"""What docs/orders.md and its picture say is what the code does; its commands run in tests/e2e."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from functions.orders import cancel_subscription_products, progress, requests, rules, schedule
from functions.orders.failures import RETRIABLE
from functions.orders.order import Order
from functions.products import lifecycle
from functions.routes import ORDER_TYPES, ROUTES
from functions.shared.advice import FAILURES, REFUSALS
from functions.shared.refusals import Code, declared_codes
from infra.openapi.operations import function_of

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "orders.md").read_text()
SVG = "{http://www.w3.org/2000/svg}"
SHORT = ("activate", "top up", "cancel", "swap", "change", "products")
"""What the table of codes calls the order types."""


def table(header: str) -> list[list[str]]:
    """The cells of the rows below a header."""
    _, _, below = PAGE.partition(f"{header}\n")
    rows = re.match(r"\|[-: |]+\|\n((?:\|.*\|\n)+)", below)
    assert rows is not None, header
    return [[cell.strip() for cell in row[1:-1].split(" | ")] for row in rows[1].splitlines()]


def test_every_order_type_has_a_row_a_chapter_and_a_request() -> None:
    rows = table("| order type | purpose | includes | limits |")
    assert [row[0].split("`")[1] for row in rows] == list(ORDER_TYPES)
    for name, (link, *_) in zip(ORDER_TYPES, rows, strict=True):
        anchor = link.partition("(#")[2].rstrip(")")
        (chapter,) = [text for text in PAGE.split("\n## ") if _anchor(text) == anchor]
        assert f"$API/orders/{name.replace('_', '-')} -d" in chapter


def _anchor(chapter: str) -> str:
    return chapter.partition("\n")[0].lower().replace(" ", "-")


@pytest.mark.parametrize(
    "words",
    [
        f"{requests.MAX_ADDONS} add-ons: at most {rules.MAX_DATA_ADDONS} with data",
        f"{rules.MAX_OPEN_PRODUCTS} open products on a subscription",
        f"1 to {cancel_subscription_products.MAX_PRODUCT_IDS} products",
        f"a date at most {schedule.MAX_AHEAD.days} days ahead",
        f"(`first_usage`, within {lifecycle.FIRST_USAGE_WITHIN.days} days)",
        f"(`scheduled`, at most {requests.MAX_START_AHEAD.days} days ahead)",
        f"not resumed within {progress.HELD_FOR.days} days",
    ],
)
def test_the_limits_are_those_of_the_code(words: str) -> None:
    assert words in PAGE.replace("\n", " ")


def test_the_table_of_statuses() -> None:
    rows = table("| status | what it means | what you do | next |")
    assert [(row[0], row[-1]) for row in rows] == [
        (f"`{status}`", ", ".join(f"`{name}`" for name in following) or "(final)")
        for status, following in Order.TRANSITIONS.items()
    ]


def groups(kind: str) -> Iterator[Any]:
    """The groups of the picture of one kind."""
    for group in ElementTree.parse(DOCS / "order-lifecycle.svg").iter(f"{SVG}g"):  # noqa: S314 - our own file
        if group.get("class") == kind:
            yield group


def test_the_picture_shows_every_status_and_transition() -> None:
    assert "![The lifecycle of an order](order-lifecycle.svg)" in PAGE
    shown = [group.find(f"{SVG}text").text for group in groups("status")]
    assert sorted(shown) == sorted(Order.TRANSITIONS)
    titles = {group.find(f"{SVG}title").text for group in groups("transition")}
    assert titles == {f"{status} to {name}" for status, names in Order.TRANSITIONS.items() for name in names}


def test_each_arrow_goes_from_its_status_to_the_next() -> None:
    """It begins at the frame of the one and ends at that of the other."""
    frames = {group.find(f"{SVG}text").text: _frame(group.find(f"{SVG}rect")) for group in groups("status")}
    for group in groups("transition"):
        before, after = group.find(f"{SVG}title").text.split(" to ")
        numbers = [float(each) for each in re.findall(r"\d+", group.find(f"{SVG}path").get("d"))]
        assert _touches(frames[before], *numbers[:2])
        assert _touches(frames[after], *numbers[-2:])


def _frame(rect: Any) -> list[float]:
    return [float(rect.get(name)) for name in ("x", "y", "width", "height")]


def _touches(frame: list[float], x: float, y: float) -> bool:
    left, top, width, height = frame
    return left - 3 <= x <= left + width + 3 and top - 3 <= y <= top + height + 3


def test_the_table_of_refusals() -> None:
    functions = {route.module: function_of(route) for route in ROUTES if route.operation == "place_order"}
    codes = [declared_codes(functions[f"orders.{name}"]) for name in ORDER_TYPES]
    expected = [
        [f"`{code.value}`", advice.meaning, *("yes" if code in declared else "" for declared in codes)]
        for code, advice in REFUSALS.items()
        if isinstance(code, Code) and any(code in declared for declared in codes)
    ]
    assert table(f"| code | what it means | {' | '.join(SHORT)} |") == expected


def test_the_table_of_failures() -> None:
    assert table("| code | retriable | what it means | what to do |") == [
        [f"`{code}`", "yes" if code in RETRIABLE else "no", advice.meaning, advice.remedy]
        for code, advice in FAILURES.items()
    ]
