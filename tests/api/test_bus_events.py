"""docs/bus-events.schema.json: it says what is on the operator's bus, of every type, whole and in short."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from functions.events import publishing
from functions.shared.event import TYPES, Event
from infra.openapi.bus import PAGE, as_json, bus_schema
from infra.openapi.examples import example_data
from tests.support.description import check_bus_entry, document

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


def entry(event_type: str) -> Any:
    data = example_data(document())[event_type]
    members = {"id": "evt_1", "partner": "acme", "created_at": AT, "type": event_type, "sequence": 1, "ttl": 1}
    return publishing.entry_of(Event.model_validate(members | {"data": data}))


def test_it_is_what_the_code_has() -> None:
    assert PAGE.read_text() == as_json(bus_schema(document())), "write it anew with python -m infra.openapi"


def test_it_is_a_valid_schema_that_names_every_type() -> None:
    schema = json.loads(PAGE.read_text())
    Draft202012Validator.check_schema(schema)
    assert schema["oneOf"] == [{"$ref": f"#/$defs/{event_type}"} for event_type in TYPES]
    event = {"source": "mobile-orders", "detail-type": TYPES[0], "detail": json.loads(entry(TYPES[0])["Detail"])}
    Draft202012Validator(schema).validate(event | {"account": "123456789012", "version": "0"})
    with pytest.raises(ValidationError):
        Draft202012Validator(schema).validate(event | {"detail-type": TYPES[1]})


@pytest.mark.parametrize("event_type", TYPES)
def test_an_event_is_as_it_says_whole_and_in_short(event_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = entry(event_type)
    check_bus_entry(whole)
    monkeypatch.setattr(publishing, "MAX_DETAIL_BYTES", 0)
    short = entry(event_type)
    check_bus_entry(short)
    assert len(short["Detail"]) < len(whole["Detail"])


@pytest.mark.parametrize("change", [{"partner": None}, {"sequence": 0}, {"type": "order.lost"}, {"more": 1}])
def test_another_entry_is_found(change: dict[str, Any]) -> None:
    made = entry("order.completed")
    with pytest.raises(AssertionError, match=r"order\.completed"):
        check_bus_entry(made | {"Detail": json.dumps(json.loads(made["Detail"]) | change)})
