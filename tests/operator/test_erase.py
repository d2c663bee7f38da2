"""Nothing that is kept shows a person who was erased; what the law wants kept stays."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.local.system import System
from infra.operator import erasure
from infra.operator.__main__ import main
from infra.operator.people import without_person
from tests.operator.command_lines import Capture, command
from tests.support.customer import PERSON, Customer
from tests.support.customers import add_subscriber


@pytest.fixture(scope="module")
def customer(system: System) -> Customer:
    return Customer(system)


def erase(customer: Customer, *arguments: str) -> int:
    return main(command("erase", customer.partner, customer.subscriber, *arguments))


def test_a_person_is_erased_everywhere(customer: Customer, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    assert erase(customer) == 1
    assert f"{customer.subscription} is suspended: end this first; nothing was erased" in capsys.readouterr().err
    customer.leave()
    assert customer.found() == customer.values(), "each leaves a trace"
    order = customer.client.get(f"/orders/{customer.order}").json()
    assert erase(customer, "--dry-run") == 0
    assert customer.found() == customer.values()
    monkeypatch.setattr(erasure, "without_person", patching_meanwhile(customer))
    assert erase(customer) == 0
    assert customer.found() == set()
    after = customer.client.get(f"/orders/{customer.order}").json()
    assert after["_embedded"]["subscription"]["_embedded"]["sim_profile"]["iccid"] == customer.iccid
    assert {name for name in order if order[name] != after.get(name)} <= {"updated_at", "_embedded"}
    capsys.readouterr()
    assert erase(customer) == 0
    assert capsys.readouterr().out == f"{customer.subscriber} is erased already\n"
    replayed = customer.client.post("/subscribers", PERSON | {"account_id": customer.account}, KEY)
    assert (replayed.status, replayed.json()["id"]) == (201, customer.subscriber), "its key is still used"


KEY = {"Idempotency-Key": "the key of /subscribers"}


def patching_meanwhile(customer: Customer) -> Callable[[Any], Any]:
    """The partner changes the person between the read and the write."""
    left = [{"last_name": "Quast-Quirl"}]

    def change(record: Any) -> Any:
        if record.id == customer.subscriber and left:
            assert customer.client.patch(f"/subscribers/{record.id}", left.pop()).status == 200
        return without_person(record)

    return change


def test_an_account_stays_for_others(customer: Customer, capsys: Capture) -> None:
    account = customer.client.post("/accounts", {"type": "personal", "owner": PERSON_OWNER}).json()["id"]
    first, second = (add_subscriber(customer.client, account)["id"] for _ in range(2))
    for subscriber, told in ((first, f"{account} stays for {second}"), (second, "1 account ")):
        assert main(command("erase", customer.partner, subscriber)) == 0
        assert told in capsys.readouterr().out


PERSON_OWNER = {"first_name": "Ada", "last_name": "Lovelace", "address": {"country": "DE"}}


def test_nobody_is_erased_who_is_not_there(customer: Customer, capsys: Capture) -> None:
    assert main(command("erase", customer.partner, "subr_none")) == 1
    assert "has no subscriber with the id 'subr_none'; nothing was erased" in capsys.readouterr().err
