"""How a partner can be called: nothing that keys without a partner begin with."""

import re
from typing import Any

import pytest
from pydantic import ValidationError

from functions.network.answers import Answer
from functions.network.reports import Envelope
from functions.shared.partners import Guard, check_partner_name
from functions.shared.records import due_shard
from functions.sim_profiles.sim_profile import esim_code_key, iccid_key
from infra.asset_contents import FUNCTIONS
from infra.operator.partners.records import Partner


@pytest.mark.parametrize("name", ["a", "acme", "clients", "iccid-2", "x" * 63, "-", "7"])
def test_a_partner_can_be_called_so(name: str) -> None:
    assert check_partner_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "Acme", "a#b", "a_b", "a b", "x" * 64, "é", "a\n", *(each.value for each in Guard)]
)
def test_a_partner_cannot_be_called_so(name: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_partner_name(name)


@pytest.mark.parametrize(
    ("shape", "member", "more"),
    [
        (Answer, "partner", {"order_id": "ord_1"}),
        (Envelope, "partner", {"id": "1"}),
        (Partner, "name", {"changed_at": "2026-01-31T00:00:00Z", "api_key": "key"}),
    ],
)
def test_wherever_a_name_is_taken(shape: type[Any], member: str, more: dict[str, Any]) -> None:
    assert shape.model_validate({member: "acme"} | more)
    for guard in Guard:
        with pytest.raises(ValidationError):
            shape.model_validate({member: guard.value} | more)


def test_keys_without_a_partner_are_made_of_the_list_alone() -> None:
    begun = {key.partition("#")[0] for key in (iccid_key("1").pk, esim_code_key("a", "b").pk, due_shard(1))}
    assert begun == {*Guard} - {Guard.CLIENT, Guard.CLOCK}
    text = "".join(file.read_text() for file in FUNCTIONS.rglob("*.py"))
    assert not re.findall(r"""["'][a-z_-]+#""", text)
