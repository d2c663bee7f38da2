"""``python -m infra.operator``: let a partner in, load what it sells, fill its stock of SIMs (docs/operator.md).

Exit codes: 0 it is done; 1 it is refused, and nothing was written; 2 the command or AWS failed; 130 interrupted.
"""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from functions.identity.clients import register
from functions.shared.table import Conflict, Throttled
from infra.operator import catalog, catalog_file, deployed, sim_file, sims
from infra.operator.faults import Fault, FileRefused, UnknownForm
from infra.operator.progress import Progress
from infra.operator.sim_entries import SimEntry

FAILURES = (BotoCoreError, ClientError, OSError, Throttled, UnknownForm, deployed.NotDeployed, sims.SimsRefused)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    given = _parser().parse_args(arguments)
    try:
        if given.table:
            os.environ["TABLE_NAME"] = given.table
        else:
            deployed.enter(given.stage)
        return int(given.command(given))
    except FileRefused as refused:
        return _refuse(given.file, refused)
    except FAILURES as error:
        text = "the table takes no more at the moment" if isinstance(error, Throttled) else str(error)
        print(f"error: {text}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; what is written stays, and the same command once more writes the rest", file=sys.stderr)
        return 130


def load_catalog(given: argparse.Namespace) -> int:
    """Load a file of catalogs, or the rest of one."""
    read = catalog_file.read(given.file)
    try:
        begun = catalog.begin(given.partner, read.catalogs)
    except catalog.NamesTaken as taken:
        reasons = taken.reasons.items()
        raise FileRefused(
            [read.part.fault(["catalogs", name], f"{reason[0].upper()}{reason[1:]}.") for name, reason in reasons]
        ) from None
    if begun.finished:
        print(f"{given.file} is loaded already")
        return 0
    with Progress("loading", catalog.things(read.catalogs)) as progress:
        catalog.write(begun, read.catalogs, progress.add)
    counts = {name.replace("_", " "): len(part) for name, part in read.catalogs}
    print(f"loaded for {given.partner}: {', '.join(f'{count} {name}' for name, count in counts.items())}")
    return 0


def load_sims(given: argparse.Namespace) -> int:
    """Load a file of SIMs, or the rest of one."""
    read = sim_file.read(given.file)
    if any(entry.secret_codes for entry in read.entries):
        deployed.require_key()
    new = _missing(given.partner, read)
    with Progress("loading", len(new)) as progress:
        for count in sims.add(given.partner, new):
            progress.add(count)
    there = len(read.entries) - len(new)
    print(f"loaded for {given.partner}: {len(new):,} SIMs" + (f"; {there:,} were there already" if there else ""))
    return 0


def add_partner(given: argparse.Namespace) -> int:
    """Say whose a client is."""
    try:
        register(given.client_id, given.partner, given.api_key)
    except Conflict:
        print(f"the client {given.client_id} is registered already, with another partner or API key", file=sys.stderr)
        return 1
    print(f"the client {given.client_id} is {given.partner}'s")
    return 0


def _missing(partner: str, read: sim_file.SimFile) -> list[SimEntry]:
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


def _refuse(file: Path, refused: FileRefused) -> int:
    for fault in refused.faults:
        print(_told(file, fault), file=sys.stderr)
    count = len(refused.faults)
    print(f"{file} has {count:,} fault{'s' * (count > 1)}; nothing is loaded", file=sys.stderr)
    return 1


def _told(file: Path, fault: Fault) -> str:
    return ": ".join([f"{file}:{fault.line}", *([fault.place] if fault.place else []), fault.text])


def _partner(name: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,63}", name):
        raise argparse.ArgumentTypeError(f"{name!r} is no partner's name: lower-case letters, digits and '-'")
    return name


def _client_id(name: str) -> str:
    if not name or "#" in name:
        raise argparse.ArgumentTypeError(f"{name!r} is no client's id")
    return name


def _api_key(value: str) -> str:
    if not value:
        raise argparse.ArgumentTypeError("an API key is never empty")
    return value


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.operator", description=(__doc__ or "").partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="catalog|sims|partner")
    common = argparse.ArgumentParser(add_help=False)
    where = common.add_mutually_exclusive_group(required=True)
    where.add_argument("--stage", help="a deployed stage, whose table is meant")
    where.add_argument("--table", help="the table itself")
    common.add_argument("--partner", required=True, type=_partner)
    for name, command in (("catalog", load_catalog), ("sims", load_sims)):
        loading = commands.add_parser(name, parents=[common], help=command.__doc__)
        loading.add_argument("file", type=Path)
        loading.set_defaults(command=command)
    adding = commands.add_parser("partner", parents=[common], help=add_partner.__doc__)
    adding.add_argument("--client-id", required=True, type=_client_id)
    key = os.environ.get("API_KEY")
    adding.add_argument("--api-key", default=key, required=not key, type=_api_key, help="or API_KEY in the environment")
    adding.set_defaults(command=add_partner)
    return parser


if __name__ == "__main__":
    sys.exit(main())
