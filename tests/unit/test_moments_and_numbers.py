"""How moments, dates and numbers are written in a body (contract §1)."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from functions.orders.activate_subscription import ActivateSubscription
from functions.orders.cancel_subscription import CancelSubscription
from functions.shared.clock import iso
from functions.shared.json_values import parse
from functions.shared.moments import Instant, QueryInstant, RequestInstant
from tests.unit.order_shapes import (
    CANCELLATION,
    INVALID,
    faults_of,
    with_addon,
)


@pytest.mark.parametrize(
    "moment", ["1800000000", "2999-01-01 00:00:00Z", "2999-01-01T00:00:00", "2999-01-01T00:00Z", 1_800_000_000]
)
def test_a_time_is_rfc_3339(moment: str | int) -> None:
    body = with_addon(activation_mode="scheduled", start_at=moment)
    assert faults_of(ActivateSubscription, body) == [(INVALID, "$.products.addons[0].start_at")]


@pytest.mark.parametrize("day", ["1796083200", "20261201", "2026-12-01T00:00:00Z", 20_261_201])
def test_a_date_is_a_date(day: str | int) -> None:
    body = CANCELLATION | {"schedule": {"mode": "specific_date", "effective_at": day}}
    assert faults_of(CancelSubscription, body) == [(INVALID, "$.schedule.effective_at")]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("100.0", 100),
        ("1e2", 100),
        ("-0.0", 0),
        ("-0", 0),
        ("0e99999999999999999999", 0),
        ("9007199254740993.0", 9007199254740993),
        ("12345678901234567890123e-3", 12345678901234567890.123),
        ("1" + "0" * 200_000 + "e-200000", 1),
        ("1." + "0" * 200_000, 1),
        ("1.5", 1.5),
        ("1e-400", 0.0),
        ("0.99999999999999999999", 1.0),
        ("9" * 308, int("9" * 308)),
    ],
    ids=lambda it: str(it)[:30],
)
def test_a_number_is_an_integer_if_its_value_is_whole(written: str, value: float) -> None:
    parsed, faults = parse(f'{{"a": {written}}}'.encode())
    assert (parsed, faults) == ({"a": value}, [])
    assert type(parsed["a"]) is type(value)


@pytest.mark.parametrize(
    "moment",
    [
        "9999-12-31T23:59:59-05:00",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59.999999-00:01",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:60Z",
        "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00-99:99",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        f"2026-01-01T00:00:00.{'1' * 200_000}Z",
    ],
)
def test_a_moment_outside_the_calendar_is_a_fault(moment: str) -> None:
    body = with_addon(activation_mode="scheduled", start_at=moment)
    assert faults_of(ActivateSubscription, body) == [(INVALID, "$.products.addons[0].start_at")]


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+01:00"])
def test_nor_does_one_pass_anywhere_else(moment: str) -> None:
    for shape in (Instant, RequestInstant, QueryInstant):
        with pytest.raises(ValidationError, match="0001 to 9999"):
            TypeAdapter[Any](shape).validate_python(moment, strict=False)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"])
def test_the_edges_of_the_calendar_are_written_as_they_are_read(moment: str) -> None:
    assert iso(TypeAdapter[Any](Instant).validate_python(moment)) == moment
