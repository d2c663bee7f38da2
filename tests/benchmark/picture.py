"""The picture of the comparisons: multiples of what boto3 alone takes, and where the middle half of the rounds lies."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from tests.benchmark.comparing import COMPARISONS, Comparison, Starts, compared

LEFT, UNIT, WIDTH = 260, 240, 900
"""Where 1 begins to count, and how long it is."""
BAR, GAP = 20, 34
STYLE = """<style>
text { fill: #1e293b; } .door { fill: #2563eb; } .usual { fill: #64748b; } .back { fill: #ffffff; }
.value { fill: #ffffff; } .line { stroke: #0f172a; } .goal { stroke: #dc2626; }
@media (prefers-color-scheme: dark) {
text { fill: #e2e8f0; } .back { fill: #0d1117; } .value { fill: #ffffff; }
.line { stroke: #cbd5e1; } .goal { stroke: #f87171; } }
</style>"""


def picture(starts: Starts) -> str:
    """Return the picture as SVG."""
    height = 70 + len(COMPARISONS) * (2 * BAR + GAP)
    parts = [*_head(height)]
    for number, comparison in enumerate(COMPARISONS):
        parts += _group(starts, comparison, 50 + number * (2 * BAR + GAP))
    return "\n".join([*parts, _upright("line", 1, 40, height - 16), "</svg>\n"])


def _head(height: int) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="14">'
    )
    yield "<title>Processor time, as a multiple of what boto3 alone takes</title>"
    yield STYLE
    yield f'<rect class="back" width="{WIDTH}" height="{height}"/>'
    yield f'<text x="{LEFT + UNIT}" y="30" text-anchor="middle">boto3 alone</text>'
    for name, words, x in (("door", "this system", 570), ("usual", "the usual handler", 680)):
        yield f'<rect class="{name}" x="{x}" y="18" width="14" height="14"/><text x="{x + 20}" y="30">{words}</text>'
    yield f'{_upright("goal", (830 - LEFT) / UNIT, 16, 34)}<text x="840" y="30">goal</text>'


def _group(starts: Starts, comparison: Comparison, y: int) -> Iterator[str]:
    yield f'<text x="{LEFT - 14}" y="{y + 26}" text-anchor="end">{escape(comparison.what)}</text>'
    for place, (name, kind) in enumerate(((comparison.door, "door"), (comparison.usual, "usual"))):
        if name:
            yield from _bar(starts, comparison, name, kind, y + place * BAR)
    yield _upright("goal", comparison.goal, y - 4, y + BAR + 2)


def _bar(starts: Starts, comparison: Comparison, name: str, kind: str, y: int) -> Iterator[str]:
    found = compared(starts, comparison, name)
    width = found.median * UNIT
    yield f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{width:.0f}" height="{BAR - 4}"/>'
    low, high = (LEFT + each * UNIT for each in (found.low, found.high))
    yield f'<path class="line" d="M{low:.0f} {y + 8} H{high:.0f}" stroke-width="2"/>'
    yield f'<text class="value" x="{LEFT + 8}" y="{y + 13}">{found.median:.2f}</text>'


def _upright(name: str, value: float, top: int, bottom: int) -> str:
    x = LEFT + value * UNIT
    return f'<path class="{name}" d="M{x:.0f} {top} V{bottom}" stroke-width="1.5" stroke-dasharray="4 3"/>'
