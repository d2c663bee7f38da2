"""``python -m infra.operator``: add partners, load and withdraw catalogs and SIMs, show records (docs/operator.md).

Exit codes: 0 success; 1 refused (nothing was written; what could not be withdrawn is unchanged); 2 the command or AWS
failed; 130 interrupted.
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from functions.identity.clients import register
from functions.shared.dynamodb import Conflict, Throttled
from infra.names import tiers
from infra.operator import catalog, catalog_file, catalog_withdrawal, deployed, show, sim_file, sim_withdrawal, sims
from infra.operator.arguments import parser
from infra.operator.faults import Fault, FileRefused, UnknownForm
from infra.operator.printing import print_error, print_line
from infra.operator.progress import Progress
from infra.operator.sim_entries import SimEntry

FAILURES = (BotoCoreError, ClientError, OSError, UnknownForm, deployed.NotDeployed, catalog.Withdrawn)

LOADED_MEANWHILE = "somebody else has loaded these in the meantime; other SIMs of the file may be loaded, and are kept"
SOLD = (
    "what was sold does not change, but subscriptions with one of these plans could no longer order add-ons for it, "
    "because no catalog would have both; to withdraw the catalog anyway, add --even-if-sold"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit code."""
    given = parser(COMMANDS, (__doc__ or "").partition("\n")[0]).parse_args(arguments)
    try:
        return _run(given)
    except Throttled:
        return _fail("the table is too busy; try again in a few minutes")
    except FAILURES as error:
        return _fail(error)
    except KeyboardInterrupt:
        print_error("interrupted; what was done is kept, and the same command completes the rest")
        return 130


def _run(given: argparse.Namespace) -> int:
    if given.table:
        os.environ["TABLE_NAME"] = given.table
    else:
        deployed.enter(given.stage)
    try:
        return int(given.command(given))
    except FileRefused as refused:
        return _refuse(given.file, refused, "loaded" if given.command in {load_catalog, load_sims} else "withdrawn")


def load_catalog(given: argparse.Namespace) -> int:
    """Load a file of catalogs, or finish an interrupted load."""
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


def withdraw_catalog(given: argparse.Namespace) -> int:
    """Withdraw a catalog, with everything that was loaded with it."""
    try:
        done = catalog_withdrawal.withdraw(
            given.partner, given.name, even_if_sold=given.even_if_sold, report=print_line
        )
    except catalog_withdrawal.NoSuchCatalog as missing:
        return _refuse_lines(str(missing))
    except catalog_withdrawal.Sold as sold:
        examples = [f"{name!r} was sold, for example by {order_id}" for name, order_id in sold.orders.items()]
        return _refuse_lines(*examples, f"{SOLD}; nothing was withdrawn")
    kept = f"; {done.kept:,} offerings kept as inactive, because sold" if done.kept else ""
    print_line(f"withdrawn from {given.partner}: {', '.join(map(repr, done.names))}{kept}")
    return 0


def load_sims(given: argparse.Namespace) -> int:
    """Load a file of SIMs, or finish an interrupted load."""
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
            print_error(_fault_line(given.file, sim_file.fault(lines[id(new[position])], "; ".join(reasons))))
        return _fail(LOADED_MEANWHILE)
    there = len(read.entries) - len(new)
    print_line(f"loaded for {given.partner}: {len(new):,} SIMs" + (f"; {there:,} were already there" if there else ""))
    return 0


def withdraw_sims(given: argparse.Namespace) -> int:
    """Withdraw the SIMs of a file from the stock, by their ICCIDs."""
    read = sim_file.read_iccids(given.file)
    if read.faults:
        raise FileRefused(read.faults)
    with Progress("withdrawing", len(read.entries)) as progress:
        done = sim_withdrawal.withdraw(given.partner, read.entries, progress.add)
    for iccid, line in zip(read.entries, read.lines, strict=True):
        if iccid in done.kept:
            print_error(_fault_line(given.file, sim_file.fault(line, f"ICCID {iccid}: {done.kept[iccid]}")))
    gone = len({*read.entries}) - done.withdrawn - len(done.kept)
    others = {"were not there": gone, "were not withdrawn": len(done.kept)}
    rest = "".join(f"; {count:,} {what}" for what, count in others.items() if count)
    print_line(f"withdrawn from {given.partner}: {done.withdrawn:,} SIMs{rest}")
    return 1 if done.kept else 0


def add_partner(given: argparse.Namespace) -> int:
    """Register a client for a partner, or change its tier."""
    if given.stage and given.tier not in tiers(given.stage):
        return _refuse_lines(f"cdk.json gives {given.stage} no tier {given.tier!r}")
    try:
        register(given.client_id, given.partner, given.api_key, given.tier)
    except Conflict:
        return _refuse_lines(f"the client {given.client_id} is already registered with another partner or API key")
    print_line(f"the client {given.client_id} belongs to {given.partner}, with the limits of the tier {given.tier}")
    return 0


def show_record(given: argparse.Namespace) -> int:
    """Print the records with an id, without secrets."""
    lines = show.records(given.partner, given.id)
    for line in lines:
        print_line(line)
    if not lines:
        print_error(f"{given.partner} has no record with the id {given.id!r}")
    return 0 if lines else 1


def _begin(partner: str, read: catalog_file.CatalogFile) -> catalog.CatalogLoad:
    try:
        return catalog.begin(partner, read.catalogs)
    except catalog.NamesTaken as taken:
        raise FileRefused(_sentences(read, "catalogs", taken.reasons)) from None
    except catalog.TooLarge as refused:
        raise FileRefused(_sentences(read, "offerings", refused.reasons)) from None


def _sentences(read: catalog_file.CatalogFile, part: str, reasons: Mapping[str, str]) -> list[Fault]:
    return [read.fault(part, name, f"{reason[0].upper()}{reason[1:]}.") for name, reason in reasons.items()]


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


def _fail(error: object) -> int:
    print_error(f"error: {error}")
    return 2


def _refuse_lines(*lines: str) -> int:
    for line in lines:
        print_error(line)
    return 1


def _refuse(file: Path, refused: FileRefused, done: str) -> int:
    count = len(refused.faults)
    lines = [_fault_line(file, fault) for fault in refused.faults]
    return _refuse_lines(*lines, f"{file} has {count:,} fault{'s' * (count > 1)}; nothing was {done}")


def _fault_line(file: Path, fault: Fault) -> str:
    return ": ".join([f"{file}:{fault.line}", *([fault.location] if fault.location else []), fault.text])


COMMANDS = {
    "catalog": load_catalog,
    "sims": load_sims,
    "partner": add_partner,
    "withdraw-catalog": withdraw_catalog,
    "withdraw-sims": withdraw_sims,
    "show-record": show_record,
}


if __name__ == "__main__":
    sys.exit(main())
