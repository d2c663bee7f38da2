"""docs/privacy.md says what the code does."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from functions.events import clock
from functions.events.reports import ReportRecord
from functions.network.requests import NetworkRequest
from functions.orders.order import Order
from functions.shared import idempotency
from functions.shared.event import EVENTS_KEPT, Event
from functions.shared.people import PERSONAL
from functions.shared.records import Record
from functions.subscribers.subscriber import Subscriber
from functions.webhooks.delivery import DELIVERIES_KEPT, Delivery
from infra.operator.people import REPLACED
from tests.support.builders import NOW, PARTNER
from tests.unit.shown_by_scope import members, shown

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


def test_what_is_kept_for_a_time_says_where_the_table_looks_until_when() -> None:
    """DynamoDB does not look into documents."""
    members = {"id": "x_1", "partner": PARTNER, "created_at": NOW, "ttl": 1, "type": "order.completed", "data": {}}
    members |= {"webhook_id": "webh_1", "event_id": "evt_1", "event_type": "order.completed"}
    members |= {"since": NOW, "until": NOW, "types": ["*"], "holder": "dlv_1"}
    kept_for_a_time = {model for model in records() if "ttl" in model.model_fields}
    assert {Event, Delivery, ReportRecord, NetworkRequest} <= kept_for_a_time
    assert {model: model(**members).item().get("ttl") for model in kept_for_a_time} == dict.fromkeys(kept_for_a_time, 1)


def test_it_is_overwritten_with_what_the_page_says() -> None:
    for value in (REPLACED["first_name"], REPLACED["email"], REPLACED["msisdn"]):
        assert f"`{value}`" in PAGE


def test_every_record_that_holds_a_person_is_erased() -> None:
    (told,) = re.findall(r"^subr_.*: (.*) overwritten$", PAGE, re.MULTILINE)
    holding = [model for model in records() if PERSONAL & {*members(model.model_json_schema())}]
    assert {Subscriber, Order, Delivery} <= {*holding}
    assert [model.KIND for model in holding if not {model.KIND.replace("_", " "), model.PLURAL} & words_of(told)] == []


def records() -> Iterator[type[Record]]:
    """Every kind of record; the clock's function knows them all."""
    assert clock
    left = [Record]
    while left:
        left += (model := left.pop()).__subclasses__()
        if hasattr(model, "KIND"):
            yield model


def words_of(told: str) -> set[str]:
    """What was overwritten, without how many."""
    return {counted.partition(" ")[2] for counted in told.split(", ")}
