"""Partners by command: who is let in, with which limits and scopes, and who is out again."""

import pytest

from functions.identity import clients
from functions.routes import SCOPES
from functions.shared import clock
from functions.shared.marshal import marshal
from functions.shared.records import Key
from infra.local.environment import CLIENTS
from infra.local.system import System
from infra.operator.partners import records
from tests.operator.partner_stage import (
    ALL,
    Capture,
    PartnerStage,
    added,
    asked,
    is_refused,
    kept,
    new_name,
    run,
    terminal,
)
from tests.support.newcomer import Newcomer


def test_one_command_lets_a_partner_in(stage: PartnerStage, system: System, capsys: Capture) -> None:
    name = added()
    (client,), (key,) = stage.clients_of(name), stage.keys_of(name)
    assert (client["AllowedOAuthFlows"], {*client["AllowedOAuthScopes"]}) == (["client_credentials"], ALL)
    assert key["tiers"] == ["standard"]
    answer = asked(system, client["ClientId"])
    assert (answer["partner"], answer["key"], answer["rate"]) == (name, key["value"], "100")
    shown = f"client id {client['ClientId']}, secret {client['ClientSecret']} (not shown again)"
    assert capsys.readouterr().out.splitlines() == [shown, f"{name} has access with the limits of the tier standard"]


def test_the_same_command_again_changes_nothing_and_shows_no_secret(stage: PartnerStage, capsys: Capture) -> None:
    name = added()
    before = kept(name)
    secret = stage.clients_of(name)[0]["ClientSecret"]
    capsys.readouterr()
    assert run("add", name) == 0
    assert secret not in capsys.readouterr().out
    assert kept(name) == before
    assert (len(stage.clients_of(name)), len(stage.keys_of(name))) == (1, 1)


