"""The comparisons that the page begins with: the doors, boto3 alone, and the usual handler of this stack."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from infra.pages import table
from tests.benchmark.cases import Case, Recorded, put, usual
from tests.benchmark.measuring import Ratio, Start, ratio
from tests.benchmark.requests import CREATE, LIST, READ, Name

Starts = Mapping[str, Sequence[Start]]
Measure = Callable[[Start], float]


def cold(start: Start) -> float:
    """Return the processor time of a start, until its first answer."""
    return start.cold


def warm(start: Start) -> float:
    """Return the processor time of a warm call."""
    return start.warm.cpu


class Comparison(NamedTuple):
    """What is compared, and how it is called."""

    what: str
    measure: Measure
    floor: str
    door: str
    usual: str | None
    goal: float


def floor_of(name: Name) -> str:
    """Return the name of a request's calls, made by boto3 alone."""
    return f"{name}, boto3 alone"


def put_beside(name: Name) -> str:
    """Return the name of a put by boto3 alone that is measured beside a request."""
    return f"{name}, a put"


def usual_of(name: Name) -> str:
    """Return the name of a request to the usual handler."""
    return f"{name}, the usual handler"


COMPARISONS = (
    Comparison("cold start, an order is created", cold, put_beside(CREATE), str(CREATE), usual_of(CREATE), 1.6),
    Comparison("cold start, an order is read", cold, put_beside(READ), str(READ), usual_of(READ), 1.6),
    Comparison("warm, an order is created", warm, floor_of(CREATE), str(CREATE), usual_of(CREATE), 0.95),
    Comparison("warm, an order is read", warm, floor_of(READ), str(READ), usual_of(READ), 1.05),
    Comparison("warm, ten orders are listed", warm, floor_of(LIST), str(LIST), None, 1.05),
)


def cases(requests: Mapping[Name, Recorded]) -> dict[str, Case]:
    """Return all that is measured, by its name; what is compared runs one after the other."""
    found: dict[str, Case] = {}
    for name, each in requests.items():
        if each.floor.event:
            found[floor_of(name)] = each.floor
        if name in {CREATE, READ}:
            found |= {put_beside(name): put(requests[CREATE]), usual_of(name): usual(each)}
        found[str(name)] = each.door
    return found


def compared(starts: Starts, comparison: Comparison, name: str) -> Ratio:
    """Return how many times as much as the floor something takes."""
    measures = ([comparison.measure(start) for start in starts[each]] for each in (name, comparison.floor))
    return ratio(*measures)


def comparison_table(starts: Starts) -> str:
    """Return the table of all comparisons."""
    head = ["processor time, ms", "boto3 alone", "this system", "times", "goal", "the usual handler", "times"]
    return table(head, [[*_row(starts, each)] for each in COMPARISONS])


def _row(starts: Starts, comparison: Comparison) -> Iterator[str]:
    def typical(name: str) -> str:
        return f"{median(map(comparison.measure, starts[name])):.1f}"

    yield comparison.what
    yield from (typical(comparison.floor), typical(comparison.door))
    yield str(compared(starts, comparison, comparison.door))
    yield f"{comparison.goal:.2f}"
    if comparison.usual:
        yield from (typical(comparison.usual), str(compared(starts, comparison, comparison.usual)))
    else:
        yield from ("", "")


def door_table(requests: Mapping[Name, Recorded], starts: Starts) -> str:
    """Return what a request to each door takes."""
    head = ["ms", "import", "first call", "times boto3 alone", "warm", "wall", "times boto3 alone"]
    return table(head, [[*_door_row(name, each, starts)] for name, each in requests.items()])


def _door_row(name: Name, recorded: Recorded, starts: Starts) -> Iterator[str]:
    door = starts[str(name)]
    yield f"`{name}`"
    yield f"{median(start.imported.cpu for start in door):.0f}"
    yield f"{median(start.first.cpu for start in door):.0f}"
    floor = starts.get(floor_of(name))
    yield _times(cold, door, floor)
    yield f"{median(map(warm, door)):.2f}"
    yield f"{median(start.warm.wall for start in door):.2f}"
    yield _times(warm, door, floor)


def _times(measure: Measure, door: Sequence[Start], floor: Sequence[Start] | None) -> str:
    return f"{ratio([*map(measure, door)], [*map(measure, floor)]).median:.2f}" if floor else ""
