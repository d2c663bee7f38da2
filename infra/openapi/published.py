"""The documents that the API serves about itself, and its examples, made from docs/ alone: quick."""

import json
from pathlib import Path
from typing import Any

import yaml

from infra.openapi.examples import example_data
from infra.openapi.llms import llms_text
from infra.openapi.reference import orders_page, reference_page

YAML = Path(__file__).parents[2] / "docs" / "openapi.yaml"


def read() -> dict[str, Any]:
    """Return the document as it is checked in."""
    content: dict[str, Any] = yaml.load(YAML.read_text(), Loader=yaml.CSafeLoader)
    return content


def documents() -> dict[str, str]:
    """Return every document by the name of its file."""
    content = read()
    return {
        "openapi.yaml": YAML.read_text(),
        "openapi.json": json.dumps(content, ensure_ascii=False),
        "reference.html": reference_page(content),
        "orders.html": orders_page(content),
        "llms.txt": llms_text(content),
        "events.json": json.dumps(example_data(content), ensure_ascii=False),
    }


def publish(directory: Path) -> None:
    """Write them into the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in documents().items():
        (directory / name).write_text(text)
