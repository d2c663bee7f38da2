"""A command about a partner may end at any call of AWS: the same command completes it.

After the effect of one call is before that of the next; so only the former is tried.
"""

from typing import NamedTuple

import pytest

from functions.identity import clients
from tests.operator.partner_stage import PartnerStage, Stopped, added, kept, new_name, run, stopped

MAX_CALLS = 40


class Outcome(NamedTuple):
    """What a command leaves, without the partner's name."""

    status: str
    tier: str
    clients: list[tuple[bool, bool]]
    """Whether each has a name of ours, and whether it ends."""
    in_pool: int
    key_tiers: list[list[str]]
    known: list[bool]
    """Whether the authorizer refuses each."""


def outcome(stage: PartnerStage, name: str) -> Outcome:
    partner = kept(name)
    keys = stage.keys_of(name)
    if partner.status != "removed":
        assert [key["value"] for key in keys] == [partner.api_key]
    return Outcome(
        partner.status,
        partner.tier,
        [(client.name is not None, client.ends_at is not None) for client in partner.clients],
        len(stage.clients_of(name)),
        [key["tiers"] for key in keys],
        [found is None or found.disabled for found in (clients.find(client.id) for client in partner.clients)],
    )


def begun(action: str) -> tuple[str, list[str]]:
    """A partner as it is before the command, and the command's arguments."""
    if action == "add":
        return new_name(), []
    name = added()
    (client,) = kept(name).clients
    if action in {"enable", "remove"}:
        run("disable", name)
    if action == "rotate":
        run("disable", name, "--client-id", client.id)
    return name, {"move": ["--tier", "gold"], "disable client": ["--client-id", client.id]}.get(action, [])


@pytest.mark.parametrize("action", ["add", "rotate", "move", "disable", "disable client", "enable", "remove"])
def test_an_interrupted_command_is_completed_by_the_same_one(stage: PartnerStage, action: str) -> None:
    name, more = begun(action)
    command = action.partition(" ")[0]
    assert run(command, name, *more) == 0
    expected = outcome(stage, name)
    for call in range(MAX_CALLS):
        name, more = begun(action)
        if not ended_at(call, command, name, more):
            assert call > 1
            return
        assert run(command, name, *more) == 0, call
        assert outcome(stage, name) == expected, call
    raise AssertionError("the command does not end")


def ended_at(call: int, command: str, name: str, more: list[str]) -> bool:
    """Run the command up to the effect of this call of AWS; return whether it came so far."""
    try:
        with stopped(call):
            run(command, name, *more)
    except Stopped:
        return True
    return False
