"""What ``stock`` counts."""

import pytest

from infra.local.environment import TABLE
from infra.local.system import System
from infra.operator import sim_counts, sims
from infra.operator.__main__ import main
from tests.operator.command_lines import Capture, command
from tests.support.sims import physical_sim
from tests.support.small_shop import SmallShop


def test_sims_are_counted_by_kind_and_state(system: System, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = SmallShop(system, esims=3)
    cards = sims.load(shop.partner, [physical_sim() for _ in range(2)])
    shop.complete(shop.activation())
    reserved = shop.client.post("/sim-profiles/reserve", {"activation_code": cards[0].activation_code})
    assert reserved.status == 201
    lines = [f"{shop.partner} esim: 2 in_stock, 1 active", f"{shop.partner} psim: 1 in_stock, 1 reserved"]
    assert main(command("stock", shop.partner)) == 0
    assert capsys.readouterr().out.splitlines() == lines
    assert {"acme", "globex", shop.partner} <= {*sim_counts.partners()}
    monkeypatch.setattr(sim_counts, "partners", lambda: ["nobody", shop.partner])
    assert main(["stock", "--table", TABLE]) == 0
    assert capsys.readouterr().out.splitlines() == lines


def test_a_partner_without_sims_is_told(capsys: Capture, system: System) -> None:
    assert main(command("stock", "nobody")) == 1
    assert capsys.readouterr().err == "there are no SIMs\n"
