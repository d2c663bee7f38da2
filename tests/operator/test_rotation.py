"""Another secret for a partner: beside its former one for a time, or at once in place of one that has leaked."""

import time
from datetime import timedelta

from functions.identity import clients
from functions.shared import clock
from infra.local.system import System
from infra.operator.partners import records
from tests.operator.partner_stage import Capture, PartnerStage, added, asked, is_refused, kept, run


def test_another_client_works_beside_the_former_one(stage: PartnerStage, system: System, capsys: Capture) -> None:
    name = added("--scopes", "orders/read")
    (former,) = kept(name).clients
    capsys.readouterr()
    assert [run("rotate", name, "--hours", "1") for _ in range(2)] == [0, 0]
    assert len(stage.clients_of(name)) == 1, "it is the same command again: the client was just made"
    older = former.model_copy(update={"created_at": former.created_at - timedelta(hours=2)})
    records.save(kept(name).model_copy(update={"clients": (older,)}), kept(name))
    assert [run("rotate", name, "--hours", "1") for _ in range(2)] == [0, 0]
    _, new = kept(name).clients
    assert {client["ClientId"] for client in stage.clients_of(name)} == {former.id, new.id}
    assert stage.clients_of(name)[1]["AllowedOAuthScopes"] == ["orders/read"]
    assert "secret" in capsys.readouterr().out
    found = clients.find(former.id)
    assert found is not None
    assert found.ends_at is not None
    assert 3590 < found.ends_at - time.time() <= 3600
    assert {asked(system, former.id)["partner"], asked(system, new.id)["partner"]} == {name}


def test_a_client_that_was_just_made_is_replaced_if_it_is_named(
    stage: PartnerStage, system: System, capsys: Capture
) -> None:
    name = added()
    (young,) = kept(name).clients
    capsys.readouterr()
    assert run("rotate", name) == 0
    since = f"it got the client {young.id} at {clock.iso(young.created_at)}"
    hint = f"; to replace it as well, add --replaces {young.id}\n"
    assert f"{name}: nothing is changed: {since}{hint}" in capsys.readouterr().out
    assert [run("rotate", name, "--replaces", young.id) for _ in range(2)] == [0, 0]
    former, new = kept(name).clients
    assert (former.id, new.ends_at, len(stage.clients_of(name))) == (young.id, None, 2), (
        "the second time changes nothing"
    )
    assert former.ends_at is not None
    assert {asked(system, each.id)["partner"] for each in (former, new)} == {name}
    assert run("disable", name, "--client-id", new.id) == 0
    assert [run("rotate", name, "--replaces", new.id) for _ in range(2)] == [0, 0]
    assert len(stage.clients_of(name)) == 2, "the leaked one is gone, and has another in its place"
    assert run("rotate", name, "--replaces", "unknown") == 1


def test_a_leaked_client_is_out_and_another_one_is_in(stage: PartnerStage, system: System, capsys: Capture) -> None:
    name = added()
    (leaked,) = kept(name).clients
    assert [run("disable", name, "--client-id", leaked.id) for _ in range(2)] == [0, 0]
    assert is_refused(system, leaked.id)
    assert stage.clients_of(name) == []
    assert capsys.readouterr().out.endswith(f"{name} has no other client: 'partner rotate' makes one\n")
    assert [run("rotate", name) for _ in range(2)] == [0, 0]
    (client,) = stage.clients_of(name)
    assert asked(system, client["ClientId"])["partner"] == name
    assert is_refused(system, leaked.id)
    assert run("disable", name, "--client-id", "unknown") == 1
    assert capsys.readouterr().err == f"{name} has no client unknown\n"
