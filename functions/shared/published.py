"""The documents that are written when the system is built, and served or used by a stage under its own address."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from functions.shared.links import PublicSettings
from functions.shared.settings import Settings

WRITTEN_URL = "https://api.example.com"
"""The base URL in the documents as they are written; each stage puts its own in its place."""


class DocumentsSettings(Settings):
    """Where the documents are (infra/openapi/published.py writes them)."""

    documents: Path


def read(name: str, addresses: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return a document with the addresses of this stage: the base URL, and others, written → actual."""
    text = gzip.decompress((DocumentsSettings.load().documents / f"{name}.gz").read_bytes()).decode()
    for written, actual in {**addresses, WRITTEN_URL: PublicSettings.load().public_url}.items():
        text = text.replace(written, actual)
    return text
