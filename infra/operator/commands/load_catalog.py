"""Load a file of catalogs, or finish an interrupted load."""

import argparse
from collections.abc import Mapping

from infra.operator import catalog, catalog_file
from infra.operator.arguments import add_file, add_partner
from infra.operator.faults import Fault, FileRefused
from infra.operator.outcomes import of_file
from infra.operator.printing import print_line
from infra.operator.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    add_file(parser)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    return of_file(_load, given, "loaded")


def _load(given: argparse.Namespace) -> int:
    read = catalog_file.read(given.file)
    begun = _begin(given.partner, read)
    if begun.finished:
        print_line(f"{given.file} is already loaded")
        return 0
    with Progress("loading", catalog.things(read.catalogs)) as progress:
        catalog.write(begun, read.catalogs, progress.add)
    counts = {name.replace("_", " "): len(part) for name, part in read.catalogs}
    print_line(f"loaded for {given.partner}: {', '.join(f'{count} {name}' for name, count in counts.items())}")
    return 0


def _begin(partner: str, read: catalog_file.CatalogFile) -> catalog.CatalogLoad:
    try:
        return catalog.begin(partner, read.catalogs)
    except catalog.NamesTaken as taken:
        raise FileRefused(_sentences(read, "catalogs", taken.reasons)) from None
    except catalog.TooLarge as refused:
        raise FileRefused(_sentences(read, "offerings", refused.reasons)) from None


def _sentences(read: catalog_file.CatalogFile, part: str, reasons: Mapping[str, str]) -> list[Fault]:
    return [read.fault(part, name, f"{reason[0].upper()}{reason[1:]}.") for name, reason in reasons.items()]
