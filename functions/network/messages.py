"""Checks of the mobile network's messages, before anything else is done with them."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from functions.shared.observability import logger
from functions.shared.shapes import json_path, locate


class Malformed(Exception):
    """A message is malformed; a retry would not help.

    Lambda retries it twice and then puts it, as it is, into the failure queue. The exception and the log name only the
    places of its faults, since a message can contain personal data.
    """


def understand(detail: Any, *shapes: TypeAdapter[Any]) -> list[Any]:
    """Return the detail of a message in each of the shapes. Raise :class:`Malformed` with the places of all faults.

    Unknown members are ignored: the network may send more than we need.
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
    """Return the place and the type of a fault, without the value."""
    return f"{json_path(locate(problem, detail if isinstance(detail, Mapping) else {}))}: {problem['type']}"
