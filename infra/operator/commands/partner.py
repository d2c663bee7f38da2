"""Register a client for a partner, or change its tier."""

import argparse
import os

from functions.identity.clients import STANDARD
from functions.shared.dynamodb import Conflict
from infra.names import tiers
from infra.operator import partner_records
from infra.operator.arguments import add_partner
from infra.operator.outcomes import refuse
from infra.operator.printing import print_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_partner(parser)
    parser.add_argument("--client-id", required=True, type=_client_id)
    tier = "the tier whose usage plan has the API key; by default the standard one"
    parser.add_argument("--tier", default=STANDARD, help=tier)
    key, by_default = os.environ.get("API_KEY"), "by default API_KEY of the environment"
    parser.add_argument("--api-key", default=key, required=not key, type=_api_key, help=by_default)


def run(given: argparse.Namespace) -> int:
    """Run the command; return the exit code."""
    if given.stage and given.tier not in tiers(given.stage):
        return refuse(f"cdk.json gives {given.stage} no tier {given.tier!r}")
    try:
        _register(given)
    except Conflict:
        return refuse(f"the client {given.client_id} is already registered with another partner or API key")
    print_line(f"the client {given.client_id} belongs to {given.partner}, with the limits of the tier {given.tier}")
    return 0


def _register(given: argparse.Namespace) -> None:
    partner = partner_records.read(given.partner)
    if partner is None:
        partner_records.let_in(given.partner, given.client_id, given.api_key, given.tier)
    elif ([client.id for client in partner.clients], partner.api_key) == ([given.client_id], given.api_key):
        partner_records.save(partner.model_copy(update={"tier": given.tier}), partner)
    else:
        raise Conflict


def _client_id(name: str) -> str:
    if not name:
        raise argparse.ArgumentTypeError(f"{name!r} is not a client id")
    return name


def _api_key(value: str) -> str:
    if not value:
        raise argparse.ArgumentTypeError("the API key must not be empty")
    return value
