"""docs/privacy.md says what the code does."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from functions.shared import idempotency
from functions.shared.event import EVENTS_KEPT
from functions.webhooks.delivery import DELIVERIES_KEPT
from infra.operator.people import REPLACED
from tests.unit.shown_by_scope import shown

PAGE = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if line.startswith("|")]


def test_each_scope_shows_what_the_page_says() -> None:
    told = {row[0].strip("`"): row[1].split(", ") if row[1] else [] for row in ROWS if re.match("`.+/.+`", row[0])}
    assert told == shown()


@pytest.mark.parametrize(
    ("what", "kept"),
    [
        ("remembered answers of keys that show a person", idempotency.KEPT),
        ("other remembered answers of keys", idempotency.KEPT),
        ("events (", EVENTS_KEPT),
        ("deliveries,", DELIVERIES_KEPT),
        ("reports of the network", EVENTS_KEPT),
    ],
)
def test_it_is_kept_as_long_as_the_page_says(what: str, kept: timedelta) -> None:
    (row,) = (row for row in ROWS if row[0].startswith(what))
    assert row[2].startswith(f"{kept.days} days" if kept.days > 1 else "24 hours")


def test_it_is_overwritten_with_what_the_page_says() -> None:
    for value in (REPLACED["first_name"], REPLACED["email"], REPLACED["msisdn"]):
        assert f"`{value}`" in PAGE
