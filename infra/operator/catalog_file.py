"""A file with a partner's catalogs, as JSON or as a spreadsheet."""

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from infra.operator.catalog_csv import CatalogCsv
from infra.operator.catalog_entries import Catalogs
from infra.operator.faults import Fault, FileRefused, Part, text_of
from infra.operator.json_file import JsonFile


class CatalogFile(NamedTuple):
    """What is in the file, and where."""

    catalogs: Catalogs
    part: Part


def read(file: Path) -> CatalogFile:
    """What the file holds. Raises :class:`FileRefused` with all its faults, and as ``text_of`` does."""
    text = text_of(file, ".csv", ".json")
    if file.suffix.lower() == ".csv":
        sheet = CatalogCsv(text)
        return _checked(sheet.part(), sheet.faults, from_text=True)
    return _checked(JsonFile(text).part(), [])


def _checked(part: Part, faults: list[Fault], *, from_text: bool = False) -> CatalogFile:
    try:
        catalogs = Catalogs.of(part.value, from_text=from_text)
    except ValidationError as error:
        raise FileRefused([*faults, *part.faults(error)]) from None
    if faults:
        raise FileRefused(faults)
    return CatalogFile(catalogs, part)
