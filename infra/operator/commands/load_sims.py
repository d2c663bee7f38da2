"""Load a file of SIMs, or finish an interrupted load."""

import argparse

from infra.operator import deployed, sim_file, sims
from infra.operator.arguments import add_file, add_partner
from infra.operator.faults import FileRefused
from infra.operator.outcomes import fail, fault_line, of_file
from infra.operator.printing import print_error, print_line
from infra.operator.progress import Progress
from infra.operator.sim_entries import SimEntry

LOADED_MEANWHILE = "somebody else has loaded these in the meantime; other SIMs of the file may be loaded, and are kept"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    add_file(parser)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    return of_file(_load, given, "loaded")


def _load(given: argparse.Namespace) -> int:
    read = sim_file.read(given.file)
    if any(entry.secret_codes for entry in read.entries):
        deployed.require_key()
    new = _missing(given.partner, read)
    try:
        with Progress("loading", len(new)) as progress:
            for count in sims.add(given.partner, new):
                progress.add(count)
    except sims.SimsRefused as refused:
        lines = {id(entry): line for entry, line in zip(read.entries, read.lines, strict=True)}
        for position, reasons in refused.reasons.items():
            print_error(fault_line(given.file, sim_file.fault(lines[id(new[position])], "; ".join(reasons))))
        return fail(LOADED_MEANWHILE)
    there = len(read.entries) - len(new)
    print_line(f"loaded for {given.partner}: {len(new):,} SIMs" + (f"; {there:,} were already there" if there else ""))
    return 0


def _missing(partner: str, read: sim_file.SimFile[SimEntry]) -> list[SimEntry]:
    faults = list(read.faults)
    try:
        with Progress("checking", len(read.entries)) as progress:
            new = sims.missing(partner, read.entries, progress.add)
    except sims.SimsRefused as refused:
        for position, reasons in refused.reasons.items():
            faults += read.taken(position, reasons)
    if faults:
        raise FileRefused(faults)
    return new
