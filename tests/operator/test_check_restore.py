"""What ``check-restore`` finds in a table that is older than the executions and the network."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from functions.shared import clock, table
from functions.shared.clock import iso
from functions.sim_profiles import stock
from functions.sim_profiles.sim_profile import SimProfile
from infra.local.environment import TABLE
from infra.local.system import System
from infra.operator import restored_table
from infra.operator.__main__ import main
from infra.operator.restored_table import DEFINITION
from tests.operator.command_lines import Capture, command
from tests.support.rewinding import rewind
from tests.support.small_shop import SmallShop

SINCE = timedelta(minutes=10)
OF_THE_TABLE = "to be put right: 2"
"""The table on this machine neither forgets nor has backups."""
STREAM = "arn:aws:dynamodb:eu-central-1:123456789012:table/x/stream/y"


def check(shop: SmallShop, capsys: Capture) -> tuple[int, list[str]]:
    since = iso(clock.machine_time() - SINCE)
    code = main(["check-restore", "--table", TABLE, "--partner", shop.partner, "--since", since])
    return code, [line for line in capsys.readouterr().out.splitlines() if not line.startswith("table: ")]


def of_order(order: dict[str, Any]) -> bool:
    return bool(order["status"] == "fulfilling")


def test_what_is_unfinished_and_what_is_lost_is_found_and_repaired(system: System, capsys: Capture) -> None:
    shop = SmallShop(system)
    unfinished, lost = shop.complete(shop.activation()), shop.complete(shop.activation())
    sim = lost["_embedded"]["subscription"]["_embedded"]["sim_profile"]
    system.quiesce()
    assert check(shop, capsys)[1] == [OF_THE_TABLE], "nothing of orders"
    rewind(system, shop.partner, unfinished["id"], lambda order: bool(order["status"] == "fulfilling"))
    assert status(shop, sim) == "in_stock", "somebody else would get it"
    code, lines = check(shop, capsys)
    assert code == 1
    assert lines[0].startswith(f"unfinished: {unfinished['id']} of {shop.partner}: the execution is SUCCEEDED: ")
    assert lines[1].endswith(f"is SUCCEEDED with the SIM {sim['iccid']}; the SIM is to be retired")
    for _ in range(2):
        assert [main(command("repair", shop.partner, order["id"])) for order in (unfinished, lost)] == [0, 0]
    assert status(shop, sim) == "retired"
    assert table.get_item(stock.stock_key(shop.partner, sim["id"])) is None
    capsys.readouterr()
    assert check(shop, capsys)[1][1:] == [OF_THE_TABLE]


def test_a_moment_has_an_offset(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        main(["check-restore", "--table", TABLE, "--since", "yesterday"])
    assert "'yesterday' is not a moment" in capsys.readouterr().err


def described(**settings: Any) -> dict[str, Any]:
    return {"Table": DEFINITION | {"LatestStreamArn": STREAM, "DeletionProtectionEnabled": True} | settings}


GOOD: dict[str, Any] = {
    "describe_table": described(),
    "describe_time_to_live": {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}},
    "describe_continuous_backups": {
        "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"}}
    },
    "list_event_source_mappings": {"EventSourceMappings": [{"EventSourceArn": STREAM, "State": "Enabled"}]},
}


@pytest.mark.parametrize(
    ("call", "answer", "fault"),
    [
        (None, None, None),
        ("describe_table", described(StreamSpecification={"StreamEnabled": False}), "the stream is off"),
        ("describe_table", described(GlobalSecondaryIndexes=[]), "the indexes are others"),
        ("describe_table", described(DeletionProtectionEnabled=False), "deletion protection is off"),
        ("describe_time_to_live", {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}, "do not expire"),
        ("describe_continuous_backups", {"ContinuousBackupsDescription": {}}, "point-in-time recovery is off"),
        ("list_event_source_mappings", {"EventSourceMappings": []}, "does not follow the stream"),
    ],
)
def test_each_setting_of_the_table_is_checked(
    monkeypatch: pytest.MonkeyPatch, call: str | None, answer: Any, fault: str | None
) -> None:
    answers = GOOD | ({call: answer} if call else {})
    client = SimpleNamespace(**{name: lambda found=found, **_: found for name, found in answers.items()})
    monkeypatch.setattr("infra.operator.restored_table.boto3.client", lambda _: client)
    found = [*restored_table.faults("prod")]
    assert [bool(fault and fault in each) for each in found] == [True] * bool(fault)


def status(shop: SmallShop, sim: dict[str, Any]) -> str | None:
    found = table.read(SimProfile, shop.partner, sim["id"])
    return found.status if found else None
