"""What ``show`` prints of the table."""

import json
from typing import Any

import pytest

from functions.shared import table
from functions.shared.records import Key
from functions.shared.transaction import Transaction
from functions.sim_profiles.secret_codes import SealedCodes, SecretCodes
from infra.local.system import System
from infra.operator import sims
from infra.operator.__main__ import main
from tests.operator.command_lines import command
from tests.support.builders import noise
from tests.support.customers import PERSONAL, add_subscriber
from tests.support.newcomer import Newcomer
from tests.support.sims import esim
from tests.support.small_shop import SmallShop

Capture = pytest.CaptureFixture[str]


def show(partner: str, record_id: str, capsys: Capture) -> str:
    assert main(command("show", partner, record_id, "--personal")) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("length", [1, 100])
def test_a_record_is_json_whether_it_is_packed_or_not(newcomer: Newcomer, capsys: Capture, length: int) -> None:
    metadata = {str(number): noise(length) for number in range(10)}
    account = newcomer.post("/accounts", PERSONAL | {"metadata": metadata}).json()
    kept: dict[str, Any] = json.loads(show(newcomer.partner, account["id"], capsys))
    assert (kept["pk"], kept["kind"], kept["version"]) == (f"{newcomer.partner}#{account['id']}", "account", 1)
    assert (kept["owner"], kept["metadata"]) == (account["owner"], metadata)


def test_nothing_of_it_steers_a_terminal(newcomer: Newcomer, capsys: Capture) -> None:
    name = "escape \x1b[2J delete \x7f reversed \u202e tag \U000e0041 line \u2028 ä 語"
    account = newcomer.post("/accounts", PERSONAL | {"name": name}).json()
    printed = show(newcomer.partner, account["id"], capsys)
    assert "".join(printed.split("\n")).isprintable()
    assert "ä 語" in printed
    assert json.loads(printed)["name"] == name


def test_secrets_are_hidden(newcomer: Newcomer, capsys: Capture) -> None:
    codes = SecretCodes(pin="0427", puk="90817263")
    (profile,) = sims.load(newcomer.partner, [esim().model_copy(update={"secret_codes": codes})])
    sealed = table.read(SealedCodes, newcomer.partner, profile.id)
    assert sealed is not None
    printed = show(newcomer.partner, profile.id, capsys)
    members = json.loads(sealed.model_dump_json())
    assert profile.iccid in printed
    for secret in (codes.pin, codes.puk, members["sealed"], members["data_key"]):
        assert f'"{secret}"' not in printed
    assert printed.count('"(hidden)"') == 2


def test_remembered_answers_are_hidden(newcomer: Newcomer, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    claimed: list[Key] = []
    claim = Transaction.claim

    def noting(self: Transaction, key: Key, *rest: Any, **more: Any) -> None:
        claimed.append(key)
        claim(self, key, *rest, **more)

    monkeypatch.setattr(Transaction, "claim", noting)
    assert newcomer.post("/accounts", PERSONAL, {"Idempotency-Key": "shown"}).status == 201
    (key,) = claimed
    kept = json.loads(show(newcomer.partner, key.pk.partition("#")[2], capsys))
    assert (kept["status"], kept["body"]) == (201, "(hidden)")


def test_what_is_not_there_is_said(newcomer: Newcomer, capsys: Capture) -> None:
    assert main(command("show", newcomer.partner, "ord_\x1b")) == 1
    assert capsys.readouterr().err == f"{newcomer.partner} has no record with the id 'ord_\\x1b'\n"


def test_people_are_hidden_unless_asked_for(newcomer: Newcomer, capsys: Capture) -> None:
    account = newcomer.post("/accounts", PERSONAL | {"name": "The Lovelaces", "metadata": {"nick": "Ada"}}).json()
    subscriber = add_subscriber(newcomer, account["id"], identifications=[{"type": "nie", "number": "Quirl 77"}])
    for each in (account["id"], subscriber["id"]):
        assert main(command("show", newcomer.partner, each)) == 0
    printed = capsys.readouterr().out
    for value in ("Ada", "Lovelace", "ada@example.com", "Torstraße", "Berlin", "10119", "Quirl 77"):
        assert value not in printed
    assert '"country": "DE"' in printed


def test_an_order_is_shown_with_all_about_it(system: System, capsys: Capture) -> None:
    shop = SmallShop(system)
    body = {"url": "http://127.0.0.1:9/", "enabled_events": ["order.completed"]}
    webhook = shop.client.post("/webhooks", body).json()["id"]
    order = shop.complete(shop.activation(reference="shop-1"))
    system.quiesce()
    sim = order["_embedded"]["subscription"]["_embedded"]["sim_profile"]
    assert main(command("show", shop.partner, order["id"])) == 0
    printed = capsys.readouterr().out
    for text in (
        f"order {order['id']} of {shop.partner}\n  activate_subscription, completed, reference shop-1\n",
        f"  SIM {sim['id']} (active), ICCID {sim['iccid']}\nhistory\n",
        f"Z completed\nexecutions\n  {order['id']} SUCCEEDED, ",
        " order.accepted\n",
        " order.completed\n",
        f"    {webhook} dlv_",
    ):
        assert text in printed
    assert main(command("show", shop.partner, order["id"], "--record")) == 0
    assert json.loads(capsys.readouterr().out)["reference"] == "shop-1"
