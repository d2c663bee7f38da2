"""What ``make faults`` prints."""

from collections.abc import Iterator, Sequence

from tests.faults.kinds import CALL_FAULTS, MESSAGE_FAULTS
from tests.faults.run import Result, Run

Row = tuple[object, ...]


def line(run: Run) -> str:
    """A scenario in a line."""
    return f"{run.name}: {_summary(run.results)}"


def failures(run: Run) -> Iterator[str]:
    """What went wrong, and how to see it again."""
    for result in run.results:
        if result.wrong:
            fault = result.fault
            yield f"\n{run.name}: {fault.kind} at {fault.name}\n{result.wrong}"
            yield f"Again: make faults ARGS='--only \"{run.name}#{fault.kind}#{fault.number}\"'\n"


def tables(runs: Sequence[Run]) -> Iterator[str]:
    """The figures by scenario and by kind of fault."""
    yield from _table(("scenario", "calls", "messages", "cases", "CPU s", "wrong"), map(_of_scenario, runs))
    results = [result for run in runs for result in run.results]
    kinds = [(kind, [each for each in results if each.fault.kind == kind]) for kind in (*CALL_FAULTS, *MESSAGE_FAULTS)]
    yield from _table(("fault", "cases", "wrong"), ((kind, len(some), _wrong(some)) for kind, some in kinds))
    yield f"\n{len(runs)} scenarios, {_summary(results)}"


def _of_scenario(run: Run) -> Row:
    seconds = sum(result.seconds for result in run.results)
    about = (len(run.plain.calls), len(run.plain.messages), len(run.results))
    return run.name, *about, f"{seconds:.1f}", _wrong(run.results)


def _table(head: Row, rows: Iterator[Row]) -> Iterator[str]:
    """Lines of Markdown; all columns but the first are numbers."""
    shown = [[str(cell) for cell in row] for row in (head, *rows)]
    first, *widths = (max(map(len, column)) for column in zip(*shown, strict=True))
    shown.insert(1, ["-" * first, *("-" * (width - 1) + ":" for width in widths)])
    yield ""
    for name, *cells in shown:
        numbers = (f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        yield f"| {' | '.join((f'{name:<{first}}', *numbers))} |"


def _summary(results: Sequence[Result]) -> str:
    seconds = sum(result.seconds for result in results)
    return f"{len(results):,} cases in {seconds:,.0f} seconds of a processor, {_wrong(results)} wrong"


def _wrong(results: Sequence[Result]) -> int:
    return sum(bool(result.wrong) for result in results)
