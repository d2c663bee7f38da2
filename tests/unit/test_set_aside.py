"""Records of the stream that are set aside for an operator, and those that come again instead."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from functions.events import changes
from functions.events.set_aside import MAX_MESSAGE_LENGTH, REDRIVEN, ComesAgain, Unreadable
from functions.shared.event import Event
from functions.shared.metrics import UNEXPECTED_FAILURES
from tests.support.log import recorded
from tests.unit.stream_records import Outside, edit, event, hand_over, order, spoilt


def spoilt_with(text: str) -> dict[str, Any]:
    made = spoilt()
    edit(made["dynamodb"], data={"text": text})
    return made


def test_nothing_is_lost_when_it_cannot_be_set_aside(outside: Outside) -> None:
    """It is counted, as somebody has to look at the queue."""
    outside.failures["queue"] = EndpointConnectionError(endpoint_url="https://x")
    with recorded(here=True) as log:
        assert hand_over(event("evt_1"), spoilt(), event("evt_2")) == "evt_spoilt"
    assert outside.published == ["evt_1"]
    assert log.measured(UNEXPECTED_FAILURES) == [1]


def test_a_large_record_is_set_aside_without_its_images(outside: Outside) -> None:
    large = spoilt_with("é" * 100_000)
    large["dynamodb"]["OldImage"] = large["dynamodb"]["NewImage"]
    assert hand_over(large) is None
    (message,) = outside.set_aside
    assert message.pop("reason").startswith("Unreadable: ValidationError")
    without = {name: value for name, value in large["dynamodb"].items() if not name.endswith("Image")}
    keys = Event.key_of("acme", "evt_spoilt")._asdict()
    assert message == {"keys": keys, "Records": [large | {"dynamodb": without}]}


@pytest.mark.parametrize(("more", "whole"), [(0, True), (1, False)])
def test_one_whose_message_just_fits_keeps_its_images(outside: Outside, more: int, whole: bool) -> None:
    hand_over(spoilt_with("x"))
    room = MAX_MESSAGE_LENGTH - len(json.dumps(outside.set_aside.pop()))
    hand_over(spoilt_with("x" * (1 + room + more)))
    (message,) = outside.set_aside
    assert ("NewImage" in message["Records"][0]["dynamodb"]) == whole


def test_what_was_set_aside_can_be_handed_over_again(outside: Outside) -> None:
    outside.failures["ord_1"] = RuntimeError("a bug")
    hand_over(order("ord_1", age=timedelta(hours=1)))
    outside.failures.clear()
    assert changes.handler(outside.set_aside[0], None) == {"batchItemFailures": []}
    assert outside.moved == ["ord_1"]


def test_who_hands_it_over_again_by_hand_learns_why_it_fails(outside: Outside) -> None:
    """It is in its queue already."""
    with pytest.raises(Unreadable):
        hand_over(spoilt() | {REDRIVEN: True})
    assert outside.set_aside == []


def test_nothing_of_what_comes_again_is_told_but_its_number() -> None:
    assert str(ComesAgain(event("evt_1"))) == "number of evt_1"
