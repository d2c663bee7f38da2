"""What comes from the mobile network over the bus is checked before anything is done about it."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from functions.shared.observability import logger
from functions.shared.shapes import json_path, place


class Malformed(Exception):
    """A message cannot be understood, now or later.

    Lambda tries it again twice and then puts it into the failures' queue, where people find it with all it says. The
    exception and the log name only the places of its faults, since a message may hold personal data.
    """


def understand(detail: Any, *shapes: TypeAdapter[Any]) -> list[Any]:
    """Return the detail of a message in each of the shapes. Raise :class:`Malformed` with the places of its faults.

    Members that are not known are passed over: the network may say more than we ask for.
    """
    understood: list[Any] = []
    faults: list[str] = []
    for shape in shapes:
        try:
            understood.append(shape.validate_python(detail, extra="ignore"))
        except ValidationError as error:
            faults += [_fault(problem, detail) for problem in error.errors(include_url=False, include_input=False)]
    faults = list(dict.fromkeys(faults))
    if faults:
        logger.warning("A message of the network cannot be understood.", extra={"faults": faults})
        raise Malformed("; ".join(faults))
    return understood


def _fault(problem: Any, detail: Any) -> str:
    """Where a fault is and of what kind, without what is there."""
    return f"{json_path(place(problem, detail if isinstance(detail, Mapping) else {}))}: {problem['type']}"
