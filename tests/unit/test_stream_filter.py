"""What of the table's stream reaches its function."""

from typing import Any

import pytest

from infra.local.stream_filter import wanted


def record(happened: str, *, new: dict[str, str] | None = None, old: dict[str, str] | None = None) -> Any:
    images = {"NewImage": new, "OldImage": old}
    change = {name: {key: {"S": value} for key, value in image.items()} for name, image in images.items() if image}
    return {"eventName": happened, "dynamodb": change}


def order(status: str) -> dict[str, str]:
    return {"kind": "order", "status": status}


@pytest.mark.parametrize(
    "passed",
    [
        record("INSERT", new={"kind": "event"}),
        record("INSERT", new=order("accepted")),
        *(
            record("MODIFY", old=order(status), new=order("fulfilling"))
            for status in ("accepted", "scheduled", "on_hold")
        ),
    ],
)
def test_it_gets_what_it_acts_on(passed: Any) -> None:
    assert wanted(passed)


@pytest.mark.parametrize(
    "left_out",
    [
        record("MODIFY", old=order("fulfilling"), new=order("fulfilling")),
        record("MODIFY", old=order("fulfilling"), new=order("completed")),
        record("MODIFY", old=order("accepted"), new=order("scheduled")),
        record("MODIFY", old=order("accepted"), new=order("accepted")),
        record("INSERT", new=order("fulfilling")),
        record("INSERT", new={"kind": "subscription", "status": "accepted"}),
        record(
            "MODIFY", old={"kind": "subscription", "status": "x"}, new={"kind": "subscription", "status": "fulfilling"}
        ),
        record("INSERT", new={"pk": "an idempotency record"}),
        record("MODIFY", old={"kind": "event"}, new={"kind": "event"}),
        record("REMOVE", old={"kind": "event"}),
        record("REMOVE", old=order("accepted")),
    ],
)
def test_it_gets_nothing_else(left_out: Any) -> None:
    """Not what the steps of an order write while it is being fulfilled, either."""
    assert not wanted(left_out)
