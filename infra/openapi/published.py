"""The documents that the API serves about itself, and its examples, made from docs/ alone: quick."""

import gzip
import json
from pathlib import Path
from typing import Any

import yaml

from infra.openapi.examples import example_data
from infra.openapi.llms import llms_text
from infra.openapi.reference import orders_page, reference_page

YAML = Path(__file__).parents[2] / "docs" / "openapi.yaml"
SANDBOX = YAML.with_name("openapi.sandbox.yaml")
"""What the sandbox's document has beside."""


def as_yaml(content: dict[str, Any]) -> str:
    """Return a document, or a part of it, as the file that is checked in."""
    written = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return f"# Written by `python -m infra.openapi`; a test compares it with the code.\n{written}"


class _Dumper(yaml.CSafeDumper):  # type: ignore[misc] # yaml brings no types
    def ignore_aliases(self, _data: Any) -> bool:
        """Write everything out, so that each part can be read by itself."""
        return True


def read(path: Path = YAML) -> dict[str, Any]:
    """Return the document as it is checked in."""
    content: dict[str, Any] = yaml.load(path.read_text(), Loader=yaml.CSafeLoader)
    return content


def with_sandbox(content: dict[str, Any]) -> dict[str, Any]:
    """Return the document of the sandbox: the API's, and what the sandbox has beside."""
    more = read(SANDBOX)
    components = {kind: content["components"][kind] | named for kind, named in more["components"].items()}
    return content | {
        "tags": [*content["tags"], *more["tags"]],
        "paths": content["paths"] | more["paths"],
        "components": content["components"] | components,
    }


def documents(content: dict[str, Any]) -> dict[str, str]:
    """Return everything that is made from a document, by the name of its file."""
    return {
        "openapi.yaml": as_yaml(content),
        "openapi.json": json.dumps(content, ensure_ascii=False),
        "reference.html": reference_page(content),
        "orders.html": orders_page(content),
        "llms.txt": llms_text(content),
        "events.json": json.dumps(example_data(content), ensure_ascii=False),
    }


def publish(directory: Path, content: dict[str, Any]) -> None:
    """Write into the directory what is made from a document, compressed: it is a tenth of what a function holds."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, text in documents(content).items():
        (directory / f"{name}.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
