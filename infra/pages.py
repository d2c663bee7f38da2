"""Tables of the docs that are computed: each stands between ``<!-- name -->`` and ``<!-- end -->``."""

import re
from collections.abc import Iterable, Mapping


def table(head: list[str], rows: Iterable[list[str]], *, numbers: int | None = None) -> str:
    """Return a table; the first ``numbers`` columns after the first hold numbers, by default all of them."""
    right = len(head) - 1 if numbers is None else numbers
    ruled = [head, ["---"] + ["--:"] * right + ["---"] * (len(head) - 1 - right), *rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)


def filled(text: str, tables: Mapping[str, str]) -> str:
    """Return the page with its tables written anew. Raise ``LookupError`` if it has no place for one."""
    for name, content in tables.items():
        place = re.compile(rf"(<!-- {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)
        if not place.search(text):
            raise LookupError(f"there is no place for {name}")
        text = place.sub(lambda found, content=content: f"{found[1]}\n{content}\n{found[2]}", text)  # type: ignore[misc]
    return text
