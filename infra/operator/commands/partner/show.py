"""Show a partner: its clients and the scopes that they lack, and what of it goes on without a token."""

import argparse
from collections.abc import Iterator

from functions.routes import SCOPES
from functions.shared import clock
from infra.operator.arguments import add_partner
from infra.operator.partners import changes
from infra.operator.partners.entry import Entry
from infra.operator.partners.open_things import open_things
from infra.operator.partners.records import Partner, PartnerClient
from infra.operator.printing import print_line

GOES_ON = "its orders, its scheduled orders and its deliveries go on"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    entry = Entry.of(given.stage)
    for line in _lines(changes.existing(given.partner), entry):
        print_line(line)
    return 0


def _lines(partner: Partner, entry: Entry) -> Iterator[str]:
    since = f" since {clock.iso(partner.changed_at)}: {GOES_ON}" if partner.status == "disabled" else ""
    yield f"{partner.name} has the tier {partner.tier} and is {partner.status}{since}"
    for client in partner.clients:
        yield f"client {client.id}, of {clock.iso(client.created_at)}: {_state(client)}{_rights(client, entry)}"
    yield f"open: {open_things(partner.name)}"


def _state(client: PartnerClient) -> str:
    if client.ends_at is None:
        return "accepted"
    working = client.works(clock.machine_time())
    return f"{'accepted until' if working else 'refused since'} {clock.iso(client.ends_at)}"


def _rights(client: PartnerClient, entry: Entry) -> str:
    if not client.works(clock.machine_time()):
        return ""
    scopes = entry.pool.scopes(client.id) if entry.pool else None
    if scopes is None:
        return "; its scopes are known to its issuer alone"
    lacking = [scope for scope in SCOPES if scope not in scopes]
    return f"; lacks {', '.join(lacking)}" if lacking else "; has all scopes"