def test_a_secret_is_shown_on_a_terminal_alone(
    stage: PartnerStage, capsys: Capture, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.operator.partners.entry.sys", terminal(is_one=False))
    name = added()
    (client,) = stage.clients_of(name)
    printed = capsys.readouterr()
    assert client["ClientSecret"] not in printed.out + printed.err + caplog.text
    assert f"--user-pool-id {stage.pool_id} --client-id {client['ClientId']}" in printed.out


def test_scopes_and_tier_can_be_chosen_and_what_is_missing_is_shown(stage: PartnerStage, capsys: Capture) -> None:
    name = added("--tier", "gold", "--scopes", "orders/write orders/read")
    (client,), (key,) = stage.clients_of(name), stage.keys_of(name)
    assert (client["AllowedOAuthScopes"], key["tiers"]) == (["orders/read", "orders/write"], ["gold"])
    capsys.readouterr()
    assert run("show", name) == 0
    lacking = ", ".join(scope for scope in SCOPES if not scope.startswith("orders/") or scope == "orders/cancel")
    first, second, last = capsys.readouterr().out.splitlines()
    assert first == f"{name} has the tier gold and is active"
    assert second.endswith(f": accepted; lacks {lacking}")
    assert last == "open: 0 unfinished orders, 0 waiting orders, 0 open subscriptions, 0 enabled webhooks"


def test_scopes_are_changed_only_if_they_are_named(stage: PartnerStage) -> None:
    name = added("--scopes", "orders/read")
    assert run("add", name) == 0
    assert stage.clients_of(name)[0]["AllowedOAuthScopes"] == ["orders/read"]
    assert run("add", name, "--scopes", " ".join(SCOPES)) == 0
    (client,) = stage.clients_of(name)
    assert {*client["AllowedOAuthScopes"]} == ALL
    assert client["AllowedOAuthFlows"] == ["client_credentials"]
    assert {*kept(name).scopes} == ALL


def test_a_client_of_another_issuer_is_taken_and_never_deleted(stage: PartnerStage, system: System) -> None:
    name, client_id = new_name(), new_name()
    assert run("add", name, "--client-id", client_id) == 0
    assert stage.clients_of(name) == []
    assert asked(system, client_id)["partner"] == name
    second = new_name()
    assert run("add", name, "--client-id", second) == 0
    assert asked(system, second)["key"] == asked(system, client_id)["key"]
    third = new_name()
    assert [run("rotate", name, "--hours", "1", "--client-id", third) for _ in range(2)] == [0, 0]
    assert [client.id for client in kept(name).clients if not client.ends_at] == [third]


def test_a_stage_with_an_issuer_of_its_own_needs_the_clients_id(
    stage: PartnerStage, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    outputs = {key: value for key, value in stage.outputs().items() if key != "UserPoolId"}
    monkeypatch.setattr("infra.operator.deployed.outputs", lambda _stack: outputs)
    name = new_name()
    assert run("add", name) == 1
    assert "--client-id" in capsys.readouterr().err
    assert (records.read(name), stage.keys_of(name)) == (None, [])
    assert run("add", name, "--client-id", name) == 0
    assert [run(action, name) for action in ("show", "disable", "remove")] == [0] * 3


def test_a_client_has_one_partner(stage: PartnerStage, system: System, capsys: Capture) -> None:
    taken, name = Newcomer(system).partner, new_name()
    assert run("add", name, "--client-id", taken) == 1
    assert capsys.readouterr().err == f"the client {taken} belongs to another partner\n"
    assert (records.read(name), stage.keys_of(name)) == (None, [])


def test_a_tier_that_is_not_deployed_is_refused(stage: PartnerStage, capsys: Capture) -> None:
    name = new_name()
    assert run("add", name, "--tier", "godl") == 2
    assert "no usage plan mobile-orders-dev-godl" in capsys.readouterr().err
    assert stage.keys_of(name) == stage.clients_of(name) == []


def test_a_partner_of_whom_the_table_has_lost_everything_is_let_in_again(stage: PartnerStage, system: System) -> None:
    name = added("--tier", "gold")
    (client,) = kept(name).clients
    for key in (Key(name, "partner"), clients.client_key(client.id)):
        system.aws.dynamodb.delete_item(TableName=CLIENTS, Key=marshal(key._asdict()))
    assert is_refused(system, client.id)
    assert run("add", name, "--tier", "gold", "--client-id", client.id) == 0
    assert asked(system, client.id)["partner"] == name
    assert (len(stage.clients_of(name)), [key["tiers"] for key in stage.keys_of(name)]) == (1, [["gold"]])


def test_a_disabled_partner_is_out_until_it_is_enabled(stage: PartnerStage, system: System, capsys: Capture) -> None:
    name = added()
    (client,) = kept(name).clients
    capsys.readouterr()
    assert [run("disable", name) for _ in range(2)] == [0, 0]
    assert is_refused(system, client.id)
    goes_on = "its orders, its scheduled orders and its deliveries go on"
    out = f"{name} is disabled: its tokens are refused within 30 seconds; {goes_on}\n"
    assert capsys.readouterr().out == out * 2
    run("show", name)
    assert f"is disabled since {clock.iso(kept(name).changed_at)}: {goes_on}" in capsys.readouterr().out
    assert run("rotate", name, "--hours", "1") == 0
    assert [run("enable", name) for _ in range(2)] == [0, 0]
    assert asked(system, client.id)["partner"] == name
    assert len(stage.clients_of(name)) == 1


def test_a_partner_is_moved_to_another_tier(stage: PartnerStage, system: System, capsys: Capture) -> None:
    name = added()
    (before,) = stage.keys_of(name)
    capsys.readouterr()
    assert [run("move", name, "--tier", "gold") for _ in range(2)] == [0, 0]
    (after,) = stage.keys_of(name)
    assert after["id"] != before["id"]
    assert after["tiers"] == ["gold"]
    assert asked(system, kept(name).clients[0].id)["key"] == after["value"]
    done = f"{name} has the limits of the tier gold"
    assert capsys.readouterr().out.splitlines() == ["waiting 30 s for answers with the former limits", done, done]
    assert run("add", name, "--tier", "standard") == 1
    assert capsys.readouterr().err == f"{name} has the tier gold; use 'partner move' to change it\n"


def test_a_partner_is_removed_and_its_name_stays_taken(stage: PartnerStage, system: System, capsys: Capture) -> None:
    name = added()
    (client,) = kept(name).clients
    assert run("remove", name) == 1
    assert capsys.readouterr().err == f"{name} is active; disable it first\n"
    assert [run("disable", name), run("remove", name), run("remove", name)] == [0, 0, 0]
    assert stage.clients_of(name) == stage.keys_of(name) == []
    assert is_refused(system, client.id)
    assert clients.find(client.id) is None
    assert [run(action, name) for action in ("add", "show", "enable")] == [1] * 3
    assert capsys.readouterr().err == f"{name} was removed\n" * 3


@pytest.mark.parametrize("action", ["show", "rotate", "disable", "enable", "remove"])
def test_who_is_no_partner_is_told_so(stage: PartnerStage, action: str, capsys: Capture) -> None:
    assert stage
    assert run(action, "nobody") == 1
    assert capsys.readouterr().err == "there is no partner nobody\n"


@pytest.mark.parametrize(
    "arguments", [("rotate", "--hours", "0"), ("rotate", "--hours", "x"), ("add", "--scopes", "orders/all"), ("move",)]
)
def test_what_cannot_be_meant_is_refused(stage: PartnerStage, arguments: tuple[str, ...]) -> None:
    assert stage
    action, *more = arguments
    with pytest.raises(SystemExit):
        run(action, "acme", *more)
