"""What was given up on is handled by its function, and removed only then."""

from collections.abc import Iterator
from typing import Any

import pytest

from functions.events import set_aside
from functions.shared import table
from functions.shared.event import Event
from functions.shared.marshal import marshal, unmarshal
from infra.local.functions import CHANGES, Handler
from infra.local.system import System
from infra.operator import deployed
from infra.operator.given_up import BUCKET, MODULES
from infra.operator.redrive import places
from tests.operator.command_lines import Capture
from tests.operator.failures import WAYS, FailuresOf, an_event, redrive
from tests.support.builders import noise

RECORD: dict[str, Any] = {"dynamodb": {"Keys": {"pk": {"S": "a"}, "sk": {"S": "b"}}, "NewImage": {"n": {"N": "1"}}}}


@pytest.fixture(scope="module")
def failures(system: System) -> Iterator[FailuresOf]:
    with pytest.MonkeyPatch.context() as patch:
        yield FailuresOf(system, "redrive", patch)


class Instead:
    """In a function's place: what the command gives it, and nobody else; it fails as often as the test says."""

    def __init__(self, *errors: Exception) -> None:
        self.events: list[Any] = []
        self.errors = [*errors]

    def __call__(self, handler: Handler) -> Handler:
        def handle(event: Any, context: Any) -> Any:
            if not event or not is_redriven(*event.get("Records", [RECORD])):
                return handler(event, context)
            self.events.append(event)
            if self.errors:
                raise self.errors.pop(0)
            return None

        return handle


def is_redriven(record: dict[str, Any], *_: Any) -> bool:
    """Whether the command has sent it, and not the system's own stream."""
    return set_aside.REDRIVEN in record or record["dynamodb"]["Keys"] == RECORD["dynamodb"]["Keys"]


def reported(partner: str) -> dict[str, Any]:
    detail = {"id": "rep_1", "partner": partner, "subscription_id": "subs_none", "country": "DE"}
    return {"detail-type": "network.country_changed", "detail": detail}


def set_aside_without_image(event: Event) -> dict[str, Any]:
    """What lies in the stream's queue for a new event whose image was too large for it."""
    keys = event.key()._asdict()
    record = {"eventName": "INSERT", "dynamodb": {"Keys": marshal(keys), "SequenceNumber": "1"}}
    return {"reason": "ValueError: no", "keys": keys, "Records": [record]}


@pytest.mark.parametrize("source", [name for name in MODULES if name != "webhooks"])
def test_each_form_reaches_its_function_as_it_was(system: System, failures: FailuresOf, source: str) -> None:
    of_stream = MODULES[source] == CHANGES
    event: Any = {"Records": [RECORD]} if of_stream else reported("acme")
    instead = Instead()
    for wrapped in WAYS.values():
        failures.put(source, wrapped(event))
    with system.functions.replaced(MODULES[source], instead):
        assert redrive(source) == 0
    mark = {set_aside.REDRIVEN: True} if source == "stream" else {}
    assert instead.events == [{"Records": [RECORD | mark]} if of_stream else event] * len(WAYS)
    assert failures.left(source) == []


@pytest.mark.parametrize("source", ["network-reports", BUCKET])
def test_what_its_function_cannot_handle_stays_and_says_why(
    system: System, failures: FailuresOf, capsys: Capture, source: str
) -> None:
    event: Any = {"Records": [RECORD]} if source == BUCKET else reported("acme")
    names = [failures.put(source, event) for _ in range(2)]
    with system.functions.replaced(MODULES[source], Instead(ValueError("not yet"))):
        assert redrive(source) == 1
        first, summary = capsys.readouterr().out.splitlines()
        assert first.endswith("was left: ValueError: not yet")
        assert any(name in first for name in names)
        assert summary == f"{source}: 1 handled, 1 left"
        assert len(failures.left(source)) == 1
        assert redrive(source) == 0
    assert failures.left(source) == []


def test_what_is_malformed_stays_until_it_is_discarded(failures: FailuresOf, capsys: Capture) -> None:
    name = failures.put("network-reports", reported("acme") | {"detail": {"id": "rep_2", "partner": "acme"}})
    assert redrive("network-reports") == 1
    assert f"{name} (network.country_changed, acme, rep_2) was left: Malformed: " in capsys.readouterr().out
    assert redrive("network-reports", "--dry-run") == 1
    assert capsys.readouterr().out.endswith("network-reports: 1 waiting\n")
    assert redrive("network-reports", "--discard", name) == 0
    assert "1 discarded\nnothing is left\n" in capsys.readouterr().out
    assert failures.left("network-reports") == []


def test_it_is_handled_again_if_it_could_not_be_removed(
    system: System, failures: FailuresOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    instead = Instead()
    failures.put("clock", reported("acme"))
    with system.functions.replaced(MODULES["clock"], instead):
        with monkeypatch.context() as patch:
            patch.setattr("infra.operator.redrive.Waiting.remove", property(lambda _: raises))
            assert redrive("clock") == 2
        assert redrive("clock") == 0
    assert len(instead.events) == 2


def raises() -> None:
    raise OSError("the line is dead")


def test_messages_about_deliveries_are_carried_out_by_the_sender(
    system: System, failures: FailuresOf, capsys: Capture
) -> None:
    said = {"partner": "acme", "about": "dlv_none", "webhook_id": "wbh_none", "after": ""}
    failures.put("webhooks", said)
    failures.put("webhooks", said | {"about": "nothing"})
    assert redrive("webhooks") == 1
    line, summary = capsys.readouterr().out.splitlines()
    assert line.endswith("(nothing, acme) was left: the function did not take it; see its log")
    assert summary == "webhooks: 1 handled, 1 left"


def test_a_change_without_an_image_gets_that_of_the_table(system: System, failures: FailuresOf) -> None:
    kept = an_event().model_copy(update={"data": {"order": {"id": noise(1_000)}}})
    table.put_new(kept)
    for event in (kept, an_event()):
        failures.put("stream", set_aside_without_image(event))
    instead = Instead()
    with system.functions.replaced(CHANGES, instead):
        assert redrive("stream") == 0
    (record,) = instead.events[0]["Records"]
    assert Event.from_item(unmarshal(record["dynamodb"]["NewImage"])).data == kept.data
    assert len(instead.events) == 1, "what is gone needs nothing"
    assert failures.left("stream") == []


def test_a_stage_names_its_queues_and_its_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = {
        "mobile-orders-dev": {"FailedChanges": "the bucket", "TableName": "other"},
        "mobile-orders-dev-system": {"StreamFailuresUrl": "stream's", "NetworkReportsFailuresUrl": "reports'"},
    }
    monkeypatch.setattr(deployed, "outputs", stacks.__getitem__)
    assert places("dev") == {"stream": "stream's", "network-reports": "reports'", BUCKET: "the bucket"}


def test_a_source_that_a_stage_lacks_is_refused(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.delenv("SIMULATED_NETWORK_FAILURES_URL", raising=False)
    assert redrive("simulated-network") == 1
    assert capsys.readouterr().err == "this stage has no simulated-network\n"
