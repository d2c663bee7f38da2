"""A file with a partner's catalogs, as JSON or as a spreadsheet."""

from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from infra.operator.catalog_csv import CatalogCsv
from infra.operator.catalog_entries import Catalogs
from infra.operator.faults import Fault, FileRefused, Part, text_of
from infra.operator.json_file import JsonFile
from infra.operator.values import normalized


class CatalogFile(NamedTuple):
    """The content of the file, and where it is."""

    catalogs: Catalogs
    part: Part

    def fault(self, part: str, name: str, text: str) -> Fault:
        """Return a fault of the thing with this name, in any spelling."""
        spelled = (spelling for spelling in self.part.value[part] if normalized(spelling) == name)
        return self.part.fault([part, next(spelled, name)], text)


def read(file: Path) -> CatalogFile:
    """Return the content of the file. Raise :class:`FileRefused` with all faults, and what ``text_of`` raises."""
    text = text_of(file, ".csv", ".json")
    if file.suffix.lower() == ".csv":
        sheet = CatalogCsv(text)
        return _checked(sheet.part(), sheet.faults)
    return _checked(JsonFile(text).part(), [])


def _checked(part: Part, faults: list[Fault]) -> CatalogFile:
    try:
        catalogs = Catalogs.of(part.value)
    except ValidationError as error:
        raise FileRefused([*faults, *part.faults(error)]) from None
    if not catalogs.catalogs and not faults:
        faults.append(
            part.fault(["catalogs"], "At least one catalog is required; what is loaded can be withdrawn by its name.")
        )
    if faults:
        raise FileRefused(faults)
    return CatalogFile(catalogs, part)
