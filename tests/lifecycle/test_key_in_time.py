"""An ``Idempotency-Key`` counts for 24 hours of the machine's time, deleted by then or not (contract §1)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import get_ident
from typing import Any

import pytest

from functions.shared import clock, personal_answers, table
from infra.local.messages import HttpRequest
from infra.local.patches import replaced
from tests.support import bodies
from tests.support.isolation import alone, mocked
from tests.support.timeline import Timeline
from tests.support.world import World

FIRST_USE = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)
OWNER = {"first_name": "Erika", "last_name": "Mustermann", "address": {"country": "DE"}}
ACCOUNT = {"type": "personal", "owner": OWNER}
EID = "89049032000000000000000000471199"
OTHER = ACCOUNT | {"name": "Other"}


class Machine:
    """The machine's time, which a test moves, and a partner who uses one key again and again."""

    def __init__(self, world: World) -> None:
        self.now = FIRST_USE
        self.world = world

    def post(self, body: dict[str, Any] = ACCOUNT) -> tuple[int, str | None, str | None]:
        """Make an account: the status, the id, and whether it is said to be replayed."""
        headers = (("Content-Type", "application/json"), ("Idempotency-Key", "one account"))
        answer = self.world.send(HttpRequest("POST", "/accounts", headers, json.dumps(body).encode()), "request")
        self.world.look()
        return answer["statusCode"], json.loads(answer["body"]).get("id"), answer["headers"].get("Idempotent-Replayed")

    def accounts(self) -> set[str]:
        """The ids of all that were made."""
        return {str(item["id"]) for item in self.world.of_kind("account")}

    def memory(self) -> dict[str, Any]:
        """The item that remembers the key."""
        (item,) = remembered(self.world)
        return item


def remembered(world: World) -> list[dict[str, Any]]:
    """What is remembered of keys."""
    return [item for (_, kind), item in world.items.items() if kind == "idempotency"]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    """A system of the test's own whose machine stands still; that of other threads goes on."""
    mine, real = get_ident(), clock.machine_time
    with mocked():
        world = World()
        machine = Machine(world)
        monkeypatch.setattr(clock, "machine_time", lambda: machine.now if get_ident() == mine else real())
        with alone(world):
            world.begin(0)
            yield machine


@pytest.mark.parametrize("after", [timedelta(0), DAY / 2, DAY - MILLISECOND])
def test_for_24_hours_it_is_the_same_request(machine: Machine, after: timedelta) -> None:
    _, made, _ = machine.post()
    machine.now += after
    assert machine.post() == (201, made, "true")
    assert machine.post(OTHER)[0] == 422
    assert machine.accounts() == {made}


@pytest.mark.parametrize("after", [DAY, DAY + MILLISECOND, 2 * DAY, 3 * DAY - MILLISECOND])
@pytest.mark.parametrize("body", [ACCOUNT, OTHER], ids=["the same body", "another body"])
def test_then_it_is_free_though_the_table_has_not_deleted_it(
    machine: Machine, after: timedelta, body: dict[str, Any]
) -> None:
    _, first, _ = machine.post()
    machine.now += after
    status, second, replayed = machine.post(body)
    assert (status, replayed) == (201, "false")
    assert machine.accounts() == {first, second}
    machine.now += DAY - MILLISECOND
    assert machine.post(body) == (201, second, "true"), "it counts again from then on"


def test_it_is_not_prolonged_by_being_replayed(machine: Machine) -> None:
    _, first, _ = machine.post()
    machine.now += DAY - MILLISECOND
    assert machine.post() == (201, first, "true")
    machine.now += MILLISECOND
    assert machine.post()[2] == "false"


def test_the_table_deletes_it_then(machine: Machine) -> None:
    machine.post()
    assert machine.memory()["ttl"] == int((FIRST_USE + DAY).timestamp())
    machine.now += DAY
    machine.post()
    assert machine.memory()["ttl"] == int((FIRST_USE + 2 * DAY).timestamp())


def test_the_clock_forgets_a_person_that_its_answer_shows(machine: Machine) -> None:
    """The table deletes late, up to some days."""
    machine.post()
    machine.world.now = machine.now = FIRST_USE + DAY - MILLISECOND
    machine.world.run_clock()
    assert "Mustermann" in machine.memory()["body"]
    machine.world.now = machine.now = FIRST_USE + DAY
    machine.world.run_clock()
    assert not [kind for _, kind in machine.world.items if kind == "idempotency"]


def test_the_clock_forgets_a_device_that_an_order_shows(line: Timeline, monkeypatch: pytest.MonkeyPatch) -> None:
    subscription = line.subscribe(device={"uicc": {"eid": EID}})
    line.place(bodies.topup(subscription, "extra"))
    assert [EID in item["body"] for item in remembered(line.world)] == [False, True]
    later = clock.machine_time() + DAY
    monkeypatch.setattr(clock, "machine_time", lambda: later)
    line.skip_to(later)
    line.world.run_clock()
    line.world.look()
    assert [EID in item["body"] for item in remembered(line.world)] == [False], "the table deletes the others"


def test_the_clock_leaves_an_answer_that_was_given_since(machine: Machine) -> None:
    machine.post()
    (found,) = table.due(FIRST_USE + DAY, shard_of(machine.memory()))
    machine.now += DAY
    _, second, _ = machine.post()
    personal_answers.when_due(found, machine.now)
    assert machine.post() == (201, second, "true")


def shard_of(item: dict[str, Any]) -> int:
    return int(item["due_shard"].rpartition("#")[2])


def test_a_sandbox_that_moves_its_time_frees_no_key(machine: Machine) -> None:
    _, made, _ = machine.post()
    machine.world.now += 40 * DAY
    machine.world.run_clock()
    assert machine.memory()["due_at"] > clock.iso(machine.world.now), "the clock looks at it once"
    assert machine.post() == (201, made, "true")


def test_of_two_that_find_it_free_again_one_is_carried_out(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The condition of the write checks the time too: who has read that the key is free may not be alone."""
    _, first, _ = machine.post()
    machine.now += DAY
    store, others = machine.world.store, []
    write = store.transact_write_items

    def write_late(**asked: Any) -> None:
        """Between the read and the write of the one, the other comes and goes."""
        monkeypatch.setattr(store, "transact_write_items", write)
        others.append(machine.post())
        write(**asked)

    monkeypatch.setattr(store, "transact_write_items", write_late)
    with replaced(table, "PATIENCE_SECONDS", lambda _seconds: 5.0):
        status, second, replayed = machine.post()
    assert others == [(201, second, "false")]
    assert (status, replayed) == (201, "true")
    assert machine.accounts() == {first, second}
